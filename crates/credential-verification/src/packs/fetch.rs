//! Fetching a pack, or what changed since the one at hand.
use chain_anchors::PackEvidence;
use credential_model::{
    json::{Limits, parse_strict},
    moment::Moment,
};
use sha2::{Digest, Sha256};
use status_lists::{MAX_DELTA_BYTES, MAX_PACK_BYTES, PackUpdate};
use url::Url;
use web_fetch::FetchRequest;

use super::{HeldPack, MAX_INDEX_BYTES, PackFault, SignedIndex};
use crate::{checks::status, examine::Tools};

const MAX_EVIDENCE_BYTES: usize = 1024 * 1024;

/// What [`follow`] did, for logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetched {
    /// Bytes of index, deltas and snapshot that were fetched.
    pub bytes: usize,
    /// Deltas that were applied; 0 for a snapshot or when nothing changed.
    pub deltas: usize,
}

/// Where the pack of an issuer lies whose lists lie at this address: beside them.
pub fn beside_list(list: &Url) -> Option<Url> {
    let mut url = list.join("pack").ok()?;
    url.set_query(None);
    Some(url)
}

/// Fetches the index at `address`, checks its signature by the issuer's keys, and brings what is
/// `held` up to date: by deltas where they suffice, else by the snapshot. What the digests name may
/// also come from a mirror. Evidence is taken along where it can be had.
///
/// # Errors
/// [`PackFault`]; what is held stays as it was.
pub async fn follow(
    address: &Url,
    held: Option<&HeldPack>,
    tools: &Tools<'_>,
    now: Moment,
) -> Result<(HeldPack, Fetched), PackFault> {
    let bytes = get(address.clone(), "application/statuspack+jwt", MAX_INDEX_BYTES, tools).await?;
    let text = std::str::from_utf8(&bytes).map_err(|e| PackFault::Token(e.to_string()))?;
    let signed = SignedIndex::read(text)?;
    status::check_index(&signed, held, tools, now).await?;
    let mut fetched = Fetched { bytes: bytes.len(), deltas: 0 };
    let pinned = tools.grounds.pinned.as_deref();
    let evidence = evidence(address, tools).await;
    if let Some(held) = held {
        let steps = match held.plan(&signed)? {
            PackUpdate::Nothing => Some(Vec::new()),
            PackUpdate::Deltas(links) => {
                let mut steps = Vec::with_capacity(links.len());
                for link in &links {
                    match part(&link.url, &link.sha256, MAX_DELTA_BYTES, tools).await {
                        Ok(bytes) => steps.push(bytes),
                        // The history is bounded and replicas differ: the snapshot is always there.
                        Err(_) => break,
                    }
                }
                (steps.len() == links.len()).then_some(steps)
            }
            PackUpdate::Snapshot(_) => None,
        };
        if let Some(steps) = steps {
            fetched.deltas = steps.len();
            fetched.bytes += steps.iter().map(Vec::len).sum::<usize>();
            return Ok((held.advance(signed, steps, evidence, pinned)?, fetched));
        }
    }
    let link = signed.index.snapshot.clone();
    let snapshot = part(&link.url, &link.sha256, MAX_PACK_BYTES, tools).await?;
    fetched.bytes += snapshot.len();
    Ok((HeldPack::open(text, snapshot, evidence, pinned)?, fetched))
}

/// Bytes by their digest, from where the index says or from a mirror.
async fn part(
    address: &str,
    sha256: &[u8; 32],
    max_bytes: usize,
    tools: &Tools<'_>,
) -> Result<Vec<u8>, PackFault> {
    let named = Url::parse(address).map_err(|error| PackFault::Fetch(error.to_string()));
    let mut complaint = None;
    let name = hex::encode(sha256);
    let mirrors = tools.grounds.mirrors.iter().map(|mirror| Ok(status::below(mirror, &name)));
    for place in std::iter::once(named).chain(mirrors) {
        let found = match place {
            Ok(place) => get(place, "*/*", max_bytes, tools).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(bytes) if <[u8; 32]>::from(Sha256::digest(&bytes)) == *sha256 => return Ok(bytes),
            Ok(_) => complaint = complaint.or(Some(status_lists::PackError::DigestMismatch.into())),
            Err(error) => complaint = complaint.or(Some(error)),
        }
    }
    Err(complaint.unwrap_or_else(|| PackFault::Fetch("no address".to_owned())))
}

async fn evidence(address: &Url, tools: &Tools<'_>) -> Option<PackEvidence> {
    let place = status::below(address, "evidence");
    let bytes = get(place, "application/json", MAX_EVIDENCE_BYTES, tools).await.ok()?;
    let limits = Limits { max_bytes: MAX_EVIDENCE_BYTES, max_depth: 16 };
    serde_json::from_value(parse_strict(&bytes, &limits).ok()?).ok()
}

async fn get(
    url: Url,
    accept: &str,
    max_bytes: usize,
    tools: &Tools<'_>,
) -> Result<Vec<u8>, PackFault> {
    if tools.offline {
        return Err(PackFault::Fetch("offline".to_owned()));
    }
    let request = FetchRequest::get(url).accept(accept).max_bytes(max_bytes);
    let response = tools
        .fetch
        .fetch(request)
        .await
        .map_err(|error| PackFault::Fetch(error.code().to_owned()))?;
    if response.status != 200 {
        return Err(PackFault::Fetch(format!("http_{}", response.status)));
    }
    Ok(response.body)
}
