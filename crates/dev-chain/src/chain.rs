//! The chain: a pool, blocks made on the spot, and a log that survives kill -9.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    path::Path,
    sync::Arc,
};

use alloy::{
    consensus::{
        Transaction as _, TxEnvelope,
        transaction::{Recovered, SignerRecoverable},
    },
    eips::{
        eip1559::BaseFeeParams,
        eip2718::{Decodable2718, Encodable2718},
    },
    primitives::{Address, B256, Bytes, U256},
};
use revm::{context::TxEnv, context_interface::result::ExecutionResult};

use crate::{
    Journal, JournalError, Record, RpcError,
    block::{self, BLOCK_GAS_LIMIT, Block, Built, Ingredients},
    state::{State, Surroundings},
};

/// Format of the replay log.
const LOG_VERSION: u32 = 1;
/// States kept for calls at earlier blocks.
const STATES_KEPT: usize = 512;
/// Transactions that may wait.
const POOL_LIMIT: usize = 1024;
/// Bytes of one transaction, as geth and anvil limit it.
const TRANSACTION_LIMIT: usize = 128 * 1024;

/// Unix seconds, asked once per block.
pub type Now = Box<dyn Fn() -> u64 + Send + Sync>;

/// Why a chain cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The log.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The folder holds another chain.
    #[error("the data folder holds chain {found}, not {wanted}")]
    OtherChain {
        /// Asked for.
        wanted: u64,
        /// In the log.
        found: u64,
    },
    /// A format this program does not know.
    #[error("the data folder has log format {0}, this program writes {LOG_VERSION}")]
    OtherFormat(u32),
    /// Replaying came to another block than was acknowledged.
    #[error("replaying the log diverges at block {0}")]
    Diverged(u64),
}

#[derive(Debug, Clone)]
struct Pooled {
    transaction: Recovered<TxEnvelope>,
    arrival: u64,
}

/// One chain with one writer; the server keeps it behind a lock.
pub struct Chain {
    chain_id: u64,
    now: Now,
    journal: Option<Journal>,
    blocks: Vec<Arc<Block>>,
    states: VecDeque<State>,
    by_hash: HashMap<B256, u64>,
    mined: HashMap<B256, (u64, usize)>,
    pool: BTreeMap<(Address, u64), Pooled>,
    arrivals: u64,
    /// Mine as soon as a transaction arrives.
    pub automine: bool,
    /// Timestamp demanded for the next block (`evm_setNextBlockTimestamp`).
    pub next_timestamp: Option<u64>,
    /// Seconds the chain's clock runs ahead (`evm_increaseTime`).
    pub ahead: u64,
}

impl Chain {
    /// Opens the chain in `folder`, or one that lives in memory only, replaying its log.
    ///
    /// # Errors
    /// [`OpenError`]; an acknowledged transaction is never dropped silently.
    pub fn open(folder: Option<&Path>, chain_id: u64, now: Now) -> Result<Self, OpenError> {
        let (journal, records) = match folder {
            Some(folder) => {
                let (journal, records) = Journal::open(folder)?;
                (Some(journal), records)
            }
            None => (None, Vec::new()),
        };
        let mut chain = Self {
            chain_id,
            now,
            journal,
            blocks: Vec::new(),
            states: VecDeque::new(),
            by_hash: HashMap::new(),
            mined: HashMap::new(),
            pool: BTreeMap::new(),
            arrivals: 0,
            automine: true,
            next_timestamp: None,
            ahead: 0,
        };
        if records.is_empty() {
            let genesis =
                Record::Genesis { version: LOG_VERSION, chain_id, timestamp: (chain.now)() };
            chain.log(std::slice::from_ref(&genesis))?;
            chain.replay(genesis)?;
        }
        for record in records {
            chain.replay(record)?;
        }
        // Acknowledged transactions that waited for `evm_mine` when the process died.
        if !chain.ready().is_empty() {
            let mined = chain.mine(Vec::new(), &[], None);
            mined
                .map_err(|error| std::io::Error::other(error.message))
                .map_err(JournalError::from)?;
        }
        Ok(chain)
    }

    fn log(&mut self, records: &[Record]) -> Result<(), JournalError> {
        self.journal.as_mut().map_or(Ok(()), |journal| journal.append(records))
    }

