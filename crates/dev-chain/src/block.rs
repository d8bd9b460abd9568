//! Blocks as they are kept, and making one: the same inputs always give the same block, which is
//! what a replay rests on.

use alloy::{
    consensus::{
        EMPTY_OMMER_ROOT_HASH, Header, Receipt, ReceiptEnvelope, ReceiptWithBloom,
        Transaction as _, TxEnvelope,
        proofs::{calculate_receipt_root, calculate_transaction_root, calculate_withdrawals_root},
        transaction::Recovered,
    },
    eips::{
        eip1559::BaseFeeParams,
        eip4895::{GWEI_TO_WEI, Withdrawal},
        eip7685::EMPTY_REQUESTS_HASH,
    },
    primitives::{Address, B256, Bloom, Log, U256},
};
use revm::{
    Context, ExecuteEvm, MainBuilder, MainContext,
    context::{BlockEnv, CfgEnv, TxEnv},
    context_interface::{
        block::BlobExcessGasAndPrice,
        either::Either,
        result::{EVMError, ExecutionResult, InvalidTransaction},
    },
    database_interface::WrapDatabaseRef,
    primitives::{eip4844::BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE, hardfork::SpecId},
};

use crate::{
    RpcError,
    state::{State, Surroundings},
};

/// Gas one block may use.
pub const BLOCK_GAS_LIMIT: u64 = 30_000_000;
/// Base fee of block 0, in wei, as anvil's.
const INITIAL_BASE_FEE: u64 = 1_000_000_000;
/// What a funded account receives each time, in gwei: 10,000 ether.
pub const FUND_GWEI: u64 = 10_000 * 1_000_000_000;

/// A transaction in a block.
#[derive(Debug, Clone)]
pub struct Mined {
    /// The transaction and who signed it.
    pub transaction: Recovered<TxEnvelope>,
    /// Its receipt as hashed into the block.
    pub receipt: ReceiptEnvelope<Log>,
    /// Gas of this transaction alone.
    pub gas_used: u64,
    /// Wei per gas.
    pub effective_gas_price: u128,
    /// The contract it created.
    pub created: Option<Address>,
}

/// A block and the state after it.
#[derive(Debug, Clone)]
pub struct Block {
    /// Hashed as on any post-Prague chain.
    pub header: Header,
    /// Its hash.
    pub hash: B256,
    /// In order.
    pub transactions: Vec<Mined>,
    /// Money given, as EIP-4895 withdrawals: the one way a header can account for it.
    pub withdrawals: Vec<Withdrawal>,
}

/// What a new block is made of.
pub(crate) struct Ingredients<'a> {
    pub(crate) chain_id: u64,
    pub(crate) parent: &'a Header,
    pub(crate) timestamp: u64,
    pub(crate) funded: &'a [Address],
    pub(crate) hashes: &'a dyn Fn(u64) -> B256,
}

/// A finished block, not yet part of the chain.
pub(crate) struct Built {
    pub(crate) block: Block,
    pub(crate) state: State,
    pub(crate) refused: Vec<(B256, RpcError)>,
}

/// Block 0.
pub(crate) fn genesis(timestamp: u64) -> Block {
    let header = seal(
        Header { timestamp, base_fee_per_gas: Some(INITIAL_BASE_FEE), ..empty_header() },
        &State::default(),
        &[],
        &[],
    );
    Block { hash: header.hash_slow(), header, transactions: Vec::new(), withdrawals: Vec::new() }
}

/// Executes `candidates` in order on top of `state`. Invalid ones are left out and reported;
/// those that no longer fit are left for the next block.
pub(crate) fn build(
    from: &Ingredients<'_>,
    state: &State,
    candidates: impl IntoIterator<Item = Recovered<TxEnvelope>>,
) -> Built {
    let mut state = state.clone();
    let mut header = Header {
        parent_hash: from.parent.hash_slow(),
        number: from.parent.number + 1,
        timestamp: from.timestamp,
        base_fee_per_gas: from.parent.next_block_base_fee(BaseFeeParams::ethereum()),
        ..empty_header()
    };
    let (mut transactions, mut refused) = (Vec::new(), Vec::new());
    for transaction in candidates {
        if header.gas_used + transaction.gas_limit() > BLOCK_GAS_LIMIT {
            continue;
        }
        let env = cfg(from.chain_id);
        let surroundings = Surroundings { state: &state, hashes: from.hashes };
        match execute(env, &header, surroundings, to_env(&transaction)) {
            Ok((result, changes)) => {
                state.apply(changes);
                transactions.push(record(transaction, result, &mut header));
            }
            Err(error) => refused.push((*transaction.tx_hash(), error)),
        }
    }
    // A funded account is paid at the end of the block, as withdrawals are.
    let first = from.parent.number << 16;
    let withdrawals: Vec<_> = (first..)
        .zip(from.funded)
        .map(|(index, address)| Withdrawal {
            index,
            validator_index: 0,
            address: *address,
            amount: FUND_GWEI,
        })
        .collect();
    for withdrawal in &withdrawals {
        state.credit(withdrawal.address, U256::from(withdrawal.amount) * U256::from(GWEI_TO_WEI));
    }
    let header = seal(header, &state, &transactions, &withdrawals);
    Built {
        block: Block { hash: header.hash_slow(), header, transactions, withdrawals },
        state,
        refused,
    }
}

