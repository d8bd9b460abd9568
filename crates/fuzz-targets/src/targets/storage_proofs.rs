//! Account and storage proofs from a node that lies: the header is vouched for, the rest is free.

use std::sync::OnceLock;

use chain_proofs::{ChainWitness, HeaderTrust, PinnedChain, ProvenStorage, WitnessStatement};
use credential_model::json::{Limits, parse_strict};
use did_resolution::Address;
use evm_chain::{SlotProof, StorageProofBundle, slots};
use serde::Deserialize;
use sha3::{Digest, Keccak256};
use signing_keys::danger::BareSigner;
use signing_keys::{Algorithm, Signer};

use super::chain::{header_with_state, rlp};
use crate::Seen;

pub(super) const WORDS: &[&str] = &["account", "slots", "f8", "a0", "80", "c0", "20", "e2"];

const REGISTRY: Address = Address::from_bytes([1; 20]);

/// What the stranger sends; hexadecimal trie nodes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    account: Vec<String>,
    slots: Vec<Vec<String>>,
}

/// A true state of one account with one word, and what is pinned about it.
struct Truth {
    chain: PinnedChain,
    bundle: StorageProofBundle,
    witness: ChainWitness,
    proven: ProvenStorage,
}

fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

/// The only leaf of a trie: the whole path, an even number of nibbles, and the value.
fn leaf(key: &[u8; 32], value: &[u8]) -> Vec<u8> {
    let path = [&[0x20][..], key].concat();
    rlp(true, &[rlp(false, &path), rlp(false, value)].concat())
}

fn truth() -> Option<&'static Truth> {
    static TRUTH: OnceLock<Option<Truth>> = OnceLock::new();
    TRUTH.get_or_init(make).as_ref()
}

fn make() -> Option<Truth> {
    let slot = slots::mapping(&slots::did_key("did:web:issuer.example"), &slots::word(0));
    let storage = leaf(&keccak(&slot), &rlp(false, &[7; 32]));
    let account = [
        rlp(false, &[1]),
        rlp(false, &[]),
        rlp(false, &keccak(&storage)),
        rlp(false, &keccak(b"code")),
    ]
    .concat();
    let account = leaf(&keccak(REGISTRY.as_bytes()), &rlp(true, &account));
    let header = header_with_state(&keccak(&account));
    let signer = BareSigner::from_bytes(Algorithm::EdDsa, &[1; 32]).ok()?;
    let chain = PinnedChain {
        chain_id: 1337,
        did_registry: REGISTRY,
        status_registry: Address::from_bytes([2; 20]),
        trust: HeaderTrust::Witnesses { keys: vec![signer.public_key().clone()], quorum: 1 },
        former: Vec::new(),
    };
    let read = chain_proofs::BlockHeader::parse(&header).ok()?;
    // The header is one of QBFT: its name leaves the seals out.
    let hash = chain_proofs::QbftExtra::parse(&read.extra).ok()?.block_hash(&read);
    let said = WitnessStatement { chain_id: 1337, number: read.number, hash };
    let witness = ChainWitness {
        key: signer.public_key().to_multikey(),
        signature: hex::encode(signer.sign(&said.message()).ok()?),
    };
    let absent = slots::plus(&slot, 1);
    let bundle = StorageProofBundle {
        chain_id: 1337,
        header_rlp: header,
        contract: REGISTRY,
        account_proof: vec![account],
        slots: vec![slot, absent],
        storage_proofs: vec![SlotProof(vec![storage.clone()]), SlotProof(vec![storage])],
    };
    let proven = chain.prove(&bundle, std::slice::from_ref(&witness)).ok()?;
    Some(Truth { chain, bundle, witness, proven })
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let texts = |nodes: &[Vec<u8>]| nodes.iter().map(hex::encode).collect::<Vec<_>>();
    let Some(truth) = truth() else { return Vec::new() };
    let proofs: Vec<_> = truth.bundle.storage_proofs.iter().map(|proof| texts(&proof.0)).collect();
    let sent = serde_json::json!({"account": texts(&truth.bundle.account_proof), "slots": proofs});
    vec![sent.to_string().into_bytes()]
}

/// Whatever nodes are shown: either a refusal, or exactly what the chain holds.
pub(super) fn prove(input: &[u8]) -> Seen {
    let truth = truth();
    assert!(truth.is_some(), "the honest proof must hold");
    let Some(truth) = truth else { return Seen::of("nothing") };
    let sent = match parse_strict(input, &Limits::default()) {
        Ok(value) => serde_json::from_value::<Sent>(value),
        Err(error) => return Seen::of(error.code()),
    };
    let Ok(sent) = sent else { return Seen::of("shape") };
    let bytes = |nodes: &[String]| nodes.iter().map(hex::decode).collect::<Result<Vec<_>, _>>();
    let proofs: Result<Vec<_>, _> =
        sent.slots.iter().map(|nodes| bytes(nodes).map(SlotProof)).collect();
    let (Ok(account_proof), Ok(storage_proofs)) = (bytes(&sent.account), proofs) else {
        return Seen::of("hex");
    };
    let bundle = StorageProofBundle { account_proof, storage_proofs, ..truth.bundle.clone() };
    match truth.chain.prove(&bundle, std::slice::from_ref(&truth.witness)) {
        Err(error) => Seen::of(format!("{error:?}")),
        Ok(proven) => {
            assert_eq!(proven, truth.proven, "a lie was proven");
            Seen::of("proven").and(bundle.account_proof.len())
        }
    }
}
