//! A small DER writer: certificates made to measure, good and bad.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use signing_keys::danger::BareSigner;
use signing_keys::{Algorithm, Signer};

/// What goes into a certificate.
#[derive(Clone)]
pub(crate) struct Recipe<'a> {
    pub(crate) subject: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) dns: &'a [&'a str],
    pub(crate) not_before: &'a str,
    pub(crate) not_after: &'a str,
    pub(crate) authority: bool,
    pub(crate) odd_critical: bool,
}

impl Default for Recipe<'_> {
    fn default() -> Self {
        Self {
            subject: "Verifier (fictitious)",
            issuer: "Authority (fictitious)",
            dns: &["verifier.test"],
            not_before: "260101000000Z",
            not_after: "280101000000Z",
            authority: false,
            odd_critical: false,
        }
    }
}

pub(crate) fn signer(seed: u8) -> BareSigner {
    BareSigner::from_bytes(Algorithm::Es256, &[seed; 32]).unwrap()
}

/// A certificate of `key`, signed by `by`.
pub(crate) fn certificate(recipe: &Recipe<'_>, key: &BareSigner, by: &BareSigner) -> Vec<u8> {
    let algorithm = element(0x30, &[oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])]);
    let body = element(
        0x30,
        &[
            element(0xa0, &[vec![0x02, 0x01, 0x02]]),
            vec![0x02, 0x01, 0x01],
            algorithm.clone(),
            name(recipe.issuer),
            element(0x30, &[time(recipe.not_before), time(recipe.not_after)]),
            name(recipe.subject),
            public_key(key),
            element(0xa3, &[element(0x30, &extensions(recipe))]),
        ],
    );
    let raw = by.sign(&body).unwrap();
    let (r, s) = raw.split_at(32);
    let signature = element(0x30, &[integer(r), integer(s)]);
    element(0x30, &[body, algorithm, bits(&signature)])
}

/// The `x5c` header's entries.
pub(crate) fn header(chain: &[Vec<u8>]) -> Vec<String> {
    chain.iter().map(|one| STANDARD.encode(one)).collect()
}

fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let value = parts.concat();
    let mut out = vec![tag];
    match value.len() {
        short @ 0..=0x7f => out.push(short as u8),
        middle @ 0x80..=0xff => out.extend([0x81, middle as u8]),
        long => out.extend([0x82, (long >> 8) as u8, long as u8]),
    }
    out.extend(value);
    out
}

fn oid(bytes: &[u8]) -> Vec<u8> {
    element(0x06, &[bytes.to_vec()])
}

fn name(text: &str) -> Vec<u8> {
    let attribute =
        element(0x30, &[oid(&[0x55, 0x04, 0x0a]), element(0x0c, &[text.as_bytes().to_vec()])]);
    element(0x30, &[element(0x31, &[attribute])])
}

fn time(text: &str) -> Vec<u8> {
    let tag = if text.len() == 13 { 0x17 } else { 0x18 };
    element(tag, &[text.as_bytes().to_vec()])
}

fn bits(bytes: &[u8]) -> Vec<u8> {
    element(0x03, &[vec![0], bytes.to_vec()])
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    let mut value = bytes[start..].to_vec();
    if value[0] & 0x80 != 0 {
        value.insert(0, 0);
    }
    element(0x02, &[value])
}

fn public_key(key: &BareSigner) -> Vec<u8> {
    let jwk = key.public_key().to_jwk();
    let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [vec![0x04], part("x"), part("y")].concat();
    let kind = element(
        0x30,
        &[
            oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]),
            oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
        ],
    );
    element(0x30, &[kind, bits(&point)])
}

fn extensions(recipe: &Recipe<'_>) -> Vec<Vec<u8>> {
    let extension = |id: &[u8], critical: bool, value: Vec<u8>| {
        let mut parts = vec![oid(id)];
        if critical {
            parts.push(vec![0x01, 0x01, 0xff]);
        }
        parts.push(element(0x04, &[value]));
        element(0x30, &parts)
    };
    let mut list = Vec::new();
    if !recipe.dns.is_empty() {
        let names: Vec<Vec<u8>> =
            recipe.dns.iter().map(|dns| element(0x82, &[dns.as_bytes().to_vec()])).collect();
        list.push(extension(&[0x55, 0x1d, 0x11], false, element(0x30, &names)));
    }
    let constraints = if recipe.authority { vec![vec![0x01, 0x01, 0xff]] } else { Vec::new() };
    list.push(extension(&[0x55, 0x1d, 0x13], true, element(0x30, &constraints)));
    if recipe.odd_critical {
        list.push(extension(&[0x55, 0x1d, 0x1e], true, element(0x30, &[])));
    }
    list
}