    fn replay(&mut self, record: Record) -> Result<(), OpenError> {
        match record {
            Record::Genesis { version, chain_id, timestamp } => {
                if version != LOG_VERSION {
                    return Err(OpenError::OtherFormat(version));
                }
                if chain_id != self.chain_id {
                    return Err(OpenError::OtherChain { wanted: self.chain_id, found: chain_id });
                }
                self.install(block::genesis(timestamp), State::default());
            }
            Record::Transaction(raw) => {
                let diverged = OpenError::Diverged(self.height() + 1);
                self.pool_insert(decode(&raw).map_err(|_| diverged)?);
            }
            Record::Block { timestamp, transactions, dropped, funded, hash } => {
                let diverged = || OpenError::Diverged(self.height() + 1);
                let find = |hash: &B256| self.pooled(hash).map(|pooled| pooled.transaction.clone());
                let chosen: Option<Vec<_>> = transactions.iter().map(find).collect();
                let built = self.build(timestamp, &funded, chosen.ok_or_else(diverged)?);
                if built.block.hash != hash {
                    return Err(diverged());
                }
                self.pool.retain(|_, pooled| !dropped.contains(pooled.transaction.tx_hash()));
                self.install(built.block, built.state);
            }
        }
        Ok(())
    }

    /// EIP-155 chain id.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Number of the newest block.
    pub fn height(&self) -> u64 {
        (self.blocks.len() as u64).saturating_sub(1)
    }

    /// A block by number.
    pub fn block(&self, number: u64) -> Option<&Arc<Block>> {
        self.blocks.get(usize::try_from(number).ok()?)
    }

    /// A block's number by hash.
    pub fn number_of(&self, hash: &B256) -> Option<u64> {
        self.by_hash.get(hash).copied()
    }

    /// The state after block `number`, none when it is too old to be kept.
    pub fn state(&self, number: u64) -> Option<&State> {
        let back = usize::try_from(self.height().checked_sub(number)?).ok()?;
        self.states.get(self.states.len().checked_sub(back + 1)?)
    }

    /// The newest state.
    pub fn latest(&self) -> &State {
        self.states.back().expect("block 0 is installed by open")
    }

    /// Where a mined transaction is.
    pub fn find_mined(&self, hash: &B256) -> Option<(&Arc<Block>, usize)> {
        let (number, index) = self.mined.get(hash)?;
        Some((self.block(*number)?, *index))
    }

    /// A waiting transaction.
    pub fn find_waiting(&self, hash: &B256) -> Option<&Recovered<TxEnvelope>> {
        self.pooled(hash).map(|pooled| &pooled.transaction)
    }

    /// The nonce after everything that waits without a gap (tag `pending`).
    pub fn pending_nonce(&self, address: Address) -> u64 {
        let mut nonce = self.latest().nonce(&address);
        while self.pool.contains_key(&(address, nonce)) {
            nonce += 1;
        }
        nonce
    }

    /// Base fee the next block will have, in wei.
    pub fn next_base_fee(&self) -> u64 {
        let newest = &self.blocks.last().expect("block 0 is installed by open").header;
        newest.next_block_base_fee(BaseFeeParams::ethereum()).unwrap_or_default()
    }

    /// Takes a raw transaction: mined at once, or waiting for its nonce or for `evm_mine`.
    /// When this returns `Ok`, it is on disk.
    ///
    /// # Errors
    /// [`RpcError`] with the words anvil uses; nothing is kept then.
    pub fn submit(&mut self, raw: &Bytes) -> Result<B256, RpcError> {
        let transaction = decode(raw)?;
        let hash = *transaction.tx_hash();
        self.admit(&transaction)?;
        let slot = (transaction.signer(), transaction.nonce());
        let displaced = self.pool.get(&slot).cloned();
        let record = Record::Transaction(raw.clone());
        let ready = transaction.nonce() == self.latest().nonce(&transaction.signer());
        self.pool_insert(transaction);
        let outcome = if self.automine && ready {
            self.mine(vec![record], &[], Some(hash))
        } else {
            self.log(&[record]).map_err(|error| RpcError::internal(error.to_string()))
        };
        if let Err(error) = outcome {
            self.pool.remove(&slot);
            if let Some(displaced) = displaced {
                self.pool.insert(slot, displaced);
            }
            return Err(error);
        }
        Ok(hash)
    }

