//! What a staple proves. It is checked once, before the other checks; they ask it what they need.
//!
//! A staple comes from whoever shows the credential, so it only ever adds what is proven against
//! pinned configuration, and what it leaves out proves nothing. Heads in it count under the same
//! rule as heads from a node: the account behind the issuer's DID must be the one that the trust
//! list names. What lies in the issuer's status pack counts in the same way.
use std::sync::Arc;

use chain_anchors::{ListInclusion, Staple};
use chain_proofs::{ChainWitness, ProvenStatusHead, ProvenStorage};
use credential_model::{
    did::{Did, DidDocument},
    json::{Limits, parse_strict},
    moment::Moment,
};
use did_resolution::{AnchorCheck, AnchoredVersion, MAX_DOCUMENT_BYTES, Resolution, Source};
use evm_chain::{DidHead, DidStatus, KeyState, StatusHead};
use sha2::{Digest, Sha256};
use trust_registry::ChainAccount;

use crate::{codes::Code, examine::Tools, outcome::CheckOutcome, packs::HeldPack};

/// A checked staple; empty when there is none.
#[derive(Debug, Default)]
pub struct Evidence<'a> {
    staple: Option<&'a Staple>,
    digest: [u8; 32],
    account: Option<ChainAccount>,
    issuer: String,
    proven: Vec<ProvenStorage>,
    pack: Option<Arc<HeldPack>>,
    /// What to say of the staple as such, where there is one.
    pub(crate) outcome: Option<CheckOutcome>,
}

/// A stapled list and the epoch it is proven to belong to.
pub(crate) struct StapledList<'a> {
    pub(crate) text: &'a str,
    pub(crate) inclusion: &'a ListInclusion,
    pub(crate) head: StatusHead,
    /// Time of the block at which this was still the newest epoch.
    pub(crate) seen_at: Moment,
}

impl<'a> Evidence<'a> {
    /// Checks a staple for the credential with this digest by this issuer.
    pub fn gather(
        staple: Option<&'a Staple>,
        digest: [u8; 32],
        issuer: &str,
        tools: &Tools<'_>,
    ) -> Self {
        let bare = Self {
            account: tools.trust.and_then(|trust| trust.chain_controller(issuer)),
            issuer: issuer.to_owned(),
            pack: tools.grounds.packs.get(issuer),
            ..Self::default()
        };
        let Some(staple) = staple else { return bare };
        let unproven = |detail: &str| CheckOutcome::inconclusive(Code::StapleUnproven, detail);
        if let Err(error) = staple.check(&digest) {
            return Self { outcome: Some(unproven(error.code())), ..bare };
        }
        let mut proven = Vec::new();
        let mut complaint = None;
        for part in &staple.chain {
            let witnesses: Vec<ChainWitness> = part
                .witnesses
                .iter()
                .map(|one| ChainWitness { key: one.key.clone(), signature: one.signature.clone() })
                .collect();
            match tools.grounds.pinned.as_ref().map(|chain| chain.prove(&part.proof, &witnesses)) {
                Some(Ok(storage)) => proven.push(storage),
                Some(Err(error)) => complaint = complaint.or(Some(error.code())),
                None => complaint = Some("no chain is pinned"),
            }
        }
        let newest = proven.iter().map(|one| one.block.time).max().map(Moment::from_unix);
        let outcome = match (complaint, newest) {
            (Some(complaint), _) => unproven(complaint),
            (None, Some(newest)) => CheckOutcome::passed(Code::StapleOk).as_of(newest),
            (None, None) => unproven("no chain proof"),
        };
        Self { staple: Some(staple), digest, proven, outcome: Some(outcome), ..bare }
    }

    /// Everything that is proven, by the staple or by what came with the issuer's status pack.
    fn proven(&self) -> impl Iterator<Item = &ProvenStorage> {
        self.proven.iter().chain(self.pack.iter().flat_map(|pack| pack.proven()))
    }

    /// Heads of the issuer's DID under the account that is vouched for, newest block last.
    fn did_heads(&self) -> Vec<(DidHead, Moment)> {
        let Some(account) = self.account else { return Vec::new() };
        let mut heads: Vec<_> = self
            .proven()
            .filter_map(|one| Some((one.did_head(&self.issuer).ok()??, one.block.time)))
            .filter(|(head, _)| head.controller.as_bytes() == account.as_bytes())
            .map(|(head, time)| (head, Moment::from_unix(time)))
            .collect();
        heads.sort_by_key(|(_, time)| *time);
        heads
    }

    /// Proven heads of the issuer's epochs, each with its block's time.
    fn status_heads(&self) -> Vec<(ProvenStatusHead, Moment)> {
        // Only the DID's controller writes its epochs (the contract sees to it), so a proof of
        // the controller is needed beside them.
        if self.did_heads().is_empty() {
            return Vec::new();
        }
        let heads = self.proven().filter_map(|one| {
            Some((one.status_head(&self.issuer).ok()??, Moment::from_unix(one.block.time)))
        });
        heads.collect()
    }

