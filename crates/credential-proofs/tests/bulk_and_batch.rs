//! The quick ways of bulk issuing and batch verifying against the generic ones: the same bytes, the same verdicts.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use credential_model::catalogue::CredentialType;
use credential_model::did::ProofPurpose;
use credential_proofs::Expected;
use credential_proofs::data_integrity::{
    BulkForm, BulkIssuer, Cryptosuite, ProofOptions, secure, verify, verify_batch,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use signing_keys::{Algorithm, Signer};
use support::{did, ed25519, method, now, p384, ring};

fn options(signer: &dyn Signer, cryptosuite: Cryptosuite) -> ProofOptions {
    ProofOptions {
        cryptosuite,
        verification_method: method(signer),
        proof_purpose: ProofPurpose::AssertionMethod,
        created: Some(now()),
        expires: None,
        challenge: None,
        domain: None,
    }
}

fn example(kind: CredentialType, signer: &dyn Signer) -> Value {
    let mut document = kind.example();
    document.as_object_mut().unwrap().remove("proof");
    match &mut document["issuer"] {
        Value::Object(issuer) => drop(issuer.insert("id".into(), did(signer).as_str().into())),
        issuer => *issuer = did(signer).as_str().into(),
    }
    document
}

/// A whole number that may be changed, and what becomes of the quick way.
#[test]
fn whole_numbers_are_put_in() {
    let signer = ed25519(1);
    let options = options(&signer, Cryptosuite::EddsaRdfc2022);
    let mut document = example(CredentialType::CompetitionResult, &signer);
    let mut bulk = BulkIssuer::new(options.clone(), Algorithm::EdDsa).unwrap();
    assert!(bulk.learn(&document).unwrap());
    for (number, quick) in [
        (json!(2), true),
        (json!(-7), true),
        (json!(9_007_199_254_740_991_i64), true),
        (json!(2.5), false),
        (json!(-0.0), false),
        (json!(2.0), false),
        (json!("2"), false),
        (json!(true), false),
    ] {
        document["credentialSubject"]["rank"] = number.clone();
        assert_eq!(same_both_ways(&bulk, &document, &options, &signer), quick, "{number}");
    }
}

/// The texts that may be changed: contexts and types would make it another kind.
fn texts<'v>(value: &'v mut Value, out: &mut Vec<&'v mut String>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, out)),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                if name != "@context" && name != "type" && name != "proof" {
                    texts(value, out);
                }
            }
        }
        _ => {}
    }
}

/// What people write, and what somebody may try.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[가-힣A-Za-z0-9 ]{0,24}",
        "(urn:uuid|did:web|https|http|mailto|schema|ceterms|_|@id|xsd|dc):[a-z/.#%0-9]{0,12}",
        Just("@type".to_owned()),
        Just("id".to_owned()),
        Just("a\"b\\c\n\t\u{0}\u{7f}\u{85}</script>\u{2028}".to_owned()),
        Just("urn:x-sinpyo-slot:00000001:".to_owned()),
        Just("https://www.w3.org/2018/credentials#VerifiableCredential".to_owned()),
        Just("Certification".to_owned()),
        Just("x".repeat(20_000)),
    ]
}

/// Secured both ways: the same text or the same refusal. Says whether the quick way was taken.
fn same_both_ways(
    bulk: &BulkIssuer<'_>,
    document: &Value,
    options: &ProofOptions,
    signer: &dyn Signer,
) -> bool {
    match (secure(document, options, signer), bulk.prepare(document)) {
        (Ok(generic), Ok(quick)) => {
            let taken = !quick.is_generic();
            // Ed25519 signs the same input the same way; ECDSA does not, so there the input is compared.
            let prepared = credential_proofs::data_integrity::Engine::pinned()
                .prepare(document, options, signer.algorithm())
                .unwrap();
            assert_eq!(quick.signing_input(), prepared.signing_input());
            if signer.algorithm() == Algorithm::EdDsa {
                assert_eq!(bulk.secure(document, signer).unwrap(), generic.to_string());
            } else {
                assert_eq!(quick.seal(&[7; 96]), prepared.seal(&[7; 96]).to_string());
            }
            taken
        }
        (Err(generic), Err(quick)) => {
            assert_eq!(generic.code(), quick.code());
            false
        }
        (generic, quick) => panic!("{generic:?} but {quick:?}"),
    }
}

