//! What somebody dropped: text, photo, baked badge or PDF to the one credential in it, or a plain
//! word why not. Everything here is a stranger's; work is bounded before it begins.

mod pdf;
mod pictures;
pub mod zip;

#[cfg(test)]
mod tests;

use chain_anchors::Staple;
use credential_model::credential::UnverifiedCredential;
use credential_verification::bundle;
use serde_json::Value;

/// Largest single document, bytes.
pub const MAX_DOCUMENT_BYTES: usize = 12 * 1024 * 1024;

/// A credential as it will be examined.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its bytes: JSON or a token.
    pub bytes: Vec<u8>,
    /// Evidence beside it.
    pub staple: Option<Staple>,
}

/// Why nothing was examined. Never a verdict about a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing was sent.
    #[error("nothing was sent")]
    Nothing,
    /// More than [`MAX_DOCUMENT_BYTES`].
    #[error("the document is too large")]
    TooLarge,
    /// A picture without a readable code.
    #[error("no code in the picture")]
    NoCode,
    /// There is a code, and it is no credential.
    #[error("the code is no credential")]
    OtherCode,
    /// A wallet link: an offer or a request, for a wallet and not for a verifier.
    #[error("the code is a link for a wallet")]
    WalletLink,
    /// Two different credentials: which is meant is not ours to guess.
    #[error("several credentials")]
    Several,
    /// A PDF in which neither an attached credential nor a code was found.
    #[error("no credential in the PDF")]
    PdfWithout,
    /// A PDF behind a password.
    #[error("the PDF is locked")]
    PdfLocked,
    /// A PDF with more in it than is looked at.
    #[error("the PDF is too long")]
    PdfTooLong,
    /// A file of a kind that holds no credential.
    #[error("an unknown kind of file")]
    UnknownFile,
    /// Evidence beside the credential that cannot be read.
    #[error("unreadable evidence")]
    Staple,
}

impl Refusal {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Refusal::Nothing => "nothing",
            Refusal::TooLarge => "too-large",
            Refusal::NoCode => "no-code",
            Refusal::OtherCode => "other-code",
            Refusal::WalletLink => "wallet-link",
            Refusal::Several => "several",
            Refusal::PdfWithout => "pdf-without",
            Refusal::PdfLocked => "pdf-locked",
            Refusal::PdfTooLong => "pdf-too-long",
            Refusal::UnknownFile => "unknown-file",
            Refusal::Staple => "staple",
        }
    }

    /// Id of the sentence for people.
    pub fn message_id(self) -> String {
        format!("desk-refused-{}", self.code())
    }
}

/// The one credential in a document.
///
/// # Errors
/// [`Refusal`].
pub fn read(bytes: &[u8]) -> Result<Found, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Nothing);
    }
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(Refusal::TooLarge);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff") {
        return pictures::from_picture(bytes);
    }
    // A PDF may begin with a few bytes of something else (ISO 32000-1, annex H.3.4.1).
    if bytes.windows(5).take(1_024).any(|window| window == b"%PDF-") {
        return pdf::from_pdf(bytes);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::UnknownFile)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(Refusal::Nothing);
    }
    if text.starts_with('<') {
        return pictures::from_svg(text.as_bytes());
    }
    from_text(text)
}

/// The credential in a text: a document, a token, an envelope, or the text of a code.
///
/// # Errors
/// [`Refusal`]; a text that is simply no credential is examined all the same, and its report says
/// what is wrong with it.
pub fn from_text(text: &str) -> Result<Found, Refusal> {
    let text = text.trim();
    if let Some(json) = unfolded(text) {
        return Ok(Found { bytes: json.into_bytes(), staple: None });
    }
    if let Ok(link) = qr_code::classify(text) {
        return Err(match link {
            qr_code::DeepLink::WebPage(_) => Refusal::OtherCode,
            _ => Refusal::WalletLink,
        });
    }
    match bundle::unpack_bytes(text.as_bytes()).map_err(|_| Refusal::Staple)? {
        Some((wire, staple)) => Ok(Found { bytes: bytes_of(&wire), staple }),
        None => Ok(Found { bytes: text.as_bytes().to_vec(), staple: None }),
    }
}

/// The text of a code on paper, or its link form, unfolded to JSON.
fn unfolded(text: &str) -> Option<String> {
    paper_badges::from_text(text).ok()
}

/// As it stands in an envelope: a token as text, a document as JSON.
fn bytes_of(wire: &Value) -> Vec<u8> {
    wire.as_str().map_or_else(|| wire.to_string(), str::to_owned).into_bytes()
}

/// Of several texts found, the one that is a credential.
fn the_one(texts: Vec<String>) -> Result<Found, Refusal> {
    let mut found: Option<Found> = None;
    let mut other = Refusal::NoCode;
    for text in texts {
        match from_text(&text) {
            Ok(one) if is_credential(&one.bytes) => match &found {
                Some(known) if known.bytes != one.bytes => return Err(Refusal::Several),
                _ => found = Some(one),
            },
            Ok(_) => other = Refusal::OtherCode,
            Err(refusal) => other = refusal,
        }
    }
    found.ok_or(other)
}

fn is_credential(bytes: &[u8]) -> bool {
    UnverifiedCredential::parse(bytes).is_ok()
}
