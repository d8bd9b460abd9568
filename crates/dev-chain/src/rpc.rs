//! The JSON-RPC methods that alloy, ethers and ethr-did-resolver use, answered as anvil answers.

use alloy::{
    consensus::{Receipt, ReceiptEnvelope, ReceiptWithBloom, Transaction as _, TxReceipt},
    eips::eip4895::Withdrawals,
    primitives::{Address, B256, Bytes, TxKind, U64, U256},
    rpc::types::{
        Block as RpcBlock, BlockId, BlockNumberOrTag, BlockTransactions, FeeHistory, Filter,
        FilterBlockOption, Header as RpcHeader, Log as RpcLog, Transaction, TransactionInfo,
        TransactionReceipt, TransactionRequest,
    },
};
use revm::{context::TxEnv, context_interface::result::ExecutionResult};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Chain, RpcError,
    block::{BLOCK_GAS_LIMIT, Block, Mined},
};

/// Logs one answer may hold.
const LOG_LIMIT: usize = 10_000;
/// Blocks one fee history may span, as geth limits it.
const FEE_HISTORY_LIMIT: u64 = 1024;
/// Storage slots one proof may cover.
const PROOF_LIMIT: usize = 64;
/// Wei per gas suggested as a tip, as anvil does.
const TIP: u64 = 1_000_000_000;

type Answer = Result<Value, RpcError>;

/// Answers one request.
///
/// # Errors
/// The JSON-RPC error to send.
pub fn dispatch(chain: &mut Chain, method: &str, params: &Value) -> Answer {
    let p = Params(params);
    match method {
        "web3_clientVersion" => json(concat!("sinpyo-dev-chain/", env!("CARGO_PKG_VERSION"))),
        "net_version" => json(chain.chain_id().to_string()),
        "eth_chainId" => json(U64::from(chain.chain_id())),
        "eth_blockNumber" => json(U64::from(chain.height())),
        "eth_syncing" => json(false),
        "eth_accounts" => json(Vec::<Address>::new()),
        "eth_gasPrice" => json(U64::from(chain.next_base_fee().saturating_add(TIP))),
        "eth_maxPriorityFeePerGas" => json(U64::from(TIP)),
        "eth_feeHistory" => fee_history(chain, p),
        "eth_getBlockByNumber" => {
            let number = number_at(chain, BlockId::Number(p.get(0)?));
            json(
                number
                    .and_then(|number| chain.block(number))
                    .map(|block| render_block(block, p.or(1, false))),
            )
        }
        "eth_getBlockByHash" => {
            let number = chain.number_of(&p.get(0)?);
            json(
                number
                    .and_then(|number| chain.block(number))
                    .map(|block| render_block(block, p.or(1, false))),
            )
        }
        "eth_getBalance" => json(state_at(chain, p, 1)?.balance(&p.get(0)?)),
        "eth_getTransactionCount" => {
            let address = p.get(0)?;
            let pending = p.or(1, BlockId::latest()) == BlockId::pending();
            json(U64::from(if pending {
                chain.pending_nonce(address)
            } else {
                state_at(chain, p, 1)?.nonce(&address)
            }))
        }
        "eth_getCode" => {
            let account = state_at(chain, p, 1)?.account(&p.get(0)?);
            json(account.map(|account| account.code.original_bytes()).unwrap_or_default())
        }
        "eth_getStorageAt" => {
            let slot: U256 = p.get(1)?;
            let account = state_at(chain, p, 2)?.account(&p.get(0)?);
            let value = account.and_then(|account| account.storage.get(&slot)).copied();
            json(B256::from(value.unwrap_or_default()))
        }
        "eth_getProof" => {
            let slots: Vec<U256> = p.get(1)?;
            if slots.len() > PROOF_LIMIT {
                return Err(RpcError::invalid_params("too many storage keys"));
            }
            let slots: Vec<_> = slots.into_iter().map(B256::from).collect();
            json(state_at(chain, p, 2)?.proof(p.get(0)?, &slots))
        }
        "eth_call" => {
            let id = p.or(1, BlockId::latest());
            let (number, next) = (required_number(chain, id)?, id == BlockId::pending());
            match chain.call(number, next, call_env(chain, p.get(0)?, None))? {
                ExecutionResult::Success { output, .. } => json(output.into_data()),
                ExecutionResult::Revert { output, .. } => Err(RpcError::reverted(output)),
                ExecutionResult::Halt { reason, .. } => Err(RpcError::halted(reason)),
            }
        }
        "eth_estimateGas" => estimate(chain, p),
        "eth_sendRawTransaction" => json(chain.submit(&p.get::<Bytes>(0)?)?),
        "eth_getTransactionByHash" => json(transaction(chain, p.get(0)?)),
        "eth_getTransactionReceipt" => {
            let hash: B256 = p.get(0)?;
            json(chain.find_mined(&hash).map(|(block, index)| receipt(block, index)))
        }
        "eth_getLogs" => logs(chain, &p.get(0)?),
        "evm_mine" => chain.mine_one().and_then(|()| json("0x0")),
        "evm_setAutomine" => {
            chain.automine = p.get(0)?;
            json(Value::Null)
        }
        "evm_setNextBlockTimestamp" => {
            chain.next_timestamp = Some(p.quantity(0)?);
            json(Value::Null)
        }
        "evm_increaseTime" => {
            chain.ahead = chain.ahead.saturating_add(p.quantity(0)?);
            json(chain.ahead)
        }
        "dev_fund" => chain.fund(&[p.get(0)?]).and_then(|()| json(true)),
        _ => Err(RpcError::method_not_found()),
    }
}

