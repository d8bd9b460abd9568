//! Evidence that travels: the issuer's staple for a held credential, fetched while it can be had
//! and kept beside the signed copy, never inside it.
//!
//! Only the issuer that the credential came from is asked: it knows the holder already, and nobody
//! else learns what is held. What it answers is not believed here; whoever verifies checks it
//! against a chain of their own choosing.

use chain_anchors::{MAX_STAPLE_BYTES, Staple, StapleError};
use credential_model::credential::UnverifiedCredential;
use credential_model::format::CredentialFormat;
use credential_model::json::{Limits, parse_strict};
use serde_json::Value;
use status_lists::{StatusEntry, StatusError};
use url::Url;
use web_fetch::FetchRequest;

use crate::http::{TransportError, expect_media_type, foreign_text};
use crate::ledger::LedgerError;
use crate::records::{HeldCopy, HeldCredential, HeldEvidence, readable_claims};
use crate::store::Shelf;
use crate::wallet::Wallet;

const WHAT: &str = "evidence";
/// JSON around lists in text form: quotation marks double.
const MAX_ANSWER_BYTES: usize = 2 * MAX_STAPLE_BYTES;
const MAX_DEPTH: usize = 32;

/// Why there is no evidence for a copy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The credential names no status list, so the issuer has no place to keep evidence at.
    #[error("the credential has no status entry")]
    NoStatus,
    /// Its status entry cannot be read.
    #[error("the credential's status entry cannot be read: {0}")]
    Status(#[from] StatusError),
    /// The list is with somebody else than the issuer it came from.
    #[error("the status list is not at the issuer's own address")]
    ForeignOrigin,
    /// The issuer has none for this credential.
    #[error("the issuer has no evidence for this credential")]
    NotThere,
    /// It could not be fetched.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// What came is no staple of this credential.
    #[error("the evidence does not belong to this credential: {0}")]
    Staple(#[from] StapleError),
    /// A damaged record.
    #[error("the held copy cannot be read")]
    Unreadable,
    /// The wallet's memory.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl EvidenceError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoStatus => "evidence_no_status",
            Self::Status(_) => "evidence_status_unreadable",
            Self::ForeignOrigin => "evidence_foreign_origin",
            Self::NotThere => "evidence_not_there",
            Self::Transport(error) => error.code(),
            Self::Staple(error) => error.code(),
            Self::Unreadable => "evidence_copy_unreadable",
            Self::Ledger(error) => error.code(),
        }
    }
}

/// What an attempt brought for one credential.
#[derive(Debug, Default)]
pub struct EvidenceFetched {
    /// Copies that have new or renewed evidence now.
    pub renewed: usize,
    /// Copies whose older evidence proves more than what the issuer gives now; it was kept.
    pub kept: usize,
    /// What went wrong, a line for each copy.
    pub failed: Vec<EvidenceError>,
}

impl Wallet {
    /// Asks the issuer for the evidence of every copy and keeps what comes. Copies are
    /// independent: what fails for one does not stop the others.
    ///
    /// # Errors
    /// [`LedgerError`] when the wallet's own memory fails.
    pub async fn fetch_evidence(&self, id: &str) -> Result<EvidenceFetched, LedgerError> {
        let mut done = EvidenceFetched::default();
        let Some(mut held) = self.parts.ledger.get::<HeldCredential>(Shelf::Credentials, id)?
        else {
            return Ok(done);
        };
        let source = held.source.clone();
        for copy in &mut held.copies {
            match self.staple_of(copy, &source).await {
                Ok(staple) if proves_less(&staple, copy.evidence.as_ref()) => done.kept += 1,
                Ok(staple) => {
                    copy.evidence = Some(HeldEvidence { fetched_at: self.now(), staple });
                    done.renewed += 1;
                }
                Err(error) => {
                    tracing::info!(credential = %held.id, code = error.code(), "no evidence");
                    done.failed.push(error);
                }
            }
        }
        if done.renewed > 0 {
            self.put(Shelf::Credentials, id, &held)?;
        }
        Ok(done)
    }

    async fn staple_of(&self, copy: &HeldCopy, source: &str) -> Result<Staple, EvidenceError> {
        let credential = copy.credential().ok_or(EvidenceError::Unreadable)?;
        let url = evidence_url(&credential, source)?;
        let request = FetchRequest::get(url).accept("application/json").max_bytes(MAX_ANSWER_BYTES);
        let fetched = self.parts.fetch.fetch(request).await;
        let response = fetched.map_err(|source| TransportError::Fetch { what: WHAT, source })?;
        match response.status {
            200 => {}
            404 => return Err(EvidenceError::NotThere),
            status => return Err(TransportError::Status { what: WHAT, status }.into()),
        }
        expect_media_type(&response, "application/json", WHAT)?;
        let malformed = |reason: String| TransportError::Json { what: WHAT, reason };
        let limits = Limits { max_bytes: MAX_ANSWER_BYTES, max_depth: MAX_DEPTH };
        let json =
            parse_strict(&response.body, &limits).map_err(|error| malformed(error.to_string()))?;
        let staple: Staple = serde_json::from_value(json)
            .map_err(|error| malformed(foreign_text(&error.to_string())))?;
        staple.check(&credential.digest())?;
        Ok(staple)
    }
}

/// A staple without the proof of issuance must not replace one that has it: the chain keeps the
/// newest epoch only, so that proof may never be had again.
fn proves_less(new: &Staple, old: Option<&HeldEvidence>) -> bool {
    old.is_some_and(|old| {
        (old.staple.issuance.is_some() && new.issuance.is_none())
            || (!old.staple.chain.is_empty() && new.chain.is_empty())
    })
}

/// `{list}/{index}/evidence/{SHA-256 of the credential as issued}`.
fn evidence_url(credential: &UnverifiedCredential, source: &str) -> Result<Url, EvidenceError> {
    let entry = status_entry(credential)?;
    let bad = |_| TransportError::Url { what: WHAT };
    let mut url = Url::parse(&entry.list).map_err(bad)?;
    let own = Url::parse(source).map_err(bad)?;
    if url.origin() != own.origin() || !url.origin().is_tuple() {
        return Err(EvidenceError::ForeignOrigin);
    }
    let index = entry.index.to_string();
    let digest = hex(&credential.digest());
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut()
        .map_err(|()| TransportError::Url { what: WHAT })?
        .pop_if_empty()
        .extend([index.as_str(), "evidence", &digest]);
    Ok(url)
}

fn status_entry(credential: &UnverifiedCredential) -> Result<StatusEntry, EvidenceError> {
    let claims = readable_claims(credential);
    let entry = if credential.format == CredentialFormat::SdJwtVc {
        StatusEntry::from_token_status(&claims)?
    } else {
        match claims.get("credentialStatus") {
            None | Some(Value::Null) => None,
            Some(status) => StatusEntry::from_credential_status(status)?.into_iter().next(),
        }
    };
    entry.ok_or(EvidenceError::NoStatus)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