    /// The issuer's newest proven document, for when nobody else can give it.
    pub(crate) fn resolution(&self, issuer: &Did) -> Option<(Resolution, Moment)> {
        let (head, seen_at) = self.did_heads().pop()?;
        if head.status != DidStatus::Active {
            return None;
        }
        let document = self.document(issuer, &head)?;
        let anchored = AnchoredVersion {
            version: head.version,
            digest: hex::encode(head.digest),
            anchored_at: Moment::from_unix(head.block_time),
        };
        let resolution = Resolution {
            document,
            source: Source::Chain,
            anchored: Some(anchored),
            anchor_check: AnchorCheck::Confirmed,
        };
        Some((resolution, seen_at))
    }

    /// Every proven version of the issuer's document, newest first: old ones hold retired keys.
    pub(crate) fn documents(&self, issuer: &Did) -> Vec<DidDocument> {
        let heads = self.did_heads();
        heads.iter().rev().filter_map(|(head, _)| self.document(issuer, head)).collect()
    }

    fn document(&self, issuer: &Did, head: &DidHead) -> Option<DidDocument> {
        let stapled = self.staple.map_or(&[][..], |staple| staple.did.as_slice());
        let packed = self.pack.as_ref().and_then(|pack| pack.evidence());
        let text = stapled
            .iter()
            .chain(packed.iter().flat_map(|evidence| &evidence.did))
            .find(|text| <[u8; 32]>::from(Sha256::digest(text.as_bytes())) == head.digest)?;
        read_document(issuer, text.as_bytes())
    }

    /// What is proven of a key (by [`evm_chain::key_id_hash`]), at whatever block.
    pub(crate) fn key_states(&self, key: &[u8; 32]) -> Vec<KeyState> {
        if self.did_heads().is_empty() {
            return Vec::new();
        }
        let states = self.proven().filter_map(|one| one.key_state(&self.issuer, key).ok()?);
        states.collect()
    }

    /// Which epoch the holder says the credential was issued in.
    pub(crate) fn issuance_epoch(&self) -> Option<u64> {
        Some(self.staple?.issuance.as_ref()?.epoch)
    }

    /// Whether the credential was in the issuance batch with this root.
    pub(crate) fn is_in_batch(&self, issuance_root: &[u8; 32]) -> bool {
        let inclusion = self.staple.and_then(|staple| staple.issuance.as_ref());
        inclusion.is_some_and(|one| one.verify(&self.digest, issuance_root).is_ok())
    }

    /// When the credential was anchored, as far as the staple alone proves it.
    pub(crate) fn anchored_at(&self) -> Option<Moment> {
        let epoch = self.issuance_epoch()?;
        let heads = self.status_heads();
        let proven = heads.iter().find(|(one, _)| {
            one.head.epoch == epoch && one.issuance_root.is_some_and(|root| self.is_in_batch(&root))
        })?;
        Some(Moment::from_unix(proven.0.head.time))
    }

    /// The newest proven block's time.
    pub(crate) fn latest_block(&self) -> Option<Moment> {
        self.proven().map(|one| one.block.time).max().map(Moment::from_unix)
    }

    /// Heads of the issuer's epochs whose status root is proven.
    pub(crate) fn proven_status_heads(&self) -> Vec<StatusHead> {
        let heads = self.status_heads().into_iter();
        heads.filter(|(one, _)| one.status_root.is_some()).map(|(one, _)| one.head).collect()
    }

    /// Places of this list that the staple claims, for whoever has a head to check them against.
    pub(crate) fn inclusions(&self, key: &str) -> impl Iterator<Item = &'a ListInclusion> {
        let parts = self.staple.map_or(&[][..], |staple| staple.status.as_slice());
        parts.iter().map(|part| &part.inclusion).filter(move |one| one.list == key)
    }

    /// Stapled lists under this id (see `chain_anchors::status_leaf`) with a proven epoch, newest last.
    pub(crate) fn lists(&self, key: &str) -> Vec<StapledList<'a>> {
        let Some(staple) = self.staple else { return Vec::new() };
        let heads = self.status_heads();
        let mut found: Vec<_> = staple
            .status
            .iter()
            .filter(|part| part.inclusion.list == key)
            .filter_map(|part| {
                let (proven, seen_at) = heads.iter().find(|(one, _)| {
                    one.status_root.is_some() && part.inclusion.verify(&one.head).is_ok()
                })?;
                let digest = hex::encode(Sha256::digest(part.list.as_bytes()));
                (digest == part.inclusion.sha256).then(|| StapledList {
                    text: &part.list,
                    inclusion: &part.inclusion,
                    head: proven.head.clone(),
                    seen_at: *seen_at,
                })
            })
            .collect();
        found.sort_by_key(|one| one.head.epoch);
        found
    }
}

/// A DID document read strictly, of exactly this DID.
pub(crate) fn read_document(issuer: &Did, bytes: &[u8]) -> Option<DidDocument> {
    let limits = Limits { max_bytes: MAX_DOCUMENT_BYTES, max_depth: 16 };
    let document = DidDocument::parse(&parse_strict(bytes, &limits).ok()?).ok()?;
    (document.id == *issuer).then_some(document)
}
