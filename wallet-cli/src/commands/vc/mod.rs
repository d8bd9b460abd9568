//! `wallet vc`: credentials in files.
//!
//! | module | what |
//! |---|---|
//! | `harness` | `--feature`, for outside test harnesses |
//! | `secured` | what stands in a file: JSON, token, envelope, COSE |
//! | `issue`, `derive`, `present` | making |
//! | `verify`, `verify_presentation`, `batch` | judging |
//! | `problem` | findings |

mod batch;
mod derive;
mod harness;
mod issue;
mod present;
mod problem;
mod secured;
mod verify;
mod verify_presentation;

use std::path::Path;

use credential_model::ambient::Clock as _;
use credential_model::json::{Limits, parse_strict};
use credential_model::moment::Moment;
use credential_proofs::data_integrity::Cryptosuite;
use localized_text::Locale;
use serde_json::Value;
use signing_keys::system::SystemClock;
use signing_keys::{Algorithm, PublicKey};

use crate::cli::{
    Cli, FileFlow, VcCommand, VcIssueArgs, VcPresentArgs, VcVerifyArgs, VcVerifyPresentationArgs,
};
use crate::failure::Failure;
use crate::{Reply, input};

/// Longest document that is secured, bytes.
const MAX_DOCUMENT: usize = credential_model::credential::MAX_BYTES;
/// Longest secured credential or presentation that is read, bytes: base proofs of selective disclosure, and several
/// credentials in one presentation.
const MAX_SECURED: usize = 4 * MAX_DOCUMENT;

/// Runs the command.
pub(super) async fn run(cli: &Cli, locale: Locale, command: &VcCommand) -> Result<Reply, Failure> {
    match command {
        VcCommand::Issue(args) => issue(cli, locale, args),
        VcCommand::Verify(args) => verify(cli, locale, args).await,
        VcCommand::Derive(args) => derive::run(cli, args).await,
        VcCommand::Present(args) => present(cli, locale, args),
        VcCommand::VerifyPresentation(args) => verify_presentation(cli, locale, args).await,
    }
}

pub(super) fn issue(cli: &Cli, locale: Locale, args: &VcIssueArgs) -> Result<Reply, Failure> {
    match &args.harness.feature {
        Some(feature) => harness::issue(args, feature),
        None => issue::run(cli, locale, args),
    }
}

pub(super) async fn verify(
    cli: &Cli,
    locale: Locale,
    args: &VcVerifyArgs,
) -> Result<Reply, Failure> {
    match &args.harness.feature {
        Some(feature) => harness::verify(args, feature),
        None => verify::run(cli, locale, args).await,
    }
}

pub(super) fn present(cli: &Cli, locale: Locale, args: &VcPresentArgs) -> Result<Reply, Failure> {
    present::run(cli, locale, args)
}

pub(super) async fn verify_presentation(
    cli: &Cli,
    locale: Locale,
    args: &VcVerifyPresentationArgs,
) -> Result<Reply, Failure> {
    verify_presentation::run(cli, locale, args).await
}

impl FileFlow {
    /// The file named either way, or standard input.
    pub(crate) fn given(&self) -> &str {
        self.input.as_deref().or(self.file.as_deref()).unwrap_or("-")
    }
}

/// A JSON document out of a file, read strictly.
fn document(given: &str) -> Result<Value, Failure> {
    let bytes = input::bytes(given, MAX_DOCUMENT)?;
    parse_strict(bytes.trim_ascii(), &Limits::default())
        .map_err(|error| problem::Problem::parsing(format!("{given}: {error}")).into_failure())
}

/// The result goes to a file, or to standard output.
fn deliver(output: Option<&Path>, text: &str, json: Value) -> Result<Reply, Failure> {
    let Some(path) = output else { return Ok(Reply::done(text, json)) };
    std::fs::write(path, format!("{text}\n")).map_err(|error| {
        Failure::unable("output_unwritable", format!("{}: {error}", path.display()))
    })?;
    Ok(Reply::done(String::new(), json))
}

/// `--at` and `--created`: the moment told, or now.
fn moment(told: Option<&str>, option: &str) -> Result<Moment, Failure> {
    told.map_or_else(
        || Ok(SystemClock.now()),
        |text| {
            Moment::parse(text)
                .map_err(|error| Failure::unable("settings", format!("{option}: {error}")))
        },
    )
}

/// `--proof-purpose` is there for scripts of didkit; each command has one purpose.
fn check_purpose(told: Option<&str>, only: &str) -> Result<(), Failure> {
    match told {
        Some(told) if told != only => {
            Err(Failure::unable("settings", format!("--proof-purpose: {only} is the one here")))
        }
        _ => Ok(()),
    }
}

/// `--suite`, or the usual one of the key.
fn suite(told: Option<&str>, key: &PublicKey) -> Result<Cryptosuite, Failure> {
    let suites = || Cryptosuite::ALL.into_iter().chain(Cryptosuite::SELECTIVE);
    if let Some(name) = told {
        return Cryptosuite::parse(name).ok_or_else(|| {
            let near = crate::suggest::nearest(name, suites().map(Cryptosuite::as_str));
            let known: Vec<&str> = suites().map(Cryptosuite::as_str).collect();
            let detail = format!("--suite: {name} is none of {}", known.join(", "));
            Failure::unable("settings", detail).near(near)
        });
    }
    match key.algorithm() {
        Algorithm::EdDsa => Ok(Cryptosuite::EddsaRdfc2022),
        Algorithm::Es256 | Algorithm::Es384 => Ok(Cryptosuite::EcdsaRdfc2019),
        Algorithm::Bbs => Ok(Cryptosuite::Bbs2023),
        other => Err(Failure::unable(
            "settings",
            format!("no Data Integrity suite for {other} keys: choose another --format"),
        )),
    }
}
