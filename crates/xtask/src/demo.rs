//! Builds the parts and plays the stories; the telling itself is `test-kit`'s.

use anyhow::{Result, bail};

use crate::workspace::{cargo, run as run_command, target};
use crate::{machine, tools};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    // CI has compiled everything for the tests, with the features that tests add: used as it is.
    let (built, arguments): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|argument| *argument == "--built");
    machine::ready_to_build()?;
    // A million rows would take an hour in a debug build.
    let release = built.is_empty() && arguments.iter().any(|argument| *argument == "bulk");
    if built.is_empty() {
        build(release)?;
    }
    let folder = target().join(if release { "release" } else { "debug" });
    let mut story = std::process::Command::new(folder.join("story"));
    story.args(&arguments).env("SINPYO_BIN_DIR", folder);
    if arguments.iter().any(|argument| *argument == "anvil") {
        let folder = tools::from_npm();
        let Some(anvil) = folder.as_deref().and_then(tools::anvil_in) else {
            bail!(
                "anvil is not to be had here; the stories also run on the dev chain (--chain dev)"
            );
        };
        story.env("SINPYO_ANVIL", anvil);
    }
    run_command(&mut story)
}

/// What the stories start as real processes.
const PARTS: [&str; 5] =
    ["dev-chain", "issuer-service", "verifier-service", "wallet-cli", "test-kit"];

/// Compiles every process of the stories, and nothing that they do not need.
fn build(release: bool) -> Result<()> {
    let mut arguments = vec!["build", "--locked", "--bins"];
    arguments.extend(release.then_some("--release"));
    for part in PARTS {
        arguments.extend(["--package", part]);
    }
    run_command(&mut cargo(&arguments))
}
