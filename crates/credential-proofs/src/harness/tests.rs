use credential_model::ambient::PredictableEntropy;
use serde_json::{Value, json};

use super::*;

fn suite() -> Value {
    serde_json::from_str(include_str!("../../tests/vectors/vc-jose-cose-suite.json")).unwrap()
}

fn key(name: &str) -> String {
    suite()["keys"][name].to_string()
}

const KEYS: [&str; 4] = ["p256", "p384", "p521", "didEd25519"];

/// Shaped as the suite's `credential-minimal.json`.
fn credential() -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2"
        ],
        "id": "http://university.example/credentials/1872",
        "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "issuer": "https://example.issuer/vc-jose-cose",
        "validFrom": "2010-01-01T19:23:24Z",
        "credentialSchema": {"id": "https://example.org/examples/degree.json", "type": "JsonSchema"},
        "credentialSubject": {
            "id": "did:example:123",
            "firstName": "길동(가상인물)",
            "address": {"street": "가상로 1", "city": "서울"},
            "phoneNumbers": [{"type": "work"}, {"type": "mobile"}]
        }
    })
}

fn presentation() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:3978344f-8596-4c3a-a978-8fcaba3903c5",
        "type": ["VerifiablePresentation"],
        "holder": "https://example.issuer/vc-jose-cose",
        "verifiableCredential": [{
            "@context": "https://www.w3.org/ns/credentials/v2",
            "type": "EnvelopedVerifiableCredential",
            "id": "data:application/vc+jwt,eyJhbGciOiJFUzI1NiJ9.e30.AA"
        }]
    })
}

fn document(feature: Feature) -> Value {
    if feature.is_presentation() { presentation() } else { credential() }
}

fn issue_with(feature: Feature, input: &Value, key_name: &str, paths: &[&str]) -> Outcome {
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let entropy = PredictableEntropy::new(3);
    issue(feature.as_str(), &input.to_string(), &key(key_name), &paths, &entropy)
}

fn issued(feature: Feature, key_name: &str) -> String {
    let outcome = issue_with(feature, &document(feature), key_name, &[]);
    assert_eq!(outcome.result, Status::Success, "{feature:?} {key_name}: {}", outcome.data);
    outcome.data
}

/// What the W3C suite expects of an implementation, file by file.
#[test]
fn the_published_suite() {
    let suite = suite();
    for case in suite["verify"].as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap();
        let outcome = verify(text("feature"), text("input"), &key(text("key")));
        let result = serde_json::to_value(outcome.result).unwrap();
        assert_eq!(result, case["expected"], "{}: {}", case["number"], outcome.data);
        if let Some(why) = case["why"].as_str() {
            assert_eq!(outcome.data, why, "{}: refused for the right reason", case["number"]);
        }
        // The same with a line end after it, as files have it.
        let again = verify(text("feature"), &format!("{}\n", text("input")), &key(text("key")));
        assert_eq!(again, outcome);
        // Tests 10 and 11: the bare document is not secured.
        let bare = verify(text("feature"), &credential().to_string(), &key(text("key")));
        assert_eq!(bare.result, Status::Failure);
    }
}

/// Test 30 gives COSE in hexadecimal, whose letters are base64 letters as well.
#[test]
fn hexadecimal_is_not_base64() {
    let suite = suite();
    let case =
        suite["verify"].as_array().unwrap().iter().find(|case| case["number"] == 29).unwrap();
    let bytes = crate::envelope::from_base64(case["input"].as_str().unwrap()).unwrap();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(verify("credential_cose", &hex, &key("p256")).result, Status::Failure);
}

#[test]
fn every_feature_with_every_key_and_no_other() {
    for feature in Feature::ALL {
        for name in KEYS {
            let secured = issued(feature, name);
            for other in KEYS {
                let outcome = verify(feature.as_str(), &secured, &key(other));
                assert_eq!(
                    outcome.result == Status::Success,
                    other == name,
                    "{feature:?} {name} {other}"
                );
                if other == name {
                    let read: Value = serde_json::from_str(&outcome.data).unwrap();
                    assert_eq!(read, document(feature));
                }
            }
            for other in Feature::ALL {
                let outcome = verify(other.as_str(), &secured, &key(name));
                assert_eq!(
                    outcome.result == Status::Success,
                    other == feature,
                    "{feature:?} as {other:?}"
                );
            }
        }
    }
}

