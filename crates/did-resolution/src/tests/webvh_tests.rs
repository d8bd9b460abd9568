//! did:webvh: published vectors, every rule broken once, hostile logs.

use std::fs;
use std::path::Path;

use credential_model::did::Did;
use credential_model::moment::Moment;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::logs::{Log, key_hash, multikey, now, proof, state};
use crate::{LogError, ResolveError, SignedLog, VersionQuery, did_webvh_address};

/// The vectors of the method's own test suite; source and licence in their folder.
#[test]
fn the_published_vectors_resolve() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/webvh");
    let mut seen = 0;
    for scenario in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if !scenario.is_dir() {
            continue;
        }
        let name = scenario.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(scenario.join("did.jsonl")).unwrap();
        let proofs = fs::read(scenario.join("did-witness.json")).ok();
        for number in ["", ".1", ".2"] {
            let expected = scenario.join(format!("resolutionResult{number}.json"));
            let Ok(expected) = fs::read(expected) else { continue };
            let expected: Value = serde_json::from_slice(&expected).unwrap();
            let did = Did::parse(expected["didDocument"]["id"].as_str().unwrap()).unwrap();
            let log = SignedLog::verify(&did, &bytes, now()).unwrap();
            assert_eq!(log.needs_witnesses(), proofs.is_some(), "{name}");
            let log = log.witnessed(proofs.as_deref()).unwrap();
            if name == "witness-update" {
                // Its second entry lowers the threshold and is witnessed under the lower one only.
                // The method lets the new list act after the entry; didwebvh-rs refuses it too.
                let refused = log.version(&VersionQuery::Latest).unwrap_err();
                assert_eq!(refused, LogError::NotWitnessed { entry: 2 }.into());
                assert!(log.version(&VersionQuery::Number(1)).is_ok());
                seen += 1;
                continue;
            }
            let query = match number.strip_prefix('.') {
                Some(number) => VersionQuery::Number(number.parse().unwrap()),
                None => VersionQuery::Latest,
            };
            seen += 1;
            if expected["didDocumentMetadata"]["deactivated"] == true {
                assert_eq!(log.version(&query).unwrap_err(), ResolveError::Deactivated, "{name}");
                assert!(log.version(&VersionQuery::Number(1)).is_ok(), "{name}");
                continue;
            }
            let version = log.version(&query).unwrap();
            let id = expected["didDocumentMetadata"]["versionId"].as_str().unwrap();
            assert_eq!(version.version_id, id, "{name}");
            assert_eq!(
                version.document["verificationMethod"],
                expected["didDocument"]["verificationMethod"]
            );
            let by_id = log.version(&VersionQuery::Id(id.to_owned())).unwrap();
            assert_eq!(by_id.number, version.number);
        }
    }
    assert_eq!(seen, 15, "13 scenarios, two of their versions");
}

#[test]
fn addresses_follow_the_did() {
    let scid = "QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL";
    let address =
        |place: &str| did_webvh_address(&Did::parse(&format!("did:webvh:{place}")).unwrap());
    for (place, log) in [
        ("example.com", "https://example.com/.well-known/did.jsonl"),
        ("issuer.example.com", "https://issuer.example.com/.well-known/did.jsonl"),
        ("example.com:dids:issuer", "https://example.com/dids/issuer/did.jsonl"),
        ("example.com%3A3000:dids:issuer", "https://example.com:3000/dids/issuer/did.jsonl"),
    ] {
        let address = address(&format!("{scid}:{place}")).unwrap();
        assert_eq!(address.log.as_str(), log);
        assert_eq!(address.witness.as_str(), log.replace("did.jsonl", "did-witness.json"));
        assert_eq!(address.scid, scid);
    }
    // The attacks of the test suite's negative vectors: addresses, traversal, other hosts.
    for place in [
        "127.0.0.1",
        "127%2E0%2E0%2E1",
        "127.0.0.1%3a8080",
        "example.com:..:x",
        "example.com:%2e%2e:x",
        "example.com:a%2Fb",
        "example.com%23x",
        "",
    ] {
        let did = Did::parse(&format!("did:webvh:{scid}:{place}"));
        let refused = did.map(|did| did_webvh_address(&did));
        assert!(!matches!(refused, Ok(Ok(_))), "{place}");
    }
    for scid in ["Qm", "QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAE0", "{SCID}"] {
        let did = Did::parse(&format!("did:webvh:{scid}:example.com"));
        assert!(!matches!(did.map(|did| did_webvh_address(&did)), Ok(Ok(_))), "{scid}");
    }
}

