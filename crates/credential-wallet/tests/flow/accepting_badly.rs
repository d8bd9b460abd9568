//! Offers, metadata and answers that a wallet must not take.

use std::sync::Arc;

use credential_wallet::accept::AcceptError;
use serde_json::{Value, json};

use crate::support::block;
use crate::support::issuer::{Issuer, JWT, LDP, SD_JWT, URL, Wickedness, link};
use crate::support::net::{Net, answer, json as json_answer};
use crate::support::wallet::Pocket;

fn scene() -> (Arc<Net>, Arc<Issuer>, Pocket) {
    let net = Arc::new(Net::default());
    let issuer = Issuer::open(&net);
    (net, issuer, Pocket::new())
}

fn read_code(net: &Arc<Net>, pocket: &Pocket, link: &str) -> &'static str {
    block(pocket.wallet(net).read_offer(link)).unwrap_err().code()
}

#[test]
fn malformed_links() {
    let (net, _, pocket) = scene();
    let good = link(&json!({"credential_issuer": URL, "credential_configuration_ids": [SD_JWT]}));
    let both = format!("{good}&credential_offer_uri=https%3A%2F%2Foffers.test%2F1");
    for bad in [
        "openid-credential-offer://?".to_owned(),
        "openid-credential-offer://?x=1".to_owned(),
        both,
        "openid-credential-offer://?credential_offer=%7Bnot-json".to_owned(),
        "openid4vp://?client_id=x&request_uri=y".to_owned(),
        "hello".to_owned(),
        link(&json!({"credential_issuer": URL, "credential_configuration_ids": []})),
        link(&json!({"credential_issuer": URL, "credential_configuration_ids": [SD_JWT, SD_JWT]})),
        link(&json!({"credential_issuer": "ftp://x", "credential_configuration_ids": [SD_JWT]})),
    ] {
        assert_eq!(read_code(&net, &pocket, &bad), "offer_invalid", "{bad}");
    }
    assert_eq!(read_code(&net, &pocket, &good), "grant_not_supported");
    assert_eq!(net.total(), 0, "nothing of this reached the network");
}

#[test]
fn offers_by_reference_that_lead_nowhere_or_inside() {
    let (net, _, pocket) = scene();
    let by = |url: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("credential_offer_uri", url)
            .finish();
        format!("openid-credential-offer://?{query}")
    };
    assert_eq!(read_code(&net, &pocket, &by("https://10.0.0.7/offer")), "forbidden_address");
    assert_eq!(read_code(&net, &pocket, &by("https://nowhere.test/offer")), "dns_failed");
    net.route("https://offers.test/gone", |request| json_answer(request, 410, &json!({})));
    assert_eq!(read_code(&net, &pocket, &by("https://offers.test/gone")), "offer_spent");
    net.route("https://offers.test/html", |request| answer(request, 200, "text/html", "<p>hello"));
    assert_eq!(read_code(&net, &pocket, &by("https://offers.test/html")), "wrong_media_type");
    net.route("https://offers.test/twice", |request| {
        answer(
            request,
            200,
            "application/json",
            r#"{"credential_issuer":"https://a.test","credential_issuer":"https://b.test"}"#,
        )
    });
    assert_eq!(read_code(&net, &pocket, &by("https://offers.test/twice")), "bad_json");
}

#[test]
fn metadata_of_another_issuer_is_refused() {
    let (net, issuer, pocket) = scene();
    issuer.metadata.lock().unwrap()["credential_issuer"] = json!("https://other.test");
    let link = issuer.offer(&[SD_JWT], None);
    assert_eq!(read_code(&net, &pocket, &link), "issuer_document_invalid");
}

#[test]
fn a_foreign_authorization_server_is_refused_before_the_code_is_shown_to_it() {
    let (net, issuer, pocket) = scene();
    issuer.server_metadata.lock().unwrap()["issuer"] = json!("https://other.test");
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    let error = block(wallet.drive(&session, None)).unwrap_err();
    assert_eq!(error.code(), "issuer_document_invalid");
    assert_eq!(net.count("/token"), 0);
    // The issuer repairs it: the offer is still good.
    issuer.server_metadata.lock().unwrap()["issuer"] = json!(URL);
    assert_eq!(block(wallet.drive(&session, None)).unwrap().credentials.len(), 1);
}

#[test]
fn configurations_that_cannot_be_served_use_nothing_up() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 8] = [
        (|c| c["format"] = json!("mso_mdoc"), "format_not_supported"),
        (|c| c["format"] = json!("vc+sd-jwt"), "issuer_document_invalid"),
        (
            |c| {
                c["proof_types_supported"] =
                    json!({"attestation": {"proof_signing_alg_values_supported": ["ES256"]}})
            },
            "proof_type_not_supported",
        ),
        (
            |c| {
                c["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"] =
                    json!(["RS256"])
            },
            "algorithm_not_supported",
        ),
        (
            |c| c["proof_types_supported"]["jwt"]["key_attestations_required"] = json!({}),
            "key_attestation_required",
        ),
        (
            |c| c["cryptographic_binding_methods_supported"] = json!(["did:web"]),
            "binding_method_not_supported",
        ),
        (
            |c| {
                c.as_object_mut().unwrap().remove("vct");
            },
            "issuer_document_invalid",
        ),
        (
            |c| {
                c.as_object_mut().unwrap().remove("proof_types_supported");
            },
            "issuer_document_invalid",
        ),
    ];
    for (change, code) in cases {
        let (net, issuer, pocket) = scene();
        change(&mut issuer.metadata.lock().unwrap()["credential_configurations_supported"][SD_JWT]);
        let link = issuer.offer(&[SD_JWT], None);
        assert_eq!(read_code(&net, &pocket, &link), code);
        assert_eq!(net.count("/token"), 0);
    }
    let (net, issuer, pocket) = scene();
    let link = issuer.offer(&["NoSuchThing"], None);
    assert_eq!(read_code(&net, &pocket, &link), "unknown_credential_configuration");
}

