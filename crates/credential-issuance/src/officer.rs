//! What officers and auditors look at, and the register of persons.

use credential_model::forbidden;

use crate::Issuer;
use crate::anchor::issuance_inclusion;
use crate::audit::{AuditAction, AuditEntry, AuditHead, first_break};
use crate::credential::CredentialRecord;
use crate::ids::{CredentialId, OfferId, PersonId};
use crate::offer::Offer;
use crate::person::{NewPerson, Person, PersonError};
use crate::store::{Page, StoreError};

/// An officer's reason: something, not too much, no control characters, no forbidden number.
#[allow(clippy::result_unit_err, reason = "there is one reason: the reason given is none")]
pub fn check_reason(reason: &str) -> Result<(), ()> {
    let fine = !reason.trim().is_empty()
        && reason.chars().count() <= 500
        && !reason.chars().any(char::is_control)
        && forbidden::find_in_text(reason).is_none();
    if fine { Ok(()) } else { Err(()) }
}

impl Issuer {
    /// Registers an entitled person.
    pub async fn register_person(&self, new: NewPerson) -> Result<Person, PersonError> {
        let person = new.into_person(self.random_id(PersonId::parse), self.now())?;
        let event =
            self.event("officer", AuditAction::PersonRegistered).about("person", &person.id);
        match self.store.create_person(&person, event).await {
            Err(StoreError::Taken(_)) => Err(PersonError::Taken),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(person),
        }
    }

    /// Credentials in time order after an id.
    pub async fn credentials(&self, page: Page<'_>) -> Result<Vec<CredentialRecord>, StoreError> {
        self.store.credentials(page).await
    }

    /// A credential.
    pub async fn credential(
        &self,
        id: &CredentialId,
    ) -> Result<Option<CredentialRecord>, StoreError> {
        self.store.credential(id).await
    }

    /// Where an issued credential is anchored, once its batch is on the chain.
    pub async fn credential_anchor(
        &self,
        record: &CredentialRecord,
    ) -> Result<Option<chain_anchors::IssuanceInclusion>, StoreError> {
        if let Some((_, inclusion)) = crate::bulk::bulk_inclusion(self, record).await? {
            return Ok(Some(inclusion));
        }
        let Some(number) = record.batch else { return Ok(None) };
        let batch = self.store.batch(number).await?.filter(crate::anchor::AnchorBatch::is_anchored);
        Ok(batch.and_then(|batch| issuance_inclusion(&batch, &record.id)))
    }

    /// Offers in id order after an id.
    pub async fn offers(&self, page: Page<'_>) -> Result<Vec<Offer>, StoreError> {
        self.store.offers(page).await
    }

    /// An offer, whatever its stage.
    pub async fn offer(&self, id: &OfferId) -> Result<Option<Offer>, StoreError> {
        self.store.offer(id).await
    }

    /// Entries of the audit trail after a sequence number.
    pub async fn audit_trail(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        self.store.audit(after, limit).await
    }

    /// Reads the whole trail and says where it is broken, and how long it is.
    pub async fn check_audit_trail(&self) -> Result<(u64, Option<u64>), StoreError> {
        let mut head = AuditHead::EMPTY;
        loop {
            let entries = self.store.audit(head.seq, 1_000).await?;
            if let Some(seq) = first_break(head, &entries) {
                return Ok((head.seq, Some(seq)));
            }
            match entries.last() {
                None => return Ok((head.seq, None)),
                Some(last) => head = AuditHead { seq: last.seq, hash: last.hash },
            }
        }
    }

    /// The note of this name; see [`crate::store::Note`].
    pub async fn note(&self, name: &str) -> Result<Option<crate::store::Note>, StoreError> {
        self.store.note(name).await
    }

    /// Writes a note whose revision is the stored one plus 1.
    pub async fn put_note(&self, name: &str, note: &crate::store::Note) -> Result<(), StoreError> {
        self.store.put_note(name, note).await
    }

    /// Whether the issuer can sign: each key that signs at present signs something that is no
    /// credential. Answers the code of the first key store's failure.
    pub fn keys_ready(&self) -> Result<(), &'static str> {
        for (signer, _) in [self.identity.ed25519(), self.identity.p256()] {
            signer.sign(b"sinpyo readiness probe").map_err(|error| error.code())?;
        }
        Ok(())
    }

    /// Whether the chain answers; none where no chain is configured.
    pub async fn chain_ready(&self) -> Option<Result<(), crate::anchor::AnchorChainError>> {
        let chain = self.chain.as_ref()?;
        Some(chain.check().await)
    }

    /// Whether the store answers: what a readiness probe asks.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.store.audit(u64::MAX - 1, 1).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::check_reason;

    #[test]
    fn reasons_are_short_clean_and_without_forbidden_numbers() {
        assert_eq!(check_reason("자격 취소 처분 확정"), Ok(()));
        for reason in ["", "  ", "a\nb", "본인 900101-1234567 확인", &"가".repeat(501)] {
            assert_eq!(check_reason(reason), Err(()), "{reason:?}");
        }
    }
}
