//! Accreditation as a chain holds it, as a source of trust.
//!
//! The flow reads the records (each with those it was given under) and puts them here; the answer
//! needs no network. The contract refuses records that widen their parent; it is checked again
//! here, because a node may lie about the contract.

use std::collections::{BTreeMap, BTreeSet};

use credential_model::catalogue::CredentialType;
use credential_model::did::Did;
use credential_model::moment::Moment;
use evm_chain::slots::did_key;
use evm_chain::{
    AccreditationChain, AccreditationRecord, Address, Authority, DEPTH_LIMIT, Scope, type_hash,
};

use crate::account::ChainAccount;
use crate::entitlement::{Entitlement, Question, TrustSource};

/// Accreditation records of some issuers, as of a block.
#[derive(Debug, Clone)]
pub struct ChainTrust {
    as_of: Moment,
    valid_until: Moment,
    block: u64,
    complete: bool,
    roots: BTreeSet<[u8; 32]>,
    names: BTreeMap<[u8; 32], Named>,
    chains: BTreeMap<[u8; 32], Vec<AccreditationChain>>,
}

#[derive(Debug, Clone)]
struct Named {
    did: String,
    ko: String,
    en: String,
    account: Option<ChainAccount>,
}

/// How a kind of a type is named in a scope on the chain: a scope of the bare type name covers
/// every kind, `KrQualificationBadge#1320` covers one.
#[must_use]
pub fn kind_scope(type_name: &str, kind: &str) -> String {
    format!("{type_name}#{kind}")
}

impl ChainTrust {
    /// Knowledge of block number `block` with time `as_of`, usable until `valid_until`; nothing in
    /// it yet.
    #[must_use]
    pub fn new(block: u64, as_of: Moment, valid_until: Moment) -> Self {
        Self {
            as_of,
            valid_until,
            block,
            complete: false,
            roots: BTreeSet::new(),
            names: BTreeMap::new(),
            chains: BTreeMap::new(),
        }
    }

    /// Believes chains of authority that end at this DID (a ministry, a federation). Without a
    /// root nobody is accredited, whatever a chain holds.
    #[must_use]
    pub fn root(mut self, did: &Did) -> Self {
        self.roots.insert(did_key(did.as_str()));
        self
    }

    /// Names a subject, since the chain knows it as a digest only, and the account that anchors
    /// for it.
    #[must_use]
    pub fn named(mut self, did: &Did, ko: &str, en: &str, account: Option<ChainAccount>) -> Self {
        let named = Named { did: did.to_string(), ko: ko.to_owned(), en: en.to_owned(), account };
        self.names.insert(did_key(did.as_str()), named);
        self
    }

    /// Adds what the chain holds about a subject; an empty list is a statement too.
    #[must_use]
    pub fn holds(mut self, did: &Did, chains: Vec<AccreditationChain>) -> Self {
        self.chains.insert(did_key(did.as_str()), chains);
        self
    }

    /// Everything the chain holds is here (an indexer filled it): who is not in it is not
    /// accredited. Otherwise about others nothing is known.
    #[must_use]
    pub fn complete(mut self) -> Self {
        self.complete = true;
        self
    }

    /// The time of the block the records are of.
    #[must_use]
    pub const fn as_of(&self) -> Moment {
        self.as_of
    }

    fn judge(&self, chain: &AccreditationChain, question: &Question<'_>) -> Entitlement {
        let subject = did_key(question.issuer);
        let own = chain.records.first().is_some_and(|record| record.subject == subject);
        let rooted =
            chain.records.last().is_some_and(|record| self.roots.contains(&record.subject));
        if !own || !rooted || chain.records.len() > DEPTH_LIMIT {
            return Entitlement::NotAccredited;
        }
        if chain.records.windows(2).any(|pair| widens(&pair[0], &pair[1])) {
            return Entitlement::Widened;
        }
        let whole = type_hash(question.type_name);
        let kind = question.kind.map(|kind| type_hash(&kind_scope(question.type_name, kind)));
        let at = question.at.unix();
        let answers = std::iter::once(whole).chain(kind).map(|name| chain.authority(&name, at));
        match answers.min().unwrap_or(Authority::NotAccredited) {
            Authority::Accredited => self.entitled(chain, question.issuer),
            Authority::Suspended => Entitlement::SuspendedAtThatTime,
            Authority::Revoked | Authority::OutOfPeriod => Entitlement::NotAtThatTime,
            Authority::NotAccredited => self.for_some_kind(chain, question),
        }
    }

