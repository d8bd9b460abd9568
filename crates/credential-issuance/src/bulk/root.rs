//! One root over everything a job issued: chunks are perfect subtrees, so no proof needs the whole tree.

use chain_anchors::{InclusionProof, IssuanceInclusion, MerkleTree, issuance_leaf};
use serde::{Deserialize, Serialize};

use super::chunk::ChunkHead;
use super::desk::BulkError;
use super::job::{CHUNK_ROWS, Job};
use super::{Bulk, names};
use crate::Issuer;
use crate::anchor::AnchorBatch;
use crate::credential::CredentialRecord;
use crate::ids::{Digest, JobId};
use crate::store::StoreError;

/// What an anchor batch says about the job whose root it carries as its issuance root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkRoot {
    /// The job.
    pub job: JobId,
    /// Its root.
    pub root: Digest,
}

/// Leaves of a chunk filled up to [`CHUNK_ROWS`] and sorted, so that neither the size nor the order
/// of rows shows; none when nothing was issued.
pub(super) fn pad(
    mut leaves: Vec<Digest>,
    secret: &[u8; 32],
    job: &JobId,
    chunk: u32,
) -> Vec<Digest> {
    if leaves.is_empty() {
        return leaves;
    }
    let seed =
        Digest::keyed(secret, &[b"bulk padding", job.as_str().as_bytes(), &chunk.to_be_bytes()]);
    for counter in leaves.len()..CHUNK_ROWS {
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&(counter as u64).to_be_bytes());
        leaves.push(Digest(issuance_leaf(&seed.0, &digest)));
    }
    leaves.sort_unstable();
    leaves
}

fn tree(leaves: &[Digest]) -> MerkleTree {
    MerkleTree::build(leaves.iter().map(|leaf| leaf.0).collect())
}

/// Root over the leaves of a chunk.
pub(super) fn chunk_root(leaves: &[Digest]) -> Option<Digest> {
    (!leaves.is_empty()).then(|| Digest(tree(leaves).root()))
}

/// The tree over the roots of the chunks that issued something, padded to a power of two.
fn top(bulk_secret: &[u8; 32], job: &JobId, heads: &[ChunkHead]) -> Option<MerkleTree> {
    let mut roots: Vec<Digest> = heads.iter().filter_map(|head| head.root).collect();
    if roots.is_empty() {
        return None;
    }
    for counter in roots.len()..roots.len().next_power_of_two() {
        let parts: [&[u8]; 3] =
            [b"bulk padding root", job.as_str().as_bytes(), &(counter as u64).to_be_bytes()];
        roots.push(Digest::keyed(bulk_secret, &parts));
    }
    Some(tree(&roots))
}

/// The root of a job.
pub(super) fn job_root(bulk: &Bulk, job: &JobId, heads: &[ChunkHead]) -> Option<Digest> {
    top(&bulk.secret, job, heads).map(|tree| Digest(tree.root()))
}

impl Bulk {
    /// The path from a credential's leaf to the root of its job.
    async fn path(
        &self,
        job: &JobId,
        row: u64,
        leaf: &Digest,
    ) -> Result<Option<InclusionProof>, StoreError> {
        let chunk = u32::try_from(row / CHUNK_ROWS as u64).unwrap_or(u32::MAX);
        let Some(leaves) = self.store.leaves(job, chunk).await? else { return Ok(None) };
        let heads = self.store.chunks(job).await?;
        // Only chunks with a root have a place in the upper tree.
        let rooted = heads.iter().filter(|head| head.root.is_some());
        let position = rooted.clone().position(|head| head.number == chunk);
        let (Some(position), Some(top)) = (position, top(&self.secret, job, &heads)) else {
            return Ok(None);
        };
        let within = leaves.binary_search(leaf).ok().and_then(|at| tree(&leaves).prove(at as u64));
        let (Some(within), Some(above)) = (within, top.prove(position as u64)) else {
            return Ok(None);
        };
        let index = position as u64 * CHUNK_ROWS as u64 + within.index;
        let path = within.path.into_iter().chain(above.path).collect();
        Ok(Some(InclusionProof { index, size: above.size * CHUNK_ROWS as u64, path }))
    }
}