#[test]
fn every_kind_takes_the_quick_way() {
    let signer = ed25519(1);
    for kind in CredentialType::ALL {
        let document = example(kind, &signer);
        let options = options(&signer, Cryptosuite::EddsaRdfc2022);
        let mut bulk = BulkIssuer::new(options.clone(), Algorithm::EdDsa).unwrap();
        assert!(bulk.prepare(&document).unwrap().is_generic());
        assert!(bulk.learn(&document).unwrap(), "{kind:?}");
        assert!(same_both_ways(&bulk, &document, &options, &signer), "{kind:?}");
        let mut other = document.clone();
        other["name"] = json!("다른 이름 \"인용\"\n");
        other["id"] = json!("urn:uuid:5b1a6c5e-0000-4000-8000-000000000001");
        assert!(same_both_ways(&bulk, &other, &options, &signer) || document.get("name").is_none());
    }
}

/// Paths of all texts that may be changed and are members of objects all the way.
fn paths<'v>(value: &'v Value, path: &mut Vec<&'v str>, out: &mut Vec<Vec<&'v str>>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        if ["@context", "type", "proof"].contains(&name.as_str()) {
            continue;
        }
        path.push(name);
        if value.is_string() {
            out.push(path.clone());
        }
        paths(value, path, out);
        path.pop();
    }
}

/// The paths that can be holes, each tried alone.
fn holes<'v>(bulk: &BulkIssuer<'_>, document: &'v Value) -> Vec<Vec<&'v str>> {
    let mut all = Vec::new();
    paths(document, &mut Vec::new(), &mut all);
    all.retain(|path| bulk.form(document, std::slice::from_ref(path)).is_some());
    all
}

/// The document with other texts, from its form and singly: the same bytes and the same digest, or no answer of the form.
fn same_from_form(
    form: &BulkForm<'_>,
    document: &Value,
    holes: &[Vec<&str>],
    texts: &[&str],
    options: &ProofOptions,
    signer: &dyn Signer,
) -> bool {
    let Some(filled) = form.fill(texts) else { return false };
    let mut other = document.clone();
    for (path, text) in holes.iter().zip(texts) {
        *path.iter().fold(&mut other, |value, name| &mut value[*name]) = json!(text);
    }
    let single = secure(&other, options, signer).unwrap();
    let signature = signer.sign(filled.signing_input()).unwrap();
    let mut text = String::from("before ");
    let digest = filled.seal_into(&signature, &mut text);
    assert_eq!(text.strip_prefix("before "), Some(single.to_string().as_str()));
    assert_eq!(digest, credential_model::credential::json_digest(&single));
    true
}

/// Texts that need escapes, that change the order of statements and that look like something else.
const HOSTILE: [&str; 12] = [
    "",
    "\"\\\u{0}\u{1}\u{8}\t\n\u{c}\r\u{1f}\u{7f}\u{85}\u{2028}",
    "가상인물 홍길동 · 각",
    "\u{1112}\u{1169}\u{11bc}",
    "\u{202e}\u{200f}عربي\u{2066}",
    "\u{10ffff}𐐷😀\u{fffe}",
    "!",
    "\u{fffd}zzz",
    "_:c14n0",
    "<urn:x> .\n_:b0 <urn:y> \"z\"",
    "urn:x-sinpyo-slot:00000003:",
    "4503599627000003",
];

#[test]
fn every_kind_has_a_form_that_takes_hostile_texts() {
    let signer = ed25519(1);
    for kind in CredentialType::ALL {
        let document = example(kind, &signer);
        let options = options(&signer, Cryptosuite::EddsaRdfc2022);
        let bulk = BulkIssuer::new(options.clone(), Algorithm::EdDsa).unwrap();
        let holes = holes(&bulk, &document);
        assert!(holes.len() >= 4, "{kind:?}: {holes:?}");
        let form = bulk.form(&document, &holes).unwrap();
        let own: Vec<&str> = holes
            .iter()
            .map(|path| path.iter().fold(&document, |value, name| &value[*name]).as_str().unwrap())
            .collect();
        let same =
            |texts: &[&str]| same_from_form(&form, &document, &holes, texts, &options, &signer);
        assert!(same(&own), "{kind:?}");
        let mut taken = 0;
        for (at, hostile) in (0..holes.len()).flat_map(|at| HOSTILE.map(|hostile| (at, hostile))) {
            let mut texts = own.clone();
            texts[at] = hostile;
            taken += usize::from(same(&texts));
        }
        assert!(taken >= HOSTILE.len(), "{kind:?}: {taken}");
    }
}

