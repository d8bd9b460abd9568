use std::sync::Arc;

use credential_model::kinds;

use super::samples::{event, now};
use crate::audit::{AuditAction, AuditHead, first_break};
use crate::ids::PersonId;
use crate::person::Person;
use crate::store::{IssuerStore, Page, StoreError};

pub(super) async fn secrets_are_kept(store: Arc<dyn IssuerStore>) {
    assert_eq!(store.secret("a", [1; 32]).await.unwrap(), [1; 32]);
    assert_eq!(store.secret("a", [2; 32]).await.unwrap(), [1; 32], "the first one stays");
    assert_eq!(store.secret("b", [3; 32]).await.unwrap(), [3; 32]);
}

pub(super) async fn kinds_are_replaced_and_paged(store: Arc<dyn IssuerStore>) {
    let starter: Vec<_> = kinds::starter().iter().take(5).cloned().collect();
    store.put_kinds(&starter, event(AuditAction::KindsImported)).await.unwrap();
    let first = store.kinds(Page { after: None, limit: 2 }).await.unwrap();
    assert_eq!(first.len(), 2);
    let rest = store.kinds(Page { after: Some(&first[1].code), limit: 100 }).await.unwrap();
    assert_eq!(rest.len(), starter.len() - 2);
    assert!(first.iter().chain(&rest).is_sorted_by(|a, b| a.code < b.code));

    let mut renamed = starter[0].clone();
    renamed.name_ko = "바뀐 이름".to_owned();
    store.put_kinds(&[renamed.clone()], event(AuditAction::KindsImported)).await.unwrap();
    assert_eq!(store.kind(&renamed.code).await.unwrap().unwrap().name_ko, "바뀐 이름");
    assert!(store.kind("none").await.unwrap().is_none());
    assert_eq!(store.kinds(Page { after: None, limit: 100 }).await.unwrap().len(), starter.len());
}

pub(super) async fn persons_are_unique(store: Arc<dyn IssuerStore>) {
    let person = |id: &str, reference: &str| Person {
        id: PersonId::parse(id).unwrap(),
        external_ref: reference.to_owned(),
        name: "홍길동(가상인물)".to_owned(),
        name_latin: None,
        birth_date: Some("1990-01-01".to_owned()),
        created_at: now(),
    };
    let register = || event(AuditAction::PersonRegistered);
    store.create_person(&person("p1", "A-1"), register()).await.unwrap();
    let same_ref = store.create_person(&person("p2", "A-1"), register()).await;
    assert!(matches!(same_ref, Err(StoreError::Taken(_))));
    let same_id = store.create_person(&person("p1", "A-2"), register()).await;
    assert!(matches!(same_id, Err(StoreError::Taken(_))));
    assert_eq!(
        store.person(&PersonId::parse("p1").unwrap()).await.unwrap(),
        Some(person("p1", "A-1"))
    );
    assert_eq!(store.person(&PersonId::parse("p2").unwrap()).await.unwrap(), None);
    assert_eq!(store.audit(0, 10).await.unwrap().len(), 1, "refused operations are not told");
}

pub(super) async fn the_audit_trail_holds_together(store: Arc<dyn IssuerStore>) {
    assert!(store.audit(0, 10).await.unwrap().is_empty());
    let tell = |n: usize| {
        let store = Arc::clone(&store);
        async move { store.tell(event(AuditAction::Started).about("n", n)).await.unwrap() }
    };
    for n in 0..3 {
        tell(n).await;
    }
    // Events told at the same moment still make one chain.
    let tellers: Vec<_> =
        (3..20).map(|n| tokio::spawn(tell_owned(Arc::clone(&store), n))).collect();
    for teller in tellers {
        teller.await.unwrap();
    }
    let trail = store.audit(0, 100).await.unwrap();
    assert_eq!(trail.len(), 20);
    assert_eq!(first_break(AuditHead::EMPTY, &trail), None);
    let tail = store.audit(18, 100).await.unwrap();
    assert_eq!(tail.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [19, 20]);
    assert_eq!(store.audit(5, 3).await.unwrap().len(), 3);
    assert!(store.audit(u64::MAX - 1, 1).await.unwrap().is_empty());
}

async fn tell_owned(store: Arc<dyn IssuerStore>, n: usize) {
    store.tell(event(AuditAction::Started).about("n", n)).await.unwrap();
}
