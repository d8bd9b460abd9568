//! Events of a range of blocks, as rows of the index.

use std::collections::HashMap;

use alloy::sol_types::SolEvent;
use serde_json::json;

use super::{
    super::{
        bindings::{AccreditationRegistry as Accreditation, DidDocumentRegistry as Did},
        node::{Log, at},
        reader::account,
    },
    Look,
    accreditations::{is_set, read_record, read_status},
    bad, decode,
    keys::key_status,
};
use crate::{AccreditationChange, ChainError, IndexFact, IndexRow, KeyState};

impl Look {
    /// The rows of these blocks, and the hash of the last one.
    pub(in super::super) async fn stride(
        &self,
        from: u64,
        to: u64,
    ) -> Result<(Vec<IndexRow>, [u8; 32]), ChainError> {
        if to > self.block.number() {
            return Err(bad("the chain became shorter"));
        }
        let hash = async || {
            Ok::<_, ChainError>(self.node().block(&at(to)).await?.map(|block| block.hash.0))
        };
        let before = hash().await?;
        let rows = self.rows(from, to).await?;
        // The same before and after: the rows are of this chain, not of one being replaced.
        match hash().await? {
            after @ Some(hash) if after == before => Ok((rows, hash)),
            _ => Err(bad("the chain changed in between")),
        }
    }

    /// Everything about keys and accreditations in these blocks, in the chain's order.
    async fn rows(&self, from: u64, to: u64) -> Result<Vec<IndexRow>, ChainError> {
        let mut logs = Vec::new();
        let kinds = [
            (self.settings.did_registry, json!([[Did::KeyStateChanged::SIGNATURE_HASH]])),
            (
                self.settings.accreditation_registry,
                json!([[
                    Accreditation::TypeSetDefined::SIGNATURE_HASH,
                    Accreditation::Accredited::SIGNATURE_HASH,
                    Accreditation::AccreditationChanged::SIGNATURE_HASH
                ]]),
            ),
        ];
        for (contract, topics) in kinds {
            if !contract.is_zero() {
                logs.extend(self.node().logs(account(contract), topics, from, to).await?);
            }
        }
        let mut times = HashMap::new();
        let mut rows = Vec::with_capacity(logs.len());
        for log in logs {
            let (block, log_index) = log.place()?;
            if block < from || block > to {
                return Err(bad("an event of another block"));
            }
            let time = match times.get(&block) {
                Some(time) => *time,
                None => {
                    let found = self.node().block(&at(block)).await?;
                    let time = found.ok_or_else(|| bad("a block is missing"))?.time()?;
                    times.insert(block, time);
                    time
                }
            };
            rows.push(IndexRow { block, log_index, fact: fact(log, time)? });
        }
        rows.sort_by_key(|row| (row.block, row.log_index));
        Ok(rows)
    }
}

fn fact(log: Log, time: i64) -> Result<IndexFact, ChainError> {
    let kind = log.kind();
    if kind == Did::KeyStateChanged::SIGNATURE_HASH {
        let event: Did::KeyStateChanged = decode(log)?;
        return Ok(IndexFact::Key {
            did: event.didKey.0,
            state: KeyState {
                key: event.key.0,
                status: key_status(event.status)?,
                since: event.since.saturating_to(),
                retired_at: None,
                block_time: time,
            },
        });
    }
    if kind == Accreditation::TypeSetDefined::SIGNATURE_HASH {
        let event: Accreditation::TypeSetDefined = decode(log)?;
        let types = event.types.iter().map(|hash| hash.0).collect();
        return Ok(IndexFact::TypeSet { types });
    }
    if kind == Accreditation::Accredited::SIGNATURE_HASH {
        let event: Accreditation::Accredited = decode(log)?;
        let record = read_record(event.id, &event.record)?;
        return Ok(IndexFact::Accredited { record, set: is_set(&event.record) });
    }
    if kind == Accreditation::AccreditationChanged::SIGNATURE_HASH {
        let event: Accreditation::AccreditationChanged = decode(log)?;
        let until: i64 = event.until.saturating_to();
        let change = AccreditationChange {
            status: read_status(event.status)?,
            from: event.from.saturating_to(),
            until: (until != 0).then_some(until),
            recorded_at: time,
            reason: event.reason.0,
        };
        return Ok(IndexFact::Changed { id: event.id.0, change });
    }
    Err(bad("an event of another kind"))
}
