//! Status lists: opening, values, publication, archive.

use credential_issuance::audit::AuditEvent;
use credential_issuance::ids::{Digest, ListId};
use credential_issuance::status::{ListRecord, Publication, StatusValue};
use credential_issuance::store::StoreError;
use sqlx::PgConnection;

use super::{Answer, PostgresIssuerStore, Work, refuse, seal};
use crate::record::{decode, encode, unreadable};
use crate::work::{in_transaction, reading};

impl PostgresIssuerStore {
    pub(super) async fn write_new_list(&self, list: &ListRecord) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            if open_list(on, list).await? { Ok(()) } else { refuse(StoreError::Taken("list id")) }
        })
    }

    pub(super) async fn values(&self, id: &ListId) -> Answer<Vec<(u64, StatusValue)>> {
        reading!(self.database, |on| -> Work<Vec<(u64, StatusValue)>> {
            let rows: Vec<(i64, i16)> = sqlx::query_as(
                "SELECT place, value FROM issuer_list_values WHERE list = $1 ORDER BY place",
            )
            .bind(id.as_str())
            .fetch_all(on)
            .await?;
            rows.into_iter().map(|(place, value)| status(place, value)).collect()
        })
    }

    pub(super) async fn write_publication(
        &self,
        publication: &Publication,
        audit: &AuditEvent,
    ) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            let list = locked_list(on, &publication.list).await?;
            let version = list.published.as_ref().map_or(0, |published| published.version);
            if publication.published.version != version + 1 {
                return refuse(StoreError::Conflict);
            }
            let list = ListRecord { published: Some(publication.published.clone()), ..list };
            put_list(on, &list).await?;
            sqlx::query(
                "INSERT INTO issuer_archive (sha256, bytes) VALUES ($1, $2), ($3, $4) \
                     ON CONFLICT DO NOTHING",
            )
            .bind(&publication.published.document.0[..])
            .bind(&publication.document)
            .bind(&publication.published.token.0[..])
            .bind(&publication.token)
            .execute(&mut *on)
            .await?;
            seal(on, audit).await
        })
    }

    pub(super) async fn published_bytes(&self, id: &ListId) -> Answer<Option<(Vec<u8>, Vec<u8>)>> {
        reading!(self.database, |on| -> Work<Option<(Vec<u8>, Vec<u8>)>> {
            let text: Option<String> =
                sqlx::query_scalar("SELECT record FROM issuer_lists WHERE id = $1")
                    .bind(id.as_str())
                    .fetch_optional(&mut *on)
                    .await?;
            let list: Option<ListRecord> = text.map(|text| decode("lists", &text)).transpose()?;
            let Some(published) = list.and_then(|list| list.published) else {
                return Ok(None);
            };
            // The record names both digests and the archive only grows, so the two forms
            // belong together whatever is published meanwhile.
            let document = archived(on, &published.document).await?;
            let token = archived(on, &published.token).await?;
            Ok(document.zip(token))
        })
    }

    pub(super) async fn archived_bytes(&self, sha256: &Digest) -> Answer<Option<Vec<u8>>> {
        reading!(self.database, |on| -> Work<Option<Vec<u8>>> { archived(on, sha256).await })
    }
}

async fn archived(on: &mut PgConnection, sha256: &Digest) -> Work<Option<Vec<u8>>> {
    let query = "SELECT bytes FROM issuer_archive WHERE sha256 = $1";
    Ok(sqlx::query_scalar(query).bind(&sha256.0[..]).fetch_optional(on).await?)
}

/// Keeps a new list as the open one of its class; `false` when its id is taken.
pub(super) async fn open_list(on: &mut PgConnection, list: &ListRecord) -> Work<bool> {
    let made =
        sqlx::query("INSERT INTO issuer_lists (id, record) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(list.id.as_str())
            .bind(encode(list)?)
            .execute(&mut *on)
            .await?;
    if made.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO issuer_open_lists (class, list) VALUES ($1, $2) \
         ON CONFLICT (class) DO UPDATE SET list = excluded.list",
    )
    .bind(list.class.prefix())
    .bind(list.id.as_str())
    .execute(on)
    .await?;
    Ok(true)
}

/// The list, its row locked until the transaction ends: whoever allocates, publishes or counts a
/// change goes through here one after the other.
pub(super) async fn locked_list(on: &mut PgConnection, id: &ListId) -> Work<ListRecord> {
    let text: Option<String> =
        sqlx::query_scalar("SELECT record FROM issuer_lists WHERE id = $1 FOR UPDATE")
            .bind(id.as_str())
            .fetch_optional(on)
            .await?;
    match text {
        Some(text) => decode("lists", &text),
        None => refuse(StoreError::Missing("list")),
    }
}

/// Writes a list whose row is locked.
pub(super) async fn put_list(on: &mut PgConnection, list: &ListRecord) -> Work<()> {
    sqlx::query("UPDATE issuer_lists SET record = $2 WHERE id = $1")
        .bind(list.id.as_str())
        .bind(encode(list)?)
        .execute(on)
        .await?;
    Ok(())
}

/// Sets the value of a place; what is valid has no row.
pub(super) async fn put_value(
    on: &mut PgConnection,
    list: &ListId,
    place: i64,
    value: StatusValue,
) -> Work<()> {
    let query = match value.code() {
        0 => sqlx::query("DELETE FROM issuer_list_values WHERE list = $1 AND place = $2"),
        _ => sqlx::query(
            "INSERT INTO issuer_list_values (list, place, value) VALUES ($1, $2, $3) \
             ON CONFLICT (list, place) DO UPDATE SET value = excluded.value",
        ),
    };
    let query = query.bind(list.as_str()).bind(place);
    let query = if value.code() == 0 { query } else { query.bind(i16::from(value.code())) };
    query.execute(on).await?;
    Ok(())
}

fn status(place: i64, value: i16) -> Work<(u64, StatusValue)> {
    let damaged = || unreadable("a status value is damaged".to_owned());
    let value = match value {
        1 => StatusValue::Suspended,
        2 => StatusValue::Revoked,
        3 => StatusValue::Superseded,
        _ => return Err(damaged()),
    };
    Ok((u64::try_from(place).map_err(|_| damaged())?, value))
}
