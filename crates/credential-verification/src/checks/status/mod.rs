//! Status: the list is fetched whole (the request never contains the index), its own proof and
//! issuer are checked, it must be fresh and not older than one seen before, and where a chain
//! is configured it must fit the anchored head.
//!
//! Outcomes stay apart: valid, suspended, revoked, superseded, stale, rolled back, equivocated,
//! unavailable. Only a list that was really looked at makes a credential invalid.
use credential_model::{
    catalogue::StalePolicy, did::Did, format::CredentialFormat, moment::Moment,
};
use serde_json::Value;
use status_lists::{StatusEntry, StatusValue};

use super::SKEW_SECONDS;
use crate::{
    codes::Code,
    content::Content,
    evidence::Evidence,
    examine::Tools,
    outcome::{CheckOutcome, OutcomeKind},
    store::{SeenBefore, SeenList},
};

mod anchor;
mod history;
mod list;
mod pack;

pub(crate) use anchor::below;
use list::{Form, ReadList, Wanted};
pub(crate) use pack::check_index;

/// What the list said, and how fresh the anchor behind it is.
pub struct StatusFinding {
    /// The outcome; its moment is the list's date.
    pub outcome: CheckOutcome,
    /// When the anchored head that the list was compared with was made.
    pub anchored_at: Option<Moment>,
}

impl StatusFinding {
    fn from(outcome: CheckOutcome) -> Self {
        StatusFinding { outcome, anchored_at: None }
    }
}

/// Looks up the present status of a credential whose proof holds, with nothing attached but what
/// the issuer's status pack brings.
pub async fn check(
    content: &Content,
    issuer: &Did,
    tools: &Tools<'_>,
    now: Moment,
) -> StatusFinding {
    let evidence = Evidence::gather(None, [0; 32], issuer.as_str(), tools);
    check_at(content, issuer, tools, &evidence, (now, now)).await
}

/// Looks up the status of a credential whose proof holds, now or (`at` earlier than `now`) as it
/// was at a past moment.
pub async fn check_at(
    content: &Content,
    issuer: &Did,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
    (at, now): (Moment, Moment),
) -> StatusFinding {
    let (entries, form) = match entries(content) {
        Ok(found) => found,
        Err(outcome) => return StatusFinding::from(outcome),
    };
    if entries.is_empty() {
        return StatusFinding::from(without_entry(content));
    }
    let mut worst: Option<StatusFinding> = None;
    for entry in &entries {
        let wanted = Wanted { entry, form, issuer, at, now };
        let finding = if at == now {
            look(content, &wanted, tools, evidence).await
        } else {
            history::look_back(&wanted, tools, evidence).await
        };
        if worst.as_ref().is_none_or(|worst| weight(&finding.outcome) > weight(&worst.outcome)) {
            worst = Some(finding);
        }
    }
    worst.unwrap_or_else(|| StatusFinding::from(without_entry(content)))
}

/// Of several entries the worst counts: one list that says "revoked" is enough, and one that
/// could not be looked at leaves the question open.
const fn weight(outcome: &CheckOutcome) -> u8 {
    match outcome.kind() {
        OutcomeKind::Failed => 2,
        OutcomeKind::Inconclusive => 1,
        OutcomeKind::Passed | OutcomeKind::Skipped => 0,
    }
}

async fn look(
    content: &Content,
    wanted: &Wanted<'_>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> StatusFinding {
    let (issuer, now) = (wanted.issuer, wanted.now);
    let pack = pack::look_up(wanted, tools, evidence).await;
    let fresh = |list: &ReadList| stale(content, list, now).is_none();
    let found = match pack {
        Some(Ok(list)) if tools.grounds.packs.is_asked_first() && fresh(&list) => Ok(list),
        pack => list::obtain(wanted, pack, tools, evidence).await,
    };
    let list = match found {
        Ok(list) => list,
        Err(outcome) => return StatusFinding::from(outcome),
    };
    // Old knowledge is judged before its content: an attacker who can serve an old list must
    // not be able to choose the answer, except that what was revoked stays revoked.
    let doubt = match doubts(content, &list, issuer, tools, now).await {
        Ok(doubt) => doubt,
        Err(outcome) => return StatusFinding::from(outcome.as_of(list.as_of)),
    };
    let (doubt, anchored_at) = match doubt {
        Some(doubt) => (Some(doubt), None),
        None => anchor::compare(&list, issuer, tools, evidence, now).await,
    };
    let outcome = match (value(&list), doubt) {
        (Ok(StatusValue::Revoked), _) => CheckOutcome::failed(Code::StatusRevoked, ""),
        (_, Some(doubt)) => doubt,
        (Ok(StatusValue::Valid), None) => CheckOutcome::passed(Code::StatusValid),
        (Ok(StatusValue::Suspended), None) => CheckOutcome::failed(Code::StatusSuspended, ""),
        (Ok(StatusValue::Superseded), None) => CheckOutcome::failed(Code::StatusSuperseded, ""),
        (Err(outcome), None) => outcome,
    };
    let outcome = match list.pack {
        Some(pack) if outcome.detail().is_none() => {
            outcome.detailed(format!("by the issuer's status pack of epoch {}", pack.epoch))
        }
        _ => outcome,
    };
    StatusFinding { outcome: outcome.as_of(list.as_of), anchored_at }
}

