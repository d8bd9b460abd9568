//! Epochs back from the head, storage proofs, and where entries lie in the storage.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "native")]

mod workbench;

use alloy::{
    consensus::{Header, TrieAccount},
    primitives::{B256, U256, keccak256},
    rlp::{Decodable, Encodable},
    trie::{Nibbles, proof::verify_proof},
};
use evm_chain::{
    Address, ChainError, ChainReader, ChainSettings, EpochRecord, HeadOf, KeyChange, KeyStatus,
    ReadChain, StorageProofBundle, key_id_hash, slots,
};
use serde_json::json;
use workbench::{Bench, Fault, FaultyNode, Ready, settle};

const DID: &str = "did:web:issuer.sinpyo.example";

on_every_chain!(
    epochs_are_found_by_their_links,
    a_broken_or_withheld_history_is_no_history,
    entries_lie_where_slots_says,
    a_stapled_head_is_checked_without_a_node,
);

fn epoch(number: u64) -> EpochRecord {
    EpochRecord {
        epoch: number,
        status_root: [number as u8; 32],
        issuance_root: [number as u8 + 100; 32],
        valid_until: 4_102_444_800 + number as i64,
        count: number * 1_000,
        delta: if number & 1 == 0 { vec![number as u8; 40] } else { Vec::new() },
    }
}

async fn story(bench: &Bench, epochs: u64) -> Ready {
    let ready = bench.ready().await;
    settle(&ready.writer, ready.writer.publish_did(DID, b"{}", 0).await.unwrap()).await;
    for number in 1..=epochs {
        settle(&ready.writer, ready.writer.anchor_epoch(DID, &epoch(number)).await.unwrap()).await;
    }
    ready
}

