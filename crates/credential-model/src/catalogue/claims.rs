//! The SD-JWT VC claim set of a document: the same facts without JSON-LD.

use serde_json::{Map, Value, json};

use super::CredentialType;
use crate::moment::Moment;

/// Members of the document that an SD-JWT VC carries beside the subject's own.
const COPIED: [&str; 2] = ["awardedDate", "evidence"];

/// Flattens a VCDM document into the claim set of an SD-JWT VC.
///
/// `issuer` becomes `iss`, `validFrom` and `validUntil` become `nbf` and `exp` (unix
/// seconds), the type becomes `vct`; every member of `credentialSubject` moves to the top,
/// except `type`, and except `id`, because the holder is bound by `cnf` and must not be
/// linkable by a DID. `cnf`, `status` and `iat` are the issuance flow's to add.
#[must_use]
pub fn sd_jwt_claims(credential_type: CredentialType, document: &Value) -> Value {
    let mut claims = Map::new();
    claims.insert("vct".to_owned(), json!(credential_type.vct()));
    let issuer = document.get("issuer");
    if let Some(id) = issuer.and_then(|i| i.as_str().or_else(|| i.get("id")?.as_str())) {
        claims.insert("iss".to_owned(), json!(id));
    }
    for (member, claim) in [("validFrom", "nbf"), ("validUntil", "exp")] {
        let moment = document.get(member).and_then(Value::as_str).map(Moment::parse);
        if let Some(Ok(moment)) = moment {
            claims.insert(claim.to_owned(), json!(moment.unix()));
        }
    }
    if let Some(subject) = document.get("credentialSubject").and_then(Value::as_object) {
        for (name, value) in subject {
            if name != "id" && name != "type" {
                claims.insert(name.clone(), value.clone());
            }
        }
    }
    for member in COPIED {
        if let Some(value) = document.get(member) {
            claims.insert(member.to_owned(), value.clone());
        }
    }
    Value::Object(claims)
}
