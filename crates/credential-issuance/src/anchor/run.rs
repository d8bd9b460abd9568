//! One round of anchoring.

use chain_anchors::{EpochError, ListInclusion, token_list_id};
use evm_chain::StatusHead;
use serde::Serialize;

use super::batch::{IssuanceLeaf, build_epoch};
use super::{
    AnchorBatch, AnchorChain, AnchorChainError, BatchStage, DidAnchor, ListLeaf, list_inclusion,
};
use crate::Issuer;
use crate::audit::AuditAction;
use crate::ids::{Digest, ListId};
use crate::status::PublishError;
use crate::store::StoreError;

/// Most credentials of one batch; the rest follows in the next.
const BATCH_MAX: usize = 50_000;
/// How many batches back a published proof may lie.
const LOOK_BACK: usize = 16;
/// A batch that ends sooner than this many seconds from now is not worth sending: the contract
/// takes no epoch whose time is over when its block comes.
const TIME_TO_MINE: i64 = 120;

/// Why nothing was anchored. What is recorded stays recorded and is tried again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// No chain is configured.
    #[error("no chain is configured")]
    NoChain,
    /// The chain.
    #[error(transparent)]
    Chain(#[from] AnchorChainError),
    /// The trees could not be built.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// A list could not be published first.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AnchorError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoChain => "no_chain",
            Self::Chain(error) => error.code(),
            Self::Epoch(error) => error.code(),
            Self::Publish(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// A batch as the admin API shows it; numbers that can grow are decimal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnchorView {
    /// Our own count.
    pub number: String,
    /// The epoch on the chain.
    pub epoch: String,
    /// `prepared`, `sent` or `anchored`.
    pub stage: &'static str,
    /// Root over the lists, hexadecimal.
    pub status_root: String,
    /// Root over the issued batch, hexadecimal.
    pub issuance_root: String,
    /// How many list leaves.
    pub lists: usize,
    /// How many credentials.
    pub issued: usize,
    /// When prepared.
    pub created_at: String,
    /// Until when the issuer stands by it.
    pub valid_until: String,
}

impl From<&AnchorBatch> for AnchorView {
    fn from(batch: &AnchorBatch) -> Self {
        Self {
            number: batch.number.to_string(),
            epoch: batch.epoch.to_string(),
            stage: match batch.stage {
                BatchStage::Prepared => "prepared",
                BatchStage::Sent { .. } => "sent",
                BatchStage::Anchored { .. } => "anchored",
            },
            status_root: batch.status_root.to_string(),
            issuance_root: batch.issuance_root.to_string(),
            lists: batch.lists.len(),
            issued: batch.issued.len(),
            created_at: batch.created_at.to_string(),
            valid_until: batch.valid_until.to_string(),
        }
    }
}

/// What one round of anchoring did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnchorReport {
    /// Version of the DID document on the chain.
    pub did_version: String,
    /// The newest batch; absent when there is nothing to anchor yet.
    pub batch: Option<AnchorView>,
    /// Whether this round anchored it.
    pub anchored_now: bool,
}

impl Issuer {
    /// One round: what is on its way is brought home, then what is new is anchored. With nothing
    /// new, a head is renewed when half of its time is over (heartbeat), or when `force` asks for it.
    pub async fn anchor(&self, force: bool) -> Result<AnchorReport, AnchorError> {
        let chain = self.chain.clone().ok_or(AnchorError::NoChain)?;
        let _one_at_a_time = self.anchoring.lock().await;
        chain.drive().await?;
        // First the keys: a document without a stolen key must not run ahead of the word that
        // tells why.
        self.state_keys(&*chain).await?;
        let did = self.anchor_did(&*chain).await?;
        let mut anchored_now = false;
        let mut last = self.store.last_batches(1).await?.into_iter().next();
        if let Some(batch) = last.take_if(|batch| !batch.is_anchored()) {
            last = Some(self.bring_home(&*chain, batch).await?);
            anchored_now = true;
        }
        self.maintain().await?;
        if let Some(batch) = self.next_batch(&*chain, last.as_ref(), force).await? {
            last = Some(self.bring_home(&*chain, batch).await?);
            anchored_now = true;
        }
        Ok(AnchorReport {
            did_version: did.version.to_string(),
            batch: last.as_ref().map(AnchorView::from),
            anchored_now,
        })
    }

