//! Context documents as read: checked for shape, not yet applied to anything.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value};

use super::error::JsonLdError;

/// A scoped context may hold scoped contexts; no published one nests deeper.
const MAX_DEPTH: usize = 8;
const MAX_TERMS: usize = 2048;
/// Longer names are no terms; real ones have a few dozen bytes.
pub(super) const MAX_NAME: usize = 1024;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// A local context: one or several parts, applied in order.
#[derive(Debug)]
pub(super) struct LocalContext {
    /// Names this context in memos; never reused.
    pub(super) id: u64,
    /// Whether it comes from the library: only then is it worth remembering.
    pub(super) pinned: bool,
    /// The JSON, for comparing definitions of protected terms.
    pub(super) source: Value,
    pub(super) parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) enum Part {
    Null,
    Url(String),
    Map(Box<MapContext>),
}

#[derive(Debug, Default)]
pub(super) struct MapContext {
    /// Outer `None`: not stated. Inner `None`: stated as null.
    pub(super) vocab: Option<Option<String>>,
    pub(super) language: Option<Option<String>>,
    pub(super) propagate: Option<bool>,
    pub(super) protected: bool,
    pub(super) terms: BTreeMap<String, TermSource>,
}

#[derive(Debug)]
pub(super) struct TermSource {
    pub(super) definition: Value,
    pub(super) scoped: Option<Arc<LocalContext>>,
}

fn invalid(what: &str) -> JsonLdError {
    JsonLdError::InvalidContext(what.to_owned())
}

impl LocalContext {
    /// Reads the value of an `@context` member.
    pub(super) fn parse(value: &Value, pinned: bool) -> Result<Self, JsonLdError> {
        Self::parse_at(value, pinned, 0)
    }

    fn parse_at(value: &Value, pinned: bool, depth: usize) -> Result<Self, JsonLdError> {
        if depth > MAX_DEPTH {
            return Err(JsonLdError::TooComplex);
        }
        let parts = match value {
            Value::Array(items) => {
                items.iter().map(|item| part(item, pinned, depth)).collect::<Result<_, _>>()?
            }
            one => vec![part(one, pinned, depth)?],
        };
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Ok(Self { id, pinned, source: value.clone(), parts })
    }

    /// `@propagate` counts only where the context is a single map (JSON-LD 1.1 API section 4.1.2 step 2).
    pub(super) fn propagate(&self) -> Option<bool> {
        match (&self.source, self.parts.as_slice()) {
            (Value::Object(_), [Part::Map(map)]) => map.propagate,
            _ => None,
        }
    }
}

fn part(value: &Value, pinned: bool, depth: usize) -> Result<Part, JsonLdError> {
    match value {
        Value::Null => Ok(Part::Null),
        Value::String(url) => Ok(Part::Url(url.clone())),
        Value::Object(members) => map(members, pinned, depth).map(|map| Part::Map(Box::new(map))),
        _ => Err(invalid("a context is null, a URL or a map")),
    }
}

fn map(
    members: &Map<String, Value>,
    pinned: bool,
    depth: usize,
) -> Result<MapContext, JsonLdError> {
    let mut out = MapContext::default();
    if members.len() > MAX_TERMS {
        return Err(JsonLdError::TooComplex);
    }
    for (name, value) in members {
        match name.as_str() {
            "@version" if value.as_f64() == Some(1.1) => {}
            "@version" => return Err(invalid("@version must be 1.1")),
            "@vocab" => out.vocab = Some(nullable_text(value, "@vocab")?),
            "@language" => out.language = Some(nullable_text(value, "@language")?),
            "@propagate" => out.propagate = Some(flag(value, "@propagate")?),
            "@protected" => out.protected = flag(value, "@protected")?,
            "@base" | "@direction" if value.is_null() => {}
            "@base" => return Err(JsonLdError::Unsupported("@base")),
            "@direction" => return Err(JsonLdError::Unsupported("@direction")),
            "@import" => return Err(JsonLdError::Unsupported("@import")),
            _ if name.len() > MAX_NAME => return Err(JsonLdError::TooComplex),
            _ => {
                let source = term(value, pinned, depth)?;
                out.terms.insert(name.clone(), source);
            }
        }
    }
    Ok(out)
}

fn term(value: &Value, pinned: bool, depth: usize) -> Result<TermSource, JsonLdError> {
    match value {
        Value::Null | Value::String(_) => {
            Ok(TermSource { definition: value.clone(), scoped: None })
        }
        Value::Object(members) => {
            let scoped = members
                .get("@context")
                .map(|scoped| LocalContext::parse_at(scoped, pinned, depth + 1).map(Arc::new))
                .transpose()?;
            let mut definition = members.clone();
            definition.remove("@context");
            Ok(TermSource { definition: Value::Object(definition), scoped })
        }
        _ => Err(invalid("a term definition is null, an IRI or a map")),
    }
}

fn nullable_text(value: &Value, name: &str) -> Result<Option<String>, JsonLdError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(invalid(&format!("{name} is null or a string"))),
    }
}

fn flag(value: &Value, name: &str) -> Result<bool, JsonLdError> {
    value.as_bool().ok_or_else(|| invalid(&format!("{name} is true or false")))
}
