//! The stored form of a credential.

use credential_model::moment::Moment;
use openid4vc_messages::NotificationEvent;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use status_lists::StatusValue;

use super::{Configuration, PreparedForm};
use crate::ids::{CredentialId, Digest, ListId, NotificationId, OfferId};

/// To which key a credential is bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderBinding {
    /// The holder's DID: the one of the proof's `kid`, or the `did:jwk` of its `jwk`.
    pub did: String,
    /// RFC 7638 thumbprint of the key: with offer and configuration the idempotency key.
    pub thumbprint: String,
    /// The public key.
    pub jwk: Value,
}

/// One change of a credential's status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// When.
    pub at: Moment,
    /// From what.
    #[serde(with = "crate::text_form::status")]
    pub from: StatusValue,
    /// To what.
    #[serde(with = "crate::text_form::status")]
    pub to: StatusValue,
    /// The officer's reason.
    pub reason: String,
}

/// How far a credential has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialStage {
    /// What is to be signed is fixed and recorded; nobody has it yet.
    Prepared(PreparedForm),
    /// Signed and recorded.
    Issued(Issued),
}

/// A signed credential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issued {
    /// When it was signed.
    pub at: Moment,
    /// The credential as wallets get it: a JSON object, or a compact text.
    pub credential: Value,
    /// SHA-256 as [`credential_model::credential::UnverifiedCredential::digest`] computes it.
    pub digest: Digest,
}

/// A credential as the store keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub struct CredentialRecord {
    /// Our identifier, time-ordered.
    pub id: CredentialId,
    /// Counts the record's writes from 1.
    pub revision: u64,
    /// The credential's own `id`.
    pub document_id: String,
    /// The offer it came from.
    pub offer: OfferId,
    /// What and in which format.
    pub configuration: Configuration,
    /// The kind of qualification, for badges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// To whom it is bound.
    pub holder: HolderBinding,
    /// In which list its status stands.
    pub list: ListId,
    /// Where in that list.
    pub index: u64,
    /// Its status.
    #[serde(with = "crate::text_form::status")]
    pub status: StatusValue,
    /// How it came to that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<StatusChange>,
    /// From when it is valid.
    pub valid_from: Moment,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Moment>,
    /// When it was prepared.
    pub prepared_at: Moment,
    /// The verification method it is signed under: the key may have been rotated since. Absent in
    /// records older than rotation, which are signed by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Random; keeps the anchored leaf from telling anything.
    pub salt: Digest,
    /// What the wallet answers with.
    pub notification: NotificationId,
    /// What the wallet answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notified: Option<NotificationEvent>,
    /// The local number of the anchor batch that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// How far it has come.
    pub stage: CredentialStage,
}

// Claims stay out of logs.
impl std::fmt::Debug for CredentialRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialRecord")
            .field("id", &self.id)
            .field("revision", &self.revision)
            .field("list", &self.list)
            .field("index", &self.index)
            .field("status", &self.status.message())
            .finish_non_exhaustive()
    }
}

impl CredentialRecord {
    /// What makes a repeated request the same request: offer, configuration and key.
    pub fn idempotency_key(
        offer: &OfferId,
        configuration: &Configuration,
        thumbprint: &str,
    ) -> Digest {
        let id = configuration.id();
        Digest::of_parts(&[offer.as_str().as_bytes(), id.as_bytes(), thumbprint.as_bytes()])
    }

    /// [`CredentialRecord::idempotency_key`] of this record.
    pub fn key(&self) -> Digest {
        Self::idempotency_key(&self.offer, &self.configuration, &self.holder.thumbprint)
    }

    /// The signed form, once there is one.
    pub fn issued(&self) -> Option<&Issued> {
        match &self.stage {
            CredentialStage::Issued(issued) => Some(issued),
            CredentialStage::Prepared(_) => None,
        }
    }
}
