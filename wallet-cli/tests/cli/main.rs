//! The binary `wallet` over real HTTP, against the strict issuer and verifier that the
//! flow's own tests use.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod crashes;
mod errors;
mod screens;
mod support;
mod verifying;
