//! Single values and their short forms (CBOR-LD 1.0, "Value codecs").

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::PaperError;
use crate::cbor::Item;
use crate::context::{Contexts, Term};
use crate::dates::{read_date, read_date_time, write_date, write_date_time};
use crate::table::Table;

const URL: &str = "url";
const NONE: &str = "none";
const MULTIBASE: &str = "https://w3id.org/security#multibase";
const DATE: &str = "http://www.w3.org/2001/XMLSchema#date";
const DATE_TIME: &str = "http://www.w3.org/2001/XMLSchema#dateTime";

const HTTP: u64 = 1;
const HTTPS: u64 = 2;
const UUID: u64 = 3;
const DATA: u64 = 4;
const DID_NYM: u64 = 1024;
const DID_KEY: u64 = 1025;

/// Which part of the table a term's values belong to.
pub(crate) fn type_of(name: &str, term: Option<&Term>) -> String {
    let id = term.map_or("", |term| term.id.as_str());
    let declared = term.and_then(|term| term.value_type.as_deref());
    let names = |keyword: &str| name == keyword || id == keyword;
    if names("@id") || names("@type") || matches!(declared, Some("@id" | "@vocab")) {
        return URL.to_owned();
    }
    declared.unwrap_or(NONE).to_owned()
}

/// Whether table numbers of this type stand in byte strings, apart from plain numbers.
fn numbers_in_bytes(value_type: &str) -> bool {
    matches!(value_type, URL | NONE | DATE | DATE_TIME)
}

/// A text, number or truth value in its short form.
pub(crate) fn compressed(
    value: &Value,
    value_type: &str,
    all: &Contexts,
) -> Result<Item, PaperError> {
    let text = match value {
        Value::String(text) => text,
        Value::Bool(truth) if value_type != URL => return Ok(Item::Bool(*truth)),
        Value::Number(number) if value_type != URL => {
            let item = match number.to_string().parse::<i64>() {
                Ok(whole) => Some(Item::number(whole)),
                Err(_) => number.as_f64().filter(|value| value.is_finite()).map(Item::Float),
            };
            let item = item.filter(|_| value_type == NONE || !Table::published().has(value_type));
            return item.ok_or(PaperError::Unsupported("a number among table values"));
        }
        _ => return Err(PaperError::Unsupported("an address that is no text")),
    };
    if let Some(number) = Table::published().number(value_type, text) {
        return Ok(if numbers_in_bytes(value_type) {
            in_bytes(number)
        } else {
            Item::Uint(number)
        });
    }
    let short = match value_type {
        URL => all.number_of(text).map(Item::Uint).or_else(|| address(text)),
        MULTIBASE => multibase(text),
        DATE => write_date(text),
        DATE_TIME => write_date_time(text),
        _ => None,
    };
    Ok(short.unwrap_or_else(|| Item::Text(text.clone())))
}

/// The value of a short form; `None` for what must be read as a list.
pub(crate) fn expanded(
    item: &Item,
    value_type: &str,
    all: &Contexts,
) -> Result<Option<Value>, PaperError> {
    let table = Table::published();
    let unknown = || PaperError::UnknownCode("value");
    let looked_up = match item {
        Item::Bytes(bytes) if numbers_in_bytes(value_type) => Some(from_bytes(bytes)?),
        Item::Uint(number) if !numbers_in_bytes(value_type) && table.has(value_type) => {
            Some(*number)
        }
        _ => None,
    };
    if let Some(number) = looked_up {
        let text = table.text(value_type, number).ok_or_else(unknown)?;
        return Ok(Some(Value::String(text.to_owned())));
    }
    let text = match (value_type, item) {
        (_, Item::Text(text)) => text.clone(),
        (URL, Item::Uint(number)) => {
            all.term_of(*number).ok_or(PaperError::UnknownCode("term"))?.to_string()
        }
        (URL, Item::Array(parts)) => address_of(parts)?,
        (URL, _) => return Err(unknown()),
        (MULTIBASE, Item::Bytes(bytes)) => multibase_of(bytes).ok_or_else(unknown)?,
        (DATE, Item::Uint(_) | Item::Negative(_)) => read_date(item).ok_or_else(unknown)?,
        (DATE_TIME, Item::Uint(_) | Item::Negative(_) | Item::Array(_)) => {
            read_date_time(item).ok_or_else(unknown)?
        }
        (_, Item::Uint(_) | Item::Negative(_)) => {
            return item.as_number().map(|number| Some(Value::from(number))).ok_or_else(unknown);
        }
        (_, Item::Float(value)) => {
            return serde_json::Number::from_f64(*value)
                .map(|number| Some(Value::Number(number)))
                .ok_or_else(unknown);
        }
        (_, Item::Bool(truth)) => return Ok(Some(Value::Bool(*truth))),
        (_, Item::Array(_) | Item::Map(_)) => return Ok(None),
        (_, Item::Bytes(_) | Item::Null) => return Err(unknown()),
    };
    Ok(Some(Value::String(text)))
}

/// A table number as a byte string of 1, 2 or 4 bytes. The published encoder leaves the highest
/// value of each width to the next one.
fn in_bytes(number: u64) -> Item {
    Item::Bytes(match number {
        0..0xff => vec![number as u8],
        0xff..0xffff => (number as u16).to_be_bytes().to_vec(),
        _ => (number as u32).to_be_bytes().to_vec(),
    })
}

