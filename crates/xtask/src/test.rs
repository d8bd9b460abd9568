//! Every test of the workspace, with the real parts beside them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{cargo, root, run as run_command, target};
use crate::{generate, machine, tidy};

/// Packages whose tests hold the published vectors.
const VECTOR_PACKAGES: [&str; 3] = ["credential-model", "signing-keys", "credential-proofs"];

fn run_tests(filter: &[String]) -> Result<()> {
    // One feature set for everything: `cargo build --workspace` and `cargo test --workspace`
    // share each compiled library, while `-p` builds would compile some of them twice.
    run_command(&mut cargo(&["build", "--locked", "--workspace", "--bins"]))?;
    let mut tests = cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]);
    if !filter.is_empty() {
        tests.arg("--").args(filter);
    }
    with_tools(&mut tests);
    run_command(&mut tests)
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    machine::ready_to_build()?;
    if arguments.is_empty() {
        tidy::run()?;
        generate::run(&["--check".to_owned()])?;
    }
    run_tests(arguments)
}

fn with_tools(command: &mut Command) {
    command.env("SINPYO_BIN_DIR", target().join("debug"));
    // A snapshot that differs is a failure, never a new file in the tree.
    command.env("INSTA_UPDATE", "no");
    if let Some(folder) = machine::chain_tools() {
        if let Some(anvil) = machine::anvil_in(&folder) {
            command.env("SINPYO_ANVIL", anvil);
        }
        command.env("SINPYO_SOLC_DIR", &folder);
    }
}

/// `vectors --from DIR`: the published vectors, loudly failing when the folder lacks them.
pub(crate) fn vectors(arguments: &[String]) -> Result<()> {
    let [flag, folder] = arguments else { bail!("usage: cargo xtask vectors --from DIR") };
    if flag != "--from" {
        bail!("usage: cargo xtask vectors --from DIR");
    }
    let folder = Path::new(folder);
    let folder = if folder.is_absolute() { folder.to_owned() } else { root().join(folder) };
    if !folder.join("vc-di-eddsa").is_dir() {
        bail!("{} holds no published vectors (no vc-di-eddsa in it)", folder.display());
    }
    machine::ready_to_build()?;
    let folder = folder.canonicalize().context("the folder of vectors")?;
    let mut tests = cargo(&["test", "--locked"]);
    for package in VECTOR_PACKAGES {
        tests.args(["--package", package]);
    }
    tests.args(["--", "vectors", "--nocapture"]).env("SINPYO_VECTORS", folder);
    run_command(&mut tests)
}
