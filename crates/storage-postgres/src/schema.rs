//! The schema's versions: applied in order, recorded with their digest, never edited afterwards.

use credential_issuance::ids::Digest;
use sqlx::{Connection as _, PgConnection};

use crate::failure::{Failure, Fault};
use crate::work::reading;
use crate::{OpenError, Postgres};

struct Migration {
    name: &'static str,
    sql: &'static str,
}

/// Version = place in this list, from 1. A published migration stays as it is; a change is a new one.
const MIGRATIONS: &[Migration] = &[
    Migration { name: "issuer", sql: include_str!("../migrations/0001_issuer.sql") },
    Migration { name: "verifier", sql: include_str!("../migrations/0002_verifier.sql") },
    Migration { name: "commit_marks", sql: include_str!("../migrations/0003_commit_marks.sql") },
    Migration { name: "chain", sql: include_str!("../migrations/0004_chain.sql") },
    Migration {
        name: "notes_prepared",
        sql: include_str!("../migrations/0005_notes_prepared.sql"),
    },
    Migration { name: "officers", sql: include_str!("../migrations/0006_officers.sql") },
    Migration { name: "bulk", sql: include_str!("../migrations/0007_bulk.sql") },
];

/// The schema this build reads and writes.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// How a database's schema relates to this build's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaState {
    /// There is none.
    Missing,
    /// Of this build.
    Current,
    /// Of this older version.
    Older(i64),
    /// Of this newer version.
    Newer(i64),
    /// This migration was applied in another wording.
    Foreign(i64),
}

impl Postgres {
    /// Looks at the database's schema and changes nothing.
    ///
    /// # Errors
    /// [`OpenError`] for a URL that cannot be used and a server that cannot be asked.
    pub async fn schema_state(
        options: &crate::PostgresOptions,
        entropy: std::sync::Arc<dyn credential_model::ambient::Entropy>,
    ) -> Result<SchemaState, OpenError> {
        Ok(state(&Self::unchecked(options, entropy)?).await?)
    }
}

pub(crate) async fn check(database: &Postgres) -> Result<(), OpenError> {
    let wanted = SCHEMA_VERSION;
    match state(database).await? {
        SchemaState::Current => Ok(()),
        SchemaState::Missing => Err(OpenError::SchemaMissing),
        SchemaState::Older(found) => Err(OpenError::SchemaOlder { found, wanted }),
        SchemaState::Newer(found) => Err(OpenError::SchemaNewer { found, wanted }),
        SchemaState::Foreign(version) => Err(OpenError::SchemaForeign { version }),
    }
}

async fn state(database: &Postgres) -> Result<SchemaState, Failure> {
    reading!(database, |on| -> Result<SchemaState, Fault<Failure>> {
        if !has_history(on).await? {
            return Ok(SchemaState::Missing);
        }
        Ok(compare(&applied(on).await?))
    })
}

/// Applies what is missing, each migration in its own transaction.
pub(crate) async fn migrate(database: &Postgres) -> Result<(), OpenError> {
    loop {
        // No mark as other transactions have: its table may not be there yet. To be tried again is
        // safe, since a step reads what is applied before it applies.
        let found = reading!(database, |on| -> Result<SchemaState, Fault<Failure>> {
            let mut transaction = on.begin().await?;
            let found = step(&mut transaction).await.map_err(lost_race)?;
            transaction.commit().await.map_err(|error| lost_race(error.into()))?;
            Ok(found)
        })?;
        match found {
            SchemaState::Missing | SchemaState::Older(_) => {}
            SchemaState::Foreign(version) => return Err(OpenError::SchemaForeign { version }),
            // Newer is for `check` to refuse.
            SchemaState::Newer(_) | SchemaState::Current => return Ok(()),
        }
    }
}

/// Applies the next migration, if there is one, and answers what was there before it.
async fn step(on: &mut PgConnection) -> Result<SchemaState, Fault<Failure>> {
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS sinpyo_schema (version bigint PRIMARY KEY, \
         name text NOT NULL, sha256 text NOT NULL, \
         at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    )
    .execute(&mut *on)
    .await?;
    let found = compare(&applied(on).await?);
    match found {
        SchemaState::Missing => apply(on, 1).await?,
        SchemaState::Older(version) => apply(on, version + 1).await?,
        _ => {}
    }
    Ok(found)
}

/// Another replica migrates at the same moment: what it made is taken (23505, 42P07, 42710).
fn lost_race(fault: Fault<Failure>) -> Fault<Failure> {
    match fault {
        Fault::Broken(reason)
            if ["23505", "42P07", "42710"].iter().any(|code| reason.contains(code)) =>
        {
            Fault::Again(reason)
        }
        other => other,
    }
}

async fn has_history(on: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM information_schema.tables \
         WHERE table_name = 'sinpyo_schema' AND table_schema = current_schema())",
    )
    .fetch_one(on)
    .await
}

async fn applied(on: &mut PgConnection) -> Result<Vec<(i64, String)>, sqlx::Error> {
    sqlx::query_as("SELECT version, sha256 FROM sinpyo_schema ORDER BY version").fetch_all(on).await
}

fn compare(applied: &[(i64, String)]) -> SchemaState {
    for (place, (version, sha256)) in (1..).zip(applied) {
        let known = usize::try_from(place - 1).ok().and_then(|index| MIGRATIONS.get(index));
        match known {
            Some(migration) if *version == place && *sha256 == digest(migration) => {}
            None => return SchemaState::Newer(applied.last().map_or(place, |(last, _)| *last)),
            Some(_) => return SchemaState::Foreign(*version),
        }
    }
    match applied.last() {
        None => SchemaState::Missing,
        Some((version, _)) if *version < SCHEMA_VERSION => SchemaState::Older(*version),
        Some(_) => SchemaState::Current,
    }
}

async fn apply(on: &mut PgConnection, version: i64) -> Result<(), Fault<Failure>> {
    let migration = usize::try_from(version - 1)
        .ok()
        .and_then(|index| MIGRATIONS.get(index))
        .ok_or_else(|| Fault::Broken(format!("there is no migration {version}")))?;
    // First, so that a second replica waits here and then finds the version taken.
    sqlx::query("INSERT INTO sinpyo_schema (version, name, sha256) VALUES ($1, $2, $3)")
        .bind(version)
        .bind(migration.name)
        .bind(digest(migration))
        .execute(&mut *on)
        .await?;
    sqlx::raw_sql(migration.sql).execute(on).await?;
    tracing::info!(version, name = migration.name, "schema migrated");
    Ok(())
}

fn digest(migration: &Migration) -> String {
    Digest::of(migration.sql.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Vec<(i64, String)> {
        (1..).zip(MIGRATIONS).take(count).map(|(v, migration)| (v, digest(migration))).collect()
    }

    #[test]
    fn versions_are_told_apart() {
        assert_eq!(compare(&[]), SchemaState::Missing);
        assert_eq!(compare(&rows(1)), SchemaState::Older(1));
        assert_eq!(compare(&rows(MIGRATIONS.len())), SchemaState::Current);
        let mut newer = rows(MIGRATIONS.len());
        newer.push((SCHEMA_VERSION + 1, "00".to_owned()));
        assert_eq!(compare(&newer), SchemaState::Newer(SCHEMA_VERSION + 1));
        let mut edited = rows(2);
        edited[0].1 = "00".to_owned();
        assert_eq!(compare(&edited), SchemaState::Foreign(1));
        let gap = vec![rows(2).remove(1)];
        assert_eq!(compare(&gap), SchemaState::Foreign(2), "2 without 1");
    }
}
