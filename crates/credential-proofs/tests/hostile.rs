//! What strangers send to be believed: each refused, with the right word and in bounded work.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod support;

use credential_model::did::ProofPurpose;
use credential_model::json::{Limits, parse_strict};
use credential_proofs::cose::{self, PreparedCose};
use credential_proofs::data_integrity::{
    self, Cryptosuite, Engine, ProofError, ProofOptions, verify,
};
use credential_proofs::envelope::{Enveloped, MediaType};
use credential_proofs::jwt_vc::{self, ExpectedPresentation, Presentation};
use credential_proofs::{Expected, jose, presentation};
use serde_json::{Value, json};
use signing_keys::{Algorithm, PublicKey, Signer, StoreSigner};
use support::{did, ed25519, method, now, p256, p384, p521, ring};

const VERIFICATION: &str = "https://w3id.org/security#PROOF_VERIFICATION_ERROR";
const TRANSFORMATION: &str = "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR";
const PARSING: &str = "https://www.w3.org/TR/vc-data-model#PARSING_ERROR";

fn credential(issuer: &dyn Signer) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": did(issuer).as_str(),
        "credentialSubject": {"id": "did:example:hong", "name": "홍길동(가상인물)"},
    })
}

fn options(suite: Cryptosuite, signer: &dyn Signer) -> ProofOptions {
    ProofOptions { cryptosuite: suite, ..ProofOptions::credential(method(signer), now()) }
}

fn secured(suite: Cryptosuite, signer: &dyn Signer) -> Value {
    data_integrity::secure(&credential(signer), &options(suite, signer), signer).unwrap()
}

fn refusal(document: &Value, signer: &dyn Signer) -> (&'static str, &'static str) {
    let refused = verify(document, &Expected::credential(None, now()), &ring(&[signer]));
    let error = refused.map(|_| ()).unwrap_err();
    (error.code(), error.problem_type())
}

#[test]
fn proofs_of_a_wrong_form() {
    let signer = ed25519(1);
    let good = secured(Cryptosuite::EddsaRdfc2022, &signer);
    assert!(verify(&good, &Expected::credential(None, now()), &ring(&[&signer])).is_ok());
    for (proof, code) in [
        (json!(null), "proof_malformed"),
        (json!("z3"), "proof_malformed"),
        (json!(1), "proof_malformed"),
        (json!([]), "proof_missing"),
        (json!([good["proof"], "z3"]), "proof_malformed"),
        (json!([[good["proof"]]]), "proof_malformed"),
        (json!(vec![good["proof"].clone(); 9]), "proof_malformed"),
        (json!({}), "proof_member"),
    ] {
        let mut bad = good.clone();
        bad["proof"] = proof;
        assert_eq!(refusal(&bad, &signer), (code, VERIFICATION), "{}", bad["proof"]);
    }
    for name in ["type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"] {
        for wrong in [None, Some(json!(null)), Some(json!(7)), Some(json!([])), Some(json!({}))] {
            let mut bad = good.clone();
            match wrong {
                None => drop(bad["proof"].as_object_mut().unwrap().remove(name)),
                Some(wrong) => bad["proof"][name] = wrong,
            }
            assert_eq!(refusal(&bad, &signer), ("proof_member", VERIFICATION), "{name} {bad}");
        }
    }
    for (name, wrong, code) in [
        ("type", "Ed25519Signature2018", "proof_unknown_type"),
        ("type", "JsonWebSignature2020", "proof_unknown_type"),
        ("cryptosuite", "eddsa-2022", "proof_unknown_cryptosuite"),
        ("cryptosuite", "EDDSA-RDFC-2022", "proof_unknown_cryptosuite"),
        ("cryptosuite", "ecdsa-xi-2023", "proof_unknown_cryptosuite"),
        ("proofPurpose", "authentication", "proof_wrong_purpose"),
        ("proofPurpose", "anything", "proof_wrong_purpose"),
        ("verificationMethod", "not a did", "proof_member"),
        ("created", "yesterday", "proof_member"),
        ("expires", "2026-13-01T00:00:00Z", "proof_member"),
        ("expires", "2020-01-01T00:00:00Z", "proof_expired"),
        ("created", "2030-01-01T00:00:00Z", "proof_from_future"),
        ("previousProof", "urn:uuid:nowhere", "proof_broken_chain"),
    ] {
        let mut bad = good.clone();
        bad["proof"][name] = json!(wrong);
        assert_eq!(refusal(&bad, &signer), (code, VERIFICATION), "{name} {wrong}");
    }
    for bad in [json!([]), json!("x"), json!(null), json!(1)] {
        assert_eq!(refusal(&bad, &signer), ("proof_bad_document", PARSING));
    }
}

