//! The Credential Offer as wallets read it (OID4VCI 1.0, section 4.1).

use openid4vc_messages::{
    CredentialOffer, CredentialOfferUri, Grants, InputMode, PreAuthorizedCodeGrant, TxCode,
};

use super::{Offer, OfferStage, TX_CODE_LENGTH};
use crate::Issuer;
use crate::credential::Configuration;
use crate::ids::OfferId;
use crate::store::StoreError;

/// Why an offer is not shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfferDocumentError {
    /// There is no such offer.
    #[error("there is no such offer")]
    Unknown,
    /// A wallet took it already.
    #[error("this offer was used already")]
    Used,
    /// Too many wrong transaction codes.
    #[error("this offer is dead: the transaction code was entered wrongly too often")]
    Dead,
    /// Nobody came in time.
    #[error("this offer has expired")]
    Expired,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OfferDocumentError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_offer",
            Self::Used => "offer_used",
            Self::Dead => "offer_dead",
            Self::Expired => "offer_expired",
            Self::Store(error) => error.code(),
        }
    }
}

impl Issuer {
    /// The offer of this id, if a wallet can still take it.
    pub async fn open_offer(&self, id: &OfferId) -> Result<Offer, OfferDocumentError> {
        let offer = match self.store.offer(id).await? {
            Some(offer) => offer,
            None => self.bulk_offer(id).await?.ok_or(OfferDocumentError::Unknown)?,
        };
        match &offer.stage {
            OfferStage::Created(_) if self.now() > offer.expires_at => {
                Err(OfferDocumentError::Expired)
            }
            OfferStage::Created(_) => Ok(offer),
            OfferStage::Redeemed(redeemed) if self.may_reopen(&offer, redeemed).await? => Ok(offer),
            OfferStage::Redeemed(_) => Err(OfferDocumentError::Used),
            OfferStage::Dead(_) => Err(OfferDocumentError::Dead),
            OfferStage::Expired(_) => Err(OfferDocumentError::Expired),
        }
    }

    /// The offer's content.
    pub fn offer_document(&self, offer: &Offer) -> CredentialOffer {
        let tx_code = offer.stage.tx_code().map(|_| TxCode {
            input_mode: Some(InputMode::Numeric),
            length: Some(TX_CODE_LENGTH),
            description: None,
        });
        let configurations = offer
            .formats()
            .map(|format| Configuration { credential_type: offer.credential_type, format }.id())
            .collect();
        CredentialOffer {
            credential_issuer: self.settings.public_url.clone(),
            credential_configuration_ids: configurations,
            grants: Some(Grants {
                authorization_code: None,
                pre_authorized_code: Some(PreAuthorizedCodeGrant {
                    pre_authorized_code: self.offer_code(&offer.id),
                    tx_code,
                    authorization_server: None,
                }),
            }),
        }
    }

    /// The address the offer is served at by reference.
    pub fn offer_url(&self, id: &OfferId) -> String {
        format!("{}/offers/{id}", self.settings.public_url)
    }

    /// The deep link: short, by reference, or complete, by value.
    pub fn offer_uri(&self, offer: &Offer) -> String {
        match url::Url::parse(&self.offer_url(&offer.id)) {
            Ok(url) if offer.by_reference => CredentialOfferUri::ByReference(url).to_uri(),
            _ => self.offer_document(offer).to_uri(),
        }
    }
}
