//! Fetching a status list and checking that it is the issuer's.
use credential_model::{
    did::{Did, DidUrl},
    json::{Limits, parse_strict},
    moment::Moment,
};
use credential_proofs::{
    Expected, data_integrity,
    jose::{self, CompactJws},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use status_lists::{StatusEntry, StatusError, StatusReading, StatusValue};
use url::Url;
use web_fetch::{FetchError, FetchRequest, FetchResponse};

use crate::{
    checks::{SKEW_SECONDS, proof},
    codes::Code,
    examine::Tools,
    outcome::CheckOutcome,
};

/// A signed list compressed is far smaller; the inflated size has its own cap in `status-lists`.
const MAX_LIST_BYTES: usize = 4 * 1024 * 1024;
/// `typ` of a Token Status List (draft-ietf-oauth-status-list).
const TOKEN_TYP: &str = status_lists::TOKEN_LIST_TYP;

/// The two forms of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Bitstring status list credential.
    Credential,
    /// Token Status List.
    Token,
}

/// A genuine list, read at the credential's index.
pub(super) struct ReadList {
    /// Under which the newest version is remembered, and the id of its anchored leaf.
    pub(super) key: String,
    pub(super) url: Url,
    pub(super) form: Form,
    pub(super) version: u64,
    /// It has no version of its own: the version is its date.
    pub(super) dated: bool,
    pub(super) bytes: Vec<u8>,
    pub(super) sha256: String,
    pub(super) as_of: Moment,
    pub(super) valid_until: Option<Moment>,
    pub(super) value: Result<StatusValue, CheckOutcome>,
}

/// Fetches, verifies and reads.
pub(super) async fn obtain(
    entry: &StatusEntry,
    form: Form,
    issuer: &Did,
    tools: &Tools<'_>,
    now: Moment,
) -> Result<ReadList, CheckOutcome> {
    let url = Url::parse(&entry.list)
        .map_err(|_| CheckOutcome::inconclusive(Code::StatusEntryMalformed, "no URL"))?;
    let response = fetch(url.clone(), form, tools).await?;
    let (document, reading) = match form {
        Form::Credential => read_credential(entry, &response, issuer, tools, now).await?,
        Form::Token => read_token(entry, &response, issuer, tools, now).await?,
    };
    let dates = Dates::of(&document, form)?;
    if dates.as_of > now.plus_seconds(SKEW_SECONDS) {
        // Either the question is about the past, or the list's clock is wrong.
        return Err(CheckOutcome::inconclusive(
            Code::StatusOtherMoment,
            format!("the list dates from {}", dates.as_of),
        ));
    }
    let key = match form {
        Form::Credential => entry.list.clone(),
        Form::Token => chain_anchors::token_list_id(&entry.list),
    };
    let reading = reading.map_err(|error| from_status(&error))?;
    // A list without a version of ours is ordered by its date.
    let dated = reading.version.is_none();
    let version = reading.version.unwrap_or_else(|| u64::try_from(dates.as_of.unix()).unwrap_or(0));
    let value = reading.value.ok_or_else(|| {
        CheckOutcome::inconclusive(Code::StatusValueUnknown, format!("value {}", reading.code))
    });
    Ok(ReadList {
        key,
        url,
        form,
        version,
        dated,
        sha256: hex::encode(Sha256::digest(&response.body)),
        bytes: response.body,
        as_of: dates.as_of,
        valid_until: dates.valid_until,
        value,
    })
}

async fn fetch(url: Url, form: Form, tools: &Tools<'_>) -> Result<FetchResponse, CheckOutcome> {
    let accept = match form {
        Form::Credential => {
            "application/vc+ld+json, application/vc, application/ld+json;q=0.9, application/json;q=0.8"
        }
        Form::Token => "application/statuslist+jwt",
    };
    let request = FetchRequest::get(url).accept(accept).max_bytes(MAX_LIST_BYTES);
    let response = tools.fetch.fetch(request).await.map_err(|error| from_fetch(&error))?;
    if response.status != 200 {
        return Err(CheckOutcome::inconclusive(
            Code::StatusUnavailable,
            format!("http_{}", response.status),
        ));
    }
    Ok(response)
}

type Read = (Value, Result<StatusReading, StatusError>);

async fn read_credential(
    entry: &StatusEntry,
    response: &FetchResponse,
    issuer: &Did,
    tools: &Tools<'_>,
    now: Moment,
) -> Result<Read, CheckOutcome> {
    let limits = Limits { max_bytes: MAX_LIST_BYTES, max_depth: 32 };
    let document = parse_strict(&response.body, &limits)
        .map_err(|error| CheckOutcome::inconclusive(Code::StatusMalformed, error.to_string()))?;
    same_issuer(document.get("issuer").and_then(id_of), issuer)?;
    if document.get("id").and_then(Value::as_str) != Some(entry.list.as_str()) {
        return Err(CheckOutcome::inconclusive(Code::StatusMalformed, "the list has another id"));
    }
    let methods = data_integrity::verification_methods(&document)
        .map_err(|error| bad_proof(&proof::from_proof(&error)))?;
    let keys =
        proof::issuer_keys(&methods, issuer, tools.resolver).await.map_err(|e| bad_proof(&e))?;
    data_integrity::verify(&document, &Expected::credential(Some(issuer), now), &keys.ring)
        .map_err(|error| bad_proof(&proof::from_proof(&error)))?;
    if !has_purpose(&document, &entry.purpose) {
        return Err(CheckOutcome::inconclusive(Code::StatusPurpose, ""));
    }
    let reading = even_if_stale(now, |moment| status_lists::read(entry, &document, moment));
    Ok((document, reading))
}

