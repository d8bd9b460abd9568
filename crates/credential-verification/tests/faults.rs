//! Every fault of issue "Trust that lasts" on the verdict's side: each ends in its own code, none
//! in a wrong yes, none in a wrong no.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "faults/clocks.rs"]
mod clocks;
mod harness;
#[path = "harness/packs.rs"]
mod pack_kit;
#[path = "faults/packs.rs"]
mod packs;
#[path = "harness/script.rs"]
mod script;

use credential_model::{catalogue::CredentialType, did::Did, moment::Moment};
use credential_verification::{Answer, CheckId, Code, Examination, Overall};
use evm_chain::{
    AccreditationChain, AccreditationChange, AccreditationRecord, AccreditationStatus, ChainError,
    KeyState, KeyStatus, Scope, key_id_hash, slots::did_key, type_hash,
};
use harness::*;
use script::Desk;
use trust_registry::ChainTrust;
use url::Url;
use web_fetch::FetchError;

fn code(found: &Examination, check: CheckId) -> Code {
    found.outcome(check).unwrap().code()
}

/// What a node may do, as the reader reports it.
fn faults() -> [ChainError; 11] {
    [
        ChainError::Disagreement("status_head".into()),
        ChainError::BadAnswer("not a head".into()),
        ChainError::AnswerTooLarge { limit: 1 << 20 },
        ChainError::RateLimited,
        ChainError::TimedOut,
        ChainError::Unreachable("refused".into()),
        ChainError::WrongChain { expected: 1, found: 2 },
        ChainError::EventWithheld { version: 1 },
        ChainError::HistoryBroken("a link".into()),
        ChainError::DigestMismatch,
        ChainError::ReorgTooDeep { from: 9, limit: 3 },
    ]
}

#[tokio::test]
async fn a_node_that_fails_or_lies_leaves_the_answer_open() {
    for fault in faults() {
        let desk = Desk::new();
        *desk.chain.fault.lock().unwrap() = Some(fault.clone());
        let found = desk.look(&desk.credential(1)).await;
        assert_eq!(code(&found, CheckId::Proof), Code::IssuerAnchorUnavailable, "{fault}");
        assert_eq!(found.verdict.authentic, Answer::Unknown, "{fault}");
        assert_eq!(found.overall(), Overall::Unknown, "{fault}");

        let desk = Desk::new();
        *desk.chain.status_fault.lock().unwrap() = Some(fault.clone());
        let found = desk.look(&desk.credential(1)).await;
        assert_eq!(code(&found, CheckId::Status), Code::StatusAnchorUnavailable, "{fault}");
        assert_eq!(found.verdict.in_force, Answer::Unknown, "{fault}");

        let desk = Desk::new();
        *desk.chain.key_fault.lock().unwrap() = Some(fault.clone());
        let found = desk.look(&desk.credential(1)).await;
        assert_eq!(code(&found, CheckId::Proof), Code::IssuerAnchorUnavailable, "{fault}");
    }
}

#[tokio::test]
async fn what_is_closed_for_permits_is_open_for_badges() {
    let mut desk = Desk::new();
    *desk.chain.status_fault.lock().unwrap() = Some(ChainError::TimedOut);
    assert_eq!(desk.look(&desk.credential(1)).await.overall(), Overall::Unknown);
    desk.kind = CredentialType::DroneFlightPermit;
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(found.refused, [Code::StatusAnchorUnavailable]);
    assert_eq!((found.verdict.in_force, found.overall()), (Answer::Unknown, Overall::Reject));
}

