//! Forgetting personal data. The server's files keep old versions until it vacuums, and its
//! write-ahead log and backups until they are recycled.

use credential_issuance::store::{Erasure, StoreError};
use sqlx::PgConnection;

use super::credentials::locked;
use super::offers::{locked_revision, same_revision};
use super::{Answer, PostgresIssuerStore, Work, refuse, seal};
use crate::record::{bigint, encode};
use crate::work::in_transaction;

impl PostgresIssuerStore {
    pub(super) async fn write_erasure(&self, erasure: &Erasure) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            offers(on, erasure).await?;
            credentials(on, erasure).await?;
            deferred(on, erasure).await?;
            if let Some(person) = &erasure.person {
                let gone = sqlx::query("DELETE FROM issuer_persons WHERE id = $1")
                    .bind(person.as_str())
                    .execute(&mut *on)
                    .await?;
                if gone.rows_affected() != 1 {
                    return refuse(StoreError::Missing("person"));
                }
            }
            seal(on, &erasure.audit).await
        })
    }
}

async fn offers(on: &mut PgConnection, erasure: &Erasure) -> Work<()> {
    for offer in &erasure.offers {
        let before = locked_revision(on, offer.id.as_str()).await?;
        if !same_revision(before + 1, offer.revision) {
            return refuse(StoreError::Conflict);
        }
        sqlx::query(
            "UPDATE issuer_offers SET revision = $2, token = NULL, record = $3 WHERE id = $1",
        )
        .bind(offer.id.as_str())
        .bind(bigint(offer.revision)?)
        .bind(encode(offer)?)
        .execute(&mut *on)
        .await?;
    }
    Ok(())
}

async fn credentials(on: &mut PgConnection, erasure: &Erasure) -> Work<()> {
    let ids: Vec<&str> = erasure.credentials.iter().map(|record| record.id.as_str()).collect();
    let before = locked(on, &ids).await?;
    for record in &erasure.credentials {
        let Some(before) = before.get(record.id.as_str()) else {
            return refuse(StoreError::Missing("credential"));
        };
        if !same_revision(before.revision + 1, record.revision)
            || before.status != i16::from(record.status.code())
            || before.issued != record.issued().is_some()
        {
            return refuse(StoreError::Conflict);
        }
        sqlx::query(
            "UPDATE issuer_credentials SET revision = $2, idempotency = $3, record = $4 \
             WHERE id = $1",
        )
        .bind(record.id.as_str())
        .bind(bigint(record.revision)?)
        .bind(&record.key().0[..])
        .bind(encode(record)?)
        .execute(&mut *on)
        .await?;
    }
    Ok(())
}

async fn deferred(on: &mut PgConnection, erasure: &Erasure) -> Work<()> {
    for request in &erasure.deferred {
        let changed = sqlx::query(
            "UPDATE issuer_deferred SET revision = $2, record = $3 \
             WHERE id = $1 AND revision = $2 - 1",
        )
        .bind(request.id.as_str())
        .bind(bigint(request.revision)?)
        .bind(encode(request)?)
        .execute(&mut *on)
        .await?;
        if changed.rows_affected() != 1 {
            return refuse(StoreError::Conflict);
        }
    }
    Ok(())
}
