//! VC-API as a test harness speaks to it: the real binary on the example file, over HTTP.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod loopback;

use credential_model::ambient::Clock as _;
use credential_model::did::DidDocument;
use loopback::{Service, example, example_with, output, refuses_the_unreadable, resolves};
use serde_json::{Value, json};
use signing_keys::system::SystemClock;
use tempfile::tempdir;
use vc_api::did_resolution_answer::OwnDocument;
use vc_api::{Tools, Verification, VerifierPolicy, VerifyOptions, verify_credential};

const BINARY: &str = env!("CARGO_BIN_EXE_issuer-service");
const V1: &str = "https://www.w3.org/2018/credentials/v1";
const V2: &str = "https://www.w3.org/ns/credentials/v2";

fn issue_path(instance: &str) -> String {
    format!("/issuers/{instance}/credentials/issue")
}

fn credential(issuer: &Value) -> Value {
    json!({
        "@context": [V2, "https://www.w3.org/ns/credentials/examples/v2"],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "ExampleDegreeCredential"],
        "issuer": issuer,
        "validFrom": "2024-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:subject",
            "degree": {"type": "ExampleDegree", "name": "가상학위"},
            "year": "2020"
        }
    })
}

/// The instances as harness authors find them.
fn instances(service: &Service) -> Vec<Value> {
    service.get("/issuers").ok(200)["instances"].as_array().unwrap().clone()
}

fn issuer(service: &Service, instance: &str) -> Value {
    let all = instances(service);
    all.iter().find(|known| known["id"] == instance).unwrap()["issuer"].clone()
}

/// Verifies as a verifier would that knows the issuer's documents only.
fn verify(service: &Service, credential: &Value) -> Verification {
    let own = DidDocument::parse(&service.get("/.well-known/did.json").ok(200)).unwrap();
    let resolver = OwnDocument(Some(own));
    let tools = Tools { resolver: &resolver, status: None, now: SystemClock.now() };
    let (options, policy) = (VerifyOptions::default(), VerifierPolicy::default());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(verify_credential(credential, &options, policy, &tools))
}

#[test]
fn every_instance_issues_what_verifies() {
    let directory = tempdir().unwrap();
    let service = Service::start(BINARY, &example(directory.path(), "issuer", |text| text));
    let all = instances(&service);
    assert_eq!(all.len(), 11);
    for instance in &all {
        let (id, securing) = (instance["id"].as_str().unwrap(), &instance["securing"]);
        let endpoint = instance["endpoint"].as_str().unwrap();
        assert_eq!(endpoint, format!("http://localhost:7101{}", issue_path(id)));
        let credential = credential(&instance["issuer"]);
        let answer = service.post(&issue_path(id), &json!({"credential": credential}));
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        let issued = answer.ok(201)["verifiableCredential"].clone();
        let shown = match securing.as_str().unwrap() {
            "ecdsa-sd-2023" | "bbs-2023" => derived(&service, id, &issued),
            "vc+jwt" => {
                assert_eq!(issued["type"], json!(["EnvelopedVerifiableCredential"]));
                let mut cut = issued.clone();
                cut["id"] = json!(issued["id"].as_str().unwrap().rsplit_once('.').unwrap().0);
                assert!(!verify(&service, &cut).verified());
                issued
            }
            suite => {
                assert_eq!(issued["proof"]["cryptosuite"], suite);
                assert_eq!(issued["proof"]["verificationMethod"], instance["verificationMethod"]);
                issued
            }
        };
        let found = verify(&service, &shown);
        assert!(found.verified(), "{id}: {:?}", found.problems);
        assert_eq!(found.issuer.unwrap().as_str(), instance["issuer"]);
        if shown.get("proof").is_some() {
            let mut tampered = shown;
            tampered["credentialSubject"]["degree"]["name"] = json!("다른 학위");
            let found = verify(&service, &tampered);
            assert_eq!(found.problems[0].code, "proof_bad_signature", "{id}");
        }
        version_1_1(&service, id, instance);
    }
}