    /// Records a new batch when there is reason for one.
    async fn next_batch(
        &self,
        chain: &dyn AnchorChain,
        last: Option<&AnchorBatch>,
        force: bool,
    ) -> Result<Option<AnchorBatch>, AnchorError> {
        let now = self.now();
        let mut lists = Vec::new();
        for list in self.store.lists().await? {
            if let Some(published) = &list.published {
                let url = self.settings.list_url(&list.id);
                let (version, token) = (published.version, token_list_id(&url));
                lists.push(ListLeaf { list: url, version, sha256: published.document });
                lists.push(ListLeaf { list: token, version, sha256: published.token });
            }
        }
        if !lists.is_empty() {
            lists.extend(self.pack_leaf(&lists).await);
        }
        // A bulk job's root has an epoch of its own; what was issued beside it takes the next one.
        let bulk = self.bulk_root_for_epoch(last).await?;
        let limit = if bulk.is_some() { 0 } else { BATCH_MAX };
        let issued: Vec<IssuanceLeaf> = self
            .store
            .unanchored(limit)
            .await?
            .iter()
            .filter_map(|record| {
                let digest = record.issued()?.digest;
                Some(IssuanceLeaf { credential: record.id.clone(), salt: record.salt, digest })
            })
            .collect();
        if lists.is_empty() && issued.is_empty() && bulk.is_none() {
            return Ok(None);
        }
        // Told by its end: a batch that waited long for the chain got a new one meanwhile.
        let ageing = |batch: &AnchorBatch| {
            now >= batch.valid_until.minus_seconds(self.settings.anchor_seconds / 2)
        };
        let news = last.is_none_or(|batch| batch.lists != lists || ageing(batch))
            || !issued.is_empty()
            || bulk.is_some();
        if !news && !force {
            return Ok(None);
        }
        let head = chain.status_head(self.identity.did().as_str()).await?;
        let epoch = head.map_or(0, |head| head.epoch) + 1;
        let valid_until = now.plus_seconds(self.settings.anchor_seconds);
        let padding = self.random_digest();
        let root = bulk.as_ref().map(|bulk| &bulk.root);
        let built = build_epoch(epoch, valid_until, &lists, &issued, root, &padding)?;
        let batch = AnchorBatch {
            number: last.map_or(0, |batch| batch.number) + 1,
            revision: 1,
            epoch,
            created_at: now,
            valid_until,
            padding,
            lists,
            issued,
            bulk,
            status_root: Digest(built.record().status_root),
            issuance_root: Digest(built.record().issuance_root),
            stage: BatchStage::Prepared,
            proof: None,
        };
        let event = self
            .event("service", AuditAction::EpochPrepared)
            .about("batch", batch.number)
            .about("epoch", epoch)
            .about("status_root", batch.status_root)
            .about("issuance_root", batch.issuance_root);
        self.store.prepare_batch(&batch, event).await?;
        if let Some(bulk) = &batch.bulk {
            self.bulk_root_taken(&bulk.job, batch.number).await?;
        }
        Ok(Some(batch))
    }

