//! Credentials that an officer must release first (OID4VCI 1.0, section 9).

use openid4vc_messages::CredentialResponse;

use crate::Issuer;
use crate::audit::AuditAction;
use crate::credential::Configuration;
use crate::deferred_record::{DeferredRequestRecord, DeferredStage};
use crate::ids::{DeferredId, Digest, OfferId};
use crate::offer::{Offer, Release};
use crate::proofs::Proven;
use crate::request::{CredentialRequestError, TokenRefused, entries};
use crate::store::{DeferCommit, StoreError};

/// Why deferred credentials were not collected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeferredError {
    /// The token.
    #[error(transparent)]
    Token(#[from] TokenRefused),
    /// Not given out with this token, or collected already.
    #[error("the transaction_id is not valid (any more)")]
    InvalidTransaction,
    /// As at the credential endpoint.
    #[error(transparent)]
    Request(#[from] CredentialRequestError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DeferredError {
    /// The standard's code (section 9.3), or ours where the service failed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::InvalidTransaction => "invalid_transaction_id",
            Self::Request(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// Why an officer's decision was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// Neither a deferred request nor an offer has this id.
    #[error("there is no deferred request or offer with this id")]
    Unknown,
    /// The offer waits for nobody.
    #[error("this offer does not wait for a release")]
    NotWaiting,
    /// The reason holds a number that must never be recorded, or is too long.
    #[error("the reason must be 1 to 500 characters without numbers that must never be recorded")]
    Reason,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReleaseError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_deferred_request",
            Self::NotWaiting => "not_waiting",
            Self::Reason => "invalid_reason",
            Self::Store(error) => error.code(),
        }
    }
}

/// For how many seconds after its first delivery a deferred credential is delivered again: the
/// answer may have been lost, and a transaction id ends when the wallet *has* the credential
/// (section 9.1). Who comes later repeats the credential request with the same keys.
const REDELIVERY: i64 = 600;

impl Issuer {
    pub(crate) async fn defer(
        &self,
        offer: &Offer,
        configuration: Configuration,
        proven: Proven,
    ) -> Result<CredentialResponse, CredentialRequestError> {
        let known = self.store.deferred_of_offer(&offer.id).await?;
        let same = |request: &&DeferredRequestRecord| {
            request.configuration == configuration
                && request.holders.len() == proven.holders.len()
                && request
                    .holders
                    .iter()
                    .zip(&proven.holders)
                    .all(|(a, b)| a.thumbprint == b.thumbprint)
        };
        let spent = |error| match error {
            StoreError::NonceUsed => CredentialRequestError::InvalidNonce,
            other => other.into(),
        };
        let id = if let Some(request) = known.iter().find(same) {
            self.store.spend_nonces(&proven.nonces).await.map_err(spent)?;
            request.id.clone()
        } else {
            let waiting: usize = known
                .iter()
                .filter(|r| r.configuration == configuration)
                .map(|r| r.holders.len())
                .sum();
            if waiting + proven.holders.len() > self.settings.batch_size as usize {
                return Err(CredentialRequestError::Denied(
                    "more credentials than this offer has were asked for",
                ));
            }
            let id = self.timed_id(DeferredId::parse);
            let request = DeferredRequestRecord {
                transaction: Digest::of(self.transaction_id(&id).as_bytes()),
                id: id.clone(),
                revision: 1,
                offer: offer.id.clone(),
                configuration,
                holders: proven.holders,
                created_at: self.now(),
                stage: DeferredStage::Waiting,
            };
            let audit = self
                .event("wallet", AuditAction::DeferredRequested)
                .about("offer", &offer.id)
                .about("deferred", &id)
                .about("configuration", configuration.id());
            self.store
                .defer(&DeferCommit { nonces: proven.nonces, request, audit })
                .await
                .map_err(spent)?;
            id
        };
        Ok(self.still_waiting(&id))
    }

    // Derived, so that a repeated request is answered with the same transaction id while the
    // store holds only its digest.
    fn transaction_id(&self, id: &DeferredId) -> String {
        Digest::keyed(&self.secrets.transactions, &[b"transaction_id", id.as_str().as_bytes()])
            .to_token()
    }