/// Derives at both places, having been refused without.
fn derived(service: &Service, id: &str, issued: &Value) -> Value {
    assert_eq!(verify(service, issued).problems[0].code, "proof_base_proof");
    let wanted = json!({
        "verifiableCredential": issued,
        "options": {"selectivePointers": ["/credentialSubject/degree"]}
    });
    let mut shown = Value::Null;
    for path in ["/credentials/derive", &format!("/issuers/{id}/credentials/derive")] {
        shown = service.post(path, &wanted).ok(201)["verifiableCredential"].clone();
        assert!(shown["credentialSubject"].get("year").is_none(), "{shown}");
        assert_eq!(shown["issuer"], issued["issuer"], "mandatory by the configuration");
    }
    for (pointers, code) in [
        (json!(["/nowhere"]), "selective_pointer_not_found"),
        (json!(["issuer"]), "selective_bad_pointer"),
    ] {
        let mut unfit = wanted.clone();
        unfit["options"]["selectivePointers"] = pointers;
        let answer = service.post("/credentials/derive", &unfit);
        answer.refused(400, "PROOF_GENERATION_ERROR", code);
    }
    let mut forged = wanted;
    forged["verifiableCredential"]["credentialSubject"]["year"] = json!("1999");
    let answer = service.post("/credentials/derive", &forged);
    answer.refused(400, "PROOF_VERIFICATION_ERROR", "proof_bad_signature");
    shown
}

fn version_1_1(service: &Service, id: &str, instance: &Value) {
    let old = json!({
        "@context": [V1], "type": ["VerifiableCredential"], "issuer": instance["issuer"],
        "issuanceDate": "2024-01-01T00:00:00Z", "credentialSubject": {"id": "did:example:subject"}
    });
    let answer = service.post(&issue_path(id), &json!({"credential": old, "options": {}}));
    if instance["securing"] == "vc+jwt" {
        return answer.refused(400, "PROOF_GENERATION_ERROR", "credential_not_securable");
    }
    let contexts = &answer.ok(201)["verifiableCredential"]["@context"];
    assert_eq!(*contexts, json!([V1, "https://w3id.org/security/data-integrity/v2"]));
}

