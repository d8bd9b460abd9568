//! A holder claims a row: its offer becomes an ordinary one the first time somebody asks for it.

use credential_model::catalogue::CredentialType;
use credential_model::format::CredentialFormat;
use serde_json::Value;
use status_lists::StatusValue;

use super::names;
use crate::Issuer;
use crate::audit::AuditAction;
use crate::credential::CredentialRecord;
use crate::ids::{Digest, JobId, OfferId};
use crate::offer::{Created, Offer, OfferStage, Release, StoredFormat};
use crate::store::StoreError;

impl Issuer {
    /// The offer of a row's code, made now if nobody asked for it before. A code that this issuer
    /// did not make costs one digest and no look-up.
    pub(crate) async fn bulk_offer_by_code(&self, code: &str) -> Result<Option<Offer>, StoreError> {
        let Some((id, _)) = code.split_once('.') else { return Ok(None) };
        let Ok(id) = OfferId::parse(id) else { return Ok(None) };
        if names::offered_row(&self.secrets.codes, id.as_str()).is_none() {
            return Ok(None);
        }
        let wanted = Digest::of(self.offer_code(&id).as_bytes());
        if !wanted.same(&Digest::of(code.as_bytes())) {
            return Ok(None);
        }
        self.bulk_offer(&id).await
    }

    /// The offer of this id, if it is a row's.
    pub(crate) async fn bulk_offer(&self, id: &OfferId) -> Result<Option<Offer>, StoreError> {
        let Some(bulk) = &self.bulk else { return Ok(None) };
        let Some((job, row)) = names::offered_row(&self.secrets.codes, id.as_str()) else {
            return Ok(None);
        };
        if let Some(offer) = self.store.offer(id).await? {
            return Ok(Some(offer));
        }
        let Ok(credential) = names::credential_id(&job, row) else { return Ok(None) };
        let record = self.store.credential(&credential).await?;
        let Some(record) = record.filter(|record| record.status == StatusValue::Valid) else {
            return Ok(None);
        };
        let Some(job) = bulk.store.job(&job).await? else { return Ok(None) };
        let now = self.now();
        let expires = job.claim_until().unwrap_or_else(|| now.plus_seconds(job.plan.claim_seconds));
        let Some(offer) = self.offer_of_row(id, &record, expires) else {
            return Ok(None);
        };
        let event = self
            .event("wallet", AuditAction::OfferCreated)
            .about("offer", &offer.id)
            .about("job", &job.id);
        match self.store.create_offer(&offer, event).await {
            Ok(()) => Ok(Some(offer)),
            // Two wallets, or one twice: the other one's stands.
            Err(StoreError::Taken(_) | StoreError::Conflict) => self.store.offer(id).await,
            Err(error) => Err(error),
        }
    }

    fn offer_of_row(
        &self,
        id: &OfferId,
        record: &CredentialRecord,
        expires_at: credential_model::moment::Moment,
    ) -> Option<Offer> {
        let document = &record.issued()?.credential;
        let credential_type: CredentialType = record.configuration.credential_type;
        let awarded_date = document.get("awardedDate").and_then(Value::as_str).map(str::to_owned);
        let code = self.offer_code(id);
        Some(Offer {
            id: id.clone(),
            revision: 1,
            created_at: self.now(),
            expires_at,
            credential_type,
            formats: CredentialFormat::ALL.iter().copied().map(StoredFormat).collect(),
            subject: document.get("credentialSubject")?.clone(),
            kind: record.kind.clone(),
            person: None,
            valid_from: None,
            valid_until: None,
            awarded_date,
            by_reference: true,
            release: Release::NotNeeded,
            stage: OfferStage::Created(Created {
                code: Digest::of(code.as_bytes()),
                tx_code: None,
            }),
        })
    }

    /// The offer id of a row.
    pub(super) fn row_offer(&self, job: &JobId, row: u64) -> Option<OfferId> {
        names::offer_id(&self.secrets.codes, job, row).ok()
    }
}
