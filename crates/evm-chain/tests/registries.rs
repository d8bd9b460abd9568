//! The contracts by way of reader and writer: what is anchored can be read, and nobody but its
//! controller changes it, one version at a time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "native")]

mod workbench;

use evm_chain::{
    Address, ChainError, ChainReader, ChainSettings, ChainWriteError, DidStatus, EpochRecord,
    ReadChain,
};
use serde_json::json;
use workbench::{Bench, DEPLOYED, PATIENCE};

const DID: &str = "did:web:issuer.sinpyo.example";

on_every_chain!(
    deploying_is_repeatable_and_code_is_checked,
    a_document_and_its_versions_live_on_the_chain,
    a_change_on_a_false_premise_is_refused,
    nobody_else_changes_a_did,
    deactivation_is_final,
    epochs_go_forward_one_by_one,
    an_issuer_unknown_as_did_is_bound_to_its_first_writer,
    an_epoch_stays_cheap,
    heads_lie_where_storage_proofs_will_look,
    limits_are_kept,
);

fn epoch(number: u64, seed: u8) -> EpochRecord {
    EpochRecord {
        epoch: number,
        status_root: [seed; 32],
        issuance_root: [seed.wrapping_add(100); 32],
        valid_until: 4_102_444_800,
        count: 3,
        delta: Vec::new(),
    }
}

async fn deploying_is_repeatable_and_code_is_checked(bench: Bench) {
    let ready = bench.ready().await;
    ready.reader.check().await.unwrap();
    assert_eq!(ready.writer.deploy().await.unwrap(), ready.contracts);
    assert_eq!(bench.nonce(ready.signer.address()).await, DEPLOYED);
    assert!(ready.reader.tip().await.unwrap().number >= 2);

    let swapped = ChainSettings {
        did_registry: ready.contracts.status_registry,
        status_registry: ready.contracts.did_registry,
        ..ready.settings.clone()
    };
    let error = ChainReader::new(swapped).unwrap().check().await.unwrap_err();
    assert_eq!(error, ChainError::ContractCodeMismatch(ready.contracts.status_registry));

    let nowhere = Address::from_bytes([9; 20]);
    let empty = ChainSettings { status_registry: nowhere, ..ready.settings.clone() };
    let error = ChainReader::new(empty).unwrap().status_head(DID).await.unwrap_err();
    assert_eq!(error, ChainError::ContractMissing(nowhere));

    // A StatusRegistry that trusts another DID registry is not ours, whatever its code.
    let other = ChainSettings { did_registry: Address::ZERO, ..ready.settings.clone() };
    let error = ChainReader::new(other).unwrap().check().await.unwrap_err();
    assert_eq!(error.code(), "chain_contract_code_mismatch");
}

async fn a_document_and_its_versions_live_on_the_chain(bench: Bench) {
    let ready = bench.ready().await;
    assert_eq!(ready.reader.did_head(DID).await.unwrap(), None);
    let error = ready.reader.did_document(DID, 1).await.unwrap_err();
    assert_eq!(error, ChainError::VersionNotFound { version: 1 });
    assert!(!error.is_inconclusive());

    let documents: Vec<Vec<u8>> = (1..=4)
        .map(|version| format!("{{\"id\":\"{DID}\",\"v\":{version}}}").into_bytes())
        .collect();
    for (expected, document) in documents.iter().enumerate() {
        let sent = ready.writer.publish_did(DID, document, expected as u64).await.unwrap();
        ready.writer.wait(&sent, PATIENCE).await.unwrap();
    }
    let head = ready.reader.did_head(DID).await.unwrap().unwrap();
    assert_eq!((head.version, head.status), (4, DidStatus::Active));
    assert_eq!(head.controller, ready.signer.address());
    assert!(head.block_time > 1_600_000_000);
    for (index, document) in documents.iter().enumerate() {
        let found = ready.reader.did_document(DID, index as u64 + 1).await.unwrap();
        assert_eq!(&found, document);
    }
    for version in [0, 5, u64::MAX] {
        let error = ready.reader.did_document(DID, version).await.unwrap_err();
        assert_eq!(error, ChainError::VersionNotFound { version });
    }
}

async fn a_change_on_a_false_premise_is_refused(bench: Bench) {
    let ready = bench.ready().await;
    let refused = ready.writer.publish_did(DID, b"{}", 5).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::VersionConflict);
    assert_eq!(refused.code(), "chain_version_conflict");
    let sent = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    // The same again is the same transaction; something else on the same premise is refused.
    assert_eq!(ready.writer.publish_did(DID, b"{}", 0).await.unwrap(), sent);
    let refused = ready.writer.publish_did(DID, b"{\"a\":1}", 0).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::VersionConflict);
    // Also when the outbox does not remember: the contract knows.
    let forgetful = ready.restarted(std::sync::Arc::new(evm_chain::MemoryOutbox::default()));
    let refused = forgetful.publish_did(DID, b"{}", 0).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::VersionConflict);
    assert_eq!(bench.nonce(ready.signer.address()).await, DEPLOYED + 1);
}

