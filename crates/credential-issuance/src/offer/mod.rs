//! Offers: what an officer grants a wallet to fetch, and how far that has come.
//!
//! ```text
//! Created ──code (and tx_code)──▶ Redeemed ──credential requests within the token's life
//!    │ 5 wrong tx_codes ──▶ Dead
//!    │ time runs out ─────▶ Expired
//! ```
//! A step consumes the stage and returns the next one, or says [`InvalidTransition`].

mod create;
mod document;
mod redeem;
mod stage;

use credential_model::catalogue::CredentialType;
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use create::{CreateOfferError, CreatedOffer, NewOffer};
pub use document::OfferDocumentError;
pub use redeem::{IssuedToken, RedeemError, TokenGrant};
pub use stage::{
    Created, Dead, Expired, InvalidTransition, OfferStage, Redeemed, TxCodeGuard, TxCodeOutcome,
};

use crate::ids::{OfferId, PersonId};

/// How many wrong transaction codes an offer bears; OID4VCI 1.0 sets no limit, this one is ours.
pub const TX_CODE_TRIES: u32 = 5;
/// Digits of a transaction code.
pub const TX_CODE_LENGTH: u32 = 6;

/// Whether an officer must look before credentials go out (the deferred flow, section 9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// Credentials are issued at once.
    NotNeeded,
    /// An officer has still to release the offer.
    Waiting,
    /// An officer released it.
    Released {
        /// When.
        at: Moment,
    },
    /// An officer denied it: wallets get `credential_request_denied`.
    Denied {
        /// When.
        at: Moment,
    },
}

/// An offer as the store keeps it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// 128 random bits.
    pub id: OfferId,
    /// Counts the record's writes from 1: the compare-and-set of [`crate::store::IssuerStore::replace_offer`].
    pub revision: u64,
    /// When made.
    pub created_at: Moment,
    /// Until when the code can be exchanged.
    pub expires_at: Moment,
    /// What it is about.
    #[serde(with = "crate::text_form::credential_type")]
    pub credential_type: CredentialType,
    /// In which formats; one credential configuration each.
    pub formats: Vec<StoredFormat>,
    /// The complete subject, already checked; without the holder's id.
    pub subject: Value,
    /// The kind of qualification (its code), for badges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// For whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// From when the credentials are valid; the moment of issuing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Moment>,
    /// Until when; the type's rule when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Moment>,
    /// Open Badges' `awardedDate`, where the type has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awarded_date: Option<String>,
    /// Whether QR codes show the offer by reference.
    pub by_reference: bool,
    /// Whether an officer must release it.
    pub release: Release,
    /// How far it has come.
    pub stage: OfferStage,
}

// The subject is personal data: a printed offer shows ids and stage only.
impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offer")
            .field("id", &self.id)
            .field("revision", &self.revision)
            .field("stage", &self.stage.name())
            .finish_non_exhaustive()
    }
}

impl Offer {
    /// The same offer one revision later; the caller puts the next stage in.
    #[must_use]
    pub fn next(&self, stage: OfferStage) -> Self {
        Self { revision: self.revision + 1, stage, ..self.clone() }
    }

    /// Its formats.
    pub fn formats(&self) -> impl Iterator<Item = CredentialFormat> + '_ {
        self.formats.iter().map(|format| format.0)
    }

    /// Whether a transaction code must come with the code.
    pub fn wants_tx_code(&self) -> bool {
        matches!(&self.stage, OfferStage::Created(created) if created.tx_code.is_some())
    }
}

/// A format in a record, by its OID4VCI name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredFormat(#[serde(with = "crate::text_form::format")] pub CredentialFormat);
