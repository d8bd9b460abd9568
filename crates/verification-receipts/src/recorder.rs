//! Between the checks and what they ask: each question goes out once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use credential_model::did::Did;
use credential_model::moment::Moment;
use credential_verification::Toolbox;
use credential_verification::store::{SeenBefore, SeenList, SeenLists, StoreError};
use did_resolution::{Address, ControllerPins, DidAnchors, UniversalResolver};
use evm_chain::{
    ChainError, DidHead, EpochEvent, KeyState, KeyStatement, ReadChain, StatusHead, Tip,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use trust_registry::{ChainAccount, Entitlement, Question, TrustSource};
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

use crate::answers::{self, Answers};

/// Most different questions of one recording.
const MAX_QUESTIONS: usize = 20_000;
/// Most bytes of answers from the network that are kept in one recording.
const MAX_KEPT_BYTES: usize = 256 * 1024 * 1024;

/// Records what a [`Toolbox`] answers.
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
    toolbox: Toolbox,
}

struct Inner {
    asked: Toolbox,
    cells: Mutex<Cells>,
}

#[derive(Default)]
struct Cells {
    /// One cell a question: whoever asks while it is on its way waits for the same answer.
    answers: BTreeMap<String, Arc<OnceCell<Value>>>,
    bytes: usize,
}

impl Recorder {
    /// Records around a toolbox. Issuers' documents are read afresh through the recording.
    pub fn around(asked: Toolbox) -> Self {
        let inner = Arc::new(Inner { asked, cells: Mutex::default() });
        let fetch: Arc<dyn Fetch> = Arc::new(Ear(Arc::clone(&inner)));
        let chain = inner
            .asked
            .chain
            .is_some()
            .then(|| Arc::new(Ear(Arc::clone(&inner))) as Arc<dyn ReadChain>);
        let trust = inner
            .asked
            .trust
            .is_some()
            .then(|| Arc::new(Ear(Arc::clone(&inner))) as Arc<dyn TrustSource>);
        let toolbox = Toolbox {
            resolver: Arc::new(resolver(Arc::clone(&fetch), chain.clone(), trust.clone())),
            fetch,
            chain,
            trust,
            seen: Arc::new(Ear(Arc::clone(&inner))),
            offline: inner.asked.offline,
            grounds: Arc::clone(&inner.asked.grounds),
        };
        Recorder { inner, toolbox }
    }

    /// What the checks ask.
    pub fn toolbox(&self) -> &Toolbox {
        &self.toolbox
    }

    /// Everything answered so far.
    pub fn answers(&self) -> Answers {
        let cells = self.inner.cells();
        let known = cells.answers.iter();
        Answers(known.filter_map(|(key, cell)| Some((key.clone(), cell.get()?.clone()))).collect())
    }
}

/// A resolver whose every look goes through these.
pub(crate) fn resolver(
    fetch: Arc<dyn Fetch>,
    chain: Option<Arc<dyn ReadChain>>,
    trust: Option<Arc<dyn TrustSource>>,
) -> UniversalResolver {
    let anchors = chain.map(|chain| Arc::new(chain) as Arc<dyn DidAnchors>);
    let pinned = move |did: &Did| {
        let account = trust.as_ref()?.chain_controller(did.as_str())?;
        Some(Address::from_bytes(*account.as_bytes()))
    };
    UniversalResolver::new(fetch, anchors).with_pins(Arc::new(pinned) as Arc<dyn ControllerPins>)
}

impl Inner {
    fn cells(&self) -> MutexGuard<'_, Cells> {
        // Every section leaves the map whole, so a poisoned lock is usable.
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cell of a question; `None` when the recording is full: then it goes out unrecorded.
    fn cell(&self, question: &str) -> Option<Arc<OnceCell<Value>>> {
        let mut cells = self.cells();
        let full = cells.answers.len() >= MAX_QUESTIONS || cells.bytes >= MAX_KEPT_BYTES;
        match cells.answers.get(question) {
            Some(cell) => Some(Arc::clone(cell)),
            None if full => None,
            None => {
                let cell = Arc::new(OnceCell::new());
                cells.answers.insert(question.to_owned(), Arc::clone(&cell));
                Some(cell)
            }
        }
    }

    fn chain(&self) -> Result<&dyn ReadChain, ChainError> {
        self.asked.chain.as_deref().ok_or(ChainError::NotSupported("no chain"))
    }

    async fn once_from_chain<T: Serialize + DeserializeOwned>(
        &self,
        question: String,
        ask: impl Future<Output = Result<T, ChainError>>,
    ) -> Result<T, ChainError> {
        let Some(cell) = self.cell(&question) else { return ask.await };
        let answer = cell.get_or_init(|| async { answers::write_chain(&ask.await) }).await;
        answers::read_chain(Some(answer))
    }

    /// The trust registry answers at once; the first answer stays.
    fn once(&self, question: &str, ask: impl FnOnce() -> Value) -> Value {
        let answer = ask();
        let Some(cell) = self.cell(question) else { return answer };
        let _ = cell.set(answer.clone());
        cell.get().cloned().unwrap_or(answer)
    }
}

/// What the checks hold instead of the real thing.
struct Ear(Arc<Inner>);

