//! One node's answers about one block: what they mean, before anybody compares them.

mod accreditations;
mod documents;
mod epochs;
mod keys;
mod proofs;
mod rows;

use std::sync::Arc;

use alloy::{
    primitives::B256,
    sol_types::{SolCall, SolEvent},
};
use serde_json::{Value, json};

use super::{
    node::{BlockInfo, CallOutcome, Log, Node, by_hash},
    reader::{Member, account},
};
use crate::{Address, ChainError, ChainSettings};

pub(super) use proofs::Wanted;

/// Events walked backwards, at most.
pub(super) const WALK_LIMIT: u64 = 512;

/// A node and the block to ask it about.
pub(super) struct Look {
    member: Arc<Member>,
    settings: Arc<ChainSettings>,
    pub(super) block: BlockInfo,
}

impl Look {
    pub(super) fn new(
        member: Arc<Member>,
        settings: &Arc<ChainSettings>,
        block: &BlockInfo,
    ) -> Self {
        Self { member, settings: settings.clone(), block: block.clone() }
    }

    pub(super) fn node(&self) -> &Node {
        &self.member.node
    }

    async fn call<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return, ChainError> {
        if to.is_zero() {
            return Err(ChainError::Settings("no registry address".to_owned()));
        }
        let block = by_hash(self.block.hash);
        let outcome = self.node().call(None, Some(account(to)), &call.abi_encode(), block).await?;
        let CallOutcome::Returned(answer) = outcome else {
            return Err(ChainError::BadAnswer("a read reverted".to_owned()));
        };
        if answer.is_empty() {
            return Err(ChainError::ContractMissing(to));
        }
        C::abi_decode_returns(&answer).map_err(|error| ChainError::BadAnswer(error.to_string()))
    }

    /// Events in the block a link names. A link of 0 says nothing (the number did not fit): then
    /// every block up to ours is searched.
    async fn linked(
        &self,
        contract: Address,
        topics: Value,
        link: u64,
    ) -> Result<Vec<Log>, ChainError> {
        let (from, to) = if link == 0 { (0, self.block.number()) } else { (link, link) };
        self.node().logs(account(contract), topics, from, to).await
    }

    /// The one event with these topics in the block of the link.
    async fn only<E: SolEvent>(
        &self,
        contract: Address,
        topics: [B256; 3],
        link: u64,
        number: u64,
    ) -> Result<(E, u64), ChainError> {
        let [first, second, third] = topics;
        let wanted = json!([E::SIGNATURE_HASH, first, second, third]);
        let wanted =
            if third == B256::ZERO { json!([E::SIGNATURE_HASH, first, second]) } else { wanted };
        let mut logs = self.linked(contract, wanted, link).await?.into_iter();
        let (Some(log), None) = (logs.next(), logs.next()) else {
            return Err(ChainError::EventWithheld { version: number });
        };
        let block = log.place()?.0;
        Ok((decode(log)?, block))
    }
}

/// An event's content.
fn decode<E: SolEvent>(log: Log) -> Result<E, ChainError> {
    E::decode_log_data(&log.into_data()).map_err(|error| ChainError::BadAnswer(error.to_string()))
}

fn bad(what: &str) -> ChainError {
    ChainError::BadAnswer(what.to_owned())
}
