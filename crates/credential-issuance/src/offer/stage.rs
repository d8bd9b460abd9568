//! The stages of an offer, each holding exactly its own data.

use std::collections::BTreeMap;

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use super::TX_CODE_TRIES;
use crate::ids::Digest;

/// For how many seconds after an exchange its answer may be asked for again. Whoever lost it to a
/// restart asks soon; later the token has an owner.
const REOPEN: i64 = 60;

/// A step that this stage does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an offer that is {from} cannot {step}")]
pub struct InvalidTransition {
    /// The stage it is in.
    pub from: &'static str,
    /// The step asked for.
    pub step: &'static str,
}

/// How far an offer has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferStage {
    /// Waiting for a wallet.
    Created(Created),
    /// The code was exchanged for a token.
    Redeemed(Redeemed),
    /// Too many wrong transaction codes.
    Dead(Dead),
    /// Nobody came in time.
    Expired(Expired),
}

/// Waiting for a wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// Of the pre-authorized code; the code itself is not kept.
    pub code: Digest,
    /// Present when a transaction code is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx_code: Option<TxCodeGuard>,
}

/// The check of a transaction code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxCodeGuard {
    /// Keyed digest over offer id and code, with a secret of the store.
    pub digest: Digest,
    /// How many wrong entries it still bears.
    pub tries_left: u32,
}

/// The code was exchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeemed {
    /// Of the code, so that a replay is recognised.
    pub code: Digest,
    /// Of the access token; the token itself is not kept.
    pub token: Digest,
    /// Until when the token opens the credential endpoint.
    pub token_expires: Moment,
    /// When.
    pub at: Moment,
    /// Which run of the service answered: see [`OfferStage::reopen`].
    pub run: String,
    /// The tx_code check, kept for the same reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx_code: Option<TxCodeGuard>,
    /// `credential_identifiers` handed out (section 6.2), to configuration id; empty when none were asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub identifiers: BTreeMap<String, String>,
}

/// Too many wrong transaction codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dead {
    /// When.
    pub at: Moment,
}

/// Nobody came in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// When it was noticed.
    pub at: Moment,
}

/// What one wrong transaction code leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TxCodeOutcome {
    /// The offer lives on, with one try less.
    TryAgain(OfferStage),
    /// That was the last one.
    Dead(OfferStage),
}

impl OfferStage {
    /// The stage's name, for messages and listings.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Redeemed(_) => "redeemed",
            Self::Dead(_) => "dead",
            Self::Expired(_) => "expired",
        }
    }

    /// The transaction code guard, where one still matters.
    pub fn tx_code(&self) -> Option<&TxCodeGuard> {
        match self {
            Self::Created(created) => created.tx_code.as_ref(),
            Self::Redeemed(redeemed) => redeemed.tx_code.as_ref(),
            Self::Dead(_) | Self::Expired(_) => None,
        }
    }

    /// The code is exchanged for a token.
    pub fn redeem(
        self,
        token: Digest,
        token_expires: Moment,
        at: Moment,
        run: &str,
        identifiers: BTreeMap<String, String>,
    ) -> Result<Self, InvalidTransition> {
        let (code, tx_code) = match self {
            Self::Created(Created { code, tx_code }) => (code, tx_code),
            other => return Err(InvalidTransition { from: other.name(), step: "be redeemed" }),
        };
        let run = run.to_owned();
        Ok(Self::Redeemed(Redeemed { code, token, token_expires, at, run, tx_code, identifiers }))
    }

    /// The exchange of an earlier run of the service, whose answer may have died with it, is
    /// repeated: the code opens once more and the lost token stops working.
    ///
    /// Within one run of the service a code is strictly single-use.
    pub fn reopen(self, run: &str, now: Moment) -> Result<Self, InvalidTransition> {
        match self {
            Self::Redeemed(redeemed) if redeemed.may_reopen(run, now) => {
                Ok(Self::Created(Created { code: redeemed.code, tx_code: redeemed.tx_code }))
            }
            other => Err(InvalidTransition { from: other.name(), step: "be redeemed again" }),
        }
    }

    /// A wrong transaction code was entered at `at`.
    ///
    /// On a redeemed offer that might be reopened it costs a try and nothing else: the token may
    /// be in the right hands, so the offer neither opens nor dies.
    pub fn wrong_tx_code(self, at: Moment) -> Result<TxCodeOutcome, InvalidTransition> {
        match self {
            Self::Created(Created { code, tx_code: Some(guard) }) => {
                let tries_left = guard.tries_left.saturating_sub(1);
                if tries_left == 0 {
                    return Ok(TxCodeOutcome::Dead(Self::Dead(Dead { at })));
                }
                let tx_code = Some(TxCodeGuard { tries_left, ..guard });
                Ok(TxCodeOutcome::TryAgain(Self::Created(Created { code, tx_code })))
            }
            Self::Redeemed(mut redeemed) => match &mut redeemed.tx_code {
                Some(guard) if guard.tries_left > 0 => {
                    guard.tries_left -= 1;
                    Ok(TxCodeOutcome::TryAgain(Self::Redeemed(redeemed)))
                }
                _ => Err(InvalidTransition { from: "redeemed", step: "take a tx_code" }),
            },
            other => Err(InvalidTransition { from: other.name(), step: "take a tx_code" }),
        }
    }

    /// Its time ran out.
    pub fn expire(self, at: Moment) -> Result<Self, InvalidTransition> {
        match self {
            Self::Created(_) => Ok(Self::Expired(Expired { at })),
            other => Err(InvalidTransition { from: other.name(), step: "expire" }),
        }
    }
}

