//! The token endpoint: code (and transaction code) for an access token (OID4VCI 1.0, section 6).

use std::collections::BTreeMap;

use credential_model::moment::Moment;
use openid4vc_messages::{AuthorizationDetail, Grant, TokenRequest};
use serde_json::Value;

use super::{Offer, OfferStage, Redeemed, Release, TxCodeOutcome};
use crate::Issuer;
use crate::audit::AuditAction;
use crate::credential::Configuration;
use crate::ids::Digest;
use crate::store::StoreError;

/// Why no token was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedeemError {
    /// Only the pre-authorized code grant is served.
    #[error("only the pre-authorized code grant is supported")]
    UnsupportedGrant,
    /// The code is unknown, used or of a dead offer. One answer for all, so that guessing teaches nothing.
    #[error("the pre-authorized code is not valid (any more)")]
    InvalidCode,
    /// The code's time is over.
    #[error("the offer has expired")]
    Expired,
    /// The transaction code is wrong.
    #[error("the tx_code is wrong; {tries_left} tries are left")]
    WrongTxCode {
        /// How many wrong entries the offer still bears.
        tries_left: u32,
    },
    /// The transaction code is wrong for the last time.
    #[error("the tx_code was wrong too often; the offer is dead, ask the issuer for a new one")]
    Died,
    /// A transaction code is needed and did not come.
    #[error("this offer asks for a tx_code")]
    TxCodeMissing,
    /// A transaction code came and none is needed.
    #[error("this offer takes no tx_code")]
    TxCodeUnexpected,
    /// `authorization_details` is malformed or asks for what was not offered.
    #[error("authorization_details must name offered credential configurations")]
    AuthorizationDetails,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RedeemError {
    /// The standard's code (section 6.3), or ours where the service failed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedGrant => "unsupported_grant_type",
            Self::InvalidCode | Self::Expired | Self::WrongTxCode { .. } | Self::Died => {
                "invalid_grant"
            }
            Self::TxCodeMissing | Self::TxCodeUnexpected | Self::AuthorizationDetails => {
                "invalid_request"
            }
            Self::Store(error) => error.code(),
        }
    }
}

/// An access token, told once.
pub struct IssuedToken {
    /// The token.
    pub token: String,
    /// Seconds it works.
    pub expires_in: i64,
    /// Present when the request had `authorization_details`.
    pub authorization_details: Option<Vec<AuthorizationDetail>>,
}

/// What a token request asks for, reduced to what the flow needs.
#[derive(Clone)]
pub struct TokenGrant {
    /// The pre-authorized code.
    pub code: String,
    /// The transaction code.
    pub tx_code: Option<String>,
    /// `authorization_details`, parsed.
    pub details: Option<Value>,
}

impl TokenGrant {
    /// Takes a token request apart.
    pub fn of(request: TokenRequest) -> Result<Self, RedeemError> {
        let Grant::PreAuthorizedCode { pre_authorized_code, tx_code } = request.grant else {
            return Err(RedeemError::UnsupportedGrant);
        };
        let details = match request.authorization_details {
            None => None,
            Some(text) => {
                let limits = credential_model::json::Limits::default();
                let parsed = credential_model::json::parse_strict(text.as_bytes(), &limits);
                Some(parsed.map_err(|_| RedeemError::AuthorizationDetails)?)
            }
        };
        Ok(Self { code: pre_authorized_code, tx_code, details })
    }
}

impl Issuer {
    /// Exchanges a code. Within one run of the service a code opens once.
    pub async fn redeem(&self, grant: TokenGrant) -> Result<IssuedToken, RedeemError> {
        // A parallel exchange of the same code loses the compare-and-set and finds the stage changed.
        for _ in 0..4 {
            match self.redeem_once(&grant).await {
                Err(RedeemError::Store(StoreError::Conflict)) => {}
                other => return other,
            }
        }
        Err(RedeemError::InvalidCode)
    }

