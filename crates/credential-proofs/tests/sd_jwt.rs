//! SD-JWT: issue, disclose, bind, verify; RFC 9901 examples; every way to cheat with disclosures.

#![allow(clippy::unwrap_used)]

mod support;

use credential_model::ambient::PredictableEntropy;
use credential_model::catalogue::{CredentialType, sd_jwt_claims};
use credential_proofs::jose::{self, CompactJws, JoseError};
use credential_proofs::sd_jwt::{self, ExpectedBinding, Issue, SdJwt, SdJwtError};
use credential_proofs::{Expected, base64url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signing_keys::{PublicKey, Signer, StoreSigner};
use support::{did, ed25519, method, moment, now, p256, ring, ring_with};

fn payload(issuer: &dyn Signer) -> Value {
    json!({
        "iss": did(issuer).as_str(),
        "vct": "https://sinpyo.example/credentials/KrTrainingHistory/v1",
        "iat": now().unix(),
        "nbf": now().unix(),
        "exp": now().unix() + 3600,
        "status": {"status_list": {"idx": 7, "uri": "https://issuer.example/status/1"}},
        "person": {"name": "홍길동(가상인물)", "birthDate": "1990-01-01"},
        "records": [{"courseName": "가", "hours": "10"}, {"courseName": "나", "hours": "20"}],
        "asOf": "2026-11-23T00:00:00Z",
    })
}

const PATHS: [&str; 5] = ["person", "person.name", "person.birthDate", "records[]", "asOf"];

fn issue_with(issuer: &StoreSigner, holder: &StoreSigner, paths: &[&str], decoys: u8) -> String {
    let (kid, key) = (method(issuer), holder.public_key());
    let issue = Issue {
        payload: payload(issuer),
        disclosable: paths,
        kid: Some(&kid),
        holder: Some(&key),
        decoys,
    };
    sd_jwt::issue(&issue, issuer, &PredictableEntropy::new(5)).unwrap()
}

fn issued() -> (StoreSigner, StoreSigner, SdJwt) {
    let (issuer, holder) = (p256(1), ed25519(2));
    let text = issue_with(&issuer, &holder, &PATHS, 2);
    let parsed = SdJwt::parse(&text).unwrap();
    (issuer, holder, parsed)
}

fn expected() -> Expected<'static> {
    Expected::credential(None, now())
}

fn binding<'a>() -> ExpectedBinding<'a> {
    ExpectedBinding {
        audience: "x509_hash:abc",
        nonce: "n-1",
        now: now(),
        max_age_seconds: 300,
        transaction_data_hashes: &[],
    }
}

#[test]
fn the_whole_way_with_both_algorithms() {
    for (issuer, holder) in [(p256(1), ed25519(2)), (ed25519(3), p256(4))] {
        let parsed = SdJwt::parse(&issue_with(&issuer, &holder, &PATHS, 3)).unwrap();
        let disclosed = parsed.verify(&ring(&[&issuer]), &expected()).unwrap();
        let mut whole = payload(&issuer);
        whole["cnf"] = json!({"jwk": holder.public_key().to_jwk()});
        assert_eq!(disclosed.claims, whole);
        assert_eq!(disclosed.issuer, did(&issuer));
        assert_eq!(parsed.holder_key(), Some(holder.public_key()));
        assert_eq!(disclosed.disclosed_paths.len(), 6);
        disclosed.check_in_force(now()).unwrap();

        let shown = parsed
            .select(&[vec![json!("person"), json!("name")], vec![json!("records"), json!(1)]])
            .unwrap();
        let presented = shown.bind("x509_hash:abc", "n-1", now(), &[], &holder).unwrap();
        let presented = SdJwt::parse(&presented).unwrap();
        presented.verify_key_binding(&binding()).unwrap();
        let disclosed = presented.verify(&ring(&[&issuer]), &expected()).unwrap();
        assert_eq!(disclosed.claims["person"], json!({"name": "홍길동(가상인물)"}));
        assert_eq!(disclosed.claims["records"], json!([{"courseName": "나", "hours": "20"}]));
        assert!(disclosed.claims.get("asOf").is_none());
        assert!(disclosed.hidden > 0);
        // Nothing hidden is in the text, not even encoded.
        let decoded: String = presented
            .as_str()
            .split(['~', '.'])
            .filter_map(base64url::decode)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect();
        assert!(!decoded.contains("1990-01-01") && !decoded.contains("2026-11-23T00"));
    }
}

