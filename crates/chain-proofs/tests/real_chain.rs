//! Proofs that real nodes give: the dev chain in this process, and anvil where there is one.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use chain_proofs::{
    BlockHeader, ChainProofError, ChainWitness, FormerChain, HeaderTrust, PinnedChain,
    WitnessStatement,
};
use credential_model::ambient::PredictableEntropy;
use evm_chain::{
    ChainReader, ChainSettings, ChainWriter, EpochRecord, HeadOf, KeyChange, KeyStatus,
    MemoryOutbox, ReadChain as _, StorageProofBundle, TransactionSigner as _,
    danger::software_signer, key_id_hash,
};
use serde_json::json;
use signing_keys::{KeyAlgorithm, KeyStore, MemoryKeyStore, Signer, StoreSigner};
use url::Url;

const CHAIN_ID: u64 = 31_337;
const PATIENCE: Duration = Duration::from_secs(20);
const DID: &str = "did:web:issuer.sinpyo.example";
const KEY: &str = "did:web:issuer.sinpyo.example#key-1";
/// The first account that anvil funds by itself (its documentation names the key).
const ANVIL_KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

struct Node {
    url: Url,
    anvil: Option<Child>,
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(child) = &mut self.anvil {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn secret() -> [u8; 32] {
    hex::decode(ANVIL_KEY).unwrap().try_into().unwrap()
}

async fn dev() -> Node {
    dev_with(CHAIN_ID).await
}

async fn dev_with(chain_id: u64) -> Node {
    let mut chain = dev_chain::Chain::open(None, chain_id, dev_chain::wall_clock()).unwrap();
    let account = software_signer(&secret()).unwrap().address();
    dev_chain::dispatch(&mut chain, "dev_fund", &json!([account])).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(dev_chain::serve(Arc::new(Mutex::new(chain)), listener, std::future::pending()));
    Node { url, anvil: None }
}

/// Anvil (`SINPYO_ANVIL`, else `anvil` on PATH); none, said aloud, when there is none.
fn anvil() -> Option<Node> {
    let program = std::env::var("SINPYO_ANVIL").unwrap_or_else(|_| "anvil".to_owned());
    let started = Command::new(&program)
        .args(["--port", "0", "--chain-id", &CHAIN_ID.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else {
        eprintln!("SKIPPED: no anvil ({program}); set SINPYO_ANVIL to run this test against it");
        return None;
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().expect("anvil says where it listens").unwrap();
        if let Some(address) = line.strip_prefix("Listening on ") {
            break address.trim().to_owned();
        }
    };
    // Keep reading, or anvil stops at a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Some(Node { url: format!("http://{address}").parse().unwrap(), anvil: Some(child) })
}

fn witness() -> StoreSigner {
    let store: Arc<dyn KeyStore> =
        Arc::new(MemoryKeyStore::new(Arc::new(PredictableEntropy::new(5))));
    let handle = store.generate(KeyAlgorithm::EdDsa, "witness").unwrap();
    StoreSigner::new(store, handle).unwrap()
}

fn stand(signer: &StoreSigner, bundle: &StorageProofBundle) -> Vec<ChainWitness> {
    let header = BlockHeader::parse(&bundle.header_rlp).unwrap();
    let statement =
        WitnessStatement { chain_id: bundle.chain_id, number: header.number, hash: header.hash() };
    vec![ChainWitness {
        key: signer.public_key().to_multikey(),
        signature: hex::encode(signer.sign(&statement.message()).unwrap()),
    }]
}

async fn proofs_of(node: &Node) {
    let account: Arc<dyn evm_chain::TransactionSigner> =
        Arc::new(software_signer(&secret()).unwrap());
    let settings = ChainSettings {
        rpc_urls: vec![node.url.clone()],
        chain_id: CHAIN_ID,
        ..ChainSettings::default()
    };
    let outbox = Arc::new(MemoryOutbox::default());
    let deployer = ChainWriter::new(settings.clone(), account.clone(), outbox.clone()).unwrap();
    let contracts = deployer.deploy().await.unwrap();
    let settings = settings.with_contracts(contracts);
    let writer = ChainWriter::new(settings.clone(), account, outbox).unwrap();
    let reader = ChainReader::new(settings).unwrap();
    let signer = witness();
    let pinned = PinnedChain {
        chain_id: CHAIN_ID,
        did_registry: contracts.did_registry,
        status_registry: contracts.status_registry,
        trust: HeaderTrust::Witnesses { keys: vec![signer.public_key()], quorum: 1 },
        former: Vec::new(),
    };
    let prove = |bundle: &StorageProofBundle| pinned.prove(bundle, &stand(&signer, bundle));

    // Before anything was anchored, its absence is proven.
    let absent = prove(&reader.head_proof(HeadOf::Did(DID)).await.unwrap()).unwrap();
    assert_eq!(absent.did_head(DID), Ok(None));
    assert_eq!(absent.did_head("did:web:other.example"), Err(ChainProofError::SlotMissing));
    assert_eq!(absent.status_head(DID), Err(ChainProofError::OtherContract));

    let sent = writer.publish_did(DID, b"{\"id\":\"x\"}", 0).await.unwrap();
    writer.wait(&sent, PATIENCE).await.unwrap();
    let since = reader.tip().await.unwrap().time - 10;
    let change = KeyChange { status: KeyStatus::Compromised, since };
    let sent = writer.publish_key_state(DID, KEY, change).await.unwrap();
    writer.wait(&sent, PATIENCE).await.unwrap();
    let record = EpochRecord {
        epoch: 1,
        status_root: [1; 32],
        issuance_root: [2; 32],
        valid_until: since + 90_000,
        count: 6,
        delta: Vec::new(),
    };
    let sent = writer.anchor_epoch(DID, &record).await.unwrap();
    writer.wait(&sent, PATIENCE).await.unwrap();

    let did = prove(&reader.head_proof(HeadOf::Did(DID)).await.unwrap()).unwrap();
    assert_eq!(did.did_head(DID).unwrap(), reader.did_head(DID).await.unwrap());
    let keys = [key_id_hash(KEY), key_id_hash("did:web:issuer.sinpyo.example#key-2")];
    let states = prove(&reader.head_proof(HeadOf::Keys(DID, &keys)).await.unwrap()).unwrap();
    assert_eq!(
        states.key_state(DID, &keys[0]).unwrap().unwrap(),
        reader.key_states(DID).await.unwrap()[0]
    );
    assert_eq!(states.key_state(DID, &keys[1]), Ok(None));

    let bundle = reader.head_proof(HeadOf::Status(DID)).await.unwrap();
    let status = prove(&bundle).unwrap();
    let head = status.status_head(DID).unwrap().unwrap();
    let known = reader.status_head(DID).await.unwrap().unwrap();
    assert_eq!((head.status_root, head.issuance_root), (Some([1; 32]), None));
    assert_eq!((head.head.epoch, head.head.time, head.head.count), (1, known.time, 6));
    assert_eq!(status.block.hash, reader.block_hash(status.block.number).await.unwrap().unwrap());
    let issuance = prove(&reader.head_proof(HeadOf::Issuance(DID)).await.unwrap()).unwrap();
    let head = issuance.status_head(DID).unwrap().unwrap();
    assert_eq!((head.status_root, head.issuance_root), (None, Some([2; 32])));
    size_and_faults(&bundle, &prove);
}

fn size_and_faults(
    good: &StorageProofBundle,
    prove: &dyn Fn(&StorageProofBundle) -> Result<chain_proofs::ProvenStorage, ChainProofError>,
) {
    let nodes = good.account_proof.iter().map(Vec::len).sum::<usize>()
        + good.storage_proofs.iter().flat_map(|one| &one.0).map(Vec::len).sum::<usize>();
    let size = good.header_rlp.len() + nodes;
    eprintln!("header {} B, nodes {nodes} B, together {size} B", good.header_rlp.len());
    assert!(size < 8_000, "{size}");
    type Change = fn(&mut StorageProofBundle);
    let cases: [(Change, ChainProofError); 9] = [
        (|one| one.chain_id = 1, ChainProofError::OtherContract),
        (|one| one.contract = evm_chain::Address::ZERO, ChainProofError::OtherContract),
        (|one| one.account_proof[0][30] ^= 1, ChainProofError::Account),
        (|one| drop(one.account_proof.pop()), ChainProofError::Account),
        (|one| one.storage_proofs[0].0[0][30] ^= 1, ChainProofError::Storage),
        (|one| drop(one.storage_proofs[0].0.pop()), ChainProofError::Storage),
        (|one| one.slots.truncate(1), ChainProofError::SlotMissing),
        (|one| one.account_proof = vec![vec![0; 2_000]], ChainProofError::TooLarge),
        (|one| one.slots = vec![[0; 32]; 65], ChainProofError::TooLarge),
    ];
    for (index, (change, error)) in cases.into_iter().enumerate() {
        let mut bad = good.clone();
        change(&mut bad);
        assert_eq!(prove(&bad).unwrap_err(), error, "case {index}");
    }
    // Slots exchanged: each proof is for its own slot only.
    let mut swapped = good.clone();
    swapped.slots.swap(0, 1);
    assert!(prove(&swapped).is_err());
}

#[tokio::test]
async fn proofs_of_the_dev_chain() {
    proofs_of(&dev().await).await;
}

#[tokio::test]
async fn proofs_of_anvil() {
    let Some(node) = anvil() else { return };
    proofs_of(&node).await;
}

/// Our contracts on a chain of their own, how it is pinned, and who writes there.
async fn settled(node: &Node, chain_id: u64) -> (PinnedChain, ChainReader, ChainWriter) {
    let account: Arc<dyn evm_chain::TransactionSigner> =
        Arc::new(software_signer(&secret()).unwrap());
    let settings =
        ChainSettings { rpc_urls: vec![node.url.clone()], chain_id, ..ChainSettings::default() };
    let outbox = Arc::new(MemoryOutbox::default());
    let deployer = ChainWriter::new(settings.clone(), account.clone(), outbox.clone()).unwrap();
    let contracts = deployer.deploy().await.unwrap();
    let settings = settings.with_contracts(contracts);
    let pinned = PinnedChain {
        chain_id,
        did_registry: contracts.did_registry,
        status_registry: contracts.status_registry,
        trust: HeaderTrust::Witnesses { keys: vec![witness().public_key()], quorum: 1 },
        former: Vec::new(),
    };
    let reader = ChainReader::new(settings.clone()).unwrap();
    (pinned, reader, ChainWriter::new(settings, account, outbox).unwrap())
}

async fn epoch(writer: &ChainWriter, reader: &ChainReader, number: u64, root: u8) {
    let record = EpochRecord {
        epoch: number,
        status_root: [root; 32],
        issuance_root: [root; 32],
        valid_until: reader.tip().await.unwrap().time + 90_000,
        count: 1,
        delta: Vec::new(),
    };
    let sent = writer.anchor_epoch(DID, &record).await.unwrap();
    writer.wait(&sent, PATIENCE).await.unwrap();
}

/// The old chain counts up to its closing block, the new one from then on; nothing else does.
#[tokio::test]
async fn a_chain_was_changed() {
    let (old_node, new_node) = (dev().await, dev_with(31_338).await);
    let (old, old_reader, old_writer) = settled(&old_node, CHAIN_ID).await;
    let (new, new_reader, new_writer) = settled(&new_node, 31_338).await;
    for writer in [&old_writer, &new_writer] {
        let sent = writer.publish_did(DID, b"{}", 0).await.unwrap();
        writer.wait(&sent, PATIENCE).await.unwrap();
    }
    epoch(&old_writer, &old_reader, 1, 0x11).await;
    let before = old_reader.head_proof(HeadOf::Issuance(DID)).await.unwrap();
    let closing = old_reader.tip().await.unwrap().number;
    // Whoever still runs the old chain goes on writing there.
    epoch(&old_writer, &old_reader, 2, 0x22).await;
    let after = old_reader.head_proof(HeadOf::Issuance(DID)).await.unwrap();
    epoch(&new_writer, &new_reader, 1, 0x33).await;
    let present = new_reader.head_proof(HeadOf::Issuance(DID)).await.unwrap();

    let former = FormerChain { last_block: closing, chain: old.clone() };
    let pinned = PinnedChain { former: vec![former], ..new.clone() };
    let signer = witness();
    let root = |pinned: &PinnedChain, bundle: &StorageProofBundle| {
        let proven = pinned.prove(bundle, &stand(&signer, bundle))?;
        Ok(proven.status_head(DID)?.and_then(|head| head.issuance_root))
    };
    assert_eq!(root(&pinned, &before), Ok(Some([0x11; 32])));
    assert_eq!(root(&pinned, &present), Ok(Some([0x33; 32])));
    assert_eq!(root(&pinned, &after), Err(ChainProofError::AfterClosing));
    // Pinned one without the other, the other proves nothing.
    assert_eq!(root(&new, &before), Err(ChainProofError::OtherContract));
    assert_eq!(root(&old, &present), Err(ChainProofError::OtherContract));
    // The old chain's proof under the new chain's id, and without its witnesses.
    let moved = StorageProofBundle { chain_id: 31_338, ..before.clone() };
    let wanted = Err(ChainProofError::TooFewWitnesses { found: 0, wanted: 1 });
    assert_eq!(pinned.prove(&moved, &stand(&signer, &before)).map(|_| ()), wanted);
    assert_eq!(pinned.prove(&before, &[]).map(|_| ()), wanted);
}
