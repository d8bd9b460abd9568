//! Forgetting personal data. The database's files keep old versions until it compacts them.

use credential_issuance::DeferredRequestRecord;
use credential_issuance::credential::CredentialRecord;
use credential_issuance::offer::Offer;
use credential_issuance::person::Person;
use credential_issuance::store::Erasure;

use super::{Answer, EmbeddedIssuerStore, StoreError, offers, tables};
use crate::engine::Batch;

impl EmbeddedIssuerStore {
    pub(super) fn write_erasure(&self, erasure: &Erasure) -> Answer<()> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        if let Some(id) = &erasure.person {
            let person: Person =
                self.record(tables::PERSONS, id.as_str())?.ok_or(StoreError::Missing("person"))?;
            tables::PERSONS.delete(&mut batch, id.as_str());
            tables::PERSONS_BY_REF.delete(&mut batch, &person.external_ref);
        }
        for offer in &erasure.offers {
            let before: Offer = self
                .record(tables::OFFERS, offer.id.as_str())?
                .ok_or(StoreError::Missing("offer"))?;
            next(before.revision, offer.revision)?;
            if let Some(token) = offers::token(&before.stage) {
                tables::OFFERS_BY_TOKEN.delete(&mut batch, token.0);
            }
            tables::put(&mut batch, tables::OFFERS, offer.id.as_str(), offer)?;
        }
        for record in &erasure.credentials {
            let before = self.before(record)?;
            if !same_place(&before, record) {
                return Err(StoreError::Conflict);
            }
            tables::CREDENTIALS_BY_KEY.delete(&mut batch, before.key().0);
            tables::CREDENTIALS_BY_KEY.put(&mut batch, record.key().0, record.id.as_str());
            tables::put(&mut batch, tables::CREDENTIALS, record.id.as_str(), record)?;
        }
        for request in &erasure.deferred {
            let before: DeferredRequestRecord = self
                .record(tables::DEFERRED, request.id.as_str())?
                .ok_or(StoreError::Missing("deferred request"))?;
            next(before.revision, request.revision)?;
            tables::put(&mut batch, tables::DEFERRED, request.id.as_str(), request)?;
        }
        self.seal_into(&mut batch, erasure.audit.clone())?;
        self.commit(batch)
    }
}

fn next(before: u64, now: u64) -> Answer<()> {
    if before + 1 == now { Ok(()) } else { Err(StoreError::Conflict) }
}

/// What verifiers and the chain rely on stays.
fn same_place(before: &CredentialRecord, record: &CredentialRecord) -> bool {
    before.list == record.list
        && before.index == record.index
        && before.status == record.status
        && before.issued().map(|issued| issued.digest)
            == record.issued().map(|issued| issued.digest)
}
