//! `fuzz TARGET SECONDS`: the decoders at length. The short run is part of the tests.

use anyhow::Result;

use crate::machine;
use crate::workspace::{cargo, run as run_command};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    machine::ready_to_build()?;
    let mut fuzz = cargo(&[
        "run",
        "--locked",
        "--release",
        "--quiet",
        "--package",
        "fuzz-targets",
        "--bin",
        "fuzz",
        "--",
    ]);
    fuzz.args(arguments);
    run_command(&mut fuzz)
}
