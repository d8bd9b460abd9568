//! The catalogue of kinds of qualification: import and search.

use credential_model::forbidden;
use credential_model::kinds::{self, ImportError, ImportOutcome, QualificationKind};
use serde::Serialize;

use crate::Issuer;
use crate::audit::AuditAction;
use crate::store::{Page, StoreError};

/// In which form kinds arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// The Q-Net open API's list as XML.
    Xml,
    /// The same as JSON.
    Json,
    /// A CSV table with the same columns.
    Csv,
}

/// Why kinds were not imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KindsError {
    /// The document cannot be read at all.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A number that must never be recorded stands in it.
    #[error("the document contains what looks like a number that must never be recorded")]
    ForbiddenNumber,
    /// A kind's code or name is missing or too long.
    #[error(
        "a kind needs a code of 1 to 16 letters and digits and a Korean name of 1 to 100 characters"
    )]
    Malformed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl KindsError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Import(error) => error.code(),
            Self::ForbiddenNumber => "forbidden_number",
            Self::Malformed => "invalid_kind",
            Self::Store(error) => error.code(),
        }
    }
}

/// What an import did, row by row where a row was refused.
#[derive(Debug, Serialize)]
pub struct KindsOutcome {
    /// How many kinds were taken.
    pub imported: usize,
    /// The rows that were not.
    pub refused: Vec<RefusedKind>,
}

/// A row that was not taken.
#[derive(Debug, Serialize)]
pub struct RefusedKind {
    /// Its number in the document, from 1.
    pub row: usize,
    /// A stable code.
    pub code: String,
    /// A sentence.
    pub detail: String,
}

impl Issuer {
    /// Imports a list of kinds; good rows are taken, bad rows are named.
    pub async fn import_kinds(
        &self,
        format: ImportFormat,
        bytes: &[u8],
    ) -> Result<KindsOutcome, KindsError> {
        if forbidden::find_in_text(&String::from_utf8_lossy(bytes)).is_some() {
            return Err(KindsError::ForbiddenNumber);
        }
        let ImportOutcome { kinds, refused, .. } = match format {
            ImportFormat::Xml => kinds::import_xml(bytes)?,
            ImportFormat::Json => kinds::import_json(bytes)?,
            ImportFormat::Csv => kinds::import_csv(bytes)?,
        };
        if !kinds.is_empty() {
            let event =
                self.event("officer", AuditAction::KindsImported).about("count", kinds.len());
            self.store.put_kinds(&kinds, event).await?;
        }
        let refused = refused
            .into_iter()
            .map(|row| RefusedKind {
                row: row.row,
                code: row.reason_code.to_owned(),
                detail: row.detail,
            })
            .collect();
        Ok(KindsOutcome { imported: kinds.len(), refused })
    }

    /// Creates or replaces one kind.
    pub async fn put_kind(&self, kind: QualificationKind) -> Result<QualificationKind, KindsError> {
        let code_fine = (1..=16).contains(&kind.code.len())
            && kind.code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let name_fine = |name: &str| {
            !name.trim().is_empty()
                && name.chars().count() <= 100
                && !name.chars().any(char::is_control)
        };
        if !code_fine || !name_fine(&kind.name_ko) || !kind.name_en.as_deref().is_none_or(name_fine)
        {
            return Err(KindsError::Malformed);
        }
        let whole = serde_json::to_value(&kind).unwrap_or_default();
        if forbidden::find_in_value(&whole).is_some() {
            return Err(KindsError::ForbiddenNumber);
        }
        let event = self
            .event("officer", AuditAction::KindsImported)
            .about("count", 1)
            .about("kind", &kind.code);
        self.store.put_kinds(std::slice::from_ref(&kind), event).await?;
        Ok(kind)
    }

    /// The kind of this code.
    pub async fn kind(&self, code: &str) -> Result<Option<QualificationKind>, StoreError> {
        self.store.kind(code).await
    }

    /// Kinds in code order whose code or a name contains `search`, case aside; at most `limit`.
    pub async fn search_kinds(
        &self,
        search: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<QualificationKind>, StoreError> {
        let needle = search.trim().to_lowercase();
        let mut found = Vec::new();
        let mut after = after.map(str::to_owned);
        loop {
            let page = Page { after: after.as_deref(), limit: 500 };
            let kinds = self.store.kinds(page).await?;
            let Some(last) = kinds.last() else { return Ok(found) };
            after = Some(last.code.clone());
            for kind in kinds {
                let hit = needle.is_empty()
                    || kind.code.to_lowercase().contains(&needle)
                    || kind.name_ko.to_lowercase().contains(&needle)
                    || kind
                        .name_en
                        .as_deref()
                        .is_some_and(|name| name.to_lowercase().contains(&needle));
                if hit {
                    found.push(kind);
                    if found.len() >= limit {
                        return Ok(found);
                    }
                }
            }
        }
    }
}
