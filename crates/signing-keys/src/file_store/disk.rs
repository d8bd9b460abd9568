//! Reading and writing safely: permissions, locks, durability, the revision witness.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use credential_model::ambient::{Entropy, random_id};

use super::format::StoreFile;
use crate::sealed::Vault;
use crate::store::KeyStoreError;

/// No honest key store is larger.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// The item name under which the witness is sealed.
const WITNESS_ID: &str = "revision-witness";

/// Revision, then a sealed empty item (nonce and tag).
const WITNESS_BYTES: usize = 8 + 24 + 16;

/// Reads the whole file, after looking at who else may read or replace it.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, KeyStoreError> {
    let file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => KeyStoreError::Missing,
        _ => KeyStoreError::Io(error),
    })?;
    // Of the opened file, not of the path: they may differ a moment later.
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(KeyStoreError::UnsafePermissions("not a regular file".into()));
    }
    check_file_mode(&metadata)?;
    check_directory(directory_of(path))?;
    if metadata.len() > MAX_FILE_BYTES {
        return Err(KeyStoreError::Damaged("larger than any key store".into()));
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes the store, then the witness. In this order: a crash in between leaves a witness
/// that is behind, which is allowed; the other order would refuse a good store.
pub(super) fn write(
    path: &Path,
    file: &StoreFile,
    vault: &Vault,
    entropy: &dyn Entropy,
) -> Result<(), KeyStoreError> {
    check_directory(directory_of(path))?;
    replace(path, &file.to_bytes(vault), entropy)?;
    let mut witness = file.revision.to_be_bytes().to_vec();
    witness.extend_from_slice(&vault.seal(WITNESS_ID, file.revision, b""));
    replace(&beside(path, ".revision"), &witness, entropy)
}

/// The bytes of the witness, if there is one.
pub(super) fn read_witness(path: &Path) -> Result<Option<Vec<u8>>, KeyStoreError> {
    let file = match File::open(beside(path, ".revision")) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut bytes = Vec::new();
    file.take(WITNESS_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// The highest revision the witness remembers; 0 without a witness.
pub(super) fn witnessed_revision(
    witness: Option<&[u8]>,
    vault: &Vault,
) -> Result<u64, KeyStoreError> {
    let Some(bytes) = witness else { return Ok(0) };
    let foreign =
        || KeyStoreError::Damaged("the revision witness belongs to another key store".into());
    if bytes.len() != WITNESS_BYTES {
        return Err(foreign());
    }
    let (revision, sealed) = bytes.split_first_chunk::<8>().ok_or_else(foreign)?;
    let revision = u64::from_be_bytes(*revision);
    vault.open_item(WITNESS_ID, revision, sealed).map_err(|_| foreign())?;
    Ok(revision)
}

/// Removes the witness, durably.
pub(super) fn forget_witness(path: &Path) -> Result<(), KeyStoreError> {
    match fs::remove_file(beside(path, ".revision")) {
        Ok(()) => sync_directory(directory_of(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Waits for its turn; released when the file is dropped, also by a crash.
pub(super) fn lock(path: &Path) -> Result<File, KeyStoreError> {
    let file = private_options().create(true).truncate(false).open(beside(path, ".lock"))?;
    file.lock()?;
    Ok(file)
}

/// Makes the directory of a new store, for its owner only.
pub(super) fn prepare_directory(path: &Path) -> Result<(), KeyStoreError> {
    let directory = directory_of(path);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(directory)?;
    check_directory(directory)
}

fn replace(path: &Path, bytes: &[u8], entropy: &dyn Entropy) -> Result<(), KeyStoreError> {
    let temporary = beside(path, &format!(".{}.tmp", random_id(entropy)));
    let written = write_new(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = written {
        // The first error is the one that matters.
        let _ = fs::remove_file(&temporary);
        return Err(error.into());
    }
    sync_directory(directory_of(path))
}

fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = private_options().create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Opens for writing; what is created is for its owner only.
fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> Result<(), KeyStoreError> {
    Ok(File::open(directory)?.sync_all()?)
}

/// Elsewhere a directory cannot be opened as a file; the rename is all there is.
#[cfg(not(unix))]
fn sync_directory(_directory: &Path) -> Result<(), KeyStoreError> {
    Ok(())
}

#[cfg(unix)]
fn check_file_mode(metadata: &fs::Metadata) -> Result<(), KeyStoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeyStoreError::UnsafePermissions(format!(
            "the file has mode {:03o}, it must be for its owner only (600)",
            mode & 0o777
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_file_mode(_metadata: &fs::Metadata) -> Result<(), KeyStoreError> {
    Ok(())
}

/// Where everybody may write, everybody may replace; the sticky bit (as on `/tmp`) forbids.
#[cfg(unix)]
fn check_directory(directory: &Path) -> Result<(), KeyStoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(directory)?.permissions().mode();
    if mode & 0o002 != 0 && mode & 0o1000 == 0 {
        return Err(KeyStoreError::UnsafePermissions(format!(
            "everybody may write in its directory (mode {:04o})",
            mode & 0o7777
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_directory(_directory: &Path) -> Result<(), KeyStoreError> {
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `keys.bin` and `.lock` give `keys.bin.lock`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
