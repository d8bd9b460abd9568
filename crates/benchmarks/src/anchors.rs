//! Merkle trees: what an epoch costs its builder and what a proof costs its checker.

use anyhow::{Context, Result};
use chain_anchors::{MerkleTree, leaf_hash};
use sha2::{Digest, Sha256};

use crate::runner::{Case, Measured, measure};

const LEAVES: u32 = 1 << 20;
const PROOF: &str = "check a proof of depth 20";
/// Most time that a proof of depth 20 may take.
const GOAL_SECONDS: f64 = 8e-6;

pub(crate) fn run() -> Result<Vec<Measured>> {
    let leaves: Vec<[u8; 32]> = (0..LEAVES).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    let tree = MerkleTree::build(leaves.clone());
    let (root, leaf) = (tree.root(), leaves[123_456]);
    let proof = tree.prove(123_456).context("a leaf of the tree")?;
    let block = [7_u8; 65];
    let cases = vec![
        Case {
            name: "bare SHA-256 of 65 bytes",
            work: Box::new(|| {
                for _ in 0..100 {
                    std::hint::black_box(Sha256::digest(block));
                }
                100
            }),
            against: None,
        },
        Case {
            name: PROOF,
            work: Box::new(|| {
                assert!(proof.verify(&leaf, &root).is_ok());
                1
            }),
            against: None,
        },
        Case {
            name: "build a tree, per leaf of 65,536",
            work: Box::new(|| {
                std::hint::black_box(MerkleTree::build(leaves[..65_536].to_vec()).root());
                65_536
            }),
            against: Some(("bare SHA-256 of 65 bytes", None)),
        },
    ];
    let mut measured = measure(cases);
    for case in &mut measured {
        if case.name == PROOF {
            // An absolute goal: so many microseconds of a core.
            case.ratio = Some((case.rate * GOAL_SECONDS, "8 us a proof"));
            case.goal = Some(1.0);
        }
    }
    measured.extend(crate::desk::run()?);
    Ok(measured)
}
