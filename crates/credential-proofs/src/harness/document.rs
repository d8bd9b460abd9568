//! What a document must have before it is secured, and after.

use serde_json::{Map, Value};

use crate::envelope::{MediaType, is_envelope};
use crate::secured_document::{check_document, id_of};

/// The members of a credential in VCDM 2.0 (section 4, with the extension points it reserves). The suite refuses a
/// credential with others in the first place, although its example context would give them a meaning.
const CREDENTIAL_MEMBERS: [&str; 17] = [
    "@context",
    "id",
    "type",
    "name",
    "description",
    "issuer",
    "validFrom",
    "validUntil",
    "credentialSubject",
    "credentialStatus",
    "credentialSchema",
    "refreshService",
    "termsOfUse",
    "evidence",
    "relatedResource",
    "confidenceMethod",
    "renderMethod",
];

/// A credential or presentation without registered claims.
pub(super) fn check(document: &Value, presentation: bool) -> Result<(), String> {
    let kind = if presentation { "VerifiablePresentation" } else { "VerifiableCredential" };
    check_document(document, kind).map_err(|error| error.code().to_owned())?;
    if presentation {
        return check_credentials(document);
    }
    let members = document.as_object().ok_or("vc_bad_document")?;
    if let Some(name) = members.keys().find(|name| !CREDENTIAL_MEMBERS.contains(&name.as_str())) {
        return Err(format!("a credential has no member {name:?}"));
    }
    if document.get("issuer").and_then(id_of).is_none() {
        return Err("the issuer is missing".to_owned());
    }
    let subject = |value: &Value| value.as_object().is_some_and(|members| !members.is_empty());
    let subjects = match document.get("credentialSubject") {
        Some(Value::Array(list)) => !list.is_empty() && list.iter().all(subject),
        Some(one) => subject(one),
        None => false,
    };
    if subjects { Ok(()) } else { Err("the credential has no subject".to_owned()) }
}

/// Every credential in an envelope of a known media type, or with a proof of its own. What is inside is not opened:
/// the suite's own examples abbreviate it.
fn check_credentials(document: &Value) -> Result<(), String> {
    let list = match document.get("verifiableCredential") {
        None => return Ok(()),
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    let secured = |credential: &Value| {
        if !is_envelope(credential) {
            return credential.get("proof").is_some();
        }
        let id = credential.get("id").and_then(Value::as_str).unwrap_or_default();
        let Some((head, content)) = id.strip_prefix("data:").and_then(|id| id.split_once(','))
        else {
            return false;
        };
        let (name, in_base64) = match head.strip_suffix(";base64") {
            Some(name) => (name, true),
            None => (head, false),
        };
        MediaType::parse(name).is_some_and(|media_type| {
            !media_type.is_presentation()
                && media_type.is_binary() == in_base64
                && !content.is_empty()
        })
    };
    if list.iter().all(secured) {
        Ok(())
    } else {
        Err("a credential in the presentation is not secured".to_owned())
    }
}

/// `iss`, `jti` and `sub`, where present, repeat the document. Dates are not judged: there is no clock here.
pub(super) fn check_claims(
    claims: &Map<String, Value>,
    document: &Value,
    presentation: bool,
) -> Result<(), String> {
    let party = if presentation { "holder" } else { "issuer" };
    let stated = document.get(party).and_then(id_of);
    if let Some(claimed) = claims.get("iss")
        && (!claimed.is_string() || stated.is_some_and(|stated| claimed.as_str() != Some(stated)))
    {
        return Err(format!("iss differs from the {party}"));
    }
    crate::secured_document::check_repeated(claims, document).map_err(|error| error.to_string())
}
