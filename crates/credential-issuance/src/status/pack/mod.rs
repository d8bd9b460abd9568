//! The status pack as it is published: at each epoch one signed index, a snapshot and the deltas
//! that lead to it.
//!
//! Nothing of it is stored. An edition follows from an anchored batch and the archive of lists, its
//! coding is canonical and the index is signed with Ed25519: replicas and restarts give the same
//! bytes. The batch holds one leaf for the pack, so the head on the chain commits to it.

mod edition;

use std::collections::BTreeMap;
use std::sync::Arc;

use chain_anchors::{PACK_EVIDENCE_VERSION, PackEvidence};
use credential_model::moment::Moment;
use credential_proofs::jose;
use evm_chain::{HeadOf, key_id_hash};
use serde_json::json;
use status_lists::{
    DeltaLink, PackContent, PackDelta, PackError, STATUS_PACK_TYP, StatusPackIndex, index_payload,
};

use crate::Issuer;
use crate::anchor::{AnchorBatch, BatchStage, ListLeaf, list_inclusion};
use crate::ids::Digest;
use crate::store::StoreError;
use edition::{Edition, EditionError, leaf_of};

/// For so long the store is not asked whether another replica has anchored meanwhile.
const LOOK_SECONDS: i64 = 2;
/// Evidence of an epoch is taken from the chain again after this.
const EVIDENCE_SECONDS: i64 = 600;
/// Most former keys whose states are proven; each is two words of a proof that takes 64.
const MAX_FORMER_KEYS: usize = 24;

/// Why no pack is served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackServeError {
    /// Nothing was anchored yet, or there is no chain.
    #[error("no status pack was made yet: it comes with the first anchored epoch")]
    None,
    /// The index could not be signed.
    #[error("the status pack could not be signed: {0}")]
    Signing(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PackServeError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::None => "no_status_pack",
            Self::Signing(_) => "signing_failed",
            Self::Store(error) => error.code(),
        }
    }
}

/// A signed index as it is served.
#[derive(Debug, Clone)]
pub struct ServedPack {
    /// The epoch whose lists it names.
    pub epoch: u64,
    /// The index, a compact JWS.
    pub index: String,
    /// SHA-256 of `index`.
    pub digest: Digest,
}

/// What the index points to.
#[derive(Debug, Clone)]
pub enum PackPart {
    /// A snapshot.
    Snapshot(Arc<PackContent>),
    /// A delta.
    Delta(Arc<PackDelta>),
}

impl PackPart {
    /// The bytes as published.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Snapshot(content) => content.bytes(),
            Self::Delta(delta) => delta.bytes(),
        }
    }
}

/// Digests of two contents that follow each other.
type Step = ([u8; 32], [u8; 32]);

/// What was made and may be asked for again.
#[derive(Default)]
pub(crate) struct Press {
    /// By the lists they are made of.
    editions: BTreeMap<Digest, Arc<Edition>>,
    /// Which edition a batch has; none for batches without a pack.
    of_batch: BTreeMap<u64, Option<Digest>>,
    deltas: BTreeMap<Step, Option<Arc<PackDelta>>>,
    parts: BTreeMap<Digest, PackPart>,
    served: Option<(u64, ServedPack)>,
    looked_at: Option<Moment>,
    evidence: Option<(u64, Moment, PackEvidence)>,
}

/// The batches whose editions stay in the chain of deltas: all of the newest, ever fewer of the
/// older. A desk that holds none of them takes the snapshot. Oldest first.
fn waypoints(newest: u64) -> Vec<u64> {
    let kept = |age: u64, number: u64| {
        age < 16 || (age < 64 && number.is_multiple_of(4)) || number.is_multiple_of(16)
    };
    let oldest = newest.saturating_sub(255).max(1);
    (oldest..=newest).filter(|number| kept(newest - number, *number)).collect()
}

impl Issuer {
    /// The leaf that commits to the pack of these lists; none when they do not fit into one.
    pub(crate) async fn pack_leaf(&self, lists: &[ListLeaf]) -> Option<ListLeaf> {
        let mut press = self.press.lock().await;
        let found = self.pressed(&mut press, lists).await;
        let edition = found
            .inspect_err(|error| tracing::error!(code = error.code(), "no status pack"))
            .ok()?;
        Some(edition.1.leaf(self.identity.did().as_str()))
    }

    /// Somebody anchored: what was served is no longer the newest.
    pub(crate) async fn pack_is_due(&self) {
        self.press.lock().await.looked_at = None;
    }

    /// The signed index of the newest anchored epoch.
    ///
    /// # Errors
    /// [`PackServeError::None`] before the first epoch.
    pub async fn status_pack(&self) -> Result<ServedPack, PackServeError> {
        let mut press = self.press.lock().await;
        self.refresh(&mut press).await?;
        press.served.as_ref().map(|(_, served)| served.clone()).ok_or(PackServeError::None)
    }

