//! Bringing recorded transactions home: after a crash, through outages, past stuck fees and
//! reorganisations.

use std::time::Duration;

use alloy::primitives::B256;

use super::{
    fees::Fees,
    node::{BlockInfo, Node, at, tag},
    reader::account,
    sign::{Draft, sign},
    writer::{ChainWriteError, ChainWriter, Progress, latest},
};
use crate::{ChainError, OutboxRow, OutboxState};

/// What the nodes said to a transaction.
pub(super) enum Reception {
    /// In a pool, perhaps since earlier.
    Taken,
    /// The nonce is used: it, or one of its predecessors, is mined.
    NonceUsed,
    /// The fee is too low for this node now.
    Underpriced,
    /// The account cannot pay.
    Poor,
    /// Another time.
    Trouble(ChainError),
}

/// How often a missing receipt of a used nonce is looked for, and how long apart.
const LOOKS: usize = 4;
const BETWEEN_LOOKS: Duration = Duration::from_millis(150);

impl ChainWriter {
    /// One round: reconcile with the chain, send again what is on its way, raise fees of what is
    /// stuck. Call it at start and then on a rhythm; every call is safe at any time.
    ///
    /// # Errors
    /// [`ChainWriteError`] when the chain or the outbox cannot be asked; rows keep their state.
    pub async fn drive(&self) -> Result<Progress, ChainWriteError> {
        let _turn = self.turn.lock().await;
        self.hold()?;
        let mut progress = Progress::default();
        let rows = self.rows()?;
        let Some(newest) = rows.last() else {
            return Ok(progress);
        };
        let node = self.node().await?;
        let on_chain = node.nonce(account(self.address()), "latest").await?;
        // Nothing open, and the chain has not lost anything either.
        if newest.nonce < on_chain && rows.iter().all(|row| row.state.is_final()) {
            return Ok(progress);
        }
        let trusted = node.block(tag(self.settings.trusted_block)).await?;
        let trusted =
            trusted.ok_or_else(|| ChainError::BadAnswer("no trusted block".to_owned()))?;
        let settled = node.nonce(account(self.address()), &at(trusted.number())).await?;
        let latest = latest(node).await?;
        for mut row in rows {
            if row.nonce < on_chain {
                if !row.state.is_final() {
                    self.settle(node, &mut row, trusted.number(), settled, &mut progress).await?;
                }
            } else {
                self.push(node, &mut row, &latest, &mut progress).await?;
            }
        }
        Ok(progress)
    }

