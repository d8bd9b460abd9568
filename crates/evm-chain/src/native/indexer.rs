//! Filling the index: resumable at any point, and following the chain when it is reorganised.

use std::sync::Arc;

use super::reader::ChainReader;
use crate::{ChainError, Checkpoint, IndexStore, IndexStoreError, ReadChain, TrustIndex};

/// The deepest reorganisation that is followed.
pub const REORG_LIMIT: u64 = 64;
/// Blocks asked for at once.
const STRIDE: u64 = 2_000;

/// Why the index could not be brought forward. What was stored stays good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The store.
    #[error(transparent)]
    Store(#[from] IndexStoreError),
}

impl IndexError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Chain(error) => error.code(),
            Self::Store(_) => "index_store",
        }
    }
}

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexProgress {
    /// Rows added.
    pub rows: usize,
    /// The block the index went back to, when the chain was reorganised (0: the beginning).
    pub rolled_back_to: Option<u64>,
    /// The block up to which it is complete now.
    pub complete_to: u64,
}

/// Keeps an index up to the trusted block of a reader.
pub struct Indexer {
    reader: Arc<ChainReader>,
    store: Arc<dyn IndexStore>,
}

impl Indexer {
    /// An index in `store`, fed by `reader`.
    pub fn new(reader: Arc<ChainReader>, store: Arc<dyn IndexStore>) -> Self {
        Self { reader, store }
    }

    /// Brings the index to the trusted block: rolls back what the chain no longer holds, then adds
    /// what is new, a stride at a time, each with its checkpoint in one transaction.
    ///
    /// # Errors
    /// [`ChainError::ReorgTooDeep`] when more than [`REORG_LIMIT`] indexed blocks were replaced: an
    /// operator decides whether this is still the chain; others mean "try again later".
    pub async fn advance(&self) -> Result<IndexProgress, IndexError> {
        let mut progress = IndexProgress::default();
        let mut last = self.settle(&mut progress).await?;
        let mut next = last.map_or(0, |last| last.number + 1);
        let tip = self.reader.tip().await?.number;
        while next <= tip {
            // One step ends where no reorganisation reaches any more, so that a rollback within
            // the limit always finds a checkpoint below it.
            let safe = tip.saturating_sub(REORG_LIMIT);
            let mut end = tip.min(next + STRIDE - 1);
            if next <= safe {
                end = end.min(safe);
            }
            let (from, to) = (next, end);
            let (rows, hash) = self
                .reader
                .ask("events", move |look| async move { look.stride(from, to).await })
                .await?;
            let reached = Checkpoint { number: end, hash };
            if !self.store.commit(&rows, last, reached, self.oldest(end)?)? {
                // Another process keeps this index too and was faster.
                return Ok(progress);
            }
            last = Some(reached);
            progress.rows += rows.len();
            progress.complete_to = end;
            next = end + 1;
        }
        Ok(progress)
    }

    /// The index's content, for answering.
    ///
    /// # Errors
    /// [`IndexStoreError`] when the store cannot be read.
    pub fn index(&self) -> Result<TrustIndex, IndexStoreError> {
        Ok(TrustIndex::from_rows(&self.store.rows()?))
    }

    /// The last checkpoint the chain still has; what lies above is rolled back.
    async fn settle(&self, progress: &mut IndexProgress) -> Result<Option<Checkpoint>, IndexError> {
        let checkpoints = self.store.checkpoints()?;
        let Some(last) = checkpoints.last().copied() else {
            return Ok(None);
        };
        // Nodes that are behind the index have replaced nothing; whether a chain that became
        // shorter did is seen when it has grown again.
        if self.reader.tip().await?.number < last.number {
            progress.complete_to = last.number;
            return Ok(Some(last));
        }
        for checkpoint in checkpoints.iter().rev() {
            if self.reader.block_hash(checkpoint.number).await? == Some(checkpoint.hash) {
                if *checkpoint != last {
                    self.store.roll_back(Some(checkpoint.number))?;
                    progress.rolled_back_to = Some(checkpoint.number);
                    tracing::warn!(
                        from = last.number,
                        to = checkpoint.number,
                        "the chain was reorganised"
                    );
                }
                progress.complete_to = checkpoint.number;
                return Ok(Some(*checkpoint));
            }
        }
        if last.number > REORG_LIMIT {
            return Err(ChainError::ReorgTooDeep { from: last.number, limit: REORG_LIMIT }.into());
        }
        self.store.roll_back(None)?;
        progress.rolled_back_to = Some(0);
        Ok(None)
    }

    /// Checkpoints from here on are kept: those a reorganisation may reach, and one below.
    fn oldest(&self, newest: u64) -> Result<u64, IndexStoreError> {
        let reach = newest.saturating_sub(REORG_LIMIT);
        let below = self.store.checkpoints()?.into_iter().rev().find(|c| c.number <= reach);
        Ok(below.map_or(0, |checkpoint| checkpoint.number))
    }
}
