//! The credential endpoint: proven keys to recorded, signed credentials (OID4VCI 1.0, section 8).

use openid4vc_messages::{CredentialRequest, CredentialResponse, IssuedEntry};

use crate::Issuer;
use crate::credential::{Configuration, CredentialRecord, DraftError, IssueError};
use crate::ids::Digest;
use crate::offer::{Offer, OfferStage, Release};
use crate::store::StoreError;

/// The access token opens nothing (RFC 6750: 401 with a challenge).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRefused {
    /// Unknown, replaced, or of another issuer.
    #[error("the access token is not valid")]
    Unknown,
    /// Its time is over.
    #[error("the access token has expired")]
    Expired,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TokenRefused {
    /// The standard's code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown | Self::Expired => "invalid_token",
            Self::Store(error) => error.code(),
        }
    }
}

/// Why a credential request was not fulfilled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialRequestError {
    /// The token.
    #[error(transparent)]
    Token(#[from] TokenRefused),
    /// The request contradicts itself or the token.
    #[error("{0}")]
    Malformed(String),
    /// No configuration of this id.
    #[error("there is no credential configuration of this id")]
    UnknownConfiguration,
    /// No credential identifier of this name was given out with the token.
    #[error("this credential_identifier was not given out with this token")]
    UnknownIdentifier,
    /// A key proof does not hold.
    #[error("{0}")]
    InvalidProof(String),
    /// A nonce is not ours, expired, or used.
    #[error("the c_nonce is not valid (any more): get a fresh one from the nonce endpoint")]
    InvalidNonce,
    /// Not offered, denied by an officer, or the offer's number of credentials is used up.
    #[error("{0}")]
    Denied(&'static str),
    /// What was checked when the offer was made does not hold any more.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// Signing failed; the prepared record stays and is signed at the next request.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CredentialRequestError {
    /// The standard's code (section 8.3.1), or ours where the service failed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Malformed(_) => "invalid_credential_request",
            Self::UnknownConfiguration => "unknown_credential_configuration",
            Self::UnknownIdentifier => "unknown_credential_identifier",
            Self::InvalidProof(_) => "invalid_proof",
            Self::InvalidNonce => "invalid_nonce",
            Self::Denied(_) => "credential_request_denied",
            Self::Draft(_) => "credential_request_denied",
            Self::Issue(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

impl Issuer {
    /// The offer an access token opens.
    pub(crate) async fn offer_of_token(&self, token: &str) -> Result<Offer, TokenRefused> {
        let digest = Digest::of(token.as_bytes());
        let offer = self.store.offer_by_token(&digest).await?.ok_or(TokenRefused::Unknown)?;
        match &offer.stage {
            OfferStage::Redeemed(redeemed) if !redeemed.token.same(&digest) => {
                Err(TokenRefused::Unknown)
            }
            OfferStage::Redeemed(redeemed) if self.now() > redeemed.token_expires => {
                Err(TokenRefused::Expired)
            }
            OfferStage::Redeemed(_) => Ok(offer),
            _ => Err(TokenRefused::Unknown),
        }
    }

    /// Whether a token opens anything, before a body is read.
    pub async fn check_token(&self, token: &str) -> Result<(), TokenRefused> {
        self.offer_of_token(token).await.map(|_| ())
    }

    /// Fulfils a credential request. See the crate's documentation for what is idempotent.
    pub async fn request_credentials(
        &self,
        token: &str,
        request: &CredentialRequest,
    ) -> Result<CredentialResponse, CredentialRequestError> {
        let offer = self.offer_of_token(token).await?;
        let configuration = requested(&offer, request)?;
        if matches!(offer.release, Release::Denied { .. }) {
            return Err(CredentialRequestError::Denied("an officer denied this credential"));
        }
        let proven = self.check_proofs(request.proofs.as_ref())?;
        if matches!(offer.release, Release::Waiting) {
            return self.defer(&offer, configuration, proven).await;
        }
        let records = self.obtain(&offer, configuration, &proven.holders, proven.nonces).await?;
        let notification_id = records.first().map(|record| record.notification.to_string());
        Ok(CredentialResponse::Immediate { credentials: entries(&records), notification_id })
    }
}

/// The configuration a request names, if the offer has it.
fn requested(
    offer: &Offer,
    request: &CredentialRequest,
) -> Result<Configuration, CredentialRequestError> {
    let OfferStage::Redeemed(redeemed) = &offer.stage else {
        return Err(TokenRefused::Unknown.into());
    };
    let id = match (&request.credential_identifier, &request.credential_configuration_id) {
        (Some(identifier), None) => {
            redeemed.identifiers.get(identifier).ok_or(CredentialRequestError::UnknownIdentifier)?
        }
        // Section 8.2: with identifiers in the token response, they must be used.
        (None, Some(_)) if !redeemed.identifiers.is_empty() => {
            return Err(CredentialRequestError::Malformed(
                "the token came with credential_identifiers: use one of them".to_owned(),
            ));
        }
        (None, Some(id)) => id,
        _ => {
            return Err(CredentialRequestError::Malformed(
                "exactly one of credential_identifier and credential_configuration_id is needed"
                    .to_owned(),
            ));
        }
    };
    let configuration =
        Configuration::parse(id).ok_or(CredentialRequestError::UnknownConfiguration)?;
    let offered = configuration.credential_type == offer.credential_type
        && offer.formats().any(|format| format == configuration.format);
    if offered {
        Ok(configuration)
    } else {
        Err(CredentialRequestError::Denied("this was not offered"))
    }
}

/// The credentials as the response carries them.
pub(crate) fn entries(records: &[CredentialRecord]) -> Vec<IssuedEntry> {
    records
        .iter()
        .filter_map(CredentialRecord::issued)
        .map(|issued| IssuedEntry { credential: issued.credential.clone() })
        .collect()
}
