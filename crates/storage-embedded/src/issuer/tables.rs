//! Table names, and reading and writing that all records share.

use credential_issuance::bulk::names;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Answer, EmbeddedIssuerStore, Page, StoreError, backend};
use crate::engine::Batch;

// An embedded database pays for every keyspace in start-up time and memory, so our tables share
// three: small records, the trail that only grows, and the large signed lists.
const MAIN_SPACE: &str = "issuer";
const AUDIT_SPACE: &str = "issuer_audit";
const ARCHIVE_SPACE: &str = "issuer_archive";
/// Written in the order of their keys and hardly ever again: apart from the rest, an LSM tree
/// never has to merge them.
const BULK_SPACE: &str = "issuer_bulk";

/// A table: the keys of one keyspace that begin with its tag.
#[derive(Clone, Copy)]
pub(super) struct Table {
    space: &'static str,
    tag: &'static str,
}

impl Table {
    const fn new(space: &'static str, tag: &'static str) -> Self {
        Self { space, tag }
    }

    /// Tag, a zero byte (tags have none), key.
    fn key(self, key: &[u8]) -> Vec<u8> {
        [self.tag.as_bytes(), &[0], key].concat()
    }

    /// Where the row of this key lies: bulk credentials have a table of their own.
    fn holding(self, key: &[u8]) -> Self {
        let bulk = key.starts_with(names::PREFIX.as_bytes()) && self.tag == CREDENTIALS.tag;
        if bulk { BULK_CREDENTIALS } else { self }
    }

    /// Adds a write of bytes to a batch.
    pub(super) fn put(self, batch: &mut Batch, key: impl AsRef<[u8]>, value: impl Into<Vec<u8>>) {
        let table = self.holding(key.as_ref());
        batch.put(table.space, table.key(key.as_ref()), value);
    }

    /// Adds a removal to a batch.
    pub(super) fn delete(self, batch: &mut Batch, key: impl AsRef<[u8]>) {
        let table = self.holding(key.as_ref());
        batch.delete(table.space, table.key(key.as_ref()));
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.tag)
    }
}

pub(super) const SECRETS: Table = Table::new(MAIN_SPACE, "secrets");
pub(super) const KINDS: Table = Table::new(MAIN_SPACE, "kinds");
pub(super) const PERSONS: Table = Table::new(MAIN_SPACE, "persons");
pub(super) const PERSONS_BY_REF: Table = Table::new(MAIN_SPACE, "persons_by_ref");
pub(super) const OFFERS: Table = Table::new(MAIN_SPACE, "offers");
pub(super) const OFFERS_BY_TIME: Table = Table::new(MAIN_SPACE, "offers_by_time");
pub(super) const OFFERS_BY_CODE: Table = Table::new(MAIN_SPACE, "offers_by_code");
pub(super) const OFFERS_BY_TOKEN: Table = Table::new(MAIN_SPACE, "offers_by_token");
pub(super) const NONCES: Table = Table::new(MAIN_SPACE, "nonces");
pub(super) const NONCES_BY_TIME: Table = Table::new(MAIN_SPACE, "nonces_by_time");
pub(super) const CREDENTIALS: Table = Table::new(MAIN_SPACE, "credentials");
pub(super) const CREDENTIALS_BY_KEY: Table = Table::new(MAIN_SPACE, "credentials_by_key");
pub(super) const CREDENTIALS_BY_OFFER: Table = Table::new(MAIN_SPACE, "credentials_by_offer");
pub(super) const CREDENTIALS_BY_NOTIFICATION: Table =
    Table::new(MAIN_SPACE, "credentials_by_notification");
const BULK_CREDENTIALS: Table = Table::new(BULK_SPACE, "credentials");
pub(super) const JOBS: Table = Table::new(MAIN_SPACE, "jobs");
pub(super) const JOBS_AT_WORK: Table = Table::new(MAIN_SPACE, "jobs_at_work");
pub(super) const JOBS_TO_ANCHOR: Table = Table::new(MAIN_SPACE, "jobs_to_anchor");
pub(super) const JOB_KEYS: Table = Table::new(MAIN_SPACE, "job_keys");
pub(super) const JOB_PARTS: Table = Table::new(ARCHIVE_SPACE, "job_parts");
pub(super) const CHUNKS: Table = Table::new(MAIN_SPACE, "job_chunks");
pub(super) const CHUNKS_LEFT: Table = Table::new(MAIN_SPACE, "job_chunks_left");
pub(super) const CHUNK_ROWS: Table = Table::new(ARCHIVE_SPACE, "job_rows");
pub(super) const LEAVES: Table = Table::new(ARCHIVE_SPACE, "job_leaves");
pub(super) const PLACES: Table = Table::new(MAIN_SPACE, "status_places");
pub(super) const VALUES: Table = Table::new(MAIN_SPACE, "status_values");
pub(super) const DEFERRED: Table = Table::new(MAIN_SPACE, "deferred");
pub(super) const DEFERRED_BY_TRANSACTION: Table = Table::new(MAIN_SPACE, "deferred_by_transaction");
pub(super) const DEFERRED_BY_OFFER: Table = Table::new(MAIN_SPACE, "deferred_by_offer");
pub(super) const LISTS: Table = Table::new(MAIN_SPACE, "lists");
pub(super) const LISTS_OPEN: Table = Table::new(MAIN_SPACE, "lists_open");
pub(super) const PUBLISHED: Table = Table::new(ARCHIVE_SPACE, "published");
pub(super) const ARCHIVE: Table = Table::new(ARCHIVE_SPACE, "archive");
/// Credentials prepared and not signed yet.
pub(super) const PREPARED: Table = Table::new(MAIN_SPACE, "prepared");
pub(super) const NOTES: Table = Table::new(MAIN_SPACE, "notes");
pub(super) const UNANCHORED: Table = Table::new(MAIN_SPACE, "unanchored");
pub(super) const BATCHES: Table = Table::new(MAIN_SPACE, "batches");
pub(super) const AUDIT: Table = Table::new(AUDIT_SPACE, "audit");
pub(super) const OUTBOX: Table = Table::new(MAIN_SPACE, "outbox");
/// Records there is one of.
pub(super) const SINGLES: Table = Table::new(MAIN_SPACE, "singles");
pub(super) const AUDIT_HEAD: &str = "audit_head";
pub(super) const BATCH_HEAD: &str = "batch_head";
pub(super) const DID_ANCHOR: &str = "did_anchor";
/// Present once [`PREPARED`] holds the records that are older than it, too.
pub(super) const PREPARED_INDEX: &str = "prepared_index";

