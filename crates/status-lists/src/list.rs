//! The status list credential: making and reading it.

use credential_model::moment::Moment;
use serde_json::{Value, json};

use crate::bitstring::Bitstring;
use crate::entry::StatusEntry;
use crate::error::{StatusError, malformed};
use crate::value::StatusValue;

/// Our context, which defines `statusListVersion`.
pub const STATUS_LIST_CONTEXT: &str = "https://sinpyo.example/contexts/status-list/v1";

/// Clocks may differ by this many seconds before a list counts as from the future.
const SKEW_SECONDS: i64 = 60;

/// What goes into a status list credential.
#[derive(Debug, Clone, Copy)]
pub struct ListDocument<'a> {
    /// URL where the list is published; also its `id`.
    pub url: &'a str,
    /// DID of the issuer.
    pub issuer: &'a str,
    /// `statusPurpose`; `message` for ours.
    pub purpose: &'a str,
    /// The statuses.
    pub bits: &'a Bitstring,
    /// Rises by at least a second with every version.
    pub valid_from: Moment,
    /// When a newer version must be fetched.
    pub valid_until: Moment,
    /// Rises with every version.
    pub version: u64,
    /// How long a copy may be used, in milliseconds.
    pub ttl_ms: u64,
}

/// The unsigned status list credential, a VCDM 2.0 document
/// ([Bitstring Status List 1.0 §2.2](https://www.w3.org/TR/vc-bitstring-status-list/#bitstringstatuslistcredential)).
#[must_use]
pub fn list_credential(document: &ListDocument<'_>) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", STATUS_LIST_CONTEXT],
        "id": document.url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": document.issuer,
        "validFrom": document.valid_from.to_string(),
        "validUntil": document.valid_until.to_string(),
        "credentialSubject": {
            "id": format!("{}#list", document.url),
            "type": "BitstringStatusList",
            "statusPurpose": document.purpose,
            "encodedList": document.bits.encode(),
            "ttl": document.ttl_ms,
            // As text: JSON numbers beyond 2^53 and RDF number types are traps.
            "statusListVersion": document.version.to_string(),
        },
    })
}

/// What a list says about one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReading {
    /// The raw code; 0 means `valid` whatever the purpose.
    pub code: u8,
    /// The state, where code, purpose and messages say it. `None`: a code other than 0
    /// whose meaning only the list's maker knows; never take it for valid.
    pub value: Option<StatusValue>,
    /// The entry's word for the code, as the credential gives it.
    pub message: Option<String>,
    /// The list's version, in lists of ours.
    pub version: Option<u64>,
    /// When the list was made.
    pub valid_from: Option<Moment>,
    /// Until when the list may be used.
    pub valid_until: Option<Moment>,
    /// Who issued the list; the caller compares it with the credential's issuer.
    pub issuer: Option<String>,
    /// How long a copy may be used, in milliseconds.
    pub ttl_ms: Option<u64>,
}

impl StatusReading {
    /// `valid` of the standard's result: the code is 0.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.code == 0
    }
}

/// Reads one entry from a status list credential whose proof the caller has verified
/// ([Bitstring Status List 1.0 §3.2](https://www.w3.org/TR/vc-bitstring-status-list/#validate-algorithm)).
///
/// # Errors
/// See [`StatusError`]; `VerificationFailed` also when the document is another list than
/// the entry's, or for another purpose.
pub fn read(
    entry: &StatusEntry,
    list_document: &Value,
    now: Moment,
) -> Result<StatusReading, StatusError> {
    let has_type = |value: Option<&Value>, wanted: &str| match value {
        Some(Value::Array(types)) => types.iter().any(|t| t.as_str() == Some(wanted)),
        Some(one) => one.as_str() == Some(wanted),
        None => false,
    };
    if !has_type(list_document.get("type"), "BitstringStatusListCredential") {
        return Err(unverified("the document is no BitstringStatusListCredential"));
    }
    // A signed list served under another list's URL must not answer for it.
    match list_document.get("id").map(|id| id.as_str()) {
        Some(Some(id)) if id == entry.list => {}
        None => {}
        Some(_) => return Err(unverified("the document is another list than the entry names")),
    }
    let valid_from = moment(list_document, "validFrom")?;
    let valid_until = moment(list_document, "validUntil")?;
    check_times(valid_from, valid_until, now)?;

    let subject = list_document
        .get("credentialSubject")
        .and_then(Value::as_object)
        .ok_or_else(|| malformed("credentialSubject is not one object"))?;
    if !has_type(subject.get("type"), "BitstringStatusList") {
        return Err(malformed("credentialSubject is no BitstringStatusList"));
    }
    if !has_type(subject.get("statusPurpose"), &entry.purpose) {
        return Err(unverified("the list's statusPurpose is not the entry's"));
    }
    let encoded = subject
        .get("encodedList")
        .and_then(Value::as_str)
        .ok_or_else(|| malformed("encodedList is missing or not a string"))?;
    let version = match subject.get("statusListVersion") {
        None => None,
        Some(version) => Some(
            version
                .as_str()
                .and_then(|v| v.parse().ok())
                .ok_or_else(|| malformed("statusListVersion is not an integer as string"))?,
        ),
    };
    let code = Bitstring::decode(encoded, entry.size)?.get(entry.index)?;
    let message = entry.messages.get(usize::from(code)).cloned();
    Ok(StatusReading {
        code,
        value: interpret(entry, code, message.as_deref()),
        message,
        version,
        valid_from,
        valid_until,
        issuer: issuer(list_document),
        ttl_ms: subject.get("ttl").and_then(Value::as_u64),
    })
}

pub(crate) fn interpret(
    entry: &StatusEntry,
    code: u8,
    message: Option<&str>,
) -> Option<StatusValue> {
    match (code, entry.purpose.as_str()) {
        (0, _) => Some(StatusValue::Valid),
        (1, "revocation") => Some(StatusValue::Revoked),
        (1, "suspension") => Some(StatusValue::Suspended),
        // The entry is covered by the credential's signature, so its words bind.
        (_, "message") => {
            message.and_then(StatusValue::from_message).filter(|v| *v != StatusValue::Valid)
        }
        _ => None,
    }
}

pub(crate) fn check_times(
    from: Option<Moment>,
    until: Option<Moment>,
    now: Moment,
) -> Result<(), StatusError> {
    match (from, until) {
        (Some(from), _) if now.plus_seconds(SKEW_SECONDS) < from => {
            Err(StatusError::NotYetValid(from))
        }
        (_, Some(until)) if now > until => Err(StatusError::Stale(until)),
        _ => Ok(()),
    }
}

fn moment(document: &Value, name: &str) -> Result<Option<Moment>, StatusError> {
    document
        .get(name)
        .map(|value| {
            value
                .as_str()
                .and_then(|text| Moment::parse(text).ok())
                .ok_or_else(|| malformed(format!("{name} is not a date-time")))
        })
        .transpose()
}

fn issuer(document: &Value) -> Option<String> {
    let issuer = document.get("issuer")?;
    issuer.as_str().or_else(|| issuer.get("id").and_then(Value::as_str)).map(str::to_owned)
}

fn unverified(what: &str) -> StatusError {
    StatusError::VerificationFailed(what.to_owned())
}