#[test]
fn values_in_other_encodings() {
    let signer = ed25519(1);
    for suite in [Cryptosuite::EddsaRdfc2022, Cryptosuite::EddsaJcs2022] {
        let good = secured(suite, &signer);
        let value = good["proof"]["proofValue"].as_str().unwrap().to_owned();
        let bytes = bs58::decode(&value[1..]).into_vec().unwrap();
        for bad in [
            value[1..].to_owned(),
            format!("u{}", credential_proofs::base64url::encode(&bytes)),
            format!("f{}", hex::encode(&bytes)),
            format!("Z{}", &value[1..]),
            format!("{value} "),
            format!("{value}0"),
            format!("z1{}", &value[1..]),
            format!("z{}", bs58::encode(&bytes[..63]).into_string()),
            format!("z{}", bs58::encode([&bytes[..], &[0]].concat()).into_string()),
            "z".to_owned(),
        ] {
            let mut changed = good.clone();
            changed["proof"]["proofValue"] = json!(bad);
            assert_eq!(refusal(&changed, &signer), ("proof_member", VERIFICATION), "{bad}");
        }
    }
}

#[test]
fn contexts_injected_exchanged_and_reordered() {
    let signer = ed25519(1);
    let good = secured(Cryptosuite::EddsaRdfc2022, &signer);
    let v2 = &good["@context"][0];
    for (context, code) in [
        (json!([v2, "https://attacker.example/v1"]), "json_ld_unknown_context"),
        (json!([v2, {"name": "https://attacker.example/name"}]), "json_ld_inline_context"),
        (json!([v2, {"@vocab": "https://attacker.example/"}]), "json_ld_inline_context"),
        (json!({"@vocab": "https://attacker.example/"}), "json_ld_inline_context"),
        (json!([v2, null]), "json_ld_invalid_context"),
        (json!([v2, 1]), "json_ld_invalid_context"),
    ] {
        let mut bad = good.clone();
        bad["@context"] = context;
        let (found, problem) = refusal(&bad, &signer);
        assert_eq!(problem, TRANSFORMATION, "{found}: {}", bad["@context"]);
        if code != "json_ld_invalid_context" {
            assert_eq!(found, code, "{}", bad["@context"]);
        }
    }
    let mut inner = good.clone();
    inner["credentialSubject"]["@context"] = json!("https://www.w3.org/ns/credentials/v2");
    assert_eq!(refusal(&inner, &signer), ("json_ld_nested_context", TRANSFORMATION));
    // JCS signs the contexts as they stand; a proof's own must be the document's.
    let jcs = secured(Cryptosuite::EddsaJcs2022, &signer);
    let mut added = jcs.clone();
    added["@context"]
        .as_array_mut()
        .unwrap()
        .push(json!("https://www.w3.org/ns/credentials/examples/v2"));
    assert_eq!(refusal(&added, &signer), ("proof_context", VERIFICATION));
    added["proof"]["@context"] = added["@context"].clone();
    assert_eq!(refusal(&added, &signer), ("proof_bad_signature", VERIFICATION));
}

#[test]
fn terms_renamed_and_added_under_a_signature() {
    type Change = fn(&mut Value);
    let signer = ed25519(1);
    let good = secured(Cryptosuite::EddsaRdfc2022, &signer);
    let changes: [(Change, &str); 6] = [
        (|it| it["unheardOf"] = json!("x"), "json_ld_undefined_term"),
        (|it| it["type"].as_array_mut().unwrap().push(json!("Unheard")), "json_ld_relative_iri"),
        (|it| it["https://schema.org/name"] = json!("x"), "json_ld_renamed_term"),
        (|it| it["@id"] = json!("urn:x"), "json_ld_renamed_term"),
        (|it| it["credentialSubject"]["@reverse"] = json!({}), "json_ld_unsupported"),
        (|it| it["credentialSubject"]["name"] = json!({"@index": "x", "@value": "y"}), ""),
    ];
    for (change, code) in changes {
        let mut bad = good.clone();
        change(&mut bad);
        let (found, problem) = refusal(&bad, &signer);
        assert_eq!(problem, TRANSFORMATION, "{found}: {bad}");
        assert!(
            code.is_empty() || found == code || found.starts_with("json_ld_"),
            "{found} {code}"
        );
    }
}

