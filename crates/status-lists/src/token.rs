//! The Token Status List: claims of its JWT.

use credential_model::moment::Moment;
use serde_json::{Value, json};

use crate::bitstring::Bitstring;
use crate::entry::StatusEntry;
use crate::error::{StatusError, malformed};
use crate::list::{StatusReading, check_times};
use crate::value::StatusValue;

/// `typ` of a Status List Token in JWT form.
pub const TOKEN_LIST_TYP: &str = "statuslist+jwt";

/// What goes into a Status List Token.
#[derive(Debug, Clone, Copy)]
pub struct TokenListDocument<'a> {
    /// URL where the list is published; becomes `sub`.
    pub url: &'a str,
    /// DID of the issuer; becomes `iss`.
    pub issuer: &'a str,
    /// The statuses, with the codes of our Bitstring lists.
    pub bits: &'a Bitstring,
    /// When it was made.
    pub issued: Moment,
    /// When a newer one must be fetched.
    pub expires: Moment,
    /// How long a copy may be used, in seconds.
    pub ttl_seconds: u64,
    /// Rises with every version.
    pub version: u64,
}

/// The claims
/// ([Token Status List §5.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list#section-5.1)).
/// Codes of two-bit lists are translated as [`StatusValue::token_code`] says, because
/// the standard fixes 1 as invalid and 2 as suspended.
///
/// # Errors
/// [`StatusError::Malformed`] when the entries' size is none of 1, 2, 4 and 8.
pub fn token_list_payload(document: &TokenListDocument<'_>) -> Result<Value, StatusError> {
    let translate = |code: u8| StatusValue::from_code(code).map_or(code, StatusValue::token_code);
    let bits = document.bits;
    let lst = match bits.status_size() {
        StatusValue::SIZE => bits.encode_token_with(translate)?,
        _ => bits.encode_token()?,
    };
    Ok(json!({
        "iss": document.issuer,
        "sub": document.url,
        "iat": document.issued.unix(),
        "exp": document.expires.unix(),
        "ttl": document.ttl_seconds,
        "status_list": {"bits": bits.status_size(), "lst": lst},
        "status_list_version": document.version.to_string(),
    }))
}

/// Reads one entry from the claims of a Status List Token whose signature and `typ` the
/// caller has verified
/// ([Token Status List §8.3](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list#section-8.3)).
///
/// # Errors
/// See [`StatusError`]; `VerificationFailed` when `sub` is not the entry's list.
pub fn read_token(
    entry: &StatusEntry,
    payload: &Value,
    now: Moment,
) -> Result<StatusReading, StatusError> {
    if payload.get("sub").and_then(Value::as_str) != Some(entry.list.as_str()) {
        return Err(StatusError::VerificationFailed(
            "the token is another list than the entry names".to_owned(),
        ));
    }
    let issued = seconds(payload, "iat")?.ok_or_else(|| malformed("iat is missing"))?;
    let expires = seconds(payload, "exp")?;
    check_times(Some(issued), expires, now)?;
    let list = payload
        .get("status_list")
        .and_then(Value::as_object)
        .ok_or_else(|| malformed("status_list is not an object"))?;
    let bits = list
        .get("bits")
        .and_then(Value::as_u64)
        .and_then(|b| u8::try_from(b).ok())
        .ok_or_else(|| malformed("status_list.bits is not an integer"))?;
    let lst = list
        .get("lst")
        .and_then(Value::as_str)
        .ok_or_else(|| malformed("status_list.lst is not a string"))?;
    let version = payload.get("status_list_version").and_then(Value::as_str);
    let code = Bitstring::decode_token(lst, bits)?.get(entry.index)?;
    let value = match StatusValue::from_token_code(code) {
        // 3 is application specific: only lists of ours are known to mean "superseded".
        Some(StatusValue::Superseded) if version.is_none() => None,
        value => value,
    };
    Ok(StatusReading {
        code,
        value,
        message: value.map(|v| v.message().to_owned()),
        version: version
            .map(|v| {
                v.parse().map_err(|_| malformed("status_list_version is not an integer as string"))
            })
            .transpose()?,
        valid_from: Some(issued),
        valid_until: expires,
        issuer: payload.get("iss").and_then(Value::as_str).map(str::to_owned),
        ttl_ms: payload.get("ttl").and_then(Value::as_u64).and_then(|s| s.checked_mul(1000)),
    })
}

fn seconds(payload: &Value, name: &str) -> Result<Option<Moment>, StatusError> {
    payload
        .get(name)
        .map(|value| {
            value
                .as_i64()
                .map(Moment::from_unix)
                .ok_or_else(|| malformed(format!("{name} is not an integer")))
        })
        .transpose()
}
