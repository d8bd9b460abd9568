//! Our BBS against the crate `zkryptium`, both ways.

use credential_model::ambient::{Entropy as _, PredictableEntropy};
use zkryptium::bbsplus::ciphersuites::Bls12381Sha256;
use zkryptium::bbsplus::keys::{BBSplusPublicKey, BBSplusSecretKey};
use zkryptium::schemes::algorithms::BBSplus;
use zkryptium::schemes::generics::{PoKSignature, Signature};

use crate::selective::bbs::{
    self, BbsSecretKey, BbsSigner, Disclosed, PROOF_SCALARS, prove, verify, verify_proof,
};

type Scheme = BBSplus<Bls12381Sha256>;

struct Case {
    ours: BbsSecretKey,
    public: [u8; 96],
    theirs: (BBSplusSecretKey, BBSplusPublicKey),
    messages: Vec<Vec<u8>>,
    header: Vec<u8>,
}

fn case(seed: u64, messages: usize) -> Case {
    let entropy = PredictableEntropy::new(seed);
    let ours = BbsSecretKey::generate(&entropy);
    let public: [u8; 96] = ours.public_key().to_multikey_bytes()[2..].try_into().unwrap();
    let theirs = (
        BBSplusSecretKey::from_bytes(ours.to_bytes().as_slice()).unwrap(),
        BBSplusPublicKey::from_bytes(&public).unwrap(),
    );
    let text = |length: usize| {
        let mut bytes = vec![0; length];
        entropy.fill(&mut bytes);
        bytes
    };
    let messages = (0..messages).map(|index| text(index * 7)).collect();
    Case { ours, public, theirs, messages, header: text(seed as usize % 80) }
}

#[test]
fn signatures_and_proofs_are_the_same_thing() {
    let entropy = PredictableEntropy::new(99);
    for (seed, count) in [(1, 0), (2, 1), (3, 2), (4, 9), (5, 70)] {
        let case = case(seed, count);
        let messages: Vec<&[u8]> = case.messages.iter().map(Vec::as_slice).collect();
        let ours = case.ours.sign(&case.header, &messages).unwrap();
        let theirs = Signature::<Scheme>::sign(
            Some(&case.messages),
            &case.theirs.0,
            &case.theirs.1,
            Some(&case.header),
        )
        .unwrap();
        assert_eq!(ours, theirs.to_bytes());
        assert!(verify(&case.public, &ours, &case.header, &messages));

        let none: Vec<usize> = Vec::new();
        let all: Vec<usize> = (0..count).collect();
        let odd: Vec<usize> = (0..count).filter(|index| index % 2 == 1).collect();
        for indexes in [none, all, odd] {
            let disclosed = Disclosed {
                public_key: &case.public,
                header: &case.header,
                presentation_header: b"nonce",
                indexes: &indexes,
            };
            let scalars = bbs::random_scalars(PROOF_SCALARS + count - indexes.len(), &entropy);
            let proof = prove(&disclosed, &ours, &messages, &scalars).unwrap();
            let owned: Vec<Vec<u8>> =
                indexes.iter().map(|index| case.messages[*index].clone()).collect();
            let shown: Vec<&[u8]> = owned.iter().map(Vec::as_slice).collect();
            assert!(verify_proof(&disclosed, &proof, &shown));
            // zkryptium counts from the last index and underflows on a proof over no message at all.
            if count == 0 {
                continue;
            }
            let read = PoKSignature::<Scheme>::BBSplus(
                zkryptium::bbsplus::proof::BBSplusPoKSignature::from_bytes(&proof).unwrap(),
            );
            let verdict = read.proof_verify(
                &case.theirs.1,
                Some(&owned),
                Some(&indexes),
                Some(&case.header),
                Some(b"nonce"),
            );
            assert!(verdict.is_ok(), "{seed} {indexes:?}");
            let proof = PoKSignature::<Scheme>::proof_gen(
                &case.theirs.1,
                &ours,
                Some(&case.header),
                Some(b"nonce"),
                Some(&case.messages),
                Some(&indexes),
            )
            .unwrap();
            assert!(verify_proof(&disclosed, &proof.to_bytes(), &shown), "{seed} {indexes:?}");
        }
    }
}

