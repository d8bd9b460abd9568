//! Identifiers and digests as types, parsed once at the edge.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// An identifier that is not one: empty, too long, or with other characters than `[A-Za-z0-9._-]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identifier has 1 to 64 characters of A-Z a-z 0-9 . _ -")]
pub struct InvalidId;

impl InvalidId {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        "invalid_identifier"
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes the text over when it has the form of an identifier.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
                if text.is_empty() || text.len() > 64 || !text.bytes().all(fine) {
                    return Err(InvalidId);
                }
                Ok(Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

identifier!(
    /// A registered person; random, says nothing about them.
    PersonId
);
identifier!(
    /// An offer; random with 128 bits, because whoever knows it can fetch the offer.
    OfferId
);
identifier!(
    /// Our record of one credential: a UUIDv7, so that records sort by time.
    ///
    /// Not the credential's own `id` (a random `urn:uuid`), which must not tell anything.
    CredentialId
);
identifier!(
    /// A credential request that waits for an officer: a UUIDv7.
    DeferredId
);
identifier!(
    /// A status list, as in the path `/status/{list}`.
    ListId
);
identifier!(
    /// What a wallet sends to the notification endpoint (OID4VCI 1.0, section 11).
    NotificationId
);

identifier!(
    /// A bulk job: 24 hexadecimal digits that follow from the file, the type and the issuer.
    JobId
);

/// A SHA-256 digest; hex in records and messages.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// All zeros: the predecessor of the first entry of a chain.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of several parts, each preceded by its length, so that no two splits collide.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// HMAC-SHA-256 of the parts under a key of 32 bytes, length-prefixed as in [`Digest::of_parts`].
    pub fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> Self {
        let mut message = Vec::new();
        for part in parts {
            message.extend_from_slice(&(part.len() as u64).to_be_bytes());
            message.extend_from_slice(part);
        }
        Self(hmac_sha256(key, &message))
    }

    /// Compares without telling by its time where the first difference is.
    pub fn same(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).fold(0_u8, |difference, (a, b)| difference | (a ^ b)) == 0
    }

    /// The text form of a secret derived from it: 43 characters of base64url.
    pub fn to_token(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidId)?;
        Ok(Self(bytes))
    }
}

/// HMAC-SHA-256 (RFC 2104) with a key of half a block.
fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        for (slot, key_byte) in block.iter_mut().zip(key) {
            *slot ^= key_byte;
        }
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::parse(&text)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_refuse_what_could_be_a_path_or_a_header() {
        for text in ["", "a/b", "a b", "ㄱ", "a\n", &"x".repeat(65), "a%2e"] {
            assert_eq!(OfferId::parse(text), Err(InvalidId), "{text:?}");
        }
        assert_eq!(OfferId::parse("0f-A_1.b").map(|id| id.to_string()), Ok("0f-A_1.b".to_owned()));
        assert!(serde_json::from_str::<OfferId>("\"../x\"").is_err());
    }

    #[test]
    fn keyed_is_hmac_sha256() {
        // RFC 4231, test case 2. HMAC pads short keys with zeros, so "Jefe" is also a 32-byte key.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let mac = hmac_sha256(&key, b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(mac), expected);

        let one = Digest::keyed(&key, &[b"ab", b"c"]);
        assert!(!one.same(&Digest::keyed(&key, &[b"a", b"bc"])), "splits do not collide");
        assert!(one.same(&Digest::keyed(&key, &[b"ab", b"c"])));
    }

    #[test]
    fn digests_travel_as_hex() {
        let digest = Digest::of(b"");
        let text = serde_json::to_string(&digest).unwrap();
        assert_eq!(text, "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"");
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), digest);
        assert!(serde_json::from_str::<Digest>("\"e3\"").is_err());
    }
}
