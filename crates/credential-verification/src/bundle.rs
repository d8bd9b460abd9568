//! A credential with its evidence in one JSON document: `{"credential": …, "staple": …}`.
//!
//! The envelope is nobody's signed statement; it only saves a second file. What is no envelope is
//! a credential without evidence.
use chain_anchors::{MAX_STAPLE_BYTES, Staple};
use credential_model::json::{Limits, parse_strict};
use serde_json::{Map, Value};

/// Envelopes larger than this are not read: a credential and a staple fit.
pub const MAX_BUNDLE_BYTES: usize = 2 * MAX_STAPLE_BYTES;
/// A staple nests no deeper.
const MAX_DEPTH: usize = 32;

/// Why a staple beside a credential was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Not of the form of a staple.
    #[error("the staple cannot be read: {0}")]
    Staple(String),
}

impl BundleError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            BundleError::Staple(_) => "staple_unreadable",
        }
    }
}

/// Reads a staple. Whether it fits the credential and proves anything is seen in the examination.
///
/// # Errors
/// [`BundleError::Staple`].
pub fn read_staple(value: Value) -> Result<Staple, BundleError> {
    serde_json::from_value(value).map_err(|error| BundleError::Staple(error.to_string()))
}

/// Reads a staple from a file's bytes.
///
/// # Errors
/// [`BundleError::Staple`].
pub fn parse_staple(bytes: &[u8]) -> Result<Staple, BundleError> {
    let value = parse_strict(bytes, &limits());
    read_staple(value.map_err(|error| BundleError::Staple(error.to_string()))?)
}

/// Takes an envelope apart; anything else comes back as it is, without a staple.
///
/// # Errors
/// [`BundleError::Staple`].
pub fn unpack(value: Value) -> Result<(Value, Option<Staple>), BundleError> {
    match value {
        Value::Object(mut members) if is_envelope(&members) => {
            let staple = members.remove("staple").filter(|staple| !staple.is_null());
            let credential = members.remove("credential").unwrap_or_default();
            Ok((credential, staple.map(read_staple).transpose()?))
        }
        other => Ok((other, None)),
    }
}

/// The same for the bytes of a file: an envelope's credential and staple; `None` when the file is
/// no envelope.
///
/// # Errors
/// [`BundleError::Staple`].
pub fn unpack_bytes(bytes: &[u8]) -> Result<Option<(Value, Option<Staple>)>, BundleError> {
    let Ok(value) = parse_strict(bytes, &limits()) else { return Ok(None) };
    match &value {
        Value::Object(members) if is_envelope(members) => unpack(value).map(Some),
        _ => Ok(None),
    }
}

fn limits() -> Limits {
    Limits { max_bytes: MAX_BUNDLE_BYTES, max_depth: MAX_DEPTH }
}

/// No credential has these two members and no others.
fn is_envelope(members: &Map<String, Value>) -> bool {
    members.contains_key("credential")
        && members.keys().all(|name| name == "credential" || name == "staple")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_envelope_is_taken_apart_and_nothing_else_is() {
        let staple = serde_json::to_value(Staple::of(&[7; 32])).unwrap();
        let (credential, found) = unpack(json!({"credential": "a.b.c", "staple": staple})).unwrap();
        assert_eq!((credential, found), (json!("a.b.c"), Some(Staple::of(&[7; 32]))));
        assert_eq!(unpack(json!({"credential": {}})).unwrap(), (json!({}), None));
        for other in [json!("a.b.c"), json!({"credential": 1, "proof": 2}), json!({"staple": {}})] {
            assert_eq!(unpack(other.clone()).unwrap(), (other.clone(), None));
            assert_eq!(unpack_bytes(other.to_string().as_bytes()).unwrap(), None);
        }
        assert_eq!(unpack_bytes(b"a.b.c").unwrap(), None);
    }

    #[test]
    fn what_is_no_staple_is_named() {
        for bad in [json!(1), json!({"v": 1}), json!({"v": 1, "credential": "", "more": 1})] {
            let error = unpack(json!({"credential": {}, "staple": bad})).unwrap_err();
            assert_eq!(error.code(), "staple_unreadable");
        }
        assert!(parse_staple(b"{\"v\": 1, \"v\": 1, \"credential\": \"\"}").is_err());
        assert!(parse_staple(&vec![b' '; MAX_BUNDLE_BYTES + 1]).is_err());
    }
}
