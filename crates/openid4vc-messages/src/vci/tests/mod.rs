//! Tests of the OID4VCI messages.

mod credential;
mod metadata;
mod offer;
mod token;

use serde_json::{Value, json};

use crate::*;

pub(crate) fn offer() -> Value {
    // Shape of the example in OID4VCI 1.0 §4.1.1.
    json!({
        "credential_issuer": "https://credential-issuer.example.com",
        "credential_configuration_ids": ["KrQualificationBadge.dc+sd-jwt"],
        "grants": {
            PRE_AUTHORIZED_CODE_GRANT: {
                "pre-authorized_code": "oaKazRN8I0IbtZ0C7JuMn5",
                "tx_code": {"length": 4, "input_mode": "numeric", "description": "One-time code from e-mail"}
            }
        }
    })
}

pub(crate) fn with(base: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = base.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/");
    changed.pointer_mut(parent).unwrap()[name.as_str()] = value;
    changed
}
