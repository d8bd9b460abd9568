//! From the cells of a row to the document that is signed.

use std::collections::{BTreeMap, HashMap};

use credential_model::catalogue::{self, BuildError, CredentialType, DocumentParts, RuleViolation};
use credential_model::forbidden;
use credential_model::kinds::QualificationKind;
use credential_model::moment::Moment;
use serde_json::{Map, Value, json};
use status_lists::StatusEntry;
use unicode_normalization::UnicodeNormalization as _;

use super::chunk::RowFinding;
use super::columns::{Columns, Field};
use super::job::Plan;
use super::store::RowKey;
use crate::credential::complete_subject;
use crate::ids::Digest;

/// Most characters of a cell.
const MAX_CELL: usize = 2_000;

/// Everything but the row that a document follows from; shared by threads.
#[derive(Debug, Clone)]
pub(super) struct Maker {
    pub(super) plan: Plan,
    pub(super) profile: Value,
    pub(super) public_url: String,
    /// Kinds by code; those that are unknown or not this issuer's to give are absent.
    pub(super) kinds: HashMap<String, QualificationKind>,
    /// Codes that are in the catalogue and that this issuer may not give.
    pub(super) barred: Vec<String>,
}

/// The cells of a row by field, as they are stored until the row is issued.
pub(super) type Cells = BTreeMap<String, String>;

/// Puts cells under their fields, or says what is wrong with them.
pub(super) fn cells(columns: &Columns, row: &[Option<String>]) -> Result<Cells, Vec<RowFinding>> {
    if row.len() != columns.fields.len() {
        return Err(vec![RowFinding::row("row_malformed")]);
    }
    let mut cells = Cells::new();
    let mut findings = Vec::new();
    for ((cell, field), name) in row.iter().zip(&columns.fields).zip(&columns.names) {
        match cell.as_deref().map_or(Err("cell_not_text"), cell_text) {
            Ok(text) if text.is_empty() => {}
            Ok(text) => drop(cells.insert(field.name().to_owned(), text)),
            Err(code) => findings.push(RowFinding::at(name, code)),
        }
    }
    if findings.is_empty() { Ok(cells) } else { Err(findings) }
}

/// A cell in NFC, its line breaks as spaces.
fn cell_text(cell: &str) -> Result<String, &'static str> {
    if cell.contains('\0') {
        return Err("cell_nul");
    }
    if forbidden::find_in_text(cell).is_some() {
        return Err("cell_forbidden_number");
    }
    // What a spreadsheet would run when somebody opens our outcome file.
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return Err("cell_formula");
    }
    let words: Vec<&str> =
        cell.split(['\n', '\r']).map(str::trim).filter(|w| !w.is_empty()).collect();
    let text: String = words.join(" ").nfc().collect();
    if text.chars().any(char::is_control) {
        return Err("cell_control_character");
    }
    if text.chars().count() > MAX_CELL { Err("cell_too_long") } else { Ok(text) }
}

/// The identity of a row, whatever file it stands in and however that orders its columns.
pub(super) fn row_key(secret: &[u8; 32], plan: &Plan, cells: &Cells) -> RowKey {
    let kind = cells.get("kind").or(plan.kind.as_ref()).map(String::as_str).unwrap_or_default();
    let mut parts: Vec<&[u8]> =
        vec![b"bulk row", plan.credential_type.type_name().as_bytes(), kind.as_bytes()];
    for (field, cell) in cells.iter().filter(|(field, _)| *field != "kind") {
        parts.push(field.as_bytes());
        parts.push(cell.as_bytes());
    }
    let mut key = [0; 16];
    key.copy_from_slice(&Digest::keyed(secret, &parts).0[..16]);
    key
}

