//! Accepting an offer: OID4VCI 1.0, pre-authorized code flow.
//!
//! 1. [`Wallet::read_offer`] reads the link and the issuer's metadata; nothing is used up.
//! 2. The holder looks at the [`OfferView`] and agrees.
//! 3. [`Wallet::begin`] writes a session; from here on nothing is lost.
//! 4. [`Wallet::drive`] takes the session as far as it goes; after a crash, a dead network
//!    or a 202 it is called again.

pub(crate) mod binding;
mod encryption;
mod error;
mod exchange;
mod items;
pub(crate) mod metadata;
pub(crate) mod receive;
pub mod session;
mod store_received;

use std::collections::BTreeMap;

use credential_model::moment::Moment;
use openid4vc_messages::{CredentialOffer, CredentialOfferUri, InputMode, TxCode};
use serde::Serialize;
use serde_json::Value;

pub use error::AcceptError;
pub use receive::ReceiveError;
use session::{AcceptSession, FailedItem, ItemStage, Stage, link_fingerprint, offer_fingerprint};

use crate::http::{self, foreign_text};
use crate::store::Shelf;
use crate::wallet::Wallet;

/// One credential of an offer, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfferedCredential {
    /// The credential configuration.
    pub configuration_id: String,
    /// Its format.
    pub format: String,
    /// Its names by language tag.
    pub names: BTreeMap<String, String>,
}

/// What the transaction code must look like, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TxCodeView {
    /// Digits only.
    pub numeric: bool,
    /// How many characters.
    pub length: Option<u32>,
    /// Where to find it, in the issuer's words.
    pub description: Option<String>,
}

/// What the holder decides on: who offers what.
#[derive(Debug, Clone, Serialize)]
pub struct OfferView {
    /// The credential issuer identifier.
    pub issuer: String,
    /// The issuer's own names by language tag. Self-stated.
    pub issuer_names: BTreeMap<String, String>,
    /// What is offered.
    pub credentials: Vec<OfferedCredential>,
    /// Present when a transaction code is asked for.
    pub tx_code: Option<TxCodeView>,
    #[serde(skip)]
    offer: CredentialOffer,
    #[serde(skip)]
    link: String,
}

/// One configuration that the issuer still works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeferredItem {
    /// The credential configuration.
    pub configuration_id: String,
    /// Not to be asked before.
    pub not_before: Moment,
}

/// How far a session got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcceptOutcome {
    /// The session.
    pub session: String,
    /// Ids of the credentials stored so far.
    pub credentials: Vec<String>,
    /// What the issuer still works on: resume later.
    pub deferred: Vec<DeferredItem>,
    /// What was not received, and why.
    pub failed: Vec<FailedItem>,
    /// Stored, but the issuer could not be told: resume tells it again.
    pub unacknowledged: u64,
}

impl AcceptOutcome {
    /// Whether the session is through.
    pub fn is_complete(&self) -> bool {
        self.deferred.is_empty() && self.unacknowledged == 0
    }
}

impl Wallet {
    /// Reads an offer: `openid-credential-offer://…` by value or by reference, or the https
    /// link of a QR code that leads to one. Uses nothing up.
    ///
    /// # Errors
    /// [`AcceptError`]; [`AcceptError::AlreadyAccepted`] before anything is fetched when
    /// this very link was accepted before.
    pub async fn read_offer(&self, link: &str) -> Result<OfferView, AcceptError> {
        let link = link.trim();
        self.refuse_twice(|session| session.link_fingerprint == link_fingerprint(link))?;
        let fetch = &*self.parts.fetch;
        let offer = self.fetch_offer(link).await?;
        self.refuse_twice(|session| session.offer_fingerprint == offer_fingerprint(&offer))?;
        let grant = offer.pre_authorized_code().ok_or(AcceptError::GrantNotSupported)?;
        let tx_code = grant.tx_code.as_ref().map(tx_code_view);
        let metadata = metadata::issuer(fetch, &offer.credential_issuer).await?;
        let credentials = offer
            .credential_configuration_ids
            .iter()
            .map(|id| {
                let configuration = metadata::configuration(&metadata, id)?;
                binding::choose(configuration)?;
                Ok(OfferedCredential {
                    configuration_id: id.clone(),
                    format: configuration.format.clone(),
                    names: metadata::configuration_names(configuration),
                })
            })
            .collect::<Result<Vec<_>, AcceptError>>()?;
        Ok(OfferView {
            issuer: offer.credential_issuer.clone(),
            issuer_names: metadata::names(metadata.display.as_deref()),
            credentials,
            tx_code,
            offer,
            link: link.to_owned(),
        })
    }

