//! A request for a presentation and what became of it: stages that a step consumes.
//!
//! `Requested → Fetched → Answered → Shown`, or `Refused`; past its five minutes every open
//! stage counts as expired. The nonce (256 bits) belongs to one session and one answer.
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::report::{Report, Words};

pub mod request;

pub use request::{ClientIdentity, NewRequest, NewRequestError, RequestKeyName, Scheme};

/// How long a request stands.
pub const SESSION_SECONDS: i64 = 300;
/// How long a finished session is kept, so that its asker can read the report.
pub const KEEP_SECONDS: i64 = 24 * 3_600;

/// A session as stores keep it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Version of this form: 1.
    pub v: u8,
    /// Private id, known to the asker only: whoever knows it may read the report.
    pub id: String,
    /// Public id, part of `request_uri` and `response_uri`.
    pub public_id: String,
    /// Raised by one with every step.
    pub revision: u64,
    /// When it was made.
    pub created: Moment,
    /// Until when it may be answered.
    pub expires: Moment,
    /// After this moment the store may forget it.
    pub forget_after: Moment,
    /// What was asked.
    pub asked: AskedPresentation,
    /// SHA-256 of the browser's binding token (hexadecimal), once a browser opened the page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub browser: Option<String>,
    /// Made on the verifier's own page: its report is for the bound browser only.
    #[serde(default)]
    pub desk: bool,
    /// Where it stands.
    pub stage: Stage,
}

/// What was asked of the wallet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskedPresentation {
    /// The full client identifier: audience and domain of every answer.
    pub client_id: String,
    /// Where the answer goes.
    pub response_uri: String,
    /// `direct_post` or `direct_post.jwt`.
    pub response_mode: String,
    /// 256 bits, base64url.
    pub nonce: String,
    /// Echoed by the wallet.
    pub state: String,
    /// The DCQL query.
    pub query: Value,
    /// Why, in both languages.
    pub purpose: Words,
    /// Template it was made from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<String>,
    /// Wallet and browser are on one device: the report is shown only after the return.
    pub same_device: bool,
    /// Two digits shown beside the QR code and in the signed request.
    pub match_code: String,
    /// The signed request object is fetched (false: its parameters stand in the link).
    pub by_reference: bool,
    /// Private key of the encrypted response; gone with the session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub encryption_key: Option<Value>,
    /// Its public half, as the wallet gets it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub encryption_jwk: Option<Value>,
    /// Inputs of the domain check.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub domain: Option<Value>,
    /// The wallet is asked to POST for the request object.
    #[serde(default)]
    pub post: bool,
}

/// Where a session stands, with exactly that stage's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Made, not yet fetched by a wallet.
    Requested {},
    /// A wallet has the request object.
    Fetched {
        /// When.
        at: Moment,
    },
    /// A wallet answered and the report is written.
    Answered {
        /// When.
        at: Moment,
        /// The report.
        report: Box<Report>,
        /// SHA-256 of the response code (hexadecimal), same device only.
        response_code: Option<String>,
    },
    /// Same device: the browser came back and saw the report.
    Shown {
        /// When.
        at: Moment,
        /// The report.
        report: Box<Report>,
    },
    /// The wallet refused or could not answer.
    Refused {
        /// When.
        at: Moment,
        /// Its error code.
        error: String,
    },
}

/// The state a session is in at a moment, for faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Waiting for a wallet.
    Requested,
    /// A wallet has the request.
    Fetched,
    /// Answered.
    Answered,
    /// Answered and shown on the same device.
    Shown,
    /// The wallet refused.
    Refused,
    /// Nobody answered in time.
    Expired,
}

/// Why a step was not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTransition {
    /// Past its five minutes.
    #[error("the request has expired")]
    Expired,
    /// The request object was fetched before.
    #[error("the request object was already fetched")]
    AlreadyFetched,
    /// The answer came before the request object was fetched.
    #[error("the request object was never fetched")]
    NotFetched,
    /// There is an answer already.
    #[error("the request was already answered")]
    AlreadyAnswered,
    /// There is no answer yet.
    #[error("the request is not answered yet")]
    NotAnswered,
    /// The return does not come from the browser that asked, or its code is wrong.
    #[error("the return does not belong to this browser session")]
    NotThisBrowser,
}

impl InvalidTransition {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            InvalidTransition::Expired => "request_expired",
            InvalidTransition::AlreadyFetched => "request_already_fetched",
            InvalidTransition::NotFetched => "request_not_fetched",
            InvalidTransition::AlreadyAnswered => "response_already_received",
            InvalidTransition::NotAnswered => "request_not_answered",
            InvalidTransition::NotThisBrowser => "browser_mismatch",
        }
    }
}