fn three() -> Log {
    let mut log = Log::new(json!({}));
    log.add(json!({"updateKeys": [multikey(2)]}), 1);
    log.add(json!({"ttl": 60}), 2);
    log
}

#[test]
fn a_good_log_gives_every_version() {
    let log = three();
    let checked = log.check(None).unwrap();
    let latest = checked.version(&VersionQuery::Latest).unwrap();
    assert_eq!((latest.number, latest.ttl, latest.portable), (3, 60, false));
    assert_eq!(latest.document, state(&log.did()));
    assert_eq!(checked.versions()[0].ttl, 3600);
    let at = |text: &str| {
        let query = VersionQuery::Time(Moment::parse(text).unwrap());
        checked.version(&query).map(|version| version.number)
    };
    assert_eq!(at("2026-01-01T00:00:00Z"), Ok(1));
    assert_eq!(at("2026-01-02T23:59:59Z"), Ok(2));
    assert_eq!(at("2027-01-01T00:00:00Z"), Ok(3));
    assert_eq!(at("2025-12-31T23:59:59Z"), Err(ResolveError::VersionNotFound));
    let id = VersionQuery::Id(log.version_id(2).to_owned());
    assert_eq!(checked.version(&id).unwrap().number, 2);
    for query in [VersionQuery::Number(4), VersionQuery::Number(0), VersionQuery::Id("2".into())] {
        assert_eq!(checked.version(&query).unwrap_err(), ResolveError::VersionNotFound);
    }
}

#[test]
fn a_changed_entry_is_noticed() {
    for (pointer, value, code) in [
        (
            "/state/verificationMethod/0/publicKeyMultibase",
            json!(multikey(7)),
            "did_log_entry_hash",
        ),
        ("/versionTime", json!("2026-01-02T12:00:00Z"), "did_log_entry_hash"),
        ("/parameters", json!({"updateKeys": [multikey(7)]}), "did_log_entry_hash"),
        (
            "/versionId",
            json!("2-QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL"),
            "did_log_entry_hash",
        ),
        ("/versionId", json!("3-x"), "did_log_version_number"),
        ("/versionId", json!("2"), "did_log_version_number"),
        ("/versionId", json!("02-x"), "did_log_version_number"),
        ("/proof", json!([]), "did_log_proof"),
        ("/proof", json!("x"), "did_log_proof"),
        ("/proof/0/proofPurpose", json!("authentication"), "did_log_proof"),
        ("/proof/0/cryptosuite", json!("eddsa-rdfc-2022"), "did_log_proof"),
        ("/proof/0/type", json!("Ed25519Signature2020"), "did_log_proof"),
        ("/proof/0/created", json!("2026-01-03T00:00:00Z"), "did_log_proof"),
        ("/proof/0/proofValue", json!("z1"), "did_log_proof"),
        ("/proof/0/proofValue", json!("u1"), "did_log_proof"),
        ("/proof/0/verificationMethod", json!(format!("did:key:{}", multikey(1))), "did_log_proof"),
        (
            "/proof/0/verificationMethod",
            json!(format!("did:key:{}#{}", multikey(1), multikey(7))),
            "did_log_proof",
        ),
    ] {
        let mut log = three();
        *log.entries[1].pointer_mut(pointer).unwrap() = value.clone();
        assert_eq!(log.refusal(), code, "{pointer} {value}");
        // What stood before is as it was.
        let earlier = log.check(None).unwrap();
        assert!(earlier.version(&VersionQuery::Number(1)).is_ok());
        assert!(earlier.version(&VersionQuery::Number(2)).is_err());
        let later = VersionQuery::Time(now());
        assert_eq!(earlier.version(&later).unwrap_err().code(), code);
    }
}

