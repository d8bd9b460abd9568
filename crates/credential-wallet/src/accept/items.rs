//! Fetching the credentials with the token: keys, nonce, key proofs, request, waiting,
//! acknowledging. One item at a time, each stage on disk before the step that follows.

use std::sync::Arc;

use credential_proofs::jwe;
use credential_proofs::key_proof;
use openid4vc_messages::{
    CredentialConfiguration, CredentialRequest, CredentialResponse, CredentialResponseEncryption,
    DeferredRequest, IssuerMetadata, NonceResponse, NotificationEvent, NotificationRequest, Proofs,
};
use serde_json::Value;
use signing_keys::{KeyStore, Signer, StoreSigner};
use url::Url;
use web_fetch::FetchRequest;

use super::binding::{self, BindingChoice};
use super::encryption::{Encryption, read_response};
use super::session::{AcceptSession, FailedItem, Item, ItemStage, Stage};
use super::{AcceptError, AcceptOutcome, DeferredItem, metadata};
use crate::http::{self, Answer};
use crate::store::Shelf;
use crate::wallet::Wallet;

const CREDENTIAL: &str = "credential endpoint";
const DEFERRED: &str = "deferred credential endpoint";
const NONCE: &str = "nonce endpoint";
const NOTIFICATION: &str = "notification endpoint";

/// How often a stale nonce is replaced within one run.
const NONCE_TRIES: u32 = 2;
/// An issuer's waiting time beyond this is cut: a day.
const MAX_INTERVAL: u64 = 24 * 60 * 60;

/// What a request for credentials led to.
enum Fetched {
    /// The response, parsed but not looked into.
    Response(Value),
    /// The issuer's "no".
    Refused(http::Rejection),
}

impl Wallet {
    /// Works through the items. Gives the session back when it is done, an outcome when the
    /// issuer wants us to wait.
    pub(super) async fn collect(
        &self,
        mut session: AcceptSession,
    ) -> Result<(AcceptSession, Option<AcceptOutcome>), AcceptError> {
        let issuer = session.issuer.clone();
        let metadata = metadata::issuer(&*self.parts.fetch, &issuer).await?;
        let Stage::Authorized { access_token, items, .. } = &session.stage else {
            return Ok((session, None));
        };
        let (token, count) = (access_token.clone(), items.len());
        for at in 0..count {
            self.collect_item(&mut session, at, &metadata, &token).await?;
        }
        let outcome = outcome(&session);
        let waiting = matches!(&session.stage, Stage::Authorized { items, .. }
            if items.iter().any(|item| !item.stage.is_settled()));
        if waiting {
            return Ok((session, Some(outcome)));
        }
        session.stage = Stage::Done { credentials: outcome.credentials, failed: outcome.failed };
        self.put(Shelf::Sessions, &session.id, &session)?;
        tracing::info!(session = %session.id, "session done");
        Ok((session, None))
    }

