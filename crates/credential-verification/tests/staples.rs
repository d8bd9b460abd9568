//! The compromise drill and checks without a net, over a real chain in this process: rotate,
//! steal an old key, forge back-dated badges, switch host and chain off. Everybody is fictitious.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod harness;
#[path = "harness/land.rs"]
mod land;
#[path = "staples/units.rs"]
mod units;

use std::sync::Arc;

use chain_anchors::{Epoch, EpochBuilder, Staple, StapledList};
use credential_model::{
    catalogue::CredentialType, credential::UnverifiedCredential, did::Did, moment::Moment,
};
use credential_verification::{
    Answer, CheckId, Code, Examination, Exhibit, Grounds, KeyBook, Overall, Tools,
    examine::examine_exhibit, store::MemoryStore,
};
use did_resolution::{DidAnchors, UniversalResolver};
use evm_chain::{Address, HeadOf, KeyStatus, ReadChain, key_id_hash};
use harness::*;
use land::Land;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trust_registry::TrustList;
use web_fetch::{Fetch, FetchError};

const SALT: [u8; 32] = [3; 32];

fn days_ago(days: i64) -> Moment {
    now().minus_seconds(days * 86_400)
}

/// A badge that was issued and anchored a year ago; its key was rotated twice since.
struct Drill {
    world: Arc<World>,
    land: Land,
    /// The keys of today.
    issuer: Issuer,
    /// The keys of a year ago.
    first: Issuer,
    trust: TrustList,
    badge: Value,
    epoch: Epoch,
    /// What the wallet fetched back then.
    staple: Staple,
}

/// What a desk can reach.
#[derive(Clone, Copy, PartialEq)]
enum Reach {
    Everything,
    /// Chain yes, the issuer's host no.
    ChainOnly,
    Nothing,
}

impl Drill {
    async fn new() -> Self {
        let world = World::new();
        let land = Land::new(days_ago(400)).await;
        let mut first = Issuer::new("issuer.example", 100);
        first.created = days_ago(380);
        first.publish(&world);
        let old_document = land.publish(&first).await;
        let holder = Holder::new(1);
        let badge = first.credential(CredentialType::QualificationBadge, holder.did().as_str(), 1);
        let badge = first.secure(&badge);
        let digest = UnverifiedCredential::from_value(&badge).unwrap().digest();

        land.travel(days_ago(379));
        let epoch = EpochBuilder::new(1, days_ago(378).unix())
            .status_list(&first.list_url(), 1, [1; 32])
            .issued(&SALT, &digest)
            .build(&[4; 32])
            .unwrap();
        land.anchor(&first, epoch.record()).await;
        let did = first.did.as_str();
        let mut staple = Staple::of(&digest);
        staple.issuance = epoch.issuance_inclusion(&SALT, &digest);
        staple.did.push(old_document);
        staple.chain.push(land.proof(HeadOf::Did(did)).await);
        staple.chain.push(land.proof(HeadOf::Issuance(did)).await);

        // Two rotations; each retires the key before.
        let mut issuer = None;
        for (generation, ago, seed) in [("-2", 300, 200), ("-3", 200, 300)] {
            land.travel(days_ago(ago));
            let mut next = Issuer::new("issuer.example", seed);
            next.generation = generation;
            land.publish(&next).await;
            let old = if generation == "-2" { first.kid("ed") } else { next_kid("-2") };
            land.state(&old, KeyStatus::Retired, days_ago(ago)).await;
            issuer = Some(next);
        }
        let issuer = issuer.unwrap();
        issuer.publish(&world);
        land.travel(now().minus_seconds(900));
        issuer.publish_list(&world, &[], 2, now().minus_seconds(1_000));
        let mut trust = trust_list(&first.did);
        for entry in trust["entries"].as_array_mut().unwrap() {
            entry["chain_controller"] = json!(land.account());
            entry["from"] = json!("2025-01-01T00:00:00Z");
        }
        let trust = TrustList::parse(&trust).unwrap();
        Drill { world, land, issuer, first, trust, badge, epoch, staple }
    }

    /// The holder's wallet fetches a list and proofs of today.
    async fn renew(&mut self) {
        let url = url::Url::parse(&self.issuer.list_url()).unwrap();
        let list = self.world.fetch(web_fetch::FetchRequest::get(url)).await.unwrap().body;
        let head = self.land.reader.status_head(self.issuer.did.as_str()).await.unwrap().unwrap();
        let epoch = EpochBuilder::new(head.epoch + 1, now().plus_seconds(86_400).unix())
            .status_list(&self.issuer.list_url(), 2, Sha256::digest(&list).into())
            .build(&[5; 32])
            .unwrap();
        self.land.anchor(&self.issuer, epoch.record()).await;
        let did = self.issuer.did.as_str();
        let keys = [key_id_hash(self.first.kid("ed").as_str())];
        self.staple.did.push(credential_model::jcs::canonicalize(&self.issuer.document()).unwrap());
        self.staple.status.push(StapledList {
            list: String::from_utf8(list).unwrap(),
            inclusion: epoch.inclusion(&self.issuer.list_url()).unwrap(),
        });
        for head in [HeadOf::Did(did), HeadOf::Status(did), HeadOf::Keys(did, &keys)] {
            self.staple.chain.push(self.land.proof(head).await);
        }
    }

