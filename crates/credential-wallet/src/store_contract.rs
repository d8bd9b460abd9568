//! The test suite every [`WalletStore`] backend passes.
//!
//! Call [`all`] from the backend's tests with a function that opens a fresh store.

use crate::store::{Change, SealedRecord, Shelf, StoreError, WalletStore};

fn record(id: &str, version: u64, byte: u8) -> SealedRecord {
    SealedRecord { id: id.to_owned(), version, sealed: vec![byte; 40] }
}

fn put(shelf: Shelf, id: &str, version: u64, byte: u8) -> Change {
    Change::Put { shelf, record: record(id, version, byte) }
}

fn conflict(outcome: Result<(), StoreError>, what: &str) {
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{what}: {outcome:?}");
}

fn must<T>(outcome: Result<T, StoreError>, what: &str) -> T {
    match outcome {
        Ok(value) => value,
        Err(error) => panic!("{what}: {error}"),
    }
}

/// Runs every check, each on a fresh store.
///
/// # Panics
/// When the backend breaks the contract.
pub fn all<S: WalletStore>(fresh: impl Fn() -> S) {
    empty_store_answers_nothing(&fresh());
    what_was_put_is_read_back(&fresh());
    shelves_are_apart(&fresh());
    lists_are_ordered_and_paged(&fresh());
    versions_are_demanded(&fresh());
    a_commit_is_all_or_nothing(&fresh());
    deleting_demands_the_version(&fresh());
    of_two_writers_one_wins(&fresh());
}

fn empty_store_answers_nothing(store: &dyn WalletStore) {
    for shelf in Shelf::ALL {
        assert_eq!(must(store.get(shelf, "a"), "get"), None);
        assert!(must(store.list(shelf, None, 10), "list").is_empty());
    }
}

fn what_was_put_is_read_back(store: &dyn WalletStore) {
    must(store.commit(&[put(Shelf::Credentials, "a", 1, 7)]), "put");
    assert_eq!(must(store.get(Shelf::Credentials, "a"), "get"), Some(record("a", 1, 7)));
    must(store.commit(&[put(Shelf::Credentials, "a", 2, 8)]), "put again");
    assert_eq!(must(store.get(Shelf::Credentials, "a"), "get"), Some(record("a", 2, 8)));
    must(store.commit(&[]), "an empty commit is fine");
}

fn shelves_are_apart(store: &dyn WalletStore) {
    must(store.commit(&[put(Shelf::History, "a", 1, 1), put(Shelf::Sessions, "a", 1, 2)]), "put");
    assert_eq!(must(store.get(Shelf::Credentials, "a"), "get"), None);
    assert_eq!(must(store.get(Shelf::History, "a"), "get"), Some(record("a", 1, 1)));
    assert_eq!(must(store.list(Shelf::Sessions, None, 10), "list"), vec![record("a", 1, 2)]);
}

fn lists_are_ordered_and_paged(store: &dyn WalletStore) {
    for id in ["c", "a", "b"] {
        must(store.commit(&[put(Shelf::History, id, 1, 0)]), "put");
    }
    let ids = |records: Vec<SealedRecord>| -> Vec<String> {
        records.into_iter().map(|record| record.id).collect()
    };
    assert_eq!(ids(must(store.list(Shelf::History, None, 10), "list")), ["a", "b", "c"]);
    assert_eq!(ids(must(store.list(Shelf::History, None, 2), "list")), ["a", "b"]);
    assert_eq!(ids(must(store.list(Shelf::History, Some("a"), 10), "list")), ["b", "c"]);
    assert!(must(store.list(Shelf::History, Some("c"), 10), "list").is_empty());
}

fn versions_are_demanded(store: &dyn WalletStore) {
    conflict(store.commit(&[put(Shelf::Credentials, "a", 2, 0)]), "2 without 1");
    conflict(store.commit(&[put(Shelf::Credentials, "a", 0, 0)]), "0 is no version");
    must(store.commit(&[put(Shelf::Credentials, "a", 1, 1)]), "1");
    conflict(store.commit(&[put(Shelf::Credentials, "a", 1, 2)]), "1 twice");
    conflict(store.commit(&[put(Shelf::Credentials, "a", 3, 2)]), "3 after 1");
    assert_eq!(must(store.get(Shelf::Credentials, "a"), "get"), Some(record("a", 1, 1)));
}

fn a_commit_is_all_or_nothing(store: &dyn WalletStore) {
    must(store.commit(&[put(Shelf::Credentials, "a", 1, 1)]), "put");
    let outcome = store.commit(&[
        put(Shelf::Credentials, "b", 1, 1),
        put(Shelf::Credentials, "a", 1, 9),
        put(Shelf::History, "h", 1, 1),
    ]);
    conflict(outcome, "one bad change sinks all");
    assert_eq!(must(store.get(Shelf::Credentials, "b"), "get"), None);
    assert_eq!(must(store.get(Shelf::History, "h"), "get"), None);
}

fn deleting_demands_the_version(store: &dyn WalletStore) {
    let delete = |version| Change::Delete { shelf: Shelf::Sessions, id: "a".to_owned(), version };
    conflict(store.commit(&[delete(1)]), "nothing there");
    must(store.commit(&[put(Shelf::Sessions, "a", 1, 1)]), "put");
    conflict(store.commit(&[delete(2)]), "wrong version");
    must(store.commit(&[delete(1)]), "delete");
    assert_eq!(must(store.get(Shelf::Sessions, "a"), "get"), None);
    must(store.commit(&[put(Shelf::Sessions, "a", 1, 1)]), "the id is free again");
}

fn of_two_writers_one_wins(store: &dyn WalletStore) {
    must(store.commit(&[put(Shelf::State, "s", 1, 0)]), "put");
    let wins = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4u8)
            .map(|byte| scope.spawn(move || store.commit(&[put(Shelf::State, "s", 2, byte)])))
            .collect();
        writers
            .into_iter()
            .filter_map(|writer| writer.join().ok())
            .filter(|outcome| outcome.is_ok())
            .count()
    });
    assert_eq!(wins, 1, "exactly one writer may move the record from version 1 to 2");
}
