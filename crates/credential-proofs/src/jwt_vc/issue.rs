use credential_model::did::DidUrl;
use credential_model::moment::Moment;
use serde_json::{Value, json};
use signing_keys::{Algorithm, Signer};

use super::JwtVcError;
use super::claims::{REGISTERED, issuer_id, subject_id};
use crate::jose::{self, JoseError, PreparedJws};

/// `typ` of an enveloped credential.
pub const CREDENTIAL_TYP: &str = "vc+jwt";

/// Builds the signing input of a `vc+jwt`: the payload is the VCDM 2.0 document, with `iss`, `sub`, `jti`, `nbf` and
/// `exp` repeating what the document says (VC-JOSE-COSE section 3.1.3).
///
/// # Errors
/// [`JwtVcError::BadDocument`] for anything but an unsecured document, [`JwtVcError::WrongIssuer`] when `kid` is not a
/// method of the issuer.
pub fn prepare(
    document: &Value,
    kid: &DidUrl,
    algorithm: Algorithm,
) -> Result<PreparedJws, JwtVcError> {
    let mut payload = document.as_object().cloned().ok_or(JwtVcError::BadDocument)?;
    if ["proof", "vc", "vp"].iter().chain(&REGISTERED).any(|name| payload.contains_key(*name)) {
        return Err(JwtVcError::BadDocument);
    }
    let issuer = issuer_id(document).ok_or(JwtVcError::WrongIssuer)?.to_owned();
    if issuer != kid.did().as_str() {
        return Err(JwtVcError::WrongIssuer);
    }
    if let Some(subject) = subject_id(document) {
        payload.insert("sub".to_owned(), Value::from(subject));
    }
    if let Some(id) = document.get("id").and_then(Value::as_str) {
        payload.insert("jti".to_owned(), Value::from(id));
    }
    for (member, claim) in [("validFrom", "nbf"), ("validUntil", "exp")] {
        if let Some(value) = document.get(member) {
            let moment = value
                .as_str()
                .and_then(|text| Moment::parse(text).ok())
                .ok_or(JwtVcError::BadDocument)?;
            payload.insert(claim.to_owned(), Value::from(moment.unix()));
        }
    }
    payload.insert("iss".to_owned(), Value::from(issuer));
    let header = json!({"typ": CREDENTIAL_TYP, "cty": "vc", "kid": kid.as_str()});
    Ok(jose::prepare(header, Value::Object(payload).to_string().as_bytes(), algorithm)?)
}

/// [`prepare`] and sign in one step.
///
/// # Errors
/// As [`prepare`], and [`JwtVcError::Jose`] when the key cannot sign.
pub fn issue(document: &Value, kid: &DidUrl, signer: &dyn Signer) -> Result<String, JwtVcError> {
    let prepared = prepare(document, kid, signer.algorithm())?;
    let signature = signer.sign(prepared.signing_input()).map_err(JoseError::Signing)?;
    Ok(prepared.seal(&signature))
}
