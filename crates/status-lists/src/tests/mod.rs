//! Tests, by what they hold the crate to.

mod allocation;
mod bits;
mod entries;
mod hostile;
mod lists;
mod pack_desk;
mod packs;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential_model::moment::Moment;
use serde_json::Value;

use crate::*;

pub(crate) const LIST: &str = "https://issuer.test/status/3";

pub(crate) fn now() -> Moment {
    Moment::parse("2026-11-23T05:30:00Z").unwrap()
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    format!("u{}", URL_SAFE_NO_PAD.encode(bytes))
}

pub(crate) fn our_list() -> Bitstring {
    let mut bits = Bitstring::new(MIN_ENTRIES, 2).unwrap();
    for value in StatusValue::ALL {
        bits.set(1000 + usize::from(value.code()), value.code()).unwrap();
    }
    bits
}

pub(crate) fn document(bits: &Bitstring) -> Value {
    list_credential(&ListDocument {
        url: LIST,
        issuer: "did:web:issuer.test",
        purpose: "message",
        bits,
        valid_from: now().minus_seconds(60),
        valid_until: now().plus_seconds(3600),
        version: 7,
        ttl_ms: 900_000,
    })
}

pub(crate) fn with(base: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = base.clone();
    *changed.pointer_mut(pointer).unwrap() = value;
    changed
}
