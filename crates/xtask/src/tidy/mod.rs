//! The rules of the house that a program can hold. Each rule lists all its breaches at once.

mod files;
mod floors;
mod records;

use anyhow::{Result, bail};

use crate::workspace;

/// A breach: where, and what to do about it.
type Breach = String;

pub(crate) fn run() -> Result<()> {
    let packages = workspace::packages()?;
    let files = workspace::files()?;
    let mut breaches: Vec<Breach> = Vec::new();
    breaches.extend(floors::check(&packages));
    breaches.extend(files::check(&files));
    breaches.extend(records::check(&files));
    if breaches.is_empty() {
        eprintln!("tidy: {} packages and {} files keep the house", packages.len(), files.len());
        return Ok(());
    }
    for breach in &breaches {
        eprintln!("tidy: {breach}");
    }
    bail!("{} places break the rules of the house (ARCHITECTURE.md)", breaches.len());
}
