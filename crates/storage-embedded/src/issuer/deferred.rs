//! Deferred requests.

use credential_issuance::DeferredRequestRecord;
use credential_issuance::audit::AuditEvent;
use credential_issuance::store::DeferCommit;

use super::{Answer, EmbeddedIssuerStore, StoreError, tables};
use crate::engine::Batch;

impl EmbeddedIssuerStore {
    pub(super) fn write_deferred(&self, commit: &DeferCommit) -> Answer<()> {
        let _writer = self.database.exclusive();
        let request = &commit.request;
        let id = request.id.as_str();
        if self.get(tables::DEFERRED, id.as_bytes())?.is_some()
            || self.get(tables::DEFERRED_BY_TRANSACTION, &request.transaction.0)?.is_some()
        {
            return Err(StoreError::Taken("deferred request"));
        }
        let mut batch = Batch::new();
        self.spend_into(&mut batch, &commit.nonces)?;
        tables::put(&mut batch, tables::DEFERRED, id, request)?;
        tables::DEFERRED_BY_TRANSACTION.put(&mut batch, request.transaction.0, id);
        let member = tables::member_key(request.offer.as_str(), id);
        tables::DEFERRED_BY_OFFER.put(&mut batch, member, tables::PRESENT);
        self.seal_into(&mut batch, commit.audit.clone())?;
        self.commit(batch)
    }

    pub(super) fn write_next_deferred(
        &self,
        request: &DeferredRequestRecord,
        audit: AuditEvent,
    ) -> Answer<()> {
        let _writer = self.database.exclusive();
        let before: DeferredRequestRecord = self
            .record(tables::DEFERRED, request.id.as_str())?
            .ok_or(StoreError::Missing("deferred request"))?;
        if before.revision + 1 != request.revision {
            return Err(StoreError::Conflict);
        }
        let mut batch = Batch::new();
        tables::DEFERRED_BY_TRANSACTION.delete(&mut batch, before.transaction.0);
        tables::DEFERRED_BY_TRANSACTION.put(&mut batch, request.transaction.0, request.id.as_str());
        tables::put(&mut batch, tables::DEFERRED, request.id.as_str(), request)?;
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }
}
