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
use crate::{codes::Code, examine::Tools, outcome::CheckOutcome};

const MAX_INCLUSION_BYTES: usize = 64 * 1024;

/// How long an epoch may be on its way from the issuer's record into a block. A list first published
/// meanwhile is rightly absent from it. The price is that a dishonest host could hide a list for so
/// long; half a minute is far below any type's freshness limit.
const IN_FLIGHT_SECONDS: i64 = 30;

/// A doubt that the anchor raises, and the time of the head that was read.
pub(super) async fn compare(
    list: &ReadList,
    issuer: &Did,
    tools: &Tools<'_>,
    now: Moment,
) -> (Option<CheckOutcome>, Option<Moment>) {
    let Some(chain) = tools.chain else { return (None, None) };
    let unavailable =
        |detail: &str| Some(CheckOutcome::inconclusive(Code::StatusAnchorUnavailable, detail));
    match is_pinned(chain, issuer, tools).await {
        Err(code) => return (unavailable(code), None),
        Ok(false) => return (None, None),
        Ok(true) => {}
    }
    let mut last = AnchorFinding::Unproven;
    let mut anchored_at = None;
    // Between reading the head and fetching the proof a new epoch may be anchored: look twice.
    for _ in 0..2 {
        let head = match chain.status_head(issuer.as_str()).await {
            Err(error) => return (unavailable(error.code()), None),
            // The issuer has not anchored anything yet: there is nothing to contradict.
            Ok(None) => return (None, None),
            Ok(Some(head)) => head,
        };
        anchored_at = Some(Moment::from_unix(head.time));
        last = finding(list, &head, tools, now).await;
        if last != AnchorFinding::Unproven {
            break;
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
    let doubt = match last {
        AnchorFinding::Anchored | AnchorFinding::NotYetAnchored => None,
        AnchorFinding::RolledBack => Some(CheckOutcome::inconclusive(
            Code::StatusRolledBack,
            "a newer list is anchored on the chain",
        )),
        AnchorFinding::Equivocated => Some(CheckOutcome::inconclusive(
            Code::StatusEquivocated,
            "another list is anchored under this version",
        )),
        AnchorFinding::Stale => Some(CheckOutcome::inconclusive(
            Code::StatusStale,
            "the issuer's anchored head has run out",
        )),
        _ => unavailable("no inclusion proof for the anchored head"),
    };
    (doubt, anchored_at)
}

/// Whether the issuer's DID is under the account that the trust list names. A DID that was
/// never anchored belongs to nobody there, so its status head is compared as it is: that can
/// raise a doubt, but lift none.
async fn is_pinned(
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
    now: Moment,
) -> AnchorFinding {
    let inclusion = inclusion(list, head.epoch, tools).await;
    chain_anchors::compare(
        &list.key,
        &list.bytes,
        list.version,
        inclusion.as_ref(),
        head,
        now.unix(),
    )
}

/// `{list}/inclusion?epoch=N`, for the token form with `&form=token`. The epoch is the one the chain
/// names: the issuer's own record of it may be a moment behind the chain.
async fn inclusion(list: &ReadList, epoch: u64, tools: &Tools<'_>) -> Option<ListInclusion> {
    let mut url = list.url.clone();
    let path = format!("{}/inclusion", url.path().trim_end_matches('/'));
    url.set_path(&path);
    let form = if list.form == Form::Token { "&form=token" } else { "" };
    url.set_query(Some(&format!("epoch={epoch}{form}")));
    let request = FetchRequest::get(url).accept("application/json").max_bytes(MAX_INCLUSION_BYTES);
    let response = tools.fetch.fetch(request).await.ok()?;
    if response.status != 200 {
        return None;
    }
    let limits = Limits { max_bytes: MAX_INCLUSION_BYTES, max_depth: 8 };
    let value = parse_strict(&response.body, &limits).ok()?;
    serde_json::from_value(value).ok()
}
