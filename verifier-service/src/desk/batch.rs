//! Many documents at once: one recording for all, so that each list is fetched once and all are
//! judged by the same knowledge.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use credential_model::ambient::{random_token, uuid_v7};
use credential_model::credential::UnverifiedCredential;
use credential_model::moment::Moment;
use credential_verification::{Examination, Report};
use tokio::task::JoinSet;
use verification_receipts::Recorder;

use super::examine;
use super::intake::{Found, Refusal};
use crate::state::App;

/// Most documents of a batch.
pub const MAX_DOCUMENTS: usize = 300;
/// Most bytes of one upload.
pub const MAX_UPLOAD_BYTES: usize = 96 * 1024 * 1024;
/// Batches kept, the oldest goes first.
const MAX_BATCHES: usize = 32;
/// How long a batch is kept, seconds.
const KEPT_SECONDS: i64 = 3_600;
/// Documents in work at once.
const ABREAST: usize = 4;

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Row {
    /// Name of the file as it was dropped; of an applicant's answer, nothing.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The same credential came before, in this row (from 0).
    pub duplicate_of: Option<usize>,
}

/// What came of a document.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Not examined, and why.
    Refused(Refusal),
    /// Examined.
    Examined(Box<Report>),
}

/// A batch at work or done.
pub struct Batch {
    /// In its address.
    pub id: String,
    /// The browser that made it.
    pub browser: String,
    /// When.
    pub made: Moment,
    /// The moment asked about.
    pub at: Moment,
    /// Documents in all.
    pub total: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rows: Vec<Option<Row>>,
    number: Option<String>,
    finished: bool,
}

impl Batch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows done so far, each with its place, and whether all are done.
    pub fn rows(&self) -> (Vec<(usize, Row)>, bool) {
        let state = self.state();
        let rows = state.rows.iter().enumerate();
        (rows.filter_map(|(at, row)| Some((at, row.clone()?))).collect(), state.finished)
    }

    /// One row.
    pub fn row(&self, at: usize) -> Option<Row> {
        self.state().rows.get(at).cloned().flatten()
    }

    /// Check number of the whole, once done: its receipt is kept under it.
    pub fn number(&self) -> Option<String> {
        self.state().number.clone()
    }
}

/// All batches.
#[derive(Default)]
pub struct Batches(Mutex<VecDeque<Arc<Batch>>>);

impl Batches {
    /// The batch, for the browser that made it.
    pub fn find(&self, id: &str, browser: &str, now: Moment) -> Option<Arc<Batch>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|batch| batch.made.plus_seconds(KEPT_SECONDS) >= now);
        known.iter().find(|batch| batch.id == id && batch.browser == browser).cloned()
    }

    /// Begins a batch; it goes on by itself.
    pub fn begin(
        &self,
        app: &App,
        files: Vec<(String, Vec<u8>)>,
        at: Moment,
        browser: &str,
    ) -> Arc<Batch> {
        let total = files.len();
        let batch = Arc::new(Batch {
            id: random_token(&*app.entropy),
            browser: browser.to_owned(),
            made: app.now(),
            at,
            total,
            state: Mutex::new(State { rows: vec![None; total], ..State::default() }),
        });
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.push_back(Arc::clone(&batch));
        while known.len() > MAX_BATCHES {
            known.pop_front();
        }
        drop(known);
        tokio::spawn(work(Arc::clone(app), Arc::clone(&batch), files));
        batch
    }
}

/// A document that was examined.
struct Done {
    at: usize,
    name: String,
    found: Found,
    examination: Examination,
}

async fn work(app: App, batch: Arc<Batch>, files: Vec<(String, Vec<u8>)>) {
    let now = app.now();
    let recorder = examine::recorder(&app).await;
    let mut waiting: VecDeque<_> = files.into_iter().enumerate().collect();
    let mut running = JoinSet::new();
    let mut done: Vec<Done> = Vec::new();
    loop {
        while running.len() < ABREAST
            && let Some((at, (name, bytes))) = waiting.pop_front()
        {
            running.spawn(one(Arc::clone(&app), recorder.clone(), at, name, bytes, batch.at, now));
        }
        let Some(ended) = running.join_next().await else { break };
        match ended {
            Ok(Ok(one)) => {
                show(&batch, &one, &app, now);
                done.push(one);
            }
            Ok(Err((at, name, refusal))) => {
                let outcome = Outcome::Refused(refusal);
                batch.state().rows[at] = Some(Row { name, outcome, duplicate_of: None });
            }
            Err(error) => tracing::error!(%error, "a document's examination broke off"),
        }
    }
    done.sort_by_key(|one| one.at);
    let recorder = learned(&app, &batch, &mut done, recorder, now).await;
    mark_duplicates(&batch, &done);
    finish(&app, &batch, &done, &recorder, now);
}

async fn one(
    app: App,
    recorder: Recorder,
    at: usize,
    name: String,
    bytes: Vec<u8>,
    moment: Moment,
    now: Moment,
) -> Result<Done, (usize, String, Refusal)> {
    match examine::take_in(&app, bytes).await {
        Ok(found) => {
            let examination = examine::one(&recorder, &found, moment, now).await;
            Ok(Done { at, name, found, examination })
        }
        Err(refusal) => Err((at, name, refusal)),
    }
}

fn show(batch: &Batch, one: &Done, app: &App, now: Moment) {
    let examined = std::slice::from_ref(&one.examination);
    let report = Report::new(examined, None, examine::documents(), batch.at)
        .numbered(uuid_v7(now, &*app.entropy));
    let outcome = Outcome::Examined(Box::new(report));
    let row = Row { name: one.name.clone(), outcome, duplicate_of: None };
    batch.state().rows[one.at] = Some(row);
}

/// Where the chain was asked about issuers meanwhile, all is examined again with that knowledge.
async fn learned(
    app: &App,
    batch: &Batch,
    done: &mut [Done],
    recorder: Recorder,
    now: Moment,
) -> Recorder {
    let examined: Vec<Examination> = done.iter().map(|one| one.examination.clone()).collect();
    if !app.learn(&examined).await {
        return recorder;
    }
    let recorder = examine::recorder(app).await;
    for one in done {
        one.examination = examine::one(&recorder, &one.found, batch.at, now).await;
        show(batch, one, app, now);
    }
    recorder
}

/// The same credential twice, however it came: a photo of the QR and the file are one.
fn mark_duplicates(batch: &Batch, done: &[Done]) {
    let mut first: HashMap<[u8; 32], usize> = HashMap::new();
    for one in done {
        let Ok(credential) = UnverifiedCredential::parse(&one.found.bytes) else { continue };
        let known = *first.entry(credential.digest()).or_insert(one.at);
        if known != one.at
            && let Some(row) = &mut batch.state().rows[one.at]
        {
            row.duplicate_of = Some(known);
        }
    }
}

fn finish(app: &App, batch: &Batch, done: &[Done], recorder: &Recorder, now: Moment) {
    let examined: Vec<Examination> = done.iter().map(|one| one.examination.clone()).collect();
    let number = uuid_v7(now, &*app.entropy);
    let report = Report::new(&examined, None, examine::documents(), batch.at).numbered(&number);
    let documents: Vec<_> = done.iter().map(|one| one.found.made()).collect();
    if !documents.is_empty()
        && let Some(receipt) = examine::receipt(app, &report, &documents, recorder)
    {
        app.desk.results.keep(report, receipt, &batch.browser, now);
        batch.state().number = Some(number);
    }
    batch.state().finished = true;
    tracing::info!(documents = batch.total, "a batch is done");
}
