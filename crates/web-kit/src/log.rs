//! The log: one line an event on stderr, ids only, chosen by `RUST_LOG`.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// What is said when `RUST_LOG` says nothing: our own events, and only trouble from below.
const USUAL: &str = "info,fjall=warn,lsm_tree=warn,sled=warn,hyper=warn,reqwest=warn";

/// Starts the log; a second start (in tests) changes nothing.
pub fn start_log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(USUAL));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let _ = subscriber.try_init();
}
