//! Credentials: allocation, signatures, later changes.

use std::collections::BTreeMap;

use credential_issuance::audit::AuditEvent;
use credential_issuance::bulk::{SealedRecord, names};
use credential_issuance::credential::CredentialRecord;
use credential_issuance::ids::ListId;
use credential_issuance::status::ListRecord;
use credential_issuance::store::{PrepareCommit, StoreError};
use sqlx::PgConnection;

use super::lists::{locked_list, put_list, put_value};
use super::nonces::spend_all;
use super::offers::{locked_revision, same_revision};
use super::{Answer, PostgresIssuerStore, Work, refuse, seal};
use crate::record::{bigint, encode, encode_text};
use crate::work::in_transaction;

impl PostgresIssuerStore {
    pub(super) async fn write_prepared(&self, commit: &PrepareCommit) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            let (offer, revision) = &commit.offer;
            if !same_revision(locked_revision(on, offer.as_str()).await?, *revision) {
                return refuse(StoreError::Conflict);
            }
            let list = locked_list(on, &commit.list.id).await?;
            let count = commit.records.len() as u64;
            if list.next != commit.list_next_before
                || commit.list.next != list.next + count
                || commit.list.next > list.capacity
            {
                return refuse(StoreError::Conflict);
            }
            spend_all(on, &commit.nonces).await?;
            // Only the counter moves: a publication or status change since the caller read
            // the list stays.
            let list = ListRecord { next: commit.list.next, ..list };
            put_list(on, &list).await?;
            insert_new(on, &list.id, NewRows::of(&commit.records)?).await?;
            seal(on, &commit.audit).await
        })
    }

    pub(super) async fn write_issued(
        &self,
        records: &[CredentialRecord],
        audit: &AuditEvent,
    ) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            replace_all(on, records, true, |before, record| {
                !before.issued && record.issued().is_some()
            })
            .await?;
            seal(on, audit).await
        })
    }

    pub(super) async fn write_next_credentials(
        &self,
        records: &[CredentialRecord],
        audit: &AuditEvent,
    ) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            replace_all(on, records, false, |before, record| {
                before.status == i16::from(record.status.code())
                    && before.issued == record.issued().is_some()
            })
            .await?;
            seal(on, audit).await
        })
    }

    pub(super) async fn write_status(
        &self,
        record: &CredentialRecord,
        audit: &AuditEvent,
    ) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            replace_all(on, std::slice::from_ref(record), false, |_, _| true).await?;
            let list = locked_list(on, &record.list).await?;
            put_list(on, &ListRecord { changes: list.changes + 1, ..list }).await?;
            put_value(on, &record.list, bigint(record.index)?, record.status).await?;
            seal(on, audit).await
        })
    }
}

/// What the conditions of a replacement are about.
pub(super) struct Before {
    pub(super) revision: i64,
    pub(super) status: i16,
    pub(super) issued: bool,
}

/// The stored rows of these ids, locked in id order.
pub(super) async fn locked(on: &mut PgConnection, ids: &[&str]) -> Work<BTreeMap<String, Before>> {
    let rows: Vec<(String, i64, i16, bool)> = sqlx::query_as(
        "SELECT id, revision, status, issued FROM issuer_credentials WHERE id = ANY($1) \
         ORDER BY id FOR UPDATE",
    )
    .bind(ids)
    .fetch_all(on)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, revision, status, issued)| (id, Before { revision, status, issued }))
        .collect())
}

/// Replaces records with their next revisions where `fits` holds for each; `joins` makes them
/// wait for a batch from now on.
pub(super) async fn replace_all(
    on: &mut PgConnection,
    records: &[CredentialRecord],
    joins: bool,
    fits: impl Fn(&Before, &CredentialRecord) -> bool,
) -> Work<()> {
    let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
    let before = locked(on, &ids).await?;
    let mut rows = BTreeMap::new();
    for record in records {
        let Some(before) = before.get(record.id.as_str()) else {
            return refuse(StoreError::Missing("credential"));
        };
        if !same_revision(before.revision + 1, record.revision) || !fits(before, record) {
            return refuse(StoreError::Conflict);
        }
        rows.insert(record.id.as_str(), record);
    }
    let mut columns = Columns::default();
    for record in rows.into_values() {
        columns.push(record)?;
    }
    sqlx::query(
        "UPDATE issuer_credentials AS kept SET revision = new.revision, status = new.status, \
         issued = new.issued, record = new.record, waiting = kept.waiting OR $6 \
         FROM UNNEST($1::text[], $2::bigint[], $3::smallint[], $4::boolean[], $5::text[]) \
         AS new (id, revision, status, issued, record) WHERE kept.id = new.id",
    )
    .bind(columns.ids)
    .bind(columns.revisions)
    .bind(columns.statuses)
    .bind(columns.issued)
    .bind(columns.records)
    .bind(joins)
    .execute(on)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Columns<'a> {
    ids: Vec<&'a str>,
    revisions: Vec<i64>,
    statuses: Vec<i16>,
    issued: Vec<bool>,
    records: Vec<String>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, record: &'a CredentialRecord) -> Work<()> {
        self.ids.push(record.id.as_str());
        self.revisions.push(bigint(record.revision)?);
        self.statuses.push(i16::from(record.status.code()));
        self.issued.push(record.issued().is_some());
        self.records.push(encode(record)?);
        Ok(())
    }
}

