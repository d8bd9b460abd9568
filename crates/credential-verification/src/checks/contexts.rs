//! JSON-LD contexts: the closed list by digest, and for our own types its fixed order.
//!
//! A proof over canonical RDF survives renamed members if an attacker may add a context
//! (credentials.md A.7), so this check is not optional.
use credential_model::{contexts, format::CredentialFormat};
use serde_json::Value;

use crate::{codes::Code, content::Content, outcome::CheckOutcome};

/// Compares `@context` with what the type demands, or with the closed list for other types.
pub fn check(content: &Content) -> CheckOutcome {
    if content.format() == CredentialFormat::SdJwtVc {
        return CheckOutcome::skipped(Code::ContextsNotUsed);
    }
    let Some(listed) = content.body().get("@context").and_then(Value::as_array) else {
        return CheckOutcome::failed(Code::ContextsUnknown, "@context is not an array");
    };
    let mut urls = Vec::with_capacity(listed.len().min(16));
    for entry in listed {
        match entry.as_str() {
            Some(url) if contexts::lookup(url).is_some() => urls.push(url),
            Some(url) => return CheckOutcome::failed(Code::ContextsUnknown, short(url)),
            None => return CheckOutcome::failed(Code::ContextsUnknown, "inline context"),
        }
    }
    match content.credential_type() {
        Some(known) if urls != known.contexts() => CheckOutcome::failed(
            Code::ContextsOrder,
            "must be exactly the type's contexts in their order",
        ),
        _ => CheckOutcome::passed(Code::ContextsOk),
    }
}

fn short(url: &str) -> String {
    url.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use credential_model::catalogue::{CREDENTIALS_V2, CredentialType};
    use serde_json::json;

    use super::*;

    fn code(credential_type: Option<CredentialType>, context: Value) -> Code {
        let body = json!({"@context": context, "credentialSubject": {}});
        check(&Content::new(CredentialFormat::LdpVc, credential_type, body)).code()
    }

    #[test]
    fn closed_list_and_order() {
        let badge = CredentialType::QualificationBadge;
        let mut list = badge.contexts();
        assert_eq!(code(Some(badge), json!(list)), Code::ContextsOk);
        list.reverse();
        assert_eq!(code(Some(badge), json!(list)), Code::ContextsOrder);
        assert_eq!(code(Some(badge), json!([CREDENTIALS_V2])), Code::ContextsOrder);
        assert_eq!(code(None, json!([CREDENTIALS_V2])), Code::ContextsOk);
    }

    #[test]
    fn unknown_and_inline_contexts_are_refused() {
        let badge = Some(CredentialType::QualificationBadge);
        let mut list: Vec<Value> =
            CredentialType::QualificationBadge.contexts().into_iter().map(Value::from).collect();
        list.push(json!({"grade2": "https://sinpyo.example/vocab#qualificationGrade"}));
        assert_eq!(code(badge, json!(list)), Code::ContextsUnknown);
        assert_eq!(code(badge, json!(["https://evil.example/context"])), Code::ContextsUnknown);
        assert_eq!(
            code(badge, json!("https://www.w3.org/ns/credentials/v2")),
            Code::ContextsUnknown
        );
    }

    #[test]
    fn claim_sets_have_none() {
        let content = Content::new(CredentialFormat::SdJwtVc, None, json!({}));
        assert_eq!(check(&content).code(), Code::ContextsNotUsed);
    }
}
