//! The desk in a real browser, on a real port, with a scripted world behind it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "browser/bad_input.rs"]
mod bad_input;
#[path = "browser/desk.rs"]
mod desk;
#[path = "browser/every_page.rs"]
mod every_page;
#[path = "browser/keyboard.rs"]
mod keyboard;
#[path = "browser/lost_net.rs"]
mod lost_net;
#[path = "browser/many.rs"]
mod many;
#[path = "browser/offline.rs"]
mod offline;
#[path = "../../crates/credential-verification/tests/harness/packs.rs"]
mod pack_kit;
#[path = "browser/share.rs"]
mod share;
#[path = "browser/stage.rs"]
mod stage;
#[path = "browser/views.rs"]
mod views;

mod kit;

use kit::harness;
