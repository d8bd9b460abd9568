//! Known answers of RFC 6962 / RFC 9162, properties, and every finding.

use evm_chain::StatusHead;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;

/// Source: the reference tree of the Certificate Transparency implementation (google/certificate-transparency
/// and transparency-dev/merkle, file `testonly/constants.go`): eight leaf inputs and the roots of
/// the first n of them, by RFC 6962 section 2.1.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn known(count: usize) -> Vec<Hash> {
    LEAVES[..count].iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
}

#[test]
fn roots_are_those_of_certificate_transparency() {
    for (count, root) in ROOTS.iter().enumerate() {
        let tree = MerkleTree::build(known(count));
        assert_eq!(hex::encode(tree.root()), *root, "{count} leaves");
        assert_eq!((tree.len(), tree.is_empty()), (count as u64, count == 0));
    }
    assert_eq!(hex::encode(empty_root()), ROOTS[0]);
}

/// RFC 6962 section 2.1.3 draws the tree of seven leaves and spells out the paths of d0, d3, d4 and d6.
#[test]
fn paths_are_those_of_the_rfc() {
    let leaves = known(7);
    let tree = MerkleTree::build(leaves.clone());
    let node = |range: std::ops::Range<usize>| {
        hex::encode(MerkleTree::build(leaves[range].to_vec()).root())
    };
    let path = |index| tree.prove(index).unwrap().path;
    assert_eq!(path(0), [node(1..2), node(2..4), node(4..7)]); // [b, h, l]
    assert_eq!(path(3), [node(2..3), node(0..2), node(4..7)]); // [c, g, l]
    assert_eq!(path(4), [node(5..6), node(6..7), node(0..4)]); // [f, j, k]
    assert_eq!(path(6), [node(4..6), node(0..4)]); // [i, k]
    assert_eq!(tree.prove(7), None);
    assert_eq!(MerkleTree::build(Vec::new()).prove(0), None);
}

/// The recursive definition, word for word: an independent second opinion.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        many => {
            let split = many.len().next_power_of_two() / 2;
            let (left, right) = many.split_at(split);
            let joined = [&[1][..], &mth(left), &mth(right)].concat();
            Sha256::digest(joined).into()
        }
    }
}

proptest! {
    #[test]
    fn every_leaf_proves_and_nothing_else_does(count in 1_usize..70, seed: u64, flip in 0_usize..256) {
        let leaves: Vec<Hash> = (0..count as u64).map(|i| leaf_hash(&(seed ^ (i << 20)).to_be_bytes())).collect();
        let tree = MerkleTree::build(leaves.clone());
        let root = tree.root();
        prop_assert_eq!(root, mth(&leaves));
        for (index, leaf) in leaves.iter().enumerate() {
            let proof = tree.prove(index as u64).unwrap();
            prop_assert_eq!(proof.verify(leaf, &root), Ok(()));
            // One bit of the leaf or the root changed.
            let mut other = *leaf;
            other[flip / 8] ^= 1 << (flip % 8);
            prop_assert_eq!(proof.verify(&other, &root), Err(ProofError::WrongRoot));
            let mut other = root;
            other[flip / 8] ^= 1 << (flip % 8);
            prop_assert_eq!(proof.verify(leaf, &other), Err(ProofError::WrongRoot));
            // Another place: if lengths happen to fit, the root does not.
            let moved = InclusionProof { index: (index as u64 + 1) % count as u64, ..proof.clone() };
            prop_assert!(count == 1 || moved.verify(leaf, &root).is_err());
            // Longer, shorter.
            let mut longer = proof.clone();
            longer.path.push(hex::encode(root));
            prop_assert_eq!(longer.verify(leaf, &root), Err(ProofError::WrongLength));
            let mut shorter = proof;
            if shorter.path.pop().is_some() {
                prop_assert_eq!(shorter.verify(leaf, &root), Err(ProofError::WrongLength));
            }
        }
    }

    #[test]
    fn arbitrary_proofs_never_panic(index: u64, size: u64, path in prop::collection::vec("[0-9a-f]{62,66}", 0..70)) {
        let proof = InclusionProof { index, size, path };
        prop_assert!(proof.verify(&[1; 32], &[2; 32]).is_err());
    }
}