#[test]
fn the_seven_types_with_their_own_paths() {
    let (issuer, holder) = (p256(1), ed25519(2));
    for kind in CredentialType::ALL {
        let mut claims = sd_jwt_claims(kind, &kind.example());
        claims["iss"] = json!(did(&issuer).as_str());
        claims["vct"] = json!(kind.vct());
        let (kid, key) = (method(&issuer), holder.public_key());
        let issue = Issue {
            payload: claims.clone(),
            disclosable: kind.disclosable(),
            kid: Some(&kid),
            holder: Some(&key).filter(|_| claims.get("cnf").is_none()),
            decoys: 1,
        };
        let text = sd_jwt::issue(&issue, &issuer, &PredictableEntropy::new(9)).unwrap();
        let parsed = SdJwt::parse(&text).unwrap();
        let late = Expected::credential(None, moment("2030-01-01T00:00:00Z"));
        let mut disclosed = parsed.verify(&ring(&[&issuer]), &late).unwrap().claims;
        if claims.get("cnf").is_none() {
            disclosed.as_object_mut().unwrap().remove("cnf");
        }
        assert_eq!(disclosed, claims, "{kind:?}");
        let nothing = parsed.select(&[]).unwrap().verify(&ring(&[&issuer]), &late).unwrap();
        assert!(nothing.disclosed_paths.is_empty(), "{kind:?}");
    }
}

#[test]
fn rfc_9901_examples() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/rfc9901.json")).unwrap();
    for vector in vectors["disclosures"].as_array().unwrap() {
        let digest = base64url::encode(Sha256::digest(vector["disclosure"].as_str().unwrap()));
        assert_eq!(digest, vector["digest"].as_str().unwrap());
    }
    let key = PublicKey::from_jwk(&vectors["issuer_key"]).unwrap();
    for vector in vectors["presentations"].as_array().unwrap() {
        let text: String =
            vector["parts"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
        let issuer_signed = CompactJws::parse(text.split('~').next().unwrap()).unwrap();
        jose::verify(&issuer_signed, &key, &["example+sd-jwt"]).unwrap();
        let parsed = SdJwt::parse(&text).unwrap();
        assert_eq!(parsed.claims_unverified(), &vector["claims"], "{}", vector["name"]);
        // An https issuer without DID, and a foreign type: no SD-JWT VC of ours.
        assert!(matches!(parsed.verify(&ring(&[]), &expected()), Err(SdJwtError::WrongIssuer)));
    }
}

#[test]
fn a_prepared_credential_survives_storage() {
    let (issuer, holder) = (p256(1), ed25519(2));
    let (kid, key) = (method(&issuer), holder.public_key());
    let issue = Issue {
        payload: payload(&issuer),
        disclosable: &PATHS,
        kid: Some(&kid),
        holder: Some(&key),
        decoys: 0,
    };
    let prepared =
        sd_jwt::prepare(&issue, issuer.algorithm(), &PredictableEntropy::new(5)).unwrap();
    let stored = serde_json::to_string(&prepared).unwrap();
    let restored: sd_jwt::PreparedSdJwt = serde_json::from_str(&stored).unwrap();
    let signature = issuer.sign(restored.signing_input()).unwrap();
    SdJwt::parse(&restored.seal(&signature))
        .unwrap()
        .verify(&ring(&[&issuer]), &expected())
        .unwrap();
}

#[test]
fn what_cannot_be_issued() {
    let (issuer, holder) = (p256(1), ed25519(2));
    let (kid, key) = (method(&issuer), holder.public_key());
    let refuse = |payload: Value, paths: &[&str], wanted: &str| {
        let issue =
            Issue { payload, disclosable: paths, kid: Some(&kid), holder: Some(&key), decoys: 0 };
        let refused = sd_jwt::issue(&issue, &issuer, &PredictableEntropy::new(5)).unwrap_err();
        assert_eq!(refused.code(), wanted, "{paths:?}");
    };
    for path in ["iss", "exp", "nbf", "vct", "cnf", "status", "status.status_list", "cnf.jwk"] {
        refuse(payload(&issuer), &[path], "sd_jwt_reserved_name");
    }
    for path in ["", ".", "a..b", "[]", "a[0]", "a[", "a]b"] {
        refuse(payload(&issuer), &[path], "sd_jwt_unknown_path");
    }
    for reserved in ["_sd", "...", "_sd_alg"] {
        let mut bad = payload(&issuer);
        bad["person"][reserved] = json!("x");
        refuse(bad, &[], "sd_jwt_reserved_name");
    }
    let mut twice = payload(&issuer);
    twice["cnf"] = json!({});
    refuse(twice, &[], "sd_jwt_claim");
    refuse(json!([]), &[], "sd_jwt_claim");
}

