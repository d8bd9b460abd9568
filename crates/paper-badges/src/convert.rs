//! Documents to CBOR-LD items and back: one walk each, in the same order, so that both number the
//! terms alike (CBOR-LD 1.0, "Converter").

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::cbor::Item;
use crate::context::{Active, Contexts};
use crate::table::Table;
use crate::values::{compressed, expanded, type_of};
use crate::{MAX_JSON_BYTES, PaperError};

const CONTEXT: &str = "@context";
/// Most objects of one document; each costs a walk over the terms in force.
const MAX_OBJECTS: usize = 400;

/// One conversion: numbers of terms, and how much has been done.
struct Work {
    all: Contexts,
    objects: usize,
    bytes: usize,
}

impl Work {
    fn new() -> Self {
        Self { all: Contexts::new(), objects: 0, bytes: 0 }
    }

    fn one_object(&mut self) -> Result<(), PaperError> {
        self.objects += 1;
        if self.objects > MAX_OBJECTS { Err(PaperError::TooMuchInside) } else { Ok(()) }
    }

    /// Counts what comes out: a few bytes in can stand for long texts.
    fn count(&mut self, text: &str) -> Result<(), PaperError> {
        self.bytes += text.len() + 4;
        if self.bytes > MAX_JSON_BYTES { Err(PaperError::TooMuchInside) } else { Ok(()) }
    }
}

/// A document as an item.
pub(crate) fn compress(document: &Map<String, Value>) -> Result<Item, PaperError> {
    let mut work = Work::new();
    compress_object(document, &Active::initial(), &mut work)
}

fn compress_object(
    object: &Map<String, Value>,
    active: &Rc<Active>,
    work: &mut Work,
) -> Result<Item, PaperError> {
    work.one_object()?;
    let mut entries = Vec::new();
    let context = object.get(CONTEXT);
    let active = active.with_embedded(context, &mut work.all)?;
    if let Some(context) = context {
        entries.push(compress_context(context)?);
    }
    let types = types_of(object, &active);
    let active = active.with_types(types, &mut work.all)?;
    let mut names: Vec<&String> = object.keys().filter(|name| *name != CONTEXT).collect();
    names.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
    for name in names {
        let value = &object[name.as_str()];
        // Before the walk inside, which may give the same term a number.
        let number = work.all.number_of(name);
        let value_type = type_of(name, active.term(name));
        let inside = active.inside(name, &mut work.all)?;
        let item = compress_value(value, &value_type, &inside, work)?;
        let key = match number {
            Some(number) => Item::Uint(number + u64::from(value.is_array())),
            None => Item::Text(name.clone()),
        };
        entries.push((key, item));
    }
    Ok(Item::Map(entries))
}

fn compress_context(context: &Value) -> Result<(Item, Item), PaperError> {
    let one = |context: &Value| match context {
        Value::String(url) => Ok(Table::published()
            .number("context", url)
            .map_or_else(|| Item::Text(url.clone()), Item::Uint)),
        _ => Err(PaperError::Unsupported("a context inside the document")),
    };
    Ok(match context {
        Value::Array(list) => {
            (Item::Uint(1), Item::Array(list.iter().map(one).collect::<Result<_, _>>()?))
        }
        single => (Item::Uint(0), one(single)?),
    })
}

