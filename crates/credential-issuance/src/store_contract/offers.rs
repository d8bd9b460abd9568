use std::collections::BTreeMap;
use std::sync::Arc;

use super::samples::{event, now, offer, offer_in, same};
use crate::audit::AuditAction;
use crate::ids::Digest;
use crate::offer::Offer;
use crate::store::{IssuerStore, Page, StoreError};

fn redeemed(offer: &Offer, token: &str, run: &str) -> Offer {
    let stage = offer.stage.clone();
    let stage = stage
        .redeem(Digest::of(token.as_bytes()), now().plus_seconds(600), now(), run, BTreeMap::new())
        .unwrap();
    offer.next(stage)
}

pub(super) async fn an_offer_is_found_by_code_and_token(store: Arc<dyn IssuerStore>) {
    let offer = offer_in(&*store, "o1").await;
    let code = Digest::of(b"o1");
    same(&store.offer(&offer.id).await.unwrap().unwrap(), &offer);
    same(&store.offer_by_code(&code).await.unwrap().unwrap(), &offer);
    assert!(store.offer_by_code(&Digest::ZERO).await.unwrap().is_none());
    assert!(store.offer_by_token(&code).await.unwrap().is_none(), "a code is no token");

    let first = redeemed(&offer, "t1", "run-1");
    store.replace_offer(&first, event(AuditAction::OfferRedeemed)).await.unwrap();
    same(&store.offer_by_token(&Digest::of(b"t1")).await.unwrap().unwrap(), &first);
    same(&store.offer_by_code(&code).await.unwrap().unwrap(), &first);

    let open =
        Offer { stage: first.stage.clone().reopen("run-2", now()).unwrap(), ..first.clone() };
    let second = redeemed(&open, "t2", "run-2");
    store.replace_offer(&second, event(AuditAction::OfferRedeemed)).await.unwrap();
    assert!(
        store.offer_by_token(&Digest::of(b"t1")).await.unwrap().is_none(),
        "the old token is gone"
    );
    same(&store.offer_by_token(&Digest::of(b"t2")).await.unwrap().unwrap(), &second);

    // A change of something else keeps the token.
    let third = second.next(second.stage.clone());
    store.replace_offer(&third, event(AuditAction::DeferredReleased)).await.unwrap();
    assert!(store.offer_by_token(&Digest::of(b"t2")).await.unwrap().is_some());
}

pub(super) async fn a_lost_race_changes_nothing(store: Arc<dyn IssuerStore>) {
    let offer = offer_in(&*store, "o1").await;
    let winner = redeemed(&offer, "t1", "run");
    let loser = redeemed(&offer, "t2", "run");
    store.replace_offer(&winner, event(AuditAction::OfferRedeemed)).await.unwrap();
    let lost = store.replace_offer(&loser, event(AuditAction::OfferRedeemed)).await;
    assert!(matches!(lost, Err(StoreError::Conflict)));
    assert!(store.offer_by_token(&Digest::of(b"t2")).await.unwrap().is_none());
    assert_eq!(store.audit(0, 10).await.unwrap().len(), 2);
    let again = store.create_offer(&offer, event(AuditAction::OfferCreated)).await;
    assert!(matches!(again, Err(StoreError::Taken(_))));
    let unknown = super::samples::offer("o9").next(offer.stage.clone());
    let missing = store.replace_offer(&unknown, event(AuditAction::OfferDied)).await;
    assert!(matches!(missing, Err(StoreError::Missing(_))));
}

pub(super) async fn offers_page_in_time_order(store: Arc<dyn IssuerStore>) {
    for (seconds, name) in [(20, "a"), (10, "z"), (30, "m"), (10, "b")] {
        let offer = Offer { created_at: now().plus_seconds(seconds), ..offer(name) };
        store.create_offer(&offer, event(AuditAction::OfferCreated)).await.unwrap();
    }
    let names = |offers: Vec<Offer>| offers.iter().map(|o| o.id.to_string()).collect::<Vec<_>>();
    let first = names(store.offers(Page { after: None, limit: 2 }).await.unwrap());
    assert_eq!(first, ["b", "z"]);
    let rest = names(store.offers(Page { after: Some("z"), limit: 10 }).await.unwrap());
    assert_eq!(rest, ["a", "m"]);
}
