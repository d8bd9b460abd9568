//! Where entries lie in the contracts' storage, for those who make and check storage proofs.
//!
//! A mapping at slot `p` keeps the entry of key `k` at keccak256(k || p), both as 32-byte words
//! (Solidity, "Layout of state variables in storage"); further words of a struct follow at +1, +2.
//! Fields of a packed word are laid from its low end in the order of declaration. A test compares
//! all of this with what the contracts really write.

use sha3::{Digest, Keccak256};

use crate::{Address, DidHead, DidStatus, KeyState, KeyStatus, StatusHead};

/// `mapping(bytes32 => Head) heads` of DidDocumentRegistry.
pub const DID_HEADS: u64 = 0;
/// `mapping(bytes32 => mapping(bytes32 => KeyState)) keyStates` of DidDocumentRegistry.
pub const KEY_STATES: u64 = 2;
/// `mapping(bytes32 => bytes32[]) keysOf` of DidDocumentRegistry: keys that have a state.
pub const KEYS_OF: u64 = 3;
/// `mapping(bytes32 => Head) heads` of StatusRegistry.
pub const STATUS_HEADS: u64 = 0;

/// One storage word, or the number of one.
pub type Word = [u8; 32];

fn keccak(parts: &[&[u8]]) -> Word {
    let mut hasher = Keccak256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The key of a DID in every contract: keccak256 of its UTF-8 bytes.
pub fn did_key(did: &str) -> Word {
    keccak(&[did.as_bytes()])
}

/// A small number as a word.
pub fn word(number: u64) -> Word {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&number.to_be_bytes());
    word
}

/// Where the mapping at `slot` keeps the entry of `key`.
pub fn mapping(key: &Word, slot: &Word) -> Word {
    keccak(&[key, slot])
}

/// `slot` + `offset`, modulo 2^256 as the machine counts.
pub fn plus(slot: &Word, offset: u64) -> Word {
    let mut sum = *slot;
    let mut carry = u128::from(offset);
    for byte in sum.iter_mut().rev() {
        carry += u128::from(*byte);
        *byte = carry as u8;
        carry >>= 8;
    }
    sum
}

/// The two words of a DID's head: controller and version, digest.
pub fn did_head(did: &str) -> [Word; 2] {
    let base = mapping(&did_key(did), &word(DID_HEADS));
    [base, plus(&base, 1)]
}

/// The two words that prove an issuer's status root: root, and epoch with its times.
pub fn status_head(issuer: &str) -> [Word; 2] {
    let base = mapping(&did_key(issuer), &word(STATUS_HEADS));
    [base, plus(&base, 2)]
}

/// The two words that prove an issuer's issuance root: root, and epoch with its times.
pub fn issuance_head(issuer: &str) -> [Word; 2] {
    let base = mapping(&did_key(issuer), &word(STATUS_HEADS));
    [plus(&base, 1), plus(&base, 2)]
}

/// The one word of a key's state; all zero when none was ever stated.
pub fn key_state(did: &str, key: &Word) -> Word {
    mapping(key, &mapping(&did_key(did), &word(KEY_STATES)))
}

/// The word that counts the keys of a DID that have a state.
pub fn key_count(did: &str) -> Word {
    mapping(&did_key(did), &word(KEYS_OF))
}

/// The word that names the `index`-th key of a DID that has a state.
pub fn key_at(did: &str, index: u64) -> Word {
    plus(&keccak(&[&key_count(did)]), index)
}

/// A field of a packed word: `bytes` wide, `offset` bytes from the low end.
fn field(word: &Word, offset: usize, bytes: usize) -> u64 {
    let end = 32 - offset;
    word[end - bytes..end].iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn time(word: &Word, offset: usize) -> i64 {
    // Five bytes always fit.
    field(word, offset, 5) as i64
}

/// Reads the two words of [`did_head`]; none when the DID was never anchored or the words are no
/// head of ours.
pub fn read_did_head(words: &[Word; 2]) -> Option<DidHead> {
    let version = field(&words[0], 20, 2);
    let status = match field(&words[0], 22, 1) {
        1 => DidStatus::Active,
        2 => DidStatus::Deactivated,
        _ => return None,
    };
    let mut controller = [0; 20];
    controller.copy_from_slice(&words[0][12..]);
    (version != 0).then(|| DidHead {
        version,
        status,
        digest: words[1],
        controller: Address::from_bytes(controller),
        block_time: time(&words[0], 23),
    })
}

/// Reads status root, issuance root and the packed word (+0, +1, +2) of an issuer's head; none
/// when it never anchored. Who holds only two of them passes zero for the root not shown.
pub fn read_status_head(
    status_root: Word,
    issuance_root: Word,
    packed: &Word,
) -> Option<StatusHead> {
    let epoch = field(packed, 0, 6);
    (epoch != 0).then(|| StatusHead {
        status_root,
        issuance_root,
        epoch,
        time: time(packed, 6),
        valid_until: time(packed, 11),
        count: field(packed, 16, 8),
    })
}

/// Reads the word of [`key_state`]; none when no state was stated (the key is then as good as
/// active) or the word is none of ours.
pub fn read_key_state(key: Word, word: &Word) -> Option<KeyState> {
    let status = match field(word, 0, 1) {
        1 => KeyStatus::Active,
        2 => KeyStatus::Retired,
        3 => KeyStatus::Compromised,
        _ => return None,
    };
    let (since, retired) = (time(word, 1), time(word, 6));
    Some(KeyState {
        key,
        status,
        since,
        retired_at: (retired != 0).then_some(retired),
        block_time: time(word, 11),
    })
}
