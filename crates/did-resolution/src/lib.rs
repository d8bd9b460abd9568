//! DIDs to DID documents to verification keys.
//!
//! | method | document | may be anchored |
//! |---|---|---|
//! | `did:key`, `did:jwk` | computed from the DID ([`expand_did_key`], [`expand_did_jwk`]) | no, the DID is the key |
//! | `did:web` | fetched from the host through the guarded client ([`did_web_url`]) | yes |
//! | `did:webvh` | newest version of the DID's signed log ([`WebvhLog`]) | no, the log is chained and signed |
//! | `did:ethr` | computed from the events of an ERC-1056 registry ([`resolve_ethr`], feature `native`) | no, it lives on a chain |
//!
//! Where a [`DidAnchors`] source is given and [`ControllerPins`] name the account that may
//! anchor the DID, the chain is a witness: the document is the anchored one, from the host
//! or, where the host is down or serves another, from the chain's event log. Where the chain
//! is down, the resolution says so in [`Resolution::anchor_check`] and the caller decides:
//! nothing is silently valid. A head of any other account counts for nothing
//! ([`AnchorCheck::NotPinned`]): on chain a DID belongs to whoever publishes it first.

mod anchors;
mod cache;
mod did_web;
mod error;
#[cfg(feature = "native")]
mod ethr;
#[cfg(feature = "native")]
mod foreign;
mod key_methods;
mod resolution;
mod resolver;
mod verification;
mod version;
mod webvh;

#[cfg(test)]
mod tests;

pub use anchors::{AnchorSourceError, ControllerPins, DidAnchors, document_digest};
pub use did_web::{did_web_from_url, did_web_url};
pub use error::ResolveError;
#[cfg(feature = "native")]
pub use ethr::{EthrDocument, EthrIdentifier, EthrNetworks, MAX_CHANGES, resolve_ethr};
pub use evm_chain::{Address, DidHead, DidStatus};
#[cfg(feature = "native")]
pub use foreign::ForeignDids;
pub use key_methods::{expand_did_jwk, expand_did_key};
pub use resolution::{AnchorCheck, AnchoredVersion, Resolution, Resolve, Source};
pub use resolver::{MAX_DOCUMENT_BYTES, UniversalResolver};
pub use verification::{VerificationKeyError, resolve_verification_key, verification_key};
pub use version::VersionQuery;
pub use webvh::{
    LogError, MAX_LOG_BYTES, MAX_LOG_ENTRIES, MAX_WITNESS_BYTES, SignedLog, WebvhAddress, WebvhLog,
    WebvhVersion, did_webvh_address,
};
