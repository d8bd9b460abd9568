//! Putting disclosures back into their places, under every rule of RFC 9901 section 7.1.

use std::collections::{BTreeMap, BTreeSet};

use credential_model::did::{Did, DidUrl};
use credential_model::moment::Moment;
use serde_json::{Map, Value};

use super::SdJwtError;
use super::disclosure::{ALWAYS_VISIBLE, Disclosure};
use crate::expected::CLOCK_SKEW_SECONDS;

/// Disclosures may lie inside disclosures; no honest credential nests deeper.
const MAX_DEPTH: usize = 32;

/// What the paths of all disclosures may come to. Every path repeats the names above it, so a long name over many
/// disclosures would multiply the token a thousandfold.
const MAX_PATH_BYTES: usize = 1024 * 1024;
/// What a step of a path counts beyond its name.
const STEP_BYTES: usize = 16;

/// An issuer-signed token that holds, with the disclosed claims in their places.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Disclosed {
    /// The claims, without `_sd`, `_sd_alg` and `...`.
    pub claims: Value,
    /// Where each disclosure was put, as paths of names and indices, in the order of the disclosures.
    pub disclosed_paths: Vec<Vec<Value>>,
    /// How many digests had no disclosure: hidden claims and decoys.
    pub hidden: usize,
    /// The issuer, who controls the key.
    pub issuer: Did,
    /// The key that signed.
    pub verification_method: DidUrl,
    /// `nbf`.
    pub valid_from: Option<Moment>,
    /// `exp`.
    pub valid_until: Option<Moment>,
}

impl Disclosed {
    /// Whether the token is within `nbf` and `exp`. Kept apart from [`super::SdJwt::verify`] because "authentic" and
    /// "in force" are two questions: an expired credential is still authentic.
    ///
    /// # Errors
    /// [`SdJwtError::NotYetValid`], [`SdJwtError::Expired`].
    pub fn check_in_force(&self, now: Moment) -> Result<(), SdJwtError> {
        if self.valid_from.is_some_and(|from| from > now.plus_seconds(CLOCK_SKEW_SECONDS)) {
            return Err(SdJwtError::NotYetValid);
        }
        if self.valid_until.is_some_and(|until| until < now.minus_seconds(CLOCK_SKEW_SECONDS)) {
            return Err(SdJwtError::Expired);
        }
        Ok(())
    }
}

/// The result of putting all disclosures in place.
#[derive(Debug, Clone)]
pub(super) struct Processed {
    pub(super) claims: Value,
    pub(super) paths: Vec<Vec<Value>>,
    pub(super) hidden: usize,
}

/// Applies `disclosures` to the payload of the issuer.
pub(super) fn process(
    payload: &Value,
    disclosures: &[Disclosure],
) -> Result<Processed, SdJwtError> {
    let Value::Object(members) = payload else { return Err(SdJwtError::MalformedDigests) };
    if members.get("_sd_alg").is_some_and(|algorithm| algorithm.as_str() != Some("sha-256")) {
        return Err(SdJwtError::UnsupportedDigest);
    }
    let mut by_digest = BTreeMap::new();
    for (index, disclosure) in disclosures.iter().enumerate() {
        if by_digest.insert(disclosure.digest.as_str(), index).is_some() {
            return Err(SdJwtError::DuplicateDisclosure);
        }
    }
    let mut work = Work {
        disclosures,
        by_digest,
        seen: BTreeSet::new(),
        paths: vec![None; disclosures.len()],
        path: Vec::new(),
        path_bytes: 0,
        recorded_bytes: 0,
        hidden: 0,
    };
    let mut claims = work.object(members, 0)?;
    claims.remove("_sd_alg");
    let paths = work
        .paths
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .ok_or(SdJwtError::UnreferencedDisclosure)?;
    Ok(Processed { claims: Value::Object(claims), paths, hidden: work.hidden })
}

