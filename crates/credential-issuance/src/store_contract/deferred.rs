use std::sync::Arc;

use credential_model::format::CredentialFormat;
use serde_json::json;

use super::samples::{event, nonce, now, offer_in};
use crate::audit::AuditAction;
use crate::credential::{Configuration, HolderBinding};
use crate::deferred_record::{DeferredRequestRecord, DeferredStage};
use crate::ids::{DeferredId, Digest};
use crate::store::{DeferCommit, IssuerStore, Page, StoreError};

pub(super) async fn a_deferred_request_is_found_and_replaced(store: Arc<dyn IssuerStore>) {
    let offer = offer_in(&*store, "o1").await;
    let request = DeferredRequestRecord {
        id: DeferredId::parse("d1").unwrap(),
        revision: 1,
        transaction: Digest::of(b"t1"),
        offer: offer.id.clone(),
        configuration: Configuration {
            credential_type: offer.credential_type,
            format: CredentialFormat::LdpVc,
        },
        holders: vec![HolderBinding {
            did: "did:example:1".to_owned(),
            thumbprint: "t".to_owned(),
            jwk: json!({ "kty": "OKP" }),
        }],
        created_at: now(),
        stage: DeferredStage::Waiting,
    };
    let commit = |request: &DeferredRequestRecord| DeferCommit {
        nonces: vec![nonce("n1")],
        request: request.clone(),
        audit: event(AuditAction::DeferredRequested),
    };
    store.defer(&commit(&request)).await.unwrap();
    assert!(store.nonce_spent(&nonce("n1").nonce).await.unwrap());
    let second = DeferredRequestRecord {
        id: DeferredId::parse("d2").unwrap(),
        transaction: Digest::of(b"t2"),
        ..request.clone()
    };
    assert!(matches!(store.defer(&commit(&second)).await, Err(StoreError::NonceUsed)));
    assert!(store.deferred(&second.id).await.unwrap().is_none());

    assert_eq!(store.deferred(&request.id).await.unwrap(), Some(request.clone()));
    assert_eq!(
        store.deferred_by_transaction(&Digest::of(b"t1")).await.unwrap(),
        Some(request.clone())
    );
    assert_eq!(store.deferred_of_offer(&offer.id).await.unwrap(), std::slice::from_ref(&request));
    assert_eq!(store.deferred_requests(Page { after: None, limit: 5 }).await.unwrap().len(), 1);

    let delivered = DeferredRequestRecord {
        revision: 2,
        stage: DeferredStage::Delivered { at: now(), run: "r".to_owned() },
        ..request
    };
    store.replace_deferred(&delivered, event(AuditAction::DeferredDelivered)).await.unwrap();
    let lost = store.replace_deferred(&delivered, event(AuditAction::DeferredDelivered)).await;
    assert!(matches!(lost, Err(StoreError::Conflict)));
    assert_eq!(store.deferred_by_transaction(&Digest::of(b"t1")).await.unwrap(), Some(delivered));
}
