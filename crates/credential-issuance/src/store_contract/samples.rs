//! Records to put into stores. Nothing in them is verified; stores do not look inside.

use credential_model::catalogue::CredentialType;
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use credential_proofs::jose;
use serde_json::json;
use signing_keys::Algorithm;
use status_lists::StatusValue;

use crate::audit::{AuditAction, AuditEvent};
use crate::credential::{
    Configuration, CredentialRecord, CredentialStage, HolderBinding, Issued, PreparedForm,
};
use crate::ids::{CredentialId, Digest, NotificationId, OfferId};
use crate::offer::{Created, Offer, OfferStage, Release, StoredFormat};
use crate::status::{ListClass, ListRecord};
use crate::store::{IssuerStore, PrepareCommit, SpentNonce};

pub(super) fn now() -> Moment {
    Moment::from_unix(1_800_000_000)
}

pub(super) fn event(action: AuditAction) -> AuditEvent {
    AuditEvent::new(now(), "contract", action)
}

pub(super) fn offer(name: &str) -> Offer {
    Offer {
        id: OfferId::parse(name).unwrap(),
        revision: 1,
        created_at: now(),
        expires_at: now().plus_seconds(300),
        credential_type: CredentialType::TrainingHistory,
        formats: vec![StoredFormat(CredentialFormat::SdJwtVc)],
        subject: json!({ "person": { "name": "홍길동(가상인물)" } }),
        kind: None,
        person: None,
        valid_from: None,
        valid_until: None,
        awarded_date: None,
        by_reference: true,
        release: Release::NotNeeded,
        stage: OfferStage::Created(Created { code: Digest::of(name.as_bytes()), tx_code: None }),
    }
}

pub(super) async fn offer_in(store: &dyn IssuerStore, name: &str) -> Offer {
    let offer = offer(name);
    store.create_offer(&offer, event(AuditAction::OfferCreated)).await.unwrap();
    offer
}

pub(super) async fn list_in(store: &dyn IssuerStore) -> ListRecord {
    let list = ListRecord::open(ListClass::General, 1, 131_072, now());
    store.create_list(&list).await.unwrap();
    list
}

pub(super) fn nonce(name: &str) -> SpentNonce {
    SpentNonce { nonce: Digest::of(name.as_bytes()), expires: now().plus_seconds(300) }
}

/// A prepared record; `name` makes id, key and notification differ.
pub(super) fn prepared(
    offer: &Offer,
    list: &ListRecord,
    index: u64,
    name: &str,
) -> CredentialRecord {
    let jws = jose::prepare(json!({ "typ": "vc+jwt" }), b"{}", Algorithm::EdDsa).unwrap();
    CredentialRecord {
        id: CredentialId::parse(name).unwrap(),
        revision: 1,
        document_id: format!("urn:uuid:{name}"),
        offer: offer.id.clone(),
        configuration: Configuration {
            credential_type: offer.credential_type,
            format: CredentialFormat::JwtVcJson,
        },
        kind: None,
        holder: HolderBinding {
            did: "did:example:1".to_owned(),
            thumbprint: name.to_owned(),
            jwk: json!({}),
        },
        list: list.id.clone(),
        index,
        status: StatusValue::Valid,
        history: Vec::new(),
        valid_from: now(),
        valid_until: None,
        prepared_at: now(),
        method: None,
        salt: Digest::of(name.as_bytes()),
        notification: NotificationId::parse("n1").unwrap(),
        notified: None,
        batch: None,
        stage: CredentialStage::Prepared(PreparedForm::Jws(jws)),
    }
}

/// A commit that takes the list's next places, one a record.
pub(super) fn commit(
    offer: &Offer,
    list: &ListRecord,
    nonces: Vec<SpentNonce>,
    records: Vec<CredentialRecord>,
) -> PrepareCommit {
    let next = list.next + records.len() as u64;
    PrepareCommit {
        offer: (offer.id.clone(), offer.revision),
        nonces,
        list: ListRecord { next, ..list.clone() },
        list_next_before: list.next,
        records,
        audit: event(AuditAction::CredentialsPrepared),
    }
}

/// The record after signing.
pub(super) fn issued(record: &CredentialRecord) -> CredentialRecord {
    let stage = CredentialStage::Issued(Issued {
        at: now(),
        credential: json!("e30.e30.AA"),
        digest: Digest::of(record.id.as_str().as_bytes()),
    });
    CredentialRecord { stage, revision: record.revision + 1, ..record.clone() }
}

/// An offer, a list and one issued credential, by the ids `o1`, `g1`, `c1`.
pub(super) async fn issued_in(store: &dyn IssuerStore) -> CredentialRecord {
    let offer = offer_in(store, "o1").await;
    let list = list_in(store).await;
    let record = prepared(&offer, &list, 7, "c1");
    store.prepare(&commit(&offer, &list, vec![nonce("n")], vec![record.clone()])).await.unwrap();
    let record = issued(&record);
    store
        .record_issued(std::slice::from_ref(&record), event(AuditAction::CredentialsIssued))
        .await
        .unwrap();
    record
}

/// Two values are the same record: compared in their stored form.
pub(super) fn same<T: serde::Serialize>(a: &T, b: &T) {
    assert_eq!(serde_json::to_value(a).unwrap(), serde_json::to_value(b).unwrap());
}
