//! Taking in rows of the issuer's shelves, with the columns that are searched.

use credential_issuance::DeferredRequestRecord;
use credential_issuance::anchor::AnchorBatch;
use credential_issuance::audit::AuditEntry;
use credential_issuance::credential::CredentialRecord;
use credential_issuance::offer::Offer;
use credential_issuance::person::Person;
use credential_issuance::store_copy::Row;
use sqlx::PgConnection;

use super::{bad, number, text};
use crate::issuer::{NewRows, Work, insert_rows};
use crate::record::{bigint, decode};

/// Puts the rows of a shelf. What is there stays, so that a copy can be begun anew.
pub(super) async fn rows(on: &mut PgConnection, shelf: &str, rows: &[Row]) -> Work<()> {
    if super::bulk::take(on, shelf, rows).await? {
        return Ok(());
    }
    match shelf {
        "secrets" => secrets(on, rows).await,
        "persons" => persons(on, rows).await,
        "offers" => offers(on, rows).await,
        "offer_codes" => offer_codes(on, rows).await,
        "nonces" => nonces(on, rows).await,
        "archive" => archive(on, rows).await,
        "list_values" => list_values(on, rows).await,
        "credentials" => credentials(on, rows).await,
        "deferred" => deferred(on, rows).await,
        "batches" => batches(on, rows).await,
        "audit" => audit(on, rows).await,
        _ => match plain(shelf) {
            Some(query) => {
                let (keys, values) = texts(rows)?;
                sqlx::query(query).bind(keys).bind(values).execute(on).await?;
                Ok(())
            }
            None => Err(bad("this store has no such shelf")),
        },
    }
}

/// Shelves whose rows are a text and a record and nothing beside them.
fn plain(shelf: &str) -> Option<&'static str> {
    Some(match shelf {
        "kinds" => {
            "INSERT INTO issuer_kinds (code, record) SELECT * FROM UNNEST($1::text[], $2::text[]) \
             ON CONFLICT DO NOTHING"
        }
        "lists" => {
            "INSERT INTO issuer_lists (id, record) SELECT * FROM UNNEST($1::text[], $2::text[]) \
             ON CONFLICT DO NOTHING"
        }
        "open_lists" => {
            "INSERT INTO issuer_open_lists (class, list) \
             SELECT * FROM UNNEST($1::text[], $2::text[]) ON CONFLICT DO NOTHING"
        }
        "did_anchor" => {
            "INSERT INTO issuer_singles (name, record) \
             SELECT * FROM UNNEST($1::text[], $2::text[]) ON CONFLICT DO NOTHING"
        }
        "notes" => {
            "INSERT INTO issuer_notes (name, record) SELECT * FROM UNNEST($1::text[], $2::text[]) \
             ON CONFLICT DO NOTHING"
        }
        "outbox" => {
            "INSERT INTO issuer_outbox (key, record) SELECT * FROM UNNEST($1::text[], $2::text[]) \
             ON CONFLICT DO NOTHING"
        }
        _ => return None,
    })
}

fn texts(rows: &[Row]) -> Work<(Vec<&str>, Vec<&str>)> {
    let pairs: Work<Vec<(&str, &str)>> =
        rows.iter().map(|row| Ok((text(&row.key)?, text(&row.value)?))).collect();
    Ok(pairs?.into_iter().unzip())
}

fn bytes(rows: &[Row]) -> (Vec<&[u8]>, Vec<&[u8]>) {
    rows.iter().map(|row| (&row.key[..], &row.value[..])).unzip()
}

async fn secrets(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let names: Work<Vec<&str>> = rows.iter().map(|row| text(&row.key)).collect();
    let (_, values) = bytes(rows);
    sqlx::query(
        "INSERT INTO issuer_secrets (name, value) SELECT * FROM UNNEST($1::text[], $2::bytea[]) \
         ON CONFLICT DO NOTHING",
    )
    .bind(names?)
    .bind(values)
    .execute(on)
    .await?;
    Ok(())
}

async fn archive(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let (digests, documents) = bytes(rows);
    sqlx::query(
        "INSERT INTO issuer_archive (sha256, bytes) \
         SELECT * FROM UNNEST($1::bytea[], $2::bytea[]) ON CONFLICT DO NOTHING",
    )
    .bind(digests)
    .bind(documents)
    .execute(on)
    .await?;
    Ok(())
}

async fn persons(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let (ids, records) = texts(rows)?;
    let mut references = Vec::new();
    for record in &records {
        references.push(decode::<Person>("persons", record)?.external_ref);
    }
    sqlx::query(
        "INSERT INTO issuer_persons (id, external_ref, record) \
         SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING",
    )
    .bind(ids)
    .bind(references)
    .bind(records)
    .execute(on)
    .await?;
    Ok(())
}

async fn offers(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let (ids, records) = texts(rows)?;
    let (mut revisions, mut times, mut tokens) = (Vec::new(), Vec::new(), Vec::new());
    for record in &records {
        let offer: Offer = decode("offers", record)?;
        revisions.push(bigint(offer.revision)?);
        times.push(offer.created_at.unix());
        tokens.push(crate::issuer::token(&offer.stage).map(|token| token.0.to_vec()));
    }
    sqlx::query(
        "INSERT INTO issuer_offers (id, revision, created_at, token, record) SELECT * FROM \
         UNNEST($1::text[], $2::bigint[], $3::bigint[], $4::bytea[], $5::text[]) \
         ON CONFLICT DO NOTHING",
    )
    .bind(ids)
    .bind(revisions)
    .bind(times)
    .bind(tokens)
    .bind(records)
    .execute(on)
    .await?;
    Ok(())
}