fn from_bytes(bytes: &[u8]) -> Result<u64, PaperError> {
    if !matches!(bytes.len(), 1 | 2 | 4) {
        return Err(PaperError::UnknownCode("value"));
    }
    Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// An address by its scheme. Only what comes back exactly is shortened.
fn address(text: &str) -> Option<Item> {
    let (scheme, _) = text.rsplit_once(':')?;
    let parts = match scheme {
        "https" => vec![Item::Uint(HTTPS), Item::Text(text.strip_prefix("https://")?.to_owned())],
        "http" => vec![Item::Uint(HTTP), Item::Text(text.strip_prefix("http://")?.to_owned())],
        "urn:uuid" => {
            let rest = text.strip_prefix("urn:uuid:")?;
            let uuid = uuid(rest).map_or_else(|| Item::Text(rest.to_owned()), Item::Bytes);
            vec![Item::Uint(UUID), uuid]
        }
        "data" => data(text.strip_prefix("data:")?),
        "did:v1:nym" => base58_did(DID_NYM, text.strip_prefix("did:v1:nym:")?),
        "did:key" => base58_did(DID_KEY, text.strip_prefix("did:key:")?),
        _ => return None,
    };
    (address_of(&parts).ok().as_deref() == Some(text)).then_some(Item::Array(parts))
}

fn address_of(parts: &[Item]) -> Result<String, PaperError> {
    let address = match parts {
        [Item::Uint(HTTP), Item::Text(rest)] => format!("http://{rest}"),
        [Item::Uint(HTTPS), Item::Text(rest)] => format!("https://{rest}"),
        [Item::Uint(UUID), Item::Text(rest)] => format!("urn:uuid:{rest}"),
        [Item::Uint(UUID), Item::Bytes(bytes)] if bytes.len() == 16 => uuid_text(bytes),
        [Item::Uint(DATA), Item::Text(rest)] => format!("data:{rest}"),
        [Item::Uint(DATA), Item::Text(media), Item::Bytes(bytes)] => {
            format!("data:{media};base64,{}", STANDARD.encode(bytes))
        }
        [Item::Uint(scheme @ (DID_NYM | DID_KEY)), rest @ ..] if matches!(rest.len(), 1 | 2) => {
            let mut did = String::from(if *scheme == DID_KEY { "did:key:" } else { "did:v1:nym:" });
            for (at, part) in rest.iter().enumerate() {
                did.push_str(if at == 1 { "#" } else { "" });
                did.push_str(&base58_part(part)?);
            }
            did
        }
        _ => return Err(PaperError::UnknownCode("address")),
    };
    Ok(address)
}

fn base58_part(part: &Item) -> Result<String, PaperError> {
    match part {
        Item::Text(text) => Ok(text.clone()),
        // Base58 takes time with the square of the length: keys are far shorter.
        Item::Bytes(bytes) if bytes.len() <= 256 => {
            Ok(format!("z{}", bs58::encode(bytes).into_string()))
        }
        _ => Err(PaperError::UnknownCode("address")),
    }
}

fn base58_did(scheme: u64, rest: &str) -> Vec<Item> {
    let mut parts = vec![Item::Uint(scheme)];
    parts.extend(rest.splitn(2, '#').map(|part| {
        let bytes = part.strip_prefix('z').and_then(from_base58);
        bytes.map_or_else(|| Item::Text(part.to_owned()), Item::Bytes)
    }));
    parts
}

fn from_base58(text: &str) -> Option<Vec<u8>> {
    (text.len() <= 350).then(|| bs58::decode(text).into_vec().ok()).flatten()
}

fn data(rest: &str) -> Vec<Item> {
    let coded = rest.split_once(";base64,").and_then(|(media, text)| {
        let bytes = STANDARD.decode(text).ok()?;
        Some(vec![Item::Uint(DATA), Item::Text(media.to_owned()), Item::Bytes(bytes)])
    });
    coded.unwrap_or_else(|| vec![Item::Uint(DATA), Item::Text(rest.to_owned())])
}

fn uuid(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    if digits.len() != 32 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        (0..16).map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()).collect();
    bytes.filter(|bytes| uuid_text(bytes) == format!("urn:uuid:{text}"))
}

fn uuid_text(bytes: &[u8]) -> String {
    let mut text = String::from("urn:uuid:");
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Multibase `z`, `u` and `M` as their bytes behind the letter.
fn multibase(text: &str) -> Option<Item> {
    let bytes = match text.split_at_checked(1)? {
        ("z", rest) => from_base58(rest)?,
        ("u", rest) => URL_SAFE_NO_PAD.decode(rest).ok()?,
        ("M", rest) => STANDARD.decode(rest).ok()?,
        _ => return None,
    };
    let mut coded = vec![text.as_bytes()[0]];
    coded.extend(bytes);
    (multibase_of(&coded).as_deref() == Some(text)).then_some(Item::Bytes(coded))
}

fn multibase_of(bytes: &[u8]) -> Option<String> {
    match bytes.split_first()? {
        (b'z', rest) if rest.len() <= 256 => Some(format!("z{}", bs58::encode(rest).into_string())),
        (b'u', rest) => Some(format!("u{}", URL_SAFE_NO_PAD.encode(rest))),
        (b'M', rest) => Some(format!("M{}", STANDARD.encode(rest))),
        _ => None,
    }
}