    async fn collect_item(
        &self,
        session: &mut AcceptSession,
        at: usize,
        metadata: &IssuerMetadata,
        token: &str,
    ) -> Result<(), AcceptError> {
        loop {
            let Some(item) = item(session, at) else { return Ok(()) };
            let item = item.clone();
            let next = match item.stage.clone() {
                ItemStage::Waiting => {
                    let configuration = metadata::configuration(metadata, &item.configuration_id)?;
                    let keys = self.make_keys(&session.id, at, configuration, metadata)?;
                    ItemStage::Requested { keys }
                }
                ItemStage::Requested { keys } => {
                    match self.request(&item, &keys, metadata, token).await? {
                        Fetched::Response(response) => self.after_response(keys, response)?,
                        Fetched::Refused(rejection) => refused(&rejection),
                    }
                }
                ItemStage::Deferred { keys, transaction_id, not_before } => {
                    if self.now() < not_before {
                        return Ok(());
                    }
                    match self.ask_deferred(&transaction_id, metadata, token).await? {
                        Fetched::Response(response) => {
                            let next = self.after_response(keys, response)?;
                            let still_waiting = matches!(next, ItemStage::Deferred { .. });
                            set(session, at, next);
                            self.put(Shelf::Sessions, &session.id, &*session)?;
                            if still_waiting {
                                return Ok(());
                            }
                            continue;
                        }
                        // Perhaps the credential was on its way and the answer got lost. The same
                        // keys get the same credential, or the issuer's last word.
                        Fetched::Refused(rejection)
                            if rejection.error == "invalid_transaction_id" =>
                        {
                            ItemStage::Requested { keys }
                        }
                        Fetched::Refused(rejection) => refused(&rejection),
                    }
                }
                ItemStage::Received { keys, response } => {
                    let configuration = metadata::configuration(metadata, &item.configuration_id)?;
                    match self.take_in(session, at, &keys, &response, configuration, metadata).await
                    {
                        Ok(()) => continue,
                        Err(AcceptError::Receive(error)) if !error.is_passing() => {
                            // Told on a best-effort basis: our "no" stands without it.
                            if let Some(id) =
                                response.get("notification_id").and_then(Value::as_str)
                            {
                                let event = NotificationEvent::CredentialFailure;
                                let _ = self.notify(id, event, metadata, token).await;
                            }
                            ItemStage::Failed {
                                code: error.code().to_owned(),
                                detail: error.to_string(),
                            }
                        }
                        Err(other) => return Err(other),
                    }
                }
                ItemStage::Stored { credential, notification_id } => {
                    let event = NotificationEvent::CredentialAccepted;
                    match self.notify(&notification_id, event, metadata, token).await {
                        Ok(()) => ItemStage::Finished { credential },
                        // The credential is safe; only the "thank you" is outstanding.
                        Err(error) => {
                            tracing::info!(session = %session.id, code = error.code(), "not acknowledged yet");
                            return Ok(());
                        }
                    }
                }
                ItemStage::Finished { .. } | ItemStage::Failed { .. } => return Ok(()),
            };
            let waits = matches!(next, ItemStage::Deferred { .. });
            set(session, at, next);
            self.put(Shelf::Sessions, &session.id, &*session)?;
            if waits {
                return Ok(());
            }
        }
    }

    /// Fresh keys for one item. The labels are fixed by session and item, so that a crash
    /// between making a key and writing it down makes no second one.
    fn make_keys(
        &self,
        session: &str,
        at: usize,
        configuration: &CredentialConfiguration,
        metadata: &IssuerMetadata,
    ) -> Result<Vec<String>, AcceptError> {
        let Some(choice) = binding::choose(configuration)? else { return Ok(Vec::new()) };
        let batch = metadata.batch_credential_issuance.map_or(1, |batch| batch.batch_size);
        // One-time copies help where disclosures differ from one showing to the next.
        let wanted =
            if configuration.format == "dc+sd-jwt" { self.parts.settings.copies } else { 1 };
        let keys: &dyn KeyStore = &*self.parts.keys;
        (0..wanted.clamp(1, batch.max(1)))
            .map(|copy| {
                let label = format!("holder/{session}/{at}/{copy}");
                if keys.find(&label).is_none() {
                    keys.generate(choice.key_algorithm(), &label)?;
                }
                Ok(label)
            })
            .collect()
    }

    async fn request(
        &self,
        item: &Item,
        keys: &[String],
        metadata: &IssuerMetadata,
        token: &str,
    ) -> Result<Fetched, AcceptError> {
        let configuration = metadata::configuration(metadata, &item.configuration_id)?;
        let choice = binding::choose(configuration)?;
        let endpoint = http::url(&metadata.credential_endpoint, CREDENTIAL)?;
        let mut tries = 0;
        loop {
            tries += 1;
            let proofs = match choice {
                Some(choice) if !keys.is_empty() => {
                    Some(self.proofs(choice, keys, metadata).await?)
                }
                _ => None,
            };
            let identifier = item.credential_identifier.clone();
            let request = CredentialRequest {
                credential_configuration_id: identifier
                    .is_none()
                    .then(|| item.configuration_id.clone()),
                credential_identifier: identifier,
                proofs,
                credential_response_encryption: None,
            };
            let fetched = self
                .ask(&endpoint, CREDENTIAL, metadata, token, |encryption| {
                    let request = CredentialRequest {
                        credential_response_encryption: encryption,
                        ..request.clone()
                    };
                    serde_json::to_vec(&request).unwrap_or_default()
                })
                .await?;
            match fetched {
                Fetched::Refused(rejection)
                    if rejection.error == "invalid_nonce" && tries <= NONCE_TRIES => {}
                other => return Ok(other),
            }
        }
    }

