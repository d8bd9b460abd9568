//! The issuer's store as shelves of rows, for `store copy` ([`credential_issuance::store_copy`]).
//!
//! A shelf is one of our tables; its look-up tables are made anew from the records taken in.

use async_trait::async_trait;
use credential_issuance::DeferredRequestRecord;
use credential_issuance::anchor::AnchorBatch;
use credential_issuance::audit::{AuditEntry, AuditHead};
use credential_issuance::bulk::ChunkHead;
use credential_issuance::credential::CredentialRecord;
use credential_issuance::offer::Offer;
use credential_issuance::person::Person;
use credential_issuance::status::ListRecord;
use credential_issuance::store_copy::{CopyError, ISSUER_SHELVES, Portable, Row};

use super::tables::{self, Table, decode};
use super::{Answer, EmbeddedIssuerStore, StoreError, bulk, credentials, offers};
use crate::engine::Batch;

/// Key in [`tables::SINGLES`].
const MARK: &str = "copy_unfinished";

#[async_trait]
impl Portable for EmbeddedIssuerStore {
    fn shelves(&self) -> &'static [&'static str] {
        ISSUER_SHELVES
    }

    async fn rows(
        &self,
        shelf: &str,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, CopyError> {
        let failed = copy_error(shelf);
        if shelf == "did_anchor" {
            let anchor = match after {
                None => self.get(tables::SINGLES, tables::DID_ANCHOR.as_bytes()).map_err(failed)?,
                Some(_) => None,
            };
            let key = tables::DID_ANCHOR.as_bytes().to_vec();
            return Ok(anchor.into_iter().map(|value| Row { key: key.clone(), value }).collect());
        }
        let Some(table) = table(shelf) else { return Ok(Vec::new()) };
        let rows = EmbeddedIssuerStore::rows(self, table, b"", after, limit).map_err(failed)?;
        Ok(rows.into_iter().map(|(key, value)| Row { key, value }).collect())
    }

    async fn put_rows(&self, shelf: &str, rows: &[Row]) -> Result<(), CopyError> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        rows.iter()
            .try_for_each(|row| self.take(&mut batch, shelf, row))
            .and_then(|()| self.commit(batch))
            .map_err(copy_error(shelf))
    }

    async fn copy_unfinished(&self) -> Result<bool, CopyError> {
        let mark = self.get(tables::SINGLES, MARK.as_bytes());
        Ok(mark.map_err(copy_error(MARK))?.is_some())
    }

    async fn mark_copy(&self, unfinished: bool) -> Result<(), CopyError> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        if unfinished {
            tables::SINGLES.put(&mut batch, MARK, tables::PRESENT);
        } else {
            tables::SINGLES.delete(&mut batch, MARK);
        }
        self.commit(batch).map_err(copy_error(MARK))
    }
}

/// The table behind a shelf.
fn table(shelf: &str) -> Option<Table> {
    Some(match shelf {
        "secrets" => tables::SECRETS,
        "kinds" => tables::KINDS,
        "persons" => tables::PERSONS,
        "offers" => tables::OFFERS,
        "offer_codes" => tables::OFFERS_BY_CODE,
        "nonces" => tables::NONCES_BY_TIME,
        "archive" => tables::ARCHIVE,
        "lists" => tables::LISTS,
        "open_lists" => tables::LISTS_OPEN,
        "list_values" => tables::VALUES,
        "credentials" => tables::CREDENTIALS,
        "bulk_jobs" => tables::JOBS,
        "bulk_parts" => tables::JOB_PARTS,
        "bulk_chunks" => tables::CHUNKS,
        "bulk_chunk_rows" => tables::CHUNK_ROWS,
        "bulk_leaves" => tables::LEAVES,
        "bulk_rows" => tables::JOB_KEYS,
        "deferred" => tables::DEFERRED,
        "batches" => tables::BATCHES,
        "notes" => tables::NOTES,
        "outbox" => tables::OUTBOX,
        "audit" => tables::AUDIT,
        _ => return None,
    })
}

