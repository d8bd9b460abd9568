//! The `[vc_api]` section of the configuration.

use std::collections::BTreeSet;

use serde::Deserialize;
use signing_keys::KeyAlgorithm;
use vc_api::Securing;

/// `[vc_api]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VcApi {
    /// Whoever reaches the port may have anything signed, without the admin token: for test harnesses.
    #[serde(default)]
    pub danger_open_to_everybody: bool,
    /// `[[vc_api.instances]]`
    #[serde(default)]
    pub instances: Vec<InstanceSection>,
}

/// `[[vc_api.instances]]`: one issuer at `/issuers/{id}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceSection {
    /// The name in the path: letters, digits, `-`, `_` and `.`.
    pub id: String,
    /// A cryptosuite such as `eddsa-rdfc-2022`, or `vc+jwt`.
    pub securing: String,
    /// The label of the key in the key store. Instances may share one.
    pub key: String,
    /// The kind of key that `init` makes when there is none; follows from `securing` when absent, P-256 for ECDSA.
    #[serde(default)]
    pub algorithm: Option<KeyAlgorithm>,
    /// `key`: the issuer is the `did:key` of the key. `web`: it is the service's `did:web`; then the key is one of its
    /// two, `assertion-ed25519` or `assertion-p256`.
    #[serde(default)]
    pub did: DidForm,
    /// JSON Pointers that are mandatory where a request names none (`ecdsa-sd-2023`, `bbs-2023`).
    #[serde(default)]
    pub mandatory_pointers: Vec<String>,
    /// Accepts context objects written into credentials. They can give other names to what is signed.
    #[serde(default)]
    pub danger_inline_contexts: bool,
}

/// Who the issuer of an instance is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DidForm {
    /// The key itself.
    #[default]
    Key,
    /// The service.
    Web,
}

impl InstanceSection {
    /// How it secures; checked by [`VcApi::check`].
    pub(super) fn securing(&self) -> Option<Securing> {
        Securing::parse(&self.securing)
    }

    pub(super) fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm.unwrap_or(match self.securing.as_str() {
            "eddsa-rdfc-2022" | "eddsa-jcs-2022" => KeyAlgorithm::EdDsa,
            "bbs-2023" => KeyAlgorithm::Bls12381G2,
            _ => KeyAlgorithm::Es256,
        })
    }
}

impl VcApi {
    /// Checks what the types do not hold.
    ///
    /// # Errors
    /// What is wrong, with the instance's id.
    pub fn check(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for instance in &self.instances {
            let id = &instance.id;
            let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if !(1..=64).contains(&id.len()) || !id.bytes().all(letters) {
                return Err(format!("{id:?} is no id: 1 to 64 letters, digits, `-`, `_`, `.`"));
            }
            if !seen.insert(id) {
                return Err(format!("two instances have the id {id:?}"));
            }
            if instance.securing().is_none() {
                return Err(format!(
                    "{id}: {:?} is neither a cryptosuite nor vc+jwt",
                    instance.securing
                ));
            }
        }
        Ok(())
    }
}
