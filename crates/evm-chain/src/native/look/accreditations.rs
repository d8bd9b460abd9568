//! Accreditations and the directory.

use std::collections::HashMap;

use alloy::{primitives::B256, sol_types::SolEvent};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    super::{
        bindings::{AccreditationRegistry as Accreditation, Directory},
        node::did_key,
        reader::{b256, ours},
    },
    Look, bad, decode,
};
use crate::{
    AccreditationChain, AccreditationChange, AccreditationRecord, AccreditationStatus, ChainError,
    Contracts, DEPTH_LIMIT, DirectoryState, Scope, TYPE_SET_LIMIT,
};

/// Records of one subject and entries of one history, as the contract limits them.
const MOST: usize = 128;
/// Bits of a record's flags.
const ISSUE: u8 = 1;
const ACCREDIT: u8 = 2;
const TYPE_SET: u8 = 4;

impl Look {
    pub(in super::super) async fn accreditations(
        &self,
        subject: &str,
    ) -> Result<Vec<AccreditationChain>, ChainError> {
        let registry = self.settings.accreditation_registry;
        let ids =
            self.call(registry, &Accreditation::idsOfCall { subject: did_key(subject) }).await?;
        if ids.len() > MOST {
            return Err(bad("more accreditations than there can be"));
        }
        let mut known = HashMap::new();
        let mut chains = Vec::new();
        for id in ids {
            let mut records: Vec<AccreditationRecord> = Vec::new();
            let mut next = Some(id);
            while let Some(id) = next {
                if records.len() == DEPTH_LIMIT {
                    return Err(bad("a chain of accreditations without end"));
                }
                let record = match known.get(&id) {
                    Some(record) => AccreditationRecord::clone(record),
                    None => {
                        let record = self.accreditation(id).await?;
                        known.insert(id, record.clone());
                        record
                    }
                };
                next = record.parent.as_ref().map(b256);
                records.push(record);
            }
            chains.push(AccreditationChain { records });
        }
        Ok(chains)
    }

    async fn accreditation(&self, id: B256) -> Result<AccreditationRecord, ChainError> {
        let registry = self.settings.accreditation_registry;
        let raw = self.call(registry, &Accreditation::recordOfCall { id }).await?;
        let mut record = read_record(id, &raw)?;
        if is_set(&raw) {
            let types =
                self.call(registry, &Accreditation::typesOfCall { root: raw.scope }).await?;
            let types: Vec<_> = types.into_iter().map(|hash| hash.0).collect();
            let scope = Scope::Set(types);
            // The name of a set is its content: a node cannot add a type.
            let fair = matches!(&scope, Scope::Set(types) if types.len() <= TYPE_SET_LIMIT);
            if !fair || scope.word() != raw.scope.0 {
                return Err(bad("a set of types"));
            }
            record.scope = scope;
        }
        let history = self.call(registry, &Accreditation::historyOfCall { id }).await?;
        if history.len() > MOST {
            return Err(bad("a longer history than there can be"));
        }
        record.history = history
            .iter()
            .map(|change| {
                let until: i64 = change.until.to();
                Ok(AccreditationChange {
                    status: read_status(change.status)?,
                    from: change.from.to(),
                    until: (until != 0).then_some(until),
                    recorded_at: change.recordedAt.to(),
                    reason: change.reason.0,
                })
            })
            .collect::<Result<_, ChainError>>()?;
        Ok(record)
    }

    pub(in super::super) async fn accreditation_statement(
        &self,
        record: &AccreditationRecord,
    ) -> Result<Vec<u8>, ChainError> {
        let topics = json!([Accreditation::Accredited::SIGNATURE_HASH, b256(&record.id)]);
        let registry = self.settings.accreditation_registry;
        let mut logs = self.linked(registry, topics, record.recorded_in).await?.into_iter();
        let (Some(log), None) = (logs.next(), logs.next()) else {
            return Err(ChainError::EventWithheld { version: 1 });
        };
        let event: Accreditation::Accredited = decode(log)?;
        if event.statement.is_empty() {
            return Err(ChainError::DocumentNotPublished { version: 1 });
        }
        if Sha256::digest(&event.statement)[..] != record.evidence {
            return Err(ChainError::DigestMismatch);
        }
        Ok(event.statement.to_vec())
    }

    pub(in super::super) async fn directory(&self) -> Result<DirectoryState, ChainError> {
        let address = self.settings.directory;
        let state = self.call(address, &Directory::stateCall {}).await?;
        Ok(DirectoryState {
            operators: state.operators_.iter().map(|operator| ours(*operator)).collect(),
            threshold: state.threshold_,
            delay: state.delay_,
            paused: state.paused_,
            contracts: Contracts {
                did_registry: ours(state.set_.didRegistry),
                status_registry: ours(state.set_.statusRegistry),
                accreditation_registry: ours(state.set_.accreditationRegistry),
                directory: address,
            },
            sealed: state.sealed_,
            validators_digest: state.validatorsDigest_.0,
            revision: state.revision_,
        })
    }
}

pub(super) fn is_set(raw: &Accreditation::Record) -> bool {
    raw.flags & TYPE_SET != 0
}

pub(super) fn read_status(status: u8) -> Result<AccreditationStatus, ChainError> {
    match status {
        1 => Ok(AccreditationStatus::Active),
        2 => Ok(AccreditationStatus::Suspended),
        3 => Ok(AccreditationStatus::Revoked),
        _ => Err(bad("the status of an accreditation")),
    }
}

/// A record without its history; the scope of a set is still the set's name.
pub(super) fn read_record(
    id: B256,
    raw: &Accreditation::Record,
) -> Result<AccreditationRecord, ChainError> {
    if raw.depth == 0 || usize::from(raw.depth) > DEPTH_LIMIT {
        return Err(bad("an accreditation that is not there"));
    }
    Ok(AccreditationRecord {
        id: id.0,
        parent: (!raw.parent.is_zero()).then_some(raw.parent.0),
        subject: raw.subject.0,
        scope: Scope::Type(raw.scope.0),
        from: raw.from.to(),
        until: raw.until.to(),
        may_issue: raw.flags & ISSUE != 0,
        may_accredit: raw.flags & ACCREDIT != 0,
        depth: raw.depth,
        evidence: raw.evidence.0,
        recorded_at: raw.recordedAt.to(),
        recorded_in: raw.recordedIn.into(),
        history: Vec::new(),
    })
}
