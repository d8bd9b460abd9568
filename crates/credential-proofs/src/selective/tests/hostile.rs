//! Proofs that somebody has worked on.

use ciborium::Value as Cbor;
use credential_model::ambient::PredictableEntropy;
use credential_model::catalogue::CredentialType;
use serde_json::{Value, json};

use super::round_trips::{Issuer, mandatory_of};
use crate::base64url;
use crate::data_integrity::{Cryptosuite, Expected, ProofError, verify};
use crate::key_check::KeyRefusal;
use crate::selective::proof_value::ProofValue;
use crate::selective::{Disclosure, derive, verify_base};
use crate::test_keys::{listed, moment, now};

const KIND: CredentialType = CredentialType::TrainingHistory;

/// A base document and a derived one.
fn documents(issuer: &Issuer) -> (Value, Value) {
    let document = issuer.example(KIND);
    let base = issuer.base(&document, &mandatory_of(KIND, &document));
    let derived = issuer.derive(&base, &["/credentialSubject"]);
    issuer.verdict(&derived).unwrap();
    (base, derived)
}

fn bytes_of(document: &Value) -> Vec<u8> {
    base64url::decode(&document["proof"]["proofValue"].as_str().unwrap()[1..]).unwrap()
}

fn with_text(document: &Value, text: impl Into<String>) -> Value {
    let mut changed = document.clone();
    changed["proof"]["proofValue"] = Value::from(text.into());
    changed
}

fn with_bytes(document: &Value, bytes: &[u8]) -> Value {
    with_text(document, format!("u{}", base64url::encode(bytes)))
}

/// Changes the CBOR array and writes it again.
fn with_items(document: &Value, change: impl FnOnce(&mut Vec<Cbor>)) -> Value {
    let bytes = bytes_of(document);
    let value: Cbor = ciborium::from_reader(&bytes[3..]).unwrap();
    let Cbor::Array(mut items) = value else { unreachable!() };
    change(&mut items);
    let mut out = bytes[..3].to_vec();
    ciborium::into_writer(&Cbor::Array(items), &mut out).unwrap();
    with_bytes(document, &out)
}

fn list(item: &mut Cbor) -> &mut Vec<Cbor> {
    item.as_array_mut().unwrap()
}

/// A CBOR map.
type Pairs = Vec<(Cbor, Cbor)>;

const MALFORMED: ProofError = ProofError::Member("proofValue");

#[test]
fn statements_cannot_be_dropped_added_or_changed() {
    for issuer in Issuer::all(1) {
        let (base, derived) = documents(&issuer);
        let changes: [fn(&mut Value); 8] = [
            // Mandatory statements, whole and in part.
            |document| drop(document.as_object_mut().unwrap().remove("validUntil")),
            |document| drop(document.as_object_mut().unwrap().remove("credentialStatus")),
            |document| document["validUntil"] = json!("2099-01-01T00:00:00Z"),
            |document| document["type"] = json!(["VerifiableCredential"]),
            // Disclosed ones.
            |document| {
                let subject = document["credentialSubject"].as_object_mut().unwrap();
                let last = subject.keys().next_back().unwrap().clone();
                subject.remove(&last);
            },
            |document| document["credentialSubject"]["id"] = json!("did:example:somebody-else"),
            |document| document["name"] = json!("added"),
            |document| document["proof"]["created"] = json!("2026-11-23T11:59:59Z"),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            for (document, holder) in [(&base, true), (&derived, false)] {
                let mut changed = document.clone();
                change(&mut changed);
                if changed == *document {
                    continue;
                }
                let verdict = if holder {
                    issuer.holders_verdict(&changed)
                } else {
                    issuer.verdict(&changed)
                };
                assert!(verdict.is_err(), "{:?} {number} {holder}", issuer.suite);
                let verdict = verdict.unwrap_err();
                assert!(
                    matches!(verdict, ProofError::BadSignature | ProofError::Member("proofValue")),
                    "{:?} {number} {holder}: {verdict:?}",
                    issuer.suite,
                );
            }
        }
    }
}

#[test]
fn a_mandatory_statement_hidden_by_the_holder() {
    // A holder who edits the pointers inside the base proof derives something that does not verify.
    for issuer in Issuer::all(2) {
        let (base, _) = documents(&issuer);
        let edited = with_items(&base, |items| drop(list(&mut items[4]).pop()));
        assert_eq!(issuer.holders_verdict(&edited).unwrap_err(), ProofError::BadSignature);
        let derived = derive(
            &edited,
            &Disclosure::of(&["/credentialSubject/id"]),
            &PredictableEntropy::new(1),
        );
        // `ecdsa-sd-2023` notices that the signatures are too few.
        if let Ok(derived) = derived {
            assert_eq!(issuer.verdict(&derived).unwrap_err(), ProofError::BadSignature);
        }
    }
}

