//! OID4VCI key proofs: what must hold, and what must be refused.

#![allow(clippy::unwrap_used)]

mod support;

use credential_model::did::DidUrl;
use credential_proofs::base64url;
use credential_proofs::key_proof::{
    ExpectedKeyProof, KeyProofError, KeyRef, TYP, create, unverified_kid, verify,
};
use serde_json::{Value, json};
use signing_keys::{PublicKey, Signer};
use support::{ed25519, method, now, p256, p384};

const ISSUER: &str = "https://issuer.example";

fn expected() -> ExpectedKeyProof<'static> {
    ExpectedKeyProof { audience: ISSUER, now: now(), max_age_seconds: 300, client_id: None }
}

fn resolve(kid: &DidUrl) -> Option<PublicKey> {
    PublicKey::from_did(&kid.did()).ok()
}

fn check(proof: &str) -> Result<credential_proofs::key_proof::KeyProofClaims, KeyProofError> {
    verify(proof, &expected(), &resolve)
}

/// A proof with any header and claims, signed by `signer`.
fn raw(header: &Value, claims: &Value, signer: &dyn Signer) -> String {
    let input = format!(
        "{}.{}",
        base64url::encode(header.to_string()),
        base64url::encode(claims.to_string())
    );
    format!("{input}.{}", base64url::encode(signer.sign(input.as_bytes()).unwrap()))
}

fn claims() -> Value {
    json!({"aud": ISSUER, "iat": now().unix(), "nonce": "n-1"})
}

fn header(signer: &dyn Signer) -> Value {
    json!({"typ": TYP, "alg": signer.algorithm().jose(), "jwk": signer.public_key().to_jwk()})
}

#[test]
fn by_jwk_and_by_kid_with_every_algorithm() {
    let signers: [Box<dyn Signer>; 3] =
        [Box::new(ed25519(1)), Box::new(p256(1)), Box::new(p384(1))];
    for signer in &signers {
        let signer = signer.as_ref();
        for key in [
            KeyRef::Jwk,
            KeyRef::Kid(method(signer)),
            KeyRef::Kid(signer.public_key().did_jwk_url()),
        ] {
            let proof = create(ISSUER, Some("n-1"), now(), None, &key, signer).unwrap();
            let claims = check(&proof).unwrap();
            assert_eq!(claims.key, signer.public_key());
            assert_eq!(claims.nonce.as_deref(), Some("n-1"));
            match key {
                KeyRef::Kid(kid) => {
                    assert_eq!(unverified_kid(&proof).unwrap(), Some(kid.clone()));
                    assert_eq!(claims.kid, Some(kid));
                }
                KeyRef::Jwk => {
                    assert_eq!((unverified_kid(&proof).unwrap(), claims.kid), (None, None))
                }
            }
        }
    }
}

#[test]
fn a_missing_nonce_is_reported_not_invented() {
    let proof = create(ISSUER, None, now(), None, &KeyRef::Jwk, &p256(1)).unwrap();
    assert_eq!(check(&proof).unwrap().nonce, None);
}

#[test]
fn exactly_one_key_reference() {
    let signer = p256(1);
    let kid = method(&signer).to_string();
    let changes: [(&str, Value); 3] =
        [("kid", json!(kid)), ("x5c", json!(["MAAA"])), ("x5c", json!("MAAA"))];
    for (name, value) in changes {
        let mut two = header(&signer);
        two[name] = value;
        assert!(
            matches!(check(&raw(&two, &claims(), &signer)), Err(KeyProofError::KeyReference)),
            "{name}"
        );
    }
    let none = json!({"typ": TYP, "alg": "ES256"});
    assert!(matches!(check(&raw(&none, &claims(), &signer)), Err(KeyProofError::KeyReference)));
    let chain = json!({"typ": TYP, "alg": "ES256", "x5c": ["MAAA"]});
    assert!(matches!(check(&raw(&chain, &claims(), &signer)), Err(KeyProofError::CertificateKey)));
}

