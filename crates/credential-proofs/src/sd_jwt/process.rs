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
    mut payload: Value,
    disclosures: &[Disclosure],
) -> Result<Processed, SdJwtError> {
    let Value::Object(members) = &mut payload else { return Err(SdJwtError::MalformedDigests) };
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
        recorded_bytes: 0,
        hidden: 0,
    };
    work.object(members, None, 0)?;
    without(members, "_sd_alg");
    let paths = work
        .paths
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .ok_or(SdJwtError::UnreferencedDisclosure)?;
    Ok(Processed { claims: payload, paths, hidden: work.hidden })
}

/// Where a value stands: a chain up to the top, written out only for what was disclosed.
struct Path<'p> {
    above: Option<&'p Path<'p>>,
    step: Step<'p>,
    /// The size of the chain.
    bytes: usize,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Name(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    fn new(above: Option<&'p Path<'p>>, step: Step<'p>) -> Self {
        let own = match step {
            Step::Name(name) => name.len(),
            Step::Index(_) => 0,
        };
        Self { above, step, bytes: STEP_BYTES + own + above.map_or(0, |above| above.bytes) }
    }

    fn written(&self) -> Vec<Value> {
        let mut steps: Vec<Value> = std::iter::successors(Some(self), |path| path.above)
            .map(|path| match path.step {
                Step::Name(name) => Value::from(name),
                Step::Index(index) => Value::from(index),
            })
            .collect();
        steps.reverse();
        steps
    }
}

struct Work<'a> {
    disclosures: &'a [Disclosure],
    by_digest: BTreeMap<&'a str, usize>,
    seen: BTreeSet<String>,
    paths: Vec<Option<Vec<Value>>>,
    /// The size of `paths`.
    recorded_bytes: usize,
    hidden: usize,
}

impl<'a> Work<'a> {
    /// Puts disclosures into the value that stands at `path`.
    fn value(
        &mut self,
        value: &mut Value,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), SdJwtError> {
        if depth > MAX_DEPTH {
            return Err(SdJwtError::MalformedDigests);
        }
        match value {
            Value::Object(members) => self.object(members, Some(path), depth),
            Value::Array(items) => self.array(items, path, depth),
            _ => Ok(()),
        }
    }

    /// The value of a disclosure, with disclosures put into it.
    fn disclosed(
        &mut self,
        index: usize,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, SdJwtError> {
        self.recorded_bytes += path.bytes;
        if self.recorded_bytes > MAX_PATH_BYTES {
            return Err(SdJwtError::TooLarge);
        }
        self.paths[index] = Some(path.written());
        let mut value = self.disclosures[index].value.clone();
        self.value(&mut value, path, depth)?;
        Ok(value)
    }

    fn object(
        &mut self,
        members: &mut Map<String, Value>,
        path: Option<&Path<'_>>,
        depth: usize,
    ) -> Result<(), SdJwtError> {
        if members.contains_key("...") {
            return Err(SdJwtError::MalformedDigests);
        }
        let digests = members.get_mut("_sd").map(Value::take);
        without(members, "_sd");
        for (name, value) in members.iter_mut() {
            self.value(value, &Path::new(path, Step::Name(name)), depth + 1)?;
        }
        let Some(digests) = digests else { return Ok(()) };
        let Value::Array(digests) = digests else { return Err(SdJwtError::MalformedDigests) };
        for digest in digests {
            let Some((index, disclosure)) = self.find(digest)? else { continue };
            let name = disclosure.name.as_deref().ok_or(SdJwtError::MalformedDisclosure)?;
            if path.is_none() && (ALWAYS_VISIBLE.contains(&name) || name == "_sd_alg") {
                return Err(SdJwtError::ReservedName);
            }
            if members.contains_key(name) {
                return Err(SdJwtError::NameCollision);
            }
            let path = Path::new(path, Step::Name(name));
            let value = self.disclosed(index, &path, depth + 1)?;
            members.insert(name.to_owned(), value);
        }
        Ok(())
    }

    fn array(
        &mut self,
        items: &mut Vec<Value>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), SdJwtError> {
        let mut out = Vec::with_capacity(items.len());
        for mut item in std::mem::take(items) {
            let digest = match &mut item {
                Value::Object(members) if members.contains_key("...") => {
                    if members.len() != 1 {
                        return Err(SdJwtError::MalformedDigests);
                    }
                    members.remove("...")
                }
                _ => None,
            };
            let path = Path::new(Some(path), Step::Index(out.len()));
            match digest {
                None => {
                    self.value(&mut item, &path, depth + 1)?;
                    out.push(item);
                }
                Some(digest) => {
                    if let Some((index, disclosure)) = self.find(digest)? {
                        if disclosure.name.is_some() {
                            return Err(SdJwtError::MalformedDisclosure);
                        }
                        out.push(self.disclosed(index, &path, depth + 1)?);
                    }
                }
            }
        }
        *items = out;
        Ok(())
    }

    /// Every digest may occur once in the whole token, disclosed or not.
    fn find(&mut self, digest: Value) -> Result<Option<(usize, &'a Disclosure)>, SdJwtError> {
        let Value::String(digest) = digest else { return Err(SdJwtError::MalformedDigests) };
        let found = self.by_digest.get(digest.as_str()).copied();
        if !self.seen.insert(digest) {
            return Err(SdJwtError::DuplicateDigest);
        }
        if found.is_none() {
            self.hidden += 1;
        }
        Ok(found.map(|index| (index, &self.disclosures[index])))
    }
}

/// Takes a member out and leaves the others in their order: where maps keep one, `remove` moves the last member into the
/// gap, and people see the claims in another order than the issuer wrote them.
fn without(members: &mut Map<String, Value>, name: &str) {
    if members.contains_key(name) {
        members.retain(|other, _| other != name);
    }
}