fn types_of(object: &Map<String, Value>, active: &Active) -> Vec<String> {
    let mut types = Vec::new();
    for term in active.type_terms() {
        match object.get(&*term) {
            Some(Value::String(one)) => types.push(one.clone()),
            Some(Value::Array(list)) => {
                types.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            _ => {}
        }
    }
    types
}

fn compress_value(
    value: &Value,
    value_type: &str,
    active: &Rc<Active>,
    work: &mut Work,
) -> Result<Item, PaperError> {
    match value {
        Value::Null => Ok(Item::Null),
        Value::Array(list) => {
            let items = list.iter().map(|value| compress_value(value, value_type, active, work));
            Ok(Item::Array(items.collect::<Result<_, _>>()?))
        }
        Value::Object(object) => compress_object(object, active, work),
        single => compressed(single, value_type, &work.all),
    }
}

/// A document of an item.
pub(crate) fn expand(item: &Item) -> Result<Map<String, Value>, PaperError> {
    let Item::Map(entries) = item else {
        return Err(PaperError::DamagedBytes("no document"));
    };
    expand_object(entries, &Active::initial(), &mut Work::new())
}

fn expand_object(
    entries: &[(Item, Item)],
    active: &Rc<Active>,
    work: &mut Work,
) -> Result<Map<String, Value>, PaperError> {
    work.one_object()?;
    let mut object = Map::new();
    let find = |number: u64| entries.iter().find(|(key, _)| *key == Item::Uint(number));
    match (find(0), find(1)) {
        (None, None) => {}
        (Some((_, one)), None) => drop(object.insert(CONTEXT.to_owned(), context_of(one)?)),
        (None, Some((_, Item::Array(list)))) => {
            let list = list.iter().map(context_of).collect::<Result<_, _>>()?;
            object.insert(CONTEXT.to_owned(), Value::Array(list));
        }
        _ => return Err(PaperError::DamagedBytes("contexts of no known form")),
    }
    let active = active.with_embedded(object.get(CONTEXT), &mut work.all)?;
    let types = expanded_types(entries, &active, work)?;
    let active = active.with_types(types, &mut work.all)?;
    let mut named = entries
        .iter()
        .filter(|(key, _)| !matches!(key, Item::Uint(0 | 1)))
        .map(|(key, value)| Ok((term_of(key, work)?, matches!(key, Item::Uint(_)), value)))
        .collect::<Result<Vec<_>, PaperError>>()?;
    named.sort_by(|((a, _), ..), ((b, _), ..)| a.encode_utf16().cmp(b.encode_utf16()));
    for ((name, several), numbered, item) in named {
        let value_type = type_of(&name, active.term(&name));
        let inside = active.inside(&name, &mut work.all)?;
        if several && !matches!(item, Item::Array(_)) {
            return Err(PaperError::DamagedBytes("a list that is none"));
        }
        let value = expand_value(item, several, &value_type, &inside, work)?;
        // The even number says "one value": the same credential has one form on paper, not two.
        if numbered && !several && value.is_array() {
            return Err(PaperError::DamagedBytes("a list under the key of one value"));
        }
        work.count(&name)?;
        if object.insert(name.to_string(), value).is_some() {
            return Err(PaperError::DamagedBytes("a member twice"));
        }
    }
    Ok(object)
}

/// The term of a key, and whether it stands for a list.
fn term_of(key: &Item, work: &Work) -> Result<(Rc<str>, bool), PaperError> {
    match key {
        Item::Text(name) if name != CONTEXT => Ok((name.as_str().into(), false)),
        Item::Uint(number) => {
            let several = number % 2 == 1;
            let name = work.all.term_of(number - u64::from(several));
            name.map(|name| (name, several)).ok_or(PaperError::UnknownCode("term"))
        }
        _ => Err(PaperError::DamagedBytes("a member without a name")),
    }
}

fn context_of(item: &Item) -> Result<Value, PaperError> {
    match item {
        Item::Uint(number) => Table::published()
            .text("context", *number)
            .map(Value::from)
            .ok_or(PaperError::UnknownCode("context")),
        Item::Text(url) => Ok(Value::from(url.as_str())),
        _ => Err(PaperError::Unsupported("a context inside the document")),
    }
}

fn expanded_types(
    entries: &[(Item, Item)],
    active: &Active,
    work: &Work,
) -> Result<Vec<String>, PaperError> {
    let mut types = Vec::new();
    for term in active.type_terms() {
        let Some(number) = work.all.number_of(&term) else { continue };
        let keyed = |at: u64| entries.iter().find(|(key, _)| *key == Item::Uint(at));
        let list = match keyed(number).or_else(|| keyed(number + 1)) {
            Some((_, Item::Array(list))) => list.as_slice(),
            Some((_, one)) => std::slice::from_ref(one),
            None => continue,
        };
        for item in list {
            if let Some(Value::String(name)) = expanded(item, "url", &work.all)? {
                types.push(name);
            }
        }
    }
    Ok(types)
}

fn expand_value(
    item: &Item,
    several: bool,
    value_type: &str,
    active: &Rc<Active>,
    work: &mut Work,
) -> Result<Value, PaperError> {
    let elements = |list: &[Item], work: &mut Work| {
        let values = list.iter().map(|item| expand_value(item, false, value_type, active, work));
        values.collect::<Result<Vec<_>, _>>().map(Value::Array)
    };
    match item {
        Item::Null => return Ok(Value::Null),
        Item::Map(entries) => return expand_object(entries, active, work).map(Value::Object),
        Item::Array(list) if several => return elements(list, work),
        _ => {}
    }
    match expanded(item, value_type, &work.all)? {
        Some(value) => {
            work.count(value.as_str().unwrap_or_default())?;
            Ok(value)
        }
        None => match item {
            Item::Array(list) => elements(list, work),
            _ => Err(PaperError::UnknownCode("value")),
        },
    }
}