    /// The holder agreed: writes the session and returns its id. The same offer gives the
    /// same session while it is open.
    ///
    /// # Errors
    /// [`AcceptError::AlreadyAccepted`], [`AcceptError::OfferSpent`] or the wallet's memory.
    pub fn begin(&self, view: &OfferView) -> Result<String, AcceptError> {
        let fingerprint = offer_fingerprint(&view.offer);
        self.refuse_twice(|session| session.offer_fingerprint == fingerprint)?;
        let open = self.open_sessions()?;
        if let Some(session) =
            open.into_iter().find(|session| session.offer_fingerprint == fingerprint)
        {
            return Ok(session.id);
        }
        let session = AcceptSession::new(self.new_id(), self.now(), view.offer.clone(), &view.link);
        self.put(Shelf::Sessions, &session.id, &session)?;
        tracing::info!(session = %session.id, "offer accepted by the holder");
        Ok(session.id)
    }

    /// Sessions that are not through, oldest first.
    ///
    /// # Errors
    /// The wallet's memory.
    pub fn open_sessions(&self) -> Result<Vec<AcceptSession>, AcceptError> {
        let mut sessions: Vec<AcceptSession> = self.parts.ledger.list(Shelf::Sessions)?;
        sessions.retain(AcceptSession::is_open);
        Ok(sessions)
    }

    /// The open session of a link that was begun before, for resuming by the same QR.
    ///
    /// # Errors
    /// The wallet's memory.
    pub fn session_of_link(&self, link: &str) -> Result<Option<AcceptSession>, AcceptError> {
        let wanted = link_fingerprint(link.trim());
        let mut open = self.open_sessions()?.into_iter();
        Ok(open.find(|session| session.link_fingerprint == wanted))
    }

    /// Whether the session's next step needs a transaction code, and how it must look.
    pub fn tx_code_of(session: &AcceptSession) -> Option<TxCodeView> {
        match &session.stage {
            Stage::Offered { offer, .. } | Stage::Redeeming { offer, .. } => {
                offer.pre_authorized_code()?.tx_code.as_ref().map(tx_code_view)
            }
            _ => None,
        }
    }

    /// Takes a session as far as it goes. Every stage is on disk before the network step
    /// that follows it, so calling again after any interruption is safe.
    ///
    /// # Errors
    /// [`AcceptError`]; see [`AcceptError::is_resumable`].
    pub async fn drive(
        &self,
        session: &str,
        tx_code: Option<&str>,
    ) -> Result<AcceptOutcome, AcceptError> {
        let mut session: AcceptSession =
            self.parts.ledger.get(Shelf::Sessions, session)?.ok_or(AcceptError::NoSuchSession)?;
        loop {
            session = match &session.stage {
                Stage::Offered { .. } | Stage::Redeeming { .. } => {
                    self.redeem(session, tx_code).await?
                }
                Stage::Authorized { .. } => {
                    let (next, outcome) = self.collect(session).await?;
                    if let Some(outcome) = outcome {
                        return Ok(outcome);
                    }
                    next
                }
                Stage::Done { credentials, failed } => {
                    return Ok(AcceptOutcome {
                        session: session.id.clone(),
                        credentials: credentials.clone(),
                        deferred: Vec::new(),
                        failed: failed.clone(),
                        unacknowledged: 0,
                    });
                }
                Stage::Failed { .. } => return Err(AcceptError::OfferSpent),
            };
        }
    }

