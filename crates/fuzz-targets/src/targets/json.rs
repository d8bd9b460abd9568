//! Strict JSON and JCS.

use credential_model::jcs;
use credential_model::json::{Limits, parse_strict};
use serde_json::Value;

use super::strict as read;
use crate::Seen;
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "\\ud800",
    "\\udc00",
    "\\u0000",
    "\u{feff}",
    "NaN",
    "Infinity",
    "1e999",
    "-0",
    "true",
    "null",
    "\"a\":1,\"a\":2",
    "[[[[",
    "{\"\":",
    "9007199254740993",
    "0.1",
    "1E-7",
    "//",
];

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = super::model::examples();
    seeds.push(br#"{"a":[1,-2,3.5,1e10,"\u00e9\ud83d\ude00",true,null,{}],"":""}"#.to_vec());
    seeds
}

pub(super) fn strict(input: &[u8]) -> Seen {
    let value = match read(input) {
        Ok(value) => value,
        Err(seen) => return seen,
    };
    // What the strict parser takes, the ordinary one takes too, with the same meaning.
    let plain: Value = serde_json::from_slice(input).expect("strict JSON is JSON");
    assert_eq!(plain, value, "two parsers read different values");
    let written = serde_json::to_vec(&value).expect("a value can be written");
    let again = parse_strict(&written, &Limits { max_bytes: usize::MAX, ..Limits::default() });
    assert_eq!(again.as_ref(), Ok(&value), "parse, write, parse");
    Seen::of("json").and(magnitude(written.len()))
}

pub(super) fn jcs(input: &[u8]) -> Seen {
    // The tolerant parser, because JCS also meets documents that were not parsed strictly.
    let Ok(value) = serde_json::from_slice::<Value>(input) else { return Seen::of("no JSON") };
    match jcs::canonicalize(&value) {
        Err(error) => Seen::of(error.code()),
        Ok(text) => {
            let again: Value = serde_json::from_str(&text).expect("JCS writes JSON");
            let twice = jcs::canonicalize(&again).expect("canonical JSON is canonical");
            assert_eq!(text, twice, "JCS is not its own fixed point");
            Seen::of("jcs").and(magnitude(text.len()))
        }
    }
}
