//! JSON Schema validation: the only place that names `jsonschema`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value, json};

use super::{CredentialType, RuleViolation, embedded};

/// More violations than this help nobody.
const MAX_REPORTED: usize = 32;

/// Each compiled on first use: a command that checks one credential does not pay for the schemas of all types.
#[derive(Default)]
struct Validators {
    document: OnceLock<Validator>,
    claims: OnceLock<Validator>,
}

/// Checks a whole document against the type's schema.
pub(super) fn document(credential_type: CredentialType, document: &Value) -> Vec<RuleViolation> {
    let schema = || embedded(credential_type.info().schema);
    let validator = &validators(credential_type).document;
    violations(validator.get_or_init(|| compile(&schema())), document)
}

/// Checks disclosed claims against the relaxed schema of the type.
pub(super) fn claims(credential_type: CredentialType, claims: &Value) -> Vec<RuleViolation> {
    let schema = || claims_schema(&embedded(credential_type.info().schema));
    let validator = &validators(credential_type).claims;
    violations(validator.get_or_init(|| compile(&schema())), claims)
}

fn compile(schema: &Value) -> Validator {
    // The plain engine: quicker to build, and its time is linear in what it reads.
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
        .expect("embedded schemas are compiled by a test of this crate")
}

fn violations(validator: &Validator, value: &Value) -> Vec<RuleViolation> {
    validator
        .iter_errors(value)
        .take(MAX_REPORTED)
        .map(|error| RuleViolation {
            pointer: error.instance_path().to_string(),
            code: "schema",
            detail: in_words(error.kind(), &error.schema_path().to_string()),
        })
        .collect()
}

/// What the schema asks, without the refused value: it may be personal, and the library's own
/// message would quote it.
fn in_words(kind: &ValidationErrorKind, keyword: &str) -> String {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::Required { property } => {
            format!("the member {} is missing", property.as_str().unwrap_or("?"))
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let named: Vec<&str> = unexpected.iter().map(String::as_str).filter(is_plain).collect();
            format!("members that this type does not have: {}", named.join(", "))
        }
        Kind::Type { .. } => format!("it has another JSON type than {keyword} asks"),
        Kind::Enum { options } => format!("it is none of {options}"),
        Kind::Constant { expected_value } => format!("it must be {expected_value}"),
        Kind::Pattern { pattern } => format!("it does not have the form {pattern}"),
        Kind::Format { format } => format!("it is no {format}"),
        Kind::MinLength { limit } => format!("it is shorter than {limit} characters"),
        Kind::MaxLength { limit } => format!("it is longer than {limit} characters"),
        Kind::MinItems { limit } => format!("it has fewer than {limit} items"),
        Kind::MaxItems { limit } => format!("it has more than {limit} items"),
        Kind::Minimum { limit } => format!("it is below {limit}"),
        Kind::Maximum { limit } => format!("it is above {limit}"),
        Kind::UniqueItems => "an item stands in it twice".to_owned(),
        _ => format!("refused by {keyword}"),
    }
}

/// Whether an unknown member's name can be repeated: a name that could hold a number of a person cannot.
fn is_plain(name: &&str) -> bool {
    name.len() <= 40 && name.chars().all(|c| c.is_ascii_alphabetic() || c == '_' || c == '@')
}

fn validators(credential_type: CredentialType) -> &'static Validators {
    static ALL: OnceLock<BTreeMap<CredentialType, Validators>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        CredentialType::ALL.into_iter().map(|known| (known, Validators::default())).collect()
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
