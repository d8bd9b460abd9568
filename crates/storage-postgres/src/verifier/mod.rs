//! The verifier's records in PostgreSQL.

use async_trait::async_trait;
use credential_issuance::ids::Digest;
use credential_issuance::store_copy;
use credential_model::moment::Moment;
use credential_verification::session::SessionRecord;
use credential_verification::store::{SeenBefore, SeenList, SeenLists, StoreError, VerifierStore};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;

use crate::failure::{Failure, FailureKind, Fault};
use crate::record::{limit as bound, nameable};
use crate::work::{in_transaction, reading};
use crate::{OpenError, Postgres};

/// [`VerifierStore`] over one [`Postgres`] database; clones share it.
#[derive(Debug, Clone)]
pub struct PostgresVerifierStore {
    pub(crate) database: Postgres,
}

type Answer<T> = Result<T, StoreError>;
type Work<T> = Result<T, Fault<StoreError>>;

impl PostgresVerifierStore {
    /// The verifier's tables of an open database.
    ///
    /// # Errors
    /// [`OpenError::CopyUnfinished`] while a copy into it is not finished;
    /// [`OpenError::Server`] when it cannot be asked.
    pub async fn open(database: Postgres) -> Result<Self, OpenError> {
        let store = Self::for_copy(database);
        match store_copy::Portable::copy_unfinished(&store).await {
            Ok(false) => Ok(store),
            Ok(true) => Err(OpenError::CopyUnfinished),
            Err(error) => {
                Err(OpenError::Server(Failure::new(FailureKind::Failed, error.to_string())))
            }
        }
    }

    /// The verifier's tables as source or target of a copy, whatever their state.
    pub fn for_copy(database: Postgres) -> Self {
        Self { database }
    }

    async fn read(&self, query: &'static str, id: &str) -> Answer<Option<SessionRecord>> {
        if !nameable(id) {
            return Ok(None);
        }
        reading!(self.database, |on| -> Work<Option<SessionRecord>> {
            let text: Option<String> =
                sqlx::query_scalar(query).bind(id).fetch_optional(on).await?;
            text.map(|text| decode(&text)).transpose()
        })
    }
}

#[async_trait]
impl SeenLists for PostgresVerifierStore {
    async fn see_list(&self, key: &str, offered: &SeenList) -> Answer<SeenBefore> {
        let place = Digest::of(key.as_bytes());
        // The same list again needs no commit, and so no disk flush on the way of every check.
        let seen = reading!(self.database, |on| -> Work<Option<SeenList>> {
            seen(on, "SELECT record FROM verifier_lists WHERE sha256 = $1", &place).await
        })?;
        if seen.as_ref() == Some(offered) {
            return Ok(SeenBefore::Current);
        }
        in_transaction!(self.database, |on| -> Work<SeenBefore> {
            let query = "SELECT record FROM verifier_lists WHERE sha256 = $1 FOR UPDATE";
            let found = seen_under_lock(on, query, &place, key, offered).await?;
            if found == SeenBefore::Current {
                sqlx::query("UPDATE verifier_lists SET record = $2 WHERE sha256 = $1")
                    .bind(&place.0[..])
                    .bind(encode(offered)?)
                    .execute(on)
                    .await?;
            }
            Ok(found)
        })
    }
}

async fn seen(
    on: &mut PgConnection,
    query: &'static str,
    place: &Digest,
) -> Work<Option<SeenList>> {
    let text: Option<String> =
        sqlx::query_scalar(query).bind(&place.0[..]).fetch_optional(on).await?;
    text.map(|text| decode(&text)).transpose()
}

/// Compares with the row of the list, locked; where there is none, makes it.
async fn seen_under_lock(
    on: &mut PgConnection,
    query: &'static str,
    place: &Digest,
    key: &str,
    offered: &SeenList,
) -> Work<SeenBefore> {
    sqlx::query(
        "INSERT INTO verifier_lists (sha256, key, record) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
    )
    .bind(&place.0[..])
    .bind(key)
    .bind(encode(offered)?)
    .execute(&mut *on)
    .await?;
    let seen = seen(on, query, place).await?;
    Ok(SeenBefore::compare(seen.as_ref(), offered))
}

#[async_trait]
impl VerifierStore for PostgresVerifierStore {
    async fn create_session(&self, session: &SessionRecord) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            let made = sqlx::query(
                "INSERT INTO verifier_sessions (id, public_id, revision, forget_after, record) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            )
            .bind(&session.id)
            .bind(&session.public_id)
            .bind(revision(session.revision)?)
            .bind(session.forget_after.unix())
            .bind(encode(session)?)
            .execute(on)
            .await?;
            if made.rows_affected() == 1 { Ok(()) } else { Err(Fault::Refused(StoreError::Exists)) }
        })
    }

    async fn session(&self, id: &str) -> Answer<Option<SessionRecord>> {
        self.read("SELECT record FROM verifier_sessions WHERE id = $1", id).await
    }

    async fn session_by_public_id(&self, id: &str) -> Answer<Option<SessionRecord>> {
        self.read("SELECT record FROM verifier_sessions WHERE public_id = $1", id).await
    }

    async fn advance_session(&self, session: &SessionRecord) -> Answer<()> {
        let next = SessionRecord { revision: session.revision + 1, ..session.clone() };
        in_transaction!(self.database, |on| -> Work<()> {
            let moved = sqlx::query(
                "UPDATE verifier_sessions SET revision = $3, record = $4 \
                     WHERE id = $1 AND revision = $2",
            )
            .bind(&session.id)
            .bind(revision(session.revision)?)
            .bind(revision(next.revision)?)
            .bind(encode(&next)?)
            .execute(on)
            .await?;
            if moved.rows_affected() == 1 {
                Ok(())
            } else {
                Err(Fault::Refused(StoreError::Conflict))
            }
        })
    }

    async fn forget_sessions(&self, before: Moment, limit: usize) -> Answer<usize> {
        in_transaction!(self.database, |on| -> Work<usize> {
            let forgotten = sqlx::query(
                "DELETE FROM verifier_sessions WHERE id IN (SELECT id FROM verifier_sessions \
                     WHERE forget_after < $1 ORDER BY forget_after, id LIMIT $2)",
            )
            .bind(before.unix())
            .bind(bound(limit))
            .execute(on)
            .await?;
            Ok(usize::try_from(forgotten.rows_affected()).unwrap_or(usize::MAX))
        })
    }
}

// The text the embedded store keeps too: a session carries its form's version itself.
fn encode<T: Serialize>(record: &T) -> Work<String> {
    serde_json::to_string(record).map_err(|error| unreadable(&error.to_string()))
}

fn decode<T: DeserializeOwned>(text: &str) -> Work<T> {
    serde_json::from_str(text).map_err(|error| unreadable(&error.to_string()))
}

fn unreadable(reason: &str) -> Fault<StoreError> {
    Fault::Refused(StoreError::Backend(format!("a record cannot be read: {reason}")))
}

fn revision(number: u64) -> Work<i64> {
    i64::try_from(number).map_err(|_| unreadable("a revision is out of range"))
}