struct Work<'a> {
    disclosures: &'a [Disclosure],
    by_digest: BTreeMap<&'a str, usize>,
    seen: BTreeSet<String>,
    paths: Vec<Option<Vec<Value>>>,
    path: Vec<Value>,
    /// The size of `path`.
    path_bytes: usize,
    /// The size of `paths`.
    recorded_bytes: usize,
    hidden: usize,
}

impl<'a> Work<'a> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<Value, SdJwtError> {
        if depth > MAX_DEPTH {
            return Err(SdJwtError::MalformedDigests);
        }
        match value {
            Value::Object(members) => self.object(members, depth).map(Value::Object),
            Value::Array(items) => self.array(items, depth).map(Value::Array),
            other => Ok(other.clone()),
        }
    }

    /// The value one step further down. `disclosure` says which disclosure it was put there by.
    fn below(
        &mut self,
        step: Value,
        value: &Value,
        disclosure: Option<usize>,
        depth: usize,
    ) -> Result<Value, SdJwtError> {
        let bytes = STEP_BYTES + step.as_str().map_or(0, str::len);
        self.path.push(step);
        self.path_bytes += bytes;
        if let Some(index) = disclosure {
            self.recorded_bytes += self.path_bytes;
            if self.recorded_bytes > MAX_PATH_BYTES {
                return Err(SdJwtError::TooLarge);
            }
            self.paths[index] = Some(self.path.clone());
        }
        let value = self.value(value, depth + 1)?;
        self.path.pop();
        self.path_bytes -= bytes;
        Ok(value)
    }

    fn object(
        &mut self,
        members: &Map<String, Value>,
        depth: usize,
    ) -> Result<Map<String, Value>, SdJwtError> {
        let mut out = Map::new();
        for (name, value) in members {
            match name.as_str() {
                "_sd" => {}
                "..." => return Err(SdJwtError::MalformedDigests),
                _ => {
                    let value = self.below(name.as_str().into(), value, None, depth)?;
                    out.insert(name.clone(), value);
                }
            }
        }
        let Some(digests) = members.get("_sd") else { return Ok(out) };
        for digest in digests.as_array().ok_or(SdJwtError::MalformedDigests)? {
            let Some((index, disclosure)) = self.find(digest)? else { continue };
            let name = disclosure.name.as_deref().ok_or(SdJwtError::MalformedDisclosure)?;
            if self.path.is_empty() && (ALWAYS_VISIBLE.contains(&name) || name == "_sd_alg") {
                return Err(SdJwtError::ReservedName);
            }
            if out.contains_key(name) {
                return Err(SdJwtError::NameCollision);
            }
            let value = self.below(name.into(), &disclosure.value, Some(index), depth)?;
            out.insert(name.to_owned(), value);
        }
        Ok(out)
    }

    fn array(&mut self, items: &[Value], depth: usize) -> Result<Vec<Value>, SdJwtError> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let digest = match item {
                Value::Object(members) if members.contains_key("...") => {
                    if members.len() != 1 {
                        return Err(SdJwtError::MalformedDigests);
                    }
                    members.get("...")
                }
                _ => None,
            };
            let step = Value::from(out.len());
            match digest {
                None => out.push(self.below(step, item, None, depth)?),
                Some(digest) => {
                    if let Some((index, disclosure)) = self.find(digest)? {
                        if disclosure.name.is_some() {
                            return Err(SdJwtError::MalformedDisclosure);
                        }
                        out.push(self.below(step, &disclosure.value, Some(index), depth)?);
                    }
                }
            }
        }
        Ok(out)
    }

    /// Every digest may occur once in the whole token, disclosed or not.
    fn find(&mut self, digest: &Value) -> Result<Option<(usize, &'a Disclosure)>, SdJwtError> {
        let digest = digest.as_str().ok_or(SdJwtError::MalformedDigests)?;
        if !self.seen.insert(digest.to_owned()) {
            return Err(SdJwtError::DuplicateDigest);
        }
        let found = self.by_digest.get(digest).map(|&index| (index, &self.disclosures[index]));
        if found.is_none() {
            self.hidden += 1;
        }
        Ok(found)
    }
}
