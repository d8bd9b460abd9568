//! For backends that outlive their process: fill, reopen, find again.

use super::samples::{event, issued_in};
use crate::audit::{AuditAction, AuditHead, first_break};
use crate::credential::CredentialRecord;
use crate::offer::Offer;
use crate::store::IssuerStore;

/// What [`fill`] wrote.
#[derive(Debug)]
pub struct Written {
    record: CredentialRecord,
    offer: Offer,
    secret: [u8; 32],
}

/// Writes an offer, a list, a nonce, a credential and a secret.
pub async fn fill(store: &dyn IssuerStore) -> Written {
    let record = issued_in(store).await;
    let offer = store.offer(&record.offer).await.unwrap().unwrap();
    let secret = store.secret("survival", [42; 32]).await.unwrap();
    Written { record, offer, secret }
}

/// Panics unless everything that was written is there, and the trail goes on where it ended.
pub async fn find_again(store: &dyn IssuerStore, written: &Written) {
    let Written { record, offer, secret } = written;
    super::samples::same(&store.credential(&record.id).await.unwrap().unwrap(), record);
    super::samples::same(&store.offer(&offer.id).await.unwrap().unwrap(), offer);
    assert_eq!(store.secret("survival", [1; 32]).await.unwrap(), *secret);
    assert!(store.nonce_spent(&super::samples::nonce("n").nonce).await.unwrap());
    assert_eq!(store.list(&record.list).await.unwrap().unwrap().next, 1);
    store.tell(event(AuditAction::Started)).await.unwrap();
    let trail = store.audit(0, 100).await.unwrap();
    assert_eq!(first_break(AuditHead::EMPTY, &trail), None);
    assert_eq!(trail.last().unwrap().event.action, AuditAction::Started);
}
