use credential_verification::store_contract::{example_session, verifier_store_contract};

use super::*;
use crate::engine::EngineKind;

#[tokio::test]
async fn keeps_the_contract() {
    let database = Database::open_temporary().unwrap();
    verifier_store_contract(&EmbeddedVerifierStore::new(database)).await;
}

#[cfg(feature = "sled")]
#[tokio::test]
async fn keeps_the_contract_on_sled() {
    let database = Database::open_temporary_with(EngineKind::Sled).unwrap();
    verifier_store_contract(&EmbeddedVerifierStore::new(database)).await;
}

#[tokio::test]
async fn the_memory_store_keeps_the_same_contract() {
    verifier_store_contract(&credential_verification::store::MemoryStore::new()).await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let session = example_session(7, Moment::from_unix(1_800_000_000));
    let list =
        SeenList { version: 9, sha256: "nine".to_owned(), as_of: Moment::from_unix(1_800_000_000) };
    {
        let store = EmbeddedVerifierStore::new(
            Database::open(directory.path(), EngineKind::Fjall).unwrap(),
        );
        store.create_session(&session).await.unwrap();
        store.see_list("a", &list).await.unwrap();
    }
    let store =
        EmbeddedVerifierStore::new(Database::open(directory.path(), EngineKind::Fjall).unwrap());
    assert_eq!(store.session(&session.id).await.unwrap(), Some(session));
    let older = SeenList { version: 8, ..list.clone() };
    assert_eq!(store.see_list("a", &older).await.unwrap(), SeenBefore::Older(list));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_parallel_answers_exactly_one_wins() {
    let store = EmbeddedVerifierStore::new(Database::open_temporary().unwrap());
    let session = example_session(8, Moment::from_unix(1_800_000_000));
    store.create_session(&session).await.unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (store, session) = (store.clone(), session.clone());
            tokio::spawn(async move { store.advance_session(&session).await.is_ok() })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += usize::from(task.await.unwrap());
    }
    assert_eq!(won, 1);
}
