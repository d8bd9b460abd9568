//! Our seven credential types through every suite, and everything that must be refused.

#![allow(clippy::unwrap_used)]

mod support;

use credential_model::catalogue::CredentialType;
use credential_model::did::{Did, ProofPurpose};
use credential_proofs::data_integrity::{
    Cryptosuite, Expected, PreparedProof, ProofOptions, danger, prepare, secure,
    verification_methods, verify,
};
use serde_json::{Value, json};
use signing_keys::{Signer, StoreSigner};
use support::{did, ed25519, method, now, p256, p384, ring, ring_with};

fn example(kind: CredentialType, signer: &dyn Signer) -> Value {
    let mut document = kind.example();
    document.as_object_mut().unwrap().remove("proof");
    document["issuer"]["id"] = json!(did(signer).as_str());
    document
}

fn signers_of(suite: Cryptosuite) -> Vec<StoreSigner> {
    match suite {
        Cryptosuite::EddsaRdfc2022 | Cryptosuite::EddsaJcs2022 => vec![ed25519(1)],
        _ => vec![p256(1), p384(1)],
    }
}

fn badge() -> (StoreSigner, Value) {
    let signer = ed25519(1);
    let options = ProofOptions::credential(method(&signer), now());
    let secured =
        secure(&example(CredentialType::QualificationBadge, &signer), &options, &signer).unwrap();
    (signer, secured)
}

fn expected() -> Expected<'static> {
    Expected::credential(None, now())
}

fn code(secured: &Value, signer: &StoreSigner) -> &'static str {
    verify(secured, &expected(), &ring(&[signer])).map_or_else(|error| error.code(), |_| "accepted")
}

#[test]
fn every_type_through_every_suite() {
    for kind in CredentialType::ALL {
        for suite in Cryptosuite::ALL {
            for signer in &signers_of(suite) {
                let options = ProofOptions {
                    cryptosuite: suite,
                    ..ProofOptions::credential(method(signer), now())
                };
                let secured = secure(&example(kind, signer), &options, signer)
                    .unwrap_or_else(|error| panic!("{kind:?} {suite:?}: {error:?}"));
                let verified = verify(
                    &secured,
                    &Expected::credential(Some(&did(signer)), now()),
                    &ring(&[signer]),
                );
                assert_eq!(verified.unwrap().len(), 1, "{kind:?} {suite:?}");
                assert_eq!(verification_methods(&secured).unwrap(), [method(signer)]);
            }
        }
    }
}

#[test]
fn a_prepared_proof_survives_storage() {
    let signer = ed25519(1);
    let document = example(CredentialType::QualificationBadge, &signer);
    let prepared = prepare(&document, &ProofOptions::credential(method(&signer), now())).unwrap();
    let stored = serde_json::to_string(&prepared).unwrap();
    let restored: PreparedProof = serde_json::from_str(&stored).unwrap();
    assert_eq!(restored.signing_input(), prepared.signing_input());
    assert_eq!(restored.signing_input().len(), 64);
    let secured = restored.seal(&signer.sign(prepared.signing_input()).unwrap());
    assert_eq!(code(&secured, &signer), "accepted");
}

/// Every leaf of a credential, one after the other.
fn leaves(value: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|inner| leaves(inner, visit)),
        Value::Array(items) => items.iter_mut().for_each(|inner| leaves(inner, visit)),
        leaf => visit(leaf),
    }
}

#[test]
fn every_changed_byte_of_every_value_is_noticed() {
    for suite in Cryptosuite::ALL {
        for kind in CredentialType::ALL {
            let signer = &signers_of(suite)[0];
            let options = ProofOptions {
                cryptosuite: suite,
                ..ProofOptions::credential(method(signer), now())
            };
            let secured = secure(&example(kind, signer), &options, signer).unwrap();
            let mut count = 0;
            leaves(&mut secured.clone(), &mut |_| count += 1);
            for target in 0..count {
                // Each position of each text takes long; a walk through the positions covers every byte over the types.
                for step in 0..3 {
                    let mut changed = secured.clone();
                    let mut index = 0;
                    leaves(&mut changed, &mut |leaf| {
                        if index == target {
                            change(leaf, step);
                        }
                        index += 1;
                    });
                    if changed != secured {
                        assert_ne!(
                            code(&changed, signer),
                            "accepted",
                            "{suite:?} {kind:?} {target} {step}"
                        );
                    }
                }
            }
        }
    }
}

fn change(leaf: &mut Value, step: usize) {
    *leaf = match leaf {
        Value::String(text) => {
            let mut characters: Vec<char> = text.chars().collect();
            let position = characters.len() * step / 3;
            match characters.get_mut(position) {
                Some(character) => *character = if *character == 'x' { 'y' } else { 'x' },
                None => characters.push('x'),
            }
            Value::from(characters.into_iter().collect::<String>())
        }
        Value::Bool(truth) => Value::Bool(!*truth),
        Value::Number(number) => json!(number.as_f64().unwrap() + 1.0 + step as f64),
        _ => json!("was null"),
    };
}

