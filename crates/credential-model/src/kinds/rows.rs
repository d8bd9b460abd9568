//! From a raw row, whatever file it came from, to a kind of qualification.

use std::collections::{BTreeMap, BTreeSet};

use super::{CodedName, Grade, ImportOutcome, QualificationKind, RefusedRow};
use crate::forbidden;

/// Longest name taken, in characters.
const MAX_NAME: usize = 100;
/// Longest code of a group, series or job field.
const MAX_CODE: usize = 10;

/// The fields of a row by their Q-Net names in lower case.
pub(super) type RawRow = BTreeMap<String, String>;

/// Takes rows one by one; a bad one is refused and the next one looked at.
#[derive(Default)]
pub(super) struct Taker {
    outcome: ImportOutcome,
    seen: BTreeSet<String>,
    row: usize,
}

impl Taker {
    pub(super) fn take(&mut self, row: &RawRow) {
        self.row += 1;
        match kind(row) {
            Ok(kind) if self.seen.contains(&kind.code) => {
                self.push_refusal("duplicate_code", "the code occurred in an earlier row");
            }
            Ok(kind) => {
                self.seen.insert(kind.code.clone());
                self.outcome.kinds.push(kind);
            }
            Err((reason_code, detail)) => self.push_refusal(reason_code, detail),
        }
    }

    /// Counts a row that could not even be split into fields.
    pub(super) fn refuse(&mut self, reason_code: &'static str, detail: &str) {
        self.row += 1;
        self.push_refusal(reason_code, detail);
    }

    #[cfg(feature = "schema-check")]
    pub(super) fn rows(&self) -> usize {
        self.row
    }

    pub(super) fn finish(self) -> ImportOutcome {
        self.outcome
    }

    fn push_refusal(&mut self, reason_code: &'static str, detail: &str) {
        self.outcome.refused.push(RefusedRow {
            row: self.row,
            reason_code,
            detail: detail.to_owned(),
        });
    }
}

type Refusal = (&'static str, &'static str);

fn kind(row: &RawRow) -> Result<QualificationKind, Refusal> {
    if row.values().any(|value| forbidden::find_in_text(value).is_some()) {
        return Err(("forbidden_number", "a field holds a number that may never be stored"));
    }
    let code = text(row, "jmcd")?.ok_or(("code_missing", "jmcd is empty"))?;
    if code.len() != 4 || !code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return Err((
            "code_malformed",
            "jmcd has four digits or capital letters (spreadsheets drop leading zeros)",
        ));
    }
    let name_ko = text(row, "jmfldnm")?.ok_or(("name_missing", "jmfldnm is empty"))?;
    if name_ko.starts_with(['=', '+', '-', '@']) {
        return Err(("name_suspicious", "jmfldnm starts like a spreadsheet formula"));
    }
    let grade = match text(row, "grade")? {
        Some(grade) => Some(
            serde_json::from_value(serde_json::Value::String(grade))
                .map_err(|_| ("grade_unknown", "grade is not one of the known codes"))?,
        ),
        None => grade_of(&name_ko, text(row, "seriesnm")?.as_deref()),
    };
    Ok(QualificationKind {
        code,
        name_en: text(row, "name_en")?,
        grade,
        group: pair(row, "qualgbcd", "qualgbnm")?,
        series: pair(row, "seriescd", "seriesnm")?,
        field_large: pair(row, "obligfldcd", "obligfldnm")?,
        field_middle: pair(row, "mdobligfldcd", "mdobligfldnm")?,
        name_ko,
    })
}

fn grade_of(name: &str, series: Option<&str>) -> Option<Grade> {
    Grade::from_korean_name(name).or_else(|| Grade::from_korean_name(series?))
}

/// A field trimmed and NFC-normalised; `None` when empty.
fn text(row: &RawRow, field: &str) -> Result<Option<String>, Refusal> {
    let Some(value) = row.get(field) else { return Ok(None) };
    let value: String = crate::unicode::nfc(value.trim());
    if value.chars().any(is_unprintable) {
        return Err(("control_character", "a field holds a control or direction character"));
    }
    if value.chars().count() > MAX_NAME {
        return Err(("field_too_long", "a field is longer than 100 characters"));
    }
    Ok((!value.is_empty()).then_some(value))
}

fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffd}')
}

fn pair(row: &RawRow, code: &str, name: &str) -> Result<Option<CodedName>, Refusal> {
    match (text(row, code)?, text(row, name)?) {
        (None, None) => Ok(None),
        (Some(code), _) if code.len() > MAX_CODE => {
            Err(("field_too_long", "a code is longer than 10 characters"))
        }
        (code, name) => {
            Ok(Some(CodedName { code: code.unwrap_or_default(), name: name.unwrap_or_default() }))
        }
    }
}
