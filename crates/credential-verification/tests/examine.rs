//! The checks together: issuers, proofs, schemas and attackers on a scripted network.
#![allow(clippy::unwrap_used)] // a panic is how a test fails

#[path = "harness/desk.rs"]
mod desk;
mod harness;

use credential_model::catalogue::CredentialType;
use credential_verification::{Answer, CheckId, Code, OutcomeKind, Overall};
use desk::Desk;
use harness::*;
use serde_json::json;
use web_fetch::FetchError;

#[tokio::test]
async fn every_format_is_accepted_and_typed() {
    let desk = Desk::new();
    let document = desk.badge(7);
    for value in
        [desk.issuer.secure(&document), json!(desk.issuer.jwt(&document)), json!(desk.sd_jwt(7))]
    {
        let found = desk.look(&value).await;
        assert_eq!(found.overall(), Overall::Accept, "{:#?}", found.findings);
        let verified = found.verified.expect("authentic");
        let typed = verified
            .typed::<credential_model::catalogue::qualification_badge::QualificationBadge>()
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(typed.get().issuer, desk.issuer.did);
    }
}

#[tokio::test]
async fn every_type_is_accepted() {
    let desk = Desk::new();
    for kind in CredentialType::ALL {
        let document = desk.issuer.credential(kind, desk.holder.did().as_str(), 3);
        let found = desk.look(&desk.issuer.secure(&document)).await;
        assert_eq!(found.overall(), Overall::Accept, "{} {:#?}", kind.type_name(), found.findings);
        let sd = desk.issuer.sd_jwt(kind, &document, &desk.holder.key());
        let found = desk.look(&json!(sd)).await;
        assert_eq!(found.overall(), Overall::Accept, "{} {:#?}", kind.type_name(), found.findings);
    }
}

#[tokio::test]
async fn altered_content_is_not_authentic() {
    let desk = Desk::new();
    let good = desk.issuer.secure(&desk.badge(1));
    for (pointer, value) in [
        ("/credentialSubject/person/name", json!("김철수(가상인물)")),
        ("/credentialSubject/licenseNumber", json!("00000000000A")),
        ("/validUntil", json!("2030-01-01T00:00:00Z")),
        ("/awardedDate", json!("2020-06-18T00:00:00+09:00")),
        ("/credentialStatus/statusListIndex", json!("2")),
        ("/proof/created", json!("2026-11-23T00:00:00Z")),
    ] {
        let mut altered = good.clone();
        *altered.pointer_mut(pointer).unwrap() = value;
        assert_eq!(desk.proof(&altered).await, (Code::ProofInvalid, Answer::No), "{pointer}");
    }
    let token = desk.issuer.jwt(&desk.badge(1));
    let mut parts: Vec<&str> = token.split('.').collect();
    let swapped = desk.issuer.jwt(&desk.badge(2));
    parts[1] = swapped.split('.').nth(1).unwrap();
    assert_eq!(desk.proof(&json!(parts.join("."))).await, (Code::ProofInvalid, Answer::No));
}

#[tokio::test]
async fn a_disclosure_of_another_credential_is_refused() {
    let desk = Desk::new();
    let one = desk.sd_jwt(1);
    let other = desk.issuer.sd_jwt(
        CredentialType::QualificationBadge,
        &desk.issuer.credential_with(CredentialType::QualificationBadge, "did:key:x", 1, |parts| {
            parts.subject["person"]["name"] = json!("이영희(가상인물)");
        }),
        &desk.holder.key(),
    );
    let stolen = other.split('~').nth(1).unwrap();
    let forged = format!("{one}{stolen}~");
    assert_eq!(desk.proof(&json!(forged)).await, (Code::ProofDisclosure, Answer::No));
    let doubled = one.split('~').nth(1).unwrap();
    let forged = format!("{one}{doubled}~");
    assert_eq!(desk.proof(&json!(forged)).await, (Code::ProofDisclosure, Answer::No));
}

