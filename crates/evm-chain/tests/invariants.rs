//! Random actors do random things; a model in Rust says what must come of it. Nobody but the
//! controller changes an entry, versions and epochs only grow, a child stays within its parent,
//! history is only added to, and while writes are stopped nothing changes at all.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "native")]

mod workbench;

use std::{collections::BTreeMap, sync::Arc};

use alloy::{primitives::U256, sol, sol_types::SolCall};
use evm_chain::{
    AccreditationStatus, Address, Authority, ChainReader, ChainWriter, DidStatus, DirectoryAction,
    EpochRecord, Grant, Indexer, KeyChange, KeyStatus, MemoryIndex, Proposal, ReadChain, Scope,
    StateChange, best_authority, key_id_hash, slots, type_hash,
};
use serde_json::json;
use workbench::{Bench, Ready, settle};

const DIDS: [&str; 2] = ["did:web:one.sinpyo.example", "did:web:two.sinpyo.example"];
const KEYS: [&str; 2] = ["key-1", "key-2"];
const TYPES: [&str; 3] = ["A", "B", "C"];

sol! {
    function authorised(bytes32 issuer, bytes32 typeHash, uint256 time) external view returns (uint8, bytes32);
}

/// splitmix64: the same sequence for the same seed, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

#[derive(Default, Clone, Debug, PartialEq)]
struct Entry {
    controller: Option<Address>,
    version: u64,
    gone: bool,
    offered: Option<Address>,
    epoch: u64,
    first_writer: Option<Address>,
    keys: BTreeMap<&'static str, (KeyStatus, i64, Option<i64>)>,
}

impl Entry {
    /// Whether the step is allowed, done when it is.
    fn key(&mut self, key: &'static str, status: KeyStatus, since: i64, now: i64) -> bool {
        let old = self.keys.get(key).copied();
        let allowed = since > 0
            && since <= now
            && match (old, status) {
                (None, _) => true,
                (Some((KeyStatus::Compromised, before, _)), KeyStatus::Compromised) => {
                    since < before
                }
                (Some(_), KeyStatus::Compromised) => true,
                (Some((KeyStatus::Active, before, _)), KeyStatus::Retired) => since >= before,
                _ => false,
            };
        if allowed {
            let retired = match status {
                KeyStatus::Retired => Some(since),
                _ => old.and_then(|(_, _, retired)| retired),
            };
            self.keys.insert(key, (status, since, retired));
        }
        allowed
    }
}

struct World {
    bench: Bench,
    ready: Ready,
    actors: Vec<ChainWriter>,
    entries: [Entry; 2],
    paused: bool,
    salt: u8,
}

/// What was tried and whether the model allows it.
struct Tried {
    what: String,
    allowed: bool,
    sent: Result<evm_chain::SentTx, evm_chain::ChainWriteError>,
}

impl World {
    async fn new() -> Self {
        let bench = Bench::dev().await;
        let ready = bench.ready().await;
        let mut actors = Vec::new();
        for seed in 2..5 {
            actors.push(bench.actor(&ready.settings, seed).await);
        }
        Self { bench, ready, actors, entries: Default::default(), paused: false, salt: 0 }
    }

