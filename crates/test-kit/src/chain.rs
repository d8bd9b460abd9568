//! A chain to anchor on: our dev chain, or anvil where it is to be had.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::http::Http;
use crate::process::{Process, binary};
use crate::town::ChainKind;

/// The chain id of demo and tests.
pub const CHAIN_ID: u64 = 20_261;

/// Starts a chain on `port`; its state lies in `folder` and survives a kill on the dev chain.
pub fn start(kind: ChainKind, port: u16, folder: &Path, logs: &Path) -> Result<Process> {
    match kind {
        ChainKind::Dev => {
            let mut command = Command::new(binary("dev-chain")?);
            command.arg("--data").arg(folder);
            command.args(["--listen", &format!("127.0.0.1:{port}")]);
            command.args(["--chain-id", &CHAIN_ID.to_string()]);
            Process::start("dev-chain", command, logs, "ready")
        }
        ChainKind::Anvil => {
            let anvil = std::env::var_os("SINPYO_ANVIL").context("SINPYO_ANVIL names no anvil")?;
            let mut command = Command::new(anvil);
            command.args(["--port", &port.to_string(), "--chain-id", &CHAIN_ID.to_string()]);
            Process::start("anvil", command, logs, "Listening on")
        }
    }
}

/// Gives an account money to pay fees with; development chains only.
pub async fn fund(kind: ChainKind, http: &Http, rpc: &str, address: &str) -> Result<()> {
    let (method, params) = match kind {
        ChainKind::Dev => ("dev_fund", json!([address])),
        ChainKind::Anvil => ("anvil_setBalance", json!([address, "0x56bc75e2d63100000"])),
    };
    call(http, rpc, method, params).await.map(drop)
}

/// One JSON-RPC call.
pub async fn call(http: &Http, rpc: &str, method: &str, params: Value) -> Result<Value> {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let answer = http.post_json(rpc, &body, None).await?;
    if !answer["error"].is_null() {
        bail!("{method}: {}", answer["error"]);
    }
    Ok(answer["result"].clone())
}
