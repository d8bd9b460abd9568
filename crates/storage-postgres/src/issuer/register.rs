//! Secrets, kinds and persons.

use std::collections::BTreeMap;

use credential_issuance::audit::AuditEvent;
use credential_issuance::person::Person;
use credential_issuance::store::StoreError;
use credential_model::kinds::QualificationKind;

use super::{Answer, PostgresIssuerStore, Work, refuse, seal};
use crate::record::{encode, unreadable};
use crate::work::in_transaction;

impl PostgresIssuerStore {
    pub(super) async fn secret_of(&self, name: &str, fresh: [u8; 32]) -> Answer<[u8; 32]> {
        in_transaction!(self.database, |on| -> Work<[u8; 32]> {
            sqlx::query(
                "INSERT INTO issuer_secrets (name, value) VALUES ($1, $2) \
                     ON CONFLICT (name) DO NOTHING",
            )
            .bind(name)
            .bind(&fresh[..])
            .execute(&mut *on)
            .await?;
            let kept: Vec<u8> =
                sqlx::query_scalar("SELECT value FROM issuer_secrets WHERE name = $1")
                    .bind(name)
                    .fetch_one(on)
                    .await?;
            kept.try_into().map_err(|_| unreadable("a secret has not 32 bytes".to_owned()))
        })
    }

    pub(super) async fn write_kinds(
        &self,
        kinds: &[QualificationKind],
        audit: &AuditEvent,
    ) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            // Of a code that comes twice the last one counts; in order, so that two imports
            // lock rows alike.
            let mut rows = BTreeMap::new();
            for kind in kinds {
                rows.insert(kind.code.as_str(), encode(kind)?);
            }
            let (codes, records): (Vec<&str>, Vec<String>) = rows.into_iter().unzip();
            sqlx::query(
                "INSERT INTO issuer_kinds (code, record) \
                     SELECT * FROM UNNEST($1::text[], $2::text[]) \
                     ON CONFLICT (code) DO UPDATE SET record = excluded.record",
            )
            .bind(codes)
            .bind(records)
            .execute(&mut *on)
            .await?;
            seal(on, audit).await
        })
    }

    pub(super) async fn write_person(&self, person: &Person, audit: &AuditEvent) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            let id = person.id.as_str();
            let made = sqlx::query(
                "INSERT INTO issuer_persons (id, external_ref, record) VALUES ($1, $2, $3) \
                     ON CONFLICT DO NOTHING",
            )
            .bind(id)
            .bind(&person.external_ref)
            .bind(encode(person)?)
            .execute(&mut *on)
            .await?;
            if made.rows_affected() == 1 {
                return seal(on, audit).await;
            }
            let same_id: Option<String> =
                sqlx::query_scalar("SELECT id FROM issuer_persons WHERE id = $1")
                    .bind(id)
                    .fetch_optional(on)
                    .await?;
            refuse(StoreError::Taken(same_id.map_or("external_ref", |_| "person id")))
        })
    }
}
