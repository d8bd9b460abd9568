//! A desk made of its luggage: it judges, and says how old its knowledge is.
use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use chain_proofs::PinnedChain;
use credential_model::{
    credential::UnverifiedCredential,
    json::{Limits, parse_strict},
    moment::Moment,
};
use credential_verification::{
    Examination, Exhibit, Grounds, Policies, Report, Tools, bundle,
    examine::examine_exhibit,
    packs::{HeldPack, PackShelf},
    report::{Asked, AskedKind},
    store::MemoryStore,
};
use serde::Serialize;
use serde_json::Value;
use trust_registry::{BesideList, ChainTrust, TrustList, TrustSource};

use crate::{
    known::{KnownDocuments, NoNetwork},
    luggage::{ChainKnowledge, LUGGAGE_VERSION, Luggage, MAX_LUGGAGE_BYTES, TrustKnowledge},
};

/// Packs, lists and documents nest no deeper.
const MAX_DEPTH: usize = 48;

/// Why a desk was not made, or did not judge. None of these says anything of a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The luggage is not of the known form.
    #[error("the desk's luggage cannot be read: {0}")]
    Luggage(String),
    /// A status pack in it is not to be read.
    #[error("a status pack in the luggage cannot be read: {0}")]
    Pack(String),
    /// Nothing was taken along yet.
    #[error("the desk has nothing along")]
    Empty,
    /// The question is not of the known form.
    #[error("the question cannot be read: {0}")]
    Question(String),
    /// A check waited for something, which cannot be without a net.
    #[error("a check did not finish")]
    Unfinished,
}

impl DeskError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            DeskError::Luggage(_) => "offline_luggage",
            DeskError::Pack(_) => "offline_pack",
            DeskError::Empty => "offline_empty",
            DeskError::Question(_) => "offline_question",
            DeskError::Unfinished => "offline_unfinished",
        }
    }
}

/// A verifier without a net.
pub struct Desk {
    resolver: KnownDocuments,
    trust: Option<Arc<dyn TrustSource>>,
    grounds: Grounds,
    seen: MemoryStore,
    made: Moment,
    valid_until: Moment,
    packs: Vec<PackNote>,
}

/// How old a desk's knowledge is at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Age {
    /// When it was packed.
    pub made: Moment,
    /// After this moment it is not used any more.
    pub valid_until: Moment,
    /// Seconds since it was packed; 0 when the clock stands before that.
    pub seconds: i64,
    /// Whether it has run out.
    pub expired: bool,
    /// The status packs in it.
    pub packs: Vec<PackNote>,
}

/// One status pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackNote {
    /// Whose it is.
    pub issuer: String,
    /// When the issuer made it.
    pub issued: Moment,
    /// When a newer one was due.
    pub valid_until: Moment,
}

impl Desk {
    /// Unpacks luggage.
    ///
    /// # Errors
    /// [`DeskError::Luggage`], [`DeskError::Pack`].
    pub fn unpack(bytes: &[u8]) -> Result<Self, DeskError> {
        let limits = Limits { max_bytes: MAX_LUGGAGE_BYTES, max_depth: MAX_DEPTH };
        let value = parse_strict(bytes, &limits).map_err(|error| unreadable(&error))?;
        let luggage: Luggage = serde_json::from_value(value).map_err(|error| unreadable(&error))?;
        Self::of(luggage)
    }

    /// A desk with this luggage.
    ///
    /// # Errors
    /// [`DeskError::Luggage`], [`DeskError::Pack`].
    pub fn of(luggage: Luggage) -> Result<Self, DeskError> {
        if luggage.v != LUGGAGE_VERSION {
            return Err(DeskError::Luggage("another version of the form".to_owned()));
        }
        let pinned = luggage.pins.map(PinnedChain::try_from).transpose();
        let pinned = pinned.map_err(|error| unreadable(&error))?;
        let shelf = PackShelf::default();
        let mut packs = Vec::with_capacity(luggage.packs.len());
        for file in &luggage.packs {
            let broken = |error: &dyn std::fmt::Display| DeskError::Pack(error.to_string());
            let bytes = serde_json::to_vec(file).map_err(|error| broken(&error))?;
            let held = HeldPack::read(&bytes, pinned.as_ref()).map_err(|error| broken(&error))?;
            let index = held.pack().index();
            packs.push(PackNote {
                issuer: index.issuer.clone(),
                issued: index.issued,
                valid_until: index.valid_until,
            });
            shelf.put(held).map_err(|error| broken(&error))?;
        }
        let policies = Policies::default().with(&luggage.policies);
        let policies = policies.map_err(|error| unreadable(&error))?;
        Ok(Desk {
            resolver: KnownDocuments::new(luggage.documents, luggage.deactivated)?,
            trust: trust(luggage.trust, luggage.valid_until)?,
            grounds: Grounds {
                pinned: pinned.map(Arc::new),
                keys: Some(Arc::new(luggage.keys)),
                policies,
                packs: Arc::new(shelf),
                ..Grounds::default()
            },
            seen: MemoryStore::new(),
            made: luggage.made,
            valid_until: luggage.valid_until,
            packs,
        })
    }