#[async_trait]
impl Fetch for Ear {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let inner = &self.0;
        let url = request.url.clone();
        let Some(cell) = inner.cell(&answers::fetch_question(&request)) else {
            return inner.asked.fetch.fetch(request).await;
        };
        let asked = || async {
            let answer = inner.asked.fetch.fetch(request).await;
            if let Ok(response) = &answer {
                inner.cells().bytes += response.body.len();
            }
            answers::write_fetch(&answer)
        };
        let answer = cell.get_or_init(asked).await;
        answers::read_fetch(answer, &Some(url))
            .unwrap_or_else(|| Err(FetchError::Interrupted("the recording is broken".to_owned())))
    }
}

#[async_trait]
impl ReadChain for Ear {
    async fn did_head(&self, did: &str) -> Result<Option<DidHead>, ChainError> {
        let chain = self.0.chain()?;
        self.0.once_from_chain(format!("chain did_head {did}"), chain.did_head(did)).await
    }

    async fn did_document(&self, did: &str, version: u64) -> Result<Vec<u8>, ChainError> {
        let chain = self.0.chain()?;
        let question = format!("chain did_document {did} {version}");
        self.0.once_from_chain(question, chain.did_document(did, version)).await
    }

    async fn status_head(&self, issuer: &str) -> Result<Option<StatusHead>, ChainError> {
        let chain = self.0.chain()?;
        self.0
            .once_from_chain(format!("chain status_head {issuer}"), chain.status_head(issuer))
            .await
    }

    async fn tip(&self) -> Result<Tip, ChainError> {
        let chain = self.0.chain()?;
        self.0.once_from_chain("chain tip".to_owned(), chain.tip()).await
    }

    async fn check(&self) -> Result<(), ChainError> {
        self.0.chain()?.check().await
    }

    async fn key_states(&self, did: &str) -> Result<Vec<KeyState>, ChainError> {
        let chain = self.0.chain()?;
        self.0.once_from_chain(format!("chain key_states {did}"), chain.key_states(did)).await
    }

    async fn key_history(
        &self,
        did: &str,
        key: &[u8; 32],
    ) -> Result<Vec<KeyStatement>, ChainError> {
        let chain = self.0.chain()?;
        let question = format!("chain key_history {did} {}", hex::encode(key));
        self.0.once_from_chain(question, chain.key_history(did, key)).await
    }

    async fn epochs(
        &self,
        issuer: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<EpochEvent>, ChainError> {
        let chain = self.0.chain()?;
        let question = format!("chain epochs {issuer} {from} {limit}");
        self.0.once_from_chain(question, chain.epochs(issuer, from, limit)).await
    }

    async fn block_hash(&self, number: u64) -> Result<Option<[u8; 32]>, ChainError> {
        let chain = self.0.chain()?;
        self.0.once_from_chain(format!("chain block_hash {number}"), chain.block_hash(number)).await
    }
}

impl TrustSource for Ear {
    fn entitlement(&self, question: &Question<'_>, now: Moment) -> Entitlement {
        let Some(trust) = &self.0.asked.trust else { return Entitlement::RegistryUnreachable };
        let answer = self.0.once(&answers::entitlement_question(question), || {
            json!(trust.entitlement(question, now))
        });
        serde_json::from_value(answer).unwrap_or(Entitlement::RegistryUnreachable)
    }

    fn label(&self) -> String {
        let trust = &self.0.asked.trust;
        let said = || json!(trust.as_ref().map(|trust| trust.label()).unwrap_or_default());
        self.0.once("trust label", said).as_str().unwrap_or_default().to_owned()
    }

    fn valid_until(&self) -> Moment {
        let until = self.0.asked.trust.as_ref().map_or(Moment::from_unix(0), |t| t.valid_until());
        self.0.once("trust valid_until", || json!(until));
        until
    }

    fn version(&self) -> u64 {
        let version = self.0.asked.trust.as_ref().map_or(0, |trust| trust.version());
        self.0.once("trust version", || json!(version));
        version
    }

    fn chain_controller(&self, issuer: &str) -> Option<ChainAccount> {
        let account = self.0.asked.trust.as_ref()?.chain_controller(issuer);
        self.0.once(&format!("trust account {issuer}"), || answers::write_account(account));
        account
    }

    fn knows(&self, issuer: &str) -> bool {
        let knows = self.0.asked.trust.as_ref().is_some_and(|trust| trust.knows(issuer));
        self.0.once(&format!("trust knows {issuer}"), || json!(knows));
        knows
    }

    fn known_at(&self) -> Option<Moment> {
        let known = self.0.asked.trust.as_ref()?.known_at()?;
        self.0.once("trust known_at", || json!(known));
        Some(known)
    }
}

#[async_trait]
impl SeenLists for Ear {
    async fn see_list(&self, key: &str, offered: &SeenList) -> Result<SeenBefore, StoreError> {
        let Some(cell) = self.0.cell(&answers::seen_question(key, offered)) else {
            return self.0.asked.seen.see_list(key, offered).await;
        };
        let asked = || async {
            let answer = self.0.asked.seen.see_list(key, offered).await;
            answer.map(|answer| answers::write_seen(&answer))
        };
        // A store that failed gave no answer to keep.
        let answer = cell.get_or_try_init(asked).await?;
        Ok(answers::read_seen(answer).unwrap_or(SeenBefore::Current))
    }
}
