//! A unit that an agency accredited for one kind, from the contract's records to the verdict: what it
//! was given counts, and nothing else does. Everybody is fictitious.
use std::sync::Arc;

use credential_model::{
    catalogue::CredentialType, credential::UnverifiedCredential, did::Did, format::CredentialFormat,
};
use credential_verification::{
    Answer, CheckId, Code, Examination, Exhibit, Grounds, Overall, Tools, examine::examine_exhibit,
    store::MemoryStore,
};
use did_resolution::UniversalResolver;
use evm_chain::{
    AccreditationStatus, DirectoryAction, Grant, Proposal, ReadChain as _, Scope, SentTx,
    StateChange, type_hash,
};
use serde_json::{Value, json};
use trust_registry::{ChainTrust, kind_scope};
use web_fetch::Fetch;

use crate::{
    harness::{Holder, Issuer, World, now},
    land::Land,
};

const MINISTRY: &str = "did:web:moel.sinpyo.example";
const HRDK: &str = "did:web:hrdk.sinpyo.example";
const BADGE: &str = "KrQualificationBadge";
/// The kind of the type's example.
const KIND: &str = "1320";

struct Office {
    world: Arc<World>,
    land: Land,
    unit: Issuer,
    holder: Holder,
}

impl Office {
    /// Ministry → agency, both for the type and the kind by name → unit, for the kind alone.
    async fn new() -> Self {
        let land = Land::new(now().minus_seconds(29 * 86_400)).await;
        let world = World::new();
        let unit = Issuer::new("unit.sinpyo.example", 900);
        unit.publish(&world);
        unit.publish_list(&world, &[], 1, now().minus_seconds(600));
        let office = Office { world, land, unit, holder: Holder::new(1) };
        let (kind, writer) = (type_hash(&kind_scope(BADGE, KIND)), &office.land.writer);
        for did in [MINISTRY, HRDK] {
            office.settle(writer.publish_did(did, b"{}", 0).await.unwrap()).await;
        }
        let mut both = vec![type_hash(BADGE), kind];
        both.sort_unstable();
        office.settle(writer.define_type_set(&both).await.unwrap()).await;
        let root = DirectoryAction::SetRoot(grant(MINISTRY, Scope::Set(both.clone())));
        let root = Proposal { action: root, salt: [1; 32] };
        office.settle(writer.propose(&root).await.unwrap()).await;
        office.settle(writer.execute(&root).await.unwrap()).await;
        let given = grant(HRDK, Scope::Set(both));
        office.settle(writer.accredit(&office.record(MINISTRY).await, &given).await.unwrap()).await;
        let given =
            Grant { may_accredit: false, ..grant(office.unit.did.as_str(), Scope::Type(kind)) };
        office.settle(writer.accredit(&office.record(HRDK).await, &given).await.unwrap()).await;
        office.land.travel(now().minus_seconds(900));
        office
    }

    async fn settle(&self, sent: SentTx) {
        self.land.writer.wait(&sent, std::time::Duration::from_secs(20)).await.unwrap();
    }

    async fn record(&self, subject: &str) -> [u8; 32] {
        self.land.reader.accreditations(subject).await.unwrap()[0].records[0].id
    }

    /// A badge of this kind by the unit, signed.
    fn badge(&self, kind: &str) -> Value {
        let change = |parts: &mut credential_model::catalogue::DocumentParts| {
            parts.subject["achievement"]["humanCode"] = json!(kind);
        };
        let badge = CredentialType::QualificationBadge;
        self.unit.secure(&self.unit.credential_with(badge, self.holder.did().as_str(), 1, change))
    }

