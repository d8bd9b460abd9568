//! Anchor batches and what waits for one.

use credential_issuance::anchor::{AnchorBatch, DidAnchor};
use credential_issuance::audit::AuditEvent;
use credential_issuance::credential::CredentialRecord;

use super::{Answer, EmbeddedIssuerStore, StoreError, tables};
use crate::engine::Batch;

impl EmbeddedIssuerStore {
    pub(super) fn waiting_for_batch(&self, limit: usize) -> Answer<Vec<CredentialRecord>> {
        let mut records = Vec::new();
        for (id, _) in self.rows(tables::UNANCHORED, b"", None, limit)? {
            records.extend(self.record::<CredentialRecord>(tables::CREDENTIALS, id)?);
        }
        Ok(records)
    }

    pub(super) fn write_new_batch(&self, anchor: &AnchorBatch, audit: AuditEvent) -> Answer<()> {
        let _writer = self.database.exclusive();
        let last: u64 = self.record(tables::SINGLES, tables::BATCH_HEAD)?.unwrap_or(0);
        if anchor.number != last + 1 || anchor.revision != 1 {
            return Err(StoreError::Conflict);
        }
        let mut batch = Batch::new();
        tables::put(&mut batch, tables::BATCHES, anchor.number.to_be_bytes(), anchor)?;
        tables::put(&mut batch, tables::SINGLES, tables::BATCH_HEAD, &anchor.number)?;
        for leaf in &anchor.issued {
            let id = leaf.credential.as_str();
            if self.get(tables::UNANCHORED, id.as_bytes())?.is_none() {
                return Err(StoreError::Conflict);
            }
            let record: CredentialRecord =
                self.record(tables::CREDENTIALS, id)?.ok_or(StoreError::Missing("credential"))?;
            let revision = record.revision + 1;
            let record = CredentialRecord { batch: Some(anchor.number), revision, ..record };
            tables::put(&mut batch, tables::CREDENTIALS, id, &record)?;
            tables::UNANCHORED.delete(&mut batch, id);
        }
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }

    pub(super) fn write_next_batch(
        &self,
        anchor: &AnchorBatch,
        audit: Option<AuditEvent>,
    ) -> Answer<()> {
        let _writer = self.database.exclusive();
        let before: AnchorBatch = self
            .record(tables::BATCHES, anchor.number.to_be_bytes())?
            .ok_or(StoreError::Missing("anchor batch"))?;
        if before.revision + 1 != anchor.revision {
            return Err(StoreError::Conflict);
        }
        let mut batch = Batch::new();
        tables::put(&mut batch, tables::BATCHES, anchor.number.to_be_bytes(), anchor)?;
        if let Some(event) = audit {
            self.seal_into(&mut batch, event)?;
        }
        self.commit(batch)
    }

    pub(super) fn newest_batches(&self, limit: usize) -> Answer<Vec<AnchorBatch>> {
        let last: u64 = self.record(tables::SINGLES, tables::BATCH_HEAD)?.unwrap_or(0);
        let mut batches = Vec::new();
        for number in (1..=last).rev().take(limit) {
            batches.extend(self.record::<AnchorBatch>(tables::BATCHES, number.to_be_bytes())?);
        }
        Ok(batches)
    }

    pub(super) fn write_did_anchor(
        &self,
        anchor: &DidAnchor,
        audit: Option<AuditEvent>,
    ) -> Answer<()> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        tables::put(&mut batch, tables::SINGLES, tables::DID_ANCHOR, anchor)?;
        if let Some(event) = audit {
            self.seal_into(&mut batch, event)?;
        }
        self.commit(batch)
    }
}
