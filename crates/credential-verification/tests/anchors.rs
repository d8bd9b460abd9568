//! Status lists against the anchored head, and issuers' documents against their anchor.
#![allow(clippy::unwrap_used)] // a panic is how a test fails

mod harness;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chain_anchors::{Epoch, EpochBuilder};
use credential_model::{
    catalogue::CredentialType, credential::UnverifiedCredential, did::Did, moment::Moment,
};
use credential_verification::{
    Answer, CheckId, CheckOutcome, Code, Grounds, Tools, examine::examine, store::MemoryStore,
};
use did_resolution::{DidAnchors, UniversalResolver, document_digest};
use evm_chain::{Address, ChainError, DidHead, DidStatus, ReadChain, StatusHead, Tip};
use harness::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trust_registry::{TrustList, TrustSource as _};
use web_fetch::Fetch;

/// A chain that says what the test wrote into it.
#[derive(Default)]
struct Chain {
    status: Mutex<Option<StatusHead>>,
    did: Mutex<Option<DidHead>>,
    documents: Mutex<Option<Vec<u8>>>,
    down: Mutex<bool>,
}

/// The account that the trust list names for the issuer.
const CONTROLLER: [u8; 20] = [1; 20];

impl Chain {
    fn answer<T: Clone>(&self, value: &Mutex<Option<T>>) -> Result<Option<T>, ChainError> {
        if *self.down.lock().unwrap() {
            return Err(ChainError::TimedOut);
        }
        Ok(value.lock().unwrap().clone())
    }
}

#[async_trait]
impl ReadChain for Chain {
    async fn did_head(&self, _: &str) -> Result<Option<DidHead>, ChainError> {
        self.answer(&self.did)
    }
    async fn did_document(&self, _: &str, version: u64) -> Result<Vec<u8>, ChainError> {
        self.answer(&self.documents)?.ok_or(ChainError::DocumentNotPublished { version })
    }
    async fn status_head(&self, _: &str) -> Result<Option<StatusHead>, ChainError> {
        self.answer(&self.status)
    }
    async fn tip(&self) -> Result<Tip, ChainError> {
        Ok(Tip { number: 1, time: now().unix() })
    }
    async fn check(&self) -> Result<(), ChainError> {
        Ok(())
    }
}

struct Desk {
    world: Arc<World>,
    issuer: Issuer,
    chain: Arc<Chain>,
    seen: MemoryStore,
    value: Value,
    trust: TrustList,
}

impl Desk {
    fn new() -> Self {
        let world = World::new();
        let issuer = Issuer::published(&world);
        issuer.publish_list(&world, &[], 1, now().minus_seconds(600));
        let holder = Holder::new(1);
        let badge = issuer.credential(CredentialType::QualificationBadge, holder.did().as_str(), 1);
        let value = issuer.secure(&badge);
        let mut trust = trust_list(&issuer.did);
        for entry in trust["entries"].as_array_mut().unwrap() {
            entry["chain_controller"] = json!(format!("0x{}", hex::encode(CONTROLLER)));
        }
        let trust = TrustList::parse(&trust).unwrap();
        Desk { world, issuer, chain: Arc::default(), seen: MemoryStore::new(), value, trust }
    }

    async fn look(&self) -> (Code, Code, Answer, Option<Moment>) {
        let chain: Arc<dyn ReadChain> = self.chain.clone();
        let anchors: Arc<dyn DidAnchors> = Arc::new(Arc::clone(&chain));
        let fetch: Arc<dyn Fetch> = self.world.clone();
        let pinned = self.trust.chain_controller(self.issuer.did.as_str()).map(|a| *a.as_bytes());
        let pins = move |_: &Did| pinned.map(Address::from_bytes);
        let resolver = UniversalResolver::new(fetch, Some(anchors)).with_pins(Arc::new(pins));
        let tools = Tools {
            resolver: &resolver,
            fetch: &*self.world,
            chain: Some(&*chain),
            trust: Some(&self.trust),
            seen: &self.seen,
            offline: false,
            grounds: &Grounds::default(),
        };
        let credential = UnverifiedCredential::from_value(&self.value).unwrap();
        let binding = CheckOutcome::skipped(Code::BindingNotAsked);
        let found = examine(&credential, binding, &tools, now()).await;
        let code = |check| found.outcome(check).unwrap().code();
        (code(CheckId::Proof), code(CheckId::Status), found.verdict.in_force, found.anchor_as_of)
    }

