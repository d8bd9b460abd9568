//! Files that hold a secret: one line, readable by their owner alone.
use std::{
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// Why a secret file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PrivateFileError {
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
}

/// The line in the file; refuses a file that others may read.
pub(crate) fn read(path: &Path, at_least: usize) -> Result<String, PrivateFileError> {
    let unreadable = |source| PrivateFileError::Unreadable { path: path.to_owned(), source };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    // Asked of the open file, not of the path: nobody can swap it in between.
    if file.metadata().map_err(unreadable)?.mode() & 0o077 != 0 {
        return Err(PrivateFileError::Open(path.to_owned()));
    }
    let mut text = String::new();
    file.by_ref().take(2048).read_to_string(&mut text).map_err(unreadable)?;
    let line = text.trim_end_matches(['\n', '\r']);
    let length = line.chars().count();
    if !(at_least..=1024).contains(&length) || line.chars().any(char::is_control) {
        return Err(PrivateFileError::Content(path.to_owned(), at_least));
    }
    Ok(line.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_a_private_line_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        std::fs::write(&path, "correct horse\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read(&path, 8).unwrap(), "correct horse");
        assert!(matches!(read(&path, 40), Err(PrivateFileError::Content(..))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(read(&path, 8), Err(PrivateFileError::Open(_))));
        let none = directory.path().join("none");
        assert!(matches!(read(&none, 8), Err(PrivateFileError::Unreadable { .. })));
    }
}