fn json(value: impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| RpcError::internal(error.to_string()))
}

#[derive(Clone, Copy)]
struct Params<'a>(&'a Value);

impl Params<'_> {
    fn get<T: DeserializeOwned>(self, index: usize) -> Result<T, RpcError> {
        let value = self.0.get(index).cloned().unwrap_or(Value::Null);
        serde_json::from_value(value).map_err(|error| RpcError::invalid_params(error.to_string()))
    }

    /// A parameter that may be left out; one that cannot be read counts as left out too.
    fn or<T: DeserializeOwned>(self, index: usize, default: T) -> T {
        self.get(index).unwrap_or(default)
    }

    /// `5`, `"5"` or `"0x5"`: clients differ for the `evm_` methods.
    fn quantity(self, index: usize) -> Result<u64, RpcError> {
        self.get::<U256>(index).and_then(|value| {
            value.try_into().map_err(|_| RpcError::invalid_params("number too large"))
        })
    }
}

fn number_at(chain: &Chain, id: BlockId) -> Option<u64> {
    match id {
        BlockId::Hash(hash) => chain.number_of(&hash.block_hash),
        BlockId::Number(BlockNumberOrTag::Earliest) => Some(0),
        BlockId::Number(BlockNumberOrTag::Number(number)) => {
            (number <= chain.height()).then_some(number)
        }
        // Every block of this chain is final at once.
        BlockId::Number(_) => Some(chain.height()),
    }
}

fn required_number(chain: &Chain, id: BlockId) -> Result<u64, RpcError> {
    number_at(chain, id).ok_or_else(|| {
        RpcError::invalid_params(format!(
            "BlockOutOfRangeError: block height is {} but requested was {id}",
            chain.height()
        ))
    })
}

fn state_at<'a>(
    chain: &'a Chain,
    params: Params<'_>,
    index: usize,
) -> Result<&'a crate::State, RpcError> {
    let id = match params.0.get(index) {
        None | Some(Value::Null) => BlockId::latest(),
        Some(_) => params.get(index)?,
    };
    let number = required_number(chain, id)?;
    chain
        .state(number)
        .ok_or_else(|| RpcError::invalid_params("state of this block is not available"))
}

