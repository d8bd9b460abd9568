//! The known reasons of disagreement. Each takes its cause out of a document; when the disagreement goes away with it,
//! it was the reason.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use credential_model::contexts;
use serde_json::{Map, Value};

/// One reason.
pub struct Known {
    /// Whose behaviour it is: `ox` or `ssi`.
    pub peer: &'static str,
    /// What it is, and which clause says that we are right.
    pub reason: &'static str,
    /// Takes the cause out; `false` when there was none.
    pub without: fn(&mut Value) -> bool,
}

/// All of them.
pub static KNOWN: &[Known] = &[
    Known {
        peer: "ox",
        reason: "oxjsonld applies a scoped context to the context it was looked up in (JSON-LD 1.1 API 5.1.2 steps 8, 11.2)",
        without: without_scopes,
    },
    Known {
        peer: "ssi",
        reason: "ssi escapes TAB and control characters the old way (RDF 1.2 N-Quads / RDFC-1.0 canonical form)",
        without: without_controls,
    },
    Known {
        peer: "ssi",
        reason: "ssi writes whole doubles as xsd:double (JSON-LD 1.1 API 8.2.2 step 9)",
        without: without_whole_doubles,
    },
    Known {
        peer: "ssi",
        reason: "ssi loses the elements and the end of a list: no rdf:first, no rdf:nil (JSON-LD 1.1 API 8.3)",
        without: without_lists,
    },
    Known {
        peer: "ssi",
        reason: "ssi leaves capitals in language tags (RDF 1.1 Concepts 3.3: their value is in lower case)",
        without: without_capital_tags,
    },
    Known {
        peer: "ox",
        reason: "oxjsonld writes the fewest digits of a double, not 15 decimals (JSON-LD 1.1 API 8.6)",
        without: without_doubles,
    },
    Known {
        peer: "ox",
        reason: "oxjsonld makes no list of a @set under a list term (JSON-LD 1.1 API 5.1.2 step 13.12)",
        without: without_sets,
    },
    Known {
        peer: "ox",
        reason: "oxjsonld reads a map in an array as an id, type or index map (JSON-LD 1.1 API 5.1.2 step 13.8: only a map is)",
        without: without_maps_in_arrays,
    },
    Known {
        peer: "ssi",
        reason: "ssi loses statements of named graphs (JSON-LD 1.1 API 7.2, 8.1)",
        without: without_graphs,
    },
    Known {
        peer: "ox",
        reason: "oxjsonld compares the URL from which a scoped context came, too (JSON-LD 1.1 API 4.2.2 step 27; jsonld.js does not)",
        without: without_second_definitions,
    },
    Known {
        peer: "ox",
        reason: "oxjsonld refuses @language beside @type in a term (JSON-LD 1.1 API 4.2.2 step 22: not looked at)",
        without: without_idle_languages,
    },
    Known {
        peer: "ssi",
        reason: "ssi refuses a malformed @language beside @type in a term (JSON-LD 1.1 API 4.2.2 step 22: not looked at)",
        without: without_idle_languages,
    },
    Known {
        peer: "ssi",
        reason: "ssi refuses a term defined as an empty text (JSON-LD 1.1 API 4.2.2 step 14: the vocabulary itself)",
        without: without_empty_definitions,
    },
    Known {
        peer: "ssi",
        reason: "ssi writes some numbers otherwise (JSON-LD 1.1 API 8.2.2 step 9)",
        without: without_numbers,
    },
    Known {
        peer: "ssi",
        reason: "ssi gives true and false xsd:boolean where the term has a datatype (JSON-LD 1.1 API 8.2.2 step 7)",
        without: without_booleans,
    },
    Known {
        peer: "ssi",
        reason: "ssi compares the URL from which a scoped context came, too (JSON-LD 1.1 API 4.2.2 step 27; jsonld.js does not)",
        without: without_second_definitions,
    },
];

