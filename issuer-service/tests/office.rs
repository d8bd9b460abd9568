//! The officers' office over HTTP: who may do what, and what is refused.

// The lint spares #[test] functions only, not what they share.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod harness;

#[path = "office/approvals.rs"]
mod approvals;
#[path = "office/browser.rs"]
mod browser;
#[path = "office/desk.rs"]
mod desk;
#[path = "office/jobs.rs"]
mod jobs;
#[path = "office/oidc.rs"]
mod oidc;
#[path = "office/pages.rs"]
mod pages;
#[path = "office/roles.rs"]
mod roles;
#[path = "office/sessions.rs"]
mod sessions;
