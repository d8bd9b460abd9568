//! Headers, seals and witnesses; proofs of real chains are in `tests/`.

use credential_model::ambient::PredictableEntropy;
use evm_chain::Address;
use k256::ecdsa::SigningKey;
use proptest::prelude::*;
use signing_keys::{KeyAlgorithm, KeyStore, MemoryKeyStore, Signer, StoreSigner};
use std::sync::Arc;

use super::*;

/// Source: Besu, consensus/qbft `QbftExtraDataCodecTest.RAW_HEX_ENCODING_STRING`: validators 1 and
/// 2, a vote to add 1, round 0x00FEDCBA, seals (r=1, s=10, v=0) and (r=10, s=1, v=0).
const BESU_EXTRA: &str = "f8f0a00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20ea9400000000000000000000000000000000000000019400000000000000000000000000000000000000\
02d794000000000000000000000000000000000000000181ff83fedcbaf886b8410000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000000a\
00b841000000000000000000000000000000000000000000000000000000000000000a000000000000000000000000000000000000000000000000000000000000000100";
/// Source: Besu documentation, "Configure QBFT consensus", sample genesis with four validators.
const BESU_GENESIS_EXTRA: &str = "f87aa00000000000000000000000000000000000000000000000000000000000000000f8549493917cadbace5dfce132b991732c6cda9bcc5b8a9427a97c9aaf04f18f3014c32e036dd0ac76da5f1894ce412f988377e31f4d0ff12d74df73b51c42d0ca9498c1334496614aed49d2e81526d089f7264fed9cc080c0";

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    let length = items.iter().map(Vec::len).sum();
    alloy_rlp::Header { list: true, payload_length: length }.encode(&mut out);
    out.extend(items.concat());
    out
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    alloy_rlp::Encodable::encode(bytes, &mut out);
    out
}

fn header(number: u64, extra: &[u8]) -> Vec<u8> {
    let word = || string(&[7; 32]);
    list(&[
        word(),
        word(),
        string(&[1; 20]),
        string(&[9; 32]),
        word(),
        word(),
        string(&[0; 256]),
        string(&[1]),
        string(number.to_be_bytes().as_slice().trim_ascii_start_zero()),
        string(&[0x4c, 0x4b, 0x40]),
        string(&[]),
        string(&1_700_000_000_u64.to_be_bytes()[4..]),
        string(extra),
        word(),
        string(&[0; 8]),
        string(&[]),
    ])
}

trait TrimZero {
    fn trim_ascii_start_zero(&self) -> &[u8];
}

impl TrimZero for [u8] {
    fn trim_ascii_start_zero(&self) -> &[u8] {
        let first = self.iter().position(|byte| *byte != 0).unwrap_or(self.len());
        &self[first..]
    }
}

fn validator(seed: u8) -> (SigningKey, Address) {
    let key = SigningKey::from_bytes(&[seed; 32].into()).unwrap();
    let point = key.verifying_key().to_encoded_point(false);
    let digest = alloy_primitives::keccak256(&point.as_bytes()[1..]);
    (key, Address::from_bytes(digest[12..].try_into().unwrap()))
}

fn extra(validators: &[Address], round: u64, seals: &[Vec<u8>]) -> Vec<u8> {
    let accounts: Vec<_> = validators.iter().map(|one| string(one.as_bytes())).collect();
    let seals: Vec<_> = seals.iter().map(|seal| string(seal)).collect();
    let round = string(round.to_be_bytes().as_slice().trim_ascii_start_zero());
    list(&[string(&[0; 32]), list(&accounts), list(&[]), round, list(&seals)])
}

fn seal(key: &SigningKey, hash: &[u8; 32]) -> Vec<u8> {
    let (signature, id) = key.sign_prehash_recoverable(hash).unwrap();
    let mut seal = signature.to_bytes().to_vec();
    seal.push(id.to_byte());
    seal
}

/// A block of these validators, sealed by those signers as Besu's validators do.
fn sealed(number: u64, validators: &[Address], round: u64, signers: &[&SigningKey]) -> Vec<u8> {
    let hash = BlockHeader::parse(&header(number, &extra(validators, round, &[]))).unwrap().hash();
    let seals: Vec<_> = signers.iter().map(|key| seal(key, &hash)).collect();
    header(number, &extra(validators, round, &seals))
}

fn pinned(trust: HeaderTrust) -> PinnedChain {
    PinnedChain {
        chain_id: 1337,
        did_registry: Address::from_bytes([1; 20]),
        status_registry: Address::from_bytes([2; 20]),
        trust,
        former: Vec::new(),
    }
}

fn qbft(from_block: u64, validators: &[Address]) -> PinnedChain {
    pinned(HeaderTrust::Validators(vec![ValidatorEpoch {
        from_block,
        validators: validators.to_vec(),
    }]))
}

