//! Builds the parts and plays the stories; the telling itself is `test-kit`'s.

use anyhow::{Result, bail};

use crate::machine;
use crate::workspace::{cargo, run as run_command, target};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    machine::ready_to_build()?;
    build()?;
    let mut story = std::process::Command::new(target().join("debug").join("story"));
    story.args(arguments).env("SINPYO_BIN_DIR", target().join("debug"));
    if arguments.iter().any(|argument| argument == "anvil") {
        let folder = machine::chain_tools();
        let Some(anvil) = folder.as_deref().and_then(machine::anvil_in) else {
            bail!(
                "anvil is not to be had here; the stories also run on the dev chain (--chain dev)"
            );
        };
        story.env("SINPYO_ANVIL", anvil);
    }
    run_command(&mut story)
}

/// Compiles every process of the stories. The whole workspace, because then `demo` and `test`
/// share each compiled library: another selection of packages means other features somewhere.
pub(crate) fn build() -> Result<()> {
    run_command(&mut cargo(&["build", "--locked", "--workspace", "--bins"]))
}