#[test]
fn labels_cannot_be_swapped_merged_or_left_out() {
    for issuer in Issuer::all(3) {
        let (_, derived) = documents(&issuer);
        let map = if issuer.suite == Cryptosuite::Bbs2023 { 1 } else { 3 };
        let pairs = |items: &mut Vec<Cbor>| -> Pairs { items[map].as_map().unwrap().clone() };
        let swapped = with_items(&derived, |items| {
            let mut labels = pairs(items);
            let one = labels[0].1.clone();
            labels[0].1 = labels[1].1.clone();
            labels[1].1 = one;
            items[map] = Cbor::Map(labels);
        });
        assert_eq!(issuer.verdict(&swapped).unwrap_err(), ProofError::BadSignature);
        let fewer = with_items(&derived, |items| {
            let mut labels = pairs(items);
            labels.pop();
            items[map] = Cbor::Map(labels);
        });
        assert_eq!(issuer.verdict(&fewer).unwrap_err(), ProofError::BadSignature);
        let malformed: [fn(&mut Pairs); 6] = [
            // The same label twice, the same key twice, a gap, and keys that are no small numbers.
            |labels| labels[1].1 = labels[0].1.clone(),
            |labels| labels[1].0 = labels[0].0.clone(),
            |labels| labels[0].0 = Cbor::Integer(900.into()),
            |labels| labels[0].0 = Cbor::Integer((-1).into()),
            |labels| labels[0].0 = Cbor::Integer(u64::MAX.into()),
            |labels| labels[0].1 = Cbor::Text("b0".into()),
        ];
        for (number, change) in malformed.into_iter().enumerate() {
            let changed = with_items(&derived, |items| {
                let mut labels = pairs(items);
                change(&mut labels);
                items[map] = Cbor::Map(labels);
            });
            assert_eq!(issuer.verdict(&changed).unwrap_err(), MALFORMED, "{number}");
        }
    }
}

#[test]
fn indexes_are_ascending_and_inside() {
    for issuer in Issuer::all(4) {
        let (_, derived) = documents(&issuer);
        let at: &[usize] = if issuer.suite == Cryptosuite::Bbs2023 { &[2, 3] } else { &[4] };
        for &at in at {
            let change = |change: &dyn Fn(&mut Vec<Cbor>)| {
                issuer.verdict(&with_items(&derived, |items| change(list(&mut items[at]))))
            };
            let twice = change(&|indexes| {
                let last = indexes.last().unwrap().clone();
                indexes.push(last);
            });
            assert_eq!(twice.unwrap_err(), MALFORMED);
            assert_eq!(change(&|indexes| indexes.swap(0, 1)).unwrap_err(), MALFORMED);
            for beyond in [Cbor::Integer(u64::MAX.into()), Cbor::Float(1.0), Cbor::Null] {
                let verdict = change(&|indexes| indexes.push(beyond.clone()));
                assert_eq!(verdict.unwrap_err(), MALFORMED);
            }
            let outside = change(&|indexes| indexes.push(Cbor::Integer(u32::MAX.into())));
            assert_eq!(outside.unwrap_err(), ProofError::BadSignature);
            let fewer = change(&|indexes| drop(indexes.pop()));
            assert_eq!(fewer.unwrap_err(), ProofError::BadSignature);
            let many: Vec<Cbor> = (0..5000).map(|index| Cbor::Integer(index.into())).collect();
            assert_eq!(change(&|indexes| *indexes = many.clone()).unwrap_err(), MALFORMED);
        }
    }
}

