//! Key files: a verification method (Controlled Identifiers 1.0 section 2.2), or a JWK alone.

use credential_model::json::{Limits, parse_strict};
use serde_json::Value;
use signing_keys::PublicKey;
use signing_keys::danger::BareSigner;

const MAX_BYTES: usize = 16 * 1024;

/// A key file.
pub(super) struct KeyFile {
    value: Value,
}

impl KeyFile {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let limits = Limits { max_bytes: MAX_BYTES, ..Limits::default() };
        match parse_strict(text.trim().as_bytes(), &limits) {
            Ok(value) if value.is_object() => Ok(Self { value }),
            Ok(_) => Err("the key file is no JSON object".to_owned()),
            Err(error) => Err(format!("the key file is no strict JSON: {}", error.code())),
        }
    }

    /// The private half; a bare JWK carries it itself.
    pub(super) fn signer(&self) -> Result<BareSigner, String> {
        let method = self.value.get("secretKeyJwk");
        if let Some(text) = self.value.get("secretKeyMultibase").and_then(Value::as_str) {
            return BareSigner::from_secret_multikey(text).map_err(|error| error.code().to_owned());
        }
        let signer = BareSigner::from_private_jwk(method.unwrap_or(&self.value))
            .map_err(|error| error.code().to_owned())?;
        // A file whose halves belong to different keys would make what nobody can check.
        if method.is_some() && self.value.get("publicKeyJwk").is_some() {
            use signing_keys::Signer as _;
            if self.public()? != signer.public_key() {
                return Err("the two halves of the key file belong to different keys".to_owned());
            }
        }
        Ok(signer)
    }

    /// The public half.
    pub(super) fn public(&self) -> Result<PublicKey, String> {
        let read = if let Some(text) = self.value.get("publicKeyMultibase").and_then(Value::as_str)
        {
            PublicKey::from_multikey(text)
        } else {
            let mut jwk = self.value.get("publicKeyJwk").unwrap_or(&self.value).clone();
            // A bare JWK is the whole key pair in the suite's files.
            if let Some(members) = jwk.as_object_mut()
                && self.value.get("publicKeyJwk").is_none()
            {
                members.remove("d");
            }
            PublicKey::from_jwk(&jwk)
        };
        read.map_err(|error| error.code().to_owned())
    }

    /// The names a `kid` may have: the method's id, the JWK's `kid`, and the thumbprint.
    fn names(&self) -> Vec<&str> {
        let jwk = |member: &str| {
            self.value.get(member).and_then(|jwk| jwk.get("kid")).and_then(Value::as_str)
        };
        let own = |member: &str| self.value.get(member).and_then(Value::as_str);
        [own("id"), jwk("publicKeyJwk"), jwk("secretKeyJwk"), own("kid")]
            .into_iter()
            .flatten()
            .collect()
    }

    /// What goes into `kid`.
    pub(super) fn kid(&self) -> Result<String, String> {
        match self.names().first() {
            Some(name) => Ok((*name).to_owned()),
            None => Ok(self.public_or_signer()?.thumbprint()),
        }
    }

    fn public_or_signer(&self) -> Result<PublicKey, String> {
        use signing_keys::Signer as _;
        self.public().or_else(|_| self.signer().map(|signer| signer.public_key()))
    }

    /// Whether `kid` names this key. A key file without any name, or a token without `kid`, leaves it open.
    pub(super) fn is_named(&self, kid: Option<&str>, key: &PublicKey) -> bool {
        let names = self.names();
        kid.is_none_or(|kid| names.is_empty() || names.contains(&kid) || key.thumbprint() == kid)
    }
}
