//! Accepting offers, as it should be.

use std::sync::Arc;

use credential_wallet::accept::AcceptError;
use serde_json::{Value, json};

use crate::support::block;
use crate::support::issuer::{Issuer, JWT, LDP, SD_JWT, URL, Wickedness};
use crate::support::net::{Fault, Net, json as json_answer};
use crate::support::wallet::Pocket;

fn scene() -> (Arc<Net>, Arc<Issuer>, Pocket) {
    let net = Arc::new(Net::default());
    let issuer = Issuer::open(&net);
    (net, issuer, Pocket::new())
}

#[test]
fn a_badge_in_three_formats_is_received_checked_stored_and_acknowledged() {
    let (net, issuer, pocket) = scene();
    let wallet = pocket.wallet(&net);
    let link = issuer.offer(&[SD_JWT, LDP, JWT], None);
    let view = block(wallet.read_offer(&link)).unwrap();
    assert_eq!(view.issuer, URL);
    assert_eq!(view.issuer_names["ko-KR"], "한국산업인력공단(가상)");
    assert_eq!(view.credentials.len(), 3);
    assert_eq!(view.credentials[0].names["en"], "National qualification badge");
    assert_eq!(issuer.books.lock().unwrap().issued, 0, "looking uses nothing up");

    let session = wallet.begin(&view).unwrap();
    let outcome = block(wallet.drive(&session, None)).unwrap();
    assert_eq!(outcome.credentials.len(), 3);
    assert!(outcome.is_complete() && outcome.failed.is_empty());
    let held = wallet.credentials().unwrap();
    let formats: Vec<&str> = held.iter().map(|one| one.format.as_str()).collect();
    assert_eq!(formats, ["dc+sd-jwt", "ldp_vc", "jwt_vc_json"]);
    for one in &held {
        assert_eq!(one.issuer_check, "verified", "{}", one.format);
        assert_eq!(one.issuer, issuer.did().as_str());
        let binding = one.copies[0].binding.as_ref().unwrap();
        assert!(binding.named, "{}", one.format);
        assert!(one.validity().1.is_some());
    }
    assert_eq!(held[0].topic().as_deref(), Some("정보처리기사"));
    // A fresh key each: nothing links the three.
    let mut keys = issuer.books.lock().unwrap().keys.clone();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 3);
    let notes = issuer.books.lock().unwrap().notifications.clone();
    assert_eq!(notes.len(), 3);
    assert!(notes.iter().all(|note| note["event"] == "credential_accepted"));
    assert!(wallet.open_sessions().unwrap().is_empty());
}

#[test]
fn an_offer_by_reference_and_behind_an_https_qr_code() {
    let (net, issuer, pocket) = scene();
    let wallet = pocket.wallet(&net);
    let by_value = issuer.offer(&[SD_JWT], None);
    let query = by_value.split_once('?').unwrap().1;
    let (_, offer) = url::form_urlencoded::parse(query.as_bytes()).next().unwrap();
    let offer: Value = serde_json::from_str(&offer).unwrap();
    net.route("https://offers.test/", move |request| json_answer(request, 200, &offer));

    for link in [
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Foffers.test%2F1",
        "https://offers.test/1",
        "https://wallet.test/open?credential_offer_uri=https%3A%2F%2Foffers.test%2F1",
    ] {
        let view = block(wallet.read_offer(link)).unwrap();
        assert_eq!(view.credentials[0].configuration_id, SD_JWT, "{link}");
    }
}

#[test]
fn a_transaction_code_is_asked_for_checked_in_shape_and_tried_again() {
    let (net, issuer, pocket) = scene();
    let wallet = pocket.wallet(&net);
    let link = issuer.offer(&[SD_JWT], Some("493536"));
    let view = block(wallet.read_offer(&link)).unwrap();
    let wanted = view.tx_code.clone().unwrap();
    assert!(wanted.numeric && wanted.length == Some(6));
    let session = wallet.begin(&view).unwrap();
    let before = net.count("/token");
    assert!(matches!(block(wallet.drive(&session, None)), Err(AcceptError::TxCodeRequired)));
    for mistyped in ["49353", "4935367", "49353a", ""] {
        let outcome = block(wallet.drive(&session, Some(mistyped)));
        assert!(matches!(outcome, Err(AcceptError::TxCodeShape { .. })), "{mistyped}");
    }
    assert_eq!(net.count("/token"), before, "a typing error costs no try");
    let outcome = block(wallet.drive(&session, Some("000000")));
    assert!(matches!(outcome, Err(AcceptError::TxCodeRefused { tries: 1 })));
    let outcome = block(wallet.drive(&session, Some("493536"))).unwrap();
    assert_eq!(outcome.credentials.len(), 1);
}