#[tokio::test]
async fn without_a_valid_proof_nothing_else_is_fetched() {
    let desk = Desk::new();
    let mut altered = desk.issuer.secure(&desk.badge(1));
    altered["name"] = json!("변조");
    let found = desk.look(&altered).await;
    assert_eq!(found.outcome(CheckId::Status).unwrap().code(), Code::StatusNotReached);
    assert_eq!(found.outcome(CheckId::Entitlement).unwrap().code(), Code::EntitlementNotReached);
    assert_eq!(
        (found.verdict.in_force, found.verdict.entitled),
        (Answer::Unknown, Answer::Unknown)
    );
    assert!(!desk.world.asked_for("/status/"));
    assert!(found.verified.is_none());
}

#[tokio::test]
async fn keys_of_others_and_keys_for_other_purposes() {
    let desk = Desk::new();
    // Signed by another issuer under this issuer's name.
    let thief = Issuer::new("thief.example", 900);
    thief.publish(&desk.world);
    let stolen = thief.secure(&desk.badge(1));
    assert_eq!(desk.proof(&stolen).await, (Code::ProofIssuerMismatch, Answer::No));
    assert!(!desk.world.asked_for("thief.example"), "nobody else's DID is looked up");
    // The key is there, but only for authentication.
    let mut document = desk.issuer.document();
    document["authentication"] = document["assertionMethod"].take();
    document["assertionMethod"] = json!([]);
    desk.world.put_json(&desk.issuer.did_url(), &document);
    let good = desk.issuer.secure(&desk.badge(1));
    assert_eq!(desk.proof(&good).await, (Code::ProofKeyNotListed, Answer::No));
    assert_eq!(desk.proof(&json!(desk.sd_jwt(1))).await.0, Code::ProofKeyNotListed);
    // The key is gone.
    document["verificationMethod"] = json!([]);
    document["authentication"] = json!([]);
    desk.world.put_json(&desk.issuer.did_url(), &document);
    assert_eq!(desk.proof(&good).await, (Code::ProofKeyUnknown, Answer::No));
}

#[tokio::test]
async fn issuers_that_cannot_be_looked_up_stay_unknown() {
    let desk = Desk::new();
    let good = desk.issuer.secure(&desk.badge(1));
    for (reply, code) in [
        (Reply::Fail(FetchError::TimedOut), Code::IssuerUnreachable),
        (Reply::Fail(FetchError::ForbiddenAddress("10.0.0.1".into())), Code::IssuerAddressRefused),
        (Reply::Status(404), Code::IssuerNotFound),
        (Reply::Status(503), Code::IssuerUnreachable),
        (
            Reply::Page { media_type: "application/json".into(), body: b"{".to_vec() },
            Code::IssuerDocumentInvalid,
        ),
    ] {
        desk.world.put(&desk.issuer.did_url(), reply);
        assert_eq!(desk.proof(&good).await, (code, Answer::Unknown), "{code}");
    }
    let mut unknown = good.clone();
    unknown["issuer"]["id"] = json!("did:example:123");
    unknown["proof"]["verificationMethod"] = json!("did:example:123#key");
    assert_eq!(desk.proof(&unknown).await, (Code::IssuerMethodUnsupported, Answer::Unknown));
}

#[tokio::test]
async fn proofs_for_other_purposes_or_past_their_dates() {
    let desk = Desk::new();
    let document = desk.badge(1);
    let with = |change: &dyn Fn(&mut credential_proofs::data_integrity::ProofOptions)| {
        let mut options = desk.issuer.proof_options();
        change(&mut options);
        credential_proofs::data_integrity::secure(&document, &options, &desk.issuer.ed25519)
            .unwrap()
    };
    let wrong = with(&|options| {
        options.proof_purpose = credential_model::did::ProofPurpose::Authentication;
    });
    assert_eq!(desk.proof(&wrong).await, (Code::ProofPurpose, Answer::No));
    let expired = with(&|options| options.expires = Some(now().minus_seconds(3_600)));
    assert_eq!(desk.proof(&expired).await, (Code::ProofExpired, Answer::No));
    let mut foreign = desk.issuer.secure(&document);
    foreign["proof"]["cryptosuite"] = json!("bbs-2099");
    assert_eq!(desk.proof(&foreign).await, (Code::ProofUnsupported, Answer::Unknown));
}

