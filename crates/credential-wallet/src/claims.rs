//! Claims laid out for people: one line per leaf, with a label in their language.

use std::collections::BTreeMap;

use credential_model::catalogue::CredentialType;
use credential_model::format::CredentialFormat;
use serde::Serialize;
use serde_json::Value;

use crate::records::{HeldCredential, pick};

/// Members that say how a credential works, not what it says about somebody.
const TECHNICAL: [&str; 20] = [
    "@context",
    "iss",
    "iat",
    "nbf",
    "exp",
    "vct",
    "cnf",
    "status",
    "_sd",
    "_sd_alg",
    "issuer",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "credentialStatus",
    "credentialSchema",
    "refreshService",
    "termsOfUse",
    "proof",
];
/// Left out of the holder's own view, at any depth: identifiers and types are machinery there.
const MACHINERY: &[&str] = &["@context", "type", "id"];
/// Left out where the holder decides what goes out: nothing that says something.
const SILENT: &[&str] = &["@context"];
/// More lines than this are not shown; the count of the rest is.
const MAX_LINES: usize = 400;

/// One claim on a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownClaim {
    /// Where it stands, as a DCQL claim path.
    pub path: Vec<Value>,
    /// Labels by language tag; empty when the issuer gave none.
    pub labels: BTreeMap<String, String>,
    /// The value as text.
    pub value: String,
    /// What a coded value means, by language tag (`COMPLETED` → 수료); empty where the
    /// value speaks for itself.
    pub meanings: BTreeMap<String, String>,
}

impl ShownClaim {
    /// The label in `language`, else the path in dotted form.
    pub fn label(&self, language: &str) -> String {
        pick(&self.labels, language).map_or_else(|| dotted(&self.path), str::to_owned)
    }

    /// The value for people: what a code means, else the value itself.
    pub fn text(&self, language: &str) -> &str {
        pick(&self.meanings, language).unwrap_or(&self.value)
    }
}

/// `person.name`, `records[0].courseName`; the leading `credentialSubject` is left out.
pub fn dotted(path: &[Value]) -> String {
    let mut text = String::new();
    for (at, step) in path.iter().enumerate() {
        match step {
            Value::String(name) if at == 0 && name == "credentialSubject" && path.len() > 1 => {}
            Value::String(name) if text.is_empty() => text.push_str(name),
            Value::String(name) => {
                text.push('.');
                text.push_str(name);
            }
            Value::Null => text.push_str("[]"),
            other => text.push_str(&format!("[{other}]")),
        }
    }
    text
}

/// The claims for people in `claims`: everything that is not machinery.
pub(crate) fn shown(held: &HeldCredential, claims: &Value) -> Vec<ShownClaim> {
    lines_of(held, claims, MACHINERY)
}

/// The claims in `claims` that a verifier would learn, members named `id` and `type` among them:
/// an issuer may call a passport's number that.
pub(crate) fn disclosed(held: &HeldCredential, claims: &Value) -> Vec<ShownClaim> {
    lines_of(held, claims, SILENT)
}

fn lines_of(held: &HeldCredential, claims: &Value, skipped: &[&str]) -> Vec<ShownClaim> {
    let mut lines = Vec::new();
    let Some(members) = claims.as_object() else { return lines };
    let w3c = held.format != CredentialFormat::SdJwtVc.as_str();
    for (name, value) in members {
        if TECHNICAL.contains(&name.as_str()) || skipped.contains(&name.as_str()) {
            continue;
        }
        if w3c
            && !matches!(name.as_str(), "credentialSubject" | "awardedDate" | "name" | "evidence")
        {
            continue;
        }
        walk(&mut vec![Value::String(name.clone())], value, skipped, &mut lines);
    }
    arranged(held, claims, lines)
}