#[test]
fn five_wrong_codes_end_the_offer() {
    let (net, issuer, pocket) = scene();
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], Some("493536")))).unwrap();
    let session = wallet.begin(&view).unwrap();
    for tries in 1..=5 {
        let outcome = block(wallet.drive(&session, Some("000000")));
        assert!(matches!(outcome, Err(AcceptError::TxCodeRefused { tries: t }) if t == tries));
    }
    assert!(block(wallet.drive(&session, Some("493536"))).is_err());
    assert!(wallet.credentials().unwrap().is_empty());
}

#[test]
fn one_time_copies_each_with_a_key_of_its_own() {
    let (net, issuer, mut pocket) = scene();
    pocket.settings.copies = 9;
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT, LDP], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    block(wallet.drive(&session, None)).unwrap();
    let held = wallet.credentials().unwrap();
    assert_eq!(held[0].copies.len(), 5, "the issuer's batch_size is the limit");
    assert_eq!(held[1].copies.len(), 1, "copies of a credential that hides nothing are of no use");
    let mut labels: Vec<&str> =
        held[0].copies.iter().map(|copy| copy.binding.as_ref().unwrap().key.as_str()).collect();
    labels.dedup();
    assert_eq!(labels.len(), 5);
}

#[test]
fn a_deferred_credential_is_fetched_when_its_time_has_come() {
    let (net, issuer, pocket) = scene();
    *issuer.defer.lock().unwrap() = true;
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    let outcome = block(wallet.drive(&session, None)).unwrap();
    assert!(outcome.credentials.is_empty() && outcome.deferred.len() == 1);
    assert_eq!(wallet.open_sessions().unwrap()[0].stage_name(), "deferred");

    // Too early: the issuer is not even asked.
    let again = block(wallet.drive(&session, None)).unwrap();
    assert_eq!(net.count("/deferred"), 0);
    assert_eq!(again.deferred, outcome.deferred);
    // Later, and still not ready.
    pocket.clock.advance(61);
    block(wallet.drive(&session, None)).unwrap();
    assert_eq!(net.count("/deferred"), 1);
    // Ready; the wallet was restarted meanwhile.
    *issuer.defer.lock().unwrap() = false;
    pocket.clock.advance(61);
    let wallet = pocket.wallet(&net);
    let outcome = block(wallet.drive(&session, None)).unwrap();
    assert_eq!(outcome.credentials.len(), 1);
    assert_eq!(issuer.books.lock().unwrap().issued, 1);
    assert!(wallet.open_sessions().unwrap().is_empty());
}

#[test]
fn a_deferred_credential_whose_answer_was_lost_is_asked_for_with_the_same_keys() {
    let (net, issuer, pocket) = scene();
    *issuer.defer.lock().unwrap() = true;
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    block(wallet.drive(&session, None)).unwrap();
    // Released and sent, and never received; the transaction id is spent.
    *issuer.defer.lock().unwrap() = false;
    pocket.clock.advance(60);
    net.fail_next("/deferred", Fault::AnswerLost);
    assert!(block(wallet.drive(&session, None)).unwrap_err().is_resumable());
    let wallet = pocket.wallet(&net);
    let outcome = block(wallet.drive(&session, None)).unwrap();
    assert_eq!((outcome.credentials.len(), outcome.failed.len()), (1, 0));
    let keys = issuer.books.lock().unwrap().keys.clone();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1], "no second key, so no second credential at an issuer of ours");
    assert!(wallet.open_sessions().unwrap().is_empty());
}

#[test]
fn a_deferred_credential_that_is_not_to_be_had_is_not_asked_for_for_ever() {
    let (net, issuer, pocket) = scene();
    *issuer.defer.lock().unwrap() = true;
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    block(wallet.drive(&session, None)).unwrap();
    *issuer.defer.lock().unwrap() = false;
    pocket.clock.advance(60);
    net.fail_next("/deferred", Fault::AnswerLost);
    assert!(block(wallet.drive(&session, None)).is_err());
    issuer.set(Wickedness::Denies);
    let outcome = block(wallet.drive(&session, None)).unwrap();
    assert_eq!(outcome.failed[0].code, "credential_request_denied");
    assert_eq!(net.count("/credential"), 2);
    assert!(wallet.open_sessions().unwrap().is_empty());
}

