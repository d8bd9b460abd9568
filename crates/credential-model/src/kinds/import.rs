//! Import of the Q-Net list as JSON, and what all imports share.

use serde_json::Value;

use super::ImportOutcome;
use super::rows::{RawRow, Taker};
use crate::json::{self, JsonError, Limits};

/// Longest file read, in bytes.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Most rows read.
pub const MAX_ROWS: usize = 100_000;

/// Why a whole import failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Longer than [`MAX_BYTES`].
    #[error("the file is longer than {MAX_BYTES} bytes")]
    TooLarge,
    /// More than [`MAX_ROWS`].
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// Neither UTF-8 nor CP949.
    #[error("the file is neither UTF-8 nor CP949 text")]
    NotText,
    /// Not acceptable JSON.
    #[error("the file is not acceptable JSON")]
    Json(#[from] JsonError),
    /// Not well-formed XML, or XML with a document type declaration.
    #[error("the file is not acceptable XML near byte {at}")]
    Xml {
        /// Byte position.
        at: u64,
    },
    /// Well-formed, but without `body/items`.
    #[error("the file is not a Q-Net list: no body/items")]
    NotAList,
    /// The service answered with an error instead of a list.
    #[error("the service answered with result code {code}")]
    ServiceError {
        /// Its `resultCode`, at most 16 characters.
        code: String,
    },
    /// The CSV header lacks a column that every kind needs.
    #[error("the header has no column for {column}")]
    MissingColumn {
        /// Q-Net name of the column.
        column: &'static str,
    },
    /// The CSV header names a column twice, or holds a forbidden or absurd number of columns.
    #[error("the header is not acceptable: {reason}")]
    BadHeader {
        /// What is wrong, in fixed words.
        reason: &'static str,
    },
}

impl ImportError {
    /// Stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "kinds_too_large",
            Self::TooManyRows => "kinds_too_many_rows",
            Self::NotText => "kinds_not_text",
            Self::Json(error) => error.code(),
            Self::Xml { .. } => "kinds_xml_malformed",
            Self::NotAList => "kinds_not_a_list",
            Self::ServiceError { .. } => "kinds_service_error",
            Self::MissingColumn { .. } => "kinds_missing_column",
            Self::BadHeader { .. } => "kinds_bad_header",
        }
    }
}

/// Imports the Q-Net list as JSON: `response.body.items.item`, also without `response`,
/// with `items` being the list itself, and with a single item instead of a list, as the
/// service answers at times.
///
/// # Errors
/// [`ImportError`] when the file as a whole cannot be read; refused rows are in the outcome.
pub fn import_json(bytes: &[u8]) -> Result<ImportOutcome, ImportError> {
    if bytes.len() > MAX_BYTES {
        return Err(ImportError::TooLarge);
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    let file = json::parse_strict(bytes, &Limits { max_bytes: MAX_BYTES, max_depth: 16 })?;
    let root = file.get("response").unwrap_or(&file);
    if let Some(code) = root.pointer("/header/resultCode") {
        service_result(&scalar(code, 0).unwrap_or_default())?;
    }
    let items = match &file {
        Value::Array(_) => &file,
        _ => root.pointer("/body/items").ok_or(ImportError::NotAList)?,
    };
    let items = items.get("item").unwrap_or(items);
    let single;
    let items = match items {
        Value::Array(items) => items.as_slice(),
        Value::Object(_) => {
            single = [items.clone()];
            &single
        }
        // An empty list is written as "" by the service.
        Value::String(text) if text.is_empty() => &[],
        Value::Null => &[],
        _ => return Err(ImportError::NotAList),
    };
    if items.len() > MAX_ROWS {
        return Err(ImportError::TooManyRows);
    }
    let mut taker = Taker::default();
    for item in items {
        match item.as_object() {
            Some(members) => {
                let row: Option<RawRow> = members
                    .iter()
                    .map(|(name, value)| {
                        let name = name.to_lowercase();
                        let width = if name == "jmcd" { 4 } else { 2 };
                        Some((name, scalar(value, width)?))
                    })
                    .collect();
                match row {
                    Some(row) => taker.take(&row),
                    None => taker.refuse("row_malformed", "a field is neither text nor number"),
                }
            }
            None => taker.refuse("row_malformed", "the row is not an object"),
        }
    }
    Ok(taker.finish())
}

/// A field as text. Codes written as JSON numbers lost their leading zeros: they are put
/// back up to `width` digits.
fn scalar(value: &Value, width: usize) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(format!("{:0>width$}", number.to_string())),
        _ => None,
    }
}

/// `00` is success; everything else is an answer about the service, not a list.
pub(super) fn service_result(code: &str) -> Result<(), ImportError> {
    let code = code.trim();
    if matches!(code, "" | "0" | "00") {
        Ok(())
    } else {
        let code = code.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
        Err(ImportError::ServiceError { code })
    }
}
