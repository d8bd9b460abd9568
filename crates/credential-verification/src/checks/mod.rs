//! The single checks, one file each. They return outcomes, never sentences.
pub(crate) mod clock;
pub mod contexts;
pub mod entitlement;
pub mod forbidden;
mod keys;
pub mod proof;
pub mod related;
pub mod schema;
pub mod status;
pub mod validity;

/// How far two honest clocks may differ, seconds.
pub const SKEW_SECONDS: i64 = 60;
