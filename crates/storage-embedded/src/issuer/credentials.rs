//! Credentials: allocation, signatures, later changes.

use std::collections::{BTreeMap, BTreeSet};

use credential_issuance::audit::AuditEvent;
use credential_issuance::credential::CredentialRecord;
use credential_issuance::ids::ListId;
use credential_issuance::offer::Offer;
use credential_issuance::status::ListRecord;
use credential_issuance::store::{PrepareCommit, SpentNonce};
use credential_model::moment::Moment;

use super::{Answer, EmbeddedIssuerStore, Page, StoreError, tables};
use crate::engine::Batch;

/// Most spent nonces forgotten in one call.
const FORGET: usize = 1_000;

/// The part of a credential's record that says which write it is.
#[derive(serde::Deserialize)]
struct Revision {
    revision: u64,
}

impl EmbeddedIssuerStore {
    pub(super) fn write_prepared(&self, commit: &PrepareCommit) -> Answer<()> {
        let _writer = self.database.exclusive();
        let (offer_id, revision) = &commit.offer;
        let offer: Option<Offer> = self.record(tables::OFFERS, offer_id.as_str())?;
        if offer.ok_or(StoreError::Missing("offer"))?.revision != *revision {
            return Err(StoreError::Conflict);
        }
        let list: ListRecord = self
            .record(tables::LISTS, commit.list.id.as_str())?
            .ok_or(StoreError::Missing("list"))?;
        let count = commit.records.len() as u64;
        if list.next != commit.list_next_before
            || commit.list.next != list.next + count
            || commit.list.next > list.capacity
        {
            return Err(StoreError::Conflict);
        }
        let mut batch = Batch::new();
        self.spend_into(&mut batch, &commit.nonces)?;
        // Only the counter moves: a publication or status change since the caller read the list stays.
        let list = ListRecord { next: commit.list.next, ..list };
        tables::put(&mut batch, tables::LISTS, list.id.as_str(), &list)?;
        let mut places = std::collections::BTreeSet::new();
        for record in &commit.records {
            let place = place(&record.list, record.index);
            let (key, id) = (record.key(), record.id.as_str());
            if self.get(tables::CREDENTIALS_BY_KEY, &key.0)?.is_some() {
                return Err(StoreError::Taken("credential"));
            }
            let taken =
                self.get(tables::PLACES, &place)?.is_some() || !places.insert(place.clone());
            if taken
                || record.list != list.id
                || self.get(tables::CREDENTIALS, id.as_bytes())?.is_some()
            {
                return Err(StoreError::Taken("status index"));
            }
            tables::put(&mut batch, tables::CREDENTIALS, id, record)?;
            put_lookups(&mut batch, record);
            tables::PREPARED.put(&mut batch, id, tables::PRESENT);
        }
        self.seal_into(&mut batch, commit.audit.clone())?;
        self.commit(batch)
    }

