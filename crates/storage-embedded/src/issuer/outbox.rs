//! The chain writer's outbox, in the same database as what it anchors.

use evm_chain::{Outbox, OutboxError, OutboxRow};

use super::{EmbeddedIssuerStore, tables};
use crate::engine::Batch;

impl Outbox for EmbeddedIssuerStore {
    fn load(&self) -> Result<Vec<OutboxRow>, OutboxError> {
        let page = credential_issuance::store::Page { after: None, limit: usize::MAX };
        self.page(tables::OUTBOX, page).map_err(|error| OutboxError(error.to_string()))
    }

    fn put(&self, row: &OutboxRow) -> Result<(), OutboxError> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        tables::put(&mut batch, tables::OUTBOX, row.key(), row)
            .and_then(|()| self.commit(batch))
            .map_err(|error| OutboxError(error.to_string()))
    }
}