    /// Makes one block out of what is ready, empty if nothing is.
    ///
    /// # Errors
    /// [`RpcError`] when the block cannot be made durable.
    pub fn mine_one(&mut self) -> Result<(), RpcError> {
        self.mine(Vec::new(), &[], None)
    }

    /// Gives each account 10,000 ether in a block of its own.
    ///
    /// # Errors
    /// [`RpcError`] when the block cannot be made durable.
    pub fn fund(&mut self, accounts: &[Address]) -> Result<(), RpcError> {
        self.mine(Vec::new(), accounts, None)
    }

    /// Runs a call on the state after block `number`, changing nothing; `next` makes it see the
    /// number and time of the block to come, as a transaction sent now would.
    ///
    /// # Errors
    /// [`RpcError`]; a state too old is one, a revert is not.
    pub fn call(&self, number: u64, next: bool, call: TxEnv) -> Result<ExecutionResult, RpcError> {
        let (Some(block), Some(state)) = (self.block(number), self.state(number)) else {
            return Err(RpcError::invalid_params("state of this block is not available"));
        };
        let mut header = block.header.clone();
        if next {
            header.number += 1;
            header.timestamp = self.next_time();
            header.base_fee_per_gas = Some(self.next_base_fee());
        }
        let mut cfg = block::cfg(self.chain_id);
        cfg.disable_nonce_check = true;
        cfg.disable_balance_check = true;
        cfg.disable_base_fee = true;
        cfg.disable_eip3607 = true;
        let hashes = |number| self.hash_of(number);
        let surroundings = Surroundings { state, hashes: &hashes };
        block::execute(cfg, &header, surroundings, call).map(|(result, _)| result)
    }

    fn admit(&self, transaction: &Recovered<TxEnvelope>) -> Result<(), RpcError> {
        let refuse = |why: &str| Err(RpcError::rejected(why));
        let hash = transaction.tx_hash();
        if self.mined.contains_key(hash) || self.pooled(hash).is_some() {
            return refuse("transaction already imported");
        }
        if transaction.is_eip4844() {
            return refuse("blob transactions are not supported");
        }
        if transaction.chain_id().is_some_and(|id| id != self.chain_id) {
            return refuse("invalid chain id for signer");
        }
        if transaction.gas_limit() > BLOCK_GAS_LIMIT {
            return refuse("exceeds block gas limit");
        }
        let state = self.latest();
        if transaction.nonce() < state.nonce(&transaction.signer()) {
            return refuse("nonce too low");
        }
        let cost = U256::from(transaction.gas_limit()) * U256::from(transaction.max_fee_per_gas());
        if state.balance(&transaction.signer()) < cost.saturating_add(transaction.value()) {
            return refuse("Insufficient funds for gas * price + value");
        }
        match self.pool.get(&(transaction.signer(), transaction.nonce())) {
            // At least a tenth more, in both fees, as every public pool demands.
            Some(waiting) if !outbids(transaction, &waiting.transaction) => {
                refuse("replacement transaction underpriced")
            }
            None if self.pool.len() >= POOL_LIMIT => refuse("transaction pool is full"),
            _ => Ok(()),
        }
    }

    /// Makes a block; `before` goes into the same durable write. With `wanted`, that transaction
    /// has to be in it.
    fn mine(
        &mut self,
        before: Vec<Record>,
        funded: &[Address],
        wanted: Option<B256>,
    ) -> Result<(), RpcError> {
        let built = self.build(self.next_time(), funded, self.ready());
        if let Some((_, error)) = built.refused.iter().find(|(hash, _)| Some(*hash) == wanted) {
            return Err(error.clone());
        }
        let dropped: Vec<_> = built.refused.iter().map(|(hash, _)| *hash).collect();
        let mut records = before;
        records.push(Record::Block {
            timestamp: built.block.header.timestamp,
            transactions: built
                .block
                .transactions
                .iter()
                .map(|mined| *mined.transaction.tx_hash())
                .collect(),
            dropped: dropped.clone(),
            funded: funded.to_vec(),
            hash: built.block.hash,
        });
        self.log(&records).map_err(|error| RpcError::internal(error.to_string()))?;
        self.pool.retain(|_, pooled| !dropped.contains(pooled.transaction.tx_hash()));
        self.next_timestamp = None;
        self.install(built.block, built.state);
        Ok(())
    }

