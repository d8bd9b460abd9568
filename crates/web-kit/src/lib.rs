//! What both services share at their HTTP face: answers for people and programs
//! when something is refused, the reader's language, strict reading of JSON,
//! limits, configuration, and a start and stop that lose nothing.

pub mod config;
pub mod layers;
pub mod locale;
pub mod log;
pub mod oauth;
pub mod page;
pub mod private_file;
pub mod problem;
pub mod sections;
pub mod serve;
pub mod strict_json;
pub mod tls;

pub use config::{ConfigError, load_config};
pub use layers::{Limits, layers};
pub use locale::RequestLocale;
pub use log::start_log;
pub use oauth::OAuthError;
pub use problem::Problem;
pub use sections::PublicUrlFault;
pub use serve::{ServeError, serve};
pub use strict_json::{JsonRefusal, StrictJson, media_type_is};
pub use tls::{Tls, TlsError, TlsFiles};
