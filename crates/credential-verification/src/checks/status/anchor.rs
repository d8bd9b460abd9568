//! The anchored head of the issuer: an old list fails against it, two lists under one version
//! show, and a frozen issuer is noticed. A head counts only where the account behind it is the
//! one that the trust list names for the issuer: anybody may anchor under a DID that is free.
use chain_anchors::{AnchorFinding, ListInclusion};
use credential_model::{
    did::Did,
    json::{Limits, parse_strict},
    moment::Moment,
};
use evm_chain::{ReadChain, StatusHead};
use web_fetch::FetchRequest;

use super::list::{Form, ReadList};
use crate::{
    checks::SKEW_SECONDS, codes::Code, evidence::Evidence, examine::Tools, outcome::CheckOutcome,
};

const MAX_INCLUSION_BYTES: usize = 64 * 1024;

/// How long an epoch may be on its way from the issuer's record into a block. A list first published
/// meanwhile is rightly absent from it. The price is that a dishonest host could hide a list for so
/// long; half a minute is far below any type's freshness limit.
const IN_FLIGHT_SECONDS: i64 = 30;

/// A doubt that the anchor raises, and the time of the head that was read. The chain is asked
/// first; a stapled head stands in where it cannot be asked.
pub(super) async fn compare(
    list: &ReadList,
    issuer: &Did,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
    now: Moment,
) -> (Option<CheckOutcome>, Option<Moment>) {
    let stapled = || compare_stapled(list, evidence, now);
    let Some(chain) = tools.chain.filter(|_| !tools.offline) else {
        let proven = list.pack.and_then(|pack| pack.anchored);
        return stapled().unwrap_or((None, proven));
    };
    let unavailable =
        |detail: &str| Some(CheckOutcome::inconclusive(Code::StatusAnchorUnavailable, detail));
    match is_pinned(chain, issuer, tools).await {
        Err(code) => return stapled().unwrap_or((unavailable(code), None)),
        Ok(false) => return (None, None),
        Ok(true) => {}
    }
    let mut last = AnchorFinding::Unproven;
    let mut anchored_at = None;
    // Between reading the head and fetching the proof a new epoch may be anchored: look twice.
    for _ in 0..2 {
        let head = match chain.status_head(issuer.as_str()).await {
            Err(error) => return stapled().unwrap_or((unavailable(error.code()), None)),
            // The issuer has not anchored anything yet: there is nothing to contradict.
            Ok(None) => return (None, None),
            Ok(Some(head)) => head,
        };
        if head.time > now.plus_seconds(SKEW_SECONDS).unix() {
            let behind =
                CheckOutcome::inconclusive(Code::ClockBehind, "the chain is later than we");
            return (Some(behind), None);
        }
        anchored_at = Some(Moment::from_unix(head.time));
        if let Some(pack) = list.pack
            && pack.epoch == head.epoch
            && pack.anchored.is_some()
        {
            // The head commits to this very pack.
            let over = now.unix() > head.valid_until;
            last = if over { AnchorFinding::Stale } else { AnchorFinding::Anchored };
            break;
        }
        last = finding(list, &head, tools, evidence, now).await;
        if last != AnchorFinding::Unproven {
            break;
        }
        if let Some(pack) = list.pack {
            // A pack is served when its epoch is anchored, so none is on its way. Whether a list is
            // in a newer epoch as it was is not known.
            let doubt = if pack.epoch < head.epoch {
                let detail = "a newer epoch is anchored than that of the status pack";
                CheckOutcome::inconclusive(Code::StatusStale, detail)
            } else {
                let detail = "nothing proves the status pack to be the anchored one";
                CheckOutcome::inconclusive(Code::StatusAnchorUnavailable, detail)
            };
            return (Some(doubt), None);
        }
        if list.as_of.unix() + IN_FLIGHT_SECONDS > head.time {
            // Published after the head was drawn up: every head commits to all lists of its moment,
            // so only a younger list may be absent from it, and only while the issuer stands by it.
            if now.unix() > head.valid_until {
                last = AnchorFinding::Stale;
                break;
            }
            return (None, anchored_at);
        }
    }
    (doubt(last, unavailable("no inclusion proof for the anchored head")), anchored_at)
}

fn doubt(finding: AnchorFinding, unproven: Option<CheckOutcome>) -> Option<CheckOutcome> {
    let (code, detail) = match finding {
        AnchorFinding::Anchored | AnchorFinding::NotYetAnchored => return None,
        AnchorFinding::RolledBack => {
            (Code::StatusRolledBack, "a newer list is anchored on the chain")
        }
        AnchorFinding::Equivocated => {
            (Code::StatusEquivocated, "another list is anchored under this version")
        }
        AnchorFinding::Stale => (Code::StatusStale, "the issuer's anchored head has run out"),
        _ => return unproven,
    };
    Some(CheckOutcome::inconclusive(code, detail))
}