#[test]
fn a_broken_chain_is_noticed() {
    let good = three();
    let mut cut = good.clone();
    cut.entries.remove(1);
    assert_eq!(cut.refusal(), "did_log_version_number");
    let mut swapped = good.clone();
    swapped.entries.swap(1, 2);
    assert_eq!(swapped.refusal(), "did_log_version_number");
    let mut doubled = good.clone();
    doubled.entries.insert(1, good.entries[0].clone());
    assert!(doubled.check(None).is_ok_and(|log| log.version(&VersionQuery::Latest).is_err()));
    // An entry of another DID's log, good in itself.
    let mut other = Log::new(json!({"ttl": 7}));
    other.add(json!({}), 1);
    let mut mixed = good.clone();
    mixed.entries[1] = other.entries[1].clone();
    assert_eq!(mixed.refusal(), "did_log_entry_hash");
    // Another first entry under the same DID.
    let mut replaced = good;
    replaced.entries[0] = other.entries[0].clone();
    assert_eq!(replaced.check(None).unwrap_err(), LogError::ScidMismatch.into());
}

#[test]
fn the_first_entry_makes_the_did() {
    let mut log = three();
    log.entries[0]["state"]["x"] = json!(1);
    assert_eq!(log.check(None).unwrap_err(), LogError::ScidMismatch.into());
    let mut log = three();
    log.entries[0]["parameters"]["scid"] = json!("QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL");
    assert_eq!(log.check(None).unwrap_err(), LogError::ScidMismatch.into());
    // A document with another SCID, sealed with care.
    let foreign = "did:webvh:QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL:issuer.example";
    let log = Log::altered(json!({}), |entry| entry["state"]["id"] = json!(foreign));
    assert_eq!(log.check(None).unwrap_err().code(), "did_log_other_did");
    for parameter in ["method", "updateKeys", "scid"] {
        let log = Log::altered(json!({}), |entry| {
            entry["parameters"].as_object_mut().unwrap().remove(parameter);
        });
        assert_eq!(log.check(None).unwrap_err().code(), "did_log_malformed", "{parameter}");
    }
}

#[test]
fn only_authorised_keys_update() {
    let mut log = Log::new(json!({}));
    log.add(json!({"updateKeys": [multikey(2)]}), 2);
    assert_eq!(log.refusal(), "did_log_key_not_authorised", "new keys act after their entry");
    let mut log = three();
    log.add(json!({}), 1);
    assert_eq!(log.refusal(), "did_log_key_not_authorised", "a key that was replaced");
    let mut log = three();
    let unsigned = {
        let mut entry = log.entries[2].clone();
        entry.as_object_mut().unwrap().remove("proof");
        entry
    };
    let stranger = proof(&unsigned, 7);
    log.entries[2]["proof"].as_array_mut().unwrap().push(stranger);
    assert_eq!(log.refusal(), "did_log_key_not_authorised", "every proof counts");
    let mut log = Log::new(json!({"updateKeys": []}));
    assert_eq!(log.check(None).unwrap_err().code(), "did_log_key_not_authorised");
    log = Log::new(json!({}));
    log.add(json!({"updateKeys": []}), 1);
    log.add(json!({}), 1);
    assert_eq!(log.refusal(), "did_log_key_not_authorised", "nobody may update any more");
}

