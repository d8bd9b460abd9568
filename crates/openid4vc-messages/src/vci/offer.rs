//! Credential Offer and the `openid-credential-offer://` link that carries it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::error::{ErrorCode, MessageError};
use crate::form::Form;
use crate::links::{deep_link_query, identifier_url, web_url};
use crate::strict::find_non_object;

/// Scheme of the deep link (OID4VCI 1.0 §4.1).
pub const OFFER_SCHEME: &str = "openid-credential-offer";
/// Grant type of the pre-authorized code flow (OID4VCI 1.0 §4.1.1).
pub const PRE_AUTHORIZED_CODE_GRANT: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

const MAX_CONFIGURATIONS: usize = 64;
const MAX_DESCRIPTION: usize = 300;
const MAX_CODE_BYTES: usize = 2048;

/// What an issuer offers
/// ([OID4VCI 1.0 §4.1.1](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-4.1.1)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialOffer {
    /// Credential Issuer Identifier.
    pub credential_issuer: String,
    /// Keys of `credential_configurations_supported`; not empty, no repeats.
    pub credential_configuration_ids: Vec<String>,
    /// Grants the wallet may use; absent: ask the authorization server's metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Grants>,
}

/// Grants of an offer; grant types we do not know are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Grants {
    /// Authorization code flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_code: Option<AuthorizationCodeGrant>,
    /// Pre-authorized code flow.
    #[serde(
        rename = "urn:ietf:params:oauth:grant-type:pre-authorized_code",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub pre_authorized_code: Option<PreAuthorizedCodeGrant>,
}

/// Parameters of the authorization code grant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuthorizationCodeGrant {
    /// Opaque value that ties the authorization request to this offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_state: Option<String>,
    /// Which of several authorization servers to use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_server: Option<String>,
}

/// Parameters of the pre-authorized code grant.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreAuthorizedCodeGrant {
    /// The single-use code.
    #[serde(rename = "pre-authorized_code")]
    pub pre_authorized_code: String,
    /// Present, even as `{}`, means: the holder must enter a transaction code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx_code: Option<TxCode>,
    /// Which of several authorization servers to use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_server: Option<String>,
}

/// The code is a bearer secret: it stays out of logs.
impl std::fmt::Debug for PreAuthorizedCodeGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreAuthorizedCodeGrant")
            .field("pre_authorized_code", &"…")
            .field("tx_code", &self.tx_code)
            .field("authorization_server", &self.authorization_server)
            .finish()
    }
}

/// How the transaction code looks that the holder got over another channel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TxCode {
    /// Character set; numeric when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_mode: Option<InputMode>,
    /// Number of characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Where to find the code; at most 300 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Character set of a transaction code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputMode {
    /// Digits only.
    Numeric,
    /// Any characters.
    Text,
}

impl CredentialOffer {
    /// Reads and validates an offer.
    ///
    /// # Errors
    /// `invalid_document` with what is wrong.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        let places: &[&[&str]] = &[&[], &["grants"], &["grants", "*"], &["grants", "*", "tx_code"]];
        if find_non_object(json, places).is_some() {
            return Err(refuse("the credential offer, its grants or tx_code are not JSON objects"));
        }
        let offer: Self = serde_json::from_value(json.clone())
            .map_err(|e| refuse(format!("the credential offer is malformed: {e}")))?;
        offer.validate()?;
        Ok(offer)
    }

    /// Checks what the types do not hold.
    ///
    /// # Errors
    /// `invalid_document` with what is wrong.
    pub fn validate(&self) -> Result<(), MessageError> {
        identifier_url(&self.credential_issuer)?;
        let ids = &self.credential_configuration_ids;
        if ids.is_empty() {
            return Err(refuse("credential_configuration_ids is empty"));
        }
        if ids.len() > MAX_CONFIGURATIONS {
            return Err(refuse("credential_configuration_ids has too many entries"));
        }
        for (at, id) in ids.iter().enumerate() {
            if id.is_empty() {
                return Err(refuse("credential_configuration_ids contains an empty id"));
            }
            if ids[..at].contains(id) {
                return Err(refuse("credential_configuration_ids contains an id twice"));
            }
        }
        let Some(grant) = self.pre_authorized_code() else { return Ok(()) };
        if grant.pre_authorized_code.is_empty() || grant.pre_authorized_code.len() > MAX_CODE_BYTES
        {
            return Err(refuse("pre-authorized_code is empty or too long"));
        }
        if let Some(code) = &grant.tx_code {
            if code.length == Some(0) {
                return Err(refuse("tx_code.length is zero"));
            }
            if code.description.as_ref().is_some_and(|d| d.chars().count() > MAX_DESCRIPTION) {
                return Err(refuse("tx_code.description is longer than 300 characters"));
            }
        }
        Ok(())
    }

    /// The pre-authorized code grant, when offered.
    #[must_use]
    pub fn pre_authorized_code(&self) -> Option<&PreAuthorizedCodeGrant> {
        self.grants.as_ref().and_then(|g| g.pre_authorized_code.as_ref())
    }

    /// Whether the holder must enter a transaction code. `tx_code: {}` counts.
    #[must_use]
    pub fn tx_code_required(&self) -> bool {
        self.pre_authorized_code().is_some_and(|g| g.tx_code.is_some())
    }

    /// The deep link with the whole offer inside: long, so not for a QR code.
    #[must_use]
    pub fn to_uri(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        link("credential_offer", &json)
    }
}

/// The deep link: by value XOR by reference
/// ([OID4VCI 1.0 §4.1.2–4.1.3](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-4.1.2)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialOfferUri {
    /// The offer itself.
    ByValue(Box<CredentialOffer>),
    /// GET this URL with `Accept: application/json`.
    ByReference(Url),
}

impl CredentialOfferUri {
    /// Reads `openid-credential-offer://?…`.
    ///
    /// # Errors
    /// `invalid_request` for a wrong scheme, both or neither parameter, or over-long text;
    /// `invalid_document` for a bad offer inside.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        let query = deep_link_query(text, OFFER_SCHEME)?;
        let mut form = Form::parse(query.as_bytes())?;
        match (form.take("credential_offer"), form.take("credential_offer_uri")) {
            (Some(offer), None) => {
                let json: Value = serde_json::from_str(&offer)
                    .map_err(|_| refuse("credential_offer is not JSON"))?;
                Ok(Self::ByValue(Box::new(CredentialOffer::parse(&json)?)))
            }
            (None, Some(uri)) => Ok(Self::ByReference(web_url(&uri, "credential_offer_uri")?)),
            (Some(_), Some(_)) => Err(MessageError::new(
                ErrorCode::InvalidRequest,
                "the link carries both credential_offer and credential_offer_uri",
            )),
            (None, None) => Err(MessageError::new(
                ErrorCode::InvalidRequest,
                "the link carries neither credential_offer nor credential_offer_uri",
            )),
        }
    }

    /// The deep link as text.
    #[must_use]
    pub fn to_uri(&self) -> String {
        match self {
            Self::ByValue(offer) => offer.to_uri(),
            Self::ByReference(url) => link("credential_offer_uri", url.as_str()),
        }
    }
}

fn link(name: &str, value: &str) -> String {
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    // Form encoding writes a space as '+', which some wallets' URI readers keep as is.
    format!("{OFFER_SCHEME}://?{}", query.replace('+', "%20"))
}

fn refuse(detail: impl Into<String>) -> MessageError {
    MessageError::new(ErrorCode::InvalidDocument, detail)
}
