//! The issuer's metadata and its authorization server's.

use std::collections::BTreeMap;

use openid4vc_messages::{
    AuthorizationServerMetadata, CredentialConfiguration, CredentialOffer, Display, IssuerMetadata,
    authorization_server_metadata_url, issuer_metadata_url,
};
use web_fetch::Fetch;

use super::AcceptError;
use crate::http::{self, TransportError};

/// Fetches `/.well-known/openid-credential-issuer` (OID4VCI 1.0 §12.2.2).
pub(crate) async fn issuer(
    fetch: &dyn Fetch,
    identifier: &str,
) -> Result<IssuerMetadata, AcceptError> {
    const WHAT: &str = "issuer metadata";
    let url = issuer_metadata_url(identifier).map_err(AcceptError::Offer)?;
    let json = http::document(fetch, url, WHAT).await?;
    IssuerMetadata::parse(&json, identifier)
        .map_err(|error| AcceptError::Document { what: WHAT, error })
}

/// Fetches the metadata of the authorization server that serves this offer (RFC 8414 §3).
pub(crate) async fn authorization_server(
    fetch: &dyn Fetch,
    metadata: &IssuerMetadata,
    offer: &CredentialOffer,
) -> Result<AuthorizationServerMetadata, AcceptError> {
    const WHAT: &str = "authorization server metadata";
    let document = |error| AcceptError::Document { what: WHAT, error };
    let offered =
        offer.pre_authorized_code().and_then(|grant| grant.authorization_server.as_deref());
    let identifier = metadata.authorization_server(offered).map_err(document)?;
    let url = authorization_server_metadata_url(identifier).map_err(document)?;
    let json = match http::document(fetch, url, WHAT).await {
        // Servers that grew out of OpenID Connect publish only the older location,
        // appended to the identifier (RFC 8414 §5).
        Err(TransportError::Status { status: 404, .. }) => {
            let text =
                format!("{}/.well-known/openid-configuration", identifier.trim_end_matches('/'));
            http::document(fetch, http::url(&text, WHAT)?, WHAT).await?
        }
        other => other?,
    };
    let server: AuthorizationServerMetadata = serde_json::from_value(json).map_err(|error| {
        let reason = error.to_string();
        AcceptError::Transport(TransportError::Json { what: WHAT, reason })
    })?;
    server.validate(identifier).map_err(document)?;
    if !server.supports_pre_authorized_code() {
        return Err(AcceptError::GrantNotSupported);
    }
    Ok(server)
}

/// The configuration of that id, checked.
pub(crate) fn configuration<'a>(
    metadata: &'a IssuerMetadata,
    id: &str,
) -> Result<&'a CredentialConfiguration, AcceptError> {
    let configuration = metadata
        .credential_configurations_supported
        .get(id)
        .ok_or_else(|| AcceptError::UnknownConfiguration(http::foreign_text(id)))?;
    configuration
        .validate()
        .map_err(|error| AcceptError::Document { what: "issuer metadata", error })?;
    if credential_model::format::CredentialFormat::parse(&configuration.format).is_none() {
        return Err(AcceptError::FormatNotSupported(http::foreign_text(&configuration.format)));
    }
    Ok(configuration)
}

/// Names by language tag (`""` where none is given).
pub(crate) fn names(displays: Option<&[Display]>) -> BTreeMap<String, String> {
    displays
        .unwrap_or_default()
        .iter()
        .filter_map(|display| {
            let name = http::foreign_text(display.name.as_deref()?);
            Some((display.locale.clone().unwrap_or_default(), name))
        })
        .collect()
}

/// The names of a configuration.
pub(crate) fn configuration_names(
    configuration: &CredentialConfiguration,
) -> BTreeMap<String, String> {
    let metadata = configuration.credential_metadata.as_ref();
    names(metadata.and_then(|metadata| metadata.display.as_deref()))
}

/// The paths of the claims, in the order to show them (Appendix B.2).
pub(crate) fn claim_order(configuration: &CredentialConfiguration) -> Vec<String> {
    let claims =
        configuration.credential_metadata.as_ref().and_then(|metadata| metadata.claims.as_deref());
    let claims = claims.unwrap_or_default();
    claims.iter().filter_map(|claim| serde_json::to_string(&claim.path).ok()).collect()
}

/// Labels of claims: path as JSON text → language tag → label.
pub(crate) fn labels(
    configuration: &CredentialConfiguration,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let claims =
        configuration.credential_metadata.as_ref().and_then(|metadata| metadata.claims.as_deref());
    claims
        .unwrap_or_default()
        .iter()
        .filter_map(|claim| {
            let path = serde_json::to_string(&claim.path).ok()?;
            let labels: BTreeMap<String, String> = claim
                .display
                .iter()
                .flatten()
                .filter_map(|display| {
                    let name = http::foreign_text(display.name.as_deref()?);
                    Some((display.locale.clone().unwrap_or_default(), name))
                })
                .collect();
            Some((path, labels))
        })
        .collect()
}
