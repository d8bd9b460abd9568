//! Active contexts: what terms mean at one place of a document.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::iri::{Keyword, has_keyword_form, is_absolute, keyword, split_compact};
use super::local::{LocalContext, MAX_NAME};
use super::quick_hash::QuickState;

/// What a term stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mapping {
    /// Explicitly nothing.
    Null,
    Keyword(Keyword),
    Iri(Box<str>),
}

/// How a term's values are typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TypeMapping {
    Id,
    Vocab,
    Json,
    None,
    Datatype(Box<str>),
}

/// The containers of a term.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) list: bool,
    pub(super) set: bool,
    pub(super) graph: bool,
    pub(super) id: bool,
    pub(super) index: bool,
    pub(super) language: bool,
    pub(super) kind: bool,
}

/// A term definition.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) mapping: Mapping,
    pub(super) prefix: bool,
    pub(super) protected: bool,
    pub(super) reverse: bool,
    pub(super) kind: Option<TypeMapping>,
    pub(super) container: Container,
    /// Outer `None`: not stated. Inner `None`: no language.
    pub(super) language: Option<Option<Box<str>>>,
    /// A text direction, which RDF would lose.
    pub(super) direction: bool,
    pub(super) nest: bool,
    pub(super) index: Option<Box<str>>,
    pub(super) scoped: Option<Arc<LocalContext>>,
}

impl Term {
    pub(super) fn new(protected: bool) -> Self {
        Self {
            mapping: Mapping::Null,
            prefix: false,
            protected,
            reverse: false,
            kind: None,
            container: Container::default(),
            language: None,
            direction: false,
            nest: false,
            index: None,
            scoped: None,
        }
    }

    /// Equal but for protection (JSON-LD 1.1 API section 4.2.2 step 27.1).
    pub(super) fn means_the_same(&self, other: &Self) -> bool {
        self.mapping == other.mapping
            && self.prefix == other.prefix
            && self.reverse == other.reverse
            && self.kind == other.kind
            && self.container == other.container
            && self.language == other.language
            && self.direction == other.direction
            && self.nest == other.nest
            && self.index == other.index
            && match (&self.scoped, &other.scoped) {
                (None, None) => true,
                (Some(one), Some(two)) => one.id == two.id || one.source == two.source,
                _ => false,
            }
    }
}

/// What a name, type or reference expands to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expanded<'a> {
    Null,
    Keyword(Keyword),
    /// Has a scheme, or came from a term; still to be checked with [`is_absolute`] before it is written.
    Iri(Cow<'a, str>),
    Blank(&'a str),
    Relative(&'a str),
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// The meaning of terms at one place.
#[derive(Debug)]
pub(super) struct ActiveContext {
    /// Names this context in memos; never reused.
    id: u64,
    /// Whether nothing but pinned contexts led here: only then may other documents come by.
    pub(super) pinned: bool,
    pub(super) terms: HashMap<Box<str>, Arc<Term>, QuickState>,
    pub(super) vocab: Option<Box<str>>,
    pub(super) language: Option<Box<str>>,
    pub(super) previous: Option<Arc<ActiveContext>>,
    /// Every IRI that a term stands for; made when a document first writes an IRI in the place of a term.
    named: OnceLock<HashSet<Box<str>>>,
}

/// Which local context was applied to which active one, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MemoKey {
    pub(super) active: u64,
    pub(super) local: u64,
    pub(super) override_protected: bool,
    pub(super) propagate: bool,
}

impl ActiveContext {
    pub(super) fn initial() -> Self {
        Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            pinned: true,
            terms: HashMap::default(),
            vocab: None,
            language: None,
            previous: None,
            named: OnceLock::new(),
        }
    }

    /// A copy to change.
    pub(super) fn copy(&self) -> Self {
        Self {
            pinned: self.pinned,
            terms: self.terms.clone(),
            vocab: self.vocab.clone(),
            language: self.language.clone(),
            previous: self.previous.clone(),
            ..Self::initial()
        }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Whether `iri` has a name here: a term stands for it, or the vocabulary would complete one to it.
    pub(super) fn names(&self, iri: &str) -> bool {
        let rest = self.vocab.as_deref().and_then(|vocab| iri.strip_prefix(vocab));
        // `vocab:a:b` and the like cannot be written as a bare name.
        if rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(':')) {
            return true;
        }
        let named = self.named.get_or_init(|| {
            let iris = self.terms.values().filter_map(|term| match &term.mapping {
                Mapping::Iri(iri) => Some(iri.clone()),
                _ => None,
            });
            iris.collect()
        });
        named.contains(iri)
    }

    /// Whether a term stands for a keyword.
    pub(super) fn has_alias(&self, keyword: Keyword) -> bool {
        self.terms
            .iter()
            .any(|(name, term)| !name.starts_with('@') && term.mapping == Mapping::Keyword(keyword))
    }

    pub(super) fn term(&self, name: &str) -> Option<&Arc<Term>> {
        // Asked for each value of a member: a long name must not be hashed each time.
        if name.len() > MAX_NAME { None } else { self.terms.get(name) }
    }

    /// Whether [`expand`](Self::expand) finds this keyword, without expanding.
    pub(super) fn is_keyword(&self, name: &str, wanted: Keyword) -> bool {
        if let Some(found) = keyword(name) {
            return found == wanted;
        }
        !has_keyword_form(name)
            && self.term(name).is_some_and(|term| term.mapping == Mapping::Keyword(wanted))
    }

    /// IRI expansion without a local context (JSON-LD 1.1 API section 5.2).
    pub(super) fn expand<'a>(&'a self, value: &'a str, vocab: bool) -> Expanded<'a> {
        if let Some(keyword) = keyword(value) {
            return Expanded::Keyword(keyword);
        }
        if has_keyword_form(value) {
            return Expanded::Null;
        }
        if let Some(term) = self.term(value) {
            match &term.mapping {
                Mapping::Keyword(keyword) => return Expanded::Keyword(*keyword),
                Mapping::Null if vocab => return Expanded::Null,
                Mapping::Iri(iri) if vocab => return Expanded::Iri(Cow::Borrowed(iri)),
                _ => {}
            }
        }
        if let Some((prefix, suffix)) = split_compact(value) {
            if prefix == "_" {
                return Expanded::Blank(value);
            }
            if !suffix.starts_with("//")
                && let Some(term) = self.term(prefix)
                && term.prefix
                && let Mapping::Iri(iri) = &term.mapping
            {
                return Expanded::Iri(Cow::Owned(format!("{iri}{suffix}")));
            }
            if is_absolute(value) {
                return Expanded::Iri(Cow::Borrowed(value));
            }
        }
        match &self.vocab {
            Some(base) if vocab => Expanded::Iri(Cow::Owned(format!("{base}{value}"))),
            _ => Expanded::Relative(value),
        }
    }
}
