//! What the chain shall say about keys that sign no more.

use evm_chain::{KeyState, KeyStatus, key_id_hash};

use super::{AnchorChain, AnchorChainError, AnchorError};
use crate::audit::AuditAction;
use crate::{Issuer, KeyStatement};

impl Issuer {
    /// Sees to it that the chain holds what the key register says. Stated again after a crash it
    /// changes nothing, because what the chain holds already is left alone.
    ///
    /// A DID must be on the chain before its keys are spoken of; before the first document there
    /// is nothing that anybody could hold against us.
    pub(super) async fn state_keys(&self, chain: &dyn AnchorChain) -> Result<(), AnchorError> {
        let statements = self.identity.key_statements();
        let did = self.identity.did().to_string();
        if statements.is_empty() || chain.did_head(&did).await?.is_none() {
            return Ok(());
        }
        let known = chain.key_states(&did).await?;
        for statement in statements {
            let key = key_id_hash(statement.method.as_str());
            let stated = known.iter().find(|state| state.key == key);
            for (status, since) in missing(&statement, stated) {
                self.state_key(chain, &did, statement.method.as_str(), status, since).await?;
            }
        }
        Ok(())
    }

    async fn state_key(
        &self,
        chain: &dyn AnchorChain,
        did: &str,
        method: &str,
        status: KeyStatus,
        since: i64,
    ) -> Result<(), AnchorError> {
        // The contract takes no time after its block's; a clock a little ahead of the chain's waits.
        let transaction = match chain.state_key(did, method, status, since).await {
            Err(AnchorChainError::Refused { reason, .. }) if since > self.now().unix() - 60 => {
                tracing::warn!(method, reason, "the chain's clock is behind; stated next round");
                return Ok(());
            }
            other => other?,
        };
        let event = self
            .event("service", AuditAction::KeyStated)
            .about("method", method)
            .about(
                "state",
                if status == KeyStatus::Compromised { "compromised" } else { "retired" },
            )
            .about("since", credential_model::moment::Moment::from_unix(since))
            .about("transaction", transaction);
        self.store.tell(event).await?;
        Ok(())
    }
}

/// What has to be said that was not said yet, in the order the contract takes it.
fn missing(statement: &KeyStatement, stated: Option<&KeyState>) -> Vec<(KeyStatus, i64)> {
    let mut wanted = Vec::new();
    let status = stated.map_or(KeyStatus::Active, |state| state.status);
    if let Some(retired) = statement.retired_at
        && status == KeyStatus::Active
    {
        wanted.push((KeyStatus::Retired, retired.unix()));
    }
    if let Some(since) = statement.compromised_since {
        let said = stated.filter(|state| state.status == KeyStatus::Compromised);
        if said.is_none_or(|state| since.unix() < state.since) {
            wanted.push((KeyStatus::Compromised, since.unix()));
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use credential_model::did::DidUrl;
    use credential_model::moment::Moment;

    use super::*;

    fn statement(retired: Option<i64>, compromised: Option<i64>) -> KeyStatement {
        KeyStatement {
            method: DidUrl::parse("did:web:a.example#assertion-ed25519").unwrap(),
            retired_at: retired.map(Moment::from_unix),
            compromised_since: compromised.map(Moment::from_unix),
        }
    }

    fn state(status: KeyStatus, since: i64) -> KeyState {
        KeyState { key: [0; 32], status, since, retired_at: None, block_time: since }
    }

    #[test]
    fn only_what_is_new_is_said() {
        use KeyStatus::{Active, Compromised, Retired};
        let both = statement(Some(100), Some(50));
        assert_eq!(missing(&both, None), [(Retired, 100), (Compromised, 50)]);
        assert_eq!(missing(&both, Some(&state(Active, 1))), [(Retired, 100), (Compromised, 50)]);
        assert_eq!(missing(&both, Some(&state(Retired, 100))), [(Compromised, 50)]);
        assert_eq!(missing(&both, Some(&state(Compromised, 60))), [(Compromised, 50)]);
        assert_eq!(missing(&both, Some(&state(Compromised, 50))), []);
        assert_eq!(missing(&both, Some(&state(Compromised, 40))), [], "never later");
        assert_eq!(missing(&statement(Some(100), None), Some(&state(Retired, 90))), []);
    }
}
