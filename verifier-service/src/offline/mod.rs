//! The desk that works with the net gone: what it takes along, its page, its scripts.
//!
//! * [`luggage`] packs what this verifier knows: `GET /offline/bundle`;
//! * [`page`] is the desk, `GET /offline`; a service worker keeps it, the module and the luggage;
//! * [`files`] are the scripts and the verifier as WebAssembly, built by `cargo xtask wasm`.
//!
//! The page computes nothing: the module it runs is the same Rust code as this service.

pub mod files;
pub mod luggage;
pub mod page;

pub use luggage::Packing;

use axum::{Router, routing::get};

use crate::state::App;

/// Paths of this room, for the list of endpoints.
pub const ENDPOINTS: [(&str, &[&str]); 4] = [
    (page::PATH, &["get"]),
    (page::WORKER_PATH, &["get"]),
    (luggage::PATH, &["get"]),
    ("/offline/files/{name}", &["get"]),
];

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route(page::PATH, get(page::page))
        .route(page::WORKER_PATH, get(page::worker))
        .route(luggage::PATH, get(luggage::answer))
        .route("/offline/files/{name}", get(files::answer))
}
