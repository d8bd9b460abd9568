//! Time and randomness as arguments.
//!
//! The only readers of the real clock and of the operating system's randomness are
//! `signing_keys::system::{SystemClock, SystemEntropy}`; everything else takes
//! [`Clock`] and [`Entropy`], so that every answer can be replayed (`--at`, tests).

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::moment::Moment;

/// Tells what time it is.
pub trait Clock: Send + Sync {
    /// The present moment, as this clock sees it.
    fn now(&self) -> Moment;
}

/// A source of unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// A clock that stands still until it is set: for tests and for `--at`.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock standing at `moment`.
    #[must_use]
    pub fn new(moment: Moment) -> Self {
        Self(AtomicI64::new(moment.unix()))
    }

    /// Sets the clock.
    pub fn set(&self, moment: Moment) {
        self.0.store(moment.unix(), Ordering::SeqCst);
    }

    /// Moves the clock by `seconds` (backwards when negative).
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Moment {
        Moment::from_unix(self.0.load(Ordering::SeqCst))
    }
}

/// **Not random**: a repeatable stream from a seed, for tests only.
#[derive(Debug)]
pub struct PredictableEntropy {
    seed: u64,
    counter: AtomicU64,
}

impl PredictableEntropy {
    /// A stream that is the same for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: AtomicU64::new(0) }
    }
}

impl Entropy for PredictableEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let count = self.counter.fetch_add(1, Ordering::SeqCst);
            let mut hash = Sha256::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(count.to_be_bytes());
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
    }
}

impl<T: Clock + ?Sized> Clock for std::sync::Arc<T> {
    fn now(&self) -> Moment {
        (**self).now()
    }
}

impl<T: Entropy + ?Sized> Entropy for std::sync::Arc<T> {
    fn fill(&self, buffer: &mut [u8]) {
        (**self).fill(buffer);
    }
}

/// A random identifier of 128 bits as 32 lower-case hex digits.
#[must_use]
pub fn random_id(entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 16];
    entropy.fill(&mut bytes);
    hex::encode(bytes)
}

/// A random secret of 256 bits as 43 base64url characters (no padding).
#[must_use]
pub fn random_token(entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 32];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A random (version 4, RFC 9562) UUID as `urn:uuid:…`.
#[must_use]
pub fn random_uuid_urn(entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 16];
    entropy.fill(&mut bytes);
    format!("urn:uuid:{}", uuid_text(bytes, 4))
}

/// A version 7 UUID (RFC 9562 §5.7): ordered by time, for keys of records.
///
/// Millisecond field = whole seconds × 1000, because a [`Moment`] has no fractions.
#[must_use]
pub fn uuid_v7(now: Moment, entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 16];
    entropy.fill(&mut bytes);
    let millis = u64::try_from(now.unix()).unwrap_or(0).saturating_mul(1000);
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    uuid_text(bytes, 7)
}

fn uuid_text(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits = hex::encode(bytes);
    format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}
