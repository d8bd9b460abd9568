//! `issuer-service audit …`: the trail as a file, and the check of its hash chain.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;

use anyhow::Context as _;
use credential_issuance::audit::{AuditEntry, AuditHead, first_break};
use serde_json::json;

use crate::assemble;
use crate::config::Config;

const STEP: usize = 1_000;
/// An entry names ids and a reason of 500 characters.
const LONGEST_LINE: u64 = 1024 * 1024;

/// Writes the trail to stdout, one JSON entry a line, beginning after `after`.
///
/// # Errors
/// When the store cannot be read.
pub async fn audit_export(path: &Path, after: u64) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let store = assemble::open_store(&config).await?.issuer();
    let mut out = std::io::stdout().lock();
    let mut last = after;
    loop {
        let entries = store.audit(last, STEP).await?;
        for entry in &entries {
            serde_json::to_writer(&mut out, entry)?;
            out.write_all(b"\n")?;
        }
        match entries.last() {
            Some(entry) => last = entry.seq,
            None => break,
        }
    }
    out.flush()?;
    eprintln!("entries {} to {last}", after + 1);
    Ok(())
}

/// Recomputes the hash chain of the store, or of an exported file; answers whether it holds. An
/// export that does not begin with entry 1 is checked from its first entry on.
///
/// # Errors
/// When store or file cannot be read.
pub async fn audit_verify(path: &Path, file: Option<&Path>) -> anyhow::Result<bool> {
    let mut check = Check::default();
    match file {
        Some(file) => check.file(file)?,
        None => {
            let config = Config::load(path)?;
            let store = assemble::open_store(&config).await?.issuer();
            loop {
                let entries = store.audit(check.head.seq, STEP).await?;
                if entries.is_empty() || !check.take(&entries) {
                    break;
                }
            }
        }
    }
    let answer = json!({
        "holds": check.broken.is_none(),
        "entries": check.entries.to_string(),
        "last": check.head.seq.to_string(),
        "hash": check.head.hash.to_string(),
        "broken_at": check.broken.map(|seq| seq.to_string()),
    });
    println!("{answer}");
    Ok(check.broken.is_none())
}

struct Check {
    head: AuditHead,
    entries: u64,
    broken: Option<u64>,
}

impl Default for Check {
    fn default() -> Self {
        Self { head: AuditHead::EMPTY, entries: 0, broken: None }
    }
}

impl Check {
    /// Takes the next entries; answers whether the chain still holds.
    fn take(&mut self, entries: &[AuditEntry]) -> bool {
        self.broken = first_break(self.head, entries);
        if let (None, Some(last)) = (self.broken, entries.last()) {
            self.head = AuditHead { seq: last.seq, hash: last.hash };
            self.entries += entries.len() as u64;
        }
        self.broken.is_none()
    }

    fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
        let mut reader = BufReader::new(file);
        let mut number = 0_u64;
        loop {
            let mut line = String::new();
            if (&mut reader).take(LONGEST_LINE).read_line(&mut line)? == 0 {
                return Ok(());
            }
            number += 1;
            let entry: AuditEntry = serde_json::from_str(&line)
                .with_context(|| format!("line {number} is no entry of an audit trail"))?;
            if number == 1 && entry.seq > 1 {
                self.head = AuditHead { seq: entry.seq - 1, hash: entry.prev };
            }
            if !self.take(std::slice::from_ref(&entry)) {
                return Ok(());
            }
        }
    }
}