/// Applies `change` to every value, inner ones first, but not inside contexts.
fn walk(value: &mut Value, change: &mut dyn FnMut(&mut Value) -> bool) -> bool {
    let mut changed = false;
    match value {
        Value::Object(members) => {
            for (_, inner) in members.iter_mut().filter(|(name, _)| *name != "@context") {
                changed |= walk(inner, change);
            }
        }
        Value::Array(items) => {
            for item in items {
                changed |= walk(item, change);
            }
        }
        _ => {}
    }
    change(value) | changed
}

fn without_controls(document: &mut Value) -> bool {
    walk(document, &mut |value| match value {
        Value::String(text) if text.chars().any(char::is_control) => {
            *text =
                text.chars().map(|letter| if letter.is_control() { 'x' } else { letter }).collect();
            true
        }
        _ => false,
    })
}

fn without_whole_doubles(document: &mut Value) -> bool {
    walk(document, &mut |value| match value {
        Value::Number(number) if number.as_i64().is_none() => {
            let whole = number.as_f64().is_some_and(|double| double.fract() == 0.0);
            if whole {
                *value = Value::from(3);
            }
            whole
        }
        _ => false,
    })
}

fn without_doubles(document: &mut Value) -> bool {
    walk(document, &mut |value| {
        let double = value.as_number().is_some_and(|number| number.as_i64().is_none());
        if double {
            *value = Value::from(3);
        }
        double
    })
}

fn without_numbers(document: &mut Value) -> bool {
    walk(document, &mut |value| {
        let number = value.is_number();
        if number {
            *value = Value::from("3");
        }
        number
    })
}

fn without_booleans(document: &mut Value) -> bool {
    walk(document, &mut |value| {
        let boolean = value.is_boolean();
        if boolean {
            *value = Value::from("true");
        }
        boolean
    })
}

fn without_lists(document: &mut Value) -> bool {
    let terms = terms(document, &|definition| {
        definition.get("@container").is_some_and(|container| {
            container == "@list"
                || container.as_array().is_some_and(|all| all.contains(&"@list".into()))
        })
    });
    walk(document, &mut |value| match value {
        Value::Object(members) => {
            let before = members.len();
            members.retain(|name, inner| {
                inner.get("@list").is_none() && name != "@list" && !terms.contains(name)
            });
            before != members.len()
        }
        Value::Array(items) => {
            let before = items.len();
            items.retain(|item| item.get("@list").is_none());
            before != items.len()
        }
        _ => false,
    })
}

fn without_capital_tags(document: &mut Value) -> bool {
    walk(document, &mut |value| {
        let tag = value.get_mut("@language");
        let Some(Value::String(tag)) = tag.filter(|tag| tag.as_str() == Some("en-US")) else {
            return false;
        };
        *tag = "en-us".to_owned();
        true
    })
}

/// `@language` where `@type` decides.
fn without_idle_languages(document: &mut Value) -> bool {
    fn clean(value: &mut Value) -> bool {
        let mut changed = false;
        match value {
            Value::Object(members) => {
                if members.contains_key("@type") {
                    changed |= members.remove("@language").is_some();
                }
                for inner in members.values_mut() {
                    changed |= clean(inner);
                }
            }
            Value::Array(items) => {
                for item in items {
                    changed |= clean(item);
                }
            }
            _ => {}
        }
        changed
    }
    document.get_mut("@context").is_some_and(clean)
}

fn without_empty_definitions(document: &mut Value) -> bool {
    fn clean(value: &mut Value) -> bool {
        match value {
            Value::Object(members) => {
                let before = members.len();
                let empty = |inner: &Value| {
                    inner == ""
                        || ["@id", "@type"]
                            .iter()
                            .any(|key| inner.get(key).is_some_and(|it| it == ""))
                };
                members.retain(|name, inner| name.starts_with('@') || !empty(inner));
                let mut changed = before != members.len();
                for inner in members.values_mut() {
                    changed |= clean(inner);
                }
                changed
            }
            Value::Array(items) => {
                items.iter_mut().fold(false, |changed, item| changed | clean(item))
            }
            _ => false,
        }
    }
    document.get_mut("@context").is_some_and(clean)
}