/// Value of rows whose key says it all.
pub(super) const PRESENT: &[u8] = b"1";

/// How a record is written: its form's version, then the record.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    v: u32,
    record: T,
}

const FORM: u32 = 1;

impl EmbeddedIssuerStore {
    /// The bytes under a key.
    pub(super) fn get(&self, table: Table, key: &[u8]) -> Answer<Option<Vec<u8>>> {
        let table = table.holding(key);
        self.database.get(table.space, &table.key(key)).map_err(backend)
    }

    /// The record under a key.
    pub(super) fn record<T: DeserializeOwned>(
        &self,
        table: Table,
        key: impl AsRef<[u8]>,
    ) -> Answer<Option<T>> {
        self.get(table, key.as_ref())?.map(|bytes| decode(table, &bytes)).transpose()
    }

    /// The record whose key stands in a look-up table.
    pub(super) fn through<T: DeserializeOwned>(
        &self,
        lookup: Table,
        key: &[u8],
        table: Table,
    ) -> Answer<Option<T>> {
        match self.get(lookup, key)? {
            None => Ok(None),
            Some(id) => self.record(table, id),
        }
    }

    /// Rows of a key range.
    pub(super) fn rows(
        &self,
        table: Table,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Answer<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut rows = self.rows_of(table, prefix, after, limit)?;
        // Their ids sort behind those of single credentials, so this is one order.
        if table.tag == CREDENTIALS.tag && rows.len() < limit {
            rows.extend(self.rows_of(BULK_CREDENTIALS, prefix, after, limit - rows.len())?);
        }
        Ok(rows)
    }

    fn rows_of(
        &self,
        table: Table,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Answer<Vec<(Vec<u8>, Vec<u8>)>> {
        let after = after.map(|key| table.key(key));
        let rows = self.database.range(table.space, &table.key(prefix), after.as_deref(), limit);
        let mut rows = rows.map_err(backend)?;
        for (key, _) in &mut rows {
            key.drain(..=table.tag.len());
        }
        Ok(rows)
    }

    /// Records in key order after a key.
    pub(super) fn page<T: DeserializeOwned>(&self, table: Table, page: Page<'_>) -> Answer<Vec<T>> {
        let rows = self.rows(table, b"", page.after.map(str::as_bytes), page.limit)?;
        rows.iter().map(|(_, bytes)| decode(table, bytes)).collect()
    }

    /// Records that a table of `owner/id` keys names for an owner.
    pub(super) fn members<T: DeserializeOwned>(
        &self,
        lookup: Table,
        owner: &str,
        table: Table,
    ) -> Answer<Vec<T>> {
        let prefix = member_key(owner, "");
        let mut records = Vec::new();
        for (key, _) in self.rows(lookup, &prefix, None, usize::MAX)? {
            let id = &key[prefix.len()..];
            records.push(self.record(table, id)?.ok_or_else(|| {
                StoreError::Unreadable(format!(
                    "{lookup} names a record that {table} does not have"
                ))
            })?);
        }
        Ok(records)
    }

    /// Applies a batch durably.
    pub(super) fn commit(&self, batch: Batch) -> Answer<()> {
        self.database.commit(batch).map_err(backend)
    }
}

/// `owner/id`; identifiers have no slash.
pub(super) fn member_key(owner: &str, id: &str) -> Vec<u8> {
    format!("{owner}/{id}").into_bytes()
}

/// Adds a record to a batch.
pub(super) fn put<T: Serialize>(
    batch: &mut Batch,
    table: Table,
    key: impl AsRef<[u8]>,
    record: &T,
) -> Answer<()> {
    let table = table.holding(key.as_ref());
    let key = table.key(key.as_ref());
    batch.put_json(table.space, key, &Stored { v: FORM, record }).map_err(backend)
}

/// Adds a record that is JSON text already.
pub(super) fn put_text(batch: &mut Batch, table: Table, key: impl AsRef<[u8]>, record: &str) {
    let mut bytes = Vec::with_capacity(record.len() + 24);
    bytes.extend_from_slice(format!("{{\"v\":{FORM},\"record\":").as_bytes());
    bytes.extend_from_slice(record.as_bytes());
    bytes.push(b'}');
    table.put(batch, key, bytes);
}

pub(super) fn decode<T: DeserializeOwned>(table: Table, bytes: &[u8]) -> Answer<T> {
    let stored: Stored<T> = serde_json::from_slice(bytes)
        .map_err(|error| StoreError::Unreadable(format!("{table}: {error}")))?;
    if stored.v == FORM {
        Ok(stored.record)
    } else {
        Err(StoreError::Unreadable(format!(
            "{table}: form {} is not known to this build",
            stored.v
        )))
    }
}
