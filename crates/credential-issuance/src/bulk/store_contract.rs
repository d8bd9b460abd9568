//! The test suite every backend of [`super::BulkStore`] passes.
//!
//! As [`crate::store_contract`]: plain functions that panic when a promise is broken.

// A contract test's way of failing is a panic.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a contract test panics")]

use std::collections::BTreeMap;
use std::sync::Arc;

use credential_model::catalogue::CredentialType;
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use serde_json::{Value, json};
use status_lists::StatusValue;

use super::chunk::tally;
use super::{
    BulkStore, CHUNK_ROWS, ChunkCommit, ChunkHead, ClaimMark, ClaimWish, Claimed, Encoding, Job,
    JobStage, Plan, Progress, Row, RowFinding, RowKey, SealedRecord, Totals, names,
};
use crate::audit::{AuditAction, AuditEvent};
use crate::credential::{
    Configuration, CredentialRecord, CredentialStage, HolderBinding, Issued, StatusChange,
};
use crate::ids::{Digest, JobId, NotificationId};
use crate::status::ListClass;
use crate::store::{IssuerStore, StoreError};

/// One backend behind both traits.
#[derive(Clone)]
pub struct Both {
    /// For jobs.
    pub bulk: Arc<dyn BulkStore>,
    /// For what jobs leave behind.
    pub issuer: Arc<dyn IssuerStore>,
}

/// Makes an empty store.
pub type Make<'a> = &'a (dyn Fn() -> Both + Sync);

/// Runs the whole contract; each part gets a store of its own.
pub async fn all(make: Make<'_>) {
    a_job_is_there_once(make()).await;
    a_job_changes_by_revisions(make()).await;
    parts_are_kept_and_dropped(make()).await;
    chunks_belong_to_a_revision(make()).await;
    a_chunk_is_claimed_by_one(make()).await;
    a_chunk_is_one_commit(make()).await;
    a_row_is_issued_once(make()).await;
    a_cancelled_job_takes_no_chunk(make()).await;
    lists_are_opened_when_full(make()).await;
    statuses_change_in_one_commit(make()).await;
    many_workers_share_without_overlap(make()).await;
}

fn now() -> Moment {
    Moment::from_unix(1_800_000_000)
}

fn event() -> AuditEvent {
    AuditEvent::new(now(), "contract", AuditAction::JobStepped)
}

/// A job of `chunks` chunks, as it stands in `stage`.
pub fn job(name: &str, stage: JobStage, chunks: u32) -> Job {
    let rows = u64::from(chunks) * 2;
    Job {
        id: JobId::parse(&Digest::of(name.as_bytes()).to_string()[..24]).unwrap(),
        revision: 1,
        created_at: now(),
        sha256: Digest::of(name.as_bytes()),
        bytes: 10,
        encoding: Some(Encoding::Utf8),
        plan: Plan {
            credential_type: CredentialType::QualificationBadge,
            kind: Some("1320".to_owned()),
            claim_seconds: 60,
        },
        stage,
        uploaded_by: "kim".to_owned(),
        approved_by: None,
        fault: None,
        totals: Some(Totals { rows, ready: rows, refused: 0, chunks }),
        rate: None,
        finished_at: None,
        outcome: None,
        root: None,
        batch: None,
        order: None,
    }
}

fn cells(number: u64) -> Row {
    Row::Ready(BTreeMap::from([("person.name".to_owned(), format!("가상인물 {number}"))]))
}

/// A running job with chunks of two rows.
async fn running(store: &Both, name: &str, chunks: u32) -> Job {
    let job = job(name, JobStage::Running, chunks);
    store.bulk.create_job(&job, event()).await.unwrap();
    for number in 0..chunks {
        let rows = [cells(u64::from(number) * 2), cells(u64::from(number) * 2 + 1)];
        let head = ChunkHead::checked(&job.id, number, &rows);
        store.bulk.put_chunk(1, &head, &rows).await.unwrap();
    }
    job
}

fn wish(worker: &str, token: &str) -> ClaimWish {
    let mark = ClaimMark {
        worker: worker.to_owned(),
        token: token.to_owned(),
        until: now().plus_seconds(60),
    };
    ClaimWish { mark, now: now(), class: ListClass::General, list_size: 131_072 }
}

async fn claim(store: &Both, job: &Job, worker: &str, token: &str) -> (ChunkHead, Vec<Row>) {
    match store.bulk.claim_chunk(&job.id, &wish(worker, token)).await.unwrap() {
        Claimed::Chunk(head, rows) => (*head, rows),
        other => panic!("no chunk: {other:?}"),
    }
}