fn has_container(definition: &Value, names: &[&str]) -> bool {
    let is = |value: &Value| value.as_str().is_some_and(|name| names.contains(&name));
    match definition.get("@container") {
        Some(Value::Array(all)) => all.iter().any(is),
        Some(one) => is(one),
        None => false,
    }
}

fn without_graphs(document: &mut Value) -> bool {
    let terms = terms(document, &|definition| has_container(definition, &["@graph"]));
    walk(document, &mut |value| {
        let Some(members) = value.as_object_mut() else { return false };
        let before = members.len();
        members.retain(|name, _| name != "@graph" && !terms.contains(name));
        before != members.len()
    })
}

fn without_maps_in_arrays(document: &mut Value) -> bool {
    let kinds = ["@id", "@type", "@index"];
    let terms = terms(document, &|definition| has_container(definition, &kinds));
    walk(document, &mut |value| {
        let Some(members) = value.as_object_mut() else { return false };
        let before = members.len();
        members.retain(|name, inner| !inner.is_array() || !terms.contains(name));
        before != members.len()
    })
}

fn without_sets(document: &mut Value) -> bool {
    walk(document, &mut |value| match value.get_mut("@set") {
        Some(inner) => {
            *value = inner.take();
            true
        }
        None => false,
    })
}

/// Contexts whose terms the credentials contexts define as well.
fn without_second_definitions(document: &mut Value) -> bool {
    let Some(Value::Array(contexts)) = document.get_mut("@context") else { return false };
    let before = contexts.len();
    contexts.retain(|context| {
        context.as_str().is_none_or(|url| !url.starts_with("https://w3id.org/security/"))
    });
    before != contexts.len()
}

/// The terms of the pinned contexts, and of those in the document, whose definition is of a kind.
fn terms(document: &Value, of_kind: &dyn Fn(&Value) -> bool) -> BTreeSet<String> {
    fn collect(value: &Value, of_kind: &dyn Fn(&Value) -> bool, out: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, definition) in members {
                    if of_kind(definition) {
                        out.insert(name.clone());
                    }
                    collect(definition, of_kind, out);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, of_kind, out)),
            _ => {}
        }
    }
    static PINNED: OnceLock<Vec<Value>> = OnceLock::new();
    let pinned = PINNED.get_or_init(|| {
        contexts::all().iter().filter_map(|known| serde_json::from_str(known.json).ok()).collect()
    });
    let mut out = BTreeSet::new();
    for context in pinned.iter().chain(document.get("@context")) {
        collect(context, of_kind, &mut out);
    }
    out
}

/// Leaves no node with two scopes: no second type with a context, and no scoped member below the top.
fn without_scopes(document: &mut Value) -> bool {
    let scoped = terms(document, &|definition| definition.get("@context").is_some());
    let keep_types = |members: &mut Map<String, Value>, top: bool| {
        let mut changed = false;
        for name in ["type", "@type"] {
            let Some(Value::Array(types)) = members.get_mut(name) else { continue };
            let before = types.len();
            let mut seen = false;
            types.retain(|kind| {
                let own = kind.as_str().is_some_and(|kind| scoped.contains(kind));
                let keep = !own || (top && !seen);
                seen |= own;
                keep
            });
            changed |= types.len() != before;
        }
        changed
    };
    fn below(
        value: &mut Value,
        scoped: &BTreeSet<String>,
        keep: &dyn Fn(&mut Map<String, Value>, bool) -> bool,
        top: bool,
    ) -> bool {
        match value {
            Value::Object(members) => {
                let mut changed = keep(members, top);
                if !top {
                    let before = members.len();
                    members.retain(|name, _| !scoped.contains(name));
                    changed |= members.len() != before;
                }
                for (_, inner) in members.iter_mut().filter(|(name, _)| *name != "@context") {
                    changed |= below(inner, scoped, keep, false);
                }
                changed
            }
            Value::Array(items) => items
                .iter_mut()
                .fold(false, |changed, item| changed | below(item, scoped, keep, false)),
            _ => false,
        }
    }
    below(document, &scoped, &keep_types, true)
}
