//! What lies beside the issuer's records in the same directory and has no shelf in `store copy`:
//! bulk jobs and officers' accounts. Backups take it as it is, so that nothing is left behind.

use credential_issuance::store_copy::Row;

use super::{Answer, EmbeddedIssuerStore, backend};
use crate::engine::Batch;

/// Names, spaces and the first bytes of the keys.
const EXTRAS: &[(&str, &str, &[u8])] = &[
    ("jobs", "issuer", b"jobs\0"),
    ("jobs_at_work", "issuer", b"jobs_at_work\0"),
    ("jobs_to_anchor", "issuer", b"jobs_to_anchor\0"),
    ("job_progress", "issuer", b"job_progress\0"),
    ("job_keys", "issuer", b"job_keys\0"),
    ("job_chunks", "issuer", b"job_chunks\0"),
    ("job_chunks_left", "issuer", b"job_chunks_left\0"),
    ("job_parts", "issuer_archive", b"job_parts\0"),
    ("job_rows", "issuer_archive", b"job_rows\0"),
    ("job_leaves", "issuer_archive", b"job_leaves\0"),
    ("access", "issuer", b"access."),
];

impl EmbeddedIssuerStore {
    /// The names of what there may be.
    pub fn extras() -> impl Iterator<Item = &'static str> {
        EXTRAS.iter().map(|(name, _, _)| *name)
    }

    /// Rows of one, with whole keys in key order, after a key (exclusive).
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError) when the database cannot be read.
    pub fn extra_rows(&self, name: &str, after: Option<&[u8]>, limit: usize) -> Answer<Vec<Row>> {
        let Some((_, space, prefix)) = EXTRAS.iter().find(|(known, _, _)| *known == name) else {
            return Ok(Vec::new());
        };
        let rows = self.database.range(space, prefix, after, limit).map_err(backend)?;
        Ok(rows.into_iter().map(|(key, value)| Row { key, value }).collect())
    }

    /// Puts rows back as they were; what is no row of that name is left out.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError) when the database cannot be written.
    pub fn put_extra_rows(&self, name: &str, rows: &[Row]) -> Answer<()> {
        let Some((_, space, prefix)) = EXTRAS.iter().find(|(known, _, _)| *known == name) else {
            return Ok(());
        };
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        for row in rows.iter().filter(|row| row.key.starts_with(prefix)) {
            batch.put(space, row.key.clone(), row.value.clone());
        }
        self.commit(batch)
    }
}
