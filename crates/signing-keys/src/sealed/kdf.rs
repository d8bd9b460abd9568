//! Key derivation and its limits.

use zeroize::Zeroizing;

use super::SealError;

/// Parameters of argon2id. Values outside the limits cannot be built, nor read from a file:
/// a hostile file neither weakens the passphrase nor exhausts the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfParameters {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl KdfParameters {
    /// Least memory accepted, KiB (OWASP's minimum for argon2id).
    pub const MIN_MEMORY_KIB: u32 = 19 * 1024;
    /// Most memory accepted, KiB.
    pub const MAX_MEMORY_KIB: u32 = 1024 * 1024;
    /// Fewest passes accepted.
    pub const MIN_PASSES: u32 = 2;
    /// Most passes accepted.
    pub const MAX_PASSES: u32 = 10;
    /// Most lanes accepted.
    pub const MAX_LANES: u32 = 16;

    /// What new vaults use: 64 MiB, 3 passes, 1 lane (RFC 9106 section 4 recommends these
    /// for constrained memory with 4 lanes; ours are computed one after the other, so more
    /// lanes would only help an attacker's parallel machine).
    pub const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

    /// The cheapest that is accepted on reading: for tests, which open many vaults.
    pub const CHEAPEST_FOR_TESTS: Self =
        Self { memory_kib: Self::MIN_MEMORY_KIB, passes: Self::MIN_PASSES, lanes: 1 };

    /// Checked parameters: memory in KiB, passes, lanes.
    ///
    /// # Errors
    /// [`SealError::KdfRefused`] outside the limits.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, SealError> {
        let refuse = |what: String| Err(SealError::KdfRefused(what));
        if !(Self::MIN_MEMORY_KIB..=Self::MAX_MEMORY_KIB).contains(&memory_kib) {
            return refuse(format!("{memory_kib} KiB of memory"));
        }
        if !(Self::MIN_PASSES..=Self::MAX_PASSES).contains(&passes) {
            return refuse(format!("{passes} passes"));
        }
        if !(1..=Self::MAX_LANES).contains(&lanes) {
            return refuse(format!("{lanes} lanes"));
        }
        Ok(Self { memory_kib, passes, lanes })
    }

    /// Memory, KiB.
    pub fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes.
    pub fn passes(self) -> u32 {
        self.passes
    }

    /// Lanes.
    pub fn lanes(self) -> u32 {
        self.lanes
    }

    /// The key that wraps the data key.
    pub(super) fn derive(
        self,
        passphrase: &[u8],
        salt: &[u8; 16],
    ) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let parameters = argon2::Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|error| SealError::KdfRefused(error.to_string()))?;
        let argon2 =
            argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters);
        let mut key = Zeroizing::new([0u8; 32]);
        argon2
            .hash_password_into(passphrase, salt, key.as_mut())
            .map_err(|error| SealError::KdfRefused(error.to_string()))?;
        Ok(key)
    }
}