impl Maker {
    /// The document of a row, checked against everything its type demands.
    pub(super) fn document(
        &self,
        cells: &Cells,
        id: &str,
        valid_from: Moment,
        status: &StatusEntry,
        columns: Option<&Columns>,
    ) -> Result<Value, Vec<RowFinding>> {
        let named = |field: &Field, code: &str| {
            let name = columns.and_then(|columns| {
                let at = columns.fields.iter().position(|known| known == field)?;
                columns.names.get(at).cloned()
            });
            vec![RowFinding { column: name, code: code.to_owned() }]
        };
        let badge = self.plan.credential_type == CredentialType::QualificationBadge;
        let kind = match cells.get("kind").or(self.plan.kind.as_ref()) {
            Some(code) if self.barred.contains(code) => {
                return Err(named(&Field::Kind, "kind_not_entitled"));
            }
            Some(code) => match self.kinds.get(code) {
                Some(kind) => Some(kind),
                None => return Err(named(&Field::Kind, "kind_unknown")),
            },
            None if badge => return Err(named(&Field::Kind, "kind_missing")),
            None => None,
        };
        let awarded = match cells.get("awardedDate").map(|text| moment(text)) {
            Some(None) => return Err(named(&Field::AwardedDate, "date_malformed")),
            Some(Some(moment)) => Some(moment),
            None if badge => return Err(named(&Field::AwardedDate, "date_missing")),
            None => None,
        };
        let subject = complete_subject(
            self.plan.credential_type,
            subject(cells)?,
            kind,
            None,
            &self.public_url,
        );
        let entry_id = format!("{}#{}", status.list, status.index);
        let parts = DocumentParts {
            status: Some(status.to_credential_status(&entry_id)),
            awarded_date: awarded,
            ..DocumentParts::new(id, self.profile.clone(), valid_from, subject)
        };
        let finding = |violation: &RuleViolation| {
            let column = columns.and_then(|columns| columns.of_pointer(&violation.pointer));
            let column = column.map_or_else(|| violation.pointer.clone(), str::to_owned);
            RowFinding { column: Some(column), code: violation.code.to_owned() }
        };
        match catalogue::build_document(self.plan.credential_type, parts) {
            Ok(document) => Ok(document),
            Err(BuildError::Invalid(violations)) => {
                Err(violations.iter().take(20).map(finding).collect())
            }
            Err(error) => Err(vec![RowFinding::row(error.code())]),
        }
    }
}

/// A date, or a date-time with offset. Dates in Korean records are days in Korea.
pub(super) fn moment(text: &str) -> Option<Moment> {
    let text = if text.len() == 10 { format!("{text}T00:00:00+09:00") } else { text.to_owned() };
    Moment::parse(&text).ok()
}

fn subject(cells: &Cells) -> Result<Value, Vec<RowFinding>> {
    let mut subject = Value::Object(Map::new());
    for (field, cell) in cells.iter().filter(|(f, _)| !matches!(f.as_str(), "kind" | "awardedDate"))
    {
        let mut place = &mut subject;
        for part in field.split('.') {
            let Some(members) = place.as_object_mut() else {
                // `a` and `a.b` cannot both have a value.
                return Err(vec![RowFinding::at(field, "column_conflict")]);
            };
            place = members.entry(part).or_insert_with(|| json!({}));
        }
        *place = Value::String(cell.clone());
    }
    Ok(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cleaned_or_refused() {
        assert_eq!(cell_text(" 홍길동 \r\n (가상인물) ").as_deref(), Ok("홍길동 (가상인물)"));
        assert_eq!(cell_text("\u{1112}\u{1169}\u{11bc}").as_deref(), Ok("홍"), "NFC");
        let refused = [
            ("a\0b", "cell_nul"),
            ("비고 900101-1234567 확인", "cell_forbidden_number"),
            ("=HYPERLINK(\"x\")", "cell_formula"),
            ("+1", "cell_formula"),
            ("@x", "cell_formula"),
            ("\tx", "cell_formula"),
            ("a\u{7}b", "cell_control_character"),
        ];
        for (cell, code) in refused {
            assert_eq!(cell_text(cell), Err(code), "{cell:?}");
        }
        assert_eq!(cell_text(&"가".repeat(2_001)), Err("cell_too_long"));
    }

    #[test]
    fn a_row_is_the_same_row_in_another_order_of_columns() {
        let plan = |kind: Option<&str>| Plan {
            credential_type: CredentialType::QualificationBadge,
            kind: kind.map(str::to_owned),
            claim_seconds: 1,
        };
        let cells = |pairs: &[(&str, &str)]| -> Cells {
            pairs.iter().map(|(f, c)| ((*f).to_owned(), (*c).to_owned())).collect()
        };
        let one = row_key(&[1; 32], &plan(Some("1320")), &cells(&[("a", "x"), ("b", "y")]));
        assert_eq!(
            one,
            row_key(&[1; 32], &plan(None), &cells(&[("b", "y"), ("kind", "1320"), ("a", "x")]))
        );
        assert_ne!(one, row_key(&[1; 32], &plan(Some("1321")), &cells(&[("a", "x"), ("b", "y")])));
        assert_ne!(one, row_key(&[2; 32], &plan(Some("1320")), &cells(&[("a", "x"), ("b", "y")])));
        assert_ne!(one, row_key(&[1; 32], &plan(Some("1320")), &cells(&[("a", "xb"), ("b", "y")])));
    }

    #[test]
    fn a_place_and_a_place_inside_it_conflict() {
        let cells: Cells =
            [("a", "1"), ("a.b", "2")].map(|(f, c)| (f.to_owned(), c.to_owned())).into();
        assert_eq!(subject(&cells).unwrap_err()[0].code, "column_conflict");
    }
}
