//! The issuer's keys: where they come from, and where each of them stands.
use credential_model::{
    did::{Did, DidDocument, DidUrl},
    moment::Moment,
};
use did_resolution::{
    AnchorCheck, AnchoredVersion, Resolution, ResolveError, Source, VerificationKeyError,
    verification_key,
};
use evm_chain::{ChainError, ReadChain, key_id_hash};
use signing_keys::{KeyRing, VerificationKey};

use super::SKEW_SECONDS;
use super::proof::{from_key, from_resolve};
use crate::{
    codes::Code,
    evidence::{Evidence, read_document},
    examine::Tools,
    grounds::Standing,
    outcome::CheckOutcome,
};

/// Proof sets larger than this are not honest.
const MAX_PROOFS: usize = 8;
/// How many versions back a retired key is looked for.
const MAX_OLD_VERSIONS: u64 = 32;
/// A document known from a staple alone says nothing of what happened to its keys since. After
/// this many seconds it needs an anchored issuance beside it.
const STAPLED_KEYS_SECONDS: i64 = 7 * 86_400;

/// Keys of one issuer, freshly resolved.
pub(crate) struct IssuerKeys {
    pub(crate) ring: KeyRing,
    pub(crate) anchored_at: Option<Moment>,
    pub(crate) witness: Option<&'static str>,
    /// The worst standing of the keys that were named.
    pub(crate) standing: Standing,
    /// The document comes from a staple alone, proven as of this moment.
    pub(crate) stapled: Option<Moment>,
}

