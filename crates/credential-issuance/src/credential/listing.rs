//! What the admin API shows of a credential: no claims.

use credential_model::moment::Moment;
use openid4vc_messages::NotificationEvent;
use serde::Serialize;

use super::{CredentialRecord, CredentialStage, StatusChange};

/// One line of the list of credentials. Everything but claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CredentialSummary {
    /// Our identifier; the one the admin API takes.
    pub id: String,
    /// The credential's own `id`.
    pub document_id: String,
    /// The offer it came from.
    pub offer_id: String,
    /// `<Type>.<format>`.
    pub configuration_id: String,
    /// The kind's code, for badges.
    pub kind: Option<String>,
    /// The holder's DID.
    pub holder: String,
    /// `prepared` or `issued`.
    pub stage: &'static str,
    /// `valid`, `suspended`, `revoked` or `superseded`.
    pub status: &'static str,
    /// URL path segment of its status list.
    pub status_list: String,
    /// Its place there.
    pub status_index: String,
    /// How its status came about.
    pub history: Vec<StatusChange>,
    /// Validity.
    pub valid_from: Moment,
    /// Validity.
    pub valid_until: Option<Moment>,
    /// When it was signed.
    pub issued_at: Option<Moment>,
    /// What the wallet said about it.
    pub notified: Option<NotificationEvent>,
    /// Whether an anchor batch holds it.
    pub anchored_in_batch: Option<String>,
}

impl From<&CredentialRecord> for CredentialSummary {
    fn from(record: &CredentialRecord) -> Self {
        Self {
            id: record.id.to_string(),
            document_id: record.document_id.clone(),
            offer_id: record.offer.to_string(),
            configuration_id: record.configuration.id(),
            kind: record.kind.clone(),
            holder: record.holder.did.clone(),
            stage: match record.stage {
                CredentialStage::Prepared(_) => "prepared",
                CredentialStage::Issued(_) => "issued",
            },
            status: record.status.message(),
            status_list: record.list.to_string(),
            status_index: record.index.to_string(),
            history: record.history.clone(),
            valid_from: record.valid_from,
            valid_until: record.valid_until,
            issued_at: record.issued().map(|issued| issued.at),
            notified: record.notified,
            anchored_in_batch: record.batch.map(|batch| batch.to_string()),
        }
    }
}
