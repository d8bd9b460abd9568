//! Lists by their digest: as they were on a past day, and from mirrors where the issuer's host
//! withholds them or is gone. What an epoch of the chain commits to is what counts; who hands the
//! bytes over does not matter.
use credential_model::moment::Moment;
use evm_chain::{EpochEvent, StatusHead};
use sha2::{Digest, Sha256};
use status_lists::StatusValue;
use web_fetch::FetchRequest;

use super::anchor::{below, inclusion, is_pinned};
use super::list::{self, Form, ReadList, Wanted};
use super::{SKEW_SECONDS, StatusFinding};
use crate::{codes::Code, evidence::Evidence, examine::Tools, outcome::CheckOutcome};

const MAX_LIST_BYTES: usize = 4 * 1024 * 1024;
/// Epochs that are walked back; at one an hour this is almost a year, at one a day eleven.
const MAX_EPOCHS: usize = 4_096;

/// The state at a past moment, from the list that was in force then. Whatever is missing leaves
/// it unknown: an archive with a hole says nothing about the credential.
pub(super) async fn look_back(
    wanted: &Wanted<'_>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> StatusFinding {
    if wanted.at > wanted.now {
        return StatusFinding::from(CheckOutcome::inconclusive(
            Code::StatusOtherMoment,
            "nobody knows the state of a coming day",
        ));
    }
    match then(wanted, tools, evidence).await {
        Ok((list, head)) => {
            let outcome = match &list.value {
                Ok(StatusValue::Valid) => CheckOutcome::passed(Code::StatusValidThen),
                Ok(StatusValue::Suspended) => CheckOutcome::failed(Code::StatusSuspended, ""),
                Ok(StatusValue::Revoked) => CheckOutcome::failed(Code::StatusRevoked, ""),
                Ok(StatusValue::Superseded) => CheckOutcome::failed(Code::StatusSuperseded, ""),
                Err(outcome) => outcome.clone(),
            };
            let detail = format!(
                "list version {}, sha256 {}, epoch {}",
                list.version, list.sha256, head.epoch
            );
            StatusFinding {
                outcome: outcome.detailed(detail).as_of(list.as_of),
                anchored_at: Some(Moment::from_unix(head.time)),
            }
        }
        Err(outcome) => StatusFinding::from(outcome),
    }
}

fn missing(detail: &str) -> CheckOutcome {
    CheckOutcome::inconclusive(Code::StatusNotInArchive, detail)
}

async fn then(
    wanted: &Wanted<'_>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<(ReadList, StatusHead), CheckOutcome> {
    let key = wanted.key();
    // An attached list was in force from its epoch to the block that still showed it as newest.
    let at = wanted.at;
    let attached = evidence
        .lists(&key)
        .into_iter()
        .rev()
        .find(|one| Moment::from_unix(one.head.time) <= at && at <= one.seen_at);
    if let Some(attached) = attached {
        let head = attached.head.clone();
        in_force(&head, at)?;
        let anchored = Some(Moment::from_unix(head.time));
        let bytes = attached.text.as_bytes();
        return Ok((list::read(wanted, bytes, anchored, tools, evidence).await?, head));
    }
    if tools.offline {
        return Err(CheckOutcome::inconclusive(Code::StatusOffline, ""));
    }
    let head = epoch_at(wanted, tools).await?;
    in_force(&head, at)?;
    let list = by_digest(wanted, &head, tools, evidence).await?;
    Ok((list, head))
}

fn in_force(head: &StatusHead, at: Moment) -> Result<(), CheckOutcome> {
    if at.minus_seconds(SKEW_SECONDS).unix() > head.valid_until {
        return Err(missing("the issuer's anchored word had run out before that moment"));
    }
    Ok(())
}

/// The epoch that was the newest at the moment asked about.
async fn epoch_at(wanted: &Wanted<'_>, tools: &Tools<'_>) -> Result<StatusHead, CheckOutcome> {
    let chain = tools.chain.ok_or_else(|| missing("no chain is configured"))?;
    match is_pinned(chain, wanted.issuer, tools).await {
        Ok(true) => {}
        Ok(false) => return Err(missing("no account is vouched for on the chain")),
        Err(code) => return Err(missing(code)),
    }
    let epochs = chain
        .epochs(wanted.issuer.as_str(), 1, MAX_EPOCHS)
        .await
        .map_err(|error| missing(error.code()))?;
    let found = epochs.iter().rev().find(|one| one.time <= wanted.at.unix());
    found.map(head_of).ok_or_else(|| missing("no epoch as old as that is known"))
}

fn head_of(event: &EpochEvent) -> StatusHead {
    StatusHead {
        status_root: event.status_root,
        issuance_root: event.issuance_root,
        epoch: event.epoch,
        time: event.time,
        valid_until: event.valid_until,
        count: event.count,
    }
}

/// The list that an epoch commits to, from the issuer's archive or a mirror.
async fn by_digest(
    wanted: &Wanted<'_>,
    head: &StatusHead,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<ReadList, CheckOutcome> {
    let sha256 = inclusion(&wanted.key(), &wanted.url()?, wanted.form, head, tools, evidence)
        .await
        .map(|proof| proof.sha256)
        .ok_or_else(|| missing("no inclusion proof for that epoch"))?;
    let bytes =
        bytes(wanted, &sha256, tools).await.ok_or_else(|| missing("the list is in no archive"))?;
    let anchored = Some(Moment::from_unix(head.time));
    list::read(wanted, &bytes, anchored, tools, evidence).await
}

/// Where the host serves nothing, or something that cannot be read: the list of the newest epoch
/// from a mirror. None when that fails too; then the complaint about the host stands.
pub(super) async fn from_mirror(
    wanted: &Wanted<'_>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Option<ReadList> {
    let chain = tools.chain.filter(|_| !tools.offline && !tools.grounds.mirrors.is_empty())?;
    if is_pinned(chain, wanted.issuer, tools).await != Ok(true) {
        return None;
    }
    let head = chain.status_head(wanted.issuer.as_str()).await.ok()??;
    by_digest(wanted, &head, tools, evidence).await.ok()
}

/// The bytes with this digest, from whoever has them.
async fn bytes(wanted: &Wanted<'_>, sha256: &str, tools: &Tools<'_>) -> Option<Vec<u8>> {
    let mut places = Vec::new();
    // The archive lies beside the lists: `/status/archive/{sha256}`.
    if let Ok(url) = wanted.url()
        && let Ok(own) = url.join(&format!("archive/{sha256}"))
    {
        places.push(own);
    }
    places.extend(tools.grounds.mirrors.iter().map(|mirror| below(mirror, sha256)));
    for place in places {
        let accept = match wanted.form {
            Form::Credential => "application/vc, application/json;q=0.9, */*;q=0.1",
            Form::Token => "application/statuslist+jwt, */*;q=0.1",
        };
        let request = FetchRequest::get(place).accept(accept).max_bytes(MAX_LIST_BYTES);
        let Ok(response) = tools.fetch.fetch(request).await else { continue };
        if response.status == 200 && hex::encode(Sha256::digest(&response.body)) == sha256 {
            return Some(response.body);
        }
    }
    None
}
