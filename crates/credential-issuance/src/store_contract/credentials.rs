use std::sync::Arc;

use super::samples::{
    commit, event, issued, issued_in, list_in, nonce, now, offer_in, prepared, same,
};
use crate::audit::AuditAction;
use crate::credential::CredentialRecord;
use crate::ids::{NotificationId, OfferId};
use crate::store::{IssuerStore, Page, SpentNonce, StoreError};

pub(super) async fn preparing_is_one_commit(store: Arc<dyn IssuerStore>) {
    let offer = offer_in(&*store, "o1").await;
    let list = list_in(&*store).await;
    let records = vec![prepared(&offer, &list, 5, "c1"), prepared(&offer, &list, 9, "c2")];
    store
        .prepare(&commit(&offer, &list, vec![nonce("n1"), nonce("n2")], records.clone()))
        .await
        .unwrap();

    assert_eq!(store.list(&list.id).await.unwrap().unwrap().next, 2);
    assert!(store.nonce_spent(&nonce("n1").nonce).await.unwrap());
    same(&store.credential(&records[0].id).await.unwrap().unwrap(), &records[0]);
    same(&store.credential_by_key(&records[1].key()).await.unwrap().unwrap(), &records[1]);
    same(&store.credential_at(&list.id, 9).await.unwrap().unwrap(), &records[1]);
    assert!(store.credential_at(&list.id, 6).await.unwrap().is_none(), "a place nobody holds");
    let other = crate::ids::ListId::parse("another").unwrap();
    assert!(store.credential_at(&other, 9).await.unwrap().is_none(), "a list that is not there");
    assert_eq!(store.credentials_of_offer(&offer.id).await.unwrap().len(), 2);
    assert!(store.credentials_of_offer(&OfferId::parse("o").unwrap()).await.unwrap().is_empty());
    let notification = NotificationId::parse("n1").unwrap();
    assert_eq!(store.credentials_by_notification(&notification).await.unwrap().len(), 2);
    let page = store.credentials(Page { after: Some("c1"), limit: 5 }).await.unwrap();
    assert_eq!(page.len(), 1);
    assert!(store.unanchored(10).await.unwrap().is_empty(), "nothing is signed yet");
    let waiting = store.prepared(Page { after: None, limit: 5 }).await.unwrap();
    assert_eq!(waiting.len(), 2, "what is not signed is found by its index");
    same(&waiting[0], &records[0]);
    assert_eq!(store.prepared(Page { after: Some("c1"), limit: 5 }).await.unwrap().len(), 1);
    let signed = issued(&records[0]);
    store.record_issued(&[signed], event(AuditAction::CredentialsIssued)).await.unwrap();
    let waiting = store.prepared(Page { after: None, limit: 5 }).await.unwrap();
    assert_eq!(waiting.len(), 1, "and is not found when it is");
    same(&waiting[0], &records[1]);
}

pub(super) async fn no_index_is_given_out_twice(store: Arc<dyn IssuerStore>) {
    let offer = offer_in(&*store, "o1").await;
    let list = list_in(&*store).await;
    let first = prepared(&offer, &list, 5, "c1");
    store.prepare(&commit(&offer, &list, vec![], vec![first.clone()])).await.unwrap();
    let told = store.audit(0, 100).await.unwrap().len();

    // The same counter again: whoever read the list before the commit loses.
    let stale = commit(&offer, &list, vec![nonce("n9")], vec![prepared(&offer, &list, 6, "c2")]);
    assert!(matches!(store.prepare(&stale).await, Err(StoreError::Conflict)));
    // The right counter, but a place that is taken.
    let list = store.list(&list.id).await.unwrap().unwrap();
    let taken = commit(&offer, &list, vec![nonce("n9")], vec![prepared(&offer, &list, 5, "c2")]);
    assert!(matches!(store.prepare(&taken).await, Err(StoreError::Taken(_))));
    // Twice within one commit.
    let twice = vec![prepared(&offer, &list, 8, "c2"), prepared(&offer, &list, 8, "c3")];
    let twice = commit(&offer, &list, vec![nonce("n9")], twice);
    assert!(matches!(store.prepare(&twice).await, Err(StoreError::Taken(_))));
    // The same credential once more.
    let mut again = prepared(&offer, &list, 8, "c2");
    again.holder = first.holder.clone();
    let again = commit(&offer, &list, vec![nonce("n9")], vec![again]);
    assert!(matches!(store.prepare(&again).await, Err(StoreError::Taken(_))));
    // An offer that changed since.
    let mut stale_offer = offer.clone();
    stale_offer.revision = 7;
    let other =
        commit(&stale_offer, &list, vec![nonce("n9")], vec![prepared(&offer, &list, 8, "c2")]);
    assert!(matches!(store.prepare(&other).await, Err(StoreError::Conflict)));

    assert!(!store.nonce_spent(&nonce("n9").nonce).await.unwrap(), "refused commits spend nothing");
    assert_eq!(store.list(&list.id).await.unwrap().unwrap().next, 1);
    assert_eq!(store.credentials(Page { after: None, limit: 9 }).await.unwrap().len(), 1);
    assert_eq!(store.audit(0, 100).await.unwrap().len(), told, "and tell nothing");
}

