//! Securing mechanisms: how a document is signed and how a signature is checked.
//!
//! Everything here is a plain function over values: no network, no clock, no randomness of its own. Keys arrive in a
//! [`signing_keys::KeyRing`], the moment and the expected binding in [`Expected`].
//!
//! | module | what |
//! |---|---|
//! | [`data_integrity`] | W3C Data Integrity 1.0: `eddsa-rdfc-2022`, `eddsa-jcs-2022`, `ecdsa-rdfc-2019`, `ecdsa-jcs-2019`, proof sets |
//! | [`selective`] | Data Integrity with selective disclosure: `ecdsa-sd-2023`, `bbs-2023` (feature `bbs`) |
//! | [`presentation`] | `ldp_vp`: presentations with an authentication proof |
//! | [`sd_jwt`] | SD-JWT (RFC 9901) and SD-JWT VC: issue, disclose, bind, verify |
//! | [`jwt_vc`] | VC-JOSE-COSE `vc+jwt`, `vp+jwt`; the VCDM 1.1 `vc` claim is read |
//! | [`vc_sd_jwt`] | VC-JOSE-COSE `vc+sd-jwt`, `vp+sd-jwt` |
//! | [`cose`] | `COSE_Sign1`; VC-JOSE-COSE `vc+cose`, `vp+cose` |
//! | [`envelope`] | `EnvelopedVerifiableCredential`, `EnvelopedVerifiablePresentation` |
//! | [`harness`] | proof-only entry for outside test harnesses |
//! | [`key_proof`] | OID4VCI `openid4vci-proof+jwt` |
//! | [`request_object`] | OID4VP request objects (`oauth-authz-req+jwt`) |
//! | [`jose`] | compact JWS, the algorithm always taken from the key |
//! | [`jwe`] | compact JWE, ECDH-ES (feature `native`) |
//! | [`json_ld`], [`rdf_canon`] | JSON-LD to RDF over pinned contexts; RDFC-1.0 under a work limit |
//!
//! A success here says "these bytes were signed by this key, and this key was allowed to". It says nothing about
//! status, schema or entitlement: only `credential-verification` makes a verdict.

pub mod base64url;
pub mod cose;
pub mod data_integrity;
pub mod envelope;
mod expected;
pub mod harness;
pub mod jose;
pub mod json_ld;
#[cfg(feature = "native")]
pub mod jwe;
pub mod jwt_vc;
mod key_check;
pub mod key_proof;
pub mod leaf_certificate;
pub mod presentation;
pub mod rdf_canon;
pub mod request_object;
pub mod sd_jwt;
mod secured_document;
pub mod selective;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod test_keys;
pub mod vc_sd_jwt;

pub use expected::{CLOCK_SKEW_SECONDS, Expected};
pub use key_check::KeyRefusal;
pub use secured_document::DocumentError;
