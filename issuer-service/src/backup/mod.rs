//! Backups of an embedded store: one encrypted file with every row and the key files, taken from a
//! snapshot while the service runs, and put back into an empty store.
//!
//! The rows are those of `store copy`, and those of bulk jobs and officers' accounts as they lie.
//! What it holds is proven as a copy is: counts and digests, shelf by shelf, and the audit trail's
//! hash chain on top.

mod file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use credential_issuance::audit::{AuditEntry, AuditHead, first_break};
use credential_issuance::ids::Digest;
use credential_issuance::store_copy::{self, ISSUER_SHELVES, Portable as _, Report, Row};
use credential_model::ambient::Entropy;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use storage_embedded::issuer::EmbeddedIssuerStore;
use web_kit::private_file;
use web_kit::sections::Keys;

use crate::assemble::PASSPHRASE_LENGTH;
use file::{Reader, Writer};

/// Rows in one part, and how many where rows are large.
const ROWS: usize = 1_000;
const LARGE_ROWS: usize = 16;
/// Before the names of what `store copy` has no shelf for.
const EXTRA: &str = "extra/";
/// A key file is a few kilobytes.
const LARGEST_KEY_FILE: u64 = 16 * 1024 * 1024;

/// One sealed part of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Part {
    /// A key file by its role.
    KeyFile { role: String, bytes: String },
    /// Rows of a shelf, in key order, key and value in hexadecimal.
    Rows { shelf: String, rows: Vec<(String, String)> },
    /// Always the last: what was written.
    End { shelves: Vec<Shelf> },
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Shelf {
    shelf: String,
    rows: u64,
    sha256: String,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// All rows.
    pub rows: u64,
    /// Entries of the audit trail, whose chain holds.
    pub audit: u64,
    /// Roles of the key files.
    pub key_files: Vec<String>,
}

