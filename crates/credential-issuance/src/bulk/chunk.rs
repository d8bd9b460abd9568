//! Rows in chunks: what the check found, then what became of them.

use std::collections::BTreeMap;

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use super::job::Progress;
use crate::ids::{Digest, JobId, ListId};

/// What is wrong with a row: which column, and a stable code. Never the cell's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFinding {
    /// The column as the file names it, or the place in the document; absent for the row as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// A stable code, such as `cell_formula`.
    pub code: String,
}

impl RowFinding {
    /// About a column.
    pub fn at(column: &str, code: &str) -> Self {
        Self { column: Some(column.to_owned()), code: code.to_owned() }
    }

    /// About the row.
    pub fn row(code: &str) -> Self {
        Self { column: None, code: code.to_owned() }
    }
}

/// One row.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// Checked and waiting: cells by field. Gone once the row is issued.
    Ready(BTreeMap<String, String>),
    /// There is a credential; its id and offer follow from job and row number.
    Issued,
    /// The content is not acceptable.
    Refused(Vec<RowFinding>),
    /// The content is fine, no credential was made.
    Held(String),
}

// Cells are personal data.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ready(_) => f.write_str("Ready"),
            Self::Issued => f.write_str("Issued"),
            Self::Refused(findings) => f.debug_tuple("Refused").field(findings).finish(),
            Self::Held(code) => f.debug_tuple("Held").field(code).finish(),
        }
    }
}

/// Status entries reserved for the ready rows of a chunk: consecutive values of a list's counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// The list.
    pub list: ListId,
    /// First value of the counter.
    pub first: u64,
}

/// Who works on a chunk, and until when nobody else takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimMark {
    /// Differs in every run of every replica.
    pub worker: String,
    /// Differs in every claim.
    pub token: String,
    /// When others may take the chunk over.
    pub until: Moment,
}

/// A chunk without its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkHead {
    /// The job.
    pub job: JobId,
    /// Its number, from 0; its first row is `number * CHUNK_ROWS`.
    pub number: u32,
    /// Rows in it.
    pub rows: u64,
    /// Rows the check found ready.
    pub ready: u64,
    /// Reserved by the first claim; a later claim, after a crash, finds the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<Places>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimMark>,
    /// What became of its rows; present once it is committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Progress>,
    /// Root over its leaves; absent when it issued nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Digest>,
}

impl ChunkHead {
    /// A chunk fresh from the check.
    pub fn checked(job: &JobId, number: u32, rows: &[Row]) -> Self {
        let ready = rows.iter().filter(|row| matches!(row, Row::Ready(_))).count() as u64;
        let rows = rows.len() as u64;
        Self {
            job: job.clone(),
            number,
            rows,
            ready,
            places: None,
            claim: None,
            done: None,
            root: None,
        }
    }
}

/// What became of rows.
pub fn tally(rows: &[Row]) -> Progress {
    let mut sum = Progress { chunks: 1, ..Progress::default() };
    for row in rows {
        match row {
            Row::Issued => sum.issued += 1,
            Row::Refused(_) => sum.refused += 1,
            Row::Held(_) | Row::Ready(_) => sum.held += 1,
        }
    }
    sum
}
