//! VC-JOSE-COSE (`vc+jwt`, `vp+jwt`), and reading of the VCDM 1.1 `vc` and `vp` claims.
//!
//! OID4VCI and OID4VP call this format `jwt_vc_json`. We issue the Recommendation's form and read both.

mod claims;
mod error;
mod issue;
mod present;
mod verify;

pub use error::JwtVcError;
pub use issue::{CREDENTIAL_TYP, issue, prepare};
pub use present::{
    ExpectedPresentation, PRESENTATION_TYP, Presentation, VerifiedPresentation, present,
    presentation_method, verify_presentation,
};
pub(crate) use present::{credentials_of, envelope};
pub use verify::{document_unverified, verification_method, verify};