type Change = (&'static str, fn(&mut Value), &'static str, &'static str);

/// What is done to a good credential, and the problem's type and code.
const REFUSED: &[Change] = &[
    ("no context", |c| remove(c, "@context"), MALFORMED, MEMBER),
    ("context text", |c| c["@context"] = json!(V2), MALFORMED, MEMBER),
    ("context order", |c| c["@context"].as_array_mut().unwrap().reverse(), MALFORMED, MEMBER),
    (
        "context unknown",
        |c| context(c, "https://a.example/c"),
        TRANSFORM,
        "json_ld_unknown_context",
    ),
    (
        "context inline",
        |c| c["@context"][1] = json!({"a": "urn:a"}),
        TRANSFORM,
        "json_ld_inline_context",
    ),
    ("no type", |c| remove(c, "type"), MALFORMED, MEMBER),
    ("type null", |c| c["type"] = json!(null), MALFORMED, MEMBER),
    ("other type", |c| c["type"] = json!(["ExampleDegreeCredential"]), MALFORMED, MEMBER),
    ("no issuer", |c| remove(c, "issuer"), MALFORMED, MEMBER),
    ("issuer list", |c| c["issuer"] = json!([]), MALFORMED, MEMBER),
    ("other issuer", |c| c["issuer"] = json!("did:example:x"), MALFORMED, "issuer_not_of_instance"),
    ("no subject", |c| remove(c, "credentialSubject"), MALFORMED, MEMBER),
    ("subject text", |c| c["credentialSubject"] = json!("did:example:x"), MALFORMED, MEMBER),
    ("two ids", |c| c["id"] = json!(["urn:a", "urn:b"]), MALFORMED, MEMBER),
    ("schema", |c| c["credentialSchema"] = json!({"id": "https://a.example"}), MALFORMED, MEMBER),
    ("refresh", |c| c["refreshService"] = json!({"id": "https://a.example"}), MALFORMED, MEMBER),
    ("evidence", |c| c["evidence"] = json!({"id": "https://a.example"}), MALFORMED, MEMBER),
    ("related", |c| c["relatedResource"] = json!([{"id": "https://a.example"}]), MALFORMED, MEMBER),
    (
        "related digest",
        |c| {
            c["relatedResource"] =
                json!([{"id": V2, "digestSRI": format!("sha256-{}=", "A".repeat(43))}])
        },
        MALFORMED,
        "data_model_related_digest",
    ),
    ("date", |c| c["validFrom"] = json!("2024-01-01"), MALFORMED, MEMBER),
    (
        "dates",
        |c| c["validUntil"] = json!("2020-01-01T00:00:00Z"),
        "RANGE_ERROR",
        "data_model_range",
    ),
    (
        "direction",
        |c| c["name"] = json!({"@value": "x", "@language": "ar", "@direction": "rtl"}),
        TRANSFORM,
        "json_ld_data_loss",
    ),
    (
        "undefined term",
        |c| {
            bare(c);
            c["unheard"] = json!(1)
        },
        TRANSFORM,
        "json_ld_undefined_term",
    ),
    (
        "undefined type",
        |c| {
            bare(c);
            c["type"] = json!(["VerifiableCredential", "Unheard"])
        },
        TRANSFORM,
        "json_ld_relative_iri",
    ),
];
const MALFORMED: &str = "MALFORMED_VALUE_ERROR";
const TRANSFORM: &str = "PROOF_TRANSFORMATION_ERROR";
const MEMBER: &str = "data_model_member";

fn remove(credential: &mut Value, member: &str) {
    credential.as_object_mut().unwrap().remove(member);
}

fn context(credential: &mut Value, url: &str) {
    credential["@context"].as_array_mut().unwrap().push(json!(url));
}

/// Leaves nothing that only the examples' context defines.
fn bare(credential: &mut Value) {
    credential["@context"] = json!([V2]);
    credential["type"] = json!(["VerifiableCredential"]);
    credential["credentialSubject"] = json!({"id": "did:example:subject"});
}

#[test]
fn what_is_refused_has_status_type_and_code() {
    let directory = tempdir().unwrap();
    let service = Service::start(BINARY, &example(directory.path(), "issuer", |text| text));
    for id in ["eddsa-rdfc-2022", "ecdsa-jcs-2019-p384", "ecdsa-sd-2023", "bbs-2023", "vc-jwt"] {
        let (path, issuer) = (issue_path(id), issuer(&service, id));
        for (name, change, kind, code) in REFUSED {
            let mut unfit = credential(&issuer);
            change(&mut unfit);
            eprintln!("{name} at {id}");
            service.post(&path, &json!({"credential": unfit})).refused(400, kind, code);
        }
    }
    let path = issue_path("eddsa-rdfc-2022");
    let good = credential(&issuer(&service, "eddsa-rdfc-2022"));
    let text = json!({"credential": good}).to_string();
    service
        .call("POST", &path, &[("Content-Type", "Application/JSON; charset=utf-8")], &text)
        .ok(201);
    for (body, kind, code) in [
        (json!(null), "PARSING_ERROR", "request_not_an_object"),
        (json!([]), "PARSING_ERROR", "request_not_an_object"),
        (json!({}), "PARSING_ERROR", "request_member_missing"),
        (json!({"credential": "x"}), MALFORMED, "request_member_malformed"),
        (json!({"credential": good, "options": []}), MALFORMED, "request_member_malformed"),
        (json!({"credential": good, "other": 1}), MALFORMED, "request_member_not_understood"),
        (
            json!({"credential": good, "options": {"proofPurpose": "authentication"}}),
            MALFORMED,
            "request_member_not_understood",
        ),
        (
            json!({"credential": good, "options": {"mandatoryPointers": ["/issuer"]}}),
            MALFORMED,
            "mandatory_pointers_not_used",
        ),
    ] {
        service.post(&path, &body).refused(400, kind, code);
    }
    let nowhere = json!({
        "credential": credential(&issuer(&service, "ecdsa-sd-2023")),
        "options": {"mandatoryPointers": ["/nowhere"]}
    });
    let answer = service.post(&issue_path("ecdsa-sd-2023"), &nowhere);
    answer.refused(400, "PROOF_GENERATION_ERROR", "selective_pointer_not_found");
    let answer = service.post("/credentials/derive", &json!({"verifiableCredential": good}));
    answer.refused(400, "PROOF_VERIFICATION_ERROR", "proof_missing");
    for path in [&issue_path("none"), "/issuers/none/credentials/derive"] {
        service.post(path, &json!({})).refused(404, "unknown_instance", "unknown_instance");
    }
    for path in [&path, "/credentials/derive"] {
        refuses_the_unreadable(&service, path);
    }
    // An inline context passes where the configuration takes that danger.
    let mut inline = good;
    inline["@context"][1] = json!({"@vocab": "https://a.example/#"});
    service.post(&issue_path("vc2.0"), &json!({"credential": inline})).ok(201);
}

#[test]
fn dids_without_a_network_resolve() {
    let directory = tempdir().unwrap();
    let service = Service::start(BINARY, &example(directory.path(), "issuer", |text| text));
    let key = issuer(&service, "bbs-2023").as_str().unwrap().to_owned();
    let version = format!("{key}?versionId=1");
    resolves(
        &service,
        &[
            (&key, 200, ""),
            ("did:web:localhost%3A7101", 200, ""),
            ("did%3Aweb%3Alocalhost%253A7101", 200, ""),
            ("did:web:elsewhere.example", 501, "METHOD_NOT_SUPPORTED"),
            ("did:unheard:1", 501, "METHOD_NOT_SUPPORTED"),
            ("did:key:zNone", 400, "INVALID_DID"),
            ("nothing", 400, "INVALID_DID"),
            (&version, 501, "FEATURE_NOT_SUPPORTED"),
        ],
    );
    let path = format!("/1.0/identifiers/{key}");
    let answer = service.get_as(&path, "application/did");
    assert_eq!(answer.header("content-type"), "application/did");
    assert_eq!(answer.ok(200)["id"], key);
    let method = service.get(&format!("{path}%23{}", key.rsplit(':').next().unwrap())).ok(200);
    assert_eq!(method["content"]["controller"], key);
    assert_eq!(service.get_as(&path, "text/html").status, 406);
}

#[test]
fn without_the_danger_it_needs_the_admin_token() {
    let directory = tempdir().unwrap();
    let (old, new) = ("danger_open_to_everybody = true", "danger_open_to_everybody = false");
    let service = Service::start(BINARY, &example_with(directory.path(), "issuer", old, new));
    let token = std::fs::read_to_string(directory.path().join("made/admin-token")).unwrap();
    let token = token.trim();
    let key = signed_issuer(&service, token);
    let wanted = json!({"credential": credential(&key)});
    let path = issue_path("eddsa-rdfc-2022");
    for path in [
        &path,
        "/credentials/derive",
        "/issuers/eddsa-rdfc-2022/credentials/derive",
        &issue_path("none"),
    ] {
        for answer in [service.post(path, &wanted), service.post_as(path, "wrong", &wanted)] {
            answer.refused(401, "admin_token_required", "admin_token_required");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    assert_eq!(service.get("/issuers").status, 401);
    service.post_as(&path, token, &wanted).ok(201);
    assert_eq!(service.get(&format!("/1.0/identifiers/{}", key.as_str().unwrap())).status, 200);
}

fn signed_issuer(service: &Service, token: &str) -> Value {
    let bearer = format!("Bearer {token}");
    let all = service.call("GET", "/issuers", &[("Authorization", &bearer)], "").ok(200);
    let all = all["instances"].as_array().unwrap();
    all.iter().find(|known| known["id"] == "eddsa-rdfc-2022").unwrap()["issuer"].clone()
}

#[test]
fn instances_that_cannot_be_are_told_at_the_start() {
    for (old, new, told) in [
        ("id = \"eddsa-jcs-2022\"", "id = \"eddsa-rdfc-2022\"", "two instances have the id"),
        ("id = \"bbs-2023\"", "id = \"a/b\"", "is no id"),
        ("securing = \"vc+jwt\"", "securing = \"jwt\"", "neither a cryptosuite nor vc+jwt"),
        ("securing = \"vc+jwt\"", "securing = \"eddsa-rdfc-2022\"", "the VC-API instance vc-jwt"),
        ("key = \"assertion-ed25519\"", "key = \"vc-api-ed25519\"", "the VC-API instance did-web"),
        ("danger_inline_contexts = true", "colour = true", "unknown field"),
    ] {
        let directory = tempdir().unwrap();
        let config = example_with(directory.path(), "issuer", old, new);
        let said = output(BINARY, &config);
        let text = String::from_utf8(said.stderr).unwrap();
        assert_eq!(said.status.code(), Some(2), "{text}");
        assert!(text.contains(told), "{text}");
    }
}
