use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credential_model::contexts;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::*;

fn good() -> Value {
    json!({
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:subject"}
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut document = good();
    document[name] = value;
    document
}

#[track_caller]
fn refused(document: &Value) {
    assert!(check_credential(document, Extent::Whole).is_err(), "{document}");
}

#[track_caller]
fn accepted(document: &Value) {
    let found = check_credential(document, Extent::Whole);
    assert!(found.is_ok(), "{found:?} {document}");
}

#[test]
fn required_members() {
    accepted(&good());
    let rubbish =
        [json!(null), json!(true), json!(4), json!([]), json!("no url"), json!({}), json!("")];
    for name in ["@context", "type", "issuer", "credentialSubject"] {
        let mut without = good();
        without.as_object_mut().unwrap().remove(name);
        refused(&without);
        for value in &rubbish {
            refused(&with(name, value.clone()));
        }
    }
    refused(&with("type", json!(["VerifiableCredential", null])));
    refused(&with("type", json!(["Other"])));
    refused(&with("credentialSubject", json!([{}])));
    refused(&with("@context", json!([CREDENTIALS_V2, "https ://no/url"])));
    refused(&with("@context", json!([CREDENTIALS_V2, 3])));
    refused(&with(
        "@context",
        json!(["https://www.w3.org/ns/credentials/examples/v2", CREDENTIALS_V2]),
    ));
    accepted(&with("issuer", json!({"id": "did:example:issuer", "name": "가상공단"})));
    refused(&with("issuer", json!({"id": "not a url"})));
    refused(&with("issuer", json!([{"id": "did:example:issuer"}])));
    let mut hidden = good();
    hidden.as_object_mut().unwrap().remove("credentialSubject");
    assert!(check_credential(&hidden, Extent::Disclosed).is_ok());
}

#[test]
fn identifiers_are_single_urls() {
    for id in [json!("urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"), json!("https://a.example/1")]
    {
        accepted(&with("id", id));
    }
    for id in [json!("not-a-url"), json!(["did:a:b"]), json!(null), json!(4), json!("")] {
        refused(&with("id", id.clone()));
        refused(&with("credentialSubject", json!({"id": id, "name": "x"})));
    }
}

#[test]
fn extension_points_have_types() {
    for name in [
        "credentialStatus",
        "credentialSchema",
        "refreshService",
        "termsOfUse",
        "evidence",
        "confidenceMethod",
        "renderMethod",
    ] {
        accepted(&with(name, json!({"id": "https://a.example/x", "type": "T"})));
        accepted(&with(name, json!([{"id": "https://a.example/x", "type": ["T"]}])));
        for bad in [
            json!({"id": "https://a.example/x"}),
            json!({"id": "https://a.example/x", "type": []}),
            json!({"id": "https://a.example/x", "type": 4}),
            json!({"id": "no url", "type": "T"}),
            json!([{"id": "https://a.example/x", "type": "T"}, {"id": "https://a.example/y"}]),
            json!("https://a.example/x"),
            json!([]),
            json!(null),
        ] {
            refused(&with(name, bad));
        }
    }
    refused(&with("credentialSchema", json!({"type": "JsonSchema"})));
}

#[test]
fn words_and_dates() {
    for name in ["name", "description"] {
        accepted(&with(name, json!("text")));
        accepted(&with(
            name,
            json!([{"@value": "글", "@language": "ko"}, {"@value": "text", "@language": "en"}]),
        ));
        for bad in
            [json!(4), json!({"@language": "ko"}), json!({"@value": "x", "url": "y"}), json!([])]
        {
            refused(&with(name, bad));
        }
    }
    for name in ["validFrom", "validUntil"] {
        for good in
            ["2020-01-01T00:00:00Z", "2020-01-01T09:00:00+09:00", "2020-01-01T00:00:00.123Z"]
        {
            accepted(&with(name, json!(good)));
        }
        for bad in [
            json!("2020-01-01"),
            json!("2020-01-01T00:00:00"),
            json!("soon"),
            json!(4),
            json!(null),
        ] {
            refused(&with(name, bad));
        }
    }
    let mut turned = with("validFrom", json!("2021-01-01T00:00:00Z"));
    turned["validUntil"] = json!("2020-01-01T00:00:00Z");
    let error = check_credential(&turned, Extent::Whole).unwrap_err();
    assert_eq!(error.problem().kind, RANGE_ERROR);
    let now = Moment::parse("2022-01-01T00:00:00Z").unwrap();
    assert!(check_validity(&with("validFrom", json!("2023-01-01T00:00:00Z")), now).is_err());
    assert!(check_validity(&with("validUntil", json!("2021-01-01T00:00:00Z")), now).is_err());
    assert!(check_validity(&with("expirationDate", json!("2021-01-01T00:00:00Z")), now).is_err());
    assert!(check_validity(&good(), now).is_ok());
}

#[test]
fn related_resources() {
    let bytes = contexts::lookup(CREDENTIALS_V2).unwrap().json.as_bytes();
    let digest = Sha256::digest(bytes);
    let sri = format!("sha256-{}", STANDARD.encode(digest));
    let multibase =
        format!("z{}", bs58::encode([&[0x12, 0x20], digest.as_slice()].concat()).into_string());
    let other = "uEiAjCHMnK5-ayOIZLWo_TBoKYVvSAprlkYEjRlm19Cj0uw";
    accepted(&with("relatedResource", json!([{"id": CREDENTIALS_V2, "digestSRI": sri}])));
    accepted(&with("relatedResource", json!({"id": CREDENTIALS_V2, "digestMultibase": multibase})));
    accepted(&with(
        "relatedResource",
        json!({"id": "https://a.example/x", "digestMultibase": other}),
    ));
    for bad in [
        json!([{"digestSRI": sri}]),
        json!([{"id": CREDENTIALS_V2}]),
        json!([{"id": CREDENTIALS_V2, "digestSRI": "rubbish"}]),
        json!([{"id": CREDENTIALS_V2, "digestMultibase": "rubbish"}]),
        json!([{"id": CREDENTIALS_V2, "digestMultibase": other}]),
        json!([{"id": CREDENTIALS_V2, "digestSRI": sri}, {"id": CREDENTIALS_V2, "digestSRI": sri}]),
        json!(["https://a.example/x"]),
        json!("https://a.example/x"),
    ] {
        refused(&with("relatedResource", bad));
    }
}

#[test]
fn presentations() {
    let good = json!({
        "@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"],
        "verifiableCredential": [{"type": "x"}]
    });
    assert!(check_presentation(&good).is_ok());
    for (name, value) in [
        ("type", json!("VerifiableCredential")),
        ("type", json!(null)),
        ("holder", json!("not a url")),
        ("holder", json!({"name": "no id"})),
        ("id", json!("not a url")),
        ("verifiableCredential", json!(["text"])),
        ("verifiableCredential", json!([4])),
        ("verifiableCredential", json!([])),
        ("@context", json!(CREDENTIALS_V2)),
        ("termsOfUse", json!({"id": "https://a.example/x"})),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        assert!(check_presentation(&bad).is_err(), "{bad}");
    }
}
