//! The shelves of bulk jobs. Keys are those of the embedded store: job, a slash, a number (big-endian).

use credential_issuance::bulk::{ChunkHead, Job};
use credential_issuance::store_copy::Row;
use sqlx::PgConnection;

use super::{bad, row, text};
use crate::issuer::Work;
use crate::record::{bigint, decode};

/// Rows of a shelf whose keys end in a number of four bytes.
pub(super) async fn numbered(
    on: &mut PgConnection,
    shelf: &str,
    after: Option<&[u8]>,
    limit: i64,
) -> Work<Vec<Row>> {
    let (job, number) = match after {
        Some(key) => split(key)?,
        None => ("", -1),
    };
    let query = match shelf {
        "bulk_parts" => {
            "SELECT job, number, bytes FROM issuer_bulk_parts \
             WHERE (job, number) > ($1, $2) ORDER BY job, number LIMIT $3"
        }
        "bulk_chunks" => {
            "SELECT job, number, convert_to(head, 'UTF8') FROM issuer_bulk_chunks \
             WHERE (job, number) > ($1, $2) ORDER BY job, number LIMIT $3"
        }
        "bulk_chunk_rows" => {
            "SELECT job, number, convert_to(rows, 'UTF8') FROM issuer_bulk_chunks \
             WHERE (job, number) > ($1, $2) ORDER BY job, number LIMIT $3"
        }
        _ => {
            "SELECT job, number, leaves FROM issuer_bulk_chunks WHERE leaves IS NOT NULL \
             AND (job, number) > ($1, $2) ORDER BY job, number LIMIT $3"
        }
    };
    let rows: Vec<(String, i64, Vec<u8>)> =
        sqlx::query_as(query).bind(job).bind(number).bind(limit).fetch_all(on).await?;
    rows.into_iter()
        .map(|(job, number, value)| {
            let number = u32::try_from(number).map_err(|_| bad("a number is too large"))?;
            Ok(row([job.as_bytes(), b"/", &number.to_be_bytes()].concat(), value))
        })
        .collect()
}

/// Where rows were issued, by their identity.
pub(super) async fn identities(
    on: &mut PgConnection,
    after: Option<&[u8]>,
    limit: i64,
) -> Work<Vec<Row>> {
    let rows: Vec<(Vec<u8>, String, i64)> = sqlx::query_as(
        "SELECT identity, job, row_number FROM issuer_bulk_rows WHERE identity > $1 \
         ORDER BY identity LIMIT $2",
    )
    .bind(after.unwrap_or_default())
    .bind(limit)
    .fetch_all(on)
    .await?;
    let place = |job: String, number: i64| [job.as_bytes(), b"/", &number.to_be_bytes()].concat();
    Ok(rows.into_iter().map(|(key, job, number)| row(key, place(job, number))).collect())
}

/// Puts rows of these shelves; `false` for another shelf.
pub(super) async fn take(on: &mut PgConnection, shelf: &str, rows: &[Row]) -> Work<bool> {
    for row in rows {
        match shelf {
            "bulk_jobs" => job(on, row).await?,
            "bulk_parts" => {
                let query = "INSERT INTO issuer_bulk_parts (job, number, bytes) \
                             VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
                put(on, query, row).await?;
            }
            "bulk_chunks" => chunk(on, row).await?,
            "bulk_chunk_rows" => {
                let query = "UPDATE issuer_bulk_chunks SET rows = convert_from($3, 'UTF8') \
                             WHERE job = $1 AND number = $2";
                put(on, query, row).await?;
            }
            "bulk_leaves" => {
                let query =
                    "UPDATE issuer_bulk_chunks SET leaves = $3 WHERE job = $1 AND number = $2";
                put(on, query, row).await?;
            }
            "bulk_rows" => identity(on, row).await?,
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn split(key: &[u8]) -> Work<(&str, i64)> {
    let parts = key.split_last_chunk::<4>();
    let (job, number) = parts.ok_or_else(|| bad("a chunk has no number"))?;
    Ok((text(job)?.trim_end_matches('/'), i64::from(u32::from_be_bytes(*number))))
}

async fn put(on: &mut PgConnection, query: &'static str, row: &Row) -> Work<()> {
    let (job, number) = split(&row.key)?;
    sqlx::query(query).bind(job).bind(number).bind(&row.value).execute(on).await?;
    Ok(())
}

async fn job(on: &mut PgConnection, row: &Row) -> Work<()> {
    let record = text(&row.value)?;
    let job: Job = decode("jobs", record)?;
    sqlx::query(
        "INSERT INTO issuer_bulk_jobs (id, revision, working, anchoring, record) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(text(&row.key)?)
    .bind(bigint(job.revision)?)
    .bind(job.wants_work())
    .bind(job.wants_anchor())
    .bind(record)
    .execute(on)
    .await?;
    Ok(())
}

async fn chunk(on: &mut PgConnection, row: &Row) -> Work<()> {
    let record = text(&row.value)?;
    let head: ChunkHead = decode("chunks", record)?;
    let (job, number) = split(&row.key)?;
    sqlx::query(
        "INSERT INTO issuer_bulk_chunks (job, number, done, claimed_until, head, rows) \
         VALUES ($1, $2, $3, $4, $5, '') ON CONFLICT DO NOTHING",
    )
    .bind(job)
    .bind(number)
    .bind(head.done.is_some())
    .bind(head.claim.as_ref().map_or(0, |claim| claim.until.unix()))
    .bind(record)
    .execute(on)
    .await?;
    Ok(())
}

async fn identity(on: &mut PgConnection, row: &Row) -> Work<()> {
    let parts = row.value.split_last_chunk::<8>();
    let (job, number) = parts.ok_or_else(|| bad("a row's place is damaged"))?;
    sqlx::query(
        "INSERT INTO issuer_bulk_rows (identity, job, row_number) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
    )
    .bind(&row.key)
    .bind(text(job)?.trim_end_matches('/'))
    .bind(i64::from_be_bytes(*number))
    .execute(on)
    .await?;
    Ok(())
}
