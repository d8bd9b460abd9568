//! What the W3C suites assert of issuers, holders and verifiers, for every way of securing.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod kit;

use kit::*;
use serde_json::{Value, json};
use signing_keys::Algorithm;
use vc_api::{DeriveRequest, IssueRequest, VerifyOptions, issue};

const ALL: [&str; 3] = ["/issuer", "/validFrom", "/credentialSubject"];

#[tokio::test]
async fn issued_and_shown_it_verifies() {
    for instance in instances() {
        for form in [
            json!(instance.issuer.as_str()),
            json!({"id": instance.issuer.as_str(), "name": "가상"}),
        ] {
            let mut credential = credential(&instance);
            credential["issuer"] = form;
            let issued = try_issue(&instance, &credential).unwrap();
            let shown = shown(&instance, issued, &ALL).await;
            let found = verify(&shown, &VerifyOptions::default()).await;
            assert!(found.verified(), "{instance:?} {:?}", found.problems);
            assert_eq!(found.issuer.as_ref(), Some(&instance.issuer));
            let document = found.credential.unwrap();
            assert_eq!(document["issuer"], credential["issuer"], "{instance:?}");
        }
    }
}

#[tokio::test]
async fn version_1_1_gets_the_context_of_the_proof() {
    for instance in instances() {
        for dates in [json!({}), json!({"issuanceDate": "2026-01-01T00:00:00Z"})] {
            let mut credential = json!({
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiableCredential"],
                "issuer": instance.issuer.as_str(),
                "credentialSubject": {"id": "did:example:subject"}
            });
            for (name, value) in dates.as_object().unwrap() {
                credential[name] = value.clone();
            }
            let issued = try_issue(&instance, &credential);
            if instance.securing.as_str() == "vc+jwt" {
                assert_eq!(issued.unwrap_err().code(), "credential_not_securable");
                continue;
            }
            let issued = issued.unwrap();
            assert_eq!(issued["@context"][1], "https://w3id.org/security/data-integrity/v2");
            let shown = shown(&instance, issued, &["/issuer", "/credentialSubject"]).await;
            let found = verify(&shown, &VerifyOptions::default()).await;
            assert!(found.verified(), "{instance:?} {:?}", found.problems);
        }
    }
}

