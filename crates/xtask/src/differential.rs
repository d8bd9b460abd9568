//! `differential [DOCUMENTS]`: our proofs against oxjsonld, oxrdf and ssi. Only here is ssi compiled.

use anyhow::Result;

use crate::machine;
use crate::workspace::{cargo, run as run_command};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    machine::ready_to_build()?;
    let mut differential = cargo(&[
        "run",
        "--locked",
        "--release",
        "--quiet",
        "--package",
        "differential",
        "--features",
        "ssi",
        "--",
    ]);
    differential.args(arguments);
    run_command(&mut differential)
}