#[test]
fn keys_are_checked() {
    let (issuer, _, parsed) = issued();
    let code = |keys, expected: &Expected<'_>| parsed.verify(&keys, expected).unwrap_err().code();
    assert_eq!(code(ring(&[]), &expected()), "key_not_found");
    assert_eq!(code(ring_with(&issuer, |key| key.purposes.clear()), &expected()), "key_not_listed");
    assert_eq!(
        code(ring_with(&issuer, |key| key.revoked = Some(now())), &expected()),
        "key_revoked"
    );
    assert_eq!(
        code(ring_with(&issuer, |key| key.expires = Some(now())), &expected()),
        "key_expired"
    );
    let other = did(&p256(9));
    let stolen = ring_with(&issuer, |key| key.controller = other.clone());
    assert_eq!(code(stolen, &expected()), "sd_jwt_wrong_issuer");
    assert_eq!(
        code(ring(&[&issuer]), &Expected::credential(Some(&other), now())),
        "sd_jwt_wrong_issuer"
    );
    let swapped = ring_with(&issuer, |key| key.key = p256(9).public_key());
    assert_eq!(code(swapped, &expected()), "jws_bad_signature");
    let confused = ring_with(&issuer, |key| key.key = ed25519(9).public_key());
    assert_eq!(code(confused, &expected()), "jws_algorithm_mismatch");
}

/// An SD-JWT with any payload and disclosures, properly signed.
fn forged(
    issuer: &StoreSigner,
    payload: &Value,
    disclosures: &[String],
) -> Result<SdJwt, SdJwtError> {
    let header = json!({"typ": "dc+sd-jwt", "kid": method(issuer).as_str()});
    let mut text = jose::sign(header, payload.to_string().as_bytes(), issuer).unwrap();
    text.push('~');
    for disclosure in disclosures {
        text.push_str(disclosure);
        text.push('~');
    }
    SdJwt::parse(&text)
}

fn disclosure(members: &Value) -> (String, String) {
    let text = base64url::encode(members.to_string());
    let digest = base64url::encode(Sha256::digest(&text));
    (text, digest)
}