    /// Gives up an open session, so that it no longer shows. What it stored stays.
    ///
    /// # Errors
    /// [`AcceptError::NoSuchSession`] or the wallet's memory.
    pub fn abandon(&self, session: &str) -> Result<(), AcceptError> {
        let mut session: AcceptSession =
            self.parts.ledger.get(Shelf::Sessions, session)?.ok_or(AcceptError::NoSuchSession)?;
        if session.is_open() {
            session.stage = Stage::Failed {
                code: "abandoned".to_owned(),
                detail: "given up by the holder".to_owned(),
            };
            self.put(Shelf::Sessions, &session.id, &session)?;
        }
        Ok(())
    }

    fn refuse_twice(&self, same: impl Fn(&AcceptSession) -> bool) -> Result<(), AcceptError> {
        let sessions: Vec<AcceptSession> = self.parts.ledger.list(Shelf::Sessions)?;
        for session in sessions.into_iter().filter(same) {
            match session.stage {
                // Through, but the issuer gave nothing: the code is used all the same.
                Stage::Done { credentials, .. } if credentials.is_empty() => {
                    return Err(AcceptError::OfferSpent);
                }
                Stage::Done { credentials, .. } => {
                    return Err(AcceptError::AlreadyAccepted { session: session.id, credentials });
                }
                Stage::Failed { ref code, .. } if code == "offer_spent" => {
                    return Err(AcceptError::OfferSpent);
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn fetch_offer(&self, link: &str) -> Result<CredentialOffer, AcceptError> {
        const WHAT: &str = "credential offer";
        let fetch = &*self.parts.fetch;
        let is_web = |scheme: &str| {
            link.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        let url = if is_web("https://") || is_web("http://") {
            let url = http::url(link, WHAT)?;
            let carries_offer = url
                .query_pairs()
                .any(|(name, _)| matches!(&*name, "credential_offer" | "credential_offer_uri"));
            if carries_offer {
                // A wallet's universal link: the same parameters behind an https address.
                let deep =
                    format!("openid-credential-offer://?{}", url.query().unwrap_or_default());
                match CredentialOfferUri::parse(&deep).map_err(AcceptError::Offer)? {
                    CredentialOfferUri::ByValue(offer) => return Ok(*offer),
                    CredentialOfferUri::ByReference(url) => url,
                }
            } else {
                url
            }
        } else {
            match CredentialOfferUri::parse(link).map_err(AcceptError::Offer)? {
                CredentialOfferUri::ByValue(offer) => return Ok(*offer),
                CredentialOfferUri::ByReference(url) => url,
            }
        };
        let json: Value = match http::document(fetch, url, WHAT).await {
            // An offer that was taken down was used or has run out; "not found" says nothing
            // to people.
            Err(http::TransportError::Status { status: 404 | 410, .. }) => {
                return Err(AcceptError::OfferSpent);
            }
            other => other?,
        };
        CredentialOffer::parse(&json).map_err(AcceptError::Offer)
    }
}

fn tx_code_view(code: &TxCode) -> TxCodeView {
    TxCodeView {
        numeric: code.input_mode != Some(InputMode::Text),
        length: code.length,
        description: code.description.as_deref().map(foreign_text),
    }
}

impl TxCodeView {
    /// Checks an entry before it is sent: a typing error must not cost one of the few tries.
    ///
    /// # Errors
    /// [`AcceptError::TxCodeShape`].
    pub fn check(&self, entry: &str) -> Result<(), AcceptError> {
        let length_fits = match self.length {
            Some(length) => entry.chars().count() == length as usize,
            None => !entry.is_empty(),
        };
        let characters_fit = !self.numeric || entry.chars().all(|c| c.is_ascii_digit());
        if length_fits && characters_fit {
            return Ok(());
        }
        Err(AcceptError::TxCodeShape {
            length: self.length.map_or_else(|| "?".to_owned(), |length| length.to_string()),
            kind: if self.numeric { "digits" } else { "characters" },
        })
    }
}

impl ItemStage {
    /// The stored credential, if it came to that.
    pub(crate) fn credential(&self) -> Option<&str> {
        match self {
            Self::Stored { credential, .. } | Self::Finished { credential } => Some(credential),
            _ => None,
        }
    }
}
