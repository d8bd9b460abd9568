//! Hashes of a log and its `eddsa-jcs-2022` proofs
//! (<https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022>).

use credential_model::jcs;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use signing_keys::PublicKey;

/// Multihash of SHA-256: code and length.
const SHA256: [u8; 2] = [0x12, 0x20];
const DID_KEY: &str = "did:key:";

/// base58btc of the SHA-256 multihash.
pub(super) fn multihash(bytes: &[u8]) -> String {
    bs58::encode([SHA256.as_slice(), &Sha256::digest(bytes)].concat()).into_string()
}

pub(super) fn is_sha256_multihash(text: &str) -> bool {
    // 34 bytes that begin with 0x12 always take 46 characters.
    text.len() == 46
        && bs58::decode(text)
            .into_vec()
            .is_ok_and(|bytes| bytes.len() == 34 && bytes.starts_with(&SHA256))
}

/// The hash of a value's canonical form.
pub(super) fn hash_of(value: &Value) -> Option<String> {
    Some(multihash(jcs::canonicalize(value).ok()?.as_bytes()))
}

/// Checks one proof over a document without `proof`; gives the Multikey that signed it.
pub(super) fn check(document: &Map<String, Value>, proof: &Value) -> Result<String, &'static str> {
    let proof = proof.as_object().ok_or("a proof is no object")?;
    let text = |name: &str| proof.get(name).and_then(Value::as_str);
    if text("type") != Some("DataIntegrityProof") || text("cryptosuite") != Some("eddsa-jcs-2022") {
        return Err("another suite than eddsa-jcs-2022");
    }
    if text("proofPurpose") != Some("assertionMethod") {
        return Err("another purpose than assertionMethod");
    }
    let multikey = signer(text("verificationMethod").ok_or("no verification method")?)?;
    let key = PublicKey::from_multikey(multikey).map_err(|_| "the key is not usable")?;
    if !matches!(key, PublicKey::Ed25519(_)) || key.to_multikey() != multikey {
        return Err("the key is no Ed25519 key");
    }
    let value = text("proofValue").and_then(|value| value.strip_prefix('z'));
    let value = value.filter(|value| value.len() <= 128).ok_or("no base58 proof value")?;
    let signature = bs58::decode(value).into_vec().map_err(|_| "no base58 proof value")?;

    let mut options = proof.clone();
    options.remove("proofValue");
    if let Some(context) = document.get("@context") {
        options.insert("@context".to_owned(), context.clone());
    }
    let digest = |part: Map<String, Value>| {
        let canonical = jcs::canonicalize(&Value::Object(part)).map_err(|_| "no canonical form")?;
        Ok::<_, &'static str>(Sha256::digest(canonical.as_bytes()))
    };
    let message = [digest(options)?, digest(document.clone())?].concat();
    key.verify(&message, &signature).map_err(|_| "the signature is wrong")?;
    Ok(multikey.to_owned())
}

/// The key of `did:key:z…#z…`; both parts name the same key, or one could be shown and the
/// other be checked.
fn signer(method: &str) -> Result<&str, &'static str> {
    let (key, fragment) = method
        .strip_prefix(DID_KEY)
        .and_then(|rest| rest.split_once('#'))
        .ok_or("the verification method is no did:key with its fragment")?;
    if key == fragment { Ok(key) } else { Err("the verification method names two keys") }
}

/// The Multikey of a witness's `did:key`, when it is an Ed25519 key in its one spelling.
pub(super) fn witness_key(did: &str) -> Option<&str> {
    let multikey = did.strip_prefix(DID_KEY)?;
    is_ed25519(multikey).then_some(multikey)
}

pub(super) fn is_ed25519(multikey: &str) -> bool {
    PublicKey::from_multikey(multikey)
        .is_ok_and(|key| matches!(key, PublicKey::Ed25519(_)) && key.to_multikey() == multikey)
}