#[test]
fn a_document_that_is_both_is_answered_for_by_both() {
    let (issuer, thief) = (ed25519(1), ed25519(2));
    let mut forged = credential(&issuer);
    forged["type"] = json!(["VerifiableCredential", "VerifiablePresentation"]);
    let forged =
        data_integrity::secure(&forged, &options(Cryptosuite::EddsaRdfc2022, &thief), &thief)
            .unwrap();
    let keys = ring(&[&issuer, &thief]);
    let refused = verify(&forged, &Expected::credential(None, now()), &keys);
    assert_eq!(refused.unwrap_err(), ProofError::WrongIssuer);
}

#[test]
fn graphs_and_nestings_that_cost() {
    let signer = ed25519(1);
    // A clique of blank nodes: every one looks like every other.
    let nodes: Vec<Value> = (0..9)
        .map(|at| {
            let others: Vec<Value> = (0..9)
                .filter(|other| *other != at)
                .map(|other| json!({"id": format!("_:b{other}")}))
                .collect();
            json!({"id": format!("_:b{at}"), "urn:p:knows": others})
        })
        .collect();
    let mut poison = secured(Cryptosuite::EddsaRdfc2022, &signer);
    poison["credentialSubject"] = json!(nodes);
    let (code, problem) = refusal(&poison, &signer);
    assert_eq!(problem, TRANSFORMATION, "{code}");
    // 10 MB of nested arrays never become a value.
    for text in
        ["[".repeat(10_000_000), format!("{}{}", "[".repeat(5_000_000), "]".repeat(5_000_000))]
    {
        assert!(parse_strict(text.as_bytes(), &Limits::default()).is_err());
        let limits = Limits { max_bytes: 20_000_000, ..Limits::default() };
        assert!(parse_strict(text.as_bytes(), &limits).is_err());
    }
    for text in [r#"{"a":1,"a":1}"#, r#"{"a":{"b":1,"b":2}}"#, r#"[{"proof":1,"\u0070roof":2}]"#] {
        assert!(parse_strict(text.as_bytes(), &Limits::default()).is_err(), "{text}");
    }
}

fn signers() -> [StoreSigner; 4] {
    [ed25519(1), p256(2), p384(3), p521(4)]
}

#[test]
fn no_algorithm_stands_for_another_in_jws() {
    let signers = signers();
    for signer in &signers {
        for claimed in Algorithm::ALL.iter().filter(|algorithm| **algorithm != signer.algorithm()) {
            let header = json!({"typ": "vc+jwt", "kid": method(signer).as_str()});
            let payload = credential(signer).to_string();
            let prepared = jose::prepare(header, payload.as_bytes(), *claimed).unwrap();
            let signature = signer.sign(prepared.signing_input()).unwrap();
            let token = prepared.seal(&signature);
            let refused =
                jwt_vc::verify(&token, &ring(&[signer]), &Expected::credential(None, now()));
            assert_eq!(refused.unwrap_err().code(), "jws_algorithm_mismatch", "{claimed:?}");
        }
        for name in ["none", "None", "nOnE", "HS256", "RS256", "ES256K", "es256", "", "ECDH-ES"] {
            let token = jwt_vc::issue(&credential(signer), &method(signer), signer).unwrap();
            let (_, rest) = token.split_once('.').unwrap();
            let header = json!({"typ": "vc+jwt", "alg": name, "kid": method(signer).as_str()});
            let header = credential_proofs::base64url::encode(header.to_string());
            let forged = format!("{header}.{rest}");
            let refused =
                jwt_vc::verify(&forged, &ring(&[signer]), &Expected::credential(None, now()));
            assert_eq!(refused.unwrap_err().code(), "jws_unsupported_algorithm", "{name}");
        }
    }
}