#[test]
fn requests_and_responses_are_encrypted_where_the_issuer_can() {
    let (net, issuer, pocket) = scene();
    issuer.encrypts();
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    assert_eq!(block(wallet.drive(&session, None)).unwrap().credentials.len(), 1);
}

#[test]
fn a_stale_nonce_is_replaced_and_a_hopeless_one_is_not_tried_for_ever() {
    let (net, issuer, pocket) = scene();
    issuer.set(Wickedness::StaleNonceOnce);
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    assert_eq!(block(wallet.drive(&session, None)).unwrap().credentials.len(), 1);

    issuer.set(Wickedness::StaleNonceAlways);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    let before = net.count("/credential");
    let outcome = block(wallet.drive(&session, None)).unwrap();
    assert_eq!(outcome.failed[0].code, "invalid_nonce");
    assert_eq!(net.count("/credential") - before, 3);
}

#[test]
fn the_same_offer_is_not_accepted_twice_by_whichever_road() {
    let (net, issuer, pocket) = scene();
    let wallet = pocket.wallet(&net);
    let link = issuer.offer(&[SD_JWT], None);
    let view = block(wallet.read_offer(&link)).unwrap();
    let session = wallet.begin(&view).unwrap();
    assert_eq!(wallet.begin(&view).unwrap(), session, "one session while it is open");
    let outcome = block(wallet.drive(&session, None)).unwrap();

    let asked = net.total();
    let again = block(wallet.read_offer(&link));
    assert!(
        matches!(&again, Err(AcceptError::AlreadyAccepted { credentials, .. }) if *credentials == outcome.credentials)
    );
    assert_eq!(net.total(), asked, "known without asking anybody");
    assert!(matches!(wallet.begin(&view), Err(AcceptError::AlreadyAccepted { .. })));

    // The same offer under another link.
    let query = link.split_once('?').unwrap().1;
    let (_, offer) = url::form_urlencoded::parse(query.as_bytes()).next().unwrap();
    let offer: Value = serde_json::from_str(&offer).unwrap();
    net.route("https://offers.test/", move |request| json_answer(request, 200, &offer));
    let by_reference = block(wallet.read_offer("https://offers.test/1"));
    assert!(matches!(by_reference, Err(AcceptError::AlreadyAccepted { .. })));
    assert_eq!(net.count("/token"), 1);
}

#[test]
fn an_offer_somebody_else_used_says_so() {
    let (net, issuer, pocket) = scene();
    let thief = Pocket::new();
    let link = issuer.offer(&[SD_JWT], None);
    let (first, second) = (thief.wallet(&net), pocket.wallet(&net));
    let view = block(first.read_offer(&link)).unwrap();
    let session = first.begin(&view).unwrap();
    block(first.drive(&session, None)).unwrap();
    let view = block(second.read_offer(&link)).unwrap();
    let session = second.begin(&view).unwrap();
    assert!(matches!(block(second.drive(&session, None)), Err(AcceptError::OfferSpent)));
    assert!(matches!(block(second.read_offer(&link)), Err(AcceptError::OfferSpent)));
}

#[test]
fn a_server_that_knows_only_openid_configuration_will_do() {
    let (net, issuer, pocket) = scene();
    issuer.metadata.lock().unwrap()["authorization_servers"] = json!(["https://as.test/realm"]);
    net.route("https://as.test/realm/.well-known/openid-configuration", |request| {
        json_answer(
            request,
            200,
            &json!({"issuer": "https://as.test/realm", "token_endpoint": format!("{URL}/token")}),
        )
    });
    net.route("https://as.test/.well-known/", |request| json_answer(request, 404, &json!({})));
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    assert_eq!(block(wallet.drive(&session, None)).unwrap().credentials.len(), 1);
}

#[test]
fn short_beginnings_of_ids_are_enough_and_ambiguous_ones_are_not() {
    let (net, issuer, pocket) = scene();
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT, LDP], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    let ids = block(wallet.drive(&session, None)).unwrap().credentials;
    let short = credential_wallet::short_id(&ids[1]);
    assert_eq!(wallet.credential(&ids[1]).unwrap().id, ids[1]);
    assert_eq!(wallet.credential(short).unwrap().id, ids[1]);
    assert_eq!(wallet.credential(&short[..6].to_uppercase()).unwrap().id, ids[1]);
    // Both begin with the same time.
    assert_eq!(wallet.credential(&ids[0][..8]).unwrap_err().code(), "ambiguous_id");
    assert_eq!(wallet.credential("zzzz").unwrap_err().code(), "unknown_id");
    assert_eq!(wallet.credential("").unwrap_err().code(), "unknown_id");
}