    /// How old the knowledge is.
    pub fn age(&self, now: Moment) -> Age {
        Age {
            made: self.made,
            valid_until: self.valid_until,
            seconds: now.seconds_since(self.made).max(0),
            expired: now > self.valid_until,
            packs: self.packs.clone(),
        }
    }

    /// Judges what was shown (a token, a document, or either in an envelope with its evidence) as
    /// the service and the command line would, with nothing but this desk's knowledge.
    ///
    /// # Errors
    /// [`DeskError::Unfinished`]. What cannot be read as a credential gives a report that says so.
    pub fn examine(&self, shown: &str, now: Moment) -> Result<Report, DeskError> {
        let examination = self.look(shown, now)?;
        let asked = Asked { kind: AskedKind::Document, ..Asked::default() };
        Ok(Report::new(&[examination], None, asked, now))
    }

    fn look(&self, shown: &str, now: Moment) -> Result<Examination, DeskError> {
        // A badge on paper: a QR text or link that holds the whole credential.
        let unfolded = paper_badges::is_paper_text(shown).then(|| paper_badges::from_text(shown));
        let shown = match &unfolded {
            Some(Ok(document)) => document.as_str(),
            Some(Err(error)) => return Ok(Examination::unreadable(error.code(), now)),
            None => shown,
        };
        let unpacked = match bundle::unpack_bytes(shown.as_bytes()) {
            Ok(unpacked) => unpacked,
            Err(error) => return Ok(Examination::unreadable(error.code(), now)),
        };
        let (wire, staple) = match unpacked {
            Some((Value::String(text), staple)) => (text, staple),
            Some((document, staple)) => (document.to_string(), staple),
            None => (shown.trim().to_owned(), None),
        };
        let credential = match UnverifiedCredential::parse_str(&wire) {
            Ok(credential) => credential,
            Err(error) => return Ok(Examination::unreadable(error.code(), now)),
        };
        // What has run out is not used, as if nothing had been taken along: the report then says
        // "could not be confirmed" in the words it always has for that.
        let nothing = KnownDocuments::nothing();
        let expired = now > self.valid_until;
        let bare = Grounds { keys: self.grounds.keys.clone(), ..Grounds::default() };
        let tools = Tools {
            resolver: if expired { &nothing } else { &self.resolver },
            fetch: &NoNetwork,
            chain: None,
            trust: self.trust.as_deref().filter(|_| !expired),
            seen: &self.seen,
            offline: true,
            grounds: if expired { &bare } else { &self.grounds },
        };
        let exhibit = Exhibit { staple: staple.as_ref(), ..Exhibit::shown() };
        at_once(examine_exhibit(&credential, exhibit, &tools, now)).ok_or(DeskError::Unfinished)
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> DeskError {
    DeskError::Luggage(error.to_string())
}

/// The list and the chain's records, in the same order of precedence as at the service.
fn trust(
    known: TrustKnowledge,
    valid_until: Moment,
) -> Result<Option<Arc<dyn TrustSource>>, DeskError> {
    let list = known.list.as_ref().map(TrustList::parse).transpose();
    let list = list.map_err(|error| unreadable(&error))?.map(Arc::new);
    let Some(read) = known.chain else {
        return Ok(list.map(|list| list as Arc<dyn TrustSource>));
    };
    let chain = accreditations(&read, list.as_deref(), valid_until);
    Ok(Some(Arc::new(BesideList { chain, list })))
}

fn accreditations(
    read: &ChainKnowledge,
    list: Option<&TrustList>,
    valid_until: Moment,
) -> ChainTrust {
    let block = read.issuers.iter().map(|one| one.block).max().unwrap_or_default();
    let as_of = read.issuers.iter().map(|one| one.as_of).min().unwrap_or(valid_until);
    let mut chain = ChainTrust::new(block, as_of, valid_until);
    for root in &read.roots {
        chain = chain.named(&root.did, &root.name_ko, &root.name_en, None);
        if !root.named_only {
            chain = chain.root(&root.did);
        }
    }
    for one in &read.issuers {
        let entry = list.and_then(|list| list.entries.iter().find(|e| e.issuer == one.did));
        if let Some(entry) = entry {
            let account = list.and_then(|list| list.chain_controller(one.did.as_str()));
            chain = chain.named(&one.did, &entry.name_ko, &entry.name_en, account);
        }
        chain = chain.holds(&one.did, one.chains.clone());
    }
    chain
}

/// Runs a future that never waits: whatever could wait, the net, is not there.
fn at_once<F: Future>(future: F) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