/// The claims that the given paths select, leaf by leaf, as [`disclosed`] does.
pub(crate) fn at_paths(
    held: &HeldCredential,
    claims: &Value,
    paths: &[Vec<Value>],
) -> Vec<ShownClaim> {
    let mut lines = Vec::new();
    for path in paths {
        if let Some(value) = descend(claims, path) {
            walk(&mut path.clone(), value, SILENT, &mut lines);
        }
    }
    arranged(held, claims, lines)
}

/// In the order the issuer wants them shown, with labels.
fn arranged(held: &HeldCredential, claims: &Value, mut lines: Vec<ShownClaim>) -> Vec<ShownClaim> {
    lines.truncate(MAX_LINES);
    describe(held, claims, &mut lines);
    let listed: Vec<Vec<Value>> =
        held.claim_order.iter().filter_map(|path| serde_json::from_str(path).ok()).collect();
    lines.sort_by_key(|line| {
        let general = general(&line.path);
        // The elements of an array stay together, whatever the order of their members.
        let end = general.iter().position(Value::is_null).unwrap_or(general.len());
        (1..=end)
            .rev()
            .find_map(|length| listed.iter().position(|path| path.starts_with(&general[..length])))
            .unwrap_or(usize::MAX)
    });
    lines
}

/// The path with `null` for every index.
fn general(path: &[Value]) -> Vec<Value> {
    path.iter().map(|step| if step.is_u64() { Value::Null } else { step.clone() }).collect()
}

fn descend<'v>(root: &'v Value, path: &[Value]) -> Option<&'v Value> {
    path.iter().try_fold(root, |value, step| match step {
        Value::String(name) => value.get(name),
        other => value.get(usize::try_from(other.as_u64()?).ok()?),
    })
}

fn walk(path: &mut Vec<Value>, value: &Value, skipped: &[&str], lines: &mut Vec<ShownClaim>) {
    // An emptied array is what is left when all its elements are hidden.
    let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    if is_empty || lines.len() > MAX_LINES {
        return;
    }
    let text = match value {
        Value::Object(members) => {
            for (name, value) in members {
                if skipped.contains(&name.as_str()) {
                    continue;
                }
                path.push(Value::String(name.clone()));
                walk(path, value, skipped, lines);
                path.pop();
            }
            return;
        }
        Value::Array(elements) if elements.iter().any(|one| one.is_object() || one.is_array()) => {
            for (at, value) in elements.iter().enumerate() {
                path.push(Value::from(at));
                walk(path, value, skipped, lines);
                path.pop();
            }
            return;
        }
        Value::Array(elements) => elements.iter().map(scalar).collect::<Vec<_>>().join(", "),
        other => scalar(other),
    };
    lines.push(ShownClaim {
        path: path.clone(),
        labels: BTreeMap::new(),
        value: text,
        meanings: BTreeMap::new(),
    });
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Labels and meanings: the issuer's own, else the catalogue's for our own types.
fn describe(held: &HeldCredential, claims: &Value, lines: &mut [ShownClaim]) {
    let catalogue = catalogue_type(held, claims).map(CredentialType::labels);
    for line in lines {
        let general = general(&line.path);
        let exact = Value::Array(line.path.clone()).to_string();
        let own = held.labels.get(&exact);
        let own = own.or_else(|| held.labels.get(&Value::Array(general.clone()).to_string()));
        if let Some(own) = own {
            line.labels = own.clone();
        }
        let Some(catalogue) = catalogue else { continue };
        let dotted = dotted(&general);
        for language in ["ko", "en"] {
            if let Some(label) = catalogue.field(&dotted, language)
                && own.is_none()
            {
                line.labels.insert(language.to_owned(), label.to_owned());
            }
            if let Some(meaning) = catalogue.value(&dotted, &line.value, language) {
                line.meanings.insert(language.to_owned(), meaning.to_owned());
            }
        }
    }
}

fn catalogue_type(held: &HeldCredential, claims: &Value) -> Option<CredentialType> {
    if held.format == CredentialFormat::SdJwtVc.as_str() {
        return CredentialType::from_vct(claims.get("vct")?.as_str()?);
    }
    CredentialType::from_types(&credential_model::credential::type_list(claims))
}
