//! Anchor batches and what waits for one.

use credential_issuance::anchor::{AnchorBatch, DidAnchor};
use credential_issuance::audit::AuditEvent;
use credential_issuance::credential::CredentialRecord;
use credential_issuance::store::StoreError;
use sqlx::PgConnection;

use super::offers::same_revision;
use super::{Answer, PostgresIssuerStore, Work, refuse, seal};
use crate::record::{bigint, bounded, decode, decode_all, encode, limit as bound};
use crate::work::{in_transaction, reading};

/// Name of the one record about the issuer's DID on the chain.
pub(crate) const DID_ANCHOR: &str = "did_anchor";

impl PostgresIssuerStore {
    pub(super) async fn write_new_batch(
        &self,
        batch: &AnchorBatch,
        audit: &AuditEvent,
    ) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            take_waiting(on, batch).await?;
            let last: i64 = sqlx::query_scalar(
                "SELECT number FROM issuer_heads WHERE name = 'batch' FOR UPDATE",
            )
            .fetch_one(&mut *on)
            .await?;
            if bounded(batch.number) != last + 1 || batch.revision != 1 {
                return refuse(StoreError::Conflict);
            }
            sqlx::query("UPDATE issuer_heads SET number = $1 WHERE name = 'batch'")
                .bind(bigint(batch.number)?)
                .execute(&mut *on)
                .await?;
            sqlx::query(
                "INSERT INTO issuer_batches (number, revision, record) VALUES ($1, $2, $3)",
            )
            .bind(bigint(batch.number)?)
            .bind(bigint(batch.revision)?)
            .bind(encode(batch)?)
            .execute(&mut *on)
            .await?;
            seal(on, audit).await
        })
    }

    pub(super) async fn write_next_batch(
        &self,
        batch: &AnchorBatch,
        audit: Option<&AuditEvent>,
    ) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            let before: Option<i64> = sqlx::query_scalar(
                "SELECT revision FROM issuer_batches WHERE number = $1 FOR UPDATE",
            )
            .bind(bounded(batch.number))
            .fetch_optional(&mut *on)
            .await?;
            let Some(before) = before else {
                return refuse(StoreError::Missing("anchor batch"));
            };
            if !same_revision(before + 1, batch.revision) {
                return refuse(StoreError::Conflict);
            }
            sqlx::query("UPDATE issuer_batches SET revision = $2, record = $3 WHERE number = $1")
                .bind(bigint(batch.number)?)
                .bind(bigint(batch.revision)?)
                .bind(encode(batch)?)
                .execute(&mut *on)
                .await?;
            match audit {
                Some(event) => seal(on, event).await,
                None => Ok(()),
            }
        })
    }

    pub(super) async fn batch_of(&self, number: u64) -> Answer<Option<AnchorBatch>> {
        reading!(self.database, |on| -> Work<Option<AnchorBatch>> {
            let text: Option<String> =
                sqlx::query_scalar("SELECT record FROM issuer_batches WHERE number = $1")
                    .bind(bounded(number))
                    .fetch_optional(on)
                    .await?;
            text.map(|text| decode("batches", &text)).transpose()
        })
    }

    pub(super) async fn newest_batches(&self, limit: usize) -> Answer<Vec<AnchorBatch>> {
        reading!(self.database, |on| -> Work<Vec<AnchorBatch>> {
            let texts: Vec<String> = sqlx::query_scalar(
                "SELECT record FROM issuer_batches ORDER BY number DESC LIMIT $1",
            )
            .bind(bound(limit))
            .fetch_all(on)
            .await?;
            decode_all("batches", &texts)
        })
    }

    pub(super) async fn write_did_anchor(
        &self,
        anchor: &DidAnchor,
        audit: Option<&AuditEvent>,
    ) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            sqlx::query(
                "INSERT INTO issuer_singles (name, record) VALUES ($1, $2) \
                     ON CONFLICT (name) DO UPDATE SET record = excluded.record",
            )
            .bind(DID_ANCHOR)
            .bind(encode(anchor)?)
            .execute(&mut *on)
            .await?;
            match audit {
                Some(event) => seal(on, event).await,
                None => Ok(()),
            }
        })
    }
}

/// Gives the batch's credentials its number; each must be waiting for one.
async fn take_waiting(on: &mut PgConnection, batch: &AnchorBatch) -> Work<()> {
    let wanted: std::collections::BTreeSet<&str> =
        batch.issued.iter().map(|leaf| leaf.credential.as_str()).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let wanted: Vec<&str> = wanted.into_iter().collect();
    let texts: Vec<String> = sqlx::query_scalar(
        "SELECT record FROM issuer_credentials WHERE id = ANY($1) AND waiting ORDER BY id FOR UPDATE",
    )
    .bind(&wanted)
    .fetch_all(&mut *on)
    .await?;
    if texts.len() != batch.issued.len() {
        return refuse(StoreError::Conflict);
    }
    let (mut ids, mut revisions, mut records) = (Vec::new(), Vec::new(), Vec::new());
    for text in &texts {
        let record: CredentialRecord = decode("credentials", text)?;
        let revision = record.revision + 1;
        let record = CredentialRecord { batch: Some(batch.number), revision, ..record };
        ids.push(record.id.to_string());
        revisions.push(bigint(revision)?);
        records.push(encode(&record)?);
    }
    sqlx::query(
        "UPDATE issuer_credentials AS kept SET revision = new.revision, record = new.record, \
         waiting = false FROM UNNEST($1::text[], $2::bigint[], $3::text[]) \
         AS new (id, revision, record) WHERE kept.id = new.id",
    )
    .bind(ids)
    .bind(revisions)
    .bind(records)
    .execute(on)
    .await?;
    Ok(())
}
