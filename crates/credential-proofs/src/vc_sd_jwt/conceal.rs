//! Replacing parts of a document by digests (RFC 9901 section 4.2).

use std::collections::BTreeSet;

use credential_model::ambient::Entropy;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::VcSdJwtError;
use crate::base64url;

/// A document with digests in the place of its hidden parts.
#[derive(Debug)]
pub(crate) struct Concealed {
    pub(crate) payload: Value,
    pub(crate) disclosures: Vec<String>,
    /// The paths that led nowhere.
    pub(crate) missed: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Element(usize),
    EveryElement,
}

/// Hides `paths`: `"a.b"` a member, `"a[0]"` an element, `"a[]"` every element. No path may begin with a name in
/// `visible`.
pub(crate) fn conceal(
    document: &Value,
    paths: &[&str],
    visible: &[&str],
    decoys: u8,
    entropy: &dyn Entropy,
) -> Result<Concealed, VcSdJwtError> {
    refuse_reserved(document)?;
    let mut steps = Vec::with_capacity(paths.len());
    for path in paths {
        let parsed = parse(path).ok_or_else(|| VcSdJwtError::MalformedPath((*path).to_owned()))?;
        if let Some(Step::Member(name)) = parsed.first()
            && visible.contains(&name.as_str())
        {
            return Err(VcSdJwtError::MustBeVisible(name.clone()));
        }
        steps.push((parsed, *path));
    }
    // The deepest first: a hidden object then carries its hidden members inside its own disclosure.
    steps.sort_by_key(|(steps, _)| std::cmp::Reverse(steps.len()));
    steps.dedup();
    let mut payload = document.clone();
    let mut hider = Hider { entropy, decoys, disclosures: Vec::new() };
    let mut missed = Vec::new();
    for (steps, path) in &steps {
        if hider.hide(&mut payload, steps) == 0 {
            missed.push((*path).to_owned());
        }
    }
    hider.finish(&mut payload);
    if !hider.disclosures.is_empty()
        && let Some(members) = payload.as_object_mut()
    {
        members.insert("_sd_alg".to_owned(), Value::from("sha-256"));
    }
    Ok(Concealed { payload, disclosures: hider.disclosures, missed })
}

fn refuse_reserved(value: &Value) -> Result<(), VcSdJwtError> {
    match value {
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            if ["_sd", "_sd_alg", "..."].contains(&name.as_str()) {
                return Err(VcSdJwtError::ReservedName);
            }
            refuse_reserved(value)
        }),
        Value::Array(items) => items.iter().try_for_each(refuse_reserved),
        _ => Ok(()),
    }
}

fn parse(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for segment in path.split('.') {
        let name = segment.split('[').next().unwrap_or_default();
        if name.is_empty() || name.contains(']') {
            return None;
        }
        steps.push(Step::Member(name.to_owned()));
        let mut rest = &segment[name.len()..];
        while !rest.is_empty() {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            steps.push(match index {
                "" => Step::EveryElement,
                // One text for one index: no sign, no leading zero.
                _ => {
                    let number: usize = index.parse().ok()?;
                    if number.to_string() != index {
                        return None;
                    }
                    Step::Element(number)
                }
            });
            rest = after;
        }
    }
    Some(steps)
}

struct Hider<'e> {
    entropy: &'e dyn Entropy,
    decoys: u8,
    disclosures: Vec<String>,
}

impl Hider<'_> {
    /// Makes a disclosure with 128 bits of salt and returns its digest.
    fn disclose(&mut self, name: Option<&str>, mut value: Value) -> Value {
        // What was hidden inside is complete now: finish it before it is sealed into this disclosure.
        self.finish(&mut value);
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        let salt = base64url::encode(salt);
        let members = match name {
            Some(name) => json!([salt, name, value]),
            None => json!([salt, value]),
        };
        let text = base64url::encode(members.to_string());
        let digest = base64url::encode(Sha256::digest(text.as_bytes()));
        self.disclosures.push(text);
        Value::from(digest)
    }

    /// Returns how many places the path led to.
    fn hide(&mut self, value: &mut Value, path: &[Step]) -> usize {
        match (path, value) {
            ([Step::Member(name)], Value::Object(members)) => {
                let Some(hidden) = members.remove(name) else { return 0 };
                let digest = self.disclose(Some(name), hidden);
                if let Value::Array(digests) = members.entry("_sd").or_insert_with(|| json!([])) {
                    digests.push(digest);
                }
                1
            }
            ([Step::Member(name), rest @ ..], Value::Object(members)) => {
                members.get_mut(name).map_or(0, |inner| self.hide(inner, rest))
            }
            ([Step::Element(index), rest @ ..], Value::Array(items)) => {
                items.get_mut(*index).map_or(0, |item| self.element(item, rest))
            }
            ([Step::EveryElement, rest @ ..], Value::Array(items)) => {
                items.iter_mut().map(|item| self.element(item, rest)).sum()
            }
            _ => 0,
        }
    }

    fn element(&mut self, item: &mut Value, rest: &[Step]) -> usize {
        if !rest.is_empty() {
            return self.hide(item, rest);
        }
        // `a[0]` and `a[]` together: the first was hidden already.
        if item.get("...").is_none() {
            let digest = self.disclose(None, item.take());
            *item = json!({"...": digest});
        }
        1
    }

    /// Adds decoys and sorts: neither number nor order of digests must tell about the claims (RFC 9901 section 4.2.4.1).
    fn finish(&self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members.iter_mut() {
                    match value {
                        Value::Array(digests) if name == "_sd" => self.fill(digests),
                        other => self.finish(other),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.finish(item)),
            _ => {}
        }
    }

    fn fill(&self, digests: &mut Vec<Value>) {
        for _ in 0..self.decoys {
            let mut random = [0; 32];
            self.entropy.fill(&mut random);
            digests.push(Value::from(base64url::encode(random)));
        }
        let sorted: BTreeSet<String> =
            digests.drain(..).filter_map(|digest| digest.as_str().map(str::to_owned)).collect();
        digests.extend(sorted.into_iter().map(Value::from));
    }
}
