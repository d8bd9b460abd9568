//! Bulk jobs from file to credentials: over the embedded stores, and over PostgreSQL with replicas.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "bulk/desk.rs"]
mod desk;
#[path = "bulk/faults.rs"]
mod faults;
mod kit;
#[path = "bulk/replicas.rs"]
mod replicas;
