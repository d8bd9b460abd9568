//! What wallets get wrong, or try: each with the standard's code.

// The lint spares #[test] functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod harness;

use axum::http::header;
use harness::wallet::{GRANT, Holder, Naming};
use harness::{TestIssuer, URL, badge_offer, issuer, training_offer};
use serde_json::json;
use signing_keys::{KeyAlgorithm, Signer as _};

const LDP: &str = "KrTrainingHistory.ldp_vc";

async fn ready() -> (TestIssuer, String) {
    let issuer = issuer().await;
    let token = issuer.token(&issuer.offer(&training_offer(&["ldp_vc"])).await).await;
    (issuer, token)
}

#[tokio::test]
async fn a_code_opens_once_and_only_in_time() {
    let issuer = issuer().await;
    let created = issuer.offer(&training_offer(&["ldp_vc"])).await;
    let code = issuer.code(&created).await;
    issuer.redeem(&code, None).await.ok(200);
    issuer.redeem(&code, None).await.error(400, "invalid_grant");
    issuer.get(&TestIssuer::offer_path(&created)).await.refused(410, "offer_used");
    issuer.redeem("never-given-out", None).await.error(400, "invalid_grant");

    let created = issuer.offer(&training_offer(&["ldp_vc"])).await;
    let code = issuer.code(&created).await;
    issuer.clock.advance(301);
    issuer.get(&TestIssuer::offer_path(&created)).await.refused(410, "offer_expired");
    issuer.redeem(&code, None).await.error(400, "invalid_grant");
    let id = created["offer_id"].as_str().unwrap();
    let seen = issuer.admin_get(&format!("/admin/offers/{id}")).await.ok(200).json();
    assert_eq!(seen["stage"], "expired");
    issuer.get("/offers/0000").await.refused(404, "unknown_offer");
    issuer.get("/offers/..%2F..%2Fetc").await.refused(404, "unknown_offer");
}

#[tokio::test]
async fn five_wrong_transaction_codes_kill_the_offer() {
    let issuer = issuer().await;
    let mut offer = training_offer(&["ldp_vc"]);
    offer["tx_code"] = json!(true);
    let created = issuer.offer(&offer).await;
    let tx_code = created["tx_code"].as_str().unwrap();
    assert!(tx_code.len() == 6 && tx_code.bytes().all(|b| b.is_ascii_digit()));
    let document = issuer.get(&TestIssuer::offer_path(&created)).await.ok(200).json();
    assert_eq!(
        document["grants"][GRANT]["tx_code"],
        json!({ "input_mode": "numeric", "length": 6 })
    );
    let code = issuer.code(&created).await;
    let wrong = if tx_code == "000000" { "000001" } else { "000000" };
    issuer.redeem(&code, None).await.error(400, "invalid_request");
    for _ in 0..4 {
        issuer.redeem(&code, Some(wrong)).await.error(400, "invalid_grant");
    }
    // The fifth may still be right ...
    let id = created["offer_id"].as_str().unwrap();
    let seen = issuer.admin_get(&format!("/admin/offers/{id}")).await.ok(200).json();
    assert_eq!(seen["tx_code_tries_left"], 1);
    // ... but is not.
    issuer.redeem(&code, Some(wrong)).await.error(400, "invalid_grant");
    issuer.redeem(&code, Some(tx_code)).await.error(400, "invalid_grant");
    issuer.get(&TestIssuer::offer_path(&created)).await.refused(410, "offer_dead");

    let untouched = issuer.offer(&training_offer(&["ldp_vc"])).await;
    let code = issuer.code(&untouched).await;
    issuer.redeem(&code, Some("123456")).await.error(400, "invalid_request");
    issuer.redeem(&code, None).await.ok(200);
}