/// Resolves the issuer and collects the named keys. No other DID is ever looked up: a proof
/// that names somebody else's key is refused before any network is touched.
pub(crate) async fn issuer_keys(
    methods: &[DidUrl],
    issuer: &Did,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<IssuerKeys, CheckOutcome> {
    if methods.is_empty() {
        return Err(CheckOutcome::failed(Code::ProofMissing, ""));
    }
    if methods.len() > MAX_PROOFS {
        return Err(CheckOutcome::failed(Code::ProofMalformed, "more than 8 proofs"));
    }
    if methods.iter().any(|method| method.did() != *issuer) {
        return Err(CheckOutcome::failed(
            Code::ProofIssuerMismatch,
            "the proof names a key of another DID than the issuer's",
        ));
    }
    let (resolution, stapled) = resolve(issuer, tools, evidence).await?;
    let mut ring = KeyRing::new();
    let mut worst = Standing::Active;
    for method in methods {
        // What could not resolve the document is not asked about its keys.
        let live = asked(tools).filter(|_| stapled.is_none() && resolution.anchored.is_some());
        let standing = standing(issuer, method, live, tools, evidence).await?;
        ring.insert(key(issuer, method, &resolution, standing, tools, evidence).await?);
        worst = worse(worst, standing);
    }
    let witness = match (&resolution.anchor_check, resolution.source) {
        _ if stapled.is_some() => Some("the issuer's document as proven by the attached evidence"),
        (_, Source::Chain) => Some("the issuer's document as anchored on the chain"),
        (AnchorCheck::NotPinned, _) => {
            Some("did_anchor_not_pinned: no chain account is vouched for, the host alone was asked")
        }
        _ => None,
    };
    let anchored_at = resolution.anchored.map(|version| version.anchored_at);
    Ok(IssuerKeys { ring, anchored_at, witness, standing: worst, stapled })
}

/// The document from wherever it can be had: host and chain first, the staple where both fail.
async fn resolve(
    issuer: &Did,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<(Resolution, Option<Moment>), CheckOutcome> {
    let stapled = || evidence.resolution(issuer).map(|(found, seen)| (found, Some(seen)));
    match tools.resolver.resolve(issuer).await {
        Ok(resolution) => match resolution.anchor_check.clone() {
            // The operator asked for the chain as a witness; without it nothing is claimed.
            AnchorCheck::Unreachable { code } => stapled()
                .ok_or_else(|| CheckOutcome::inconclusive(Code::IssuerAnchorUnavailable, code)),
            _ => Ok((resolution, None)),
        },
        Err(error @ ResolveError::Deactivated) => Err(from_resolve(&error)),
        Err(error) => stapled().ok_or_else(|| from_resolve(&error)),
    }
}

/// Where a key stands by everything that is known of it: the chain, the staple, what was learned
/// before. Sources only ever make it worse.
async fn standing(
    issuer: &Did,
    method: &DidUrl,
    live: Option<&dyn ReadChain>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<Standing, CheckOutcome> {
    let key = key_id_hash(method.as_str());
    let mut states = evidence.key_states(&key);
    if let Some(book) = &tools.grounds.keys {
        states.extend(book.states(issuer.as_str()).iter().filter(|state| state.key == key));
    }
    // Only the pinned account's statements count; the resolution has compared it.
    if let Some(chain) = live {
        match chain.key_states(issuer.as_str()).await {
            Ok(found) => states.extend(found.into_iter().filter(|state| state.key == key)),
            Err(ChainError::NotSupported(_)) => {}
            Err(error) => {
                return Err(CheckOutcome::inconclusive(
                    Code::IssuerAnchorUnavailable,
                    error.code(),
                ));
            }
        }
    }
    Ok(Standing::worst(&states))
}

fn asked<'a>(tools: &Tools<'a>) -> Option<&'a dyn ReadChain> {
    tools.chain.filter(|_| !tools.offline)
}

/// The key from the current document, or from an older version where its retirement (or loss) is
/// on record: leaving a key out of a document says neither.
async fn key(
    issuer: &Did,
    method: &DidUrl,
    resolution: &Resolution,
    standing: Standing,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<VerificationKey, CheckOutcome> {
    let complaint = match verification_key(&resolution.document, method) {
        Ok(key) => return Ok(on_record(key, standing)),
        Err(error) => error,
    };
    let missing = matches!(complaint, VerificationKeyError::NotFound(_));
    if !missing || standing == Standing::Active {
        return Err(from_key(&complaint));
    }
    let find = |document: &DidDocument| verification_key(document, method).ok();
    if let Some(key) = evidence.documents(issuer).iter().find_map(find) {
        return Ok(on_record(key, standing));
    }
    let Some((chain, anchored)) = asked(tools).zip(resolution.anchored.as_ref()) else {
        return Err(CheckOutcome::inconclusive(
            Code::ProofKeyStateUnknown,
            "the key is retired and no older document is at hand",
        ));
    };
    for version in older(anchored) {
        match chain.did_document(issuer.as_str(), version).await {
            Ok(bytes) => {
                if let Some(key) = read_document(issuer, &bytes).as_ref().and_then(find) {
                    return Ok(on_record(key, standing));
                }
            }
            // Anchored by digest only: perhaps an older one was published.
            Err(error) if !error.is_inconclusive() => {}
            Err(error) => {
                return Err(CheckOutcome::inconclusive(Code::ProofKeyStateUnknown, error.code()));
            }
        }
    }
    Err(from_key(&complaint))
}

fn older(anchored: &AnchoredVersion) -> impl Iterator<Item = u64> + use<> {
    let newest = anchored.version.saturating_sub(1);
    let oldest = newest.saturating_sub(MAX_OLD_VERSIONS) + 1;
    (oldest..=newest).rev()
}

/// A key whose retirement or loss is on the chain is judged by that alone: the `revoked` of a
/// document would condemn everything it ever signed.
fn on_record(mut key: VerificationKey, standing: Standing) -> VerificationKey {
    if standing != Standing::Active {
        key.revoked = None;
        key.expires = None;
    }
    key
}

fn worse(left: Standing, right: Standing) -> Standing {
    match (left, right) {
        (Standing::Compromised(a), Standing::Compromised(b)) => Standing::Compromised(a.min(b)),
        (found @ Standing::Compromised(_), _) | (_, found @ Standing::Compromised(_)) => found,
        (Standing::Retired(a), Standing::Retired(b)) => Standing::Retired(a.min(b)),
        (found @ Standing::Retired(_), _) | (_, found @ Standing::Retired(_)) => found,
        _ => Standing::Active,
    }
}

/// What the standing of its key means for a signature that holds. The date of a signature is a
/// claim; the time of the block that anchored its issuance is evidence.
pub(crate) fn judge(
    keys: &IssuerKeys,
    signed_at: Option<Moment>,
    issued: Option<Moment>,
    now: Moment,
) -> CheckOutcome {
    let old = |seen: &Moment| now.minus_seconds(STAPLED_KEYS_SECONDS) > *seen;
    match (keys.standing, issued) {
        (Standing::Compromised(since), Some(anchored)) if anchored < since => {
            CheckOutcome::passed(Code::ProofOkAnchored)
                .detailed(format!("anchored {anchored}, key compromised since {since}"))
        }
        (Standing::Compromised(since), Some(anchored)) => CheckOutcome::failed(
            Code::ProofKeyCompromised,
            format!("anchored {anchored}, key compromised since {since}"),
        ),
        (Standing::Compromised(since), None) => CheckOutcome::inconclusive(
            Code::ProofKeyCompromisedUnproven,
            format!("key compromised since {since}, no anchored issuance"),
        ),
        // Nobody can tell what happened to the key since the staple was made.
        (_, None) if keys.stapled.as_ref().is_some_and(old) => CheckOutcome::inconclusive(
            Code::ProofKeyStateUnknown,
            "the attached evidence of the issuer's keys is old",
        ),
        (Standing::Retired(at), issued) => {
            // Whichever is earlier: what was signed in the key's last minutes reaches the chain after
            // its retirement, and a proof of that must not turn a yes into a no.
            let earliest = issued.into_iter().chain(signed_at).min();
            if earliest.is_none_or(|moment| moment.minus_seconds(SKEW_SECONDS) > at) {
                let detail = format!("key retired {at}");
                CheckOutcome::failed(Code::ProofKeyRetired, detail)
            } else {
                CheckOutcome::passed(Code::ProofOkRetired).detailed(format!("key retired {at}"))
            }
        }
        (Standing::Active, _) => {
            CheckOutcome::passed(Code::ProofOk).detailed(keys.witness.unwrap_or_default())
        }
    }
}

/// When the credential was anchored: by the staple alone, or by its inclusion proof and the chain.
pub(crate) async fn anchored(
    issuer: &Did,
    resolution_is_anchored: bool,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Option<Moment> {
    /// An epoch further back is not walked to: its proof must come with the staple.
    const MAX_WALK: u64 = 256;
    if let Some(moment) = evidence.anchored_at() {
        return Some(moment);
    }
    let epoch = evidence.issuance_epoch()?;
    let chain = asked(tools).filter(|_| resolution_is_anchored)?;
    let head = chain.status_head(issuer.as_str()).await.ok()??;
    if head.epoch == epoch {
        let time = Moment::from_unix(head.time);
        return evidence.is_in_batch(&head.issuance_root).then_some(time);
    }
    if epoch > head.epoch || head.epoch - epoch > MAX_WALK {
        return None;
    }
    let limit = usize::try_from(head.epoch - epoch + 1).ok()?;
    let epochs = chain.epochs(issuer.as_str(), epoch, limit).await.ok()?;
    let found = epochs.iter().find(|event| event.epoch == epoch)?;
    evidence.is_in_batch(&found.issuance_root).then(|| Moment::from_unix(found.time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_unix(1_790_000_000 + seconds)
    }

    fn code(standing: Standing, signed: Option<i64>, issued: Option<i64>) -> Code {
        let keys = IssuerKeys {
            ring: KeyRing::new(),
            anchored_at: None,
            witness: None,
            standing,
            stapled: None,
        };
        judge(&keys, signed.map(at), issued.map(at), at(100_000)).code()
    }

    #[test]
    fn a_late_anchor_does_not_make_a_retired_keys_signature_worse() {
        let retired = Standing::Retired(at(1_000));
        assert_eq!(code(retired, Some(900), None), Code::ProofOkRetired);
        assert_eq!(code(retired, Some(900), Some(4_600)), Code::ProofOkRetired);
        assert_eq!(code(retired, Some(4_600), Some(900)), Code::ProofOkRetired);
        assert_eq!(code(retired, Some(4_600), None), Code::ProofKeyRetired);
        assert_eq!(code(retired, Some(4_600), Some(4_700)), Code::ProofKeyRetired);
        assert_eq!(code(retired, None, None), Code::ProofKeyRetired);
    }

    #[test]
    fn after_a_theft_only_the_anchor_counts() {
        let stolen = Standing::Compromised(at(1_000));
        assert_eq!(code(stolen, Some(4_600), Some(999)), Code::ProofOkAnchored);
        assert_eq!(code(stolen, Some(900), Some(1_000)), Code::ProofKeyCompromised);
        assert_eq!(code(stolen, Some(900), None), Code::ProofKeyCompromisedUnproven);
    }
}
