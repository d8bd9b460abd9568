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
    checks::{SKEW_SECONDS, keys, proof},
    codes::Code,
    evidence::Evidence,
    examine::Tools,
    grounds::Standing,
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
    pub(super) digest: [u8; 32],
    pub(super) sha256: String,
    pub(super) as_of: Moment,
    pub(super) valid_until: Option<Moment>,
    pub(super) value: Result<StatusValue, CheckOutcome>,
    /// It was read from the issuer's status pack.
    pub(super) pack: Option<PackPlace>,
}

/// The epoch of the pack that a list was read from.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackPlace {
    pub(super) epoch: u64,
    /// When the block was made that is proven to commit to the pack.
    pub(super) anchored: Option<Moment>,
}

/// What a list is read for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) entry: &'a StatusEntry,
    pub(super) form: Form,
    pub(super) issuer: &'a Did,
    /// The moment whose state is asked for.
    pub(super) at: Moment,
    /// The present moment.
    pub(super) now: Moment,
}

impl Wanted<'_> {
    /// Under which the newest version is remembered, and the id of its anchored leaf.
    pub(super) fn key(&self) -> String {
        match self.form {
            Form::Credential => self.entry.list.clone(),
            Form::Token => chain_anchors::token_list_id(&self.entry.list),
        }
    }

    pub(super) fn url(&self) -> Result<Url, CheckOutcome> {
        Url::parse(&self.entry.list)
            .map_err(|_| CheckOutcome::inconclusive(Code::StatusEntryMalformed, "no URL"))
    }
}

