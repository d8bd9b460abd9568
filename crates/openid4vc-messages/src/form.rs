//! `application/x-www-form-urlencoded` read strictly: RFC 6749 §3.1 and §3.2 forbid a
//! parameter to appear twice, and an empty value counts as absent.

use std::collections::BTreeMap;

use crate::error::{ErrorCode, MessageError};

/// Most parameters one form or query may carry.
const MAX_PARAMETERS: usize = 64;

/// Parameters of one request, each at most once.
#[derive(Debug)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a body or query string.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, MessageError> {
        let mut map = BTreeMap::new();
        for (count, (key, value)) in url::form_urlencoded::parse(body).enumerate() {
            if count >= MAX_PARAMETERS {
                return Err(refuse("the request carries too many parameters"));
            }
            // A decoded form that is not UTF-8 arrives with replacement characters:
            // such a value could never equal what was meant.
            if key.contains('\u{fffd}') || value.contains('\u{fffd}') {
                return Err(refuse("a parameter is not UTF-8"));
            }
            if map.insert(key.into_owned(), value.into_owned()).is_some() {
                return Err(refuse("a parameter appears more than once"));
            }
        }
        map.retain(|_, value| !value.is_empty());
        Ok(Self(map))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    pub(crate) fn require(&mut self, name: &'static str) -> Result<String, MessageError> {
        self.take(name).ok_or_else(|| refuse(format!("the parameter {name} is missing")))
    }
}

fn refuse(detail: impl Into<String>) -> MessageError {
    MessageError::new(ErrorCode::InvalidRequest, detail)
}
