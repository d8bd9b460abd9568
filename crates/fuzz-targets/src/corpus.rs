//! Seeds on disk: `corpus/<target>/`, a few kB each, fictitious people only.

use std::path::PathBuf;

/// The folder of a target's checked-in seeds.
#[must_use]
pub fn folder(target: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// The checked-in seeds of a target, in the order of their names; none when there is no folder.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder(target)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
}
