//! The OpenAPI document of the JSON faces, made from the same table as the router.
use credential_verification::{Code, templates::Template};
use serde_json::{Map, Value, json};

use crate::routes::ENDPOINTS;

/// The document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for (path, methods) in ENDPOINTS {
        let mut item = Map::new();
        for method in methods {
            item.insert((*method).to_owned(), operation(path, method));
        }
        paths.insert(path.to_owned(), Value::Object(item));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sinpyo verifier",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "OpenID4VP 1.0 verifier with verdicts in Korean and English. Pages are HTML; everything else is JSON, forms or tokens as the standards have it."
        },
        "paths": paths,
        "components": {"schemas": schemas(), "securitySchemes": {"api": {"type": "http", "scheme": "bearer"}}}
    })
}

fn operation(path: &str, method: &str) -> Value {
    let (summary, body, answer) = match (path, method) {
        ("/api/requests", _) => (
            "Makes a request for a presentation.",
            Some(("application/json", "#/components/schemas/NewRequest")),
            ("201", "application/json", Some("#/components/schemas/CreatedRequest")),
        ),
        ("/api/requests/{id}", _) => (
            "Where a request stands, with its report once answered.",
            None,
            ("200", "application/json", Some("#/components/schemas/RequestState")),
        ),
        ("/api/verify", _) => (
            "A report on credentials received elsewhere.",
            Some(("application/json", "#/components/schemas/VerifyRequest")),
            ("200", "application/json", Some("#/components/schemas/Report")),
        ),
        ("/chain/witness", _) => (
            "States that a block is on the chain this verifier reads; 404 no such block, 409 another one.",
            Some(("application/json", "#/components/schemas/WitnessRequest")),
            ("200", "application/json", Some("#/components/schemas/ChainWitness")),
        ),
        ("/request/{id}", "get") => (
            "The signed request object, once.",
            None,
            ("200", "application/oauth-authz-req+jwt", None),
        ),
        ("/request/{id}", _) => (
            "The signed request object, once, echoing wallet_nonce.",
            Some(("application/x-www-form-urlencoded", "#/components/schemas/RequestUriPost")),
            ("200", "application/oauth-authz-req+jwt", None),
        ),
        ("/response/{id}", _) => (
            "Takes the wallet's answer (direct_post, direct_post.jwt).",
            Some(("application/x-www-form-urlencoded", "#/components/schemas/DirectPost")),
            ("200", "application/json", None),
        ),
        ("/credentials/verify" | "/verifiers/{id}/credentials/verify", _) => (
            "VC-API: verifies a credential. 400 (or as configured) with verified: false.",
            Some(("application/json", "#/components/schemas/VcApiVerifyCredential")),
            ("200", "application/json", Some("#/components/schemas/VcApiVerification")),
        ),
        ("/presentations/verify" | "/verifiers/{id}/presentations/verify", _) => (
            "VC-API: verifies a presentation and everything in it.",
            Some(("application/json", "#/components/schemas/VcApiVerifyPresentation")),
            ("200", "application/json", Some("#/components/schemas/VcApiVerification")),
        ),
        ("/credentials/derive" | "/verifiers/{id}/credentials/derive", _) => (
            "VC-API, for holders: a derived proof over the mandatory and the chosen parts.",
            Some(("application/json", "#/components/schemas/VcApiDerive")),
            ("201", "application/json", None),
        ),
        ("/challenges", _) => (
            "VC-API: a challenge for one presentation, good for five minutes.",
            None,
            ("200", "application/json", None),
        ),
        ("/1.0/identifiers/{*did}", _) => (
            "W3C DID Resolution; the form of the answer follows Accept. 303 for services.",
            None,
            ("200", "application/did-resolution", None),
        ),
        ("/.well-known/did.json", _) => {
            ("The verifier's DID document.", None, ("200", "application/did+json", None))
        }
        ("/openapi.json", _) => ("This document.", None, ("200", "application/json", None)),
        ("/health", _) => ("The process answers.", None, ("200", "application/json", None)),
        ("/ready", _) => (
            "The store answers; tells chain and trust list.",
            None,
            ("200", "application/json", None),
        ),
        ("/offline/bundle", _) => (
            "What a desk without a net takes along: documents, accreditations, status packs.",
            None,
            ("200", "application/json", None),
        ),
        ("/offline/worker.js", _) => {
            ("Service worker of the offline desk.", None, ("200", "text/javascript", None))
        }
        ("/offline/files/{name}", _) => (
            "Scripts and module of the offline desk, by digest.",
            None,
            ("200", "application/octet-stream", None),
        ),
        ("/r/{id}/qr.svg", _) => ("QR code of the request.", None, ("200", "image/svg+xml", None)),
        ("/r/{id}/qr.png", _) => ("QR code of the request.", None, ("200", "image/png", None)),
        ("/requests", _) => (
            "Makes a request from the front page's form.",
            Some(("application/x-www-form-urlencoded", "#/components/schemas/RequestForm")),
            ("303", "text/html", None),
        ),
        ("/verify", "post") => (
            "Examines a pasted or uploaded credential.",
            Some(("multipart/form-data", "#/components/schemas/VerifyForm")),
            ("200", "text/html", None),
        ),
        (path, _) if path.ends_with(".css") => ("The stylesheet.", None, ("200", "text/css", None)),
        _ => ("A page.", None, ("200", "text/html", None)),
    };
    let mut operation = json!({"summary": summary, "responses": responses(answer)});
    if let Some(members) = operation.as_object_mut() {
        let name =
            ["id", "*did", "name"].into_iter().find(|name| path.contains(&format!("{{{name}}}")));
        if let Some(name) = name {
            let name = name.trim_start_matches('*');
            members.insert(
                "parameters".to_owned(),
                json!([{
                    "name": name, "in": "path", "required": true, "schema": {"type": "string"}
                }]),
            );
        }
        if let Some((media_type, schema)) = body {
            members.insert(
                "requestBody".to_owned(),
                json!({
                    "required": true, "content": {media_type: {"schema": {"$ref": schema}}}
                }),
            );
        }
        if needs_token(path) {
            members.insert("security".to_owned(), json!([{}, {"api": []}]));
            if let Some(responses) = members.get_mut("responses") {
                responses["401"] =
                    problem("The bearer token of api.token_file is missing or wrong.");
            }
        }
    }
    operation
}

