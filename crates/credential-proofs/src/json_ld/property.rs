//! Values of properties: containers, coercion, lists, graphs.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::active::{Expanded, Mapping, Term, TypeMapping};
use super::emit::{Emitter, Extra, Place};
use super::error::JsonLdError;
use super::iri::{Keyword, is_absolute};
use super::process::Mode;
use super::value;
use crate::rdf_canon::{Quad, TermId};

const RDF_FIRST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first";
const RDF_REST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest";
const RDF_NIL: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil";

impl Emitter<'_> {
    /// Writes all statements of one member of a node.
    pub(super) fn property(
        &mut self,
        place: &Place,
        subject: TermId,
        name: &str,
        value: &Value,
    ) -> Result<(), JsonLdError> {
        let term = place.active.term(name);
        let predicate = match term.map(|term| &term.mapping) {
            // Found absolute when the members were sorted.
            Some(Mapping::Iri(iri)) => self.dataset.iri(iri),
            _ => match place.active.expand(name, true) {
                Expanded::Iri(iri) if is_absolute(&iri) => self.dataset.iri(&iri),
                _ => return Err(JsonLdError::UndefinedTerm(name.chars().take(200).collect())),
            },
        };
        self.check_bytes()?;
        let mut objects = Vec::new();
        let scope = (subject, predicate);
        let outer = self.trace.as_mut().and_then(|trace| trace.scope.replace(scope));
        match term {
            Some(term) => self.defined(place, name, term, value, &mut objects)?,
            None => self.values(place, name, value, &mut objects)?,
        }
        if let Some(trace) = &mut self.trace {
            trace.scope = outer;
        }
        for object in objects {
            self.dataset.push(Quad { subject, predicate, object, graph: place.graph });
        }
        Ok(())
    }

    fn defined(
        &mut self,
        place: &Place,
        name: &str,
        term: &Term,
        value: &Value,
        out: &mut Vec<TermId>,
    ) -> Result<(), JsonLdError> {
        if term.reverse {
            return Err(JsonLdError::Unsupported("@reverse"));
        }
        let container = term.container;
        let json = term.kind == Some(TypeMapping::Json);
        let mut objects = Vec::new();
        match value {
            _ if json => objects.push(value::json(&mut self.dataset, value)?),
            Value::Object(map) if container.language => {
                self.language_map(place, term, map, &mut objects)?
            }
            Value::Object(_) if container.index => {
                return Err(JsonLdError::DataLoss("the keys of an index map"));
            }
            Value::Object(map) if container.id || container.kind => {
                self.keyed_nodes(place, name, term, map, &mut objects)?;
            }
            _ if container.graph => self.graphs(place, name, value, &mut objects)?,
            _ if container.list => {
                out.push(self.list_container(place, name, value)?);
                return Ok(());
            }
            _ => self.values(place, name, value, &mut objects)?,
        }
        if container.list {
            // A JSON literal under a list container is a list of one.
            let list = self.list(&objects, place.graph);
            out.push(list);
        } else {
            out.append(&mut objects);
        }
        Ok(())
    }

    /// A value or an array of values; arrays in arrays are one flat set.
    fn values(
        &mut self,
        place: &Place,
        name: &str,
        value: &Value,
        out: &mut Vec<TermId>,
    ) -> Result<(), JsonLdError> {
        self.check_bytes()?;
        match value {
            Value::Null => Err(JsonLdError::DataLoss("a null")),
            Value::Array(items) => {
                self.enter()?;
                for item in items {
                    self.values(place, name, item, out)?;
                }
                self.leave();
                Ok(())
            }
            Value::Object(members) => self.object(place, name, members, false, None, out),
            scalar => {
                let object = self.scalar(place, name, scalar)?;
                out.push(object);
                Ok(())
            }
        }
    }

    /// The property-scoped context of `name`, applied.
    fn scoped(
        &mut self,
        mut place: Place,
        origin: &Place,
        name: &str,
        mode: Mode,
    ) -> Result<Place, JsonLdError> {
        if let Some(scoped) = origin.active.term(name).and_then(|term| term.scoped.as_ref()) {
            place.active = self.session.apply(&place.active, scoped, mode)?;
        }
        Ok(place)
    }

    fn object(
        &mut self,
        place: &Place,
        name: &str,
        members: &Map<String, Value>,
        from_map: bool,
        extra: Option<&Extra<'_>>,
        out: &mut Vec<TermId>,
    ) -> Result<(), JsonLdError> {
        self.enter()?;
        let inner = self.scoped(
            self.revert(place.clone(), members, from_map),
            place,
            name,
            Mode::PROPERTY,
        )?;
        let node = self.prepare_node(inner, members, false)?;
        if let Some(object) = &node.value {
            if extra.is_some() {
                return Err(JsonLdError::InvalidValue("a value in a map of nodes"));
            }
            let object = self.value_object(&node.place.active, object)?;
            out.push(object);
        } else if let Some(items) = node.list {
            // The standard makes such arrays lists or flattens them, by the term's container; readers differ. Refused.
            if items.as_array().is_some_and(|items| items.iter().any(Value::is_array)) {
                return Err(JsonLdError::Unsupported("an array directly in @list"));
            }
            let mut objects = Vec::new();
            self.list_items(&node.place, name, items, &mut objects)?;
            let list = self.list(&objects, place.graph);
            out.push(list);
        } else if let Some(items) = node.set {
            self.values(&node.place, name, items, out)?;
        } else {
            let object = self.finish_node(node, extra)?;
            out.push(object);
        }
        self.leave();
        Ok(())
    }

    /// Value expansion of a string, number or boolean (JSON-LD 1.1 API section 5.3).
    fn scalar(&mut self, place: &Place, name: &str, scalar: &Value) -> Result<TermId, JsonLdError> {
        let scoped;
        let active = match place.active.term(name) {
            Some(term) if term.scoped.is_some() => {
                // Step 4.2 gives scalars no leave to redefine protected terms, unlike step 8 for maps.
                scoped = self.scoped(place.clone(), place, name, Mode::EMBEDDED)?;
                &scoped.active
            }
            _ => &place.active,
        };
        let Some(term) = active.term(name) else {
            return match (scalar, &active.language) {
                (Value::String(text), Some(language)) => self.tagged(text, language),
                _ => value::scalar(&mut self.dataset, scalar, None),
            };
        };
        match (&term.kind, scalar) {
            (Some(TypeMapping::Id), Value::String(text)) => self.reference(active, text, false),
            (Some(TypeMapping::Vocab), Value::String(text)) => self.reference(active, text, true),
            (Some(TypeMapping::Json), _) => value::json(&mut self.dataset, scalar),
            (Some(TypeMapping::Datatype(datatype)), _) => {
                value::scalar(&mut self.dataset, scalar, Some(datatype))
            }
            (None | Some(TypeMapping::None), Value::String(text)) => {
                if term.direction {
                    return Err(JsonLdError::DataLoss("a text direction"));
                }
                match term.language.as_ref().unwrap_or(&active.language) {
                    Some(language) => self.tagged(text, language),
                    None => Ok(self.dataset.string(text)),
                }
            }
            _ => value::scalar(&mut self.dataset, scalar, None),
        }
    }

    /// A value under a list container; arrays inside are lists of their own.
    fn list_container(
        &mut self,
        place: &Place,
        name: &str,
        value: &Value,
    ) -> Result<TermId, JsonLdError> {
        // One map with `@list` already is the list.
        if let Value::Object(members) = value
            && members.keys().any(|key| place.active.is_keyword(key, Keyword::List))
        {
            let mut out = Vec::new();
            self.object(place, name, members, false, None, &mut out)?;
            return out.pop().ok_or(JsonLdError::InvalidValue("@list"));
        }
        let mut objects = Vec::new();
        self.list_items(place, name, value, &mut objects)?;
        Ok(self.list(&objects, place.graph))
    }

    fn list_items(
        &mut self,
        place: &Place,
        name: &str,
        value: &Value,
        out: &mut Vec<TermId>,
    ) -> Result<(), JsonLdError> {
        let Value::Array(items) = value else { return self.values(place, name, value, out) };
        self.enter()?;
        for item in items {
            if item.is_array() {
                let inner = self.list_container(place, name, item)?;
                out.push(inner);
            } else {
                self.values(place, name, item, out)?;
            }
        }
        self.leave();
        Ok(())
    }

    /// `@container: @graph`: each value is a graph of its own, named by a blank node.
    fn graphs(
        &mut self,
        place: &Place,
        name: &str,
        value: &Value,
        out: &mut Vec<TermId>,
    ) -> Result<(), JsonLdError> {
        if self.trace.is_some() {
            return Err(JsonLdError::Unsupported("a graph container under selective disclosure"));
        }
        let items = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in items {
            let members =
                item.as_object().ok_or(JsonLdError::DataLoss("a reference in place of a graph"))?;
            self.enter()?;
            let graph = self.dataset.blank();
            let inner = Place { active: Arc::clone(&place.active), graph };
            let inner =
                self.scoped(self.revert(inner, members, false), place, name, Mode::PROPERTY)?;
            self.contexts_allowed = true;
            let node = self.prepare_node(inner, members, false)?;
            self.graph_member(node)?;
            out.push(graph);
            self.leave();
        }
        Ok(())
    }

    fn language_map(
        &mut self,
        place: &Place,
        term: &Term,
        map: &Map<String, Value>,
        out: &mut Vec<TermId>,
    ) -> Result<(), JsonLdError> {
        if term.direction {
            return Err(JsonLdError::DataLoss("a text direction"));
        }
        for (tag, value) in map {
            let texts = match value {
                Value::Array(texts) => texts.as_slice(),
                one => std::slice::from_ref(one),
            };
            let untagged = place.active.expand(tag, true) == Expanded::Keyword(Keyword::None);
            for text in texts {
                let text = text.as_str().ok_or(JsonLdError::InvalidValue("a language map"))?;
                self.check_bytes()?;
                let object =
                    if untagged { self.dataset.string(text) } else { self.tagged(text, tag)? };
                out.push(object);
            }
        }
        Ok(())
    }

    /// `@container: @id` and `@container: @type`: the key is part of the node.
    fn keyed_nodes(
        &mut self,
        place: &Place,
        name: &str,
        term: &Term,
        map: &Map<String, Value>,
        out: &mut Vec<TermId>,
    ) -> Result<(), JsonLdError> {
        if term.container.graph {
            return Err(JsonLdError::Unsupported("a graph container with @id"));
        }
        for (key, value) in map {
            let mut inner = place.clone();
            if let Some(previous) = &place.active.previous {
                inner.active = Arc::clone(previous);
            }
            if term.container.kind
                && let Some(scoped) = inner.active.term(key).and_then(|term| term.scoped.clone())
            {
                inner.active = self.session.apply(&inner.active, &scoped, Mode::TYPE)?;
            }
            let none = place.active.expand(key, true) == Expanded::Keyword(Keyword::None);
            let extra = match (none, term.container.kind) {
                (true, _) => None,
                (false, true) => Some(Extra::Kind(key)),
                (false, false) => Some(Extra::Id(key)),
            };
            let items = match value {
                Value::Array(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            for item in items {
                let members = item
                    .as_object()
                    .ok_or(JsonLdError::Unsupported("a reference in a map of nodes"))?;
                self.object(&inner, name, members, true, extra.as_ref(), out)?;
            }
        }
        Ok(())
    }

    /// Writes the cells of a list. They belong to the graph of the node that holds the list.
    fn list(&mut self, objects: &[TermId], graph: TermId) -> TermId {
        let mut rest = self.dataset.iri(RDF_NIL);
        let (first, next) = (self.dataset.iri(RDF_FIRST), self.dataset.iri(RDF_REST));
        for object in objects.iter().rev() {
            let cell = self.dataset.blank();
            if let Some(trace) = &mut self.trace {
                trace.cell(cell);
            }
            self.dataset.push(Quad { subject: cell, predicate: first, object: *object, graph });
            self.dataset.push(Quad { subject: cell, predicate: next, object: rest, graph });
            rest = cell;
        }
        rest
    }
}