async fn epochs_are_found_by_their_links(bench: Bench) {
    let ready = story(&bench, 5).await;
    // A node that refuses to search ranges: links need none.
    let strict = FaultyNode::before(&bench.url).await;
    strict.refuse_ranges();
    let settings = ChainSettings { rpc_urls: vec![strict.url.clone()], ..ready.settings.clone() };
    let reader = ChainReader::new(settings).unwrap();
    let all = reader.epochs(DID, 1, 100).await.unwrap();
    assert_eq!(all.iter().map(|event| event.epoch).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    for event in &all {
        let said = epoch(event.epoch);
        assert_eq!(
            (event.status_root, event.issuance_root),
            (said.status_root, said.issuance_root)
        );
        assert_eq!((event.valid_until, event.count), (said.valid_until, said.count));
        assert_eq!(event.delta, said.delta);
        let before = if event.epoch == 1 { [0; 32] } else { epoch(event.epoch - 1).status_root };
        assert_eq!(event.prev_root, before);
        assert!(event.time > 1_600_000_000);
    }
    let numbers = async |from, limit| {
        let found = reader.epochs(DID, from, limit).await.unwrap();
        found.iter().map(|event| event.epoch).collect::<Vec<_>>()
    };
    assert_eq!(numbers(4, 100).await, [4, 5]);
    assert_eq!(numbers(0, 2).await, [4, 5], "the newest");
    assert_eq!(numbers(6, 100).await, [0; 0]);
    assert_eq!(numbers(1, 0).await, [0; 0]);
    assert!(reader.epochs("did:web:nobody.example", 1, 9).await.unwrap().is_empty());
}

async fn a_broken_or_withheld_history_is_no_history(bench: Bench) {
    let ready = story(&bench, 3).await;
    let node = FaultyNode::before(&bench.url).await;
    let settings = ChainSettings { rpc_urls: vec![node.url.clone()], ..ready.settings.clone() };
    let reader = ChainReader::new(settings).unwrap();
    node.fail("eth_getLogs", Fault::Result(json!([])));
    assert_eq!(
        reader.epochs(DID, 1, 9).await.unwrap_err(),
        ChainError::EventWithheld { version: 3 }
    );
    // Another root in an old epoch: the next one names the true one. Another in the newest: the
    // head does.
    for root in ["01", "03"] {
        let (_, change): (_, fn(serde_json::Value) -> serde_json::Value) = match root {
            "01" => (root, |logs| forge(logs, "01")),
            _ => (root, |logs| forge(logs, "03")),
        };
        node.fail("eth_getLogs", Fault::Alter(change));
        let error = reader.epochs(DID, 1, 9).await.unwrap_err();
        assert_eq!(error.code(), "chain_history_broken", "{root}");
    }
    node.heal();
    assert_eq!(reader.epochs(DID, 1, 9).await.unwrap().len(), 3);
}

/// The status root (first word of the data) becomes another one where it is this one.
fn forge(mut logs: serde_json::Value, byte: &str) -> serde_json::Value {
    for log in logs.as_array_mut().unwrap() {
        let data = log["data"].as_str().unwrap().to_owned();
        if data.starts_with(&format!("0x{}", byte.repeat(32))) {
            log["data"] = json!(format!("0x{}{}", "77".repeat(32), &data[66..]));
        }
    }
    logs
}

async fn entries_lie_where_slots_says(bench: Bench) {
    let ready = story(&bench, 2).await;
    let now = bench.now().await;
    let id = format!("{DID}#key-1");
    for (status, since) in [(KeyStatus::Retired, now - 9), (KeyStatus::Compromised, now - 20)] {
        let step = KeyChange { status, since };
        settle(&ready.writer, ready.writer.publish_key_state(DID, &id, step).await.unwrap()).await;
    }
    let word = async |contract: Address, slot: [u8; 32]| -> [u8; 32] {
        let slot = B256::from(slot);
        let word = bench.rpc("eth_getStorageAt", json!([contract, slot, "latest"])).await;
        word.as_str().unwrap().parse::<B256>().unwrap().0
    };
    let contracts = ready.contracts;
    let [first, second] = slots::did_head(DID);
    let words =
        [word(contracts.did_registry, first).await, word(contracts.did_registry, second).await];
    let head = ready.reader.did_head(DID).await.unwrap();
    assert_eq!(slots::read_did_head(&words), head);

    let [status, packed] = slots::status_head(DID);
    let [issuance, same] = slots::issuance_head(DID);
    assert_eq!(packed, same);
    let head = ready.reader.status_head(DID).await.unwrap();
    let status = word(contracts.status_registry, status).await;
    let issuance = word(contracts.status_registry, issuance).await;
    let packed = word(contracts.status_registry, packed).await;
    assert_eq!(slots::read_status_head(status, issuance, &packed), head);
    assert_eq!(slots::read_status_head(status, issuance, &[0; 32]), None);

    let key = key_id_hash(&id);
    let states = ready.reader.key_states(DID).await.unwrap();
    let found = word(contracts.did_registry, slots::key_state(DID, &key)).await;
    assert_eq!(slots::read_key_state(key, &found), Some(states[0]));
    assert_eq!(word(contracts.did_registry, slots::key_count(DID)).await, slots::word(1));
    assert_eq!(word(contracts.did_registry, slots::key_at(DID, 0)).await, key);
    let never = word(contracts.did_registry, slots::key_state(DID, &[1; 32])).await;
    assert_eq!(slots::read_key_state([1; 32], &never), None);
    assert_eq!(slots::plus(&[0xff; 32], 2), slots::word(1));
}

/// As the chain-proofs room does it, with alloy's trie: the value of each slot.
fn checked(bundle: &StorageProofBundle, root: B256) -> Vec<Option<U256>> {
    let bytes = |nodes: &[Vec<u8>]| -> Vec<alloy::primitives::Bytes> {
        nodes.iter().map(|node| node.clone().into()).collect()
    };
    let leaf = bytes(&bundle.account_proof).last().unwrap().clone();
    let parts = Vec::<alloy::primitives::Bytes>::decode(&mut leaf.as_ref()).unwrap();
    let account = TrieAccount::decode(&mut parts[1].as_ref()).unwrap();
    let path = Nibbles::unpack(keccak256(bundle.contract.as_bytes()));
    let mut encoded = Vec::new();
    account.encode(&mut encoded);
    verify_proof(root, path, Some(encoded), &bytes(&bundle.account_proof)).unwrap();
    bundle
        .slots
        .iter()
        .zip(&bundle.storage_proofs)
        .map(|(slot, proof)| {
            let nodes = bytes(&proof.0);
            let path = Nibbles::unpack(keccak256(slot));
            if verify_proof(account.storage_root, path, None, &nodes).is_ok() {
                return None;
            }
            let leaf = nodes.last().unwrap().clone();
            let parts = Vec::<alloy::primitives::Bytes>::decode(&mut leaf.as_ref()).unwrap();
            let value = parts.last().unwrap().to_vec();
            verify_proof(account.storage_root, path, Some(value.clone()), &nodes).unwrap();
            Some(U256::decode(&mut value.as_slice()).unwrap())
        })
        .collect()
}

async fn a_stapled_head_is_checked_without_a_node(bench: Bench) {
    let ready = story(&bench, 2).await;
    let bundle = ready.reader.head_proof(HeadOf::Status(DID)).await.unwrap();
    let text = serde_json::to_string(&bundle).unwrap();
    assert_eq!(serde_json::from_str::<StorageProofBundle>(&text).unwrap(), bundle);
    assert_eq!((bundle.chain_id, bundle.slots.len()), (workbench::CHAIN_ID, 2));
    let header = Header::decode(&mut bundle.header_rlp.as_slice()).unwrap();
    let hash = keccak256(&bundle.header_rlp);
    assert_eq!(ready.reader.block_hash(header.number).await.unwrap(), Some(hash.0));
    assert_eq!(ready.reader.block_hash(header.number + 1_000).await.unwrap(), None);
    let size = bundle.header_rlp.len()
        + bundle.account_proof.iter().map(Vec::len).sum::<usize>()
        + bundle.storage_proofs.iter().flat_map(|proof| &proof.0).map(Vec::len).sum::<usize>();
    eprintln!("a stapled status head is {size} bytes");
    let words = checked(&bundle, header.state_root);
    let packed = words[1].unwrap().to_be_bytes();
    let head = slots::read_status_head(words[0].unwrap().to_be_bytes(), [0; 32], &packed).unwrap();
    let told = ready.reader.status_head(DID).await.unwrap().unwrap();
    assert_eq!((head.status_root, head.epoch, head.time), (told.status_root, 2, told.time));

    let absent = [7; 32];
    let bundle = ready.reader.head_proof(HeadOf::Keys(DID, &[absent])).await.unwrap();
    let header = Header::decode(&mut bundle.header_rlp.as_slice()).unwrap();
    assert_eq!(checked(&bundle, header.state_root), [None], "no statement about this key");
    let many = [absent; 65];
    let error = ready.reader.head_proof(HeadOf::Keys(DID, &many)).await.unwrap_err();
    assert_eq!(error.code(), "chain_settings");
    for head in [HeadOf::Did(DID), HeadOf::Issuance(DID)] {
        let bundle = ready.reader.head_proof(head).await.unwrap();
        let header = Header::decode(&mut bundle.header_rlp.as_slice()).unwrap();
        assert!(checked(&bundle, header.state_root).iter().all(Option::is_some));
    }
}
