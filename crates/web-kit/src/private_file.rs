//! Files that hold a secret: one line, readable by their owner alone.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Why a secret file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateFileError {
    /// Missing or unreadable.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others may read it.
    #[error("{0} may be read by others: its mode must be 0600")]
    Open(PathBuf),
    /// Empty, too long or not one line of text.
    #[error("{0} must hold one line of {1} to 1024 characters")]
    Content(PathBuf, usize),
    /// It could not be made.
    #[error("{path} cannot be written: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl PrivateFileError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "secret_unreadable",
            Self::Open(_) => "secret_open_to_others",
            Self::Content(..) => "secret_malformed",
            Self::Unwritable { .. } => "secret_unwritable",
        }
    }
}

/// The line in the file, at least so many characters; refuses a file that others may read.
pub fn read(path: &Path, at_least: usize) -> Result<String, PrivateFileError> {
    let unreadable = |source| PrivateFileError::Unreadable { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    // Asked of the open file, not of the path: nobody can swap it in between.
    let mode = file.metadata().map_err(unreadable)?.mode();
    if mode & 0o077 != 0 {
        return Err(PrivateFileError::Open(path.to_owned()));
    }
    let mut text = String::new();
    std::io::Read::take(&file, 2048).read_to_string(&mut text).map_err(unreadable)?;
    let line = text.trim_end_matches(['\n', '\r']);
    let length = line.chars().count();
    if !(at_least..=1024).contains(&length) || line.chars().any(char::is_control) {
        return Err(PrivateFileError::Content(path.to_owned(), at_least));
    }
    Ok(line.to_owned())
}

/// Writes a new file of mode 0600; answers `false` when one is there already.
pub fn create(path: &Path, line: &str) -> Result<bool, PrivateFileError> {
    let unwritable = |source| PrivateFileError::Unwritable { path: path.to_owned(), source };
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory).map_err(unwritable)?;
    }
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(unwritable(error)),
    };
    writeln!(file, "{line}").and_then(|()| file.sync_all()).map_err(unwritable)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_secret_is_written_once_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/token");
        assert!(create(&path, "0123456789abcdef").unwrap());
        assert!(!create(&path, "other").unwrap());
        assert_eq!(read(&path, 16).unwrap(), "0123456789abcdef");
        assert!(matches!(read(&path, 17), Err(PrivateFileError::Content(..))));
    }

    #[test]
    fn a_file_others_may_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        create(&path, "0123456789abcdef").unwrap();
        for mode in [0o644, 0o640, 0o604] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read(&path, 1), Err(PrivateFileError::Open(_))), "{mode:o}");
        }
        assert!(matches!(
            read(&directory.path().join("none"), 1),
            Err(PrivateFileError::Unreadable { .. })
        ));
    }
}
