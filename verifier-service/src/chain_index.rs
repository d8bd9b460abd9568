//! What the chain says about accreditations and keys, kept beside it: an index that follows the
//! chain, survives restarts and reorganisations, and answers while no node does.
//!
//! A request never waits for it: rounds are made in the background. An answer from an index that
//! could not be renewed says from when it is; it is used for a day at most.
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use credential_model::{did::Did, moment::Moment};
use credential_verification::KeyBook;
use evm_chain::{
    Address, ChainError, ChainReader, ChainSettings, Checkpoint, IndexError, IndexStore, Indexer,
    ReadChain, TrustIndex,
};
use serde::{Deserialize, Serialize};
use trust_registry::{TrustList, TrustSource as _};

use crate::state::App;

/// Seconds between two rounds.
const USUAL_RHYTHM: u64 = 15;
/// How old an answer may become while no node can be asked, seconds.
const USUAL_MAX_AGE: i64 = 86_400;
/// Issuers whose chain account is compared in one round.
const MAX_ACCOUNTS: usize = 1_000;

/// The name of a contract set's index within a store.
pub fn name(settings: &ChainSettings) -> String {
    format!("{}/{}/{}", settings.chain_id, settings.did_registry, settings.accreditation_registry)
}

/// What is stored beside the rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    v: u32,
    /// When the index was last at the chain's trusted block, by our own clock.
    confirmed: Moment,
    /// That block.
    block: u64,
    /// Issuers whose keys the chain speaks about, and whose entry belongs to the account that the
    /// trust list names: the account as seen then. A stranger's statements count for nothing.
    accounts: BTreeMap<Did, Address>,
}

const NOTE_FORM: u32 = 1;

#[derive(Default)]
struct Known {
    index: Arc<TrustIndex>,
    newest: Option<Checkpoint>,
    note: Option<Note>,
}

/// What the index knows, and from when.
#[derive(Clone)]
pub struct Memory {
    /// The answers.
    pub index: Arc<TrustIndex>,
    /// The block they are of.
    pub block: u64,
    /// When that was the chain's trusted block.
    pub confirmed: Moment,
}

/// An index in a store, with the reader that feeds it.
pub struct ChainIndex {
    indexer: Indexer,
    reader: Arc<ChainReader>,
    store: Arc<dyn IndexStore>,
    max_age: i64,
    tip_max_age: Option<i64>,
    known: RwLock<Known>,
}

impl ChainIndex {
    /// Opens what an earlier run left. `max_age` is how long it may answer without a node, seconds
    /// (a day when absent); `tip_max_age` how old the trusted block may be before a node counts as
    /// frozen.
    ///
    /// # Errors
    /// When chain settings or store are not usable.
    pub fn open(
        settings: &ChainSettings,
        store: Arc<dyn IndexStore>,
        max_age: Option<i64>,
        tip_max_age: Option<i64>,
    ) -> Result<Self, IndexError> {
        let reader = Arc::new(ChainReader::new(settings.clone())?);
        let index = Self {
            indexer: Indexer::new(Arc::clone(&reader), Arc::clone(&store)),
            reader,
            store,
            max_age: max_age.unwrap_or(USUAL_MAX_AGE).max(1),
            tip_max_age,
            known: RwLock::default(),
        };
        let note = index.store.note()?.and_then(|text| serde_json::from_str::<Note>(&text).ok());
        let note = note.filter(|note| note.v == NOTE_FORM);
        index.load(note)?;
        Ok(index)
    }

