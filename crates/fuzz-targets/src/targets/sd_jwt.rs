//! SD-JWT: the parser, and the processing of disclosures with digests that fit.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential_proofs::Expected;
use credential_proofs::sd_jwt::{ExpectedBinding, SdJwt};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{lines, strict, text};
use crate::Seen;
use crate::samples::{AUDIENCE, NONCE, now, samples};
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "_sd",
    "_sd_alg",
    "sha-256",
    "sha-512",
    "...",
    "#0",
    "#1",
    "#2",
    "iss",
    "vct",
    "cnf",
    "jwk",
    "kid",
    "status",
    "nbf",
    "exp",
    "iat",
    "typ",
    "dc+sd-jwt",
    "kb+jwt",
    "alg",
    "EdDSA",
    "ES256",
    "none",
    "sd_hash",
    "nonce",
    "aud",
    "crit",
    "b64",
    "salt",
    "person",
    "~",
    "~~",
    ".",
];

pub(super) fn tokens() -> Vec<Vec<u8>> {
    lines(samples().sd_jwts.iter().cloned())
}

pub(super) fn parse(input: &[u8]) -> Seen {
    let text = text(input);
    match SdJwt::parse(&text) {
        Err(error) => Seen::of(error.code()),
        Ok(token) => examine(&token),
    }
}

fn examine(token: &SdJwt) -> Seen {
    let samples = samples();
    let again = SdJwt::parse(token.as_str()).expect("a parsed token parses again");
    assert_eq!(again.claims_unverified(), token.claims_unverified());
    assert!(!mentions_mechanism(token.claims_unverified()), "the mechanism shows in the claims");
    let verified = token.verify(&samples.keys, &Expected::credential(None, now()));
    let binding = token.verify_key_binding(&ExpectedBinding {
        audience: AUDIENCE,
        nonce: NONCE,
        now: now(),
        max_age_seconds: 300,
        transaction_data_hashes: &[],
    });
    // Showing everything shows the same; showing nothing still is an SD-JWT of the same issuer.
    let paths = token.disclosable_paths().to_vec();
    if let Ok(all) = token.select(&paths) {
        assert_eq!(all.claims_unverified(), token.claims_unverified(), "select all lost something");
    }
    let nothing = token.select(&[]).map(|less| less.disclosable_paths().len());
    Seen::of(verified.map(|_| "verified").map_err(|error| error.code()))
        .and(binding.map(|_| "bound").map_err(|error| error.code()))
        .and(magnitude(paths.len()))
        .and(nothing.map_err(|error| error.code()))
}

/// `_sd` and `...` may not reach a reader of the claims.
fn mentions_mechanism(claims: &Value) -> bool {
    match claims {
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name == "_sd" || name == "..." || mentions_mechanism(value)),
        Value::Array(items) => items.iter().any(mentions_mechanism),
        _ => false,
    }
}

/// A plan is JSON: `{"payload": …, "disclosures": […]}`, where `"#1"` stands for the digest of disclosure 1.
pub(super) fn plans() -> Vec<Vec<u8>> {
    lines([
        r##"{"payload":{"iss":"did:web:issuer.example","vct":"x","_sd_alg":"sha-256","_sd":["#0","#1","decoy"],"a":[{"...":"#2"},1]},
        "disclosures":[["s","person",{"_sd":["#1"]}],["s","name","홍길동(가상인물)"],["s","element"]]}"##,
        r##"{"payload":{"_sd":["#0"],"o":{"_sd":["#1"]}},"disclosures":[["s","x",{"_sd":["#2"],"y":1}],["s","z",[{"...":"#3"}]],["s","q",null],["s",{"w":[]}]]}"##,
    ])
}

/// Builds the SD-JWT of a plan, from the last disclosure to the first, so that a digest may stand in any earlier one.
pub(super) fn process(input: &[u8]) -> Seen {
    let plan = match strict(input) {
        Ok(plan) => plan,
        Err(seen) => return seen,
    };
    let empty = Vec::new();
    let planned = plan["disclosures"].as_array().unwrap_or(&empty);
    let mut digests = vec![String::new(); planned.len().min(3000)];
    let mut parts = Vec::new();
    for (index, disclosure) in planned.iter().take(digests.len()).enumerate().rev() {
        let encoded = URL_SAFE_NO_PAD.encode(filled(disclosure, &digests).to_string());
        digests[index] = URL_SAFE_NO_PAD.encode(Sha256::digest(&encoded));
        parts.push(encoded);
    }
    parts.reverse();
    let header = URL_SAFE_NO_PAD
        .encode(r#"{"alg":"EdDSA","typ":"dc+sd-jwt","kid":"did:web:issuer.example#k"}"#);
    let payload = URL_SAFE_NO_PAD.encode(filled(&plan["payload"], &digests).to_string());
    let signature = URL_SAFE_NO_PAD.encode([0; 64]);
    let mut token = format!("{header}.{payload}.{signature}~");
    for part in parts {
        token.push_str(&part);
        token.push('~');
    }
    match SdJwt::parse(&token) {
        Err(error) => Seen::of(error.code()),
        Ok(token) => examine(&token),
    }
}

fn filled(value: &Value, digests: &[String]) -> Value {
    match value {
        Value::String(text) => {
            let number = text.strip_prefix('#').and_then(|number| number.parse::<usize>().ok());
            number
                .and_then(|number| digests.get(number))
                .map_or(value.clone(), |digest| Value::from(digest.as_str()))
        }
        Value::Array(items) => items.iter().map(|item| filled(item, digests)).collect(),
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), filled(value, digests))).collect(),
        ),
        other => other.clone(),
    }
}
