//! The same checks on archived answers. There is no client in here: nothing can be asked.

use std::sync::Arc;

use async_trait::async_trait;
use credential_model::credential::UnverifiedCredential;
use credential_model::moment::Moment;
use credential_verification::examine::{Exhibit, examine_exhibit};
use credential_verification::store::{SeenBefore, SeenList, SeenLists, StoreError};
use credential_verification::{Examination, Grounds, Report, Toolbox, bundle};
use evm_chain::{
    ChainError, DidHead, EpochEvent, KeyState, KeyStatement, ReadChain, StatusHead, Tip,
};
use trust_registry::{ChainAccount, Entitlement, Question, TrustSource};
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

use crate::answers::{self, Answers};
use crate::receipt::{CodeLine, Made, Receipt, ReceiptError};
use crate::recorder::resolver;

/// Why a receipt could not be replayed. Another verdict is no error: see [`Replayed`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The receipt itself.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The receipt holds no documents and none was given.
    #[error("the receipt holds no documents: give the file that was verified")]
    NoDocuments,
    /// What was given is not what was verified.
    #[error("the document given is not the one that was verified (SHA-256 {0})")]
    OtherDocument(String),
}

impl ReplayError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            ReplayError::Receipt(error) => error.code(),
            ReplayError::NoDocuments => "receipt_without_documents",
            ReplayError::OtherDocument(_) => "receipt_other_document",
        }
    }
}

/// The verdict made again.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// The report as it comes out today.
    pub report: Report,
    /// Whether verdict and every code are those of the receipt.
    pub same: bool,
}

/// Examines the documents of a receipt again as at its time, by its archived answers and this
/// verifier's own pinned chain and policies. `given` stands in for documents that the receipt does
/// not hold.
///
/// # Errors
/// [`ReplayError`].
pub async fn replay(
    receipt: &Receipt,
    given: &[Made],
    grounds: Arc<Grounds>,
) -> Result<Replayed, ReplayError> {
    let statement = &receipt.statement;
    let documents = match (&receipt.documents, given) {
        (Some(kept), []) => kept.as_slice(),
        (_, given) => given,
    };
    if documents.len() != statement.shown.len() {
        return Err(ReplayError::NoDocuments);
    }
    let toolbox = toolbox(&receipt.inputs, grounds);
    let (at, now) = (statement.about, statement.examined_at);
    let mut examinations = Vec::with_capacity(documents.len());
    for (made, line) in documents.iter().zip(&statement.shown) {
        let digest = made.sha256()?;
        if digest != line.sha256 {
            return Err(ReplayError::OtherDocument(digest));
        }
        let staple = match &made.staple {
            Some(staple) => Some(
                bundle::read_staple(staple.clone())
                    .map_err(|error| ReceiptError::Form(error.to_string()))?,
            ),
            None => None,
        };
        examinations.push(match UnverifiedCredential::parse(&made.to_bytes()?) {
            Ok(credential) => {
                let exhibit = Exhibit { staple: staple.as_ref(), ..Exhibit::shown() };
                examine_exhibit(&credential, exhibit.about(at, now), &toolbox.tools(), now).await
            }
            Err(error) => Examination::unreadable(error.code(), at),
        });
    }
    let report = Report::new(&examinations, None, statement.asked.clone(), at)
        .numbered(statement.number.clone());
    let same_codes = report.credentials().zip(&statement.shown).all(|((_, _, checks), line)| {
        checks.iter().map(CodeLine::from).eq(line.codes.iter().cloned())
    });
    let same =
        same_codes && report.verdict == statement.verdict && report.overall == statement.overall;
    Ok(Replayed { report, same })
}

/// Tools that know the archive and nothing else.
fn toolbox(inputs: &Answers, grounds: Arc<Grounds>) -> Toolbox {
    let archive = Arc::new(Archive(inputs.clone()));
    let asked = |prefix: &str| inputs.0.keys().any(|question| question.starts_with(prefix));
    let chain = asked("chain ").then(|| Arc::clone(&archive) as Arc<dyn ReadChain>);
    let trust = asked("trust ").then(|| Arc::clone(&archive) as Arc<dyn TrustSource>);
    let fetch: Arc<dyn Fetch> = Arc::clone(&archive) as Arc<dyn Fetch>;
    Toolbox {
        resolver: Arc::new(resolver(Arc::clone(&fetch), chain.clone(), trust.clone())),
        fetch,
        chain,
        trust,
        seen: archive,
        offline: false,
        grounds,
    }
}

