//! A town with one accredited issuer, a stranger, and luggage packed there.

use std::collections::BTreeMap;

use credential_model::{catalogue::CredentialType, moment::Moment};
use credential_verification::KeyBook;
use did_resolution::{AnchorCheck, Source};
use serde_json::Value;
use wasm_verifier::{LUGGAGE_VERSION, Luggage, PinnedDocument, TrustKnowledge};

use crate::harness::*;
use crate::pack_kit::pack;

pub(crate) struct Town {
    pub(crate) world: std::sync::Arc<World>,
    pub(crate) issuer: Issuer,
    pub(crate) stranger: Issuer,
    pub(crate) holder: Holder,
}

/// What the issuer's lists say: 2 is revoked, 3 suspended, 4 superseded.
pub(crate) const VALUES: [(usize, u8); 3] = [(2, 2), (3, 1), (4, 3)];

impl Town {
    pub(crate) fn found() -> Self {
        let world = World::new();
        let issuer = Issuer::published(&world);
        issuer.publish_list(&world, &VALUES, 1, now().minus_seconds(600));
        let stranger = Issuer::new("stranger.example", 500);
        stranger.publish(&world);
        stranger.publish_list(&world, &[], 1, now().minus_seconds(600));
        Town { world, issuer, stranger, holder: Holder::new(1) }
    }

    pub(crate) fn badge_by(&self, issuer: &Issuer, index: usize) -> Value {
        issuer.credential(CredentialType::QualificationBadge, self.holder.did().as_str(), index)
    }

    pub(crate) fn badge(&self, index: usize) -> Value {
        self.badge_by(&self.issuer, index)
    }

    pub(crate) fn secured(&self, index: usize) -> Value {
        self.issuer.secure(&self.badge(index))
    }

    /// Everything the town knows, packed at `made` with a pack as old.
    pub(crate) fn luggage(&self, made: Moment) -> Luggage {
        let pin = |issuer: &Issuer| PinnedDocument {
            document: issuer.document(),
            source: Source::Web,
            anchored: None,
            anchor_check: AnchorCheck::NotConfigured,
        };
        let held = |issuer: &Issuer, values: &[(usize, u8)]| {
            let held = pack(issuer, values, (1, 1), [7; 32], made).held(issuer);
            serde_json::from_slice(&held.to_file()).unwrap()
        };
        Luggage {
            v: LUGGAGE_VERSION,
            made,
            valid_until: made.plus_seconds(7 * 86_400),
            documents: vec![pin(&self.issuer), pin(&self.stranger)],
            deactivated: Vec::new(),
            trust: TrustKnowledge { list: Some(trust_list(&self.issuer.did)), chain: None },
            keys: KeyBook { as_of: made, issuers: BTreeMap::new() },
            pins: None,
            policies: BTreeMap::new(),
            packs: vec![held(&self.issuer, &VALUES), held(&self.stranger, &[])],
        }
    }
}