#[test]
fn besus_extra_data_are_read() {
    let found = QbftExtra::parse(&hex::decode(BESU_EXTRA).unwrap()).unwrap();
    let account = |last: u8| {
        let mut bytes = [0; 20];
        bytes[19] = last;
        Address::from_bytes(bytes)
    };
    assert_eq!(found.validators, [account(1), account(2)]);
    assert_eq!((found.round, found.seals.len()), (0x00FE_DCBA, 2));
    assert_eq!((found.seals[0][31], found.seals[0][63], found.seals[0][64]), (1, 10, 0));
    let genesis = hex::decode(BESU_GENESIS_EXTRA).unwrap();
    let found = QbftExtra::parse(&genesis).unwrap();
    assert_eq!((found.validators.len(), found.round, found.seals.len()), (4, 0, 0));
    // No seals and round 0 is what it is already: encoding again gives Besu's bytes.
    assert_eq!(found.without_seals(0), genesis);
}

#[test]
fn malformed_extra_data_are_refused() {
    let good = hex::decode(BESU_EXTRA).unwrap();
    let mut longer = good.clone();
    longer.push(0);
    let vanity = list(&[string(&[0; 31]), list(&[]), list(&[]), string(&[]), list(&[])]);
    let account =
        list(&[string(&[0; 32]), list(&[string(&[1; 19])]), list(&[]), string(&[]), list(&[])]);
    let vote = list(&[string(&[0; 32]), list(&[]), string(&[]), string(&[]), list(&[])]);
    let round = list(&[string(&[0; 32]), list(&[]), list(&[]), string(&[0, 1]), list(&[])]);
    let seal =
        list(&[string(&[0; 32]), list(&[]), list(&[]), string(&[]), list(&[string(&[1; 64])])]);
    let many = extra(&[Address::ZERO; 201], 0, &[]);
    for bad in [vec![], vec![0xc0], longer, vanity, account, vote, round, seal, many] {
        assert_eq!(QbftExtra::parse(&bad).unwrap_err().code(), "chain_proof_extra_data");
    }
}

#[test]
fn quorum_is_two_thirds_rounded_up() {
    assert_eq!([1, 2, 3, 4, 5, 6, 7, 10].map(quorum), [1, 2, 2, 3, 4, 4, 5, 7]);
}

#[test]
fn a_block_sealed_by_two_thirds_is_believed() {
    let four: Vec<_> = (1..=4).map(validator).collect();
    let accounts: Vec<_> = four.iter().map(|(_, account)| *account).collect();
    let keys: Vec<_> = four.iter().map(|(key, _)| key).collect();
    let chain = qbft(1, &accounts);
    let block = chain.block(&sealed(7, &accounts, 3, &keys[..3]), &[]).unwrap();
    assert_eq!((block.number, block.time), (7, 1_700_000_000));
    // One block has one hash, whoever sealed it, in whichever round.
    let other = chain.block(&sealed(7, &accounts, 0, &keys[1..]), &[]).unwrap();
    assert_eq!(block.hash, other.hash);
    // Where a contract selects the validators the header lists none.
    assert!(chain.block(&sealed(7, &[], 0, &keys[..3]), &[]).is_ok());
}

#[test]
fn seals_that_do_not_suffice() {
    let four: Vec<_> = (1..=4).map(validator).collect();
    let accounts: Vec<_> = four.iter().map(|(_, account)| *account).collect();
    let keys: Vec<_> = four.iter().map(|(key, _)| key).collect();
    let chain = qbft(5, &accounts);
    let error = |bytes: &[u8]| chain.block(bytes, &[]).unwrap_err();
    let few = error(&sealed(7, &accounts, 0, &keys[..2]));
    assert_eq!(few, ChainProofError::TooFewSeals { found: 2, wanted: 3 });
    // One validator three times is one.
    let same = error(&sealed(7, &accounts, 0, &[keys[0], keys[0], keys[0]]));
    assert_eq!(same, ChainProofError::TooFewSeals { found: 1, wanted: 3 });
    let (stranger, stranger_account) = validator(9);
    let mixed = sealed(7, &accounts, 0, &[keys[0], keys[1], &stranger]);
    assert_eq!(error(&mixed), ChainProofError::ForeignSeal);
    // A made-up chain with a made-up set.
    let forged = sealed(7, &[stranger_account], 0, &[&stranger]);
    assert_eq!(error(&forged), ChainProofError::OtherValidators);
    assert_eq!(error(&sealed(4, &accounts, 0, &keys)), ChainProofError::NotPinned);
    // Seals of one block do not fit another.
    let hash = BlockHeader::parse(&header(7, &extra(&accounts, 0, &[]))).unwrap().hash();
    let seals: Vec<_> = keys.iter().map(|key| seal(key, &hash)).collect();
    assert_eq!(error(&header(8, &extra(&accounts, 0, &seals))), ChainProofError::ForeignSeal);
}