    pub(super) fn write_issued(
        &self,
        records: &[CredentialRecord],
        audit: AuditEvent,
    ) -> Answer<()> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        for record in records {
            let before = self.before(record)?;
            if before.issued().is_some() || record.issued().is_none() {
                return Err(StoreError::Conflict);
            }
            tables::put(&mut batch, tables::CREDENTIALS, record.id.as_str(), record)?;
            tables::UNANCHORED.put(&mut batch, record.id.as_str(), tables::PRESENT);
            tables::PREPARED.delete(&mut batch, record.id.as_str());
        }
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }

    /// Records prepared and not signed, from their index.
    pub(super) fn not_signed(&self, page: Page<'_>) -> Answer<Vec<CredentialRecord>> {
        self.complete_prepared_index()?;
        let after = page.after.map(str::as_bytes);
        let mut records = Vec::new();
        for (id, _) in self.rows(tables::PREPARED, b"", after, page.limit)? {
            // A row whose record is signed by now says nothing wrong about it.
            let record: Option<CredentialRecord> = self.record(tables::CREDENTIALS, id)?;
            records.extend(record.filter(|record| record.issued().is_none()));
        }
        Ok(records)
    }

    /// A store older than the index is walked through once.
    fn complete_prepared_index(&self) -> Answer<()> {
        if self.get(tables::SINGLES, tables::PREPARED_INDEX.as_bytes())?.is_some() {
            return Ok(());
        }
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        let mut after: Option<String> = None;
        loop {
            let page = Page { after: after.as_deref(), limit: 500 };
            let records: Vec<CredentialRecord> = self.page(tables::CREDENTIALS, page)?;
            for record in records.iter().filter(|record| record.issued().is_none()) {
                tables::PREPARED.put(&mut batch, record.id.as_str(), tables::PRESENT);
            }
            match records.last() {
                Some(last) => after = Some(last.id.to_string()),
                None => break,
            }
        }
        tables::SINGLES.put(&mut batch, tables::PREPARED_INDEX, tables::PRESENT);
        self.commit(batch)
    }

    pub(super) fn write_next_credentials(
        &self,
        records: &[CredentialRecord],
        audit: AuditEvent,
    ) -> Answer<()> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        for record in records {
            let before = self.before(record)?;
            if before.status != record.status
                || before.issued().is_some() != record.issued().is_some()
            {
                return Err(StoreError::Conflict);
            }
            tables::put(&mut batch, tables::CREDENTIALS, record.id.as_str(), record)?;
        }
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }

    pub(super) fn write_status(&self, record: &CredentialRecord, audit: AuditEvent) -> Answer<()> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        self.statuses_into(&mut batch, [record])?;
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }

    /// Several status changes in one commit.
    pub(super) fn write_many(&self, changes: &[(CredentialRecord, AuditEvent)]) -> Answer<()> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        self.statuses_into(&mut batch, changes.iter().map(|(record, _)| record))?;
        self.seal_all_into(&mut batch, changes.iter().map(|(_, event)| event.clone()))?;
        self.commit(batch)
    }

    /// Next revisions with their new status, none of them twice; counts the changes of each list.
    pub(super) fn statuses_into<'a>(
        &self,
        batch: &mut Batch,
        records: impl IntoIterator<Item = &'a CredentialRecord>,
    ) -> Answer<()> {
        let (mut lists, mut seen) = (BTreeMap::<&str, u64>::new(), BTreeSet::new());
        for record in records {
            // Of what is stored only the revision matters: the rest need not be built.
            let before: Revision = self
                .record(tables::CREDENTIALS, record.id.as_str())?
                .ok_or(StoreError::Missing("credential"))?;
            if before.revision + 1 != record.revision || !seen.insert(&record.id) {
                return Err(StoreError::Conflict);
            }
            tables::put(batch, tables::CREDENTIALS, record.id.as_str(), record)?;
            *lists.entry(record.list.as_str()).or_default() += 1;
            let place = place(&record.list, record.index);
            match record.status.code() {
                0 => tables::VALUES.delete(batch, place),
                value => tables::VALUES.put(batch, place, [value]),
            }
        }
        for (id, count) in lists {
            let list: ListRecord =
                self.record(tables::LISTS, id)?.ok_or(StoreError::Missing("list"))?;
            let list = ListRecord { changes: list.changes + count, ..list };
            tables::put(batch, tables::LISTS, id, &list)?;
        }
        Ok(())
    }

    /// The stored record whose next revision this one is.
    pub(super) fn before(&self, record: &CredentialRecord) -> Answer<CredentialRecord> {
        let before: CredentialRecord = self
            .record(tables::CREDENTIALS, record.id.as_str())?
            .ok_or(StoreError::Missing("credential"))?;
        if before.revision + 1 == record.revision { Ok(before) } else { Err(StoreError::Conflict) }
    }

    pub(super) fn spend(&self, nonces: &[SpentNonce]) -> Answer<()> {
        if nonces.is_empty() {
            return Ok(());
        }
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        self.spend_into(&mut batch, nonces)?;
        self.commit(batch)
    }

    pub(super) fn spend_into(&self, batch: &mut Batch, nonces: &[SpentNonce]) -> Answer<()> {
        for nonce in nonces {
            if self.get(tables::NONCES, &nonce.nonce.0)?.is_some() {
                return Err(StoreError::NonceUsed);
            }
            tables::NONCES.put(batch, nonce.nonce.0, tables::PRESENT);
            tables::NONCES_BY_TIME.put(batch, nonce_key(nonce), tables::PRESENT);
        }
        Ok(())
    }

    pub(super) fn forget_nonces_before(&self, now: Moment) -> Answer<u64> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        let mut forgotten = 0;
        for (key, _) in self.rows(tables::NONCES_BY_TIME, b"", None, FORGET)? {
            let Some((time, nonce)) = key.split_first_chunk::<8>() else { continue };
            if i64::from_be_bytes(*time) >= now.unix() {
                break;
            }
            tables::NONCES.delete(&mut batch, nonce);
            tables::NONCES_BY_TIME.delete(&mut batch, &key);
            forgotten += 1;
        }
        if forgotten > 0 {
            self.commit(batch)?;
        }
        Ok(forgotten)
    }
}

/// Adds the ways to find a credential.
pub(super) fn put_lookups(batch: &mut Batch, record: &CredentialRecord) {
    let id = record.id.as_str();
    tables::CREDENTIALS_BY_KEY.put(batch, record.key().0, id);
    tables::PLACES.put(batch, place(&record.list, record.index), id);
    let offer_member = tables::member_key(record.offer.as_str(), id);
    tables::CREDENTIALS_BY_OFFER.put(batch, offer_member, tables::PRESENT);
    let notification = tables::member_key(record.notification.as_str(), id);
    tables::CREDENTIALS_BY_NOTIFICATION.put(batch, notification, tables::PRESENT);
}

/// `list/` and the index, big-endian, so that a list's places sort by index.
pub(super) fn place(list: &ListId, index: u64) -> Vec<u8> {
    [tables::member_key(list.as_str(), "").as_slice(), &index.to_be_bytes()].concat()
}

fn nonce_key(nonce: &SpentNonce) -> Vec<u8> {
    // Expiries lie after 1970, so the sign bit is never set and big-endian sorts by time.
    [nonce.expires.unix().max(0).to_be_bytes().as_slice(), &nonce.nonce.0].concat()
}
