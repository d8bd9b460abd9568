use credential_model::did::{Did, DidUrl};
use serde_json::{Map, Value};
use signing_keys::KeyRing;

use super::claims::{
    CONTEXT_V1, CONTEXT_V2, REGISTERED, check_dates, date, first_context_is, has_type, issuer_id,
    subject_id, text,
};
use super::{CREDENTIAL_TYP, JwtVcError};
use crate::envelope::MediaType;
use crate::expected::Expected;
use crate::jose::{self, CompactJws, JoseError};
use crate::key_check::{KeyRefusal, usable_key};
use crate::secured_document::content_type_is;

/// `typ` values of the VCDM 1.1 form: `JWT`, or none at all.
pub(super) const LEGACY_TYPS: [&str; 2] = ["JWT", ""];

/// The DID URL in `kid` (a bare fragment is taken relative to `iss`), so that the caller can resolve it.
///
/// # Errors
/// [`JwtVcError::Jose`] for the form, [`JwtVcError::NoVerificationMethod`].
pub fn verification_method(token: &str) -> Result<DidUrl, JwtVcError> {
    method_of(&CompactJws::parse(token)?)
}

pub(super) fn method_of(jws: &CompactJws) -> Result<DidUrl, JwtVcError> {
    let kid = jws.kid().ok_or(JwtVcError::NoVerificationMethod)?;
    if !kid.starts_with('#') {
        return DidUrl::parse(kid).map_err(|_| JwtVcError::NoVerificationMethod);
    }
    let claims = jws.payload_json()?;
    let issuer =
        claims.get("iss").and_then(Value::as_str).and_then(|issuer| Did::parse(issuer).ok());
    let issuer = issuer.ok_or(JwtVcError::NoVerificationMethod)?;
    DidUrl::parse_relative(kid, &issuer).map_err(|_| JwtVcError::NoVerificationMethod)
}

/// The VCDM document inside a token, **unverified**, in the form that [`verify`] would return.
///
/// # Errors
/// Every [`JwtVcError`] that needs no key.
pub fn document_unverified(token: &str) -> Result<Value, JwtVcError> {
    Ok(read(&CompactJws::parse(token)?)?.document)
}

/// `cty`, where there is one, says what `typ` says (VC-JOSE-COSE section 3.1.1).
pub(super) fn check_content_type(
    jws: &CompactJws,
    media_type: MediaType,
) -> Result<(), JwtVcError> {
    let content = jws.header().get("cty").and_then(Value::as_str);
    if content_type_is(content, media_type) { Ok(()) } else { Err(JoseError::WrongType.into()) }
}

struct Read {
    document: Value,
    /// Those that are no members of the document.
    claims: Map<String, Value>,
    typs: &'static [&'static str],
    dates: (&'static str, &'static str),
}

fn read(jws: &CompactJws) -> Result<Read, JwtVcError> {
    let Value::Object(mut payload) = jws.payload_json()? else {
        return Err(JwtVcError::BadDocument);
    };
    // Taken out, not copied: the rest of the payload mostly is the document.
    let taken = REGISTERED.iter().filter_map(|name| payload.remove_entry(*name));
    let claims: Map<String, Value> = taken.collect();
    let (document, typs, dates): (_, &'static [&'static str], _) = match payload.remove("vc") {
        Some(vc) => {
            (legacy_document(vc, &claims)?, &LEGACY_TYPS, ("issuanceDate", "expirationDate"))
        }
        None => {
            (enveloped_document(payload, &claims)?, &[CREDENTIAL_TYP], ("validFrom", "validUntil"))
        }
    };
    if !has_type(&document, "VerifiableCredential") {
        return Err(JwtVcError::BadDocument);
    }
    Ok(Read { document, claims, typs, dates })
}

