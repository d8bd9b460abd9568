//! The test suite every backend of [`AccessStore`] passes: plain functions that panic when a
//! promise is broken. Not gated: a backend lives in another crate.

// A contract test's way of failing is a panic.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use std::sync::Arc;

use credential_model::moment::Moment;

use crate::store::{AccessStore, Row, Shelf, StoreError, Write};

/// Runs the whole contract over one empty store.
pub async fn all(store: Arc<dyn AccessStore>) {
    rows_are_found_again(&*store).await;
    conditions_hold(&*store).await;
    a_refused_list_changes_nothing(&*store).await;
    shelves_are_apart_and_paged_in_byte_order(&*store).await;
    only_what_expired_is_forgotten(&*store).await;
    one_of_two_writers_wins(store).await;
}

fn insert(shelf: Shelf, key: &str, text: &str) -> Write {
    Write::Insert { shelf, key: key.to_owned(), text: text.to_owned(), expires: None }
}

fn replace(shelf: Shelf, key: &str, revision: u64, text: &str) -> Write {
    Write::Replace { shelf, key: key.to_owned(), revision, text: text.to_owned(), expires: None }
}

fn delete(shelf: Shelf, key: &str, revision: u64) -> Write {
    Write::Delete { shelf, key: key.to_owned(), revision }
}

async fn text(store: &dyn AccessStore, shelf: Shelf, key: &str) -> Option<String> {
    store.get(shelf, key).await.unwrap().map(|row| row.text)
}

async fn rows_are_found_again(store: &dyn AccessStore) {
    assert_eq!(store.get(Shelf::Accounts, "a1").await.unwrap(), None);
    // Record texts are JSON; whatever stands in a string must come back, U+0000 escaped included.
    let record = r#"{"name":"홍길동(가상인물) 똠 뷁 힣 \u0000 \"'<>"}"#;
    let expires = Some(Moment::from_unix(1_900_000_000));
    let write = Write::Insert {
        shelf: Shelf::Accounts,
        key: "a1".to_owned(),
        text: record.to_owned(),
        expires,
    };
    store.apply(&[write]).await.unwrap();
    let found = store.get(Shelf::Accounts, "a1").await.unwrap().unwrap();
    let wanted = Row { key: "a1".to_owned(), revision: 1, expires, text: record.to_owned() };
    assert_eq!(found, wanted);
    store.apply(&[replace(Shelf::Accounts, "a1", 1, "{}")]).await.unwrap();
    let found = store.get(Shelf::Accounts, "a1").await.unwrap().unwrap();
    assert_eq!((found.revision, found.expires, found.text.as_str()), (2, None, "{}"));
    store.apply(&[delete(Shelf::Accounts, "a1", 2)]).await.unwrap();
    assert_eq!(store.get(Shelf::Accounts, "a1").await.unwrap(), None);
    store.apply(&[insert(Shelf::Accounts, "a1", "again")]).await.unwrap();
    assert_eq!(store.get(Shelf::Accounts, "a1").await.unwrap().unwrap().revision, 1);
    store.apply(&[delete(Shelf::Accounts, "a1", 1)]).await.unwrap();
}

async fn conditions_hold(store: &dyn AccessStore) {
    let shelf = Shelf::ApiKeys;
    store.apply(&[insert(shelf, "k", "1")]).await.unwrap();
    let refused = [
        (insert(shelf, "k", "2"), StoreError::Taken),
        (replace(shelf, "k", 2, "2"), StoreError::Conflict),
        (replace(shelf, "other", 1, "2"), StoreError::Conflict),
        (delete(shelf, "k", 9), StoreError::Conflict),
        (delete(shelf, "other", 1), StoreError::Conflict),
    ];
    for (write, wanted) in refused {
        assert_eq!(store.apply(std::slice::from_ref(&write)).await, Err(wanted), "{write:?}");
    }
    assert_eq!(text(store, shelf, "k").await.as_deref(), Some("1"));
}

