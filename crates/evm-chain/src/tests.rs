//! The plain values: their stored forms and their refusals.

use super::*;

#[test]
fn addresses_are_read_strictly_and_written_one_way() {
    let text = "0x00112233445566778899aabbccddeeff00112233";
    let address = Address::parse(text).unwrap();
    assert_eq!(address.to_string(), text);
    assert_eq!(Address::parse("0x00112233445566778899AABBCCDDEEFF00112233"), Ok(address));
    assert_eq!(serde_json::to_string(&address).unwrap(), format!("\"{text}\""));
    for bad in [
        "",
        "0x",
        "00112233445566778899aabbccddeeff00112233",
        "0x00112233445566778899aabbccddeeff0011223",
        "0x00112233445566778899aabbccddeeff001122334",
        "0x00112233445566778899aabbccddeeff0011223g",
        "0X00112233445566778899aabbccddeeff00112233",
        " 0x00112233445566778899aabbccddeeff00112233",
    ] {
        assert_eq!(Address::parse(bad), Err(AddressError), "{bad:?}");
        assert!(serde_json::from_value::<Address>(serde_json::json!(bad)).is_err());
    }
    assert!(Address::default().is_zero() && !address.is_zero());
}

#[test]
fn settings_are_as_the_configuration_writes_them() {
    let settings: ChainSettings = serde_json::from_value(serde_json::json!({
        "rpc_urls": ["http://127.0.0.1:8545"], "chain_id": 31337, "trusted_block": "finalized"
    }))
    .unwrap();
    assert_eq!(settings.trusted_block, TrustedBlock::Finalized);
    assert!(settings.did_registry.is_zero() && settings.status_registry.is_zero());
    for bad in [
        serde_json::json!({ "rpc_urls": [], "chain_id": 1, "surprise": 1 }),
        serde_json::json!({ "rpc_urls": ["not a url"], "chain_id": 1 }),
        serde_json::json!({ "rpc_urls": [], "chain_id": 1, "trusted_block": "tomorrow" }),
        serde_json::json!({ "rpc_urls": [] }),
    ] {
        assert!(serde_json::from_value::<ChainSettings>(bad).is_err());
    }
}

fn row(nonce: u64, state: OutboxState) -> OutboxRow {
    OutboxRow {
        chain_id: 31337,
        sender: Address::from_bytes([1; 20]),
        nonce,
        purpose: "epoch:did:web:a.example:1".into(),
        to: Some(Address::from_bytes([2; 20])),
        data: vec![3, 4],
        gas_limit: 250_000,
        max_fee_per_gas: u64::MAX,
        max_priority_fee_per_gas: 1,
        raw: vec![2, 0xf8],
        hash: [5; 32],
        replaced: vec![[6; 32]],
        signed_at_block: 9,
        state,
    }
}

/// Rows are stored: this form is read for as long as the product lives.
#[test]
fn outbox_rows_keep_their_stored_form() {
    let states = [
        (OutboxState::Prepared, serde_json::json!("prepared")),
        (OutboxState::Sent, serde_json::json!("sent")),
        (OutboxState::Mined { block: 7 }, serde_json::json!({ "mined": { "block": 7 } })),
        (
            OutboxState::Failed { reason: "reverted".into() },
            serde_json::json!({ "failed": { "reason": "reverted" } }),
        ),
    ];
    for (state, form) in states {
        let row = row(1, state);
        let json = serde_json::to_value(&row).unwrap();
        assert_eq!(json["state"], form);
        assert_eq!(json["raw"], "0x02f8");
        assert_eq!(json["replaced"][0], format!("0x{}", "06".repeat(32)));
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<OutboxRow>(&text).unwrap(), row);
    }
    let mut json = serde_json::to_value(row(1, OutboxState::Sent)).unwrap();
    json["hash"] = serde_json::json!("0x05");
    assert!(serde_json::from_value::<OutboxRow>(json).is_err());
}

#[test]
fn a_row_replaces_the_one_with_its_nonce_and_keys_sort_by_nonce() {
    let outbox = MemoryOutbox::default();
    outbox.put(&row(10, OutboxState::Prepared)).unwrap();
    outbox.put(&row(9, OutboxState::Prepared)).unwrap();
    outbox.put(&row(10, OutboxState::Sent)).unwrap();
    let rows = outbox.load().unwrap();
    assert_eq!(rows.iter().map(|row| row.nonce).collect::<Vec<_>>(), [9, 10]);
    assert_eq!(rows[1].state, OutboxState::Sent);
    assert!(row(9, OutboxState::Sent).key() < row(10, OutboxState::Sent).key());
}

#[test]
fn only_a_definite_answer_is_conclusive() {
    assert!(!ChainError::VersionNotFound { version: 1 }.is_inconclusive());
    assert!(!ChainError::DocumentNotPublished { version: 1 }.is_inconclusive());
    for error in [
        ChainError::TimedOut,
        ChainError::RateLimited,
        ChainError::Disagreement("x".into()),
        ChainError::EventWithheld { version: 1 },
        ChainError::WrongChain { expected: 1, found: 2 },
        ChainError::DigestMismatch,
    ] {
        assert!(error.is_inconclusive(), "{error:?}");
        assert!(error.code().starts_with("chain_"));
    }
}

fn record(id: u8, parent: Option<u8>) -> AccreditationRecord {
    AccreditationRecord {
        id: [id; 32],
        parent: parent.map(|parent| [parent; 32]),
        subject: [id; 32],
        scope: Scope::Type(type_hash("A")),
        from: 100,
        until: 200,
        may_issue: true,
        may_accredit: true,
        depth: 1,
        evidence: [0; 32],
        recorded_at: 50,
        recorded_in: 1,
        history: Vec::new(),
    }
}