async fn offer_codes(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let (codes, _) = bytes(rows);
    let ids: Work<Vec<&str>> = rows.iter().map(|row| text(&row.value)).collect();
    sqlx::query(
        "UPDATE issuer_offers AS kept SET code = new.code \
         FROM UNNEST($1::bytea[], $2::text[]) AS new (code, id) WHERE kept.id = new.id",
    )
    .bind(codes)
    .bind(ids?)
    .execute(on)
    .await?;
    Ok(())
}

async fn nonces(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let (mut times, mut nonces) = (Vec::new(), Vec::new());
    for row in rows {
        let (time, nonce) =
            row.key.split_first_chunk::<8>().ok_or_else(|| bad("a nonce has no time"))?;
        times.push(i64::from_be_bytes(*time));
        nonces.push(nonce);
    }
    sqlx::query(
        "INSERT INTO issuer_nonces (nonce, expires) \
         SELECT * FROM UNNEST($1::bytea[], $2::bigint[]) ON CONFLICT DO NOTHING",
    )
    .bind(nonces)
    .bind(times)
    .execute(on)
    .await?;
    Ok(())
}

async fn list_values(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let (mut lists, mut places, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let (list, place) =
            row.key.split_last_chunk::<8>().ok_or_else(|| bad("a status value has no place"))?;
        lists.push(text(list)?.trim_end_matches('/'));
        places.push(number(place)?);
        match row.value.as_slice() {
            [value @ 1..=3] => values.push(i16::from(*value)),
            _ => return Err(bad("a status value is damaged")),
        }
    }
    sqlx::query(
        "INSERT INTO issuer_list_values (list, place, value) SELECT * FROM \
         UNNEST($1::text[], $2::bigint[], $3::smallint[]) ON CONFLICT DO NOTHING",
    )
    .bind(lists)
    .bind(places)
    .bind(values)
    .execute(on)
    .await?;
    Ok(())
}

async fn credentials(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let (_, texts) = texts(rows)?;
    let mut records = Vec::new();
    for text in &texts {
        records.push(decode::<CredentialRecord>("credentials", text)?);
    }
    let texts = texts.into_iter().map(str::to_owned).collect();
    insert_rows(on, &NewRows { records: records.iter().collect(), texts }).await?;
    Ok(())
}

async fn deferred(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let (ids, records) = texts(rows)?;
    let (mut revisions, mut transactions, mut offers) = (Vec::new(), Vec::new(), Vec::new());
    for record in &records {
        let request: DeferredRequestRecord = decode("deferred", record)?;
        revisions.push(bigint(request.revision)?);
        transactions.push(request.transaction.0.to_vec());
        offers.push(request.offer.to_string());
    }
    sqlx::query(
        "INSERT INTO issuer_deferred (id, revision, transaction_digest, offer, record) \
         SELECT * FROM UNNEST($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::text[]) \
         ON CONFLICT DO NOTHING",
    )
    .bind(ids)
    .bind(revisions)
    .bind(transactions)
    .bind(offers)
    .bind(records)
    .execute(on)
    .await?;
    Ok(())
}

async fn batches(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let (mut numbers, mut revisions, mut records) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let record = text(&row.value)?;
        numbers.push(number(&row.key)?);
        revisions.push(bigint(decode::<AnchorBatch>("batches", record)?.revision)?);
        records.push(record);
    }
    let last = numbers.iter().copied().max().unwrap_or(0);
    sqlx::query(
        "INSERT INTO issuer_batches (number, revision, record) SELECT * FROM \
         UNNEST($1::bigint[], $2::bigint[], $3::text[]) ON CONFLICT DO NOTHING",
    )
    .bind(numbers)
    .bind(revisions)
    .bind(records)
    .execute(&mut *on)
    .await?;
    sqlx::query("UPDATE issuer_heads SET number = $1 WHERE name = 'batch'")
        .bind(last)
        .execute(on)
        .await?;
    Ok(())
}

async fn audit(on: &mut PgConnection, rows: &[Row]) -> Work<()> {
    let (mut numbers, mut records) = (Vec::new(), Vec::new());
    for row in rows {
        numbers.push(number(&row.key)?);
        records.push(text(&row.value)?);
    }
    let Some(last) = records.last() else { return Ok(()) };
    let last: AuditEntry = decode("audit", last)?;
    sqlx::query(
        "INSERT INTO issuer_audit (seq, record) SELECT * FROM UNNEST($1::bigint[], $2::text[]) \
         ON CONFLICT DO NOTHING",
    )
    .bind(numbers)
    .bind(records)
    .execute(&mut *on)
    .await?;
    // Pages come in order, so the last one leaves the head where the trail goes on.
    sqlx::query("UPDATE issuer_heads SET number = $1, digest = $2 WHERE name = 'audit'")
        .bind(bigint(last.seq)?)
        .bind(&last.hash.0[..])
        .execute(on)
        .await?;
    Ok(())
}
