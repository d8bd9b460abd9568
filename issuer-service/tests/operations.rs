//! The real service as operators run it: stores, keys, backups, erasure, webhooks, figures.

// The lint spares #[test] functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod harness;

#[path = "operations/backups.rs"]
mod backups;
#[path = "operations/bulk.rs"]
mod bulk;
#[path = "operations/failover.rs"]
mod failover;
#[path = "operations/faults.rs"]
mod faults;
#[path = "operations/figures.rs"]
mod figures;
#[path = "operations/keys.rs"]
mod keys;
#[path = "operations/kit.rs"]
mod kit;
#[path = "operations/receivers.rs"]
mod receivers;
#[path = "operations/stores.rs"]
mod stores;
#[path = "operations/walls.rs"]
mod walls;