#[test]
fn pre_rotation_binds_the_next_keys() {
    let first = Log::new(json!({"nextKeyHashes": [key_hash(2), key_hash(3)]}));
    let with = |parameters: Value, by: u8| {
        let mut log = first.clone();
        log.add(parameters, by);
        log
    };
    let good = with(json!({"updateKeys": [multikey(2)], "nextKeyHashes": [key_hash(4)]}), 2);
    assert!(good.check(None).unwrap().version(&VersionQuery::Latest).is_ok());
    for (parameters, by, code) in [
        (
            json!({"updateKeys": [multikey(5)], "nextKeyHashes": [key_hash(4)]}),
            5,
            "did_log_pre_rotation",
        ),
        (
            json!({"updateKeys": [multikey(2), multikey(5)], "nextKeyHashes": []}),
            2,
            "did_log_pre_rotation",
        ),
        (json!({"updateKeys": [multikey(2)]}), 2, "did_log_pre_rotation"),
        (json!({"nextKeyHashes": [key_hash(4)]}), 1, "did_log_pre_rotation"),
        (json!({}), 1, "did_log_pre_rotation"),
        // The stolen first key signs, the commitment being kept.
        (
            json!({"updateKeys": [multikey(2)], "nextKeyHashes": []}),
            1,
            "did_log_key_not_authorised",
        ),
    ] {
        assert_eq!(with(parameters.clone(), by).refusal(), code, "{parameters}");
    }
    // Switched off, then the usual rule: the keys of the entry before.
    let mut log = with(json!({"updateKeys": [multikey(3)], "nextKeyHashes": []}), 3);
    log.add(json!({"updateKeys": [multikey(6)]}), 3);
    log.add(json!({}), 6);
    assert!(log.check(None).unwrap().version(&VersionQuery::Latest).is_ok());
}

#[test]
fn time_only_goes_forward() {
    let at = |time: &str| {
        let mut log = Log::new(json!({}));
        log.add_altered(json!({}), 1, |entry| entry["versionTime"] = json!(time));
        log
    };
    assert_eq!(at("2026-01-01T00:00:00Z").refusal(), "did_log_time_not_rising");
    assert_eq!(at("2025-06-01T00:00:00Z").refusal(), "did_log_time_not_rising");
    assert_eq!(at("2026-11-23T00:01:01Z").refusal(), "did_log_time_in_future");
    assert_eq!(at("2026-01-01T09:00:01+09:00").refusal(), "did_log_malformed");
    assert_eq!(at("2026-01-02").refusal(), "did_log_malformed");
    for good in ["2026-01-01T00:00:00.5Z", "2026-11-23T00:00:30Z", "2026-01-01T00:00:01+00:00"] {
        assert!(at(good).check(None).unwrap().version(&VersionQuery::Latest).is_ok(), "{good}");
    }
    // The first entry from the future: there is no version at all.
    let log = Log::altered(json!({}), |e| e["versionTime"] = json!("2027-01-01T00:00:00Z"));
    assert_eq!(log.check(None).unwrap_err().code(), "did_log_time_in_future");
}

#[test]
fn a_move_needs_leave_and_keeps_the_old_name() {
    let moved = |extra: Value, keep: bool, to: &str| {
        let mut log = Log::new(extra);
        let old = log.did();
        let new = old.replace("issuer.example", to);
        log.add_altered(json!({}), 1, |entry| {
            entry["state"] = state(&new);
            if keep {
                entry["state"]["alsoKnownAs"] = json!([old]);
            }
        });
        (log, new)
    };
    let (log, new) = moved(json!({"portable": true}), true, "other.example:a");
    let checked = log.check(None).unwrap();
    assert_eq!(
        checked.version(&VersionQuery::Latest).unwrap_err(),
        ResolveError::Moved { to: new.clone() }
    );
    assert!(checked.version(&VersionQuery::Number(1)).is_ok(), "the past keeps the old name");
    let asked = Did::parse(&new).unwrap();
    let there = SignedLog::verify(&asked, &log.bytes(), now()).unwrap().witnessed(None).unwrap();
    assert_eq!(there.version(&VersionQuery::Latest).unwrap().number, 2);
    for (extra, keep) in
        [(json!({}), true), (json!({"portable": false}), true), (json!({"portable": true}), false)]
    {
        assert_eq!(moved(extra, keep, "other.example").0.refusal(), "did_log_other_did");
    }
    let mut late = Log::new(json!({}));
    late.add(json!({"portable": true}), 1);
    assert_eq!(late.refusal(), "did_log_malformed");
    // A name that no version ever had.
    let stranger = Did::parse(&log.did().replace("issuer.example", "evil.example")).unwrap();
    let error = SignedLog::verify(&stranger, &log.bytes(), now()).unwrap_err();
    assert_eq!(error.code(), "did_log_other_did");
    let (swapped, _) = moved(json!({"portable": true}), true, "other.example");
    let mut swapped = Log { entries: vec![swapped.entries[0].clone()], ..swapped };
    let foreign = "did:webvh:QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL:issuer.example";
    swapped.add_altered(json!({}), 1, |entry| entry["state"]["id"] = json!(foreign));
    assert_eq!(swapped.refusal(), "did_log_other_did");
}