/// A limit of ours is no fault of the document: open, never "forged", and never a yes.
#[tokio::test]
async fn what_passes_our_limits_is_not_judged() {
    use credential_proofs::{base64url, jose};
    use sha2::{Digest as _, Sha256};

    let desk = Desk::new();
    let proof = async |value: &serde_json::Value| {
        let found = desk.look(value).await;
        assert_ne!(found.overall(), Overall::Accept);
        let outcome = found.outcome(CheckId::Proof).unwrap();
        (outcome.code(), outcome.kind())
    };
    let open = (Code::ProofTooLarge, OutcomeKind::Inconclusive);
    let mut tangled = desk.issuer.secure(&desk.badge(1));
    tangled["evidence"] = json!(vec![json!({ "type": ["Evidence"] }); 4_200]);
    assert_eq!(proof(&tangled).await, open);
    let types: Vec<String> = (0..70).map(|at| format!("urn:example:{at}")).collect();
    tangled["evidence"] = json!([{ "type": types }]);
    assert_eq!(proof(&tangled).await, open);
    // Below the limit it is what it is: altered.
    tangled["evidence"] = json!([{ "type": ["Evidence"] }]);
    assert_eq!(proof(&tangled).await, (Code::ProofInvalid, OutcomeKind::Failed));

    let disclosure = |at: usize| base64url::encode(json!(["s", format!("n{at}"), 1]).to_string());
    let texts: Vec<String> = (0..1_200).map(disclosure).collect();
    let digests: Vec<String> =
        texts.iter().map(|text| base64url::encode(Sha256::digest(text))).collect();
    let kid = desk.issuer.kid("p256");
    let header = json!({ "typ": "dc+sd-jwt", "kid": kid.as_str() });
    let payload = json!({
        "vct": CredentialType::QualificationBadge.vct(),
        "iss": desk.issuer.did.as_str(),
        "n".repeat(100_000): { "_sd": digests }
    });
    let signed = jose::sign(header, payload.to_string().as_bytes(), &desk.issuer.p256).unwrap();
    assert_eq!(proof(&json!(format!("{signed}~{}~", texts.join("~")))).await, open);
}

#[tokio::test]
async fn one_bad_proof_of_a_set_spoils_it() {
    let desk = Desk::new();
    let good = desk.issuer.secure(&desk.badge(1));
    let mut bad = good["proof"].clone();
    bad["created"] = json!("2026-11-23T01:00:00Z");
    let mut set = good.clone();
    set["proof"] = json!([good["proof"], bad]);
    assert_eq!(desk.proof(&set).await, (Code::ProofInvalid, Answer::No));
}

#[tokio::test]
async fn expired_is_authentic_and_not_in_force() {
    let desk = Desk::new();
    let document = desk.badge(1);
    let later = now().plus_seconds(60 * 86_400);
    desk.issuer.publish_list(&desk.world, &[], 2, later.minus_seconds(60));
    for value in
        [desk.issuer.secure(&document), json!(desk.issuer.jwt(&document)), json!(desk.sd_jwt(1))]
    {
        let found = desk.look_at(&value, later).await;
        assert_eq!(found.outcome(CheckId::Validity).unwrap().code(), Code::ValidityExpired);
        assert_eq!((found.verdict.authentic, found.verdict.in_force), (Answer::Yes, Answer::No));
    }
}

