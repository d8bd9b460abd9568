//! Spent nonces.

use std::collections::BTreeMap;

use credential_issuance::ids::Digest;
use credential_issuance::store::{SpentNonce, StoreError};
use credential_model::moment::Moment;
use sqlx::PgConnection;

use super::{Answer, PostgresIssuerStore, Work, refuse};
use crate::work::{in_transaction, reading};

/// Most spent nonces forgotten in one call.
const FORGET: i64 = 1_000;

impl PostgresIssuerStore {
    pub(super) async fn is_spent(&self, nonce: &Digest) -> Answer<bool> {
        reading!(self.database, |on| -> Work<bool> {
            let query = "SELECT EXISTS (SELECT 1 FROM issuer_nonces WHERE nonce = $1)";
            Ok(sqlx::query_scalar(query).bind(&nonce.0[..]).fetch_one(on).await?)
        })
    }

    pub(super) async fn spend(&self, nonces: &[SpentNonce]) -> Answer<()> {
        if nonces.is_empty() {
            return Ok(());
        }
        in_transaction!(self.database, |on| -> Work<()> { spend_all(on, nonces).await })
    }

    pub(super) async fn forget_nonces_before(&self, now: Moment) -> Answer<u64> {
        in_transaction!(self.database, |on| -> Work<u64> {
            let forgotten = sqlx::query(
                "DELETE FROM issuer_nonces WHERE nonce IN (SELECT nonce FROM issuer_nonces \
                     WHERE expires < $1 ORDER BY expires, nonce LIMIT $2)",
            )
            .bind(now.unix())
            .bind(FORGET)
            .execute(on)
            .await?;
            Ok(forgotten.rows_affected())
        })
    }
}

/// Spends all of them or refuses.
pub(super) async fn spend_all(on: &mut PgConnection, nonces: &[SpentNonce]) -> Work<()> {
    if nonces.is_empty() {
        return Ok(());
    }
    // One that stands twice in one commit is spent once.
    let rows: BTreeMap<&[u8], i64> =
        nonces.iter().map(|nonce| (&nonce.nonce.0[..], nonce.expires.unix())).collect();
    let count = rows.len() as u64;
    let (digests, expiries): (Vec<&[u8]>, Vec<i64>) = rows.into_iter().unzip();
    let spent = sqlx::query(
        "INSERT INTO issuer_nonces (nonce, expires) SELECT * FROM UNNEST($1::bytea[], $2::bigint[]) \
         ON CONFLICT DO NOTHING",
    )
    .bind(digests)
    .bind(expiries)
    .execute(on)
    .await?;
    if spent.rows_affected() == count { Ok(()) } else { refuse(StoreError::NonceUsed) }
}
