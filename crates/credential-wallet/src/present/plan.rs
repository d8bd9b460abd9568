//! Matching a query against what is held, and picking the smallest answer.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use credential_model::format::CredentialFormat;
use openid4vc_messages::ClientMetadata;
use openid4vc_messages::dcql::{Candidate, Evaluation, MatchOutcome, evaluate};
use serde_json::Value;
use signing_keys::{Algorithm, KeyStore};

use super::request::AskedPresentation;
use super::{PresentError, build};
use crate::records::{HeldCopy, HeldCredential, readable_claims};
use crate::types::expanded_types;
use crate::wallet::{Wallet, short_id};

/// What the holder picked where there is a choice.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// Query id → beginnings of credential ids. Several only where the query allows it.
    pub picks: BTreeMap<String, Vec<String>>,
    /// Also answer what the verifier asks for without requiring it.
    pub include_optional: bool,
}

/// One credential that would go out.
#[derive(Debug, Clone)]
pub struct PlanEntry {
    /// The credential query it answers.
    pub query: String,
    /// The credential.
    pub credential: HeldCredential,
    /// Which of its copies.
    pub copy: usize,
    /// The claims to disclose, as DCQL paths; all of them for a format that cannot hide any.
    pub paths: Vec<Vec<Value>>,
    /// Whether everything in the credential is disclosed whatever was asked.
    pub whole: bool,
    /// Ids of other credentials that would do.
    pub alternatives: Vec<String>,
}

/// The answer that would go out if the holder agrees.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What would go out.
    pub entries: Vec<PlanEntry>,
    /// Query ids the verifier asks for without requiring them, that could be answered too.
    pub optional: Vec<String>,
}

/// A credential's next copy, laid out for matching.
struct Prepared {
    held: HeldCredential,
    copy: usize,
    claims: Value,
    vct: Vec<String>,
    types: Vec<String>,
    bound: bool,
    /// Whether the verifier takes its format and algorithms.
    taken: bool,
}

impl Wallet {
    /// Matches the request.
    ///
    /// # Errors
    /// [`PresentError::NothingFits`], [`PresentError::FormatsNotSupported`],
    /// [`PresentError::BadChoice`].
    pub fn plan(&self, asked: &AskedPresentation, choices: &Choices) -> Result<Plan, PresentError> {
        let metadata = asked.request.client_metadata.clone().unwrap_or_default();
        let all: Vec<Prepared> = self
            .credentials()?
            .into_iter()
            .filter_map(|held| prepare(held, &metadata, &*self.parts.keys))
            .collect();
        let evaluation_of = |usable: &[&Prepared]| -> Evaluation {
            let vcts: Vec<Vec<&str>> =
                usable.iter().map(|one| one.vct.iter().map(String::as_str).collect()).collect();
            let types: Vec<Vec<&str>> =
                usable.iter().map(|one| one.types.iter().map(String::as_str).collect()).collect();
            let candidates: Vec<Candidate<'_>> = usable
                .iter()
                .enumerate()
                .map(|(at, one)| Candidate {
                    format: &one.held.format,
                    vcts: &vcts[at],
                    types: &types[at],
                    claims: &one.claims,
                    holder_bound: one.bound,
                })
                .collect();
            evaluate(&asked.query, &candidates)
        };
        let usable: Vec<&Prepared> = all.iter().filter(|one| one.taken).collect();
        let evaluation = evaluation_of(&usable);
        let Some(required) = evaluation.required_ids() else {
            let everything: Vec<&Prepared> = all.iter().collect();
            if evaluation_of(&everything).satisfiable {
                return Err(PresentError::FormatsNotSupported);
            }
            let queries = evaluation
                .queries
                .iter()
                .filter(|query| query.matching.is_empty())
                .map(|query| query.id.clone())
                .collect();
            return Err(PresentError::NothingFits { queries });
        };
        let mut ids: Vec<&str> = required;
        let mut optional: Vec<String> = Vec::new();
        for id in evaluation.optional_ids().into_iter().flatten() {
            if ids.contains(&id) {
                continue;
            }
            if choices.include_optional || choices.picks.contains_key(id) {
                ids.push(id);
            } else {
                optional.push(id.to_owned());
            }
        }
        for query in choices.picks.keys() {
            if !ids.contains(&query.as_str()) {
                return Err(PresentError::BadChoice(query.clone()));
            }
        }
        let mut entries = Vec::new();
        for id in ids {
            let picks = choices.picks.get(id).map_or(&[][..], Vec::as_slice);
            entries.extend(pick(id, &evaluation, &usable, picks)?);
        }
        Ok(Plan { entries, optional })
    }
}

