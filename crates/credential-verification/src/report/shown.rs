//! Labelled values of a credential, for people.
use credential_model::{catalogue::Labels, moment::Moment};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Words;
use crate::content::Content;

/// More values than this are not listed.
const MAX_VALUES: usize = 200;
const MAX_TEXT: usize = 1_000;

/// One labelled value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Claim path, e.g. `person.name`, `records[0].courseName`.
    pub path: String,
    /// What it is called.
    pub label: Words,
    /// The value; codes are put into words.
    pub value: Words,
}

/// Lists what was disclosed, in the credential's order.
pub(super) fn shown(content: &Content) -> Vec<Shown> {
    let labels = content.credential_type().map(|known| known.labels());
    let mut list = Vec::new();
    if let Some(awarded) = content.awarded() {
        push(&mut list, labels, "awardedDate", &date_only(awarded));
    }
    walk(&mut list, labels, "", content.subject());
    list
}

/// Most rings and points of a sketch; the check itself has its own limits.
const MAX_RINGS: usize = 16;
const MAX_POINTS: usize = 500;

/// Outer rings of the polygons in `volumes`, for a sketch.
pub(super) fn areas(content: &Content) -> Vec<Vec<[f64; 2]>> {
    let volumes = content.subject().get("volumes").and_then(Value::as_array);
    let mut rings = Vec::new();
    for volume in volumes.into_iter().flatten() {
        let Some(geometry) = volume.get("geometry") else { continue };
        let Some(coordinates) = geometry.get("coordinates").and_then(Value::as_array) else {
            continue;
        };
        match geometry.get("type").and_then(Value::as_str) {
            Some("Polygon") => rings.extend(coordinates.first().and_then(ring)),
            Some("MultiPolygon") => {
                rings.extend(coordinates.iter().filter_map(|polygon| ring(polygon.get(0)?)));
            }
            _ => {}
        }
    }
    rings.truncate(MAX_RINGS);
    rings
}

fn ring(points: &Value) -> Option<Vec<[f64; 2]>> {
    let points = points.as_array()?.iter().take(MAX_POINTS);
    points.map(|point| Some([point.get(0)?.as_f64()?, point.get(1)?.as_f64()?])).collect()
}

/// A date of award is a calendar day in Korea for people, whatever the time behind it.
fn date_only(text: &str) -> String {
    moment(text).map_or_else(|| text.to_owned(), Moment::date_kst)
}

fn walk(list: &mut Vec<Shown>, labels: Option<&'static Labels>, path: &str, value: &Value) {
    if list.len() >= MAX_VALUES {
        return;
    }
    match value {
        Value::Object(members) => {
            if is_geometry(members) {
                // A list of coordinates says nothing to a reader.
                push(list, labels, path, "GeoJSON");
                return;
            }
            for (name, member) in members {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let unnamed = labels.is_some_and(|labels| labels.field(&below, "en").is_none());
                // Identifiers without a name for people, JSON-LD types and links between
                // language versions are for machines.
                let technical = name == "type" || name == "related" || (name == "id" && unnamed);
                if technical || (path.is_empty() && name == "id") || is_secret(name) {
                    continue;
                }
                walk(list, labels, &below, member);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(list, labels, &format!("{path}[{index}]"), item);
            }
        }
        Value::Null => {}
        Value::Bool(flag) => push(list, labels, path, if *flag { "true" } else { "false" }),
        Value::Number(number) => push(list, labels, path, &number.to_string()),
        Value::String(text) => match moment(text) {
            Some(moment) => push(list, labels, path, &moment.to_kst_text()),
            None => push(list, labels, path, text),
        },
    }
}

/// Date-times are shown in Korean time; calendar dates stay as they are.
fn moment(text: &str) -> Option<Moment> {
    if text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    Moment::parse(text).ok()
}

fn is_geometry(members: &serde_json::Map<String, Value>) -> bool {
    members.contains_key("coordinates")
}

/// Opens the vehicle number's commitment; needed by the check, not by the reader.
fn is_secret(name: &str) -> bool {
    name == "vinSalt"
}

fn push(list: &mut Vec<Shown>, labels: Option<&'static Labels>, path: &str, value: &str) {
    let label =
        |lang: &str| labels.and_then(|labels| labels.field(path, lang)).unwrap_or(path).to_owned();
    let word = |lang: &str| {
        let known = labels.and_then(|labels| labels.value(path, value, lang));
        let flag = match (value, lang) {
            ("true", "ko") => Some("예"),
            ("false", "ko") => Some("아니요"),
            ("true", _) => Some("yes"),
            ("false", _) => Some("no"),
            _ => None,
        };
        known.or(flag).unwrap_or(value).chars().take(MAX_TEXT).collect::<String>()
    };
    list.push(Shown {
        path: path.to_owned(),
        label: Words { ko: label("ko"), en: label("en") },
        value: Words { ko: word("ko"), en: word("en") },
    });
}
