//! Presentations: signed, unsigned, enveloped.

use credential_model::ambient::Clock as _;
use credential_proofs::data_integrity::{ProofOptions, secure};
use credential_proofs::jwt_vc;
use serde_json::{Value, json};
use signing_keys::Algorithm;
use signing_keys::system::SystemClock;
use tempfile::tempdir;
use vc_api::Instance;

use super::loopback::{Answer, Service};
use super::{
    MALFORMED, PRESENTATIONS, PROOF, TRANSFORM, credential, eddsa, issued, kit, signer, started,
};

const V2: &str = "https://www.w3.org/ns/credentials/v2";

fn presentation(holder: Option<&Instance>, credentials: &[Value]) -> Value {
    let mut document = json!({
        "@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": credentials
    });
    if let Some(holder) = holder {
        document["holder"] = json!(holder.issuer.as_str());
    }
    document
}

fn presented(holder: &Instance, document: &Value, challenge: &str) -> Value {
    let created = SystemClock.now().minus_seconds(5);
    let method = holder.verification_method.clone();
    let options = ProofOptions::presentation(method, created, challenge, "verifier.example");
    secure(document, &options, signer(holder)).unwrap()
}

fn asked(service: &Service, presentation: &Value, challenge: &str, domain: &str) -> Answer {
    let options = json!({"challenge": challenge, "domain": domain});
    service
        .post(PRESENTATIONS, &json!({"verifiablePresentation": presentation, "options": options}))
}

#[test]
fn presentations_answer_their_challenge_once() {
    let directory = tempdir().unwrap();
    let service = started(&directory);
    let challenge = || {
        service.post("/challenges", &json!({})).ok(200)["challenge"].as_str().unwrap().to_owned()
    };
    let (holder, issuer) = (eddsa(), kit::instance("ecdsa-jcs-2019", Algorithm::Es384));
    let inner = issued(&issuer, &credential(&issuer));
    let document = presentation(Some(&holder), std::slice::from_ref(&inner));

    let first = challenge();
    let good = presented(&holder, &document, &first);
    let found = asked(&service, &good, &first, "verifier.example").ok(200);
    assert_eq!(
        (&found["verified"], &found["holder"]),
        (&json!(true), &json!(holder.issuer.as_str()))
    );
    assert_eq!(found["credentialResults"][0]["verified"], true);
    let again = asked(&service, &good, &first, "verifier.example");
    again.refused(400, "INVALID_CHALLENGE_ERROR", "challenge_spent");
    let never = asked(&service, &good, "sinpyo-never-given", "verifier.example");
    never.refused(400, "INVALID_CHALLENGE_ERROR", "challenge_spent");
    // A challenge that the caller made is the caller's to keep track of.
    let own = presented(&holder, &document, "own");
    for _ in 0..2 {
        asked(&service, &own, "own", "verifier.example").ok(200);
    }
    let other = asked(&service, &own, "other", "verifier.example");
    other.refused(400, "INVALID_CHALLENGE_ERROR", "proof_wrong_challenge");
    let elsewhere = asked(&service, &own, "own", "elsewhere.example");
    elsewhere.refused(400, "INVALID_DOMAIN_ERROR", "proof_wrong_domain");

    let mut forged = inner.clone();
    forged["credentialSubject"]["year"] = json!("1999");
    let around = presented(&holder, &presentation(Some(&holder), &[inner.clone(), forged]), "own");
    let answer = asked(&service, &around, "own", "verifier.example");
    answer.refused(400, PROOF, "proof_bad_signature");
    let found = answer.json();
    assert_eq!(found["presentationResult"]["verified"], true);
    assert_eq!(found["credentialResults"][0]["verified"], true);
    assert_eq!(found["credentialResults"][1]["verified"], false);
    let stolen =
        presented(&holder, &presentation(Some(&issuer), std::slice::from_ref(&inner)), "own");
    asked(&service, &stolen, "own", "verifier.example").refused(400, PROOF, "proof_wrong_issuer");

    unsigned(&service, &presentation(None, std::slice::from_ref(&inner)));
    enveloped(&service, &inner);
}

fn unsigned(service: &Service, document: &Value) {
    for name in ["verifiablePresentation", "presentation"] {
        assert_eq!(service.post(PRESENTATIONS, &json!({name: document})).ok(200)["verified"], true);
    }
    let answer = asked(service, document, "own", "verifier.example");
    answer.refused(400, PROOF, "proof_missing");
    let both = json!({"verifiablePresentation": document, "presentation": document});
    service.post(PRESENTATIONS, &both).refused(400, MALFORMED, "request_member_malformed");
    for (name, value, kind, code) in [
        ("holder", json!(4), MALFORMED, "data_model_member"),
        ("type", json!("Presentation"), MALFORMED, "data_model_member"),
        ("verifiableCredential", json!([]), MALFORMED, "data_model_member"),
        ("verifiableCredential", json!([null]), MALFORMED, "data_model_member"),
        ("unheard", json!("x"), TRANSFORM, "json_ld_undefined_term"),
    ] {
        let mut unfit = document.clone();
        unfit[name] = value;
        let answer = service.post(PRESENTATIONS, &json!({"verifiablePresentation": unfit}));
        answer.refused(400, kind, code);
    }
}

fn enveloped(service: &Service, inner: &Value) {
    let holder = kit::instance("vc+jwt", Algorithm::Es256);
    let token = jwt_vc::present(
        &jwt_vc::Presentation {
            credentials: std::slice::from_ref(inner),
            kid: &holder.verification_method,
            audience: "verifier.example",
            nonce: "own",
            issued_at: SystemClock.now().minus_seconds(5),
            lifetime_seconds: 300,
        },
        signer(&holder),
    )
    .unwrap();
    let envelope = json!({
        "@context": [V2], "type": "EnvelopedVerifiablePresentation",
        "id": format!("data:application/vp+jwt,{token}"),
    });
    for form in [envelope.clone(), json!(token)] {
        assert_eq!(asked(service, &form, "own", "verifier.example").ok(200)["verified"], true);
        let answer = asked(service, &form, "other", "verifier.example");
        assert_eq!(answer.ok(400)["verified"], false);
    }
    let answer = service.post(PRESENTATIONS, &json!({"verifiablePresentation": envelope}));
    answer.refused(400, "INVALID_CHALLENGE_ERROR", "challenge_missing");
}