#[tokio::test]
async fn a_withheld_list_comes_from_a_mirror_by_its_digest() {
    let mut desk = Desk::new();
    let bytes = desk.served().await;
    let epoch = desk.anchor(1, &bytes, 1, now().minus_seconds(300));
    desk.world.put(&desk.issuer.list_url(), Reply::Fail(FetchError::TimedOut));
    let value = desk.credential(1);
    let found = desk.look(&value).await;
    assert_eq!(code(&found, CheckId::Status), Code::StatusUnavailable);
    desk.grounds.mirrors = vec![Url::parse("https://mirror.example/lists").unwrap()];
    let sha256 = epoch.inclusion(&desk.issuer.list_url()).unwrap().sha256;
    let mut proof = Url::parse("https://mirror.example/lists/inclusion").unwrap();
    proof.query_pairs_mut().append_pair("list", &desk.issuer.list_url()).append_pair("epoch", "1");
    let place = format!("https://mirror.example/lists/{sha256}");
    // A mirror with other bytes is no mirror.
    desk.world.put_json(proof.as_str(), &desk.inclusion(&epoch));
    desk.world.put(&place, Reply::Page { media_type: "x/y".into(), body: b"other".to_vec() });
    assert_eq!(code(&desk.look(&value).await, CheckId::Status), Code::StatusUnavailable);
    desk.world.put(&place, Reply::Page { media_type: "x/y".into(), body: bytes });
    let found = desk.look(&value).await;
    assert_eq!(code(&found, CheckId::Status), Code::StatusValid);
    assert_eq!(found.overall(), Overall::Accept, "{:?}", found.findings);
}

fn state(desk: &Desk, status: KeyStatus, since: Moment) -> KeyState {
    let key = key_id_hash(desk.issuer.kid("ed").as_str());
    KeyState { key, status, since: since.unix(), retired_at: None, block_time: since.unix() }
}

#[tokio::test]
async fn retired_and_stolen_keys() {
    let desk = Desk::new();
    let value = desk.credential(1);
    let set = |status, since| *desk.chain.keys.lock().unwrap() = vec![state(&desk, status, since)];
    set(KeyStatus::Retired, now().minus_seconds(600));
    assert_eq!(code(&desk.look(&value).await, CheckId::Proof), Code::ProofOkRetired);
    // The signature says that it was made an hour ago.
    set(KeyStatus::Retired, now().minus_seconds(7_200));
    let found = desk.look(&value).await;
    assert_eq!(code(&found, CheckId::Proof), Code::ProofKeyRetired);
    assert_eq!(found.verdict.authentic, Answer::No);
    set(KeyStatus::Compromised, now().minus_seconds(600));
    let found = desk.look(&value).await;
    assert_eq!(code(&found, CheckId::Proof), Code::ProofKeyCompromisedUnproven);
    assert_eq!((found.verdict.authentic, found.overall()), (Answer::Unknown, Overall::Reject));
    // Nor is a list believed that this key signed.
    assert_eq!(code(&found, CheckId::Status), Code::StatusProofInvalid);
    // Another key's state is another key's.
    desk.chain.keys.lock().unwrap()[0].key = [9; 32];
    assert_eq!(code(&desk.look(&value).await, CheckId::Proof), Code::ProofOk);
}

#[tokio::test]
async fn the_controller_key_is_lost() {
    // A thief of the chain account moves the DID to an account that nobody vouches for.
    let desk = Desk::new();
    let head = |change: fn(&mut evm_chain::DidHead)| {
        change(desk.chain.did.lock().unwrap().as_mut().unwrap());
    };
    head(|head| head.controller = evm_chain::Address::from_bytes([2; 20]));
    *desk.chain.keys.lock().unwrap() =
        vec![state(&desk, KeyStatus::Compromised, now().minus_seconds(9_000))];
    // Its statements count for nothing; the host alone is asked, and the report says so.
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(code(&found, CheckId::Proof), Code::ProofOk);
    assert!(found.outcome(CheckId::Proof).unwrap().detail().unwrap().contains("not_pinned"));
    // A document it publishes under the pinned account is a mismatch, never a "no".
    head(|head| {
        head.controller = evm_chain::Address::from_bytes(script::CONTROLLER);
        head.digest = [9; 32];
    });
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(code(&found, CheckId::Proof), Code::IssuerAnchorMismatch);
    assert_eq!(found.verdict.authentic, Answer::Unknown);
}

const MINISTRY: &str = "did:web:ministry.example";

fn record(
    subject: &str,
    depth: u8,
    parent: Option<[u8; 32]>,
    types: &[&str],
) -> AccreditationRecord {
    AccreditationRecord {
        id: [depth; 32],
        parent,
        subject: did_key(subject),
        scope: Scope::Set(types.iter().map(|name| type_hash(name)).collect()),
        from: 0,
        until: now().plus_seconds(86_400).unix(),
        may_issue: true,
        may_accredit: true,
        depth,
        evidence: [0; 32],
        recorded_at: 0,
        recorded_in: 1,
        history: Vec::new(),
    }
}