    fn still_waiting(&self, id: &DeferredId) -> CredentialResponse {
        CredentialResponse::Deferred {
            transaction_id: self.transaction_id(id),
            interval: self.settings.deferred_interval,
        }
    }

    /// Collects deferred credentials. The same token gets the same credentials again for a while.
    pub async fn collect_deferred(
        &self,
        token: &str,
        transaction_id: &str,
    ) -> Result<CredentialResponse, DeferredError> {
        let offer = self.offer_of_token(token).await?;
        let digest = Digest::of(transaction_id.as_bytes());
        let request = self
            .store
            .deferred_by_transaction(&digest)
            .await?
            .filter(|request| request.offer == offer.id)
            .ok_or(DeferredError::InvalidTransaction)?;
        let delivered_before = match &request.stage {
            DeferredStage::Delivered { at, run } if *run == self.run => {
                if self.now() > at.plus_seconds(REDELIVERY) {
                    return Err(DeferredError::InvalidTransaction);
                }
                true
            }
            _ => false,
        };
        match offer.release {
            Release::Waiting => return Ok(self.still_waiting(&request.id)),
            Release::Denied { .. } => {
                return Err(
                    CredentialRequestError::Denied("an officer denied this credential").into()
                );
            }
            Release::NotNeeded | Release::Released { .. } => {}
        }
        let records =
            self.obtain(&offer, request.configuration, &request.holders, Vec::new()).await?;
        // Some wallets reject a notification_id here; they can do without.
        let answer =
            CredentialResponse::Immediate { credentials: entries(&records), notification_id: None };
        if delivered_before {
            return Ok(answer);
        }
        let delivered = DeferredRequestRecord {
            revision: request.revision + 1,
            stage: DeferredStage::Delivered { at: self.now(), run: self.run.clone() },
            ..request
        };
        let event = self
            .event("wallet", AuditAction::DeferredDelivered)
            .about("offer", &offer.id)
            .about("deferred", &delivered.id);
        match self.store.replace_deferred(&delivered, event).await {
            // The same wallet, asking twice at once: both get the same records.
            Ok(()) | Err(StoreError::Conflict) => Ok(answer),
            Err(other) => Err(other.into()),
        }
    }

    /// An officer releases (or denies) what waits: by deferred id or by offer id.
    pub async fn decide_deferred(
        &self,
        id: &str,
        release: bool,
        reason: Option<String>,
    ) -> Result<OfferId, ReleaseError> {
        if let Some(reason) = &reason {
            crate::officer::check_reason(reason).map_err(|()| ReleaseError::Reason)?;
        }
        let offer_id = match DeferredId::parse(id) {
            Ok(deferred) => self.store.deferred(&deferred).await?.map(|request| request.offer),
            Err(_) => None,
        };
        let offer_id = match offer_id {
            Some(offer) => offer,
            None => OfferId::parse(id).map_err(|_| ReleaseError::Unknown)?,
        };
        let offer = self.store.offer(&offer_id).await?.ok_or(ReleaseError::Unknown)?;
        if offer.release != Release::Waiting {
            return Err(ReleaseError::NotWaiting);
        }
        let at = self.now();
        let (decision, action) = if release {
            (Release::Released { at }, AuditAction::DeferredReleased)
        } else {
            (Release::Denied { at }, AuditAction::DeferredDenied)
        };
        let event = self.event("officer", action).about("offer", &offer.id).because(reason);
        let decided = Offer { release: decision, ..offer.next(offer.stage.clone()) };
        self.store.replace_offer(&decided, event).await?;
        Ok(offer.id)
    }

    /// What waits for an officer, oldest first.
    pub async fn waiting_requests(
        &self,
        limit: usize,
    ) -> Result<Vec<DeferredRequestRecord>, StoreError> {
        let mut waiting = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = crate::store::Page { after: after.as_deref(), limit: 200 };
            let requests = self.store.deferred_requests(page).await?;
            let Some(last) = requests.last() else { return Ok(waiting) };
            after = Some(last.id.to_string());
            for request in requests {
                let offer = self.store.offer(&request.offer).await?;
                if offer.is_some_and(|offer| offer.release == Release::Waiting) {
                    waiting.push(request);
                    if waiting.len() >= limit {
                        return Ok(waiting);
                    }
                }
            }
        }
    }
}
