//! Reading a key: from a file, or from the wallet's key store.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential_model::did::DidUrl;
use credential_model::json::{Limits, parse_strict};
use credential_proofs::selective::BbsSecretKey;
use localized_text::Locale;
use serde_json::Value;
use signing_keys::danger::BareSigner;
use signing_keys::{KeyHandle, KeyStore, PublicKey, Signer, StoreSigner};
use vc_api::InstanceKey;
use zeroize::{Zeroize as _, Zeroizing};

use super::make::KeyType;
use super::public::{DidMethod, PublicHalf};
use super::refused;
use crate::cli::Cli;
use crate::failure::Failure;
use crate::{input, suggest};

/// Longest key file, bytes.
const MAX_KEY_FILE: usize = 16 * 1024;
/// A key of the wallet's store: `store:LABEL`.
const STORE: &str = "store:";

/// A key to sign with.
pub(crate) struct OpenKey {
    secret: InstanceKey,
    /// The verification method the file says it is.
    id: Option<DidUrl>,
    place: String,
}

impl OpenKey {
    pub(crate) fn public(&self) -> PublicKey {
        self.secret.public_key()
    }

    /// Who signs messages; a BBS key does not.
    pub(crate) fn signer(&self) -> Result<&dyn Signer, Failure> {
        match &self.secret {
            InstanceKey::Signer(signer) => Ok(&**signer),
            InstanceKey::Bbs(_) => Err(refused(&self.place, "a BBS key serves bbs-2023 only")),
        }
    }

    /// As an issuer instance of VC-API holds it.
    pub(crate) fn instance_key(&self) -> InstanceKey {
        self.secret.clone()
    }

    /// The verification method: as told, as the file says, or the key's own `did:key`. didkit names a DID alone: its
    /// first method is meant.
    pub(crate) fn method(&self, told: Option<&str>) -> Result<DidUrl, Failure> {
        let public = PublicHalf::Signature(self.public());
        let Some(told) = told else {
            let own = || public.verification_method(DidMethod::Key);
            let id = self.id.clone().or_else(own);
            return id.ok_or_else(|| refused(&self.place, "the key has no did:key"));
        };
        let bad = |why: String| Failure::unable("settings", format!("{told}: {why}"));
        let url = DidUrl::parse(told).map_err(|error| bad(error.to_string()))?;
        if url.fragment().is_some() {
            return Ok(url);
        }
        [DidMethod::Key, DidMethod::Jwk]
            .into_iter()
            .filter_map(|method| public.verification_method(method))
            .find(|method| method.did() == url.did())
            .ok_or_else(|| bad("a DID alone names no verification method".to_owned()))
    }
}

/// Opens the key of `--key`: a file, or `store:LABEL`.
pub(crate) fn open(cli: &Cli, locale: Locale, given: &str) -> Result<OpenKey, Failure> {
    if let Some(label) = given.strip_prefix(STORE) {
        return from_store(cli, locale, label);
    }
    let value = read(given)?;
    let secret = secret(&value).map_err(|why| refused(given, why))?;
    let id = value.get("id").and_then(Value::as_str).and_then(|id| DidUrl::parse(id).ok());
    let id = id.filter(|id| id.fragment().is_some());
    let key = OpenKey { secret, id, place: given.to_owned() };
    // A file whose halves belong to different keys would make what nobody can check.
    if value.has_public_half() {
        match public(&value) {
            Ok(PublicHalf::Signature(public)) if public == key.public() => {}
            Ok(_) => return Err(refused(given, "its two halves belong to different keys")),
            Err(why) => return Err(refused(given, why)),
        }
    }
    Ok(key)
}

/// The public half of a key file, with or without a private one, or of `store:LABEL`.
pub(crate) fn open_public(cli: &Cli, locale: Locale, given: &str) -> Result<PublicHalf, Failure> {
    if given.starts_with(STORE) {
        return Ok(PublicHalf::Signature(open(cli, locale, given)?.public()));
    }
    let value = read(given)?;
    public(&value).map_err(|why| refused(given, why))
}

/// The text of a key file, as [`credential_proofs::harness`] wants it.
struct KeyJson(Value);

impl KeyJson {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    fn has_public_half(&self) -> bool {
        ["publicKeyMultibase", "publicKeyJwk"].iter().any(|name| self.get(name).is_some())
    }
}

