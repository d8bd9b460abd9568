use credential_model::did::{Did, DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use serde_json::{Map, Value, json};
use signing_keys::{KeyRing, Signer};

use super::JwtVcError;
use super::claims::{
    CONTEXT_V1, CONTEXT_V2, REGISTERED, date, first_context_is, has_type, id_of, text,
};
use super::verify::{LEGACY_TYPS, check_content_type, method_of};
use crate::envelope::{Enveloped, MediaType};
use crate::expected::CLOCK_SKEW_SECONDS;
use crate::jose::{self, CompactJws};
use crate::key_check::{KeyRefusal, usable_key};
use crate::secured_document::credential_of;

/// `typ` of an enveloped presentation.
pub const PRESENTATION_TYP: &str = "vp+jwt";
/// More credentials than anybody presents at once.
const MAX_CREDENTIALS: usize = 64;

/// What to present.
#[derive(Debug, Clone)]
pub struct Presentation<'a> {
    /// Credentials as they go over the wire: a string is a compact token (`vc+jwt`, or an SD-JWT), an object a secured
    /// document.
    pub credentials: &'a [Value],
    /// The holder's verification method; its DID becomes `holder` and `iss`.
    pub kid: &'a DidUrl,
    /// The full client identifier of the verifier.
    pub audience: &'a str,
    /// The nonce of the request.
    pub nonce: &'a str,
    /// Now.
    pub issued_at: Moment,
    /// How long the presentation stands, in seconds.
    pub lifetime_seconds: i64,
}

/// What the verifier expects of a presentation.
#[derive(Debug, Clone)]
pub struct ExpectedPresentation<'a> {
    /// The full client identifier of the verifier.
    pub audience: &'a str,
    /// The nonce of the request.
    pub nonce: &'a str,
    /// The holder, when known beforehand.
    pub holder: Option<&'a Did>,
    /// The moment of judging.
    pub now: Moment,
    /// How old a presentation may be, in seconds.
    pub max_age_seconds: i64,
}

/// A presentation that holds. The credentials inside are **not** verified.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifiedPresentation {
    /// The presentation document, without registered claims.
    pub document: Value,
    /// Who presented: the controller of the key.
    pub holder: Did,
    /// The key that signed.
    pub verification_method: DidUrl,
    /// The credentials inside: a string for a compact token, an object for a secured document.
    pub credentials: Vec<Value>,
}

/// Signs a presentation as `vp+jwt` (VC-JOSE-COSE section 3.1.2), bound to verifier and request.
///
/// # Errors
/// [`JwtVcError::BadDocument`] for anything that is no credential, [`JwtVcError::Jose`] when the key cannot sign.
pub fn present(presentation: &Presentation<'_>, signer: &dyn Signer) -> Result<String, JwtVcError> {
    let holder = presentation.kid.did();
    let payload = json!({
        "@context": [CONTEXT_V2],
        "type": ["VerifiablePresentation"],
        "holder": holder.as_str(),
        "verifiableCredential":
            presentation.credentials.iter().map(envelope).collect::<Result<Vec<_>, _>>()?,
        "iss": holder.as_str(),
        "aud": presentation.audience,
        "nonce": presentation.nonce,
        "iat": presentation.issued_at.unix(),
        "exp": presentation.issued_at.plus_seconds(presentation.lifetime_seconds).unix(),
    });
    let header = json!({"typ": PRESENTATION_TYP, "cty": "vp", "kid": presentation.kid.as_str()});
    Ok(jose::sign(header, payload.to_string().as_bytes(), signer)?)
}

/// A compact token becomes an `EnvelopedVerifiableCredential` (VCDM 2.0 section 4.13).
pub(crate) fn envelope(credential: &Value) -> Result<Value, JwtVcError> {
    match credential {
        Value::Object(_) => Ok(credential.clone()),
        Value::String(token) => {
            if let Ok(enveloped) = Enveloped::credential_token(token) {
                return Ok(enveloped.to_value());
            }
            // A token of the older form says no type.
            let media_type =
                if token.contains('~') { "application/dc+sd-jwt" } else { "application/vc+jwt" };
            Ok(json!({
                "@context": [CONTEXT_V2],
                "id": format!("data:{media_type},{token}"),
                "type": "EnvelopedVerifiableCredential",
            }))
        }
        _ => Err(JwtVcError::BadDocument),
    }
}