impl EmbeddedIssuerStore {
    /// Adds a row, its look-ups and, for rows that are counted, the head.
    fn take(&self, batch: &mut Batch, shelf: &str, row: &Row) -> Answer<()> {
        if shelf == "did_anchor" {
            tables::SINGLES.put(batch, tables::DID_ANCHOR, row.value.clone());
            return Ok(());
        }
        let Some(table) = table(shelf) else {
            return Err(StoreError::Unreadable("this store has no such shelf".to_owned()));
        };
        let bytes = row.value.as_slice();
        match shelf {
            "persons" => {
                let person: Person = decode(table, bytes)?;
                let id = person.id.as_str();
                tables::PERSONS_BY_REF.put(batch, &person.external_ref, id);
            }
            "offers" => {
                let offer: Offer = decode(table, bytes)?;
                let id = offer.id.as_str();
                tables::OFFERS_BY_TIME.put(batch, offers::time_key(&offer), id);
                if let Some(token) = offers::token(&offer.stage) {
                    tables::OFFERS_BY_TOKEN.put(batch, token.0, id);
                }
            }
            "nonces" => {
                let nonce = row.key.get(8..).unwrap_or_default();
                tables::NONCES.put(batch, nonce, tables::PRESENT);
            }
            "lists" => self.take_published(batch, &decode(table, bytes)?)?,
            "credentials" => take_credential(batch, &decode(table, bytes)?),
            "bulk_jobs" => bulk::put_job(batch, &decode(table, bytes)?)?,
            "bulk_chunks" => {
                let head: ChunkHead = decode(table, bytes)?;
                if head.done.is_none() {
                    tables::CHUNKS_LEFT.put(batch, &row.key, tables::PRESENT);
                }
            }
            "deferred" => take_deferred(batch, &decode(table, bytes)?),
            "batches" => {
                let anchor: AnchorBatch = decode(table, bytes)?;
                tables::put(batch, tables::SINGLES, tables::BATCH_HEAD, &anchor.number)?;
            }
            "audit" => {
                let entry: AuditEntry = decode(table, bytes)?;
                let head = AuditHead { seq: entry.seq, hash: entry.hash };
                tables::put(batch, tables::SINGLES, tables::AUDIT_HEAD, &head)?;
            }
            _ => {}
        }
        table.put(batch, &row.key, row.value.clone());
        Ok(())
    }

    /// The archive is there before the lists; a list names what of it is published.
    fn take_published(&self, batch: &mut Batch, list: &ListRecord) -> Answer<()> {
        let Some(published) = &list.published else { return Ok(()) };
        for (form, digest) in [("document", &published.document), ("token", &published.token)] {
            let bytes = self
                .get(tables::ARCHIVE, &digest.0)?
                .ok_or_else(|| StoreError::Unreadable(format!("no archived {form} of a list")))?;
            tables::PUBLISHED.put(batch, tables::member_key(list.id.as_str(), form), bytes);
        }
        Ok(())
    }
}

fn take_credential(batch: &mut Batch, record: &CredentialRecord) {
    if record.id.as_str().starts_with(credential_issuance::bulk::names::PREFIX) {
        // Found by its name; its job's root covers it.
        let place = credentials::place(&record.list, record.index);
        return tables::PLACES.put(batch, place, record.id.as_str());
    }
    credentials::put_lookups(batch, record);
    match record.issued() {
        None => tables::PREPARED.put(batch, record.id.as_str(), tables::PRESENT),
        Some(_) if record.batch.is_none() => {
            tables::UNANCHORED.put(batch, record.id.as_str(), tables::PRESENT);
        }
        Some(_) => {}
    }
}

fn take_deferred(batch: &mut Batch, request: &DeferredRequestRecord) {
    let id = request.id.as_str();
    tables::DEFERRED_BY_TRANSACTION.put(batch, request.transaction.0, id);
    let member = tables::member_key(request.offer.as_str(), id);
    tables::DEFERRED_BY_OFFER.put(batch, member, tables::PRESENT);
}

fn copy_error(shelf: &str) -> impl Fn(StoreError) -> CopyError {
    move |error| match error {
        StoreError::Unreadable(reason) => CopyError::Unreadable { shelf: shelf.to_owned(), reason },
        other => CopyError::Backend(other.to_string()),
    }
}
