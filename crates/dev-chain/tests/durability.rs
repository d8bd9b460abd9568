//! What was acknowledged survives kill -9 of the real program, byte for byte.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use alloy::{primitives::B256, rpc::client::RpcClient};
use dev_chain::{Chain, Journal, JournalError, OpenError, Record};
use evm_chain::{
    Address, ChainReader, ChainSettings, ChainWriter, MemoryOutbox, ReadChain, TransactionSigner,
    TrustedBlock, danger::software_signer,
};
use serde_json::{Value, json};

const DID: &str = "did:web:issuer.sinpyo.example";
const PATIENCE: Duration = Duration::from_secs(20);

struct Running {
    child: Child,
    url: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dev-chain"));
    command.arg("--data").arg(data).args(["--listen", "127.0.0.1:0", "--chain-id", "31337"]);
    command
}

fn start(data: &Path, fund: Address) -> Running {
    let mut child =
        program(data).arg("--fund").arg(fund.to_string()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.strip_prefix("ready ").unwrap().trim().to_owned();
    Running { child, url }
}

async fn rpc(url: &str, method: &'static str, params: Value) -> Value {
    RpcClient::new_http(url.parse().unwrap()).request(method, params).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_it_forgets_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let signer: Arc<dyn TransactionSigner> = Arc::new(software_signer(&[3; 32]).unwrap());
    let outbox = Arc::new(MemoryOutbox::default());
    let mut settings = ChainSettings {
        rpc_urls: Vec::new(),
        chain_id: 31337,
        trusted_block: TrustedBlock::Latest,
        ..ChainSettings::default()
    };
    // Transactions the node answered for, with the hash of the block they were in.
    let acknowledged: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
    for round in 0..4 {
        let mut node = start(folder.path(), signer.address());
        settings.rpc_urls = vec![node.url.parse().unwrap()];
        if round == 0 {
            let bare = ChainWriter::new(settings.clone(), signer.clone(), outbox.clone()).unwrap();
            let contracts = bare.deploy().await.unwrap();
            settings.did_registry = contracts.did_registry;
            settings.status_registry = contracts.status_registry;
        }
        let so_far = acknowledged.lock().unwrap().clone();
        for (hash, block) in so_far {
            let receipt = rpc(&node.url, "eth_getTransactionReceipt", json!([hash])).await;
            assert_eq!(receipt["blockHash"], block, "after {round} kills");
        }
        let writer =
            Arc::new(ChainWriter::new(settings.clone(), signer.clone(), outbox.clone()).unwrap());
        // What was recorded and perhaps not sent when the node died.
        writer.drive().await.unwrap();
        writer.drive().await.unwrap();
        let reader = ChainReader::new(settings.clone()).unwrap();
        let version = reader.did_head(DID).await.unwrap().map_or(0, |head| head.version);
        let known = acknowledged.lock().unwrap().len();
        assert!(version >= known as u64, "{version} versions, {known} acknowledged");

        let (log, url) = (acknowledged.clone(), node.url.clone());
        let busy = tokio::spawn(async move {
            for version in version.. {
                let document = format!("{{\"round\":{round},\"v\":{version}}}");
                let Ok(sent) = writer.publish_did(DID, document.as_bytes(), version).await else {
                    return;
                };
                let hash = format!("0x{}", hex::encode(sent.hash));
                let client = RpcClient::new_http(url.parse().unwrap());
                let receipt: Result<Value, _> =
                    client.request("eth_getTransactionReceipt", json!([hash])).await;
                let Ok(receipt) = receipt else { return };
                assert_ne!(receipt, Value::Null);
                log.lock().unwrap().push((hash, receipt["blockHash"].clone()));
            }
        });
        while acknowledged.lock().unwrap().len() < known + 6 {
            assert!(!busy.is_finished(), "the writer stopped early");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // SIGKILL, in the middle of whatever it does.
        node.child.kill().unwrap();
        busy.await.unwrap();
    }
    let node = start(folder.path(), signer.address());
    settings.rpc_urls = vec![node.url.parse().unwrap()];
    let writer = ChainWriter::new(settings.clone(), signer.clone(), outbox.clone()).unwrap();
    let head = ChainReader::new(settings.clone()).unwrap().did_head(DID).await.unwrap().unwrap();
    let known = acknowledged.lock().unwrap().len() as u64;
    assert!(known >= 24 && head.version >= known);
    let sent = writer.deactivate_did(DID, {
        writer.drive().await.unwrap();
        ChainReader::new(settings).unwrap().did_head(DID).await.unwrap().unwrap().version
    });
    writer.wait(&sent.await.unwrap(), PATIENCE).await.unwrap();
}

#[test]
fn one_folder_has_one_master() {
    let folder = tempfile::tempdir().unwrap();
    let _running = start(folder.path(), Address::ZERO);
    let second = program(folder.path()).output().unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("another dev-chain uses this data folder"), "{said}");
}

#[test]
fn it_listens_to_this_machine_only_unless_danger_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dev-chain"));
    command.arg("--data").arg(folder.path()).args(["--listen", "0.0.0.0:0"]);
    let refused = command.output().unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("hint:") && said.contains("--danger-listen-anywhere"), "{said}");
    assert!(!folder.path().join("chain.log").exists(), "refused before anything was made");
}

