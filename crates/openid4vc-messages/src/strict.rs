//! serde reads a JSON array as a struct, member by member. No standard allows that, so
//! places that must hold objects are checked before serde sees them.

use serde_json::Value;

/// Checks that whatever stands at each of the places is an object. A place is a path of
/// member names, `*` for every element or member; places that are absent are fine.
/// Returns the first place that breaks the rule.
pub(crate) fn find_non_object<'p>(json: &Value, places: &[&'p [&'p str]]) -> Option<&'p [&'p str]> {
    places.iter().copied().find(|place| !all_objects(json, place))
}

fn all_objects(json: &Value, place: &[&str]) -> bool {
    let Some((first, rest)) = place.split_first() else { return json.is_object() };
    match (*first, json) {
        ("*", Value::Array(list)) => list.iter().all(|v| all_objects(v, rest)),
        ("*", Value::Object(map)) => map.values().all(|v| all_objects(v, rest)),
        (name, Value::Object(map)) => map.get(name).is_none_or(|v| all_objects(v, rest)),
        // The wrong kind here is found by serde or by the rule for this place itself.
        _ => true,
    }
}