fn suspended(from: i64, until: Option<i64>) -> AccreditationChange {
    AccreditationChange {
        status: AccreditationStatus::Suspended,
        from,
        until,
        recorded_at: 60,
        reason: [0; 32],
    }
}

#[test]
fn a_chain_of_records_is_as_good_as_its_worst() {
    let a = type_hash("A");
    let whole = AccreditationChain { records: vec![record(2, Some(1)), record(1, None)] };
    assert_eq!(whole.authority(&a, 100), Authority::Accredited);
    assert_eq!(whole.authority(&a, 99), Authority::OutOfPeriod);
    assert_eq!(whole.authority(&a, 200), Authority::OutOfPeriod);
    assert_eq!(whole.authority(&type_hash("B"), 150), Authority::NotAccredited);
    let mut halted = whole.clone();
    halted.records[1].history = vec![suspended(120, Some(130)), suspended(140, None)];
    for (at, answer) in [
        (119, Authority::Accredited),
        (120, Authority::Suspended),
        (130, Authority::Accredited),
        (150, Authority::Suspended),
    ] {
        assert_eq!(halted.authority(&a, at), answer, "{at}");
    }
    let lifted =
        AccreditationChange { status: AccreditationStatus::Active, ..suspended(160, None) };
    halted.records[1].history.push(lifted);
    assert_eq!(halted.authority(&a, 159), Authority::Suspended);
    assert_eq!(halted.authority(&a, 160), Authority::Accredited);
    // A node that leaves out a record, the root's end or a right, accredits nobody.
    for broken in [
        vec![],
        vec![record(2, Some(1))],
        vec![record(2, Some(3)), record(1, None)],
        vec![record(2, Some(1)), AccreditationRecord { may_accredit: false, ..record(1, None) }],
        vec![AccreditationRecord { may_issue: false, ..record(1, None) }],
    ] {
        let broken = AccreditationChain { records: broken };
        assert_eq!(broken.authority(&a, 150), Authority::NotAccredited);
    }
    let deep = (1..=9_u8).rev().map(|id| record(id, (id > 1).then(|| id - 1))).collect();
    let deep = AccreditationChain { records: deep };
    assert_eq!(deep.authority(&a, 150), Authority::NotAccredited);
    let chains = [deep, halted, whole.clone()];
    assert_eq!(best_authority(&chains, &a, 150), (Authority::Accredited, Some(&whole)));
    assert_eq!(best_authority(&[], &a, 150), (Authority::NotAccredited, None));
}

/// Stapled and stored: these forms are read for as long as the product lives.
#[test]
fn new_values_keep_their_stored_form() {
    let state = KeyState {
        key: [1; 32],
        status: KeyStatus::Compromised,
        since: 5,
        retired_at: None,
        block_time: 9,
    };
    let json = serde_json::to_value(state).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "key": format!("0x{}", "01".repeat(32)),
            "status": "compromised", "since": 5, "block_time": 9
        })
    );
    assert_eq!(serde_json::from_value::<KeyState>(json).unwrap(), state);
    let mut own = record(2, Some(1));
    own.scope = Scope::Set(vec![[1; 32], [2; 32]]);
    own.history = vec![suspended(1, Some(2))];
    let text = serde_json::to_string(&own).unwrap();
    assert_eq!(serde_json::from_str::<AccreditationRecord>(&text).unwrap(), own);
    let bundle = StorageProofBundle {
        chain_id: 1,
        header_rlp: vec![1, 2],
        contract: Address::from_bytes([3; 20]),
        account_proof: vec![vec![4], vec![]],
        slots: vec![[5; 32]],
        storage_proofs: vec![SlotProof(vec![vec![6]])],
    };
    let json = serde_json::to_value(&bundle).unwrap();
    assert_eq!(json["storage_proofs"], serde_json::json!([["0x06"]]));
    assert_eq!(serde_json::from_value::<StorageProofBundle>(json.clone()).unwrap(), bundle);
    for (member, bad) in [("header_rlp", "01"), ("account_proof", "0x"), ("slots", "0x05")] {
        let mut json = json.clone();
        json[member] = serde_json::json!(bad);
        assert!(serde_json::from_value::<StorageProofBundle>(json).is_err(), "{member}");
    }
}

/// keccak256 of nothing is a published constant (EIP-161's empty code hash); the rest is
/// compared with the contracts in `tests/history.rs`.
#[test]
fn slots_are_computed_with_ethereums_hash() {
    assert_eq!(
        hex::encode(slots::did_key("")),
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    );
    assert_eq!(slots::plus(&slots::word(u64::MAX), 1)[23], 1);
    let [first, second] = slots::did_head("did:web:a.example");
    assert_eq!(slots::plus(&first, 1), second);
    assert_eq!(slots::read_did_head(&[[0; 32]; 2]), None);
    assert_eq!(slots::read_did_head(&[[0xff; 32]; 2]), None, "no status of ours");
    assert_eq!(slots::read_key_state([1; 32], &[0xff; 32]), None);
}

#[test]
fn a_set_of_types_is_named_by_its_content() {
    let (a, b) = (type_hash("A"), type_hash("B"));
    assert_eq!(type_set_root(&[a, b]), type_set_root(&[b, a, b]));
    assert_ne!(type_set_root(&[a, b]), type_set_root(&[a]));
    assert!(Scope::Set(vec![a, b]).covers(&b) && !Scope::Type(a).covers(&b));
}