#[tokio::test]
async fn kinds_and_issuers_without_accreditation() {
    let desk = Desk::new();
    let other_kind = desk.issuer.credential_with(
        CredentialType::QualificationBadge,
        desk.holder.did().as_str(),
        1,
        |parts| parts.subject["achievement"]["humanCode"] = json!("9999"),
    );
    let found = desk.look(&desk.issuer.secure(&other_kind)).await;
    assert_eq!(found.outcome(CheckId::Entitlement).unwrap().code(), Code::EntitlementOtherKind);
    assert_eq!(found.overall(), Overall::Reject);

    let stranger = Issuer::new("stranger.example", 500);
    stranger.publish(&desk.world);
    stranger.publish_list(&desk.world, &[], 1, now());
    let badge =
        stranger.credential(CredentialType::QualificationBadge, desk.holder.did().as_str(), 1);
    let found = desk.look(&stranger.secure(&badge)).await;
    assert_eq!(found.outcome(CheckId::Entitlement).unwrap().code(), Code::EntitlementUnknownIssuer);
    assert_eq!((found.verdict.authentic, found.verdict.entitled), (Answer::Yes, Answer::No));
}

#[tokio::test]
async fn foreign_types_are_neither_accepted_nor_rejected() {
    let desk = Desk::new();
    let document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": desk.issuer.did.as_str(),
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": desk.holder.did().as_str()}
    });
    let found = desk.look(&desk.issuer.secure(&document)).await;
    assert_eq!(found.outcome(CheckId::Proof).unwrap().code(), Code::ProofOk);
    assert_eq!(found.overall(), Overall::Unknown);
}

#[tokio::test]
async fn renaming_members_by_a_further_context_is_refused() {
    let desk = Desk::new();
    let mut document = desk.issuer.secure(&desk.badge(1));
    let grade = document["credentialSubject"]
        .as_object_mut()
        .unwrap()
        .remove("qualificationGrade")
        .unwrap();
    document["credentialSubject"]["grade2"] = grade;
    document["@context"].as_array_mut().unwrap().push(json!({
        "grade2": "https://sinpyo.example/vocab#qualificationGrade"
    }));
    let found = desk.look(&document).await;
    assert_eq!(found.outcome(CheckId::Contexts).unwrap().code(), Code::ContextsUnknown);
    assert_eq!(found.verdict.authentic, Answer::No);
}

#[tokio::test]
async fn entitlement_is_asked_for_the_moment_of_signing() {
    // Accredited from 2026-01-01 on.
    let desk = Desk::new();
    let moment = |text: &str| credential_model::moment::Moment::parse(text).unwrap();
    let (before, within) = (moment("2025-12-01T00:00:00Z"), moment("2026-11-01T00:00:00Z"));
    for (valid_from, signed, expected) in
        [(before, within, Answer::Yes), (within, before, Answer::No)]
    {
        let mut document = desk.badge(7);
        document["validFrom"] = json!(valid_from);
        let options = credential_proofs::data_integrity::ProofOptions {
            created: Some(signed),
            ..desk.issuer.proof_options()
        };
        let ldp =
            credential_proofs::data_integrity::secure(&document, &options, &desk.issuer.ed25519);
        let found = desk.look(&ldp.unwrap()).await;
        assert_eq!(found.verdict.entitled, expected, "{:#?}", found.findings);

        let token =
            desk.issuer.sd_jwt(CredentialType::QualificationBadge, &document, &desk.holder.key());
        let mut payload =
            credential_proofs::jose::CompactJws::parse(token.split('~').next().unwrap())
                .unwrap()
                .payload_json()
                .unwrap();
        payload["iat"] = json!(signed.unix());
        let header = json!({"typ": "dc+sd-jwt", "kid": desk.issuer.kid("p256").as_str()});
        let signed_again = credential_proofs::jose::sign(
            header,
            payload.to_string().as_bytes(),
            &desk.issuer.p256,
        )
        .unwrap();
        let rest = token.split_once('~').unwrap().1;
        let found = desk.look(&json!(format!("{signed_again}~{rest}"))).await;
        assert_eq!(found.verdict.entitled, expected, "{:#?}", found.findings);
    }
}
