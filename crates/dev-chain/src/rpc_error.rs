//! JSON-RPC error objects with anvil's codes and words, so that clients written for it behave.

use alloy::primitives::{Bytes, hex};
use serde_json::{Value, json};

/// An error answer (JSON-RPC 2.0 section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcError {
    /// -32700 … -32600 by JSON-RPC, -32000 and -32003 by EIP-1474, 3 for a revert.
    pub code: i64,
    /// For people, and for clients that look for known words.
    pub message: String,
    /// Revert data.
    pub data: Option<Bytes>,
}

impl RpcError {
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// The body is no JSON.
    pub fn parse() -> Self {
        Self::new(-32700, "Parse error")
    }

    /// JSON, but no request.
    pub fn invalid_request() -> Self {
        Self::new(-32600, "Invalid request")
    }

    /// No such method.
    pub fn method_not_found() -> Self {
        Self::new(-32601, "Method not found")
    }

    /// Parameters that do not fit.
    pub fn invalid_params(why: impl Into<String>) -> Self {
        Self::new(-32602, why)
    }

    /// The node itself failed.
    pub fn internal(why: impl Into<String>) -> Self {
        Self::new(-32603, why)
    }

    /// A transaction that cannot be taken.
    pub fn rejected(why: impl Into<String>) -> Self {
        Self::new(-32003, why)
    }

    /// A call that reverted, with the contract's data.
    pub fn reverted(data: Bytes) -> Self {
        let message = if data.is_empty() {
            "execution reverted".to_owned()
        } else {
            format!(
                "execution reverted: custom error {}",
                hex::encode_prefixed(&data[..data.len().min(4)])
            )
        };
        Self { code: 3, message, data: Some(data) }
    }

    /// A call that stopped otherwise (out of gas, invalid opcode).
    pub fn halted(why: impl std::fmt::Debug) -> Self {
        Self::new(-32003, format!("EVM error {why:?}"))
    }

    /// The JSON form.
    pub fn to_json(&self) -> Value {
        let mut object = json!({ "code": self.code, "message": self.message });
        if let Some(data) = &self.data {
            object["data"] = json!(data);
        }
        object
    }
}
