//! Answering requests, as it should be.

use std::sync::Arc;

use credential_model::did::DidUrl;
use credential_proofs::jwt_vc::{self, ExpectedPresentation};
use credential_proofs::sd_jwt::{ExpectedBinding, SdJwt};
use credential_proofs::{Expected, presentation};
use credential_wallet::Wallet;
use credential_wallet::claims::{ShownClaim, dotted};
use credential_wallet::present::{Choices, Proven};
use credential_wallet::records::Outcome;
use did_resolution::{UniversalResolver, resolve_verification_key};
use serde_json::{Value, json};
use signing_keys::KeyRing;
use web_fetch::Fetch;

use crate::support::certificates::{Recipe, certificate, signer};
use crate::support::issuer::{Issuer, JWT, LDP, SD_JWT, Wickedness};
use crate::support::net::Net;
use crate::support::verifier::{Name, Verifier, badge_query};
use crate::support::wallet::Pocket;
use crate::support::{block, now};

pub(crate) struct Scene {
    pub(crate) net: Arc<Net>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) pocket: Pocket,
    pub(crate) wallet: Wallet,
}

/// A wallet that holds badges in these configurations, and a verifier.
pub(crate) fn scene(configurations: &[&str]) -> Scene {
    scene_with(configurations, Pocket::new())
}

fn scene_with(configurations: &[&str], pocket: Pocket) -> Scene {
    let net = Arc::new(Net::default());
    let issuer = Issuer::open(&net);
    let verifier = Verifier::open(&net);
    let wallet = pocket.wallet(&net);
    if !configurations.is_empty() {
        receive(&wallet, &issuer, configurations);
    }
    Scene { net, issuer, verifier, pocket, wallet }
}

