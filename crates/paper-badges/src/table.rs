//! The type table: values that stand as numbers, by the type of the term that holds them. It is
//! published data (`schemas/paper-badges/v1/type-table.json`): what is in it never changes, a
//! longer one is another table with another number.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

const SOURCE: &str = include_str!("../../../schemas/paper-badges/v1/type-table.json");

/// Numbers of one type of value, in both directions.
#[derive(Debug, Default)]
pub(crate) struct Values {
    numbers: BTreeMap<String, u64>,
    texts: BTreeMap<u64, String>,
}

/// Our table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    by_type: BTreeMap<String, Values>,
}

impl Table {
    /// The published table, read once.
    pub(crate) fn published() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| {
            // Embedded in this build; a test reads it.
            let source = serde_json::from_str(SOURCE).unwrap_or(Value::Null);
            Self::read(&source)
        })
    }

    fn read(source: &Value) -> Self {
        let mut table = Self::default();
        let types = source.get("types").and_then(Value::as_object);
        for (value_type, list) in types.into_iter().flatten() {
            let mut values = Values::default();
            for (at, text) in list.as_array().into_iter().flatten().enumerate() {
                // Numbers begin at 1: the published readers take 0 for "nothing" in places.
                let (number, text) = (at as u64 + 1, text.as_str().unwrap_or_default().to_owned());
                values.numbers.insert(text.clone(), number);
                values.texts.insert(number, text);
            }
            table.by_type.insert(value_type.clone(), values);
        }
        table
    }

    /// The number of a value, where its type has one for it.
    pub(crate) fn number(&self, value_type: &str, text: &str) -> Option<u64> {
        self.by_type.get(value_type)?.numbers.get(text).copied()
    }

    /// The value of a number.
    pub(crate) fn text(&self, value_type: &str, number: u64) -> Option<&str> {
        self.by_type.get(value_type)?.texts.get(&number).map(String::as_str)
    }

    /// Whether values of this type may stand as numbers at all.
    pub(crate) fn has(&self, value_type: &str) -> bool {
        self.by_type.contains_key(value_type)
    }
}
