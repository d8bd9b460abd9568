//! Secrets, kinds and persons.

use credential_issuance::audit::AuditEvent;
use credential_issuance::person::Person;
use credential_model::kinds::QualificationKind;

use super::{Answer, EmbeddedIssuerStore, StoreError, tables};
use crate::engine::Batch;

impl EmbeddedIssuerStore {
    pub(super) fn secret_of(&self, name: &str, fresh: [u8; 32]) -> Answer<[u8; 32]> {
        let _writer = self.database.exclusive();
        if let Some(known) = self.get(tables::SECRETS, name.as_bytes())? {
            return known
                .try_into()
                .map_err(|_| StoreError::Unreadable("a secret has not 32 bytes".to_owned()));
        }
        let mut batch = Batch::new();
        tables::SECRETS.put(&mut batch, name, fresh.to_vec());
        self.commit(batch)?;
        Ok(fresh)
    }

    pub(super) fn write_kinds(&self, kinds: &[QualificationKind], audit: AuditEvent) -> Answer<()> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        for kind in kinds {
            tables::put(&mut batch, tables::KINDS, &kind.code, kind)?;
        }
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }

    pub(super) fn write_person(&self, person: &Person, audit: AuditEvent) -> Answer<()> {
        let _writer = self.database.exclusive();
        if self.get(tables::PERSONS, person.id.as_str().as_bytes())?.is_some() {
            return Err(StoreError::Taken("person id"));
        }
        if self.get(tables::PERSONS_BY_REF, person.external_ref.as_bytes())?.is_some() {
            return Err(StoreError::Taken("external_ref"));
        }
        let mut batch = Batch::new();
        tables::put(&mut batch, tables::PERSONS, person.id.as_str(), person)?;
        tables::PERSONS_BY_REF.put(&mut batch, &person.external_ref, person.id.as_str());
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }
}
