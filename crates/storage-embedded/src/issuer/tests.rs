//! The flow's contract, and what only this backend promises: survival of a restart.

use credential_issuance::store_contract;

use super::EmbeddedIssuerStore;
use crate::engine::{Database, EngineKind};

fn temporary() -> EmbeddedIssuerStore {
    EmbeddedIssuerStore::new(Database::open_temporary().unwrap())
}

#[tokio::test]
async fn it_keeps_the_store_contract() {
    store_contract::all(&|| std::sync::Arc::new(temporary())).await;
}

#[tokio::test]
async fn acknowledged_records_survive_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let open = || {
        let database = Database::open(directory.path(), EngineKind::default()).unwrap();
        EmbeddedIssuerStore::new(database)
    };
    let written = store_contract::fill(&open()).await;
    store_contract::find_again(&open(), &written).await;
}