impl Redeemed {
    /// Whether the answer to the exchange may have died with an earlier run of the service.
    pub(super) fn may_reopen(&self, run: &str, now: Moment) -> bool {
        let tries_left = self.tx_code.as_ref().is_none_or(|guard| guard.tries_left > 0);
        self.run != run && now <= self.at.plus_seconds(REOPEN) && tries_left
    }
}

impl TxCodeGuard {
    /// A guard with all tries left.
    pub fn new(digest: Digest) -> Self {
        Self { digest, tries_left: TX_CODE_TRIES }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Moment {
        Moment::from_unix(1_800_000_000)
    }

    fn created() -> OfferStage {
        let tx_code = Some(TxCodeGuard::new(Digest::of(b"tx")));
        OfferStage::Created(Created { code: Digest::of(b"code"), tx_code })
    }

    fn redeemed() -> OfferStage {
        created().redeem(Digest::of(b"t"), at(), at(), "run-1", BTreeMap::new()).unwrap()
    }

    #[test]
    fn the_fifth_wrong_code_kills_and_no_earlier_one() {
        let mut stage = created();
        for _ in 0..TX_CODE_TRIES - 1 {
            match stage.wrong_tx_code(at()).unwrap() {
                TxCodeOutcome::TryAgain(next) => stage = next,
                TxCodeOutcome::Dead(_) => panic!("died too early"),
            }
        }
        let TxCodeOutcome::Dead(dead) = stage.wrong_tx_code(at()).unwrap() else {
            panic!("lives too long")
        };
        assert_eq!(dead.name(), "dead");
        assert!(dead.clone().wrong_tx_code(at()).is_err());
        assert!(dead.redeem(Digest::ZERO, at(), at(), "r", BTreeMap::new()).is_err());
    }

    #[test]
    fn a_code_is_single_use_within_a_run_and_reopens_after_a_crash() {
        let again = redeemed().redeem(Digest::ZERO, at(), at(), "run-1", BTreeMap::new());
        assert_eq!(again.unwrap_err().from, "redeemed");
        assert!(redeemed().reopen("run-1", at()).is_err());
        assert_eq!(redeemed().reopen("run-2", at()).unwrap().name(), "created");
        assert_eq!(redeemed().reopen("run-2", at().plus_seconds(60)).unwrap().name(), "created");
        assert!(redeemed().reopen("run-2", at().plus_seconds(61)).is_err(), "too late");
    }

    #[test]
    fn a_wrong_code_costs_a_redeemed_offer_its_tries_and_never_its_token() {
        let mut stage = redeemed();
        for left in (0..TX_CODE_TRIES).rev() {
            let TxCodeOutcome::TryAgain(next) = stage.wrong_tx_code(at()).unwrap() else {
                panic!("the token died")
            };
            assert_eq!(next.tx_code().unwrap().tries_left, left);
            assert_eq!(next.name(), "redeemed");
            stage = next;
        }
        assert!(stage.clone().reopen("run-2", at()).is_err(), "no tries, no second token");
        assert!(stage.wrong_tx_code(at()).is_err());
    }

    #[test]
    fn only_waiting_offers_expire() {
        assert_eq!(created().expire(at()).unwrap().name(), "expired");
        assert!(redeemed().expire(at()).is_err());
        assert!(created().expire(at()).unwrap().expire(at()).is_err());
        assert!(created().expire(at()).unwrap().reopen("x", at()).is_err());
    }
}
