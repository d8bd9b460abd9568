//! One node's JSON-RPC methods, each with just the fields we need: what we do not read cannot
//! break us.

use alloy::{
    consensus::Header,
    primitives::{Address, B256, Bytes, LogData, U64, U256, keccak256},
    rpc::{client::RpcClient, json_rpc::RpcError},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use url::Url;

use super::transport::{BoundedHttp, NodeLimits, from_transport};
use crate::{ChainError, TrustedBlock};

#[derive(Debug, Clone)]
pub(super) struct Node {
    client: RpcClient,
    name: String,
}

/// The part of a block header we use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockInfo {
    number: U64,
    pub(super) hash: B256,
    timestamp: U64,
    base_fee_per_gas: Option<U256>,
}

impl BlockInfo {
    pub(super) fn number(&self) -> u64 {
        self.number.to()
    }

    pub(super) fn time(&self) -> Result<i64, ChainError> {
        i64::try_from(self.timestamp.to::<u64>())
            .map_err(|_| ChainError::BadAnswer("block time".to_owned()))
    }

    /// In wei; none before London.
    pub(super) fn base_fee(&self) -> Option<u64> {
        self.base_fee_per_gas.map(|fee| fee.saturating_to())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Log {
    pub(super) address: Address,
    topics: Vec<B256>,
    data: Bytes,
    #[serde(default)]
    removed: bool,
    block_number: Option<U64>,
    log_index: Option<U64>,
}

impl Log {
    pub(super) fn is_live(&self) -> bool {
        !self.removed
    }

    /// The number of its block and its place among the block's events.
    pub(super) fn place(&self) -> Result<(u64, u64), ChainError> {
        let missing = || ChainError::BadAnswer("an event without its place".to_owned());
        Ok((self.block_number.ok_or_else(missing)?.to(), self.log_index.ok_or_else(missing)?.to()))
    }

    /// The first topic: which event it is.
    pub(super) fn kind(&self) -> B256 {
        self.topics.first().copied().unwrap_or_default()
    }

    pub(super) fn into_data(self) -> LogData {
        LogData::new_unchecked(self.topics, self.data)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    status: U64,
    block_number: U64,
}

impl Receipt {
    pub(super) fn succeeded(&self) -> bool {
        self.status == U64::from(1)
    }

    pub(super) fn block(&self) -> u64 {
        self.block_number.to()
    }
}

/// What a read-only call came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallOutcome {
    Returned(Bytes),
    Reverted(Bytes),
}

pub(super) fn tag(block: TrustedBlock) -> &'static str {
    match block {
        TrustedBlock::Latest => "latest",
        TrustedBlock::Safe => "safe",
        TrustedBlock::Finalized => "finalized",
    }
}

/// A block's hash as a parameter (EIP-1898): a reorganisation in between is an error, not another
/// answer.
pub(super) fn by_hash(hash: B256) -> Value {
    json!({ "blockHash": hash })
}

/// The parts of an `eth_getProof` answer that are passed on.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Proof {
    pub(super) account_proof: Vec<Bytes>,
    pub(super) storage_proof: Vec<ProofOfSlot>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ProofOfSlot {
    pub(super) proof: Vec<Bytes>,
}

/// A block number as a parameter.
pub(super) fn at(number: u64) -> String {
    format!("{number:#x}")
}

/// The key of a DID in both registries.
pub(super) fn did_key(did: &str) -> B256 {
    keccak256(did.as_bytes())
}

impl Node {
    pub(super) fn new(url: &Url, limits: NodeLimits) -> Result<Self, ChainError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ChainError::Settings("an RPC URL is http or https".to_owned()));
        }
        // Host and port only: path and query may carry an access key.
        let mut name = url.host_str().unwrap_or("node").to_owned();
        if let Some(port) = url.port() {
            name = format!("{name}:{port}");
        }
        Ok(Self { client: RpcClient::new(BoundedHttp::new(url.clone(), limits)?, false), name })
    }

    /// Host and port, for people.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    async fn ask<T>(&self, method: &'static str, params: Value) -> Result<T, ChainError>
    where
        T: DeserializeOwned + std::fmt::Debug + Send + Sync + Unpin + 'static,
    {
        self.client.request::<_, T>(method, params).await.map_err(from_transport)
    }

    pub(super) async fn chain_id(&self) -> Result<u64, ChainError> {
        Ok(self.ask::<U64>("eth_chainId", json!([])).await?.to())
    }

    /// `block` is a tag or a number; none when the node does not have it.
    pub(super) async fn block(&self, block: &str) -> Result<Option<BlockInfo>, ChainError> {
        self.ask("eth_getBlockByNumber", json!([block, false])).await
    }

    pub(super) async fn code(&self, address: Address, block: &str) -> Result<Bytes, ChainError> {
        self.ask("eth_getCode", json!([address, block])).await
    }

    pub(super) async fn nonce(&self, address: Address, block: &str) -> Result<u64, ChainError> {
        Ok(self.ask::<U64>("eth_getTransactionCount", json!([address, block])).await?.to())
    }

    pub(super) async fn balance(&self, address: Address) -> Result<U256, ChainError> {
        self.ask("eth_getBalance", json!([address, "latest"])).await
    }

    pub(super) async fn tip(&self) -> Result<u64, ChainError> {
        Ok(self.ask::<U256>("eth_maxPriorityFeePerGas", json!([])).await?.saturating_to())
    }

    pub(super) async fn receipt(&self, hash: B256) -> Result<Option<Receipt>, ChainError> {
        self.ask("eth_getTransactionReceipt", json!([hash])).await
    }

    pub(super) async fn send(&self, raw: &[u8]) -> Result<(), ChainError> {
        let raw = format!("0x{}", hex::encode(raw));
        self.ask::<B256>("eth_sendRawTransaction", json!([raw])).await.map(|_| ())
    }

    /// Events at `address` that fit `topics` (JSON-RPC form), blocks inclusive.
    pub(super) async fn logs(
        &self,
        address: Address,
        topics: Value,
        from: u64,
        to: u64,
    ) -> Result<Vec<Log>, ChainError> {
        let filter = json!({ "address": address, "topics": topics, "fromBlock": at(from), "toBlock": at(to) });
        let logs: Vec<Log> = self.ask("eth_getLogs", json!([filter])).await?;
        Ok(logs.into_iter().filter(|log| log.address == address && log.is_live()).collect())
    }

    /// The whole header of a block.
    pub(super) async fn header(&self, hash: B256) -> Result<Header, ChainError> {
        let header: Option<Header> = self.ask("eth_getBlockByHash", json!([hash, false])).await?;
        header.ok_or_else(|| ChainError::BadAnswer("no header of this block".to_owned()))
    }

    /// `eth_getProof` at the block with this hash.
    pub(super) async fn proof(
        &self,
        address: Address,
        slots: &[B256],
        block: B256,
    ) -> Result<Proof, ChainError> {
        self.ask("eth_getProof", json!([address, slots, by_hash(block)])).await
    }

    pub(super) async fn call(
        &self,
        from: Option<Address>,
        to: Option<Address>,
        data: &[u8],
        block: Value,
    ) -> Result<CallOutcome, ChainError> {
        let data = format!("0x{}", hex::encode(data));
        let mut call = json!({ "data": data, "input": data });
        if let Some(from) = from {
            call["from"] = json!(from);
        }
        if let Some(to) = to {
            call["to"] = json!(to);
        }
        match self.client.request::<_, Bytes>("eth_call", json!([call, block])).await {
            Ok(returned) => Ok(CallOutcome::Returned(returned)),
            Err(RpcError::ErrorResp(payload))
                if payload.code == 3 || payload.message.to_lowercase().contains("revert") =>
            {
                let data = payload.as_revert_data().unwrap_or_default();
                Ok(CallOutcome::Reverted(data))
            }
            Err(error) => Err(from_transport(error)),
        }
    }
}
