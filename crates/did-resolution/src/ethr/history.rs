//! The walk through a registry: from the last change back to the first, one question a change.

use credential_model::moment::Moment;
use evm_chain::{Address, ChainError, Erc1056Change, Erc1056Event, EthrEvents};

use super::attribute::field_text;
use crate::error::ResolveError;
use crate::version::VersionQuery;

/// Most blocks with changes of one identity that are read. The registry has no shortcut: each is
/// a question to the node.
pub const MAX_CHANGES: usize = 512;

/// An identity's changes as of a version.
pub(super) struct History {
    /// Oldest first, none after the version.
    pub(super) events: Vec<Erc1056Event>,
    /// Block of the newest of them; 0 when there is none.
    pub(super) version_id: u64,
    /// Unix seconds at which validity ends are judged.
    pub(super) judged_at: u64,
}

pub(super) async fn read(
    chain: &dyn EthrEvents,
    identity: Address,
    query: &VersionQuery,
    now: Moment,
) -> Result<History, ResolveError> {
    let tip = chain.tip().await.map_err(could_not_look)?;
    let (until, judged_at) = match query {
        VersionQuery::Latest => (tip.number, now.unix()),
        VersionQuery::Id(block) => {
            let block: u64 = block.parse().map_err(|_| ResolveError::VersionNotFound)?;
            if block > tip.number {
                return Err(ResolveError::VersionNotFound);
            }
            let time = chain.block_time(block).await.map_err(could_not_look)?;
            (block, time.ok_or_else(|| incomplete("did_block_withheld"))?)
        }
        // The method knows blocks only.
        VersionQuery::Number(_) | VersionQuery::Time(_) => {
            return Err(ResolveError::VersionNotSupported);
        }
    };
    let mut events = walk(chain, identity, tip.number).await?;
    events.retain(|event| event.block <= until);
    let version_id = events.iter().rfind(|event| is_of_the_method(event)).map_or(0, |e| e.block);
    let judged_at = u64::try_from(judged_at).unwrap_or_default();
    Ok(History { events, version_id, judged_at })
}

/// All changes, oldest first.
async fn walk(
    chain: &dyn EthrEvents,
    identity: Address,
    tip: u64,
) -> Result<Vec<Erc1056Event>, ResolveError> {
    let mut block = chain.changed(identity, tip).await.map_err(could_not_look)?;
    let mut newest_first = Vec::new();
    let mut steps = 0;
    let mut above = tip + 1;
    while block > 0 {
        steps += 1;
        if steps > MAX_CHANGES {
            return Err(ResolveError::TooManyChanges { limit: MAX_CHANGES });
        }
        // Back-links only ever lead down; anything else could lead in a circle.
        if block >= above {
            return Err(incomplete("did_events_inconsistent"));
        }
        let events = chain.events(identity, block).await.map_err(could_not_look)?;
        // The first change in a block links to an earlier block, the others to this one. A node
        // that shows none of them, or not the first, withholds.
        let (first, rest) =
            events.split_first().ok_or_else(|| incomplete("did_events_withheld"))?;
        if first.previous >= block || rest.iter().any(|event| event.previous != block) {
            return Err(incomplete("did_events_withheld"));
        }
        above = block;
        block = first.previous;
        newest_first.extend(events.into_iter().rev());
    }
    newest_first.reverse();
    Ok(newest_first)
}

/// Somebody's other use of the registry is no version of the document.
fn is_of_the_method(event: &Erc1056Event) -> bool {
    match &event.change {
        Erc1056Change::Owner(_) => true,
        Erc1056Change::Delegate { kind: field, .. }
        | Erc1056Change::Attribute { name: field, .. } => field_text(field).is_some(),
    }
}

fn could_not_look(error: ChainError) -> ResolveError {
    incomplete(error.code())
}

fn incomplete(code: &str) -> ResolveError {
    ResolveError::Unreachable { detail: code.to_owned() }
}
