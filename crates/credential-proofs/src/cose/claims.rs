//! CWT claims in a COSE header (RFC 9597), as far as they bind a signature.

use coset::cbor::Value as Cbor;
use credential_model::moment::Moment;

use super::CoseError;
use crate::secured_document::{Claims, DocumentError};

/// Labels of the IANA registry of CWT claims (RFC 8392; `nonce` RFC 9711).
const ISS: i64 = 1;
const AUD: i64 = 3;
const EXP: i64 = 4;
const NBF: i64 = 5;
const IAT: i64 = 6;
const NONCE: i64 = 10;

/// The last second of the year 9999.
const LAST: i64 = 253_402_300_799;

/// Reads the map; claims that we do not know are ignored, as VC-JOSE-COSE section 3.3.3 demands.
pub(super) fn read(map: &Cbor) -> Result<Claims, CoseError> {
    let entries = map.as_map().ok_or(CoseError::ForbiddenHeader { label: super::sign1::CLAIMS })?;
    let mut claims = Claims::default();
    for (label, value) in entries {
        let Some(label) = label.as_integer().and_then(|label| i64::try_from(label).ok()) else {
            continue;
        };
        match label {
            ISS => claims.issuer = Some(text(value, "iss")?),
            AUD => claims.audience = Some(audience(value)?),
            EXP => claims.expires = Some(date(value, "exp")?),
            NBF => claims.not_before = Some(date(value, "nbf")?),
            IAT => claims.issued_at = Some(date(value, "iat")?),
            NONCE => {
                claims.nonce = Some(match value {
                    Cbor::Bytes(bytes) => bytes.clone(),
                    Cbor::Text(text) => text.clone().into_bytes(),
                    _ => return Err(DocumentError::Claim("nonce").into()),
                });
            }
            _ => {}
        }
    }
    Ok(claims)
}

/// Writes the claims; `nonce` as bytes.
pub(super) fn write(claims: &Claims) -> Cbor {
    let mut entries = Vec::new();
    let mut put = |label: i64, value: Option<Cbor>| {
        entries.extend(value.map(|value| (Cbor::from(label), value)));
    };
    put(ISS, claims.issuer.clone().map(Cbor::Text));
    put(AUD, claims.audience.clone().map(Cbor::Text));
    put(EXP, claims.expires.map(|moment| Cbor::from(moment.unix())));
    put(NBF, claims.not_before.map(|moment| Cbor::from(moment.unix())));
    put(IAT, claims.issued_at.map(|moment| Cbor::from(moment.unix())));
    put(NONCE, claims.nonce.clone().map(Cbor::Bytes));
    Cbor::Map(entries)
}

fn text(value: &Cbor, name: &'static str) -> Result<String, DocumentError> {
    value.as_text().map(str::to_owned).ok_or(DocumentError::Claim(name))
}

/// One audience: several would let one verifier replay to the next.
fn audience(value: &Cbor) -> Result<String, DocumentError> {
    match value {
        Cbor::Array(several) => match several.as_slice() {
            [Cbor::Text(only)] => Ok(only.clone()),
            _ => Err(DocumentError::WrongAudience),
        },
        one => text(one, "aud"),
    }
}

/// A `NumericDate` without its tag (RFC 8392 section 2): whole seconds, a fraction is cut off; years 1970 to 9999 only.
fn date(value: &Cbor, name: &'static str) -> Result<Moment, DocumentError> {
    let seconds = match value {
        Cbor::Integer(seconds) => i64::try_from(*seconds).ok(),
        Cbor::Float(seconds) if (0.0..=LAST as f64).contains(seconds) => Some(*seconds as i64),
        _ => None,
    };
    seconds
        .filter(|seconds| (0..=LAST).contains(seconds))
        .map(Moment::from_unix)
        .ok_or(DocumentError::Claim(name))
}