/// Rows to insert; `records` are the texts as they shall stand.
pub(crate) struct NewRows<'a> {
    pub(crate) records: Vec<&'a CredentialRecord>,
    pub(crate) texts: Vec<String>,
}

impl<'a> NewRows<'a> {
    fn of(records: &'a [CredentialRecord]) -> Work<Self> {
        let texts: Work<Vec<String>> = records.iter().map(encode).collect();
        Ok(Self { records: records.iter().collect(), texts: texts? })
    }

    /// Of records that are text already.
    pub(super) fn sealed(records: &'a [SealedRecord]) -> Self {
        Self {
            texts: records.iter().map(|sealed| encode_text(&sealed.text)).collect(),
            records: records.iter().map(|sealed| &sealed.record).collect(),
        }
    }
}

/// Inserts records of one list, all or none.
pub(super) async fn insert_new(
    on: &mut PgConnection,
    list: &ListId,
    rows: NewRows<'_>,
) -> Work<()> {
    let records = &rows.records;
    if records.iter().any(|record| record.list != *list) {
        return refuse(StoreError::Taken("status index"));
    }
    let made = insert_rows(on, &rows).await?;
    if made.len() == records.len() {
        return Ok(());
    }
    // Which of the unique values was taken? The transaction is rolled back, so this is for the answer only.
    let left_out: Vec<Vec<u8>> = records
        .iter()
        .filter(|record| !made.iter().any(|id| id == record.id.as_str()))
        .map(|record| record.key().0.to_vec())
        .collect();
    let same_credential: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM issuer_credentials WHERE idempotency = ANY($1))",
    )
    .bind(left_out)
    .fetch_one(on)
    .await?;
    refuse(StoreError::Taken(if same_credential { "credential" } else { "status index" }))
}

/// Inserts what is new in every unique value, and answers the ids of those.
pub(crate) async fn insert_rows(on: &mut PgConnection, rows: &NewRows<'_>) -> Work<Vec<String>> {
    let of = |text: fn(&CredentialRecord) -> &str| -> Vec<&str> {
        rows.records.iter().map(|record| text(record)).collect()
    };
    let mut columns = Columns::default();
    let mut places = Vec::new();
    for record in &rows.records {
        columns.ids.push(record.id.as_str());
        columns.revisions.push(bigint(record.revision)?);
        columns.statuses.push(i16::from(record.status.code()));
        columns.issued.push(record.issued().is_some());
        places.push(bigint(record.index)?);
    }
    let keys: Vec<Vec<u8>> = rows.records.iter().map(|record| record.key().0.to_vec()).collect();
    let waiting: Vec<bool> = rows
        .records
        .iter()
        .map(|record| {
            // A bulk credential is covered by its job's root.
            let bulk = record.id.as_str().starts_with(names::PREFIX);
            record.issued().is_some() && record.batch.is_none() && !bulk
        })
        .collect();
    Ok(sqlx::query_scalar(
        "INSERT INTO issuer_credentials (id, revision, offer, list, place, status, idempotency, \
         notification, issued, waiting, record) SELECT * FROM UNNEST($1::text[], $2::bigint[], \
         $3::text[], $4::text[], $5::bigint[], $6::smallint[], $7::bytea[], $8::text[], \
         $9::boolean[], $10::boolean[], $11::text[]) ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(columns.ids)
    .bind(columns.revisions)
    .bind(of(|record| record.offer.as_str()))
    .bind(of(|record| record.list.as_str()))
    .bind(places)
    .bind(columns.statuses)
    .bind(keys)
    .bind(of(|record| record.notification.as_str()))
    .bind(columns.issued)
    .bind(waiting)
    .bind(&rows.texts)
    .fetch_all(on)
    .await?)
}