/// VC-JOSE-COSE: the payload is the document; registered claims may repeat it but never differ.
fn enveloped_document(
    document: Map<String, Value>,
    claims: &Map<String, Value>,
) -> Result<Value, JwtVcError> {
    if document.contains_key("vp") || document.contains_key("proof") {
        return Err(JwtVcError::BadDocument);
    }
    let document = Value::Object(document);
    if !first_context_is(&document, CONTEXT_V2) {
        return Err(JwtVcError::BadDocument);
    }
    let pairs = [
        ("iss", issuer_id(&document)),
        ("jti", document.get("id").and_then(Value::as_str)),
        ("sub", subject_id(&document)),
    ];
    for (name, stated) in pairs {
        if text(claims, name)?.is_some_and(|claim| stated.is_some_and(|stated| stated != claim)) {
            return Err(JwtVcError::Claim(name));
        }
    }
    Ok(document)
}

/// VCDM 1.1 section 6.3.1: `iss`, `sub`, `jti`, `nbf` and `exp` stand for members of the document. Where both are
/// there, they must agree.
fn legacy_document(vc: Value, claims: &Map<String, Value>) -> Result<Value, JwtVcError> {
    let Value::Object(mut document) = vc else { return Err(JwtVcError::BadDocument) };
    for (member, claim) in [("id", "jti"), ("issuer", "iss")] {
        let Some(claimed) = text(claims, claim)? else { continue };
        match document.get(member) {
            None => {
                document.insert(member.to_owned(), Value::from(claimed));
            }
            Some(stated) if super::claims::id_of(stated) == Some(claimed) => {}
            Some(_) => return Err(JwtVcError::Claim(claim)),
        }
    }
    if let Some(subject) = text(claims, "sub")? {
        match document.get_mut("credentialSubject") {
            Some(Value::Object(members)) => match members.get("id") {
                None => {
                    members.insert("id".to_owned(), Value::from(subject));
                }
                Some(stated) if stated.as_str() == Some(subject) => {}
                Some(_) => return Err(JwtVcError::Claim("sub")),
            },
            _ => return Err(JwtVcError::Claim("sub")),
        }
    }
    for (member, claim) in [("issuanceDate", "nbf"), ("expirationDate", "exp")] {
        let Some(moment) = date(claims, claim)? else { continue };
        match document.get(member).map(|stated| stated.as_str().and_then(moment_of)) {
            None => {
                document.insert(member.to_owned(), Value::from(moment.to_string()));
            }
            Some(Some(stated)) if stated == moment => {}
            Some(_) => return Err(JwtVcError::Claim(claim)),
        }
    }
    let document = Value::Object(document);
    if first_context_is(&document, CONTEXT_V1) {
        Ok(document)
    } else {
        Err(JwtVcError::BadDocument)
    }
}

fn moment_of(text: &str) -> Option<credential_model::moment::Moment> {
    credential_model::moment::Moment::parse(text).ok()
}

/// Checks that the issuer signed this, and returns the VCDM document: `vc+jwt` (VCDM 2.0), or the 1.1 form with a `vc`
/// claim, whose registered claims are folded into the document. Registered claims are not part of the result.
///
/// The key must be controlled by the document's issuer (and by `expected.controller` when given), listed for the
/// purpose, neither revoked nor expired. `challenge` and `domain` of `expected` have no meaning here.
///
/// # Errors
/// Every [`JwtVcError`] but those of presentations.
pub fn verify(token: &str, keys: &KeyRing, expected: &Expected<'_>) -> Result<Value, JwtVcError> {
    let jws = CompactJws::parse(token)?;
    let read = read(&jws)?;
    let issuer = issuer_id(&read.document)
        .and_then(|id| Did::parse(id).ok())
        .ok_or(JwtVcError::WrongIssuer)?;
    if expected.controller.is_some_and(|controller| controller != &issuer) {
        return Err(JwtVcError::WrongIssuer);
    }
    let method = method_of(&jws)?;
    let key = usable_key(keys, &method, Some(&issuer), expected.purpose, expected.now).map_err(
        |refusal| match refusal {
            KeyRefusal::WrongController => JwtVcError::WrongIssuer,
            other => JwtVcError::Key(other),
        },
    )?;
    jose::verify(&jws, &key.key, read.typs)?;
    if read.typs.contains(&CREDENTIAL_TYP) {
        check_content_type(&jws, MediaType::VcJwt)?;
    }
    check_dates(&read.claims, &read.document, read.dates, expected.now)?;
    Ok(read.document)
}