fn call_env(chain: &Chain, request: TransactionRequest, gas: Option<u64>) -> TxEnv {
    let access_list = request.access_list.unwrap_or_default();
    TxEnv {
        tx_type: u8::from(!access_list.is_empty()),
        caller: request.from.unwrap_or_default(),
        gas_limit: gas.or(request.gas).unwrap_or(BLOCK_GAS_LIMIT).min(BLOCK_GAS_LIMIT),
        gas_price: request.gas_price.or(request.max_fee_per_gas).unwrap_or_default(),
        kind: request.to.unwrap_or(TxKind::Create),
        value: request.value.unwrap_or_default(),
        data: request.input.into_input().unwrap_or_default(),
        chain_id: Some(chain.chain_id()),
        access_list,
        ..TxEnv::default()
    }
}

/// The least gas limit the call succeeds with, found by halving.
fn estimate(chain: &Chain, params: Params<'_>) -> Answer {
    let request: TransactionRequest = params.get(0)?;
    let number = required_number(chain, params.or(1, BlockId::latest()))?;
    // In the newest block's own surroundings a write right after another one of the same account
    // looks cheaper than it will be (it stores the block number it finds there already).
    let next = number == chain.height();
    let run = |gas: u64| chain.call(number, next, call_env(chain, request.clone(), Some(gas)));
    let most = request.gas.unwrap_or(BLOCK_GAS_LIMIT).min(BLOCK_GAS_LIMIT);
    let used = match run(most)? {
        ExecutionResult::Success { gas, .. } => gas.tx_gas_used(),
        ExecutionResult::Revert { output, .. } => return Err(RpcError::reverted(output)),
        ExecutionResult::Halt { reason, .. } => return Err(RpcError::halted(reason)),
    };
    let (mut fails, mut works) = (used.saturating_sub(1), most);
    while works - fails > 1 {
        let middle = fails + (works - fails) / 2;
        // Too little gas is refused before it runs or halts while it runs: both mean "more".
        if run(middle).is_ok_and(|result| result.is_success()) {
            works = middle;
        } else {
            fails = middle;
        }
    }
    json(U64::from(works))
}

fn fee_history(chain: &Chain, params: Params<'_>) -> Answer {
    let count = params.quantity(0)?.clamp(1, FEE_HISTORY_LIMIT);
    let newest = required_number(chain, BlockId::Number(params.get(1)?))?;
    let percentiles = params.or(2, Vec::<f64>::new());
    let oldest = (newest + 1).saturating_sub(count);
    let blocks: Vec<_> = (oldest..=newest).filter_map(|number| chain.block(number)).collect();
    let mut base_fees: Vec<u128> = blocks
        .iter()
        .map(|block| u128::from(block.header.base_fee_per_gas.unwrap_or_default()))
        .collect();
    let next = chain.block(newest + 1).and_then(|block| block.header.base_fee_per_gas);
    base_fees.push(next.unwrap_or_else(|| chain.next_base_fee()).into());
    #[expect(clippy::cast_precision_loss, reason = "a ratio for display; gas stays below 2^53")]
    let ratio = |block: &Block| block.header.gas_used as f64 / block.header.gas_limit as f64;
    json(FeeHistory {
        gas_used_ratio: blocks.iter().map(|block| ratio(block)).collect(),
        base_fee_per_blob_gas: vec![1; base_fees.len()],
        blob_gas_used_ratio: vec![0.0; blocks.len()],
        base_fee_per_gas: base_fees,
        oldest_block: oldest,
        reward: (!percentiles.is_empty())
            .then(|| vec![vec![u128::from(TIP); percentiles.len()]; blocks.len()]),
    })
}

fn render_transaction(block: &Block, index: usize, mined: &Mined) -> Transaction {
    let info = TransactionInfo {
        hash: Some(*mined.transaction.tx_hash()),
        index: Some(index as u64),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        base_fee: block.header.base_fee_per_gas,
        block_timestamp: Some(block.header.timestamp),
    };
    Transaction::from_transaction(mined.transaction.clone(), info)
}

