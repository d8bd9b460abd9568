//! The desk without a net says what the service and the command line say, and never more.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "offline/border.rs"]
mod border;
#[path = "../../credential-verification/tests/harness/mod.rs"]
mod harness;
#[path = "offline/module.rs"]
mod module;
#[path = "../../credential-verification/tests/harness/packs.rs"]
mod pack_kit;
#[path = "offline/table.rs"]
mod table;
#[path = "offline/town.rs"]
mod town;
