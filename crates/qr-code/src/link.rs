//! What a scanned text asks for.

use url::{Host, Url};

use crate::error::QrError;

/// Longest link that is looked at; a QR code holds at most 2,953 bytes, a link tapped on
/// the device may be longer.
pub const MAX_LINK_BYTES: usize = 16 * 1024;

/// A link we know what to do with. Each holds the link as scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeepLink {
    /// `openid-credential-offer://…`: an issuer offers a credential.
    CredentialOffer(String),
    /// `openid4vp://…`: a verifier asks for a presentation.
    PresentationRequest(String),
    /// `https://…` (or `http://localhost…`): a page. Show its host before opening it.
    WebPage(String),
}

impl DeepLink {
    /// The link as scanned.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::CredentialOffer(link) | Self::PresentationRequest(link) | Self::WebPage(link) => {
                link
            }
        }
    }
}

/// Sorts a scanned text by an allow-list of schemes. White space around it is ignored.
///
/// # Errors
/// [`QrError::LinkTooLong`], [`QrError::ControlCharacters`] (also white space and
/// direction marks inside), [`QrError::NotALink`], [`QrError::SchemeNotAllowed`] for every
/// other scheme: `javascript:`, `data:`, `file:`, `tel:`, plain http to other hosts, links
/// with a user name.
pub fn classify(text: &str) -> Result<DeepLink, QrError> {
    if text.len() > MAX_LINK_BYTES {
        return Err(QrError::LinkTooLong);
    }
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
    if text.is_empty() {
        return Err(QrError::NotALink);
    }
    if text.chars().any(|c| c.is_whitespace() || is_unsafe(c)) {
        return Err(QrError::ControlCharacters);
    }
    let url = Url::parse(text).map_err(|_| QrError::NotALink)?;
    let link = text.to_owned();
    match url.scheme() {
        "openid-credential-offer" => with_query(&url).map(|()| DeepLink::CredentialOffer(link)),
        "openid4vp" => with_query(&url).map(|()| DeepLink::PresentationRequest(link)),
        "https" | "http" => {
            // `https://bank.example@evil.example` shows one host and opens another.
            if !url.username().is_empty() || url.password().is_some() {
                return Err(QrError::SchemeNotAllowed);
            }
            if url.scheme() == "http" && !is_loopback(&url) {
                return Err(QrError::SchemeNotAllowed);
            }
            Ok(DeepLink::WebPage(link))
        }
        _ => Err(QrError::SchemeNotAllowed),
    }
}

fn with_query(url: &Url) -> Result<(), QrError> {
    if url.query().is_some_and(|q| !q.is_empty()) { Ok(()) } else { Err(QrError::NotALink) }
}

/// Development servers only.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Control characters and marks that turn the reading direction or show nothing: a link
/// with them looks different from what it is.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
