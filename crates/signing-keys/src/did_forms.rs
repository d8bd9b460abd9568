//! `did:key` (<https://w3c-ccg.github.io/did-key-spec/>) and `did:jwk`
//! (<https://github.com/quartzjer/did-jwk/blob/main/spec.md>): keys written as DIDs.

use credential_model::did::{Did, DidUrl};

use crate::encoding::{from_base64url, to_base64url};
use crate::jwk::canonical_text;
use crate::public_key::{KeyError, PublicKey};

/// Longest method-specific id we read; a P-384 `did:jwk` with a few extra members has
/// about 250 characters.
const MAX_ID_CHARS: usize = 2048;

/// Why a DID is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DidKeyError {
    /// Neither `did:key` nor `did:jwk`.
    #[error("the DID does not carry a key")]
    OtherMethod,
    /// The method-specific id cannot be read.
    #[error("malformed DID: {0}")]
    Malformed(String),
    /// The key inside is refused.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl DidKeyError {
    /// A stable code for logs and reports.
    pub fn code(&self) -> &'static str {
        match self {
            DidKeyError::OtherMethod => "did_method_not_supported",
            DidKeyError::Malformed(_) => "invalid_did",
            DidKeyError::Key(error) => error.code(),
        }
    }
}

impl PublicKey {
    /// The key as `did:key:z…`.
    pub fn to_did_key(&self) -> Did {
        parse_own(&format!("did:key:{}", self.to_multikey()))
    }

    /// The key as `did:jwk:…`: base64url of the minimal JWK, members sorted.
    pub fn to_did_jwk(&self) -> Did {
        parse_own(&format!("did:jwk:{}", to_base64url(canonical_text(self).as_bytes())))
    }

    /// The only verification method of [`PublicKey::to_did_key`]: `did:key:z…#z…`.
    pub fn did_key_url(&self) -> DidUrl {
        let multikey = self.to_multikey();
        parse_own_url(&format!("did:key:{multikey}#{multikey}"))
    }

    /// The only verification method of [`PublicKey::to_did_jwk`]: `did:jwk:…#0`.
    pub fn did_jwk_url(&self) -> DidUrl {
        parse_own_url(&format!("{}#0", self.to_did_jwk()))
    }

    /// Reads the key out of a `did:key` or `did:jwk`.
    ///
    /// # Errors
    /// [`DidKeyError`] when the DID is of another method, malformed, or its key refused.
    pub fn from_did(did: &Did) -> Result<Self, DidKeyError> {
        let id = did.method_specific_id();
        if id.len() > MAX_ID_CHARS {
            return Err(DidKeyError::Malformed("too long".into()));
        }
        match did.method() {
            "key" => Ok(Self::from_multikey(id)?),
            "jwk" => {
                let text = from_base64url(id)
                    .ok_or_else(|| DidKeyError::Malformed("not unpadded base64url".into()))?;
                let limits =
                    credential_model::json::Limits { max_bytes: MAX_ID_CHARS, max_depth: 4 };
                let jwk = credential_model::json::parse_strict(&text, &limits)
                    .map_err(|error| DidKeyError::Malformed(error.to_string()))?;
                Ok(Self::from_jwk(&jwk)?)
            }
            _ => Err(DidKeyError::OtherMethod),
        }
    }
}

fn parse_own(text: &str) -> Did {
    Did::parse(text).expect("base58 and base64url are letters a DID may have")
}

fn parse_own_url(text: &str) -> DidUrl {
    DidUrl::parse(text).expect("base58 and base64url are letters a DID URL may have")
}
