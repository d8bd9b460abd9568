//! What this machine has and lacks, in one look.

use std::process::Command;

use anyhow::Result;

use crate::workspace::{output, target};
use crate::{machine, tools};

pub(crate) fn run() -> Result<()> {
    let tools = [
        ("rustc", "--version", "compiles everything (1.90 or newer)"),
        ("cc", "--version", "compiles the C parts of aws-lc and OpenSSL bindings"),
        ("pkg-config", "--version", "finds OpenSSL (Debian: pkg-config libssl-dev)"),
        ("git", "--version", "tidy asks it for the list of files"),
        ("npm", "--version", "fetches anvil and solc for the chain tests (optional)"),
        ("node", "--version", "recompiles the contracts for comparison (optional)"),
    ];
    for (program, flag, why) in tools {
        let said = output(Command::new(program).arg(flag));
        let version = said.ok().and_then(|text| text.lines().next().map(str::to_owned));
        let shown = version.unwrap_or_else(|| "missing".to_owned());
        println!("{program:<11} {shown:<50} {why}");
    }
    let anvil = tools::anvil_in(&target().join("tools"));
    let shown = if anvil.is_some() { "installed below target/tools" } else { "not fetched yet" };
    println!("{:<11} {shown:<50} cargo xtask test fetches it", "anvil");
    let postgres = tools::postgres_programs();
    let shown =
        postgres.map_or_else(|| "missing".to_owned(), |folder| folder.display().to_string());
    println!("{:<11} {shown:<50} the PostgreSQL store is tested against it", "postgres");
    match machine::ready_to_build() {
        Ok(()) => println!("\nready to build"),
        Err(error) => println!("\nnot ready: {error:#}"),
    }
    Ok(())
}
