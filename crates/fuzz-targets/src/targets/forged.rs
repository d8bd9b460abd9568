//! Changed credentials that verify: there must be none.
//!
//! The input is only the seed of the change. What still verifies must say exactly what its issuer said; where a form
//! allows several spellings of the same (order in RDF sets, disclosures left out), that is spelled out here.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential_proofs::data_integrity::{self, Cryptosuite};
use credential_proofs::sd_jwt::SdJwt;
use credential_proofs::{Expected, jwt_vc};
use serde_json::{Map, Value};

use super::{data_integrity as di, jose, sd_jwt as sd};
use crate::Seen;
use crate::mutate::{Random, change, change_value, flip_signature_half};
use crate::samples::{now, samples};

/// Orders of P-256 and P-384 (SEC 2).
const P256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";

fn random(input: &[u8]) -> Random {
    Random::new(Seen::of(input).0)
}

pub(super) fn data_integrity(input: &[u8]) -> Seen {
    let mut random = random(input);
    let at = random.below(samples().secured.len());
    let original = &samples().secured[at];
    let other = &samples().secured[random.below(samples().secured.len())];
    let mut changed = original.clone();
    for _ in 0..=random.below(2) {
        change_value(&mut random, &mut changed, other, di::WORDS);
    }
    let expected = Expected::credential(None, now());
    match data_integrity::verify(&changed, &expected, &samples().keys) {
        Err(error) => Seen::of(error.code()),
        Ok(proofs) => {
            let jcs = proofs.iter().any(|proof| {
                matches!(proof.cryptosuite, Cryptosuite::EddsaJcs2022 | Cryptosuite::EcdsaJcs2019)
            });
            // JCS signs every byte of the document; its proof may still stand in an array.
            let known = samples().secured.iter().any(|sample| {
                meaning(sample) == meaning(&changed)
                    && (!jcs || without_proof(sample) == without_proof(&changed))
            });
            assert!(known, "a changed document verifies: {changed}");
            Seen::of("same meaning").and(at)
        }
    }
}

fn without_proof(document: &Value) -> Value {
    let mut document = document.clone();
    if let Some(members) = document.as_object_mut() {
        members.remove("proof");
    }
    document
}

/// A document with everything taken out that RDF does not tell apart: order and repetition in arrays, one or an array
/// of one, keywords and their aliases, plain values and value objects, an IRI and a reference to it. Contexts too are taken as a set: another order
/// counts here when the statements stay the same, and `credential-verification` demands the one order of our types.
fn meaning(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut flat = Vec::new();
            for item in items.iter().map(meaning) {
                match item {
                    Value::Array(inner) => flat.extend(inner),
                    one => flat.push(one),
                }
            }
            let less = |one: &Value, other: &Value| one != other && says_no_more(one, other);
            let told = flat.clone();
            flat.retain(|item| !told.iter().any(|other| less(item, other)));
            let mut set: BTreeMap<String, Value> =
                flat.into_iter().map(|item| (item.to_string(), item)).collect();
            match set.pop_first() {
                Some((_, only)) if set.is_empty() => only,
                first => first.into_iter().chain(set).map(|(_, item)| item).collect(),
            }
        }
        Value::Object(members) => {
            if let [(name, inner)] = members.iter().collect::<Vec<_>>().as_slice()
                && matches!(name.as_str(), "@value" | "@set" | "@id" | "id")
            {
                return meaning(inner);
            }
            let plain: Map<String, Value> = members
                .iter()
                .filter(|(_, value)| !value.as_array().is_some_and(Vec::is_empty))
                .map(|(name, value)| {
                    let name = match name.as_str() {
                        "@id" => "id",
                        "@type" => "type",
                        other => other,
                    };
                    (name.to_owned(), meaning(value))
                })
                .collect();
            let sorted: BTreeMap<_, _> = plain.into_iter().collect();
            Value::Object(sorted.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// Whether a node, mentioned again, says nothing that its other mention does not say.
fn says_no_more(node: &Value, other: &Value) -> bool {
    let (Some(node), Some(other)) = (node.as_object(), other.as_object()) else { return false };
    node.contains_key("id") && node.iter().all(|(name, value)| other.get(name) == Some(value))
}

pub(super) fn sd_jwt(input: &[u8]) -> Seen {
    let mut random = random(input);
    let original = &samples().sd_jwts[random.below(samples().sd_jwts.len())];
    let other = &samples().sd_jwts[random.below(samples().sd_jwts.len())];
    let changed = match random.below(6) {
        0 => malleable(original, "~"),
        _ => change(&mut random, original.as_bytes(), other.as_bytes(), sd::WORDS, 1 << 20),
    };
    let Ok(changed) = String::from_utf8(changed) else { return Seen::of("no text") };
    let token = match SdJwt::parse(&changed) {
        Ok(token) => token,
        Err(error) => return Seen::of(error.code()),
    };
    let expected = Expected::credential(None, now());
    match token.verify(&samples().keys, &expected) {
        Err(error) => Seen::of(error.code()),
        Ok(_) => {
            let parts: Vec<&str> =
                token.without_binding().trim_end_matches('~').split('~').collect();
            let known = samples().sd_jwts.iter().any(|sample| {
                let all: Vec<&str> = sample.split('~').collect();
                is_same_token(parts[0], all[0]) && parts[1..].iter().all(|part| all.contains(part))
            });
            assert!(known, "a changed SD-JWT verifies: {changed}");
            Seen::of("fewer disclosures").and(parts.len())
        }
    }
}

pub(super) fn jwt(input: &[u8]) -> Seen {
    let mut random = random(input);
    let original = &samples().tokens[random.below(samples().tokens.len())];
    let other = &samples().tokens[random.below(samples().tokens.len())];
    let changed = match random.below(6) {
        0 => malleable(original, ""),
        _ => change(&mut random, original.as_bytes(), other.as_bytes(), jose::WORDS, 1 << 20),
    };
    let Ok(changed) = String::from_utf8(changed) else { return Seen::of("no text") };
    match jwt_vc::verify(&changed, &samples().keys, &Expected::credential(None, now())) {
        Err(error) => Seen::of(error.code()),
        Ok(_) => {
            let known = samples().tokens.iter().any(|sample| is_same_token(&changed, sample));
            assert!(known, "a changed token verifies: {changed}");
            Seen::of("unchanged")
        }
    }
}

/// The same header and payload under a signature of the issuer. Every ECDSA signature has a twin (`s` and order - `s`),
/// and JOSE signers elsewhere write either, so both must be taken; nothing of ours may therefore treat the bytes of a
/// token as its identity.
fn is_same_token(token: &str, sample: &str) -> bool {
    token == sample || token.as_bytes() == malleable(sample, "")
}

/// The same token with the other ECDSA signature; unchanged where that does not exist.
fn malleable(token: &str, end: &str) -> Vec<u8> {
    let (signed, rest) = match token.find('~') {
        Some(at) if !end.is_empty() => token.split_at(at),
        _ => (token, ""),
    };
    let Some((input, signature)) = signed.rsplit_once('.') else { return token.into() };
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    let header = input.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let is_ecdsa = header.is_some_and(|header| String::from_utf8_lossy(&header).contains("ES"));
    let order = hex::decode(if bytes.len() == 96 { P384 } else { P256 }).unwrap_or_default();
    match flip_signature_half(&bytes, &order).filter(|_| is_ecdsa) {
        Some(other) => format!("{input}.{}{rest}", URL_SAFE_NO_PAD.encode(other)).into_bytes(),
        None => token.into(),
    }
}
