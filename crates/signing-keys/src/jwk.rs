//! Public JWKs (RFC 7517, RFC 7518 section 6.2, RFC 8037 section 2), read strictly.

use serde_json::{Map, Value, json};

use crate::algorithm::Algorithm;
use crate::encoding::{from_base64url, to_base64url};
use crate::public_key::{
    Ed25519PublicKey, KeyError, P256PublicKey, P384PublicKey, P521PublicKey, PublicKey,
};

/// Members that only private or symmetric keys have. A public key that shows one is a
/// leaked key or an attempt to pass one off: neither is used.
const PRIVATE_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

pub(crate) fn read(jwk: &Value) -> Result<PublicKey, KeyError> {
    let members = jwk.as_object().ok_or_else(|| KeyError::MalformedJwk("not an object".into()))?;
    if let Some(member) = PRIVATE_MEMBERS.iter().find(|m| members.contains_key(**m)) {
        return Err(KeyError::PrivateMember((*member).into()));
    }
    let key_type = text(members, "kty")?;
    let curve = match key_type {
        "OKP" | "EC" => text(members, "crv")?,
        other => return Err(KeyError::Unsupported(format!("kty {}", shorten(other)))),
    };
    let key = match (key_type, curve) {
        ("OKP", "Ed25519") => {
            PublicKey::Ed25519(Ed25519PublicKey::from_bytes(&bytes(members, "x")?)?)
        }
        ("EC", "P-256") => PublicKey::P256(P256PublicKey::from_coordinates(
            &bytes(members, "x")?,
            &bytes(members, "y")?,
        )?),
        ("EC", "P-384") => PublicKey::P384(P384PublicKey::from_coordinates(
            &bytes(members, "x")?,
            &bytes(members, "y")?,
        )?),
        ("EC", "P-521") => PublicKey::P521(P521PublicKey::from_coordinates(
            &bytes(members, "x")?,
            &bytes(members, "y")?,
        )?),
        (_, other) => return Err(KeyError::Unsupported(format!("crv {}", shorten(other)))),
    };
    check_intent(members, key.algorithm())?;
    Ok(key)
}

pub(crate) fn write(key: &PublicKey) -> Value {
    match key {
        PublicKey::Ed25519(key) => json!({
            "kty": "OKP", "crv": "Ed25519", "x": to_base64url(&key.to_bytes()),
        }),
        PublicKey::P256(key) => {
            let (x, y) = key.coordinates();
            json!({"kty": "EC", "crv": "P-256", "x": to_base64url(&x), "y": to_base64url(&y)})
        }
        PublicKey::P384(key) => {
            let (x, y) = key.coordinates();
            json!({"kty": "EC", "crv": "P-384", "x": to_base64url(&x), "y": to_base64url(&y)})
        }
        PublicKey::P521(key) => {
            let (x, y) = key.coordinates();
            json!({"kty": "EC", "crv": "P-521", "x": to_base64url(&x), "y": to_base64url(&y)})
        }
        // As draft-ietf-cose-bls-key-representations writes it. Not read back: a JWK is a key
        // for JOSE, and this one is not.
        PublicKey::Bls12381G2(key) => json!({
            "kty": "OKP", "crv": "BLS12381G2", "x": to_base64url(&key.to_bytes()),
        }),
    }
}

/// The text an RFC 7638 thumbprint hashes: required members, sorted, no white space. Written
/// by hand because serde_json's order depends on the workspace's features.
pub(crate) fn canonical_text(key: &PublicKey) -> String {
    match key {
        PublicKey::Ed25519(key) => {
            format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, to_base64url(&key.to_bytes()))
        }
        PublicKey::P256(key) => ec_text("P-256", &key.coordinates().0, &key.coordinates().1),
        PublicKey::P384(key) => ec_text("P-384", &key.coordinates().0, &key.coordinates().1),
        PublicKey::P521(key) => ec_text("P-521", &key.coordinates().0, &key.coordinates().1),
        PublicKey::Bls12381G2(key) => {
            format!(r#"{{"crv":"BLS12381G2","kty":"OKP","x":"{}"}}"#, to_base64url(&key.to_bytes()))
        }
    }
}

fn ec_text(curve: &str, x: &[u8], y: &[u8]) -> String {
    format!(r#"{{"crv":"{curve}","kty":"EC","x":"{}","y":"{}"}}"#, to_base64url(x), to_base64url(y))
}

/// `alg`, `use` and `key_ops`, where present, must allow verifying with this key.
fn check_intent(members: &Map<String, Value>, algorithm: Algorithm) -> Result<(), KeyError> {
    if members.contains_key("alg") {
        let named = text(members, "alg")?;
        if Algorithm::from_jose(named) != Some(algorithm) {
            return Err(KeyError::WrongUse(format!("alg {}", shorten(named))));
        }
    }
    if members.contains_key("use") && text(members, "use")? != "sig" {
        return Err(KeyError::WrongUse("use is not sig".into()));
    }
    if let Some(operations) = members.get("key_ops") {
        let operations = operations
            .as_array()
            .ok_or_else(|| KeyError::MalformedJwk("key_ops is not an array".into()))?;
        if !operations.iter().any(|operation| operation == "verify") {
            return Err(KeyError::WrongUse("key_ops lacks verify".into()));
        }
    }
    Ok(())
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, KeyError> {
    members
        .get(name)
        .ok_or_else(|| KeyError::MalformedJwk(format!("`{name}` is missing")))?
        .as_str()
        .ok_or_else(|| KeyError::MalformedJwk(format!("`{name}` is not a string")))
}

fn bytes(members: &Map<String, Value>, name: &str) -> Result<Vec<u8>, KeyError> {
    let text = text(members, name)?;
    if text.len() > 128 {
        return Err(KeyError::InvalidKey(format!("`{name}` is too long")));
    }
    from_base64url(text)
        .ok_or_else(|| KeyError::MalformedJwk(format!("`{name}` is not unpadded base64url")))
}

/// Foreign text in an error: bounded, and escaped by the `Debug` form.
fn shorten(text: &str) -> String {
    format!("{:?}", text.chars().take(32).collect::<String>())
}
