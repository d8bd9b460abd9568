use std::collections::BTreeSet;

use credential_model::ambient::Entropy;
use credential_model::did::DidUrl;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use signing_keys::{Algorithm, PublicKey, Signer};

use super::disclosure::{ALWAYS_VISIBLE, Disclosure, RESERVED};
use super::{SdJwtError, TYP};
use crate::base64url;
use crate::jose::{self, JoseError, PreparedJws};

/// What to issue.
#[derive(Debug, Clone)]
pub struct Issue<'a> {
    /// All claims in clear: `iss`, `vct`, dates, status and the claims of the type. `cnf` is added from `holder`.
    pub payload: Value,
    /// Claims to make selectively disclosable, as `"person.name"` (dots descend into objects) and `"records[]"` (every
    /// element of an array). Paths that the payload does not have are skipped: optional claims.
    pub disclosable: &'a [&'a str],
    /// The verification method of the issuer, for the `kid` header.
    pub kid: Option<&'a DidUrl>,
    /// The holder's key, for `cnf.jwk`.
    pub holder: Option<&'a PublicKey>,
    /// How many decoy digests to add to each `_sd` array, so that their number tells nothing.
    pub decoys: u8,
}

/// An SD-JWT ready to be recorded and then signed, exactly as recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreparedSdJwt {
    issuer_signed: PreparedJws,
    disclosures: Vec<String>,
}

impl PreparedSdJwt {
    /// The bytes the signer signs.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.issuer_signed.signing_input()
    }

    /// Joins signature and disclosures on: `<JWS>~<disclosure>~…~`.
    #[must_use]
    pub fn seal(self, signature: &[u8]) -> String {
        let mut text = self.issuer_signed.seal(signature);
        text.push('~');
        for disclosure in &self.disclosures {
            text.push_str(disclosure);
            text.push('~');
        }
        text
    }
}

/// Hides the disclosable claims and builds the signing input.
///
/// # Errors
/// [`SdJwtError::UnknownPath`] for a malformed path, [`SdJwtError::ReservedName`] for names the mechanism needs and
/// claims that must stay visible, [`SdJwtError::Claim`] for a payload that is no object or brings its own `cnf`.
pub fn prepare(
    issue: &Issue<'_>,
    algorithm: Algorithm,
    entropy: &dyn Entropy,
) -> Result<PreparedSdJwt, SdJwtError> {
    let mut payload = issue.payload.clone();
    refuse_reserved(&payload)?;
    let members = payload.as_object_mut().ok_or(SdJwtError::Claim("payload"))?;
    if let Some(holder) = issue.holder {
        if members.contains_key("cnf") {
            return Err(SdJwtError::Claim("cnf"));
        }
        members.insert("cnf".to_owned(), json!({"jwk": holder.to_jwk()}));
    }

    let mut paths =
        issue.disclosable.iter().map(|path| parse_path(path)).collect::<Result<Vec<_>, _>>()?;
    // The deepest first: a hidden object then carries its hidden members inside its own disclosure.
    paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
    let decoys = Decoys { entropy, count: issue.decoys };
    let mut hider = Hider { entropy, decoys: &decoys, disclosures: Vec::new() };
    for path in &paths {
        hider.hide(&mut payload, path);
    }
    decoys.finish(&mut payload);
    if !hider.disclosures.is_empty()
        && let Some(members) = payload.as_object_mut()
    {
        members.insert("_sd_alg".to_owned(), Value::from("sha-256"));
    }

    let header = match issue.kid {
        Some(kid) => json!({"typ": TYP, "kid": kid.as_str()}),
        None => json!({"typ": TYP}),
    };
    let issuer_signed = jose::prepare(header, payload.to_string().as_bytes(), algorithm)?;
    let disclosures = hider.disclosures.into_iter().map(|disclosure| disclosure.text).collect();
    Ok(PreparedSdJwt { issuer_signed, disclosures })
}

