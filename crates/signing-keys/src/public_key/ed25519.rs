//! Ed25519 keys. A key that is asked often is checked with a table of its multiples.

use std::hash::{Hash, Hasher};
#[cfg(feature = "native")]
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

#[cfg(feature = "native")]
use curve25519_dalek::{
    edwards::{EdwardsBasepointTable, EdwardsPoint},
    scalar::Scalar,
    traits::BasepointTable,
};
use ed25519_dalek::VerifyingKey;
#[cfg(feature = "native")]
use sha2::{Digest, Sha512};

use super::KeyError;

// The portable build has no tables: they cost a browser more to fetch than they save.

/// After so many checks a key gets its table: making it costs about as much as thirty checks, and it takes 30 KiB.
#[cfg(feature = "native")]
const ASKED_OFTEN: u32 = 64;

/// An Ed25519 key: canonical encoding, on the curve, not of small order.
///
/// Clones share what is remembered of the key; so do keys that are read anew, as long as few others were read between.
#[derive(Clone)]
pub struct Ed25519PublicKey {
    key: VerifyingKey,
    #[cfg(feature = "native")]
    memory: Arc<Memory>,
}

#[cfg(feature = "native")]
static KNOWN: super::known::Known = super::known::Known::new();

#[cfg(feature = "native")]
#[derive(Default)]
struct Memory {
    asked: AtomicU32,
    table: OnceLock<Box<EdwardsBasepointTable>>,
}

impl Ed25519PublicKey {
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: &[u8; 32] = bytes
            .try_into()
            .map_err(|_| KeyError::InvalidKey("an Ed25519 key has 32 bytes".into()))?;
        #[cfg(feature = "native")]
        return KNOWN.key(bytes, || Self::read(bytes));
        #[cfg(not(feature = "native"))]
        Self::read(bytes)
    }

    fn read(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        if !is_canonical_field_element(bytes) {
            return Err(KeyError::InvalidKey("the encoding is not canonical".into()));
        }
        let key = VerifyingKey::from_bytes(bytes)
            .map_err(|_| KeyError::InvalidKey("no point of the curve".into()))?;
        if key.is_weak() {
            return Err(KeyError::SmallOrder);
        }
        Ok(Self::from_valid(key))
    }

    pub(crate) fn from_valid(key: VerifyingKey) -> Self {
        Self {
            key,
            #[cfg(feature = "native")]
            memory: Arc::default(),
        }
    }

    /// The 32 bytes of RFC 8032.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// Strict: canonical `S`, no small-order `R`, no shortcut by cofactor, so that two verifiers never disagree on one
    /// signature.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        #[cfg(feature = "native")]
        if let Some(table) = self.table() {
            return self.verify_with(table, message, signature);
        }
        self.verify_plainly(message, signature)
    }

    fn verify_plainly(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

#[cfg(feature = "native")]
impl Ed25519PublicKey {
    /// The table, once the key is asked often. One thread makes it while the others go on without.
    fn table(&self) -> Option<&EdwardsBasepointTable> {
        if let Some(table) = self.memory.table.get() {
            return Some(table);
        }
        let asked = self.memory.asked.fetch_add(1, Ordering::Relaxed);
        (asked == ASKED_OFTEN).then(|| self.make_table())
    }

    fn make_table(&self) -> &EdwardsBasepointTable {
        let make = || Box::new(EdwardsBasepointTable::create(&self.key.to_edwards()));
        self.memory.table.get_or_init(make)
    }

    /// What `verify_strict` computes, `R = sB - kA`, both products from tables. `R` is compared in its encoding, as
    /// there: what was not encoded canonically equals nothing.
    fn verify_with(&self, table: &EdwardsBasepointTable, message: &[u8], signature: &[u8]) -> bool {
        let Some((r, rest)) = signature.split_first_chunk::<32>() else { return false };
        let Ok(s) = <[u8; 32]>::try_from(rest) else { return false };
        let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(s)) else {
            return false;
        };
        let hash = Sha512::new_with_prefix(r).chain_update(self.key.as_bytes());
        let k = Scalar::from_bytes_mod_order_wide(&hash.chain_update(message).finalize().into());
        let expected = EdwardsPoint::mul_base(&s) - table * &k;
        expected.compress().as_bytes() == r && !expected.is_small_order()
    }
}

impl PartialEq for Ed25519PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Ed25519PublicKey {}

impl Hash for Ed25519PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_bytes().hash(state);
    }
}

