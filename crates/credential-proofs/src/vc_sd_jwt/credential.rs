use credential_model::ambient::Entropy;
use credential_model::did::DidUrl;
use serde_json::{Value, json};
use signing_keys::{Algorithm, KeyRing, PublicKey, Signer};

use super::{ALWAYS_VISIBLE, Prepared, VcSdJwtError, conceal};
use crate::envelope::MediaType;
use crate::expected::Expected;
use crate::jose::{self, CompactJws, JoseError};
use crate::sd_jwt::SdJwt;
use crate::secured_document::{
    Claims, check_credential_dates, check_for_issuing, check_repeated, content_type_is, issuer_key,
    without_registered,
};

/// What to issue.
#[derive(Debug, Clone)]
pub struct Credential<'a> {
    /// The VCDM 2.0 document, unsecured.
    pub document: &'a Value,
    /// What the holder may hide: `"credentialSubject.name"` a member, `"credentialSubject.records[0]"` an element,
    /// `"credentialSubject.records[]"` every element. Paths that the document does not have are skipped: optional
    /// claims.
    pub disclosable: &'a [&'a str],
    /// The verification method of the issuer, for the `kid` header.
    pub kid: &'a DidUrl,
    /// The holder's key, for `cnf.jwk`.
    pub holder: Option<&'a PublicKey>,
    /// How many decoy digests to add to each `_sd` array, so that their number tells nothing.
    pub decoys: u8,
}

/// A credential that holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Verified {
    /// The document with the disclosed parts in place, without registered claims.
    pub document: Value,
    /// Where each disclosure was put, as paths of names and indices.
    pub disclosed_paths: Vec<Vec<Value>>,
    /// The key that signed.
    pub verification_method: DidUrl,
    /// The holder's key in `cnf.jwk`; whether the holder is here, [`SdJwt::verify_key_binding`] tells.
    pub holder_key: Option<PublicKey>,
}

/// Hides the disclosable parts and builds the signing input of a `vc+sd-jwt`.
///
/// # Errors
/// [`VcSdJwtError::Document`] for anything but an unsecured credential whose issuer is the DID of `kid`; malformed
/// paths, reserved names, and members that must stay visible.
pub fn prepare(
    credential: &Credential<'_>,
    algorithm: Algorithm,
    entropy: &dyn Entropy,
) -> Result<Prepared, VcSdJwtError> {
    check_for_issuing(credential.document, credential.kid)?;
    let mut concealed = conceal(
        credential.document,
        credential.disclosable,
        &ALWAYS_VISIBLE,
        credential.decoys,
        entropy,
    )?;
    if let (Some(holder), Some(members)) = (credential.holder, concealed.payload.as_object_mut()) {
        members.insert("cnf".to_owned(), json!({"jwk": holder.to_jwk()}));
    }
    let header = json!({
        "typ": MediaType::VcSdJwt.typ(), "cty": "vc", "kid": credential.kid.as_str(),
    });
    let issuer_signed = jose::prepare(header, concealed.payload.to_string().as_bytes(), algorithm)?;
    Ok(Prepared { issuer_signed, disclosures: concealed.disclosures })
}

/// [`prepare`] and sign in one step.
///
/// # Errors
/// As [`prepare`], and [`VcSdJwtError::Jose`] when the key cannot sign.
pub fn issue(
    credential: &Credential<'_>,
    signer: &dyn Signer,
    entropy: &dyn Entropy,
) -> Result<String, VcSdJwtError> {
    let prepared = prepare(credential, signer.algorithm(), entropy)?;
    let signature = signer.sign(prepared.signing_input()).map_err(JoseError::Signing)?;
    Ok(prepared.seal(&signature))
}

/// The DID URL in `kid`, so that the caller can resolve it.
///
/// # Errors
/// [`VcSdJwtError::NoVerificationMethod`], [`VcSdJwtError::Jose`] for the form.
pub fn verification_method(sd_jwt: &SdJwt) -> Result<DidUrl, VcSdJwtError> {
    method_of(&issuer_signed(sd_jwt)?)
}

pub(super) fn issuer_signed(sd_jwt: &SdJwt) -> Result<CompactJws, VcSdJwtError> {
    let text = sd_jwt.as_str();
    let end = text.find('~').unwrap_or(text.len());
    Ok(CompactJws::parse(&text[..end])?)
}

pub(super) fn method_of(jws: &CompactJws) -> Result<DidUrl, VcSdJwtError> {
    jws.kid().and_then(|kid| DidUrl::parse(kid).ok()).ok_or(VcSdJwtError::NoVerificationMethod)
}

/// Type and content type are exact.
pub(super) fn check_header(jws: &CompactJws, media_type: MediaType) -> Result<(), VcSdJwtError> {
    let content = jws.header().get("cty").and_then(Value::as_str);
    if content_type_is(content, media_type) { Ok(()) } else { Err(VcSdJwtError::WrongContentType) }
}

/// Checks that the issuer signed this, and returns the document with what is disclosed.
///
/// The key must be controlled by the document's issuer (and by `expected.controller` when given), listed for the
/// purpose, neither revoked nor expired. `challenge` and `domain` of `expected` have no meaning here.
///
/// # Errors
/// Every [`VcSdJwtError`] but those of making and of presentations; [`VcSdJwtError::MustBeVisible`] for a credential
/// that lets the holder choose whether to show its status or its validity.
pub fn verify(
    sd_jwt: &SdJwt,
    keys: &KeyRing,
    expected: &Expected<'_>,
) -> Result<Verified, VcSdJwtError> {
    let jws = issuer_signed(sd_jwt)?;
    let claims = sd_jwt.claims_unverified().as_object().ok_or(crate::DocumentError::BadDocument)?;
    let about = Claims::from_json(claims)?;
    let document = without_registered(claims);
    let method = method_of(&jws)?;
    let key = issuer_key(&document, &about, &method, keys, expected)?;
    check_header(&jws, MediaType::VcSdJwt)?;
    jose::verify(&jws, &key.key, &[MediaType::VcSdJwt.typ()])?;
    check_repeated(claims, &document)?;
    check_credential_dates(&document, &about, expected.now)?;
    let disclosed_paths = sd_jwt.disclosable_paths().to_vec();
    for path in &disclosed_paths {
        if let Some(Value::String(root)) = path.first()
            && ALWAYS_VISIBLE.contains(&root.as_str())
        {
            return Err(VcSdJwtError::MustBeVisible(root.clone()));
        }
    }
    Ok(Verified {
        document,
        disclosed_paths,
        verification_method: method,
        holder_key: sd_jwt.holder_key(),
    })
}
