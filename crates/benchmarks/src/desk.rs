//! What a warm, anchored status check adds to a verify: the same badge at the same desk, once where
//! no status can be had, once with the issuer's anchored status pack.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use chain_anchors::{EpochBuilder, PackEvidence, pack_list_id};
use credential_model::catalogue::CredentialType;
use credential_model::credential::UnverifiedCredential;
use credential_model::did::{Did, DidDocument};
use credential_model::moment::Moment;
use credential_verification::packs::{HeldPack, PackShelf};
use credential_verification::store::MemoryStore;
use credential_verification::{
    CheckId, CheckOutcome, Code, Examination, Grounds, Tools, examine::examine,
};
use did_resolution::{AnchorCheck, AnchoredVersion, Resolution, Resolve, ResolveError, Source};
use evm_chain::{
    AccreditationChain, Address, ChainError, DidHead, DidStatus, KeyState, ReadChain, StatusHead,
    Tip,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use trust_registry::TrustList;
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

use crate::harness::{Holder, Issuer, now, trust_list};
use crate::pack_kit::pack;
use crate::runner::{Case, Measured, measure};

const BARE: &str = "examine a badge, no status to be had";
/// Adding 5 % leaves this rate.
const GOAL: f64 = 0.952;
const ACCOUNT: [u8; 20] = [1; 20];

/// The heads of a chain as a warm verifier has them.
struct Heads(DidHead, StatusHead);

#[async_trait]
impl ReadChain for Heads {
    async fn did_head(&self, _: &str) -> Result<Option<DidHead>, ChainError> {
        Ok(Some(self.0.clone()))
    }
    async fn did_document(&self, _: &str, version: u64) -> Result<Vec<u8>, ChainError> {
        Err(ChainError::VersionNotFound { version })
    }
    async fn status_head(&self, _: &str) -> Result<Option<StatusHead>, ChainError> {
        Ok(Some(self.1.clone()))
    }
    async fn tip(&self) -> Result<Tip, ChainError> {
        Ok(Tip { number: 1, time: now().unix() })
    }
    async fn check(&self) -> Result<(), ChainError> {
        Ok(())
    }
    async fn key_states(&self, _: &str) -> Result<Vec<KeyState>, ChainError> {
        Ok(Vec::new())
    }
    async fn accreditations(&self, _: &str) -> Result<Vec<AccreditationChain>, ChainError> {
        Ok(Vec::new())
    }
}

/// The issuer's document, resolved and compared before.
struct Known(Resolution);

#[async_trait]
impl Resolve for Known {
    async fn resolve(&self, _: &Did) -> Result<Resolution, ResolveError> {
        Ok(self.0.clone())
    }
}

/// No list can be had.
struct Silent;

#[async_trait]
impl Fetch for Silent {
    async fn fetch(&self, _: FetchRequest) -> Result<FetchResponse, FetchError> {
        Err(FetchError::TimedOut)
    }
}

pub(crate) fn run() -> Result<Vec<Measured>> {
    let issuer = Issuer::new("issuer.example", 100);
    let holder = Holder::new(1);
    let badge = issuer.credential(CredentialType::QualificationBadge, holder.did().as_str(), 7);
    let credential = UnverifiedCredential::from_value(&issuer.secure(&badge))?;

    // One revoked in a hundred of the list, and beside it lists enough for a proof of depth ten.
    let revoked: Vec<(usize, u8)> =
        (0..status_lists::MIN_ENTRIES / 100).map(|place| (place * 100 + 50, 2)).collect();
    let made = pack(&issuer, &revoked, (1, 1), [9; 32], now().minus_seconds(600));
    let id = pack_list_id(issuer.did.as_str());
    let mut builder = EpochBuilder::new(1, now().plus_seconds(80_000).unix()).status_list(
        &id,
        made.index.version(),
        made.index.commitment(),
    );
    for number in 0..1_000_u32 {
        let list = format!("{}-{number}", issuer.list_url());
        builder = builder.status_list(&list, 1, Sha256::digest(number.to_be_bytes()).into());
    }
    let epoch = builder.build(&[5; 32])?;
    let record = epoch.record();
    let document = DidDocument::parse(&issuer.document()).context("the issuer's document")?;
    let chain = Heads(
        DidHead {
            version: 1,
            status: DidStatus::Active,
            digest: did_resolution::document_digest(&issuer.document()).unwrap_or_default(),
            controller: Address::from_bytes(ACCOUNT),
            block_time: now().minus_seconds(9_000).unix(),
        },
        StatusHead {
            status_root: record.status_root,
            issuance_root: record.issuance_root,
            epoch: 1,
            time: now().minus_seconds(600).unix(),
            valid_until: record.valid_until,
            count: record.count,
        },
    );
    let resolver = Known(Resolution {
        document,
        source: Source::Web,
        anchored: Some(AnchoredVersion {
            version: 1,
            digest: hex::encode(chain.0.digest),
            anchored_at: Moment::from_unix(chain.0.block_time),
        }),
        anchor_check: AnchorCheck::Confirmed,
    });
    let mut list = trust_list(&issuer.did);
    if let Some(entries) = list["entries"].as_array_mut() {
        for entry in entries {
            entry["chain_controller"] = json!(Address::from_bytes(ACCOUNT));
        }
    }
    let trust = TrustList::parse(&list)?;
    let shelf = PackShelf::asked_first();
    let evidence =
        PackEvidence { v: 1, inclusion: epoch.inclusion(&id), ..PackEvidence::default() };
    let bytes = made.content.bytes().to_vec();
    shelf.put(HeldPack::open(&made.sign(&issuer), bytes, Some(evidence), None)?)?;
    let with_pack = Grounds { packs: Arc::new(shelf), ..Grounds::default() };
    let (bare, seen) = (Grounds::default(), MemoryStore::new());
    let tools = |grounds| Tools {
        resolver: &resolver,
        fetch: &Silent,
        chain: Some(&chain),
        trust: Some(&trust),
        seen: &seen,
        offline: false,
        grounds,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let look = |grounds| -> Examination {
        let binding = CheckOutcome::skipped(Code::BindingNotAsked);
        runtime.block_on(examine(&credential, binding, &tools(grounds), now()))
    };
    let code = |grounds| look(grounds).outcome(CheckId::Status).map(CheckOutcome::code);
    ensure!(
        code(&bare) == Some(Code::StatusUnavailable),
        "the desk has no status: {:?}",
        code(&bare)
    );
    ensure!(code(&with_pack) == Some(Code::StatusValid), "the pack says: {:?}", code(&with_pack));
    let case = |name, grounds, against| Case {
        name,
        work: Box::new(move || {
            std::hint::black_box(look(grounds).findings.len());
            1
        }),
        against,
    };
    Ok(measure(vec![
        case(BARE, &bare, None),
        case("the same, warm anchored status pack", &with_pack, Some((BARE, Some(GOAL)))),
    ]))
}
