use std::sync::Arc;

use status_lists::StatusValue;

use super::samples::{commit, event, issued, issued_in, list_in, nonce, now, offer_in, prepared};
use crate::audit::AuditAction;
use crate::credential::CredentialRecord;
use crate::ids::{Digest, ListId};
use crate::status::{ListClass, ListRecord, Publication, PublishedList};
use crate::store::{IssuerStore, StoreError};

fn publication(list: &ListRecord, version: u64) -> Publication {
    let document = format!("document {version}").into_bytes();
    let token = format!("token {version}").into_bytes();
    Publication {
        list: list.id.clone(),
        published: PublishedList {
            version,
            changes: list.changes,
            valid_from: now(),
            valid_until: now().plus_seconds(86_400),
            document: Digest::of(&document),
            token: Digest::of(&token),
        },
        document,
        token,
    }
}

pub(super) async fn values_follow_status_changes(store: Arc<dyn IssuerStore>) {
    let record = issued_in(&*store).await;
    let change = |record: &CredentialRecord, status| CredentialRecord {
        status,
        revision: record.revision + 1,
        ..record.clone()
    };
    let told = || event(AuditAction::StatusChanged);
    assert!(store.list_values(&record.list).await.unwrap().is_empty());
    let suspended = change(&record, StatusValue::Suspended);
    store.change_status(&suspended, told()).await.unwrap();
    assert_eq!(store.list_values(&record.list).await.unwrap(), [(7, StatusValue::Suspended)]);
    let lost = store.change_status(&change(&record, StatusValue::Revoked), told()).await;
    assert!(matches!(lost, Err(StoreError::Conflict)));
    let reinstated = change(&suspended, StatusValue::Valid);
    store.change_status(&reinstated, told()).await.unwrap();
    assert!(store.list_values(&record.list).await.unwrap().is_empty());
    store.change_status(&change(&reinstated, StatusValue::Revoked), told()).await.unwrap();
    assert_eq!(store.list_values(&record.list).await.unwrap(), [(7, StatusValue::Revoked)]);
    assert_eq!(store.list(&record.list).await.unwrap().unwrap().changes, 3);
    // A list whose name begins alike is another list.
    assert!(store.list_values(&ListId::parse("g").unwrap()).await.unwrap().is_empty());
}

pub(super) async fn many_changes_are_one_step(store: Arc<dyn IssuerStore>) {
    if !store.takes_many() {
        return;
    }
    let offer = offer_in(&*store, "o1").await;
    let list = list_in(&*store).await;
    let records: Vec<_> =
        [(7, "c1"), (9, "c2")].map(|(index, name)| prepared(&offer, &list, index, name)).into();
    store.prepare(&commit(&offer, &list, vec![nonce("n")], records.clone())).await.unwrap();
    let records: Vec<_> = records.iter().map(issued).collect();
    store.record_issued(&records, event(AuditAction::CredentialsIssued)).await.unwrap();
    let told = || event(AuditAction::StatusChanged);
    let change = |record: &CredentialRecord, by: u64| {
        let status = StatusValue::Revoked;
        (CredentialRecord { status, revision: record.revision + by, ..record.clone() }, told())
    };
    // One that is stale, and one that stands in it twice: then none of them.
    let stale = store.change_many(&[change(&records[0], 1), change(&records[1], 2)]).await;
    assert!(matches!(stale, Err(StoreError::Conflict)));
    let twice = store.change_many(&[change(&records[0], 1), change(&records[0], 1)]).await;
    assert!(matches!(twice, Err(StoreError::Conflict)));
    assert!(store.list_values(&list.id).await.unwrap().is_empty());
    assert_eq!(store.list(&list.id).await.unwrap().unwrap().changes, 0);
    let before = store.audit(0, 100).await.unwrap().len();

    store.change_many(&[change(&records[0], 1), change(&records[1], 1)]).await.unwrap();
    let revoked = StatusValue::Revoked;
    assert_eq!(store.list_values(&list.id).await.unwrap(), [(7, revoked), (9, revoked)]);
    assert_eq!(store.list(&list.id).await.unwrap().unwrap().changes, 2);
    let trail = store.audit(0, 100).await.unwrap();
    assert_eq!(trail.len(), before + 2, "each is told");
    assert_eq!(trail[before + 1].prev, trail[before].hash);
}

pub(super) async fn versions_are_consecutive_and_archived(store: Arc<dyn IssuerStore>) {
    assert!(store.open_list(ListClass::General).await.unwrap().is_none());
    let list = list_in(&*store).await;
    assert!(matches!(store.create_list(&list).await, Err(StoreError::Taken(_))));
    assert!(store.open_list(ListClass::Permit).await.unwrap().is_none());
    assert_eq!(store.open_list(ListClass::General).await.unwrap(), Some(list.clone()));
    assert!(store.published(&list.id).await.unwrap().is_none());

    let told = || event(AuditAction::ListPublished);
    let second = publication(&list, 2);
    assert!(
        matches!(store.publish(&second, told()).await, Err(StoreError::Conflict)),
        "1 comes first"
    );
    let first = publication(&list, 1);
    store.publish(&first, told()).await.unwrap();
    assert!(
        matches!(store.publish(&first, told()).await, Err(StoreError::Conflict)),
        "never twice"
    );
    store.publish(&second, told()).await.unwrap();
    let (document, token) = store.published(&list.id).await.unwrap().unwrap();
    assert_eq!((document, token), (second.document.clone(), second.token.clone()));
    for publication in [&first, &second] {
        let (document, token) = (publication.published.document, publication.published.token);
        assert_eq!(store.archived(&document).await.unwrap(), Some(publication.document.clone()));
        assert_eq!(store.archived(&token).await.unwrap(), Some(publication.token.clone()));
    }
    assert!(store.archived(&Digest::ZERO).await.unwrap().is_none());

    let next = ListRecord::open(ListClass::General, 2, 131_072, now());
    store.create_list(&next).await.unwrap();
    assert_eq!(
        store.open_list(ListClass::General).await.unwrap(),
        Some(next),
        "the newest one is open"
    );
    assert_eq!(store.lists().await.unwrap().len(), 2);
}

pub(super) async fn preparing_does_not_undo_a_publication(store: Arc<dyn IssuerStore>) {
    let offer = offer_in(&*store, "o1").await;
    let list = list_in(&*store).await;
    let commit = commit(&offer, &list, vec![], vec![prepared(&offer, &list, 3, "c1")]);
    // Between reading the list and the commit somebody publishes it.
    store.publish(&publication(&list, 1), event(AuditAction::ListPublished)).await.unwrap();
    store.prepare(&commit).await.unwrap();
    let list = store.list(&list.id).await.unwrap().unwrap();
    assert_eq!(list.next, 1);
    assert_eq!(list.published.map(|published| published.version), Some(1));
}