    /// Sends a recorded batch until the chain has it. Which of its steps happened before a crash
    /// does not matter: the head on the chain tells.
    async fn bring_home(
        &self,
        chain: &dyn AnchorChain,
        mut batch: AnchorBatch,
    ) -> Result<AnchorBatch, AnchorError> {
        let did = self.identity.did().to_string();
        for _ in 0..3 {
            let head = chain.status_head(&did).await?;
            if let Some(head) = head.as_ref().filter(|head| holds(head, &batch)) {
                return self.mark_anchored(chain, batch, head).await;
            }
            let next = head.map_or(0, |head| head.epoch) + 1;
            if next != batch.epoch {
                // The chain was replaced, or an operator anchored by hand: take the number the
                // chain expects. Roots do not depend on it.
                tracing::warn!(
                    batch = batch.number,
                    from = batch.epoch,
                    to = next,
                    "epoch renumbered"
                );
                batch.epoch = next;
                batch.revision += 1;
                self.store.replace_batch(&batch, None).await?;
            }
            let now = self.now();
            let margin = TIME_TO_MINE.min(self.settings.anchor_seconds / 2);
            if batch.valid_until <= now.plus_seconds(margin) {
                // The chain was away for longer than the batch was to hold. Should the old bytes
                // land after all, their head is not this batch and it takes the next number.
                batch.valid_until = now.plus_seconds(self.settings.anchor_seconds);
                tracing::warn!(batch = batch.number, until = %batch.valid_until, "epoch renewed");
                batch.revision += 1;
                self.store.replace_batch(&batch, None).await?;
            }
            let built = batch.build()?;
            match chain.anchor_epoch(&did, built.record()).await {
                Ok(transaction) => {
                    batch.stage = BatchStage::Sent { transaction };
                    batch.revision += 1;
                    self.store.replace_batch(&batch, None).await?;
                }
                Err(AnchorChainError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        match chain.status_head(&did).await?.filter(|head| holds(head, &batch)) {
            Some(head) => self.mark_anchored(chain, batch, &head).await,
            None => Err(AnchorChainError::Conflict.into()),
        }
    }

    async fn mark_anchored(
        &self,
        chain: &dyn AnchorChain,
        mut batch: AnchorBatch,
        head: &StatusHead,
    ) -> Result<AnchorBatch, AnchorError> {
        let at = credential_model::moment::Moment::from_unix(head.time);
        batch.stage = BatchStage::Anchored { at };
        batch.revision += 1;
        if !batch.issued.is_empty() || batch.bulk.is_some() {
            batch.proof = self.prove_issuance(chain).await;
        }
        let event = self
            .event("service", AuditAction::EpochAnchored)
            .about("batch", batch.number)
            .about("epoch", batch.epoch);
        self.store.replace_batch(&batch, Some(event)).await?;
        self.pack_is_due().await;
        Ok(batch)
    }

    /// The newest batches, newest first.
    pub async fn anchor_batches(&self, limit: usize) -> Result<Vec<AnchorBatch>, StoreError> {
        self.store.last_batches(limit).await
    }

    /// What is known about the DID document on the chain.
    pub async fn did_anchor(&self) -> Result<Option<DidAnchor>, StoreError> {
        self.store.did_anchor().await
    }

    /// The proof that a list stands in an epoch, for its document or token form.
    ///
    /// Without `epoch`: in the newest one we know to be anchored. With it: in the batch of that
    /// epoch (any, or one of the newest 16 after a chain was replaced), however far we know it to have come; who asks has seen the
    /// chain's head, perhaps before we did, and checks the proof against it.
    pub async fn list_proof(
        &self,
        id: &ListId,
        token_form: bool,
        epoch: Option<u64>,
    ) -> Result<Option<ListInclusion>, StoreError> {
        let url = self.settings.list_url(id);
        let wanted = if token_form { token_list_id(&url) } else { url };
        // Our numbers and the chain's epochs agree unless a chain was replaced.
        if let Some(number) = epoch
            && let Some(batch) = self.store.batch(number).await?
            && batch.epoch == number
        {
            return Ok(list_inclusion(&batch, &wanted));
        }
        let batches = self.store.last_batches(LOOK_BACK).await?;
        Ok(batches
            .iter()
            .find(|batch| epoch.map_or_else(|| batch.is_anchored(), |epoch| batch.epoch == epoch))
            .and_then(|batch| list_inclusion(batch, &wanted)))
    }
}

fn holds(head: &StatusHead, batch: &AnchorBatch) -> bool {
    head.epoch == batch.epoch
        && Digest(head.status_root) == batch.status_root
        && Digest(head.issuance_root) == batch.issuance_root
        && head.valid_until == batch.valid_until.unix()
}