#[test]
fn no_algorithm_stands_for_another_in_cose() {
    for signer in &signers() {
        for claimed in Algorithm::ALL.iter().filter(|algorithm| **algorithm != signer.algorithm()) {
            let prepared: PreparedCose =
                cose::prepare(&credential(signer), &method(signer), *claimed).unwrap();
            let signature = signer.sign(prepared.signing_input()).unwrap();
            let Ok(bytes) = prepared.seal(&signature) else { continue };
            let refused =
                cose::verify(&bytes, &ring(&[signer]), &Expected::credential(None, now()));
            assert_eq!(refused.unwrap_err().code(), "cose_algorithm_mismatch", "{claimed:?}");
        }
    }
}

#[test]
fn no_suite_takes_the_key_of_another() {
    for signer in &signers() {
        for suite in Cryptosuite::ALL {
            let made = data_integrity::secure(&credential(signer), &options(suite, signer), signer);
            assert_eq!(made.is_ok(), suite.accepts(signer.algorithm()), "{suite:?}");
            if made.is_ok() {
                continue;
            }
            // Signed all the same, by hand, over what the suite signs.
            let usual =
                if suite.accepts(Algorithm::EdDsa) { Algorithm::EdDsa } else { Algorithm::Es256 };
            let prepared = Engine::pinned()
                .prepare(&credential(signer), &options(suite, signer), usual)
                .unwrap();
            let signature = signer.sign(prepared.signing_input()).unwrap();
            let forged = prepared.seal(&signature);
            assert_eq!(
                refusal(&forged, signer),
                ("proof_algorithm_mismatch", VERIFICATION),
                "{suite:?}"
            );
        }
        for suite in Cryptosuite::SELECTIVE {
            let mut forged = credential(signer);
            forged["proof"] = json!({
                "type": "DataIntegrityProof", "cryptosuite": suite.as_str(), "proofPurpose": "assertionMethod",
                "verificationMethod": method(signer).as_str(), "proofValue": "u2V0BhVhA",
            });
            let (code, problem) = refusal(&forged, signer);
            assert_eq!(problem, VERIFICATION, "{code}");
            if !suite.accepts(signer.algorithm()) {
                assert_eq!(code, "proof_algorithm_mismatch", "{suite:?}");
            }
        }
    }
}

/// Group orders: SEC 2 for P-256 and P-384, RFC 8032 (little-endian) for Ed25519.
const P256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
const ED25519: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/// `a - b` of big-endian numbers, `a` the greater one.
fn minus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut out: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let difference = i16::from(*a) - i16::from(*b) - borrow;
            borrow = i16::from(difference < 0);
            difference.rem_euclid(256) as u8
        })
        .collect();
    out.reverse();
    out
}

fn with_value(document: &Value, bytes: &[u8]) -> Value {
    let mut document = document.clone();
    document["proof"]["proofValue"] = json!(format!("z{}", bs58::encode(bytes).into_string()));
    document
}

/// Decision record 0014: both values of `s` are signatures (Wycheproof calls them valid, RFC 7518 and vc-di-ecdsa know
/// no low-s rule); everything else outside of the one form is refused.
#[test]
fn malleable_ecdsa() {
    for (signer, order) in [(p256(2), P256), (p384(3), P384)] {
        let order = hex::decode(order).unwrap();
        let half = order.len();
        let good = secured(Cryptosuite::EcdsaRdfc2019, &signer);
        let value = good["proof"]["proofValue"].as_str().unwrap();
        let signature = bs58::decode(&value[1..]).into_vec().unwrap();
        let (r, s) = signature.split_at(half);
        let zero = vec![0; half];
        let other = minus(&order, s);
        let keys = ring(&[&signer]);
        let twin = with_value(&good, &[r, &other].concat());
        assert!(verify(&twin, &Expected::credential(None, now()), &keys).is_ok(), "n - s");
        for forged in [
            [&zero[..], &zero].concat(),
            [r, &zero].concat(),
            [&zero[..], s].concat(),
            [&order[..], s].concat(),
            [r, &order].concat(),
            [&order[..], &order].concat(),
            [s, r].concat(),
            vec![0xff; 2 * half],
        ] {
            let bad = with_value(&good, &forged);
            assert_eq!(refusal(&bad, &signer), ("proof_bad_signature", VERIFICATION));
        }
        // DER, one byte more, one byte less.
        let der =
            [&[0x30, (4 + 2 * half) as u8, 2, half as u8][..], r, &[2, half as u8], s].concat();
        for forged in [der, [&signature[..], &[0]].concat(), signature[..2 * half - 1].to_vec()] {
            assert_eq!(
                refusal(&with_value(&good, &forged), &signer),
                ("proof_member", VERIFICATION)
            );
        }
    }
}

