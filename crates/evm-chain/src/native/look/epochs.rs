//! Epochs: the head, and the way back from it.

use alloy::{
    primitives::{B256, U256},
    sol_types::SolEvent,
};
use serde_json::json;

use super::{
    super::{bindings::StatusRegistry as Status, node::did_key},
    Look, WALK_LIMIT, bad, decode,
};
use crate::{ChainError, EpochEvent, StatusHead};

impl Look {
    async fn raw_status_head(&self, issuer: &str) -> Result<Option<Status::Head>, ChainError> {
        let call = Status::headOfCall { issuerKey: did_key(issuer) };
        let head = self.call(self.settings.status_registry, &call).await?;
        Ok((!head.epoch.is_zero()).then_some(head))
    }

    pub(in super::super) async fn status_head(
        &self,
        issuer: &str,
    ) -> Result<Option<StatusHead>, ChainError> {
        Ok(self.raw_status_head(issuer).await?.map(|head| StatusHead {
            status_root: head.statusRoot.0,
            issuance_root: head.issuanceRoot.0,
            epoch: head.epoch.to(),
            time: head.time.to(),
            valid_until: head.validUntil.to(),
            count: head.count,
        }))
    }

    pub(in super::super) async fn epochs(
        &self,
        issuer: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<EpochEvent>, ChainError> {
        let Some(head) = self.raw_status_head(issuer).await? else {
            return Ok(Vec::new());
        };
        let newest: u64 = head.epoch.to();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).min(WALK_LIMIT);
        let oldest = from.max(1).max((newest + 1).saturating_sub(most));
        let mut found: Vec<EpochEvent> = Vec::new();
        let mut link = u64::from(head.changedIn);
        for epoch in (oldest..=newest).rev() {
            let (event, previous) = self.epoch(did_key(issuer), epoch, link).await?;
            let fits = match found.last() {
                None => {
                    event.status_root == head.statusRoot.0
                        && event.issuance_root == head.issuanceRoot.0
                        && event.valid_until == head.validUntil.to::<i64>()
                        && event.time == head.time.to::<i64>()
                        && event.count == head.count
                }
                Some(next) => next.prev_root == event.status_root && next.block >= event.block,
            };
            if !fits {
                return Err(ChainError::HistoryBroken(format!("epoch {epoch}")));
            }
            link = previous;
            found.push(event);
        }
        found.reverse();
        Ok(found)
    }

    /// One epoch with its delta, and the link to the one before.
    async fn epoch(
        &self,
        issuer: B256,
        epoch: u64,
        link: u64,
    ) -> Result<(EpochEvent, u64), ChainError> {
        let kinds = [Status::EpochAnchored::SIGNATURE_HASH, Status::EpochDelta::SIGNATURE_HASH];
        let topics = json!([kinds, issuer, B256::from(U256::from(epoch))]);
        let (mut anchored, mut delta) = (None, Vec::new());
        for log in self.linked(self.settings.status_registry, topics, link).await? {
            if log.kind() == kinds[0] && anchored.is_none() {
                let block = log.place()?.0;
                anchored = Some((decode::<Status::EpochAnchored>(log)?, block));
            } else if log.kind() == kinds[1] && delta.is_empty() {
                delta = decode::<Status::EpochDelta>(log)?.delta.to_vec();
            } else {
                return Err(bad("two events of one epoch"));
            }
        }
        let (event, block) = anchored.ok_or(ChainError::EventWithheld { version: epoch })?;
        if event.issuerKey != issuer || event.epoch != U256::from(epoch) {
            return Err(bad("an event of something else"));
        }
        let facts = |from: usize, bits: usize| -> u64 {
            let shifted: U256 = event.facts >> from;
            (shifted & ((U256::from(1) << bits) - U256::from(1))).saturating_to()
        };
        // 40 bits always fit.
        let time = |from| facts(from, 40) as i64;
        let found = EpochEvent {
            epoch,
            status_root: event.statusRoot.0,
            issuance_root: event.issuanceRoot.0,
            prev_root: event.prevRoot.0,
            time: time(40),
            valid_until: time(0),
            count: facts(112, 64),
            block,
            delta,
        };
        Ok((found, facts(80, 32)))
    }
}
