//! Names of types, fields and coded values in Korean and English.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::CredentialType;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalizedPair {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

impl LocalizedPair {
    /// The Korean text for `ko` (and `ko-KR`), the English one otherwise.
    #[must_use]
    pub fn in_language(&self, lang: &str) -> &str {
        if lang == "ko" || lang.starts_with("ko-") || lang.starts_with("ko_") {
            &self.ko
        } else {
            &self.en
        }
    }
}

/// The content of `labels.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// Name of the type.
    pub name: LocalizedPair,
    /// One sentence about the type.
    pub description: LocalizedPair,
    /// Claim path (`person.name`, `records[].courseName`) → label.
    pub fields: BTreeMap<String, LocalizedPair>,
    /// Claim path → code → what the code means (`completion` → `COMPLETED` → 수료).
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, LocalizedPair>>,
}

impl Labels {
    /// The label of a claim path; array indices may be written as `[]`, `[0]` or `.0`.
    #[must_use]
    pub fn field(&self, path: &str, lang: &str) -> Option<&str> {
        self.fields.get(&normal_path(path)).map(|pair| pair.in_language(lang))
    }

    /// What a coded value means at a claim path.
    #[must_use]
    pub fn value(&self, path: &str, code: &str, lang: &str) -> Option<&str> {
        self.values.get(&normal_path(path))?.get(code).map(|pair| pair.in_language(lang))
    }
}

/// `records[0].courseName` and `records.0.courseName` → `records[].courseName`.
fn normal_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for part in path.split(['.', '[']) {
        let name = part.trim_end_matches(']');
        if name.is_empty() || name.bytes().all(|b| b.is_ascii_digit()) {
            out.push_str("[]");
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(name);
        }
    }
    out
}

pub(super) fn of(credential_type: CredentialType) -> &'static Labels {
    static ALL: OnceLock<BTreeMap<CredentialType, Labels>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        CredentialType::ALL
            .into_iter()
            .map(|t| {
                let labels = serde_json::from_str(t.info().labels)
                    .expect("embedded labels are read by a test of this crate");
                (t, labels)
            })
            .collect()
    });
    all.get(&credential_type).expect("every type has labels")
}