    /// For a type that comes in kinds: the record covers other kinds than the asked one, or the kind was
    /// not told. A scope names types by digest; what is no whole type is a
    /// kind.
    fn for_some_kind(&self, chain: &AccreditationChain, question: &Question<'_>) -> Entitlement {
        if question.type_name != CredentialType::QualificationBadge.type_name() {
            return Entitlement::NotAccredited;
        }
        let types = CredentialType::ALL.map(|known| type_hash(known.type_name()));
        let own = chain.records.first().map_or(&[][..], |record| names_of(&record.scope));
        let kinds = own.iter().filter(|name| !types.contains(name));
        let at = question.at.unix();
        match kinds.map(|kind| chain.authority(kind, at)).min() {
            Some(Authority::Accredited) => Entitlement::NotForThisKind,
            // The asked kind is another one than those without force.
            _ if question.kind.is_some() => Entitlement::NotAccredited,
            Some(Authority::Suspended) => Entitlement::SuspendedAtThatTime,
            Some(Authority::Revoked | Authority::OutOfPeriod) => Entitlement::NotAtThatTime,
            Some(Authority::NotAccredited) | None => Entitlement::NotAccredited,
        }
    }

    /// Names from the root down, without the issuer itself.
    fn entitled(&self, chain: &AccreditationChain, issuer: &str) -> Entitlement {
        let above = chain.records.iter().skip(1).rev();
        let (authority, authority_en) = above.map(|record| self.name(record)).unzip();
        let own = self.names.get(&did_key(issuer));
        let name = |pick: fn(&Named) -> &String| {
            own.map_or_else(|| issuer.to_owned(), |named| pick(named).clone())
        };
        Entitlement::Entitled {
            authority,
            authority_en,
            since: chain.records.first().map(|own| Moment::from_unix(own.from)),
            name_ko: name(|named| &named.ko),
            name_en: name(|named| &named.en),
        }
    }

    fn name(&self, record: &AccreditationRecord) -> (String, String) {
        match self.names.get(&record.subject) {
            Some(named) => (named.ko.clone(), named.en.clone()),
            None => {
                let short: String =
                    record.subject[..6].iter().map(|byte| format!("{byte:02x}")).collect();
                (format!("0x{short}…"), format!("0x{short}…"))
            }
        }
    }
}

/// The digests that a scope consists of.
const fn names_of(scope: &Scope) -> &[[u8; 32]] {
    match scope {
        Scope::Type(only) => std::slice::from_ref(only),
        Scope::Set(types) => types.as_slice(),
    }
}

/// Whether a child claims more than its parent has: types, time, depth or the right to give it.
fn widens(child: &AccreditationRecord, parent: &AccreditationRecord) -> bool {
    let types = names_of(&child.scope);
    types.is_empty()
        || types.iter().any(|one| !parent.scope.covers(one))
        || child.from < parent.from
        || child.until > parent.until
        || child.depth != parent.depth.saturating_add(1)
        || !parent.may_accredit
}

/// The most telling refusal wins.
const fn rank(answer: &Entitlement, kind_is_told: bool) -> u8 {
    match answer {
        Entitlement::Entitled { .. } => 0,
        // The kind is hidden and may be the one that is covered: open, and no refusal beats that.
        Entitlement::NotForThisKind if !kind_is_told => 1,
        Entitlement::SuspendedAtThatTime => 2,
        Entitlement::NotAtThatTime => 3,
        Entitlement::Widened => 4,
        Entitlement::NotForThisKind => 5,
        _ => 6,
    }
}

impl TrustSource for ChainTrust {
    fn entitlement(&self, question: &Question<'_>, now: Moment) -> Entitlement {
        if now >= self.valid_until {
            return Entitlement::ListExpired;
        }
        let Some(chains) = self.chains.get(&did_key(question.issuer)) else {
            return if self.complete {
                Entitlement::NotAccredited
            } else {
                Entitlement::RegistryUnreachable
            };
        };
        let answers = chains.iter().map(|chain| self.judge(chain, question));
        answers
            .min_by_key(|answer| rank(answer, question.kind.is_some()))
            .unwrap_or(Entitlement::NotAccredited)
    }

    fn label(&self) -> String {
        format!("accreditation registry at block {}", self.block)
    }

    fn valid_until(&self) -> Moment {
        self.valid_until
    }

    fn version(&self) -> u64 {
        self.block
    }

    fn chain_controller(&self, issuer: &str) -> Option<ChainAccount> {
        self.names.get(&did_key(issuer)).filter(|named| named.did == issuer)?.account
    }

    fn knows(&self, issuer: &str) -> bool {
        self.chains.get(&did_key(issuer)).is_some_and(|chains| !chains.is_empty())
    }
}

impl From<ChainAccount> for Address {
    fn from(account: ChainAccount) -> Self {
        Address::from_bytes(*account.as_bytes())
    }
}