    /// Takes rows and note into memory.
    fn load(&self, note: Option<Note>) -> Result<(), IndexError> {
        // The checkpoint first: should another replica add rows in between, they are read again.
        let newest = self.store.checkpoints()?.last().copied();
        let index = Arc::new(self.indexer.index()?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Known { index, newest, note };
        Ok(())
    }

    /// One round: brings the index to the chain's trusted block, and compares the accounts of the
    /// issuers whose keys it knows about. What was known stays when a step fails.
    ///
    /// # Errors
    /// [`IndexError`]: nothing was confirmed this time.
    pub async fn renew(&self, list: Option<&TrustList>, now: Moment) -> Result<(), IndexError> {
        let tip = self.reader.tip().await?;
        let age = now.unix().saturating_sub(tip.time);
        if self.tip_max_age.is_some_and(|most| age > most) {
            return Err(ChainError::Unreachable(format!("its trusted block is {age} s old")).into());
        }
        let progress = self.indexer.advance().await?;
        if progress.rows > 0 || progress.rolled_back_to.is_some() {
            tracing::info!(
                rows = progress.rows,
                rolled_back_to = progress.rolled_back_to,
                complete_to = progress.complete_to,
                "chain index brought forward"
            );
        }
        if progress.complete_to < tip.number {
            // Another replica is at it; its rounds confirm.
            return Ok(());
        }
        let newest = self.store.checkpoints()?.last().copied();
        if newest != self.known.read().unwrap_or_else(PoisonError::into_inner).newest {
            let note = self.known.read().unwrap_or_else(PoisonError::into_inner).note.clone();
            self.load(note)?;
        }
        let accounts = self.accounts(list).await?;
        let note = Note { v: NOTE_FORM, confirmed: now, block: progress.complete_to, accounts };
        if let Ok(text) = serde_json::to_string(&note) {
            self.store.set_note(&text)?;
        }
        self.known.write().unwrap_or_else(PoisonError::into_inner).note = Some(note);
        Ok(())
    }

    /// The pinned issuers whose keys the chain speaks about, where the entry is the pinned
    /// account's.
    async fn accounts(
        &self,
        list: Option<&TrustList>,
    ) -> Result<BTreeMap<Did, Address>, ChainError> {
        let index = Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner).index);
        let mut accounts = BTreeMap::new();
        let entries = list.map_or(&[][..], |list| list.entries.as_slice());
        for entry in entries {
            let did = &entry.issuer;
            let wanted = !accounts.contains_key(did) && index.states_keys_of(did.as_str());
            let Some(pinned) = entry.chain_controller.filter(|_| wanted) else { continue };
            if accounts.len() >= MAX_ACCOUNTS {
                tracing::warn!(MAX_ACCOUNTS, "more issuers with stated keys than are remembered");
                break;
            }
            let head = self.reader.did_head(did.as_str()).await?;
            let pinned = Address::from(pinned);
            if head.is_some_and(|head| head.controller == pinned) {
                accounts.insert(did.clone(), pinned);
            }
        }
        Ok(accounts)
    }

    /// What is known, unless it was never confirmed or is too old.
    pub fn snapshot(&self, now: Moment) -> Option<Memory> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let note = known.note.as_ref()?;
        let age = now.unix().saturating_sub(note.confirmed.unix());
        (age < self.max_age).then_some(Memory {
            index: Arc::clone(&known.index),
            block: note.block,
            confirmed: note.confirmed,
        })
    }

    /// The states of issuers' keys, for when the chain cannot be asked. As every key book it only
    /// makes a verifier stricter, so its age is no reason to leave it out. Only issuers that the
    /// list in force still pins to the same account stand in it.
    pub fn key_book(&self, list: Option<&TrustList>) -> Option<KeyBook> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let note = known.note.as_ref()?;
        let list = list?;
        let pinned = |did: &Did| list.chain_controller(did.as_str()).map(Address::from);
        let issuers: BTreeMap<_, _> = note
            .accounts
            .iter()
            .filter(|(did, account)| pinned(did) == Some(**account))
            .map(|(did, _)| (did.to_string(), known.index.key_states(did.as_str())))
            .collect();
        (!issuers.is_empty()).then_some(KeyBook { as_of: note.confirmed, issuers })
    }
}

/// Renews the index until dropped, every so many seconds.
pub async fn keep(app: App, every: Option<u64>) {
    let pause = Duration::from_secs(every.unwrap_or(USUAL_RHYTHM).max(1));
    loop {
        app.renew_index().await;
        tokio::time::sleep(pause).await;
    }
}
