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
