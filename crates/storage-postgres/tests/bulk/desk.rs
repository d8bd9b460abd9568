//! An issuer over any backend, officers, and files of people who do not exist.

use std::sync::Arc;

use credential_issuance::bulk::{
    BulkError, BulkSettings, BulkStore, ChunkWork, Job, JobStage, JobStep, NewJob, OutcomeRow,
    PART_BYTES,
};
use credential_issuance::ids::{Digest, JobId};
use credential_issuance::store::IssuerStore;
use credential_issuance::{ED25519_LABEL, Identity, Issuer, IssuerParts, P256_LABEL, Settings};
use credential_model::ambient::FixedClock;
use credential_model::did::Did;
use credential_model::moment::Moment;
use signing_keys::system::SystemEntropy;
use signing_keys::{KeyAlgorithm, KeyStore, MemoryKeyStore, Signer, StoreSigner};
use storage_embedded::engine::Database;
use storage_embedded::issuer::EmbeddedIssuerStore;

/// Keys and clock that several replicas share.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) clock: Arc<FixedClock>,
    keys: Arc<dyn KeyStore>,
}

impl World {
    pub(crate) fn new() -> Self {
        let keys: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new(Arc::new(SystemEntropy)));
        keys.generate(KeyAlgorithm::EdDsa, ED25519_LABEL).unwrap();
        keys.generate(KeyAlgorithm::Es256, P256_LABEL).unwrap();
        let clock = Arc::new(FixedClock::new(Moment::parse("2026-11-23T05:30:00Z").unwrap()));
        Self { clock, keys }
    }

    /// An issuer over a backend.
    pub(crate) async fn issuer<S: IssuerStore + BulkStore + 'static>(&self, store: S) -> Issuer {
        let store = Arc::new(store);
        self.issuer_with(store.clone(), store, BulkSettings::default()).await
    }

    pub(crate) async fn issuer_with(
        &self,
        store: Arc<dyn IssuerStore>,
        bulk: Arc<dyn BulkStore>,
        settings: BulkSettings,
    ) -> Issuer {
        let signer = |label: &str| -> Arc<dyn Signer> {
            Arc::new(StoreSigner::by_label(Arc::clone(&self.keys), label).unwrap())
        };
        let identity = Identity::new(
            Did::parse("did:web:issuer.test").unwrap(),
            "가상자격공단(시험용)",
            "Fictitious Qualification Agency (test)",
            signer(ED25519_LABEL),
            signer(P256_LABEL),
        )
        .unwrap();
        let parts = IssuerParts {
            settings: Settings::new("https://issuer.test"),
            identity,
            store,
            clock: Arc::<FixedClock>::clone(&self.clock),
            entropy: Arc::new(SystemEntropy),
            chain: None,
        };
        Issuer::open(parts).await.unwrap().with_bulk(bulk, settings).await.unwrap()
    }
}

pub(crate) fn embedded() -> EmbeddedIssuerStore {
    EmbeddedIssuerStore::new(Database::open_temporary().unwrap())
}

pub(crate) const HEADER: &str = "성명,생년월일,자격번호,합격일,종목코드\n";

/// A file of `count` good rows.
pub(crate) fn file(count: usize) -> String {
    let rows =
        (0..count).map(|row| format!("홍길동(가상인물),1990-01-01,{row:011}Z,2025-06-18,1320\n"));
    HEADER.to_owned() + &rows.collect::<String>()
}

pub(crate) fn announcement(file: &[u8]) -> NewJob {
    NewJob {
        credential_type: "KrQualificationBadge".to_owned(),
        kind: None,
        sha256: Digest::of(file).to_string(),
        bytes: file.len() as u64,
        claim_seconds: None,
    }
}

/// Announces a file and brings all of it.
pub(crate) async fn upload(issuer: &Issuer, file: &[u8], officer: &str) -> JobId {
    let id = issuer.announce_job(announcement(file), officer).await.unwrap().job.id;
    for (number, part) in (0..).zip(file.chunks(PART_BYTES)) {
        issuer.put_job_part(&id, number, part).await.unwrap();
    }
    match issuer.step_job(&id, JobStep::Seal, officer, None).await {
        // A second upload of the same file finds it sealed.
        Ok(_) | Err(BulkError::NotAllowed { .. }) => id,
        Err(error) => panic!("{error}"),
    }
}

/// Uploads a file and checks it.
pub(crate) async fn checked(issuer: &Issuer, file: &[u8]) -> Job {
    let id = upload(issuer, file, "kim").await;
    issuer.step_job(&id, JobStep::Check, "kim", None).await.unwrap();
    issuer.check_job(&id).await.unwrap()
}

/// Checks, approves and starts.
pub(crate) async fn running(issuer: &Issuer, file: &[u8]) -> Job {
    let job = checked(issuer, file).await;
    assert_eq!(job.stage, JobStage::Checked, "{:?}", job.fault);
    issuer.step_job(&job.id, JobStep::Approve, "lee", None).await.unwrap();
    issuer.step_job(&job.id, JobStep::Run, "kim", None).await.unwrap()
}

/// Issues until nothing is left.
pub(crate) async fn finish(issuer: &Issuer, id: &JobId) -> Job {
    loop {
        match issuer.issue_chunk(id).await.unwrap() {
            ChunkWork::Finished => return issuer.bulk_job(id).await.unwrap(),
            ChunkWork::Committed(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// All lines of the outcome file.
pub(crate) async fn outcomes(issuer: &Issuer, id: &JobId) -> Vec<OutcomeRow> {
    let mut lines = Vec::new();
    for chunk in 0.. {
        match issuer.job_outcomes(id, chunk).await.unwrap() {
            Some(more) => lines.extend(more),
            None => break,
        }
    }
    lines
}

/// What became of each row: its code where it was refused or held.
pub(crate) async fn codes(issuer: &Issuer, id: &JobId) -> Vec<String> {
    let code = |line: &OutcomeRow| {
        line.findings.first().map_or(line.outcome.to_owned(), |finding| finding.code.clone())
    };
    outcomes(issuer, id).await.iter().map(code).collect()
}