#[test]
fn tricks_with_disclosures_are_refused() {
    let issuer = p256(1);
    let base = || json!({"iss": did(&issuer).as_str(), "vct": "urn:t"});
    let (text, digest) = disclosure(&json!(["salt", "name", "v"]));
    let (element, element_digest) = disclosure(&json!(["salt", "element"]));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut payload = base();
        change(&mut payload);
        payload
    };
    let code = |payload: &Value, disclosures: &[&String]| {
        let disclosures: Vec<String> = disclosures.iter().map(|text| (*text).clone()).collect();
        forged(&issuer, payload, &disclosures).map_or_else(|error| error.code(), |_| "accepted")
    };

    let honest = with(&|p| p["_sd"] = json!([digest]));
    assert_eq!(code(&honest, &[&text]), "accepted");
    assert_eq!(code(&honest, &[&text, &text]), "sd_jwt_duplicate_disclosure");
    assert_eq!(code(&base(), &[&text]), "sd_jwt_unreferenced_disclosure");
    assert_eq!(
        code(&with(&|p| p["_sd"] = json!([digest, digest])), &[&text]),
        "sd_jwt_duplicate_digest"
    );
    let elsewhere = with(&|p| {
        p["_sd"] = json!([digest]);
        p["inner"] = json!({"_sd": [digest]});
    });
    assert_eq!(code(&elsewhere, &[&text]), "sd_jwt_duplicate_digest");
    let collision = with(&|p| {
        p["_sd"] = json!([digest]);
        p["name"] = json!("other");
    });
    assert_eq!(code(&collision, &[&text]), "sd_jwt_name_collision");
    // A member disclosure in an array, an element disclosure in an object.
    assert_eq!(
        code(&with(&|p| p["list"] = json!([{"...": digest}])), &[&text]),
        "sd_jwt_malformed_disclosure"
    );
    assert_eq!(
        code(&with(&|p| p["_sd"] = json!([element_digest])), &[&element]),
        "sd_jwt_malformed_disclosure"
    );
    assert_eq!(
        code(&with(&|p| p["list"] = json!([{"...": element_digest}])), &[&element]),
        "accepted"
    );
    for bad in [json!("x"), json!({"a": 1}), json!([1]), json!([null])] {
        assert_eq!(code(&with(&|p| p["_sd"] = bad.clone()), &[]), "sd_jwt_malformed_digests");
    }
    for bad in [json!([{"...": digest, "x": 1}]), json!([{"...": 1}]), json!({"...": digest})] {
        assert_eq!(code(&with(&|p| p["list"] = bad.clone()), &[]), "sd_jwt_malformed_digests");
    }
    for algorithm in [json!("sha-512"), json!("SHA-256"), json!("md5"), json!(1), json!(null)] {
        assert_eq!(
            code(&with(&|p| p["_sd_alg"] = algorithm.clone()), &[]),
            "sd_jwt_unsupported_digest"
        );
    }
    for name in ["_sd", "..."] {
        let (text, digest) = disclosure(&json!(["salt", name, ["x"]]));
        assert_eq!(code(&with(&|p| p["_sd"] = json!([digest])), &[&text]), "sd_jwt_reserved_name");
    }
    for name in ["iss", "exp", "nbf", "vct", "cnf", "status", "_sd_alg"] {
        let (text, digest) = disclosure(&json!(["salt", name, "x"]));
        assert_eq!(
            code(&with(&|p| p["_sd"] = json!([digest])), &[&text]),
            "sd_jwt_reserved_name",
            "{name}"
        );
        assert_eq!(
            code(&with(&|p| p["inner"] = json!({"_sd": [digest]})), &[&text]),
            "accepted",
            "{name}"
        );
    }
    for members in [
        json!(["salt"]),
        json!(["salt", "a", 1, 2]),
        json!([1, "a", 2]),
        json!(["s", 1, 2]),
        json!({}),
        json!("x"),
    ] {
        let (text, digest) = disclosure(&members);
        assert_eq!(
            code(&with(&|p| p["_sd"] = json!([digest])), &[&text]),
            "sd_jwt_malformed_disclosure",
            "{members}"
        );
    }
    let twice = base64url::encode(r#"["salt","name",{"a":1,"a":2}]"#);
    assert_eq!(code(&with(&|p| p["_sd"] = json!(["x"])), &[&twice]), "sd_jwt_malformed_disclosure");
    assert_eq!(code(&honest, &[&format!("{text}=")]), "sd_jwt_malformed_disclosure");
    assert_eq!(code(&honest, &[&String::new()]), "sd_jwt_malformed");
}

#[test]
fn disclosures_nested_too_deep_are_refused() {
    let issuer = p256(1);
    let (mut text, mut digest) = disclosure(&json!(["salt", "leaf", 1]));
    let mut disclosures = vec![text];
    for _ in 0..40 {
        (text, digest) = disclosure(&json!(["salt", "node", {"_sd": [digest]}]));
        disclosures.push(text);
    }
    let refused = forged(&issuer, &json!({"iss": "did:example:a", "_sd": [digest]}), &disclosures)
        .unwrap_err();
    assert_eq!(refused.code(), "sd_jwt_malformed_digests");
}

#[test]
fn a_changed_disclosure_or_signature_is_noticed() {
    let (issuer, _, parsed) = issued();
    let keys = ring(&[&issuer]);
    let text = parsed.as_str();
    for position in 0..text.len() {
        let mut changed = text.to_owned().into_bytes();
        changed[position] = if changed[position] == b'Q' { b'R' } else { b'Q' };
        let changed = String::from_utf8(changed).unwrap();
        let accepted =
            SdJwt::parse(&changed).is_ok_and(|parsed| parsed.verify(&keys, &expected()).is_ok());
        assert!(!accepted, "position {position}");
    }
}