#[tokio::test]
async fn accreditation_on_the_chain_has_its_own_words() {
    const BADGE: &str = "KrQualificationBadge";
    let desk = Desk::new();
    let value = desk.credential(1);
    let did = |text: &str| Did::parse(text).unwrap();
    let source = |records: Vec<AccreditationRecord>| {
        ChainTrust::new(9, now(), now().plus_seconds(600))
            .root(&did(MINISTRY))
            .named(&did(MINISTRY), "고용노동부(예시)", "Ministry of Employment (sample)", None)
            .named(&desk.issuer.did, "한국산업인력공단(예시)", "HRD Korea (sample)", None)
            .holds(&desk.issuer.did, vec![AccreditationChain { records }])
    };
    let own = || record(desk.issuer.did.as_str(), 2, Some([1; 32]), &[BADGE]);
    let root = || record(MINISTRY, 1, None, &[BADGE]);
    let ask = async |trust: ChainTrust| {
        let found = desk.look_with(&value, None, now(), &trust).await;
        (code(&found, CheckId::Entitlement), found.verdict.entitled, found.authority)
    };
    let (found, entitled, authority) = ask(source(vec![own(), root()])).await;
    assert_eq!((found, entitled), (Code::EntitlementOk, Answer::Yes));
    assert_eq!(authority[0].0, "고용노동부(예시)");

    let mut wide = own();
    wide.scope = Scope::Set(vec![type_hash(BADGE), type_hash("DroneFlightPermit")]);
    let (found, entitled, _) = ask(source(vec![wide, root()])).await;
    assert_eq!((found, entitled), (Code::EntitlementWidened, Answer::No));

    let mut suspended = root();
    suspended.history.push(AccreditationChange {
        status: AccreditationStatus::Suspended,
        from: now().minus_seconds(86_400).unix(),
        until: None,
        recorded_at: 0,
        reason: [0; 32],
    });
    let (found, entitled, _) = ask(source(vec![own(), suspended])).await;
    assert_eq!((found, entitled), (Code::EntitlementSuspended, Answer::No));

    let nobody = ChainTrust::new(9, now(), now().plus_seconds(600)).root(&did(MINISTRY));
    let (found, entitled, _) = ask(nobody.clone()).await;
    assert_eq!((found, entitled), (Code::EntitlementRegistryUnreachable, Answer::Unknown));
    let (found, entitled, _) = ask(nobody.complete()).await;
    assert_eq!((found, entitled), (Code::EntitlementUnknownIssuer, Answer::No));
}

/// `docs/faults.md` promises tests and codes: they are there.
#[test]
fn the_table_of_faults_names_tests_and_codes_that_exist() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    let table = std::fs::read_to_string(format!("{root}docs/faults.md")).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| fault "))
        .map(|line| line.trim_matches('|').split('|').collect())
        .collect();
    assert!(rows.len() > 20, "{} rows", rows.len());
    let quoted = |cell: &str| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let mut wrong = Vec::new();
    for row in &rows {
        let [fault, codes, _, tests] = row.as_slice() else { panic!("{row:?}") };
        let codes = quoted(codes);
        let known = |code: &String| {
            code.starts_with("chain_")
                || code.starts_with("status_pack_")
                || Code::parse(code).is_some()
        };
        wrong.extend(
            codes.iter().filter(|code| !known(code)).map(|code| format!("{fault}: {code}")),
        );
        let (mut text, mut named) = (String::new(), 0);
        for name in quoted(tests) {
            if name.ends_with(".rs") {
                text = std::fs::read_to_string(format!("{root}{name}")).unwrap_or_default();
            } else {
                named += 1;
                let there = text.contains(&format!("fn {name}("));
                wrong.extend((!there).then(|| format!("{fault}: no test {name}")));
            }
        }
        wrong.extend(
            (codes.is_empty() || named == 0).then(|| format!("{fault}: no code or no test")),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
