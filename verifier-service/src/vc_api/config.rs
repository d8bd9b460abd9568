//! The `[vc_api]` section of the configuration.

use std::collections::BTreeSet;

use serde::Deserialize;

/// `[vc_api]`: the verify endpoints of VC-API. They are there without this section too, strict and behind the API's token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VcApi {
    /// The status of an answer `verified: false`: 400 (VC-API, what test harnesses expect) or 200 (newer VCALM text).
    #[serde(default = "VcApi::usual_status")]
    pub status_when_not_verified: u16,
    /// `[[vc_api.instances]]`
    #[serde(default)]
    pub instances: Vec<InstanceSection>,
}

/// `[[vc_api.instances]]`: one verifier at `/verifiers/{id}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceSection {
    /// The name in the path: letters, digits, `-`, `_` and `.`.
    pub id: String,
    /// Checks proofs only: not whether the issuer holds the key, not dates, not status.
    #[serde(default)]
    pub danger_proof_only: bool,
    /// Accepts context objects written into documents. They can give other names to what is signed.
    #[serde(default)]
    pub danger_inline_contexts: bool,
}

impl Default for VcApi {
    fn default() -> Self {
        Self { status_when_not_verified: Self::usual_status(), instances: Vec::new() }
    }
}

impl VcApi {
    fn usual_status() -> u16 {
        400
    }

    /// Checks what the types do not hold.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self) -> Result<(), String> {
        if ![200, 400].contains(&self.status_when_not_verified) {
            return Err("status_when_not_verified must be 400 or 200".to_owned());
        }
        let mut seen = BTreeSet::new();
        for InstanceSection { id, .. } in &self.instances {
            let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if !(1..=64).contains(&id.len()) || !id.bytes().all(letters) {
                return Err(format!("{id:?} is no id: 1 to 64 letters, digits, `-`, `_`, `.`"));
            }
            if !seen.insert(id) {
                return Err(format!("two instances have the id {id:?}"));
            }
        }
        Ok(())
    }
}