    async fn status(&self) -> (Code, Answer) {
        let (_, code, answer, _) = self.look().await;
        (code, answer)
    }

    /// The list as it lies on the network.
    async fn served(&self) -> Vec<u8> {
        let url = url::Url::parse(&self.issuer.list_url()).unwrap();
        self.world.fetch(web_fetch::FetchRequest::get(url)).await.unwrap().body
    }

    /// Anchors an epoch with these bytes as version `version` of the list; block time `time`.
    fn anchor(&self, bytes: &[u8], version: u64, time: Moment, valid_until: Moment) -> Epoch {
        let digest = Sha256::digest(bytes).into();
        let epoch = EpochBuilder::new(1, valid_until.unix())
            .status_list(&self.issuer.list_url(), version, digest)
            .status_list("https://issuer.example/status/other", 4, [9; 32])
            .build(&[5; 32])
            .unwrap();
        let record = epoch.record();
        *self.chain.status.lock().unwrap() = Some(StatusHead {
            status_root: record.status_root,
            issuance_root: record.issuance_root,
            epoch: record.epoch,
            time: time.unix(),
            valid_until: record.valid_until,
            count: record.count,
        });
        epoch
    }

    fn publish_inclusion(&self, epoch: &Epoch) {
        let proof = epoch.inclusion(&self.issuer.list_url()).unwrap();
        // Whatever epoch the chain names, this is what the host serves.
        for asked in 1..=3 {
            let url = format!("{}/inclusion?epoch={asked}", self.issuer.list_url());
            self.world.put_json(&url, &serde_json::to_value(&proof).unwrap());
        }
    }
}

fn tomorrow() -> Moment {
    now().plus_seconds(86_400)
}

#[tokio::test]
async fn an_anchored_list_is_valid_and_says_since_when() {
    let desk = Desk::new();
    let time = now().minus_seconds(300);
    let epoch = desk.anchor(&desk.served().await, 1, time, tomorrow());
    desk.publish_inclusion(&epoch);
    let (proof, status, in_force, anchored) = desk.look().await;
    assert_eq!((proof, status, in_force), (Code::ProofOk, Code::StatusValid, Answer::Yes));
    assert_eq!(anchored, Some(time));
}

#[tokio::test]
async fn a_chain_without_the_issuer_contradicts_nothing() {
    assert_eq!(Desk::new().status().await, (Code::StatusValid, Answer::Yes));
}

#[tokio::test]
async fn a_chain_that_is_down_leaves_everything_open() {
    let desk = Desk::new();
    *desk.chain.down.lock().unwrap() = true;
    let (proof, status, in_force, _) = desk.look().await;
    assert_eq!(proof, Code::IssuerAnchorUnavailable);
    assert_eq!((status, in_force), (Code::StatusNotReached, Answer::Unknown));
}

#[tokio::test]
async fn a_list_older_than_its_anchor_is_rolled_back_even_at_first_sight() {
    let desk = Desk::new();
    let epoch = desk.anchor(b"a newer list", 2, now().minus_seconds(60), tomorrow());
    desk.publish_inclusion(&epoch);
    assert_eq!(desk.status().await, (Code::StatusRolledBack, Answer::Unknown));
}

#[tokio::test]
async fn another_list_under_the_anchored_version_shows() {
    let desk = Desk::new();
    let epoch = desk.anchor(b"another list", 1, now().minus_seconds(60), tomorrow());
    desk.publish_inclusion(&epoch);
    assert_eq!(desk.status().await, (Code::StatusEquivocated, Answer::Unknown));
}

#[tokio::test]
async fn a_frozen_issuer_is_noticed() {
    let desk = Desk::new();
    let epoch =
        desk.anchor(&desk.served().await, 1, now().minus_seconds(300), now().minus_seconds(1));
    desk.publish_inclusion(&epoch);
    assert_eq!(desk.status().await, (Code::StatusStale, Answer::Unknown));
}

#[tokio::test]
async fn a_withheld_proof_hides_nothing() {
    let desk = Desk::new();
    // The list is older than the head, so the head must know it; no proof is served.
    desk.anchor(b"a newer list", 2, now().minus_seconds(60), tomorrow());
    assert_eq!(desk.status().await, (Code::StatusAnchorUnavailable, Answer::Unknown));
    // A proof of another epoch does not help.
    let stale = EpochBuilder::new(7, tomorrow().unix())
        .status_list(&desk.issuer.list_url(), 1, [1; 32])
        .build(&[6; 32])
        .unwrap();
    desk.publish_inclusion(&stale);
    assert_eq!(desk.status().await, (Code::StatusAnchorUnavailable, Answer::Unknown));
    // A list younger than the head may still wait for its epoch.
    desk.issuer.publish_list(&desk.world, &[], 3, now());
    assert_eq!(desk.status().await, (Code::StatusValid, Answer::Yes));
}

