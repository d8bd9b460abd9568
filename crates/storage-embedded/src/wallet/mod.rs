//! The wallet's store over an embedded database: one table a shelf, every record sealed
//! by the wallet before it comes here.
//!
//! A row is the record's version (8 bytes, big-endian) and the sealed bytes.

use credential_wallet::store::{Change, SealedRecord, Shelf, StoreError, WalletStore};

use crate::engine::{Batch, Database, EngineError};

#[cfg(test)]
mod tests;

/// [`WalletStore`] in a directory.
#[derive(Debug, Clone)]
pub struct EmbeddedWalletStore {
    database: Database,
}

impl EmbeddedWalletStore {
    /// The wallet's tables in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    fn present_version(&self, shelf: Shelf, id: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.get(shelf, id)?.map(|record| record.version))
    }
}

/// The form of a row is in the table's name: another form is another table.
fn table(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Credentials => "wallet-credentials-1",
        Shelf::Sessions => "wallet-sessions-1",
        Shelf::History => "wallet-history-1",
        Shelf::Shares => "wallet-shares-1",
        Shelf::State => "wallet-state-1",
    }
}

fn failed(error: EngineError) -> StoreError {
    match error {
        EngineError::Record { .. } => StoreError::Unreadable(error.to_string()),
        other => StoreError::Backend(other.to_string()),
    }
}

fn record(key: &[u8], row: &[u8]) -> Result<SealedRecord, StoreError> {
    let unreadable = || StoreError::Unreadable("a row is cut short".to_owned());
    let (version, sealed) = row.split_first_chunk::<8>().ok_or_else(unreadable)?;
    let id = std::str::from_utf8(key).map_err(|_| unreadable())?;
    Ok(SealedRecord {
        id: id.to_owned(),
        version: u64::from_be_bytes(*version),
        sealed: sealed.to_vec(),
    })
}

impl WalletStore for EmbeddedWalletStore {
    fn get(&self, shelf: Shelf, id: &str) -> Result<Option<SealedRecord>, StoreError> {
        let row = self.database.get(table(shelf), id.as_bytes()).map_err(failed)?;
        row.map(|row| record(id.as_bytes(), &row)).transpose()
    }

    fn list(
        &self,
        shelf: Shelf,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<SealedRecord>, StoreError> {
        let rows = self
            .database
            .range(table(shelf), &[], after.map(str::as_bytes), limit)
            .map_err(failed)?;
        rows.iter().map(|(key, row)| record(key, row)).collect()
    }

    fn commit(&self, changes: &[Change]) -> Result<(), StoreError> {
        // Read, check, write: nobody else may write in between.
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        // A commit may touch one record twice; the later change sees the earlier one.
        let mut pending: Vec<(Shelf, &str, Option<u64>)> = Vec::new();
        for change in changes {
            let (shelf, id) = match change {
                Change::Put { shelf, record } => (*shelf, record.id.as_str()),
                Change::Delete { shelf, id, .. } => (*shelf, id.as_str()),
            };
            let earlier = pending.iter().rev().find(|(at, name, _)| *at == shelf && *name == id);
            let present = match earlier {
                Some((_, _, version)) => *version,
                None => self.present_version(shelf, id)?,
            };
            match change {
                Change::Put { record, .. } => {
                    if present.unwrap_or(0).checked_add(1) != Some(record.version) {
                        return Err(StoreError::Conflict);
                    }
                    let row = [record.version.to_be_bytes().as_slice(), &record.sealed].concat();
                    batch.put(table(shelf), id.as_bytes(), row);
                    pending.push((shelf, id, Some(record.version)));
                }
                Change::Delete { version, .. } => {
                    if present != Some(*version) {
                        return Err(StoreError::Conflict);
                    }
                    batch.delete(table(shelf), id.as_bytes());
                    pending.push((shelf, id, None));
                }
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.database.commit(batch).map_err(failed)
    }
}
