//! The audit trail: sealed within the transaction of what it tells of.
//!
//! The head's row is locked last and held until COMMIT, so entries form one chain however many
//! replicas write; what stands before it in a transaction runs side by side.

use credential_issuance::audit::{AuditEntry, AuditEvent, AuditHead, seal as seal_entry};
use credential_issuance::ids::Digest;
use sqlx::PgConnection;

use super::{Answer, PostgresIssuerStore, Work};
use crate::record::{bigint, bounded, decode_all, encode, limit as bound, unreadable};
use crate::work::{in_transaction, reading};

impl PostgresIssuerStore {
    pub(super) async fn tell_alone(&self, event: &AuditEvent) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> { seal(on, event).await })
    }

    pub(super) async fn trail(&self, after: u64, limit: usize) -> Answer<Vec<AuditEntry>> {
        reading!(self.database, |on| -> Work<Vec<AuditEntry>> {
            let texts: Vec<String> = sqlx::query_scalar(
                "SELECT record FROM issuer_audit WHERE seq > $1 ORDER BY seq LIMIT $2",
            )
            .bind(bounded(after))
            .bind(bound(limit))
            .fetch_all(on)
            .await?;
            decode_all("audit", &texts)
        })
    }
}

/// Puts an event behind the head; the last thing a transaction does.
pub(crate) async fn seal(on: &mut PgConnection, event: &AuditEvent) -> Work<()> {
    let (seq, digest): (i64, Vec<u8>) =
        sqlx::query_as("SELECT number, digest FROM issuer_heads WHERE name = 'audit' FOR UPDATE")
            .fetch_one(&mut *on)
            .await?;
    let damaged = || unreadable("the head of the audit trail is damaged".to_owned());
    let head = AuditHead {
        seq: u64::try_from(seq).map_err(|_| damaged())?,
        hash: Digest(digest.try_into().map_err(|_| damaged())?),
    };
    let entry = seal_entry(head, event.clone());
    sqlx::query("INSERT INTO issuer_audit (seq, record) VALUES ($1, $2)")
        .bind(bigint(entry.seq)?)
        .bind(encode(&entry)?)
        .execute(&mut *on)
        .await?;
    sqlx::query("UPDATE issuer_heads SET number = $1, digest = $2 WHERE name = 'audit'")
        .bind(bigint(entry.seq)?)
        .bind(&entry.hash.0[..])
        .execute(on)
        .await?;
    Ok(())
}
