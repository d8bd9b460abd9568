//! Accounts and their tries. Small on purpose: a development chain has few accounts, so the
//! state root is computed anew per block instead of kept in an incremental trie.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use alloy::{
    consensus::TrieAccount,
    primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256},
    rlp,
    rpc::types::{EIP1186AccountProofResponse, EIP1186StorageProof},
    trie::{
        EMPTY_ROOT_HASH, HashBuilder, Nibbles,
        proof::ProofRetainer,
        root::{state_root_unhashed, storage_root_unhashed},
    },
};
use revm::{
    DatabaseRef,
    bytecode::Bytecode,
    state::{AccountInfo, EvmState},
};

/// One account as the state trie holds it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Transactions sent (or, for a contract, contracts created).
    pub nonce: u64,
    /// Wei.
    pub balance: U256,
    /// Deployed code.
    pub code: Bytecode,
    /// Its keccak256.
    pub code_hash: B256,
    /// Slots that are not zero.
    pub storage: BTreeMap<U256, U256>,
    storage_root: B256,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            nonce: 0,
            balance: U256::ZERO,
            code: Bytecode::default(),
            code_hash: KECCAK256_EMPTY,
            storage: BTreeMap::new(),
            storage_root: EMPTY_ROOT_HASH,
        }
    }
}

impl Account {
    fn in_trie(&self) -> TrieAccount {
        TrieAccount::new(self.nonce, self.balance, self.storage_root, self.code_hash)
    }

    fn is_empty(&self) -> bool {
        self.nonce == 0 && self.balance.is_zero() && self.code_hash == KECCAK256_EMPTY
    }
}

/// All accounts after one block. Cloning is cheap: accounts are shared until they change.
#[derive(Debug, Clone, Default)]
pub struct State {
    accounts: BTreeMap<Address, Arc<Account>>,
}

impl State {
    /// The account, if it is not empty.
    pub fn account(&self, address: &Address) -> Option<&Account> {
        self.accounts.get(address).map(Arc::as_ref)
    }

    /// Its nonce, 0 when unknown.
    pub fn nonce(&self, address: &Address) -> u64 {
        self.account(address).map_or(0, |account| account.nonce)
    }

    /// Its balance in wei, 0 when unknown.
    pub fn balance(&self, address: &Address) -> U256 {
        self.account(address).map_or(U256::ZERO, |account| account.balance)
    }

    /// Credits an account (a withdrawal, EIP-4895).
    pub fn credit(&mut self, address: Address, amount: U256) {
        let account = Arc::make_mut(self.accounts.entry(address).or_default());
        account.balance = account.balance.saturating_add(amount);
    }

    /// Takes over what a transaction changed.
    pub fn apply(&mut self, changes: EvmState) {
        for (address, changed) in changes {
            if !changed.is_touched() {
                continue;
            }
            if changed.is_selfdestructed() {
                self.accounts.remove(&address);
                continue;
            }
            let account = Arc::make_mut(self.accounts.entry(address).or_default());
            if changed.is_created() {
                account.storage.clear();
                account.storage_root = EMPTY_ROOT_HASH;
            }
            account.nonce = changed.info.nonce;
            account.balance = changed.info.balance;
            if account.code_hash != changed.info.code_hash {
                account.code_hash = changed.info.code_hash;
                account.code = changed.info.code.unwrap_or_default();
            }
            let mut storage_changed = false;
            for (slot, value) in changed.storage {
                if value.is_changed() {
                    storage_changed = true;
                    if value.present_value().is_zero() {
                        account.storage.remove(&slot);
                    } else {
                        account.storage.insert(slot, value.present_value());
                    }
                }
            }
            if storage_changed {
                let slots = account.storage.iter();
                account.storage_root =
                    storage_root_unhashed(slots.map(|(slot, value)| (B256::from(*slot), *value)));
            }
            // EIP-161: a touched empty account does not exist.
            if account.is_empty() {
                self.accounts.remove(&address);
            }
        }
    }

    /// Root of the state trie.
    pub fn root(&self) -> B256 {
        state_root_unhashed(
            self.accounts.iter().map(|(address, account)| (*address, account.in_trie())),
        )
    }

    /// EIP-1186 proof of an account and some of its slots, also of their absence.
    pub fn proof(&self, address: Address, slots: &[B256]) -> EIP1186AccountProofResponse {
        let leaves = self
            .accounts
            .iter()
            .map(|(address, account)| (keccak256(address), rlp::encode(account.in_trie())));
        let account_proof = prove(leaves, keccak256(address));
        let absent = Account::default();
        let account = self.account(&address).unwrap_or(&absent);
        let storage_proof = slots
            .iter()
            .map(|slot| EIP1186StorageProof {
                key: (*slot).into(),
                value: account
                    .storage
                    .get(&U256::from_be_bytes(slot.0))
                    .copied()
                    .unwrap_or_default(),
                proof: prove(
                    account.storage.iter().map(|(slot, value)| {
                        (keccak256(B256::from(*slot)), rlp::encode_fixed_size(value).to_vec())
                    }),
                    keccak256(slot),
                ),
            })
            .collect();
        EIP1186AccountProofResponse {
            address,
            balance: account.balance,
            code_hash: account.code_hash,
            nonce: account.nonce,
            storage_hash: account.storage_root,
            account_proof,
            storage_proof,
        }
    }
}

/// The trie nodes from the root towards `target`.
fn prove(leaves: impl Iterator<Item = (B256, Vec<u8>)>, target: B256) -> Vec<Bytes> {
    let target = Nibbles::unpack(target);
    let mut sorted: Vec<_> = leaves.collect();
    sorted.sort_unstable_by_key(|(key, _)| *key);
    let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![target]));
    for (key, value) in sorted {
        builder.add_leaf(Nibbles::unpack(key), &value);
    }
    builder.root();
    let nodes = builder.take_proof_nodes().matching_nodes_sorted(&target);
    nodes.into_iter().map(|(_, node)| node).collect()
}

/// A state together with the block hashes the BLOCKHASH instruction sees.
pub(crate) struct Surroundings<'a> {
    pub(crate) state: &'a State,
    pub(crate) hashes: &'a dyn Fn(u64) -> B256,
}

impl DatabaseRef for Surroundings<'_> {
    type Error = Infallible;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.state.account(&address).map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            code: Some(account.code.clone()),
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash_ref(&self, _hash: B256) -> Result<Bytecode, Infallible> {
        // Never asked: `basic_ref` always brings the code along.
        Ok(Bytecode::default())
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, Infallible> {
        let account = self.state.account(&address);
        Ok(account.and_then(|account| account.storage.get(&slot)).copied().unwrap_or_default())
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Infallible> {
        Ok((self.hashes)(number))
    }
}