pub(crate) fn receive(wallet: &Wallet, issuer: &Issuer, configurations: &[&str]) -> Vec<String> {
    let view = block(wallet.read_offer(&issuer.offer(configurations, None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    block(wallet.drive(&session, None)).unwrap().credentials
}

/// Checks an SD-JWT presentation as a verifier must, and gives the disclosed claims.
fn opened(presented: &str, audience: &str, nonce: &str, net: &Arc<Net>) -> Value {
    let token = SdJwt::parse(presented).unwrap();
    let expected = ExpectedBinding {
        audience,
        nonce,
        now: now(),
        max_age_seconds: 60,
        transaction_data_hashes: &[],
    };
    token.verify_key_binding(&expected).unwrap();
    let keys = ring(&[token.issuer_method().unwrap()], net);
    token.verify(&keys, &Expected::credential(None, now())).unwrap().claims
}

fn ring(methods: &[DidUrl], net: &Arc<Net>) -> KeyRing {
    let resolver = UniversalResolver::new(Arc::clone(net) as Arc<dyn Fetch>, None);
    let mut keys = KeyRing::new();
    for method in methods {
        keys.insert(block(resolve_verification_key(&resolver, method)).unwrap());
    }
    keys
}

#[test]
fn only_what_is_asked_is_disclosed_and_bound_to_who_asked() {
    let scene = scene(&[SD_JWT, LDP]);
    let claims = scene.verifier.claims(&Name::Did);
    let link = scene.verifier.link(&Name::Did, &claims, false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    assert_eq!(asked.purpose["ko"], "채용 자격 확인");
    let plan = scene.wallet.plan(&asked, &Choices::default()).unwrap();
    let view = plan.consent(&asked);
    assert!(view.verifier.signed);
    assert!(matches!(view.verifier.proven, Proven::Did { .. }));
    assert_eq!(view.verifier.names["en"], "SH Soft (fictitious)");
    assert_eq!(view.verifier.answer_to, "verifier.test");
    assert_eq!(view.match_code.as_deref(), Some("42"));
    assert!(view.expires_at.is_some());
    let labels: Vec<String> = view.items[0].discloses.iter().map(|one| one.label("ko")).collect();
    assert_eq!(labels, ["성명", "취득일(합격일)"], "in the order the issuer shows them");
    assert!(view.items[0].hidden > 0);
    assert!(view.items[0].always.iter().any(|one| one.label("ko") == "종목코드"));
    assert!(!view.warnings.contains(&"unsigned") && !view.warnings.contains(&"many_claims"));
    assert_eq!(scene.verifier.forms.lock().unwrap().len(), 0, "nothing left before consent");

    let delivered = block(scene.wallet.present(&asked, &plan)).unwrap();
    assert_eq!(
        delivered.redirect_uri.as_deref(),
        Some("https://verifier.test/done#response_code=1")
    );
    let token = scene.verifier.vp_token();
    assert_eq!(token["badge"].as_array().unwrap().len(), 1);
    let nonce = claims["nonce"].as_str().unwrap();
    let client_id = scene.verifier.client_id(&Name::Did);
    let shown = opened(token["badge"][0].as_str().unwrap(), &client_id, nonce, &scene.net);
    assert!(shown["person"]["name"].is_string());
    assert!(shown.get("awardedDate").is_some());
    assert!(shown["person"].get("birthDate").is_none(), "not asked, not shown");
    assert!(shown.get("licenseNumber").is_none());

    let history = scene.wallet.history().unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].outcome, Outcome::Delivered);
    assert_eq!(history[0].purpose["ko"], "채용 자격 확인");
    assert_eq!(history[0].disclosed[0].paths, [json!(["awardedDate"]), json!(["person", "name"])]);
    let written = serde_json::to_string(&history).unwrap();
    assert!(!written.contains("홍길동"), "the history holds no values");
}

#[test]
fn by_post_with_our_nonce_encrypted_and_by_certificate() {
    for (name, post) in [
        (Name::Did, true),
        (Name::X509Hash, false),
        (Name::X509Hash, true),
        (Name::X509SanDns, true),
    ] {
        let scene = scene(&[SD_JWT]);
        let claims = scene.verifier.encrypted(scene.verifier.claims(&name));
        let link = scene.verifier.link(&name, &claims, post);
        let asked = block(scene.wallet.read_request(&link)).unwrap();
        let plan = scene.wallet.plan(&asked, &Choices::default()).unwrap();
        block(scene.wallet.present(&asked, &plan)).unwrap();
        assert!(scene.verifier.last().contains_key("response"), "nothing in clear");
        let nonce = claims["nonce"].as_str().unwrap();
        let token = scene.verifier.vp_token();
        opened(
            token["badge"][0].as_str().unwrap(),
            &scene.verifier.client_id(&name),
            nonce,
            &scene.net,
        );
    }
}

#[test]
fn certificates_prove_a_name_only_under_an_anchor() {
    let mut pocket = Pocket::new();
    let authority = Recipe {
        subject: "Authority (fictitious)",
        dns: &[],
        authority: true,
        ..Recipe::default()
    };
    pocket.settings.certificate_anchors = vec![certificate(&authority, &signer(1), &signer(1))];
    for (pocket, anchored) in [(Pocket::new(), false), (pocket, true)] {
        let scene = scene_with(&[SD_JWT], pocket);
        let link = scene.verifier.link(
            &Name::X509SanDns,
            &scene.verifier.claims(&Name::X509SanDns),
            false,
        );
        let asked = block(scene.wallet.read_request(&link)).unwrap();
        let view = scene.wallet.plan(&asked, &Choices::default()).unwrap().consent(&asked);
        assert_eq!(view.warnings.contains(&"certificate_unanchored"), !anchored);
        assert_eq!(view.verifier.domain.as_deref(), Some("verifier.test"));
    }
}

#[test]
fn w3c_credentials_are_presented_in_presentations_signed_for_this_verifier() {
    for (configuration, format) in [(LDP, "ldp_vc"), (JWT, "jwt_vc_json")] {
        let scene = scene(&[configuration]);
        let mut claims = scene.verifier.claims(&Name::Did);
        claims["dcql_query"] = badge_query(format);
        let link = scene.verifier.link(&Name::Did, &claims, false);
        let asked = block(scene.wallet.read_request(&link)).unwrap();
        let plan = scene.wallet.plan(&asked, &Choices::default()).unwrap();
        let view = plan.consent(&asked);
        assert!(view.items[0].whole && view.warnings.contains(&"whole_credential"), "{format}");
        assert!(view.items[0].discloses.len() > 5, "everything in it is shown to the holder");
        let names_holder = |claim: &ShownClaim| claim.path == ["credentialSubject", "id"];
        assert!(view.items[0].discloses.iter().any(names_holder), "{format}: identifiers too");
        let own = Wallet::shown_claims(&plan.entries[0].credential);
        assert!(!own.iter().any(names_holder), "machinery on the holder's own screen");
        block(scene.wallet.present(&asked, &plan)).unwrap();

        let presented = scene.verifier.vp_token()["badge"][0].clone();
        let nonce = claims["nonce"].as_str().unwrap();
        let client_id = scene.verifier.client_id(&Name::Did);
        let holder = scene.pocket.keys_of_holder();
        let keys = ring(std::slice::from_ref(&holder), &scene.net);
        let credentials = if format == "ldp_vc" {
            assert!(presented.is_object());
            let expected = Expected::presentation(None, nonce, &client_id, now());
            presentation::verify(&presented, &expected, &keys).unwrap().credentials
        } else {
            let expected = ExpectedPresentation {
                audience: &client_id,
                nonce,
                holder: None,
                now: now(),
                max_age_seconds: 60,
            };
            jwt_vc::verify_presentation(presented.as_str().unwrap(), &keys, &expected)
                .unwrap()
                .credentials
        };
        assert_eq!(credentials.len(), 1);
    }
}

#[test]
fn members_named_id_and_type_are_shown_and_warned_of() {
    let scene = scene(&[]);
    scene.issuer.set(Wickedness::HidesPassport);
    receive(&scene.wallet, &scene.issuer, &[SD_JWT]);
    let view_of = |path: Value| {
        let mut claims = scene.verifier.claims(&Name::Did);
        claims["dcql_query"]["credentials"][0]["claims"] = json!([{"path": path}]);
        let link = scene.verifier.link(&Name::Did, &claims, false);
        let asked = block(scene.wallet.read_request(&link)).unwrap();
        scene.wallet.plan(&asked, &Choices::default()).unwrap().consent(&asked)
    };
    let view = view_of(json!(["papers"]));
    let shown: Vec<(String, &str)> = view.items[0]
        .discloses
        .iter()
        .map(|claim| (dotted(&claim.path), claim.value.as_str()))
        .collect();
    let expected = [("papers.passport.id", "M00000000"), ("papers.passport.type", "P")];
    for (path, value) in expected {
        assert!(shown.contains(&(path.to_owned(), value)), "{shown:?}");
    }
    assert!(view.warnings.contains(&"identity_number"), "{:?}", view.warnings);
    let harmless = view_of(json!(["person", "name"]));
    assert!(!harmless.warnings.contains(&"identity_number"), "{:?}", harmless.warnings);
}

#[test]
fn an_unsigned_request_is_answered_only_at_its_own_address_and_with_a_warning() {
    let scene = scene(&[SD_JWT]);
    let claims = scene.verifier.claims(&Name::RedirectUri);
    let link = scene.verifier.link_with_parameters(&claims);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let plan = scene.wallet.plan(&asked, &Choices::default()).unwrap();
    let view = plan.consent(&asked);
    assert!(!view.verifier.signed && view.warnings.contains(&"unsigned"));
    block(scene.wallet.present(&asked, &plan)).unwrap();
    let nonce = claims["nonce"].as_str().unwrap();
    let token = scene.verifier.vp_token();
    opened(
        token["badge"][0].as_str().unwrap(),
        "redirect_uri:https://verifier.test/response",
        nonce,
        &scene.net,
    );
    assert!(!scene.wallet.history().unwrap()[0].signed);
}

#[test]
fn of_several_badges_the_holder_chooses() {
    let scene = scene(&[]);
    let first = receive(&scene.wallet, &scene.issuer, &[SD_JWT]);
    let second = receive(&scene.wallet, &scene.issuer, &[SD_JWT]);
    let link = scene.verifier.link(&Name::Did, &scene.verifier.claims(&Name::Did), false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let view = scene.wallet.plan(&asked, &Choices::default()).unwrap().consent(&asked);
    assert_eq!(view.items.len(), 1, "one is enough");
    assert_eq!(view.items[0].alternatives.len(), 1);
    for id in [&first[0], &second[0]] {
        let mut choices = Choices::default();
        choices.picks.insert("badge".to_owned(), vec![credential_wallet::short_id(id).to_owned()]);
        let plan = scene.wallet.plan(&asked, &choices).unwrap();
        assert_eq!(&plan.entries[0].credential.id, id);
    }
    for (query, picks) in [
        ("badge", vec!["nonsense".to_owned()]),
        ("other", vec![first[0].clone()]),
        ("badge", vec![first[0].clone(), second[0].clone()]),
    ] {
        let mut choices = Choices::default();
        choices.picks.insert(query.to_owned(), picks);
        assert_eq!(scene.wallet.plan(&asked, &choices).unwrap_err().code(), "bad_choice");
    }
}

#[test]
fn several_are_sent_where_the_verifier_takes_several() {
    let scene = scene(&[]);
    let ids: Vec<String> =
        (0..2).flat_map(|_| receive(&scene.wallet, &scene.issuer, &[SD_JWT])).collect();
    let mut claims = scene.verifier.claims(&Name::Did);
    claims["dcql_query"]["credentials"][0]["multiple"] = json!(true);
    let link = scene.verifier.link(&Name::Did, &claims, false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let mut choices = Choices::default();
    choices.picks.insert("badge".to_owned(), ids);
    let plan = scene.wallet.plan(&asked, &choices).unwrap();
    block(scene.wallet.present(&asked, &plan)).unwrap();
    assert_eq!(scene.verifier.vp_token()["badge"].as_array().unwrap().len(), 2);
}

#[test]
fn optional_sets_are_left_out_unless_the_holder_wants_them() {
    let scene = scene(&[SD_JWT, LDP]);
    let mut claims = scene.verifier.claims(&Name::Did);
    let mut query = badge_query("dc+sd-jwt");
    let mut extra = badge_query("ldp_vc")["credentials"][0].clone();
    extra["id"] = json!("extra");
    query["credentials"].as_array_mut().unwrap().push(extra);
    query["credential_sets"] =
        json!([{"options": [["badge"]]}, {"options": [["extra"]], "required": false}]);
    claims["dcql_query"] = query;
    let link = scene.verifier.link(&Name::Did, &claims, false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let plan = scene.wallet.plan(&asked, &Choices::default()).unwrap();
    assert_eq!(plan.entries.len(), 1);
    assert_eq!(plan.consent(&asked).optional, ["extra"]);
    let wanted = Choices { include_optional: true, ..Choices::default() };
    assert_eq!(scene.wallet.plan(&asked, &wanted).unwrap().entries.len(), 2);
}

#[test]
fn a_query_without_claims_discloses_nothing_beyond_what_always_shows() {
    let scene = scene(&[SD_JWT]);
    let mut claims = scene.verifier.claims(&Name::Did);
    claims["dcql_query"]["credentials"][0].as_object_mut().unwrap().remove("claims");
    let link = scene.verifier.link(&Name::Did, &claims, false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let plan = scene.wallet.plan(&asked, &Choices::default()).unwrap();
    assert!(plan.consent(&asked).items[0].discloses.is_empty());
    block(scene.wallet.present(&asked, &plan)).unwrap();
    let token = scene.verifier.vp_token();
    let parsed = SdJwt::parse(token["badge"][0].as_str().unwrap()).unwrap();
    assert!(parsed.claims_unverified().pointer("/person/name").is_none());
}

#[test]
fn one_time_copies_are_used_in_turn() {
    let mut pocket = Pocket::new();
    pocket.settings.copies = 3;
    let scene = scene_with(&[SD_JWT], pocket);
    let mut signatures = Vec::new();
    for _ in 0..3 {
        let link = scene.verifier.link(&Name::Did, &scene.verifier.claims(&Name::Did), false);
        let asked = block(scene.wallet.read_request(&link)).unwrap();
        let plan = scene.wallet.plan(&asked, &Choices::default()).unwrap();
        block(scene.wallet.present(&asked, &plan)).unwrap();
        let token = scene.verifier.vp_token();
        let text = token["badge"][0].as_str().unwrap().to_owned();
        signatures.push(text.split('~').next().unwrap().to_owned());
    }
    signatures.sort();
    signatures.dedup();
    assert_eq!(signatures.len(), 3, "no verifier sees the signature another one saw");
}

#[test]
fn declining_says_access_denied_and_nothing_else() {
    let scene = scene(&[SD_JWT]);
    let link = scene.verifier.link(&Name::Did, &scene.verifier.claims(&Name::Did), false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    block(scene.wallet.refuse(&asked)).unwrap();
    let form = scene.verifier.last();
    assert_eq!(form["error"], "access_denied");
    assert_eq!(form["state"], "state-1");
    assert!(!form.contains_key("vp_token"));
    let history = scene.wallet.history().unwrap();
    assert_eq!(history[0].outcome, Outcome::Refused);
    assert!(history[0].disclosed.is_empty());
}

#[test]
fn a_verifier_that_does_not_take_the_answer_is_in_the_history() {
    let scene = scene(&[SD_JWT]);
    *scene.verifier.answer.lock().unwrap() =
        (400, json!({"error": "invalid_request", "error_description": "replayed\u{1b}[31m"}));
    let link = scene.verifier.link(&Name::Did, &scene.verifier.claims(&Name::Did), false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let plan = scene.wallet.plan(&asked, &Choices::default()).unwrap();
    let error = block(scene.wallet.present(&asked, &plan)).unwrap_err();
    assert_eq!(error.code(), "verifier_refused");
    assert!(!error.to_string().contains('\u{1b}'));
    let history = scene.wallet.history().unwrap();
    assert_eq!(history[0].outcome, Outcome::Failed("verifier_refused".to_owned()));
    assert_eq!(
        scene.wallet.credentials().unwrap()[0].copies[0].presented,
        1,
        "it left all the same"
    );
}

#[test]
fn an_answer_that_goes_to_another_host_is_pointed_out() {
    let scene = scene(&[SD_JWT]);
    let view_of = |response_uri: &str| {
        let mut claims = scene.verifier.claims(&Name::X509Hash);
        claims["response_uri"] = json!(response_uri);
        let link = scene.verifier.link(&Name::X509Hash, &claims, false);
        let asked = block(scene.wallet.read_request(&link)).unwrap();
        scene.wallet.plan(&asked, &Choices::default()).unwrap().consent(&asked)
    };
    assert!(!view_of("https://verifier.test/response").warnings.contains(&"answer_elsewhere"));
    assert!(!view_of("https://verifier.test:8443/r").warnings.contains(&"answer_elsewhere"));
    assert!(view_of("https://elsewhere.test/response").warnings.contains(&"answer_elsewhere"));
}