fn key(row: u64) -> RowKey {
    let mut key = [0; 16];
    key[8..].copy_from_slice(&row.to_be_bytes());
    key
}

fn record(job: &Job, head: &ChunkHead, row: u64, place: u64) -> CredentialRecord {
    let places = head.places.as_ref().unwrap();
    CredentialRecord {
        id: names::credential_id(&job.id, row).unwrap(),
        revision: 1,
        document_id: format!("urn:uuid:{row}"),
        offer: names::job_offer(&job.id).unwrap(),
        configuration: Configuration {
            credential_type: job.plan.credential_type,
            format: CredentialFormat::LdpVc,
        },
        kind: None,
        holder: HolderBinding {
            did: String::new(),
            thumbprint: format!("row-{row}"),
            jwk: Value::Null,
        },
        list: places.list.clone(),
        index: places.first + place,
        status: StatusValue::Valid,
        history: Vec::new(),
        valid_from: now(),
        valid_until: None,
        prepared_at: now(),
        method: None,
        salt: Digest::of(&row.to_be_bytes()),
        notification: NotificationId::parse("bulk-n").unwrap(),
        notified: None,
        batch: None,
        stage: CredentialStage::Issued(Issued {
            at: now(),
            credential: json!({ "id": format!("urn:uuid:{row}") }),
            digest: Digest::of(&row.to_be_bytes()),
        }),
    }
}

/// Both rows of a claimed chunk, issued.
fn issued(job: &Job, head: &ChunkHead) -> ChunkCommit {
    let first = u64::from(head.number) * CHUNK_ROWS as u64;
    let rows = vec![Row::Issued, Row::Issued];
    let head =
        ChunkHead { done: Some(tally(&rows)), root: Some(Digest::of(b"root")), ..head.clone() };
    let records = [record(job, &head, first, 0), record(job, &head, first + 1, 1)];
    let records = records.map(|record| SealedRecord::of(record).unwrap()).into();
    ChunkCommit {
        rows,
        records,
        keys: vec![(key(first), first), (key(first + 1), first + 1)],
        leaves: vec![Digest::of(b"leaf"); 3],
        head,
        audit: event(),
    }
}

async fn a_job_is_there_once(store: Both) {
    let job = job("a", JobStage::Uploading, 0);
    store.bulk.create_job(&job, event()).await.unwrap();
    let again = store.bulk.create_job(&job, event()).await;
    assert!(matches!(again, Err(StoreError::Taken(_))), "{again:?}");
    assert_eq!(store.bulk.job(&job.id).await.unwrap(), Some(job.clone()));
    let other = self::job("b", JobStage::Uploading, 0);
    store.bulk.create_job(&other, event()).await.unwrap();
    let all = store.bulk.jobs(None, 10).await.unwrap();
    assert_eq!(all.len(), 2);
    let rest = store.bulk.jobs(Some(&all[0].id), 10).await.unwrap();
    assert_eq!(rest, [all[1].clone()]);
}

async fn a_job_changes_by_revisions(store: Both) {
    let job = job("a", JobStage::Uploaded, 0);
    store.bulk.create_job(&job, event()).await.unwrap();
    assert!(store.bulk.jobs_at_work().await.unwrap().is_empty());
    let checking = Job { stage: JobStage::Checking, ..job.next() };
    store.bulk.replace_job(&checking, Some(event())).await.unwrap();
    let late = store.bulk.replace_job(&checking, Some(event())).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(store.bulk.jobs_at_work().await.unwrap(), vec![checking.clone()]);
    let done = Job {
        stage: JobStage::Done,
        outcome: Some(Progress::default()),
        root: Some(Digest::of(b"r")),
        ..checking.next()
    };
    store.bulk.replace_job(&done, None).await.unwrap();
    assert!(store.bulk.jobs_at_work().await.unwrap().is_empty());
    assert_eq!(store.bulk.job_to_anchor().await.unwrap(), Some(done.clone()));
    store.bulk.replace_job(&Job { batch: Some(3), ..done.next() }, None).await.unwrap();
    assert_eq!(store.bulk.job_to_anchor().await.unwrap(), None);
}

async fn parts_are_kept_and_dropped(store: Both) {
    let job = job("a", JobStage::Uploading, 0);
    store.bulk.create_job(&job, event()).await.unwrap();
    for number in [0, 1, 1] {
        store.bulk.put_part(&job.id, number, &[0, 255, 7]).await.unwrap();
    }
    assert_eq!(store.bulk.part(&job.id, 1).await.unwrap(), Some(vec![0, 255, 7]));
    assert_eq!(store.bulk.part(&job.id, 2).await.unwrap(), None);
    store.bulk.drop_parts(&job.id, 2).await.unwrap();
    assert_eq!(store.bulk.part(&job.id, 1).await.unwrap(), None);
}