/// Tests 17 to 19: paths of the suite, with indices.
#[test]
fn paths_of_the_suite() {
    let paths = [
        "credentialSubject.firstName",
        "credentialSubject.address.street",
        "credentialSubject.address.city",
        "credentialSubject.phoneNumbers[0]",
    ];
    let outcome = issue_with(Feature::CredentialSdJwt, &credential(), "p521", &paths);
    assert_eq!(outcome.result, Status::Success, "{}", outcome.data);
    assert_eq!(outcome.data.matches('~').count(), 5);
    let whole = verify("credential_sdjwt", &outcome.data, &key("p521"));
    assert_eq!(serde_json::from_str::<Value>(&whole.data).unwrap(), credential());
    let bare = format!("{}~", outcome.data.split('~').next().unwrap());
    let shown = verify("credential_sdjwt", &bare, &key("p521"));
    assert_eq!(shown.result, Status::Success);
    assert!(!shown.data.contains("길동") && !shown.data.contains("work"), "{}", shown.data);

    let paths = ["holder", "verifiableCredential[0]"];
    let outcome = issue_with(Feature::PresentationSdJwt, &presentation(), "p384", &paths);
    assert_eq!(outcome.result, Status::Success, "{}", outcome.data);
    let whole = verify("presentation_sdjwt", &outcome.data, &key("p384"));
    assert_eq!(serde_json::from_str::<Value>(&whole.data).unwrap(), presentation());

    for bad in [
        "nowhere",
        "credentialSubject.phoneNumbers[2]",
        "a..b",
        "credentialSubject[",
        "type",
        "credentialSubject.phoneNumbers[00]",
        "credentialSubject.phoneNumbers[-1]",
        "issuer",
        "",
    ] {
        let outcome = issue_with(Feature::CredentialSdJwt, &credential(), "p384", &[bad]);
        assert_eq!(outcome.result, Status::Failure, "{bad:?}");
    }
    let jose = issue_with(Feature::CredentialJose, &credential(), "p384", &["id"]);
    assert_eq!(jose.result, Status::Failure, "only SD-JWT hides parts");
}

/// Tests 5, 9 and 15, and documents that lack what they must have.
#[test]
fn bad_documents_are_not_secured() {
    let changed = |name: &str, value: Value| {
        let mut credential = credential();
        credential[name] = value;
        credential
    };
    let without = |name: &str| {
        let mut credential = credential();
        credential.as_object_mut().unwrap().remove(name);
        credential
    };
    for bad in [
        changed("badExtension", json!({"huh": "what?"})),
        changed("vc", json!({})),
        changed("vp", json!({})),
        changed("proof", json!({})),
        changed("iss", json!("https://example.issuer/vc-jose-cose")),
        changed("@context", json!(["https://www.w3.org/ns/credentials/examples/v2"])),
        changed("@context", json!("https://www.w3.org/2018/credentials/v1")),
        changed("type", json!("ExampleAlumniCredential")),
        changed("issuer", json!({"name": "x"})),
        changed("credentialSubject", json!({})),
        changed("credentialSubject", json!([])),
        changed("credentialSubject", json!("did:example:123")),
        without("issuer"),
        without("credentialSubject"),
        without("type"),
        without("@context"),
        json!([]),
        json!("text"),
    ] {
        for feature in [Feature::CredentialJose, Feature::CredentialCose, Feature::CredentialSdJwt]
        {
            let outcome = issue_with(feature, &bad, "p256", &[]);
            assert_eq!(outcome.result, Status::Failure, "{feature:?} {bad}");
        }
    }
    let enveloped = |id: &str| json!({"@context": "https://www.w3.org/ns/credentials/v2", "type": "EnvelopedVerifiableCredential", "id": id});
    for bad in [
        credential(),
        enveloped("bad-credential"),
        enveloped("data:text/plain,abc"),
        enveloped("data:application/vc+jwt,"),
        enveloped("data:application/vp+jwt,abc"),
        enveloped("data:application/vc+cose,0oQ"),
        enveloped("data:application/vc+jwt;base64,abc"),
        json!("eyJ"),
        json!(null),
    ] {
        let mut presentation = presentation();
        presentation["verifiableCredential"] = json!([bad]);
        let outcome = issue_with(Feature::PresentationCose, &presentation, "p256", &[]);
        assert_eq!(outcome.result, Status::Failure, "{presentation}");
    }
}

