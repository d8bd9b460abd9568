//! One walk over the document: expansion, node map and RDF at once (JSON-LD 1.1 API sections 5.1, 7, 8).

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::active::{ActiveContext, Expanded};
use super::error::JsonLdError;
use super::iri::{Keyword, is_absolute};
use super::library::{Library, Options};
use super::local::LocalContext;
use super::node_rules::{check_names, shape};
use super::process::{Mode, Session};
use super::source::Source;
use super::trace::{Trace, address_of};
use super::value;
use crate::rdf_canon::{Dataset, Quad, TermId};

pub(super) const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
/// The strict parser stops at 32; this guards documents that were built in memory.
const MAX_DEPTH: usize = 64;
const MAX_CONTEXTS: usize = 32;
/// Different types of one node; each may bring a context.
const MAX_TYPES: usize = 64;
/// The size of all terms, each once. Vocabularies and prefixes could multiply the size of the document.
const MAX_TERM_BYTES: usize = 8 * 1024 * 1024;

/// Turns a document into its RDF dataset, or refuses it.
///
/// # Errors
/// [`JsonLdError`]: anything that is undefined, lost, unsupported or malformed.
pub fn to_dataset(
    document: &Value,
    library: &Library,
    options: Options,
) -> Result<Dataset, JsonLdError> {
    dataset_of(Source::whole(document)?, library, options)
}

/// [`to_dataset`] for a document that is read with a change at its top.
pub(crate) fn dataset_of(
    source: Source<'_>,
    library: &Library,
    options: Options,
) -> Result<Dataset, JsonLdError> {
    walk(source, library, options, None).map(|emitter| emitter.dataset)
}

/// [`to_dataset`] and what it knows in the end.
pub(super) fn walk<'a>(
    source: Source<'a>,
    library: &'a Library,
    options: Options,
    trace: Option<Trace>,
) -> Result<Emitter<'a>, JsonLdError> {
    let mut emitter = Emitter {
        session: Session::new(library),
        options,
        dataset: Dataset::new(),
        blanks: HashMap::new(),
        depth: 0,
        contexts_allowed: true,
        source,
        trace,
    };
    let shape = Place { active: Arc::clone(library.root()), graph: TermId::DEFAULT_GRAPH };
    let node = emitter.prepare_node(shape, source.members, true)?;
    if node.value.is_some() || node.list.is_some() || node.set.is_some() || !node.emits() {
        return Err(JsonLdError::DataLoss("a document without statements"));
    }
    emitter.finish_node(node, None)?;
    Ok(emitter)
}

/// Where in document and dataset we are.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) active: Arc<ActiveContext>,
    pub(super) graph: TermId,
}

pub(super) struct Emitter<'a> {
    pub(super) session: Session<'a>,
    options: Options,
    pub(super) dataset: Dataset,
    pub(super) blanks: HashMap<String, TermId>,
    depth: usize,
    /// Whether the node about to be read may bring a context: the top, and the members of graphs.
    pub(super) contexts_allowed: bool,
    /// What is read: how its top differs from its members.
    source: Source<'a>,
    /// Only for selective disclosure.
    pub(super) trace: Option<Trace>,
}

/// A map whose contexts are applied and whose members are sorted by what they are.
pub(super) struct Node<'d> {
    pub(super) place: Place,
    /// The context in which the values of `@type` are read.
    pub(super) type_scoped: Arc<ActiveContext>,
    pub(super) id: Option<&'d str>,
    pub(super) types: Vec<&'d str>,
    pub(super) graph: Option<&'d Value>,
    pub(super) value: Option<ValueObject<'d>>,
    pub(super) list: Option<&'d Value>,
    pub(super) set: Option<&'d Value>,
    pub(super) properties: Vec<(&'d str, &'d Value)>,
    top: bool,
    /// Which JSON object it is.
    address: usize,
}

impl Node<'_> {
    /// Whether it makes statements of its own, not only a reference.
    fn emits(&self) -> bool {
        !self.types.is_empty() || !self.properties.is_empty() || self.graph.is_some()
    }
}

