//! Everything standards.md and OID4VP 1.0 tell a wallet to refuse.

use credential_wallet::present::Choices;
use serde_json::{Value, json};

use crate::presenting::{Scene, scene};
use crate::support::block;
use crate::support::certificates::{Recipe, certificate, signer};
use crate::support::issuer::{LDP, SD_JWT};
use crate::support::verifier::{Name, URL};

fn code(scene: &Scene, link: &str) -> &'static str {
    block(scene.wallet.read_request(link)).unwrap_err().code()
}

/// Signs altered claims and gives the refusal's code.
fn altered(name: &Name, change: impl Fn(&mut Value)) -> (&'static str, Scene) {
    let scene = scene(&[SD_JWT]);
    let mut claims = scene.verifier.claims(name);
    change(&mut claims);
    let link = scene.verifier.link(name, &claims, false);
    let code = code(&scene, &link);
    (code, scene)
}

fn remove(value: &mut Value, member: &str) {
    value.as_object_mut().unwrap().remove(member);
}

#[test]
fn client_identifiers_that_no_wallet_may_take() {
    let scene = scene(&[SD_JWT]);
    let good = scene.verifier.claims(&Name::Did);
    for (id, expected) in [
        ("origin:https://verifier.test", "invalid_request"),
        ("bogus:verifier.test", "invalid_request"),
        ("did:web:verifier.test", "invalid_request"),
        ("x509_hash:short", "invalid_request"),
        ("verifier.test", "client_id_prefix_not_supported"),
        ("openid_federation:https://verifier.test", "client_id_prefix_not_supported"),
        ("verifier_attestation:verifier.test", "client_id_prefix_not_supported"),
    ] {
        let name = Name::Odd(id.to_owned());
        let mut claims = good.clone();
        claims["client_id"] = json!(id);
        let link = scene.verifier.link(&name, &claims, false);
        assert_eq!(code(&scene, &link), expected, "{id}");
    }
    assert_eq!(scene.net.count("/request"), 0, "refused before anything was fetched");
    assert!(
        scene.verifier.forms.lock().unwrap().is_empty(),
        "nobody unauthenticated is told anything"
    );
}

#[test]
fn signatures_that_do_not_hold() {
    let scene = scene(&[SD_JWT]);
    let claims = scene.verifier.claims(&Name::Did);
    let signed = scene.verifier.sign(&claims);
    let parts: Vec<&str> = signed.split('.').collect();
    let other_payload = {
        let mut claims = claims.clone();
        claims["response_uri"] = json!("https://evil.test/response");
        scene.verifier.sign(&claims).split('.').nth(1).unwrap().to_owned()
    };
    let none = "eyJhbGciOiJub25lIiwidHlwIjoib2F1dGgtYXV0aHotcmVxK2p3dCJ9";
    for (what, forged) in [
        ("payload swapped", format!("{}.{other_payload}.{}", parts[0], parts[2])),
        ("signature cut", format!("{}.{}.{}", parts[0], parts[1], &parts[2][..20])),
        ("signature gone", format!("{}.{}.", parts[0], parts[1])),
        ("alg none", format!("{none}.{}.", parts[1])),
        ("not a token", "hello".to_owned()),
        ("empty", String::new()),
    ] {
        *scene.verifier.forged.lock().unwrap() = Some(forged);
        let link = scene.verifier.link(&Name::Did, &claims, false);
        assert_eq!(code(&scene, &link), "request_object_invalid", "{what}");
    }
    assert!(scene.verifier.forms.lock().unwrap().is_empty());
}

#[test]
fn a_key_that_is_not_the_clients() {
    // A sound signature by another DID than the one the link names.
    let scene = scene(&[SD_JWT]);
    let mut claims = scene.verifier.claims(&Name::Did);
    let stranger =
        "decentralized_identifier:did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    claims["client_id"] = json!(stranger);
    let token = scene.verifier.sign(&claims);
    *scene.verifier.forged.lock().unwrap() = Some(token);
    let link = scene.verifier.link(&Name::Odd(stranger.to_owned()), &claims, false);
    assert_eq!(code(&scene, &link), "request_key_foreign");
}