impl SessionRecord {
    /// The state at a moment.
    pub fn state(&self, now: Moment) -> SessionState {
        match &self.stage {
            Stage::Requested {} | Stage::Fetched { .. } if now > self.expires => {
                SessionState::Expired
            }
            Stage::Requested {} => SessionState::Requested,
            Stage::Fetched { .. } => SessionState::Fetched,
            Stage::Answered { .. } => SessionState::Answered,
            Stage::Shown { .. } => SessionState::Shown,
            Stage::Refused { .. } => SessionState::Refused,
        }
    }

    /// The report, as far as the asker may see it: on the same device only after the return.
    pub fn report(&self) -> Option<&Report> {
        match &self.stage {
            Stage::Answered { report, .. } if !self.asked.same_device => Some(report),
            Stage::Shown { report, .. } => Some(report),
            _ => None,
        }
    }

    /// A wallet fetches the request object: once.
    ///
    /// # Errors
    /// [`InvalidTransition`].
    pub fn fetched(self, now: Moment) -> Result<Self, InvalidTransition> {
        if now > self.expires {
            return Err(InvalidTransition::Expired);
        }
        match self.stage {
            Stage::Requested {} if self.asked.by_reference => {
                Ok(SessionRecord { stage: Stage::Fetched { at: now }, ..self })
            }
            _ => Err(InvalidTransition::AlreadyFetched),
        }
    }

    /// Whether an answer may come now, before any work is spent on it.
    ///
    /// # Errors
    /// [`InvalidTransition`].
    pub fn may_be_answered(&self, now: Moment) -> Result<(), InvalidTransition> {
        match &self.stage {
            Stage::Answered { .. } | Stage::Shown { .. } | Stage::Refused { .. } => {
                Err(InvalidTransition::AlreadyAnswered)
            }
            _ if now > self.expires => Err(InvalidTransition::Expired),
            Stage::Requested {} if self.asked.by_reference => Err(InvalidTransition::NotFetched),
            Stage::Requested {} | Stage::Fetched { .. } => Ok(()),
        }
    }

    /// The answer was examined. The encryption key goes with this step.
    ///
    /// # Errors
    /// [`InvalidTransition`].
    pub fn answered(
        mut self,
        now: Moment,
        report: Report,
        response_code: Option<&str>,
    ) -> Result<Self, InvalidTransition> {
        self.may_be_answered(now)?;
        self.asked.encryption_key = None;
        self.stage = Stage::Answered {
            at: now,
            report: Box::new(report),
            response_code: response_code.map(fingerprint),
        };
        Ok(self)
    }

    /// The wallet answered with an error.
    ///
    /// # Errors
    /// [`InvalidTransition`].
    pub fn refused(mut self, now: Moment, error: &str) -> Result<Self, InvalidTransition> {
        self.may_be_answered(now)?;
        self.asked.encryption_key = None;
        self.stage = Stage::Refused { at: now, error: error.chars().take(64).collect() };
        Ok(self)
    }

    /// The first browser that opens the page is the one that may see a same-device result.
    #[must_use]
    pub fn bound_to(mut self, browser_token: &str) -> Self {
        if self.browser.is_none() {
            self.browser = Some(fingerprint(browser_token));
        }
        self
    }

    /// Made at the desk by this browser, which alone may see the report.
    #[must_use]
    pub fn made_at_desk(mut self, browser_token: &str) -> Self {
        self.browser = Some(fingerprint(browser_token));
        self.desk = true;
        self
    }

    /// The bound browser goes on under a new token; the old one is worth nothing then.
    #[must_use]
    pub fn rebound_to(mut self, browser_token: &str) -> Self {
        self.browser = Some(fingerprint(browser_token));
        self
    }

    /// Whether this token is the bound browser's.
    pub fn is_bound_to(&self, browser_token: &str) -> bool {
        self.browser.as_deref().is_some_and(|bound| same(bound, &fingerprint(browser_token)))
    }

    /// The browser comes back with the response code: both must be the session's own
    /// (OID4VP 1.0 section 13.3, session fixation).
    ///
    /// # Errors
    /// [`InvalidTransition`].
    pub fn shown(
        self,
        now: Moment,
        code: &str,
        browser_token: Option<&str>,
    ) -> Result<Self, InvalidTransition> {
        let ours = browser_token.is_some_and(|token| self.is_bound_to(token));
        match self.stage {
            Stage::Answered { report, response_code: Some(expected), .. } => {
                if !ours || !same(&expected, &fingerprint(code)) {
                    return Err(InvalidTransition::NotThisBrowser);
                }
                Ok(SessionRecord { stage: Stage::Shown { at: now, report }, ..self })
            }
            Stage::Answered { response_code: None, .. } | Stage::Shown { .. } => {
                Err(InvalidTransition::NotThisBrowser)
            }
            _ => Err(InvalidTransition::NotAnswered),
        }
    }
}

fn fingerprint(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Both are fingerprints of random tokens: an early exit tells an attacker nothing about them.
fn same(one: &str, other: &str) -> bool {
    one == other
}

#[cfg(test)]
mod tests;
