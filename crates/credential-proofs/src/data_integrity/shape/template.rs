//! A document with slots: which texts and whole numbers may differ between documents of one shape.

use std::borrow::Cow;
use std::collections::BTreeSet;

use credential_model::json::MAX_SAFE_INTEGER;
use serde_json::{Map, Number, Value};

/// Stands in a document and in its statements where a slot is.
const MARK: &str = "urn:x-sinpyo-slot:";
/// The same for whole numbers: this and the number of the slot.
const INTEGER_MARK: i64 = 4_503_599_627_000_000;
const INTEGER_PREFIX: &str = "4503599627";
/// What stands under these names decides how the rest is read.
const FIXED: [&str; 8] = [
    "@context",
    "@type",
    "type",
    "@language",
    "@direction",
    "@index",
    "cryptosuite",
    "proofPurpose",
];

/// The text that marks a slot.
pub(in crate::data_integrity) fn mark(number: usize) -> String {
    format!("{MARK}{number:08}:")
}

/// The whole number that marks a slot.
pub(in crate::data_integrity) fn integer_mark(number: usize) -> i64 {
    INTEGER_MARK + number as i64
}

/// Whether a text holds a mark: such a document is never learned.
pub(super) fn has_mark(text: &str) -> bool {
    text.contains(MARK) || text.contains(INTEGER_PREFIX)
}

/// What must be equal in every document of the shape, and where the slots are.
#[derive(Debug)]
pub(super) enum Part {
    Slot,
    Integer,
    Constant(Value),
    Array(Vec<Part>),
    Object(Vec<(String, Part)>),
}

/// A slot: its number among the texts of the document, and whether it is a whole number.
#[derive(Debug, Clone, Copy)]
pub(in crate::data_integrity) struct Slot {
    pub(in crate::data_integrity) number: usize,
    pub(in crate::data_integrity) integer: bool,
}

impl Slot {
    /// The mark as it stands in statements.
    pub(super) fn mark(self) -> String {
        if self.integer { integer_mark(self.number).to_string() } else { mark(self.number) }
    }
}

/// Takes a document apart. Texts and whole numbers are numbered in the order of the walk; those in `fixed` stay as they are.
pub(super) struct Cutter<'f> {
    fixed: &'f BTreeSet<usize>,
    next: usize,
    pub(super) slots: Vec<Slot>,
}

impl<'f> Cutter<'f> {
    pub(super) fn new(fixed: &'f BTreeSet<usize>) -> Self {
        Self { fixed, next: 0, slots: Vec::new() }
    }

    /// The members but for `without`, and the same with marks in the slots.
    pub(super) fn members(
        &mut self,
        members: &Map<String, Value>,
        without: Option<&str>,
        fixed: bool,
    ) -> (Vec<(String, Part)>, Map<String, Value>) {
        let mut parts = Vec::with_capacity(members.len());
        let mut marked = Map::new();
        for (name, value) in members {
            if without == Some(name.as_str()) {
                continue;
            }
            let fixed = fixed || FIXED.contains(&name.as_str());
            let (part, value) = self.value(value, fixed);
            parts.push((name.clone(), part));
            marked.insert(name.clone(), value);
        }
        (parts, marked)
    }

    fn value(&mut self, value: &Value, fixed: bool) -> (Part, Value) {
        match value {
            Value::Object(members) => {
                let (parts, marked) = self.members(members, None, fixed);
                (Part::Object(parts), Value::Object(marked))
            }
            Value::Array(items) => {
                let (parts, marked) = items.iter().map(|item| self.value(item, fixed)).unzip();
                (Part::Array(parts), Value::Array(marked))
            }
            Value::String(_) | Value::Number(_)
                if !fixed && (value.is_string() || integer(value).is_some()) =>
            {
                let number = self.next;
                self.next += 1;
                if self.fixed.contains(&number) {
                    return (Part::Constant(value.clone()), value.clone());
                }
                let integer = value.is_number();
                self.slots.push(Slot { number, integer });
                if integer {
                    (Part::Integer, Value::from(integer_mark(number)))
                } else {
                    (Part::Slot, Value::from(mark(number)))
                }
            }
            constant => (Part::Constant(constant.clone()), constant.clone()),
        }
    }
}

/// Whether the members fit, in the same order; gives the texts in the slots.
pub(super) fn fill<'d>(
    parts: &[(String, Part)],
    members: &'d Map<String, Value>,
    without: Option<&str>,
    slots: &mut Vec<Cow<'d, str>>,
) -> bool {
    let mut parts = parts.iter();
    let fits =
        members.iter().filter(|(name, _)| without != Some(name.as_str())).all(|(name, value)| {
            parts.next().is_some_and(|(known, part)| known == name && part.fill(value, slots))
        });
    fits && parts.next().is_none()
}

impl Part {
    fn fill<'d>(&self, value: &'d Value, slots: &mut Vec<Cow<'d, str>>) -> bool {
        match (self, value) {
            (Self::Slot, Value::String(text)) => {
                slots.push(Cow::Borrowed(text));
                true
            }
            (Self::Integer, value) => match integer(value) {
                Some(digits) => {
                    slots.push(Cow::Owned(digits));
                    true
                }
                None => false,
            },
            (Self::Constant(known), value) => same(known, value),
            (Self::Array(parts), Value::Array(items)) => {
                parts.len() == items.len()
                    && parts.iter().zip(items).all(|(part, item)| part.fill(item, slots))
            }
            (Self::Object(parts), Value::Object(members)) => fill(parts, members, None, slots),
            _ => false,
        }
    }
}

/// The digits of a whole number that is written as one and means the same to every reader.
fn integer(value: &Value) -> Option<String> {
    let Value::Number(number) = value else { return None };
    let integer =
        number.as_i64().filter(|whole| whole.unsigned_abs() <= MAX_SAFE_INTEGER.unsigned_abs())?;
    // Numbers may keep the text they were read from, and `-0` is a whole number then.
    (integer != 0 || number.to_string() == "0").then(|| integer.to_string())
}

fn same(one: &Value, other: &Value) -> bool {
    // Equal as numbers is not enough: 0.0 and -0.0 have two texts.
    let bits = |number: &Number| number.as_f64().map(f64::to_bits);
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other && bits(one) == bits(other),
        _ => one == other,
    }
}