async fn read_token(
    entry: &StatusEntry,
    response: &FetchResponse,
    issuer: &Did,
    tools: &Tools<'_>,
    now: Moment,
) -> Result<Read, CheckOutcome> {
    let malformed = |detail: &str| CheckOutcome::inconclusive(Code::StatusMalformed, detail);
    let text = std::str::from_utf8(&response.body).map_err(|_| malformed("not a token"))?;
    let token = CompactJws::parse(text.trim())
        .map_err(|error| CheckOutcome::inconclusive(Code::StatusMalformed, error.to_string()))?;
    let payload = token
        .payload_json()
        .map_err(|error| CheckOutcome::inconclusive(Code::StatusMalformed, error.to_string()))?;
    if let Some(stated) = payload.get("iss").and_then(Value::as_str) {
        same_issuer(Some(stated), issuer)?;
    }
    if payload.get("sub").and_then(Value::as_str) != Some(entry.list.as_str()) {
        return Err(malformed("the list has another subject"));
    }
    let method = token
        .kid()
        .and_then(|kid| DidUrl::parse(kid).ok())
        .ok_or_else(|| CheckOutcome::inconclusive(Code::StatusProofInvalid, "no kid"))?;
    same_issuer(Some(method.did().as_str()), issuer)?;
    let keys = proof::issuer_keys(std::slice::from_ref(&method), issuer, tools.resolver)
        .await
        .map_err(|e| bad_proof(&e))?;
    let usable = keys.ring.get(&method).filter(|key| {
        key.is_listed_for(credential_model::did::ProofPurpose::AssertionMethod)
            && key.is_usable_at(now)
            && key.controller == *issuer
    });
    let key = usable.ok_or_else(|| {
        CheckOutcome::inconclusive(Code::StatusProofInvalid, "the key may not sign lists")
    })?;
    jose::verify(&token, &key.key, &[TOKEN_TYP])
        .map_err(|error| bad_proof(&proof::from_jose(&error)))?;
    let reading = even_if_stale(now, |moment| status_lists::read_token(entry, &payload, moment));
    Ok((payload, reading))
}

/// Reads an outdated list as of its last moment: "revoked" in it still holds, and everything
/// else is judged stale by the caller.
fn even_if_stale(
    now: Moment,
    read: impl Fn(Moment) -> Result<StatusReading, StatusError>,
) -> Result<StatusReading, StatusError> {
    match read(now) {
        Err(StatusError::Stale(until)) => read(until),
        other => other,
    }
}

fn has_purpose(list: &Value, wanted: &str) -> bool {
    match list.pointer("/credentialSubject/statusPurpose") {
        Some(Value::Array(purposes)) => purposes.iter().any(|one| one.as_str() == Some(wanted)),
        Some(one) => one.as_str() == Some(wanted),
        None => false,
    }
}

fn id_of(issuer: &Value) -> Option<&str> {
    issuer.as_str().or_else(|| issuer.get("id").and_then(Value::as_str))
}

fn same_issuer(stated: Option<&str>, issuer: &Did) -> Result<(), CheckOutcome> {
    if stated == Some(issuer.as_str()) {
        Ok(())
    } else {
        Err(CheckOutcome::inconclusive(
            Code::StatusForeignIssuer,
            "the list is not by the credential's issuer",
        ))
    }
}

/// A list that nobody can trust says nothing about the credential: never `failed`.
fn bad_proof(outcome: &CheckOutcome) -> CheckOutcome {
    let code = match outcome {
        CheckOutcome::Failed(_) => Code::StatusProofInvalid,
        _ => Code::StatusProofUnchecked,
    };
    let detail = match outcome.detail() {
        Some(detail) => format!("{}: {detail}", outcome.code()),
        None => outcome.code().to_string(),
    };
    CheckOutcome::inconclusive(code, detail)
}

fn from_fetch(error: &FetchError) -> CheckOutcome {
    let code = match error {
        FetchError::TooLarge { .. } => Code::StatusTooLarge,
        error if error.is_refusal() => Code::StatusAddressRefused,
        _ => Code::StatusUnavailable,
    };
    CheckOutcome::inconclusive(code, error.code())
}

/// Reading errors by their stable codes (Bitstring Status List 1.0 section 3.2 and ours).
fn from_status(error: &StatusError) -> CheckOutcome {
    let code = match error {
        StatusError::TooLarge => Code::StatusTooLarge,
        StatusError::OutOfRange { .. } => Code::StatusOutOfRange,
        StatusError::Stale(_) => Code::StatusStale,
        _ => Code::StatusMalformed,
    };
    CheckOutcome::inconclusive(code, error.to_string())
}

struct Dates {
    as_of: Moment,
    valid_until: Option<Moment>,
}

impl Dates {
    fn of(document: &Value, form: Form) -> Result<Self, CheckOutcome> {
        let text = |name: &str| {
            document.get(name).and_then(Value::as_str).and_then(|text| Moment::parse(text).ok())
        };
        let seconds =
            |name: &str| document.get(name).and_then(Value::as_i64).map(Moment::from_unix);
        let (as_of, valid_until) = match form {
            Form::Credential => (text("validFrom"), text("validUntil")),
            Form::Token => (seconds("iat"), seconds("exp")),
        };
        let as_of = as_of.ok_or_else(|| {
            CheckOutcome::inconclusive(Code::StatusMalformed, "the list has no date")
        })?;
        Ok(Dates { as_of, valid_until })
    }
}
