//! From proven keys to signed credentials: look up, allocate, record, sign, record again.

use status_lists::{IndexAllocator, StatusValue};

use crate::Issuer;
use crate::audit::AuditAction;
use crate::credential::{
    Configuration, CredentialRecord, CredentialStage, Draft, HolderBinding, PreparedCredential,
    StatusPlace,
};
use crate::ids::{CredentialId, Digest, NotificationId};
use crate::offer::Offer;
use crate::request::CredentialRequestError;
use crate::status::{ListClass, ListRecord};
use crate::store::{Page, PrepareCommit, SpentNonce, StoreError};

/// How often a request looks again after a lost race. Neighbours that share a store take turns by
/// chance; each loss is somebody's gain.
const TRIES: usize = 32;

impl Issuer {
    /// The credentials of these holders: those on record, the rest prepared, recorded and signed now.
    pub(crate) async fn obtain(
        &self,
        offer: &Offer,
        configuration: Configuration,
        holders: &[HolderBinding],
        nonces: Vec<SpentNonce>,
    ) -> Result<Vec<CredentialRecord>, CredentialRequestError> {
        // A lost race changes the counter or brings the credential itself: look again. What this
        // request has spent by then it does not spend twice.
        let mut nonces = nonces;
        for _ in 0..TRIES {
            match self.obtain_once(offer, configuration, holders, &mut nonces).await {
                Err(CredentialRequestError::Store(StoreError::Conflict | StoreError::Taken(_))) => {
                }
                Err(CredentialRequestError::Store(StoreError::NonceUsed)) => {
                    return Err(CredentialRequestError::InvalidNonce);
                }
                other => return other,
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn obtain_once(
        &self,
        offer: &Offer,
        configuration: Configuration,
        holders: &[HolderBinding],
        nonces: &mut Vec<SpentNonce>,
    ) -> Result<Vec<CredentialRecord>, CredentialRequestError> {
        let guard = self.preparing.lock().await;
        let mut known = Vec::new();
        let mut missing = Vec::new();
        for holder in holders {
            let key =
                CredentialRecord::idempotency_key(&offer.id, &configuration, &holder.thumbprint);
            match self.store.credential_by_key(&key).await? {
                Some(record) => known.push(record),
                None => missing.push(holder),
            }
        }
        if missing.is_empty() {
            self.store.spend_nonces(nonces).await?;
        } else {
            let of_offer = self.store.credentials_of_offer(&offer.id).await?;
            let given =
                of_offer.iter().filter(|record| record.configuration == configuration).count();
            if given + missing.len() > self.settings.batch_size as usize {
                return Err(CredentialRequestError::Denied(
                    "all credentials of this offer were given out already",
                ));
            }
            let notification = known.first().map(|record| record.notification.clone());
            let fresh = self.prepare(offer, configuration, &missing, nonces, notification).await?;
            known.extend(fresh);
        }
        nonces.clear();
        drop(guard);
        let issued = self.sign_prepared(known).await?;
        // In the order of the proofs.
        let mut ordered = Vec::with_capacity(issued.len());
        for holder in holders {
            ordered.extend(
                issued.iter().filter(|r| r.holder.thumbprint == holder.thumbprint).cloned(),
            );
        }
        Ok(ordered)
    }

    /// Drafts, allocates and records in one commit.
    async fn prepare(
        &self,
        offer: &Offer,
        configuration: Configuration,
        holders: &[&HolderBinding],
        nonces: &[SpentNonce],
        notification: Option<NotificationId>,
    ) -> Result<Vec<CredentialRecord>, CredentialRequestError> {
        let now = self.now();
        let class = ListClass::of(offer.credential_type);
        let mut list = self.list_with_room(class, holders.len() as u64).await?;
        let list_next_before = list.next;
        let allocator = self.allocator(&list);
        let list_url = self.settings.list_url(&list.id);
        let notification = notification.unwrap_or_else(|| self.random_id(NotificationId::parse));
        let mut records = Vec::with_capacity(holders.len());
        for holder in holders {
            // The list was chosen because it has room, so the counter is below its capacity.
            let index = allocator.at(list.next).ok_or(StoreError::Conflict)? as u64;
            list.next += 1;
            let draft = Draft {
                document_id: credential_model::ambient::random_uuid_urn(&*self.entropy),
                offer,
                format: configuration.format,
                holder,
                valid_from: offer.valid_from.unwrap_or(now),
            };
            let place = StatusPlace { list_url: list_url.clone(), index };
            let (form, valid_until) = draft.prepare(&place, &self.identity, now, &*self.entropy)?;
            records.push(CredentialRecord {
                id: self.timed_id(CredentialId::parse),
                revision: 1,
                document_id: draft.document_id.clone(),
                offer: offer.id.clone(),
                configuration,
                kind: offer.kind.clone(),
                holder: (*holder).clone(),
                list: list.id.clone(),
                index,
                status: StatusValue::Valid,
                history: Vec::new(),
                valid_from: draft.valid_from,
                valid_until,
                prepared_at: now,
                method: Some(self.identity.signer(configuration.format).1.to_string()),
                salt: self.random_digest(),
                notification: notification.clone(),
                notified: None,
                batch: None,
                stage: CredentialStage::Prepared(form),
            });
        }
        let audit = self
            .event("wallet", AuditAction::CredentialsPrepared)
            .about("offer", &offer.id)
            .about("configuration", configuration.id())
            .about("credentials", joined(&records));
        let commit = PrepareCommit {
            offer: (offer.id.clone(), offer.revision),
            nonces: nonces.to_vec(),
            list,
            list_next_before,
            records,
            audit,
        };
        self.store.prepare(&commit).await?;
        Ok(commit.records)
    }

    /// Signs what is prepared among the records and keeps the signed form before anybody gets it.
    pub(crate) async fn sign_prepared(
        &self,
        records: Vec<CredentialRecord>,
    ) -> Result<Vec<CredentialRecord>, CredentialRequestError> {
        let mut done = Vec::with_capacity(records.len());
        let mut signed = Vec::new();
        for record in records {
            match PreparedCredential::of(record) {
                Err(record) => done.push(record),
                Ok(prepared) => {
                    signed.push(prepared.issue(&self.identity, self.now())?.into_record())
                }
            }
        }
        if !signed.is_empty() {
            let event = self
                .event("service", AuditAction::CredentialsIssued)
                .about("credentials", joined(&signed));
            self.store.record_issued(&signed, event).await?;
            done.extend(signed);
        }
        Ok(done)
    }

    /// The open list of a class, or a new one when the open one has no room for so many.
    async fn list_with_room(
        &self,
        class: ListClass,
        needed: u64,
    ) -> Result<ListRecord, StoreError> {
        let number = match self.store.open_list(class).await? {
            Some(list) if list.room() >= needed => return Ok(list),
            Some(_) => {
                self.store.lists().await?.iter().filter(|list| list.class == class).count() as u64
                    + 1
            }
            None => 1,
        };
        let list = ListRecord::open(class, number, self.settings.list_size, self.now());
        self.store.create_list(&list).await?;
        Ok(list)
    }

    pub(crate) fn allocator(&self, list: &ListRecord) -> IndexAllocator {
        let seed =
            Digest::keyed(&self.secrets.lists, &[b"status index", list.id.as_str().as_bytes()]);
        IndexAllocator::new(seed.0, usize::try_from(list.capacity).unwrap_or(usize::MAX))
    }

    /// Signs what an earlier run prepared and could not sign any more; called at start.
    /// Answers how many there were. A record that cannot be signed stays for the next time.
    pub async fn finish_prepared(&self) -> Result<usize, StoreError> {
        let mut finished = 0;
        let mut after: Option<String> = None;
        loop {
            let page = Page { after: after.as_deref(), limit: 500 };
            let records = self.store.prepared(page).await?;
            let Some(last) = records.last() else { return Ok(finished) };
            after = Some(last.id.to_string());
            for record in records {
                if record.issued().is_none() && self.sign_prepared(vec![record]).await.is_ok() {
                    finished += 1;
                }
            }
        }
    }
}

fn joined(records: &[CredentialRecord]) -> String {
    records.iter().map(|record| record.id.as_str()).collect::<Vec<_>>().join(" ")
}