#[test]
fn signatures_belong_to_their_statements_and_keys() {
    let issuer = Issuer::new(Cryptosuite::EcdsaSd2023, 5);
    let (base, derived) = documents(&issuer);
    for (document, at) in [(&base, 3), (&derived, 2)] {
        let verdict = |changed: &Value| {
            if at == 3 { issuer.holders_verdict(changed) } else { issuer.verdict(changed) }
        };
        let swapped = with_items(document, |items| list(&mut items[at]).swap(0, 1));
        assert_eq!(verdict(&swapped).unwrap_err(), ProofError::BadSignature);
        let fewer = with_items(document, |items| drop(list(&mut items[at]).pop()));
        assert_eq!(verdict(&fewer).unwrap_err(), ProofError::BadSignature);
        let short =
            with_items(document, |items| list(&mut items[at])[0] = Cbor::Bytes(vec![1; 63]));
        assert_eq!(verdict(&short).unwrap_err(), MALFORMED);
        let zero = with_items(document, |items| list(&mut items[at])[0] = Cbor::Bytes(vec![0; 64]));
        assert_eq!(verdict(&zero).unwrap_err(), ProofError::BadSignature);
        // Another one-time key: the base signature names the right one.
        let key = |fill: &[u8]| Cbor::Bytes(fill.to_vec());
        let foreign = Issuer::new(Cryptosuite::EcdsaSd2023, 6).public_key().to_multikey_bytes();
        let changed = with_items(document, |items| items[1] = key(&foreign));
        assert_eq!(verdict(&changed).unwrap_err(), ProofError::BadSignature);
        for bad in [vec![], vec![0; 35], foreign[..34].to_vec()] {
            let changed = with_items(document, |items| items[1] = key(&bad));
            assert!(verdict(&changed).is_err());
        }
    }
}

#[test]
fn keys_purposes_dates_and_parties_are_checked() {
    for issuer in Issuer::all(7) {
        let (base, derived) = documents(&issuer);
        let did = issuer.did();
        let expected = Expected::credential(Some(&did), now());
        let refused = |change: &dyn Fn(&mut signing_keys::VerificationKey)| {
            let mut key = listed(&issuer.public_key());
            change(&mut key);
            let keys = signing_keys::KeyRing::from_iter([key]);
            let refusals = [
                verify(&derived, &expected, &keys).unwrap_err(),
                verify_base(&base, &expected, &keys).unwrap_err(),
            ];
            assert_eq!(refusals[0], refusals[1]);
            refusals[0].clone()
        };
        let other = Issuer::new(issuer.suite, 8);
        assert_eq!(refused(&|key| key.key = other.public_key()), ProofError::BadSignature);
        let key_refusal = |refusal| ProofError::Key(refusal);
        assert_eq!(
            refused(&|key| key.controller = other.did()),
            key_refusal(KeyRefusal::WrongController)
        );
        assert_eq!(refused(&|key| key.purposes.clear()), key_refusal(KeyRefusal::NotListed));
        assert_eq!(
            refused(&|key| key.revoked = Some(moment("2026-01-01T00:00:00Z"))),
            key_refusal(KeyRefusal::Revoked)
        );
        // Each suite under the key of the other, and under the other's name.
        let foreign = match issuer.suite {
            Cryptosuite::Bbs2023 => Issuer::new(Cryptosuite::EcdsaSd2023, 7),
            _ => Issuer::new(Cryptosuite::Bbs2023, 7),
        };
        if foreign.public_key() != issuer.public_key() {
            assert_eq!(
                refused(&|key| key.key = foreign.public_key()),
                ProofError::AlgorithmMismatch
            );
            let mut renamed = derived.clone();
            renamed["proof"]["cryptosuite"] = json!(foreign.suite.as_str());
            assert_eq!(issuer.verdict(&renamed).unwrap_err(), ProofError::AlgorithmMismatch);
            renamed["proof"]["verificationMethod"] =
                json!(foreign.public_key().did_key_url().as_str());
            renamed["issuer"]["id"] = json!(foreign.did().as_str());
            assert_eq!(foreign.verdict(&renamed).unwrap_err(), MALFORMED);
        }
        let mut chained = derived.clone();
        chained["proof"]["previousProof"] = json!("urn:uuid:1");
        let refusal = issuer.verdict(&chained).unwrap_err();
        assert_eq!(refusal, ProofError::Member("previousProof"));
        let early = Expected::credential(Some(&did), moment("2020-01-01T00:00:00Z"));
        assert_eq!(verify(&derived, &early, &issuer.ring()).unwrap_err(), ProofError::FromFuture);
    }
}

