//! Does one credential answer one credential query, and what would be disclosed?

use serde_json::Value;

use super::{ClaimPath, ClaimsQuery, CredentialQuery};

/// A credential as the wallet sees it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Credential format identifier.
    pub format: &'a str,
    /// SD-JWT VC: the `vct`, with those it extends when known.
    pub vcts: &'a [&'a str],
    /// W3C formats: the credential's types as fully expanded IRIs.
    pub types: &'a [&'a str],
    /// All claims, every disclosure applied; the whole document for W3C formats.
    pub claims: &'a Value,
    /// Whether the holder can prove possession of a key bound to it.
    pub holder_bound: bool,
}

/// A claim to disclose.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedClaim {
    /// The claim's id in the query, if it has one.
    pub id: Option<String>,
    /// The path as asked.
    pub asked: ClaimPath,
    /// The places it selects, each without `null`: disclose exactly these.
    pub paths: Vec<ClaimPath>,
}

/// Why a credential does not answer a query.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// Another format is asked.
    Format,
    /// Another type is asked.
    Type,
    /// The query wants key binding, the credential has none.
    HolderBinding,
    /// A claim is absent.
    ClaimAbsent(ClaimPath),
    /// A claim has none of the accepted values.
    ClaimValue(ClaimPath),
    /// No entry of `claim_sets` can be satisfied.
    NoClaimSet,
}

/// Result of [`matches()`].
#[derive(Debug, Clone, PartialEq)]
pub enum MatchOutcome {
    /// The credential answers the query.
    Match {
        /// What to disclose beyond what is always shown; empty when the query asks no
        /// claims.
        claims: Vec<SelectedClaim>,
        /// Which entry of `claim_sets` was taken.
        claim_set: Option<usize>,
    },
    /// It does not.
    NoMatch(Mismatch),
}

impl MatchOutcome {
    /// Whether the credential answers the query.
    #[must_use]
    pub const fn is_match(&self) -> bool {
        matches!(self, Self::Match { .. })
    }

    /// All places to disclose, as JSON values, sorted and without repeats.
    #[must_use]
    pub fn disclosure_paths(&self) -> Vec<Vec<Value>> {
        let Self::Match { claims, .. } = self else { return Vec::new() };
        let mut paths: Vec<&ClaimPath> = claims.iter().flat_map(|c| &c.paths).collect();
        paths.sort();
        paths.dedup();
        paths.into_iter().map(ClaimPath::to_values).collect()
    }
}

/// Matches one credential against one query
/// ([OID4VP 1.0 §6.4](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-6.4)).
/// `trusted_authorities` is not judged here.
#[must_use]
pub fn matches(query: &CredentialQuery, candidate: &Candidate<'_>) -> MatchOutcome {
    if query.format != candidate.format {
        return MatchOutcome::NoMatch(Mismatch::Format);
    }
    if !type_fits(query, candidate) {
        return MatchOutcome::NoMatch(Mismatch::Type);
    }
    if query.require_cryptographic_holder_binding && !candidate.holder_bound {
        return MatchOutcome::NoMatch(Mismatch::HolderBinding);
    }
    let Some(claims) = &query.claims else {
        return MatchOutcome::Match { claims: Vec::new(), claim_set: None };
    };
    let Some(sets) = &query.claim_sets else {
        return match claims
            .iter()
            .map(|c| select(c, candidate.claims))
            .collect::<Result<Vec<_>, _>>()
        {
            Ok(claims) => MatchOutcome::Match { claims, claim_set: None },
            Err(mismatch) => MatchOutcome::NoMatch(mismatch),
        };
    };
    // Sets stand in the verifier's order of preference; the first that can be met is taken.
    for (at, set) in sets.iter().enumerate() {
        let chosen: Option<Vec<&ClaimsQuery>> =
            set.iter().map(|id| claims.iter().find(|c| c.id.as_ref() == Some(id))).collect();
        let Some(chosen) = chosen else { continue };
        if let Ok(claims) =
            chosen.into_iter().map(|c| select(c, candidate.claims)).collect::<Result<Vec<_>, _>>()
        {
            return MatchOutcome::Match { claims, claim_set: Some(at) };
        }
    }
    MatchOutcome::NoMatch(Mismatch::NoClaimSet)
}

fn type_fits(query: &CredentialQuery, candidate: &Candidate<'_>) -> bool {
    match query.format.as_str() {
        "dc+sd-jwt" => query
            .meta
            .vct_values
            .as_ref()
            .is_none_or(|wanted| wanted.iter().any(|v| candidate.vcts.contains(&v.as_str()))),
        "ldp_vc" | "jwt_vc_json" => query.meta.type_values.as_ref().is_none_or(|wanted| {
            wanted.iter().any(|all| all.iter().all(|t| candidate.types.contains(&t.as_str())))
        }),
        // A format whose meta we cannot read is never taken for a match.
        _ => false,
    }
}

fn select(claim: &ClaimsQuery, root: &Value) -> Result<SelectedClaim, Mismatch> {
    let mut selected =
        claim.path.select(root).map_err(|_| Mismatch::ClaimAbsent(claim.path.clone()))?;
    if let Some(values) = &claim.values {
        // Only the elements that were asked for by value are worth disclosing.
        selected.retain(|(_, value)| values.iter().any(|wanted| same(wanted, value)));
        if selected.is_empty() {
            return Err(Mismatch::ClaimValue(claim.path.clone()));
        }
    }
    Ok(SelectedClaim {
        id: claim.id.clone(),
        asked: claim.path.clone(),
        paths: selected.into_iter().map(|(path, _)| path).collect(),
    })
}

/// Equal in type and value. Numbers compare as integers, because with
/// `arbitrary_precision` serde_json compares their spelling.
fn same(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            _ => a.as_u64().is_some() && a.as_u64() == b.as_u64(),
        },
        _ => wanted == found,
    }
}
