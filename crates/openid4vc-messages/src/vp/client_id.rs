//! Client Identifier Prefixes.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{ErrorCode, MessageError};
use crate::links::{MAX_URL_BYTES, web_url};

/// How a verifier is named and authenticated
/// ([OID4VP 1.0 §5.9.3](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-5.9.3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientIdPrefix {
    /// No prefix: the wallet knows the verifier beforehand.
    PreRegistered,
    /// The redirect or response URI itself; the request cannot be signed.
    RedirectUri,
    /// OpenID Federation entity identifier.
    OpenidFederation,
    /// A DID; the request object is signed by one of its keys.
    DecentralizedIdentifier,
    /// Subject of a verifier attestation JWT.
    VerifierAttestation,
    /// DNS name in the leaf certificate.
    X509SanDns,
    /// base64url SHA-256 of the leaf certificate.
    X509Hash,
}

impl ClientIdPrefix {
    /// The prefix as written, empty for pre-registered.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreRegistered => "",
            Self::RedirectUri => "redirect_uri",
            Self::OpenidFederation => "openid_federation",
            Self::DecentralizedIdentifier => "decentralized_identifier",
            Self::VerifierAttestation => "verifier_attestation",
            Self::X509SanDns => "x509_san_dns",
            Self::X509Hash => "x509_hash",
        }
    }

    /// Whether a request under this prefix must be a signed request object. For a
    /// pre-registered verifier its registration decides.
    #[must_use]
    pub const fn must_be_signed(self) -> bool {
        !matches!(self, Self::RedirectUri | Self::PreRegistered)
    }
}

/// A parsed Client Identifier. Audience and domain of presentations are the *full* text,
/// prefix included: [`ClientId::as_str`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId {
    full: String,
    prefix: ClientIdPrefix,
}

impl ClientId {
    /// Reads a `client_id`.
    ///
    /// # Errors
    /// `invalid_request`: empty, over-long, control characters, the reserved prefix
    /// `origin`, a prefix we do not know, or a value that does not fit its prefix.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        if text.is_empty() || text.len() > MAX_URL_BYTES {
            return Err(refuse("client_id is empty or too long"));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(refuse("client_id contains white space or control characters"));
        }
        let Some((prefix, value)) = text.split_once(':') else {
            return Ok(Self { full: text.to_owned(), prefix: ClientIdPrefix::PreRegistered });
        };
        let prefix = match prefix {
            "redirect_uri" => {
                web_url(value, "redirect_uri in client_id")
                    .map_err(|e| e.with_code(ErrorCode::InvalidRequest))?;
                ClientIdPrefix::RedirectUri
            }
            "openid_federation" => {
                web_url(value, "entity identifier in client_id")
                    .map_err(|e| e.with_code(ErrorCode::InvalidRequest))?;
                ClientIdPrefix::OpenidFederation
            }
            "decentralized_identifier" => {
                if !is_did(value) {
                    return Err(refuse(
                        "client_id with decentralized_identifier does not carry a DID",
                    ));
                }
                ClientIdPrefix::DecentralizedIdentifier
            }
            "verifier_attestation" if !value.is_empty() => ClientIdPrefix::VerifierAttestation,
            "x509_san_dns" => {
                if !is_dns_name(value) {
                    return Err(refuse("client_id with x509_san_dns does not carry a DNS name"));
                }
                ClientIdPrefix::X509SanDns
            }
            "x509_hash" => {
                let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
                if value.len() != 43 || !value.bytes().all(base64url) {
                    return Err(refuse(
                        "client_id with x509_hash does not carry a base64url SHA-256",
                    ));
                }
                ClientIdPrefix::X509Hash
            }
            "origin" => return Err(refuse("the client_id prefix origin is reserved for wallets")),
            "did" => {
                return Err(refuse(
                    "a bare DID as client_id belongs to a draft: write decentralized_identifier:did:…",
                ));
            }
            _ => return Err(refuse("the client_id prefix is not one of OID4VP 1.0")),
        };
        Ok(Self { full: text.to_owned(), prefix })
    }

    /// The prefix.
    #[must_use]
    pub const fn prefix(&self) -> ClientIdPrefix {
        self.prefix
    }

    /// The full identifier, as it goes into `aud` and `domain`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// The part after the prefix.
    #[must_use]
    pub fn value(&self) -> &str {
        match self.prefix {
            ClientIdPrefix::PreRegistered => &self.full,
            prefix => &self.full[prefix.as_str().len() + 1..],
        }
    }
}

impl std::fmt::Display for ClientId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.full)
    }
}

impl Serialize for ClientId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.full)
    }
}

impl<'de> Deserialize<'de> for ClientId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(e.detail))
    }
}

/// `did:method:id` without path, query or fragment.
fn is_did(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let (Some("did"), Some(method), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let id_char =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'%');
    !method.is_empty()
        && method.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && !id.is_empty()
        && !id.ends_with(':')
        && id.bytes().all(id_char)
}

fn is_dns_name(text: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn refuse(detail: &str) -> MessageError {
    MessageError::new(ErrorCode::InvalidRequest, detail)
}
