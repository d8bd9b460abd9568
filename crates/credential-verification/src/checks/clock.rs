//! A clock that is behind must not make anything "not yet valid": what chain and evidence have
//! dated already is the floor of the present.
use credential_model::moment::Moment;

use super::SKEW_SECONDS;
use crate::{
    codes::Code,
    evidence::Evidence,
    examine::Tools,
    outcome::{CheckOutcome, OutcomeKind},
};

/// Turns a refusal that rests on "too early" into an open question where the clock is behind.
/// The chain is asked only when something looks too early, so an honest check costs nothing.
pub(crate) async fn doubt(
    outcomes: &mut [CheckOutcome],
    present: bool,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
    now: Moment,
) {
    let early = |outcome: &CheckOutcome| {
        outcome.kind() == OutcomeKind::Failed
            && matches!(outcome.code(), Code::ProofExpired | Code::ValidityNotYet)
    };
    if !present || !outcomes.iter().any(early) {
        return;
    }
    let Some(known) = latest_known(tools, evidence).await else { return };
    if known <= now.plus_seconds(SKEW_SECONDS) {
        return;
    }
    for outcome in outcomes.iter_mut().filter(|outcome| early(outcome)) {
        let detail = format!("{}, but {known} is on record already", outcome.code());
        *outcome = CheckOutcome::inconclusive(Code::ClockBehind, detail);
    }
}

async fn latest_known(tools: &Tools<'_>, evidence: &Evidence<'_>) -> Option<Moment> {
    let chain = tools.chain.filter(|_| !tools.offline);
    let tip = match chain {
        Some(chain) => chain.tip().await.ok().map(|tip| Moment::from_unix(tip.time)),
        None => None,
    };
    let book = tools.grounds.keys.as_ref().map(|book| book.as_of);
    [tip, book, evidence.latest_block()].into_iter().flatten().max()
}
