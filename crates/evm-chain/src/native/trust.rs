//! Writing states of keys and accreditations.

use alloy::{
    primitives::{B256, Bytes, U256, aliases::U40},
    sol_types::SolCall,
};
use sha2::{Digest, Sha256};

use super::{
    bindings::{AccreditationRegistry as Accreditation, DidDocumentRegistry as Did},
    node::did_key,
    reader::b256,
    writer::{ChainWriteError, ChainWriter, GAS_PER_BYTE, SentTx, configured, within_limit},
};
use crate::{AccreditationStatus, KeyStatus, Scope, key_id_hash};

/// A statement about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyChange {
    /// What it becomes.
    pub status: KeyStatus,
    /// Unix seconds: in use since, retired at, compromised since. Not in the future.
    pub since: i64,
}

/// A new accreditation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who is accredited, a DID.
    pub subject: String,
    /// Accreditations the subject has already: compare-and-set.
    pub index: u64,
    /// What for. A set has to be defined before ([`ChainWriter::define_type_set`]).
    pub scope: Scope,
    /// Unix seconds from which it holds.
    pub from: i64,
    /// Unix seconds at which it ends.
    pub until: i64,
    /// May issue.
    pub may_issue: bool,
    /// May accredit others.
    pub may_accredit: bool,
    /// The written accreditation for the event, at most 16 KiB; its SHA-256 goes into the record.
    /// Empty when there is none. Institutions only, never a person.
    pub statement: Vec<u8>,
}

/// A change of an accreditation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// The record.
    pub id: [u8; 32],
    /// Changes the record has had: compare-and-set.
    pub index: u64,
    /// What it becomes.
    pub status: AccreditationStatus,
    /// Unix seconds from which it takes effect.
    pub from: i64,
    /// The end of a suspension; none leaves it open.
    pub until: Option<i64>,
    /// The written reason, as [`Grant::statement`].
    pub statement: Vec<u8>,
}

pub(super) fn u40(time: i64) -> Result<U40, ChainWriteError> {
    u64::try_from(time)
        .ok()
        .and_then(|time| U40::try_from(time).ok())
        .ok_or_else(|| ChainWriteError::Refused("time out of range".to_owned()))
}

/// SHA-256 of a statement, zero when there is none.
fn evidence(statement: &[u8]) -> B256 {
    if statement.is_empty() { B256::ZERO } else { B256::from_slice(&Sha256::digest(statement)) }
}

impl Grant {
    pub(super) fn to_call(&self) -> Result<Accreditation::Grant, ChainWriteError> {
        let bit = |on: bool, bit: u8| if on { bit } else { 0 };
        Ok(Accreditation::Grant {
            subject: did_key(&self.subject),
            index: U256::from(self.index),
            scope: B256::from(self.scope.word()),
            from: u40(self.from)?,
            until: u40(self.until)?,
            flags: bit(self.may_issue, 1)
                | bit(self.may_accredit, 2)
                | bit(matches!(self.scope, Scope::Set(_)), 4),
            evidence: evidence(&self.statement),
        })
    }
}

impl StateChange {
    pub(super) fn to_call(&self) -> Result<Accreditation::changeCall, ChainWriteError> {
        Ok(Accreditation::changeCall {
            id: b256(&self.id),
            index: U256::from(self.index),
            status: match self.status {
                AccreditationStatus::Active => 1,
                AccreditationStatus::Suspended => 2,
                AccreditationStatus::Revoked => 3,
            },
            from: u40(self.from)?,
            until: u40(self.until.unwrap_or(0))?,
            reason: evidence(&self.statement),
            statement: Bytes::copy_from_slice(&self.statement),
        })
    }
}

impl ChainWriter {
    /// States where a key of `did` stands; `verification_method` is the key's whole id.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`]; refused when the step is not allowed (a compromised key
    /// never becomes good again).
    pub async fn publish_key_state(
        &self,
        did: &str,
        verification_method: &str,
        change: KeyChange,
    ) -> Result<SentTx, ChainWriteError> {
        let status = match change.status {
            KeyStatus::Active => 1,
            KeyStatus::Retired => 2,
            KeyStatus::Compromised => 3,
        };
        let call = Did::setKeyStateCall {
            didKey: did_key(did),
            key: B256::from(key_id_hash(verification_method)),
            status,
            since: u40(change.since)?,
        };
        let purpose = format!("key:{verification_method}:{status}:{}", change.since);
        self.submit(purpose, self.did_registry()?, call.abi_encode(), 200_000).await
    }

    /// Defines a set of types, so that accreditations can name it. Defining it twice is harmless.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`]; refused when empty or longer than [`crate::TYPE_SET_LIMIT`].
    pub async fn define_type_set(&self, types: &[[u8; 32]]) -> Result<SentTx, ChainWriteError> {
        let mut types = types.to_vec();
        types.sort_unstable();
        types.dedup();
        let call = Accreditation::defineTypeSetCall { types: types.iter().map(b256).collect() };
        let root = crate::type_set_root(&types);
        let gas = 120_000 + 30_000 * types.len() as u64;
        let purpose = format!("type-set:{}", hex::encode(root));
        let registry = configured(self.settings.accreditation_registry)?;
        self.submit(purpose, Some(registry), call.abi_encode(), gas).await
    }

    /// Accredits under `parent`, whose subject's DID this account controls. Roots are set by the
    /// directory ([`super::DirectoryAction::SetRoot`]).
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`]; refused when it would widen or outlive the parent.
    pub async fn accredit(
        &self,
        parent: &[u8; 32],
        grant: &Grant,
    ) -> Result<SentTx, ChainWriteError> {
        let size = within_limit(&grant.statement)?;
        let call = Accreditation::accreditCall {
            parent: b256(parent),
            grant: grant.to_call()?,
            statement: Bytes::copy_from_slice(&grant.statement),
        };
        let purpose = format!("accredit:{}:{}", grant.subject, grant.index);
        let registry = configured(self.settings.accreditation_registry)?;
        let gas = 1_500_000 + GAS_PER_BYTE * size;
        self.submit(purpose, Some(registry), call.abi_encode(), gas).await
    }

    /// Suspends, revokes or reinstates a record given by this account's DID.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`].
    pub async fn change_accreditation(
        &self,
        change: &StateChange,
    ) -> Result<SentTx, ChainWriteError> {
        let size = within_limit(&change.statement)?;
        let purpose = format!("accreditation:{}:{}", hex::encode(change.id), change.index);
        let registry = configured(self.settings.accreditation_registry)?;
        let gas = 1_000_000 + GAS_PER_BYTE * size;
        self.submit(purpose, Some(registry), change.to_call()?.abi_encode(), gas).await
    }
}
