//! What each operation costs, compared with the checked-in table.
//!
//! After a change of the contracts: `SINPYO_WRITE_GAS=1 cargo test -p evm-chain --test gas` writes
//! `gas.json` anew (and fails once more, being compiled with the old one); the difference belongs
//! into the review.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "native")]

mod workbench;

use std::collections::BTreeMap;

use evm_chain::{
    AccreditationStatus, DirectoryAction, EpochRecord, Grant, KeyChange, KeyStatus, Proposal,
    ReadChain, Scope, SentTx, StateChange,
    costs::{GasTable, NATION, Scale, simulate},
    type_hash,
};
use workbench::{Bench, Ready, settle};

const DID: &str = "did:web:issuer.sinpyo.example";
/// The chain's clock stands still, so that every byte of every transaction is the same each time.
const NOW: i64 = 1_800_000_000;

struct Meter {
    bench: Bench,
    ready: Ready,
    table: BTreeMap<String, u64>,
}

impl Meter {
    async fn note(&mut self, operation: &str, sent: SentTx) {
        settle(&self.ready.writer, sent.clone()).await;
        self.table.insert(operation.to_owned(), self.bench.gas_of(sent.hash).await);
    }
}

fn epoch(number: u64, delta: usize) -> EpochRecord {
    EpochRecord {
        epoch: number,
        status_root: [0xa0 + number as u8; 32],
        issuance_root: [0xb0 + number as u8; 32],
        valid_until: 4_102_444_800,
        // As many lists as one would ever have; the cost of an epoch does not depend on it.
        count: 1_000_000,
        delta: vec![0x5a; delta],
    }
}

async fn measure() -> BTreeMap<String, u64> {
    let bench = Bench::dev_at(Box::new(|| NOW as u64)).await;
    let ready = bench.ready().await;
    let mut meter = Meter { bench, ready, table: BTreeMap::new() };
    for row in evm_chain::Outbox::load(&*meter.ready.outbox).unwrap() {
        let name = row.purpose.split(':').take(2).collect::<Vec<_>>().join("_").to_lowercase();
        let gas = meter.bench.gas_of(row.hash).await;
        meter.table.insert(name, gas);
    }
    documents_and_epochs(&mut meter).await;
    keys(&mut meter).await;
    accreditations(&mut meter).await;
    meter.table
}

macro_rules! note {
    ($meter:ident, $name:literal, $call:ident($($argument:expr),*)) => {
        let sent = $meter.ready.writer.$call($($argument),*).await.unwrap();
        $meter.note($name, sent).await;
    };
}

async fn documents_and_epochs(meter: &mut Meter) {
    note!(meter, "did_first_796_bytes", publish_did(DID, &[b'x'; 796], 0));
    note!(meter, "did_next_796_bytes", publish_did(DID, &[b'y'; 796], 1));
    note!(meter, "epoch_first", anchor_epoch(DID, &epoch(1, 0)));
    note!(meter, "epoch_next", anchor_epoch(DID, &epoch(2, 0)));
    let heartbeat = EpochRecord { epoch: 3, valid_until: 4_102_444_801, ..epoch(2, 0) };
    note!(meter, "epoch_heartbeat", anchor_epoch(DID, &heartbeat));
    note!(meter, "epoch_with_delta_2500_bytes", anchor_epoch(DID, &epoch(4, 2_500)));
    note!(meter, "did_deactivate", deactivate_did(DID, 2));
}

async fn keys(meter: &mut Meter) {
    let step = |status, since| KeyChange { status, since };
    note!(meter, "key_first", publish_key_state(DID, "k1", step(KeyStatus::Active, NOW - 100)));
    note!(meter, "key_retired", publish_key_state(DID, "k1", step(KeyStatus::Retired, NOW - 50)));
    let stolen = step(KeyStatus::Compromised, NOW - 60);
    note!(meter, "key_compromised", publish_key_state(DID, "k1", stolen));
    note!(meter, "key_another", publish_key_state(DID, "k2", stolen));
}

async fn accreditations(meter: &mut Meter) {
    let grant = Grant {
        subject: DID.to_owned(),
        index: 0,
        scope: Scope::Type(type_hash("A")),
        from: NOW - 100,
        until: NOW + 1_000_000,
        may_issue: true,
        may_accredit: true,
        statement: Vec::new(),
    };
    note!(meter, "type_set_of_2", define_type_set(&[type_hash("A"), type_hash("B")]));
    let root = Proposal { action: DirectoryAction::SetRoot(grant.clone()), salt: [1; 32] };
    note!(meter, "directory_propose_root", propose(&root));
    note!(meter, "directory_execute_root", execute(&root));
    let id = meter.ready.reader.accreditations(DID).await.unwrap()[0].records[0].id;
    let child = Grant { subject: "did:web:unit.example".to_owned(), ..grant };
    note!(meter, "accredit", accredit(&id, &child));
    let chains = meter.ready.reader.accreditations(&child.subject).await.unwrap();
    let suspension = StateChange {
        id: chains[0].records[0].id,
        index: 0,
        status: AccreditationStatus::Suspended,
        from: NOW,
        until: None,
        statement: Vec::new(),
    };
    note!(meter, "suspend", change_accreditation(&suspension));
    let pause = Proposal { action: DirectoryAction::SetPaused(true), salt: [2; 32] };
    note!(meter, "directory_propose_pause", propose(&pause));
    note!(meter, "directory_execute_pause", execute(&pause));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_operation_costs_what_the_table_says() {
    let operations = measure().await;
    let found = serde_json::to_string_pretty(&GasTable { operations }).unwrap() + "\n";
    if std::env::var_os("SINPYO_WRITE_GAS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/gas.json"), &found).unwrap();
    }
    assert_eq!(
        found,
        evm_chain::costs::MEASURED,
        "gas differs; if meant so: SINPYO_WRITE_GAS=1 cargo test -p evm-chain --test gas"
    );
}

#[test]
fn an_epoch_is_cheap_at_any_scale() {
    let table = GasTable::measured().unwrap();
    for operation in ["epoch_next", "epoch_heartbeat"] {
        assert!(table.of(operation).unwrap() <= 50_000, "{operation}");
    }
    let nation = simulate(NATION, &table).unwrap();
    let tenfold = simulate(Scale { credentials: 300_000_000, ..NATION }, &table).unwrap();
    assert_eq!(nation.epochs, tenfold.epochs, "people cost nothing");
    assert!(nation.epochs_with_deltas < nation.per_revocation / 20);
    assert!(nation.epochs < nation.per_record / 10_000);
    eprintln!("{nation:?}");
}
