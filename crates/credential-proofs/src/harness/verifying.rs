use serde_json::Value;

use super::Feature;
use super::document::{check as check_document, check_claims};
use super::key::KeyFile;
use super::securing::media_type;
use crate::cose::Sign1;
use crate::envelope::from_base64;
use crate::jose::{self, CompactJws};
use crate::sd_jwt::SdJwt;
use crate::secured_document::{content_type_is, id_of, without_registered};

/// Longer inputs are not even decoded.
const MAX_CHARS: usize = 2 * 1024 * 1024;

pub(super) fn check(feature: Feature, input: &str, key: &str) -> Result<String, String> {
    let key = KeyFile::read(key)?;
    let input = input.trim();
    if input.len() > MAX_CHARS {
        return Err("the input is too long".to_owned());
    }
    let document = match feature {
        Feature::CredentialCose | Feature::PresentationCose => cose(feature, input, &key)?,
        Feature::CredentialJose | Feature::PresentationJose => {
            let jws = CompactJws::parse(input).map_err(|error| error.code().to_owned())?;
            let claims = jws.payload_json().map_err(|error| error.code().to_owned())?;
            token(feature, &jws, &claims, &key)?
        }
        Feature::CredentialSdJwt | Feature::PresentationSdJwt => {
            let sd_jwt = SdJwt::parse(input).map_err(|error| error.code().to_owned())?;
            if sd_jwt.is_bound() {
                return Err("a key binding cannot be judged without its request".to_owned());
            }
            let end = input.find('~').unwrap_or(input.len());
            let jws = CompactJws::parse(&input[..end]).map_err(|error| error.code().to_owned())?;
            token(feature, &jws, sd_jwt.claims_unverified(), &key)?
        }
    };
    Ok(document.to_string())
}

fn token(
    feature: Feature,
    jws: &CompactJws,
    claims: &Value,
    key: &KeyFile,
) -> Result<Value, String> {
    let public = key.public()?;
    let media_type = media_type(feature);
    jose::verify(jws, &public, &[media_type.typ()]).map_err(|error| error.code().to_owned())?;
    if !content_type_is(jws.header().get("cty").and_then(Value::as_str), media_type) {
        return Err("the content type is not the one expected".to_owned());
    }
    if !key.is_named(jws.kid(), &public) {
        return Err("kid names another key".to_owned());
    }
    let claims = claims.as_object().ok_or("the payload is no JSON object")?;
    let document = without_registered(claims);
    check_document(&document, feature.is_presentation())?;
    check_claims(claims, &document, feature.is_presentation())?;
    Ok(document)
}

fn cose(feature: Feature, input: &str, key: &KeyFile) -> Result<Value, String> {
    let bytes = from_base64(input).ok_or("the input is not base64")?;
    let signed = Sign1::parse(&bytes).map_err(|error| error.code().to_owned())?;
    let public = key.public()?;
    signed.verify(&public, media_type(feature)).map_err(|error| error.code().to_owned())?;
    let kid = match signed.kid() {
        [] => None,
        kid => Some(std::str::from_utf8(kid).map_err(|_| "kid is no text")?),
    };
    if !key.is_named(kid, &public) {
        return Err("kid names another key".to_owned());
    }
    let document = signed.payload_json().map_err(|error| error.code().to_owned())?;
    check_document(&document, feature.is_presentation())?;
    let party = if feature.is_presentation() { "holder" } else { "issuer" };
    let stated = document.get(party).and_then(id_of);
    if let (Some(claimed), Some(stated)) = (signed.claims().issuer.as_deref(), stated)
        && claimed != stated
    {
        return Err(format!("iss differs from the {party}"));
    }
    Ok(document)
}
