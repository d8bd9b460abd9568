//! What a walk reads.

use serde_json::{Map, Value};

use super::error::JsonLdError;

/// A document, or one read as if its top were changed: proofs are about documents without proofs, and copying those
/// would cost as much as walking them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'d> {
    /// The members of the top.
    pub(crate) members: &'d Map<String, Value>,
    /// The member that is not there.
    pub(crate) without: Option<&'static str>,
    /// The contexts in place of those that the members hold.
    pub(crate) context: Option<&'d Value>,
}

impl<'d> Source<'d> {
    /// The document as it is.
    pub(crate) fn whole(document: &'d Value) -> Result<Self, JsonLdError> {
        let members = document.as_object().ok_or(JsonLdError::InvalidValue("the document"))?;
        Ok(Self { members, without: None, context: None })
    }

    /// The changed document, written out.
    pub(crate) fn to_value(self) -> Value {
        let kept = self.members.iter().filter(|(name, _)| self.without != Some(name.as_str()));
        let mut members: Map<String, Value> =
            kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        if let Some(context) = self.context {
            members.insert("@context".to_owned(), context.clone());
        }
        Value::Object(members)
    }
}
