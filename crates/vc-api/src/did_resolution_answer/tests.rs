use credential_model::did::DidDocument;
use serde_json::{Value, json};

use super::*;

const KEY: &str = "did:key:z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj";
const WEB: &str = "did:web:example.test%3A7001";

fn own() -> OwnDocument {
    let document = json!({
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": WEB,
        "service": [
            {"id": format!("{WEB}#files"), "type": "Files", "serviceEndpoint": "https://example.test/files/"},
            {"id": format!("{WEB}#mail"), "type": "Mail", "serviceEndpoint": "mailto:a@example.test"},
        ],
    });
    OwnDocument(Some(DidDocument::parse(&document).unwrap()))
}

async fn ask(identifier: &str, query: Option<&str>, accept: Option<&str>) -> Answer {
    answer(&own(), identifier, query, accept).await
}

fn error_type(answer: &Answer) -> &str {
    let text = answer.body["didResolutionMetadata"]["error"]["type"].as_str().unwrap_or_default();
    text.strip_prefix("https://www.w3.org/ns/did#").unwrap_or_default()
}

#[tokio::test]
async fn three_styles() {
    let result = ask(KEY, None, Some("application/did-resolution")).await;
    assert_eq!((result.status, result.media_type), (200, "application/did-resolution"));
    assert_eq!(result.body["didDocument"]["id"], KEY);
    assert_eq!(result.body["didDocumentMetadata"], json!({}));
    for accept in [None, Some("*/*"), Some("text/html, application/json;q=0.8")] {
        assert_eq!(ask(KEY, None, accept).await, result);
    }
    let document = ask(KEY, None, Some("application/did")).await;
    assert_eq!((document.status, document.media_type), (200, "application/did"));
    assert_eq!(document.body, result.body["didDocument"]);
    let legacy =
        ask(KEY, None, Some("application/ld+json;profile=\"https://w3id.org/did-resolution\""))
            .await;
    assert_eq!(legacy.body["didDocument"], result.body["didDocument"]);
    assert!(legacy.media_type.starts_with("application/ld+json"));
}

#[tokio::test]
async fn errors_have_a_type_and_a_status() {
    for (identifier, query, status, name) in [
        ("did:web", None, 400, "INVALID_DID"),
        ("not-a-did", None, 400, "INVALID_DID"),
        ("did:key:zNotAKey", None, 400, "INVALID_DID"),
        ("did:key:z6Mk%zz", None, 400, "INVALID_DID"),
        ("did:unknown:1", None, 501, "METHOD_NOT_SUPPORTED"),
        (KEY, Some("versionId=1"), 501, "FEATURE_NOT_SUPPORTED"),
        (KEY, Some("hl=zQm"), 501, "FEATURE_NOT_SUPPORTED"),
        (KEY, Some("versionTime=2026-01-01T00:00:00Z"), 501, "FEATURE_NOT_SUPPORTED"),
        (KEY, Some("versionTime=yesterday"), 400, "INVALID_OPTIONS"),
        (KEY, Some("versionNumber=-1"), 400, "INVALID_OPTIONS"),
        (KEY, Some("versionId="), 400, "INVALID_OPTIONS"),
        (KEY, Some("versionId=1&versionNumber=1"), 400, "INVALID_OPTIONS"),
        (KEY, Some("service="), 400, "INVALID_OPTIONS"),
        (KEY, Some("service=a&service=b"), 400, "INVALID_OPTIONS"),
        (KEY, Some("service=files"), 404, "NOT_FOUND"),
        (KEY, Some("relativeRef=/x"), 400, "INVALID_DID_URL"),
        (WEB, Some("service=mail"), 404, "NOT_FOUND"),
        (WEB, Some("service=files&relativeRef=//evil.example/"), 400, "INVALID_DID_URL"),
    ] {
        let answer = ask(identifier, query, None).await;
        assert_eq!((answer.status, error_type(&answer)), (status, name), "{identifier} {query:?}");
        assert_eq!(answer.body["didDocument"], Value::Null);
        let legacy = "application/ld+json; profile=\"https://w3id.org/did-resolution\"";
        let old = ask(identifier, query, Some(legacy)).await;
        assert_eq!(old.status, status);
        assert!(old.body["didResolutionMetadata"]["error"].is_string());
    }
    let answer = ask(KEY, None, Some("text/html")).await;
    assert_eq!((answer.status, error_type(&answer)), (406, "REPRESENTATION_NOT_SUPPORTED"));
    let legacy = Some("application/ld+json;profile=\"https://w3id.org/did-resolution\"");
    let answer = ask("did:unknown:1", None, legacy).await;
    assert_eq!(answer.body["didResolutionMetadata"]["error"], "methodNotSupported");
}

#[tokio::test]
async fn fragments_and_services() {
    let fragment = KEY.rsplit(':').next().unwrap();
    for identifier in
        [format!("{KEY}%23{fragment}"), format!("{KEY}%23{fragment}").replace(':', "%3A")]
    {
        let answer = ask(&identifier, None, None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.media_type, "application/did-url-dereferencing");
        assert_eq!(answer.body["content"]["id"], format!("{KEY}#{fragment}"));
    }
    assert_eq!(ask(&format!("{KEY}%23other"), None, None).await.status, 404);

    let answer = ask(WEB, Some("service=files&relativeRef=a%2Fb.txt"), None).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.location.as_deref(), Some("https://example.test/files/a/b.txt"));
    let answer = ask(&format!("{WEB}%3Fservice=files"), None, None).await;
    assert_eq!(answer.location.as_deref(), Some("https://example.test/files/"));
    // The port of a did:web survives both spellings.
    let encoded = WEB.replace('%', "%25").replace(':', "%3A");
    for identifier in [WEB, &encoded] {
        assert_eq!(ask(identifier, None, None).await.body["didDocument"]["id"], WEB);
    }
}
