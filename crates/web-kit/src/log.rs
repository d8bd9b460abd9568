//! The log: one line an event on stderr, ids only, chosen by `RUST_LOG`.

use std::io::IsTerminal;

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// What is said when `RUST_LOG` says nothing: our own events, and only trouble from below.
const USUAL: &str = "info,fjall=warn,lsm_tree=warn,sled=warn,hyper=warn,reqwest=warn,sqlx=warn";

/// `[log]`, `format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// Starts the log as text; a second start (in tests) changes nothing.
pub fn start_log() {
    start_log_as(LogFormat::Text);
}

/// Starts the log; a second start (in tests) changes nothing.
pub fn start_log_as(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(USUAL));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Text => subscriber.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).with_span_list(false).try_init(),
    };
}
