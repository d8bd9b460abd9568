//! Forgetting a person: what remains of a credential is its place in the status list, its status
//! and its digest, so that verifiers, the chain and the auditor still get the same answers.
//!
//! What this cannot reach: the wallet's copy; backups made before; old versions in the database's
//! files until it compacts (embedded) or vacuums and recycles its log (PostgreSQL); and the audit
//! trail, which names ids only, but keeps officers' reasons for ever, because its hash chain
//! covers them.

use credential_model::moment::Moment;
use serde_json::{Value, json};

use crate::Issuer;
use crate::audit::{AuditAction, AuditEvent};
use crate::credential::{CredentialRecord, CredentialStage, HolderBinding, Issued};
use crate::deferred_record::DeferredRequestRecord;
use crate::ids::{OfferId, PersonId};
use crate::offer::{Expired, Offer, OfferStage};
use crate::store::{Erasure, IssuerStore, Page, StoreError};

/// What stands where personal data stood.
const ERASED: &str = "erased";
/// Offers looked at in one step.
const STEP: usize = 500;

/// What was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ErasureReport {
    /// Offers without subject now.
    pub offers: usize,
    /// Credentials of which place, status and digest remain.
    pub credentials: usize,
}

/// Why nothing, or not everything, was forgotten. Repeating goes on where it stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErasureError {
    /// No such person.
    #[error("there is no person of this id")]
    UnknownPerson,
    /// No such offer.
    #[error("there is no offer of this id")]
    UnknownOffer,
    /// A credential was prepared and not signed: what it would say is still to be signed.
    #[error("a credential of this offer is about to be signed; start the service once and repeat")]
    Unfinished,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ErasureError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownPerson => "unknown_person",
            Self::UnknownOffer => "unknown_offer",
            Self::Unfinished => "credential_unfinished",
            Self::Store(error) => error.code(),
        }
    }
}

/// Forgets a person, the offers made for them and what the credentials of those say. One
/// transaction an offer, the person last, so that a repetition after a crash finds what is left.
///
/// # Errors
/// [`ErasureError`].
pub async fn erase_person(
    store: &dyn IssuerStore,
    id: &PersonId,
    now: Moment,
) -> Result<ErasureReport, ErasureError> {
    store.person(id).await?.ok_or(ErasureError::UnknownPerson)?;
    let mut report = ErasureReport::default();
    let mut after: Option<String> = None;
    loop {
        let offers = store.offers(Page { after: after.as_deref(), limit: STEP }).await?;
        let Some(last) = offers.last() else { break };
        after = Some(last.id.to_string());
        for offer in offers.iter().filter(|offer| offer.person.as_ref() == Some(id)) {
            report.credentials += forget(store, offer, now).await?;
            report.offers += 1;
        }
    }
    let audit =
        AuditEvent::new(now, "officer", AuditAction::PersonErased).about("person", id.as_str());
    let erasure = Erasure {
        person: Some(id.clone()),
        offers: Vec::new(),
        credentials: Vec::new(),
        deferred: Vec::new(),
        audit,
    };
    store.erase(&erasure).await?;
    Ok(report)
}

/// Forgets what one offer and its credentials say; for offers whose subject was written by hand.
///
/// # Errors
/// [`ErasureError`].
pub async fn erase_offer(
    store: &dyn IssuerStore,
    id: &OfferId,
    now: Moment,
) -> Result<ErasureReport, ErasureError> {
    let offer = store.offer(id).await?.ok_or(ErasureError::UnknownOffer)?;
    let credentials = forget(store, &offer, now).await?;
    Ok(ErasureReport { offers: 1, credentials })
}

async fn forget(
    store: &dyn IssuerStore,
    offer: &Offer,
    now: Moment,
) -> Result<usize, ErasureError> {
    let records = store.credentials_of_offer(&offer.id).await?;
    let credentials: Option<Vec<CredentialRecord>> = records.iter().map(credential).collect();
    let credentials = credentials.ok_or(ErasureError::Unfinished)?;
    let waiting = store.deferred_of_offer(&offer.id).await?;
    let count = credentials.len();
    let erasure = Erasure {
        person: None,
        offers: vec![Offer {
            subject: json!({}),
            person: None,
            awarded_date: None,
            ..offer.next(OfferStage::Expired(Expired { at: now }))
        }],
        credentials,
        deferred: waiting.iter().map(deferred).collect(),
        audit: AuditEvent::new(now, "officer", AuditAction::PersonErased)
            .about("offer", &offer.id)
            .about("credentials", count),
    };
    store.erase(&erasure).await?;
    Ok(count)
}

/// The record with place, status and digest alone; none while it waits for its signature.
fn credential(record: &CredentialRecord) -> Option<CredentialRecord> {
    let issued = record.issued()?;
    let stage = CredentialStage::Issued(Issued {
        at: issued.at,
        credential: Value::Null,
        digest: issued.digest,
    });
    let mut record = record.clone();
    record.revision += 1;
    record.document_id = ERASED.to_owned();
    // Differs for each record: it is part of what makes a request the same request.
    record.holder = nobody(record.id.as_str());
    for change in &mut record.history {
        change.reason = ERASED.to_owned();
    }
    record.stage = stage;
    Some(record)
}

fn deferred(request: &DeferredRequestRecord) -> DeferredRequestRecord {
    let holders =
        (0..request.holders.len()).map(|n| nobody(&format!("{}-{n}", request.id))).collect();
    DeferredRequestRecord { revision: request.revision + 1, holders, ..request.clone() }
}

fn nobody(of: &str) -> HolderBinding {
    HolderBinding { did: ERASED.to_owned(), thumbprint: format!("{ERASED}:{of}"), jwk: json!({}) }
}

impl Issuer {
    /// [`erase_person`] with this issuer's store and clock.
    ///
    /// # Errors
    /// [`ErasureError`].
    pub async fn erase_person(&self, id: &PersonId) -> Result<ErasureReport, ErasureError> {
        erase_person(&*self.store, id, self.now()).await
    }

    /// [`erase_offer`] with this issuer's store and clock.
    ///
    /// # Errors
    /// [`ErasureError`].
    pub async fn erase_offer(&self, id: &OfferId) -> Result<ErasureReport, ErasureError> {
        erase_offer(&*self.store, id, self.now()).await
    }
}