async fn chunks_belong_to_a_revision(store: Both) {
    let job = job("a", JobStage::Checking, 1);
    store.bulk.create_job(&job, event()).await.unwrap();
    let finding = RowFinding::at("성명", "cell_nul");
    let rows = [cells(0), Row::Refused(vec![finding])];
    let head = ChunkHead::checked(&job.id, 0, &rows);
    assert_eq!((head.rows, head.ready), (2, 1));
    let stale = store.bulk.put_chunk(2, &head, &rows).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    for _ in 0..2 {
        store.bulk.put_chunk(1, &head, &rows).await.unwrap();
    }
    assert_eq!(store.bulk.chunks(&job.id).await.unwrap(), vec![head.clone()]);
    assert_eq!(store.bulk.chunk(&job.id, 0).await.unwrap(), Some((head, rows.to_vec())));
    assert_eq!(store.bulk.chunk(&job.id, 1).await.unwrap(), None);
}

async fn a_chunk_is_claimed_by_one(store: Both) {
    let job = running(&store, "a", 2).await;
    let (first, rows) = claim(&store, &job, "w", "t1").await;
    assert_eq!((first.number, rows.len()), (0, 2));
    let (second, _) = claim(&store, &job, "w", "t2").await;
    assert_eq!(second.number, 1);
    let places = |head: &ChunkHead| head.places.clone().unwrap();
    assert_eq!(places(&first).list, places(&second).list);
    assert_eq!((places(&first).first, places(&second).first), (0, 2), "no place twice");
    let none = store.bulk.claim_chunk(&job.id, &wish("w", "t3")).await.unwrap();
    assert!(matches!(none, Claimed::Busy), "{none:?}");
    // When the claim ran out, the chunk goes over with the places it has.
    let late = ClaimWish { now: now().plus_seconds(61), ..wish("w", "t4") };
    let Claimed::Chunk(again, _) = store.bulk.claim_chunk(&job.id, &late).await.unwrap() else {
        panic!("nobody takes over")
    };
    assert_eq!(places(&again), places(&first));
    // Who lost the claim cannot commit any more.
    let lost = store.bulk.commit_chunk(&issued(&job, &first)).await;
    assert!(matches!(lost, Err(StoreError::Conflict)), "{lost:?}");
    store.bulk.commit_chunk(&issued(&job, &again)).await.unwrap();
}

async fn a_chunk_is_one_commit(store: Both) {
    let job = running(&store, "a", 2).await;
    let (head, _) = claim(&store, &job, "w", "t").await;
    let mut clash = issued(&job, &head);
    clash.records[1].record.index = clash.records[0].record.index;
    let twice = store.bulk.commit_chunk(&clash).await;
    assert!(matches!(twice, Err(StoreError::Taken(_))), "{twice:?}");
    let id = names::credential_id(&job.id, 0).unwrap();
    assert!(store.issuer.credential(&id).await.unwrap().is_none(), "nothing of it is there");
    assert_eq!(store.bulk.known_rows(&[key(0)]).await.unwrap(), [None]);
    assert_eq!(store.bulk.progress(&job.id).await.unwrap(), Progress::default());

    let commit = issued(&job, &head);
    store.bulk.commit_chunk(&commit).await.unwrap();
    let kept = store.issuer.credential(&id).await.unwrap().unwrap();
    assert_eq!(kept.document_id, "urn:uuid:0");
    let at = store.issuer.credential_at(&kept.list, kept.index).await.unwrap().unwrap();
    assert_eq!(at.id, id);
    let (stored, rows) = store.bulk.chunk(&job.id, 0).await.unwrap().unwrap();
    assert_eq!((stored.done, stored.claim), (commit.head.done, None));
    assert_eq!(rows, [Row::Issued, Row::Issued]);
    assert_eq!(store.bulk.leaves(&job.id, 0).await.unwrap(), Some(commit.leaves.clone()));
    assert_eq!(store.bulk.leaves(&job.id, 1).await.unwrap(), None);
    let known = store.bulk.known_rows(&[key(1), key(9)]).await.unwrap();
    assert_eq!(known, [Some((job.id.clone(), 1)), None]);
    let progress = store.bulk.progress(&job.id).await.unwrap();
    assert_eq!(progress, Progress { chunks: 1, issued: 2, refused: 0, held: 0 });
    let again = store.bulk.commit_chunk(&commit).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert!(store.issuer.unanchored(10).await.unwrap().is_empty(), "the job's root covers them");
}

