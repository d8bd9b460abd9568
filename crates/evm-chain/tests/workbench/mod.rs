//! Chains to test against: the dev chain in this process, anvil when it is found, and a node that
//! misbehaves on demand.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use alloy::transports::http::reqwest;
use axum::{Json, Router, extract::State, response::IntoResponse, routing::post};
use evm_chain::{
    Address, ChainReader, ChainSettings, ChainWriter, Contracts, MemoryOutbox, Outbox,
    TransactionSigner, TrustedBlock, danger::software_signer,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

pub const CHAIN_ID: u64 = 31337;
/// Transactions of one deployment: four contracts, and naming them.
pub const DEPLOYED: u64 = 5;
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A chain that mines at once.
pub struct Bench {
    pub url: Url,
    anvil: Option<Child>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(child) = &mut self.anvil {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Bench {
    /// The dev chain, in memory.
    pub async fn dev() -> Self {
        Self::dev_at(dev_chain::wall_clock()).await
    }

    /// The dev chain with a clock of its own.
    pub async fn dev_at(now: dev_chain::Now) -> Self {
        let chain = dev_chain::Chain::open(None, CHAIN_ID, now).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let chain = Arc::new(Mutex::new(chain));
        tokio::spawn(dev_chain::serve(chain, listener, std::future::pending()));
        Self { url, anvil: None }
    }

    /// Anvil (`SINPYO_ANVIL`, else `anvil` on PATH); none, said aloud, when there is none.
    pub async fn anvil() -> Option<Self> {
        let program = std::env::var("SINPYO_ANVIL").unwrap_or_else(|_| "anvil".to_owned());
        let started = Command::new(&program)
            .args(["--port", "0", "--chain-id", &CHAIN_ID.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else {
            eprintln!(
                "SKIPPED: no anvil ({program}); set SINPYO_ANVIL to run this test against it"
            );
            return None;
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("anvil says where it listens").unwrap();
            if let Some(address) = line.strip_prefix("Listening on ") {
                break address.trim().to_owned();
            }
        };
        // Keep reading, or anvil stops at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { url: format!("http://{address}").parse().unwrap(), anvil: Some(child) })
    }

    pub async fn rpc(&self, method: &str, params: Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer =
            reqwest::Client::new().post(self.url.clone()).json(&request).send().await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    pub async fn fund(&self, address: Address) {
        if self.anvil.is_some() {
            self.rpc("anvil_setBalance", json!([address, "0x21e19e0c9bab2400000"])).await;
        } else {
            self.rpc("dev_fund", json!([address])).await;
        }
    }

    pub async fn automine(&self, on: bool) {
        self.rpc("evm_setAutomine", json!([on])).await;
    }

    /// Unix seconds of the newest block.
    pub async fn now(&self) -> i64 {
        let block = self.rpc("eth_getBlockByNumber", json!(["latest", false])).await;
        i64::from_str_radix(block["timestamp"].as_str().unwrap().trim_start_matches("0x"), 16)
            .unwrap()
    }

    /// The gas a mined transaction used.
    pub async fn gas_of(&self, hash: [u8; 32]) -> u64 {
        let hash = format!("0x{}", hex::encode(hash));
        let receipt = self.rpc("eth_getTransactionReceipt", json!([hash])).await;
        let used = receipt["gasUsed"].as_str().unwrap().trim_start_matches("0x").to_owned();
        u64::from_str_radix(&used, 16).unwrap()
    }

    pub async fn mine(&self) {
        self.rpc("evm_mine", json!([])).await;
    }

    pub async fn nonce(&self, address: Address) -> u64 {
        let nonce = self.rpc("eth_getTransactionCount", json!([address, "latest"])).await;
        u64::from_str_radix(nonce.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    }

    pub fn settings(&self) -> ChainSettings {
        settings(&[&self.url])
    }

    /// A funded account, with contracts deployed by it.
    pub async fn ready(&self) -> Ready {
        let signer = signer(1);
        self.fund(signer.address()).await;
        let outbox = Arc::new(MemoryOutbox::default());
        let deployer = ChainWriter::new(self.settings(), signer.clone(), outbox.clone()).unwrap();
        let contracts = deployer.deploy().await.unwrap();
        let settings = with_contracts(self.settings(), contracts);
        let writer = ChainWriter::new(settings.clone(), signer.clone(), outbox.clone()).unwrap();
        let reader = ChainReader::new(settings.clone()).unwrap();
        Ready { settings, contracts, signer, outbox, writer, reader }
    }

    /// Another funded account with a writer of its own.
    pub async fn stranger(&self, settings: &ChainSettings) -> ChainWriter {
        self.actor(settings, 2).await
    }

    /// The funded account of a seed.
    pub async fn actor(&self, settings: &ChainSettings, seed: u8) -> ChainWriter {
        let signer = signer(seed);
        self.fund(signer.address()).await;
        ChainWriter::new(settings.clone(), signer, Arc::new(MemoryOutbox::default())).unwrap()
    }
}

pub struct Ready {
    pub settings: ChainSettings,
    pub contracts: Contracts,
    pub signer: Arc<dyn TransactionSigner>,
    pub outbox: Arc<MemoryOutbox>,
    pub writer: ChainWriter,
    pub reader: ChainReader,
}

impl Ready {
    /// The writer as a restarted process would make it.
    pub fn restarted(&self, outbox: Arc<dyn Outbox>) -> ChainWriter {
        ChainWriter::new(self.settings.clone(), self.signer.clone(), outbox).unwrap()
    }
}

pub fn signer(seed: u8) -> Arc<dyn TransactionSigner> {
    Arc::new(software_signer(&[seed; 32]).unwrap())
}

pub fn settings(urls: &[&Url]) -> ChainSettings {
    ChainSettings {
        rpc_urls: urls.iter().map(|url| (*url).clone()).collect(),
        chain_id: CHAIN_ID,
        trusted_block: TrustedBlock::Latest,
        ..ChainSettings::default()
    }
}

pub fn with_contracts(settings: ChainSettings, contracts: Contracts) -> ChainSettings {
    settings.with_contracts(contracts)
}

/// Waits until all are mined.
pub async fn settle(writer: &ChainWriter, sent: evm_chain::SentTx) {
    writer.wait(&sent, PATIENCE).await.unwrap();
}

/// How a node may misbehave when a method is called.
#[derive(Clone)]
pub enum Fault {
    /// Answer with this HTTP status.
    Status(u16),
    /// Never answer.
    Hang,
    /// Answer something that is no JSON.
    Garbage,
    /// Answer ten megabytes.
    Oversize,
    /// Answer this result.
    Result(Value),
    /// Answer this error object.
    Error(Value),
    /// Change the true result.
    Alter(fn(Value) -> Value),
    /// Refuse when the first parameter spans more than one block.
    RefuseRanges,
}

/// A node that passes requests on to a good one, except where told otherwise.
#[derive(Clone)]
pub struct FaultyNode {
    pub url: Url,
    upstream: Url,
    faults: Arc<Mutex<HashMap<String, Fault>>>,
}

impl FaultyNode {
    pub async fn before(upstream: &Url) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let node = Self { url, upstream: upstream.clone(), faults: Arc::default() };
        let router = Router::new().route("/", post(answer)).with_state(node.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        node
    }

    pub fn fail(&self, method: &str, fault: Fault) {
        self.faults.lock().unwrap().insert(method.to_owned(), fault);
    }

    pub fn refuse_ranges(&self) {
        self.fail("eth_getLogs", Fault::RefuseRanges);
    }

    pub fn heal(&self) {
        self.faults.lock().unwrap().clear();
    }
}

async fn answer(
    State(node): State<FaultyNode>,
    Json(request): Json<Value>,
) -> axum::response::Response {
    let method = request["method"].as_str().unwrap_or_default().to_owned();
    let id = request["id"].clone();
    let fault = node.faults.lock().unwrap().get(&method).cloned();
    let alter = match fault {
        Some(Fault::Status(status)) => {
            return axum::http::StatusCode::from_u16(status).unwrap().into_response();
        }
        Some(Fault::Hang) => return std::future::pending().await,
        Some(Fault::Garbage) => return "<html>hello</html>".into_response(),
        Some(Fault::Oversize) => return "x".repeat(10 * 1024 * 1024).into_response(),
        Some(Fault::Result(result)) => {
            return Json(json!({ "jsonrpc": "2.0", "id": id, "result": result })).into_response();
        }
        Some(Fault::Error(error)) => {
            return Json(json!({ "jsonrpc": "2.0", "id": id, "error": error })).into_response();
        }
        Some(Fault::RefuseRanges)
            if request["params"][0]["fromBlock"] != request["params"][0]["toBlock"] =>
        {
            let error = json!({ "code": -32602, "message": "block range too large" });
            return Json(json!({ "jsonrpc": "2.0", "id": id, "error": error })).into_response();
        }
        Some(Fault::Alter(alter)) => Some(alter),
        Some(Fault::RefuseRanges) | None => None,
    };
    let upstream = reqwest::Client::new().post(node.upstream).json(&request).send().await.unwrap();
    let mut answer: Value = serde_json::from_slice(&upstream.bytes().await.unwrap()).unwrap();
    if let Some(alter) = alter {
        answer["result"] = alter(answer["result"].take());
    }
    Json(answer).into_response()
}

/// Makes one test per function and chain.
#[macro_export]
macro_rules! on_every_chain {
    ($($name:ident),* $(,)?) => {
        mod on_the_dev_chain {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::workbench::Bench::dev().await).await;
            })*
        }
        mod on_anvil {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(bench) = super::workbench::Bench::anvil().await {
                    super::$name(bench).await;
                }
            })*
        }
    };
}
