//! Deterministic ECDSA on P-521 for the portable build (RFC 6979).
//!
//! The `p521` crate signs with a random number generator only, and a build without one (a
//! browser, the verifying library) has none. This is the generator of RFC 6979 section 3.2:
//! HMAC-DRBG with SHA-512 over the private key and the digest.

use hmac::{Hmac, Mac};
use p521::ecdsa::signature::hazmat::RandomizedPrehashSigner as _;
use p521::ecdsa::signature::rand_core::{CryptoRng, Error, RngCore};
use p521::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

/// Bytes of a scalar: 521 bits.
const SCALAR_BYTES: usize = 66;
/// What those bytes have more than the order: `8 * 66 - 521`.
const SPARE_BITS: u32 = 7;

/// Signs `message` with the nonce that RFC 6979 gives for SHA-512.
#[cfg_attr(all(feature = "native", not(test)), allow(dead_code))]
pub(crate) fn sign(key: &SigningKey, message: &[u8]) -> Result<Signature, p521::ecdsa::Error> {
    let digest = Sha512::digest(message);
    let mut nonces = Nonces::new(&key.to_bytes(), &digest);
    key.sign_prehash_with_rng(&mut nonces, &digest)
}

/// Candidates for the nonce, in their order.
struct Nonces {
    key: Zeroizing<[u8; 64]>,
    value: Zeroizing<[u8; 64]>,
    first: bool,
}

impl Nonces {
    /// RFC 6979 section 3.2, steps b to g.
    fn new(scalar: &[u8], digest: &[u8]) -> Self {
        let mut nonces =
            Self { key: Zeroizing::new([0; 64]), value: Zeroizing::new([1; 64]), first: true };
        // bits2octets: a digest of 512 bits is below the order, so it is only padded.
        let mut padded = [0; SCALAR_BYTES];
        padded[SCALAR_BYTES - digest.len()..].copy_from_slice(digest);
        for separator in [0, 1] {
            nonces.rekey(&[&[separator], scalar, &padded]);
        }
        nonces
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 64] {
        let mut mac = Hmac::<Sha512>::new_from_slice(self.key.as_slice())
            .expect("HMAC takes a key of any length");
        mac.update(self.value.as_slice());
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn rekey(&mut self, parts: &[&[u8]]) {
        *self.key = self.mac(parts);
        *self.value = self.mac(&[]);
    }
}

/// Asked for one candidate after the other, each of [`SCALAR_BYTES`] bytes.
impl RngCore for Nonces {
    fn fill_bytes(&mut self, out: &mut [u8]) {
        if !self.first {
            self.rekey(&[&[0]]);
        }
        self.first = false;
        for chunk in out.chunks_mut(64) {
            *self.value = self.mac(&[]);
            chunk.copy_from_slice(&self.value[..chunk.len()]);
        }
        // bits2int keeps the leftmost 521 bits.
        let mut carry = 0;
        for byte in out.iter_mut() {
            let low = *byte << (8 - SPARE_BITS);
            *byte = (*byte >> SPARE_BITS) | carry;
            carry = low;
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(out);
        Ok(())
    }

    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

impl CryptoRng for Nonces {}

#[cfg(test)]
mod tests;
