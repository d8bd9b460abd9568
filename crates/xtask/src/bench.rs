//! Measurements are run here and nowhere else; a timed test would lie on a busy machine.

use anyhow::Result;

use crate::machine;
use crate::workspace::{cargo, run as run_command};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    machine::ready_to_build()?;
    let mut bench =
        cargo(&["run", "--locked", "--release", "--quiet", "--package", "benchmarks", "--"]);
    bench.args(arguments);
    run_command(&mut bench)
}
