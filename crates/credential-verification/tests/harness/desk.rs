//! A verifier's desk: one issuer, one holder, one list, and the checks over a scripted network.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::sync::Arc;

use credential_model::{
    catalogue::CredentialType, credential::UnverifiedCredential, moment::Moment,
};
use credential_verification::{
    Answer, CheckId, CheckOutcome, Code, Examination, Grounds, Tools, examine::examine,
    store::MemoryStore,
};
use did_resolution::UniversalResolver;
use serde_json::Value;
use trust_registry::TrustList;
use web_fetch::Fetch;

use crate::harness::{Holder, Issuer, World, now, trust_list};

pub struct Desk {
    pub world: Arc<World>,
    pub issuer: Issuer,
    pub holder: Holder,
    pub resolver: UniversalResolver,
    pub seen: MemoryStore,
    pub trust: TrustList,
    pub offline: bool,
    pub grounds: Grounds,
}

impl Desk {
    pub fn new() -> Self {
        let world = World::new();
        let issuer = Issuer::published(&world);
        issuer.publish_list(&world, &[], 1, now().minus_seconds(600));
        let trust = TrustList::parse(&trust_list(&issuer.did)).unwrap();
        let resolver = UniversalResolver::new(Arc::clone(&world) as Arc<dyn Fetch>, None);
        Desk {
            world,
            issuer,
            holder: Holder::new(1),
            resolver,
            seen: MemoryStore::new(),
            trust,
            offline: false,
            grounds: Grounds::default(),
        }
    }

    pub fn badge(&self, index: usize) -> Value {
        self.issuer.credential(
            CredentialType::QualificationBadge,
            self.holder.did().as_str(),
            index,
        )
    }

    pub fn sd_jwt(&self, index: usize) -> String {
        let kind = CredentialType::QualificationBadge;
        self.issuer.sd_jwt(kind, &self.badge(index), &self.holder.key())
    }

    pub async fn look_at(&self, value: &Value, at: Moment) -> Examination {
        let credential = UnverifiedCredential::from_value(value).unwrap();
        let tools = Tools {
            resolver: &self.resolver,
            fetch: &*self.world,
            chain: None,
            trust: Some(&self.trust),
            seen: &self.seen,
            offline: self.offline,
            grounds: &self.grounds,
        };
        examine(&credential, CheckOutcome::skipped(Code::BindingNotAsked), &tools, at).await
    }

    pub async fn look(&self, value: &Value) -> Examination {
        self.look_at(value, now()).await
    }

    pub async fn status(&self, value: &Value) -> (Code, Answer) {
        let found = self.look(value).await;
        (found.outcome(CheckId::Status).unwrap().code(), found.verdict.in_force)
    }

    pub async fn proof(&self, value: &Value) -> (Code, Answer) {
        let found = self.look(value).await;
        (found.outcome(CheckId::Proof).unwrap().code(), found.verdict.authentic)
    }
}
