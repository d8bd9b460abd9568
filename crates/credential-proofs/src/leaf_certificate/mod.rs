//! The little of X.509 that OID4VP's `x509_hash` and `x509_san_dns` need: the public key, the names and the dates of a
//! leaf certificate, and a self-signed leaf for verifiers that have no certificate authority.
//!
//! A leaf is trusted by its hash or name **as the caller knows it**; no chain is built here.

mod der;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::LeafCertificate;
pub use write::{SelfSigned, self_signed};

/// Why a certificate was refused, or could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Not the DER of an X.509 v3 certificate, or longer than any we accept.
    #[error("not an acceptable X.509 certificate")]
    Malformed,
    /// The key is of a kind we do not use.
    #[error("the certificate's key is of an unsupported kind")]
    UnsupportedKey,
    /// A name or date that a certificate cannot carry.
    #[error("the name or the dates cannot go into a certificate")]
    BadContent,
    /// The signer refused.
    #[error("the key could not sign the certificate")]
    Signing(#[source] signing_keys::SigningError),
}

impl CertificateError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "certificate_malformed",
            Self::UnsupportedKey => "certificate_unsupported_key",
            Self::BadContent => "certificate_bad_content",
            Self::Signing(_) => "signing_failed",
        }
    }
}
