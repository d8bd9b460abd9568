//! A clock that is wrong must not make anything "not yet valid" or "expired".
//!
//! Behind: what chain and evidence have dated already is the floor of the present. Ahead: a second
//! opinion is needed that is known to be current. There are two: the newest block of a chain that is
//! known to make blocks steadily ([`crate::Grounds::chain_tip_max_age`]), and the `Date` with which
//! the issuer's host answers now. Where they contradict our clock, an answer that hangs on it is open.
use credential_model::{did::Did, moment::Moment};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use url::Url;
use web_fetch::FetchRequest;

use super::{SKEW_SECONDS, validity};
use crate::{
    codes::Code,
    content::Content,
    evidence::Evidence,
    examine::Tools,
    outcome::{CheckOutcome, OutcomeKind},
};

/// Hosts keep time to the second; what differs by more than this is no network's delay.
const HOST_SKEW_SECONDS: i64 = 300;
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The outcomes are those of the proof and of the validity. Turns a refusal that rests on "too early" or "too late" into an open question where the clock
/// is wrong. Others are asked only when something looks so, and an honest check costs nothing.
pub(crate) async fn doubt(
    outcomes: &mut [CheckOutcome],
    content: &Content,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
    now: Moment,
) {
    let dated = |outcome: &CheckOutcome| {
        outcome.kind() == OutcomeKind::Failed
            && matches!(
                outcome.code(),
                Code::ProofExpired | Code::ValidityNotYet | Code::ValidityExpired
            )
    };
    if !outcomes.iter().any(dated) {
        return;
    }
    let tip = match tools.chain.filter(|_| !tools.offline) {
        Some(chain) => chain.tip().await.ok().map(|tip| Moment::from_unix(tip.time)),
        None => None,
    };
    let book = tools.grounds.keys.as_ref().map(|book| book.as_of);
    // What a document says whose proof does not hold is not worth a request.
    let asks = |outcome: &CheckOutcome| {
        outcome.kind() != OutcomeKind::Failed || outcome.code() == Code::ProofExpired
    };
    let host = match outcomes.first() {
        Some(proof) if asks(proof) => host_time(content, tools).await,
        _ => None,
    };
    let later_host = host.filter(|host| *host > now.plus_seconds(HOST_SKEW_SECONDS));
    let floor = [tip, book, evidence.latest_block(), later_host].into_iter().flatten().max();
    let behind = floor.filter(|floor| *floor > now.plus_seconds(SKEW_SECONDS));
    let ahead = earlier(host, tip, tools, now);
    for outcome in outcomes.iter_mut().filter(|outcome| dated(outcome)) {
        let code = outcome.code();
        let open = match code {
            Code::ValidityExpired => None,
            _ => behind.map(|known| (Code::ClockBehind, known)),
        };
        // The other clock decides nothing either: it only has to find the credential in force.
        let fits = |then: &Moment| {
            code != Code::ValidityNotYet
                && validity::check(content, *then).kind() == OutcomeKind::Passed
        };
        let open = open.or(ahead.filter(fits).map(|known| (Code::ClockAhead, known)));
        if let Some((open, known)) = open {
            let detail = format!("{code}, but others have {known}");
            *outcome = CheckOutcome::inconclusive(open, detail);
        }
    }
}

/// What a current second opinion says, where it is earlier than our clock by more than any delay.
fn earlier(
    host: Option<Moment>,
    tip: Option<Moment>,
    tools: &Tools<'_>,
    now: Moment,
) -> Option<Moment> {
    // A host that agrees with our clock outweighs a chain that stands still.
    if let Some(host) = host {
        return (now.minus_seconds(HOST_SKEW_SECONDS) > host).then_some(host);
    }
    let (tip, age) = tip.zip(tools.grounds.chain_tip_max_age)?;
    (now.minus_seconds(age + SKEW_SECONDS) > tip).then_some(tip)
}

/// The `Date` with which the host of a `did:web` issuer answers now. Nothing about the credential
/// is told: the address is that of the issuer's document.
async fn host_time(content: &Content, tools: &Tools<'_>) -> Option<Moment> {
    if tools.offline {
        return None;
    }
    let issuer = content.issuer().and_then(|issuer| Did::parse(issuer).ok())?;
    let url: Url = did_resolution::did_web_url(&issuer).ok()?;
    // The tag fits nothing: caches on the way must ask the host, and the answer is of now.
    let request =
        FetchRequest::get(url).header("If-None-Match", "\"clock\"").max_bytes(MAX_BODY_BYTES);
    let response = tools.fetch.fetch(request).await.ok()?;
    let date = OffsetDateTime::parse(response.header("Date")?, &Rfc2822).ok()?;
    Some(Moment::from_unix(date.unix_timestamp()))
}
