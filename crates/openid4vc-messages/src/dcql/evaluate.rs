//! A whole query against a whole wallet.

use super::{Candidate, DcqlQuery, MatchOutcome, matches};

/// What a wallet can answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// One entry per credential query, in the query's order.
    pub queries: Vec<QueryCandidates>,
    /// One entry per credential set; empty when the query has none.
    pub sets: Vec<SetOutcome>,
    /// Whether everything required can be answered.
    pub satisfiable: bool,
}

/// The credentials that answer one credential query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryCandidates {
    /// The credential query's id.
    pub id: String,
    /// Whether several may be returned.
    pub multiple: bool,
    /// Position among the candidates and what it would disclose.
    pub matching: Vec<(usize, MatchOutcome)>,
}

/// One credential set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetOutcome {
    /// Whether it must be satisfied.
    pub required: bool,
    /// Its options, best first.
    pub options: Vec<OptionOutcome>,
}

/// One option of a credential set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionOutcome {
    /// Credential query ids.
    pub ids: Vec<String>,
    /// Whether each of them has a matching credential.
    pub satisfiable: bool,
}

impl SetOutcome {
    /// The best option that can be satisfied.
    #[must_use]
    pub fn first_satisfiable(&self) -> Option<&OptionOutcome> {
        self.options.iter().find(|o| o.satisfiable)
    }
}

/// Matches every candidate with every credential query
/// ([OID4VP 1.0 §6.4](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-6.4)).
#[must_use]
pub fn evaluate(query: &DcqlQuery, candidates: &[Candidate<'_>]) -> Evaluation {
    let queries: Vec<QueryCandidates> = query
        .credentials
        .iter()
        .map(|asked| QueryCandidates {
            id: asked.id.clone(),
            multiple: asked.multiple,
            matching: candidates
                .iter()
                .map(|candidate| matches(asked, candidate))
                .enumerate()
                .filter(|(_, outcome)| outcome.is_match())
                .collect(),
        })
        .collect();
    let answered = |id: &str| queries.iter().any(|q| q.id == id && !q.matching.is_empty());
    let sets: Vec<SetOutcome> = query
        .credential_sets
        .iter()
        .flatten()
        .map(|set| SetOutcome {
            required: set.required,
            options: set
                .options
                .iter()
                .map(|ids| OptionOutcome {
                    ids: ids.clone(),
                    satisfiable: ids.iter().all(|id| answered(id)),
                })
                .collect(),
        })
        .collect();
    let satisfiable = if query.credential_sets.is_some() {
        sets.iter().all(|s| !s.required || s.first_satisfiable().is_some())
    } else {
        queries.iter().all(|q| !q.matching.is_empty())
    };
    Evaluation { queries, sets, satisfiable }
}

impl Evaluation {
    /// The smallest answer in the verifier's order of preference: query ids to return,
    /// without the optional sets. `None` when a required one cannot be answered.
    #[must_use]
    pub fn required_ids(&self) -> Option<Vec<&str>> {
        if !self.satisfiable {
            return None;
        }
        if self.sets.is_empty() {
            return Some(self.queries.iter().map(|q| q.id.as_str()).collect());
        }
        let mut ids: Vec<&str> = Vec::new();
        for option in
            self.sets.iter().filter(|s| s.required).filter_map(SetOutcome::first_satisfiable)
        {
            for id in &option.ids {
                if !ids.contains(&id.as_str()) {
                    ids.push(id);
                }
            }
        }
        Some(ids)
    }

    /// Optional sets the wallet could satisfy besides; ask the holder about each.
    #[must_use]
    pub fn optional_ids(&self) -> Vec<Vec<&str>> {
        self.sets
            .iter()
            .filter(|s| !s.required)
            .filter_map(SetOutcome::first_satisfiable)
            .map(|o| o.ids.iter().map(String::as_str).collect())
            .collect()
    }

    /// The credentials for one query id.
    #[must_use]
    pub fn candidates(&self, id: &str) -> &[(usize, MatchOutcome)] {
        self.queries.iter().find(|q| q.id == id).map(|q| q.matching.as_slice()).unwrap_or_default()
    }
}