/// The proof that travels with a bulk credential; none for another credential, and none while its
/// job is not anchored.
pub(crate) async fn bulk_inclusion(
    issuer: &Issuer,
    record: &CredentialRecord,
) -> Result<Option<(AnchorBatch, IssuanceInclusion)>, StoreError> {
    let (Some(bulk), Some((job, row))) = (&issuer.bulk, names::credential_row(record.id.as_str()))
    else {
        return Ok(None);
    };
    let Some(number) = bulk.store.job(&job).await?.and_then(|job| job.batch) else {
        return Ok(None);
    };
    let batch = issuer.store.batch(number).await?.filter(AnchorBatch::is_anchored);
    let (Some(batch), Some(issued)) = (batch, record.issued()) else { return Ok(None) };
    let leaf = Digest(issuance_leaf(&record.salt.0, &issued.digest.0));
    let proof = bulk.path(&job, row, &leaf).await?;
    let salt = record.salt.to_string();
    Ok(proof.map(|proof| {
        let epoch = batch.epoch;
        (batch, IssuanceInclusion { salt, epoch, proof })
    }))
}

impl Issuer {
    /// The job whose root the next epoch shall carry. `last` tells of a crash between the batch
    /// and the job's word about it.
    pub(crate) async fn bulk_root_for_epoch(
        &self,
        last: Option<&AnchorBatch>,
    ) -> Result<Option<BulkRoot>, StoreError> {
        let Some(bulk) = &self.bulk else { return Ok(None) };
        loop {
            let Some(job) = bulk.store.job_to_anchor().await? else { return Ok(None) };
            let Some(root) = job.root else { return Ok(None) };
            match last.filter(|batch| batch.bulk.as_ref().is_some_and(|of| of.job == job.id)) {
                None => return Ok(Some(BulkRoot { job: job.id, root })),
                Some(batch) => self.bulk_root_taken(&job.id, batch.number).await?,
            }
        }
    }

    /// Records which batch carries the root of a job.
    pub(crate) async fn bulk_root_taken(&self, job: &JobId, batch: u64) -> Result<(), StoreError> {
        let Some(bulk) = &self.bulk else { return Ok(()) };
        for _ in 0..8 {
            let Some(job) = bulk.store.job(job).await? else { return Ok(()) };
            let next = Job { batch: Some(batch), ..job.next() };
            match bulk.store.replace_job(&next, None).await {
                // An officer's order about the same job came in between.
                Err(StoreError::Conflict) => {}
                other => return other,
            }
        }
        Err(StoreError::Conflict)
    }

    /// The epoch on the chain that carries a job's root, once it is there.
    pub async fn job_epoch(&self, job: &Job) -> Result<Option<u64>, BulkError> {
        let Some(number) = job.batch else { return Ok(None) };
        let batch = self.store.batch(number).await?;
        Ok(batch.filter(AnchorBatch::is_anchored).map(|batch| batch.epoch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: usize, chunk: u32) -> Vec<Digest> {
        let own = |n: usize| Digest(issuance_leaf(&[3; 32], &Digest::of(&n.to_be_bytes()).0));
        pad((0..count).map(own).collect(), &[1; 32], &JobId::parse("j").unwrap(), chunk)
    }

    #[test]
    fn a_chunk_is_a_perfect_tree_whatever_it_issued() {
        assert!(leaves(0, 0).is_empty() && chunk_root(&[]).is_none());
        for count in [1, 2, 1000, 1024] {
            let leaves = leaves(count, 0);
            assert_eq!(leaves.len(), CHUNK_ROWS);
            assert!(leaves.is_sorted());
        }
        assert_ne!(leaves(1, 0), leaves(1, 1), "padding differs from chunk to chunk");
    }

    #[test]
    fn both_parts_of_a_path_make_one_proof() {
        let job = JobId::parse("j").unwrap();
        let sheets: Vec<Vec<Digest>> = (0..3).map(|chunk| leaves(5, chunk)).collect();
        let heads: Vec<ChunkHead> = (0..)
            .zip(&sheets)
            .map(|(number, sheet)| ChunkHead {
                root: chunk_root(sheet),
                ..ChunkHead::checked(&job, number, &[])
            })
            .collect();
        let top = top(&[1; 32], &job, &heads).unwrap();
        assert_eq!(top.len(), 4);
        for (position, sheet) in sheets.iter().enumerate() {
            let within = tree(sheet).prove(9).unwrap();
            let above = top.prove(position as u64).unwrap();
            let proof = InclusionProof {
                index: (position * CHUNK_ROWS) as u64 + 9,
                size: 4 * CHUNK_ROWS as u64,
                path: within.path.into_iter().chain(above.path).collect(),
            };
            proof.verify(&sheet[9].0, &top.root()).unwrap();
            assert!(proof.verify(&sheet[10].0, &top.root()).is_err());
        }
    }
}
