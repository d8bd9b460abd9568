//! Accreditations from the chain, kept for a while, beside the trust list or instead of it.
//!
//! The index answers for everybody at once while it is current. Without it an issuer is looked up
//! when the first credential whose proof holds names it; until then the chain's answer is "not
//! asked", never "not accredited". Where the chain cannot be asked either, the index answers from
//! memory and says from when.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use credential_model::{did::Did, moment::Moment};
use credential_verification::{CheckId, Code, Examination};
use evm_chain::{AccreditationChain, ReadChain};
use serde::Deserialize;
use trust_registry::{BesideList, ChainTrust, Entitlement, Question, TrustList, TrustSource};

use crate::chain_index::{ChainIndex, Memory};

/// More issuers are not kept; the one read longest ago is forgotten.
const MAX_ISSUERS: usize = 512;
/// Issuers looked up for one request.
const MAX_LOOKUPS: usize = 16;
/// How long an answer of the chain is used, seconds.
const USUAL_SECONDS: i64 = 300;

/// `[[trust.roots]]`: whose word counts, and what people call them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// The DID at the top of the chain of authority (a ministry, a federation).
    pub did: Did,
    /// Korean name.
    pub name_ko: String,
    /// English name.
    pub name_en: String,
    /// Whether it is only named in reports, and no root: an authority in between.
    #[serde(default)]
    pub named_only: bool,
}

struct Held {
    did: Did,
    block: u64,
    as_of: Moment,
    read: Moment,
    chains: Vec<AccreditationChain>,
}

/// What the chain held about one issuer at a block.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The issuer.
    pub did: Did,
    /// Number of the block.
    pub block: u64,
    /// Its time.
    pub as_of: Moment,
    /// The issuer's records, each with those it was given under.
    pub chains: Vec<AccreditationChain>,
}

/// What was read of the accreditation registry.
pub struct Accreditations {
    roots: Vec<Root>,
    seconds: i64,
    held: Mutex<BTreeMap<String, Held>>,
    /// Issuers whom the chain could not be asked about, and when.
    unanswered: Mutex<BTreeMap<Did, Moment>>,
    index: Option<Arc<ChainIndex>>,
}

impl Accreditations {
    /// Knows nothing yet. `seconds` is how long an answer is used; five minutes when absent.
    pub fn new(roots: Vec<Root>, seconds: Option<i64>) -> Self {
        let seconds = seconds.unwrap_or(USUAL_SECONDS).max(1);
        Accreditations {
            roots,
            seconds,
            held: Mutex::default(),
            unanswered: Mutex::default(),
            index: None,
        }
    }

    /// The same with an index to answer from.
    #[must_use]
    pub fn with_index(mut self, index: Option<Arc<ChainIndex>>) -> Self {
        self.index = index;
        self
    }

    /// The source of trust as of now, with the list in force beside it.
    pub fn source(&self, list: Option<Arc<TrustList>>, now: Moment) -> Arc<dyn TrustSource> {
        let memory = self.index.as_ref().and_then(|index| index.snapshot(now));
        let current = memory.as_ref().filter(|memory| self.is_young(memory.confirmed, now));
        if let Some(current) = current {
            let base = self.named(ChainTrust::new(
                current.block,
                current.confirmed,
                now.plus_seconds(self.seconds),
            ));
            let chain = Indexed { base, memory: current.clone(), only: None, list: list.clone() };
            return Arc::new(BesideList { chain, list });
        }
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh: Vec<&Held> = held.values().filter(|one| self.is_fresh(one, now)).collect();
        // The source lives for one request; what it holds was fresh when the request began.
        let until = now.plus_seconds(self.seconds);
        let block = fresh.iter().map(|one| one.block).max().unwrap_or_default();
        let as_of = fresh.iter().map(|one| one.as_of).min().unwrap_or(now);
        let mut chain = ChainTrust::new(block, as_of, until);
        chain = self.named(chain);
        if let Some(memory) = memory.filter(|_| fresh.is_empty()) {
            let silent = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
            let only: BTreeSet<String> = silent
                .iter()
                .filter(|(_, tried)| self.is_young(**tried, now))
                .map(|(did, _)| did.to_string())
                .collect();
            if !only.is_empty() {
                let base = self.named(ChainTrust::new(memory.block, memory.confirmed, until));
                let chain = Indexed { base, memory, only: Some(only), list: list.clone() };
                return Arc::new(BesideList { chain, list });
            }
        }
        for one in fresh {
            let entry = list
                .as_ref()
                .and_then(|list| list.entries.iter().find(|entry| entry.issuer == one.did));
            if let Some(entry) = entry {
                let account = list.as_ref().and_then(|l| l.chain_controller(one.did.as_str()));
                chain = chain.named(&one.did, &entry.name_ko, &entry.name_en, account);
            }
            chain = chain.holds(&one.did, one.chains.clone());
        }
        Arc::new(BesideList { chain, list })
    }

