//! Reading the stock ERC-1056 `EthereumDIDRegistry` of other issuers: `did:ethr` lives there.
//!
//! The registry keeps, for each identity, the block of its last change; each event names the
//! block of the change before it. A document is therefore a walk, one question a change. The
//! walk itself, its bound and the document are `did-resolution`'s; here are the single questions,
//! asked with the same distrust as our own registries: every endpoint must answer, and alike.

use alloy::{
    primitives::{Address as Account, B256, Bytes, LogData, U64},
    rpc::client::RpcClient,
    sol,
    sol_types::{SolCall, SolEvent},
};
use async_trait::async_trait;
use k256::elliptic_curve::sec1::ToEncodedPoint;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use url::Url;

use super::{
    node::{at, tag},
    reader::{account, ours},
    sign::address_of_public_key,
    transport::{BoundedHttp, NodeLimits, from_transport},
};
use crate::{Address, ChainError, Tip, TrustedBlock};

sol! {
    // As published in ERC-1056; anybody's deployment has this interface.
    #[allow(missing_docs)]
    #[derive(Debug)]
    contract EthereumDIDRegistry {
        event DIDOwnerChanged(address indexed identity, address owner, uint256 previousChange);
        event DIDDelegateChanged(address indexed identity, bytes32 delegateType, address delegate, uint256 validTo, uint256 previousChange);
        event DIDAttributeChanged(address indexed identity, bytes32 name, bytes value, uint256 validTo, uint256 previousChange);
        function changed(address identity) external view returns (uint256);
    }
}

/// Where one ERC-1056 registry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erc1056Settings {
    /// JSON-RPC endpoints. With several, every one must answer and all must agree.
    pub rpc_urls: Vec<Url>,
    /// The chain id every endpoint must report (EIP-155).
    pub chain_id: u64,
    /// The block reads are made at.
    #[serde(default)]
    pub trusted_block: TrustedBlock,
    /// Address of EthereumDIDRegistry.
    pub registry: Address,
}

/// One change of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erc1056Event {
    /// The block of the change.
    pub block: u64,
    /// The block of the change before it; 0 for the first, the own block for a further change
    /// in the same block.
    pub previous: u64,
    /// What changed.
    pub change: Erc1056Change,
}

/// What an ERC-1056 event says. Times are Unix seconds, held at the largest `u64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erc1056Change {
    /// Another account controls the identity; [`Address::ZERO`] deactivates it.
    Owner(Address),
    /// A delegate was added, or revoked (`valid_to` in the past).
    Delegate {
        /// `veriKey`, `sigAuth`, …, right-padded with zeros.
        kind: [u8; 32],
        /// The account that may act.
        delegate: Address,
        /// Until when.
        valid_to: u64,
    },
    /// An attribute was set, or revoked (`valid_to` 0).
    Attribute {
        /// `did/pub/…` or `did/svc/…`, right-padded with zeros.
        name: [u8; 32],
        /// Key bytes or service endpoint.
        value: Vec<u8>,
        /// Until when.
        valid_to: u64,
    },
}

/// The questions that resolving a `did:ethr` asks of a chain.
#[async_trait]
pub trait EthrEvents: Send + Sync {
    /// The chain id (EIP-155).
    fn chain_id(&self) -> u64;

    /// The newest trusted block.
    ///
    /// # Errors
    /// [`ChainError`] when nobody answered, or not alike.
    async fn tip(&self) -> Result<Tip, ChainError>;

    /// Unix seconds of a block; none when the chain has no such block yet.
    ///
    /// # Errors
    /// As [`EthrEvents::tip`].
    async fn block_time(&self, block: u64) -> Result<Option<i64>, ChainError>;

    /// The block of the identity's last change as of block `at`; 0 when it never changed.
    ///
    /// # Errors
    /// As [`EthrEvents::tip`].
    async fn changed(&self, identity: Address, at: u64) -> Result<u64, ChainError>;

    /// The identity's changes in one block, in the order they happened.
    ///
    /// # Errors
    /// As [`EthrEvents::tip`].
    async fn events(&self, identity: Address, block: u64) -> Result<Vec<Erc1056Event>, ChainError>;
}

