//! The binary `wallet` over real HTTP, against the strict issuer and verifier that the
//! flow's own tests use.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bench;
mod crashes;
mod credentials;
mod errors;
mod evidence;
mod keys_and_dids;
mod paper;
mod replaying;
mod screens;
mod sharing;
mod shell;
mod status_packs;
mod support;
mod verifying;