#[test]
fn key_binding_is_exact() {
    let (_, holder, parsed) = issued();
    let text = parsed.bind("x509_hash:abc", "n-1", now(), &[], &holder).unwrap();
    let bound = SdJwt::parse(&text).unwrap();
    bound.verify_key_binding(&binding()).unwrap();
    let code =
        |expected: &ExpectedBinding<'_>| bound.verify_key_binding(expected).unwrap_err().code();
    assert_eq!(
        code(&ExpectedBinding { audience: "abc", ..binding() }),
        "key_binding_wrong_audience"
    );
    assert_eq!(code(&ExpectedBinding { nonce: "n-2", ..binding() }), "key_binding_wrong_nonce");
    let late = ExpectedBinding { now: now().plus_seconds(361), ..binding() };
    assert_eq!(code(&late), "key_binding_too_old");
    let early = ExpectedBinding { now: now().minus_seconds(61), ..binding() };
    assert_eq!(code(&early), "key_binding_from_future");
    let hashes = ["abc".to_owned()];
    let with_data = ExpectedBinding { transaction_data_hashes: &hashes, ..binding() };
    assert_eq!(code(&with_data), "key_binding_wrong_transaction_data");

    assert_eq!(parsed.verify_key_binding(&binding()).unwrap_err().code(), "key_binding_missing");
    assert_eq!(
        bound.bind("a", "n", now(), &[], &holder).unwrap_err().code(),
        "key_binding_unexpected"
    );
    assert_eq!(
        parsed.bind("a", "n", now(), &[], &p256(8)).unwrap_err().code(),
        "key_binding_wrong_holder_key"
    );

    // A disclosure taken away, or put back, after the holder signed.
    let token = text.rsplit('~').next().unwrap();
    let fewer = parsed.select(&[]).unwrap();
    let cut = SdJwt::parse(&format!("{}{token}", fewer.without_binding())).unwrap();
    assert_eq!(cut.verify_key_binding(&binding()).unwrap_err().code(), "key_binding_wrong_sd_hash");
}

#[test]
fn key_binding_by_others_or_of_another_type() {
    let (_, holder, parsed) = issued();
    let sd_hash = base64url::encode(Sha256::digest(parsed.without_binding()));
    let claims =
        json!({"aud": "x509_hash:abc", "nonce": "n-1", "iat": now().unix(), "sd_hash": sd_hash});
    let bind = |header: Value, claims: &Value, signer: &dyn Signer| {
        let token = jose::sign(header, claims.to_string().as_bytes(), signer).unwrap();
        SdJwt::parse(&format!("{}{token}", parsed.without_binding()))
            .and_then(|parsed| parsed.verify_key_binding(&binding()))
            .map_or_else(|error| error.code(), |_| "accepted")
    };
    assert_eq!(bind(json!({"typ": "kb+jwt"}), &claims, &holder), "accepted");
    assert_eq!(bind(json!({"typ": "JWT"}), &claims, &holder), "jws_wrong_type");
    assert_eq!(bind(json!({"typ": "dc+sd-jwt"}), &claims, &holder), "jws_wrong_type");
    assert_eq!(bind(json!({"typ": "kb+jwt"}), &claims, &ed25519(9)), "jws_bad_signature");
    assert_eq!(bind(json!({"typ": "kb+jwt"}), &claims, &p256(9)), "jws_algorithm_mismatch");
    let own_key = json!({"typ": "kb+jwt", "jwk": p256(9).public_key().to_jwk()});
    assert_eq!(bind(own_key, &claims, &p256(9)), "jws_forbidden_header");
    for name in ["aud", "nonce", "iat", "sd_hash"] {
        let mut missing = claims.clone();
        missing.as_object_mut().unwrap().remove(name);
        assert_eq!(bind(json!({"typ": "kb+jwt"}), &missing, &holder), "sd_jwt_claim", "{name}");
        let mut array = claims.clone();
        array[name] = json!([claims[name]]);
        assert_eq!(bind(json!({"typ": "kb+jwt"}), &array, &holder), "sd_jwt_claim", "{name}");
    }
    let mut unexpected = claims.clone();
    unexpected["transaction_data_hashes"] = json!(["x"]);
    assert_eq!(
        bind(json!({"typ": "kb+jwt"}), &unexpected, &holder),
        "key_binding_wrong_transaction_data"
    );
}

#[test]
fn transaction_data_is_bound() {
    let (_, holder, parsed) = issued();
    let hashes = ["h1".to_owned(), "h2".to_owned()];
    let text = parsed.bind("x509_hash:abc", "n-1", now(), &hashes, &holder).unwrap();
    let bound = SdJwt::parse(&text).unwrap();
    bound
        .verify_key_binding(&ExpectedBinding { transaction_data_hashes: &hashes, ..binding() })
        .unwrap();
    let swapped = ["h2".to_owned(), "h1".to_owned()];
    for wrong in [&swapped[..], &hashes[..1], &[]] {
        let expected = ExpectedBinding { transaction_data_hashes: wrong, ..binding() };
        let refused = bound.verify_key_binding(&expected).unwrap_err();
        assert_eq!(refused.code(), "key_binding_wrong_transaction_data");
    }
}

