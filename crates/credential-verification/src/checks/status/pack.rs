//! The status pack as a source: its index is the issuer's, and it says how old its answer is.
use credential_model::{
    did::{DidUrl, ProofPurpose},
    moment::Moment,
};
use credential_proofs::jose::{self, JoseError};
use evm_chain::StatusHead;
use signing_keys::PublicKey;
use status_lists::{PackError, PackReading, STATUS_PACK_TYP};

use super::anchor::is_pinned;
use super::list::{Form, PackPlace, ReadList, Wanted, bad_proof};
use crate::{
    checks::{SKEW_SECONDS, keys, proof},
    codes::Code,
    evidence::Evidence,
    examine::Tools,
    grounds::Standing,
    outcome::CheckOutcome,
    packs::{HeldPack, PackFault, SignedIndex},
};

/// What the issuer's pack says of the entry; none when there is no pack, or it has no such list.
pub(super) async fn look_up(
    wanted: &Wanted<'_>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Option<Result<ReadList, CheckOutcome>> {
    let held = tools.grounds.packs.get(wanted.issuer.as_str())?;
    let reading = match held.pack().read(wanted.entry) {
        Ok(reading) => reading,
        Err(PackError::UnknownList) => return None,
        Err(error) => return Some(Err(of_pack(&error))),
    };
    let index = held.pack().index();
    if index.issued > wanted.now.plus_seconds(SKEW_SECONDS) {
        let detail = format!("the status pack dates from {}", index.issued);
        return Some(Err(CheckOutcome::inconclusive(Code::ClockBehind, detail)));
    }
    let anchored = match anchored(&held, tools, evidence).await {
        Ok(anchored) => anchored,
        Err(outcome) => return Some(Err(outcome)),
    };
    let check = |key: &PublicKey| held.verify(key);
    let method = held.method();
    if let Err(outcome) = signature(method, &check, anchored, tools, evidence, wanted.now).await {
        return Some(Err(outcome));
    }
    Some(read(wanted, &held, &reading, anchored))
}

fn read(
    wanted: &Wanted<'_>,
    held: &HeldPack,
    reading: &PackReading,
    anchored: Option<Moment>,
) -> Result<ReadList, CheckOutcome> {
    let index = held.pack().index();
    let value = reading.value.ok_or_else(|| {
        CheckOutcome::inconclusive(Code::StatusValueUnknown, format!("value {}", reading.code))
    });
    Ok(ReadList {
        // A pack names the Bitstring form of its lists, also for entries of the token form.
        key: wanted.entry.list.clone(),
        url: wanted.url()?,
        form: Form::Credential,
        version: reading.version,
        dated: false,
        digest: reading.list_sha256,
        sha256: hex::encode(reading.list_sha256),
        as_of: index.issued,
        valid_until: Some(index.valid_until),
        value,
        pack: Some(PackPlace { epoch: index.epoch, anchored }),
    })
}

/// When the block was made that commits to this very pack, where that is proven: by its own
/// evidence, or by the chain if this is still the newest epoch.
async fn anchored(
    held: &HeldPack,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
) -> Result<Option<Moment>, CheckOutcome> {
    let Some(inclusion) = held.evidence().and_then(|one| one.inclusion.as_ref()) else {
        return Ok(None);
    };
    let index = held.pack().index();
    let judge = |head: &StatusHead| -> Result<Option<Moment>, CheckOutcome> {
        if head.epoch != index.epoch {
            return Ok(None);
        }
        let Ok(leaf) = inclusion.verify(head) else { return Ok(None) };
        if leaf.list != chain_anchors::pack_list_id(&index.issuer) {
            return Ok(None);
        }
        if leaf.sha256 != held.commitment() {
            let detail = format!("another status pack is anchored in epoch {}", index.epoch);
            return Err(CheckOutcome::inconclusive(Code::StatusEquivocated, detail));
        }
        Ok(Some(Moment::from_unix(head.time)))
    };
    for head in evidence.proven_status_heads() {
        if let Some(moment) = judge(&head)? {
            return Ok(Some(moment));
        }
    }
    let Some(chain) = tools.chain.filter(|_| !tools.offline) else { return Ok(None) };
    let issuer = held.method().did();
    if is_pinned(chain, &issuer, tools).await != Ok(true) {
        return Ok(None);
    }
    match chain.status_head(issuer.as_str()).await {
        Ok(Some(head)) => judge(&head),
        _ => Ok(None),
    }
}

/// The index is signed with a key of the issuer that is not stolen, or was not when the pack was
/// anchored.
async fn signature(
    method: &DidUrl,
    check: &(dyn Fn(&PublicKey) -> Result<(), JoseError> + Sync),
    anchored: Option<Moment>,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
    now: Moment,
) -> Result<(), CheckOutcome> {
    let issuer = method.did();
    let found = keys::issuer_keys(std::slice::from_ref(method), &issuer, tools, evidence)
        .await
        .map_err(|outcome| bad_proof(&outcome))?;
    if let Standing::Compromised(since) = found.standing
        && anchored.is_none_or(|at| at >= since)
    {
        let detail = format!("the key that signed the status pack was stolen, since {since}");
        return Err(CheckOutcome::inconclusive(Code::StatusProofInvalid, detail));
    }
    let usable = found.ring.get(method).filter(|key| {
        key.is_listed_for(ProofPurpose::AssertionMethod)
            && key.is_usable_at(now)
            && key.controller == issuer
    });
    let key = usable.ok_or_else(|| {
        CheckOutcome::inconclusive(Code::StatusProofInvalid, "the key may not sign status packs")
    })?;
    check(&key.key).map_err(|error| bad_proof(&proof::from_jose(&error)))
}

/// Checks a newly fetched index before anything it names is fetched or kept.
///
/// # Errors
/// [`PackFault::Signature`], [`PackFault::Pack`] for an index of the future.
pub(crate) async fn check_index(
    signed: &SignedIndex,
    held: Option<&HeldPack>,
    tools: &Tools<'_>,
    now: Moment,
) -> Result<(), PackFault> {
    if signed.index.issued > now.plus_seconds(SKEW_SECONDS) {
        return Err(PackError::NotYetValid(signed.index.issued).into());
    }
    if let Some(held) = held {
        held.plan(signed)?;
    }
    let evidence = Evidence::gather(None, [0; 32], &signed.index.issuer, tools);
    let check = |key: &PublicKey| jose::verify(&signed.token, key, &[STATUS_PACK_TYP]);
    signature(&signed.method, &check, None, tools, &evidence, now).await.map_err(|outcome| {
        match outcome.detail() {
            Some(detail) => PackFault::Signature(format!("{}: {detail}", outcome.code())),
            None => PackFault::Signature(outcome.code().to_string()),
        }
    })
}

fn of_pack(error: &PackError) -> CheckOutcome {
    let code = match error {
        PackError::OutOfRange { .. } => Code::StatusOutOfRange,
        _ => Code::StatusMalformed,
    };
    CheckOutcome::inconclusive(code, error.to_string())
}
