//! A credential request that waits for an officer (OID4VCI 1.0, section 9), as the store keeps it.

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::credential::{Configuration, HolderBinding};
use crate::ids::{DeferredId, Digest, OfferId};

/// How far a deferred request has come. Whether it is released stands in its offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeferredStage {
    /// The wallet has not collected yet.
    Waiting,
    /// Collected; after a while the transaction id is spent for this run of the service.
    Delivered {
        /// When first (in the run that is named).
        at: Moment,
        /// Which run answered: a later one answers again, in case this answer died with it.
        run: String,
    },
}

/// A deferred request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeferredRequestRecord {
    /// Our identifier, for the officer.
    pub id: DeferredId,
    /// Counts the record's writes from 1.
    pub revision: u64,
    /// Digest of the wallet's `transaction_id`.
    pub transaction: Digest,
    /// The offer.
    pub offer: OfferId,
    /// What was asked for.
    pub configuration: Configuration,
    /// The proven keys, one credential each.
    pub holders: Vec<HolderBinding>,
    /// When it was asked for.
    pub created_at: Moment,
    /// How far it has come.
    pub stage: DeferredStage,
}
