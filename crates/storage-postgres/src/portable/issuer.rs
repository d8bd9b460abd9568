//! The issuer's shelves.

use async_trait::async_trait;
use credential_issuance::store_copy::{CopyError, ISSUER_SHELVES, Portable, Row};
use sqlx::PgConnection;

use super::{Keys, MARK, Values, bulk, copy_error, number, row, select, take, text};
use crate::PostgresIssuerStore;
use crate::issuer::Work;
use crate::record::limit as bound;
use crate::work::{in_transaction, reading};

#[async_trait]
impl Portable for PostgresIssuerStore {
    fn shelves(&self) -> &'static [&'static str] {
        ISSUER_SHELVES
    }

    async fn rows(
        &self,
        shelf: &str,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, CopyError> {
        let rows = reading!(self.database, |on| -> Work<Vec<Row>> {
            match shelf {
                "bulk_parts" | "bulk_chunks" | "bulk_chunk_rows" | "bulk_leaves" => {
                    bulk::numbered(on, shelf, after, bound(limit)).await
                }
                "bulk_rows" => bulk::identities(on, after, bound(limit)).await,
                "nonces" => nonces(on, after, bound(limit)).await,
                "list_values" => list_values(on, after, bound(limit)).await,
                _ => match simple(shelf) {
                    Some((query, form)) => select(on, query, form, after, bound(limit)).await,
                    None => Ok(Vec::new()),
                },
            }
        });
        rows.map_err(copy_error(shelf))
    }

    async fn put_rows(&self, shelf: &str, rows: &[Row]) -> Result<(), CopyError> {
        let put =
            in_transaction!(self.database, |on| -> Work<()> { take::rows(on, shelf, rows).await });
        put.map_err(copy_error(shelf))
    }

    async fn copy_unfinished(&self) -> Result<bool, CopyError> {
        let marked = reading!(self.database, |on| -> Work<bool> {
            let query = "SELECT EXISTS (SELECT 1 FROM issuer_singles WHERE name = $1)";
            Ok(sqlx::query_scalar(query).bind(MARK).fetch_one(on).await?)
        });
        marked.map_err(copy_error(MARK))
    }

    async fn mark_copy(&self, unfinished: bool) -> Result<(), CopyError> {
        let marked = in_transaction!(self.database, |on| -> Work<()> {
            let query = if unfinished {
                "INSERT INTO issuer_singles (name, record) VALUES ($1, '') ON CONFLICT DO NOTHING"
            } else {
                "DELETE FROM issuer_singles WHERE name = $1"
            };
            sqlx::query(query).bind(MARK).execute(on).await?;
            Ok(())
        });
        marked.map_err(copy_error(MARK))
    }
}

/// Shelves that are a table's key and one of its columns.
fn simple(shelf: &str) -> Option<(&'static str, (Keys, Values))> {
    const RECORDS: (Keys, Values) = (Keys::Text, Values::Text);
    Some(match shelf {
        "secrets" => (
            "SELECT name, value FROM issuer_secrets WHERE name > $1 ORDER BY name LIMIT $2",
            (Keys::Text, Values::Bytes),
        ),
        "bulk_jobs" => {
            ("SELECT id, record FROM issuer_bulk_jobs WHERE id > $1 ORDER BY id LIMIT $2", RECORDS)
        }
        "kinds" => (
            "SELECT code, record FROM issuer_kinds WHERE code > $1 ORDER BY code LIMIT $2",
            RECORDS,
        ),
        "persons" => {
            ("SELECT id, record FROM issuer_persons WHERE id > $1 ORDER BY id LIMIT $2", RECORDS)
        }
        "offers" => {
            ("SELECT id, record FROM issuer_offers WHERE id > $1 ORDER BY id LIMIT $2", RECORDS)
        }
        "offer_codes" => (
            "SELECT code, id FROM issuer_offers WHERE code > $1 ORDER BY code LIMIT $2",
            (Keys::Bytes, Values::Text),
        ),
        "archive" => (
            "SELECT sha256, bytes FROM issuer_archive WHERE sha256 > $1 ORDER BY sha256 LIMIT $2",
            (Keys::Bytes, Values::Bytes),
        ),
        "lists" => {
            ("SELECT id, record FROM issuer_lists WHERE id > $1 ORDER BY id LIMIT $2", RECORDS)
        }
        "open_lists" => (
            "SELECT class, list FROM issuer_open_lists WHERE class > $1 ORDER BY class LIMIT $2",
            RECORDS,
        ),
        "credentials" => (
            "SELECT id, record FROM issuer_credentials WHERE id > $1 ORDER BY id LIMIT $2",
            RECORDS,
        ),
        "deferred" => {
            ("SELECT id, record FROM issuer_deferred WHERE id > $1 ORDER BY id LIMIT $2", RECORDS)
        }
        "batches" => (
            "SELECT number, record FROM issuer_batches WHERE number > $1 ORDER BY number LIMIT $2",
            (Keys::Number, Values::Text),
        ),
        "did_anchor" => (
            "SELECT name, record FROM issuer_singles WHERE name = 'did_anchor' AND name > $1 \
             ORDER BY name LIMIT $2",
            RECORDS,
        ),
        "notes" => (
            "SELECT name, record FROM issuer_notes WHERE name > $1 ORDER BY name LIMIT $2",
            RECORDS,
        ),
        "outbox" => {
            ("SELECT key, record FROM issuer_outbox WHERE key > $1 ORDER BY key LIMIT $2", RECORDS)
        }
        "audit" => (
            "SELECT seq, record FROM issuer_audit WHERE seq > $1 ORDER BY seq LIMIT $2",
            (Keys::Number, Values::Text),
        ),
        _ => return None,
    })
}

/// Key: when it may be forgotten (8 bytes), the nonce.
async fn nonces(on: &mut PgConnection, after: Option<&[u8]>, limit: i64) -> Work<Vec<Row>> {
    let (time, nonce) = match after.and_then(<[u8]>::split_first_chunk::<8>) {
        Some((time, nonce)) => (i64::from_be_bytes(*time), nonce),
        None => (i64::MIN, &[][..]),
    };
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT expires, nonce FROM issuer_nonces WHERE (expires, nonce) > ($1, $2) \
         ORDER BY expires, nonce LIMIT $3",
    )
    .bind(time)
    .bind(nonce)
    .bind(limit)
    .fetch_all(on)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(time, nonce)| row([&time.to_be_bytes()[..], &nonce].concat(), *b"1"))
        .collect())
}

/// Key: list, a slash, the place (8 bytes).
async fn list_values(on: &mut PgConnection, after: Option<&[u8]>, limit: i64) -> Work<Vec<Row>> {
    let (list, place) = match after.and_then(<[u8]>::split_last_chunk::<8>) {
        Some((list, place)) => (text(list)?, number(place)?),
        None => ("", i64::MIN),
    };
    // With the slash, so that the order is that of the whole key.
    let rows: Vec<(String, i64, i16)> = sqlx::query_as(
        "SELECT list || '/' AS owner, place, value FROM issuer_list_values \
         WHERE (list || '/', place) > ($1, $2) ORDER BY owner, place LIMIT $3",
    )
    .bind(list)
    .bind(place)
    .bind(limit)
    .fetch_all(on)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(list, place, value)| {
            let key = [list.as_bytes(), &place.to_be_bytes()].concat();
            // A smallint with a status value; others were refused when they came in.
            row(key, [u8::try_from(value).unwrap_or(u8::MAX)])
        })
        .collect())
}
