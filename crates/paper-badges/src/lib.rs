//! Secured credentials on paper: a standard `eddsa-rdfc-2022` credential as CBOR-LD 1.0 with our
//! type table, as the text of a QR (`VC1-R…`) or a link with the payload in its fragment, and
//! back.
//!
//! Nothing is verified here. What comes out of [`from_text`] is a stranger's JSON, as if it had
//! been pasted: the verifier reads it strictly and checks its proof. The JSON has the same
//! members and values as the one that went in; their order may differ, which a Data Integrity
//! proof over the RDF data set does not see. Nothing is fetched: contexts are those of the closed
//! list.

mod cbor;
mod context;
mod convert;
mod dates;
mod error;
mod table;
mod text;
mod values;

#[cfg(test)]
mod tests;

use credential_model::json::{Limits, parse_strict};
use serde_json::Value;

pub use error::PaperError;

/// Most bytes of CBOR-LD. A QR of the largest version and level M holds fewer.
pub const MAX_CBOR_BYTES: usize = 4096;
/// Most bytes of a text or link.
pub const MAX_TEXT_BYTES: usize = 8192;
/// Most bytes of the JSON that a badge unfolds to.
pub const MAX_JSON_BYTES: usize = 64 * 1024;
/// The table's number in the CBOR-LD envelope ("registry entry id"). Provisional: it is not yet
/// entered in the CBOR-LD registry.
pub const TABLE: u64 = 19_201;

/// The CBOR tag of CBOR-LD 1.0.
const TAG: u64 = 51_997;

/// A credential (JSON) as CBOR-LD.
///
/// # Errors
/// [`PaperError`]: what is no credential, names an unknown context, holds what CBOR-LD cannot
/// carry without loss, or is too large.
pub fn to_cbor(json: &str) -> Result<Vec<u8>, PaperError> {
    let document = parse_strict(json.as_bytes(), &Limits::with_max_bytes(MAX_JSON_BYTES))
        .map_err(|error| PaperError::NotACredential(error.code()))?;
    let Value::Object(document) = document else {
        return Err(PaperError::NotACredential("no object"));
    };
    let mut bytes = Vec::new();
    cbor::head(6, TAG, &mut bytes);
    cbor::head(4, 2, &mut bytes);
    cbor::head(0, TABLE, &mut bytes);
    cbor::write(&convert::compress(&document)?, &mut bytes);
    if bytes.len() > MAX_CBOR_BYTES {
        return Err(PaperError::TooLarge);
    }
    // What a reader would see differently must not be printed.
    if expanded(&bytes)? != document {
        return Err(PaperError::Unsupported("a member that would come back changed"));
    }
    Ok(bytes)
}

/// CBOR-LD as the credential's JSON.
///
/// # Errors
/// [`PaperError`]: damaged or overlong bytes, another table, unknown numbers.
pub fn from_cbor(bytes: &[u8]) -> Result<String, PaperError> {
    expanded(bytes).map(|document| Value::Object(document).to_string())
}

fn expanded(bytes: &[u8]) -> Result<serde_json::Map<String, Value>, PaperError> {
    if bytes.len() > MAX_CBOR_BYTES {
        return Err(PaperError::TooLarge);
    }
    let mut reader = cbor::Reader::new(bytes);
    if reader.head()? != (6, TAG) || reader.head()? != (4, 2) {
        return Err(PaperError::DamagedBytes("no CBOR-LD"));
    }
    match reader.head()? {
        (0, TABLE) => {}
        (0, other) => return Err(PaperError::UnknownTable(other)),
        _ => return Err(PaperError::DamagedBytes("no CBOR-LD")),
    }
    let item = reader.item()?;
    reader.finish()?;
    convert::expand(&item)
}

/// A credential as the text of a QR code: only characters of a QR's alphanumeric mode.
///
/// # Errors
/// As [`to_cbor`].
pub fn to_qr_text(json: &str) -> Result<String, PaperError> {
    to_cbor(json).map(|bytes| text::for_qr(&bytes))
}

/// A credential as a link to a desk: `base#VC1-B…`. What stands behind `#` is not sent to the
/// server, so that no log sees it. `base` is an https address without a fragment.
///
/// # Errors
/// As [`to_cbor`], and [`PaperError::BadAddress`].
pub fn to_link(base: &str, json: &str) -> Result<String, PaperError> {
    let plain = base.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    let secure = base.starts_with("https://") || base.starts_with("http://localhost");
    if !plain || !secure || base.len() > 512 {
        return Err(PaperError::BadAddress);
    }
    to_cbor(json).map(|bytes| format!("{base}#{}", text::for_link(&bytes)))
}

/// Whether a scanned text is meant to be a paper badge or a link with one; cheap, says nothing
/// about whether it can be read.
#[must_use]
pub fn is_paper_text(text: &str) -> bool {
    text::payload(text).is_some()
}

/// The credential's JSON of a QR's text or of a link.
///
/// # Errors
/// [`PaperError::NotAPaperBadge`] for any other text, and those of [`from_cbor`].
pub fn from_text(text: &str) -> Result<String, PaperError> {
    from_cbor(&text::bytes(text)?)
}
