use credential_wallet::store::{Change, SealedRecord, Shelf, StoreError, WalletStore};
use credential_wallet::store_contract;

use super::EmbeddedWalletStore;
use crate::engine::Database;

fn fresh() -> EmbeddedWalletStore {
    EmbeddedWalletStore::new(Database::open_temporary().unwrap())
}

#[test]
fn fulfils_the_contract() {
    store_contract::all(fresh);
}

#[cfg(feature = "sled")]
#[test]
fn fulfils_the_contract_with_sled() {
    use crate::engine::EngineKind;
    store_contract::all(|| {
        EmbeddedWalletStore::new(Database::open_temporary_with(EngineKind::Sled).unwrap())
    });
}

#[test]
fn a_row_that_is_cut_short_is_unreadable_and_not_absent() {
    let database = Database::open_temporary().unwrap();
    let store = EmbeddedWalletStore::new(database.clone());
    let mut batch = crate::engine::Batch::new();
    batch.put("wallet-history-1", b"a", vec![1, 2, 3]);
    database.commit(batch).unwrap();
    assert!(matches!(store.get(Shelf::History, "a"), Err(StoreError::Unreadable(_))));
    assert!(matches!(store.list(Shelf::History, None, 10), Err(StoreError::Unreadable(_))));
}

#[test]
fn one_commit_may_write_a_record_twice() {
    let store = fresh();
    let put = |version, byte| Change::Put {
        shelf: Shelf::Sessions,
        record: SealedRecord { id: "a".to_owned(), version, sealed: vec![byte] },
    };
    store.commit(&[put(1, 1), put(2, 2)]).unwrap();
    assert_eq!(store.get(Shelf::Sessions, "a").unwrap().unwrap().version, 2);
    assert!(matches!(store.commit(&[put(3, 3), put(3, 4)]), Err(StoreError::Conflict)));
    assert_eq!(store.get(Shelf::Sessions, "a").unwrap().unwrap().sealed, vec![2]);
}
