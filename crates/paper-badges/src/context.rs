//! What a term means at a place: active contexts, as CBOR-LD's compression needs them (CBOR-LD
//! 1.0, "Active Context" algorithms; compared with the published JavaScript byte for byte).
//! Contexts come from the closed list only.

use std::collections::BTreeMap;
use std::rc::Rc;

use credential_model::contexts;
use serde_json::{Map, Value};

use crate::PaperError;

/// Keywords have the first numbers (CBOR-LD 1.0, "Keywords"); each takes two: one, and several.
const KEYWORDS: [&str; 28] = [
    "@context",
    "@type",
    "@id",
    "@value",
    "@direction",
    "@graph",
    "@included",
    "@index",
    "@json",
    "@language",
    "@list",
    "@nest",
    "@reverse",
    "@base",
    "@container",
    "@default",
    "@embed",
    "@explicit",
    "@none",
    "@omitDefault",
    "@prefix",
    "@preserve",
    "@protected",
    "@requireAll",
    "@set",
    "@version",
    "@vocab",
    "@propagate",
];
const FIRST_TERM: u64 = 100;

/// The definition of a term at a place.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    /// `@id`, with prefixes resolved.
    pub(crate) id: String,
    /// `@type`, with prefixes resolved.
    pub(crate) value_type: Option<String>,
    context: Option<Rc<Value>>,
    protected: bool,
    propagate: bool,
}

impl Term {
    fn same_meaning(&self, other: &Self) -> bool {
        self.id == other.id && self.value_type == other.value_type && self.context == other.context
    }
}

type Terms = BTreeMap<Rc<str>, Term>;

/// The terms in force at a place, and where they came from.
#[derive(Debug)]
pub(crate) struct Active {
    terms: Rc<Terms>,
    previous: Option<Rc<Active>>,
}

/// A context taken apart: its own terms, not yet resolved.
struct Loaded {
    body: Rc<Map<String, Value>>,
}

/// Contexts seen in one document, and the numbers of their terms in the order met.
pub(crate) struct Contexts {
    numbers: BTreeMap<Rc<str>, u64>,
    names: BTreeMap<u64, Rc<str>>,
    next: u64,
    loaded: BTreeMap<String, Rc<Map<String, Value>>>,
}

impl Contexts {
    pub(crate) fn new() -> Self {
        let mut all = Self {
            numbers: BTreeMap::new(),
            names: BTreeMap::new(),
            next: FIRST_TERM,
            loaded: BTreeMap::new(),
        };
        for (at, keyword) in KEYWORDS.iter().enumerate() {
            all.name(keyword, 2 * at as u64);
        }
        all
    }

    fn name(&mut self, term: &str, number: u64) {
        let term: Rc<str> = term.into();
        self.numbers.insert(Rc::clone(&term), number);
        self.names.insert(number, term);
    }

    /// The number of a term, if any context seen so far has it.
    pub(crate) fn number_of(&self, term: &str) -> Option<u64> {
        self.numbers.get(term).copied()
    }

    /// The term with an even number.
    pub(crate) fn term_of(&self, number: u64) -> Option<Rc<str>> {
        self.names.get(&number).map(Rc::clone)
    }

    fn load(&mut self, context: &Value) -> Result<Loaded, PaperError> {
        let body = match context {
            Value::String(url) => self.by_url(url)?,
            Value::Object(body) => Rc::new(body.clone()),
            _ => return Err(PaperError::Unsupported("a context of this form")),
        };
        if body.contains_key("@import") {
            return Err(PaperError::Unsupported("a context that imports another"));
        }
        let mut terms: Vec<&String> = body
            .iter()
            .filter(|(term, definition)| !is_keyword(term) && !definition.is_null())
            .map(|(term, _)| term)
            .collect();
        terms.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
        for term in terms {
            if self.number_of(term).is_none() {
                let number = self.next;
                self.next += 2;
                self.name(term, number);
            }
        }
        Ok(Loaded { body })
    }

    fn by_url(&mut self, url: &str) -> Result<Rc<Map<String, Value>>, PaperError> {
        if let Some(body) = self.loaded.get(url) {
            return Ok(Rc::clone(body));
        }
        let unknown = || PaperError::UnknownContext(url.chars().take(200).collect());
        let pinned = contexts::lookup(url).ok_or_else(unknown)?;
        let document: Value = serde_json::from_str(pinned.json).map_err(|_| unknown())?;
        let body = document.get("@context").and_then(Value::as_object).ok_or_else(unknown)?;
        let body = Rc::new(body.clone());
        self.loaded.insert(url.to_owned(), Rc::clone(&body));
        Ok(body)
    }
}

fn is_keyword(term: &str) -> bool {
    KEYWORDS.contains(&term)
}

/// Where a context is applied, which decides what it may do.
#[derive(Clone, Copy, PartialEq)]
enum Scope {
    Embedded,
    Property,
    Type,
}

impl Active {
    /// Nothing is defined yet.
    pub(crate) fn initial() -> Rc<Self> {
        Rc::new(Self { terms: Rc::default(), previous: None })
    }

    pub(crate) fn term(&self, name: &str) -> Option<&Term> {
        self.terms.get(name)
    }

    /// `@type` and what stands for it here.
    pub(crate) fn type_terms(&self) -> Vec<Rc<str>> {
        let aliases = self.terms.iter().filter(|(_, term)| term.id == "@type");
        std::iter::once(Rc::from("@type")).chain(aliases.map(|(name, _)| Rc::clone(name))).collect()
    }

