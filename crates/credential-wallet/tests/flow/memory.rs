//! The sealed memory: contract, tampering, swapping, going back in time.

use std::sync::Arc;

use credential_model::ambient::PredictableEntropy;
use credential_wallet::ledger::{Draft, Ledger, LedgerError};
use credential_wallet::store::memory::{MemoryWalletStore, MemoryWitness};
use credential_wallet::store::{Change, SealedRecord, Shelf, WalletStore, Witness};
use credential_wallet::store_contract;
use serde_json::{Value, json};
use signing_keys::sealed::{KdfParameters, Vault};

use crate::support::wallet::Pocket;

#[test]
fn the_memory_store_fulfils_the_contract() {
    store_contract::all(MemoryWalletStore::default);
}

fn put(ledger: &Ledger, id: &str, value: &Value) {
    ledger.commit(vec![Draft::put(Shelf::History, id, value).unwrap()]).unwrap();
}

fn get(ledger: &Ledger, id: &str) -> Result<Option<Value>, LedgerError> {
    ledger.get(Shelf::History, id)
}

/// Puts other bytes in place of a record, behind the wallet's back.
fn smuggle(pocket: &Pocket, id: &str, sealed: Vec<u8>, version: u64) {
    let present = pocket.store.get(Shelf::History, id).unwrap().unwrap();
    let delete =
        Change::Delete { shelf: Shelf::History, id: id.to_owned(), version: present.version };
    let mut changes = vec![delete];
    for step in 1..=version {
        let record = SealedRecord { id: id.to_owned(), version: step, sealed: sealed.clone() };
        changes.push(Change::Put { shelf: Shelf::History, record });
    }
    pocket.store.commit(&changes).unwrap();
}

#[test]
fn nothing_is_readable_without_the_vault_and_everything_with_it() {
    let pocket = Pocket::new();
    put(&pocket.ledger(), "a", &json!({"name": "홍길동(가상인물)"}));
    let sealed = pocket.store.get(Shelf::History, "a").unwrap().unwrap().sealed;
    assert!(!String::from_utf8_lossy(&sealed).contains("홍길동"));
    assert_eq!(get(&pocket.ledger(), "a").unwrap().unwrap()["name"], "홍길동(가상인물)");

    let other = Vault::create(
        "test",
        b"another passphrase",
        KdfParameters::CHEAPEST_FOR_TESTS,
        Arc::new(PredictableEntropy::new(1)),
    )
    .unwrap();
    let opened =
        Ledger::open(Arc::clone(&pocket.store) as _, other, Arc::clone(&pocket.witness) as _);
    assert_eq!(opened.err().unwrap().code(), "store_tampered");
}

#[test]
fn a_changed_byte_a_swapped_record_and_an_older_version_show() {
    let pocket = Pocket::new();
    let ledger = pocket.ledger();
    put(&ledger, "a", &json!(1));
    put(&ledger, "b", &json!(2));
    let a = pocket.store.get(Shelf::History, "a").unwrap().unwrap();
    let b = pocket.store.get(Shelf::History, "b").unwrap().unwrap();

    let mut flipped = a.sealed.clone();
    *flipped.last_mut().unwrap() ^= 1;
    smuggle(&pocket, "a", flipped, 1);
    assert_eq!(get(&ledger, "a").unwrap_err().code(), "store_tampered");
    smuggle(&pocket, "a", b.sealed, 1);
    assert_eq!(get(&ledger, "a").unwrap_err().code(), "store_tampered");
    smuggle(&pocket, "a", a.sealed.clone(), 1);
    assert!(get(&ledger, "a").is_ok());

    put(&ledger, "a", &json!(3));
    smuggle(&pocket, "a", a.sealed.clone(), 1);
    assert_eq!(get(&ledger, "a").unwrap_err().code(), "store_rolled_back");
    smuggle(&pocket, "a", a.sealed, 2);
    assert_eq!(get(&ledger, "a").unwrap_err().code(), "store_tampered", "the version is sealed in");
}

#[test]
fn a_removed_or_added_record_shows() {
    let pocket = Pocket::new();
    let ledger = pocket.ledger();
    put(&ledger, "a", &json!(1));
    let record = pocket.store.get(Shelf::History, "a").unwrap().unwrap();
    pocket
        .store
        .commit(&[Change::Delete { shelf: Shelf::History, id: "a".to_owned(), version: 1 }])
        .unwrap();
    assert_eq!(get(&ledger, "a").unwrap_err().code(), "store_rolled_back");
    assert_eq!(ledger.list::<Value>(Shelf::History).unwrap_err().code(), "store_rolled_back");
    let added = SealedRecord { id: "z".to_owned(), ..record };
    pocket.store.commit(&[Change::Put { shelf: Shelf::Sessions, record: added }]).unwrap();
    assert_eq!(ledger.list::<Value>(Shelf::Sessions).unwrap_err().code(), "store_rolled_back");
}

#[test]
fn an_older_copy_of_the_whole_store_is_noticed() {
    let pocket = Pocket::new();
    put(&pocket.ledger(), "a", &json!(1));
    let yesterday = Arc::new(pocket.store.snapshot());
    put(&pocket.ledger(), "b", &json!(2));
    let opened = Ledger::open(yesterday, pocket.vault.clone(), Arc::clone(&pocket.witness) as _);
    assert_eq!(opened.err().unwrap().code(), "store_rolled_back");
    let emptied = Ledger::open(
        Arc::new(MemoryWalletStore::default()),
        pocket.vault.clone(),
        Arc::clone(&pocket.witness) as _,
    );
    assert_eq!(emptied.err().unwrap().code(), "store_rolled_back");
}

#[test]
fn a_crash_between_commit_and_witness_is_healed() {
    let pocket = Pocket::new();
    put(&pocket.ledger(), "a", &json!(1));
    let behind = Arc::new(MemoryWitness::default());
    let ledger = Ledger::open(
        Arc::clone(&pocket.store) as _,
        pocket.vault.clone(),
        Arc::clone(&behind) as _,
    )
    .unwrap();
    assert_eq!(behind.highest().unwrap(), 1);
    assert!(get(&ledger, "a").unwrap().is_some());
}

#[test]
fn a_second_writer_conflicts_and_loses_nothing() {
    let pocket = Pocket::new();
    let (one, two) = (pocket.ledger(), pocket.ledger());
    put(&one, "a", &json!(1));
    let outcome = two.commit(vec![Draft::put(Shelf::History, "b", &json!(2)).unwrap()]);
    assert_eq!(outcome.unwrap_err().code(), "store_conflict");
    assert_eq!(pocket.ledger().list::<Value>(Shelf::History).unwrap(), [json!(1)]);
}

#[test]
fn deleting_and_writing_again() {
    let pocket = Pocket::new();
    let ledger = pocket.ledger();
    assert!(ledger.is_empty());
    put(&ledger, "a", &json!(1));
    ledger.commit(vec![Draft::delete(Shelf::History, "a")]).unwrap();
    ledger.commit(vec![Draft::delete(Shelf::History, "a")]).unwrap();
    assert_eq!(get(&ledger, "a").unwrap(), None);
    assert!(ledger.is_empty());
    put(&ledger, "a", &json!(2));
    assert_eq!(get(&pocket.ledger(), "a").unwrap(), Some(json!(2)));
}
