//! Two replicas over one PostgreSQL, and a server that goes away within a chunk.

use std::collections::BTreeSet;
use std::sync::Arc;

use credential_issuance::Issuer;
use credential_issuance::bulk::{BulkError, ChunkWork, JobStage, JobStep};
use credential_issuance::ids::{CredentialId, JobId};
use storage_postgres::throwaway::{Ending, Server};

use crate::desk::{World, announcement, file, outcomes, running, upload};
use crate::kit::{fresh, replica, server};

/// Works on a job until it is over, whatever happens on the way; answers the chunks it committed.
async fn work(issuer: Arc<Issuer>, id: JobId) -> u32 {
    let mut chunks = 0;
    loop {
        match issuer.issue_chunk(&id).await {
            Ok(ChunkWork::Committed(_)) => chunks += 1,
            Ok(ChunkWork::Finished) => return chunks,
            Ok(ChunkWork::Stopped) => {
                if issuer.bulk_job(&id).await.is_ok_and(|job| job.stage == JobStage::Done) {
                    return chunks;
                }
            }
            Ok(ChunkWork::Busy) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            // The server is away: what a worker does is to try again.
            Err(BulkError::Store(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Each row once, on a place of its own.
async fn each_row_once(issuer: &Issuer, id: &JobId, rows: usize) {
    let job = issuer.bulk_job(id).await.unwrap();
    let outcome = job.outcome.unwrap();
    assert_eq!((outcome.issued, outcome.rows()), (rows as u64, rows as u64));
    let lines = outcomes(issuer, id).await;
    assert_eq!(lines.len(), rows);
    let mut places = BTreeSet::new();
    for line in lines {
        let id = CredentialId::parse(line.credential.as_deref().unwrap()).unwrap();
        let record = issuer.credential(&id).await.unwrap().unwrap();
        assert!(places.insert((record.list, record.index)), "a status place twice");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_issue_each_row_once_and_share_the_work() {
    let (url, _) = fresh(server()).await;
    let world = World::new();
    let one = Arc::new(world.issuer(replica(&url).await).await);
    let two = Arc::new(world.issuer(replica(&url).await).await);
    let text = file(5000);
    // The same file at both at the same moment, announced by two officers.
    let (first, second) = tokio::join!(
        one.announce_job(announcement(text.as_bytes()), "kim"),
        two.announce_job(announcement(text.as_bytes()), "lee"),
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.job.id, second.job.id);
    assert!(first.known != second.known, "one of them made it");
    let (id, same) =
        tokio::join!(upload(&one, text.as_bytes(), "kim"), upload(&two, text.as_bytes(), "lee"));
    assert_eq!(id, same);
    let by = one.bulk_job(&id).await.unwrap().uploaded_by;
    one.step_job(&id, JobStep::Check, "kim", None).await.unwrap();
    let (a, b) = tokio::join!(one.check_job(&id), two.check_job(&id));
    assert_eq!(a.unwrap().totals, b.unwrap().totals);
    assert_eq!(
        one.step_job(&id, JobStep::Approve, &by, None).await.unwrap_err().code(),
        "same_officer"
    );
    one.step_job(&id, JobStep::Approve, "park", None).await.unwrap();
    two.step_job(&id, JobStep::Run, "kim", None).await.unwrap();
    let workers = [
        tokio::spawn(work(one.clone(), id.clone())),
        tokio::spawn(work(two.clone(), id.clone())),
        tokio::spawn(work(one.clone(), id.clone())),
        tokio::spawn(work(two.clone(), id.clone())),
    ];
    let mut sum = 0;
    for worker in workers {
        sum += worker.await.unwrap();
    }
    assert_eq!(sum, 5, "five chunks, each committed by one worker");
    each_row_once(&two, &id, 5000).await;
    let (_, broken) = one.check_audit_trail().await.unwrap();
    assert_eq!(broken, None, "two replicas wrote one trail");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_within_chunks_costs_no_row() {
    let own = Server::start().unwrap();
    let (url, _) = fresh(&own).await;
    let world = World::new();
    let issuer = Arc::new(world.issuer(replica(&url).await).await);
    let job = running(&issuer, file(6000).as_bytes()).await;
    let worker = tokio::spawn(work(issuer.clone(), job.id.clone()));
    for ending in [Ending::Immediate, Ending::Fast] {
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        own.end(ending).unwrap();
        own.start_again().unwrap();
        // A claim whose transaction died is free again; one that was committed waits its lease.
        world.clock.advance(61);
    }
    worker.await.unwrap();
    each_row_once(&issuer, &job.id, 6000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_moves_to_postgres_and_back_and_goes_on() {
    use credential_issuance::store_copy::copy;
    use storage_postgres::PostgresIssuerStore;
    let world = World::new();
    let home = crate::desk::embedded();
    let issuer = world.issuer(home.clone()).await;
    let job = running(&issuer, file(3000).as_bytes()).await;
    issuer.issue_chunk(&job.id).await.unwrap();
    drop(issuer);
    let (_, database) = fresh(server()).await;
    let away = PostgresIssuerStore::for_copy(database);
    copy(&home, &away, &|_| {}).await.unwrap();
    let issuer = world.issuer(away.clone()).await;
    issuer.issue_chunk(&job.id).await.unwrap();
    drop(issuer);
    let back = crate::desk::embedded();
    copy(&away, &back, &|_| {}).await.unwrap();
    let issuer = world.issuer(back).await;
    crate::desk::finish(&issuer, &job.id).await;
    each_row_once(&issuer, &job.id, 3000).await;
}