#[test]
fn dates_types_and_required_claims() {
    let issuer = p256(1);
    let keys = ring(&[&issuer]);
    let verify = |change: &dyn Fn(&mut Value)| {
        let mut claims = payload(&issuer);
        change(&mut claims);
        forged(&issuer, &claims, &[]).unwrap().verify(&keys, &expected())
    };
    let expired = verify(&|claims| claims["exp"] = json!(now().unix() - 61)).unwrap();
    assert_eq!(expired.check_in_force(now()).unwrap_err().code(), "sd_jwt_expired");
    let early = verify(&|claims| claims["nbf"] = json!(now().unix() + 61)).unwrap();
    assert_eq!(early.check_in_force(now()).unwrap_err().code(), "sd_jwt_not_yet_valid");
    let code = |change: &dyn Fn(&mut Value)| verify(change).unwrap_err().code();
    assert_eq!(code(&|claims| claims["iat"] = json!(now().unix() + 61)), "sd_jwt_not_yet_valid");
    assert_eq!(code(&|claims| claims["exp"] = json!("soon")), "sd_jwt_claim");
    assert_eq!(code(&|claims| claims["vct"] = json!("")), "sd_jwt_claim");
    assert_eq!(code(&|claims| claims["vct"] = json!(1)), "sd_jwt_claim");
    assert_eq!(
        code(&|claims| claims["iss"] = json!("https://issuer.example")),
        "sd_jwt_wrong_issuer"
    );
    assert_eq!(
        code(&|claims| claims["iss"] = json!(did(&p256(7)).as_str())),
        "sd_jwt_wrong_issuer"
    );

    for typ in ["vc+sd-jwt", "JWT", "kb+jwt", "vc+jwt", "example+sd-jwt"] {
        let header = json!({"typ": typ, "kid": method(&issuer).as_str()});
        let token = jose::sign(header, payload(&issuer).to_string().as_bytes(), &issuer).unwrap();
        let refused =
            SdJwt::parse(&format!("{token}~")).unwrap().verify(&keys, &expected()).unwrap_err();
        assert!(matches!(refused, SdJwtError::Jose(JoseError::WrongType)), "{typ}");
    }
    let token =
        jose::sign(json!({"typ": "dc+sd-jwt"}), payload(&issuer).to_string().as_bytes(), &issuer)
            .unwrap();
    let refused =
        SdJwt::parse(&format!("{token}~")).unwrap().verify(&keys, &expected()).unwrap_err();
    assert_eq!(refused.code(), "sd_jwt_no_verification_method");
    let relative =
        json!({"typ": "dc+sd-jwt", "kid": format!("#{}", method(&issuer).fragment().unwrap())});
    let token = jose::sign(relative, payload(&issuer).to_string().as_bytes(), &issuer).unwrap();
    SdJwt::parse(&format!("{token}~")).unwrap().verify(&keys, &expected()).unwrap();
}

#[test]
fn choosing_by_path() {
    let (_, _, parsed) = issued();
    let count = |paths: &[Vec<Value>]| parsed.select(paths).unwrap().disclosable_paths().len();
    assert_eq!(count(&[]), 0);
    assert_eq!(count(&[vec![json!("iss")]]), 0);
    assert_eq!(count(&[vec![json!("asOf")]]), 1);
    assert_eq!(count(&[vec![json!("person"), json!("name")]]), 2);
    assert_eq!(count(&[vec![json!("person")]]), 3);
    assert_eq!(count(&[vec![json!("records"), Value::Null, json!("hours")]]), 2);
    assert_eq!(count(&[vec![json!("records"), json!(0)]]), 1);
    for wrong in [
        vec![],
        vec![json!("nothing")],
        vec![json!("records"), json!(5)],
        vec![json!("asOf"), json!("x")],
        vec![json!(true)],
    ] {
        assert_eq!(parsed.select(&[wrong]).unwrap_err().code(), "sd_jwt_unknown_path");
    }
}

#[test]
fn texts_that_are_no_sd_jwt() {
    let (_, _, parsed) = issued();
    let token = parsed.as_str().split('~').next().unwrap();
    for bad in [
        "",
        "~",
        "~~",
        token,
        &format!("{token}~~"),
        &format!("~{token}~"),
        &format!("{token}~a.b.c"),
        &"~".repeat(5000),
    ] {
        assert!(SdJwt::parse(bad).is_err(), "{}", &bad[..bad.len().min(40)]);
    }
}
