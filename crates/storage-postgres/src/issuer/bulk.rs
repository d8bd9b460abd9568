//! Bulk jobs. The work is in the functions below the trait; what several replicas rely on is said
//! in `migrations/0007_bulk.sql`.

use async_trait::async_trait;
use credential_issuance::audit::AuditEvent;
use credential_issuance::bulk::{
    BulkStore, ChunkCommit, ChunkHead, ClaimWish, Claimed, Job, JobStage, Places, Row, RowKey,
};
use credential_issuance::credential::CredentialRecord;
use credential_issuance::ids::{Digest, JobId};
use credential_issuance::status::ListRecord;
use credential_issuance::store::StoreError;
use sqlx::PgConnection;

use super::credentials::{NewRows, insert_new, replace_all};
use super::lists::{locked_list, open_list, put_list, put_value};
use super::{Answer, PostgresIssuerStore, Work, refuse, seal};
use crate::record::{bigint, decode, encode, limit as bound, unreadable};
use crate::work::{in_transaction, reading};

#[async_trait]
impl BulkStore for PostgresIssuerStore {
    async fn create_job(&self, job: &Job, audit: AuditEvent) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            let made = sqlx::query(
                "INSERT INTO issuer_bulk_jobs (id, revision, working, anchoring, record) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            )
            .bind(job.id.as_str())
            .bind(bigint(job.revision)?)
            .bind(job.wants_work())
            .bind(job.wants_anchor())
            .bind(encode(job)?)
            .execute(&mut *on)
            .await?;
            if made.rows_affected() == 0 {
                return refuse(StoreError::Taken("job"));
            }
            seal(on, &audit).await
        })
    }
    async fn job(&self, id: &JobId) -> Answer<Option<Job>> {
        self.by_text("jobs", "SELECT record FROM issuer_bulk_jobs WHERE id = $1", id.as_str()).await
    }
    async fn jobs(&self, after: Option<&JobId>, limit: usize) -> Answer<Vec<Job>> {
        let query = "SELECT record FROM issuer_bulk_jobs WHERE id > $1 ORDER BY id LIMIT $2";
        let after = after.map_or("", JobId::as_str);
        reading!(self.database, |on| -> Work<Vec<Job>> {
            let texts: Vec<String> =
                sqlx::query_scalar(query).bind(after).bind(bound(limit)).fetch_all(on).await?;
            crate::record::decode_all("jobs", &texts)
        })
    }
    async fn replace_job(&self, job: &Job, audit: Option<AuditEvent>) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            next_job(on, job).await?;
            match &audit {
                Some(event) => seal(on, event).await,
                None => Ok(()),
            }
        })
    }
    async fn jobs_at_work(&self) -> Answer<Vec<Job>> {
        reading!(self.database, |on| -> Work<Vec<Job>> {
            let query = "SELECT record FROM issuer_bulk_jobs WHERE working ORDER BY id";
            let texts: Vec<String> = sqlx::query_scalar(query).fetch_all(on).await?;
            crate::record::decode_all("jobs", &texts)
        })
    }
    async fn job_to_anchor(&self) -> Answer<Option<Job>> {
        reading!(self.database, |on| -> Work<Option<Job>> {
            let query = "SELECT record FROM issuer_bulk_jobs WHERE anchoring ORDER BY id LIMIT 1";
            let text: Option<String> = sqlx::query_scalar(query).fetch_optional(on).await?;
            text.map(|text| decode("jobs", &text)).transpose()
        })
    }
    async fn put_part(&self, job: &JobId, number: u32, bytes: &[u8]) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            sqlx::query(
                "INSERT INTO issuer_bulk_parts (job, number, bytes) VALUES ($1, $2, $3) \
                 ON CONFLICT (job, number) DO UPDATE SET bytes = excluded.bytes",
            )
            .bind(job.as_str())
            .bind(i64::from(number))
            .bind(bytes)
            .execute(on)
            .await?;
            Ok(())
        })
    }
    async fn part(&self, job: &JobId, number: u32) -> Answer<Option<Vec<u8>>> {
        let query = "SELECT bytes FROM issuer_bulk_parts WHERE job = $1 AND number = $2";
        reading!(self.database, |on| -> Work<Option<Vec<u8>>> {
            let query = sqlx::query_scalar(query).bind(job.as_str()).bind(i64::from(number));
            Ok(query.fetch_optional(on).await?)
        })
    }
    async fn drop_parts(&self, job: &JobId, count: u32) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            sqlx::query("DELETE FROM issuer_bulk_parts WHERE job = $1 AND number < $2")
                .bind(job.as_str())
                .bind(i64::from(count))
                .execute(on)
                .await?;
            Ok(())
        })
    }
    async fn put_chunk(&self, revision: u64, head: &ChunkHead, rows: &[Row]) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            if locked_job(on, &head.job).await?.revision != revision {
                return refuse(StoreError::Conflict);
            }
            sqlx::query(
                "INSERT INTO issuer_bulk_chunks (job, number, done, claimed_until, head, rows) \
                 VALUES ($1, $2, false, 0, $3, $4) ON CONFLICT (job, number) DO UPDATE SET \
                 done = false, claimed_until = 0, head = excluded.head, rows = excluded.rows, \
                 leaves = NULL",
            )
            .bind(head.job.as_str())
            .bind(i64::from(head.number))
            .bind(encode(head)?)
            .bind(encode(&rows)?)
            .execute(on)
            .await?;
            Ok(())
        })
    }
    async fn chunks(&self, job: &JobId) -> Answer<Vec<ChunkHead>> {
        let query = "SELECT head FROM issuer_bulk_chunks WHERE job = $1 ORDER BY number";
        self.all_by_text("chunks", query, job.as_str()).await
    }
    async fn chunk(&self, job: &JobId, number: u32) -> Answer<Option<(ChunkHead, Vec<Row>)>> {
        let query = "SELECT head, rows FROM issuer_bulk_chunks WHERE job = $1 AND number = $2";
        reading!(self.database, |on| -> Work<Option<(ChunkHead, Vec<Row>)>> {
            let found: Option<(String, String)> = sqlx::query_as(query)
                .bind(job.as_str())
                .bind(i64::from(number))
                .fetch_optional(on)
                .await?;
            let Some((head, rows)) = found else { return Ok(None) };
            Ok(Some((decode("chunks", &head)?, decode("chunk rows", &rows)?)))
        })
    }
    async fn known_rows(&self, keys: &[RowKey]) -> Answer<Vec<Option<(JobId, u64)>>> {
        let wanted: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
        let query =
            "SELECT identity, job, row_number FROM issuer_bulk_rows WHERE identity = ANY($1)";
        let found = reading!(self.database, |on| -> Work<Vec<(Vec<u8>, String, i64)>> {
            Ok(sqlx::query_as(query).bind(&wanted).fetch_all(on).await?)
        })?;
        let mut known = std::collections::BTreeMap::new();
        for (identity, job, row) in found {
            let bad = || StoreError::Unreadable("a row's place is damaged".to_owned());
            let place = JobId::parse(&job).ok().zip(u64::try_from(row).ok());
            known.insert(identity, place.ok_or_else(bad)?);
        }
        Ok(keys.iter().map(|key| known.get(&key[..]).cloned()).collect())
    }
    async fn claim_chunk(&self, job: &JobId, wish: &ClaimWish) -> Answer<Claimed> {
        in_transaction!(self.database, |on| -> Work<Claimed> { claim(on, job, wish).await })
    }
    async fn commit_chunk(&self, commit: &ChunkCommit) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> { write_chunk(on, commit).await })
    }
    async fn leaves(&self, job: &JobId, number: u32) -> Answer<Option<Vec<Digest>>> {
        let query = "SELECT leaves FROM issuer_bulk_chunks WHERE job = $1 AND number = $2";
        let bytes = reading!(self.database, |on| -> Work<Option<Option<Vec<u8>>>> {
            let query = sqlx::query_scalar(query).bind(job.as_str()).bind(i64::from(number));
            Ok(query.fetch_optional(on).await?)
        })?;
        let Some(bytes) = bytes.flatten() else { return Ok(None) };
        let (leaves, rest) = bytes.as_chunks::<32>();
        if rest.is_empty() {
            Ok(Some(leaves.iter().copied().map(Digest).collect()))
        } else {
            Err(StoreError::Unreadable("a chunk's leaves are damaged".to_owned()))
        }
    }
    async fn change_statuses(
        &self,
        job: &Job,
        records: &[CredentialRecord],
        audit: AuditEvent,
    ) -> Answer<()> {
        in_transaction!(self.database, |on| -> Work<()> {
            replace_all(on, records, false, |_, _| true).await?;
            let mut lists = std::collections::BTreeMap::new();
            for record in records {
                *lists.entry(record.list.clone()).or_insert(0) += 1;
            }
            // In id order, so that two of these do not wait for each other in a circle.
            for (list, count) in lists {
                let list = locked_list(on, &list).await?;
                put_list(on, &ListRecord { changes: list.changes + count, ..list }).await?;
            }
            for record in records {
                put_value(on, &record.list, bigint(record.index)?, record.status).await?;
            }
            next_job(on, job).await?;
            seal(on, &audit).await
        })
    }
}

