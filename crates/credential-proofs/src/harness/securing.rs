use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use credential_model::ambient::Entropy;
use credential_model::json::{Limits, parse_strict};
use serde_json::{Value, json};
use signing_keys::Signer as _;
use signing_keys::danger::BareSigner;

use super::Feature;
use super::document::check;
use super::key::KeyFile;
use crate::cose::PreparedCose;
use crate::envelope::MediaType;
use crate::jose;
use crate::secured_document::Claims;
use crate::vc_sd_jwt::{ALWAYS_VISIBLE, Concealed, conceal};

pub(super) fn media_type(feature: Feature) -> MediaType {
    match feature {
        Feature::CredentialJose => MediaType::VcJwt,
        Feature::CredentialCose => MediaType::VcCose,
        Feature::CredentialSdJwt => MediaType::VcSdJwt,
        Feature::PresentationJose => MediaType::VpJwt,
        Feature::PresentationCose => MediaType::VpCose,
        Feature::PresentationSdJwt => MediaType::VpSdJwt,
    }
}

pub(super) fn secure(
    feature: Feature,
    input: &str,
    key: &str,
    sd_paths: &[String],
    entropy: &dyn Entropy,
) -> Result<String, String> {
    let key = KeyFile::read(key)?;
    let signer = key.signer()?;
    let document = parse_strict(input.trim().as_bytes(), &Limits::default())
        .map_err(|error| format!("the input is no strict JSON: {}", error.code()))?;
    check(&document, feature.is_presentation())?;
    let media_type = media_type(feature);
    let paths: Vec<&str> = sd_paths.iter().map(String::as_str).collect();
    match feature {
        Feature::CredentialSdJwt | Feature::PresentationSdJwt => {}
        _ if !paths.is_empty() => return Err("only SD-JWT hides parts".to_owned()),
        _ => {}
    }
    let kid = key.kid()?;
    match feature {
        Feature::CredentialCose | Feature::PresentationCose => {
            let payload = document.to_string().into_bytes();
            let (kid, claims) = (kid.as_bytes(), Claims::default());
            PreparedCose::new(media_type, kid, &claims, payload, signer.algorithm())
                .and_then(|prepared| prepared.sign(&signer))
                .map(|bytes| STANDARD_NO_PAD.encode(bytes))
                .map_err(|error| error.code().to_owned())
        }
        Feature::CredentialJose | Feature::PresentationJose => {
            jws(media_type, &kid, &document, &signer)
        }
        Feature::CredentialSdJwt | Feature::PresentationSdJwt => {
            let visible: &[&str] =
                if feature.is_presentation() { &["@context", "type"] } else { &ALWAYS_VISIBLE };
            let Concealed { payload, disclosures, missed } =
                conceal(&document, &paths, visible, 0, entropy)
                    .map_err(|error| error.code().to_owned())?;
            if let Some(path) = missed.first() {
                return Err(format!("the path {path:?} leads nowhere"));
            }
            let mut text = jws(media_type, &kid, &payload, &signer)?;
            text.push('~');
            for disclosure in disclosures {
                text.push_str(&disclosure);
                text.push('~');
            }
            Ok(text)
        }
    }
}

fn jws(
    media_type: MediaType,
    kid: &str,
    payload: &Value,
    signer: &BareSigner,
) -> Result<String, String> {
    let header = json!({"typ": media_type.typ(), "cty": media_type.content(), "kid": kid});
    jose::sign(header, payload.to_string().as_bytes(), signer)
        .map_err(|error| error.code().to_owned())
}