async fn nobody_else_changes_a_did(bench: Bench) {
    let ready = bench.ready().await;
    let stranger = bench.stranger(&ready.settings).await;
    let sent = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    let refused = stranger.publish_did(DID, b"{\"a\":1}", 1).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::NotController);
    assert_eq!(stranger.deactivate_did(DID, 1).await.unwrap_err(), ChainWriteError::NotController);
    let refused = stranger.offer_did_controller(DID, stranger.address()).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::NotController);
    let refused = ready.writer.offer_did_controller(DID, Address::ZERO).await.unwrap_err();
    assert_eq!(refused.code(), "chain_contract_refused");

    // An offer changes nothing: nobody can push an entry onto an account that others trust.
    let refused = stranger.accept_did_controller(DID).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::NotController);
    let sent = ready.writer.offer_did_controller(DID, stranger.address()).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    let head = ready.reader.did_head(DID).await.unwrap().unwrap();
    assert_eq!(head.controller, ready.signer.address());
    let sent = stranger.accept_did_controller(DID).await.unwrap();
    stranger.wait(&sent, PATIENCE).await.unwrap();
    let refused = ready.writer.publish_did(DID, b"{\"a\":2}", 1).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::NotController);
    let sent = stranger.publish_did(DID, b"{\"a\":1}", 1).await.unwrap();
    stranger.wait(&sent, PATIENCE).await.unwrap();
    let head = ready.reader.did_head(DID).await.unwrap().unwrap();
    assert_eq!((head.version, head.controller), (2, stranger.address()));
}

async fn deactivation_is_final(bench: Bench) {
    let ready = bench.ready().await;
    assert_eq!(
        ready.writer.deactivate_did(DID, 0).await.unwrap_err(),
        ChainWriteError::VersionConflict
    );
    let sent = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    let sent = ready.writer.deactivate_did(DID, 1).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    let head = ready.reader.did_head(DID).await.unwrap().unwrap();
    assert_eq!((head.version, head.status), (2, DidStatus::Deactivated));
    let refused = ready.writer.publish_did(DID, b"{\"a\":1}", 2).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::Deactivated);
    assert_eq!(ready.reader.did_document(DID, 1).await.unwrap(), b"{}");
    let error = ready.reader.did_document(DID, 2).await.unwrap_err();
    assert_eq!(error, ChainError::DocumentNotPublished { version: 2 });
}

async fn epochs_go_forward_one_by_one(bench: Bench) {
    let ready = bench.ready().await;
    let stranger = bench.stranger(&ready.settings).await;
    let sent = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    assert_eq!(ready.reader.status_head(DID).await.unwrap(), None);
    // The DID's controller alone may anchor, from the first epoch on.
    let refused = stranger.anchor_epoch(DID, &epoch(1, 1)).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::NotController);
    for number in 1..=3 {
        let sent = ready.writer.anchor_epoch(DID, &epoch(number, number as u8)).await.unwrap();
        ready.writer.wait(&sent, PATIENCE).await.unwrap();
    }
    let head = ready.reader.status_head(DID).await.unwrap().unwrap();
    assert_eq!((head.epoch, head.count, head.valid_until), (3, 3, 4_102_444_800));
    assert_eq!((head.status_root, head.issuance_root), ([3; 32], [103; 32]));
    assert!(head.time > 1_600_000_000);
    for wrong in [0, 2, 5] {
        let refused = ready.writer.anchor_epoch(DID, &epoch(wrong, 9)).await.unwrap_err();
        assert_eq!(refused, ChainWriteError::VersionConflict, "epoch {wrong}");
    }
    let past = EpochRecord { valid_until: 1_000, ..epoch(4, 4) };
    assert_eq!(
        ready.writer.anchor_epoch(DID, &past).await.unwrap_err().code(),
        "chain_contract_refused"
    );
    let absurd = EpochRecord { valid_until: -1, ..epoch(4, 4) };
    assert_eq!(
        ready.writer.anchor_epoch(DID, &absurd).await.unwrap_err().code(),
        "chain_contract_refused"
    );
    // Another issuer's head is its own.
    assert_eq!(ready.reader.status_head("did:web:other.sinpyo.example").await.unwrap(), None);
}

