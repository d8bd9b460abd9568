//! The NIST curves. Every value of these types is a valid key.

use std::hash::{Hash, Hasher};
#[cfg(feature = "native")]
use std::sync::Arc;

use p256::ecdsa::signature::Verifier as _;

use super::KeyError;

/// Writes one ECDSA curve; p256, p384 and p521 have the same shape but no common trait worth its
/// weight.
macro_rules! ecdsa_curve {
    ($name:ident, $krate:ident, $field:literal, $compressed:literal, $curve_name:literal, $native:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone)]
        pub struct $name {
            key: $krate::ecdsa::VerifyingKey,
            // Parsed once for aws-lc-rs, which would otherwise parse at each check.
            #[cfg(feature = "native")]
            fast: Arc<aws_lc_rs::signature::ParsedPublicKey>,
        }

        impl $name {
            fn from_verifying_key(key: $krate::ecdsa::VerifyingKey) -> Result<Self, KeyError> {
                #[cfg(feature = "native")]
                let fast = {
                    let point = key.to_encoded_point(false);
                    aws_lc_rs::signature::ParsedPublicKey::new(
                        &aws_lc_rs::signature::$native,
                        point.as_bytes(),
                    )
                    .map(Arc::new)
                    .map_err(|_| {
                        KeyError::InvalidKey(concat!("no point of ", $curve_name).into())
                    })?
                };
                Ok(Self {
                    key,
                    #[cfg(feature = "native")]
                    fast,
                })
            }

            pub(crate) fn from_valid(key: $krate::ecdsa::VerifyingKey) -> Self {
                Self::from_verifying_key(key)
                    .expect("a key computed from a private key is on the curve")
            }

            /// From the compressed SEC1 point and nothing else (as Multikey has it).
            pub(crate) fn from_compressed(bytes: &[u8]) -> Result<Self, KeyError> {
                if bytes.len() != $compressed || !matches!(bytes[0], 2 | 3) {
                    return Err(KeyError::InvalidKey(
                        concat!("a compressed ", $curve_name, " point is expected").into(),
                    ));
                }
                let key = $krate::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map_err(|_| {
                    KeyError::InvalidKey(concat!("no point of ", $curve_name).into())
                })?;
                Self::from_verifying_key(key)
            }

            /// From the two coordinates of a JWK; both have the full field length.
            pub(crate) fn from_coordinates(x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
                if x.len() != $field || y.len() != $field {
                    return Err(KeyError::InvalidKey(
                        concat!("a coordinate of ", $curve_name, " has ", $field, " bytes").into(),
                    ));
                }
                let key =
                    $krate::ecdsa::VerifyingKey::from_sec1_bytes(&[&[4u8][..], x, y].concat())
                        .map_err(|_| {
                            KeyError::InvalidKey(concat!("no point of ", $curve_name).into())
                        })?;
                Self::from_verifying_key(key)
            }

            /// The compressed SEC1 point.
            pub fn to_compressed(&self) -> [u8; $compressed] {
                self.key
                    .to_encoded_point(true)
                    .as_bytes()
                    .try_into()
                    .expect("a compressed point has the field's length and one byte")
            }

            /// Both coordinates, big-endian, of full length.
            pub(crate) fn coordinates(&self) -> ([u8; $field], [u8; $field]) {
                let point = self.key.to_encoded_point(false);
                let mut x = [0u8; $field];
                let mut y = [0u8; $field];
                x.copy_from_slice(&point.as_bytes()[1..=$field]);
                y.copy_from_slice(&point.as_bytes()[$field + 1..]);
                (x, y)
            }

            #[cfg(feature = "native")]
            pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
                self.fast.verify_sig(message, signature).is_ok()
            }

            #[cfg(not(feature = "native"))]
            pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
                self.verify_portable(message, signature)
            }

            /// The check of the portable build; compiled everywhere, so that tests compare.
            #[cfg_attr(all(feature = "native", not(test)), allow(dead_code))]
            pub(crate) fn verify_portable(&self, message: &[u8], signature: &[u8]) -> bool {
                $krate::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|signature| self.key.verify(message, &signature).is_ok())
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                // p521's key type has no equality of its own; its point has.
                self.key.as_affine() == other.key.as_affine()
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.to_compressed().hash(state);
            }
        }
    };
}

ecdsa_curve!(
    P256PublicKey,
    p256,
    32,
    33,
    "P-256",
    ECDSA_P256_SHA256_FIXED,
    "A P-256 key: a point of the curve, never the one at infinity."
);
ecdsa_curve!(
    P384PublicKey,
    p384,
    48,
    49,
    "P-384",
    ECDSA_P384_SHA384_FIXED,
    "A P-384 key: a point of the curve, never the one at infinity."
);
ecdsa_curve!(
    P521PublicKey,
    p521,
    66,
    67,
    "P-521",
    ECDSA_P521_SHA512_FIXED,
    "A P-521 key: a point of the curve, never the one at infinity."
);
