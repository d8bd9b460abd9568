/// Why a document has no faithful RDF.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonLdError {
    /// A context outside the closed list.
    #[error("the context {0:?} is not among the pinned contexts")]
    UnknownContext(String),
    /// An inline context object where none is admitted.
    #[error("inline contexts are not accepted")]
    InlineContext,
    /// A context on an inner node where none is admitted.
    #[error("a context inside the document is not accepted here")]
    NestedContext,
    /// A context that is malformed.
    #[error("malformed context: {0}")]
    InvalidContext(String),
    /// A protected term defined again, or protected terms cleared.
    #[error("the protected term {0:?} must not be redefined")]
    ProtectedTerm(String),
    /// A member whose name no context defines.
    #[error("the term {0:?} is not defined by the contexts")]
    UndefinedTerm(String),
    /// A member or type written as an IRI, or as a keyword, that has a name in the contexts: readers of the JSON look for
    /// that.
    #[error("{0:?} has a name in the contexts, which must be used")]
    RenamedTerm(String),
    /// An identifier or type that is no absolute IRI.
    #[error("{0:?} is not an absolute IRI")]
    RelativeIri(String),
    /// Something RDF would silently drop.
    #[error("{0} would be lost")]
    DataLoss(&'static str),
    /// A feature we refuse on purpose.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// A value of the wrong shape for its keyword.
    #[error("malformed value of {0}")]
    InvalidValue(&'static str),
    /// Too deep, too many contexts or types, or terms that come to too many bytes.
    #[error("the document is too deep or has too many contexts or types")]
    TooComplex,
}

impl JsonLdError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownContext(_) => "json_ld_unknown_context",
            Self::InlineContext => "json_ld_inline_context",
            Self::NestedContext => "json_ld_nested_context",
            Self::InvalidContext(_) => "json_ld_invalid_context",
            Self::ProtectedTerm(_) => "json_ld_protected_term",
            Self::UndefinedTerm(_) => "json_ld_undefined_term",
            Self::RenamedTerm(_) => "json_ld_renamed_term",
            Self::RelativeIri(_) => "json_ld_relative_iri",
            Self::DataLoss(_) => "json_ld_data_loss",
            Self::Unsupported(_) => "json_ld_unsupported",
            Self::InvalidValue(_) => "json_ld_invalid_value",
            Self::TooComplex => "json_ld_too_complex",
        }
    }
}