/// The JSON API and VC-API, where `api.token_file` is configured.
fn needs_token(path: &str) -> bool {
    ["/api/", "/credentials/", "/presentations/", "/verifiers/", "/challenges"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
}

fn problem(description: &str) -> Value {
    json!({"description": description, "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}})
}

fn responses((status, media_type, schema): (&str, &str, Option<&str>)) -> Value {
    let schema = schema.map_or_else(|| json!({}), |schema| json!({"$ref": schema}));
    json!({
        status: {"description": "Done.", "content": {media_type: {"schema": schema}}},
        "503": problem("Too busy, too slow, or the store failed; Retry-After says when to come back."),
        "default": {"description": "Refused: problem document (RFC 9457) or OAuth error.",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    })
}

fn schemas() -> Value {
    let text = json!({"type": "string"});
    let answer = json!({"enum": ["yes", "no", "unknown"]});
    let overall = json!({"enum": ["accept", "reject", "unknown"]});
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "NewRequest": {"type": "object", "additionalProperties": false,
            "description": "Exactly one of template, dcql and types.",
            "properties": {
                "template": {"enum": Template::ALL.map(Template::as_str)},
                "dcql": {"type": "object", "description": "DCQL query (OID4VP 1.0 section 6)."},
                "types": {"type": "array", "items": text},
                "formats": {"type": "array", "items": {"enum": ["dc+sd-jwt", "ldp_vc", "jwt_vc_json"]}},
                "purpose_ko": text, "purpose_en": text,
                "same_device": {"type": "boolean", "default": false},
                "response_mode": {"enum": ["direct_post", "direct_post.jwt"]},
                "client_scheme": {"enum": ["decentralized_identifier", "x509_hash", "redirect_uri"]},
                "request_uri_method": {"enum": ["get", "post"]},
                "context": {"$ref": "#/components/schemas/Context"}
            }},
        "CreatedRequest": {"type": "object", "properties": {
            "request_id": text, "request_uri": {"type": ["string", "null"]}, "deep_link": text,
            "qr_svg_url": text, "qr_png_url": text, "page_url": text, "poll_url": text,
            "match_code": text, "client_id": text, "expires_at": text}},
        "RequestState": {"type": "object", "properties": {
            "request_id": text,
            "state": {"enum": ["requested", "fetched", "answered", "shown", "refused", "expired"]},
            "match_code": text, "expires_at": text, "overall": overall,
            "verdict": {"$ref": "#/components/schemas/Verdict"},
            "report": {"$ref": "#/components/schemas/Report"}, "wallet_error": text}},
        "VerifyRequest": {"type": "object", "additionalProperties": false,
            "description": "Exactly one of credential and credentials.",
            "properties": {
                "credential": {"type": ["string", "object"]},
                "credentials": {"type": "array", "maxItems": 16},
                "context": {"$ref": "#/components/schemas/Context"},
                "at": {"type": "string", "format": "date-time"},
                "staple": {"type": "object", "description": "Evidence for the one credential (form v1); {credential, staple} in its place will do as well."}}},
        "WitnessRequest": {"type": "object", "additionalProperties": false,
            "required": ["chain_id", "number", "hash"], "properties": {
                "chain_id": {"type": "string", "pattern": "^[0-9]+$"},
                "number": {"type": "string", "pattern": "^[0-9]+$"},
                "hash": {"type": "string", "pattern": "^0x[0-9a-fA-F]{64}$"}}},
        "ChainWitness": {"type": "object", "properties": {"key": text, "signature": text}},
        "Context": {"type": "object", "required": ["profile"],
            "description": "Inputs of a domain check; further members depend on the profile.",
            "properties": {"profile": {"enum": Template::ALL.map(Template::as_str)}}},
        "VcApiVerifyCredential": {"type": "object", "required": ["verifiableCredential"],
            "additionalProperties": false, "properties": {
                "verifiableCredential": {"type": ["object", "string"]}, "options": {"type": "object"}}},
        "VcApiVerifyPresentation": {"type": "object", "additionalProperties": false, "properties": {
            "verifiablePresentation": {"type": ["object", "string"]},
            "presentation": {"type": "object", "description": "an unsigned one"},
            "options": {"type": "object", "properties": {"challenge": text, "domain": text}}}},
        "VcApiDerive": {"type": "object", "required": ["verifiableCredential"],
            "additionalProperties": false, "properties": {
                "verifiableCredential": {"type": "object"},
                "options": {"type": "object", "properties": {
                    "selectivePointers": {"type": "array", "items": text}, "presentationHeader": text}}}},
        "VcApiVerification": {"type": "object", "required": ["verified"], "properties": {
            "verified": {"type": "boolean"},
            "problemDetails": {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
            "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
            "credentialResults": {"type": "array", "items": {"type": "object"}}}},
        "Verdict": {"type": "object", "properties": {
            "authentic": answer, "in_force": answer, "entitled": answer}},
        "Report": {"type": "object", "properties": {
            "v": {"const": 1}, "number": text, "overall": overall, "moment": text,
            "verdict": {"$ref": "#/components/schemas/Verdict"},
            "credential": {"type": "object"},
            "credential_verdict": {"$ref": "#/components/schemas/Verdict"},
            "checks": {"type": "array", "items": {"$ref": "#/components/schemas/Check"}},
            "further": {"type": "array", "items": {"type": "object"}},
            "domain": {"type": "object"}, "asked": {"type": "object"},
            "knowledge": {"type": "object", "properties": {
                "status_as_of": {"type": ["string", "null"]}, "anchor_as_of": {"type": ["string", "null"]}}}}},
        "Check": {"type": "object", "properties": {
            "id": text, "outcome": {"enum": ["passed", "failed", "inconclusive", "skipped"]},
            "code": {"enum": codes}, "detail": text}},
        "RequestUriPost": {"type": "object", "properties": {"wallet_metadata": text, "wallet_nonce": text}},
        "DirectPost": {"type": "object", "properties": {
            "vp_token": text, "state": text, "response": text, "error": text, "error_description": text}},
        "RequestForm": {"type": "object", "properties": {"template": text, "same_device": text}},
        "VerifyForm": {"type": "object", "properties": {
            "credential": text, "at": {"type": "string", "format": "date"}, "file": {"type": "string", "format": "binary"}}},
        "Problem": {"type": "object", "properties": {
            "type": text, "title": text, "status": {"type": "integer"}, "code": text,
            "detail": text, "hint": text}}
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_resolves_and_every_endpoint_is_listed() {
        let document = document();
        let text = document.to_string();
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        }
        assert_eq!(document["paths"].as_object().unwrap().len(), ENDPOINTS.len());
    }
}