    /// What was read and is fresh, to be taken along by a desk that loses the net.
    pub fn snapshot(&self, now: Moment) -> (Vec<Root>, Vec<Snapshot>) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = held.values().filter(|one| self.is_fresh(one, now));
        let read = fresh.map(|one| Snapshot {
            did: one.did.clone(),
            block: one.block,
            as_of: one.as_of,
            chains: one.chains.clone(),
        });
        (self.roots.clone(), read.collect())
    }

    /// The roots and the names of those in between.
    fn named(&self, mut chain: ChainTrust) -> ChainTrust {
        for root in &self.roots {
            chain = chain.named(&root.did, &root.name_ko, &root.name_en, None);
            if !root.named_only {
                chain = chain.root(&root.did);
            }
        }
        chain
    }

    fn is_fresh(&self, held: &Held, now: Moment) -> bool {
        self.is_young(held.read, now)
    }

    fn is_young(&self, read: Moment, now: Moment) -> bool {
        let age = now.unix().saturating_sub(read.unix());
        (0..self.seconds).contains(&age)
    }

    /// Looks up the issuers that the examinations could not judge because nobody had asked the
    /// chain about them. Whether something was learned: then it is worth examining again.
    pub async fn learn(
        &self,
        found: &[Examination],
        chain: Option<&dyn ReadChain>,
        now: Moment,
    ) -> bool {
        self.ask(unasked(found).into_iter().take(MAX_LOOKUPS), chain, now).await
    }

    /// Looks up these issuers. Whether something was learned.
    pub async fn ask(
        &self,
        issuers: impl IntoIterator<Item = Did>,
        chain: Option<&dyn ReadChain>,
        now: Moment,
    ) -> bool {
        let Some(chain) = chain else { return false };
        let mut learned = false;
        for did in issuers {
            let read =
                async { Ok((chain.tip().await?, chain.accreditations(did.as_str()).await?)) };
            let (tip, chains) = match read.await {
                Ok(read) => read,
                Err(error) => {
                    let error: evm_chain::ChainError = error;
                    tracing::warn!(code = error.code(), "accreditations could not be read");
                    // Now the index may answer from memory.
                    learned |= self.give_up(did, now);
                    continue;
                }
            };
            self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).remove(&did);
            let as_of = Moment::from_unix(tip.time);
            self.keep(Held { did, block: tip.number, as_of, read: now, chains });
            learned = true;
        }
        learned
    }

    /// Notes that the chain did not answer about an issuer; whether that is worth another look.
    fn give_up(&self, did: Did, now: Moment) -> bool {
        let remembers = self.index.as_ref().is_some_and(|index| index.snapshot(now).is_some());
        let mut silent = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        silent.retain(|_, tried| self.is_young(*tried, now));
        if silent.len() < MAX_ISSUERS {
            silent.insert(did, now);
        }
        remembers
    }

    fn keep(&self, one: Held) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MAX_ISSUERS
            && let Some(oldest) =
                held.iter().min_by_key(|(_, one)| one.read).map(|(did, _)| did.clone())
        {
            held.remove(&oldest);
        }
        held.insert(one.did.to_string(), one);
    }
}

/// Issuers of proven credentials whose accreditation is open for want of an answer, each once.
fn unasked(found: &[Examination]) -> Vec<Did> {
    let mut dids: Vec<Did> = Vec::new();
    for one in found {
        let code = one.outcome(CheckId::Entitlement).map(|outcome| outcome.code());
        if code != Some(Code::EntitlementRegistryUnreachable) {
            continue;
        }
        let issuer = one.content.issuer().and_then(|issuer| Did::parse(issuer).ok());
        dids.extend(issuer.filter(|did| !dids.contains(did)));
    }
    dids
}

/// The index as a source: records are looked up when the question comes.
struct Indexed {
    /// Roots and names.
    base: ChainTrust,
    memory: Memory,
    /// Issuers that it answers for; everybody where none is named.
    only: Option<BTreeSet<String>>,
    /// Names of issuers.
    list: Option<Arc<TrustList>>,
}

impl Indexed {
    fn about(&self, issuer: &str) -> ChainTrust {
        let answers = self.only.as_ref().is_none_or(|only| only.contains(issuer));
        let Some(did) = Did::parse(issuer).ok().filter(|_| answers) else {
            return self.base.clone();
        };
        let mut chain = self.base.clone();
        let entry = self.list.as_ref().and_then(|list| {
            let entry = list.entries.iter().find(|entry| entry.issuer == did)?;
            Some((entry, list.chain_controller(issuer)))
        });
        if let Some((entry, account)) = entry {
            chain = chain.named(&did, &entry.name_ko, &entry.name_en, account);
        }
        let records = self.memory.index.accreditations(issuer);
        chain.holds(&did, records)
    }
}

impl TrustSource for Indexed {
    fn entitlement(&self, question: &Question<'_>, now: Moment) -> Entitlement {
        self.about(question.issuer).entitlement(question, now)
    }

    fn label(&self) -> String {
        match self.only {
            None => self.base.label(),
            Some(_) => format!("{} as read at {}", self.base.label(), self.memory.confirmed),
        }
    }

