//! Term definitions (JSON-LD 1.1 API section 4.2).

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::active::{ActiveContext, Container, Expanded, Mapping, Term, TypeMapping};
use super::error::JsonLdError;
use super::iri::{Keyword, has_keyword_form, is_absolute, keyword, split_compact};
use super::local::MapContext;
use super::process::Mode;

const MEMBERS: [&str; 12] = [
    "@id",
    "@reverse",
    "@container",
    "@direction",
    "@index",
    "@language",
    "@nest",
    "@prefix",
    "@protected",
    "@type",
    "@context",
    "@vocab",
];

/// `@vocab`: an absolute IRI, possibly written with a term or prefix. Relative to a base it could mean anything.
pub(super) fn expand_vocab(active: &ActiveContext, vocab: &str) -> Result<Box<str>, JsonLdError> {
    match active.expand(vocab, true) {
        Expanded::Iri(iri) if is_absolute(&iri) => Ok(Box::from(&*iri)),
        _ => Err(JsonLdError::InvalidContext("@vocab must be an absolute IRI".to_owned())),
    }
}

/// Defines the terms of one map, each after the terms it is built from.
pub(super) struct Definer<'a> {
    pub(super) result: &'a mut ActiveContext,
    pub(super) map: &'a MapContext,
    pub(super) mode: Mode,
    /// `false` while a term is being defined.
    pub(super) defined: HashMap<&'a str, bool>,
}

fn invalid(term: &str, why: &str) -> JsonLdError {
    JsonLdError::InvalidContext(format!("term {term:?}: {why}"))
}

impl<'a> Definer<'a> {
    pub(super) fn define(&mut self, name: &'a str) -> Result<(), JsonLdError> {
        match self.defined.get(name) {
            Some(true) => return Ok(()),
            Some(false) => return Err(invalid(name, "defined by way of itself")),
            None => {}
        }
        if name.is_empty() {
            return Err(invalid(name, "an empty name"));
        }
        self.defined.insert(name, false);
        let source = &self.map.terms[name];
        if name == "@type" {
            check_type_redefinition(&source.definition)?;
        } else if keyword(name).is_some() {
            return Err(invalid(name, "a keyword"));
        } else if has_keyword_form(name) {
            // Reserved for later versions: ignored, so that using it is an undefined term.
            self.defined.insert(name, true);
            return Ok(());
        }
        let previous = self.result.terms.remove(name);
        let simple;
        let members: &Map<String, Value> = match &source.definition {
            Value::Object(members) => members,
            id => {
                simple = Map::from_iter([("@id".to_owned(), id.clone())]);
                &simple
            }
        };
        let is_simple = source.definition.is_string();
        let mut term = Term::new(self.map.protected);
        term.scoped.clone_from(&source.scoped);
        let defined = self.fill(name, members, is_simple, &mut term)?;
        if let Some(previous) = previous
            && previous.protected
            && !self.mode.override_protected
        {
            if !defined || !previous.means_the_same(&term) {
                return Err(JsonLdError::ProtectedTerm(name.to_owned()));
            }
            self.result.terms.insert(Box::from(name), previous);
        } else if defined {
            self.result.terms.insert(Box::from(name), Arc::new(term));
        }
        self.defined.insert(name, true);
        Ok(())
    }

