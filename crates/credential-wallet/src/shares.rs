//! Links that the holder controls: a credential sealed under a key that is in the link's fragment
//! alone, left in a desk's mailbox until it ends or is withdrawn.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential_model::ambient::random_token;
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use credential_proofs::sd_jwt::SdJwt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signing_keys::link_seal;
use url::Url;
use web_fetch::FetchRequest;

use crate::claims::dotted;
use crate::http::{Answer, Rejection, TransportError, exchange, json_body};
use crate::ledger::{Draft, LedgerError};
use crate::records::{HeldCredential, RECORD_VERSION};
use crate::store::Shelf;
use crate::wallet::Wallet;

const WHAT: &str = "shared link";

/// How a share stands, as far as this wallet knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareState {
    /// Written before the network is touched: the desk may or may not have it.
    Sending,
    /// The desk keeps it.
    Open,
    /// The holder withdrew it, and the desk erased it.
    Withdrawn,
}

/// A link as the wallet keeps it, sealed like everything.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareRecord {
    /// [`RECORD_VERSION`].
    pub v: u32,
    /// Time-ordered id of this record.
    pub id: String,
    /// The id in the link.
    pub share: String,
    /// Origin of the desk that keeps it.
    pub desk: String,
    /// The whole link, key included.
    pub link: String,
    /// Withdraws and counts.
    pub token: String,
    /// The credential's record id.
    pub credential: String,
    /// For whom, in the holder's words; never sent.
    pub purpose: String,
    /// When it was made.
    pub made: Moment,
    /// The last moment at which it opens.
    pub expires: Moment,
    /// Paths of what it discloses, dotted; empty for everything.
    pub claims: Vec<String>,
    /// How it stands.
    pub state: ShareState,
}

impl std::fmt::Debug for ShareRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShareRecord").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a desk knows of a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Openings {
    /// How often the box was handed out.
    pub count: u64,
    /// When last.
    pub last: Option<Moment>,
}

/// Why a link was not made, counted or withdrawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// A claim that this credential cannot disclose by itself.
    #[error("{0}")]
    UnknownClaim(String),
    /// Only an SD-JWT hides claims.
    #[error("this credential's format cannot hide a part of it")]
    OnlyWhole,
    /// It could not be built.
    #[error("the share could not be made: {0}")]
    Build(String),
    /// No such share in this wallet.
    #[error("no such shared link")]
    Unknown,
    /// The desk no longer has it.
    #[error("the desk no longer has it")]
    Gone,
    /// The desk refused it.
    #[error("the desk refused: {0}")]
    Refused(String),
    /// The desk could not be asked.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The wallet's memory.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl ShareError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownClaim(_) => "share_unknown_claim",
            Self::OnlyWhole => "share_only_whole",
            Self::Build(_) => "share_build",
            Self::Unknown => "share_unknown",
            Self::Gone => "share_gone",
            Self::Refused(_) => "share_refused",
            Self::Transport(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}

/// What is bound into the ciphertext: another id or another end does not open.
fn bound(share: &str, expires: Moment) -> String {
    format!("sinpyo-share-1\n{share}\n{expires}")
}

impl Wallet {
    /// What of a credential can be left out, as dotted paths; empty when nothing can.
    pub fn optional_claims(held: &HeldCredential) -> Vec<String> {
        let token = held.next_copy().and_then(|(_, copy)| SdJwt::parse(copy.wire.as_str()?).ok());
        token.map_or_else(Vec::new, |token| {
            token.disclosable_paths().iter().map(|path| dotted(path)).collect()
        })
    }

    /// Makes a link to `desk`, and leaves the sealed credential there. `claims` are dotted paths
    /// to disclose; all when empty.
    ///
    /// # Errors
    /// [`ShareError`]. After a failure of the network the record stays, so that it can be
    /// withdrawn: the desk may have it.
    pub async fn share(
        &self,
        held: &HeldCredential,
        desk: &Url,
        claims: &[String],
        purpose: &str,
        expires: Moment,
    ) -> Result<ShareRecord, ShareError> {
        let plain = document(held, claims)?;
        let mut id = [0; 16];
        self.parts.entropy.fill(&mut id);
        let share = URL_SAFE_NO_PAD.encode(id);
        let sealed = link_seal::seal(
            plain.as_bytes(),
            bound(&share, expires).as_bytes(),
            &*self.parts.entropy,
        )
        .ok_or_else(|| ShareError::Build("too long".to_owned()))?;
        let mut link = place(desk, &format!("s/{share}"))?;
        link.set_fragment(Some(&URL_SAFE_NO_PAD.encode(sealed.key)));
        let mut record = ShareRecord {
            v: RECORD_VERSION,
            id: self.new_id(),
            share,
            desk: desk.origin().ascii_serialization(),
            link: link.into(),
            token: random_token(&*self.parts.entropy),
            credential: held.id.clone(),
            purpose: purpose.to_owned(),
            made: self.now(),
            expires,
            claims: claims.to_vec(),
            state: ShareState::Sending,
        };
        self.put(Shelf::Shares, &record.id, &record)?;
        let digest = Sha256::digest(record.token.as_bytes());
        let token_sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = json!({
            "id": record.share, "expires": expires.to_string(),
            "box": URL_SAFE_NO_PAD.encode(&sealed.sealed), "token_sha256": token_sha256,
        });
        match self.post_to_desk(desk, "shares", &body).await? {
            Ok(_) => {}
            Err(rejection) => {
                // The desk has nothing, so there is nothing to remember.
                self.parts.ledger.commit(vec![Draft::delete(Shelf::Shares, &record.id)])?;
                let why = rejection.description.unwrap_or(rejection.error);
                return Err(ShareError::Refused(format!("{} {why}", rejection.status)));
            }
        }
        record.state = ShareState::Open;
        self.put(Shelf::Shares, &record.id, &record)?;
        Ok(record)
    }

