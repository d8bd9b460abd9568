//! `cargo xtask bench [GROUP] [--json] [--peers]`.

mod anchors;
mod bulk;
mod cli;
mod desk;
#[path = "../../credential-verification/tests/harness/mod.rs"]
#[allow(clippy::unwrap_used, reason = "the little world that the verifier's tests play in")]
mod harness;
mod http;
mod lookup;
#[path = "../../credential-verification/tests/harness/packs.rs"]
#[allow(clippy::unwrap_used, reason = "as above")]
mod pack_kit;
mod peers;
mod proofs;
mod revoke;
mod runner;
mod selective;
mod status;
mod store;

use std::path::PathBuf;

use anyhow::{Result, bail};
use runner::{Measured, Time};

/// What was asked for besides groups.
pub(crate) struct Options {
    /// Other makers' libraries; none without `--peers`.
    pub(crate) peers: peers::Installed,
    /// Rows of a bulk job, credentials to revoke or to look up.
    pub(crate) rows: Option<u64>,
    /// Only routes whose name holds this (`http`).
    pub(crate) only: Option<String>,
    /// Where the store of `lookup` stays.
    pub(crate) store: Option<PathBuf>,
    /// Bulk jobs on PostgreSQL.
    pub(crate) postgres: bool,
}

/// A group of measurements.
type Group = fn(&Options) -> Result<Vec<Measured>>;

const GROUPS: [(&str, Group); 9] = [
    ("proofs", proofs::run),
    ("status", |_| status::run()),
    ("anchors", |_| anchors::run()),
    ("store", |_| store::run()),
    ("bulk", bulk::run),
    ("http", |options| http::run(options.only.as_deref())),
    ("revoke", |options| revoke::run(options.rows)),
    ("lookup", |options| lookup::run(options.rows, options.store.as_deref())),
    ("cli", |_| cli::run()),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [http::TRIVIAL, port] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return http::serve_trivially(port.parse()?);
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    let path = |name: &str| {
        arguments.iter().find_map(|argument| argument.strip_prefix(name)).map(PathBuf::from)
    };
    let peers = peers::Installed { node: path("--peers-in="), ssi: path("--ssi-peer=") };
    let rows = arguments.iter().find_map(|argument| argument.strip_prefix("--rows="));
    let rows = rows.map(str::parse).transpose()?;
    let postgres = arguments.iter().any(|argument| argument == "--postgres");
    let only = arguments.iter().find_map(|argument| argument.strip_prefix("--only="));
    let only = only.map(str::to_owned);
    let options = Options { peers, rows, only, store: path("--store="), postgres };
    let wanted: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    if let Some(unknown) =
        wanted.iter().find(|name| !GROUPS.iter().any(|(known, _)| known == *name))
    {
        let known: Vec<&str> = GROUPS.iter().map(|(name, _)| *name).collect();
        bail!("there is no group {unknown:?}; there are: {}", known.join(", "));
    }
    for (name, run) in GROUPS {
        if !wanted.is_empty() && !wanted.contains(&name) {
            continue;
        }
        let measured = run(&options)?;
        if !json {
            println!("\n{name:<40} {:>14}  {:>8}  against", "per second", "ratio");
        }
        for case in measured {
            if json { print_json(name, &case) } else { print_row(&case) }
        }
    }
    Ok(())
}

fn print_row(case: &Measured) {
    let (ratio, against) = match case.ratio {
        Some((ratio, against)) => (format!("{ratio:.3}"), against),
        None => ("".to_owned(), ""),
    };
    let goal = match (case.goal, case.ratio) {
        (Some(goal), Some((ratio, _))) if ratio >= goal => format!("  goal {goal}: met"),
        (Some(goal), _) => format!("  goal {goal}: not met"),
        (None, _) => String::new(),
    };
    println!("{:<40} {:>14.0}  {ratio:>8}  {against}{goal}", case.name, case.rate);
}

fn print_json(group: &str, case: &Measured) {
    let ratio = case.ratio.map(|(ratio, _)| ratio);
    let met = case.goal.zip(ratio).map(|(goal, ratio)| ratio >= goal);
    let line = serde_json::json!({
        "name": format!("{group}/{}", case.name),
        "value": case.rate,
        "unit": match case.time {
            Time::Cpu => "operations per CPU-second",
            Time::Wall => "operations per second",
        },
        "ratio": ratio,
        "against": case.ratio.map(|(_, name)| name),
        "goal": case.goal,
        "met": met,
    });
    println!("{line}");
}
