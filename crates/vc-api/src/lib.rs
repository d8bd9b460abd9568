//! VC-API (W3C VCALM) as operations over values: no sockets, no clock, no randomness of its own.
//!
//! | module | what |
//! |---|---|
//! | [`request`] | the bodies of issue, verify and derive, read strictly; what is not understood is refused |
//! | [`instance`] | an issuer instance: one id, one way of securing, one key |
//! | [`issue()`] | checks a credential against the data model and secures it |
//! | [`derive()`] | selective disclosure by the holder: `ecdsa-sd-2023`, `bbs-2023` |
//! | [`verify`], [`presentation`] | proofs, envelopes, data model, dates, status; presentations with all they contain |
//! | [`rules`] | what VCDM 2.0 and 1.1 demand of a credential or presentation |
//! | [`problem`] | problem details with the types that W3C defines |
//! | [`did_resolution_answer`] | `GET /1.0/identifiers/{did}` in both result styles |
//!
//! A yes from here means "this document is what VC-API calls verified". It says nothing about entitlement: the verdict of
//! this house is made by `credential-verification`.

pub mod bbs_keys;
pub mod derive;
pub mod did_resolution_answer;
pub mod instance;
pub mod issue;
mod keys;
pub mod presentation;
pub mod problem;
pub mod request;
pub mod rules;
pub mod verify;

pub use derive::{DeriveError, derive};
pub use instance::{Contexts, Instance, InstanceError, InstanceKey, Securing};
pub use issue::{IssueError, issue};
pub use presentation::{PresentationVerification, verify_presentation};
pub use problem::ProblemDetail;
pub use request::{
    DeriveRequest, IssueRequest, RequestError, VerifyOptions, VerifyPresentationRequest,
    VerifyRequest,
};
pub use verify::{
    StatusAnswer, StatusCheck, Tools, Verification, VerifierPolicy, verify_credential,
};