/// [`prepare`] and sign in one step.
///
/// # Errors
/// As [`prepare`], and [`SdJwtError::Jose`] when the key cannot sign.
pub fn issue(
    issue: &Issue<'_>,
    signer: &dyn Signer,
    entropy: &dyn Entropy,
) -> Result<String, SdJwtError> {
    let prepared = prepare(issue, signer.algorithm(), entropy)?;
    let signature = signer.sign(prepared.signing_input()).map_err(JoseError::Signing)?;
    Ok(prepared.seal(&signature))
}

fn refuse_reserved(value: &Value) -> Result<(), SdJwtError> {
    match value {
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            if RESERVED.contains(&name.as_str()) || name == "_sd_alg" {
                return Err(SdJwtError::ReservedName);
            }
            refuse_reserved(value)
        }),
        Value::Array(items) => items.iter().try_for_each(refuse_reserved),
        _ => Ok(()),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    EveryElement,
}

fn parse_path(path: &str) -> Result<Vec<Step>, SdJwtError> {
    let malformed = || SdJwtError::UnknownPath(path.to_owned());
    let mut steps = Vec::new();
    for segment in path.split('.') {
        let name = segment.trim_end_matches("[]");
        if name.is_empty() || name.contains(['[', ']']) {
            return Err(malformed());
        }
        if steps.is_empty() && name == segment && ALWAYS_VISIBLE.contains(&name) {
            // Only hiding the whole claim is forbidden here; hiding parts of `status` or `cnf` is refused below.
            return Err(SdJwtError::ReservedName);
        }
        steps.push(Step::Member(name.to_owned()));
        steps.extend((0..(segment.len() - name.len()) / 2).map(|_| Step::EveryElement));
    }
    match steps.first() {
        Some(Step::Member(name)) if ALWAYS_VISIBLE.contains(&name.as_str()) => {
            Err(SdJwtError::ReservedName)
        }
        Some(_) => Ok(steps),
        None => Err(malformed()),
    }
}

struct Hider<'a> {
    entropy: &'a dyn Entropy,
    decoys: &'a Decoys<'a>,
    disclosures: Vec<Disclosure>,
}

impl Hider<'_> {
    fn disclose(&mut self, name: Option<&str>, mut value: Value) -> Value {
        // What was hidden inside is complete now: finish it before it is sealed into this disclosure.
        self.decoys.finish(&mut value);
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        let disclosure = Disclosure::make(&salt, name, value);
        let digest = Value::from(disclosure.digest.as_str());
        self.disclosures.push(disclosure);
        digest
    }

    fn hide(&mut self, value: &mut Value, path: &[Step]) {
        match (path, value) {
            ([Step::Member(name)], Value::Object(members)) => {
                if let Some(hidden) = members.remove(name) {
                    let digest = self.disclose(Some(name), hidden);
                    if let Value::Array(digests) =
                        members.entry("_sd").or_insert_with(|| Value::Array(Vec::new()))
                    {
                        digests.push(digest);
                    }
                }
            }
            ([Step::Member(name), rest @ ..], Value::Object(members)) => {
                if let Some(inner) = members.get_mut(name) {
                    self.hide(inner, rest);
                }
            }
            ([Step::EveryElement], Value::Array(items)) => {
                for item in items {
                    let digest = self.disclose(None, item.take());
                    let placeholder = Map::from_iter([("...".to_owned(), digest)]);
                    *item = Value::Object(placeholder);
                }
            }
            ([Step::EveryElement, rest @ ..], Value::Array(items)) => {
                for item in items {
                    self.hide(item, rest);
                }
            }
            _ => {}
        }
    }
}

struct Decoys<'a> {
    entropy: &'a dyn Entropy,
    count: u8,
}

impl Decoys<'_> {
    /// Adds decoys and sorts: the order of digests must not tell the order of claims (RFC 9901 section 4.2.4.1).
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
        for _ in 0..self.count {
            let mut random = [0; 32];
            self.entropy.fill(&mut random);
            digests.push(Value::from(base64url::encode(random)));
        }
        let sorted: BTreeSet<String> =
            digests.drain(..).filter_map(|digest| digest.as_str().map(str::to_owned)).collect();
        digests.extend(sorted.into_iter().map(Value::from));
    }
}
