//! What a verifier holds before it asks anybody: a pinned chain, mirrors, what it knows of keys,
//! and what open conclusions mean for each type.
use std::{collections::BTreeMap, sync::Arc};

use chain_proofs::PinnedChain;
use credential_model::moment::Moment;
use evm_chain::{KeyState, KeyStatus};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{packs::PackShelf, policy::Policies};

/// Held by a service or command; everything may be left out.
#[derive(Debug, Clone, Default)]
pub struct Grounds {
    /// The chain that stapled proofs are checked against.
    pub pinned: Option<Arc<PinnedChain>>,
    /// Content-addressed copies of status lists: `{base}/{sha256}`, and
    /// `{base}/inclusion?list=…&epoch=N` for their places in an epoch. Nothing from a mirror is
    /// believed without its digest or proof.
    pub mirrors: Vec<Url>,
    /// States of issuers' keys learned earlier, for checks without a net.
    pub keys: Option<Arc<KeyBook>>,
    /// What open conclusions mean, per type.
    pub policies: Policies,
    /// How old the chain's newest trusted block can be, seconds, where the chain is known to make
    /// blocks steadily: an older one contradicts our clock. None for chains that make blocks only
    /// when something happens.
    pub chain_tip_max_age: Option<i64>,
    /// Status packs of issuers, which answer where a list cannot be had.
    pub packs: Arc<PackShelf>,
}

/// States of issuers' keys as a chain held them at a moment, kept for checks without a net. It
/// only ever makes a verifier stricter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyBook {
    /// The moment of the block they were read at.
    pub as_of: Moment,
    /// By issuer DID.
    pub issuers: BTreeMap<String, Vec<KeyState>>,
}

impl KeyBook {
    /// The states of one issuer's keys; none when the book does not know the issuer.
    pub fn states(&self, issuer: &str) -> &[KeyState] {
        self.issuers.get(issuer).map_or(&[], Vec::as_slice)
    }
}

/// Where a key stands by everything that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In use, or nothing was ever stated.
    Active,
    /// No longer used since; what it signed before stays good.
    Retired(Moment),
    /// Somebody else may have signed with it since.
    Compromised(Moment),
}

impl Standing {
    /// The worst of several statements about one key. A compromise is final, and the earliest
    /// time counts: old or false statements can never clear a key.
    pub fn worst<'a>(states: impl IntoIterator<Item = &'a KeyState>) -> Self {
        let mut worst = Standing::Active;
        for state in states {
            let since = Moment::from_unix(state.since);
            worst = match (state.status, worst) {
                (KeyStatus::Compromised, Standing::Compromised(known)) => {
                    Standing::Compromised(known.min(since))
                }
                (KeyStatus::Compromised, _) => Standing::Compromised(since),
                (KeyStatus::Retired, Standing::Active) => Standing::Retired(since),
                (KeyStatus::Retired, Standing::Retired(known)) => {
                    Standing::Retired(known.min(since))
                }
                (_, worst) => worst,
            };
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: KeyStatus, since: i64) -> KeyState {
        KeyState { key: [1; 32], status, since, retired_at: None, block_time: since }
    }

    #[test]
    fn nothing_clears_a_compromised_key() {
        let (active, retired) = (state(KeyStatus::Active, 900), state(KeyStatus::Retired, 50));
        let (late, early) = (state(KeyStatus::Compromised, 800), state(KeyStatus::Compromised, 70));
        let at = Moment::from_unix;
        assert_eq!(Standing::worst([]), Standing::Active);
        assert_eq!(Standing::worst([&active, &retired]), Standing::Retired(at(50)));
        for order in [[&late, &early, &active, &retired], [&retired, &active, &early, &late]] {
            assert_eq!(Standing::worst(order), Standing::Compromised(at(70)));
        }
    }
}