/// The rules transactions are executed by.
pub(crate) fn cfg(chain_id: u64) -> CfgEnv {
    CfgEnv::new_with_spec(SpecId::PRAGUE).with_chain_id(chain_id)
}

/// Runs one transaction; what it changed is returned, not applied.
pub(crate) fn execute(
    cfg: CfgEnv,
    header: &Header,
    surroundings: Surroundings<'_>,
    transaction: TxEnv,
) -> Result<(ExecutionResult, revm::state::EvmState), RpcError> {
    let block = BlockEnv {
        number: U256::from(header.number),
        beneficiary: header.beneficiary,
        timestamp: U256::from(header.timestamp),
        gas_limit: header.gas_limit,
        basefee: header.base_fee_per_gas.unwrap_or_default(),
        difficulty: U256::ZERO,
        prevrandao: Some(header.mix_hash),
        blob_excess_gas_and_price: Some(BlobExcessGasAndPrice::new(
            0,
            BLOB_BASE_FEE_UPDATE_FRACTION_PRAGUE,
        )),
        slot_num: 0,
    };
    let mut evm = Context::mainnet()
        .with_db(WrapDatabaseRef(surroundings))
        .with_cfg(cfg)
        .with_block(block)
        .build_mainnet();
    match evm.transact(transaction) {
        Ok(done) => Ok((done.result, done.state)),
        Err(EVMError::Transaction(error)) => Err(refusal(&error)),
        Err(error) => Err(RpcError::internal(format!("{error:?}"))),
    }
}

/// The words clients look for.
fn refusal(error: &InvalidTransaction) -> RpcError {
    RpcError::rejected(match error {
        InvalidTransaction::NonceTooLow { .. } => "nonce too low".to_owned(),
        InvalidTransaction::NonceTooHigh { .. } => "nonce too high".to_owned(),
        InvalidTransaction::LackOfFundForMaxFee { .. } => {
            "Insufficient funds for gas * price + value".to_owned()
        }
        InvalidTransaction::GasPriceLessThanBasefee => {
            "max fee per gas less than block base fee".to_owned()
        }
        InvalidTransaction::PriorityFeeGreaterThanMaxFee => {
            "max priority fee per gas higher than max fee per gas".to_owned()
        }
        InvalidTransaction::CallGasCostMoreThanGasLimit { .. }
        | InvalidTransaction::GasFloorMoreThanGasLimit { .. } => "intrinsic gas too low".to_owned(),
        InvalidTransaction::InvalidChainId | InvalidTransaction::MissingChainId => {
            "invalid chain id for signer".to_owned()
        }
        other => format!("{other:?}"),
    })
}

fn to_env(transaction: &Recovered<TxEnvelope>) -> TxEnv {
    TxEnv {
        tx_type: transaction.tx_type() as u8,
        caller: transaction.signer(),
        gas_limit: transaction.gas_limit(),
        gas_price: transaction.max_fee_per_gas(),
        kind: transaction.kind(),
        value: transaction.value(),
        data: transaction.input().clone(),
        nonce: transaction.nonce(),
        chain_id: transaction.chain_id(),
        access_list: transaction.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: transaction.max_priority_fee_per_gas(),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: transaction
            .authorization_list()
            .map(|list| list.iter().cloned().map(Either::Left).collect())
            .unwrap_or_default(),
    }
}

fn record(
    transaction: Recovered<TxEnvelope>,
    result: ExecutionResult,
    header: &mut Header,
) -> Mined {
    let gas_used = result.tx_gas_used();
    header.gas_used += gas_used;
    let created = match &result {
        ExecutionResult::Success { output, .. } => output.address().copied(),
        _ => None,
    };
    let success = result.is_success();
    let logs = if success { result.into_logs() } else { Vec::new() };
    let receipt = Receipt { status: success.into(), cumulative_gas_used: header.gas_used, logs };
    let receipt = ReceiptWithBloom::from(receipt);
    header.logs_bloom |= receipt.logs_bloom;
    Mined {
        gas_used,
        created,
        effective_gas_price: transaction.effective_gas_price(header.base_fee_per_gas),
        receipt: ReceiptEnvelope::from_typed(transaction.tx_type(), receipt),
        transaction,
    }
}

fn empty_header() -> Header {
    Header {
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        gas_limit: BLOCK_GAS_LIMIT,
        logs_bloom: Bloom::ZERO,
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: Some(EMPTY_REQUESTS_HASH),
        ..Header::default()
    }
}

fn seal(
    header: Header,
    state: &State,
    transactions: &[Mined],
    withdrawals: &[Withdrawal],
) -> Header {
    let bodies: Vec<_> = transactions.iter().map(|mined| mined.transaction.inner()).collect();
    let receipts: Vec<_> = transactions.iter().map(|mined| &mined.receipt).collect();
    Header {
        state_root: state.root(),
        transactions_root: calculate_transaction_root(&bodies),
        receipts_root: calculate_receipt_root(&receipts),
        withdrawals_root: Some(calculate_withdrawals_root(withdrawals)),
        ..header
    }
}