#[test]
fn a_member_added_removed_or_renamed_is_noticed() {
    let (signer, secured) = badge();
    let names: Vec<String> = secured.as_object().unwrap().keys().cloned().collect();
    for name in names {
        let mut removed = secured.clone();
        let value = removed.as_object_mut().unwrap().remove(&name).unwrap();
        assert_ne!(code(&removed, &signer), "accepted", "without {name}");
        removed[format!("{name}2")] = value;
        assert_ne!(code(&removed, &signer), "accepted", "{name} renamed");
    }
    for (name, value) in [
        ("description", json!("x")),
        ("unheardOf", json!(1)),
        ("https://a.example/p", json!(1)),
        ("evidence", Value::Null),
    ] {
        let mut added = secured.clone();
        added[name] = value;
        assert_ne!(code(&added, &signer), "accepted", "with {name}");
    }
}

#[test]
fn contexts_are_a_closed_list_without_inline_objects() {
    let (signer, secured) = badge();
    let with = |context: Value| {
        let mut changed = secured.clone();
        changed["@context"].as_array_mut().unwrap().push(context);
        code(&changed, &signer)
    };
    // The rename that keeps the RDF, and so the signature, the same.
    let mut renamed = secured.clone();
    renamed["@context"].as_array_mut().unwrap().push(json!({"title2": "https://schema.org/name"}));
    let name = renamed.as_object_mut().unwrap().remove("name").unwrap();
    renamed["title2"] = name;
    assert_eq!(code(&renamed, &signer), "json_ld_inline_context");
    assert_eq!(with(json!({"@vocab": "https://a.example/"})), "json_ld_inline_context");
    assert_eq!(with(Value::Null), "json_ld_inline_context");
    assert_eq!(with(json!("https://a.example/context")), "json_ld_unknown_context");
    assert_eq!(with(json!("https://www.w3.org/ns/credentials/v2/")), "json_ld_unknown_context");
    assert_eq!(with(json!(7)), "json_ld_invalid_context");
    let mut nested = secured.clone();
    nested["credentialSubject"]["@context"] =
        json!("https://www.w3.org/ns/credentials/examples/v2");
    assert_eq!(code(&nested, &signer), "json_ld_nested_context");
    for keyword in ["@nest", "@included", "@reverse", "@index"] {
        let mut keyed = secured.clone();
        keyed[keyword] = json!({"name": "x"});
        assert_ne!(code(&keyed, &signer), "accepted", "{keyword}");
    }
    let mut missing = secured.clone();
    missing.as_object_mut().unwrap().remove("@context");
    assert_ne!(code(&missing, &signer), "accepted");
}

