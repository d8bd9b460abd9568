//! Keys in files and in the wallet's key store, for the commands `did` and `vc`.
//!
//! A key file is a JWK, or a verification method (Controlled Identifiers 1.0 section 2.2): `Multikey` with
//! `publicKeyMultibase` and `secretKeyMultibase`, or one with `publicKeyJwk` and `secretKeyJwk`.

mod file;
mod make;
mod public;

pub(crate) use file::{OpenKey, open, open_public};
pub(crate) use make::{KeyForm, KeyType, NewKey};
pub(crate) use public::{DidMethod, PublicHalf};

use crate::failure::Failure;

/// A key that cannot be used.
fn refused(place: &str, why: impl std::fmt::Display) -> Failure {
    Failure::unable("key_refused", format!("{place}: {why}"))
}