    async fn look(&self, value: &Value, staple: Option<&Staple>, reach: Reach) -> Examination {
        self.look_with(value, staple, reach, self.land.grounds()).await
    }

    async fn look_with(
        &self,
        value: &Value,
        staple: Option<&Staple>,
        reach: Reach,
        grounds: Grounds,
    ) -> Examination {
        let host = if reach == Reach::Everything {
            self.issuer.publish(&self.world);
            Arc::clone(&self.world)
        } else {
            World::new()
        };
        let chain: Arc<dyn ReadChain> = self.land.reader.clone();
        let chain = (reach != Reach::Nothing).then_some(chain);
        let anchors = chain.clone().map(|chain| Arc::new(chain) as Arc<dyn DidAnchors>);
        let account = self.land.account();
        let pins = move |_: &Did| Some(Address::from_bytes(*account.as_bytes()));
        if reach == Reach::ChainOnly {
            host.put(&self.issuer.did_url(), Reply::Fail(FetchError::TimedOut));
        }
        let resolver = UniversalResolver::new(host.clone() as Arc<dyn Fetch>, anchors)
            .with_pins(Arc::new(pins));
        let tools = Tools {
            resolver: &resolver,
            fetch: &*host,
            chain: chain.as_deref(),
            trust: Some(&self.trust),
            seen: &MemoryStore::new(),
            offline: reach == Reach::Nothing,
            grounds: &grounds,
        };
        let credential = UnverifiedCredential::from_value(value).unwrap();
        let exhibit = Exhibit { staple, ..Exhibit::shown() };
        examine_exhibit(&credential, exhibit, &tools, now()).await
    }

    /// A badge made today with the stolen first key, dated into the time when it was in use.
    fn forged(&self) -> Value {
        let holder = Holder::new(9);
        let kind = CredentialType::QualificationBadge;
        self.first.secure(&self.first.credential(kind, holder.did().as_str(), 1))
    }

    async fn steal_first_key(&self, since: Moment) {
        self.land.state(&self.first.kid("ed"), KeyStatus::Compromised, since).await;
    }
}

fn next_kid(generation: &'static str) -> credential_model::did::DidUrl {
    let mut issuer = Issuer::new("issuer.example", 200);
    issuer.generation = generation;
    issuer.kid("ed")
}

fn code(found: &Examination, check: CheckId) -> Code {
    found.outcome(check).unwrap().code()
}

#[tokio::test]
async fn the_compromise_drill() {
    let drill = Drill::new().await;
    // A retired key is good, with the host and without.
    for reach in [Reach::Everything, Reach::ChainOnly] {
        let found = drill.look(&drill.badge, None, reach).await;
        assert_eq!(code(&found, CheckId::Proof), Code::ProofOkRetired);
        assert_eq!(found.verdict.authentic, Answer::Yes);
    }
    let stolen = days_ago(100);
    drill.steal_first_key(stolen).await;
    for reach in [Reach::Everything, Reach::ChainOnly] {
        // The honest badge, with the proof that its holder keeps.
        let honest = drill.look(&drill.badge, Some(&drill.staple), reach).await;
        assert_eq!(code(&honest, CheckId::Proof), Code::ProofOkAnchored);
        assert_eq!(honest.verdict.authentic, Answer::Yes);
        // Without it nobody can tell it from a forged one: unknown, and refused by policy.
        let bare = drill.look(&drill.badge, None, reach).await;
        assert_eq!(code(&bare, CheckId::Proof), Code::ProofKeyCompromisedUnproven);
        assert_eq!((bare.verdict.authentic, bare.overall()), (Answer::Unknown, Overall::Reject));
        let forged = drill.look(&drill.forged(), None, reach).await;
        assert_eq!(code(&forged, CheckId::Proof), Code::ProofKeyCompromisedUnproven);
        assert_eq!(forged.overall(), Overall::Reject);
        // The honest badge's staple does not fit the forged one.
        let dressed = drill.look(&drill.forged(), Some(&drill.staple), reach).await;
        assert_eq!(code(&dressed, CheckId::Proof), Code::ProofKeyCompromisedUnproven);
        assert_eq!(code(&dressed, CheckId::Staple), Code::StapleUnproven);
    }
}

#[tokio::test]
async fn what_was_anchored_after_the_theft_is_refused() {
    let drill = Drill::new().await;
    // The theft is dated before the badge's own anchor.
    drill.steal_first_key(days_ago(390)).await;
    let found = drill.look(&drill.badge, Some(&drill.staple), Reach::ChainOnly).await;
    assert_eq!(code(&found, CheckId::Proof), Code::ProofKeyCompromised);
    assert_eq!((found.verdict.authentic, found.overall()), (Answer::No, Overall::Reject));
}