#[test]
fn link_and_object_of_different_clients() {
    let (found, _) = altered(&Name::Did, |claims| {
        claims["client_id"] = json!("decentralized_identifier:did:web:other.test");
    });
    assert_eq!(found, "client_id_mismatch");
}

#[test]
fn our_nonce_must_come_back() {
    let scene = scene(&[SD_JWT]);
    *scene.verifier.echo_nonce.lock().unwrap() = false;
    let link = scene.verifier.link(&Name::Did, &scene.verifier.claims(&Name::Did), true);
    assert_eq!(code(&scene, &link), "wallet_nonce_mismatch");
    let mut claims = scene.verifier.claims(&Name::Did);
    claims["wallet_nonce"] = json!("somebody-elses-nonce");
    let link = scene.verifier.link(&Name::Did, &claims, true);
    assert_eq!(code(&scene, &link), "wallet_nonce_mismatch");
}

#[test]
fn requests_that_break_the_standard_are_answered_with_its_code() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change, &str); 14] = [
        ("no nonce", |c| remove(c, "nonce"), "invalid_request"),
        ("short nonce", |c| c["nonce"] = json!("abc"), "invalid_request"),
        (
            "redirect_uri with direct_post",
            |c| c["redirect_uri"] = json!("https://verifier.test/cb"),
            "invalid_request",
        ),
        ("no response_uri", |c| remove(c, "response_uri"), "invalid_request"),
        ("no response_mode", |c| remove(c, "response_mode"), "invalid_request"),
        ("other response_type", |c| c["response_type"] = json!("id_token"), "invalid_request"),
        (
            "fragment",
            |c| {
                c["response_mode"] = json!("fragment");
                c["redirect_uri"] = json!("https://verifier.test/cb");
                remove(c, "response_uri");
            },
            "invalid_request",
        ),
        ("draft query", |c| c["presentation_definition"] = json!({}), "invalid_request"),
        ("neither query nor scope", |c| remove(c, "dcql_query"), "invalid_request"),
        (
            "scope",
            |c| {
                remove(c, "dcql_query");
                c["scope"] = json!("badge");
            },
            "invalid_scope",
        ),
        ("empty query", |c| c["dcql_query"] = json!({"credentials": []}), "invalid_request"),
        (
            "unknown transaction data",
            |c| {
                let data = openid4vc_messages::TransactionData::encode(
                    &json!({"type": "payment", "credential_ids": ["badge"]}),
                );
                c["transaction_data"] = json!([data]);
            },
            "invalid_transaction_data",
        ),
        (
            "encrypted without keys",
            |c| c["response_mode"] = json!("direct_post.jwt"),
            "invalid_request",
        ),
        (
            "unusable encryption key",
            |c| {
                c["response_mode"] = json!("direct_post.jwt");
                c["client_metadata"]["jwks"] = json!({"keys": [{"kty": "EC", "crv": "P-256", "alg": "ECDH-ES", "kid": "1", "x": "AAAA", "y": "AAAA"}]});
            },
            "invalid_request",
        ),
    ];
    for (what, change, expected) in cases {
        let (found, scene) = altered(&Name::Did, change);
        assert_eq!(found, expected, "{what}");
        // Authentic but unacceptable: the verifier hears the standard's code where it can.
        let forms = scene.verifier.forms.lock().unwrap();
        if let Some(form) = forms.last() {
            assert_eq!(form["error"], expected, "{what}");
            assert_eq!(form["state"], "state-1");
        } else {
            assert!(["no response_uri", "no response_mode", "fragment"].contains(&what), "{what}");
        }
        assert!(scene.wallet.history().unwrap().is_empty());
    }
}

