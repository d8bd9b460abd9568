//! Presentations: signed, unsigned, and everything in them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod kit;

use credential_proofs::data_integrity::{ProofOptions, secure};
use kit::*;
use serde_json::{Value, json};
use signing_keys::Algorithm;
use vc_api::{
    Instance, InstanceKey, PresentationVerification, VerifierPolicy, VerifyPresentationRequest,
    verify_presentation,
};

fn presentation(holder: Option<&str>, credentials: &[Value]) -> Value {
    let mut document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
    });
    if let Some(holder) = holder {
        document["holder"] = json!(holder);
    }
    if !credentials.is_empty() {
        document["verifiableCredential"] = json!(credentials);
    }
    document
}

fn sign(instance: &Instance, document: &Value) -> Value {
    let InstanceKey::Signer(signer) = &instance.key else { panic!("a signing key") };
    let method = instance.verification_method.clone();
    let options = ProofOptions::presentation(method, now(), "challenge-1", "verifier.example");
    secure(document, &options, &**signer).unwrap()
}

async fn ask(presentation: &Value, options: Value) -> PresentationVerification {
    let body = json!({"verifiablePresentation": presentation, "options": options});
    let request = VerifyPresentationRequest::parse(&body).unwrap();
    verify_presentation(&request, VerifierPolicy::default(), &tools(&RESOLVER)).await
}

#[tokio::test]
async fn signed_ones_answer_their_challenge() {
    let holder = instance("eddsa-rdfc-2022", Algorithm::EdDsa);
    let issuer = instance("ecdsa-rdfc-2019", Algorithm::Es256);
    let credential = try_issue(&issuer, &credential(&issuer)).unwrap();
    let good = sign(
        &holder,
        &presentation(Some(holder.issuer.as_str()), std::slice::from_ref(&credential)),
    );
    let asked = json!({"challenge": "challenge-1", "domain": "verifier.example"});
    let found = ask(&good, asked.clone()).await;
    assert!(found.verified(), "{found:?}");
    assert_eq!(found.holder.as_ref(), Some(&holder.issuer));
    assert!(ask(&good, json!({"checks": []})).await.verified());
    for other in [
        json!({"challenge": "challenge-2", "domain": "verifier.example"}),
        json!({"challenge": "challenge-1", "domain": "other.example"}),
        json!({"expectedProofPurpose": "assertionMethod"}),
    ] {
        assert!(!ask(&good, other).await.verified());
    }
    let mut broken = good.clone();
    broken["verifiableCredential"][0]["credentialSubject"]["year"] = json!("1999");
    assert!(!ask(&broken, asked.clone()).await.verified());
    // Signed anew around a credential that does not hold.
    let mut forged = credential.clone();
    forged["credentialSubject"]["year"] = json!("1999");
    let around =
        sign(&holder, &presentation(Some(holder.issuer.as_str()), &[credential.clone(), forged]));
    let found = ask(&around, asked.clone()).await;
    assert!(found.problems.is_empty() && found.credentials[0].verified());
    assert!(!found.credentials[1].verified() && !found.verified());
    // The holder is somebody else than who signed.
    let stolen = sign(&holder, &presentation(Some("did:example:acme"), &[credential]));
    assert!(!ask(&stolen, asked).await.verified());
}

#[tokio::test]
async fn unsigned_ones_pass_where_nothing_is_asked() {
    let issuer = instance("eddsa-jcs-2022", Algorithm::EdDsa);
    let credential = try_issue(&issuer, &credential(&issuer)).unwrap();
    let unsigned = presentation(None, std::slice::from_ref(&credential));
    assert!(ask(&unsigned, json!({})).await.verified());
    for asked in [json!({"challenge": "c"}), json!({"domain": "d"}), json!({"checks": ["proof"]})] {
        assert!(!ask(&unsigned, asked).await.verified());
    }
    let mut bare = credential;
    bare.as_object_mut().unwrap().remove("proof");
    assert!(!ask(&presentation(Some(issuer.issuer.as_str()), &[bare]), json!({})).await.verified());
    let mut undefined = presentation(None, &[]);
    undefined["unheard"] = json!("x");
    assert!(!ask(&undefined, json!({})).await.verified());
}

#[tokio::test]
async fn self_asserted_credentials_are_the_holders_word() {
    let holder = instance("eddsa-rdfc-2022", Algorithm::EdDsa);
    let did = holder.issuer.as_str();
    let own = credential(&holder);
    let asked = json!({"challenge": "challenge-1", "domain": "verifier.example"});
    let good = sign(&holder, &presentation(Some(did), std::slice::from_ref(&own)));
    assert!(ask(&good, asked.clone()).await.verified());
    let without_holder = sign(&holder, &presentation(None, std::slice::from_ref(&own)));
    assert!(!ask(&without_holder, asked.clone()).await.verified());
    let mut foreign = own;
    foreign["issuer"] = json!("did:example:acme");
    let foreign = sign(&holder, &presentation(Some(did), &[foreign]));
    assert!(!ask(&foreign, asked).await.verified());
}

#[tokio::test]
async fn enveloped_ones_are_bound() {
    let holder = instance("vc+jwt", Algorithm::Es256);
    let InstanceKey::Signer(signer) = &holder.key else { panic!("a signing key") };
    let credential = try_issue(&holder, &credential(&holder)).unwrap();
    let token = credential_proofs::jwt_vc::present(
        &credential_proofs::jwt_vc::Presentation {
            credentials: std::slice::from_ref(&credential),
            kid: &holder.verification_method,
            audience: "verifier.example",
            nonce: "challenge-1",
            issued_at: now(),
            lifetime_seconds: 300,
        },
        &**signer,
    )
    .unwrap();
    let envelope = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": "EnvelopedVerifiablePresentation",
        "id": format!("data:application/vp+jwt,{token}"),
    });
    let asked = json!({"challenge": "challenge-1", "domain": "verifier.example"});
    for form in [envelope.clone(), json!(token)] {
        let found = ask(&form, asked.clone()).await;
        assert!(found.verified(), "{found:?}");
    }
    assert!(!ask(&envelope, json!({})).await.verified(), "without nonce it proves nothing");
    let other = json!({"challenge": "challenge-2", "domain": "verifier.example"});
    assert!(!ask(&envelope, other).await.verified());
    let mut broken = envelope;
    broken["type"] = json!(["VerifiablePresentation"]);
    assert!(!ask(&broken, asked).await.verified());
}