#[tokio::test]
async fn two_wallets_race_for_one_code() {
    let issuer = std::sync::Arc::new(issuer().await);
    let code = issuer.code(&issuer.offer(&training_offer(&["ldp_vc"])).await).await;
    let tries: Vec<_> = (0..6)
        .map(|_| {
            let (issuer, code) = (std::sync::Arc::clone(&issuer), code.clone());
            tokio::spawn(async move { issuer.redeem(&code, None).await.status.as_u16() })
        })
        .collect();
    let mut statuses = Vec::new();
    for attempt in tries {
        statuses.push(attempt.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn token_requests_must_be_well_formed() {
    let issuer = issuer().await;
    let form = "application/x-www-form-urlencoded";
    let cases = [
        (form, "", "invalid_request"),
        (form, "grant_type=password", "unsupported_grant_type"),
        (form, "grant_type=authorization_code&code=x", "unsupported_grant_type"),
        (form, &format!("grant_type={GRANT}"), "invalid_request"),
        (
            form,
            &format!("grant_type={GRANT}&grant_type={GRANT}&pre-authorized_code=x"),
            "invalid_request",
        ),
        (form, &format!("grant_type={GRANT}&pre-authorized_code=x&user_pin=1"), "invalid_request"),
        ("application/json", "{}", "invalid_request"),
        ("", "", "invalid_request"),
        (form, &"x=".repeat(20_000), "invalid_request"),
    ];
    for (media, body, code) in cases {
        issuer.post_raw("/token", None, media, body.to_owned()).await.error(400, code);
    }
    assert_eq!(issuer.get("/token").await.status.as_u16(), 405);
}

#[tokio::test]
async fn access_tokens_open_what_they_opened() {
    let (issuer, token) = ready().await;
    let answer = issuer.post("/credential", None, &json!({})).await;
    assert_eq!(answer.status.as_u16(), 401);
    assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer");
    let answer = issuer.post("/credential", Some("guess"), &json!({})).await;
    answer.error(401, "invalid_token");
    assert!(answer.header(header::WWW_AUTHENTICATE).starts_with("Bearer error=\"invalid_token\""));
    // An admin token is no access token, and the other way round.
    issuer.post("/credential", Some(harness::ADMIN), &json!({})).await.error(401, "invalid_token");
    issuer
        .post("/admin/offers", Some(&token), &json!({}))
        .await
        .refused(401, "admin_token_required");
    issuer.clock.advance(601);
    issuer.request(&token, LDP, &[&Holder::usual()]).await.error(401, "invalid_token");
}

#[tokio::test]
async fn credential_requests_must_be_well_formed() {
    let (issuer, token) = ready().await;
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let long = format!("{{\"x\":\"{}\"}}", "x".repeat(300 * 1024));
    let cases: Vec<(&str, String)> = vec![
        ("application/json", "{".to_owned()),
        ("application/json", String::new()),
        ("application/json", "[]".to_owned()),
        (
            "application/json",
            format!(
                "{{\"credential_configuration_id\":\"{LDP}\",\"credential_configuration_id\":\"{LDP}\"}}"
            ),
        ),
        ("application/json", format!("{{\"credential_configuration_id\":\"{LDP}\",\"x\":{deep}}}")),
        ("application/json", long),
        ("application/json", "{\"proofs\":{}}".to_owned()),
        (
            "application/json",
            format!("{{\"format\":\"ldp_vc\",\"credential_configuration_id\":\"{LDP}\"}}"),
        ),
        (
            "application/json",
            format!(
                "{{\"credential_configuration_id\":\"{LDP}\",\"credential_identifier\":\"x\"}}"
            ),
        ),
        ("text/plain", "{}".to_owned()),
        ("", "{}".to_owned()),
    ];
    for (media, body) in cases {
        let answer = issuer.post_raw("/credential", Some(&token), media, body.clone()).await;
        assert_eq!(answer.status.as_u16(), 400, "{media} {:.60}", body);
        let code = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(
            code == "invalid_credential_request" || code == "invalid_proof",
            "{code} {:.60}",
            body
        );
    }
    // The walls of the service come before the endpoint's own limit.
    let huge = "x".repeat(2 * 1024 * 1024);
    let answer = issuer.post_raw("/credential", Some(&token), "application/json", huge).await;
    assert_eq!(answer.status.as_u16(), 413);

    let holder = Holder::usual();
    let unknown = issuer.request(&token, "Nothing.ldp_vc", &[&holder]).await;
    unknown.error(400, "unknown_credential_configuration");
    let other = issuer.request(&token, "KrTrainingHistory.dc+sd-jwt", &[&holder]).await;
    other.error(400, "credential_request_denied");
    let body = json!({ "credential_configuration_id": LDP });
    issuer.post("/credential", Some(&token), &body).await.error(400, "invalid_proof");
    let body = json!({ "credential_configuration_id": LDP, "proofs": { "jwt": [] } });
    issuer.post("/credential", Some(&token), &body).await.error(400, "invalid_proof");
    let body = json!({ "credential_configuration_id": LDP, "proofs": { "attestation": ["x"] } });
    issuer.post("/credential", Some(&token), &body).await.error(400, "invalid_proof");
    assert!(issuer.credentials().await.is_empty(), "nothing was issued on the way");
}

#[tokio::test]
async fn key_proofs_must_hold() {
    let (issuer, token) = ready().await;
    let holder = Holder::usual();
    let now = issuer.now();
    let nonce = issuer.nonce().await;
    let made = |audience: &str, nonce: Option<&str>, at| {
        credential_proofs::key_proof::create(
            audience,
            nonce,
            at,
            None,
            &holder.key_ref(),
            &holder.signer,
        )
        .unwrap()
    };
    let good = holder.proof(Some(&nonce), now);
    // In the middle of the signature: the last character may carry bits that say nothing.
    let at = good.len() - 20;
    let other = if &good[at..=at] == "A" { "B" } else { "A" };
    let bent = format!("{}{other}{}", &good[..at], &good[at + 1..]);
    let none = {
        use base64::Engine as _;
        let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let header = format!(
            "{{\"alg\":\"none\",\"typ\":\"openid4vci-proof+jwt\",\"kid\":\"{}\"}}",
            holder.did()
        );
        format!("{}.{}.", part(&header), part("{}"))
    };
    let did_web = {
        let header = json!({ "typ": "openid4vci-proof+jwt", "kid": "did:web:127.0.0.1#key" });
        credential_proofs::jose::sign(header, b"{}", &holder.signer).unwrap()
    };
    let private = {
        let keys = signing_keys::MemoryKeyStore::new(std::sync::Arc::new(
            signing_keys::system::SystemEntropy,
        ));
        use signing_keys::KeyStore as _;
        let handle = keys.generate(KeyAlgorithm::EdDsa, "leaky").unwrap();
        let jwk = signing_keys::danger::export_private_jwk(&keys, &handle).unwrap();
        let header = json!({ "typ": "openid4vci-proof+jwt", "jwk": jwk });
        let signer = signing_keys::StoreSigner::new(std::sync::Arc::new(keys), handle).unwrap();
        let claims = json!({ "aud": URL, "iat": now.unix(), "nonce": nonce }).to_string();
        credential_proofs::jose::sign(header, claims.as_bytes(), &signer)
    };
    let mut cases = vec![
        ("no nonce", made(URL, None, now)),
        ("wrong audience", made("https://other.example", Some(&nonce), now)),
        ("too old", made(URL, Some(&nonce), now.minus_seconds(1_000))),
        ("from the future", made(URL, Some(&nonce), now.plus_seconds(1_000))),
        ("bent signature", bent),
        ("alg none", none),
        ("a DID that would have to be fetched", did_web),
        ("no JWT at all", "x".to_owned()),
    ];
    // Where signing refuses to put a private key into a header, nobody can send one by accident.
    cases.extend(private.ok().map(|proof| ("private key in the header", proof)));
    for (what, proof) in cases {
        let answer = issuer.request_with(&token, LDP, &[proof]).await;
        assert_eq!(
            answer.json()["error"],
            "invalid_proof",
            "{what}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        assert_eq!(answer.status.as_u16(), 400, "{what}");
    }
    let twice = [holder.proof(Some(&nonce), now), holder.proof(Some(&nonce), now.minus_seconds(1))];
    issuer.request_with(&token, LDP, &twice).await.error(400, "invalid_proof");
    let mixed = [good.clone(), Holder::usual().proof(None, now)];
    issuer.request_with(&token, LDP, &mixed).await.error(400, "invalid_proof");
    // One bad proof spoils the request, and the nonce of the good one is still unspent.
    assert!(issuer.credentials().await.is_empty());
    issuer.request_with(&token, LDP, &[good]).await.ok(200);
}

#[tokio::test]
async fn nonces_are_ours_fresh_and_unused() {
    let (issuer, token) = ready().await;
    let (first, second) = (Holder::usual(), Holder::usual());
    let nonce = issuer.nonce().await;
    let proof = first.proof(Some(&nonce), issuer.now());
    issuer.request_with(&token, LDP, std::slice::from_ref(&proof)).await.ok(200);
    issuer.request_with(&token, LDP, &[proof]).await.error(400, "invalid_nonce");
    let other_key = second.proof(Some(&nonce), issuer.now());
    issuer.request_with(&token, LDP, &[other_key]).await.error(400, "invalid_nonce");
    let invented = second.proof(Some("invented"), issuer.now());
    issuer.request_with(&token, LDP, &[invented]).await.error(400, "invalid_nonce");
    let stale = issuer.nonce().await;
    issuer.clock.advance(301);
    let late = second.proof(Some(&stale), issuer.now());
    issuer.request_with(&token, LDP, &[late]).await.error(400, "invalid_nonce");
    assert_eq!(issuer.credentials().await.len(), 1);
}

#[tokio::test]
async fn an_offer_has_a_bounded_number_of_credentials() {
    let (issuer, token) = ready().await;
    let many: Vec<Holder> = (0..11).map(|_| Holder::usual()).collect();
    let all: Vec<&Holder> = many.iter().collect();
    issuer.request(&token, LDP, &all).await.error(400, "invalid_credential_request");
    issuer.request(&token, LDP, &all[..10]).await.ok(200);
    issuer.request(&token, LDP, &all[10..]).await.error(400, "credential_request_denied");
    assert_eq!(issuer.credentials().await.len(), 10);
}

#[tokio::test]
async fn es256_holders_are_refused_for_the_same_reasons() {
    let issuer = issuer().await;
    let token = issuer.token(&issuer.offer(&badge_offer(&["dc+sd-jwt"])).await).await;
    let holder = Holder::new(KeyAlgorithm::Es256, Naming::Jwk);
    let configuration = "KrQualificationBadge.dc+sd-jwt";
    issuer
        .request_with(&token, configuration, &[holder.proof(None, issuer.now())])
        .await
        .error(400, "invalid_proof");
    // A kid that names another key than the one that signed.
    let other = Holder::new(KeyAlgorithm::Es256, Naming::DidKey);
    let nonce = issuer.nonce().await;
    let header = json!({ "typ": "openid4vci-proof+jwt", "kid": other.signer.public_key().did_key_url().as_str() });
    let claims = json!({ "aud": URL, "iat": issuer.now().unix(), "nonce": nonce }).to_string();
    let forged = credential_proofs::jose::sign(header, claims.as_bytes(), &holder.signer).unwrap();
    issuer.request_with(&token, configuration, &[forged]).await.error(400, "invalid_proof");
    issuer.request(&token, configuration, &[&holder]).await.ok(200);
}