/// The credentials for one query: those the holder named, else the one that gives away least.
fn pick(
    id: &str,
    evaluation: &Evaluation,
    usable: &[&Prepared],
    picks: &[String],
) -> Result<Vec<PlanEntry>, PresentError> {
    let fitting = evaluation.candidates(id);
    let multiple = evaluation.queries.iter().any(|query| query.id == id && query.multiple);
    let bad = |text: &str| PresentError::BadChoice(format!("{id}={text}"));
    let chosen: Vec<&(usize, MatchOutcome)> = if picks.is_empty() {
        fitting.iter().min_by_key(|(at, outcome)| cost(usable[*at], outcome)).into_iter().collect()
    } else {
        if picks.len() > 1 && !multiple {
            return Err(bad(&picks.join(",")));
        }
        picks
            .iter()
            .map(|wanted| {
                let wanted_id = wanted.to_ascii_lowercase();
                let mut found = fitting.iter().filter(|(at, _)| {
                    let id = &usable[*at].held.id;
                    id.starts_with(&wanted_id) || short_id(id).starts_with(&wanted_id)
                });
                match (found.next(), found.next()) {
                    (Some(one), None) => Ok(one),
                    _ => Err(bad(wanted)),
                }
            })
            .collect::<Result<_, _>>()?
    };
    Ok(chosen
        .into_iter()
        .map(|(at, outcome)| {
            let prepared = usable[*at];
            let whole = prepared.held.format != CredentialFormat::SdJwtVc.as_str();
            PlanEntry {
                query: id.to_owned(),
                credential: prepared.held.clone(),
                copy: prepared.copy,
                paths: outcome.disclosure_paths(),
                whole,
                alternatives: fitting
                    .iter()
                    .filter(|(other, _)| other != at)
                    .map(|(other, _)| usable[*other].held.id.clone())
                    .collect(),
            }
        })
        .collect())
}

/// Less disclosed first, then a verified issuer, then a copy less used, then the newest.
fn cost(prepared: &Prepared, outcome: &MatchOutcome) -> (usize, bool, u64, Reverse<String>) {
    let copy = &prepared.held.copies[prepared.copy];
    (
        outcome.disclosure_paths().len(),
        prepared.held.issuer_check != "verified",
        copy.presented,
        // Ids begin with the time.
        Reverse(prepared.held.id.clone()),
    )
}

fn prepare(
    held: HeldCredential,
    metadata: &ClientMetadata,
    keys: &dyn KeyStore,
) -> Option<Prepared> {
    let (at, copy) = held.next_copy()?;
    let credential = copy.credential()?;
    let claims = readable_claims(&credential);
    let vct = claims.get("vct").and_then(Value::as_str).map(str::to_owned);
    let types = match credential.format {
        CredentialFormat::SdJwtVc => Vec::new(),
        _ => expanded_types(&claims),
    };
    let algorithm = key_algorithm(copy, keys);
    let taken = takes(metadata, credential.format, &credential.to_wire(), algorithm);
    Some(Prepared {
        copy: at,
        bound: algorithm.is_some(),
        vct: vct.into_iter().collect(),
        types,
        claims,
        taken,
        held,
    })
}

fn key_algorithm(copy: &HeldCopy, keys: &dyn KeyStore) -> Option<Algorithm> {
    let handle = keys.find(&copy.binding.as_ref()?.key)?;
    Some(keys.public_key(&handle).ok()?.algorithm())
}

/// `vp_formats_supported` (§11.1, Appendix B).
fn takes(
    metadata: &ClientMetadata,
    format: CredentialFormat,
    wire: &Value,
    key: Option<Algorithm>,
) -> bool {
    let by_key =
        |list: &str| key.is_none_or(|key| metadata.supports(format.as_str(), list, key.jose()));
    match format {
        CredentialFormat::SdJwtVc => {
            let signed_with = build::jose_algorithm(wire.as_str().unwrap_or_default());
            by_key("kb-jwt_alg_values")
                && signed_with
                    .is_none_or(|alg| metadata.supports("dc+sd-jwt", "sd-jwt_alg_values", &alg))
        }
        CredentialFormat::JwtVcJson => by_key("alg_values"),
        CredentialFormat::LdpVc => {
            metadata.supports("ldp_vc", "proof_type_values", "DataIntegrityProof")
                && key.is_none_or(|key| !build::suites(key, metadata).is_empty())
        }
    }
}
