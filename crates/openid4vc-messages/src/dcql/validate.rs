//! What makes a query well-formed. Everything has a cap, so that matching is bounded.

use serde_json::Value;

use super::{ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery};
use crate::error::{ErrorCode, MessageError};
use crate::strict::find_non_object;

/// Where a query holds objects.
const PLACES: &[&[&str]] = &[
    &[],
    &["credentials", "*"],
    &["credentials", "*", "meta"],
    &["credentials", "*", "trusted_authorities", "*"],
    &["credentials", "*", "claims", "*"],
    &["credential_sets", "*"],
];

const MAX_CREDENTIALS: usize = 32;
const MAX_CLAIMS: usize = 128;
const MAX_VALUES: usize = 256;
const MAX_SETS: usize = 64;
const MAX_OPTIONS: usize = 64;
const MAX_ID: usize = 128;

impl DcqlQuery {
    /// Reads and validates a query.
    ///
    /// # Errors
    /// `invalid_request` with what is wrong.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        if let Some(place) = find_non_object(json, PLACES) {
            return Err(refuse(format!(
                "dcql_query is malformed: no object at {}",
                place.join(".")
            )));
        }
        let query: Self = serde_json::from_value(json.clone())
            .map_err(|e| refuse(format!("dcql_query is malformed: {e}")))?;
        query.validate()?;
        Ok(query)
    }

    /// Checks what the types do not hold.
    ///
    /// # Errors
    /// `invalid_request` with what is wrong.
    pub fn validate(&self) -> Result<(), MessageError> {
        bounded(self.credentials.len(), MAX_CREDENTIALS, "credentials")?;
        for (at, credential) in self.credentials.iter().enumerate() {
            check_id(&credential.id, "a credential query's id")?;
            if self.credentials[..at].iter().any(|other| other.id == credential.id) {
                return Err(refuse("two credential queries have the same id"));
            }
            credential.validate()?;
        }
        if let Some(sets) = &self.credential_sets {
            bounded(sets.len(), MAX_SETS, "credential_sets")?;
            for set in sets {
                self.validate_set(set)?;
            }
        }
        Ok(())
    }

    fn validate_set(&self, set: &CredentialSetQuery) -> Result<(), MessageError> {
        bounded(set.options.len(), MAX_OPTIONS, "credential_sets.options")?;
        for option in &set.options {
            bounded(option.len(), MAX_CREDENTIALS, "an option of credential_sets")?;
            if option.iter().any(|id| self.credential(id).is_none()) {
                return Err(refuse("credential_sets names a credential query that does not exist"));
            }
        }
        Ok(())
    }

    /// The credential query of that id.
    #[must_use]
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|c| c.id == id)
    }

    /// Whether presentations for exactly these query ids are a complete answer (§6.4.2).
    #[must_use]
    pub fn is_answered_by(&self, ids: &[&str]) -> bool {
        match &self.credential_sets {
            None => self.credentials.iter().all(|c| ids.contains(&c.id.as_str())),
            Some(sets) => sets.iter().filter(|s| s.required).all(|set| {
                set.options.iter().any(|option| option.iter().all(|id| ids.contains(&id.as_str())))
            }),
        }
    }
}

impl CredentialQuery {
    fn validate(&self) -> Result<(), MessageError> {
        if self.format.is_empty() {
            return Err(refuse("a credential query's format is empty"));
        }
        if let Some(values) = &self.meta.vct_values {
            bounded(values.len(), MAX_VALUES, "meta.vct_values")?;
        }
        if let Some(sets) = &self.meta.type_values {
            bounded(sets.len(), MAX_VALUES, "meta.type_values")?;
            for set in sets {
                bounded(set.len(), MAX_VALUES, "an entry of meta.type_values")?;
            }
        }
        for authority in self.trusted_authorities.iter().flatten() {
            bounded(authority.values.len(), MAX_VALUES, "trusted_authorities.values")?;
        }
        if let Some(authorities) = &self.trusted_authorities {
            bounded(authorities.len(), MAX_VALUES, "trusted_authorities")?;
        }
        match (&self.claims, &self.claim_sets) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(refuse("claim_sets stands without claims")),
            (Some(claims), sets) => validate_claims(claims, sets.as_deref()),
        }
    }
}

fn validate_claims(
    claims: &[ClaimsQuery],
    sets: Option<&[Vec<String>]>,
) -> Result<(), MessageError> {
    bounded(claims.len(), MAX_CLAIMS, "claims")?;
    for (at, claim) in claims.iter().enumerate() {
        match &claim.id {
            None if sets.is_some() => {
                return Err(refuse("with claim_sets, every claim needs an id"));
            }
            None => {}
            Some(id) => {
                check_id(id, "a claim's id")?;
                if claims[..at].iter().any(|other| other.id.as_ref() == Some(id)) {
                    return Err(refuse("two claims have the same id"));
                }
            }
        }
        if let Some(values) = &claim.values {
            bounded(values.len(), MAX_VALUES, "values")?;
            let scalar = |v: &Value| {
                v.is_string() || v.is_boolean() || v.as_i64().is_some() || v.as_u64().is_some()
            };
            if !values.iter().all(scalar) {
                return Err(refuse(
                    "values holds something other than strings, integers and booleans",
                ));
            }
        }
    }
    let Some(sets) = sets else { return Ok(()) };
    bounded(sets.len(), MAX_SETS, "claim_sets")?;
    for set in sets {
        bounded(set.len(), MAX_CLAIMS, "an entry of claim_sets")?;
        if set.iter().any(|id| !claims.iter().any(|c| c.id.as_ref() == Some(id))) {
            return Err(refuse("claim_sets names a claim that does not exist"));
        }
    }
    Ok(())
}

fn check_id(id: &str, what: &str) -> Result<(), MessageError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if id.is_empty() || id.len() > MAX_ID || !id.bytes().all(allowed) {
        return Err(refuse(format!("{what} is not made of letters, digits, _ and -")));
    }
    Ok(())
}

fn bounded(len: usize, max: usize, what: &str) -> Result<(), MessageError> {
    match len {
        0 => Err(refuse(format!("{what} is empty"))),
        n if n > max => Err(refuse(format!("{what} has more than {max} entries"))),
        _ => Ok(()),
    }
}

fn refuse(detail: impl Into<String>) -> MessageError {
    MessageError::new(ErrorCode::InvalidRequest, detail)
}