/// The job, its row locked.
async fn locked_job(on: &mut PgConnection, id: &JobId) -> Work<Job> {
    let text: Option<String> =
        sqlx::query_scalar("SELECT record FROM issuer_bulk_jobs WHERE id = $1 FOR UPDATE")
            .bind(id.as_str())
            .fetch_optional(on)
            .await?;
    match text {
        Some(text) => decode("jobs", &text),
        None => refuse(StoreError::Missing("job")),
    }
}

async fn next_job(on: &mut PgConnection, job: &Job) -> Work<()> {
    if locked_job(on, &job.id).await?.revision + 1 != job.revision {
        return refuse(StoreError::Conflict);
    }
    sqlx::query(
        "UPDATE issuer_bulk_jobs SET revision = $2, working = $3, anchoring = $4, record = $5 \
         WHERE id = $1",
    )
    .bind(job.id.as_str())
    .bind(bigint(job.revision)?)
    .bind(job.wants_work())
    .bind(job.wants_anchor())
    .bind(encode(job)?)
    .execute(on)
    .await?;
    Ok(())
}

async fn claim(on: &mut PgConnection, id: &JobId, wish: &ClaimWish) -> Work<Claimed> {
    let job: Option<String> =
        sqlx::query_scalar("SELECT record FROM issuer_bulk_jobs WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *on)
            .await?;
    let job: Option<Job> = job.map(|text| decode("jobs", &text)).transpose()?;
    match job.map(|job| job.stage) {
        Some(JobStage::Running) => {}
        Some(_) => return refuse(StoreError::Conflict),
        None => return refuse(StoreError::Missing("job")),
    }
    let found: Option<(String, String)> = sqlx::query_as(
        "SELECT head, rows FROM issuer_bulk_chunks WHERE job = $1 AND NOT done \
         AND claimed_until <= $2 ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED",
    )
    .bind(id.as_str())
    .bind(wish.now.unix())
    .fetch_optional(&mut *on)
    .await?;
    let Some((head, rows)) = found else {
        let query = "SELECT EXISTS (SELECT 1 FROM issuer_bulk_chunks WHERE job = $1 AND NOT done)";
        let left: bool = sqlx::query_scalar(query).bind(id.as_str()).fetch_one(on).await?;
        return Ok(if left { Claimed::Busy } else { Claimed::None });
    };
    let head: ChunkHead = decode("chunks", &head)?;
    let rows: Vec<Row> = decode("chunk rows", &rows)?;
    let mut head = ChunkHead { claim: Some(wish.mark.clone()), ..head };
    if head.places.is_none() {
        let list = list_with_room(on, wish, head.ready).await?;
        head.places = Some(Places { list: list.id.clone(), first: list.next });
        put_list(on, &ListRecord { next: list.next + head.ready, ..list }).await?;
    }
    sqlx::query(
        "UPDATE issuer_bulk_chunks SET claimed_until = $3, head = $4 \
         WHERE job = $1 AND number = $2",
    )
    .bind(id.as_str())
    .bind(i64::from(head.number))
    .bind(wish.mark.until.unix())
    .bind(encode(&head)?)
    .execute(on)
    .await?;
    Ok(Claimed::Chunk(Box::new(head), rows))
}

/// The open list, its row locked; the next one when that has no room for a whole chunk.
async fn list_with_room(on: &mut PgConnection, wish: &ClaimWish, needed: u64) -> Work<ListRecord> {
    let class = wish.class.prefix();
    let open: Option<String> =
        sqlx::query_scalar("SELECT list FROM issuer_open_lists WHERE class = $1")
            .bind(class)
            .fetch_optional(&mut *on)
            .await?;
    if let Some(open) = open {
        let id = credential_issuance::ids::ListId::parse(&open)
            .map_err(|_| unreadable("the open list has no id".to_owned()))?;
        let list = locked_list(on, &id).await?;
        if list.room() >= needed {
            return Ok(list);
        }
    }
    let texts: Vec<String> =
        sqlx::query_scalar("SELECT record FROM issuer_lists").fetch_all(&mut *on).await?;
    let lists: Vec<ListRecord> = crate::record::decode_all("lists", &texts)?;
    let number = lists.iter().filter(|list| list.class == wish.class).count() as u64 + 1;
    let list = ListRecord::open(wish.class, number, wish.list_size, wish.now);
    if open_list(on, &list).await? {
        return Ok(list);
    }
    // Another replica opened it: that one is taken at the next try.
    Err(crate::failure::Fault::Again("another replica opened the list".to_owned()))
}

async fn write_chunk(on: &mut PgConnection, commit: &ChunkCommit) -> Work<()> {
    let head = &commit.head;
    let before: Option<String> = sqlx::query_scalar(
        "SELECT head FROM issuer_bulk_chunks WHERE job = $1 AND number = $2 FOR UPDATE",
    )
    .bind(head.job.as_str())
    .bind(i64::from(head.number))
    .fetch_optional(&mut *on)
    .await?;
    let Some(before) = before else { return refuse(StoreError::Missing("chunk")) };
    let before: ChunkHead = decode("chunks", &before)?;
    let ours = before.done.is_none() && before.claim == head.claim && before.places == head.places;
    if !ours || head.done.is_none() {
        return refuse(StoreError::Conflict);
    }
    insert_identities(on, commit).await?;
    if let Some(places) = &head.places {
        insert_new(on, &places.list, NewRows::sealed(&commit.records)).await?;
    }
    let leaves: Vec<u8> = commit.leaves.iter().flat_map(|leaf| leaf.0).collect();
    sqlx::query(
        "UPDATE issuer_bulk_chunks SET done = true, claimed_until = 0, head = $3, rows = $4, \
         leaves = $5 WHERE job = $1 AND number = $2",
    )
    .bind(head.job.as_str())
    .bind(i64::from(head.number))
    .bind(encode(&ChunkHead { claim: None, ..head.clone() })?)
    .bind(encode(&commit.rows)?)
    .bind((!leaves.is_empty()).then_some(leaves))
    .execute(&mut *on)
    .await?;
    // Last but for the trail: replicas that commit chunks of one job meet here only.
    let stage = locked_job(on, &head.job).await?.stage;
    if !matches!(stage, JobStage::Running | JobStage::Paused) {
        return refuse(StoreError::Conflict);
    }
    seal(on, &commit.audit).await
}

async fn insert_identities(on: &mut PgConnection, commit: &ChunkCommit) -> Work<()> {
    // In one order everywhere, so that two jobs with the same rows wait in a line.
    let mut keys = commit.keys.clone();
    keys.sort_unstable();
    let identities: Vec<&[u8]> = keys.iter().map(|(key, _)| &key[..]).collect();
    let rows: Work<Vec<i64>> = keys.iter().map(|(_, row)| bigint(*row)).collect();
    let made = sqlx::query(
        "INSERT INTO issuer_bulk_rows (identity, job, row_number) \
         SELECT new.identity, $2, new.row_number FROM UNNEST($1::bytea[], $3::bigint[]) \
         AS new (identity, row_number) ON CONFLICT DO NOTHING",
    )
    .bind(&identities)
    .bind(commit.head.job.as_str())
    .bind(rows?)
    .execute(on)
    .await?;
    if made.rows_affected() == identities.len() as u64 {
        Ok(())
    } else {
        refuse(StoreError::Taken("row"))
    }
}