/// The key files that belong to a store, by role.
fn key_files(keys: &Keys) -> [(&'static str, PathBuf); 3] {
    let beside = |end: &str| {
        let mut name = keys.path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    [
        ("keys", keys.path.clone()),
        ("register", beside(".register.json")),
        ("secrets", keys.sealed_secrets_path()),
    ]
}

/// Writes a backup of `store`, which must not change meanwhile: a snapshot, or a store nobody uses.
///
/// # Errors
/// When something cannot be read or written; a file begun is removed.
pub async fn create(
    store: &EmbeddedIssuerStore,
    keys: &Keys,
    to: &Path,
    passphrase_file: &Path,
    entropy: Arc<dyn Entropy>,
) -> anyhow::Result<Contents> {
    let passphrase = private_file::read(passphrase_file, PASSPHRASE_LENGTH)?;
    let mut writer = Writer::create(to, passphrase.as_bytes(), entropy)?;
    let written = write(store, keys, &mut writer).await;
    match written.and_then(|()| writer.finish()) {
        // What lies on the disk is what counts, so it is read back.
        Ok(()) => read(to, &passphrase, |_, _| Ok(())),
        Err(error) => {
            let _ = std::fs::remove_file(to);
            Err(error)
        }
    }
}

async fn write(
    store: &EmbeddedIssuerStore,
    keys: &Keys,
    writer: &mut Writer,
) -> anyhow::Result<()> {
    for (role, path) in key_files(keys) {
        match std::fs::metadata(&path) {
            Ok(file) => {
                ensure!(file.len() <= LARGEST_KEY_FILE, "{} is too large", path.display());
                let bytes = hex::encode(std::fs::read(&path)?);
                writer.part(&Part::KeyFile { role: role.to_owned(), bytes })?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        }
    }
    let mut shelves = Vec::new();
    for shelf in store.shelves() {
        let step = if *shelf == "archive" { LARGE_ROWS } else { ROWS };
        let mut sum = Sum::default();
        let mut after: Option<Vec<u8>> = None;
        loop {
            let rows = store.rows(shelf, after.as_deref(), step).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.key.clone());
            rows.iter().for_each(|row| sum.add(row));
            writer.part(&Part::Rows { shelf: (*shelf).to_owned(), rows: encoded(&rows) })?;
        }
        shelves.push(sum.shelf(shelf));
    }
    for extra in EmbeddedIssuerStore::extras() {
        let shelf = format!("{EXTRA}{extra}");
        let mut sum = Sum::default();
        let mut after: Option<Vec<u8>> = None;
        loop {
            // Parts of a job's file may be large.
            let rows = store.extra_rows(extra, after.as_deref(), LARGE_ROWS)?;
            let Some(last) = rows.last() else { break };
            after = Some(last.key.clone());
            rows.iter().for_each(|row| sum.add(row));
            writer.part(&Part::Rows { shelf: shelf.clone(), rows: encoded(&rows) })?;
        }
        shelves.push(sum.shelf(&shelf));
    }
    writer.last(&Part::End { shelves })
}

fn encoded(rows: &[Row]) -> Vec<(String, String)> {
    rows.iter().map(|row| (hex::encode(&row.key), hex::encode(&row.value))).collect()
}

/// Reads a backup whole and checks it: each part's seal, order and end, counts and digests, and the
/// hash chain of the audit trail.
///
/// # Errors
/// What is wrong with it.
pub fn verify(from: &Path, passphrase_file: &Path) -> anyhow::Result<Contents> {
    let passphrase = private_file::read(passphrase_file, PASSPHRASE_LENGTH)?;
    read(from, &passphrase, |_, _| Ok(()))
}

/// Puts a backup into an empty store, its key files where none are, and proves the store by the
/// backup's counts and digests. The store carries the mark of an unfinished copy until then.
///
/// # Errors
/// When the backup does not hold, the store is not empty, or a row was not kept.
pub async fn restore(
    from: &Path,
    passphrase_file: &Path,
    store: &EmbeddedIssuerStore,
    keys: &Keys,
) -> anyhow::Result<Contents> {
    let passphrase = private_file::read(passphrase_file, PASSPHRASE_LENGTH)?;
    // Nothing is written before all of it is known to be good.
    let contents = read(from, &passphrase, |_, _| Ok(()))?;
    if !store.copy_unfinished().await? {
        for shelf in store.shelves() {
            let empty = store.rows(shelf, None, 1).await?.is_empty();
            ensure!(empty, "the store is not empty: it has rows of {shelf}");
        }
        store.mark_copy(true).await?;
    }
    let mut reader = Reader::open(from, passphrase.as_bytes())?;
    let mut wanted = Vec::new();
    while let Some(part) = reader.next()? {
        match part {
            Part::KeyFile { role, bytes } => put_key_file(keys, &role, &hex::decode(bytes)?)?,
            Part::Rows { shelf, rows } => match shelf.strip_prefix(EXTRA) {
                Some(extra) => store.put_extra_rows(extra, &decoded(&rows)?)?,
                None => store.put_rows(&shelf, &decoded(&rows)?).await?,
            },
            Part::End { shelves } => wanted = shelves,
        }
    }
    let mut found = shelves_of(&store_copy::survey(store).await?);
    found.extend(extras_of(store)?);
    ensure!(found == wanted, "the restored store is not what the backup holds");
    store.mark_copy(false).await?;
    Ok(contents)
}

/// Counts and digests of what has no shelf.
fn extras_of(store: &EmbeddedIssuerStore) -> anyhow::Result<Vec<Shelf>> {
    let mut shelves = Vec::new();
    for extra in EmbeddedIssuerStore::extras() {
        let mut sum = Sum::default();
        let mut after: Option<Vec<u8>> = None;
        loop {
            let rows = store.extra_rows(extra, after.as_deref(), LARGE_ROWS)?;
            let Some(last) = rows.last() else { break };
            after = Some(last.key.clone());
            rows.iter().for_each(|row| sum.add(row));
        }
        shelves.push(sum.shelf(&format!("{EXTRA}{extra}")));
    }
    Ok(shelves)
}

fn put_key_file(keys: &Keys, role: &str, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = key_files(keys).into_iter().find(|(known, _)| *known == role);
    let (_, path) = path.with_context(|| format!("{role:?} is no role of a key file"))?;
    if let Some(directory) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory)?;
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            file.write_all(bytes)?;
            Ok(file.sync_all()?)
        }
        // A repetition finds what it wrote before; anything else is somebody's keys.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            ensure!(std::fs::read(&path)? == bytes, "{} is there already", path.display());
            Ok(())
        }
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

