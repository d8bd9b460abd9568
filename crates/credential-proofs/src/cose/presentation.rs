use credential_model::did::DidUrl;
use signing_keys::{KeyRing, Signer};

use super::{CoseError, PreparedCose, Sign1};
use crate::envelope::MediaType;
use crate::jwt_vc::{ExpectedPresentation, Presentation, VerifiedPresentation};
use crate::secured_document::{Claims, check_presentation, holder_key, presentation_document};

/// Signs a presentation as `vp+cose`, bound to verifier and request by the CWT claims in its header. Credentials that
/// are COSE themselves come in their envelopes ([`crate::envelope::Enveloped::to_value`]).
///
/// # Errors
/// [`CoseError::Document`] for a credential that is not secured, [`CoseError::Signing`] when the key cannot sign.
pub fn present(presentation: &Presentation<'_>, signer: &dyn Signer) -> Result<Vec<u8>, CoseError> {
    let document = presentation_document(presentation)?;
    let expires = presentation.issued_at.plus_seconds(presentation.lifetime_seconds);
    let claims = Claims {
        issuer: Some(presentation.kid.did().as_str().to_owned()),
        audience: Some(presentation.audience.to_owned()),
        nonce: Some(presentation.nonce.as_bytes().to_vec()),
        issued_at: Some(presentation.issued_at),
        not_before: None,
        expires: Some(expires),
    };
    PreparedCose::new(
        MediaType::VpCose,
        presentation.kid.as_str().as_bytes(),
        &claims,
        document.to_string().into_bytes(),
        signer.algorithm(),
    )?
    .sign(signer)
}

/// The DID URL in `kid` of a presentation, so that the caller can resolve it.
///
/// # Errors
/// Every [`CoseError`] about form, [`CoseError::NoVerificationMethod`].
pub fn presentation_method(bytes: &[u8]) -> Result<DidUrl, CoseError> {
    Sign1::parse(bytes)?.verification_method()
}

/// Checks a presentation: signed by a key that its holder lists for authentication, for this verifier and request, just
/// now. The credentials inside are **not** verified; those in COSE stay in their envelopes.
///
/// # Errors
/// Every [`CoseError`] but those of making.
pub fn verify_presentation(
    bytes: &[u8],
    keys: &KeyRing,
    expected: &ExpectedPresentation<'_>,
) -> Result<VerifiedPresentation, CoseError> {
    let signed = Sign1::parse(bytes)?;
    let document = signed.payload_json()?;
    let method = signed.verification_method()?;
    let key = holder_key(&document, signed.claims(), &method, keys, expected)?;
    let holder = key.controller.clone();
    signed.verify(&key.key, MediaType::VpCose)?;
    let credentials = check_presentation(&document, signed.claims(), expected)?;
    Ok(VerifiedPresentation { document, holder, verification_method: method, credentials })
}
