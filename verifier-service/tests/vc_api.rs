//! VC-API as a test harness speaks to it: the real binary on the example file, over HTTP.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "vc_api/chains.rs"]
mod chains;
#[path = "../../crates/vc-api/tests/kit/mod.rs"]
mod kit;
#[path = "../../issuer-service/tests/loopback/mod.rs"]
mod loopback;
#[path = "vc_api/presentations.rs"]
mod presentations;

use credential_model::ambient::{Clock as _, PredictableEntropy};
use loopback::{Answer, Service, example, example_with, output, refuses_the_unreadable, resolves};
use serde_json::{Value, json};
use signing_keys::system::SystemClock;
use signing_keys::{Algorithm, Signer};
use tempfile::tempdir;
use vc_api::{Instance, InstanceKey, IssueRequest, issue};

const BINARY: &str = env!("CARGO_BIN_EXE_verifier-service");
const CREDENTIALS: &str = "/credentials/verify";
const PRESENTATIONS: &str = "/presentations/verify";

fn credential(instance: &Instance) -> Value {
    let mut credential = kit::credential(instance);
    credential["validFrom"] = json!("2024-01-01T00:00:00Z");
    credential
}

fn issued(instance: &Instance, credential: &Value) -> Value {
    let request = IssueRequest::parse(&json!({"credential": credential})).unwrap();
    let created = SystemClock.now().minus_seconds(5);
    issue(instance, &request, created, &PredictableEntropy::new(7)).unwrap()
}

fn eddsa() -> Instance {
    kit::instance("eddsa-rdfc-2022", Algorithm::EdDsa)
}

fn signer(instance: &Instance) -> &dyn Signer {
    let InstanceKey::Signer(signer) = &instance.key else { panic!("a signing key") };
    &**signer
}

fn verify(service: &Service, credential: &Value) -> Answer {
    service.post(CREDENTIALS, &json!({"verifiableCredential": credential}))
}

fn started(directory: &tempfile::TempDir) -> Service {
    Service::start(BINARY, &example(directory.path(), "verifier", |text| text))
}

#[test]
fn every_suite_verifies_and_tampered_does_not() {
    let directory = tempdir().unwrap();
    let service = started(&directory);
    for instance in kit::instances() {
        let name = instance.securing.as_str();
        let mut shown = issued(&instance, &credential(&instance));
        if ["ecdsa-sd-2023", "bbs-2023"].contains(&name) {
            let base = verify(&service, &shown);
            base.refused(400, "PROOF_VERIFICATION_ERROR", "proof_base_proof");
            shown = derived(&service, &shown);
        }
        for path in [CREDENTIALS, "/verifiers/strict/credentials/verify"] {
            let body =
                json!({"verifiableCredential": shown, "options": {"returnCredential": true}});
            let found = service.post(path, &body).ok(200);
            assert_eq!(found["verified"], true, "{name}");
            assert_eq!(found["problemDetails"], json!([]));
            assert_eq!(found["credential"]["issuer"], instance.issuer.as_str());
        }
        let mut tampered = shown.clone();
        if name == "vc+jwt" {
            let id = shown["id"].as_str().unwrap();
            let (token, signature) = id.rsplit_once('.').unwrap();
            let first = if signature.starts_with('A') { 'B' } else { 'A' };
            tampered["id"] = json!(format!("{token}.{first}{}", &signature[1..]));
            let answer = verify(&service, &tampered);
            answer.refused(400, "CRYPTOGRAPHIC_SECURITY_ERROR", "jws_bad_signature");
            let token = id.split_once(',').unwrap().1;
            assert_eq!(verify(&service, &json!(token)).ok(200)["verified"], true);
        } else {
            tampered["credentialSubject"]["degree"]["name"] = json!("다른 학위");
            let answer = verify(&service, &tampered);
            answer.refused(400, "PROOF_VERIFICATION_ERROR", "proof_bad_signature");
        }
    }
}

