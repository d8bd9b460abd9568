//! `Did` and `DidUrl`: texts that have been checked once and stay checked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// did:jwk of a large key is about 700 characters; twice that with room.
const MAX_DID: usize = 2048;
const MAX_URL: usize = 4096;

/// Why a text is no DID or DID URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DidError {
    /// Longer than we carry.
    #[error("longer than {limit} characters")]
    TooLong {
        /// The limit in characters.
        limit: usize,
    },
    /// Not of the form `did:method:id`.
    #[error("not a DID")]
    NotADid,
    /// A good DID followed by something that is no path, query or fragment.
    #[error("not a DID URL")]
    NotADidUrl,
}

impl DidError {
    /// Stable code of the error, as in DID Resolution.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } | Self::NotADid => "invalidDid",
            Self::NotADidUrl => "invalidDidUrl",
        }
    }
}

/// A decentralized identifier, `did:method:method-specific-id`, without path, query or fragment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Did(String);

/// A DID URL: a [`Did`] with an optional path, query and fragment; verification methods are named by one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DidUrl {
    text: String,
    did_length: usize,
}

impl Did {
    /// Reads a DID (DID Core §3.1).
    ///
    /// # Errors
    /// [`DidError`] for anything else, also for a DID URL.
    pub fn parse(text: &str) -> Result<Self, DidError> {
        if text.len() > MAX_DID {
            return Err(DidError::TooLong { limit: MAX_DID });
        }
        if is_did(text) { Ok(Self(text.to_owned())) } else { Err(DidError::NotADid) }
    }

    /// The whole DID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The method name: `web` in `did:web:example.org`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// What follows the method: `example.org` in `did:web:example.org`.
    #[must_use]
    pub fn method_specific_id(&self) -> &str {
        self.0.splitn(3, ':').nth(2).unwrap_or_default()
    }

    /// The DID URL of this DID with a fragment (without `#`).
    ///
    /// # Errors
    /// [`DidError`] when the fragment holds characters that no fragment may have.
    pub fn with_fragment(&self, fragment: &str) -> Result<DidUrl, DidError> {
        DidUrl::parse(&format!("{}#{fragment}", self.0))
    }
}

impl DidUrl {
    /// Reads a DID URL (DID Core §3.2); a bare DID is one too.
    ///
    /// # Errors
    /// [`DidError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, DidError> {
        if text.len() > MAX_URL {
            return Err(DidError::TooLong { limit: MAX_URL });
        }
        let did_length = text.find(['/', '?', '#']).unwrap_or(text.len());
        let (did, rest) = text.split_at(did_length);
        if did.len() > MAX_DID || !is_did(did) {
            return Err(DidError::NotADid);
        }
        let fragments = rest.bytes().filter(|b| *b == b'#').count();
        if fragments > 1 || !is_url_text(rest) {
            return Err(DidError::NotADidUrl);
        }
        Ok(Self { text: text.to_owned(), did_length })
    }

    /// Reads a DID URL that may be written relative to `base` (`#key-1`).
    ///
    /// # Errors
    /// [`DidError`] when neither reading fits.
    pub fn parse_relative(text: &str, base: &Did) -> Result<Self, DidError> {
        if text.starts_with(['#', '?', '/']) {
            Self::parse(&format!("{base}{text}"))
        } else {
            Self::parse(text)
        }
    }

    /// The whole DID URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The DID in front.
    #[must_use]
    pub fn did(&self) -> Did {
        Did(self.text[..self.did_length].to_owned())
    }

    /// What follows `#`, if anything does.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        self.text.split_once('#').map(|(_, fragment)| fragment)
    }

    /// What follows `?` up to `#`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        let before = self.text.split('#').next().unwrap_or_default();
        before.split_once('?').map(|(_, query)| query)
    }

    /// The path between DID and query, empty when there is none.
    #[must_use]
    pub fn path(&self) -> &str {
        let rest = &self.text[self.did_length..];
        rest.split(['?', '#']).next().unwrap_or_default()
    }
}

fn is_did(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let (Some("did"), Some(method), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let method_ok =
        !method.is_empty() && method.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    // 1*idchar at the end: the last of the colon-separated parts is not empty.
    method_ok
        && !id.is_empty()
        && !id.ends_with(':')
        && percent_ok(id, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':'))
}

/// RFC 3986 pchar, "/" and "?" (and the one "#" counted by the caller).
fn is_url_text(text: &str) -> bool {
    percent_ok(text, |b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?#".contains(&b))
}

fn percent_ok(text: &str, plain: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let hex = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_hexdigit);
            if !(hex(at + 1) && hex(at + 2)) {
                return false;
            }
            at += 3;
        } else if plain(bytes[at]) {
            at += 1;
        } else {
            return false;
        }
    }
    true
}

impl From<Did> for DidUrl {
    fn from(did: Did) -> Self {
        Self { did_length: did.0.len(), text: did.0 }
    }
}

macro_rules! text_type {
    ($type:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl FromStr for $type {
            type Err = DidError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

text_type!(Did);
text_type!(DidUrl);
