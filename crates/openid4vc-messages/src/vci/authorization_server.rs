//! Authorization server metadata, the members both protocols need.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, MessageError};
use crate::links::{identifier_url, web_url};
use crate::vci::offer::PRE_AUTHORIZED_CODE_GRANT;

/// OAuth 2.0 Authorization Server Metadata
/// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2),
/// [OID4VCI 1.0 §12.3](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-12.3)).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuthorizationServerMetadata {
    /// Issuer identifier; must equal the one the metadata was asked for.
    pub issuer: String,
    /// Token endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// Authorization endpoint, for the authorization code flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// Pushed authorization requests (RFC 9126).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_authorization_request_endpoint: Option<String>,
    /// Whether pushing is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_pushed_authorization_requests: Option<bool>,
    /// Public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Response types; required by RFC 8414, left out by issuers without an
    /// authorization endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_types_supported: Option<Vec<String>>,
    /// Grant types; absent means authorization code and implicit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_types_supported: Option<Vec<String>>,
    /// Client authentication at the token endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// PKCE methods (RFC 7636).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// DPoP algorithms (RFC 9449).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_signing_alg_values_supported: Option<Vec<String>>,
    /// Whether a wallet without `client_id` may use a pre-authorized code; absent: no.
    #[serde(
        rename = "pre-authorized_grant_anonymous_access_supported",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub pre_authorized_grant_anonymous_access_supported: Option<bool>,
}

impl AuthorizationServerMetadata {
    /// Checks the document against the identifier it was asked for.
    ///
    /// # Errors
    /// `invalid_document`: another issuer (RFC 8414 §3.3 forbids using it), or an endpoint
    /// that is no URL.
    pub fn validate(&self, expected_issuer: &str) -> Result<(), MessageError> {
        identifier_url(&self.issuer)?;
        if self.issuer != expected_issuer {
            return Err(MessageError::new(
                ErrorCode::InvalidDocument,
                "the authorization server's metadata names another issuer",
            ));
        }
        let endpoints = [
            (&self.token_endpoint, "token_endpoint"),
            (&self.authorization_endpoint, "authorization_endpoint"),
            (&self.pushed_authorization_request_endpoint, "pushed_authorization_request_endpoint"),
        ];
        for (endpoint, name) in endpoints {
            if let Some(endpoint) = endpoint {
                web_url(endpoint, name)?;
            }
        }
        Ok(())
    }

    /// Whether the pre-authorized code grant is served. A server that lists no grant
    /// types is given the benefit: many issuers leave the member out.
    #[must_use]
    pub fn supports_pre_authorized_code(&self) -> bool {
        self.grant_types_supported
            .as_ref()
            .is_none_or(|grants| grants.iter().any(|g| g == PRE_AUTHORIZED_CODE_GRANT))
    }
}
