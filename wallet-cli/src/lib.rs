//! The wallet at a terminal: receive, hold, present, verify.
//!
//! stdout carries the result (with `--json` exactly one JSON value), stderr the talk.
//! Exit codes: 0 done, 1 the answer is no, 2 could not do.
//!
//! | module | what |
//! |---|---|
//! | `cli` | the commands and options |
//! | `home` | the wallet's folder: keys, vault, store, witness |
//! | `commands` | one file a command |
//! | `screens` | what people read, as plain functions of records |
//! | `paper` | credentials as printable pages and pictures |
//! | `failure`, `terminal`, `input`, `columns` | errors with hints, prompts, links and pictures in, aligned columns |

mod cli;
mod columns;
mod commands;
mod failure;
mod home;
mod input;
mod keys;
mod paper;
mod passphrase;
mod progress;
mod resolving;
pub mod screens;
mod suggest;
mod terminal;

use std::process::ExitCode;

pub use cli::Cli;
use failure::{Exit, Failure};
use localized_text::Locale;
use serde_json::{Value, json};

/// What a command gives back.
#[derive(Debug)]
pub(crate) struct Reply {
    /// For people, without the last line break.
    pub(crate) text: String,
    /// For programs.
    pub(crate) json: Value,
    /// How it went.
    pub(crate) exit: Exit,
}

impl Reply {
    /// Done.
    pub(crate) fn done(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, exit: Exit::Done }
    }
}

/// Runs one command and prints its result.
pub fn run(cli: Cli) -> ExitCode {
    quiet_logs();
    let locale = cli.locale();
    let as_json = cli.json;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(commands::run(cli, locale)),
        Err(error) => Err(Failure::unable("other", error.to_string())),
    };
    match outcome {
        Ok(reply) => {
            if as_json {
                print_line(&reply.json.to_string());
            } else if !reply.text.is_empty() {
                print_line(&reply.text);
            }
            reply.exit.into()
        }
        Err(failure) => {
            report(&failure, locale, as_json);
            failure.exit.into()
        }
    }
}

fn report(failure: &Failure, locale: Locale, as_json: bool) {
    let (message, hint) = failure.sentences(locale);
    if as_json {
        print_line(
            &json!({"ok": false, "error": {
                "code": failure.code, "message": message, "hint": hint, "detail": failure.detail,
                "did_you_mean": failure.near,
            }})
            .to_string(),
        );
    }
    terminal::talk(&format!(
        "{}: {message}\n{}: {hint}",
        localized_text::say(locale, "wallet-error-label"),
        localized_text::say(locale, "wallet-hint-label"),
    ));
}

/// Printing must not panic when a pipe closes early (`wallet list | head -1`).
fn print_line(text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Logs go to stderr and only when asked for (`RUST_LOG`).
fn quiet_logs() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