/// An address with the letter case of EIP-55, as documents of `did:ethr` write it.
pub fn checksummed(address: Address) -> String {
    account(address).to_checksum(None)
}

/// The account of a compressed secp256k1 public key; none when the bytes are no such key.
pub fn address_of_compressed_key(key: &[u8; 33]) -> Option<Address> {
    let key = k256::PublicKey::from_sec1_bytes(key).ok()?;
    let point = key.to_encoded_point(false);
    address_of_public_key(point.as_bytes().try_into().ok()?)
}

/// Reads one registry over JSON-RPC.
#[derive(Debug)]
pub struct Erc1056Reader {
    settings: Erc1056Settings,
    nodes: Vec<RpcClient>,
    checked: OnceCell<()>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Header {
    number: U64,
    hash: B256,
    timestamp: U64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventLog {
    address: Account,
    topics: Vec<B256>,
    data: Bytes,
    block_number: U64,
    log_index: U64,
    #[serde(default)]
    removed: bool,
}

impl Erc1056Reader {
    /// A reader over every endpoint; nothing is asked yet.
    ///
    /// # Errors
    /// [`ChainError::Settings`] when there is no endpoint, one is not http(s), or the registry
    /// has no address.
    pub fn new(settings: Erc1056Settings) -> Result<Self, ChainError> {
        Self::with_limits(settings, NodeLimits::default())
    }

    /// As [`Erc1056Reader::new`], with other limits.
    ///
    /// # Errors
    /// As [`Erc1056Reader::new`].
    pub fn with_limits(settings: Erc1056Settings, limits: NodeLimits) -> Result<Self, ChainError> {
        if settings.rpc_urls.is_empty() || settings.registry.is_zero() {
            return Err(ChainError::Settings("an RPC URL and a registry are needed".to_owned()));
        }
        let client = |url: &Url| {
            if !matches!(url.scheme(), "http" | "https") {
                return Err(ChainError::Settings("an RPC URL is http or https".to_owned()));
            }
            Ok(RpcClient::new(BoundedHttp::new(url.clone(), limits)?, false))
        };
        let nodes: Result<_, _> = settings.rpc_urls.iter().map(client).collect();
        Ok(Self { settings, nodes: nodes?, checked: OnceCell::new() })
    }

    /// One question to every node; all must answer alike.
    async fn ask<T>(&self, method: &'static str, params: Value) -> Result<T, ChainError>
    where
        T: DeserializeOwned + PartialEq + std::fmt::Debug + Send + Sync + Unpin + 'static,
    {
        let mut agreed: Option<T> = None;
        for node in &self.nodes {
            let answer: T = node.request(method, params.clone()).await.map_err(from_transport)?;
            if agreed.as_ref().is_some_and(|agreed| *agreed != answer) {
                return Err(ChainError::Disagreement(method.to_owned()));
            }
            agreed = Some(answer);
        }
        agreed.ok_or_else(|| ChainError::Settings("no RPC URL".to_owned()))
    }

    async fn header(&self, block: u64) -> Result<Option<Header>, ChainError> {
        self.ask("eth_getBlockByNumber", json!([at(block), false])).await
    }

    /// Chain id and a contract at the registry's address, once.
    async fn check(&self) -> Result<(), ChainError> {
        let found: U64 = self.ask("eth_chainId", json!([])).await?;
        let (expected, found) = (self.settings.chain_id, found.to::<u64>());
        if found != expected {
            return Err(ChainError::WrongChain { expected, found });
        }
        let registry = self.settings.registry;
        let code: Bytes = self.ask("eth_getCode", json!([account(registry), "latest"])).await?;
        if code.is_empty() {
            return Err(ChainError::ContractMissing(registry));
        }
        Ok(())
    }
}

#[async_trait]
impl EthrEvents for Erc1056Reader {
    fn chain_id(&self) -> u64 {
        self.settings.chain_id
    }

    async fn tip(&self) -> Result<Tip, ChainError> {
        self.checked.get_or_try_init(|| self.check()).await?;
        let mut lowest: Option<u64> = None;
        for node in &self.nodes {
            let params = json!([tag(self.settings.trusted_block), false]);
            let header: Option<Header> =
                node.request("eth_getBlockByNumber", params).await.map_err(from_transport)?;
            let number = header.ok_or_else(|| bad("no trusted block"))?.number.to::<u64>();
            lowest = Some(lowest.map_or(number, |lowest| lowest.min(number)));
        }
        // The same block on all of them, its hash included.
        let header = self.header(lowest.unwrap_or_default()).await?;
        let header = header.ok_or_else(|| bad("no trusted block"))?;
        Ok(Tip { number: header.number.to(), time: seconds(header.timestamp)? })
    }

    async fn block_time(&self, block: u64) -> Result<Option<i64>, ChainError> {
        self.header(block).await?.map(|header| seconds(header.timestamp)).transpose()
    }

    async fn changed(&self, identity: Address, block: u64) -> Result<u64, ChainError> {
        let data = EthereumDIDRegistry::changedCall { identity: account(identity) }.abi_encode();
        let data = format!("0x{}", hex::encode(data));
        let call = json!({ "to": account(self.settings.registry), "data": data, "input": data });
        let answer: Bytes = self.ask("eth_call", json!([call, at(block)])).await?;
        let changed = EthereumDIDRegistry::changedCall::abi_decode_returns(&answer)
            .map_err(|error| ChainError::BadAnswer(error.to_string()))?;
        u64::try_from(changed).map_err(|_| bad("a change beyond every block"))
    }

    async fn events(&self, identity: Address, block: u64) -> Result<Vec<Erc1056Event>, ChainError> {
        let registry = account(self.settings.registry);
        let topic = account(identity).into_word();
        let filter = json!({
            "address": registry, "topics": [null, topic],
            "fromBlock": at(block), "toBlock": at(block),
        });
        let mut logs: Vec<EventLog> = self.ask("eth_getLogs", json!([filter])).await?;
        logs.sort_by_key(|log| log.log_index);
        let asked_for = |log: &EventLog| {
            log.address == registry
                && log.topics.get(1) == Some(&topic)
                && log.block_number.to::<u64>() == block
        };
        if !logs.iter().all(asked_for) {
            return Err(bad("an event that was not asked for"));
        }
        logs.into_iter().filter(|log| !log.removed).filter_map(|log| decode(log, block)).collect()
    }
}

/// None for events of another kind: a registry may have more of them.
fn decode(log: EventLog, block: u64) -> Option<Result<Erc1056Event, ChainError>> {
    use EthereumDIDRegistry as Registry;
    let kind = *log.topics.first()?;
    let data = LogData::new_unchecked(log.topics, log.data);
    let unreadable = |error: alloy::sol_types::Error| ChainError::BadAnswer(error.to_string());
    let decoded = match kind {
        Registry::DIDOwnerChanged::SIGNATURE_HASH => {
            Registry::DIDOwnerChanged::decode_log_data(&data)
                .map(|event| (event.previousChange, Erc1056Change::Owner(ours(event.owner))))
        }
        Registry::DIDDelegateChanged::SIGNATURE_HASH => {
            Registry::DIDDelegateChanged::decode_log_data(&data).map(|event| {
                let change = Erc1056Change::Delegate {
                    kind: event.delegateType.0,
                    delegate: ours(event.delegate),
                    valid_to: event.validTo.saturating_to(),
                };
                (event.previousChange, change)
            })
        }
        Registry::DIDAttributeChanged::SIGNATURE_HASH => {
            Registry::DIDAttributeChanged::decode_log_data(&data).map(|event| {
                let change = Erc1056Change::Attribute {
                    name: event.name.0,
                    value: event.value.to_vec(),
                    valid_to: event.validTo.saturating_to(),
                };
                (event.previousChange, change)
            })
        }
        _ => return None,
    };
    Some(decoded.map_err(unreadable).map(|(previous, change)| Erc1056Event {
        block,
        previous: previous.saturating_to(),
        change,
    }))
}

fn seconds(timestamp: U64) -> Result<i64, ChainError> {
    i64::try_from(timestamp.to::<u64>()).map_err(|_| bad("block time"))
}

fn bad(what: &str) -> ChainError {
    ChainError::BadAnswer(what.to_owned())
}
