//! Measurements are run here and nowhere else; a timed test would lie on a busy machine.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::machine;
use crate::workspace::{cargo, root, run as run_command, target};

/// Groups that measure whole programs.
const STARTS_PROGRAMS: [&str; 3] = ["http", "revoke", "cli"];
const PROGRAMS: [&str; 4] = ["benchmarks", "issuer-service", "verifier-service", "wallet-cli"];

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    machine::ready_to_build()?;
    let named = |group: &&str| arguments.iter().any(|argument| argument == group);
    let all = arguments.iter().all(|argument| argument.starts_with("--"));
    if all || STARTS_PROGRAMS.iter().any(named) {
        // As they ship, beside the benchmark: it starts them.
        let mut build = cargo(&["build", "--locked", "--release", "--quiet"]);
        build.args(PROGRAMS.iter().flat_map(|program| ["--package", program]));
        run_command(&mut build)?;
    }
    let mut bench =
        cargo(&["run", "--locked", "--release", "--quiet", "--package", "benchmarks", "--"]);
    for argument in arguments {
        if argument == "--peers" {
            let folder = peers()?;
            bench.arg(format!("--peers-in={}", folder.display()));
            bench.arg(format!("--ssi-peer={}", ssi()?.display()));
        } else {
            bench.arg(argument);
        }
    }
    run_command(&mut bench)
}

/// ssi runs in the differential room's program: beside us it would switch on features of serde_json for us too.
fn ssi() -> Result<PathBuf> {
    run_command(&mut cargo(&[
        "build",
        "--locked",
        "--release",
        "--quiet",
        "--package",
        "differential",
        "--features",
        "ssi",
    ]))?;
    Ok(target().join("release/differential"))
}

/// Other makers' libraries, pinned in crates/benchmarks/peers and installed below `target/tools`.
fn peers() -> Result<PathBuf> {
    if !machine::on_path("npm") {
        machine::install(&["nodejs", "npm"])?;
    }
    let (source, folder) = (root().join("crates/benchmarks/peers"), target().join("tools/peers"));
    std::fs::create_dir_all(&folder)?;
    for file in ["package.json", "peers.mjs"] {
        std::fs::copy(source.join(file), folder.join(file))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"])
        .arg(&folder)
        .stdout(Stdio::null());
    run_command(&mut npm)?;
    Ok(folder)
}