    async fn ask_deferred(
        &self,
        transaction_id: &str,
        metadata: &IssuerMetadata,
        token: &str,
    ) -> Result<Fetched, AcceptError> {
        let endpoint = metadata.deferred_credential_endpoint.as_deref().unwrap_or_default();
        let endpoint = http::url(endpoint, DEFERRED)?;
        self.ask(&endpoint, DEFERRED, metadata, token, |encryption| {
            let request = DeferredRequest {
                transaction_id: transaction_id.to_owned(),
                credential_response_encryption: encryption,
            };
            serde_json::to_vec(&request).unwrap_or_default()
        })
        .await
    }

    /// Posts a request that is answered with credentials, encrypted where the issuer can.
    async fn ask(
        &self,
        endpoint: &Url,
        what: &'static str,
        metadata: &IssuerMetadata,
        token: &str,
        body: impl Fn(Option<CredentialResponseEncryption>) -> Vec<u8>,
    ) -> Result<Fetched, AcceptError> {
        let encryption = Encryption::choose(metadata)?;
        let plain = body(encryption.as_ref().map(Encryption::parameters));
        let request = match encryption.as_ref().and_then(|chosen| chosen.request_key.as_ref()) {
            Some((jwk, enc)) => {
                let jwe = jwe::encrypt(&plain, jwk, *enc)
                    .map_err(|error| AcceptError::Decryption(error.to_string()))?;
                FetchRequest::post(endpoint.clone(), "application/jwt", jwe.into_bytes())
            }
            None => FetchRequest::post_json(endpoint.clone(), &plain),
        };
        let accept = if encryption.is_some() {
            "application/jwt, application/json"
        } else {
            "application/json"
        };
        let request = request.accept(accept).bearer(token).max_bytes(http::MAX_DOCUMENT_BYTES);
        match http::exchange(&*self.parts.fetch, request, what).await? {
            Answer::Success(response) => {
                Ok(Fetched::Response(read_response(&response, what, encryption.as_ref())?))
            }
            Answer::Rejected(rejection) if rejection.status == 401 => {
                Ok(Fetched::Refused(http::Rejection {
                    error: "token_expired".to_owned(),
                    ..rejection
                }))
            }
            Answer::Rejected(rejection) => Ok(Fetched::Refused(rejection)),
        }
    }

    async fn proofs(
        &self,
        choice: BindingChoice,
        keys: &[String],
        metadata: &IssuerMetadata,
    ) -> Result<Proofs, AcceptError> {
        let nonce = match &metadata.nonce_endpoint {
            Some(endpoint) => Some(self.nonce(endpoint).await?),
            None => None,
        };
        let now = self.now();
        keys.iter()
            .map(|label| {
                let signer = StoreSigner::by_label(Arc::clone(&self.parts.keys), label)?;
                let key = choice.key_ref(&signer.public_key());
                // No `iss`: the pre-authorized code flow is anonymous here (Appendix F.1).
                Ok(key_proof::create(
                    &metadata.credential_issuer,
                    nonce.as_deref(),
                    now,
                    None,
                    &key,
                    &signer,
                )?)
            })
            .collect::<Result<Vec<String>, AcceptError>>()
            .map(Proofs::Jwt)
    }

