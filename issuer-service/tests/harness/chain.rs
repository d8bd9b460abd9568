//! A chain in memory with the contracts' rules: compare-and-set, and an off switch.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use credential_issuance::anchor::{AnchorChain, AnchorChainError};
use credential_issuance::ids::Digest;
use evm_chain::{Address, DidHead, DidStatus, EpochRecord, StatusHead};

#[derive(Default)]
pub struct FakeChain {
    pub down: AtomicBool,
    /// Takes the transaction and then does not answer, as a node that dies at the wrong moment.
    pub deaf_after_write: AtomicBool,
    pub writes: AtomicU64,
    /// The chain's time: an epoch that is over by then is refused for good, as the contract does.
    pub time: AtomicI64,
    state: Mutex<(Option<DidHead>, Option<StatusHead>)>,
}

const BLOCK_TIME: i64 = 1_795_000_000;

impl FakeChain {
    pub fn did(&self) -> Option<DidHead> {
        self.state.lock().unwrap().0.clone()
    }

    pub fn head(&self) -> Option<StatusHead> {
        self.state.lock().unwrap().1.clone()
    }

    pub fn forget(&self) {
        *self.state.lock().unwrap() = (None, None);
    }

    fn up(&self) -> Result<(), AnchorChainError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(AnchorChainError::Unavailable { code: "chain_unreachable" });
        }
        Ok(())
    }

    fn written(&self) -> Result<String, AnchorChainError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        if self.deaf_after_write.load(Ordering::SeqCst) {
            return Err(AnchorChainError::Unavailable { code: "chain_not_mined_in_time" });
        }
        Ok("00".repeat(32))
    }
}

#[async_trait]
impl AnchorChain for FakeChain {
    async fn did_head(&self, _: &str) -> Result<Option<DidHead>, AnchorChainError> {
        self.up()?;
        Ok(self.did())
    }

    async fn publish_did(
        &self,
        _: &str,
        document: &[u8],
        expected: u64,
    ) -> Result<String, AnchorChainError> {
        self.up()?;
        let mut state = self.state.lock().unwrap();
        if state.0.as_ref().map_or(0, |head| head.version) != expected {
            return Err(AnchorChainError::Conflict);
        }
        state.0 = Some(DidHead {
            version: expected + 1,
            status: DidStatus::Active,
            digest: Digest::of(document).0,
            controller: Address::from_bytes([1; 20]),
            block_time: BLOCK_TIME,
        });
        drop(state);
        self.written()
    }

    async fn status_head(&self, _: &str) -> Result<Option<StatusHead>, AnchorChainError> {
        self.up()?;
        Ok(self.head())
    }

    async fn anchor_epoch(&self, _: &str, epoch: &EpochRecord) -> Result<String, AnchorChainError> {
        self.up()?;
        let mut state = self.state.lock().unwrap();
        if state.1.as_ref().map_or(0, |head| head.epoch) + 1 != epoch.epoch {
            return Err(AnchorChainError::Conflict);
        }
        if epoch.valid_until <= self.time.load(Ordering::SeqCst) {
            let reason = "the epoch's time is over".to_owned();
            return Err(AnchorChainError::Refused { code: "chain_refused", reason });
        }
        state.1 = Some(StatusHead {
            status_root: epoch.status_root,
            issuance_root: epoch.issuance_root,
            epoch: epoch.epoch,
            time: BLOCK_TIME,
            valid_until: epoch.valid_until,
            count: epoch.count,
        });
        drop(state);
        self.written()
    }

    async fn drive(&self) -> Result<(), AnchorChainError> {
        self.up()
    }

    async fn check(&self) -> Result<(), AnchorChainError> {
        self.up()
    }
}
