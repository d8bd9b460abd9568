//! What both services share at their HTTP face: answers for people and programs
//! when something is refused, the reader's language, strict reading of JSON,
//! limits, configuration, and a start and stop that lose nothing.

pub mod assets;
pub mod config;
pub mod connections;
pub mod key_backend;
pub mod layers;
pub mod locale;
pub mod log;
pub mod metrics;
pub mod oauth;
pub mod page;
pub mod private_file;
pub mod problem;
pub mod rate;
pub mod sections;
pub mod serve;
pub mod spoken;
pub mod strict_json;
pub mod tls;
mod trace;

pub use config::{ConfigError, load_config};
pub use connections::Peer;
pub use layers::{Limits, layers};
pub use locale::RequestLocale;
pub use log::{LogFormat, start_log, start_log_as};
pub use oauth::OAuthError;
pub use problem::Problem;
pub use sections::PublicUrlFault;
pub use serve::{ServeError, serve, serve_limited};
pub use strict_json::{JsonRefusal, StrictJson, media_type_is};
pub use tls::{Tls, TlsError, TlsFiles};