#[test]
fn malformed_proof_values() {
    for issuer in Issuer::all(9) {
        let (base, derived) = documents(&issuer);
        for document in [&base, &derived] {
            let bytes = bytes_of(document);
            let verdict = |changed: &Value| issuer.verdict(changed).unwrap_err();
            // Truncated anywhere, with a tail, with every other header.
            for length in (0..bytes.len()).step_by(7).chain(0..40) {
                assert_eq!(verdict(&with_bytes(document, &bytes[..length])), MALFORMED, "{length}");
            }
            let tail = [bytes.as_slice(), &[0]].concat();
            assert_eq!(verdict(&with_bytes(document, &tail)), MALFORMED);
            for last in 0..=255 {
                let mut changed = bytes.clone();
                changed[2] = last;
                let unchanged = last == bytes[2];
                let refusal = issuer.verdict(&with_bytes(document, &changed));
                assert!(unchanged || refusal.is_err(), "{last}");
                if (4..=9).contains(&last) {
                    assert_eq!(refusal.unwrap_err(), ProofError::UnsupportedFeature);
                }
            }
            for at in [0, 1] {
                let mut changed = bytes.clone();
                changed[at] ^= 1;
                assert_eq!(verdict(&with_bytes(document, &changed)), MALFORMED);
            }
            // Other multibases and paddings.
            let text = document["proof"]["proofValue"].as_str().unwrap();
            for bad in [
                format!("z{}", &text[1..]),
                format!("U{}", &text[1..]),
                text[1..].to_owned(),
                format!("{text}="),
                format!("{text} "),
                format!("u{}", bs58::encode(&bytes[..60]).into_string()),
                "u".to_owned(),
                format!("u{}", "A".repeat(crate::selective::MAX_PROOF_VALUE)),
            ] {
                assert_eq!(verdict(&with_text(document, bad)), MALFORMED);
            }
            assert!(ProofValue::parse(&format!("u{}", "A".repeat(1_000_000))).is_err());
        }
    }
}

#[test]
fn cbor_in_other_forms() {
    let header = [0xd9, 0x5d, 0x01];
    for body in [
        // No array, four items, six items, indefinite length, a tag, a length beyond the end, a long form of a short
        // length, nested arrays without end.
        vec![0xf6],
        vec![0x84, 0, 0, 0, 0],
        vec![0x86, 0, 0, 0, 0, 0, 0],
        vec![0x9f, 0, 0, 0, 0, 0, 0xff],
        vec![0xd8, 0x40, 0x85, 0, 0, 0, 0, 0],
        vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0x98, 0x05, 0, 0, 0, 0, 0],
        vec![0x81; 100_000],
        vec![0x9f; 100_000],
        vec![0xa1; 100_000],
        vec![0xc1; 100_000],
    ] {
        let text = format!("u{}", base64url::encode([header.as_slice(), &body].concat()));
        assert_eq!(ProofValue::parse(&text).unwrap_err(), MALFORMED);
    }
    // The same numbers, written longer.
    let issuer = Issuer::new(Cryptosuite::EcdsaSd2023, 10);
    let (_, derived) = documents(&issuer);
    let small = with_items(&derived, |items| list(&mut items[4]).truncate(1));
    let bytes = bytes_of(&small);
    let (last, head) = bytes.split_last().unwrap();
    assert!(*last < 0x18, "the first index is written in one byte");
    assert_eq!(issuer.verdict(&small).unwrap_err(), ProofError::BadSignature);
    let longer = [head, &[0x18, *last]].concat();
    assert_eq!(issuer.verdict(&with_bytes(&derived, &longer)).unwrap_err(), MALFORMED);
}

#[test]
fn too_much_is_refused_before_it_is_computed() {
    let issuer = Issuer::new(Cryptosuite::EcdsaSd2023, 11);
    let (base, derived) = documents(&issuer);
    let many = vec![Cbor::Bytes(vec![1; 64]); crate::selective::MAX_STATEMENTS + 1];
    for (document, at) in [(&base, 3), (&derived, 2)] {
        let changed = with_items(document, |items| items[at] = Cbor::Array(many.clone()));
        assert_eq!(issuer.verdict(&changed).unwrap_err(), MALFORMED);
    }
    let pointers = vec![Cbor::Text("/issuer".into()); crate::selective::MAX_POINTERS + 1];
    let changed = with_items(&base, |items| items[4] = Cbor::Array(pointers));
    assert_eq!(issuer.holders_verdict(&changed).unwrap_err(), MALFORMED);
    let changed = with_items(&base, |items| items[4] = Cbor::Array(vec![Cbor::Text("/no".into())]));
    assert_eq!(issuer.holders_verdict(&changed).unwrap_err(), MALFORMED);
    let refused = derive(
        &base,
        &Disclosure::of(&["/issuer"; crate::selective::MAX_POINTERS + 1]),
        &PredictableEntropy::new(1),
    );
    assert_eq!(refused.unwrap_err().code(), "selective_too_many_pointers");
}
