//! Why a document was refused, or could not be judged.

use serde_json::{Value, json};
use vc_api::problem::{ProblemDetail, STATUS_RETRIEVAL_ERROR};

use crate::failure::Failure;

/// A finding of `wallet vc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Stable code.
    pub(super) code: String,
    /// English, for developers.
    pub(super) detail: String,
    /// The problem type of the standards, where one fits.
    pub(super) kind: Option<String>,
    /// We could not look (true), or looked and found it wanting (false).
    pub(super) inconclusive: bool,
}

impl Problem {
    pub(super) fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: code.into(), detail: detail.into(), kind: None, inconclusive: false }
    }

    pub(super) fn of_kind(self, kind: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), ..self }
    }

    /// We could not look.
    pub(super) fn unknown(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { inconclusive: true, ..Self::new(code, detail) }
    }

    pub(super) fn parsing(detail: impl Into<String>) -> Self {
        Self::new("vc_unreadable", detail)
            .of_kind("https://www.w3.org/TR/vc-data-model#PARSING_ERROR")
    }

    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new("vc_malformed", detail)
            .of_kind("https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR")
    }

    /// RFC 9457, with the code.
    pub(super) fn to_json(&self) -> Value {
        let kind = self
            .kind
            .as_deref()
            .unwrap_or("https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR");
        json!({"type": kind, "code": self.code, "title": self.code, "detail": self.detail})
    }

    /// The command came to nothing over it.
    pub(super) fn into_failure(self) -> Failure {
        let detail = format!("{}: {}", self.code, self.detail);
        let code = if self.inconclusive { "vc_unknown" } else { "vc_refused" };
        if self.inconclusive { Failure::unable(code, detail) } else { Failure::no(code, detail) }
    }
}

/// Codes of what could not be looked at: a host that does not answer says nothing about a document.
const INCONCLUSIVE: [&str; 3] = ["did_unreachable", "did_forbidden", "did_anchor_mismatch"];

impl From<&ProblemDetail> for Problem {
    fn from(detail: &ProblemDetail) -> Self {
        Self {
            code: detail.code.clone(),
            detail: detail.detail.clone(),
            kind: Some(detail.kind.to_owned()),
            inconclusive: detail.kind == STATUS_RETRIEVAL_ERROR
                || INCONCLUSIVE.contains(&detail.code.as_str()),
        }
    }
}