#[derive(Default)]
pub(super) struct ValueObject<'d> {
    pub(super) value: Option<&'d Value>,
    pub(super) kind: Option<&'d Value>,
    pub(super) language: Option<&'d Value>,
}

impl<'a> Emitter<'a> {
    pub(super) fn enter(&mut self) -> Result<(), JsonLdError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(JsonLdError::TooComplex) } else { Ok(()) }
    }

    pub(super) fn check_bytes(&self) -> Result<(), JsonLdError> {
        if self.dataset.term_bytes() > MAX_TERM_BYTES {
            Err(JsonLdError::TooComplex)
        } else {
            Ok(())
        }
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Applies own and type-scoped contexts and sorts the members. The property-scoped context is the caller's.
    pub(super) fn prepare_node<'d>(
        &mut self,
        mut place: Place,
        members: &'d Map<String, Value>,
        top: bool,
    ) -> Result<Node<'d>, JsonLdError> {
        let allowed = std::mem::replace(&mut self.contexts_allowed, self.options.nested_contexts);
        let (without, context) =
            if top { (self.source.without, self.source.context) } else { (None, None) };
        let there = |name: &str| without != Some(name);
        if let Some(context) = context.or_else(|| members.get("@context")) {
            if !allowed {
                return Err(JsonLdError::NestedContext);
            }
            place.active = self.apply_document_context(&place.active, context)?;
        }
        let type_scoped = Arc::clone(&place.active);
        let mut types: Vec<&'d str> = Vec::new();
        let mut type_value = None;
        for (name, value) in members {
            if type_scoped.is_keyword(name, Keyword::Type) && there(name) {
                if type_value.replace(value).is_some() {
                    return Err(JsonLdError::InvalidValue("@type, given twice"));
                }
                match value {
                    Value::String(kind) => types.push(kind),
                    Value::Array(kinds) => {
                        for kind in kinds {
                            types.push(kind.as_str().ok_or(JsonLdError::InvalidValue("@type"))?);
                        }
                    }
                    _ => return Err(JsonLdError::InvalidValue("@type")),
                }
            }
        }
        let mut sorted = types.clone();
        sorted.sort_unstable();
        // The same type again says nothing more, and its context would only be applied to itself.
        sorted.dedup();
        if sorted.len() > MAX_TYPES {
            return Err(JsonLdError::TooComplex);
        }
        for kind in sorted {
            if let Some(scoped) = type_scoped.term(kind).and_then(|term| term.scoped.as_ref()) {
                place.active = self.session.apply(&place.active, scoped, Mode::TYPE)?;
            }
        }
        let mut node = Node {
            place,
            type_scoped,
            id: None,
            types,
            graph: None,
            value: None,
            list: None,
            set: None,
            properties: Vec::with_capacity(members.len()),
            top,
            address: address_of(members),
        };
        for (name, value) in members {
            if name != "@context" && there(name) {
                sort_member(&mut node, name, value, type_value)?;
            }
        }
        if !self.options.inline_contexts {
            check_names(&node, members, self.trace.as_ref().is_some_and(|trace| trace.labelled))?;
        }
        Ok(node)
    }

    fn apply_document_context(
        &mut self,
        active: &Arc<ActiveContext>,
        context: &Value,
    ) -> Result<Arc<ActiveContext>, JsonLdError> {
        let list = match context {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        if list.len() > MAX_CONTEXTS {
            return Err(JsonLdError::TooComplex);
        }
        let mut active = Arc::clone(active);
        for entry in list {
            active = match entry {
                Value::String(url) => self.session.apply_url(&active, url)?,
                Value::Object(_) | Value::Null if self.options.inline_contexts => self
                    .session
                    .apply(&active, &LocalContext::parse(entry, false)?, Mode::EMBEDDED)?,
                Value::Object(_) | Value::Null => return Err(JsonLdError::InlineContext),
                _ => return Err(JsonLdError::InvalidContext("a context is a URL".to_owned())),
            };
        }
        Ok(active)
    }

    /// Writes the statements of a node. `extra` is the id or type that a map container gave it.
    pub(super) fn finish_node(
        &mut self,
        node: Node<'_>,
        extra: Option<&Extra<'_>>,
    ) -> Result<TermId, JsonLdError> {
        if let Some(Extra::Id(_)) = extra
            && node.id.is_some()
        {
            return Err(JsonLdError::InvalidValue("@id, given twice"));
        }
        let active = Arc::clone(&node.place.active);
        let id = match (node.id, extra) {
            (Some(id), _) => Some(self.reference(&active, id, false)?),
            (None, Some(Extra::Id(id))) => Some(self.reference(&active, id, false)?),
            _ => None,
        };
        let contents_only =
            node.top && id.is_none() && node.types.is_empty() && node.properties.is_empty();
        if let Some(contents) = node.graph {
            let graph = if contents_only {
                node.place.graph
            } else {
                id.unwrap_or_else(|| self.unnamed(node.address))
            };
            self.graph_contents(&active, contents, graph)?;
            if contents_only {
                return Ok(graph);
            }
            return self.statements(&node, graph, extra);
        }
        let subject = id.unwrap_or_else(|| self.unnamed(node.address));
        self.statements(&node, subject, extra)
    }

    fn statements(
        &mut self,
        node: &Node<'_>,
        subject: TermId,
        extra: Option<&Extra<'_>>,
    ) -> Result<TermId, JsonLdError> {
        let kinds = node.types.iter().copied().chain(match extra {
            Some(Extra::Kind(kind)) => Some(*kind),
            _ => None,
        });
        for kind in kinds {
            let object = self.reference(&node.type_scoped, kind, true)?;
            self.check_bytes()?;
            let predicate = self.dataset.iri(RDF_TYPE);
            self.dataset.push(Quad { subject, predicate, object, graph: node.place.graph });
        }
        for (name, value) in &node.properties {
            self.property(&node.place, subject, name, value)?;
        }
        Ok(subject)
    }

    fn graph_contents(
        &mut self,
        active: &Arc<ActiveContext>,
        contents: &Value,
        graph: TermId,
    ) -> Result<(), JsonLdError> {
        let list = match contents {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in list {
            let members =
                item.as_object().ok_or(JsonLdError::DataLoss("a value that belongs to no node"))?;
            self.enter()?;
            let place = Place { active: Arc::clone(active), graph };
            let place = self.revert(place, members, false);
            self.contexts_allowed = true;
            let node = self.prepare_node(place, members, false)?;
            self.graph_member(node)?;
            self.leave();
        }
        Ok(())
    }

    /// A node directly in a graph: it must say something, or it would vanish.
    pub(super) fn graph_member(&mut self, node: Node<'_>) -> Result<TermId, JsonLdError> {
        if node.value.is_some() || node.list.is_some() || node.set.is_some() || !node.emits() {
            return Err(JsonLdError::DataLoss("a member of a graph that states nothing"));
        }
        self.finish_node(node, None)
    }

    /// A type-scoped context ends at the next node, unless that is only a value or a reference (step 7).
    pub(super) fn revert(
        &self,
        mut place: Place,
        members: &Map<String, Value>,
        from_map: bool,
    ) -> Place {
        if !from_map && let Some(previous) = &place.active.previous {
            let is = |name: &str, wanted| place.active.is_keyword(name, wanted);
            let value = members.keys().any(|name| is(name, Keyword::Value));
            let only_id = members.len() == 1 && members.keys().all(|name| is(name, Keyword::Id));
            if !value && !only_id {
                place.active = Arc::clone(previous);
            }
        }
        place
    }

    /// An `@id` or `@type` value: an absolute IRI or a blank node.
    pub(super) fn reference(
        &mut self,
        active: &ActiveContext,
        text: &str,
        vocab: bool,
    ) -> Result<TermId, JsonLdError> {
        match active.expand(text, vocab) {
            Expanded::Iri(iri) if is_absolute(&iri) => Ok(self.dataset.iri(&iri)),
            Expanded::Blank(label) => {
                if let Some(id) = self.blanks.get(label) {
                    return Ok(*id);
                }
                let id = self.dataset.blank();
                self.blanks.insert(label.to_owned(), id);
                Ok(id)
            }
            _ => Err(JsonLdError::RelativeIri(text.chars().take(200).collect())),
        }
    }

    /// A map with `@value`.
    pub(super) fn value_object(
        &mut self,
        active: &ActiveContext,
        object: &ValueObject<'_>,
    ) -> Result<TermId, JsonLdError> {
        let content = object.value.ok_or(JsonLdError::DataLoss("a language without a value"))?;
        match (object.kind, object.language) {
            (None, None) => value::scalar(&mut self.dataset, content, None),
            (Some(kind), None) => {
                let kind = kind.as_str().ok_or(JsonLdError::InvalidValue("@type"))?;
                match active.expand(kind, true) {
                    Expanded::Keyword(Keyword::Json) => value::json(&mut self.dataset, content),
                    Expanded::Iri(datatype) if is_absolute(&datatype) => {
                        value::scalar(&mut self.dataset, content, Some(&datatype))
                    }
                    _ => Err(JsonLdError::RelativeIri(kind.chars().take(200).collect())),
                }
            }
            (None, Some(language)) => match (content, language) {
                (Value::String(text), Value::String(tag)) => self.tagged(text, tag),
                _ => Err(JsonLdError::InvalidValue("@language")),
            },
            (Some(_), Some(_)) => Err(JsonLdError::InvalidValue("@value with @type and @language")),
        }
    }

    /// A text with its language. Tags mean the same in capitals (RDF 1.1 Concepts section 3.3: their value is in lower
    /// case), and the common processors write them small; whoever does not breaks their signatures.
    pub(super) fn tagged(&mut self, text: &str, tag: &str) -> Result<TermId, JsonLdError> {
        if !value::is_language_tag(tag) {
            return Err(JsonLdError::InvalidValue("@language"));
        }
        Ok(if tag.bytes().any(|letter| letter.is_ascii_uppercase()) {
            self.dataset.language_tagged(text, &tag.to_ascii_lowercase())
        } else {
            self.dataset.language_tagged(text, tag)
        })
    }
}

/// What the key of a map container adds to a node.
pub(super) enum Extra<'d> {
    Id(&'d str),
    Kind(&'d str),
}

fn sort_member<'d>(
    node: &mut Node<'d>,
    name: &'d str,
    value: &'d Value,
    type_value: Option<&'d Value>,
) -> Result<(), JsonLdError> {
    let keyword = match node.place.active.expand(name, true) {
        Expanded::Keyword(keyword) => keyword,
        Expanded::Iri(iri) if is_absolute(&iri) => {
            node.properties.push((name, value));
            return shape(node);
        }
        // A term mapped to null, a blank node, or nothing a context knows: the member would vanish.
        _ => return Err(JsonLdError::UndefinedTerm(name.chars().take(200).collect())),
    };
    let twice = match keyword {
        Keyword::Id => {
            node.id.replace(value.as_str().ok_or(JsonLdError::InvalidValue("@id"))?).is_some()
        }
        Keyword::Type => type_value.is_none(),
        Keyword::Graph => node.graph.replace(value).is_some(),
        Keyword::Value => node.value.get_or_insert_default().value.replace(value).is_some(),
        Keyword::Language => node.value.get_or_insert_default().language.replace(value).is_some(),
        Keyword::List => node.list.replace(value).is_some(),
        Keyword::Set => node.set.replace(value).is_some(),
        Keyword::Direction if value.is_null() => false,
        Keyword::Direction => return Err(JsonLdError::DataLoss("a text direction")),
        Keyword::Index => return Err(JsonLdError::DataLoss("an @index")),
        Keyword::Reverse => return Err(JsonLdError::Unsupported("@reverse")),
        Keyword::Included => return Err(JsonLdError::Unsupported("@included")),
        Keyword::Nest => return Err(JsonLdError::Unsupported("@nest")),
        _ => return Err(JsonLdError::InvalidValue("a keyword used as a member")),
    };
    if twice {
        return Err(JsonLdError::InvalidValue("a keyword, given twice"));
    }
    // In a value object the type is a datatype, whichever of the two members comes first.
    if let Some(object) = &mut node.value {
        object.kind = type_value;
    }
    shape(node)
}
