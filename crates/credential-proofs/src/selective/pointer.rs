//! JSON Pointers, and the part of a document that several of them select (vc-di-ecdsa 1.0, sections 3.4.10 to 3.4.13).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{MAX_POINTERS, SelectiveError};

const MAX_POINTER_BYTES: usize = 1024;
/// Members that an object keeps when any part of it is selected: without them it would be another object.
const IDENTITY: [&str; 5] = ["@context", "id", "@id", "type", "@type"];

/// What is taken of a value.
#[derive(Debug)]
enum Taken<'d> {
    Whole,
    Members(BTreeMap<&'d str, Taken<'d>>),
    Items(BTreeMap<usize, Taken<'d>>),
}

/// The document reduced to what the pointers select, and to context, identifier and type of every object on the way.
/// Arrays close up. `None` when there are no pointers.
pub(super) fn select<S: AsRef<str>>(
    pointers: &[S],
    document: &Value,
) -> Result<Option<Value>, SelectiveError> {
    if pointers.is_empty() {
        return Ok(None);
    }
    let mut tree = empty(document);
    for pointer in pointers {
        let pointer = pointer.as_ref();
        let named = || pointer.chars().take(200).collect::<String>();
        let steps = parse(pointer).ok_or_else(|| SelectiveError::BadPointer(named()))?;
        take(&mut tree, document, &steps)
            .ok_or_else(|| SelectiveError::PointerNotFound(named()))?;
    }
    Ok(Some(reduce(&tree, document)))
}

/// Refuses what is too much before anything is computed.
pub(super) fn check_count(count: usize) -> Result<(), SelectiveError> {
    if count > MAX_POINTERS {
        return Err(SelectiveError::TooManyPointers { limit: MAX_POINTERS });
    }
    Ok(())
}

/// Nothing of an object or array; a scalar is one piece.
fn empty(value: &Value) -> Taken<'static> {
    match value {
        Value::Object(_) => Taken::Members(BTreeMap::new()),
        Value::Array(_) => Taken::Items(BTreeMap::new()),
        _ => Taken::Whole,
    }
}

/// Marks what one pointer names. `None` when it leads nowhere.
fn take<'d>(tree: &mut Taken<'d>, value: &'d Value, steps: &[String]) -> Option<()> {
    let Some((step, rest)) = steps.split_first() else {
        *tree = Taken::Whole;
        return Some(());
    };
    match value {
        Value::Object(members) => {
            let (name, inner) = members.get_key_value(step)?;
            match tree {
                Taken::Members(parts) => {
                    take(parts.entry(name).or_insert_with(|| empty(inner)), inner, rest)
                }
                // Taken as a whole already: the rest need only resolve.
                _ => take(&mut Taken::Whole, inner, rest),
            }
        }
        Value::Array(items) => {
            let index = array_index(step)?;
            let inner = items.get(index)?;
            match tree {
                Taken::Items(parts) => {
                    take(parts.entry(index).or_insert_with(|| empty(inner)), inner, rest)
                }
                _ => take(&mut Taken::Whole, inner, rest),
            }
        }
        _ => None,
    }
}

fn reduce(tree: &Taken<'_>, value: &Value) -> Value {
    match (tree, value) {
        (Taken::Members(parts), Value::Object(members)) => {
            let mut kept = Map::new();
            for (name, part) in parts {
                if let Some(value) = members.get(*name) {
                    kept.insert((*name).to_owned(), reduce(part, value));
                }
            }
            // The identity of an object is never cut, not even by a pointer into it.
            for name in IDENTITY {
                if let Some(value) = members.get(name) {
                    kept.insert(name.to_owned(), value.clone());
                }
            }
            Value::Object(kept)
        }
        (Taken::Items(parts), Value::Array(items)) => Value::Array(
            parts
                .iter()
                .filter_map(|(index, part)| items.get(*index).map(|item| reduce(part, item)))
                .collect(),
        ),
        _ => value.clone(),
    }
}

/// The steps of a pointer, `~0` and `~1` undone (RFC 6901).
fn parse(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    if pointer.len() > MAX_POINTER_BYTES {
        return None;
    }
    pointer.strip_prefix('/')?.split('/').map(unescape).collect()
}

fn unescape(step: &str) -> Option<String> {
    let mut parts = step.split('~');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (escaped, rest) = if let Some(rest) = part.strip_prefix('0') {
            ('~', rest)
        } else {
            ('/', part.strip_prefix('1')?)
        };
        out.push(escaped);
        out.push_str(rest);
    }
    Some(out)
}

/// Digits without leading zeros (RFC 6901 section 4).
fn array_index(step: &str) -> Option<usize> {
    let canonical = step == "0" || (!step.starts_with('0') && !step.is_empty());
    (canonical && step.len() <= 9 && step.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| step.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_keep_the_identity_of_what_they_are_part_of() {
        let document = json!({"@context": ["c"], "id": "urn:a", "type": ["T"], "x": 1, "y": [
            {"id": "urn:b", "type": "U", "p": 1, "q": 2}, {"p": 3, "q": 4}, 5
        ], "a/b": {"~": true}, "2": {"0": null}});
        let taken = |pointers: &[&str]| select(pointers, &document).unwrap().unwrap();
        let head = json!({"@context": ["c"], "id": "urn:a", "type": ["T"]});
        let with = |name: &str, value: Value| {
            let mut expected = head.clone();
            expected[name] = value;
            expected
        };
        assert_eq!(select::<&str>(&[], &document).unwrap(), None);
        assert_eq!(taken(&[""]), document);
        assert_eq!(taken(&["/id"]), head);
        assert_eq!(taken(&["/type/0"]), head);
        assert_eq!(taken(&["/x"]), with("x", json!(1)));
        let expected = json!([{"id": "urn:b", "type": "U", "q": 2}]);
        assert_eq!(taken(&["/y/0/q"]), with("y", expected));
        let expected = json!([{"q": 4}, 5]);
        assert_eq!(taken(&["/y/2", "/y/1/q"]), with("y", expected.clone()));
        assert_eq!(taken(&["/y/1/q", "/y/2", "/y/1/q"]), with("y", expected));
        assert_eq!(taken(&["/y/1/q", "/y", "/y/0/p"]), with("y", document["y"].clone()));
        assert_eq!(taken(&["/a~1b/~0"]), with("a/b", json!({"~": true})));
        assert_eq!(taken(&["/2/0"]), with("2", json!({"0": null})));
    }

    #[test]
    fn pointers_that_lead_nowhere() {
        let document = json!({"x": [1, {"y": 2}], "z": "text"});
        for bad in ["x", "/~", "/~2", "/x~", &format!("/{}", "x".repeat(2000))] {
            let refused = select(&[bad], &document).unwrap_err();
            assert_eq!(refused.code(), "selective_bad_pointer", "{bad}");
        }
        let nowhere = [
            "/",
            "/a",
            "/x/2",
            "/x/-",
            "/x/01",
            "/x/+1",
            "/x/1/z",
            "/x/0/y",
            "/z/0",
            "/x/",
            "/x/18446744073709551616",
        ];
        for bad in nowhere {
            for pointers in [vec![bad], vec!["/x", "/z", bad], vec!["", bad]] {
                let refused = select(&pointers, &document).unwrap_err();
                assert_eq!(refused.code(), "selective_pointer_not_found", "{bad}");
            }
        }
    }
}