/// The newest list that can be had: from its address, or attached, or (where it is withheld) from
/// a mirror by the digest that the chain commits to, or else what the issuer's status pack says of it.
pub(super) async fn obtain(
    wanted: &Wanted<'_>,
    pack: Option<Result<ReadList, CheckOutcome>>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<ReadList, CheckOutcome> {
    match (fetched(wanted, tools, evidence).await, pack) {
        // The issuer signed that there is a newer list than the one that was served.
        (Ok(list), Some(Ok(pack))) if pack.version > list.version => Ok(pack),
        // It signed two lists under one version. (A pack does not name the token form.)
        (Ok(list), Some(Ok(pack)))
            if pack.version == list.version
                && list.form == Form::Credential
                && pack.digest != list.digest
                && !list.dated =>
        {
            let detail = format!("list and status pack differ in version {}", list.version);
            Err(CheckOutcome::inconclusive(Code::StatusEquivocated, detail))
        }
        (Ok(list), _) => Ok(list),
        (Err(_), Some(Ok(pack))) => Ok(pack),
        // "We are offline" explains less than what is wrong with the pack at hand.
        (Err(complaint), Some(Err(of_pack))) if complaint.code() == Code::StatusOffline => {
            Err(of_pack)
        }
        (Err(complaint), _) => Err(complaint),
    }
}

async fn fetched(
    wanted: &Wanted<'_>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<ReadList, CheckOutcome> {
    let served = serve(wanted, tools, evidence).await;
    let attached = match evidence.lists(&wanted.key()).pop() {
        Some(stapled) => {
            let anchored = Some(Moment::from_unix(stapled.head.time));
            read(wanted, stapled.text.as_bytes(), anchored, tools, evidence).await.ok()
        }
        None => None,
    };
    match (served, attached) {
        // Whoever presents may hold a newer list than an idle or dishonest host serves.
        (Ok(served), Some(attached)) if attached.version > served.version => Ok(attached),
        (Ok(served), _) => Ok(served),
        (Err(_), Some(attached)) => Ok(attached),
        (Err(complaint), None) if is_withheld(&complaint) => {
            super::history::from_mirror(wanted, tools, evidence).await.ok_or(complaint)
        }
        (Err(complaint), None) => Err(complaint),
    }
}

fn is_withheld(complaint: &CheckOutcome) -> bool {
    !matches!(
        complaint.code(),
        Code::StatusOffline | Code::ClockBehind | Code::StatusEntryMalformed
    )
}

async fn serve(
    wanted: &Wanted<'_>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<ReadList, CheckOutcome> {
    let url = wanted.url()?;
    if tools.offline {
        return Err(CheckOutcome::inconclusive(Code::StatusOffline, ""));
    }
    let response = fetch(url, wanted.form, tools).await?;
    read(wanted, &response.body, None, tools, evidence).await
}

/// Verifies and reads a list. `anchored` is the time of the block that commits to these bytes,
/// where it is known: it makes up for a signing key that was stolen later.
pub(super) async fn read(
    wanted: &Wanted<'_>,
    bytes: &[u8],
    anchored: Option<Moment>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<ReadList, CheckOutcome> {
    let reader = Reader { wanted, anchored, tools, evidence };
    let (document, reading) = match wanted.form {
        Form::Credential => reader.credential(bytes).await?,
        Form::Token => reader.token(bytes).await?,
    };
    let dates = Dates::of(&document, wanted.form)?;
    if dates.as_of > wanted.at.plus_seconds(SKEW_SECONDS) {
        let code =
            if wanted.at == wanted.now { Code::ClockBehind } else { Code::StatusOtherMoment };
        let detail = format!("the list dates from {}", dates.as_of);
        return Err(CheckOutcome::inconclusive(code, detail));
    }
    let reading = reading.map_err(|error| from_status(&error))?;
    // A list without a version of ours is ordered by its date.
    let dated = reading.version.is_none();
    let version = reading.version.unwrap_or_else(|| u64::try_from(dates.as_of.unix()).unwrap_or(0));
    let value = reading.value.ok_or_else(|| {
        CheckOutcome::inconclusive(Code::StatusValueUnknown, format!("value {}", reading.code))
    });
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    Ok(ReadList {
        key: wanted.key(),
        url: wanted.url()?,
        form: wanted.form,
        version,
        dated,
        sha256: hex::encode(digest),
        digest,
        as_of: dates.as_of,
        valid_until: dates.valid_until,
        value,
        pack: None,
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

struct Reader<'a, 'w, 't, 'e> {
    wanted: &'a Wanted<'w>,
    anchored: Option<Moment>,
    tools: &'a Tools<'t>,
    evidence: &'a Evidence<'e>,
}

impl Reader<'_, '_, '_, '_> {
    async fn credential(&self, bytes: &[u8]) -> Result<Read, CheckOutcome> {
        let Wanted { entry, issuer, at, now, .. } = *self.wanted;
        let limits = Limits { max_bytes: MAX_LIST_BYTES, max_depth: 32 };
        let document = parse_strict(bytes, &limits).map_err(|error| {
            CheckOutcome::inconclusive(Code::StatusMalformed, error.to_string())
        })?;
        same_issuer(document.get("issuer").and_then(id_of), issuer)?;
        if document.get("id").and_then(Value::as_str) != Some(entry.list.as_str()) {
            return Err(CheckOutcome::inconclusive(
                Code::StatusMalformed,
                "the list has another id",
            ));
        }
        let methods = data_integrity::verification_methods(&document)
            .map_err(|error| bad_proof(&proof::from_proof(&error)))?;
        let keys = self.keys(&methods).await?;
        let expected = Expected::credential(Some(issuer), now);
        if let Err(error) = data_integrity::verify(&document, &expected, &keys) {
            if matches!(error, data_integrity::ProofError::FromFuture) {
                return Err(CheckOutcome::inconclusive(Code::ClockBehind, "a list of the future"));
            }
            return Err(bad_proof(&proof::from_proof(&error)));
        }
        if !has_purpose(&document, &entry.purpose) {
            return Err(CheckOutcome::inconclusive(Code::StatusPurpose, ""));
        }
        let reading = even_if_stale(at, |moment| status_lists::read(entry, &document, moment));
        Ok((document, reading))
    }

    async fn token(&self, bytes: &[u8]) -> Result<Read, CheckOutcome> {
        let Wanted { entry, issuer, at, now, .. } = *self.wanted;
        let malformed = |detail: &str| CheckOutcome::inconclusive(Code::StatusMalformed, detail);
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("not a token"))?;
        let token =
            CompactJws::parse(text.trim()).map_err(|error| malformed(&error.to_string()))?;
        let payload = token.payload_json().map_err(|error| malformed(&error.to_string()))?;
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
        let keys = self.keys(std::slice::from_ref(&method)).await?;
        let usable = keys.get(&method).filter(|key| {
            key.is_listed_for(credential_model::did::ProofPurpose::AssertionMethod)
                && key.is_usable_at(now)
                && key.controller == *issuer
        });
        let key = usable.ok_or_else(|| {
            CheckOutcome::inconclusive(Code::StatusProofInvalid, "the key may not sign lists")
        })?;
        jose::verify(&token, &key.key, &[TOKEN_TYP])
            .map_err(|error| bad_proof(&proof::from_jose(&error)))?;
        let reading = even_if_stale(at, |moment| status_lists::read_token(entry, &payload, moment));
        Ok((payload, reading))
    }

    /// The issuer's keys, none of them stolen before these bytes were anchored.
    async fn keys(&self, methods: &[DidUrl]) -> Result<signing_keys::KeyRing, CheckOutcome> {
        let found = keys::issuer_keys(methods, self.wanted.issuer, self.tools, self.evidence)
            .await
            .map_err(|outcome| bad_proof(&outcome))?;
        match found.standing {
            Standing::Compromised(since) if self.anchored.is_none_or(|at| at >= since) => {
                Err(CheckOutcome::inconclusive(
                    Code::StatusProofInvalid,
                    format!("the key that signed the list was stolen, since {since}"),
                ))
            }
            _ => Ok(found.ring),
        }
    }
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
pub(super) fn bad_proof(outcome: &CheckOutcome) -> CheckOutcome {
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
