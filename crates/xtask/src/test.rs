//! Every test of the workspace, with the real parts beside them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::{cargo, root, run as run_command, target};
use crate::{generate, machine, tidy, tools};

/// Parts of the names of tests that hold published vectors.
const VECTOR_TESTS: [&str; 4] = ["vectors", "published", "wycheproof", "rfc"];

/// Runs `cargo test` over the workspace and closes with the sum of all its test binaries.
fn run_tests(extra: &[&str], names: &[&str], prepare: impl FnOnce(&mut Command)) -> Result<()> {
    let mut tests = cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]);
    tests.args(extra).arg("--").args(names).stdout(Stdio::piped());
    prepare(&mut tests);
    let mut child = tests.spawn().context("cargo test could not be started")?;
    let (mut passed, mut failed) = (0_u64, 0_u64);
    let output = child.stdout.take().context("cargo test has no output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        if let Some((good, bad)) = tally(&line) {
            passed += good;
            failed += bad;
        }
        println!("{line}");
    }
    let status = child.wait()?;
    println!("{passed} passed, {failed} failed");
    if !status.success() || failed > 0 || passed == 0 {
        bail!("{passed} tests passed, {failed} failed; cargo test ended with {status}");
    }
    Ok(())
}

/// Reads `test result: ok. 7 passed; 0 failed; …`.
fn tally(line: &str) -> Option<(u64, u64)> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut numbers = counts.split("; ").map(|part| {
        let (number, what) = part.split_once(' ')?;
        Some((what, number.parse::<u64>().ok()?))
    });
    let mut next = |wanted: &str| match numbers.next()?? {
        (what, number) if what == wanted => Some(number),
        _ => None,
    };
    Some((next("passed")?, next("failed")?))
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    machine::ready_to_build()?;
    if arguments.first().is_some_and(|argument| argument == "--no-run") {
        return run_command(&mut cargo(&["test", "--locked", "--workspace", "--no-run"]));
    }
    if arguments.is_empty() {
        tidy::run()?;
        generate::run(&["--check".to_owned()])?;
    }
    let names: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run_tests(&[], &names, with_tools)
}

fn with_tools(command: &mut Command) {
    command.env("SINPYO_BIN_DIR", target().join("debug"));
    // A snapshot that differs is a failure, never a new file in the tree.
    command.env("INSTA_UPDATE", "no");
    tools::give_to(command);
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
    run_tests(&["--lib", "--tests"], &VECTOR_TESTS, |tests| {
        tests.env("SINPYO_VECTORS", &folder).env("INSTA_UPDATE", "no");
    })
}

#[cfg(test)]
mod tests {
    use super::tally;

    #[test]
    fn the_closing_line_of_a_test_binary_is_read() {
        let line = "test result: ok. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(tally(line), Some((7, 2)));
        assert_eq!(tally("test result: FAILED. 1 passed; 3 failed; 0 ignored"), Some((1, 3)));
        assert_eq!(tally("test other ... ok"), None);
        assert_eq!(tally("test result: ok. many passed; 0 failed"), None);
    }
}