#[test]
fn bad_files_give_a_result_too() {
    let entropy = PredictableEntropy::new(1);
    let input = credential().to_string();
    let mut halves = suite()["keys"]["p256"].clone();
    halves["publicKeyJwk"]["x"] = suite()["keys"]["p384"]["publicKeyJwk"]["x"].clone();
    let mut mixed = suite()["keys"]["p256"].clone();
    mixed["publicKeyJwk"] = suite()["keys"]["p384"]["publicKeyJwk"].clone();
    let mut public_only = suite()["keys"]["p256"].clone();
    public_only.as_object_mut().unwrap().remove("secretKeyJwk");
    for bad in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        &halves.to_string(),
        &mixed.to_string(),
        &public_only.to_string(),
        r#"{"kty":"oct","k":"AAAA","alg":"HS256"}"#,
    ] {
        let outcome = issue("credential_jose", &input, bad, &[], &entropy);
        assert_eq!(outcome.result, Status::Failure, "{bad}");
    }
    let good = issued(Feature::CredentialCose, "p256");
    for bad in ["", "{", "[]", "{}", r#"{"kty":"oct","k":"AAAA","alg":"HS256"}"#] {
        assert_eq!(verify("credential_cose", &good, bad).result, Status::Failure, "{bad}");
    }
    for bad in ["", " ", "0oQ", "....", "~", "{}", "\u{0}", &"A".repeat(3 * 1024 * 1024)] {
        for feature in Feature::ALL {
            let outcome = verify(feature.as_str(), bad, &key("p256"));
            assert_eq!(outcome.result, Status::Failure);
        }
    }
    for unknown in ["", "credential", "CREDENTIAL_JOSE", "presentation_ldp"] {
        assert_eq!(verify(unknown, &good, &key("p256")).result, Status::Indeterminate);
        assert_eq!(issue(unknown, &input, "", &[], &entropy).result, Status::Indeterminate);
    }
    let outcome = serde_json::to_value(verify("credential_cose", "", &key("p256"))).unwrap();
    assert_eq!(outcome, json!({"result": "failure", "data": "cose_cbor"}));
}

/// A bare JWK is a key file as well; `kid` is then its thumbprint, and another `kid` is refused.
#[test]
fn bare_keys_and_their_names() {
    let bare = suite()["keys"]["p384"]["secretKeyJwk"].clone();
    let entropy = PredictableEntropy::new(1);
    let outcome =
        issue("credential_jose", &credential().to_string(), &bare.to_string(), &[], &entropy);
    assert_eq!(outcome.result, Status::Success, "{}", outcome.data);
    let jws = crate::jose::CompactJws::parse(&outcome.data).unwrap();
    assert_eq!(jws.kid(), Some("96qBnDpvS6x8YSCH_xmnLlXZMkDhHBr8lj99u5aog7s"));
    assert_eq!(jws.header()["typ"], "vc+jwt");
    assert_eq!(jws.header()["cty"], "vc");
    for key in [bare.to_string(), key("p384")] {
        assert_eq!(verify("credential_jose", &outcome.data, &key).result, Status::Success);
    }
    let mut renamed = suite()["keys"]["p384"].clone();
    renamed["id"] = json!("https://example.issuer/vc-jose-cose#other");
    renamed["publicKeyJwk"]["kid"] = json!("other");
    renamed["secretKeyJwk"]["kid"] = json!("other");
    let by_other_name =
        issue("credential_cose", &credential().to_string(), &renamed.to_string(), &[], &entropy);
    let outcome = verify("credential_cose", &by_other_name.data, &key("p384"));
    assert_eq!(outcome, Outcome::failure("kid names another key"));
}

/// Test 7 of the suite is a presentation whose `exp` has long passed, and must succeed: there is no clock here. Its
/// third credential is COSE in base64 with a line end inside the `data:` URL.
#[test]
fn dates_and_contents_of_envelopes_are_not_judged() {
    let signer = signing_keys::danger::BareSigner::from_private_jwk(
        &suite()["keys"]["p384"]["secretKeyJwk"],
    )
    .unwrap();
    let token = |change: &dyn Fn(&mut Value)| {
        let mut payload = presentation();
        payload["iat"] = json!(1_734_311_050);
        payload["exp"] = json!(1_734_397_450);
        payload["iss"] = payload["holder"].clone();
        payload["jti"] = payload["id"].clone();
        change(&mut payload);
        let header = json!({
            "typ": "vp+jwt", "cty": "vp", "kid": "96qBnDpvS6x8YSCH_xmnLlXZMkDhHBr8lj99u5aog7s",
        });
        crate::jose::sign(header, payload.to_string().as_bytes(), &signer).unwrap()
    };
    let result = |change: &dyn Fn(&mut Value)| {
        verify("presentation_jose", &token(change), &key("p384")).result
    };
    let cose = "data:application/vc+cose;base64,0oRA\n";
    assert_eq!(result(&|_| {}), Status::Success);
    assert_eq!(
        result(&|payload| payload["verifiableCredential"][0]["id"] = json!(cose)),
        Status::Success
    );
    for (name, value) in [
        ("iss", json!("https://example.issuer/other")),
        ("iss", json!(1)),
        ("jti", json!("urn:uuid:other")),
        ("vp", json!({})),
        ("vc", json!({})),
        ("verifiableCredential", json!([credential()])),
    ] {
        let changed = result(&|payload| payload[name] = value.clone());
        assert_eq!(changed, Status::Failure, "{name} {value}");
    }
    // A key binding cannot be judged without the request it answers.
    let secured = issued(Feature::CredentialSdJwt, "p384");
    let bound = format!("{secured}{}", token(&|_| {}));
    assert_eq!(verify("credential_sdjwt", &bound, &key("p384")).result, Status::Failure);
}
