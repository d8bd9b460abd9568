//! What every backend of [`VerifierStore`] must do. A backend's tests call
//! [`verifier_store_contract`] with a fresh store.
use credential_model::{ambient::PredictableEntropy, moment::Moment};
use openid4vc_messages::ResponseMode;
use url::Url;

use crate::{
    report::{Asked, Report, Words},
    session::{ClientIdentity, NewRequest, RequestKeyName, Scheme, SessionRecord, SessionState},
    store::{SeenBefore, SeenList, StoreError, VerifierStore},
    templates::{PREFERRED, Template},
};

/// Runs the whole contract; panics where the store breaks it.
///
/// # Panics
/// When the store does not keep the contract.
pub async fn verifier_store_contract(store: &dyn VerifierStore) {
    sessions_are_kept_and_found(store).await;
    steps_are_compare_and_set(store).await;
    old_sessions_are_forgotten(store).await;
    lists_never_go_back(store).await;
}

fn start() -> Moment {
    Moment::from_unix(1_800_000_000)
}

/// A session for tests, different for every seed.
///
/// # Panics
/// Never: its inputs are fixed.
pub fn example_session(seed: u64, now: Moment) -> SessionRecord {
    let request = NewRequest {
        query: Template::BadgeHiring.query(&PREFERRED),
        purpose: Template::BadgeHiring.purpose(),
        template: Some("badge-hiring".to_owned()),
        same_device: false,
        response_mode: ResponseMode::DirectPost,
        encryption: None,
        domain: None,
        post: false,
    };
    let identity = ClientIdentity {
        scheme: Scheme::DecentralizedIdentifier,
        client_id: "decentralized_identifier:did:web:verifier.example".to_owned(),
        name: Words::same("Contract"),
        key: RequestKeyName::None,
    };
    let base = Url::parse("https://verifier.example/").expect("a fixed URL");
    SessionRecord::new(request, &identity, &base, now, &PredictableEntropy::new(seed))
        .expect("a fixed request")
}

async fn sessions_are_kept_and_found(store: &dyn VerifierStore) {
    let session = example_session(1, start());
    store.create_session(&session).await.expect("a new session is kept");
    assert_eq!(store.create_session(&session).await, Err(StoreError::Exists), "ids are unique");
    let found = store.session(&session.id).await.expect("readable");
    assert_eq!(found.as_ref(), Some(&session), "it comes back as it was");
    let found = store.session_by_public_id(&session.public_id).await.expect("readable");
    assert_eq!(found.as_ref(), Some(&session), "also by its public id");
    assert_eq!(store.session("nothing").await, Ok(None));
    assert_eq!(store.session_by_public_id(&session.id).await, Ok(None), "the ids are no aliases");
    let other = SessionRecord { id: "another".to_owned(), ..session.clone() };
    assert_eq!(
        store.create_session(&other).await,
        Err(StoreError::Exists),
        "public ids are unique"
    );
}

async fn steps_are_compare_and_set(store: &dyn VerifierStore) {
    let session = example_session(2, start());
    store.create_session(&session).await.expect("a new session is kept");
    let fetched = session.clone().fetched(start()).expect("fetched once");
    store.advance_session(&fetched).await.expect("the first step succeeds");
    assert_eq!(store.advance_session(&fetched).await, Err(StoreError::Conflict), "one step, once");
    let now = store.session(&session.id).await.expect("readable").expect("there");
    assert_eq!(now.revision, 1);
    assert_eq!(now.state(start()), SessionState::Fetched);

    let report = || Report::new(&[], None, Asked::default(), start());
    let one = now.clone().answered(start(), report(), None).expect("may be answered");
    let two = now.answered(start(), report(), Some("code")).expect("may be answered");
    store.advance_session(&one).await.expect("one answer wins");
    assert_eq!(store.advance_session(&two).await, Err(StoreError::Conflict), "the other does not");
    let kept = store.session_by_public_id(&session.public_id).await.expect("readable");
    assert_eq!(kept.map(|kept| kept.state(start())), Some(SessionState::Answered));

    let unknown = example_session(3, start());
    assert_eq!(store.advance_session(&unknown).await, Err(StoreError::Conflict));
}

async fn old_sessions_are_forgotten(store: &dyn VerifierStore) {
    let old = example_session(4, start().minus_seconds(10 * 86_400));
    let young = example_session(5, start());
    store.create_session(&old).await.expect("kept");
    store.create_session(&young).await.expect("kept");
    let forgotten = store.forget_sessions(start(), 100).await.expect("possible");
    assert_eq!(forgotten, 1, "only the old one");
    assert_eq!(store.session(&old.id).await, Ok(None));
    assert_eq!(store.session_by_public_id(&old.public_id).await, Ok(None));
    assert!(store.session(&young.id).await.expect("readable").is_some());
    assert_eq!(store.forget_sessions(start(), 100).await, Ok(0));
}

async fn lists_never_go_back(store: &dyn VerifierStore) {
    let list = |version: u64, digest: &str| SeenList {
        version,
        sha256: digest.to_owned(),
        as_of: start(),
    };
    let see = async |key: &str, list: SeenList| store.see_list(key, &list).await.expect("possible");
    assert_eq!(see("a", list(5, "five")).await, SeenBefore::Current);
    assert_eq!(see("a", list(5, "five")).await, SeenBefore::Current, "the same again");
    assert_eq!(see("a", list(4, "four")).await, SeenBefore::Older(list(5, "five")));
    assert_eq!(see("a", list(5, "else")).await, SeenBefore::Differs(list(5, "five")));
    assert_eq!(see("a", list(6, "six")).await, SeenBefore::Current);
    assert_eq!(see("a", list(5, "five")).await, SeenBefore::Older(list(6, "six")));
    assert_eq!(see("b", list(1, "one")).await, SeenBefore::Current, "keys are apart");
}
