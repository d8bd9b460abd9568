//! Token endpoint: request form and JSON response.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, ErrorResponse, MessageError};
use crate::form::Form;
use crate::vci::metadata::ClaimDescription;
use crate::vci::offer::PRE_AUTHORIZED_CODE_GRANT;

/// Grant type of the authorization code flow (RFC 6749 §4.1.3).
pub const AUTHORIZATION_CODE_GRANT: &str = "authorization_code";

const MAX_TX_CODE_BYTES: usize = 256;

/// Error body of the token endpoint.
pub type TokenError = ErrorResponse;

/// What the wallet trades for an access token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grant {
    /// `urn:ietf:params:oauth:grant-type:pre-authorized_code`.
    PreAuthorizedCode {
        /// Code from the offer.
        pre_authorized_code: String,
        /// Transaction code the holder entered.
        tx_code: Option<String>,
    },
    /// `authorization_code`.
    AuthorizationCode {
        /// Code from the authorization response.
        code: String,
        /// Redirect URI of the authorization request.
        redirect_uri: Option<String>,
        /// PKCE verifier (RFC 7636).
        code_verifier: Option<String>,
    },
}

/// Codes are bearer secrets: only the kind of grant is shown.
impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PreAuthorizedCode { tx_code: Some(_), .. } => "PreAuthorizedCode(…, tx_code …)",
            Self::PreAuthorizedCode { tx_code: None, .. } => "PreAuthorizedCode(…)",
            Self::AuthorizationCode { .. } => "AuthorizationCode(…)",
        })
    }
}

/// Token Request
/// ([OID4VCI 1.0 §6.1](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-6.1)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The grant.
    pub grant: Grant,
    /// Client identifier; absent for an anonymous wallet.
    pub client_id: Option<String>,
    /// Authorization details the wallet wants (RFC 9396), JSON text as sent.
    pub authorization_details: Option<String>,
}

impl TokenRequest {
    /// A pre-authorized code request of an anonymous wallet.
    #[must_use]
    pub fn pre_authorized(code: &str, tx_code: Option<&str>) -> Self {
        Self {
            grant: Grant::PreAuthorizedCode {
                pre_authorized_code: code.to_owned(),
                tx_code: tx_code.map(str::to_owned),
            },
            client_id: None,
            authorization_details: None,
        }
    }

    /// Reads an `application/x-www-form-urlencoded` body.
    ///
    /// # Errors
    /// `invalid_request` for missing, repeated or misplaced parameters,
    /// `unsupported_grant_type` for other grants.
    pub fn from_form(body: &[u8]) -> Result<Self, MessageError> {
        let mut form = Form::parse(body)?;
        let grant_type = form.require("grant_type")?;
        if form.get("user_pin").is_some() {
            return Err(refuse("user_pin belongs to a draft: send tx_code"));
        }
        let grant = match grant_type.as_str() {
            PRE_AUTHORIZED_CODE_GRANT => {
                let tx_code = form.take("tx_code");
                if tx_code.as_ref().is_some_and(|c| c.len() > MAX_TX_CODE_BYTES) {
                    return Err(refuse("tx_code is too long"));
                }
                Grant::PreAuthorizedCode {
                    pre_authorized_code: form.require("pre-authorized_code")?,
                    tx_code,
                }
            }
            AUTHORIZATION_CODE_GRANT => {
                if form.get("tx_code").is_some() {
                    return Err(refuse("tx_code belongs to the pre-authorized code grant"));
                }
                Grant::AuthorizationCode {
                    code: form.require("code")?,
                    redirect_uri: form.take("redirect_uri"),
                    code_verifier: form.take("code_verifier"),
                }
            }
            _ => {
                return Err(MessageError::new(
                    ErrorCode::UnsupportedGrantType,
                    "this grant type is not supported",
                ));
            }
        };
        Ok(Self {
            grant,
            client_id: form.take("client_id"),
            authorization_details: form.take("authorization_details"),
        })
    }

    /// The form's parameters, ready to be URL-encoded.
    #[must_use]
    pub fn to_form(&self) -> Vec<(String, String)> {
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        match &self.grant {
            Grant::PreAuthorizedCode { pre_authorized_code, tx_code } => {
                pairs.push(("grant_type", PRE_AUTHORIZED_CODE_GRANT));
                pairs.push(("pre-authorized_code", pre_authorized_code));
                pairs.extend(tx_code.as_deref().map(|v| ("tx_code", v)));
            }
            Grant::AuthorizationCode { code, redirect_uri, code_verifier } => {
                pairs.push(("grant_type", AUTHORIZATION_CODE_GRANT));
                pairs.push(("code", code));
                pairs.extend(redirect_uri.as_deref().map(|v| ("redirect_uri", v)));
                pairs.extend(code_verifier.as_deref().map(|v| ("code_verifier", v)));
            }
        }
        pairs.extend(self.client_id.as_deref().map(|v| ("client_id", v)));
        pairs.extend(self.authorization_details.as_deref().map(|v| ("authorization_details", v)));
        pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    }
}

/// Token Response
/// ([OID4VCI 1.0 §6.2](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-6.2)).
/// No `c_nonce` here: that was a draft, the Nonce Endpoint gives it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// Bearer secret for the credential endpoint.
    pub access_token: String,
    /// `Bearer` or `DPoP`, compared without case.
    pub token_type: String,
    /// Life in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
    /// Secret to get a new access token with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Granted scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// When present, the wallet asks by `credential_identifier`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<Vec<AuthorizationDetail>>,
}

/// Tokens stay out of logs.
impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse")
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// One entry of `authorization_details` of type `openid_credential`
/// ([OID4VCI 1.0 §5.1.1](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-5.1.1), §6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationDetail {
    /// Always `openid_credential` for us.
    #[serde(rename = "type")]
    pub kind: String,
    /// The configuration this entry is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_configuration_id: Option<String>,
    /// Identifiers to use in Credential Requests (token response only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_identifiers: Option<Vec<String>>,
    /// Claims the wallet wants (request only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<ClaimDescription>>,
}

impl TokenResponse {
    /// Checks what the types do not hold.
    ///
    /// # Errors
    /// `invalid_document` for an empty token, a token type we cannot use, or an
    /// `openid_credential` detail without identifiers.
    pub fn validate(&self) -> Result<(), MessageError> {
        let bad = |detail: &str| Err(MessageError::new(ErrorCode::InvalidDocument, detail));
        if self.access_token.is_empty() {
            return bad("the token response has an empty access_token");
        }
        if !["bearer", "dpop"].iter().any(|t| self.token_type.eq_ignore_ascii_case(t)) {
            return bad("the token response has a token_type other than Bearer or DPoP");
        }
        let details = self.authorization_details.iter().flatten();
        for detail in details.filter(|d| d.kind == "openid_credential") {
            if detail.credential_identifiers.as_ref().is_none_or(Vec::is_empty) {
                return bad(
                    "authorization_details of the token response lack credential_identifiers",
                );
            }
        }
        Ok(())
    }

    /// The credential identifiers granted for one configuration; empty when the wallet
    /// is to ask by `credential_configuration_id`.
    #[must_use]
    pub fn credential_identifiers(&self, configuration_id: &str) -> Vec<&str> {
        self.authorization_details
            .iter()
            .flatten()
            .filter(|d| d.credential_configuration_id.as_deref() == Some(configuration_id))
            .flat_map(|d| d.credential_identifiers.iter().flatten())
            .map(String::as_str)
            .collect()
    }
}

fn refuse(detail: &str) -> MessageError {
    MessageError::new(ErrorCode::InvalidRequest, detail)
}
