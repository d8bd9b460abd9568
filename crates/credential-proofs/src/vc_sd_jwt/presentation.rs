use credential_model::did::DidUrl;
use serde_json::{Value, json};
use signing_keys::{KeyRing, Signer};

use super::VcSdJwtError;
use super::credential::{check_header, issuer_signed, method_of};
use crate::envelope::MediaType;
use crate::jose;
use crate::jwt_vc::{ExpectedPresentation, Presentation, VerifiedPresentation};
use crate::sd_jwt::{SdJwt, SdJwtError};
use crate::secured_document::{
    Claims, DocumentError, check_presentation, check_repeated, holder_key, presentation_document,
    without_registered,
};

/// Signs a presentation as `vp+sd-jwt`, bound to verifier and request. Nothing in it is hidden: who presents decides
/// before signing what to present.
///
/// # Errors
/// [`VcSdJwtError::Document`] for a credential that is not secured, [`VcSdJwtError::Jose`] when the key cannot sign.
pub fn present(
    presentation: &Presentation<'_>,
    signer: &dyn Signer,
) -> Result<String, VcSdJwtError> {
    let mut payload = presentation_document(presentation)?;
    let claims = json!({
        "iss": presentation.kid.did().as_str(),
        "aud": presentation.audience,
        "nonce": presentation.nonce,
        "iat": presentation.issued_at.unix(),
        "exp": presentation.issued_at.plus_seconds(presentation.lifetime_seconds).unix(),
    });
    if let (Value::Object(payload), Value::Object(claims)) = (&mut payload, claims) {
        payload.extend(claims);
    }
    let header = json!({
        "typ": MediaType::VpSdJwt.typ(), "cty": "vp", "kid": presentation.kid.as_str(),
    });
    let token = jose::sign(header, payload.to_string().as_bytes(), signer)?;
    Ok(format!("{token}~"))
}

/// The DID URL in `kid` of a presentation, so that the caller can resolve it.
///
/// # Errors
/// [`VcSdJwtError::SdJwt`] or [`VcSdJwtError::Jose`] for the form, [`VcSdJwtError::NoVerificationMethod`].
pub fn presentation_method(text: &str) -> Result<DidUrl, VcSdJwtError> {
    method_of(&issuer_signed(&SdJwt::parse(text)?)?)
}

/// Checks a presentation: signed by a key that its holder lists for authentication, for this verifier and request, just
/// now. What others hid in it is read when disclosed. The credentials inside are **not** verified.
///
/// # Errors
/// Every [`VcSdJwtError`] but those of making; [`SdJwtError::AlreadyBound`] for a key binding, which binds a credential
/// and no presentation.
pub fn verify_presentation(
    text: &str,
    keys: &KeyRing,
    expected: &ExpectedPresentation<'_>,
) -> Result<VerifiedPresentation, VcSdJwtError> {
    let sd_jwt = SdJwt::parse(text)?;
    if sd_jwt.is_bound() {
        return Err(SdJwtError::AlreadyBound.into());
    }
    let jws = issuer_signed(&sd_jwt)?;
    let claims = sd_jwt.claims_unverified().as_object().ok_or(DocumentError::BadDocument)?;
    let about = Claims::from_json(claims)?;
    let document = without_registered(claims);
    let method = method_of(&jws)?;
    let key = holder_key(&document, &about, &method, keys, expected)?;
    let holder = key.controller.clone();
    check_header(&jws, MediaType::VpSdJwt)?;
    jose::verify(&jws, &key.key, &[MediaType::VpSdJwt.typ()])?;
    check_repeated(claims, &document)?;
    let credentials = check_presentation(&document, &about, expected)?;
    Ok(VerifiedPresentation { document, holder, verification_method: method, credentials })
}
