//! A request that any number of applicants answer: purpose, deadline, what is asked for. Every
//! wallet that fetches it gets a request of its own with a nonce of its own; the answers come
//! together in one table behind the owner's secret address.
//!
//! One JSON file a collection, replaced in one step, because it outlives the sessions.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use credential_model::moment::Moment;
use credential_verification::{Report, report::Words, session::SessionRecord, templates::Template};
use serde::{Deserialize, Serialize};

/// Most collections that stand at once.
const MAX_COLLECTIONS: usize = 1_000;
/// Most answers of one collection.
pub const MAX_ANSWERS: usize = 2_000;
/// How long after its deadline a collection is kept, seconds.
const KEPT_SECONDS: i64 = 30 * 86_400;
/// The longest time to a deadline, days.
pub const MAX_DAYS: i64 = 180;

/// A collection, stored form 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Collection {
    /// 1
    pub v: u8,
    /// Secret: whoever knows it sees the answers.
    pub owner: String,
    /// In the link and QR.
    pub public: String,
    /// Why, told to every applicant.
    pub purpose: Words,
    /// Name of the [`Template`] asked for.
    pub template: String,
    /// When it was made.
    pub made: Moment,
    /// The last moment at which it may be answered.
    pub deadline: Moment,
    /// Requests that wallets fetched and did not answer yet: public session id and end.
    pub open: Vec<(String, Moment)>,
    /// What came.
    pub answers: Vec<Answer>,
}

/// One answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// When.
    pub at: Moment,
    /// The report on it.
    pub report: Report,
}

impl Collection {
    /// Whether it may still be answered.
    pub fn is_open(&self, now: Moment) -> bool {
        now <= self.deadline && self.answers.len() < MAX_ANSWERS
    }

    /// What is asked for.
    pub fn template(&self) -> Option<Template> {
        Template::parse(&self.template)
    }

    /// For each answer the place of an earlier one that showed the same of the same issuer.
    pub fn duplicates(&self) -> Vec<Option<usize>> {
        let same = |a: &Report, b: &Report| match (&a.credential, &b.credential) {
            (Some(a), Some(b)) => {
                (&a.type_name, &a.issuer.id, &a.shown) == (&b.type_name, &b.issuer.id, &b.shown)
            }
            _ => false,
        };
        let answers = self.answers.iter().enumerate();
        answers
            .map(|(at, one)| self.answers[..at].iter().position(|b| same(&b.report, &one.report)))
            .collect()
    }
}

/// All collections.
pub struct Collections {
    folder: PathBuf,
    known: Mutex<HashMap<String, Collection>>,
}

impl Collections {
    /// Reads what lies in a folder; the folder may be absent.
    ///
    /// # Errors
    /// When a file in it cannot be read: an operator must know, rather than lose answers.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let mut known = HashMap::new();
        if folder.is_dir() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    let text = fs::read(&path)?;
                    let one: Collection = serde_json::from_slice(&text)
                        .with_context(|| format!("the collection {}", path.display()))?;
                    known.insert(one.owner.clone(), one);
                }
            }
        }
        Ok(Collections { folder: folder.to_owned(), known: Mutex::new(known) })
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Collection>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a new one, and forgets those long over. False when there are too many.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&self, collection: Collection, now: Moment) -> anyhow::Result<bool> {
        let mut known = self.known();
        known.retain(|owner, one| {
            let keep = one.deadline.plus_seconds(KEPT_SECONDS) >= now;
            if !keep {
                let _ = fs::remove_file(self.path(owner));
            }
            keep
        });
        if known.len() >= MAX_COLLECTIONS {
            return Ok(false);
        }
        self.write(&collection)?;
        known.insert(collection.owner.clone(), collection);
        Ok(true)
    }

    /// By the owner's secret.
    pub fn of_owner(&self, owner: &str) -> Option<Collection> {
        self.known().get(owner).cloned()
    }

    /// By the public id.
    pub fn of_public(&self, public: &str) -> Option<Collection> {
        self.known().values().find(|one| one.public == public).cloned()
    }

    /// A wallet fetched a request of this collection.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn fetched(&self, owner: &str, session: &SessionRecord) -> anyhow::Result<()> {
        let mut known = self.known();
        let Some(one) = known.get_mut(owner) else { return Ok(()) };
        let now = session.created;
        one.open.retain(|(_, until)| *until >= now);
        one.open.push((session.public_id.clone(), session.expires));
        self.write(one)
    }

    /// An answer came to a session; nothing happens when it belongs to no collection.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn answered(&self, session: &str, report: &Report, now: Moment) -> anyhow::Result<()> {
        let mut known = self.known();
        let belongs = |one: &&mut Collection| one.open.iter().any(|(id, _)| id == session);
        let Some(one) = known.values_mut().find(belongs) else { return Ok(()) };
        one.open.retain(|(id, _)| id != session);
        if one.answers.len() < MAX_ANSWERS {
            one.answers.push(Answer { at: now, report: report.clone() });
        }
        self.write(one)
    }

    fn path(&self, owner: &str) -> PathBuf {
        self.folder.join(format!("{owner}.json"))
    }

    /// Written beside, made durable, then put in its place: a crash leaves the old or the new one.
    fn write(&self, collection: &Collection) -> anyhow::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let path = self.path(&collection.owner);
        let beside = path.with_extension("new");
        let mut file = fs::File::create(&beside)?;
        file.write_all(&serde_json::to_vec(collection)?)?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        fs::File::open(&self.folder)?.sync_all().context("the collections' folder")
    }
}