#[test]
fn wicked_credentials_are_not_stored_and_the_issuer_is_told() {
    for (wickedness, configuration, code) in [
        (Wickedness::BindsToItself, SD_JWT, "credential_wrong_binding"),
        (Wickedness::BindsToItself, LDP, "credential_wrong_binding"),
        (Wickedness::BindsToItself, JWT, "credential_wrong_binding"),
        (Wickedness::BreaksSignature, SD_JWT, "credential_bad_signature"),
        (Wickedness::BreaksSignature, LDP, "credential_bad_signature"),
        (Wickedness::BreaksSignature, JWT, "credential_bad_signature"),
        (Wickedness::SendsOtherFormat, SD_JWT, "credential_wrong_format"),
        (Wickedness::SendsOtherType, SD_JWT, "credential_wrong_type"),
        (Wickedness::SendsOtherType, LDP, "credential_wrong_type"),
        (Wickedness::SendsTwo, SD_JWT, "credential_wrong_count"),
        (Wickedness::LeavesBindingOut, SD_JWT, "credential_not_bound"),
        (Wickedness::NamesOtherIssuer, SD_JWT, "credential_bad_signature"),
    ] {
        let (net, issuer, pocket) = scene();
        issuer.set(wickedness);
        let wallet = pocket.wallet(&net);
        let view = block(wallet.read_offer(&issuer.offer(&[configuration], None))).unwrap();
        let session = wallet.begin(&view).unwrap();
        let outcome = block(wallet.drive(&session, None)).unwrap();
        assert_eq!(outcome.failed[0].code, code, "{wickedness:?} {configuration}");
        assert!(wallet.credentials().unwrap().is_empty());
        let notes = issuer.books.lock().unwrap().notifications.clone();
        assert_eq!(notes[0]["event"], "credential_failure");
    }
}

#[test]
fn one_refused_credential_does_not_cost_the_others() {
    let (net, issuer, pocket) = scene();
    issuer.set(Wickedness::LeavesBindingOut);
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT, LDP], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    let outcome = block(wallet.drive(&session, None)).unwrap();
    assert_eq!(outcome.failed[0].configuration_id, SD_JWT);
    assert_eq!(outcome.credentials.len(), 1);
    assert!(outcome.is_complete());
}

#[test]
fn an_answer_in_clear_where_encryption_was_asked_for_is_a_fault() {
    let (net, issuer, pocket) = scene();
    issuer.encrypts();
    issuer.set(Wickedness::AnswersPlain);
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    assert_eq!(block(wallet.drive(&session, None)).unwrap_err().code(), "wrong_media_type");
    assert!(wallet.credentials().unwrap().is_empty());
}

#[test]
fn an_encryption_we_lack_is_said_before_a_credential_is_asked_for() {
    let (net, issuer, pocket) = scene();
    issuer.encrypts();
    issuer.metadata.lock().unwrap()["credential_response_encryption"]["alg_values_supported"] =
        json!(["RSA-OAEP-256"]);
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    assert_eq!(block(wallet.drive(&session, None)).unwrap_err().code(), "encryption_not_supported");
    assert_eq!(net.count("/credential"), 0);
}

#[test]
fn a_denied_request_closes_the_session_with_the_issuers_code() {
    let (net, issuer, pocket) = scene();
    issuer.set(Wickedness::Denies);
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    let outcome = block(wallet.drive(&session, None)).unwrap();
    assert_eq!(outcome.failed[0].code, "credential_request_denied");
    assert!(wallet.open_sessions().unwrap().is_empty());
}

#[test]
fn tokens_of_other_kinds_are_refused() {
    let (net, issuer, pocket) = scene();
    net.route(&format!("{URL}/token"), |request| {
        json_answer(request, 200, &json!({"access_token": "t", "token_type": "DPoP"}))
    });
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    assert_eq!(block(wallet.drive(&session, None)).unwrap_err().code(), "token_type_not_supported");
}

#[test]
fn a_wallet_that_must_be_registered_says_so() {
    let (net, issuer, pocket) = scene();
    net.route(&format!("{URL}/token"), |request| {
        json_answer(request, 401, &json!({"error": "invalid_client"}))
    });
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    let error = block(wallet.drive(&session, None)).unwrap_err();
    assert!(matches!(error, AcceptError::AnonymousNotSupported));
}

#[test]
fn an_abandoned_session_no_longer_shows() {
    let (net, issuer, pocket) = scene();
    let wallet = pocket.wallet(&net);
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    wallet.abandon(&session).unwrap();
    assert!(wallet.open_sessions().unwrap().is_empty());
    assert_eq!(wallet.abandon("nonsense").unwrap_err().code(), "no_such_session");
}