#[test]
fn proofs_that_are_no_proofs() {
    let (signer, secured) = badge();
    let with = |proof: Value| {
        let mut changed = secured.clone();
        changed["proof"] = proof;
        code(&changed, &signer)
    };
    let proof = secured["proof"].clone();
    assert_eq!(with(proof.clone()), "accepted");
    assert_eq!(with(json!([proof.clone()])), "accepted");
    assert_eq!(with(json!([])), "proof_missing");
    for bad in [
        json!(null),
        json!("proof"),
        json!(1),
        json!(true),
        json!(["x"]),
        json!([[proof.clone()]]),
        json!([proof.clone(), 1]),
    ] {
        assert_eq!(with(bad.clone()), "proof_malformed", "{bad}");
    }
    assert_eq!(with(Value::Array(vec![proof.clone(); 9])), "proof_malformed");
    for name in ["type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"] {
        let mut missing = proof.clone();
        missing.as_object_mut().unwrap().remove(name);
        assert_eq!(with(missing), "proof_member", "{name}");
        for bad in
            [json!(null), json!(1), json!(""), json!([proof[name]]), json!({"id": proof[name]})]
        {
            let mut wrong = proof.clone();
            wrong[name] = bad.clone();
            assert_eq!(with(wrong), "proof_member", "{name} {bad}");
        }
    }
    let changed = |name: &str, value: Value| {
        let mut changed = proof.clone();
        changed[name] = value;
        with(changed)
    };
    for kind in [
        "Ed25519Signature2018",
        "Ed25519Signature2020",
        "dataintegrityproof",
        "DataIntegrityProof ",
        "JsonWebSignature2020",
    ] {
        assert_eq!(changed("type", json!(kind)), "proof_unknown_type", "{kind}");
    }
    for suite in ["eddsa-2022", "EDDSA-RDFC-2022", "bbs-2022", "none", "eddsa-rdfc-2022\u{0}"] {
        assert_eq!(changed("cryptosuite", json!(suite)), "proof_unknown_cryptosuite", "{suite}");
    }
    for suite in Cryptosuite::SELECTIVE {
        let changed = changed("cryptosuite", json!(suite.as_str()));
        assert_eq!(changed, "proof_algorithm_mismatch", "{suite:?}");
    }
    for method in ["not a url", "https://a.example/key", "#key-1", "did:", "../keys/1"] {
        assert_eq!(changed("verificationMethod", json!(method)), "proof_member", "{method}");
    }
    let value = proof["proofValue"].as_str().unwrap();
    for bad in [
        &value[1..],
        &format!("u{}", &value[1..]),
        &format!("z1{}", &value[1..]),
        "z",
        "zzz",
        &format!("{value} "),
    ] {
        assert_eq!(changed("proofValue", json!(bad)), "proof_member", "{bad}");
    }
    for name in ["created", "expires"] {
        for bad in [json!("yesterday"), json!("2026-11-23"), json!(1), json!("2026-11-23T12:00:00")]
        {
            assert_eq!(changed(name, bad.clone()), "proof_member", "{name} {bad}");
        }
    }
    assert_eq!(changed("domain", json!([])), "proof_member");
    assert_eq!(changed("domain", json!([1])), "proof_member");
    assert_eq!(changed("previousProof", json!("urn:uuid:nobody")), "proof_broken_chain");
    assert_eq!(changed("unheardOf", json!(1)), "json_ld_undefined_term");
    assert_eq!(
        changed("@context", json!(["https://www.w3.org/ns/credentials/v2"])),
        "proof_context"
    );
    assert_eq!(
        verify(&json!([]), &expected(), &ring(&[])).unwrap_err().code(),
        "proof_bad_document"
    );
    assert_eq!(
        code(&example(CredentialType::QualificationBadge, &signer), &signer),
        "proof_missing"
    );
}

#[test]
fn suites_and_keys_are_not_interchangeable() {
    for made in Cryptosuite::ALL {
        for signer in &signers_of(made) {
            let options = ProofOptions {
                cryptosuite: made,
                ..ProofOptions::credential(method(signer), now())
            };
            let secured =
                secure(&example(CredentialType::QualificationBadge, signer), &options, signer)
                    .unwrap();
            for claimed in Cryptosuite::ALL {
                let mut changed = secured.clone();
                changed["proof"]["cryptosuite"] = json!(claimed.as_str());
                assert_eq!(
                    code(&changed, signer) == "accepted",
                    made == claimed,
                    "{made:?} {claimed:?}"
                );
            }
            for other in [ed25519(7), p256(7), p384(7)] {
                let swapped = ring_with(signer, |key| key.key = other.public_key());
                let refused = verify(&secured, &expected(), &swapped).unwrap_err().code();
                assert!(
                    ["proof_algorithm_mismatch", "proof_bad_signature", "proof_member"]
                        .contains(&refused),
                    "{refused}"
                );
            }
        }
    }
    let document = example(CredentialType::QualificationBadge, &p256(1));
    let options = ProofOptions::credential(method(&p256(1)), now());
    assert_eq!(
        secure(&document, &options, &p256(1)).unwrap_err().code(),
        "secure_algorithm_mismatch"
    );
}

#[test]
fn the_checks_that_libraries_leave_out() {
    let (signer, secured) = badge();
    let with_keys = |keys| verify(&secured, &expected(), &keys).unwrap_err().code();
    assert_eq!(with_keys(ring(&[])), "key_not_found");
    assert_eq!(
        with_keys(ring_with(&signer, |key| key.purposes = vec![ProofPurpose::KeyAgreement])),
        "key_not_listed"
    );
    assert_eq!(
        with_keys(ring_with(&signer, |key| key.purposes = vec![ProofPurpose::Authentication])),
        "key_not_listed"
    );
    assert_eq!(with_keys(ring_with(&signer, |key| key.revoked = Some(now()))), "key_revoked");
    assert_eq!(with_keys(ring_with(&signer, |key| key.expires = Some(now()))), "key_expired");
    let other: Did = did(&ed25519(9));
    // A key under somebody else's control: the issuer's name stands in the document, the signature is good.
    assert_eq!(
        with_keys(ring_with(&signer, |key| key.controller = other.clone())),
        "proof_wrong_issuer"
    );
    let someone_else = Expected::credential(Some(&other), now());
    assert_eq!(
        verify(&secured, &someone_else, &ring(&[&signer])).unwrap_err().code(),
        "key_wrong_controller"
    );

    // Issuer B, signed by A with A's own listed key.
    let mut foreign = example(CredentialType::QualificationBadge, &signer);
    foreign["issuer"]["id"] = json!(other.as_str());
    let foreign =
        secure(&foreign, &ProofOptions::credential(method(&signer), now()), &signer).unwrap();
    assert_eq!(code(&foreign, &signer), "proof_wrong_issuer");
    danger::verify_proof_only(&foreign, &expected(), &ring(&[&signer])).unwrap();
    for issuer in [json!(null), json!({}), json!(["x"]), json!(7)] {
        let mut odd = example(CredentialType::QualificationBadge, &signer);
        odd["issuer"] = issuer;
        if let Ok(odd) = secure(&odd, &ProofOptions::credential(method(&signer), now()), &signer) {
            assert_eq!(code(&odd, &signer), "proof_wrong_issuer");
        }
    }
}