    async fn step(&mut self, dice: &mut Dice) {
        let (who, which) = (dice.roll(3) as usize, dice.roll(2) as usize);
        let now = self.bench.now().await;
        let actor = &self.actors[who];
        let (did, me) = (DIDS[which], actor.address());
        let entry = &mut self.entries[which];
        let may = !self.paused;
        let mine = entry.controller == Some(me);
        let tried = match dice.roll(8) {
            0 | 1 => {
                let expected = entry.version.saturating_sub(dice.roll(5) / 4);
                let allowed =
                    may && (entry.version == 0 || mine) && expected == entry.version && !entry.gone;
                let document = format!("{{\"r\":{}}}", dice.roll(u64::MAX));
                let sent = actor.publish_did(did, document.as_bytes(), expected).await;
                if allowed {
                    (entry.controller, entry.version) = (Some(me), entry.version + 1);
                }
                Tried { what: format!("publish {expected}"), allowed, sent }
            }
            2 if dice.roll(4) == 0 => {
                let allowed = may && mine && !entry.gone;
                let sent = actor.deactivate_did(did, entry.version).await;
                if allowed {
                    (entry.gone, entry.version) = (true, entry.version + 1);
                }
                Tried { what: "deactivate".into(), allowed, sent }
            }
            2 | 3 => {
                let to = self.actors[dice.roll(3) as usize].address();
                // The outbox takes the same offer again for the one made before.
                if entry.offered == Some(to) {
                    return;
                }
                let allowed = may && mine;
                // A purpose is used once: another account offers by another row.
                let sent = restart(&self.ready, who).offer_did_controller(did, to).await;
                if allowed {
                    entry.offered = Some(to);
                }
                Tried { what: format!("offer to {to}"), allowed, sent }
            }
            4 => {
                let allowed = may && entry.offered == Some(me);
                let sent = restart(&self.ready, who).accept_did_controller(did).await;
                if allowed {
                    (entry.controller, entry.offered) = (Some(me), None);
                }
                Tried { what: "accept".into(), allowed, sent }
            }
            5 => {
                let status = [KeyStatus::Active, KeyStatus::Retired, KeyStatus::Compromised]
                    [dice.roll(3) as usize];
                let since = now - 500 + dice.roll(600) as i64;
                let key = KEYS[dice.roll(2) as usize];
                let id = format!("{did}#{key}");
                let allowed = may && mine && entry.key(key, status, since, now);
                let change = KeyChange { status, since };
                let sent = restart(&self.ready, who).publish_key_state(did, &id, change).await;
                Tried { what: format!("{key} {status:?} {since} at {now}"), allowed, sent }
            }
            _ => {
                let epoch = entry.epoch + dice.roll(6) / 4 + dice.roll(2);
                let writer = entry.controller.or(entry.first_writer);
                let allowed =
                    may && writer.is_none_or(|writer| writer == me) && epoch == entry.epoch + 1;
                let record = EpochRecord {
                    epoch,
                    status_root: [dice.roll(255) as u8; 32],
                    issuance_root: [1; 32],
                    valid_until: now + 1_000,
                    count: 1,
                    delta: Vec::new(),
                };
                let sent = restart(&self.ready, who).anchor_epoch(did, &record).await;
                if allowed {
                    entry.epoch = epoch;
                    if entry.controller.is_none() {
                        entry.first_writer = Some(me);
                    }
                }
                Tried { what: format!("epoch {epoch}"), allowed, sent }
            }
        };
        let said = format!("{} by {who} on {which}, paused {}", tried.what, self.paused);
        assert_eq!(tried.sent.is_ok(), tried.allowed, "{said}: {:?}", tried.sent);
    }

    async fn toggle(&mut self) {
        self.paused = !self.paused;
        self.salt += 1;
        let action = DirectoryAction::SetPaused(self.paused);
        let proposal = Proposal { action, salt: [self.salt; 32] };
        settle(&self.ready.writer, self.ready.writer.propose(&proposal).await.unwrap()).await;
        settle(&self.ready.writer, self.ready.writer.execute(&proposal).await.unwrap()).await;
    }

    /// The chain holds what the model holds.
    async fn compare(&self) {
        let reader = &self.ready.reader;
        for (did, entry) in DIDS.iter().zip(&self.entries) {
            let head = reader.did_head(did).await.unwrap();
            let found = head.map(|head| (head.version, head.controller, head.status));
            let status = if entry.gone { DidStatus::Deactivated } else { DidStatus::Active };
            let controller = entry.controller.unwrap_or_default();
            let meant = (entry.version != 0).then_some((entry.version, controller, status));
            assert_eq!(found, meant);
            let epoch = reader.status_head(did).await.unwrap().map_or(0, |head| head.epoch);
            assert_eq!(epoch, entry.epoch);
            let states = reader.key_states(did).await.unwrap();
            assert_eq!(states.len(), entry.keys.len());
            for (key, meant) in &entry.keys {
                let hash = key_id_hash(&format!("{did}#{key}"));
                let state = states.iter().find(|state| state.key == hash).unwrap();
                assert_eq!((state.status, state.since, state.retired_at), *meant);
            }
        }
    }
}

