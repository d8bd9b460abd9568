//! Deferred requests.

use credential_issuance::DeferredRequestRecord;
use credential_issuance::audit::AuditEvent;
use credential_issuance::store::{DeferCommit, StoreError};

use super::nonces::spend_all;
use super::offers::same_revision;
use super::{Answer, PostgresIssuerStore, Work, refuse, seal};
use crate::record::{bigint, encode};
use crate::work::in_transaction;

impl PostgresIssuerStore {
    pub(super) async fn write_deferred(&self, commit: &DeferCommit) -> Answer<()> {
        let request = &commit.request;
        in_transaction!(self.database, |on| -> Work<()> {
            let made = sqlx::query(
                "INSERT INTO issuer_deferred (id, revision, transaction_digest, offer, record) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            )
            .bind(request.id.as_str())
            .bind(bigint(request.revision)?)
            .bind(&request.transaction.0[..])
            .bind(request.offer.as_str())
            .bind(encode(request)?)
            .execute(&mut *on)
            .await?;
            if made.rows_affected() == 0 {
                return refuse(StoreError::Taken("deferred request"));
            }
            spend_all(on, &commit.nonces).await?;
            seal(on, &commit.audit).await
        })
    }

    pub(super) async fn write_next_deferred(
        &self,
        request: &DeferredRequestRecord,
        audit: &AuditEvent,
    ) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            let before: Option<i64> =
                sqlx::query_scalar("SELECT revision FROM issuer_deferred WHERE id = $1 FOR UPDATE")
                    .bind(request.id.as_str())
                    .fetch_optional(&mut *on)
                    .await?;
            let Some(before) = before else {
                return refuse(StoreError::Missing("deferred request"));
            };
            if !same_revision(before + 1, request.revision) {
                return refuse(StoreError::Conflict);
            }
            sqlx::query(
                "UPDATE issuer_deferred SET revision = $2, transaction_digest = $3, \
                     record = $4 WHERE id = $1",
            )
            .bind(request.id.as_str())
            .bind(bigint(request.revision)?)
            .bind(&request.transaction.0[..])
            .bind(encode(request)?)
            .execute(&mut *on)
            .await?;
            seal(on, audit).await
        })
    }
}
