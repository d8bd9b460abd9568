//! Both stores as shelves of rows, for `store copy` ([`credential_issuance::store_copy`]).
//!
//! Values are the bytes that stand in the columns, so a shelf has the same digest here and in the
//! embedded store.

mod bulk;
mod issuer;
mod take;
mod verifier;

use credential_issuance::store::StoreError;
use credential_issuance::store_copy::{CopyError, Row};
use sqlx::PgConnection;

use crate::failure::Fault;
use crate::issuer::Work;

/// What a cursor is, and what a key becomes.
#[derive(Clone, Copy)]
enum Keys {
    Text,
    Bytes,
    Number,
}

/// What the second column is.
#[derive(Clone, Copy)]
enum Values {
    Text,
    Bytes,
}

/// Runs a query whose parameters are cursor and limit and whose columns are key and value.
async fn select(
    on: &mut PgConnection,
    query: &'static str,
    (keys, values): (Keys, Values),
    after: Option<&[u8]>,
    limit: i64,
) -> Work<Vec<Row>> {
    let after = after.unwrap_or_default();
    let rows = match (keys, values) {
        (Keys::Text, Values::Text) => {
            let rows = sqlx::query_as::<_, (String, String)>(query).bind(text(after)?).bind(limit);
            rows.fetch_all(on).await?.into_iter().map(|(k, v)| row(k, v)).collect()
        }
        (Keys::Text, Values::Bytes) => {
            let rows = sqlx::query_as::<_, (String, Vec<u8>)>(query).bind(text(after)?).bind(limit);
            rows.fetch_all(on).await?.into_iter().map(|(k, v)| row(k, v)).collect()
        }
        (Keys::Bytes, Values::Text) => {
            let rows = sqlx::query_as::<_, (Vec<u8>, String)>(query).bind(after).bind(limit);
            rows.fetch_all(on).await?.into_iter().map(|(k, v)| row(k, v)).collect()
        }
        (Keys::Bytes, Values::Bytes) => {
            let rows = sqlx::query_as::<_, (Vec<u8>, Vec<u8>)>(query).bind(after).bind(limit);
            rows.fetch_all(on).await?.into_iter().map(|(k, v)| row(k, v)).collect()
        }
        (Keys::Number, _) => {
            let cursor = if after.is_empty() { i64::MIN } else { number(after)? };
            let rows = sqlx::query_as::<_, (i64, String)>(query).bind(cursor).bind(limit);
            let rows = rows.fetch_all(on).await?;
            rows.into_iter().map(|(k, v)| row(k.to_be_bytes(), v)).collect()
        }
    };
    Ok(rows)
}

fn row(key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Row {
    Row { key: key.into(), value: value.into() }
}

fn text(bytes: &[u8]) -> Work<&str> {
    std::str::from_utf8(bytes).map_err(|_| bad("a key or value is no text"))
}

fn number(bytes: &[u8]) -> Work<i64> {
    bytes.try_into().map(i64::from_be_bytes).map_err(|_| bad("a key is no number"))
}

fn bad(reason: &str) -> Fault<StoreError> {
    crate::record::unreadable(reason.to_owned())
}

fn copy_error(shelf: &str) -> impl Fn(StoreError) -> CopyError {
    move |error| match error {
        StoreError::Unreadable(reason) => CopyError::Unreadable { shelf: shelf.to_owned(), reason },
        other => CopyError::Backend(other.to_string()),
    }
}

/// Name of the row that marks an unfinished copy.
const MARK: &str = "copy_unfinished";