/// Whether the low 255 bits, little-endian, are below 2^255 - 19. dalek reduces silently,
/// which would give one key two texts.
fn is_canonical_field_element(bytes: &[u8; 32]) -> bool {
    let top = bytes[31] & 0x7f;
    !(top == 0x7f && bytes[1..31].iter().all(|byte| *byte == 0xff) && bytes[0] >= 0xed)
}

#[cfg(all(test, feature = "native"))]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;
    use ed25519_dalek::{Signer as _, SigningKey};
    use proptest::prelude::*;

    use super::*;

    fn both(key: &Ed25519PublicKey, message: &[u8], signature: &[u8]) -> (bool, bool) {
        let plainly = key.verify_plainly(message, signature);
        (plainly, key.verify_with(key.make_table(), message, signature))
    }

    #[test]
    fn a_key_asked_often_answers_the_same() {
        let secret = SigningKey::from_bytes(&[5; 32]);
        let key = Ed25519PublicKey::from_valid(secret.verifying_key());
        for round in 0..3 * ASKED_OFTEN {
            let message = round.to_be_bytes();
            let mut signature = secret.sign(&message).to_bytes();
            assert!(key.verify(&message, &signature));
            assert!(!key.clone().verify(b"other", &signature));
            signature[(round % 64) as usize] ^= 1 << (round % 8);
            assert!(!key.verify(&message, &signature));
        }
        assert!(key.memory.table.get().is_some());
    }

    /// Whoever holds the secret can sign with parts of small order; strict checks refuse, with table and without.
    #[test]
    fn parts_of_small_order_are_refused_alike() {
        let a = Scalar::from_bytes_mod_order([7; 32]);
        let public = EdwardsPoint::mul_base(&a);
        for torsion in EIGHT_TORSION {
            let twisted = public + torsion;
            let key = Ed25519PublicKey::from_bytes(twisted.compress().as_bytes()).unwrap();
            for (nonce, other) in EIGHT_TORSION.iter().flat_map(|other| [(0_u8, other), (9, other)])
            {
                let r_scalar = Scalar::from(nonce);
                let r = (EdwardsPoint::mul_base(&r_scalar) + other).compress();
                for count in 0_u8..16 {
                    let message = [count];
                    let hash = Sha512::new_with_prefix(r.as_bytes())
                        .chain_update(key.to_bytes())
                        .chain_update(message);
                    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
                    let s = r_scalar + k * a;
                    let signature = [*r.as_bytes(), s.to_bytes()].concat();
                    let (plainly, with) = both(&key, &message, &signature);
                    assert_eq!(plainly, with);
                    assert!(!(with && nonce == 0), "R of small order");
                }
            }
        }
    }

    #[test]
    fn an_s_beyond_the_order_is_refused() {
        // The order of the group, little-endian (RFC 8032 section 5.1).
        let mut order = [0_u8; 32];
        order[..16].copy_from_slice(&0x14de_f9de_a2f7_9cd6_5812_631a_5cf5_d3ed_u128.to_le_bytes());
        order[31] = 0x10;
        let secret = SigningKey::from_bytes(&[5; 32]);
        let key = Ed25519PublicKey::from_valid(secret.verifying_key());
        let mut signature = secret.sign(b"m").to_bytes();
        assert_eq!(both(&key, b"m", &signature), (true, true));
        let mut carry = 0;
        for (byte, add) in signature[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = sum as u8;
            carry = sum >> 8;
        }
        assert_eq!(both(&key, b"m", &signature), (false, false));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn with_and_without_a_table_agree(
            seed in any::<[u8; 32]>(),
            message in proptest::collection::vec(any::<u8>(), 0..200),
            at in 0_usize..64,
            change in 0_u8..8,
            noise in any::<[u8; 32]>(),
        ) {
            let secret = SigningKey::from_bytes(&seed);
            let key = Ed25519PublicKey::from_valid(secret.verifying_key());
            let good = secret.sign(&message).to_bytes();
            prop_assert_eq!(both(&key, &message, &good), (true, true));
            let mut flipped = good;
            flipped[at] ^= 1 << change;
            prop_assert_eq!(both(&key, &message, &flipped), (false, false));
            let mut strange = good;
            strange[at / 32 * 32..at / 32 * 32 + 32].copy_from_slice(&noise);
            let (plainly, with) = both(&key, &message, &strange);
            prop_assert_eq!(plainly, with);
            prop_assert_eq!(both(&key, &message, &good[..at]), (false, false));
        }
    }
}
