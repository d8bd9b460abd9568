//! The verifier at its HTTP face: OpenID4VP 1.0 for wallets, a JSON API for programs, plain
//! pages for people.
//!
//! The flow is `credential-verification`; this crate reads requests, calls the flow and writes
//! answers. One endpoint, one file below [`routes`]; [`assemble`] alone puts the parts together.
//! Pages show a report and compute nothing.

pub mod accreditations;
pub mod assemble;
pub mod certificate;
pub mod chain_index;
pub mod collections;
pub mod commands;
pub mod config;
pub mod desk;
pub mod fresh_chain;
pub mod grounds;
pub mod identity;
pub mod offline;
pub mod open_requests;
pub mod packs;
pub mod pages;
pub mod receipts;
pub mod routes;
pub mod shares;
pub mod state;
pub mod storage;
pub mod trust_file;
pub mod vc_api;
pub mod witness;

mod openapi;

pub use openapi::document as openapi_document;
pub use routes::router;