/// The status entries of the credential (at most eight) and the form of the lists they point to.
fn entries(content: &Content) -> Result<(Vec<StatusEntry>, Form), CheckOutcome> {
    let malformed = |detail: String| CheckOutcome::inconclusive(Code::StatusEntryMalformed, detail);
    if content.format() == CredentialFormat::SdJwtVc {
        if content.body().get("status").is_none() {
            return Ok((Vec::new(), Form::Token));
        }
        return match StatusEntry::from_token_status(content.body()) {
            Ok(Some(entry)) => Ok((vec![entry], Form::Token)),
            Ok(None) => Err(malformed("`status` holds no status_list".to_owned())),
            Err(error) => Err(malformed(error.to_string())),
        };
    }
    let Some(status) = content.body().get("credentialStatus") else {
        return Ok((Vec::new(), Form::Credential));
    };
    let entries = StatusEntry::from_credential_status(status)
        .map_err(|error| malformed(error.to_string()))?;
    Ok((entries, Form::Credential))
}

fn without_entry(content: &Content) -> CheckOutcome {
    match content.credential_type().map(|known| known.stale_policy()) {
        Some(StalePolicy::FailClosed) => CheckOutcome::inconclusive(Code::StatusRequired, ""),
        _ => CheckOutcome::skipped(Code::StatusAbsent),
    }
}

/// Reasons not to build on the list although it is genuine.
async fn doubts(
    content: &Content,
    list: &ReadList,
    issuer: &Did,
    tools: &Tools<'_>,
    now: Moment,
) -> Result<Option<CheckOutcome>, CheckOutcome> {
    // Strangers can make DIDs and lists without end, and are not entitled to anything: what
    // they publish is not remembered.
    if tools.trust.is_some_and(|trust| !trust.knows(issuer.as_str())) {
        return Ok(stale(content, list, now));
    }
    let offered =
        SeenList { version: list.version, sha256: list.sha256.clone(), as_of: list.as_of };
    let seen = tools
        .seen
        .see_list(&list.key, &offered)
        .await
        .map_err(|error| CheckOutcome::inconclusive(Code::StatusUnavailable, error.code()))?;
    Ok(match seen {
        SeenBefore::Older(newest) => Some(CheckOutcome::inconclusive(
            Code::StatusRolledBack,
            format!("version {} served, version {} seen before", list.version, newest.version),
        )),
        // Two lists of one second, ordered by nothing finer than their date.
        SeenBefore::Differs(_) if list.dated => stale(content, list, now),
        SeenBefore::Differs(_) => Some(CheckOutcome::inconclusive(
            Code::StatusEquivocated,
            format!("two lists under version {}", list.version),
        )),
        SeenBefore::Current => stale(content, list, now),
    })
}

/// Older than its issuer stands by it, or than the type allows.
fn stale(content: &Content, list: &ReadList, now: Moment) -> Option<CheckOutcome> {
    let known = content.credential_type();
    let max_age = known.map_or(86_400, |known| known.status_max_age());
    let fail_closed = known.is_some_and(|known| known.stale_policy() == StalePolicy::FailClosed);
    let ran_out = list.valid_until.is_some_and(|until| now.minus_seconds(SKEW_SECONDS) > until);
    let too_old = now.minus_seconds(max_age + SKEW_SECONDS) > list.as_of;
    // Where the type only warns, the issuer's own date decides, if there is one.
    let stale = ran_out || (too_old && (fail_closed || list.valid_until.is_none()));
    stale.then(|| {
        let what = if list.pack.is_some() { "status pack" } else { "list" };
        let detail = format!("the {what} dates from {}", list.as_of);
        CheckOutcome::inconclusive(Code::StatusStale, detail)
    })
}

fn value(list: &ReadList) -> Result<StatusValue, CheckOutcome> {
    list.value.clone()
}

/// The address of the first status list that the content names; used to find the issuer's pack.
pub fn list_address(content: &Content) -> Option<url::Url> {
    let (entries, _) = entries(content).ok()?;
    url::Url::parse(&entries.first()?.list).ok()
}

/// `credentialStatus` or `status` as it stands in the content; used by reports.
pub fn entry_value(content: &Content) -> Option<&Value> {
    content.body().get("credentialStatus").or_else(|| content.body().get("status"))
}
