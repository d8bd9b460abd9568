//! Presentations: `ldp_vp` by Data Integrity, `vp+jwt`, and the credentials inside.

#![allow(clippy::unwrap_used)]

mod support;

use credential_model::catalogue::CredentialType;
use credential_proofs::data_integrity::{self, Expected, ProofOptions};
use credential_proofs::jwt_vc::{self, ExpectedPresentation, Presentation};
use credential_proofs::{jose, presentation};
use serde_json::{Value, json};
use signing_keys::Signer;
use support::{did, ed25519, method, now, p256, ring, ring_with};

fn credential(kind: CredentialType, issuer: &dyn Signer) -> Value {
    let mut document = kind.example();
    document.as_object_mut().unwrap().remove("proof");
    document["issuer"]["id"] = json!(did(issuer).as_str());
    data_integrity::secure(&document, &ProofOptions::credential(method(issuer), now()), issuer)
        .unwrap()
}

fn expected() -> Expected<'static> {
    Expected::presentation(None, "n-1", "x509_hash:abc", now())
}

#[test]
fn the_whole_way_with_data_integrity() {
    let (issuer, holder) = (ed25519(1), ed25519(2));
    let mut credentials: Vec<Value> =
        CredentialType::ALL.map(|kind| credential(kind, &issuer)).into_iter().collect();
    credentials.push(json!("eyJhbGciOiJFUzI1NiJ9.e30.AA"));
    let options = ProofOptions::presentation(method(&holder), now(), "n-1", "x509_hash:abc");
    let secured = presentation::secure(&credentials, &did(&holder), &options, &holder).unwrap();
    let verified = presentation::verify(&secured, &expected(), &ring(&[&holder])).unwrap();
    assert_eq!(verified.holder, did(&holder));
    assert_eq!(verified.credentials, credentials);
    for inner in &verified.credentials[..7] {
        data_integrity::verify(inner, &Expected::credential(None, now()), &ring(&[&issuer]))
            .unwrap();
    }
    // A credential exchanged or changed inside breaks the holder's proof.
    for pointer in
        ["/verifiableCredential/0/name", "/verifiableCredential/6/credentialSubject/id", "/holder"]
    {
        let mut changed = secured.clone();
        *changed.pointer_mut(pointer).unwrap() = json!("urn:uuid:1");
        assert!(
            presentation::verify(&changed, &expected(), &ring(&[&holder])).is_err(),
            "{pointer}"
        );
    }
    let mut fewer = secured.clone();
    fewer["verifiableCredential"].as_array_mut().unwrap().pop();
    assert!(presentation::verify(&fewer, &expected(), &ring(&[&holder])).is_err());
}

#[test]
fn a_presentation_belongs_to_its_holder() {
    let (issuer, holder, thief) = (ed25519(1), ed25519(2), ed25519(3));
    let credentials = [credential(CredentialType::QualificationBadge, &issuer)];
    let options = ProofOptions::presentation(method(&thief), now(), "n-1", "x509_hash:abc");
    let stolen = presentation::secure(&credentials, &did(&holder), &options, &thief).unwrap();
    let code = |document: &Value, expected: &Expected<'_>| {
        presentation::verify(document, expected, &ring(&[&thief, &holder])).unwrap_err().code()
    };
    assert_eq!(code(&stolen, &expected()), "proof_wrong_issuer");
    let own = presentation::secure(&credentials, &did(&thief), &options, &thief).unwrap();
    let other = did(&holder);
    let wanted = Expected::presentation(Some(&other), "n-1", "x509_hash:abc", now());
    assert_eq!(code(&own, &wanted), "key_wrong_controller");
    // A credential is no presentation, even with the holder's authentication proof on it.
    let mut document = credentials[0].clone();
    document.as_object_mut().unwrap().remove("proof");
    let dressed = data_integrity::secure(&document, &options, &thief).unwrap();
    assert_eq!(code(&dressed, &expected()), "proof_bad_document");
    // Two holders in one presentation.
    let two = data_integrity::secure(
        &own,
        &ProofOptions::presentation(method(&holder), now(), "n-1", "x509_hash:abc"),
        &holder,
    )
    .unwrap();
    assert_eq!(code(&two, &expected()), "proof_wrong_issuer");
    assert!(presentation::document(&[json!(1)], &did(&holder)).is_err());
}

fn request<'a>() -> ExpectedPresentation<'a> {
    ExpectedPresentation {
        audience: "x509_hash:abc",
        nonce: "n-1",
        holder: None,
        now: now(),
        max_age_seconds: 300,
    }
}