#[tokio::test]
async fn a_head_that_ran_out_covers_no_younger_list() {
    let desk = Desk::new();
    desk.issuer.publish_list(&desk.world, &[], 2, now().minus_seconds(30));
    desk.anchor(b"an older list", 1, now().minus_seconds(300), now().plus_seconds(1));
    assert_eq!(desk.status().await, (Code::StatusValid, Answer::Yes));
    desk.anchor(b"an older list", 1, now().minus_seconds(300), now().minus_seconds(1));
    assert_eq!(desk.status().await, (Code::StatusStale, Answer::Unknown));
}

#[tokio::test]
async fn a_status_head_of_another_account_counts_for_nothing() {
    let mut desk = Desk::new();
    let epoch = desk.anchor(b"a newer list", 2, now().minus_seconds(60), tomorrow());
    desk.publish_inclusion(&epoch);
    *desk.chain.did.lock().unwrap() = Some(DidHead {
        version: 1,
        status: DidStatus::Active,
        digest: [7; 32],
        controller: Address::from_bytes([2; 20]),
        block_time: now().minus_seconds(900).unix(),
    });
    let (proof, status, in_force, anchored) = desk.look().await;
    assert_eq!((proof, status, in_force), (Code::ProofOk, Code::StatusValid, Answer::Yes));
    assert_eq!(anchored, None);
    // Nor does any without a pin.
    *desk.chain.did.lock().unwrap() = None;
    assert_eq!(desk.status().await, (Code::StatusRolledBack, Answer::Unknown));
    desk.trust = TrustList::parse(&trust_list(&desk.issuer.did)).unwrap();
    assert_eq!(desk.status().await, (Code::StatusValid, Answer::Yes));
}

#[tokio::test]
async fn keys_that_a_stranger_anchored_are_not_the_issuers_while_its_host_is_down() {
    let mut desk = Desk::new();
    let forger = Issuer::new("issuer.example", 900);
    let document = forger.document();
    *desk.chain.did.lock().unwrap() = Some(DidHead {
        version: 1,
        status: DidStatus::Active,
        digest: document_digest(&document).unwrap(),
        controller: Address::from_bytes([2; 20]),
        block_time: now().minus_seconds(900).unix(),
    });
    *desk.chain.documents.lock().unwrap() =
        Some(credential_model::jcs::canonicalize(&document).unwrap().into_bytes());
    let holder = Holder::new(1);
    let badge = forger.credential(CredentialType::QualificationBadge, holder.did().as_str(), 1);
    desk.value = forger.secure(&badge);
    desk.world.put(&desk.issuer.did_url(), Reply::Fail(web_fetch::FetchError::TimedOut));
    assert_eq!(desk.look().await.0, Code::IssuerUnreachable);
    // The account that is vouched for may speak while the host is silent.
    desk.chain.did.lock().unwrap().as_mut().unwrap().controller = Address::from_bytes(CONTROLLER);
    assert_eq!(desk.look().await.0, Code::ProofOk);
}

#[tokio::test]
async fn an_issuer_document_other_than_the_anchored_one_decides_nothing() {
    let desk = Desk::new();
    let head = |document: &Value, status| DidHead {
        version: 1,
        status,
        digest: document_digest(document).unwrap(),
        controller: Address::from_bytes(CONTROLLER),
        block_time: now().minus_seconds(900).unix(),
    };
    *desk.chain.did.lock().unwrap() = Some(head(&desk.issuer.document(), DidStatus::Active));
    assert_eq!(desk.look().await.0, Code::ProofOk);
    *desk.chain.did.lock().unwrap() = Some(head(&json!({"id": "other"}), DidStatus::Active));
    let (proof, _, in_force, _) = desk.look().await;
    assert_eq!((proof, in_force), (Code::IssuerAnchorMismatch, Answer::Unknown));
    *desk.chain.did.lock().unwrap() = Some(head(&desk.issuer.document(), DidStatus::Deactivated));
    assert_eq!(desk.look().await.0, Code::IssuerDeactivated);
}
