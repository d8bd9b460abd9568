//! Changes to a document, one at a time.

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::generate::{TEXTS, value};

const NAMES: [&str; 20] = [
    "name",
    "description",
    "id",
    "type",
    "@id",
    "@type",
    "@value",
    "@language",
    "@list",
    "@set",
    "@graph",
    "@context",
    "image",
    "https://a.example/p",
    "unheardOf",
    "result",
    "evidence",
    "proof",
    "issuer",
    "credentialSubject",
];

/// The JSON pointers of a document, its root first.
pub fn pointers(value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    collect(value, String::new(), &mut out);
    out
}

fn collect(value: &Value, here: String, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(inner, format!("{here}/{name}"), out);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                collect(inner, format!("{here}/{index}"), out);
            }
        }
        _ => {}
    }
    out.push(here);
}

fn scrap(dice: &mut Dice, material: &[Value]) -> Value {
    match dice.roll(8) {
        0 => json!(dice.pick(&TEXTS)),
        1 => json!({"id": dice.pick(&TEXTS)}),
        2 => json!({"@list": [dice.pick(&TEXTS), 1, {"@list": []}]}),
        3 => json!([]),
        4 | 5 => value(dice, 1),
        _ => {
            let source = dice.pick(material);
            let all = pointers(source);
            source.pointer(dice.pick::<String>(&all)).cloned().unwrap_or_default()
        }
    }
}

fn some_name(dice: &mut Dice, members: &serde_json::Map<String, Value>) -> Option<String> {
    let at = dice.roll(members.len());
    members.keys().nth(at).cloned()
}

/// One change somewhere in the document.
pub fn mutate(document: &mut Value, dice: &mut Dice, material: &[Value]) {
    let all = pointers(document);
    let target = dice.pick(&all).clone();
    let new = scrap(dice, material);
    let Some(place) = document.pointer_mut(&target).filter(|_| !target.is_empty()) else { return };
    match dice.roll(6) {
        0 | 1 => *place = new,
        2 => match place {
            Value::Object(members) => {
                members.insert((*dice.pick(&NAMES)).to_owned(), new);
            }
            Value::Array(items) => items.push(new),
            other => *other = json!([other.clone(), new]),
        },
        3 => match place {
            Value::Object(members) => {
                if let Some(name) = some_name(dice, members) {
                    members.remove(&name);
                }
            }
            Value::Array(items) => items.reverse(),
            other => *other = json!([other.clone()]),
        },
        4 => *place = json!([place.clone(), place.clone()]),
        _ => {
            if let Value::Object(members) = place
                && let Some(name) = some_name(dice, members)
                && let Some(moved) = members.remove(&name)
            {
                members.insert((*dice.pick(&NAMES)).to_owned(), moved);
            }
        }
    }
}
