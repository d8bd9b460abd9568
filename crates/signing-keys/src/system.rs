//! The operating system's clock and randomness: the only place in the workspace that asks
//! for either. Everything else takes [`Clock`] and [`Entropy`] as arguments.

use std::time::{SystemTime, UNIX_EPOCH};

use credential_model::ambient::{Clock, Entropy};
use credential_model::moment::Moment;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where the system's clock enters the house"
    )]
    fn now(&self) -> Moment {
        let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            // A clock before 1970 is broken; say so with a moment that validates nothing.
            Err(_) => 0,
        };
        Moment::from_unix(seconds)
    }
}

/// The system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where the system's randomness enters the house"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        // Going on without randomness would make guessable keys: stopping is the only
        // safe answer, and no supported system gives this error after start-up.
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}