async fn a_row_is_issued_once(store: Both) {
    let one = running(&store, "a", 1).await;
    let (head, _) = claim(&store, &one, "w", "t").await;
    store.bulk.commit_chunk(&issued(&one, &head)).await.unwrap();
    let two = running(&store, "b", 1).await;
    let (head, _) = claim(&store, &two, "w", "t").await;
    let taken = store.bulk.commit_chunk(&issued(&two, &head)).await;
    assert!(matches!(taken, Err(StoreError::Taken(_))), "{taken:?}");
    assert_eq!(store.bulk.progress(&two.id).await.unwrap(), Progress::default());
}

async fn a_cancelled_job_takes_no_chunk(store: Both) {
    let job = running(&store, "a", 2).await;
    let (head, _) = claim(&store, &job, "w", "t").await;
    let paused = Job { stage: JobStage::Paused, ..job.next() };
    store.bulk.replace_job(&paused, None).await.unwrap();
    let refused = store.bulk.claim_chunk(&job.id, &wish("w", "t2")).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let cancelled = Job { stage: JobStage::Cancelled, ..paused.next() };
    store.bulk.replace_job(&cancelled, None).await.unwrap();
    let refused = store.bulk.commit_chunk(&issued(&job, &head)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert!(cancelled.wants_work(), "it is still to be added up");
}

async fn lists_are_opened_when_full(store: Both) {
    let job = running(&store, "a", 3).await;
    let mut places = Vec::new();
    for token in ["t1", "t2", "t3"] {
        let wish = ClaimWish { list_size: 4, ..wish("w", token) };
        match store.bulk.claim_chunk(&job.id, &wish).await.unwrap() {
            Claimed::Chunk(head, _) => places.extend(head.places),
            other => panic!("{other:?}"),
        }
    }
    let seen: Vec<(&str, u64)> = places.iter().map(|p| (p.list.as_str(), p.first)).collect();
    assert_eq!(seen, [("g1", 0), ("g1", 2), ("g2", 0)]);
    let open = store.issuer.open_list(ListClass::General).await.unwrap().unwrap();
    assert_eq!((open.id.as_str(), open.next), ("g2", 2));
}

async fn statuses_change_in_one_commit(store: Both) {
    let job = running(&store, "a", 1).await;
    let (head, _) = claim(&store, &job, "w", "t").await;
    let commit = issued(&job, &head);
    store.bulk.commit_chunk(&commit).await.unwrap();
    let revoked: Vec<CredentialRecord> = commit
        .records
        .iter()
        .map(|sealed| {
            let mut next = sealed.record.clone();
            next.revision += 1;
            next.status = StatusValue::Revoked;
            let (from, to) = (StatusValue::Valid, StatusValue::Revoked);
            next.history.push(StatusChange { at: now(), from, to, reason: "시험".to_owned() });
            next
        })
        .collect();
    let list = revoked[0].list.clone();
    let changes = store.issuer.list(&list).await.unwrap().unwrap().changes;
    let stale = store.bulk.change_statuses(&job, &revoked, event()).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    assert!(store.issuer.list_values(&list).await.unwrap().is_empty());
    store.bulk.change_statuses(&job.next(), &revoked, event()).await.unwrap();
    let values = store.issuer.list_values(&list).await.unwrap();
    assert_eq!(values, [(0, StatusValue::Revoked), (1, StatusValue::Revoked)]);
    assert_eq!(store.issuer.list(&list).await.unwrap().unwrap().changes, changes + 2);
    let again = store.bulk.change_statuses(&job.next().next(), &revoked, event()).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
}

async fn many_workers_share_without_overlap(store: Both) {
    let job = running(&store, "a", 12).await;
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..4 {
        let (store, job) = (store.clone(), job.clone());
        workers.spawn(async move {
            let mut count = 0;
            loop {
                let token = format!("{worker}-{count}");
                let wish = wish("w", &token);
                match store.bulk.claim_chunk(&job.id, &wish).await.unwrap() {
                    Claimed::Chunk(head, _) => {
                        store.bulk.commit_chunk(&issued(&job, &head)).await.unwrap();
                        count += 1;
                    }
                    Claimed::Busy => tokio::task::yield_now().await,
                    Claimed::None => return count,
                }
            }
        });
    }
    let mut sum = 0;
    while let Some(count) = workers.join_next().await {
        sum += count.unwrap();
    }
    assert_eq!(sum, 12);
    let progress = store.bulk.progress(&job.id).await.unwrap();
    assert_eq!(progress, Progress { chunks: 12, issued: 24, refused: 0, held: 0 });
}
