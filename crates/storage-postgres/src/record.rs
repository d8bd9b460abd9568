//! How a record stands in a column: the JSON text that the embedded store keeps too.

use credential_issuance::store::StoreError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Fault;

/// The form's version, then the record.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    v: u32,
    record: T,
}

const FORM: u32 = 1;

type Work<T> = Result<T, Fault<StoreError>>;

/// The text of a record.
pub(crate) fn encode<T: Serialize>(record: &T) -> Work<String> {
    serde_json::to_string(&Stored { v: FORM, record })
        .map_err(|error| unreadable(error.to_string()))
}

/// As [`encode`], of a record that is JSON text already.
pub(crate) fn encode_text(record: &str) -> String {
    format!("{{\"v\":{FORM},\"record\":{record}}}")
}

/// The record of a text; `table` is for the error.
pub(crate) fn decode<T: DeserializeOwned>(table: &str, text: &str) -> Work<T> {
    let stored: Stored<T> =
        serde_json::from_str(text).map_err(|error| unreadable(format!("{table}: {error}")))?;
    if stored.v == FORM {
        Ok(stored.record)
    } else {
        Err(unreadable(format!("{table}: form {} is not known to this build", stored.v)))
    }
}

/// As [`decode`], of many.
pub(crate) fn decode_all<T: DeserializeOwned>(table: &str, texts: &[String]) -> Work<Vec<T>> {
    texts.iter().map(|text| decode(table, text)).collect()
}

pub(crate) fn unreadable(reason: String) -> Fault<StoreError> {
    Fault::Refused(StoreError::Unreadable(reason))
}

/// A count as the column type has it.
pub(crate) fn bigint(number: u64) -> Work<i64> {
    i64::try_from(number).map_err(|_| unreadable(format!("{number} is too large for a column")))
}

/// A limit or cursor as the column type has it; what is beyond it is everything.
pub(crate) fn bounded(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// As [`bounded`], of a length.
pub(crate) fn limit(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// PostgreSQL takes no U+0000 in text: a key that has one names nothing.
pub(crate) fn nameable(key: &str) -> bool {
    !key.contains('\0')
}