    async fn redeem_once(&self, grant: &TokenGrant) -> Result<IssuedToken, RedeemError> {
        let digest = Digest::of(grant.code.as_bytes());
        let kept = match self.store.offer_by_code(&digest).await? {
            Some(offer) => offer,
            None => self.bulk_offer_by_code(&grant.code).await?.ok_or(RedeemError::InvalidCode)?,
        };
        let mut offer = kept.clone();
        let now = self.now();
        if let OfferStage::Redeemed(redeemed) = &offer.stage {
            if !self.may_reopen(&offer, redeemed).await? {
                return Err(RedeemError::InvalidCode);
            }
            offer.stage =
                offer.stage.reopen(&self.run, now).map_err(|_| RedeemError::InvalidCode)?;
        }
        let OfferStage::Created(created) = &offer.stage else {
            return Err(RedeemError::InvalidCode);
        };
        if now > offer.expires_at {
            let event = self.event("service", AuditAction::OfferExpired).about("offer", &offer.id);
            let expired = offer.stage.clone().expire(now).map_err(|_| RedeemError::InvalidCode)?;
            self.store.replace_offer(&offer.next(expired), event).await?;
            return Err(RedeemError::Expired);
        }
        match (&created.tx_code, &grant.tx_code) {
            (Some(_), None) => return Err(RedeemError::TxCodeMissing),
            (None, Some(_)) => return Err(RedeemError::TxCodeUnexpected),
            (Some(guard), Some(text))
                if !guard.digest.same(&self.tx_code_digest(&offer.id, text)) =>
            {
                // As the store has it: only the right code opens a redeemed offer again.
                return self.wrong_tx_code(&kept, now).await;
            }
            _ => {}
        }
        let (identifiers, details) = identifiers(&offer, grant.details.as_ref())?;
        let token = credential_model::ambient::random_token(&*self.entropy);
        let seconds = match offer.release {
            Release::NotNeeded => self.settings.token_seconds,
            _ => self.settings.deferred_token_seconds,
        };
        let stage = offer
            .stage
            .clone()
            .redeem(
                Digest::of(token.as_bytes()),
                now.plus_seconds(seconds),
                now,
                &self.run,
                identifiers,
            )
            .map_err(|_| RedeemError::InvalidCode)?;
        let event = self.event("wallet", AuditAction::OfferRedeemed).about("offer", &offer.id);
        self.store.replace_offer(&offer.next(stage), event).await?;
        Ok(IssuedToken { token, expires_in: seconds, authorization_details: details })
    }

    async fn wrong_tx_code(&self, offer: &Offer, now: Moment) -> Result<IssuedToken, RedeemError> {
        let outcome =
            offer.stage.clone().wrong_tx_code(now).map_err(|_| RedeemError::InvalidCode)?;
        match outcome {
            TxCodeOutcome::TryAgain(stage) => {
                let tries_left = stage.tx_code().map_or(0, |guard| guard.tries_left);
                let event = self
                    .event("wallet", AuditAction::TxCodeWrong)
                    .about("offer", &offer.id)
                    .about("tries_left", tries_left);
                self.store.replace_offer(&offer.next(stage), event).await?;
                Err(RedeemError::WrongTxCode { tries_left })
            }
            TxCodeOutcome::Dead(stage) => {
                let event = self.event("wallet", AuditAction::OfferDied).about("offer", &offer.id);
                self.store.replace_offer(&offer.next(stage), event).await?;
                Err(RedeemError::Died)
            }
        }
    }

    /// Whether the answer to this exchange may have died with an earlier run of the service: nobody
    /// has used the token since.
    pub(crate) async fn may_reopen(
        &self,
        offer: &Offer,
        redeemed: &Redeemed,
    ) -> Result<bool, StoreError> {
        if !redeemed.may_reopen(&self.run, self.now()) || self.now() > offer.expires_at {
            return Ok(false);
        }
        Ok(self.store.credentials_of_offer(&offer.id).await?.is_empty()
            && self.store.deferred_of_offer(&offer.id).await?.is_empty())
    }
}

/// `authorization_details` of the request to those of the answer (section 6.2), with one
/// `credential_identifier` for each configuration.
#[allow(clippy::type_complexity)]
fn identifiers(
    offer: &Offer,
    details: Option<&Value>,
) -> Result<(BTreeMap<String, String>, Option<Vec<AuthorizationDetail>>), RedeemError> {
    let Some(details) = details else { return Ok((BTreeMap::new(), None)) };
    let entries = details.as_array().ok_or(RedeemError::AuthorizationDetails)?;
    let mut identifiers = BTreeMap::new();
    let mut answer = Vec::new();
    for entry in entries {
        let wanted = entry.get("credential_configuration_id").and_then(Value::as_str);
        let kind = entry.get("type").and_then(Value::as_str);
        let offered = wanted.and_then(Configuration::parse).filter(|configuration| {
            configuration.credential_type == offer.credential_type
                && offer.formats().any(|format| format == configuration.format)
        });
        let (Some("openid_credential"), Some(configuration)) = (kind, offered) else {
            return Err(RedeemError::AuthorizationDetails);
        };
        let identifier = format!("{}.{}", offer.id, configuration.format.as_str());
        answer.push(AuthorizationDetail {
            kind: "openid_credential".to_owned(),
            credential_configuration_id: Some(configuration.id()),
            credential_identifiers: Some(vec![identifier.clone()]),
            claims: None,
        });
        identifiers.insert(identifier, configuration.id());
    }
    if answer.is_empty() {
        Err(RedeemError::AuthorizationDetails)
    } else {
        Ok((identifiers, Some(answer)))
    }
}