struct Archive(Answers);

impl Archive {
    fn chain<T: serde::de::DeserializeOwned>(&self, question: &str) -> Result<T, ChainError> {
        answers::read_chain(self.0.get(question))
    }
}

#[async_trait]
impl Fetch for Archive {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let absent = || FetchError::ConnectFailed("not in the archive".to_owned());
        let answer = self.0.get(&answers::fetch_question(&request)).ok_or_else(absent)?;
        answers::read_fetch(answer, &Some(request.url)).unwrap_or_else(|| Err(absent()))
    }
}

#[async_trait]
impl ReadChain for Archive {
    async fn did_head(&self, did: &str) -> Result<Option<DidHead>, ChainError> {
        self.chain(&format!("chain did_head {did}"))
    }

    async fn did_document(&self, did: &str, version: u64) -> Result<Vec<u8>, ChainError> {
        self.chain(&format!("chain did_document {did} {version}"))
    }

    async fn status_head(&self, issuer: &str) -> Result<Option<StatusHead>, ChainError> {
        self.chain(&format!("chain status_head {issuer}"))
    }

    async fn tip(&self) -> Result<Tip, ChainError> {
        self.chain("chain tip")
    }

    async fn check(&self) -> Result<(), ChainError> {
        Ok(())
    }

    async fn key_states(&self, did: &str) -> Result<Vec<KeyState>, ChainError> {
        self.chain(&format!("chain key_states {did}"))
    }

    async fn key_history(
        &self,
        did: &str,
        key: &[u8; 32],
    ) -> Result<Vec<KeyStatement>, ChainError> {
        self.chain(&format!("chain key_history {did} {}", hex::encode(key)))
    }

    async fn epochs(
        &self,
        issuer: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<EpochEvent>, ChainError> {
        self.chain(&format!("chain epochs {issuer} {from} {limit}"))
    }

    async fn block_hash(&self, number: u64) -> Result<Option<[u8; 32]>, ChainError> {
        self.chain(&format!("chain block_hash {number}"))
    }
}

impl TrustSource for Archive {
    fn entitlement(&self, question: &Question<'_>, _: Moment) -> Entitlement {
        let answer = self.0.get(&answers::entitlement_question(question)).cloned();
        answer
            .and_then(|answer| serde_json::from_value(answer).ok())
            .unwrap_or(Entitlement::RegistryUnreachable)
    }

    fn label(&self) -> String {
        let label = self.0.get("trust label").and_then(|label| label.as_str());
        label.unwrap_or("archived trust list").to_owned()
    }

    fn valid_until(&self) -> Moment {
        let until = self.0.get("trust valid_until").and_then(|until| until.as_str());
        until.and_then(|until| Moment::parse(until).ok()).unwrap_or(Moment::from_unix(0))
    }

    fn version(&self) -> u64 {
        self.0.get("trust version").and_then(|version| version.as_u64()).unwrap_or_default()
    }

    fn chain_controller(&self, issuer: &str) -> Option<ChainAccount> {
        answers::read_account(self.0.get(&format!("trust account {issuer}")))
    }

    fn knows(&self, issuer: &str) -> bool {
        let knows = self.0.get(&format!("trust knows {issuer}"));
        knows.is_none_or(|knows| knows.as_bool().unwrap_or(true))
    }

    fn known_at(&self) -> Option<Moment> {
        let known = self.0.get("trust known_at")?.as_str()?;
        Moment::parse(known).ok()
    }
}

#[async_trait]
impl SeenLists for Archive {
    async fn see_list(&self, key: &str, offered: &SeenList) -> Result<SeenBefore, StoreError> {
        let answer = self.0.get(&answers::seen_question(key, offered));
        Ok(answer.and_then(answers::read_seen).unwrap_or(SeenBefore::Current))
    }
}