    fn valid_until(&self) -> Moment {
        self.base.valid_until()
    }

    fn version(&self) -> u64 {
        self.base.version()
    }

    fn knows(&self, issuer: &str) -> bool {
        self.about(issuer).knows(issuer)
    }

    fn known_at(&self) -> Option<Moment> {
        self.only.is_some().then_some(self.memory.confirmed)
    }
}

#[cfg(test)]
mod tests {
    use evm_chain::{AccreditationRecord, AccreditationStatus, Scope, slots::did_key, type_hash};
    use serde_json::json;

    use super::*;

    const MINISTRY: &str = "did:web:ministry.example";
    const ISSUER: &str = "did:web:issuer.example";
    const BADGE: &str = "KrQualificationBadge";

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn now() -> Moment {
        at("2026-11-23T05:30:00Z")
    }

    fn record(subject: &str, depth: u8) -> AccreditationRecord {
        AccreditationRecord {
            id: [depth; 32],
            parent: (depth > 1).then_some([depth - 1; 32]),
            subject: did_key(subject),
            scope: Scope::Type(type_hash(BADGE)),
            from: at("2025-01-01T00:00:00Z").unix(),
            until: at("2030-01-01T00:00:00Z").unix(),
            may_issue: true,
            may_accredit: true,
            depth,
            evidence: [0; 32],
            recorded_at: at("2025-01-01T00:00:00Z").unix(),
            recorded_in: 1,
            history: Vec::new(),
        }
    }

    fn store() -> Accreditations {
        let root = Root {
            did: Did::parse(MINISTRY).unwrap(),
            name_ko: "가상부처(시험용)".to_owned(),
            name_en: "Fictitious ministry (test)".to_owned(),
            named_only: false,
        };
        Accreditations::new(vec![root], None)
    }

    fn held(chains: Vec<AccreditationChain>, read: Moment) -> Held {
        Held { did: Did::parse(ISSUER).unwrap(), block: 9, as_of: read, read, chains }
    }

    fn accredited() -> AccreditationChain {
        AccreditationChain { records: vec![record(ISSUER, 2), record(MINISTRY, 1)] }
    }

    fn suspended() -> AccreditationChain {
        let mut chain = accredited();
        chain.records[0].history.push(evm_chain::AccreditationChange {
            status: AccreditationStatus::Suspended,
            from: at("2026-01-01T00:00:00Z").unix(),
            until: None,
            recorded_at: at("2026-01-01T00:00:00Z").unix(),
            reason: [0; 32],
        });
        chain
    }

    fn list() -> Arc<TrustList> {
        let list = json!({
            "version": 1, "issued": "2026-11-01T00:00:00Z", "expires": "2027-11-01T00:00:00Z",
            "operator": MINISTRY,
            "entries": [{"issuer": ISSUER, "name_ko": "가상 발급기관(시험용)",
                "name_en": "Fictitious issuer (test)", "types": [BADGE],
                "from": "2025-01-01T00:00:00Z", "authority": ["가상부처(시험용)"]}]
        });
        Arc::new(TrustList::parse(&list).unwrap())
    }

    fn ask(source: &dyn TrustSource) -> Entitlement {
        let at = at("2026-06-01T00:00:00Z");
        let question = Question { issuer: ISSUER, type_name: BADGE, kind: None, at };
        source.entitlement(&question, now())
    }

    #[test]
    fn not_asked_is_not_refused_and_an_answer_grows_old() {
        let store = store();
        assert_eq!(ask(&*store.source(None, now())), Entitlement::RegistryUnreachable);
        // The list alone would say yes; the chain may hold a suspension.
        assert_eq!(ask(&*store.source(Some(list()), now())), Entitlement::RegistryUnreachable);
        store.keep(held(vec![accredited()], now()));
        assert!(ask(&*store.source(None, now())).is_entitled());
        let later = now().plus_seconds(USUAL_SECONDS);
        assert_eq!(ask(&*store.source(None, later)), Entitlement::RegistryUnreachable);
    }

    #[test]
    fn the_chain_overrules_the_list_where_it_knows_the_issuer() {
        let store = store();
        store.keep(held(vec![suspended()], now()));
        assert_eq!(ask(&*store.source(Some(list()), now())), Entitlement::SuspendedAtThatTime);
        // The chain holds nothing about it: the list speaks.
        store.keep(held(Vec::new(), now()));
        assert!(ask(&*store.source(Some(list()), now())).is_entitled());
        assert_eq!(ask(&*store.source(None, now())), Entitlement::NotAccredited);
    }

    #[test]
    fn the_memory_is_bounded() {
        let store = store();
        for number in 0..MAX_ISSUERS + 10 {
            let did = Did::parse(&format!("did:web:i{number}.example")).unwrap();
            store.keep(Held { did, ..held(Vec::new(), now()) });
        }
        assert_eq!(store.held.lock().unwrap().len(), MAX_ISSUERS);
    }
}
