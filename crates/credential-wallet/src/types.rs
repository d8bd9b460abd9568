//! The types of a W3C credential as the IRIs that DCQL's `type_values` compare
//! (OID4VP 1.0 Appendix B.1.1: "fully expanded").

use credential_model::contexts;
use credential_model::credential::type_list;
use serde_json::Value;

/// Every type of the document: expanded by its (pinned) contexts, and as written. A
/// verifier that sends short names gets what it means.
pub(crate) fn expanded_types(document: &Value) -> Vec<String> {
    let contexts: Vec<Value> = match document.get("@context") {
        Some(Value::Array(several)) => several.iter().filter_map(context).collect(),
        Some(one) => context(one).into_iter().collect(),
        None => Vec::new(),
    };
    let mut types = Vec::new();
    for name in type_list(document) {
        // The last definition wins (JSON-LD 1.1 §4.1); a protected one cannot be redefined,
        // so order does not matter where it would be dangerous.
        let iri = contexts.iter().rev().find_map(|context| term(context, &name));
        types.extend(iri);
        types.push(name);
    }
    types
}

fn context(entry: &Value) -> Option<Value> {
    let document = match entry {
        Value::String(url) => serde_json::from_str::<Value>(contexts::lookup(url)?.json)
            .ok()?
            .get("@context")?
            .clone(),
        inline => inline.clone(),
    };
    Some(document)
}

fn term(context: &Value, name: &str) -> Option<String> {
    // A context document may itself be a list of contexts.
    if let Value::Array(several) = context {
        return several.iter().rev().find_map(|one| term(one, name));
    }
    let definition = context.get(name)?;
    let iri = definition.as_str().or_else(|| definition.get("@id")?.as_str())?;
    match iri.split_once(':') {
        Some((prefix, rest)) if !rest.starts_with("//") => {
            match context.get(prefix).and_then(Value::as_str) {
                Some(base) => Some(format!("{base}{rest}")),
                None => Some(iri.to_owned()),
            }
        }
        _ => Some(iri.to_owned()),
    }
}
