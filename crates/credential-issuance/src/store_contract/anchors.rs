use std::sync::Arc;

use super::samples::{event, issued_in, now};
use crate::anchor::{AnchorBatch, BatchStage, DidAnchor, IssuanceLeaf};
use crate::audit::AuditAction;
use crate::credential::CredentialRecord;
use crate::ids::Digest;
use crate::store::{IssuerStore, StoreError};

fn batch(number: u64, records: &[CredentialRecord]) -> AnchorBatch {
    AnchorBatch {
        bulk: None,
        number,
        revision: 1,
        epoch: number,
        created_at: now(),
        valid_until: now().plus_seconds(86_400),
        padding: Digest::ZERO,
        lists: Vec::new(),
        issued: records
            .iter()
            .map(|record| IssuanceLeaf {
                credential: record.id.clone(),
                salt: record.salt,
                digest: record.issued().unwrap().digest,
            })
            .collect(),
        status_root: Digest::ZERO,
        issuance_root: Digest::ZERO,
        stage: BatchStage::Prepared,
        proof: None,
    }
}

pub(super) async fn batches_are_consecutive_and_take_what_waits(store: Arc<dyn IssuerStore>) {
    let record = issued_in(&*store).await;
    let told = || event(AuditAction::EpochPrepared);
    let waiting = store.unanchored(10).await.unwrap();
    assert_eq!(waiting.len(), 1);
    let early = batch(2, &waiting);
    assert!(matches!(store.prepare_batch(&early, told()).await, Err(StoreError::Conflict)));
    assert_eq!(store.unanchored(10).await.unwrap().len(), 1, "a refused batch takes nothing");

    let first = batch(1, &waiting);
    store.prepare_batch(&first, told()).await.unwrap();
    assert!(store.unanchored(10).await.unwrap().is_empty());
    assert_eq!(store.credential(&record.id).await.unwrap().unwrap().batch, Some(1));
    let again = batch(2, &waiting);
    assert!(
        matches!(store.prepare_batch(&again, told()).await, Err(StoreError::Conflict)),
        "no leaf twice"
    );
    store.prepare_batch(&batch(2, &[]), told()).await.unwrap();

    let anchored = AnchorBatch { revision: 2, stage: BatchStage::Anchored { at: now() }, ..first };
    store.replace_batch(&anchored, None).await.unwrap();
    assert!(matches!(store.replace_batch(&anchored, None).await, Err(StoreError::Conflict)));
    assert_eq!(store.batch(1).await.unwrap(), Some(anchored));
    assert_eq!(store.batch(9).await.unwrap(), None);
    let newest: Vec<u64> = store.last_batches(5).await.unwrap().iter().map(|b| b.number).collect();
    assert_eq!(newest, [2, 1]);
    assert_eq!(store.last_batches(1).await.unwrap().len(), 1);
}

pub(super) async fn the_did_anchor_is_remembered(store: Arc<dyn IssuerStore>) {
    assert_eq!(store.did_anchor().await.unwrap(), None);
    let mut anchor = DidAnchor { version: 1, digest: Digest::of(b"1"), seen_at: now() };
    store.put_did_anchor(&anchor, Some(event(AuditAction::DidPublished))).await.unwrap();
    anchor.version = 2;
    store.put_did_anchor(&anchor, None).await.unwrap();
    assert_eq!(store.did_anchor().await.unwrap(), Some(anchor));
    assert_eq!(store.audit(0, 10).await.unwrap().len(), 1);
}
