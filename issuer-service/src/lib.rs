//! The issuer at its HTTP face: OpenID4VCI 1.0 for wallets, status lists and DID document for
//! everybody, an admin API for officers; VC-API instances where configured ([`vc_api`]).
//!
//! The flow is `credential-issuance`; this crate reads requests, calls the flow, and writes
//! answers. One endpoint, one file below [`routes`]; [`assemble`] alone puts the parts together;
//! the OpenAPI document is made from the same table as the router.

pub mod assemble;
pub mod backup;
pub mod commands;
pub mod config;
pub mod config_schema;
pub mod control;
pub mod office;
pub mod routes;
pub mod spoken;
pub mod stalls;
pub mod state;
pub mod storage;
pub mod vc_api;

mod background;
mod chain_key;
mod errors;
mod extract;
mod jobs_worker;
mod key_file;
mod openapi;
mod operations;
mod webhooks;
mod witnesses;

pub use background::run_background;
pub use openapi::document as openapi_document;
pub use operations::router as operations_router;
pub use routes::{endpoints, router};
pub use webhooks::{WebhookRun, register_webhooks, run_webhooks};