    /// A snapshot or delta by the SHA-256 of its bytes, as long as the history keeps it.
    ///
    /// # Errors
    /// As [`Issuer::status_pack`].
    pub async fn pack_part(&self, sha256: &Digest) -> Result<Option<PackPart>, PackServeError> {
        let mut press = self.press.lock().await;
        self.refresh(&mut press).await?;
        Ok(press.parts.get(sha256).cloned())
    }

    /// What a desk without a net takes along with the newest pack. What the chain cannot give now
    /// is left out.
    ///
    /// # Errors
    /// As [`Issuer::status_pack`].
    pub async fn pack_evidence(&self) -> Result<PackEvidence, PackServeError> {
        let mut press = self.press.lock().await;
        self.refresh(&mut press).await?;
        let number = press.served.as_ref().map(|(number, _)| *number);
        let number = number.ok_or(PackServeError::None)?;
        let now = self.now();
        if let Some((of, made, evidence)) = &press.evidence
            && *of == number
            && now.minus_seconds(EVIDENCE_SECONDS) < *made
        {
            return Ok(evidence.clone());
        }
        let batch = self.store.batch(number).await?.ok_or(PackServeError::None)?;
        let did = self.identity.did().to_string();
        let document = String::from_utf8(self.identity.did_document_bytes()).ok();
        let mut evidence = PackEvidence {
            v: PACK_EVIDENCE_VERSION,
            inclusion: list_inclusion(&batch, &chain_anchors::pack_list_id(&did)),
            did: document.into_iter().collect(),
            chain: Vec::new(),
        };
        let mut former = self.identity.key_statements();
        former.reverse();
        let former = former.into_iter().map(|one| one.method).take(MAX_FORMER_KEYS);
        let current = [self.identity.ed25519().1.clone(), self.identity.p256().1.clone()];
        // The former ones too: a desk without a net must not take a stolen key for a good one.
        let keys = current.into_iter().chain(former);
        let keys: Vec<[u8; 32]> = keys.map(|method| key_id_hash(method.as_str())).collect();
        if let Some(chain) = self.chain.as_deref() {
            for head in [HeadOf::Did(&did), HeadOf::Status(&did), HeadOf::Keys(&did, &keys)] {
                match chain.prove(head).await {
                    Ok(proof) => evidence.chain.push(proof),
                    Err(error) => {
                        tracing::warn!(code = error.code(), "a pack goes out without a proof");
                        // Asked again soon, not in ten minutes.
                        return Ok(evidence);
                    }
                }
            }
        }
        press.evidence = Some((number, now, evidence.clone()));
        Ok(evidence)
    }

    /// Makes what the newest anchored batch asks for, once.
    async fn refresh(&self, press: &mut Press) -> Result<(), PackServeError> {
        let now = self.now();
        let soon = |looked: Moment| looked <= now && now < looked.plus_seconds(LOOK_SECONDS);
        if press.looked_at.is_some_and(soon) {
            return Ok(());
        }
        // At most the newest batch is on its way.
        let batches = self.store.last_batches(2).await?;
        let Some(batch) = batches.into_iter().find(AnchorBatch::is_anchored) else {
            return Ok(());
        };
        if press.served.as_ref().is_none_or(|(number, _)| *number != batch.number) {
            press.served = self.make(press, &batch).await?.map(|served| (batch.number, served));
        }
        press.looked_at = Some(now);
        Ok(())
    }

    async fn make(
        &self,
        press: &mut Press,
        batch: &AnchorBatch,
    ) -> Result<Option<ServedPack>, PackServeError> {
        let mut way: Vec<(Digest, Arc<Edition>)> = Vec::new();
        for number in waypoints(batch.number) {
            let found = match press.of_batch.get(&number) {
                Some(None) => None,
                Some(Some(key)) => press.editions.get(key).map(|one| (*key, Arc::clone(one))),
                None => {
                    let older;
                    let of = if number == batch.number {
                        Some(batch)
                    } else {
                        older = self.store.batch(number).await?;
                        older.as_ref()
                    };
                    let found = match of {
                        Some(of) => self.edition_of(press, of).await?,
                        None => None,
                    };
                    press.of_batch.insert(number, found.as_ref().map(|(key, _)| *key));
                    found
                }
            };
            way.extend(found);
        }
        let newest = press.of_batch.get(&batch.number).copied().flatten();
        let Some((_, edition)) = way.last().filter(|(key, _)| Some(*key) == newest) else {
            return Ok(None);
        };
        let BatchStage::Anchored { at } = batch.stage else { return Ok(None) };
        let base = format!("{}/status/pack", self.settings.public_url);
        let did = self.identity.did().as_str();
        let mut index = edition.index(did, &base, (at, batch.valid_until), batch.epoch);
        press.link(&way, &base, &mut index);
        press.forget_all_but(&way, batch.number);
        self.sign_index(&index).map(Some)
    }