#[test]
fn private_or_foreign_key_material_is_refused() {
    let signer = p256(1);
    for private in ["d", "p", "q", "k", "priv"] {
        let mut leaking = header(&signer);
        leaking["jwk"][private] = json!("AAAA");
        assert!(
            matches!(check(&raw(&leaking, &claims(), &signer)), Err(KeyProofError::BadJwk)),
            "{private}"
        );
    }
    for jwk in [
        json!("key"),
        json!({}),
        json!({"kty": "oct", "k": "AAAA"}),
        json!({"kty": "RSA", "n": "AAAA", "e": "AQAB"}),
    ] {
        let mut bad = header(&signer);
        bad["jwk"] = jwk;
        assert!(matches!(check(&raw(&bad, &claims(), &signer)), Err(KeyProofError::BadJwk)));
    }
    // Somebody else's key in the header: the signature is not theirs.
    let mut stolen = header(&signer);
    stolen["jwk"] = p256(2).public_key().to_jwk();
    assert!(matches!(check(&raw(&stolen, &claims(), &signer)), Err(KeyProofError::Jose(_))));
    let kid = method(&p256(2)).to_string();
    let stolen = json!({"typ": TYP, "alg": "ES256", "kid": kid});
    assert!(matches!(check(&raw(&stolen, &claims(), &signer)), Err(KeyProofError::Jose(_))));
}

#[test]
fn kids_that_lead_nowhere() {
    let signer = p256(1);
    for kid in [
        "",
        "../../keys/1",
        "key-1",
        "https://a.example/key",
        "did:example:unknown#1",
        "/etc/passwd",
    ] {
        let header = json!({"typ": TYP, "alg": "ES256", "kid": kid});
        assert!(
            matches!(check(&raw(&header, &claims(), &signer)), Err(KeyProofError::UnresolvedKid)),
            "{kid}"
        );
    }
}

#[test]
fn claims_are_checked() {
    let signer = p256(1);
    let with = |name: &str, value: Value| {
        let mut changed = claims();
        changed[name] = value;
        check(&raw(&header(&signer), &changed, &signer)).err().map(|error| error.detail_code())
    };
    assert_eq!(with("aud", json!([ISSUER])), None);
    for audience in [
        json!("https://other.example"),
        json!(format!("{ISSUER}/")),
        json!([ISSUER, "https://b.example"]),
        json!([]),
    ] {
        assert_eq!(with("aud", audience), Some("key_proof_wrong_audience"));
    }
    assert_eq!(with("aud", json!(7)), Some("key_proof_claim"));
    for issued in [json!("now"), json!(null), json!(1.5), json!(true)] {
        assert_eq!(with("iat", issued), Some("key_proof_claim"));
    }
    assert_eq!(with("nonce", json!(7)), Some("key_proof_claim"));
    assert_eq!(with("iss", json!("client")), Some("key_proof_wrong_client"));
    assert_eq!(with("iat", json!(now().unix() + 60)), None);
    assert_eq!(with("iat", json!(now().unix() + 61)), Some("key_proof_from_future"));
    assert_eq!(with("iat", json!(now().unix() - 360)), None);
    assert_eq!(with("iat", json!(now().unix() - 361)), Some("key_proof_too_old"));
}

#[test]
fn the_client_must_match_when_named() {
    let signer = p256(1);
    let proof = create(ISSUER, None, now(), Some("wallet"), &KeyRef::Jwk, &signer).unwrap();
    let named = ExpectedKeyProof { client_id: Some("wallet"), ..expected() };
    assert_eq!(verify(&proof, &named, &resolve).unwrap().client_id.as_deref(), Some("wallet"));
    let other = ExpectedKeyProof { client_id: Some("other"), ..expected() };
    assert!(matches!(verify(&proof, &other, &resolve), Err(KeyProofError::WrongClient)));
    assert!(matches!(check(&proof), Err(KeyProofError::WrongClient)));
}

#[test]
fn other_tokens_are_no_key_proofs() {
    let signer = p256(1);
    for typ in ["JWT", "kb+jwt", "dc+sd-jwt", "vc+jwt", "openid4vci-proof+JWT"] {
        let mut wrong = header(&signer);
        wrong["typ"] = json!(typ);
        let refused = check(&raw(&wrong, &claims(), &signer)).unwrap_err();
        assert_eq!(
            (refused.code(), refused.detail_code()),
            ("invalid_proof", "jws_wrong_type"),
            "{typ}"
        );
    }
    assert!(check("").is_err() && check("a.b.c").is_err());
}
