//! `relatedResource` (VCDM 2.0 section 5.3): form of every entry; digests are compared for what is held here. Nothing is
//! fetched: a digest of something that is not held is neither confirmed nor doubted.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use credential_model::contexts;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::RuleError;
use super::members::{is_url, objects};

const NAME: &str = "relatedResource";

pub(super) fn check(document: &Map<String, Value>) -> Result<(), RuleError> {
    let Some(related) = document.get(NAME) else { return Ok(()) };
    let wrong = |why| RuleError::member(NAME, why);
    let mut seen = Vec::new();
    for entry in objects(related, NAME)? {
        let id = entry.get("id").and_then(Value::as_str).filter(|id| is_url(id));
        let id = id.ok_or(wrong("every entry must have a URL as id"))?;
        if seen.contains(&id) {
            return Err(wrong("a resource is listed twice"));
        }
        seen.push(id);
        if !["digestSRI", "digestMultibase"].iter().any(|name| entry.contains_key(*name)) {
            return Err(wrong("every entry must have a digest"));
        }
        let held = contexts::lookup(id).map(|context| context.json.as_bytes());
        let sri = words(entry, "digestSRI")?;
        let multibase = words(entry, "digestMultibase")?;
        let readable = sri.iter().all(|sri| sri_parts(sri).is_some())
            && multibase.iter().all(|text| multihash(text).is_some());
        if !readable {
            return Err(wrong("a digest is malformed"));
        }
        let fits = held.is_none_or(|bytes| {
            sri.iter().all(|sri| sri_fits(sri, bytes))
                && multibase.iter().all(|text| multihash_fits(text, bytes))
        });
        if !fits {
            return Err(RuleError::Digest(id.chars().take(200).collect()));
        }
    }
    Ok(())
}

/// A member that is a string or a list of strings.
fn words<'e>(entry: &'e Map<String, Value>, name: &str) -> Result<Vec<&'e str>, RuleError> {
    let list = match entry.get(name) {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) if !list.is_empty() && list.len() <= 8 => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    list.iter()
        .map(|word| word.as_str().ok_or(RuleError::member(NAME, "a digest must be text")))
        .collect()
}

/// Algorithm and digest of Subresource Integrity metadata; options after `?` have no meaning yet.
fn sri_parts(sri: &str) -> Option<(&str, &str)> {
    let (algorithm, digest) = sri.trim().split_once('-')?;
    let digest = digest.split('?').next().unwrap_or_default();
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte);
    (["sha256", "sha384", "sha512"].contains(&algorithm)
        && (43..=100).contains(&digest.len())
        && digest.bytes().all(base64))
    .then_some((algorithm, digest))
}

fn sri_fits(sri: &str, bytes: &[u8]) -> bool {
    let Some((algorithm, digest)) = sri_parts(sri) else { return false };
    let actual = match algorithm {
        "sha256" => Sha256::digest(bytes).to_vec(),
        "sha384" => Sha384::digest(bytes).to_vec(),
        _ => Sha512::digest(bytes).to_vec(),
    };
    STANDARD.decode(digest).is_ok_and(|stated| stated == actual)
}

/// The bytes of a multibase value: base64url (`u`) or base58btc (`z`).
fn multihash(text: &str) -> Option<Vec<u8>> {
    if text.len() > 128 {
        return None;
    }
    let bytes = match text.split_at_checked(1)? {
        ("u", rest) => URL_SAFE_NO_PAD.decode(rest).ok()?,
        ("z", rest) => bs58::decode(rest).into_vec().ok()?,
        _ => return None,
    };
    let length = usize::from(*bytes.get(1)?);
    (bytes.len() == length + 2 && length >= 32).then_some(bytes)
}

/// Multihash codes 0x12 (SHA-256), 0x20 (SHA-384) and 0x13 (SHA-512); another cannot be confirmed.
fn multihash_fits(text: &str, bytes: &[u8]) -> bool {
    let Some(stated) = multihash(text) else { return false };
    let actual = match stated[0] {
        0x12 => Sha256::digest(bytes).to_vec(),
        0x20 => Sha384::digest(bytes).to_vec(),
        0x13 => Sha512::digest(bytes).to_vec(),
        _ => return false,
    };
    stated[2..] == actual
}
