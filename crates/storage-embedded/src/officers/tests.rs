use std::sync::Arc;

use officer_access::store_contract;

use super::EmbeddedAccessStore;
use crate::engine::{Database, EngineKind};

#[tokio::test]
async fn officers_access_keeps_the_contract_on_every_engine() {
    for kind in [EngineKind::Fjall, EngineKind::Sled] {
        let database = match Database::open_temporary_with(kind) {
            Ok(database) => database,
            Err(error) if error.code() == "store_engine_missing" => continue,
            Err(error) => panic!("{error}"),
        };
        store_contract::all(Arc::new(EmbeddedAccessStore::new(database))).await;
    }
}
