//! The audit trail. Sealed within the batch of what it tells of.

use credential_issuance::audit::{AuditEntry, AuditEvent, AuditHead, seal};

use super::{Answer, EmbeddedIssuerStore, tables};
use crate::engine::Batch;

impl EmbeddedIssuerStore {
    /// Seals an event into the batch. The caller holds the writer's place until the commit.
    pub(super) fn seal_into(&self, batch: &mut Batch, event: AuditEvent) -> Answer<()> {
        self.seal_all_into(batch, [event])
    }

    /// The same for several, in their order; once a batch.
    pub(super) fn seal_all_into(
        &self,
        batch: &mut Batch,
        events: impl IntoIterator<Item = AuditEvent>,
    ) -> Answer<()> {
        let head = self.record(tables::SINGLES, tables::AUDIT_HEAD)?;
        let mut head = head.unwrap_or(AuditHead::EMPTY);
        for event in events {
            let entry = seal(head, event);
            head = AuditHead { seq: entry.seq, hash: entry.hash };
            tables::put(batch, tables::AUDIT, entry.seq.to_be_bytes(), &entry)?;
        }
        tables::put(batch, tables::SINGLES, tables::AUDIT_HEAD, &head)
    }

    pub(super) fn tell_alone(&self, event: AuditEvent) -> Answer<()> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        self.seal_into(&mut batch, event)?;
        self.commit(batch)
    }

    pub(super) fn trail(&self, after: u64, limit: usize) -> Answer<Vec<AuditEntry>> {
        let after = after.to_be_bytes();
        let mut entries = Vec::new();
        for (key, _) in self.rows(tables::AUDIT, b"", Some(&after), limit)? {
            entries.extend(self.record::<AuditEntry>(tables::AUDIT, key)?);
        }
        Ok(entries)
    }
}