#[test]
fn malleable_ed25519_and_small_orders() {
    let signer = ed25519(1);
    let order = hex::decode(ED25519).unwrap();
    let good = secured(Cryptosuite::EddsaRdfc2022, &signer);
    let value = good["proof"]["proofValue"].as_str().unwrap();
    let signature = bs58::decode(&value[1..]).into_vec().unwrap();
    let mut carry = 0;
    let mut plus = signature.clone();
    for (byte, add) in plus[32..].iter_mut().zip(&order) {
        let sum = u16::from(*byte) + u16::from(*add) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(refusal(&with_value(&good, &plus), &signer), ("proof_bad_signature", VERIFICATION));
    // Points of small order and their other spellings (RFC 8032 section 5.1.3; the list of libsodium and others).
    for point in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ] {
        let point = hex::decode(point).unwrap();
        let x = credential_proofs::base64url::encode(&point);
        let key = PublicKey::from_jwk(&json!({"kty": "OKP", "crv": "Ed25519", "x": x}));
        // With A and R of small order and S = 0 the equation holds for every message.
        let forged = [&point[..], &[0; 32]].concat();
        let held = key.is_ok_and(|key| key.verify(b"any message", &forged).is_ok());
        assert!(!held, "{}", hex::encode(&point));
        assert_eq!(
            refusal(&with_value(&good, &forged), &signer),
            ("proof_bad_signature", VERIFICATION)
        );
    }
}

#[test]
fn a_content_type_that_says_something_else() {
    let signer = ed25519(1);
    for (cty, holds) in
        [("vc", true), ("application/vc", true), ("vp", false), ("json", false), ("", false)]
    {
        let header = json!({"typ": "vc+jwt", "cty": cty, "kid": method(&signer).as_str()});
        let token =
            jose::sign(header, credential(&signer).to_string().as_bytes(), &signer).unwrap();
        let read = jwt_vc::verify(&token, &ring(&[&signer]), &Expected::credential(None, now()));
        assert_eq!(read.is_ok(), holds, "{cty}");
    }
}

#[test]
fn credentials_in_a_presentation_are_secured_or_refused() {
    let (issuer, holder) = (ed25519(1), ed25519(2));
    let cose = cose::issue(&credential(&issuer), &method(&issuer), &issuer).unwrap();
    let in_cose = Enveloped::new(MediaType::VcCose, cose).unwrap().to_value();
    let token = jwt_vc::issue(&credential(&issuer), &method(&issuer), &issuer).unwrap();
    let keys = ring(&[&holder]);
    let expected = Expected::presentation(None, "n", "https://verifier.example", now());
    let options =
        ProofOptions::presentation(method(&holder), now(), "n", "https://verifier.example");
    let bound = ExpectedPresentation {
        audience: "https://verifier.example",
        nonce: "n",
        holder: None,
        now: now(),
        max_age_seconds: 300,
    };
    let mut without_context = in_cose.clone();
    without_context.as_object_mut().unwrap().remove("@context");
    let mut of_another_type = in_cose.clone();
    of_another_type["id"] = json!("data:text/plain,x");
    for (credential, holds) in [
        (in_cose.clone(), true),
        (json!(token), true),
        (secured(Cryptosuite::EddsaRdfc2022, &issuer), true),
        (credential(&issuer), false),
        (without_context, false),
        (of_another_type, false),
    ] {
        let list = [credential];
        let made = presentation::secure(&list, &did(&holder), &options, &holder);
        if let Ok(made) = made {
            let read = presentation::verify(&made, &expected, &keys);
            assert_eq!(read.is_ok(), holds, "{}", list[0]);
        }
        let presented = Presentation {
            credentials: &list,
            kid: &method(&holder),
            audience: bound.audience,
            nonce: "n",
            issued_at: now(),
            lifetime_seconds: 60,
        };
        let made = jwt_vc::present(&presented, &holder).unwrap();
        let read = jwt_vc::verify_presentation(&made, &keys, &bound);
        assert_eq!(read.is_ok(), holds, "{}", list[0]);
        if list[0] == in_cose {
            assert_eq!(read.unwrap().credentials, list, "COSE stays in its envelope");
        }
    }
    assert_eq!(expected.purpose, ProofPurpose::Authentication);
}