fn decoded(rows: &[(String, String)]) -> anyhow::Result<Vec<Row>> {
    rows.iter()
        .map(|(key, value)| Ok(Row { key: hex::decode(key)?, value: hex::decode(value)? }))
        .collect()
}

/// Reads all parts, telling each shelf's rows, and checks everything.
fn read(
    from: &Path,
    passphrase: &str,
    mut told: impl FnMut(&str, &[Row]) -> anyhow::Result<()>,
) -> anyhow::Result<Contents> {
    let mut reader = Reader::open(from, passphrase.as_bytes())?;
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let (mut key_files, mut trail) = (Vec::new(), AuditHead::EMPTY);
    while let Some(part) = reader.next()? {
        match part {
            Part::KeyFile { role, .. } => key_files.push(role),
            Part::Rows { shelf, rows } => {
                let known = match shelf.strip_prefix(EXTRA) {
                    Some(extra) => EmbeddedIssuerStore::extras().any(|known| known == extra),
                    None => ISSUER_SHELVES.contains(&&*shelf),
                };
                ensure!(known, "there is no shelf {shelf:?}");
                let rows = decoded(&rows)?;
                if shelf == "audit" {
                    trail = follow(trail, &rows)?;
                }
                let sum = sums.entry(shelf.clone()).or_default();
                rows.iter().for_each(|row| sum.add(row));
                told(&shelf, &rows)?;
            }
            Part::End { shelves } => {
                for wanted in &shelves {
                    let found = sums.remove(&wanted.shelf).unwrap_or_default();
                    ensure!(
                        found.shelf(&wanted.shelf) == *wanted,
                        "{} does not hold",
                        wanted.shelf
                    );
                }
                ensure!(sums.is_empty(), "it has rows of shelves it does not list");
                let rows = shelves.iter().map(|shelf| shelf.rows).sum();
                ensure!(reader.next()?.is_none(), "something follows the end of the backup");
                return Ok(Contents { rows, audit: trail.seq, key_files });
            }
        }
    }
    bail!("it has no end")
}

/// The trail's entries, in order behind `head`.
fn follow(head: AuditHead, rows: &[Row]) -> anyhow::Result<AuditHead> {
    #[derive(Deserialize)]
    struct Stored {
        record: AuditEntry,
    }
    let entries: Result<Vec<AuditEntry>, serde_json::Error> = rows
        .iter()
        .map(|row| serde_json::from_slice::<Stored>(&row.value).map(|stored| stored.record))
        .collect();
    let entries = entries?;
    if let Some(seq) = first_break(head, &entries) {
        bail!("the audit trail is broken at entry {seq}");
    }
    Ok(entries.last().map_or(head, |last| AuditHead { seq: last.seq, hash: last.hash }))
}

/// Count and digest of a shelf, as [`store_copy`] computes them.
#[derive(Default)]
struct Sum {
    hash: Sha256,
    rows: u64,
}

impl Sum {
    fn add(&mut self, row: &Row) {
        for part in [&row.key, &row.value] {
            self.hash.update((part.len() as u64).to_be_bytes());
            self.hash.update(part);
        }
        self.rows += 1;
    }

    fn shelf(self, shelf: &str) -> Shelf {
        let sha256 = Digest(self.hash.finalize().into()).to_string();
        Shelf { shelf: shelf.to_owned(), rows: self.rows, sha256 }
    }
}

fn shelves_of(report: &Report) -> Vec<Shelf> {
    report
        .shelves
        .iter()
        .map(|shelf| Shelf {
            shelf: shelf.shelf.to_owned(),
            rows: shelf.rows,
            sha256: shelf.sha256.to_string(),
        })
        .collect()
}
