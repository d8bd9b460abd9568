//! One fuzz target for each decoder of untrusted input, and a driver of our own that runs them.
//!
//! A target is a function over bytes that must return: no panic, no unbounded work, and nothing accepted that should
//! be refused. Properties that a decoder promises (reading what was written gives the same, a changed credential is
//! refused) are `assert!`s inside the target.
//!
//! * [`TARGETS`] lists them; [`targets`] holds them.
//! * [`driver`] mutates seeds (`corpus/<target>/`, and the signed samples that [`samples`] makes) with a seeded
//!   generator, so a run can be repeated exactly. It keeps every input to which a decoder *answers* something new:
//!   a target returns a [`Seen`], the digest of its error codes and shapes.
//! * [`giants`] are hostile inputs as large as a decoder admits, each against one way of growing work.
//!
//! ```text
//! cargo xtask fuzz --list
//! cargo xtask fuzz data-integrity 600        seconds
//! cargo xtask fuzz --giants                  CPU time of every giant
//! ```
//!
//! # Why not libFuzzer
//! Coverage guidance (cargo-fuzz) needs instrumentation flags that a stable compiler takes only under
//! `RUSTC_BOOTSTRAP`, a second build of every dependency, a C++ compiler for libFuzzer, and `unsafe` entry points that
//! this workspace forbids. The answers of our decoders are fine-grained (hundreds of stable error codes), which makes
//! them a usable substitute. Whoever wants libFuzzer beside it writes a harness outside the workspace that calls
//! `fuzz_targets::find(name)` and [`Target::run`]; nothing here stands in the way.

pub mod corpus;
pub mod driver;
pub mod giants;
pub mod mutate;
pub mod samples;
mod seen;
pub mod targets;

pub use seen::Seen;
pub use targets::{TARGETS, Target, find};