#[test]
fn encryption_keys_of_other_kinds_are_unusable() {
    for jwk in [
        json!({"kty": "RSA", "alg": "RSA-OAEP-256", "kid": "1", "n": "AQAB", "e": "AQAB"}),
        json!({"kty": "oct", "alg": "A128KW", "kid": "1", "k": "AAAA"}),
        json!({"kty": "EC", "crv": "P-256", "kid": "1"}),
    ] {
        let (found, _) = altered(&Name::Did, |claims| {
            claims["response_mode"] = json!("direct_post.jwt");
            claims["client_metadata"]["jwks"] = json!({"keys": [jwk.clone()]});
        });
        assert_eq!(found, "invalid_request", "{jwk}");
    }
}

#[test]
fn a_request_that_has_run_out() {
    let (found, _) = altered(&Name::Did, |claims| {
        claims["exp"] = json!(crate::support::now().minus_seconds(600).unix());
    });
    assert_eq!(found, "request_object_invalid");
}

#[test]
fn a_request_is_fetched_once() {
    let scene = scene(&[SD_JWT]);
    let link = scene.verifier.link(&Name::Did, &scene.verifier.claims(&Name::Did), false);
    block(scene.wallet.read_request(&link)).unwrap();
    assert_eq!(code(&scene, &link), "request_gone");
}

#[test]
fn the_wrong_media_type_and_addresses_inside() {
    let scene = scene(&[SD_JWT]);
    *scene.verifier.media_type.lock().unwrap() = "text/html".to_owned();
    let link = scene.verifier.link(&Name::Did, &scene.verifier.claims(&Name::Did), false);
    assert_eq!(code(&scene, &link), "wrong_media_type");
    let inside = "openid4vp://?client_id=redirect_uri%3Ahttps%3A%2F%2Fv.test%2Fr&request_uri=https%3A%2F%2F10.0.0.7%2Fr";
    assert_eq!(code(&scene, inside), "forbidden_address");
    let method = "openid4vp://?client_id=redirect_uri%3Ahttps%3A%2F%2Fv.test%2Fr&request_uri=https%3A%2F%2Fv.test%2Fr&request_uri_method=put";
    assert_eq!(code(&scene, method), "invalid_request_uri_method");
}