#[test]
fn purpose_dates_challenge_and_domain() {
    let signer = ed25519(1);
    let make = |change: &dyn Fn(&mut ProofOptions)| {
        let mut options =
            ProofOptions::presentation(method(&signer), now(), "n-1", "x509_hash:abc");
        change(&mut options);
        secure(&example(CredentialType::QualificationBadge, &signer), &options, &signer).unwrap()
    };
    let judge = |secured: &Value, change: &dyn Fn(&mut Expected<'static>)| {
        let mut expected = Expected::presentation(None, "n-1", "x509_hash:abc", now());
        change(&mut expected);
        verify(secured, &expected, &ring(&[&signer]))
            .map_or_else(|error| error.code(), |_| "accepted")
    };
    let plain = make(&|_| {});
    assert_eq!(judge(&plain, &|_| {}), "accepted");
    assert_eq!(
        judge(&plain, &|expected| expected.purpose = ProofPurpose::AssertionMethod),
        "proof_wrong_purpose"
    );
    assert_eq!(
        judge(&plain, &|expected| expected.challenge = Some("n-2")),
        "proof_wrong_challenge"
    );
    assert_eq!(judge(&plain, &|expected| expected.domain = Some("abc")), "proof_wrong_domain");
    assert_eq!(judge(&make(&|options| options.challenge = None), &|_| {}), "proof_wrong_challenge");
    assert_eq!(judge(&make(&|options| options.domain = None), &|_| {}), "proof_wrong_domain");
    let asserted = make(&|options| options.proof_purpose = ProofPurpose::AssertionMethod);
    assert_eq!(judge(&asserted, &|_| {}), "proof_wrong_purpose");

    assert_eq!(judge(&make(&|options| options.created = None), &|_| {}), "accepted");
    let at = |seconds: i64| {
        move |options: &mut ProofOptions| options.created = Some(now().plus_seconds(seconds))
    };
    assert_eq!(judge(&make(&at(60)), &|_| {}), "accepted");
    assert_eq!(judge(&make(&at(61)), &|_| {}), "proof_from_future");
    let until = |seconds: i64| {
        move |options: &mut ProofOptions| options.expires = Some(now().minus_seconds(seconds))
    };
    assert_eq!(judge(&make(&until(60)), &|_| {}), "accepted");
    assert_eq!(judge(&make(&until(61)), &|_| {}), "proof_expired");

    let problem = |change: &dyn Fn(&mut Expected<'static>)| {
        let mut expected = Expected::presentation(None, "n-1", "x509_hash:abc", now());
        change(&mut expected);
        verify(&plain, &expected, &ring(&[&signer])).unwrap_err().problem_type()
    };
    assert_eq!(
        problem(&|e| e.challenge = Some("x")),
        "https://w3id.org/security#INVALID_CHALLENGE_ERROR"
    );
    assert_eq!(
        problem(&|e| e.domain = Some("x")),
        "https://w3id.org/security#INVALID_DOMAIN_ERROR"
    );
}

#[test]
fn one_bad_proof_spoils_the_set() {
    let signer = ed25519(1);
    let (first, _) = (example(CredentialType::QualificationBadge, &signer), ());
    let options = ProofOptions::credential(method(&signer), now());
    let jcs = ProofOptions { cryptosuite: Cryptosuite::EddsaJcs2022, ..options.clone() };
    let both = secure(&secure(&first, &options, &signer).unwrap(), &jcs, &signer).unwrap();
    assert_eq!(both["proof"].as_array().unwrap().len(), 2);
    assert_eq!(code(&both, &signer), "accepted");
    for index in 0..2 {
        let mut bad = both.clone();
        bad["proof"][index]["created"] = json!("2026-11-23T11:00:00Z");
        assert_eq!(code(&bad, &signer), "proof_bad_signature");
        let mut unknown = both.clone();
        unknown["proof"][index]["cryptosuite"] = json!("bbs-2022");
        assert_eq!(code(&unknown, &signer), "proof_unknown_cryptosuite");
    }
}