#[test]
fn the_pinned_set_of_the_height_counts() {
    let old: Vec<_> = (1..=3).map(validator).collect();
    let new: Vec<_> = (11..=13).map(validator).collect();
    let accounts = |set: &[(SigningKey, Address)]| set.iter().map(|one| one.1).collect::<Vec<_>>();
    let chain = pinned(HeaderTrust::Validators(vec![
        ValidatorEpoch { from_block: 1, validators: accounts(&old) },
        ValidatorEpoch { from_block: 100, validators: accounts(&new) },
    ]));
    let keys: Vec<_> = old.iter().map(|(key, _)| key).collect();
    assert!(chain.block(&sealed(99, &accounts(&old), 0, &keys), &[]).is_ok());
    // Keys of validators that have left seal nothing any more.
    let late = chain.block(&sealed(100, &accounts(&old), 0, &keys), &[]);
    assert_eq!(late, Err(ChainProofError::OtherValidators));
}

fn witness(seed: u64) -> StoreSigner {
    let store: Arc<dyn KeyStore> =
        Arc::new(MemoryKeyStore::new(Arc::new(PredictableEntropy::new(seed))));
    let handle = store.generate(KeyAlgorithm::EdDsa, "witness").unwrap();
    StoreSigner::new(store, handle).unwrap()
}

fn stand(signer: &StoreSigner, statement: &WitnessStatement) -> ChainWitness {
    ChainWitness {
        key: signer.public_key().to_multikey(),
        signature: hex::encode(signer.sign(&statement.message()).unwrap()),
    }
}

#[test]
fn k_of_n_witnesses() {
    let signers: Vec<_> = (1..=3).map(witness).collect();
    let keys = signers.iter().map(|signer| signer.public_key()).collect();
    let chain = pinned(HeaderTrust::Witnesses { keys, quorum: 2 });
    let bytes = header(12, b"any text");
    let hash = BlockHeader::parse(&bytes).unwrap().hash();
    let statement = WitnessStatement { chain_id: 1337, number: 12, hash };
    let good: Vec<_> = signers.iter().map(|signer| stand(signer, &statement)).collect();
    assert_eq!(chain.block(&bytes, &good[..2]).unwrap().hash, hash);
    let found = |witnesses: &[ChainWitness]| match chain.block(&bytes, witnesses).unwrap_err() {
        ChainProofError::TooFewWitnesses { found, wanted: 2 } => found,
        other => panic!("{other}"),
    };
    assert_eq!(found(&[]), 0);
    assert_eq!(found(&[good[0].clone(), good[0].clone()]), 1, "one witness counts once");
    let stranger = stand(&witness(9), &statement);
    assert_eq!(found(&[good[0].clone(), stranger]), 1, "a stranger counts for nothing");
    for other in [
        WitnessStatement { chain_id: 1, ..statement },
        WitnessStatement { number: 13, ..statement },
        WitnessStatement { hash: [3; 32], ..statement },
    ] {
        assert_eq!(found(&[good[0].clone(), stand(&signers[1], &other)]), 1);
    }
    let many = vec![good[0].clone(); MAX_WITNESSES + 1];
    assert_eq!(chain.block(&bytes, &many), Err(ChainProofError::TooLarge));
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    let key = witness(1).public_key();
    let (_, account) = validator(1);
    let epoch = |from_block, validators| ValidatorEpoch { from_block, validators };
    for trust in [
        HeaderTrust::Witnesses { keys: vec![key.clone()], quorum: 0 },
        HeaderTrust::Witnesses { keys: vec![key.clone()], quorum: 2 },
        HeaderTrust::Witnesses { keys: vec![key.clone(), key], quorum: 1 },
        HeaderTrust::Validators(vec![]),
        HeaderTrust::Validators(vec![epoch(1, vec![])]),
        HeaderTrust::Validators(vec![epoch(1, vec![account, account])]),
        HeaderTrust::Validators(vec![epoch(5, vec![account]), epoch(5, vec![account])]),
    ] {
        let error = pinned(trust).block(&header(1, b""), &[]).unwrap_err();
        assert_eq!(error.code(), "chain_proof_configuration");
    }
}

#[test]
fn malformed_headers_are_refused() {
    let good = header(1, b"x");
    let mut longer = good.clone();
    longer.push(0x80);
    let short = list(&vec![string(&[1]); 14]);
    let huge = header(1, &vec![0; MAX_HEADER_BYTES]);
    for bad in [vec![], vec![0x80], good[..good.len() - 1].to_vec(), longer, short] {
        assert_eq!(BlockHeader::parse(&bad).unwrap_err().code(), "chain_proof_header");
    }
    assert_eq!(BlockHeader::parse(&huge), Err(ChainProofError::HeaderTooLarge));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = BlockHeader::parse(&bytes);
        let _ = QbftExtra::parse(&bytes);
    }

    #[test]
    fn no_flipped_bit_of_a_sealed_block_passes(at in 0_usize..4000, bit in 0_u8..8) {
        let (key, account) = validator(1);
        let mut bytes = sealed(7, &[account], 0, &[&key]);
        let place = at % bytes.len();
        bytes[place] ^= 1 << bit;
        // The sealed part cannot be changed; of the seal itself only the same signer's other forms fit.
        if let Ok(block) = qbft(1, &[account]).block(&bytes, &[]) {
            let known = qbft(1, &[account]).block(&sealed(7, &[account], 0, &[&key]), &[]).unwrap();
            prop_assert_eq!(block, known);
        }
    }
}
