//! The wallet's flows against an issuer and a verifier that hold it to the letter of
//! OID4VCI 1.0 and OID4VP 1.0. No sockets: both sides meet in a scripted [`web_fetch::Fetch`],
//! which can also lose a request or an answer at any point.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod accepting;
mod accepting_badly;
mod backups;
mod certificates;
mod crashes;
mod evidence;
mod memory;
mod presenting;
mod refusals;
mod support;
