//! Offers and their look-ups by code and token.

use credential_issuance::audit::AuditEvent;
use credential_issuance::ids::Digest;
use credential_issuance::offer::{Offer, OfferStage};
use credential_issuance::store::{Page, StoreError};
use sqlx::PgConnection;

use super::{Answer, PostgresIssuerStore, Work, refuse, seal};
use crate::record::{bigint, bounded, decode_all, encode, limit, nameable};
use crate::work::{in_transaction, reading};

impl PostgresIssuerStore {
    pub(super) async fn write_new_offer(&self, offer: &Offer, audit: &AuditEvent) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            let id = offer.id.as_str();
            let code = code(&offer.stage).filter(|_| offer.revision == 1);
            let made = match code {
                None => 0,
                Some(code) => sqlx::query(
                    "INSERT INTO issuer_offers (id, revision, created_at, code, record) \
                         VALUES ($1, 1, $2, $3, $4) ON CONFLICT DO NOTHING",
                )
                .bind(id)
                .bind(offer.created_at.unix())
                .bind(&code.0[..])
                .bind(encode(offer)?)
                .execute(&mut *on)
                .await?
                .rows_affected(),
            };
            if made == 1 {
                return seal(on, audit).await;
            }
            let same_id: Option<String> =
                sqlx::query_scalar("SELECT id FROM issuer_offers WHERE id = $1")
                    .bind(id)
                    .fetch_optional(on)
                    .await?;
            refuse(same_id.map_or(StoreError::Conflict, |_| StoreError::Taken("offer id")))
        })
    }

    pub(super) async fn write_next_offer(&self, offer: &Offer, audit: &AuditEvent) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            let before = locked_revision(on, offer.id.as_str()).await?;
            if before + 1 != bigint(offer.revision)? {
                return refuse(StoreError::Conflict);
            }
            sqlx::query(
                "UPDATE issuer_offers SET revision = $2, token = $3, record = $4 WHERE id = $1",
            )
            .bind(offer.id.as_str())
            .bind(bigint(offer.revision)?)
            .bind(token(&offer.stage).map(|token| &token.0[..]))
            .bind(encode(offer)?)
            .execute(&mut *on)
            .await?;
            seal(on, audit).await
        })
    }

    pub(super) async fn offers_in_time_order(&self, page: Page<'_>) -> Answer<Vec<Offer>> {
        reading!(self.database, |on| -> Work<Vec<Offer>> {
            let (time, id) = match page.after {
                None => (i64::MIN, ""),
                Some(id) if !nameable(id) => return refuse(StoreError::Missing("offer")),
                Some(id) => {
                    let time: Option<i64> =
                        sqlx::query_scalar("SELECT created_at FROM issuer_offers WHERE id = $1")
                            .bind(id)
                            .fetch_optional(&mut *on)
                            .await?;
                    match time {
                        None => return refuse(StoreError::Missing("offer")),
                        Some(time) => (time, id),
                    }
                }
            };
            let texts: Vec<String> = sqlx::query_scalar(
                "SELECT record FROM issuer_offers WHERE (created_at, id) > ($1, $2) \
                     ORDER BY created_at, id LIMIT $3",
            )
            .bind(time)
            .bind(id)
            .bind(limit(page.limit))
            .fetch_all(on)
            .await?;
            decode_all("offers", &texts)
        })
    }
}

/// The offer's revision, its row locked until the transaction ends.
pub(super) async fn locked_revision(on: &mut PgConnection, id: &str) -> Work<i64> {
    let revision: Option<i64> =
        sqlx::query_scalar("SELECT revision FROM issuer_offers WHERE id = $1 FOR UPDATE")
            .bind(id)
            .fetch_optional(on)
            .await?;
    match revision {
        Some(revision) => Ok(revision),
        None => refuse(StoreError::Missing("offer")),
    }
}

/// Whether a revision as the flow counts it is the stored one.
pub(super) fn same_revision(stored: i64, stated: u64) -> bool {
    stored == bounded(stated)
}

fn code(stage: &OfferStage) -> Option<&Digest> {
    match stage {
        OfferStage::Created(created) => Some(&created.code),
        _ => None,
    }
}

/// The token by which an offer of this stage is found.
pub(crate) fn token(stage: &OfferStage) -> Option<&Digest> {
    match stage {
        OfferStage::Redeemed(redeemed) => Some(&redeemed.token),
        _ => None,
    }
}