#[test]
fn a_form_takes_no_other_holes_and_no_other_number_of_texts() {
    let signer = ed25519(1);
    let document = example(CredentialType::QualificationBadge, &signer);
    let bulk =
        BulkIssuer::new(options(&signer, Cryptosuite::EddsaRdfc2022), Algorithm::EdDsa).unwrap();
    let name = vec!["credentialSubject", "person", "name"];
    let bad: [Vec<Vec<&str>>; 7] = [
        vec![vec![]],
        vec![vec!["type"]],
        vec![vec!["@context"]],
        vec![vec!["nothing"]],
        vec![vec!["credentialSubject"]],
        vec![vec!["id", "id"]],
        vec![name.clone(), name.clone()],
    ];
    for holes in &bad {
        assert!(bulk.form(&document, holes).is_none(), "{holes:?}");
    }
    assert!(bulk.form(&document, &vec![name.clone(); 65]).is_none());
    let jcs = options(&signer, Cryptosuite::EddsaJcs2022);
    let jcs = BulkIssuer::new(jcs, Algorithm::EdDsa).unwrap();
    assert!(jcs.form(&document, std::slice::from_ref(&name)).is_none());

    let form = bulk.form(&document, &[name]).unwrap();
    assert!(form.fill(&["가상인물"]).is_some());
    assert!(form.fill(&[]).is_none());
    assert!(form.fill(&["가상인물", "b"]).is_none());
    assert!(form.fill(&["x".repeat(20_000).as_str()]).is_none(), "too long for the quick way");
    let id = bulk.form(&document, &[vec!["id"]]).unwrap();
    for text in ["", "no IRI", "id", "@type", "_:b0"] {
        assert!(id.fill(&[text]).is_none(), "{text:?}");
    }
}

#[test]
fn another_shape_goes_the_generic_way() {
    let signer = ed25519(1);
    let document = example(CredentialType::QualificationBadge, &signer);
    let options = options(&signer, Cryptosuite::EddsaRdfc2022);
    let mut bulk = BulkIssuer::new(options.clone(), Algorithm::EdDsa).unwrap();
    assert!(bulk.learn(&document).unwrap());
    let changes: [fn(&mut Value); 9] = [
        |it| drop(it.as_object_mut().unwrap().remove("awardedDate")),
        |it| it["description"] = json!("more"),
        |it| it["credentialStatus"]["statusSize"] = json!(9_007_199_254_740_992_i64),
        |it| it["credentialStatus"]["statusSize"] = json!(2.0),
        |it| it["credentialStatus"]["statusSize"] = json!("2"),
        |it| {
            it["type"] =
                json!(["VerifiableCredential", "KrQualificationBadge", "OpenBadgeCredential"])
        },
        |it| it["credentialSubject"]["id"] = json!("_:b0"),
        |it| it["credentialStatus"]["statusMessage"].as_array_mut().unwrap().truncate(3),
        // An earlier proof: the new one joins it.
        |it| it["proof"] = json!({"type": "DataIntegrityProof", "proofValue": "zold"}),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut other = document.clone();
        change(&mut other);
        assert!(!same_both_ways(&bulk, &other, &options, &signer), "change {number}");
    }
    let refused: [fn(&mut Value); 4] = [
        |it| {
            it["@context"] =
                json!(["https://www.w3.org/ns/credentials/v2", "https://unknown.example"])
        },
        |it| it["undefinedMember"] = json!("x"),
        |it| it["credentialSubject"]["id"] = json!("relative"),
        |it| *it = json!([1]),
    ];
    for change in refused {
        let mut other = document.clone();
        change(&mut other);
        assert!(bulk.secure(&other, &signer).is_err());
        assert!(bulk.learn(&other).is_err());
        assert!(!same_both_ways(&bulk, &other, &options, &signer));
    }
    assert!(bulk.secure(&document, &p384(1)).is_err());
    assert!(BulkIssuer::new(options.clone(), Algorithm::Es256).is_err());
    let jcs = ProofOptions { cryptosuite: Cryptosuite::EddsaJcs2022, ..options };
    let mut bulk = BulkIssuer::new(jcs.clone(), Algorithm::EdDsa).unwrap();
    assert!(!bulk.learn(&document).unwrap());
    assert!(!same_both_ways(&bulk, &document, &jcs, &signer));
}