    async fn nonce(&self, endpoint: &str) -> Result<String, AcceptError> {
        let url = http::url(endpoint, NONCE)?;
        let request = FetchRequest::post(url, "application/x-www-form-urlencoded", Vec::new())
            .accept("application/json");
        match http::exchange(&*self.parts.fetch, request, NONCE).await? {
            Answer::Success(response) => {
                let json = http::json_body(&response, NONCE)?;
                let nonce: NonceResponse = serde_json::from_value(json).map_err(|error| {
                    http::TransportError::Json { what: NONCE, reason: error.to_string() }
                })?;
                Ok(nonce.c_nonce)
            }
            Answer::Rejected(rejection) => {
                Err(AcceptError::Rejected { endpoint: NONCE, rejection })
            }
        }
    }

    async fn notify(
        &self,
        notification_id: &str,
        event: NotificationEvent,
        metadata: &IssuerMetadata,
        token: &str,
    ) -> Result<(), AcceptError> {
        let Some(endpoint) = &metadata.notification_endpoint else { return Ok(()) };
        let request = NotificationRequest {
            notification_id: notification_id.to_owned(),
            event,
            event_description: None,
        };
        let body = serde_json::to_vec(&request).unwrap_or_default();
        let request = FetchRequest::post_json(http::url(endpoint, NOTIFICATION)?, &body)
            .accept("application/json")
            .bearer(token);
        // A refusal is final: the issuer will not know more by hearing it again.
        match http::exchange(&*self.parts.fetch, request, NOTIFICATION).await? {
            Answer::Success(_) | Answer::Rejected(_) => Ok(()),
        }
    }

    /// `Requested | Deferred → Received | Deferred`.
    fn after_response(&self, keys: Vec<String>, response: Value) -> Result<ItemStage, AcceptError> {
        let parsed = CredentialResponse::parse(&response)
            .map_err(|error| AcceptError::Document { what: CREDENTIAL, error })?;
        Ok(match parsed {
            CredentialResponse::Immediate { .. } => ItemStage::Received { keys, response },
            CredentialResponse::Deferred { transaction_id, interval } => {
                let interval = i64::try_from(interval.min(MAX_INTERVAL)).unwrap_or(0);
                let not_before = self.now().plus_seconds(interval);
                ItemStage::Deferred { keys, transaction_id, not_before }
            }
        })
    }
}

fn refused(rejection: &http::Rejection) -> ItemStage {
    let code = if rejection.error.is_empty() { "issuer_refused" } else { &rejection.error };
    ItemStage::Failed {
        code: code.to_owned(),
        detail: rejection.description.clone().unwrap_or_default(),
    }
}

pub(super) fn item(session: &AcceptSession, at: usize) -> Option<&Item> {
    match &session.stage {
        Stage::Authorized { items, .. } => items.get(at),
        _ => None,
    }
}

/// Moves one item to its next stage, in memory.
pub(super) fn set(session: &mut AcceptSession, at: usize, stage: ItemStage) {
    if let Stage::Authorized { items, .. } = &mut session.stage
        && let Some(item) = items.get_mut(at)
    {
        item.stage = stage;
    }
}

fn outcome(session: &AcceptSession) -> AcceptOutcome {
    let mut outcome = AcceptOutcome {
        session: session.id.clone(),
        credentials: Vec::new(),
        deferred: Vec::new(),
        failed: Vec::new(),
        unacknowledged: 0,
    };
    let Stage::Authorized { items, .. } = &session.stage else { return outcome };
    for item in items {
        outcome.credentials.extend(item.stage.credential().map(str::to_owned));
        match &item.stage {
            ItemStage::Deferred { not_before, .. } => outcome.deferred.push(DeferredItem {
                configuration_id: item.configuration_id.clone(),
                not_before: *not_before,
            }),
            ItemStage::Failed { code, detail } => outcome.failed.push(FailedItem {
                configuration_id: item.configuration_id.clone(),
                code: code.clone(),
                detail: detail.clone(),
            }),
            ItemStage::Stored { .. } => outcome.unacknowledged += 1,
            _ => {}
        }
    }
    outcome
}