/// The same with what the staple proves; none when it proves nothing about this list.
fn compare_stapled(
    list: &ReadList,
    evidence: &Evidence<'_>,
    now: Moment,
) -> Option<(Option<CheckOutcome>, Option<Moment>)> {
    let newest = evidence.lists(&list.key).pop()?;
    let (head, seen_at) = (&newest.head, newest.seen_at);
    if seen_at > now.plus_seconds(SKEW_SECONDS) {
        let behind =
            CheckOutcome::inconclusive(Code::ClockBehind, "a proven block is later than we");
        return Some((Some(behind), None));
    }
    let found = chain_anchors::compare_digest(
        &list.key,
        &list.digest,
        list.version,
        Some(newest.inclusion),
        head,
        now.unix(),
    );
    let unproven = CheckOutcome::inconclusive(Code::StatusAnchorUnavailable, "another list");
    Some((doubt(found, Some(unproven)), Some(Moment::from_unix(head.time))))
}

/// Whether the issuer's DID is under the account that the trust list names. A DID that was
/// never anchored belongs to nobody there, so its status head is compared as it is: that can
/// raise a doubt, but lift none.
pub(super) async fn is_pinned(
    chain: &dyn ReadChain,
    issuer: &Did,
    tools: &Tools<'_>,
) -> Result<bool, &'static str> {
    let account = tools.trust.and_then(|trust| trust.chain_controller(issuer.as_str()));
    let Some(account) = account else { return Ok(false) };
    match chain.did_head(issuer.as_str()).await {
        Err(error) => Err(error.code()),
        Ok(head) => Ok(head.is_none_or(|head| head.controller.as_bytes() == account.as_bytes())),
    }
}

async fn finding(
    list: &ReadList,
    head: &StatusHead,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
    now: Moment,
) -> AnchorFinding {
    let inclusion = inclusion(&list.key, &list.url, list.form, head, tools, evidence).await;
    chain_anchors::compare_digest(
        &list.key,
        &list.digest,
        list.version,
        inclusion.as_ref(),
        head,
        now.unix(),
    )
}

/// The place of a list in the head's epoch: attached, or from its host, else from a mirror. What does not fit
/// the head is no answer, whoever gives it.
pub(super) async fn inclusion(
    key: &str,
    list: &url::Url,
    form: Form,
    head: &StatusHead,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Option<ListInclusion> {
    if let Some(attached) = evidence.inclusions(key).find(|one| one.verify(head).is_ok()) {
        return Some(attached.clone());
    }
    let mut places = vec![at_host(list, form, head.epoch)];
    for mirror in &tools.grounds.mirrors {
        let mut url = below(mirror, "inclusion");
        url.query_pairs_mut()
            .append_pair("list", key)
            .append_pair("epoch", &head.epoch.to_string());
        places.push(url);
    }
    for place in places {
        if let Some(proof) = read_inclusion(place, tools).await
            && proof.list == key
            && proof.verify(head).is_ok()
        {
            return Some(proof);
        }
    }
    None
}

/// `{list}/inclusion?epoch=N`, for the token form with `&form=token`. The epoch is the one the chain
/// names: the issuer's own record of it may be a moment behind the chain.
fn at_host(list: &url::Url, form: Form, epoch: u64) -> url::Url {
    let mut url = list.clone();
    let path = format!("{}/inclusion", url.path().trim_end_matches('/'));
    url.set_path(&path);
    let form = if form == Form::Token { "&form=token" } else { "" };
    url.set_query(Some(&format!("epoch={epoch}{form}")));
    url
}

/// `{base}/{name}`.
pub(crate) fn below(base: &url::Url, name: &str) -> url::Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{name}", base.path().trim_end_matches('/')));
    url
}

async fn read_inclusion(url: url::Url, tools: &Tools<'_>) -> Option<ListInclusion> {
    let request = FetchRequest::get(url).accept("application/json").max_bytes(MAX_INCLUSION_BYTES);
    let response = tools.fetch.fetch(request).await.ok()?;
    if response.status != 200 {
        return None;
    }
    let limits = Limits { max_bytes: MAX_INCLUSION_BYTES, max_depth: 8 };
    let value = parse_strict(&response.body, &limits).ok()?;
    serde_json::from_value(value).ok()
}