    /// Every link made, oldest first.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn shares(&self) -> Result<Vec<ShareRecord>, LedgerError> {
        self.parts.ledger.list(Shelf::Shares)
    }

    /// How often it was opened, as its desk says.
    ///
    /// # Errors
    /// [`ShareError::Gone`] when the desk no longer has it.
    pub async fn openings(&self, record: &ShareRecord) -> Result<Openings, ShareError> {
        let said = self.told(record, "state").await?;
        let count = said.get("openings").and_then(Value::as_u64);
        let count = count.ok_or_else(|| ShareError::Refused("no count".to_owned()))?;
        let last = said.get("last_opened").and_then(Value::as_str);
        Ok(Openings { count, last: last.and_then(|text| Moment::parse(text).ok()) })
    }

    /// Has the desk erase it. `which` is the id in the link, its beginning, or the link itself.
    ///
    /// # Errors
    /// [`ShareError`]; one that is gone already counts as withdrawn.
    pub async fn withdraw(&self, which: &str) -> Result<ShareRecord, ShareError> {
        let mut fitting = self
            .shares()?
            .into_iter()
            .filter(|one| one.link == which || (which.len() >= 4 && one.share.starts_with(which)));
        let (Some(mut record), None) = (fitting.next(), fitting.next()) else {
            return Err(ShareError::Unknown);
        };
        match self.told(&record, "withdraw").await {
            Ok(_) | Err(ShareError::Gone) => {}
            Err(error) => return Err(error),
        }
        record.state = ShareState::Withdrawn;
        self.put(Shelf::Shares, &record.id, &record)?;
        Ok(record)
    }

    async fn told(&self, record: &ShareRecord, what: &str) -> Result<Value, ShareError> {
        let desk = Url::parse(&record.desk).map_err(|_| TransportError::Url { what: WHAT })?;
        let path = format!("shares/{}/{what}", record.share);
        match self.post_to_desk(&desk, &path, &json!({"token": record.token})).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(rejection)) => Err(ShareError::Refused(rejection.status.to_string())),
            Err(TransportError::Status { status: 404, .. }) => Err(ShareError::Gone),
            Err(error) => Err(error.into()),
        }
    }

    async fn post_to_desk(
        &self,
        desk: &Url,
        path: &str,
        body: &Value,
    ) -> Result<Result<Value, Rejection>, TransportError> {
        let request = FetchRequest::post_json(place(desk, path)?, body.to_string().as_bytes())
            .accept("application/json");
        match exchange(&*self.parts.fetch, request, WHAT).await? {
            Answer::Success(response) => json_body(&response, WHAT).map(Ok),
            Answer::Rejected(rejection) => Ok(Err(rejection)),
        }
    }
}

fn place(desk: &Url, path: &str) -> Result<Url, TransportError> {
    desk.join(&format!("/{path}")).map_err(|_| TransportError::Url { what: WHAT })
}

/// The credential as it will be seen, with only what the holder chose.
fn document(held: &HeldCredential, claims: &[String]) -> Result<String, ShareError> {
    let damaged = || ShareError::Build("the copy cannot be read".to_owned());
    let (_, copy) = held.next_copy().ok_or_else(damaged)?;
    let whole = || copy.wire.as_str().map_or_else(|| copy.wire.to_string(), str::to_owned);
    if claims.is_empty() {
        return Ok(whole());
    }
    if held.format != CredentialFormat::SdJwtVc.as_str() {
        return Err(ShareError::OnlyWhole);
    }
    let failed =
        |error: credential_proofs::sd_jwt::SdJwtError| ShareError::Build(error.to_string());
    let token = SdJwt::parse(copy.wire.as_str().ok_or_else(damaged)?).map_err(failed)?;
    let mut paths = Vec::with_capacity(claims.len());
    for claim in claims {
        let path = token.disclosable_paths().iter().find(|path| dotted(path) == *claim);
        paths.push(path.ok_or_else(|| ShareError::UnknownClaim(claim.clone()))?.clone());
    }
    Ok(token.select(&paths).map_err(failed)?.as_str().to_owned())
}
