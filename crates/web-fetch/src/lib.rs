//! The only way out: HTTP guarded against server-side request forgery, size and time
//! (threat 7 of the threat model).
//!
//! The trait [`Fetch`] and its messages are plain; flows take `Arc<dyn Fetch>` and tests
//! give them a scripted one. [`GuardedClient`] (feature `native`) is the real one:
//!
//! * https on port 443 only, unless the policy names further ports;
//! * names are resolved once, every address is checked, and exactly those addresses are
//!   connected to, so a second DNS answer cannot lead elsewhere (DNS rebinding);
//! * no private, loopback, link-local, shared, translated or reserved address
//!   ([`address::is_public`]), however it is written;
//! * at most two redirects, each checked like the first request; none for POST;
//! * 3 s to connect, 10 s in all, 512 KiB of body, headers and body read as they come;
//! * no cookies, no decompression, no proxy from the environment, one user agent.
//!
//! # Development
//! [`FetchPolicy::plain_http_origins`] is the one danger: each `host:port` in it is spoken
//! to **by http**, also when the URL says `https` (that is how
//! `did:web:localhost%3A7001` works in development), and only while it resolves to
//! loopback addresses. Services name the setting `danger_plain_http_origins`.

pub mod address;
mod error;
mod message;
mod revalidating;

#[cfg(feature = "native")]
mod client;
#[cfg(feature = "native")]
mod guard;
#[cfg(feature = "native")]
mod policy;
#[cfg(feature = "native")]
mod resolver;

#[cfg(feature = "native")]
pub use client::GuardedClient;
pub use error::FetchError;
pub use message::{Fetch, FetchRequest, FetchResponse, Method};
#[cfg(feature = "native")]
pub use policy::{FetchPolicy, PolicyError};
pub use revalidating::Revalidating;
