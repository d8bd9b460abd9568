//! The verifier instances of VC-API, the challenges it gave out, and the status check it borrows from the verification
//! flow.

pub mod config;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use axum::http::StatusCode;
use credential_model::{
    ambient::{Entropy, random_token},
    credential::UnverifiedCredential,
    did::Did,
    moment::Moment,
};
use credential_verification::{
    CheckOutcome, Code, OutcomeKind, Toolbox, checks::status, content::Content,
};
use serde_json::Value;
use vc_api::{Contexts, StatusAnswer, StatusCheck, VerifierPolicy};

use config::VcApi;

/// How long a challenge stands, in seconds.
const CHALLENGE_SECONDS: i64 = 300;
/// More challenges than this stand at no time; the oldest go.
const MAX_CHALLENGES: usize = 10_000;
/// Tells our challenges from those that callers make themselves.
const PREFIX: &str = "sinpyo-";

/// The instances.
#[derive(Debug)]
pub struct Instances {
    by_id: BTreeMap<String, VerifierPolicy>,
    /// What an answer `verified: false` has as its status.
    pub not_verified: StatusCode,
    /// See [`Challenges`].
    pub challenges: Challenges,
}

impl Instances {
    /// The configured instances.
    #[must_use]
    pub fn new(config: &VcApi) -> Self {
        let by_id = config.instances.iter().map(|section| {
            let contexts = if section.danger_inline_contexts {
                Contexts::DangerInline
            } else {
                Contexts::Pinned
            };
            let danger_proof_only = section.danger_proof_only;
            (section.id.clone(), VerifierPolicy { danger_proof_only, contexts })
        });
        let not_verified = StatusCode::from_u16(config.status_when_not_verified);
        Self {
            by_id: by_id.collect(),
            not_verified: not_verified.unwrap_or(StatusCode::BAD_REQUEST),
            challenges: Challenges::default(),
        }
    }

    /// The policy of an instance.
    pub fn policy(&self, id: &str) -> Option<VerifierPolicy> {
        self.by_id.get(id).copied()
    }
}

/// Challenges that stand, in memory: one that a restart forgot is asked for again.
#[derive(Debug, Default)]
pub struct Challenges(Mutex<HashMap<String, Moment>>);

impl Challenges {
    /// Makes one.
    pub fn make(&self, now: Moment, entropy: &dyn Entropy) -> String {
        let challenge = format!("{PREFIX}{}", random_token(entropy));
        let mut standing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if standing.len() >= MAX_CHALLENGES {
            standing.retain(|_, until| *until > now);
        }
        if standing.len() >= MAX_CHALLENGES
            && let Some(oldest) =
                standing.iter().min_by_key(|(_, until)| **until).map(|(text, _)| text.clone())
        {
            standing.remove(&oldest);
        }
        standing.insert(challenge.clone(), now.plus_seconds(CHALLENGE_SECONDS));
        challenge
    }

    /// Whether a challenge may be answered now. One of ours may once; of others the caller keeps track.
    pub fn take(&self, challenge: &str, now: Moment) -> bool {
        if !challenge.starts_with(PREFIX) {
            return true;
        }
        let mut standing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        standing.remove(challenge).is_some_and(|until| until > now)
    }
}

/// The status check of the verification flow.
pub struct FlowStatus {
    /// What it may ask.
    pub toolbox: Toolbox,
}

#[async_trait]
impl StatusCheck for FlowStatus {
    async fn status(&self, credential: &Value, issuer: &Did, now: Moment) -> StatusAnswer {
        let read = match credential {
            Value::String(token) => UnverifiedCredential::parse_str(token),
            envelope if vc_api::verify::token_of(envelope).is_some() => {
                let token = vc_api::verify::token_of(envelope).unwrap_or_default();
                UnverifiedCredential::parse_str(&token)
            }
            document => UnverifiedCredential::from_value(document),
        };
        let credential = match read {
            Ok(credential) => credential,
            Err(error) => {
                let detail = "the status entry of this format is not looked up".to_owned();
                return StatusAnswer::Unknown { code: error.code().to_owned(), detail };
            }
        };
        let content = Content::unverified(&credential);
        let found = status::check(&content, issuer, &self.toolbox.tools(), now).await;
        answer(&found.outcome)
    }
}

fn answer(outcome: &CheckOutcome) -> StatusAnswer {
    let code = outcome.code().as_str().to_owned();
    let detail = outcome.detail().unwrap_or("by the status list").to_owned();
    match outcome.kind() {
        OutcomeKind::Passed => StatusAnswer::Valid,
        OutcomeKind::Failed => StatusAnswer::NotValid { code, detail },
        OutcomeKind::Skipped if outcome.code() == Code::StatusAbsent => StatusAnswer::NoEntry,
        OutcomeKind::Skipped | OutcomeKind::Inconclusive => StatusAnswer::Unknown { code, detail },
    }
}

#[cfg(test)]
mod tests {
    use credential_model::ambient::PredictableEntropy;

    use super::*;

    #[test]
    fn a_challenge_of_ours_is_good_once_and_not_for_ever() {
        let challenges = Challenges::default();
        let entropy = PredictableEntropy::new(5);
        let now = Moment::from_unix(1_800_000_000);
        let challenge = challenges.make(now, &entropy);
        assert!(challenges.take(&challenge, now.plus_seconds(CHALLENGE_SECONDS - 1)));
        assert!(!challenges.take(&challenge, now));
        let late = challenges.make(now, &entropy);
        assert!(!challenges.take(&late, now.plus_seconds(CHALLENGE_SECONDS)));
        assert!(challenges.take("a caller's own", now));
        for _ in 0..MAX_CHALLENGES + 10 {
            challenges.make(now, &entropy);
        }
        assert!(challenges.0.lock().unwrap().len() <= MAX_CHALLENGES);
    }
}