/// Blank nodes whose order hangs on the texts: equal ones need the n-degree way, others change places.
#[test]
fn blank_nodes_are_ordered_by_what_they_say() {
    let signer = ed25519(1);
    let options = options(&signer, Cryptosuite::EddsaRdfc2022);
    let document = |messages: [&str; 3]| {
        let mut document = example(CredentialType::QualificationBadge, &signer);
        document["credentialStatus"]["statusMessage"] =
            messages.map(|message| json!({"status": "0x0", "message": message})).to_vec().into();
        document
    };
    let mut bulk = BulkIssuer::new(options.clone(), Algorithm::EdDsa).unwrap();
    assert!(bulk.learn(&document(["a", "b", "c"])).unwrap());
    for messages in [["c", "b", "a"], ["b", "c", "a"], ["가", "\"", "\\"], ["", " ", "  "]] {
        assert!(same_both_ways(&bulk, &document(messages), &options, &signer));
    }
    // Alike: first-degree hashes do not tell them apart.
    for messages in [["a", "a", "b"], ["a", "a", "a"]] {
        assert!(!same_both_ways(&bulk, &document(messages), &options, &signer));
    }
    // And an example whose blank nodes are alike: as a rule, later ones are not.
    let mut bulk = BulkIssuer::new(options.clone(), Algorithm::EdDsa).unwrap();
    bulk.learn(&document(["a", "a", "a"])).unwrap();
    for messages in [["a", "a", "a"], ["a", "b", "c"]] {
        same_both_ways(&bulk, &document(messages), &options, &signer);
    }
}