/// The actor's writer with an empty outbox: every try is a transaction of its own.
fn restart(ready: &Ready, who: usize) -> ChainWriter {
    ChainWriter::new(
        ready.settings.clone(),
        workbench::signer(who as u8 + 2),
        Arc::new(evm_chain::MemoryOutbox::default()),
    )
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_change_by_their_controller_only_and_forwards_only() {
    for seed in [1, 20_261_123] {
        let mut dice = Dice(seed);
        let mut world = World::new().await;
        for number in 0..120 {
            if dice.roll(20) == 0 {
                world.toggle().await;
            }
            // Fresh outboxes: a writer's own memory must not decide what the contract decides.
            for (who, actor) in world.actors.iter_mut().enumerate() {
                *actor = restart(&world.ready, who);
            }
            world.step(&mut dice).await;
            if number % 6 == 5 {
                world.compare().await;
            }
        }
        world.compare().await;
    }
}

/// What the contract answers.
async fn on_chain(bench: &Bench, ready: &Ready, did: &str, name: &str, at: i64) -> u8 {
    let call = authorisedCall {
        issuer: slots::did_key(did).into(),
        typeHash: type_hash(name).into(),
        time: U256::from(at as u64),
    };
    let data = format!("0x{}", hex::encode(call.abi_encode()));
    let to = ready.contracts.accreditation_registry;
    let answer = bench.rpc("eth_call", json!([{ "to": to, "data": data }, "latest"])).await;
    u8::from_str_radix(&answer.as_str().unwrap()[64..66], 16).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accreditations_only_narrow_and_their_history_only_grows() {
    let bench = Bench::dev().await;
    let ready = bench.ready().await;
    let mut dice = Dice(7);
    // Four institutions, each controlled by its own account; the first one is the root's subject.
    let names: Vec<String> = (0..4).map(|n| format!("did:web:i{n}.sinpyo.example")).collect();
    for (name, seed) in names.iter().zip(2..) {
        let actor = bench.actor(&ready.settings, seed).await;
        settle(&actor, actor.publish_did(name, b"{}", 0).await.unwrap()).await;
    }
    let mut all: Vec<_> = TYPES.iter().map(|name| type_hash(name)).collect();
    all.sort_unstable();
    settle(&ready.writer, ready.writer.define_type_set(&all).await.unwrap()).await;
    let start = bench.now().await;
    let root = Grant {
        subject: names[0].clone(),
        index: 0,
        scope: Scope::Set(all.clone()),
        from: start - 1_000,
        until: start + 10_000,
        may_issue: false,
        may_accredit: true,
        statement: Vec::new(),
    };
    let proposal = Proposal { action: DirectoryAction::SetRoot(root), salt: [1; 32] };
    settle(&ready.writer, ready.writer.propose(&proposal).await.unwrap()).await;
    settle(&ready.writer, ready.writer.execute(&proposal).await.unwrap()).await;
    let mut before = BTreeMap::new();
    let (mut done, mut refused) = (0, 0);
    // The index is what makes this many looks cheap; at the end it is compared with the chain.
    let reader = ChainReader::new(ready.settings.clone()).unwrap();
    let indexer = Indexer::new(Arc::new(reader), Arc::new(MemoryIndex::default()));
    for _ in 0..110 {
        indexer.advance().await.unwrap();
        let index = indexer.index().unwrap();
        let known: Vec<_> = names.iter().map(|name| index.accreditations(name)).collect();
        // Nothing that was there is gone or changed; histories are longer at most.
        for record in known.iter().flatten().map(|chain| &chain.records[0]) {
            if let Some(old) = before.insert(record.id, record.clone()) {
                let evm_chain::AccreditationRecord { history, .. } = &old;
                assert_eq!(record.history[..history.len()], history[..]);
                let with_old_history =
                    evm_chain::AccreditationRecord { history: history.clone(), ..record.clone() };
                assert_eq!(with_old_history, old);
            }
        }
        let all_chains: Vec<_> = known.iter().flatten().collect();
        let chain = all_chains[dice.roll(all_chains.len() as u64) as usize];
        let (parent, to) = (chain.records[0].clone(), dice.roll(4) as usize);
        let grants = dice.roll(3) != 0;
        // Mostly by whom it behoves: the record's subject gives, the one above takes away.
        let behoves = if grants { chain.records.first() } else { chain.records.get(1) };
        let behoves = behoves.and_then(|record| {
            names.iter().position(|name| slots::did_key(name) == record.subject)
        });
        let who = match behoves {
            Some(who) if dice.roll(5) != 0 => who,
            _ => dice.roll(4) as usize,
        };
        let writer = restart(&ready, who);
        let sent = if grants {
            let narrow = |dice: &mut Dice| dice.roll(10) != 0;
            let grant = Grant {
                subject: names[to].clone(),
                index: known[to].len() as u64,
                scope: if dice.roll(2) == 0 {
                    Scope::Set(all.clone())
                } else {
                    Scope::Type(type_hash(TYPES[dice.roll(3) as usize]))
                },
                from: if narrow(&mut dice) { parent.from } else { parent.from - 1 },
                until: if narrow(&mut dice) { parent.until - 1 } else { parent.until + 1 },
                may_issue: true,
                may_accredit: dice.roll(4) != 0,
                statement: Vec::new(),
            };
            writer.accredit(&parent.id, &grant).await
        } else {
            let status = [
                AccreditationStatus::Active,
                AccreditationStatus::Suspended,
                AccreditationStatus::Suspended,
                AccreditationStatus::Revoked,
            ][dice.roll(4) as usize];
            let now = bench.now().await;
            let from = now + dice.roll(60) as i64;
            let until =
                (status == AccreditationStatus::Suspended && dice.roll(2) == 0).then(|| from + 30);
            let change = StateChange {
                id: parent.id,
                index: parent.history.len() as u64,
                status,
                from,
                until,
                statement: Vec::new(),
            };
            writer.change_accreditation(&change).await
        };
        if sent.is_ok() { done += 1 } else { refused += 1 }
    }
    assert!(done > 15 && refused > 15, "{done} done, {refused} refused");
    let answers = [
        Authority::Accredited,
        Authority::Suspended,
        Authority::Revoked,
        Authority::OutOfPeriod,
        Authority::NotAccredited,
    ];
    let mut seen = std::collections::BTreeSet::new();
    for name in &names {
        let chains = ready.reader.accreditations(name).await.unwrap();
        indexer.advance().await.unwrap();
        assert_eq!(indexer.index().unwrap().accreditations(name), chains);
        for chain in &chains {
            for pair in chain.records.windows(2) {
                let (child, parent) = (&pair[0], &pair[1]);
                assert!(child.from >= parent.from && child.until <= parent.until);
                assert!(parent.may_accredit && child.depth == parent.depth + 1 && child.depth <= 8);
                let covered = TYPES.iter().all(|name| {
                    let hash = type_hash(name);
                    !child.scope.covers(&hash) || parent.scope.covers(&hash)
                });
                assert!(covered);
            }
        }
        // The conclusion drawn here is the contract's, at any time.
        for kind in TYPES {
            for at in [start - 2_000, start, start + 20, start + 45, start + 80, start + 20_000] {
                let told = on_chain(&bench, &ready, name, kind, at).await;
                let (drawn, _) = best_authority(&chains, &type_hash(kind), at);
                assert_eq!(answers[usize::from(told)], drawn, "{name} {kind} {at}");
                seen.insert(drawn);
            }
        }
    }
    assert!(seen.len() >= 4, "{seen:?}");
}