fn derived(service: &Service, base: &Value) -> Value {
    let wanted = json!({
        "verifiableCredential": base,
        "options": {"selectivePointers": ["/issuer", "/credentialSubject/degree"]}
    });
    let mut shown = Value::Null;
    for path in ["/credentials/derive", "/verifiers/strict/credentials/derive"] {
        shown = service.post(path, &wanted).ok(201)["verifiableCredential"].clone();
        assert!(shown["credentialSubject"].get("year").is_none(), "{shown}");
    }
    let mut forged = wanted;
    forged["verifiableCredential"]["credentialSubject"]["year"] = json!("1999");
    let answer = service.post("/credentials/derive", &forged);
    answer.refused(400, "PROOF_VERIFICATION_ERROR", "proof_bad_signature");
    shown
}

type Change = (&'static str, fn(&mut Value), &'static str, &'static str);

/// What is done to a good credential of `eddsa-rdfc-2022`, and the problem's type and code.
const REFUSED: &[Change] = &[
    ("no proof", |c| remove(c, "proof"), PROOF, "proof_missing"),
    ("proof null", |c| c["proof"] = json!(null), PROOF, "proof_malformed"),
    ("proof text", |c| c["proof"] = json!("proof"), PROOF, "proof_malformed"),
    ("proof empty", |c| c["proof"] = json!([]), PROOF, "proof_missing"),
    ("no proof type", |c| remove(&mut c["proof"], "type"), PROOF, "proof_member"),
    ("proof type", |c| c["proof"]["type"] = json!("Unheard"), PROOF, "proof_unknown_type"),
    ("no suite", |c| remove(&mut c["proof"], "cryptosuite"), PROOF, "proof_member"),
    (
        "suite",
        |c| c["proof"]["cryptosuite"] = json!("unheard-2022"),
        PROOF,
        "proof_unknown_cryptosuite",
    ),
    (
        "suite of others",
        |c| c["proof"]["cryptosuite"] = json!("ecdsa-rdfc-2019"),
        PROOF,
        "proof_algorithm_mismatch",
    ),
    ("no method", |c| remove(&mut c["proof"], "verificationMethod"), PROOF, "proof_member"),
    (
        "method",
        |c| c["proof"]["verificationMethod"] = json!("did:key:zNone#zNone"),
        PROOF,
        "did_invalid",
    ),
    ("no purpose", |c| remove(&mut c["proof"], "proofPurpose"), PROOF, "proof_member"),
    (
        "purpose",
        |c| c["proof"]["proofPurpose"] = json!("authentication"),
        PROOF,
        "proof_wrong_purpose",
    ),
    ("no value", |c| remove(&mut c["proof"], "proofValue"), PROOF, "proof_member"),
    ("value base", |c| c["proof"]["proofValue"] = json!("uAAAA"), PROOF, "proof_member"),
    ("value letters", |c| c["proof"]["proofValue"] = json!("z0OIl"), PROOF, "proof_member"),
    ("created", |c| c["proof"]["created"] = json!("yesterday"), PROOF, "proof_member"),
    ("expired", |c| c["proof"]["expires"] = json!("2025-01-01T00:00:00Z"), PROOF, "proof_expired"),
    (
        "broken chain",
        |c| c["proof"]["previousProof"] = json!("urn:uuid:none"),
        PROOF,
        "proof_broken_chain",
    ),
    ("issuer", |c| c["issuer"] = json!("did:example:other"), PROOF, "proof_wrong_issuer"),
    ("member", |c| c["name"] = json!("added"), PROOF, "proof_bad_signature"),
    (
        "type",
        |c| c["type"] = json!(["VerifiableCredential", "Added"]),
        PROOF,
        "proof_bad_signature",
    ),
    (
        "context inline",
        |c| c["@context"][1] = json!({"@vocab": "urn:a:"}),
        TRANSFORM,
        "json_ld_inline_context",
    ),
    (
        "context unknown",
        |c| c["@context"][1] = json!("https://a.example/"),
        TRANSFORM,
        "json_ld_unknown_context",
    ),
    (
        "context order",
        |c| c["@context"].as_array_mut().unwrap().reverse(),
        MALFORMED,
        "data_model_member",
    ),
    ("subject", |c| c["credentialSubject"] = json!([]), MALFORMED, "data_model_member"),
    (
        "dates",
        |c| c["validUntil"] = json!("2020-01-01T00:00:00Z"),
        "RANGE_ERROR",
        "data_model_range",
    ),
];
const PROOF: &str = "PROOF_VERIFICATION_ERROR";
const TRANSFORM: &str = "PROOF_TRANSFORMATION_ERROR";
const MALFORMED: &str = "MALFORMED_VALUE_ERROR";

fn remove(object: &mut Value, member: &str) {
    object.as_object_mut().unwrap().remove(member);
}

#[test]
fn what_is_refused_has_status_type_and_code() {
    let directory = tempdir().unwrap();
    let service = started(&directory);
    let issuer = eddsa();
    let good = issued(&issuer, &credential(&issuer));
    for (name, change, kind, code) in REFUSED {
        let mut unfit = good.clone();
        change(&mut unfit);
        eprintln!("{name}");
        verify(&service, &unfit).refused(400, kind, code);
    }
    let with = |name: &str, value: Value| {
        let mut credential = credential(&issuer);
        credential[name] = value;
        verify(&service, &issued(&issuer, &credential))
    };
    with("validUntil", json!("2025-01-01T00:00:00Z")).refused(
        400,
        "RANGE_ERROR",
        "data_model_range",
    );
    with("validFrom", json!("2999-01-01T00:00:00Z")).refused(
        400,
        "RANGE_ERROR",
        "data_model_range",
    );
    let entry = json!({
        "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": "1", "statusListCredential": "https://status.invalid/1"
    });
    let unknown = with("credentialStatus", entry);
    assert_eq!(unknown.status, 400);
    let kind = "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR";
    assert_eq!(unknown.json()["problemDetails"][0]["type"], kind);

    for (options, kind, code) in [
        (json!({"challenge": "x"}), "INVALID_CHALLENGE_ERROR", "proof_wrong_challenge"),
        (json!({"domain": "x"}), "INVALID_DOMAIN_ERROR", "proof_wrong_domain"),
        (json!({"expectedProofPurpose": "authentication"}), PROOF, "proof_wrong_purpose"),
        (json!({"expectedProofPurpose": "other"}), MALFORMED, "request_member_malformed"),
        (json!({"unheard": 1}), MALFORMED, "request_member_not_understood"),
        (json!(null), MALFORMED, "request_member_malformed"),
    ] {
        let body = json!({"verifiableCredential": good, "options": options});
        service.post(CREDENTIALS, &body).refused(400, kind, code);
    }
    for (body, kind, code) in [
        (json!(null), "PARSING_ERROR", "request_not_an_object"),
        (json!({}), "PARSING_ERROR", "request_member_missing"),
        (json!({"verifiableCredential": 1}), MALFORMED, "request_member_malformed"),
        (json!({"verifiableCredential": "a.b.c"}), "PARSING_ERROR", "envelope_encoding"),
        (
            json!({"verifiableCredential": good, "other": 1}),
            MALFORMED,
            "request_member_not_understood",
        ),
    ] {
        service.post(CREDENTIALS, &body).refused(400, kind, code);
    }
    for path in ["credentials/verify", "presentations/verify", "credentials/derive"] {
        let answer = service.post(&format!("/verifiers/none/{path}"), &json!({}));
        answer.refused(404, "unknown_instance", "unknown_instance");
        refuses_the_unreadable(&service, &format!("/{path}"));
    }
}

#[test]
fn instances_relax_what_they_name_and_nothing_else() {
    let directory = tempdir().unwrap();
    let (old, new) = ("status_when_not_verified = 400", "status_when_not_verified = 200");
    let service = Service::start(BINARY, &example_with(directory.path(), "verifier", old, new));
    let issuer = eddsa();
    let at = |instance: &str, credential: &Value| {
        let path = format!("/verifiers/{instance}/credentials/verify");
        service.post(&path, &json!({"verifiableCredential": credential}))
    };
    let mut expired = credential(&issuer);
    expired["validUntil"] = json!("2025-01-01T00:00:00Z");
    let expired = issued(&issuer, &expired);
    at("strict", &expired).refused(200, "RANGE_ERROR", "data_model_range");
    let found = at("proof-only", &expired).ok(200);
    assert_eq!(found["verified"], true);
    assert_eq!(found["warnings"][0]["code"], "proof_only", "it says what it is");
    let mut foreign = expired.clone();
    foreign["issuer"] = json!("did:example:other");
    at("proof-only", &foreign).refused(200, PROOF, "proof_bad_signature");

    let mut inline = eddsa();
    inline.contexts = vc_api::Contexts::DangerInline;
    let mut own_words = credential(&inline);
    own_words["@context"][1] = json!({"@vocab": "https://a.example/#"});
    let own_words = issued(&inline, &own_words);
    at("strict", &own_words).refused(200, TRANSFORM, "json_ld_inline_context");
    assert_eq!(at("vc2.0", &own_words).ok(200)["verified"], true);
    // What is no request is 400 all the same.
    service.post(CREDENTIALS, &json!({})).refused(400, "PARSING_ERROR", "request_member_missing");
}

#[test]
fn dids_resolve_and_refuse() {
    let directory = tempdir().unwrap();
    let service = started(&directory);
    let key = eddsa().issuer.to_string();
    let (version, twice) = (format!("{key}?versionId=1"), format!("{key}?service=a&service=b"));
    resolves(
        &service,
        &[
            (&key, 200, ""),
            ("did:unheard:1", 501, "METHOD_NOT_SUPPORTED"),
            ("did:key:zNone", 400, "INVALID_DID"),
            ("did:web:127.0.0.1", 400, "INVALID_DID"),
            ("did:web:a%zz", 400, "INVALID_DID"),
            // Where the guarded client does not go, there is nothing to be found.
            ("did:web:localhost%3A9", 404, "NOT_FOUND"),
            ("did:web:192.168.0.1.nip.io%3A8443", 404, "NOT_FOUND"),
            // Other makers' methods: no registry of this network is configured; no SCID.
            ("did:ethr:0xb9c5714089478a327f09197987f16f9e5d936e8a", 501, "METHOD_NOT_SUPPORTED"),
            ("did:webvh:example.com", 400, "INVALID_DID"),
            ("nothing", 400, "INVALID_DID"),
            (&version, 501, "FEATURE_NOT_SUPPORTED"),
            (&twice, 400, "INVALID_OPTIONS"),
        ],
    );
    let path = format!("/1.0/identifiers/{key}");
    for media in ["application/did", "application/did+json", "application/did+ld+json"] {
        let answer = service.get_as(&path, media);
        assert_eq!(answer.header("content-type"), media);
        assert_eq!(answer.ok(200)["id"], key);
    }
    let method = service.get(&format!("{path}%23{}", key.rsplit(':').next().unwrap())).ok(200);
    assert_eq!(method["content"]["controller"], key);
    assert_eq!(service.get(&format!("{path}%23none")).status, 404);
    assert_eq!(service.get_as(&path, "text/html").status, 406);
}

#[test]
fn a_token_guards_everything_but_resolution() {
    let directory = tempdir().unwrap();
    let config = example(directory.path(), "verifier", |text| {
        format!("{text}\n[api]\ntoken_file = \"token\"\n")
    });
    let service = Service::start(BINARY, &config);
    let token = std::fs::read_to_string(directory.path().join("token")).unwrap();
    let issuer = eddsa();
    let body = json!({"verifiableCredential": issued(&issuer, &credential(&issuer))});
    for path in [
        CREDENTIALS,
        PRESENTATIONS,
        "/credentials/derive",
        "/challenges",
        "/verifiers/proof-only/credentials/verify",
        "/verifiers/none/credentials/verify",
    ] {
        service.post(path, &body).refused(401, "unauthorized", "unauthorized");
        service.post_as(path, "wrong", &body).refused(401, "unauthorized", "unauthorized");
    }
    assert_eq!(service.post_as(CREDENTIALS, token.trim(), &body).ok(200)["verified"], true);
    assert_eq!(service.get(&format!("/1.0/identifiers/{}", issuer.issuer)).status, 200);
}

#[test]
fn instances_that_cannot_be_are_told_at_the_start() {
    for (old, new, told) in [
        ("id = \"vc2.0\"", "id = \"strict\"", "two instances have the id"),
        ("id = \"vc2.0\"", "id = \"\"", "is no id"),
        ("status_when_not_verified = 400", "status_when_not_verified = 500", "must be 400 or 200"),
        ("danger_proof_only = true", "proof_only = true", "unknown field"),
    ] {
        let directory = tempdir().unwrap();
        let said = output(BINARY, &example_with(directory.path(), "verifier", old, new));
        let text = String::from_utf8(said.stderr).unwrap();
        assert_eq!(said.status.code(), Some(2), "{text}");
        assert!(text.contains(told), "{text}");
    }
}