    /// The edition of an anchored batch, if it is the one that the batch committed to.
    async fn edition_of(
        &self,
        press: &mut Press,
        batch: &AnchorBatch,
    ) -> Result<Option<(Digest, Arc<Edition>)>, StoreError> {
        let did = self.identity.did().as_str();
        let Some(leaf) = leaf_of(batch, did) else { return Ok(None) };
        match self.pressed(press, &batch.lists).await {
            Ok((key, edition)) if edition.leaf(did) == *leaf => Ok(Some((key, edition))),
            Ok(_) => {
                tracing::error!(
                    batch = batch.number,
                    "the archive does not give the anchored pack"
                );
                Ok(None)
            }
            Err(EditionError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(batch = batch.number, code = error.code(), "no status pack");
                Ok(None)
            }
        }
    }

    async fn pressed(
        &self,
        press: &mut Press,
        leaves: &[ListLeaf],
    ) -> Result<(Digest, Arc<Edition>), EditionError> {
        let ordered = self.in_pack_order(leaves).await?;
        let digests: Vec<&[u8]> = ordered.iter().map(|leaf| leaf.sha256.0.as_slice()).collect();
        let key = Digest::of_parts(&digests);
        if let Some(known) = press.editions.get(&key) {
            return Ok((key, Arc::clone(known)));
        }
        let mut edition = self.edition(&ordered).await?;
        // A list that was only signed anew says the same: its coding is kept once.
        let same = press.editions.values().find(|one| one.content == edition.content);
        if let Some(same) = same {
            edition.content = Arc::clone(&same.content);
        }
        let edition = Arc::new(edition);
        press.editions.insert(key, Arc::clone(&edition));
        Ok((key, edition))
    }

    fn sign_index(&self, index: &StatusPackIndex) -> Result<ServedPack, PackServeError> {
        let (signer, method) = self.identity.ed25519();
        let header = json!({ "typ": STATUS_PACK_TYP, "kid": method.as_str() });
        let payload = index_payload(index).to_string();
        let index_text = jose::sign(header, payload.as_bytes(), signer)
            .map_err(|error| PackServeError::Signing(error.to_string()))?;
        let digest = Digest::of(index_text.as_bytes());
        Ok(ServedPack { epoch: index.epoch, index: index_text, digest })
    }
}

impl Press {
    /// Deltas from each content to the next, oldest first; a step that cannot be coded cuts off
    /// what lies before it.
    fn link(&mut self, way: &[(Digest, Arc<Edition>)], base: &str, index: &mut StatusPackIndex) {
        self.parts.clear();
        let mut used = BTreeMap::new();
        for pair in way.windows(2) {
            let (from, to) = (&pair[0].1.content, &pair[1].1.content);
            if from == to {
                continue;
            }
            let key = (from.digest(), to.digest());
            let known = self.deltas.remove(&key).or_else(|| used.get(&key).cloned());
            let delta = known.unwrap_or_else(|| match PackDelta::between(from, to) {
                Ok(delta) => Some(Arc::new(delta)),
                Err(PackError::NoDelta) => None,
                Err(error) => {
                    tracing::error!(code = error.code(), "no delta between two packs");
                    None
                }
            });
            match &delta {
                None => index.deltas.clear(),
                Some(delta) => {
                    let sha256 = Digest::of(delta.bytes());
                    index.deltas.push(DeltaLink::new(format!("{base}/{sha256}"), delta));
                    self.parts.insert(sha256, PackPart::Delta(Arc::clone(delta)));
                }
            }
            used.insert(key, delta);
        }
        self.deltas = used;
        for (_, edition) in way {
            let content = Arc::clone(&edition.content);
            self.parts.insert(Digest(content.digest()), PackPart::Snapshot(content));
        }
    }

    fn forget_all_but(&mut self, way: &[(Digest, Arc<Edition>)], newest: u64) {
        self.editions.retain(|key, _| way.iter().any(|(kept, _)| kept == key));
        let kept = waypoints(newest);
        self.of_batch.retain(|number, _| kept.contains(number));
    }
}

#[cfg(test)]
mod tests {
    use super::waypoints;

    #[test]
    fn the_history_is_dense_where_it_is_young_and_bounded() {
        assert_eq!(waypoints(1), [1]);
        assert_eq!(waypoints(20), (1..=20).filter(|n| *n >= 4).collect::<Vec<_>>());
        let kept = waypoints(10_000);
        assert!(kept.len() <= 41, "{}", kept.len());
        assert_eq!(kept.last(), Some(&10_000));
        assert_eq!(&kept[kept.len() - 16..], (9_985..=10_000).collect::<Vec<_>>());
        // What was kept once stays until it falls out of a coarser grid: no desk loses its place
        // by one epoch.
        let next = waypoints(10_001);
        assert!(kept.iter().filter(|one| !next.contains(one)).count() <= 3);
    }
}