#[test]
fn an_answer_to_an_address_inside_is_not_sent() {
    let scene = scene(&[SD_JWT]);
    let mut claims = scene.verifier.claims(&Name::Did);
    claims["response_uri"] = json!("https://10.0.0.7/response");
    let link = scene.verifier.link(&Name::Did, &claims, false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let plan = scene.wallet.plan(&asked, &Choices::default()).unwrap();
    let error = block(scene.wallet.present(&asked, &plan)).unwrap_err();
    assert_eq!(error.code(), "forbidden_address");
}

#[test]
fn unsigned_requests_only_for_their_own_address() {
    let scene = scene(&[SD_JWT]);
    let mut claims = scene.verifier.claims(&Name::RedirectUri);
    claims["response_uri"] = json!(format!("{URL}/elsewhere"));
    let link = scene.verifier.link_with_parameters(&claims);
    assert_eq!(code(&scene, &link), "invalid_request", "response_uri differs from client_id");
    // A signature cannot make such a name worth more.
    let claims = scene.verifier.claims(&Name::RedirectUri);
    let signed = scene.verifier.sign(&scene.verifier.claims(&Name::Did));
    *scene.verifier.forged.lock().unwrap() = Some(signed);
    let link = scene.verifier.link(&Name::RedirectUri, &claims, false);
    assert_eq!(code(&scene, &link), "request_object_invalid");
    // And a name that needs a signature has none in a link's parameters.
    let claims = scene.verifier.claims(&Name::Did);
    assert_eq!(code(&scene, &scene.verifier.link_with_parameters(&claims)), "invalid_request");
}

#[test]
fn certificates_must_be_the_named_ones() {
    let scene = scene(&[SD_JWT]);
    // Another certificate than the hash in the link.
    let link = scene.verifier.link(&Name::X509Hash, &scene.verifier.claims(&Name::X509Hash), false);
    let other =
        certificate(&Recipe { subject: "Other", ..Recipe::default() }, &signer(2), &signer(1));
    *scene.verifier.chain.lock().unwrap() = vec![other];
    assert_eq!(code(&scene, &link), "certificate_foreign");
    // A certificate for another host.
    let elsewhere =
        certificate(&Recipe { dns: &["other.test"], ..Recipe::default() }, &signer(2), &signer(1));
    *scene.verifier.chain.lock().unwrap() = vec![elsewhere];
    let link =
        scene.verifier.link(&Name::X509SanDns, &scene.verifier.claims(&Name::X509SanDns), false);
    assert_eq!(code(&scene, &link), "certificate_foreign");
    // An expired one.
    let expired = certificate(
        &Recipe { not_after: "260201000000Z", ..Recipe::default() },
        &signer(2),
        &signer(1),
    );
    *scene.verifier.chain.lock().unwrap() = vec![expired];
    let claims = scene.verifier.claims(&Name::X509Hash);
    let link = scene.verifier.link(&Name::X509Hash, &claims, false);
    assert_eq!(code(&scene, &link), "certificate_dates");
}

#[test]
fn the_answer_of_a_dns_name_goes_to_that_name() {
    let (found, _) = altered(&Name::X509SanDns, |claims| {
        claims["response_uri"] = json!("https://evil.test/response");
    });
    assert_eq!(found, "invalid_request");
}

#[test]
fn what_is_not_held_is_not_answered() {
    let scene = scene(&[LDP]);
    let claims = scene.verifier.claims(&Name::Did);
    let link = scene.verifier.link(&Name::Did, &claims, false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let error = scene.wallet.plan(&asked, &Choices::default()).unwrap_err();
    assert_eq!(error.code(), "nothing_fits");
    assert!(scene.verifier.forms.lock().unwrap().is_empty(), "silence until the holder says so");
    block(scene.wallet.report(&asked, &error));
    assert_eq!(scene.verifier.last()["error"], "access_denied");
}

#[test]
fn values_that_do_not_match_are_not_answered() {
    let scene = scene(&[SD_JWT]);
    let mut claims = scene.verifier.claims(&Name::Did);
    claims["dcql_query"]["credentials"][0]["claims"][0]["values"] = json!(["성춘향(가상인물)"]);
    let link = scene.verifier.link(&Name::Did, &claims, false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    assert_eq!(scene.wallet.plan(&asked, &Choices::default()).unwrap_err().code(), "nothing_fits");
}

#[test]
fn formats_the_verifier_does_not_take() {
    let scene = scene(&[SD_JWT]);
    let mut claims = scene.verifier.claims(&Name::Did);
    claims["client_metadata"]["vp_formats_supported"]["dc+sd-jwt"]["sd-jwt_alg_values"] =
        json!(["ES512"]);
    let link = scene.verifier.link(&Name::Did, &claims, false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let error = scene.wallet.plan(&asked, &Choices::default()).unwrap_err();
    assert_eq!(error.code(), "vp_formats_not_supported");
    block(scene.wallet.report(&asked, &error));
    assert_eq!(scene.verifier.last()["error"], "vp_formats_not_supported");
}

#[test]
fn asking_too_much_is_pointed_out() {
    let scene = scene(&[SD_JWT]);
    let mut claims = scene.verifier.claims(&Name::Did);
    remove(&mut claims, "purpose");
    remove(&mut claims, "purpose#ko");
    remove(&mut claims, "purpose#en");
    remove(&mut claims, "exp");
    claims["response_uri"] = json!("https://elsewhere.test/response");
    claims["dcql_query"]["credentials"][0]["claims"] =
        json!([{"path": ["person"]}, {"path": ["licenseNumber"]}]);
    let link = scene.verifier.link(&Name::Did, &claims, false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let view = scene.wallet.plan(&asked, &Choices::default()).unwrap().consent(&asked);
    for warning in ["no_purpose", "sensitive_claims"] {
        assert!(view.warnings.contains(&warning), "{warning}: {:?}", view.warnings);
    }
    assert!(view.expires_at.is_none());
}
