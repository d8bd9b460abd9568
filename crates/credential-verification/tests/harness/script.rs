//! A chain that says what the test wrote into it, lies included.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chain_anchors::{Epoch, EpochBuilder};
use credential_model::{
    catalogue::CredentialType, credential::UnverifiedCredential, did::Did, moment::Moment,
};
use credential_verification::{
    Examination, Exhibit, Grounds, Tools, examine::examine_exhibit, store::MemoryStore,
};
use did_resolution::{DidAnchors, UniversalResolver, document_digest};
use evm_chain::{
    Address, ChainError, DidHead, DidStatus, EpochEvent, KeyState, ReadChain, StatusHead, Tip,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trust_registry::{TrustList, TrustSource};
use web_fetch::{Fetch, FetchRequest};

use crate::harness::{Holder, Issuer, World, now, trust_list};

/// The account that the trust list names for the issuer.
pub const CONTROLLER: [u8; 20] = [1; 20];

#[derive(Default)]
pub struct Script {
    pub status: Mutex<Option<StatusHead>>,
    pub did: Mutex<Option<DidHead>>,
    pub documents: Mutex<Vec<Vec<u8>>>,
    pub epochs: Mutex<Vec<EpochEvent>>,
    pub keys: Mutex<Vec<KeyState>>,
    pub tip: Mutex<i64>,
    /// What every question is answered with instead.
    pub fault: Mutex<Option<ChainError>>,
    /// What only questions about heads of epochs are answered with.
    pub status_fault: Mutex<Option<ChainError>>,
    pub key_fault: Mutex<Option<ChainError>>,
    pub epoch_fault: Mutex<Option<ChainError>>,
}

impl Script {
    fn answer<T>(&self, fault: &Mutex<Option<ChainError>>, value: T) -> Result<T, ChainError> {
        let all = self.fault.lock().unwrap().clone();
        match all.or_else(|| fault.lock().unwrap().clone()) {
            Some(error) => Err(error),
            None => Ok(value),
        }
    }
}

#[async_trait]
impl ReadChain for Script {
    async fn did_head(&self, _: &str) -> Result<Option<DidHead>, ChainError> {
        self.answer(&Mutex::default(), self.did.lock().unwrap().clone())
    }
    async fn did_document(&self, _: &str, version: u64) -> Result<Vec<u8>, ChainError> {
        let found = self.documents.lock().unwrap().get(version as usize - 1).cloned();
        self.answer(&Mutex::default(), ())?;
        found.ok_or(ChainError::EventWithheld { version })
    }
    async fn status_head(&self, _: &str) -> Result<Option<StatusHead>, ChainError> {
        self.answer(&self.status_fault, self.status.lock().unwrap().clone())
    }
    async fn tip(&self) -> Result<Tip, ChainError> {
        self.answer(&Mutex::default(), Tip { number: 1, time: *self.tip.lock().unwrap() })
    }
    async fn check(&self) -> Result<(), ChainError> {
        Ok(())
    }
    async fn key_states(&self, _: &str) -> Result<Vec<KeyState>, ChainError> {
        self.answer(&self.key_fault, self.keys.lock().unwrap().clone())
    }
    async fn epochs(&self, _: &str, from: u64, _: usize) -> Result<Vec<EpochEvent>, ChainError> {
        let all = self.epochs.lock().unwrap().clone();
        let found = all.into_iter().filter(|one| one.epoch >= from).collect();
        self.answer(&self.epoch_fault, found)
    }
}

/// A desk with a scripted chain and a scripted network.
pub struct Desk {
    pub world: Arc<World>,
    pub issuer: Issuer,
    pub chain: Arc<Script>,
    pub seen: MemoryStore,
    pub list: TrustList,
    pub grounds: Grounds,
    pub kind: CredentialType,
}

impl Desk {
    pub fn new() -> Self {
        let world = World::new();
        let issuer = Issuer::published(&world);
        issuer.publish_list(&world, &[], 1, now().minus_seconds(600));
        let mut list = trust_list(&issuer.did);
        for entry in list["entries"].as_array_mut().unwrap() {
            entry["chain_controller"] = json!(format!("0x{}", hex::encode(CONTROLLER)));
            entry["from"] = json!("2024-01-01T00:00:00Z");
        }
        let desk = Desk {
            world,
            issuer,
            chain: Arc::default(),
            seen: MemoryStore::new(),
            list: TrustList::parse(&list).unwrap(),
            grounds: Grounds::default(),
            kind: CredentialType::QualificationBadge,
        };
        *desk.chain.tip.lock().unwrap() = now().unix();
        *desk.chain.did.lock().unwrap() = Some(DidHead {
            version: 1,
            status: DidStatus::Active,
            digest: document_digest(&desk.issuer.document()).unwrap(),
            controller: Address::from_bytes(CONTROLLER),
            block_time: now().minus_seconds(900_000).unix(),
        });
        desk
    }

    pub fn credential(&self, index: usize) -> Value {
        let holder = Holder::new(1);
        self.issuer.secure(&self.issuer.credential(self.kind, holder.did().as_str(), index))
    }

    pub async fn look(&self, value: &Value) -> Examination {
        self.look_at(value, None, now()).await
    }

    pub async fn look_at(&self, value: &Value, at: Option<Moment>, clock: Moment) -> Examination {
        self.look_with(value, at, clock, &self.list).await
    }

    pub async fn look_with(
        &self,
        value: &Value,
        at: Option<Moment>,
        clock: Moment,
        trust: &dyn TrustSource,
    ) -> Examination {
        let chain: Arc<dyn ReadChain> = self.chain.clone();
        let anchors: Arc<dyn DidAnchors> = Arc::new(Arc::clone(&chain));
        let fetch: Arc<dyn Fetch> = self.world.clone();
        let pins = |_: &Did| Some(Address::from_bytes(CONTROLLER));
        let resolver = UniversalResolver::new(fetch, Some(anchors)).with_pins(Arc::new(pins));
        let tools = Tools {
            resolver: &resolver,
            fetch: &*self.world,
            chain: Some(&*chain),
            trust: Some(trust),
            seen: &self.seen,
            offline: false,
            grounds: &self.grounds,
        };
        let credential = UnverifiedCredential::from_value(value).unwrap();
        let exhibit = Exhibit { at, ..Exhibit::shown() };
        examine_exhibit(&credential, exhibit, &tools, clock).await
    }

    /// The list as it lies on the network.
    pub async fn served(&self) -> Vec<u8> {
        let url = url::Url::parse(&self.issuer.list_url()).unwrap();
        self.world.fetch(FetchRequest::get(url)).await.unwrap().body
    }

    /// Puts an epoch with these bytes as version `version` of the list on the chain.
    pub fn anchor(&self, number: u64, bytes: &[u8], version: u64, time: Moment) -> Epoch {
        let epoch = EpochBuilder::new(number, time.plus_seconds(86_400).unix())
            .status_list(&self.issuer.list_url(), version, Sha256::digest(bytes).into())
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
        self.chain.epochs.lock().unwrap().push(EpochEvent {
            epoch: record.epoch,
            status_root: record.status_root,
            issuance_root: record.issuance_root,
            prev_root: [0; 32],
            time: time.unix(),
            valid_until: record.valid_until,
            count: record.count,
            block: number,
            delta: Vec::new(),
        });
        epoch
    }

    pub fn inclusion(&self, epoch: &Epoch) -> Value {
        serde_json::to_value(epoch.inclusion(&self.issuer.list_url()).unwrap()).unwrap()
    }
}