async fn an_issuer_unknown_as_did_is_bound_to_its_first_writer(bench: Bench) {
    let ready = bench.ready().await;
    let stranger = bench.stranger(&ready.settings).await;
    let sent = stranger.anchor_epoch(DID, &epoch(1, 1)).await.unwrap();
    stranger.wait(&sent, PATIENCE).await.unwrap();
    let refused = ready.writer.anchor_epoch(DID, &epoch(2, 2)).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::NotController);
    // Once the DID is registered, its controller decides.
    let sent = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    let refused = stranger.anchor_epoch(DID, &epoch(2, 2)).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::NotController);
    let sent = ready.writer.anchor_epoch(DID, &epoch(2, 2)).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
}

async fn an_epoch_stays_cheap(bench: Bench) {
    let ready = bench.ready().await;
    let mut gas = Vec::new();
    let sent = ready.writer.publish_did(DID, &[b'x'; 796], 0).await.unwrap();
    let mut all = vec![sent];
    for number in 1..=3 {
        all.push(ready.writer.anchor_epoch(DID, &epoch(number, number as u8)).await.unwrap());
    }
    for sent in &all {
        ready.writer.wait(sent, PATIENCE).await.unwrap();
        let hash = format!("0x{}", hex::encode(sent.hash));
        let receipt = bench.rpc("eth_getTransactionReceipt", json!([hash])).await;
        let used = receipt["gasUsed"].as_str().unwrap().trim_start_matches("0x").to_owned();
        gas.push(u64::from_str_radix(&used, 16).unwrap());
    }
    eprintln!("gas: DID document of 796 bytes {}, epochs {:?}", gas[0], &gas[1..]);
    assert!(gas[2] <= 50_000 && gas[3] <= 50_000, "{gas:?}");
    assert!(gas[0] <= 130_000, "{gas:?}");
}

/// The table in contracts/README.md: `eth_getProof` and an offline checker depend on it.
async fn heads_lie_where_storage_proofs_will_look(bench: Bench) {
    use alloy::primitives::{B256, U256, keccak256};
    let ready = bench.ready().await;
    let document = b"{}";
    let sent = ready.writer.publish_did(DID, document, 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    let sent = ready.writer.anchor_epoch(DID, &epoch(1, 7)).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    let entry = keccak256([keccak256(DID).0, [0; 32]].concat());
    let slot = async |registry: Address, offset: u64| -> B256 {
        let slot = U256::from_be_bytes(entry.0) + U256::from(offset);
        let word = bench.rpc("eth_getStorageAt", json!([registry, slot, "latest"])).await;
        word.as_str().unwrap().parse().unwrap()
    };
    let did = ready.reader.did_head(DID).await.unwrap().unwrap();
    let first = slot(ready.contracts.did_registry, 0).await;
    assert_eq!(first[12..], did.controller.as_bytes()[..]);
    assert_eq!(first[10..12], [0, 1], "version");
    assert_eq!(first[9], 1, "active");
    assert_eq!(first[4..9], did.block_time.to_be_bytes()[3..]);
    assert_eq!(slot(ready.contracts.did_registry, 1).await.0, did.digest);

    let head = ready.reader.status_head(DID).await.unwrap().unwrap();
    assert_eq!(slot(ready.contracts.status_registry, 0).await.0, head.status_root);
    assert_eq!(slot(ready.contracts.status_registry, 1).await.0, head.issuance_root);
    let third = slot(ready.contracts.status_registry, 2).await;
    assert_eq!(third[26..], head.epoch.to_be_bytes()[2..]);
    assert_eq!(third[21..26], head.time.to_be_bytes()[3..]);
    assert_eq!(third[16..21], head.valid_until.to_be_bytes()[3..]);
    assert_eq!(third[8..16], head.count.to_be_bytes());
}

async fn limits_are_kept(bench: Bench) {
    let ready = bench.ready().await;
    let document = vec![b'{'; evm_chain::EVENT_BYTES_LIMIT];
    let sent = ready.writer.publish_did(DID, &document, 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    assert_eq!(ready.reader.did_document(DID, 1).await.unwrap(), document);
    let too_big = vec![b'{'; evm_chain::EVENT_BYTES_LIMIT + 1];
    let refused = ready.writer.publish_did(DID, &too_big, 1).await.unwrap_err();
    assert_eq!(refused.code(), "chain_event_too_large");

    let poor = evm_chain::ChainWriter::new(
        ready.settings.clone(),
        workbench::signer(7),
        std::sync::Arc::new(evm_chain::MemoryOutbox::default()),
    )
    .unwrap();
    let refused = poor.publish_did("did:web:poor.sinpyo.example", b"{}", 0).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::InsufficientFunds(poor.address()));
}