    fn build(
        &self,
        timestamp: u64,
        funded: &[Address],
        candidates: Vec<Recovered<TxEnvelope>>,
    ) -> Built {
        let parent = &self.blocks.last().expect("block 0 is installed by open").header;
        let hashes = |number| self.hash_of(number);
        let from =
            Ingredients { chain_id: self.chain_id, parent, timestamp, funded, hashes: &hashes };
        block::build(&from, self.latest(), candidates)
    }

    fn install(&mut self, block: Block, state: State) {
        let number = self.blocks.len() as u64;
        for (index, mined) in block.transactions.iter().enumerate() {
            self.mined.insert(*mined.transaction.tx_hash(), (number, index));
            self.pool.remove(&(mined.transaction.signer(), mined.transaction.nonce()));
        }
        self.by_hash.insert(block.hash, number);
        self.blocks.push(Arc::new(block));
        self.states.push_back(state);
        if self.states.len() > STATES_KEPT {
            self.states.pop_front();
        }
    }

    /// Waiting transactions in order of arrival, as far as their nonces follow without a gap.
    fn ready(&self) -> Vec<Recovered<TxEnvelope>> {
        let mut ready: Vec<&Pooled> = Vec::new();
        let mut next = (Address::ZERO, 0);
        for (&(sender, nonce), pooled) in &self.pool {
            if next.0 != sender || ready.is_empty() {
                next = (sender, self.latest().nonce(&sender));
            }
            if nonce == next.1 {
                ready.push(pooled);
                next.1 += 1;
            }
        }
        // A replacement may have arrived after its successors: a sender's own order is by nonce.
        let mut last: HashMap<Address, u64> = HashMap::new();
        let mut ordered: Vec<_> = ready
            .into_iter()
            .map(|pooled| {
                let seat = last.entry(pooled.transaction.signer()).or_default();
                *seat = (*seat).max(pooled.arrival);
                (*seat, pooled.transaction.nonce(), pooled)
            })
            .collect();
        ordered.sort_by_key(|(seat, nonce, _)| (*seat, *nonce));
        ordered.into_iter().map(|(_, _, pooled)| pooled.transaction.clone()).collect()
    }

    fn next_time(&self) -> u64 {
        let parent = self.blocks.last().map_or(0, |block| block.header.timestamp);
        self.next_timestamp
            .unwrap_or_else(|| (self.now)().saturating_add(self.ahead))
            .max(parent + 1)
    }

    fn pool_insert(&mut self, transaction: Recovered<TxEnvelope>) {
        self.arrivals += 1;
        let slot = (transaction.signer(), transaction.nonce());
        self.pool.insert(slot, Pooled { transaction, arrival: self.arrivals });
    }

    fn pooled(&self, hash: &B256) -> Option<&Pooled> {
        self.pool.values().find(|pooled| pooled.transaction.tx_hash() == hash)
    }

    fn hash_of(&self, number: u64) -> B256 {
        self.block(number).map_or(B256::ZERO, |block| block.hash)
    }
}

fn outbids(new: &Recovered<TxEnvelope>, old: &Recovered<TxEnvelope>) -> bool {
    let tip = |transaction: &TxEnvelope| {
        transaction.max_priority_fee_per_gas().unwrap_or_else(|| transaction.max_fee_per_gas())
    };
    let tenth_more = |new: u128, old: u128| new >= old.saturating_add(old.div_ceil(10));
    tenth_more(new.max_fee_per_gas(), old.max_fee_per_gas()) && tenth_more(tip(new), tip(old))
}

fn decode(raw: &Bytes) -> Result<Recovered<TxEnvelope>, RpcError> {
    if raw.len() > TRANSACTION_LIMIT {
        return Err(RpcError::rejected("oversized data"));
    }
    let mut rest = raw.as_ref();
    let transaction = TxEnvelope::decode_2718(&mut rest)
        .map_err(|_| RpcError::invalid_params("Failed to decode transaction"))?;
    if !rest.is_empty() || transaction.encoded_2718() != raw.as_ref() {
        return Err(RpcError::invalid_params("Failed to decode transaction"));
    }
    transaction.try_into_recovered().map_err(|_| RpcError::invalid_params("invalid signature"))
}