fn render_block(block: &Block, full: bool) -> RpcBlock {
    let mined = block.transactions.iter();
    let transactions = if full {
        let all = mined.enumerate().map(|(index, mined)| render_transaction(block, index, mined));
        BlockTransactions::Full(all.collect())
    } else {
        BlockTransactions::Hashes(mined.map(|mined| *mined.transaction.tx_hash()).collect())
    };
    let header =
        RpcHeader { total_difficulty: Some(U256::ZERO), ..RpcHeader::new(block.header.clone()) };
    RpcBlock::new(header, transactions)
        .with_withdrawals(Some(Withdrawals::new(block.withdrawals.clone())))
}

fn transaction(chain: &Chain, hash: B256) -> Option<Transaction> {
    if let Some((block, index)) = chain.find_mined(&hash) {
        return Some(render_transaction(block, index, &block.transactions[index]));
    }
    let waiting = chain.find_waiting(&hash)?.clone();
    Some(Transaction::from_transaction(
        waiting,
        TransactionInfo { hash: Some(hash), ..TransactionInfo::default() },
    ))
}

fn block_logs(block: &Block) -> impl Iterator<Item = RpcLog> + '_ {
    let all = block.transactions.iter().enumerate();
    let all = all
        .flat_map(|(index, mined)| mined.receipt.logs().iter().map(move |log| (index, mined, log)));
    all.enumerate().map(|(log_index, (index, mined, log))| RpcLog {
        inner: log.clone(),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        block_timestamp: Some(block.header.timestamp),
        transaction_hash: Some(*mined.transaction.tx_hash()),
        transaction_index: Some(index as u64),
        log_index: Some(log_index as u64),
        removed: false,
    })
}

fn receipt(block: &Block, index: usize) -> TransactionReceipt {
    let mined = &block.transactions[index];
    let logs =
        block_logs(block).filter(|log| log.transaction_index == Some(index as u64)).collect();
    let inner = Receipt {
        status: mined.receipt.status_or_post_state(),
        cumulative_gas_used: mined.receipt.cumulative_gas_used(),
        logs,
    };
    let inner = ReceiptWithBloom { receipt: inner, logs_bloom: mined.receipt.bloom() };
    TransactionReceipt {
        inner: ReceiptEnvelope::from_typed(mined.transaction.tx_type(), inner),
        transaction_hash: *mined.transaction.tx_hash(),
        transaction_index: Some(index as u64),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        gas_used: mined.gas_used,
        effective_gas_price: mined.effective_gas_price,
        blob_gas_used: None,
        blob_gas_price: None,
        from: mined.transaction.signer(),
        to: mined.transaction.to(),
        contract_address: mined.created,
    }
}

fn logs(chain: &Chain, filter: &Filter) -> Answer {
    let (from, to) = match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => {
            let number =
                chain.number_of(&hash).ok_or_else(|| RpcError::invalid_params("unknown block"))?;
            (number, number)
        }
        FilterBlockOption::Range { from_block, to_block } => {
            let at = |tag: Option<BlockNumberOrTag>| match tag.unwrap_or_default() {
                BlockNumberOrTag::Number(number) => number,
                tag => number_at(chain, BlockId::Number(tag)).unwrap_or(chain.height()),
            };
            (at(from_block), at(to_block))
        }
    };
    if from > to {
        return Err(RpcError::invalid_params("invalid block range"));
    }
    let mut found = Vec::new();
    for block in (from..=to.min(chain.height())).filter_map(|number| chain.block(number)) {
        found.extend(block_logs(block).filter(|log| filter.matches(&log.inner)));
        if found.len() > LOG_LIMIT {
            return Err(RpcError::invalid_params(
                "query returns too many logs; narrow the block range",
            ));
        }
    }
    json(found)
}