    /// Fills in everything. `false` when the definition is to be ignored (a mapping of keyword form).
    fn fill(
        &mut self,
        name: &'a str,
        members: &Map<String, Value>,
        simple: bool,
        term: &mut Term,
    ) -> Result<bool, JsonLdError> {
        if let Some(unknown) = members.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
            return Err(invalid(name, &format!("unknown member {unknown:?}")));
        }
        if let Some(protected) = members.get("@protected") {
            term.protected = protected.as_bool().ok_or_else(|| invalid(name, "@protected"))?;
        }
        if let Some(kind) = members.get("@type") {
            term.kind = Some(self.type_mapping(name, kind)?);
        }
        if let Some(reverse) = members.get("@reverse") {
            if members.contains_key("@id") || members.contains_key("@nest") {
                return Err(invalid(name, "@reverse with @id or @nest"));
            }
            let iri = self.expand_text(name, reverse)?;
            term.mapping = iri.ok_or_else(|| invalid(name, "@reverse"))?;
            // Kept, so that using the term is refused as unsupported and not as undefined.
            term.reverse = true;
            return Ok(true);
        }
        match members.get("@id") {
            Some(Value::Null) => term.mapping = Mapping::Null,
            Some(id) if id.as_str() != Some(name) => {
                if id.as_str().is_some_and(|id| keyword(id).is_none() && has_keyword_form(id)) {
                    return Ok(false);
                }
                let mapping =
                    self.expand_text(name, id)?.ok_or_else(|| invalid(name, "@id is no IRI"))?;
                if mapping == Mapping::Keyword(Keyword::Context) {
                    return Err(invalid(name, "an alias of @context"));
                }
                self.check_compact_name(name, &mapping)?;
                if let Mapping::Iri(iri) = &mapping
                    && simple
                    && !name.contains([':', '/'])
                {
                    term.prefix = iri.ends_with([':', '/', '?', '#', '[', ']', '@']);
                }
                term.mapping = mapping;
            }
            _ => term.mapping = self.own_mapping(name)?,
        }
        self.containers(name, members, term)?;
        remaining(name, members, term)?;
        Ok(true)
    }

    /// No `@id`: the name itself is the IRI, or the vocabulary completes it.
    fn own_mapping(&mut self, name: &'a str) -> Result<Mapping, JsonLdError> {
        if name == "@type" {
            return Ok(Mapping::Keyword(Keyword::Type));
        }
        if let Some((prefix, suffix)) = split_compact(name) {
            self.define_if_local(prefix)?;
            if let Some(Mapping::Iri(iri)) = self.result.term(prefix).map(|term| &term.mapping) {
                return Ok(Mapping::Iri(format!("{iri}{suffix}").into()));
            }
            return if is_absolute(name) {
                Ok(Mapping::Iri(Box::from(name)))
            } else {
                Err(invalid(name, "no IRI"))
            };
        }
        match &self.result.vocab {
            Some(vocab) => Ok(Mapping::Iri(format!("{vocab}{name}").into())),
            None => Err(invalid(name, "no @id and no @vocab")),
        }
    }

    /// A name that looks like an IRI must mean what it looks like.
    fn check_compact_name(&mut self, name: &'a str, mapping: &Mapping) -> Result<(), JsonLdError> {
        let inner_colon = name.len() > 2 && name[1..].trim_end_matches(':').contains(':');
        if !inner_colon && !name.contains('/') {
            return Ok(());
        }
        self.defined.insert(name, true);
        if let Some((prefix, _)) = split_compact(name) {
            self.define_if_local(prefix)?;
        }
        match (self.result.expand(name, true), mapping) {
            (Expanded::Iri(own), Mapping::Iri(iri)) if *own == **iri => Ok(()),
            _ => Err(invalid(name, "maps to another IRI than it looks like")),
        }
    }

    fn define_if_local(&mut self, name: &str) -> Result<(), JsonLdError> {
        let map: &'a MapContext = self.map;
        match map.terms.get_key_value(name) {
            Some((name, _)) if self.defined.get(name.as_str()) != Some(&true) => self.define(name),
            _ => Ok(()),
        }
    }

    /// IRI expansion with the local context at hand: terms it uses are defined first.
    fn expand_text(&mut self, name: &str, value: &Value) -> Result<Option<Mapping>, JsonLdError> {
        let text = value.as_str().ok_or_else(|| invalid(name, "an IRI is a string"))?;
        if let Some(keyword) = keyword(text) {
            return Ok(Some(Mapping::Keyword(keyword)));
        }
        self.define_if_local(text)?;
        if let Some((prefix, suffix)) = split_compact(text)
            && prefix != "_"
            && !suffix.starts_with("//")
        {
            self.define_if_local(prefix)?;
        }
        Ok(match self.result.expand(text, true) {
            Expanded::Keyword(keyword) => Some(Mapping::Keyword(keyword)),
            Expanded::Iri(iri) if is_absolute(&iri) => Some(Mapping::Iri(Box::from(&*iri))),
            _ => None,
        })
    }

    fn type_mapping(&mut self, name: &str, value: &Value) -> Result<TypeMapping, JsonLdError> {
        match self.expand_text(name, value)? {
            Some(Mapping::Keyword(Keyword::Id)) => Ok(TypeMapping::Id),
            Some(Mapping::Keyword(Keyword::Vocab)) => Ok(TypeMapping::Vocab),
            Some(Mapping::Keyword(Keyword::Json)) => Ok(TypeMapping::Json),
            Some(Mapping::Keyword(Keyword::None)) => Ok(TypeMapping::None),
            Some(Mapping::Iri(iri)) => Ok(TypeMapping::Datatype(iri)),
            _ => Err(invalid(name, "@type")),
        }
    }

    fn containers(
        &mut self,
        name: &str,
        members: &Map<String, Value>,
        term: &mut Term,
    ) -> Result<(), JsonLdError> {
        let Some(value) = members.get("@container") else { return Ok(()) };
        let list = match value {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut container = Container::default();
        for entry in list {
            match entry.as_str() {
                Some("@list") => container.list = true,
                Some("@set") => container.set = true,
                Some("@graph") => container.graph = true,
                Some("@id") => container.id = true,
                Some("@index") => container.index = true,
                Some("@language") => container.language = true,
                Some("@type") => container.kind = true,
                _ => return Err(invalid(name, "@container")),
            }
        }
        let maps = [container.id, container.index, container.language, container.kind];
        let again = list.iter().enumerate().any(|(at, entry)| list[..at].contains(entry));
        let too_many = maps.iter().filter(|is_map| **is_map).count() > 1
            || list.is_empty()
            || again
            || (container.list && list.len() > 1)
            || (container.graph && (container.language || container.kind));
        if too_many {
            return Err(invalid(name, "@container combines what cannot be combined"));
        }
        if container.kind {
            match term.kind {
                None => term.kind = Some(TypeMapping::Id),
                Some(TypeMapping::Id | TypeMapping::Vocab) => {}
                Some(_) => return Err(invalid(name, "@container @type with another @type")),
            }
        }
        term.container = container;
        Ok(())
    }
}

