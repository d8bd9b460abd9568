//! From a checked response to a stored credential: one commit holds the credential and
//! the session's next stage, so that neither exists without the other.

use openid4vc_messages::{CredentialConfiguration, CredentialResponse, IssuerMetadata};
use serde_json::Value;

use super::receive::{self, OwnKey};
use super::session::{AcceptSession, ItemStage};
use super::{AcceptError, items, metadata};
use crate::ledger::Draft;
use crate::records::{HeldCopy, HeldCredential, RECORD_VERSION};
use crate::store::Shelf;
use crate::wallet::Wallet;

impl Wallet {
    /// `Received → Stored | Finished`.
    pub(super) async fn take_in(
        &self,
        session: &mut AcceptSession,
        at: usize,
        labels: &[String],
        response: &Value,
        configuration: &CredentialConfiguration,
        issuer: &IssuerMetadata,
    ) -> Result<(), AcceptError> {
        let parsed = CredentialResponse::parse(response)
            .map_err(|error| AcceptError::Document { what: "credential response", error })?;
        let CredentialResponse::Immediate { credentials, notification_id } = parsed else {
            return Ok(());
        };
        let entries: Vec<Value> = credentials.into_iter().map(|entry| entry.credential).collect();
        let keys = labels
            .iter()
            .map(|label| {
                let handle = self
                    .parts
                    .keys
                    .find(label)
                    .ok_or_else(|| signing_keys::KeyStoreError::UnknownKey(label.clone()))?;
                let key = self.parts.keys.public_key(&handle)?;
                Ok(OwnKey { label: label.clone(), key })
            })
            .collect::<Result<Vec<_>, AcceptError>>()?;
        let now = self.now();
        let received =
            receive::check(&entries, &keys, configuration, &*self.parts.resolver, now).await?;
        let configuration_id = match items::item(session, at) {
            Some(item) => item.configuration_id.clone(),
            None => return Ok(()),
        };
        let Some(first) = received.first() else { return Ok(()) };
        let held = HeldCredential {
            v: RECORD_VERSION,
            id: self.new_id(),
            received_at: now,
            source: issuer.credential_issuer.clone(),
            source_names: metadata::names(issuer.display.as_deref()),
            configuration_id,
            format: configuration.format.clone(),
            issuer: first.issuer.clone(),
            issuer_check: first.issuer_check.clone(),
            names: metadata::configuration_names(configuration),
            labels: metadata::labels(configuration),
            claim_order: metadata::claim_order(configuration),
            copies: received
                .iter()
                .map(|one| HeldCopy {
                    wire: one.credential.to_wire(),
                    binding: one.binding.clone(),
                    presented: 0,
                    evidence: None,
                })
                .collect(),
        };
        let credential = held.id.clone();
        let stage = match notification_id.filter(|_| issuer.notification_endpoint.is_some()) {
            Some(notification_id) => {
                ItemStage::Stored { credential: credential.clone(), notification_id }
            }
            None => ItemStage::Finished { credential: credential.clone() },
        };
        items::set(session, at, stage);
        self.parts.ledger.commit(vec![
            Draft::put(Shelf::Credentials, &credential, &held)?,
            Draft::put(Shelf::Sessions, &session.id, &*session)?,
        ])?;
        tracing::info!(session = %session.id, %credential, "credential stored");
        Ok(())
    }
}