impl Drop for KeyJson {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Overwrites every text of a value that held a private key.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

fn read(given: &str) -> Result<KeyJson, Failure> {
    let bytes = Zeroizing::new(input::bytes(given, MAX_KEY_FILE)?);
    match parse_strict(bytes.trim_ascii(), &Limits::with_max_bytes(MAX_KEY_FILE)) {
        Ok(value) if value.is_object() => Ok(KeyJson(value)),
        Ok(_) => Err(refused(given, "no JSON object")),
        Err(error) => Err(refused(given, error)),
    }
}

fn secret(value: &KeyJson) -> Result<InstanceKey, String> {
    if let Some(text) = value.get("secretKeyMultibase") {
        let text = text.as_str().ok_or("secretKeyMultibase is no text")?;
        if let Some(bytes) = bbs_secret(text) {
            return bbs(&bytes);
        }
        let signer = BareSigner::from_secret_multikey(text).map_err(|error| error.to_string())?;
        return Ok(InstanceKey::Signer(Arc::new(signer)));
    }
    let jwk = value.get("secretKeyJwk").unwrap_or(&value.0);
    if jwk.get("d").is_none() {
        return Err("no private key in it".to_owned());
    }
    match jwk.get("crv").and_then(Value::as_str) {
        Some("BLS12381G2" | "Bls12381G2") => {
            let d = jwk.get("d").and_then(Value::as_str).unwrap_or_default();
            let bytes = URL_SAFE_NO_PAD.decode(d).map_err(|_| "`d` is no base64url")?;
            bbs(&Zeroizing::new(bytes))
        }
        Some("secp256k1") => Err("a secp256k1 key signs no credentials".to_owned()),
        _ => {
            let signer = BareSigner::from_private_jwk(jwk).map_err(|error| error.to_string())?;
            Ok(InstanceKey::Signer(Arc::new(signer)))
        }
    }
}

/// The scalar of a `secretKeyMultibase` with the codec of BLS12-381.
fn bbs_secret(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if text.len() > 128 {
        return None;
    }
    let bytes = Zeroizing::new(bs58::decode(text.strip_prefix('z')?).into_vec().ok()?);
    let scalar = bytes.strip_prefix(&KeyType::Bls12381.secret_codec()[..])?;
    Some(Zeroizing::new(scalar.to_vec()))
}

fn bbs(bytes: &[u8]) -> Result<InstanceKey, String> {
    let bytes: &[u8; 32] = bytes.try_into().map_err(|_| "a BLS12-381 key has 32 bytes")?;
    let key = BbsSecretKey::from_bytes(bytes).ok_or("no valid BLS12-381 key")?;
    Ok(InstanceKey::Bbs(Arc::new(key)))
}

fn public(value: &KeyJson) -> Result<PublicHalf, String> {
    if let Some(text) = value.get("publicKeyMultibase") {
        let text = text.as_str().ok_or("publicKeyMultibase is no text")?;
        if let Some(point) = secp256k1_multikey(text) {
            return point;
        }
        let key = PublicKey::from_multikey(text).map_err(|error| error.to_string())?;
        return Ok(PublicHalf::Signature(key));
    }
    let mut jwk = value.get("publicKeyJwk").unwrap_or(&value.0).clone();
    if let Some(members) = jwk.as_object_mut()
        && value.get("publicKeyJwk").is_none()
    {
        if let Some(mut secret) = members.remove("d") {
            wipe(&mut secret);
        }
        members.remove("key_ops");
    }
    if jwk.get("crv").and_then(Value::as_str) == Some("secp256k1") {
        return secp256k1_jwk(&jwk);
    }
    // A BBS key in JWK form is read for its private half only.
    if let Ok(InstanceKey::Bbs(key)) = secret(value) {
        return Ok(PublicHalf::Signature(key.public_key()));
    }
    PublicKey::from_jwk(&jwk).map(PublicHalf::Signature).map_err(|error| error.to_string())
}

/// `None` for another codec. A compressed point says too little for a JWK, so that only files of ours, which are read
/// by their `did:key`, have this form.
fn secp256k1_multikey(text: &str) -> Option<Result<PublicHalf, String>> {
    let bytes = bs58::decode(text.strip_prefix('z')?).into_vec().ok()?;
    bytes
        .starts_with(&[0xe7, 0x01])
        .then(|| Err("give the JWK of a secp256k1 key: a Multikey has half of it".to_owned()))
}

fn secp256k1_jwk(jwk: &Value) -> Result<PublicHalf, String> {
    let mut point = [0u8; 65];
    point[0] = 4;
    for (name, at) in [("x", 1), ("y", 33)] {
        let text = jwk.get(name).and_then(Value::as_str).unwrap_or_default();
        let bytes =
            URL_SAFE_NO_PAD.decode(text).map_err(|_| format!("`{name}` is no base64url"))?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| format!("`{name}` has not 32 bytes"))?;
        point[at..at + 32].copy_from_slice(&bytes);
    }
    Ok(PublicHalf::Chain(point))
}

/// By label, handle, thumbprint or `did:key`.
fn from_store(cli: &Cli, locale: Locale, wanted: &str) -> Result<OpenKey, Failure> {
    let (keys, _) = crate::home::Home::of(cli)?.open_keys(cli, locale)?;
    let list = keys.list();
    let is_wanted = |key: &signing_keys::KeyInfo| {
        let named = key.public_key.as_ref().is_some_and(|public| {
            public.thumbprint() == wanted || public.to_did_key().as_str() == wanted
        });
        key.label == wanted || key.handle.as_str() == wanted || named
    };
    let Some(found) = list.iter().find(|key| is_wanted(key)) else {
        let near = suggest::nearest(wanted, list.iter().map(|key| key.label.as_str()));
        return Err(Failure::unable("unknown_key_label", wanted).near(near));
    };
    let handle: KeyHandle = found.handle.clone();
    let signer = StoreSigner::new(Arc::clone(&keys) as Arc<dyn KeyStore>, handle)?;
    let secret = InstanceKey::Signer(Arc::new(signer));
    Ok(OpenKey { secret, id: None, place: format!("{STORE}{wanted}") })
}
