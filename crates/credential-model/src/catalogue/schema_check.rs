//! JSON Schema validation: the only place that names `jsonschema`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::{CredentialType, RuleViolation, embedded};

/// More violations than this help nobody.
const MAX_REPORTED: usize = 32;

struct Validators {
    document: Validator,
    claims: Validator,
}

/// Checks a whole document against the type's schema.
pub(super) fn document(credential_type: CredentialType, document: &Value) -> Vec<RuleViolation> {
    violations(&validators(credential_type).document, document)
}

/// Checks disclosed claims against the relaxed schema of the type.
pub(super) fn claims(credential_type: CredentialType, claims: &Value) -> Vec<RuleViolation> {
    violations(&validators(credential_type).claims, claims)
}

fn violations(validator: &Validator, value: &Value) -> Vec<RuleViolation> {
    validator
        .iter_errors(value)
        .take(MAX_REPORTED)
        .map(|error| RuleViolation {
            pointer: error.instance_path().to_string(),
            code: "schema",
            // The library's message quotes the value; say which keyword refused it instead.
            detail: format!("refused by {}", error.schema_path()),
        })
        .collect()
}

fn validators(credential_type: CredentialType) -> &'static Validators {
    static ALL: OnceLock<BTreeMap<CredentialType, Validators>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        CredentialType::ALL
            .into_iter()
            .map(|t| {
                let schema = embedded(t.info().schema);
                let compile = |schema: &Value| {
                    jsonschema::draft202012::new(schema)
                        .expect("embedded schemas are compiled by a test of this crate")
                };
                let validators = Validators {
                    document: compile(&schema),
                    claims: compile(&claims_schema(&schema)),
                };
                (t, validators)
            })
            .collect()
    });
    all.get(&credential_type).expect("every type has validators")
}

/// Derives the schema of disclosed claims: the subject's members at the top, nothing
/// required any more, because the holder may hide what is selectively disclosable.
fn claims_schema(document: &Value) -> Value {
    let mut definitions = document["$defs"].clone();
    relax(&mut definitions);
    let mut properties = Map::new();
    if let Some(subject) = definitions["subject"]["properties"].as_object() {
        properties.extend(subject.iter().map(|(name, schema)| (name.clone(), schema.clone())));
    }
    for member in ["id", "type"] {
        properties.remove(member);
    }
    for member in ["awardedDate", "evidence"] {
        if let Some(schema) = document["properties"].get(member) {
            let mut schema = schema.clone();
            relax(&mut schema);
            properties.insert(member.to_owned(), schema);
        }
    }
    let text = json!({ "type": "string", "maxLength": 4096 });
    let seconds = json!({ "type": "integer", "minimum": 0 });
    for claim in ["iss", "sub", "jti", "vct", "vct#integrity", "_sd_alg"] {
        properties.insert(claim.to_owned(), text.clone());
    }
    for claim in ["iat", "nbf", "exp"] {
        properties.insert(claim.to_owned(), seconds.clone());
    }
    for claim in ["cnf", "status"] {
        properties.insert(claim.to_owned(), json!({ "type": "object" }));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": ["vct"],
        "additionalProperties": false,
        "$defs": definitions
    })
}

/// Takes out what speaks about absence. `oneOf` keeps its requirements: geometries are never disclosed in part.
fn relax(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("required").is_some_and(Value::is_array) {
                members.remove("required");
            }
            for keyword in ["minItems", "minProperties"] {
                if members.get(keyword).is_some_and(Value::is_number) {
                    members.remove(keyword);
                }
            }
            for (name, member) in members.iter_mut() {
                if name != "oneOf" {
                    relax(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(relax),
        _ => {}
    }
}
