//! Rows of one form: the second and every further one is bytes put into holes.

use std::collections::HashMap;

use credential_model::moment::Moment;
use credential_proofs::data_integrity::{BulkForm, BulkIssuer, Filled};
use serde_json::Value;

use super::document::{Cells, moment};

/// Most forms of a chunk that get a mould.
const MAX_MOULDS: usize = 16;
/// So many rows of a form are made singly: learning a form costs as much as some twenty rows.
const FIRST_ROWS: usize = 2;
/// Cells that say more than their own place does: the kind fills members of its own, and a badge
/// is named after its achievement.
const DECIDING: [&str; 2] = ["kind", "achievement.name"];

/// What every row has of its own, besides its cells.
pub(super) struct Own<'r> {
    /// The `id` of the document.
    pub(super) id: &'r str,
    /// The `id` of its status entry.
    pub(super) entry: &'r str,
    /// Its place in the list.
    pub(super) index: &'r str,
}

/// The form of documents whose rows have the same cells and the same deciding texts.
pub(super) struct Mould {
    form: BulkForm<'static>,
    /// As the record shows it.
    pub(super) kind: Option<String>,
    /// As the record shows it.
    pub(super) valid_until: Option<Moment>,
    /// Whether a row that the mould was not made from came out of it as it does singly.
    proven: bool,
}

enum Place {
    Seen(usize),
    Known(Box<Mould>),
    /// Its rows are made singly.
    None,
}

/// The moulds of a chunk.
#[derive(Default)]
pub(super) struct Moulds {
    places: HashMap<Vec<String>, Place>,
    made: usize,
}

/// What the form of a document follows from.
fn shape(cells: &Cells) -> Vec<String> {
    let mut shape: Vec<String> = cells.keys().cloned().collect();
    shape.extend(DECIDING.iter().filter_map(|field| cells.get(*field).cloned()));
    shape
}

/// The texts of a row in the order of [`holes`].
fn texts<'r>(own: &Own<'r>, cells: &'r Cells, awarded: &'r str) -> Vec<&'r str> {
    let mut texts = vec![own.id, own.entry, own.index];
    let free = cells.iter().filter(|(field, _)| !DECIDING.contains(&field.as_str()));
    texts.extend(free.map(|(field, cell)| match field.as_str() {
        "awardedDate" => awarded,
        _ => cell.as_str(),
    }));
    texts
}

/// Where the texts of a row stand in its document.
fn holes(cells: &Cells) -> Vec<Vec<&str>> {
    let mut holes = vec![
        vec!["id"],
        vec!["credentialStatus", "id"],
        vec!["credentialStatus", "statusListIndex"],
    ];
    let free = cells.keys().filter(|field| !DECIDING.contains(&field.as_str()));
    holes.extend(free.map(|field| match field.as_str() {
        "awardedDate" => vec!["awardedDate"],
        field => std::iter::once("credentialSubject").chain(field.split('.')).collect(),
    }));
    holes
}

/// A date as documents have it.
fn awarded(cells: &Cells) -> Option<String> {
    match cells.get("awardedDate") {
        Some(text) => moment(text).map(|moment| moment.to_string()),
        None => Some(String::new()),
    }
}

impl Moulds {
    /// The mould for a row; `None` when the row is to be made singly.
    pub(super) fn find(&self, cells: &Cells) -> Option<&Mould> {
        match self.places.get(&shape(cells)) {
            Some(Place::Known(mould)) => Some(mould),
            _ => None,
        }
    }

    /// Takes note of a row that is made singly, learns its form and proves it. `true` when that form will
    /// never have a mould.
    pub(super) fn note(
        &mut self,
        bulk: &BulkIssuer<'static>,
        own: &Own<'_>,
        cells: &Cells,
        document: &Value,
    ) -> bool {
        let shape = shape(cells);
        if self.places.len() >= 1_024 && !self.places.contains_key(&shape) {
            return true;
        }
        let place = self.places.entry(shape).or_insert(Place::Seen(0));
        match place {
            Place::None => return true,
            Place::Known(mould) => {
                // Made singly to prove the mould, or because its texts do not go into it.
                if !mould.proven {
                    match mould.agrees(bulk, own, cells, document) {
                        Some(true) => mould.proven = true,
                        Some(false) => *place = Place::None,
                        None => {}
                    }
                }
            }
            Place::Seen(count) if *count < FIRST_ROWS => *count += 1,
            Place::Seen(_) if self.made >= MAX_MOULDS => *place = Place::None,
            Place::Seen(_) => {
                self.made += 1;
                *place = match Mould::make(bulk, own, cells, document) {
                    Some(mould) => Place::Known(Box::new(mould)),
                    None => Place::None,
                };
            }
        }
        matches!(place, Place::None)
    }
}

impl Mould {
    fn make(
        bulk: &BulkIssuer<'static>,
        own: &Own<'_>,
        cells: &Cells,
        document: &Value,
    ) -> Option<Self> {
        let holes = holes(cells);
        let awarded = awarded(cells)?;
        // A hole is where exactly this row's text stands.
        for (path, text) in holes.iter().zip(texts(own, cells, &awarded)) {
            let place = path.iter().try_fold(document, |value, name| value.get(name))?;
            if place.as_str() != Some(text) {
                return None;
            }
        }
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
        Some(Self {
            form: bulk.form(document, &holes)?,
            kind: text("/credentialSubject/achievement/humanCode").map(str::to_owned),
            valid_until: text("/validUntil").and_then(|until| Moment::parse(until).ok()),
            proven: false,
        })
    }

    /// The row's document, ready to be signed; `None` when it is to be made singly.
    pub(super) fn fill(&self, own: &Own<'_>, cells: &Cells) -> Option<Filled<'_>> {
        if self.proven { self.filled(own, cells) } else { None }
    }

    fn filled(&self, own: &Own<'_>, cells: &Cells) -> Option<Filled<'_>> {
        let awarded = awarded(cells)?;
        self.form.fill(&texts(own, cells, &awarded))
    }

    /// Whether both ways lead to the same document; `None` when only one leads anywhere.
    fn agrees(
        &self,
        bulk: &BulkIssuer<'static>,
        own: &Own<'_>,
        cells: &Cells,
        document: &Value,
    ) -> Option<bool> {
        let filled = self.filled(own, cells)?;
        let single = bulk.prepare(document).ok()?;
        let mut text = String::new();
        let signature = [7; 64];
        filled.seal_into(&signature, &mut text);
        let same = filled.signing_input() == single.signing_input();
        Some(same && single.seal(&signature) == text)
    }
}

#[cfg(test)]
mod tests;