/// The credentials of a presentation document, in order: a string for a compact token (taken out of its envelope, or bare
/// as VCDM 1.1 has it), an object for a document with a proof and for an envelope with COSE inside. `None` when one of
/// them is not secured at all.
pub(crate) fn credentials_of(document: &Value) -> Option<Vec<Value>> {
    let list = match document.get("verifiableCredential") {
        None => return Some(Vec::new()),
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    if list.len() > MAX_CREDENTIALS {
        return None;
    }
    let one = |credential: &Value| match credential {
        Value::String(_) => Some(credential.clone()),
        secured => credential_of(secured).ok(),
    };
    list.iter().map(one).collect()
}

/// The DID URL in `kid` of a presentation, so that the caller can resolve it.
///
/// # Errors
/// [`JwtVcError::Jose`] for the form, [`JwtVcError::NoVerificationMethod`].
pub fn presentation_method(token: &str) -> Result<DidUrl, JwtVcError> {
    method_of(&CompactJws::parse(token)?)
}

/// Checks a presentation: signed by a key that its holder lists for authentication, for this verifier and request, just
/// now. Reads `vp+jwt` and the VCDM 1.1 form with a `vp` claim.
///
/// # Errors
/// Every [`JwtVcError`].
pub fn verify_presentation(
    token: &str,
    keys: &KeyRing,
    expected: &ExpectedPresentation<'_>,
) -> Result<VerifiedPresentation, JwtVcError> {
    let jws = CompactJws::parse(token)?;
    let Value::Object(claims) = jws.payload_json()? else { return Err(JwtVcError::BadDocument) };
    let (document, typs): (_, &[&str]) = if claims.contains_key("vp") {
        (legacy_document(&claims)?, &LEGACY_TYPS)
    } else {
        (enveloped_document(&claims)?, &[PRESENTATION_TYP])
    };
    if !has_type(&document, "VerifiablePresentation") {
        return Err(JwtVcError::BadDocument);
    }
    let method = method_of(&jws)?;
    let key =
        usable_key(keys, &method, expected.holder, ProofPurpose::Authentication, expected.now)
            .map_err(|refusal| match refusal {
                KeyRefusal::WrongController => JwtVcError::WrongIssuer,
                other => JwtVcError::Key(other),
            })?;
    let holder = key.controller.clone();
    let stated = [
        document.get("holder").map(|holder| id_of(holder).unwrap_or_default()),
        text(&claims, "iss")?,
    ];
    if stated.iter().flatten().any(|stated| *stated != holder.as_str()) {
        return Err(JwtVcError::WrongIssuer);
    }
    jose::verify(&jws, &key.key, typs)?;
    if typs.contains(&PRESENTATION_TYP) {
        check_content_type(&jws, MediaType::VpJwt)?;
    }
    check_binding(&claims, expected)?;
    let credentials = credentials_of(&document).ok_or(JwtVcError::BadDocument)?;
    Ok(VerifiedPresentation { document, holder, verification_method: method, credentials })
}

fn enveloped_document(claims: &Map<String, Value>) -> Result<Value, JwtVcError> {
    let mut document = claims.clone();
    for name in REGISTERED {
        document.remove(name);
    }
    let document = Value::Object(document);
    if document.get("vc").is_none()
        && document.get("proof").is_none()
        && first_context_is(&document, CONTEXT_V2)
    {
        Ok(document)
    } else {
        Err(JwtVcError::BadDocument)
    }
}

fn legacy_document(claims: &Map<String, Value>) -> Result<Value, JwtVcError> {
    let document =
        claims.get("vp").filter(|document| document.is_object()).ok_or(JwtVcError::BadDocument)?;
    if first_context_is(document, CONTEXT_V1) {
        Ok(document.clone())
    } else {
        Err(JwtVcError::BadDocument)
    }
}

fn check_binding(
    claims: &Map<String, Value>,
    expected: &ExpectedPresentation<'_>,
) -> Result<(), JwtVcError> {
    let for_us = match claims.get("aud") {
        Some(Value::String(audience)) => audience == expected.audience,
        // Several audiences would let one verifier replay to the next.
        Some(Value::Array(audiences)) => {
            matches!(audiences.as_slice(), [Value::String(only)] if only == expected.audience)
        }
        _ => false,
    };
    if !for_us {
        return Err(JwtVcError::WrongAudience);
    }
    if text(claims, "nonce")? != Some(expected.nonce) {
        return Err(JwtVcError::WrongNonce);
    }
    let latest = expected.now.plus_seconds(CLOCK_SKEW_SECONDS);
    let issued = date(claims, "iat")?;
    if issued.is_some_and(|moment| moment > latest)
        || date(claims, "nbf")?.is_some_and(|moment| moment > latest)
    {
        return Err(JwtVcError::NotYetValid);
    }
    if date(claims, "exp")?
        .is_some_and(|moment| moment < expected.now.minus_seconds(CLOCK_SKEW_SECONDS))
    {
        return Err(JwtVcError::Expired);
    }
    let oldest =
        expected.now.minus_seconds(expected.max_age_seconds.saturating_add(CLOCK_SKEW_SECONDS));
    if issued.is_some_and(|moment| moment < oldest) {
        return Err(JwtVcError::TooOld);
    }
    Ok(())
}