fn check_type_redefinition(definition: &Value) -> Result<(), JsonLdError> {
    let allowed = definition.as_object().is_some_and(|members| {
        !members.is_empty()
            && members.iter().all(|(name, value)| match name.as_str() {
                "@container" => value == "@set" || *value == serde_json::json!(["@set"]),
                "@protected" => value.is_boolean(),
                _ => false,
            })
    });
    if allowed { Ok(()) } else { Err(invalid("@type", "a keyword")) }
}

fn remaining(name: &str, members: &Map<String, Value>, term: &mut Term) -> Result<(), JsonLdError> {
    if let Some(index) = members.get("@index") {
        let index = index
            .as_str()
            .filter(|_| term.container.index)
            .ok_or_else(|| invalid(name, "@index"))?;
        term.index = Some(Box::from(index));
    }
    if let Some(language) = members.get("@language").filter(|_| term.kind.is_none()) {
        term.language = Some(match language {
            Value::Null => None,
            Value::String(language) => Some(Box::from(language.as_str())),
            _ => return Err(invalid(name, "@language")),
        });
    }
    if let Some(direction) = members.get("@direction") {
        term.direction = match direction {
            Value::Null => false,
            Value::String(direction) if direction == "ltr" || direction == "rtl" => true,
            _ => return Err(invalid(name, "@direction")),
        };
    }
    if let Some(nest) = members.get("@nest") {
        let nest = nest.as_str().ok_or_else(|| invalid(name, "@nest"))?;
        if nest != "@nest" && keyword(nest).is_some() {
            return Err(invalid(name, "@nest"));
        }
        term.nest = true;
    }
    if let Some(prefix) = members.get("@prefix") {
        let prefix = prefix
            .as_bool()
            .filter(|_| !name.contains([':', '/']))
            .ok_or_else(|| invalid(name, "@prefix"))?;
        if prefix && matches!(term.mapping, Mapping::Keyword(_)) {
            return Err(invalid(name, "@prefix of a keyword"));
        }
        term.prefix = prefix;
    }
    Ok(())
}