pub(super) async fn a_nonce_is_spent_once(store: Arc<dyn IssuerStore>) {
    let offer = offer_in(&*store, "o1").await;
    let list = list_in(&*store).await;
    store.spend_nonces(&[nonce("n1")]).await.unwrap();
    assert!(matches!(
        store.spend_nonces(&[nonce("n2"), nonce("n1")]).await,
        Err(StoreError::NonceUsed)
    ));
    assert!(!store.nonce_spent(&nonce("n2").nonce).await.unwrap(), "all or nothing");
    let with_used =
        commit(&offer, &list, vec![nonce("n1")], vec![prepared(&offer, &list, 1, "c1")]);
    assert!(matches!(store.prepare(&with_used).await, Err(StoreError::NonceUsed)));
    assert_eq!(store.list(&list.id).await.unwrap().unwrap().next, 0);
}

pub(super) async fn nonces_are_forgotten_when_expired(store: Arc<dyn IssuerStore>) {
    let early = SpentNonce { expires: now().plus_seconds(10), ..nonce("early") };
    let late = SpentNonce { expires: now().plus_seconds(20), ..nonce("late") };
    store.spend_nonces(&[late.clone(), early.clone()]).await.unwrap();
    assert_eq!(store.forget_nonces(now().plus_seconds(10)).await.unwrap(), 0);
    assert_eq!(store.forget_nonces(now().plus_seconds(11)).await.unwrap(), 1);
    assert!(!store.nonce_spent(&early.nonce).await.unwrap());
    assert!(store.nonce_spent(&late.nonce).await.unwrap());
}

pub(super) async fn signatures_are_recorded_once(store: Arc<dyn IssuerStore>) {
    let record = issued_in(&*store).await;
    same(&store.credential(&record.id).await.unwrap().unwrap(), &record);
    assert_eq!(store.unanchored(10).await.unwrap().len(), 1);
    let again = issued(&record);
    let refused = store.record_issued(&[again], event(AuditAction::CredentialsIssued)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "what is signed is not signed again");

    let told = CredentialRecord { revision: record.revision + 1, ..record.clone() };
    let action = AuditAction::NotificationReceived;
    store.replace_credentials(std::slice::from_ref(&told), event(action)).await.unwrap();
    let lost = store.replace_credentials(&[told], event(action)).await;
    assert!(matches!(lost, Err(StoreError::Conflict)));
    let mut status = CredentialRecord { revision: record.revision + 2, ..record };
    status.status = status_lists::StatusValue::Revoked;
    let sneaked = store.replace_credentials(&[status], event(action)).await;
    assert!(matches!(sneaked, Err(StoreError::Conflict)), "a status changes by change_status only");
}

pub(super) async fn parallel_preparations_have_one_winner(store: Arc<dyn IssuerStore>) {
    let offer = offer_in(&*store, "o1").await;
    let list = list_in(&*store).await;
    let tries: Vec<_> = (0..8)
        .map(|n| {
            let record = prepared(&offer, &list, n, &format!("c{n}"));
            let commit = commit(&offer, &list, vec![nonce("shared")], vec![record]);
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.prepare(&commit).await })
        })
        .collect();
    let mut winners = 0;
    for attempt in tries {
        winners += usize::from(attempt.await.unwrap().is_ok());
    }
    assert_eq!(winners, 1);
    assert_eq!(store.list(&list.id).await.unwrap().unwrap().next, 1);
    assert_eq!(store.credentials(Page { after: None, limit: 9 }).await.unwrap().len(), 1);
}
