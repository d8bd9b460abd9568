//! Changing JSON as a tree: what stays well formed reaches deeper.

use serde_json::{Value, json};

use super::Random;

/// Changes one to three places of a document; `None` when the input is no JSON.
pub(super) fn change(
    random: &mut Random,
    input: &[u8],
    other: &[u8],
    words: &[&str],
) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(input).ok()?;
    let other: Value = serde_json::from_slice(other).unwrap_or(Value::Null);
    for _ in 0..=random.below(3) {
        change_value(random, &mut document, &other, words);
    }
    let mut text = serde_json::to_vec(&document).ok()?;
    // Duplicate members cannot be in a tree: they are written into the text.
    if random.below(16) == 0
        && let Some(at) = text.iter().position(|byte| *byte == b'{')
    {
        let name = random.pick(words).copied().unwrap_or("id");
        let member = format!("{}:1,", Value::from(name));
        text.splice(at + 1..at + 1, member.into_bytes());
    }
    Some(text)
}

/// Changes one place of a document.
pub fn change_value(random: &mut Random, document: &mut Value, other: &Value, words: &[&str]) {
    let count = size(document);
    let from_elsewhere = match random.below(3) {
        0 => at(document, random.below(count)).cloned(),
        _ => at(other, random.below(size(other))).cloned(),
    };
    let Some(place) = at_mut(document, &mut random.below(count)) else { return };
    match random.below(12) {
        0 => *place = from_elsewhere.unwrap_or(Value::Null),
        1 => *place = interesting(random, words),
        2 => *place = json!([place.take()]),
        3 => {
            let name = random.pick(words).copied().unwrap_or("id");
            *place = json!({name: place.take()});
        }
        4 => {
            for _ in 0..random.below(40) {
                *place = json!([place.take()]);
            }
        }
        _ => match place {
            Value::Object(members) => {
                let names: Vec<String> = members.keys().cloned().collect();
                let Some(name) = random.pick(&names).cloned() else {
                    members.insert("id".to_owned(), interesting(random, words));
                    return;
                };
                match random.below(5) {
                    0 => drop(members.remove(&name)),
                    1 => {
                        if let Some(value) = members.remove(&name) {
                            let new = random.pick(words).copied().unwrap_or("type");
                            members.insert(new.to_owned(), value);
                        }
                    }
                    2 => {
                        let new = random.pick(words).copied().unwrap_or("x");
                        members.insert(new.to_owned(), from_elsewhere.unwrap_or(Value::Null));
                    }
                    3 => drop(members.insert(name, interesting(random, words))),
                    _ => drop(members.insert(name, from_elsewhere.unwrap_or(Value::Null))),
                }
            }
            Value::Array(items) => match random.below(5) {
                0 => items.reverse(),
                1 => drop(items.pop()),
                2 => items.push(from_elsewhere.unwrap_or(Value::Null)),
                3 => {
                    if let Some(item) = random.pick(items).cloned() {
                        let times = if random.below(8) == 0 { 200 } else { 1 };
                        items.extend(std::iter::repeat_n(item, times));
                    }
                }
                _ => items.insert(0, interesting(random, words)),
            },
            Value::String(text) => {
                let changed = super::bytes::change(random, text.as_bytes(), b"", words);
                *text = String::from_utf8_lossy(&changed).into_owned();
            }
            _ => *place = interesting(random, words),
        },
    }
}

fn interesting(random: &mut Random, words: &[&str]) -> Value {
    match random.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(-1),
        4 => json!(9_007_199_254_740_993_u64),
        5 => json!(1.5e300),
        6 => json!(""),
        7 => json!({}),
        8 => json!([]),
        9 => json!("a".repeat(random.below(3000))),
        10 => json!("\u{202e}홍길동(가상인물)\u{0}"),
        _ => json!(random.pick(words).copied().unwrap_or("x")),
    }
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 0,
    }
}

fn at(value: &Value, index: usize) -> Option<&Value> {
    fn walk<'v>(value: &'v Value, left: &mut usize) -> Option<&'v Value> {
        if *left == 0 {
            return Some(value);
        }
        *left -= 1;
        match value {
            Value::Array(items) => items.iter().find_map(|item| walk(item, left)),
            Value::Object(members) => members.values().find_map(|item| walk(item, left)),
            _ => None,
        }
    }
    walk(value, &mut { index })
}

fn at_mut<'v>(value: &'v mut Value, left: &mut usize) -> Option<&'v mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| at_mut(item, left)),
        Value::Object(members) => members.values_mut().find_map(|item| at_mut(item, left)),
        _ => None,
    }
}
