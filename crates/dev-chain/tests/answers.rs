//! The JSON-RPC face: what clients written for anvil rely on, compared with anvil when it is found.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use alloy::{
    consensus::TrieAccount,
    primitives::{Address, B256, Bytes, U256, keccak256},
    rlp,
    rpc::types::EIP1186AccountProofResponse,
    transports::http::reqwest,
    trie::{Nibbles, proof::verify_proof},
};
use dev_chain::{Chain, serve, wall_clock};
use evm_chain::{
    ChainSettings, ChainWriter, MemoryOutbox, Outbox, TransactionSigner, TrustedBlock,
    danger::software_signer,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

struct Node {
    url: String,
    child: Option<Child>,
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Node {
    async fn ours() -> Self {
        let chain = Chain::open(None, 31337, wall_clock()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(Arc::new(Mutex::new(chain)), listener, std::future::pending()));
        Self { url, child: None }
    }

    fn anvil() -> Option<Self> {
        let program = std::env::var("SINPYO_ANVIL").unwrap_or_else(|_| "anvil".to_owned());
        let started = Command::new(&program).args(["--port", "0"]).stdout(Stdio::piped()).spawn();
        let Ok(mut child) = started else {
            eprintln!("SKIPPED: no anvil ({program}); set SINPYO_ANVIL to compare with it");
            return None;
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address =
            lines.find_map(|line| Some(line.unwrap().strip_prefix("Listening on ")?.to_owned()));
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { url: format!("http://{}", address.unwrap().trim()), child: Some(child) })
    }

    async fn post(&self, body: String) -> (u16, String) {
        let request =
            reqwest::Client::new().post(&self.url).header("content-type", "application/json");
        let answer = request.body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn ask(&self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        serde_json::from_str(&self.post(body.to_string()).await.1).unwrap()
    }

    async fn rpc(&self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    async fn code(&self, method: &str, params: Value) -> i64 {
        let answer = self.ask(method, params).await;
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method}: {answer}"))
    }

    async fn fund(&self, address: impl serde::Serialize) {
        if self.child.is_some() {
            self.rpc("anvil_setBalance", json!([address, "0x21e19e0c9bab2400000"])).await;
        } else {
            self.rpc("dev_fund", json!([address])).await;
        }
    }
}

/// The contract set deployed (five transactions) and one document published (the sixth), by an
/// account of its own.
struct Story {
    hashes: Vec<String>,
    raw: Vec<Bytes>,
    registry: evm_chain::Address,
    account: evm_chain::Address,
}

async fn story(node: &Node) -> Story {
    let signer: Arc<dyn TransactionSigner> = Arc::new(software_signer(&[4; 32]).unwrap());
    node.fund(signer.address()).await;
    let mut settings = ChainSettings {
        rpc_urls: vec![node.url.parse().unwrap()],
        chain_id: 31337,
        trusted_block: TrustedBlock::Latest,
        ..ChainSettings::default()
    };
    let outbox = Arc::new(MemoryOutbox::default());
    let deployer = ChainWriter::new(settings.clone(), signer.clone(), outbox.clone()).unwrap();
    let contracts = deployer.deploy().await.unwrap();
    settings.did_registry = contracts.did_registry;
    settings.status_registry = contracts.status_registry;
    let writer = ChainWriter::new(settings, signer.clone(), outbox.clone()).unwrap();
    writer.publish_did("did:web:a.example", b"{}", 0).await.unwrap();
    let rows = outbox.load().unwrap();
    Story {
        hashes: rows.iter().map(|row| format!("0x{}", hex::encode(row.hash))).collect(),
        raw: rows.iter().map(|row| Bytes::from(row.raw.clone())).collect(),
        registry: contracts.did_registry,
        account: signer.address(),
    }
}

/// The form of an answer: keys, kinds, and for hexadecimal text whether it is a quantity or bytes.
fn form(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            // Not every version of anvil has the first; we do not encode a block to know its size;
            // anvil names a blob price for transactions without blobs, geth does not.
            let left_out = ["blockTimestamp", "size", "blobGasPrice"];
            let members = members.iter().filter(|(key, _)| !left_out.contains(&key.as_str()));
            // Numbers without leading zeros: one signature in eight has a shorter half.
            let shown = |key: &String, value: &Value| match key.as_str() {
                "r" | "s" => json!("hex"),
                _ => form(value),
            };
            Value::Object(members.map(|(key, value)| (key.clone(), shown(key, value))).collect())
        }
        Value::Array(items) => items.first().map_or(json!([]), |first| json!([form(first)])),
        Value::String(text) => match text.strip_prefix("0x") {
            Some(digits) if [40, 64, 512].contains(&digits.len()) => {
                json!(format!("{} digits", digits.len()))
            }
            Some(digits) if digits == "0" || !digits.starts_with('0') && !digits.is_empty() => {
                json!("hex")
            }
            Some(_) => json!("bytes"),
            None => json!("text"),
        },
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::Null => Value::Null,
    }
}

/// `(name, answer)` of every read the clients make, after the story.
async fn reads(node: &Node) -> Vec<(&'static str, Value)> {
    let story = story(node).await;
    let (hash, account, registry) = (&story.hashes[5], story.account, story.registry);
    let unknown = json!(B256::repeat_byte(9));
    let receipt = node.rpc("eth_getTransactionReceipt", json!([hash])).await;
    let (block, number) = (receipt["blockHash"].clone(), receipt["blockNumber"].clone());
    let head = keccak256("headOf(bytes32)")[..4].to_vec();
    let call = json!({ "to": registry, "data": Bytes::from([head, keccak256("did:web:a.example").to_vec()].concat()) });
    let bad = json!({ "to": registry, "data": "0x12345678" });
    vec![
        ("receipt", receipt),
        ("deployment", node.rpc("eth_getTransactionReceipt", json!([story.hashes[0]])).await),
        ("no receipt", node.rpc("eth_getTransactionReceipt", json!([unknown])).await),
        ("transaction", node.rpc("eth_getTransactionByHash", json!([hash])).await),
        ("no transaction", node.rpc("eth_getTransactionByHash", json!([unknown])).await),
        ("block by number", node.rpc("eth_getBlockByNumber", json!([number, false])).await),
        ("full block", node.rpc("eth_getBlockByNumber", json!([number, true])).await),
        ("latest", node.rpc("eth_getBlockByNumber", json!(["latest", false])).await),
        ("earliest", node.rpc("eth_getBlockByNumber", json!(["earliest", false])).await),
        ("block by hash", node.rpc("eth_getBlockByHash", json!([block, false])).await),
        ("no block", node.rpc("eth_getBlockByNumber", json!(["0xffffff", false])).await),
        ("no block by hash", node.rpc("eth_getBlockByHash", json!([unknown, false])).await),
        (
            "logs",
            node.rpc(
                "eth_getLogs",
                json!([{ "address": registry, "fromBlock": "0x0", "toBlock": "latest" }]),
            )
            .await,
        ),
        ("logs of a block", node.rpc("eth_getLogs", json!([{ "blockHash": block }])).await),
        (
            "no logs",
            node.rpc("eth_getLogs", json!([{ "address": account, "fromBlock": "0x0" }])).await,
        ),
        ("chain id", node.rpc("eth_chainId", json!([])).await),
        ("network", node.rpc("net_version", json!([])).await),
        ("height", node.rpc("eth_blockNumber", json!([])).await),
        ("syncing", node.rpc("eth_syncing", json!([])).await),
        ("gas price", node.rpc("eth_gasPrice", json!([])).await),
        ("tip", node.rpc("eth_maxPriorityFeePerGas", json!([])).await),
        ("fee history", node.rpc("eth_feeHistory", json!(["0x2", "latest", [10.0, 50.0]])).await),
        ("balance", node.rpc("eth_getBalance", json!([account, "latest"])).await),
        ("nonce", node.rpc("eth_getTransactionCount", json!([account, "latest"])).await),
        ("pending nonce", node.rpc("eth_getTransactionCount", json!([account, "pending"])).await),
        ("no code", node.rpc("eth_getCode", json!([account, "latest"])).await),
        ("slot", node.rpc("eth_getStorageAt", json!([registry, "0x0", "latest"])).await),
        ("call", node.rpc("eth_call", json!([call, "latest"])).await),
        ("call at a block", node.rpc("eth_call", json!([call, { "blockHash": block }])).await),
        ("estimate", node.rpc("eth_estimateGas", json!([call])).await),
        ("proof", node.rpc("eth_getProof", json!([registry, [B256::ZERO], "latest"])).await),
        ("unknown method", json!(node.code("eth_whatever", json!([])).await)),
        ("bad parameter", json!(node.code("eth_getBalance", json!(["zz", "latest"])).await)),
        ("missing parameter", json!(node.code("eth_getBalance", json!([])).await)),
        ("revert", json!(node.code("eth_call", json!([bad, "latest"])).await)),
        ("revert of an estimate", json!(node.code("eth_estimateGas", json!([bad])).await)),
        ("sent twice", json!(node.code("eth_sendRawTransaction", json!([story.raw[2]])).await)),
        (
            "no transaction at all",
            json!(node.code("eth_sendRawTransaction", json!(["0x1234"])).await),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_answers_in_anvils_form() {
    let ours = reads(&Node::ours().await).await;
    let Some(anvil) = Node::anvil() else { return };
    let theirs = reads(&anvil).await;
    let mut differences = Vec::new();
    for ((name, ours), (_, theirs)) in ours.iter().zip(&theirs) {
        let same = if ours.is_number() { ours == theirs } else { form(ours) == form(theirs) };
        if !same {
            differences.push(format!(
                "{name}:\n  ours   {}\n  theirs {}",
                form(ours),
                form(theirs)
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    // Same transactions, same rules: the same gas and the same contract addresses.
    for index in 0..2 {
        assert_eq!(ours[index].1["gasUsed"], theirs[index].1["gasUsed"]);
        assert_eq!(ours[index].1["contractAddress"], theirs[index].1["contractAddress"]);
        assert_eq!(ours[index].1["logsBloom"], theirs[index].1["logsBloom"]);
    }
}

#[tokio::test]
async fn proofs_lead_to_the_state_root_of_the_header() {
    let node = Node::ours().await;
    let story = story(&node).await;
    let entry = keccak256([keccak256("did:web:a.example").0, [0; 32]].concat());
    let slots = [entry, B256::repeat_byte(1)];
    let block = node.rpc("eth_getBlockByNumber", json!(["latest", false])).await;
    let root: B256 = serde_json::from_value(block["stateRoot"].clone()).unwrap();
    for address in [Address::from(*story.registry.as_bytes()), Address::repeat_byte(5)] {
        let proof = node.rpc("eth_getProof", json!([address, slots, "latest"])).await;
        let proof: EIP1186AccountProofResponse = serde_json::from_value(proof).unwrap();
        let account =
            TrieAccount::new(proof.nonce, proof.balance, proof.storage_hash, proof.code_hash);
        let absent = address == Address::repeat_byte(5);
        let leaf = (!absent).then(|| rlp::encode(account));
        verify_proof(root, Nibbles::unpack(keccak256(address)), leaf, &proof.account_proof)
            .unwrap();
        for slot in &proof.storage_proof {
            let leaf =
                (!slot.value.is_zero()).then(|| rlp::encode_fixed_size(&slot.value).to_vec());
            let key = Nibbles::unpack(keccak256(slot.key.as_b256()));
            if !slot.proof.is_empty() {
                verify_proof(proof.storage_hash, key, leaf, &slot.proof).unwrap();
            }
        }
        assert_eq!(proof.storage_proof[0].value.is_zero(), absent);
        assert_eq!(proof.storage_proof[1].value, U256::ZERO);
    }
    let many: Vec<_> = (0..65).map(U256::from).collect();
    assert_eq!(node.code("eth_getProof", json!([story.registry, many, "latest"])).await, -32602);
}

#[tokio::test]
async fn state_of_earlier_blocks_can_be_asked() {
    let node = Node::ours().await;
    let story = story(&node).await;
    let nonce = async |block: &str| {
        node.rpc("eth_getTransactionCount", json!([story.account, block])).await
    };
    assert_eq!(nonce("earliest").await, "0x0");
    assert_eq!(nonce("0x2").await, "0x1");
    for tag in ["latest", "safe", "finalized", "pending"] {
        assert_eq!(nonce(tag).await, "0x6", "{tag}");
    }
    assert_eq!(node.code("eth_getTransactionCount", json!([story.account, "0x99"])).await, -32602);
    assert_eq!(
        node.code("eth_getTransactionCount", json!([story.account, "yesterday"])).await,
        -32602
    );
}

#[tokio::test]
async fn batches_notifications_and_nonsense() {
    let node = Node::ours().await;
    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","method":"eth_chainId"},{"jsonrpc":"2.0","id":"b","method":"nope"},7]"#;
    let (status, body) = node.post(batch.to_owned()).await;
    let answers: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, answers.as_array().unwrap().len()), (200, 3));
    assert_eq!((&answers[0]["id"], &answers[0]["result"]), (&json!(1), &json!("0x7a69")));
    assert_eq!((&answers[1]["id"], &answers[1]["error"]["code"]), (&json!("b"), &json!(-32601)));
    assert_eq!((&answers[2]["id"], &answers[2]["error"]["code"]), (&Value::Null, &json!(-32600)));

    let code = async |body: &str| {
        let answer: Value = serde_json::from_str(&node.post(body.to_owned()).await.1).unwrap();
        answer["error"]["code"].as_i64()
    };
    assert_eq!(code("{").await, Some(-32700));
    assert_eq!(code("[]").await, Some(-32600));
    assert_eq!(code(r#"{"id":1,"method":"eth_chainId"}"#).await, Some(-32600));
    assert_eq!(code(r#"{"jsonrpc":"2.0","id":[1],"method":"eth_chainId"}"#).await, Some(-32600));
    assert_eq!(code(&format!("[{}]", vec!["1"; 101].join(","))).await, Some(-32600));
    assert_eq!(
        node.post(r#"{"jsonrpc":"2.0","method":"eth_chainId"}"#.to_owned()).await,
        (204, String::new())
    );
    assert_eq!(node.post("x".repeat(1_100_000)).await.0, 413);
}

#[tokio::test]
async fn the_pool_holds_what_cannot_be_mined_yet() {
    let node = Node::ours().await;
    let story = story(&node).await;
    // The same transactions on a fresh chain, in the wrong order.
    let fresh = Node::ours().await;
    let poor = fresh.ask("eth_sendRawTransaction", json!([story.raw[0]])).await;
    assert_eq!(poor["error"]["code"], -32003);
    assert_eq!(poor["error"]["message"], "Insufficient funds for gas * price + value");
    fresh.fund(story.account).await;
    for index in [5, 4, 3, 2, 1] {
        fresh.rpc("eth_sendRawTransaction", json!([story.raw[index]])).await;
        let waiting = fresh.rpc("eth_getTransactionByHash", json!([story.hashes[index]])).await;
        assert_eq!(waiting["blockHash"], Value::Null);
    }
    let nonce =
        async |tag: &str| fresh.rpc("eth_getTransactionCount", json!([story.account, tag])).await;
    assert_eq!(nonce("pending").await, "0x0", "a gap is in the way");
    fresh.rpc("eth_sendRawTransaction", json!([story.raw[0]])).await;
    assert_eq!(nonce("latest").await, "0x6", "all of them follow at once");
    let block = fresh.rpc("eth_getBlockByNumber", json!(["latest", false])).await;
    assert_eq!(block["transactions"], json!(story.hashes));
    let last = fresh.rpc("eth_getTransactionReceipt", json!([story.hashes[5]])).await;
    assert_eq!((&last["status"], &last["transactionIndex"]), (&json!("0x1"), &json!("0x5")));
}

#[tokio::test]
async fn time_can_be_moved_forwards_only() {
    let node = Node::ours().await;
    let time = async || {
        let block = node.rpc("eth_getBlockByNumber", json!(["latest", false])).await;
        u64::from_str_radix(block["timestamp"].as_str().unwrap().trim_start_matches("0x"), 16)
            .unwrap()
    };
    let before = time().await;
    node.rpc("evm_setNextBlockTimestamp", json!([before + 1_000])).await;
    node.rpc("evm_mine", json!([])).await;
    assert_eq!(time().await, before + 1_000);
    node.rpc("evm_mine", json!([])).await;
    assert_eq!(time().await, before + 1_001, "never backwards");
    node.rpc("evm_increaseTime", json!(["0x186a0"])).await;
    node.rpc("evm_mine", json!([])).await;
    assert!(time().await >= before + 100_000);
}

/// Needs node and a folder with ethers 6, did-resolver, ethr-did-resolver and ethr-did-registry
/// from npm: `SINPYO_ETHR_DIR`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unmodified_ethers_and_ethr_did_resolver_work() {
    let Ok(packages) = std::env::var("SINPYO_ETHR_DIR") else {
        eprintln!(
            "SKIPPED: SINPYO_ETHR_DIR is not set; ethers and ethr-did-resolver were not tried"
        );
        return;
    };
    let node = Node::ours().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/ethr.cjs");
    let run = Command::new("node").args([script, &packages, &node.url]).output();
    let Ok(run) = run else {
        eprintln!("SKIPPED: node is not installed; ethers and ethr-did-resolver were not tried");
        return;
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let steps: Value = serde_json::from_slice(&run.stdout).unwrap();
    let service = "https://a.example/";
    assert_eq!(
        steps,
        json!([
            { "step": "fresh", "methods": 1, "services": [], "deactivated": false },
            { "step": "attributes", "methods": 2, "services": [service], "deactivated": false },
            { "step": "owner changed", "methods": 2, "services": [service], "deactivated": false },
            { "step": "deactivated", "methods": 0, "services": [], "deactivated": true },
        ])
    );
}