    async fn look(&self, value: &Value) -> Examination {
        let named = |trust: ChainTrust, id: &str, ko, en| {
            trust.named(&Did::parse(id).unwrap(), ko, en, None)
        };
        let did = &self.unit.did;
        let trust = ChainTrust::new(9, now(), now().plus_seconds(600))
            .root(&Did::parse(MINISTRY).unwrap())
            .holds(did, self.land.reader.accreditations(did.as_str()).await.unwrap());
        let trust = named(trust, MINISTRY, "고용노동부(예시)", "Ministry of Employment (sample)");
        let trust = named(trust, HRDK, "한국산업인력공단(예시)", "HRD Korea (sample)");
        let trust = named(trust, did.as_str(), "서울지역본부(예시)", "Seoul office (sample)");
        let resolver = UniversalResolver::new(Arc::clone(&self.world) as Arc<dyn Fetch>, None);
        let tools = Tools {
            resolver: &resolver,
            fetch: &*self.world,
            chain: None,
            trust: Some(&trust),
            seen: &MemoryStore::new(),
            offline: false,
            grounds: &Grounds::default(),
        };
        let credential = UnverifiedCredential::from_value(value).unwrap();
        examine_exhibit(&credential, Exhibit::shown(), &tools, now()).await
    }
}

fn grant(subject: &str, scope: Scope) -> Grant {
    Grant {
        subject: subject.to_owned(),
        index: 0,
        scope,
        from: now().minus_seconds(30 * 86_400).unix(),
        until: now().plus_seconds(300 * 86_400).unix(),
        may_issue: true,
        may_accredit: true,
        statement: Vec::new(),
    }
}

fn entitled(found: &Examination) -> (Code, Answer) {
    (found.outcome(CheckId::Entitlement).unwrap().code(), found.verdict.entitled)
}

#[tokio::test]
async fn a_unit_issues_what_it_was_accredited_for_and_nothing_else() {
    let office = Office::new().await;
    let found = office.look(&office.badge(KIND)).await;
    assert_eq!(entitled(&found), (Code::EntitlementOk, Answer::Yes));
    assert_eq!(found.overall(), Overall::Accept, "{:?}", found.findings);
    let above: Vec<&str> = found.authority.iter().map(|(ko, _)| ko.as_str()).collect();
    assert_eq!(above, ["고용노동부(예시)", "한국산업인력공단(예시)"]);

    // Another kind of the same type, in good order but for that.
    let found = office.look(&office.badge("2290")).await;
    assert_eq!(found.verdict.authentic, Answer::Yes, "{:?}", found.findings);
    assert_eq!(entitled(&found), (Code::EntitlementOtherKind, Answer::No));
    assert_eq!(found.overall(), Overall::Reject);
    // Another type: the agency above may not either.
    let history =
        office.unit.credential(CredentialType::TrainingHistory, office.holder.did().as_str(), 2);
    let found = office.look(&office.unit.secure(&history)).await;
    assert_eq!(found.verdict.entitled, Answer::No);
    assert_eq!(found.overall(), Overall::Reject);
}

#[tokio::test]
async fn a_kind_that_is_not_shown_leaves_it_open() {
    let office = Office::new().await;
    let badge = CredentialType::QualificationBadge;
    // Ours always show the kind; another issuer of the type may let its holders hide it.
    let hides = ["achievement.humanCode"];
    let holder = office.holder.key();
    let token = office.unit.sd_jwt_hiding(&hides, badge, &office.badge(KIND), &holder);
    let whole = office.look(&json!(token)).await;
    assert_eq!(entitled(&whole), (Code::EntitlementOk, Answer::Yes), "{:?}", whole.findings);
    // Nothing disclosed: the unit's digest of a kind cannot be told to be this one or another.
    let hidden = format!("{}~", token.split('~').next().unwrap());
    assert_eq!(
        UnverifiedCredential::from_value(&json!(hidden)).unwrap().format,
        CredentialFormat::SdJwtVc
    );
    let found = office.look(&json!(hidden)).await;
    assert_eq!(entitled(&found), (Code::EntitlementKindHidden, Answer::Unknown));
    assert_ne!(found.overall(), Overall::Accept);
}

#[tokio::test]
async fn when_the_agency_is_suspended_so_is_the_unit() {
    let office = Office::new().await;
    let agency = office.record(HRDK).await;
    let suspension = StateChange {
        id: agency,
        index: 0,
        status: AccreditationStatus::Suspended,
        from: now().minus_seconds(20 * 86_400).unix(),
        until: None,
        statement: Vec::new(),
    };
    let sent = office.land.writer.change_accreditation(&suspension).await.unwrap();
    office.settle(sent).await;
    let found = office.look(&office.badge(KIND)).await;
    assert_eq!(entitled(&found), (Code::EntitlementSuspended, Answer::No));
}
