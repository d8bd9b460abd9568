//! Notes: small texts under a name, with a revision.

use credential_issuance::store::{Note, StoreError};
use serde::{Deserialize, Serialize};

use super::{Answer, PostgresIssuerStore, Work, refuse};
use crate::record::{decode, encode};
use crate::work::in_transaction;

/// A note as it is stored; the embedded store writes the same bytes.
#[derive(Serialize, Deserialize)]
struct Stored {
    revision: u64,
    text: String,
}

impl PostgresIssuerStore {
    pub(super) async fn read_note(&self, name: &str) -> Answer<Option<Note>> {
        let query = "SELECT record FROM issuer_notes WHERE name = $1";
        let stored: Option<Stored> = self.by_text("notes", query, name).await?;
        Ok(stored.map(|Stored { revision, text }| Note { revision, text }))
    }

    pub(super) async fn write_note(&self, name: &str, note: &Note) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            let record = encode(&Stored { revision: note.revision, text: note.text.clone() })?;
            if note.revision == 1 {
                let made = sqlx::query(
                    "INSERT INTO issuer_notes (name, record) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                )
                .bind(name)
                .bind(record)
                .execute(on)
                .await?;
                return if made.rows_affected() == 1 {
                    Ok(())
                } else {
                    refuse(StoreError::Conflict)
                };
            }
            let before: Option<String> =
                sqlx::query_scalar("SELECT record FROM issuer_notes WHERE name = $1 FOR UPDATE")
                    .bind(name)
                    .fetch_optional(&mut *on)
                    .await?;
            let before = match before {
                Some(text) => decode::<Stored>("notes", &text)?.revision,
                None => 0,
            };
            if before.checked_add(1) != Some(note.revision) {
                return refuse(StoreError::Conflict);
            }
            sqlx::query("UPDATE issuer_notes SET record = $2 WHERE name = $1")
                .bind(name)
                .bind(record)
                .execute(on)
                .await?;
            Ok(())
        })
    }
}