    /// A row whose nonce is used: mined, failed, or not deep enough yet.
    async fn settle(
        &self,
        node: &Node,
        row: &mut OutboxRow,
        trusted: u64,
        settled: u64,
        progress: &mut Progress,
    ) -> Result<(), ChainWriteError> {
        let mut receipt = None;
        // A node may count a nonce a moment before it shows the receipt (anvil does under load).
        // "Another transaction used it" is final, so it is not said at first sight.
        for look in 0..LOOKS {
            for hash in row.replaced.iter().chain([&row.hash]) {
                receipt = receipt.or(node.receipt(B256::from(*hash)).await?);
            }
            if receipt.is_some() || row.nonce >= settled || look + 1 == LOOKS {
                break;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        row.state = match receipt {
            Some(receipt) if receipt.block() > trusted => {
                progress.pending += 1;
                return Ok(());
            }
            Some(receipt) if receipt.succeeded() => OutboxState::Mined { block: receipt.block() },
            Some(_) => OutboxState::Failed { reason: "the contract reverted".to_owned() },
            // Absence counts only once the trusted block says that the nonce is gone.
            None if row.nonce < settled => {
                OutboxState::Failed { reason: "another transaction used the nonce".to_owned() }
            }
            None => {
                progress.pending += 1;
                return Ok(());
            }
        };
        self.record(row)?;
        match &row.state {
            OutboxState::Failed { reason } => {
                tracing::warn!(purpose = %row.purpose, nonce = row.nonce, reason, "transaction failed");
                progress.failed.push(row.purpose.clone());
            }
            _ => {
                tracing::info!(purpose = %row.purpose, nonce = row.nonce, "transaction mined");
                progress.mined.push(row.purpose.clone());
            }
        }
        Ok(())
    }

    /// A row whose nonce is not used: send the same bytes, or others that pay more. Also a row
    /// that was mined in a block the chain has since dropped.
    async fn push(
        &self,
        node: &Node,
        row: &mut OutboxRow,
        latest: &BlockInfo,
        progress: &mut Progress,
    ) -> Result<(), ChainWriteError> {
        if row.state.is_final() {
            tracing::warn!(purpose = %row.purpose, nonce = row.nonce, "the chain lost a mined transaction");
            row.state = OutboxState::Prepared;
            self.record(row)?;
        }
        progress.pending += 1;
        let age = latest.number().saturating_sub(row.signed_at_block);
        let underpriced = matches!(self.send(row).await?, Reception::Underpriced);
        if !underpriced && age < self.policy.bump_after_blocks {
            progress.rebroadcast += 1;
            return Ok(());
        }
        let old = Fees { max_fee: row.max_fee_per_gas, tip: row.max_priority_fee_per_gas };
        let Some(fees) = self.policy.bump(old, self.fees(node, latest).await?) else {
            tracing::warn!(purpose = %row.purpose, nonce = row.nonce, "stuck, and the fee cap is reached");
            return Ok(());
        };
        let mut replaced = row.replaced.clone();
        replaced.push(row.hash);
        let draft = Draft {
            chain_id: row.chain_id,
            nonce: row.nonce,
            purpose: row.purpose.clone(),
            to: row.to,
            data: row.data.clone(),
            gas_limit: row.gas_limit,
            max_fee: fees.max_fee,
            tip: fees.tip,
            block: latest.number(),
            replaced,
        };
        let mut raised = sign(draft, self.signer.as_ref())?;
        self.record(&raised)?;
        tracing::info!(purpose = %raised.purpose, nonce = raised.nonce, max_fee = fees.max_fee, "fee raised");
        progress.replaced += 1;
        self.send(&mut raised).await?;
        Ok(())
    }

    /// Offers a recorded row to every node and notes that one took it. Only the outbox can fail
    /// here: what nodes say decides nothing, the chain does.
    pub(super) async fn send(&self, row: &mut OutboxRow) -> Result<Reception, ChainWriteError> {
        let mut worst = Reception::Trouble(ChainError::Settings("no RPC URL".to_owned()));
        for node in &self.nodes {
            let reception = match node.send(&row.raw).await {
                Ok(()) => Reception::Taken,
                Err(error) => classify(error),
            };
            match reception {
                Reception::Taken | Reception::NonceUsed => {
                    if row.state == OutboxState::Prepared {
                        row.state = OutboxState::Sent;
                        self.record(row)?;
                    }
                    // The other nodes hear of it too, by us or by their peers.
                    worst = Reception::Taken;
                }
                other if !matches!(worst, Reception::Taken) => worst = other,
                _ => {}
            }
        }
        match &worst {
            Reception::Poor => {
                tracing::warn!(account = %row.sender, "the account cannot pay for gas")
            }
            Reception::Trouble(error) => {
                tracing::warn!(code = error.code(), "the transaction waits in the outbox")
            }
            _ => {}
        }
        Ok(worst)
    }
}

/// JSON-RPC gives these no codes of their own; the words are those of geth, Besu, Nethermind,
/// Erigon and anvil.
fn classify(error: ChainError) -> Reception {
    let ChainError::Rpc { message, .. } = &error else {
        return Reception::Trouble(error);
    };
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["already known", "already imported", "known transaction", "alreadyknown"]) {
        Reception::Taken
    } else if says(&["nonce too low", "nonce is too low", "below current nonce"]) {
        Reception::NonceUsed
    } else if says(&[
        "underpriced",
        "less than block base fee",
        "gas price too low",
        "gas price below",
        "feetoolow",
    ]) {
        Reception::Underpriced
    } else if says(&["insufficient funds", "upfront cost"]) {
        Reception::Poor
    } else {
        Reception::Trouble(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_several_nodes_are_understood() {
        let said =
            |message: &str| classify(ChainError::Rpc { code: -32000, message: message.to_owned() });
        assert!(matches!(said("already known"), Reception::Taken));
        assert!(matches!(said("transaction already imported"), Reception::Taken));
        assert!(matches!(said("nonce too low: next nonce 5, tx nonce 4"), Reception::NonceUsed));
        assert!(matches!(said("replacement transaction underpriced"), Reception::Underpriced));
        assert!(matches!(said("max fee per gas less than block base fee"), Reception::Underpriced));
        assert!(matches!(said("Insufficient funds for gas * price + value"), Reception::Poor));
        assert!(matches!(said("something new"), Reception::Trouble(_)));
        assert!(matches!(
            classify(ChainError::RateLimited),
            Reception::Trouble(ChainError::RateLimited)
        ));
    }
}
