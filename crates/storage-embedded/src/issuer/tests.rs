//! The flow's contract on every engine, and what only this backend promises: survival of a restart.

use credential_issuance::store_contract;
use credential_issuance::store_copy::{CopyError, Portable as _, copy, survey};

use super::EmbeddedIssuerStore;
use crate::engine::{Database, EngineKind};

fn engines() -> Vec<EngineKind> {
    let mut kinds = vec![EngineKind::Fjall];
    if cfg!(feature = "sled") {
        kinds.push(EngineKind::Sled);
    }
    kinds
}

fn temporary() -> EmbeddedIssuerStore {
    EmbeddedIssuerStore::new(Database::open_temporary().unwrap())
}

#[tokio::test]
async fn it_keeps_the_store_contract() {
    for kind in engines() {
        let make = || {
            let database = Database::open_temporary_with(kind).unwrap();
            std::sync::Arc::new(EmbeddedIssuerStore::new(database)) as _
        };
        store_contract::all(&make).await;
    }
}

#[tokio::test]
async fn it_keeps_the_contract_of_bulk_jobs() {
    use credential_issuance::bulk::store_contract::{self, Both};
    for kind in engines() {
        let make = || {
            let database = Database::open_temporary_with(kind).unwrap();
            let store = std::sync::Arc::new(EmbeddedIssuerStore::new(database));
            Both { bulk: store.clone(), issuer: store }
        };
        store_contract::all(&make).await;
    }
}

#[tokio::test]
async fn acknowledged_records_survive_reopening() {
    for kind in engines() {
        let directory = tempfile::tempdir().unwrap();
        let open = || EmbeddedIssuerStore::new(Database::open(directory.path(), kind).unwrap());
        let written = store_contract::fill(&open()).await;
        store_contract::find_again(&open(), &written).await;
    }
}

#[tokio::test]
async fn a_copy_is_the_same_store() {
    for kind in engines() {
        let (from, to) = (temporary(), Database::open_temporary_with(kind).unwrap());
        let written = store_contract::fill(&from).await;
        let to = EmbeddedIssuerStore::new(to);
        let report = copy(&from, &to, &|_| {}).await.unwrap();
        // A secret, an offer and its code, a nonce, a list that is open, a credential, the trail of 3.
        assert_eq!(report.rows(), 10, "{report:?}");
        assert_eq!(survey(&to).await.unwrap(), report);
        store_contract::find_again(&to, &written).await;
        assert!(!to.copy_unfinished().await.unwrap());
    }
}

#[tokio::test]
async fn a_copy_overwrites_nothing_and_takes_no_half_store() {
    let (from, to) = (temporary(), temporary());
    store_contract::fill(&from).await;
    store_contract::fill(&to).await;
    let refused = copy(&from, &to, &|_| {}).await.unwrap_err();
    assert_eq!(refused, CopyError::NotEmpty("secrets".to_owned()));
    let half = temporary();
    half.mark_copy(true).await.unwrap();
    assert_eq!(copy(&half, &temporary(), &|_| {}).await, Err(CopyError::SourceUnfinished));
    // An unfinished target is begun anew; what does not belong there is found by its digest.
    copy(&from, &half, &|_| {}).await.unwrap();
    let strange = temporary();
    strange.secret_of("another", [7; 32]).unwrap();
    strange.mark_copy(true).await.unwrap();
    let differs = copy(&from, &strange, &|_| {}).await.unwrap_err();
    assert_eq!(differs, CopyError::Differs("secrets".to_owned()));
    assert!(strange.copy_unfinished().await.unwrap(), "the mark stays");
    let verifier = crate::verifier::EmbeddedVerifierStore::new(Database::open_temporary().unwrap());
    assert_eq!(copy(&from, &verifier, &|_| {}).await, Err(CopyError::OtherService));
}
