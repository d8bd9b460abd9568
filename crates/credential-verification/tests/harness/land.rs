//! A real chain in this process, with our contracts, a clock that tests set, and one witness.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chain_anchors::{StapledProof, WitnessSignature};
use chain_proofs::{BlockHeader, HeaderTrust, PinnedChain, WitnessStatement};
use credential_model::{did::DidUrl, moment::Moment};
use credential_verification::Grounds;
use evm_chain::{
    Address, ChainReader, ChainSettings, ChainWriter, EpochRecord, HeadOf, KeyChange, KeyStatus,
    MemoryOutbox, ReadChain as _, TransactionSigner, danger::software_signer,
};
use serde_json::json;
use signing_keys::{KeyAlgorithm, Signer as _, StoreSigner};

use crate::harness::{Issuer, signer};

const CHAIN_ID: u64 = 31_337;
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Land {
    clock: Arc<AtomicU64>,
    pub chain: dev_chain::SharedChain,
    pub settings: ChainSettings,
    pub reader: Arc<ChainReader>,
    pub writer: ChainWriter,
    pub witness: StoreSigner,
    pub pinned: Arc<PinnedChain>,
}

impl Land {
    /// A chain that begins at this moment.
    pub async fn new(at: Moment) -> Self {
        let clock = Arc::new(AtomicU64::new(u64::try_from(at.unix()).unwrap()));
        let told = Arc::clone(&clock);
        let now = Box::new(move || told.load(Ordering::SeqCst));
        let mut chain = dev_chain::Chain::open(None, CHAIN_ID, now).unwrap();
        let account: Arc<dyn TransactionSigner> = Arc::new(software_signer(&[7; 32]).unwrap());
        dev_chain::dispatch(&mut chain, "dev_fund", &json!([account.address()])).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let shared = Arc::new(Mutex::new(chain));
        tokio::spawn(dev_chain::serve(shared.clone(), listener, std::future::pending()));
        let settings =
            ChainSettings { rpc_urls: vec![url], chain_id: CHAIN_ID, ..ChainSettings::default() };
        let outbox = Arc::new(MemoryOutbox::default());
        let deployer = ChainWriter::new(settings.clone(), account.clone(), outbox.clone()).unwrap();
        let contracts = deployer.deploy().await.unwrap();
        let settings = settings.with_contracts(contracts);
        let witness = signer(KeyAlgorithm::EdDsa, 77);
        let pinned = PinnedChain {
            chain_id: CHAIN_ID,
            did_registry: contracts.did_registry,
            status_registry: contracts.status_registry,
            trust: HeaderTrust::Witnesses { keys: vec![witness.public_key()], quorum: 1 },
            former: Vec::new(),
        };
        Land {
            clock,
            chain: shared,
            reader: Arc::new(ChainReader::new(settings.clone()).unwrap()),
            settings: settings.clone(),
            writer: ChainWriter::new(settings, account, outbox).unwrap(),
            witness,
            pinned: Arc::new(pinned),
        }
    }

    pub fn travel(&self, to: Moment) {
        self.clock.store(u64::try_from(to.unix()).unwrap(), Ordering::SeqCst);
        // Nodes simulate at the newest block, so its time has to be the new one.
        dev_chain::dispatch(&mut self.chain.lock().unwrap(), "evm_mine", &json!([])).unwrap();
    }

    pub fn account(&self) -> Address {
        self.writer.address()
    }

    pub fn grounds(&self) -> Grounds {
        Grounds { pinned: Some(Arc::clone(&self.pinned)), ..Grounds::default() }
    }

    /// Publishes the issuer's document as the next version; the text that was anchored.
    pub async fn publish(&self, issuer: &Issuer) -> String {
        let text = credential_model::jcs::canonicalize(&issuer.document()).unwrap();
        let did = issuer.did.as_str();
        let known = self.reader.did_head(did).await.unwrap().map_or(0, |head| head.version);
        let sent = self.writer.publish_did(did, text.as_bytes(), known).await.unwrap();
        self.writer.wait(&sent, PATIENCE).await.unwrap();
        text
    }

    pub async fn anchor(&self, issuer: &Issuer, record: &EpochRecord) {
        let sent = self.writer.anchor_epoch(issuer.did.as_str(), record).await.unwrap();
        self.writer.wait(&sent, PATIENCE).await.unwrap();
    }

    pub async fn state(&self, key: &DidUrl, status: KeyStatus, since: Moment) {
        let change = KeyChange { status, since: since.unix() };
        let did = key.did();
        let sent = self.writer.publish_key_state(did.as_str(), key.as_str(), change).await.unwrap();
        self.writer.wait(&sent, PATIENCE).await.unwrap();
    }

    /// A proof of the newest block, signed by the witness.
    pub async fn proof(&self, head: HeadOf<'_>) -> StapledProof {
        let proof = self.reader.head_proof(head).await.unwrap();
        let header = BlockHeader::parse(&proof.header_rlp).unwrap();
        let statement =
            WitnessStatement { chain_id: CHAIN_ID, number: header.number, hash: header.hash() };
        let signature = hex::encode(self.witness.sign(&statement.message()).unwrap());
        let key = self.witness.public_key().to_multikey();
        StapledProof { proof, witnesses: vec![WitnessSignature { key, signature }] }
    }
}
