//! SD-JWT (RFC 9901) and SD-JWT VC (`typ: dc+sd-jwt`): issue, choose what to disclose, bind to a verifier, verify.

mod binding;
mod disclosure;
mod error;
mod issue;
mod parse;
mod process;
mod select;

pub use binding::{ExpectedBinding, KEY_BINDING_TYP, KeyBinding};
pub use error::SdJwtError;
pub use issue::{Issue, PreparedSdJwt, issue, prepare};
pub use parse::SdJwt;
pub use process::Disclosed;

/// `typ` of an issuer-signed SD-JWT VC.
pub const TYP: &str = "dc+sd-jwt";