#[test]
fn the_whole_way_with_jwt() {
    let (issuer, holder) = (p256(1), ed25519(2));
    let mut document = CredentialType::QualificationBadge.example();
    document.as_object_mut().unwrap().remove("proof");
    document["issuer"]["id"] = json!(did(&issuer).as_str());
    let token = jwt_vc::issue(&document, &method(&issuer), &issuer).unwrap();
    let credentials = [
        json!(token),
        json!("a.b.c~d~"),
        credential(CredentialType::DronePilotLicence, &ed25519(4)),
    ];
    let kid = method(&holder);
    let presentation = Presentation {
        credentials: &credentials,
        kid: &kid,
        audience: "x509_hash:abc",
        nonce: "n-1",
        issued_at: now(),
        lifetime_seconds: 300,
    };
    let token = jwt_vc::present(&presentation, &holder).unwrap();
    assert_eq!(jwt_vc::presentation_method(&token).unwrap(), kid);
    let keys = ring(&[&holder]);
    let verified = jwt_vc::verify_presentation(&token, &keys, &request()).unwrap();
    assert_eq!((verified.holder, verified.credentials), (did(&holder), credentials.to_vec()));

    let code = |expected: &ExpectedPresentation<'_>| {
        jwt_vc::verify_presentation(&token, &keys, expected).unwrap_err().code()
    };
    assert_eq!(
        code(&ExpectedPresentation { audience: "abc", ..request() }),
        "jwt_vp_wrong_audience"
    );
    assert_eq!(code(&ExpectedPresentation { nonce: "n-2", ..request() }), "jwt_vp_wrong_nonce");
    assert_eq!(
        code(&ExpectedPresentation { now: now().plus_seconds(361), ..request() }),
        "jwt_vc_expired"
    );
    assert_eq!(
        code(&ExpectedPresentation { now: now().minus_seconds(61), ..request() }),
        "jwt_vc_not_yet_valid"
    );
    let strict =
        ExpectedPresentation { max_age_seconds: 10, now: now().plus_seconds(80), ..request() };
    assert_eq!(code(&strict), "jwt_vp_too_old");
    let other = did(&p256(9));
    assert_eq!(
        code(&ExpectedPresentation { holder: Some(&other), ..request() }),
        "jwt_vc_wrong_issuer"
    );
    let unlisted = ring_with(&holder, |key| {
        key.purposes = vec![credential_model::did::ProofPurpose::AssertionMethod]
    });
    assert_eq!(
        jwt_vc::verify_presentation(&token, &unlisted, &request()).unwrap_err().code(),
        "key_not_listed"
    );
}

#[test]
fn jwt_presentations_that_are_refused() {
    let holder = ed25519(2);
    let keys = ring(&[&holder]);
    let honest = || {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "holder": did(&holder).as_str(),
            "verifiableCredential": [],
            "iss": did(&holder).as_str(),
            "aud": "x509_hash:abc",
            "nonce": "n-1",
            "iat": now().unix(),
        })
    };
    let judge = |typ: &str, claims: &Value| {
        let header = json!({"typ": typ, "kid": method(&holder).as_str()});
        let token = jose::sign(header, claims.to_string().as_bytes(), &holder).unwrap();
        jwt_vc::verify_presentation(&token, &keys, &request())
            .map_or_else(|error| error.code(), |_| "accepted")
    };
    let with = |name: &str, value: Value| {
        let mut claims = honest();
        claims[name] = value;
        judge("vp+jwt", &claims)
    };
    assert_eq!(judge("vp+jwt", &honest()), "accepted");
    for typ in ["vc+jwt", "JWT", "kb+jwt", ""] {
        assert_eq!(judge(typ, &honest()), "jws_wrong_type", "{typ}");
    }
    assert_eq!(with("aud", json!(["x509_hash:abc", "other"])), "jwt_vp_wrong_audience");
    assert_eq!(with("aud", json!(["x509_hash:abc"])), "accepted");
    assert_eq!(with("nonce", json!(1)), "jwt_vc_claim");
    assert_eq!(with("holder", json!(did(&p256(9)).as_str())), "jwt_vc_wrong_issuer");
    assert_eq!(with("holder", json!(7)), "jwt_vc_wrong_issuer");
    assert_eq!(with("iss", json!("someone")), "jwt_vc_wrong_issuer");
    assert_eq!(with("type", json!(["VerifiableCredential"])), "jwt_vc_bad_document");
    assert_eq!(
        with("@context", json!(["https://www.w3.org/2018/credentials/v1"])),
        "jwt_vc_bad_document"
    );
    assert_eq!(with("proof", json!({})), "jwt_vc_bad_document");
    assert_eq!(with("verifiableCredential", json!([7])), "jwt_vc_bad_document");
    assert_eq!(with("verifiableCredential", json!(vec!["a.b.c"; 65])), "jwt_vc_bad_document");
    let envelope =
        json!([{"type": "EnvelopedVerifiableCredential", "id": "data:text/html,<script>"}]);
    assert_eq!(with("verifiableCredential", envelope), "jwt_vc_bad_document");

    // The VCDM 1.1 form is read, under its own type.
    let legacy = json!({
        "iss": did(&holder).as_str(), "aud": "x509_hash:abc", "nonce": "n-1", "nbf": now().unix(),
        "vp": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": ["a.b.c"],
        },
    });
    assert_eq!(judge("JWT", &legacy), "accepted");
    assert_eq!(judge("vp+jwt", &legacy), "jws_wrong_type");
}
