//! Configuration: one TOML file, overlaid by environment variables, unknown keys refused.
//!
//! A variable `PREFIX__SECTION__KEY=value` replaces `section.key`. Secrets are never
//! values of their own: a key names the file that holds them.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is missing or unreadable.
    #[error("the configuration {path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no TOML, or a key is unknown, missing or of the wrong type.
    #[error("the configuration {path} is not usable: {reason}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The place and the reason.
        reason: String,
    },
}

impl ConfigError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "config_unreadable",
            Self::Invalid { .. } => "config_invalid",
        }
    }
}

/// Reads `path` and the variables that start with `prefix` followed by `__`.
pub fn load_config<T: DeserializeOwned>(path: &Path, prefix: &str) -> Result<T, ConfigError> {
    let variables = std::env::vars().filter(|(name, _)| name.starts_with(prefix));
    load_config_with(path, prefix, variables)
}

/// As [`load_config`], with the variables as an argument.
pub fn load_config_with<T: DeserializeOwned>(
    path: &Path,
    prefix: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<T, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    let invalid = |reason: String| ConfigError::Invalid { path: path.to_owned(), reason };
    let mut table: toml::Table = toml::from_str(&text).map_err(|e| invalid(e.to_string()))?;
    for (name, value) in variables {
        let Some(rest) = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix("__")) else {
            continue;
        };
        let keys: Vec<String> = rest.split("__").map(str::to_ascii_lowercase).collect();
        overlay(&mut table, &keys, &value)
            .map_err(|reason| invalid(format!("{name}: {reason}")))?;
    }
    toml::Value::Table(table).try_into().map_err(|e: toml::de::Error| invalid(e.to_string()))
}

fn overlay(table: &mut toml::Table, keys: &[String], value: &str) -> Result<(), String> {
    let Some((last, sections)) = keys.split_last() else {
        return Err("names no key".to_owned());
    };
    let mut place = table;
    for section in sections {
        let entry =
            place.entry(section.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        place = entry.as_table_mut().ok_or_else(|| format!("{section} is no section"))?;
    }
    // What the file already holds decides the type; otherwise a TOML literal, else text.
    let parsed = match place.get(last) {
        Some(toml::Value::String(_)) => toml::Value::String(value.to_owned()),
        _ => toml::from_str::<toml::Table>(&format!("v = {value}"))
            .ok()
            .and_then(|mut parsed| parsed.remove("v"))
            .unwrap_or_else(|| toml::Value::String(value.to_owned())),
    };
    place.insert(last.clone(), parsed);
    Ok(())
}