#[test]
fn nothing_else_is_accepted() {
    let case = case(6, 5);
    let messages: Vec<&[u8]> = case.messages.iter().map(Vec::as_slice).collect();
    let signature = case.ours.sign(&case.header, &messages).unwrap();
    let scalars = bbs::random_scalars(PROOF_SCALARS + 3, &PredictableEntropy::new(1));
    let indexes = [1, 4];
    let good = Disclosed {
        public_key: &case.public,
        header: &case.header,
        presentation_header: b"nonce",
        indexes: &indexes,
    };
    let proof = prove(&good, &signature, &messages, &scalars).unwrap();
    let shown = [messages[1], messages[4]];
    assert!(verify_proof(&good, &proof, &shown));

    // Another key, header, presentation header, message, index, order.
    let other = self::case(7, 0).public;
    for wrong in [
        Disclosed { public_key: &other, ..good },
        Disclosed { header: b"other", ..good },
        Disclosed { presentation_header: b"other", ..good },
        Disclosed { indexes: &[0, 4], ..good },
        Disclosed { indexes: &[4, 1], ..good },
        Disclosed { indexes: &[1, 1], ..good },
        Disclosed { indexes: &[1], ..good },
        Disclosed { indexes: &[1, 5], ..good },
        Disclosed { indexes: &[1, usize::MAX], ..good },
    ] {
        assert!(!verify_proof(&wrong, &proof, &shown));
    }
    assert!(!verify_proof(&good, &proof, &[messages[4], messages[1]]));
    assert!(!verify_proof(&good, &proof, &[messages[1], b"other"]));
    assert!(!verify_proof(&good, &proof, &shown[..1]));
    // Every length, and a change in every part.
    for length in (0..proof.len()).chain([proof.len() + 1, proof.len() + 32]) {
        let mut changed = proof.clone();
        changed.resize(length, 0);
        assert!(!verify_proof(&good, &changed, &shown), "{length}");
    }
    for at in (0..proof.len()).step_by(16) {
        let mut changed = proof.clone();
        changed[at] ^= 1;
        assert!(!verify_proof(&good, &changed, &shown), "{at}");
    }
    // Points at infinity, zero scalars, scalars beyond the order.
    for (range, fill) in [(0..48, 0), (48..96, 0), (96..144, 0), (144..176, 0), (144..176, 0xff)] {
        let mut changed = proof.clone();
        let infinity = range.len() == 48;
        changed[range.clone()].fill(fill);
        if infinity {
            changed[range.start] = 0xc0;
        }
        assert!(!verify_proof(&good, &changed, &shown), "{range:?}");
    }

    assert!(verify(&case.public, &signature, &case.header, &messages));
    assert!(!verify(&other, &signature, &case.header, &messages));
    assert!(!verify(&case.public, &signature, b"other", &messages));
    assert!(!verify(&case.public, &signature, &case.header, &messages[1..]));
    for at in 0..80 {
        let mut changed = signature;
        changed[at] ^= 1;
        assert!(!verify(&case.public, &changed, &case.header, &messages), "{at}");
    }
    assert!(!verify(&case.public, &[0; 80], &case.header, &messages));
    let many = vec![b"m".as_slice(); crate::selective::MAX_BBS_STATEMENTS + 1];
    assert!(case.ours.sign(b"", &many).is_err());
    assert!(!verify(&case.public, &signature, b"", &many));
    assert!(prove(&good, &signature, &messages, &scalars[1..]).is_none());
    assert!(prove(&good, &[1; 80], &messages, &scalars).is_none());
    assert!(BbsSecretKey::from_bytes(&[0; 32]).is_none());
    assert!(BbsSecretKey::from_bytes(&[0xff; 32]).is_none());
}