/// A change to a good credential that every instance must refuse to issue.
type Change = (&'static str, fn(&mut Value));

const REFUSED: &[Change] = &[
    ("no context", |c| drop(c.as_object_mut().unwrap().remove("@context"))),
    ("no type", |c| drop(c.as_object_mut().unwrap().remove("type"))),
    ("no issuer", |c| drop(c.as_object_mut().unwrap().remove("issuer"))),
    ("no subject", |c| drop(c.as_object_mut().unwrap().remove("credentialSubject"))),
    ("context null", |c| c["@context"] = json!(null)),
    ("context text", |c| c["@context"] = json!("https://www.w3.org/ns/credentials/v2")),
    ("context empty", |c| c["@context"] = json!([])),
    ("context unknown", |c| c["@context"][1] = json!("https://unknown.example/context")),
    ("context inline", |c| c["@context"][1] = json!({"degree": "https://a.example/degree"})),
    ("type number", |c| c["type"] = json!(4)),
    ("type empty", |c| c["type"] = json!([])),
    ("subject true", |c| c["credentialSubject"] = json!(true)),
    ("subject empty", |c| c["credentialSubject"] = json!({})),
    ("subject text", |c| c["credentialSubject"] = json!("text")),
    ("issuer null", |c| c["issuer"] = json!(null)),
    ("issuer list", |c| c["issuer"] = json!([c["issuer"]])),
    ("issuer of others", |c| c["issuer"] = json!("did:example:other")),
    ("issuer object of others", |c| c["issuer"] = json!({"id": "did:example:other"})),
    ("id no url", |c| c["id"] = json!("not a url")),
    ("id list", |c| c["id"] = json!(["urn:uuid:1", "urn:uuid:2"])),
    ("status without type", |c| c["credentialStatus"] = json!({"id": "https://a.example/1"})),
    ("schema without type", |c| c["credentialSchema"] = json!({"id": "https://a.example/1"})),
    ("refresh without type", |c| c["refreshService"] = json!({"id": "https://a.example/1"})),
    ("terms without type", |c| c["termsOfUse"] = json!({"id": "https://a.example/1"})),
    ("evidence without type", |c| c["evidence"] = json!([{"id": "https://a.example/1"}])),
    ("resource without id", |c| c["relatedResource"] = json!({"digestSRI": "sha256-x"})),
    ("resource without digest", |c| c["relatedResource"] = json!({"id": "https://a.example/1"})),
    ("date", |c| c["validUntil"] = json!("tomorrow")),
    ("turned dates", |c| c["validUntil"] = json!("2020-01-01T00:00:00Z")),
    ("null value", |c| c["credentialSubject"]["degree"] = json!(null)),
    ("proof no object", |c| c["proof"] = json!("text")),
];

#[test]
fn every_refusal_at_every_instance() {
    for instance in instances() {
        for (name, change) in REFUSED {
            let mut credential = credential(&instance);
            change(&mut credential);
            let error = try_issue(&instance, &credential);
            let error = error.expect_err(&format!("{name} at {instance:?}"));
            assert!(error.problem().kind.starts_with("https://"), "{name}");
            assert!(!error.is_ours(), "{name}");
        }
        // Without the examples' @vocab, a term or type must be defined.
        let mut plain = credential(&instance);
        plain["@context"] = json!(["https://www.w3.org/ns/credentials/v2"]);
        plain["type"] = json!(["VerifiableCredential"]);
        plain["credentialSubject"] = json!({"id": "did:example:subject"});
        assert!(try_issue(&instance, &plain).is_ok(), "{instance:?}");
        let mut term = plain.clone();
        term["credentialSubject"]["unheard"] = json!("x");
        assert!(try_issue(&instance, &term).is_err(), "undefined term at {instance:?}");
        let mut kind = plain.clone();
        kind["type"] = json!(["VerifiableCredential", "UnheardCredential"]);
        assert!(try_issue(&instance, &kind).is_err(), "undefined type at {instance:?}");
    }
}

#[test]
fn mandatory_pointers_must_resolve() {
    for instance in instances() {
        let selective = instance.securing.as_str() == "bbs-2023"
            || instance.securing.as_str() == "ecdsa-sd-2023";
        for (pointers, good) in [
            (json!(["/issuer"]), selective),
            (json!(["/nowhere"]), false),
            (json!(["issuer"]), false),
        ] {
            let body = json!({"credential": credential(&instance), "options": {"mandatoryPointers": pointers}});
            let request = IssueRequest::parse(&body).unwrap();
            let entropy = credential_model::ambient::PredictableEntropy::new(1);
            let issued = issue(&instance, &request, now(), &entropy);
            assert_eq!(issued.is_ok(), good, "{instance:?} {pointers}");
        }
    }
}

const BROKEN_PROOFS: &[Change] = &[
    ("no proof", |c| drop(c.as_object_mut().unwrap().remove("proof"))),
    ("proof null", |c| c["proof"] = json!(null)),
    ("proof text", |c| c["proof"] = json!("proof")),
    ("proof empty", |c| c["proof"] = json!([])),
    ("no type", |c| drop(c["proof"].as_object_mut().unwrap().remove("type"))),
    ("unknown type", |c| c["proof"]["type"] = json!("UnknownProof")),
    ("unknown suite", |c| c["proof"]["cryptosuite"] = json!("unknown-2022")),
    ("no method", |c| drop(c["proof"].as_object_mut().unwrap().remove("verificationMethod"))),
    ("bad method", |c| c["proof"]["verificationMethod"] = json!("not a did url")),
    ("no purpose", |c| drop(c["proof"].as_object_mut().unwrap().remove("proofPurpose"))),
    ("other purpose", |c| c["proof"]["proofPurpose"] = json!("authentication")),
    ("no value", |c| drop(c["proof"].as_object_mut().unwrap().remove("proofValue"))),
    ("value null", |c| c["proof"]["proofValue"] = json!(null)),
    ("value without header", |c| {
        c["proof"]["proofValue"] = json!(c["proof"]["proofValue"].as_str().unwrap()[1..]);
    }),
    ("value of other base", |c| c["proof"]["proofValue"] = json!("zl0OI")),
    ("created no date", |c| c["proof"]["created"] = json!("yesterday")),
    ("created changed", |c| c["proof"]["created"] = json!("2026-11-22T05:30:00Z")),
    ("term added", |c| c["credentialSubject"]["unheard"] = json!("x")),
    ("type added", |c| c["type"] = json!(["VerifiableCredential", "UnheardCredential"])),
    ("value changed", |c| c["credentialSubject"]["degree"]["name"] = json!("다른 학위")),
    ("issuer changed", |c| c["issuer"] = json!("did:example:other")),
];

#[tokio::test]
async fn every_broken_proof_of_every_suite() {
    for instance in instances() {
        if instance.securing.as_str() == "vc+jwt" {
            continue;
        }
        let issued = try_issue(&instance, &credential(&instance)).unwrap();
        let good = shown(&instance, issued, &ALL).await;
        for (name, change) in BROKEN_PROOFS {
            let mut broken = good.clone();
            change(&mut broken);
            let found = verify(&broken, &VerifyOptions::default()).await;
            assert!(!found.verified(), "{name} of {instance:?}");
            assert!(found.credential.is_none());
        }
        for options in [
            json!({"expectedProofPurpose": "authentication"}),
            json!({"challenge": "c"}),
            json!({"domain": "d"}),
        ] {
            let body = json!({"verifiableCredential": good, "options": options});
            let request = vc_api::VerifyRequest::parse(&body).unwrap();
            assert!(!verify(&good, &request.options).await.verified(), "{options}");
        }
    }
}

#[tokio::test]
async fn base_proofs_are_for_holders_and_derived_ones_hide() {
    for (name, algorithm) in [("ecdsa-sd-2023", Algorithm::Es256), ("bbs-2023", Algorithm::Bbs)] {
        let instance = instance(name, algorithm);
        let issued = try_issue(&instance, &credential(&instance)).unwrap();
        let found = verify(&issued, &VerifyOptions::default()).await;
        assert_eq!(found.problems[0].code, "proof_base_proof");
        let derived =
            shown(&instance, issued.clone(), &["/issuer", "/credentialSubject/year"]).await;
        assert!(derived["credentialSubject"].get("degree").is_none());
        assert!(verify(&derived, &VerifyOptions::default()).await.verified());
        // What is left without a subject is still the issuer's.
        let bare = shown(&instance, issued.clone(), &["/issuer"]).await;
        assert!(bare.get("credentialSubject").is_none());
        assert!(verify(&bare, &VerifyOptions::default()).await.verified());
        let mut forged = issued;
        forged["credentialSubject"]["year"] = json!("1999");
        let request = DeriveRequest::parse(
            &json!({"verifiableCredential": forged, "options": {"selectivePointers": ["/issuer"]}}),
        )
        .unwrap();
        let entropy = credential_model::ambient::PredictableEntropy::new(3);
        let refused =
            vc_api::derive(&request, instance.contexts, &tools(&RESOLVER), &entropy).await;
        assert!(refused.is_err(), "{name}: a forged base proof gives nothing");
    }
}

#[tokio::test]
async fn proof_sets_tokens_dates_and_status() {
    let instance = instance("eddsa-rdfc-2022", Algorithm::EdDsa);
    let once = try_issue(&instance, &credential(&instance)).unwrap();
    let twice = try_issue(&instance, &once).unwrap();
    assert_eq!(twice["proof"].as_array().unwrap().len(), 2);
    assert!(verify(&twice, &VerifyOptions::default()).await.verified());
    let mut one_broken = twice;
    one_broken["proof"][1]["created"] = json!("2026-11-22T05:30:00Z");
    assert!(!verify(&one_broken, &VerifyOptions::default()).await.verified());

    let mut expired = credential(&instance);
    expired["validUntil"] = json!("2026-02-01T00:00:00Z");
    let expired = try_issue(&instance, &expired).unwrap();
    let found = verify(&expired, &VerifyOptions::default()).await;
    assert_eq!(found.problems[0].kind, "https://www.w3.org/TR/vc-data-model#RANGE_ERROR");

    let mut with_status = credential(&instance);
    with_status["credentialStatus"] = json!({
        "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": "1", "statusListCredential": "https://a.example/list"
    });
    let with_status = try_issue(&instance, &with_status).unwrap();
    let found = verify(&with_status, &VerifyOptions::default()).await;
    assert_eq!(found.problems[0].code, "status_not_looked_up");
    let proof_only =
        VerifyOptions { checks: Some(vec!["proof".to_owned()]), ..VerifyOptions::default() };
    let found = verify(&with_status, &proof_only).await;
    assert!(found.verified() && found.warnings.len() == 1);

    let jwt = kit::instance("vc+jwt", Algorithm::Es256);
    let envelope = try_issue(&jwt, &credential(&jwt)).unwrap();
    assert_eq!(envelope["type"], json!(["EnvelopedVerifiableCredential"]));
    let token = vc_api::verify::token_of(&envelope).unwrap();
    assert!(verify(&json!(token), &VerifyOptions::default()).await.verified());
    for change in [
        (|c: &mut Value| c["@context"] = json!([])) as fn(&mut Value),
        |c| c["@context"] = json!("https://www.w3.org/ns/credentials/examples/v2"),
        |c| c["type"] = json!("VerifiableCredential"),
        |c| drop(c.as_object_mut().unwrap().remove("type")),
        |c| c["id"] = json!(c["id"].as_str().unwrap().split_once(',').unwrap().1),
        |c| c["id"] = json!(format!("{}A", c["id"].as_str().unwrap())),
    ] {
        let mut broken = envelope.clone();
        change(&mut broken);
        assert!(!verify(&broken, &VerifyOptions::default()).await.verified(), "{broken}");
    }
}
