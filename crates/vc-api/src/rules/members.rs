//! The forms that members of credentials and presentations have.

use serde_json::{Map, Value};
use url::Url;

use super::RuleError;

/// A list longer than this is not honest.
const MAX_ENTRIES: usize = 64;
const MAX_URL: usize = 4096;

/// An absolute URL, as VCDM section 4.4 wants identifiers.
pub(super) fn is_url(text: &str) -> bool {
    let foreign = |letter: char| {
        letter.is_whitespace() || letter.is_control() || "<>\"{}|\\^`".contains(letter)
    };
    text.len() <= MAX_URL && !text.contains(foreign) && Url::parse(text).is_ok()
}

/// `id`, where present: one URL.
pub(super) fn check_id(
    members: &Map<String, Value>,
    member: &'static str,
) -> Result<(), RuleError> {
    match members.get("id") {
        None => Ok(()),
        Some(Value::String(id)) if is_url(id) => Ok(()),
        Some(_) => Err(RuleError::member(member, "an id must be one URL")),
    }
}

/// The types of an object: one string or a list of them, none empty. `None` when there are none, or in another form.
pub(super) fn types(members: &Map<String, Value>) -> Option<Vec<&str>> {
    let list = match members.get("type")? {
        Value::String(one) => vec![one.as_str()],
        Value::Array(list) if list.len() <= MAX_ENTRIES => {
            list.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?
        }
        _ => return None,
    };
    (!list.is_empty() && list.iter().all(|name| !name.is_empty())).then_some(list)
}

/// One object or a list of some: every one an object with members.
pub(super) fn objects<'d>(
    value: &'d Value,
    member: &'static str,
) -> Result<Vec<&'d Map<String, Value>>, RuleError> {
    let wrong = || RuleError::member(member, "it must be one object or a list of objects");
    let list = match value {
        Value::Array(list) if (1..=MAX_ENTRIES).contains(&list.len()) => list.as_slice(),
        Value::Array(_) => return Err(wrong()),
        one => std::slice::from_ref(one),
    };
    list.iter()
        .map(|entry| entry.as_object().filter(|members| !members.is_empty()).ok_or_else(wrong))
        .collect()
}

/// An extension point: where present, objects with a type, their ids URLs.
pub(super) fn check_typed(
    document: &Map<String, Value>,
    member: &'static str,
    id_required: bool,
) -> Result<(), RuleError> {
    let Some(value) = document.get(member) else { return Ok(()) };
    for entry in objects(value, member)? {
        if types(entry).is_none() {
            return Err(RuleError::member(member, "every entry must have a type"));
        }
        check_id(entry, member)?;
        if id_required && !entry.contains_key("id") {
            return Err(RuleError::member(member, "every entry must have an id"));
        }
    }
    Ok(())
}

/// A party: a URL, or an object whose `id` is one.
pub(super) fn check_party(value: &Value, member: &'static str) -> Result<(), RuleError> {
    let id = match value {
        Value::String(id) => Some(id.as_str()),
        Value::Object(party) => party.get("id").and_then(Value::as_str),
        _ => None,
    };
    if id.is_some_and(is_url) {
        Ok(())
    } else {
        Err(RuleError::member(member, "it must be a URL or an object with a URL as id"))
    }
}

/// `name` and `description`: text, or text with a language (VCDM 2.0 section 11.1), or a list of the latter.
pub(super) fn check_words(
    members: &Map<String, Value>,
    member: &'static str,
) -> Result<(), RuleError> {
    let with_language = |value: &Value| {
        value.as_object().is_some_and(|parts| {
            parts.get("@value").is_some_and(Value::is_string)
                && parts.iter().all(|(name, part)| {
                    ["@value", "@language", "@direction"].contains(&name.as_str())
                        && part.is_string()
                })
        })
    };
    let good = match members.get(member) {
        None | Some(Value::String(_)) => true,
        Some(Value::Array(list)) => {
            (1..=MAX_ENTRIES).contains(&list.len())
                && list.iter().all(|entry| entry.is_string() || with_language(entry))
        }
        Some(value) => with_language(value),
    };
    if good {
        Ok(())
    } else {
        Err(RuleError::member(
            member,
            "it must be text, or objects of @value, @language, @direction",
        ))
    }
}
