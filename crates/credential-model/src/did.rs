//! DIDs, DID URLs and the documents behind them.
//!
//! [DID Core 1.0](https://www.w3.org/TR/did-core/) §3 for the syntax,
//! [Controlled Identifiers 1.0](https://www.w3.org/TR/cid-1.0/) for the documents.

mod document;
mod identifier;

pub use document::{
    DidDocument, DidDocumentError, ProofPurpose, PublicKeyMaterial, Service, VerificationMethod,
};
pub use identifier::{Did, DidError, DidUrl};
