//! States of keys.

use alloy::primitives::{B256, U256};

use super::{
    super::{bindings::DidDocumentRegistry as Did, node::did_key, reader::b256},
    Look, WALK_LIMIT, bad,
};
use crate::{ChainError, KeyState, KeyStatement, KeyStatus};

/// Keys asked for at once: their answer stays far below an answer's limit.
const PAGE: u64 = 128;
/// Keys of one DID, as the contract limits them.
const MOST_KEYS: u64 = 1024;

impl Look {
    pub(in super::super) async fn key_states(
        &self,
        did: &str,
    ) -> Result<Vec<KeyState>, ChainError> {
        let mut states = Vec::new();
        loop {
            let call = Did::keyStatesOfCall {
                didKey: did_key(did),
                first: U256::from(states.len()),
                most: U256::from(PAGE),
            };
            let page = self.call(self.settings.did_registry, &call).await?;
            let total: u64 = page.total.saturating_to();
            let fair = page.keys.len() == page.states.len() && page.keys.len() as u64 <= PAGE;
            if !fair || total > MOST_KEYS {
                return Err(bad("states of keys"));
            }
            for (key, state) in page.keys.iter().zip(&page.states) {
                states.push(key_state(key, state)?);
            }
            if states.len() as u64 >= total {
                return Ok(states);
            }
            if page.keys.is_empty() {
                return Err(bad("fewer states of keys than promised"));
            }
        }
    }

    pub(in super::super) async fn key_history(
        &self,
        did: &str,
        key: &[u8; 32],
    ) -> Result<Vec<KeyStatement>, ChainError> {
        let registry = self.settings.did_registry;
        let (did, wanted) = (did_key(did), b256(key));
        let state = self.call(registry, &Did::keyStateOfCall { didKey: did, key: wanted }).await?;
        let newest = u64::from(state.changes);
        let mut link = u64::from(state.changedIn);
        let mut statements: Vec<KeyStatement> = Vec::new();
        for change in (1..=newest).rev().take(WALK_LIMIT as usize) {
            let topics = [did, wanted, B256::from(U256::from(change))];
            let (event, block): (Did::KeyStateChanged, _) =
                self.only(registry, topics, link, change).await?;
            let same = (event.didKey, event.key, event.change) == (did, wanted, U256::from(change));
            let fits = same
                && match statements.last() {
                    None => {
                        event.status == state.status
                            && event.since == U256::from(state.since.to::<u64>())
                    }
                    Some(next) => next.block >= block,
                };
            if !fits {
                return Err(ChainError::HistoryBroken(format!("statement {change} about a key")));
            }
            statements.push(KeyStatement {
                key: *key,
                status: key_status(event.status)?,
                since: event.since.saturating_to(),
                block,
            });
            link = event.previousBlock.saturating_to();
        }
        statements.reverse();
        Ok(statements)
    }
}

pub(super) fn key_status(status: u8) -> Result<KeyStatus, ChainError> {
    match status {
        1 => Ok(KeyStatus::Active),
        2 => Ok(KeyStatus::Retired),
        3 => Ok(KeyStatus::Compromised),
        _ => Err(bad("the status of a key")),
    }
}

fn key_state(key: &B256, state: &Did::KeyState) -> Result<KeyState, ChainError> {
    let retired: i64 = state.retiredAt.to();
    Ok(KeyState {
        key: key.0,
        status: key_status(state.status)?,
        since: state.since.to(),
        retired_at: (retired != 0).then_some(retired),
        block_time: state.changedAt.to(),
    })
}
