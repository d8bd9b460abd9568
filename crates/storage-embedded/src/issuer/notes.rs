//! Notes: small texts under a name, with a revision.

use credential_issuance::store::Note;
use serde::{Deserialize, Serialize};

use super::{Answer, EmbeddedIssuerStore, StoreError, tables};
use crate::engine::Batch;

/// A note as it is stored; the PostgreSQL store writes the same bytes.
#[derive(Serialize, Deserialize)]
struct Stored {
    revision: u64,
    text: String,
}

impl EmbeddedIssuerStore {
    pub(super) fn read_note(&self, name: &str) -> Answer<Option<Note>> {
        let stored: Option<Stored> = self.record(tables::NOTES, name)?;
        Ok(stored.map(|Stored { revision, text }| Note { revision, text }))
    }

    pub(super) fn write_note(&self, name: &str, note: &Note) -> Answer<()> {
        let _writer = self.database.exclusive();
        let before = self.read_note(name)?.map_or(0, |before| before.revision);
        if before + 1 != note.revision {
            return Err(StoreError::Conflict);
        }
        let mut batch = Batch::new();
        let stored = Stored { revision: note.revision, text: note.text.clone() };
        tables::put(&mut batch, tables::NOTES, name, &stored)?;
        self.commit(batch)
    }
}