#[test]
fn malformed_proofs_are_refused() {
    let leaves = known(4);
    let tree = MerkleTree::build(leaves.clone());
    let good = tree.prove(2).unwrap();
    let broken = [
        InclusionProof { index: 4, ..good.clone() },
        InclusionProof { size: 0, ..good.clone() },
        InclusionProof {
            path: vec![good.path[0].to_uppercase(), good.path[1].clone()],
            ..good.clone()
        },
        InclusionProof { path: vec!["zz".repeat(32), good.path[1].clone()], ..good.clone() },
        InclusionProof { path: vec![String::new(), good.path[1].clone()], ..good.clone() },
        InclusionProof { path: vec!["00".repeat(32); 65], size: u64::MAX, ..good.clone() },
    ];
    for proof in broken {
        assert_eq!(proof.verify(&leaves[2], &tree.root()), Err(ProofError::Malformed), "{proof:?}");
    }
    assert!(
        serde_json::from_str::<InclusionProof>(r#"{"index":0,"size":1,"path":[],"extra":1}"#)
            .is_err()
    );
    assert!(serde_json::from_str::<InclusionProof>(r#"{"index":-1,"size":1,"path":[]}"#).is_err());
    // An inner node is no leaf, whatever its data: the second preimage of a tree without prefixes.
    let inner = [tree.prove(0).unwrap().path[0].clone(), hex::encode(leaves[0])].concat();
    let pretended = leaf_hash(&hex::decode(inner).unwrap());
    let proof = InclusionProof { index: 0, size: 2, path: vec![good.path[1].clone()] };
    assert_eq!(proof.verify(&pretended, &tree.root()), Err(ProofError::WrongRoot));
}

/// Formats are for good: these digests must never change (a new form is a new tag).
/// Source: computed with Python's hashlib from the byte strings in the doc comments of leaf.rs.
#[test]
fn leaves_are_pinned() {
    let status = status_leaf("https://issuer.sinpyo.example/status/1", 7, &[0xab; 32]);
    let issuance = issuance_leaf(&[1; 32], &[2; 32]);
    assert_eq!(
        hex::encode(status),
        "2a0e679e7e94b30a13b102a0d5efcb171b65b1e92b71c58a887c505913e30105"
    );
    assert_eq!(
        hex::encode(issuance),
        "9f4b3c030e3155f63af92987dcb104024dd7ee84c0cbf05253b20c924ac0ac4a"
    );
    assert_eq!(
        token_list_id("https://a.example/status/1"),
        "https://a.example/status/1#statuslist+jwt"
    );
}

#[test]
fn leaves_do_not_run_into_each_other() {
    let digest = [5; 32];
    let all = [
        status_leaf("https://a.example/1", 2, &digest),
        status_leaf("https://a.example/12", 2, &digest),
        status_leaf("https://a.example/1", 3, &digest),
        status_leaf("https://a.example/1", 2, &[6; 32]),
        status_leaf("", 2, &digest),
        issuance_leaf(&digest, &digest),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
}

const LIST: &str = "https://issuer.sinpyo.example/status/1";
const SIGNED: &[u8] = b"{\"signed\":\"list\"}";

fn sha(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

fn an_epoch() -> Epoch {
    EpochBuilder::new(4, 2_000)
        .status_list("https://issuer.sinpyo.example/status/9", 1, [9; 32])
        .status_list(LIST, 5, sha(SIGNED))
        .status_list(&token_list_id(LIST), 5, [7; 32])
        .issued(&[1; 32], &[10; 32])
        .issued(&[2; 32], &[20; 32])
        .issued(&[3; 32], &[30; 32])
        .build(&[77; 32])
        .unwrap()
}

fn head_of(epoch: &Epoch) -> StatusHead {
    let record = epoch.record();
    StatusHead {
        status_root: record.status_root,
        issuance_root: record.issuance_root,
        epoch: record.epoch,
        time: 1_000,
        valid_until: record.valid_until,
        count: record.count,
    }
}

#[test]
fn an_epoch_commits_to_all_lists_in_order() {
    let epoch = an_epoch();
    let names: Vec<_> = epoch.lists().iter().map(|list| list.list.as_str()).collect();
    assert_eq!(names, [LIST, &token_list_id(LIST), "https://issuer.sinpyo.example/status/9"]);
    assert_eq!((epoch.record().epoch, epoch.record().count), (4, 3));
    // The order of adding does not matter.
    let same = EpochBuilder::new(4, 2_000)
        .status_list(&token_list_id(LIST), 5, [7; 32])
        .status_list(LIST, 5, sha(SIGNED))
        .status_list("https://issuer.sinpyo.example/status/9", 1, [9; 32])
        .build(&[0; 32])
        .unwrap();
    assert_eq!(same.record().status_root, epoch.record().status_root);
    assert_eq!(same.record().issuance_root, empty_root());
    let head = head_of(&epoch);
    for list in epoch.lists() {
        let proof = epoch.inclusion(&list.list).unwrap();
        assert_eq!(proof.verify(&head).unwrap(), *list);
        let json = serde_json::to_string(&proof).unwrap();
        assert_eq!(serde_json::from_str::<ListInclusion>(&json).unwrap(), proof);
    }
    assert_eq!(epoch.inclusion("https://issuer.sinpyo.example/status/2"), None);
    let twice = EpochBuilder::new(1, 1).status_list(LIST, 1, [1; 32]).status_list(LIST, 2, [2; 32]);
    let error = twice.build(&[0; 32]).unwrap_err();
    assert_eq!(
        (error.code(), error),
        ("epoch_duplicate_list", EpochError::DuplicateList(LIST.into()))
    );
}

#[test]
fn issued_credentials_are_provable_by_their_salt_only() {
    let epoch = an_epoch();
    let root = epoch.record().issuance_root;
    let proof = epoch.issuance_inclusion(&[2; 32], &[20; 32]).unwrap();
    assert_eq!(proof.proof.size, 4, "padded to a power of two");
    assert_eq!(proof.verify(&[20; 32], &root), Ok(()));
    assert_eq!(proof.verify(&[21; 32], &root), Err(ProofError::WrongRoot));
    assert_eq!(epoch.issuance_inclusion(&[9; 32], &[20; 32]), None, "another salt");
    let unsalted = IssuanceInclusion { salt: "00".repeat(32), ..proof.clone() };
    assert_eq!(unsalted.verify(&[20; 32], &root), Err(ProofError::WrongRoot));
    let broken = IssuanceInclusion { salt: "zz".into(), ..proof };
    assert_eq!(broken.verify(&[20; 32], &root), Err(ProofError::Malformed));
}

#[test]
fn each_finding_is_its_own() {
    let epoch = an_epoch();
    let (head, proof) = (head_of(&epoch), epoch.inclusion(LIST).unwrap());
    let find =
        |document: &[u8], version, now| compare(LIST, document, version, Some(&proof), &head, now);
    assert_eq!(find(SIGNED, 5, 1_500), AnchorFinding::Anchored);
    assert_eq!(find(SIGNED, 5, 2_000), AnchorFinding::Anchored);
    assert_eq!(find(SIGNED, 5, 2_001), AnchorFinding::Stale);
    assert_eq!(find(b"old", 4, 1_500), AnchorFinding::RolledBack);
    assert_eq!(find(b"old", 4, 9_999), AnchorFinding::RolledBack, "evidence outweighs staleness");
    assert_eq!(find(b"other", 5, 1_500), AnchorFinding::Equivocated);
    assert_eq!(find(b"new", 6, 1_500), AnchorFinding::NotYetAnchored);
    assert_eq!(find(b"new", 6, 2_001), AnchorFinding::Stale);
}

#[test]
fn what_proves_nothing_is_unproven() {
    let epoch = an_epoch();
    let (head, proof) = (head_of(&epoch), epoch.inclusion(LIST).unwrap());
    let find = |proof: Option<&ListInclusion>, head: &StatusHead| {
        compare(LIST, SIGNED, 5, proof, head, 1_500)
    };
    assert_eq!(find(None, &head), AnchorFinding::Unproven);
    // Another list's proof, however valid.
    let other = epoch.inclusion("https://issuer.sinpyo.example/status/9").unwrap();
    assert_eq!(find(Some(&other), &head), AnchorFinding::Unproven);
    // Claims that differ from the leaf.
    for forged in [
        ListInclusion { version: 4, ..proof.clone() },
        ListInclusion { sha256: hex::encode([1; 32]), ..proof.clone() },
        ListInclusion { sha256: "short".into(), ..proof.clone() },
        ListInclusion { epoch: 3, ..proof.clone() },
    ] {
        assert_eq!(find(Some(&forged), &head), AnchorFinding::Unproven, "{forged:?}");
    }
    // A head that moved on, and one that says another tree size.
    assert_eq!(
        find(Some(&proof), &StatusHead { epoch: 5, ..head.clone() }),
        AnchorFinding::Unproven
    );
    assert_eq!(
        find(Some(&proof), &StatusHead { count: 4, ..head.clone() }),
        AnchorFinding::Unproven
    );
    assert_eq!(
        find(Some(&proof), &StatusHead { status_root: [0; 32], ..head }),
        AnchorFinding::Unproven
    );
    assert_eq!(AnchorFinding::Unproven.code(), "anchor_unproven");
}

fn staple() -> Staple {
    let epoch = EpochBuilder::new(3, 1_000)
        .status_list("https://issuer.example/status/1", 4, [1; 32])
        .issued(&[2; 32], &[3; 32])
        .build(&[4; 32])
        .unwrap();
    Staple {
        issuance: epoch.issuance_inclusion(&[2; 32], &[3; 32]),
        status: vec![StapledList {
            list: "{}".to_owned(),
            inclusion: epoch.inclusion("https://issuer.example/status/1").unwrap(),
        }],
        ..Staple::of(&[3; 32])
    }
}

#[test]
fn a_staple_survives_its_form_and_stays_small() {
    let staple = staple();
    let text = serde_json::to_string(&staple).unwrap();
    assert_eq!(serde_json::from_str::<Staple>(&text).unwrap(), staple);
    assert!(text.len() < 700, "{} bytes", text.len());
    // Nothing is written for what is not there.
    assert!(!text.contains("chain") && !text.contains("did"));
    assert_eq!(staple.check(&[3; 32]), Ok(()));
}

#[test]
fn staples_that_are_not_looked_at() {
    let good = staple();
    assert_eq!(good.check(&[9; 32]), Err(StapleError::OtherCredential));
    let newer = Staple { v: 2, ..good.clone() };
    assert_eq!(newer.check(&[3; 32]), Err(StapleError::UnknownVersion(2)));
    let many = Staple { did: vec![String::new(); 17], ..good.clone() };
    assert_eq!(many.check(&[3; 32]), Err(StapleError::TooLarge));
    let large = Staple { did: vec!["x".repeat(MAX_STAPLE_BYTES + 1)], ..good };
    assert_eq!(large.check(&[3; 32]), Err(StapleError::TooLarge));
    assert!(serde_json::from_str::<Staple>(r#"{"v":1,"credential":"00","more":1}"#).is_err());
}

#[test]
fn what_comes_with_a_pack_is_bounded() {
    use crate::{PACK_EVIDENCE_VERSION, PackEvidence, pack_list_id};

    let good =
        PackEvidence { v: PACK_EVIDENCE_VERSION, did: vec!["{}".into()], ..Default::default() };
    assert_eq!(good.check(), Ok(()));
    let code = |evidence: PackEvidence| evidence.check().unwrap_err().code();
    assert_eq!(code(PackEvidence { v: 2, ..good.clone() }), "staple_unknown_version");
    assert_eq!(
        code(PackEvidence { did: vec![String::new(); 17], ..good.clone() }),
        "staple_too_large"
    );
    let long = "x".repeat(crate::MAX_STAPLE_BYTES + 1);
    assert_eq!(code(PackEvidence { did: vec![long], ..good.clone() }), "staple_too_large");
    let text = serde_json::to_string(&good).unwrap();
    assert_eq!(serde_json::from_str::<PackEvidence>(&text).unwrap(), good);
    assert!(serde_json::from_str::<PackEvidence>("{\"v\":1,\"more\":1}").is_err());
    assert_eq!(pack_list_id("did:web:a.example"), "did:web:a.example#status-pack");
}