    fn next(self: &Rc<Self>, terms: Rc<Terms>) -> Rc<Self> {
        Rc::new(Self { terms, previous: Some(Rc::clone(self)) })
    }

    /// With the `@context` of an object.
    pub(crate) fn with_embedded(
        self: &Rc<Self>,
        context: Option<&Value>,
        all: &mut Contexts,
    ) -> Result<Rc<Self>, PaperError> {
        let terms = updated(Rc::clone(&self.terms), context, all, Scope::Embedded)?;
        Ok(self.next(terms))
    }

    /// With the contexts that the types of an object bring, in the order of their names.
    pub(crate) fn with_types(
        self: &Rc<Self>,
        mut types: Vec<String>,
        all: &mut Contexts,
    ) -> Result<Rc<Self>, PaperError> {
        types.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
        types.dedup();
        let mut terms = Rc::clone(&self.terms);
        for name in types {
            let context = terms.get(name.as_str()).and_then(|term| term.context.clone());
            terms = updated(terms, context.as_deref(), all, Scope::Type)?;
        }
        Ok(self.next(terms))
    }

    /// What holds inside a property: its own context, without what a type brought.
    pub(crate) fn inside(
        self: &Rc<Self>,
        property: &str,
        all: &mut Contexts,
    ) -> Result<Rc<Self>, PaperError> {
        let context = self.term(property).and_then(|term| term.context.clone());
        let terms = updated(self.propagating(), context.as_deref(), all, Scope::Property)?;
        Ok(self.next(terms))
    }

    /// The terms without those of a type: what they were before, where they were anything.
    fn propagating(&self) -> Rc<Terms> {
        if self.terms.values().all(|term| term.propagate) {
            return Rc::clone(&self.terms);
        }
        let mut kept = Terms::new();
        for (name, term) in self.terms.iter() {
            let mut found = Some(term);
            let mut earlier = self.previous.as_ref();
            while let Some(term) = found
                && !term.propagate
            {
                found = earlier.and_then(|active| active.term(name));
                earlier = earlier.and_then(|active| active.previous.as_ref());
            }
            if let Some(term) = found {
                kept.insert(Rc::clone(name), term.clone());
            }
        }
        Rc::new(kept)
    }
}

fn updated(
    mut active: Rc<Terms>,
    contexts: Option<&Value>,
    all: &mut Contexts,
    scope: Scope,
) -> Result<Rc<Terms>, PaperError> {
    let Some(contexts) = contexts else { return Ok(active) };
    let list = match contexts {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    for context in list {
        let loaded = all.load(context)?;
        active = Rc::new(merged(&active, &loaded.body, scope)?);
    }
    Ok(active)
}

fn merged(active: &Terms, body: &Map<String, Value>, scope: Scope) -> Result<Terms, PaperError> {
    let propagate = body.get("@propagate").and_then(Value::as_bool).unwrap_or(scope != Scope::Type);
    let protected = body.get("@protected").and_then(Value::as_bool).unwrap_or(false);
    let mut terms = Terms::new();
    for (name, definition) in body {
        if is_keyword(name) || definition.is_null() {
            continue;
        }
        let term = defined(name, definition, body, active)?;
        terms.insert(name.as_str().into(), Term { protected, propagate, ..term });
    }
    for (name, earlier) in active {
        match terms.get_mut(name) {
            Some(term) if earlier.protected => {
                if scope != Scope::Property && !term.same_meaning(earlier) {
                    return Err(PaperError::Unsupported("a protected term with two meanings"));
                }
                *term = Term { propagate: term.propagate, ..earlier.clone() };
            }
            Some(_) => {}
            None if body.get(&**name).is_some_and(Value::is_null) => {}
            None => drop(terms.insert(Rc::clone(name), earlier.clone())),
        }
    }
    Ok(terms)
}

fn defined(
    name: &str,
    definition: &Value,
    body: &Map<String, Value>,
    active: &Terms,
) -> Result<Term, PaperError> {
    let text = |key: &str| definition.get(key).and_then(Value::as_str);
    let (id, value_type) = match definition {
        Value::String(id) => (Some(id.as_str()), None),
        Value::Object(_) => (text("@id"), text("@type")),
        _ => return Err(PaperError::Unsupported("a context of this form")),
    };
    let id = resolved(id.unwrap_or(name), body, active, 0);
    Ok(Term {
        id,
        value_type: value_type.map(|value| resolved(value, body, active, 0)),
        context: definition.get("@context").cloned().map(Rc::new),
        protected: false,
        propagate: true,
    })
}

/// `prefix:rest` as a whole address, where the prefix is a term.
fn resolved(text: &str, body: &Map<String, Value>, active: &Terms, depth: usize) -> String {
    let Some((prefix, rest)) = text.split_once(':') else { return text.to_owned() };
    let whole = match body.get(prefix) {
        Some(Value::String(id)) => Some(id.clone()),
        Some(other) => other.get("@id").and_then(Value::as_str).map(str::to_owned),
        None => active.get(prefix).map(|term| term.id.clone()),
    };
    match whole {
        // A chain of prefixes is short in honest contexts, and ours are pinned.
        Some(whole) if depth < 8 => resolved(&(whole + rest), body, active, depth + 1),
        _ => text.to_owned(),
    }
}