fn fixed() -> dev_chain::Now {
    Box::new(|| 1_700_000_000)
}

fn open(folder: &Path) -> Result<Chain, OpenError> {
    Chain::open(Some(folder), 31337, fixed())
}

#[test]
fn a_torn_tail_is_cut_and_damage_elsewhere_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chain.log");
    let account = [7; 20].into();
    {
        let mut chain = open(folder.path()).unwrap();
        chain.fund(&[account]).unwrap();
        chain.mine_one().unwrap();
    }
    let whole = std::fs::read(&path).unwrap();
    let hash = open(folder.path()).unwrap().block(2).unwrap().hash;
    // Every possible torn write of the last line: it was not acknowledged and is gone.
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in last..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let mut chain = open(folder.path()).unwrap();
        assert_eq!(chain.height(), 1, "cut at {cut}");
        // And what is written after it is sound: the same block again.
        chain.mine_one().unwrap();
        assert_eq!(chain.block(2).unwrap().hash, hash);
        drop(chain);
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
    let mut damaged = whole.clone();
    damaged[30] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    let error = open(folder.path()).err().unwrap();
    assert!(matches!(error, OpenError::Journal(JournalError::Damaged(1))), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), damaged, "a damaged log is not touched");
}

#[test]
fn another_chain_another_format_and_a_diverging_replay_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    let other = Chain::open(Some(folder.path()), 5, fixed()).err().unwrap();
    assert!(matches!(other, OpenError::OtherChain { wanted: 5, found: 31337 }), "{other}");
    let (mut journal, records) = Journal::open(folder.path()).unwrap();
    assert_eq!(records.len(), 1);
    let forged = Record::Block {
        timestamp: 1_700_000_001,
        transactions: Vec::new(),
        dropped: Vec::new(),
        funded: Vec::new(),
        hash: B256::repeat_byte(1),
    };
    journal.append(&[forged]).unwrap();
    drop(journal);
    assert!(matches!(open(folder.path()).err().unwrap(), OpenError::Diverged(1)));

    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(folder.path()).unwrap();
    journal.append(&[Record::Genesis { version: 9, chain_id: 31337, timestamp: 1 }]).unwrap();
    drop(journal);
    assert!(matches!(open(folder.path()).err().unwrap(), OpenError::OtherFormat(9)));
}

#[test]
fn a_log_with_nonsense_at_the_end_of_a_line_is_no_log() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    let path = folder.path().join("chain.log");
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"0000000000000000 []\n0000000000000000 []\n").unwrap();
    assert!(matches!(
        open(folder.path()).err().unwrap(),
        OpenError::Journal(JournalError::Damaged(2))
    ));
}
