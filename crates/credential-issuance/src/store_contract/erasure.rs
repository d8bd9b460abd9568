use std::sync::Arc;

use super::samples::{event, issued_in, now, same};
use crate::audit::{AuditAction, AuditHead, first_break};
use crate::erasure::{ErasureError, erase_offer, erase_person};
use crate::ids::{OfferId, PersonId};
use crate::person::Person;
use crate::store::{IssuerStore, Note, Page, StoreError};

pub(super) async fn notes_have_one_writer(store: Arc<dyn IssuerStore>) {
    let note = |revision: u64, text: &str| Note { revision, text: text.to_owned() };
    assert_eq!(store.note("n").await.unwrap(), None);
    assert!(matches!(store.put_note("n", &note(2, "x")).await, Err(StoreError::Conflict)));
    store.put_note("n", &note(1, "하나")).await.unwrap();
    assert!(matches!(store.put_note("n", &note(1, "x")).await, Err(StoreError::Conflict)));
    store.put_note("n", &note(2, "둘")).await.unwrap();
    assert!(matches!(store.put_note("n", &note(2, "x")).await, Err(StoreError::Conflict)));
    assert_eq!(store.note("n").await.unwrap(), Some(note(2, "둘")));
    assert_eq!(store.note("m").await.unwrap(), None);
}

pub(super) async fn what_is_erased_leaves_place_status_and_digest(store: Arc<dyn IssuerStore>) {
    let person = Person {
        id: PersonId::parse("p1").unwrap(),
        external_ref: "A-1".to_owned(),
        name: "홍길동(가상인물)".to_owned(),
        name_latin: None,
        birth_date: Some("1990-01-01".to_owned()),
        created_at: now(),
    };
    store.create_person(&person, event(AuditAction::PersonRegistered)).await.unwrap();
    let before = issued_in(&*store).await;
    let nobody = PersonId::parse("p2").unwrap();
    let refused = erase_person(&*store, &nobody, now()).await.unwrap_err();
    assert!(matches!(refused, ErasureError::UnknownPerson));
    let nothing = OfferId::parse("o9").unwrap();
    let refused = erase_offer(&*store, &nothing, now()).await.unwrap_err();
    assert!(matches!(refused, ErasureError::UnknownOffer));
    same(&store.credential(&before.id).await.unwrap().unwrap(), &before);

    let report = erase_offer(&*store, &before.offer, now()).await.unwrap();
    assert_eq!((report.offers, report.credentials), (1, 1));
    let after = store.credential(&before.id).await.unwrap().unwrap();
    assert_eq!(
        (&after.list, after.index, after.status),
        (&before.list, before.index, before.status)
    );
    assert_eq!(after.issued().unwrap().digest, before.issued().unwrap().digest);
    assert!(after.issued().unwrap().credential.is_null());
    assert_ne!(after.holder, before.holder);
    // The holder's key finds nothing any more; the record is found by its place.
    assert!(store.credential_by_key(&before.key()).await.unwrap().is_none());
    same(&store.credential_by_key(&after.key()).await.unwrap().unwrap(), &after);
    same(&store.credential_at(&after.list, after.index).await.unwrap().unwrap(), &after);
    let offer = store.offer(&before.offer).await.unwrap().unwrap();
    assert_eq!((offer.subject.to_string().as_str(), offer.stage.name()), ("{}", "expired"));
    assert!(store.prepared(Page { after: None, limit: 5 }).await.unwrap().is_empty());
    // It still waits for its batch: what was anchored of it does not name anybody.
    assert_eq!(store.unanchored(5).await.unwrap().len(), 1);

    erase_person(&*store, &person.id, now()).await.unwrap();
    assert!(store.person(&person.id).await.unwrap().is_none());
    let again = erase_person(&*store, &person.id, now()).await.unwrap_err();
    assert!(matches!(again, ErasureError::UnknownPerson));
    // The reference is free again.
    store.create_person(&person, event(AuditAction::PersonRegistered)).await.unwrap();
    let trail = store.audit(0, usize::MAX).await.unwrap();
    assert_eq!(first_break(AuditHead::EMPTY, &trail), None);
}