async fn a_refused_list_changes_nothing(store: &dyn AccessStore) {
    let shelf = Shelf::Logins;
    store.apply(&[insert(shelf, "stays", "1")]).await.unwrap();
    let list = [
        insert(shelf, "new", "1"),
        replace(shelf, "stays", 1, "2"),
        insert(Shelf::Accounts, "new", "1"),
        delete(shelf, "absent", 1),
    ];
    assert_eq!(store.apply(&list).await, Err(StoreError::Conflict));
    assert_eq!(text(store, shelf, "new").await, None);
    assert_eq!(text(store, Shelf::Accounts, "new").await, None);
    assert_eq!(text(store, shelf, "stays").await.as_deref(), Some("1"));
    store.apply(&[]).await.unwrap();
}

async fn shelves_are_apart_and_paged_in_byte_order(store: &dyn AccessStore) {
    let shelf = Shelf::Actions;
    for key in ["b", "a", "Z", "a-1", "b/2", "0"] {
        store.apply(&[insert(shelf, key, key)]).await.unwrap();
    }
    let keys = async |after: Option<&str>, limit| -> Vec<String> {
        let rows = store.list(shelf, after, limit).await.unwrap();
        rows.into_iter().map(|row| row.key).collect()
    };
    assert_eq!(keys(None, 100).await, ["0", "Z", "a", "a-1", "b", "b/2"]);
    assert_eq!(keys(None, 2).await, ["0", "Z"]);
    assert_eq!(keys(Some("Z"), 2).await, ["a", "a-1"]);
    assert_eq!(keys(Some("b/2"), 2).await, Vec::<String>::new());
    assert!(store.list(Shelf::OpenActions, None, 10).await.unwrap().is_empty());
    assert_eq!(text(store, Shelf::OpenActions, "a").await, None);
}

async fn only_what_expired_is_forgotten(store: &dyn AccessStore) {
    let now = Moment::from_unix(1_800_000_000);
    for (key, expires) in [("old", -1), ("edge", 0), ("young", 1)] {
        let write = Write::Insert {
            shelf: Shelf::Sessions,
            key: key.to_owned(),
            text: key.to_owned(),
            expires: Some(now.plus_seconds(expires)),
        };
        store.apply(&[write]).await.unwrap();
    }
    store.apply(&[insert(Shelf::Sessions, "forever", "1")]).await.unwrap();
    // A row whose time was moved is not forgotten at its old time.
    let moved = Write::Insert {
        shelf: Shelf::Sessions,
        key: "moved".to_owned(),
        text: "1".to_owned(),
        expires: Some(now.minus_seconds(5)),
    };
    store.apply(&[moved]).await.unwrap();
    let later = Write::Replace {
        shelf: Shelf::Sessions,
        key: "moved".to_owned(),
        revision: 1,
        text: "2".to_owned(),
        expires: Some(now.plus_seconds(5)),
    };
    store.apply(&[later]).await.unwrap();
    assert_eq!(store.forget(now, 100).await.unwrap(), 1);
    assert_eq!(text(store, Shelf::Sessions, "old").await, None);
    for key in ["edge", "young", "forever", "moved"] {
        assert!(text(store, Shelf::Sessions, key).await.is_some(), "{key}");
    }
    assert_eq!(store.forget(now.plus_seconds(100), 2).await.unwrap(), 2);
    assert_eq!(store.forget(now.plus_seconds(100), 9).await.unwrap(), 1);
    assert_eq!(store.forget(now.plus_seconds(100), 9).await.unwrap(), 0);
}

async fn one_of_two_writers_wins(store: Arc<dyn AccessStore>) {
    let shelf = Shelf::Attempts;
    store.apply(&[insert(shelf, "once", "1")]).await.unwrap();
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.apply(&[delete(shelf, "once", 1)]).await })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert_eq!(error, StoreError::Conflict),
        }
    }
    assert_eq!(won, 1);
}
