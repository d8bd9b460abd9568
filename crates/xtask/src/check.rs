//! What must hold before a change lands, beside the tests.

use anyhow::Result;

use crate::workspace::{cargo, output, run as run_command};
use crate::{generate, machine, tidy};

/// Rooms that verify offline and so must compile without network, chain client or C code.
pub(crate) const OFFLINE_SET: [&str; 8] = [
    "credential-model",
    "signing-keys",
    "credential-proofs",
    "status-lists",
    "trust-registry",
    "chain-anchors",
    "chain-proofs",
    "credential-verification",
];

pub(crate) fn run() -> Result<()> {
    machine::ready_to_build()?;
    run_cargo(&["fmt", "--all", "--check"])?;
    tidy::run()?;
    generate::run(&["--check".to_owned()])?;
    run_cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    offline_set()?;
    let mut doc =
        cargo(&["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"]);
    run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

fn run_cargo(arguments: &[&str]) -> Result<()> {
    run_command(&mut cargo(arguments))
}

/// The offline set with its `native` features off: as the desk page compiles it.
fn offline_set() -> Result<()> {
    let mut arguments = vec!["check", "--locked", "--no-default-features"];
    for room in OFFLINE_SET {
        arguments.extend(["--package", room]);
    }
    run_cargo(&arguments)?;
    let tree =
        ["tree", "--locked", "--no-default-features", "-e", "normal", "--prefix", "none", "-p"];
    for room in OFFLINE_SET {
        let listed = output(&mut cargo(&[&tree[..], &[room]].concat()))?;
        for heavy in ["tokio ", "reqwest ", "alloy ", "aws-lc-rs ", "josekit ", "ssi ", "openssl "]
        {
            if listed.lines().any(|line| line.starts_with(heavy)) {
                anyhow::bail!(
                    "{room} without `native` still needs {heavy}: it could not run in a page"
                );
            }
        }
    }
    Ok(())
}