#[test]
fn a_deactivated_did_stays_so() {
    let mut log = Log::new(json!({}));
    log.add(json!({"deactivated": true}), 1);
    let checked = log.check(None).unwrap();
    assert_eq!(checked.version(&VersionQuery::Latest).unwrap_err(), ResolveError::Deactivated);
    assert!(checked.version(&VersionQuery::Number(1)).is_ok());
    log.add(json!({"deactivated": false}), 1);
    assert_eq!(log.refusal(), "did_log_after_deactivation");
}

#[test]
fn what_the_method_does_not_know_is_refused() {
    for (parameters, code) in [
        (json!({"method": "did:webvh:1.1"}), "did_log_method_version"),
        (json!({"method": "did:webvh:0.5"}), "did_log_method_version"),
        (json!({"method": null}), "did_log_method_version"),
        (json!({"scid": "x"}), "did_log_malformed"),
        (json!({"prerotation": true}), "did_log_malformed"),
        (json!({"updateKeys": ["x"]}), "did_log_malformed"),
        (json!({"updateKeys": "x"}), "did_log_malformed"),
        (json!({"updateKeys": vec![multikey(2); 65]}), "did_log_malformed"),
        (json!({"nextKeyHashes": ["x"]}), "did_log_malformed"),
        (json!({"ttl": -1}), "did_log_malformed"),
        (json!({"ttl": 4_294_967_295_u64}), "did_log_malformed"),
        (json!({"deactivated": "no"}), "did_log_malformed"),
        (json!({"watchers": [1]}), "did_log_malformed"),
    ] {
        let mut log = Log::new(json!({}));
        log.add(parameters.clone(), 1);
        assert_eq!(log.refusal(), code, "{parameters}");
    }
    let mut nulls =
        Log::new(json!({"nextKeyHashes": null, "witness": null, "watchers": null, "ttl": null}));
    nulls.add(
        json!({"method": "did:webvh:1.0", "witness": {}, "watchers": ["https://w.example"]}),
        1,
    );
    assert!(nulls.check(None).unwrap().version(&VersionQuery::Latest).is_ok());
    let mut extra = Log::new(json!({}));
    extra.add_altered(json!({}), 1, |entry| entry["more"] = json!(1));
    assert_eq!(extra.refusal(), "did_log_malformed");
}

#[test]
fn large_logs_and_bad_bytes_are_refused() {
    let log = three();
    let did = Did::parse(&log.did()).unwrap();
    let refusal = |bytes: &[u8]| SignedLog::verify(&did, bytes, now()).unwrap_err().code();
    assert_eq!(refusal(b""), "did_log_malformed");
    assert_eq!(refusal(b"{}\n"), "did_log_proof");
    assert_eq!(refusal(&vec![b'x'; crate::MAX_LOG_BYTES + 1]), "did_log_too_large");
    assert_eq!(refusal(&b"{}\n".repeat(crate::MAX_LOG_ENTRIES + 1)), "did_log_too_large");
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40));
    assert_eq!(refusal(deep.as_bytes()), "did_log_malformed");
    let good = String::from_utf8(log.bytes()).unwrap();
    let twice = good.replacen("\"versionTime\"", "\"versionId\":\"x\",\"versionTime\"", 1);
    assert_eq!(refusal(twice.as_bytes()), "did_log_malformed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// One changed byte anywhere: never a version that was not there.
    #[test]
    fn no_changed_byte_makes_another_version(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let log = three();
        let good = log.check(None).unwrap();
        let mut bytes = log.bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let did = Did::parse(&log.did()).unwrap();
        if let Ok(read) = SignedLog::verify(&did, &bytes, now()).and_then(|log| log.witnessed(None)) {
            for (found, known) in read.versions().iter().zip(good.versions()) {
                prop_assert_eq!(&found.document, &known.document);
                prop_assert_eq!(&found.version_id, &known.version_id);
            }
        }
    }
}