#[tokio::test]
async fn all_of_it_without_any_net() {
    let mut drill = Drill::new().await;
    drill.steal_first_key(days_ago(100)).await;
    drill.renew().await;
    let found = drill.look(&drill.badge, Some(&drill.staple), Reach::Nothing).await;
    assert_eq!(code(&found, CheckId::Proof), Code::ProofOkAnchored);
    assert_eq!(code(&found, CheckId::Status), Code::StatusValid);
    assert_eq!(code(&found, CheckId::Staple), Code::StapleOk);
    assert_eq!(found.overall(), Overall::Accept, "{:?}", found.findings);
    // Forged, dressed in what can be had of evidence: the key's state is among it.
    let digest = UnverifiedCredential::from_value(&drill.forged()).unwrap().digest();
    let worn = Staple { credential: hex::encode(digest), ..drill.staple.clone() };
    let forged = drill.look(&drill.forged(), Some(&worn), Reach::Nothing).await;
    assert_eq!(code(&forged, CheckId::Proof), Code::ProofKeyCompromisedUnproven);
    // An old staple does not hide the theft from whoever has learned of it, nor pass for news.
    let old = Staple { issuance: None, status: vec![], ..drill.staple.clone() };
    let old = Staple {
        credential: hex::encode(digest),
        chain: old.chain[..2].to_vec(),
        did: old.did[..1].to_vec(),
        ..old
    };
    let hidden = drill.look(&drill.forged(), Some(&old), Reach::Nothing).await;
    assert_eq!(code(&hidden, CheckId::Proof), Code::ProofKeyStateUnknown);
    assert_eq!(hidden.verdict.authentic, Answer::Unknown);
    let states = drill.land.reader.key_states(drill.first.did.as_str()).await.unwrap();
    let book = KeyBook { as_of: now(), issuers: [(drill.first.did.to_string(), states)].into() };
    let grounds = Grounds { keys: Some(Arc::new(book)), ..drill.land.grounds() };
    let known = drill.look_with(&drill.forged(), Some(&old), Reach::Nothing, grounds).await;
    assert_eq!(code(&known, CheckId::Proof), Code::ProofKeyCompromisedUnproven);
    // No staple, no net: nothing is known, nothing is said against it.
    let nothing = drill.look(&drill.badge, None, Reach::Nothing).await;
    assert_eq!(nothing.overall(), Overall::Unknown);
}

#[tokio::test]
async fn a_tampered_staple_proves_nothing() {
    let drill = Drill::new().await;
    drill.steal_first_key(days_ago(100)).await;
    let mut cases: Vec<Staple> = Vec::new();
    let change = |change: &dyn Fn(&mut Staple)| {
        let mut staple = drill.staple.clone();
        change(&mut staple);
        staple
    };
    cases.push(change(&|one| one.issuance.as_mut().unwrap().salt = hex::encode([9; 32])));
    cases.push(change(&|one| one.issuance.as_mut().unwrap().epoch = 2));
    cases.push(change(&|one| one.chain[1].witnesses.clear()));
    cases.push(change(&|one| one.chain[1].proof.header_rlp[100] ^= 1));
    cases.push(change(&|one| one.chain[1].proof.account_proof[0][40] ^= 1));
    cases.push(change(&|one| one.chain[1].proof.storage_proofs[0].0[0][20] ^= 1));
    cases.push(change(&|one| one.chain[1].proof.slots.swap(0, 1)));
    cases.push(change(&|one| one.chain[1].proof.contract = Address::ZERO));
    cases.push(change(&|one| drop(one.chain.remove(0))));
    for staple in &cases {
        let found = drill.look(&drill.badge, Some(staple), Reach::Nothing).await;
        assert_ne!(found.verdict.authentic, Answer::Yes);
        assert_ne!(found.overall(), Overall::Accept);
    }
    // Pinned witnesses of somebody else.
    let grounds = Grounds::default();
    let found = drill.look_with(&drill.badge, Some(&drill.staple), Reach::Nothing, grounds).await;
    assert_eq!(code(&found, CheckId::Staple), Code::StapleUnproven);
    assert_eq!(found.verdict.authentic, Answer::Unknown);
}

#[tokio::test]
async fn a_stapled_list_stands_in_for_a_silent_host_and_ages() {
    let mut drill = Drill::new().await;
    drill.renew().await;
    let found = drill.look(&drill.badge, Some(&drill.staple), Reach::ChainOnly).await;
    assert_eq!(code(&found, CheckId::Status), Code::StatusValid);
    assert!(found.anchor_as_of.is_some());
    // A newer epoch without this list: the chain that can be asked knows better.
    let newer = EpochBuilder::new(3, now().plus_seconds(86_400).unix())
        .status_list(&drill.issuer.list_url(), 3, [9; 32])
        .build(&[6; 32])
        .unwrap();
    drill.land.anchor(&drill.issuer, newer.record()).await;
    let found = drill.look(&drill.badge, Some(&drill.staple), Reach::ChainOnly).await;
    assert_eq!(found.verdict.in_force, Answer::Unknown);
    assert!(drill.epoch.record().epoch < newer.record().epoch);
}
