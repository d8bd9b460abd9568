//! URLs: well-known locations and the shape of the two deep links.

use url::Url;

use crate::error::{ErrorCode, MessageError};

/// Longest deep link that is looked at. A QR code holds at most 2,953 bytes; links
/// tapped on the same device may carry a whole request object.
pub const MAX_DEEP_LINK_BYTES: usize = 16 * 1024;

/// Longest URL inside a message.
pub(crate) const MAX_URL_BYTES: usize = 2048;

/// Where a Credential Issuer publishes its metadata: the well-known segment stands
/// *between* host and path ([OID4VCI 1.0 §12.2.2](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-12.2.2)).
///
/// # Errors
/// `invalid_document` when the identifier is no http(s) URL without query and fragment.
pub fn issuer_metadata_url(credential_issuer: &str) -> Result<Url, MessageError> {
    well_known(credential_issuer, "openid-credential-issuer")
}

/// Where an authorization server publishes its metadata
/// ([RFC 8414 §3](https://www.rfc-editor.org/rfc/rfc8414#section-3)).
///
/// # Errors
/// As [`issuer_metadata_url`].
pub fn authorization_server_metadata_url(issuer: &str) -> Result<Url, MessageError> {
    well_known(issuer, "oauth-authorization-server")
}

fn well_known(identifier: &str, name: &str) -> Result<Url, MessageError> {
    let mut url = identifier_url(identifier)?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("/.well-known/{name}{path}"));
    Ok(url)
}

/// An issuer identifier: http(s), no query, no fragment, no credentials. Plain http is
/// let through here because the guarded fetcher refuses it outside development origins.
pub(crate) fn identifier_url(text: &str) -> Result<Url, MessageError> {
    let url = web_url(text, "issuer identifier")?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("an issuer identifier has neither query nor fragment"));
    }
    Ok(url)
}

/// An endpoint or document URL: http(s), absolute, without fragment and user name.
pub(crate) fn web_url(text: &str, what: &str) -> Result<Url, MessageError> {
    let too_long = || refuse(format!("the {what} is longer than {MAX_URL_BYTES} bytes"));
    if text.len() > MAX_URL_BYTES {
        return Err(too_long());
    }
    // The URL parser silently drops tabs and newlines; two readers of one text must not
    // see two addresses.
    // It also reads `http:host` and backslashes as browsers do.
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(refuse(format!(
            "the {what} contains white space, control characters or backslashes"
        )));
    }
    let url = Url::parse(text).map_err(|_| refuse(format!("the {what} is not an absolute URL")))?;
    // Escaping makes it longer; what is written out again has to be readable again.
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(too_long());
    }
    let written_out = text.get(url.scheme().len()..).is_some_and(|rest| rest.starts_with("://"));
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() || !written_out {
        return Err(refuse(format!("the {what} is not an https URL")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse(format!("the {what} carries a user name or password")));
    }
    if url.fragment().is_some() {
        return Err(refuse(format!("the {what} carries a fragment")));
    }
    Ok(url)
}

/// Splits `scheme://[authority]?query`, returning the query. Compared without case, as
/// operating systems hand the scheme over in either.
pub(crate) fn deep_link_query<'a>(text: &'a str, scheme: &str) -> Result<&'a str, MessageError> {
    if text.len() > MAX_DEEP_LINK_BYTES {
        return Err(MessageError::new(
            ErrorCode::InvalidRequest,
            format!("the link is longer than {MAX_DEEP_LINK_BYTES} bytes"),
        ));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(MessageError::new(
            ErrorCode::InvalidRequest,
            "the link contains white space or control characters",
        ));
    }
    let wrong = || {
        MessageError::new(
            ErrorCode::InvalidRequest,
            format!("the link does not start with {scheme}://"),
        )
    };
    let (head, query) = text.split_once('?').ok_or_else(|| {
        MessageError::new(ErrorCode::InvalidRequest, "the link has no parameters")
    })?;
    let (found, _authority) = head.split_once("://").ok_or_else(wrong)?;
    if !found.eq_ignore_ascii_case(scheme) {
        return Err(wrong());
    }
    Ok(query.split('#').next().unwrap_or_default())
}

fn refuse(detail: impl Into<String>) -> MessageError {
    MessageError::new(ErrorCode::InvalidDocument, detail)
}