/// Texts that are equal make one node, or one statement, of two.
#[test]
fn equal_texts_make_one_statement() {
    let signer = ed25519(1);
    let options = options(&signer, Cryptosuite::EddsaRdfc2022);
    let document = |one: &str, two: &str| {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": did(&signer).as_str(),
            "name": [{"@value": one, "@language": "ko"}, {"@value": two, "@language": "ko"}],
            "credentialSubject": [{"id": "urn:a:1", "name": one}, {"id": "urn:a:2", "name": two}],
            "evidence": [{"id": one, "type": "Evidence"}, {"id": two, "type": "Evidence"}],
        })
    };
    let mut bulk = BulkIssuer::new(options.clone(), Algorithm::EdDsa).unwrap();
    let _ = bulk.learn(&document("urn:x:1", "urn:x:2"));
    for (one, two) in [("urn:x:3", "urn:x:4"), ("urn:x:3", "urn:x:3"), ("urn:a:1", "urn:a:2")] {
        same_both_ways(&bulk, &document(one, two), &options, &signer);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn random_rows_come_out_the_same(
        kind in proptest::sample::select(CredentialType::ALL.to_vec()),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any_text()), 0..6),
        sha384 in any::<bool>(),
    ) {
        let (ed, nist) = (ed25519(1), p384(2));
        let (signer, suite): (&dyn Signer, _) = if sha384 {
            (&nist, Cryptosuite::EcdsaRdfc2019)
        } else {
            (&ed, Cryptosuite::EddsaRdfc2022)
        };
        let options = options(signer, suite);
        let mut document = example(kind, signer);
        let mut bulk = BulkIssuer::new(options.clone(), signer.algorithm()).unwrap();
        prop_assert!(bulk.learn(&document).unwrap());
        let mut places = Vec::new();
        texts(&mut document, &mut places);
        for (place, text) in changes {
            let count = places.len();
            *places[place.index(count)] = text;
        }
        same_both_ways(&bulk, &document, &options, signer);
    }

    #[test]
    fn random_texts_come_out_of_a_form_as_singly(
        kind in proptest::sample::select(CredentialType::ALL.to_vec()),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any_text()), 0..6),
    ) {
        let signer = ed25519(1);
        let options = options(&signer, Cryptosuite::EddsaRdfc2022);
        let document = example(kind, &signer);
        let bulk = BulkIssuer::new(options.clone(), Algorithm::EdDsa).unwrap();
        let mut all = Vec::new();
        paths(&document, &mut Vec::new(), &mut all);
        let mut chosen = Vec::new();
        for (at, text) in &changes {
            let path = all[at.index(all.len())].clone();
            if !chosen.iter().any(|(own, _)| *own == path) {
                chosen.push((path, text.as_str()));
            }
        }
        let (holes, texts): (Vec<_>, Vec<_>) = chosen.into_iter().unzip();
        if let Some(form) = bulk.form(&document, &holes) {
            same_from_form(&form, &document, &holes, &texts, &options, &signer);
        }
    }

    #[test]
    fn a_batch_gives_what_single_checks_give(
        changes in proptest::collection::vec(
            (0_usize..12, any::<prop::sample::Index>(), any_text(), 0_usize..6), 0..8),
    ) {
        let (signer, stranger) = (ed25519(1), ed25519(2));
        let options = options(&signer, Cryptosuite::EddsaRdfc2022);
        let keys = ring(&[&signer, &stranger]);
        let mut batch: Vec<Value> = (0..33)
            .map(|number| {
                let mut document = example(CredentialType::QualificationBadge, &signer);
                document["credentialSubject"]["licenseNumber"] = json!(format!("{number:011}A"));
                secure(&document, &options, &signer).unwrap()
            })
            .collect();
        for (which, place, text, what) in changes {
            let document = &mut batch[which];
            match what {
                0 => document["proof"]["proofValue"] = json!(text),
                1 => document["proof"]["verificationMethod"] = json!(method(&stranger).as_str()),
                2 => document["proof"]["created"] = json!("2026-11-23T11:59:59Z"),
                3 => {
                    let value = document["proof"]["proofValue"].as_str().unwrap().to_owned();
                    let at = 1 + place.index(value.len().max(2) - 1);
                    if value.is_char_boundary(at) && value.is_char_boundary(at + 1) {
                        let changed = if value[at..].starts_with('2') { "3" } else { "2" };
                        let changed = format!("{}{changed}{}", &value[..at], &value[at + 1..]);
                        document["proof"]["proofValue"] = json!(changed);
                    }
                }
                4 => {
                    let again = secure(&{
                        let mut unsecured = document.clone();
                        unsecured.as_object_mut().unwrap().remove("proof");
                        unsecured
                    }, &options, &stranger);
                    if let Ok(again) = again {
                        *document = again;
                    }
                }
                _ => {
                    let mut places = Vec::new();
                    texts(document, &mut places);
                    let count = places.len();
                    *places[place.index(count)] = text;
                }
            }
        }
        let expected = Expected::credential(None, now());
        let together = verify_batch(&batch, &expected, &keys);
        prop_assert_eq!(together.len(), batch.len());
        for (document, result) in batch.iter().zip(together) {
            let single = verify(document, &expected, &keys);
            match (single, result) {
                (Ok(one), Ok(other)) => {
                    prop_assert_eq!(&one[0].verification_method, &other[0].verification_method);
                }
                (Err(one), Err(other)) => prop_assert_eq!(one.code(), other.code()),
                (one, other) => prop_assert!(false, "{one:?} but {other:?}"),
            }
        }
    }
}

/// Each text of the document and of its proof, changed alone in a batch of good ones: nothing changed may pass.
#[test]
fn every_changed_text_is_noticed_in_a_batch() {
    let signer = ed25519(1);
    let keys = ring(&[&signer]);
    let document = example(CredentialType::QualificationBadge, &signer);
    let good = secure(&document, &options(&signer, Cryptosuite::EddsaRdfc2022), &signer).unwrap();
    let count = |document: &mut Value| {
        let mut places = Vec::new();
        texts(document, &mut places);
        places.len()
    };
    let mut batch = vec![good.clone(); 12];
    for place in 0..count(&mut good.clone()) {
        for change in ["x", "urn:changed:1"] {
            let mut bad = good.clone();
            let mut places = Vec::new();
            texts(&mut bad, &mut places);
            *places[place] = change.to_owned();
            batch.push(bad);
        }
    }
    batch.push(good.clone());
    let expected = Expected::credential(None, now());
    let results = verify_batch(&batch, &expected, &keys);
    for (index, result) in results.iter().enumerate() {
        assert_eq!(result.is_ok(), index < 12 || index + 1 == batch.len(), "{index}: {result:?}");
    }
    assert!(verify_batch(&[], &expected, &keys).is_empty());
    assert!(verify_batch(&[json!(1), json!({})], &expected, &keys).iter().all(Result::is_err));
}
