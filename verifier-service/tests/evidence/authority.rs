//! Accreditation on a real chain, as a verifier's report tells it. Everybody is fictitious.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Json, Router, extract::State, response::IntoResponse, routing::post};
use credential_model::moment::Moment;
use evm_chain::{
    AccreditationStatus, DirectoryAction, Grant, KeyStatus, Proposal, ReadChain as _, Scope,
    StateChange, type_hash,
};
use serde_json::{Value, json};

use super::{anchored, code, land, switch_off};
use crate::kit::*;
use crate::land::Land;

const BADGE: &str = "KrQualificationBadge";
const MINISTRY: &str = "did:web:ministry.example";

/// A node over the land's chain that can go away.
pub(super) struct Node {
    pub(super) url: url::Url,
    pub(super) away: Arc<AtomicBool>,
}

impl Node {
    pub(super) async fn over(land: &Land) -> Self {
        type Shared = (dev_chain::SharedChain, Arc<AtomicBool>);
        async fn answer(
            State((chain, away)): State<Shared>,
            Json(asked): Json<Value>,
        ) -> axum::response::Response {
            if away.load(Ordering::SeqCst) {
                return axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            let method = asked["method"].as_str().unwrap_or_default();
            let mut chain = chain.lock().unwrap();
            let mut reply = json!({"jsonrpc": "2.0", "id": asked["id"]});
            match dev_chain::dispatch(&mut chain, method, &asked["params"]) {
                Ok(result) => reply["result"] = serde_json::from_str(&result.to_string()).unwrap(),
                Err(error) => {
                    reply["error"] = json!({"code": -32000, "message": format!("{error:?}")});
                }
            }
            Json(reply).into_response()
        }
        let away = Arc::new(AtomicBool::new(false));
        let router = Router::new()
            .route("/", post(answer))
            .with_state((Arc::clone(&land.chain), Arc::clone(&away)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, away }
    }
}

/// A verifier that asks the chain about accreditations; the ministry is its root.
fn verifier(land: &Land, node: &Node, more: &str) -> Service {
    let chain = &land.settings;
    let extra = format!(
        "[chain]\nrpc_urls = [\"{}\"]\nchain_id = {}\ndid_registry = \"{}\"\n\
         status_registry = \"{}\"\naccreditation_registry = \"{}\"\ndirectory = \"{}\"\n\
         [[trust.roots]]\ndid = \"{MINISTRY}\"\nname_ko = \"고용노동부(시험용)\"\n\
         name_en = \"Ministry of Employment (test)\"\n{more}",
        node.url,
        chain.chain_id,
        chain.did_registry,
        chain.status_registry,
        chain.accreditation_registry,
        chain.directory,
    );
    Service::start_trusting("chain = true\n", "decentralized_identifier", &extra, None)
}

fn grant(subject: &str, may_accredit: bool) -> Grant {
    Grant {
        subject: subject.to_owned(),
        index: 0,
        scope: Scope::Type(type_hash(BADGE)),
        from: Moment::parse("2025-01-01T00:00:00Z").unwrap().unix(),
        until: Moment::parse("2030-01-01T00:00:00Z").unwrap().unix(),
        may_issue: true,
        may_accredit,
        statement: Vec::new(),
    }
}

async fn settle(land: &Land, sent: evm_chain::SentTx) {
    land.writer.wait(&sent, std::time::Duration::from_secs(20)).await.unwrap();
}

/// The ministry as root, and the issuer under it; the id of the issuer's record.
async fn accredit(land: &Land, issuer: &str) -> [u8; 32] {
    let writer = &land.writer;
    settle(land, writer.publish_did(MINISTRY, b"{}", 0).await.unwrap()).await;
    let action = DirectoryAction::SetRoot(grant(MINISTRY, true));
    let proposal = Proposal { action, salt: [1; 32] };
    settle(land, writer.propose(&proposal).await.unwrap()).await;
    settle(land, writer.execute(&proposal).await.unwrap()).await;
    let root = land.reader.accreditations(MINISTRY).await.unwrap()[0].records[0].id;
    settle(land, writer.accredit(&root, &grant(issuer, false)).await.unwrap()).await;
    land.reader.accreditations(issuer).await.unwrap()[0].records[0].id
}

async fn suspend(land: &Land, id: [u8; 32], from: Moment) {
    let change = StateChange {
        id,
        index: 0,
        status: AccreditationStatus::Suspended,
        from: from.unix(),
        until: None,
        statement: Vec::new(),
    };
    settle(land, land.writer.change_accreditation(&change).await.unwrap()).await;
}

async fn verify(service: &Service) -> Value {
    let badge = service.issuer.secure(&service.badge(3));
    service.post_json("/api/verify", &json!({"credential": badge})).await.json()
}

/// The trust list no longer knows the issuer: the chain alone answers.
fn unlist(service: &Service) {
    let list = trust_list(&credential_model::did::Did::parse("did:web:other.example").unwrap());
    let mut list: Value = serde_json::from_str(&list.to_string()).unwrap();
    list["version"] = json!(2);
    std::fs::write(service.path("trust.json"), list.to_string()).unwrap();
}

#[tokio::test]
async fn the_chain_of_authority_is_told_in_peoples_words() {
    let (land, _) = land().await;
    let node = Node::over(&land).await;
    let service = verifier(&land, &node, "");
    accredit(&land, service.issuer.did.as_str()).await;
    // With the index, and without one: the same answer.
    for indexed in [false, true] {
        if indexed {
            service.app.renew_index().await;
        }
        let report = verify(&service).await;
        assert_eq!(code(&report, "entitlement"), "entitlement-ok", "{report}");
        let issuer = &report["credential"]["issuer"];
        assert_eq!(issuer["authority"][0]["ko"], "고용노동부(시험용)");
        assert_eq!(issuer["authority"][0]["en"], "Ministry of Employment (test)");
        assert_eq!(issuer["accredited_since"], "2025-01-01T00:00:00Z");
        assert_eq!(report["knowledge"]["accreditation_as_of"], Value::Null);
    }
    let badge = service.issuer.secure(&service.badge(3)).to_string();
    for (language, words) in [
        ("ko", "2025-01-01 09:00 KST부터 고용노동부(시험용)의 인정을 받은 기관입니다"),
        ("en", "is accredited by Ministry of Employment (test) since 2025-01-01 09:00 KST"),
    ] {
        let path = format!("/verify?lang={language}");
        let (media_type, body) = form(&badge);
        let page = service.post(&path, &media_type, body).await.text();
        // Isolation marks and markup stand between the words.
        let plain: String =
            page.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect();
        assert!(plain.contains(words), "{language}: {plain}");
    }
}

/// The page's form with a pasted credential.
fn form(badge: &str) -> (String, Vec<u8>) {
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"credential\"\r\n\r\n{badge}\r\n--x--\r\n"
    );
    ("multipart/form-data; boundary=x".to_owned(), body.into_bytes())
}

#[tokio::test]
async fn not_accredited_suspended_widened_and_unreachable_are_four_things() {
    let (land, _) = land().await;
    let node = Node::over(&land).await;
    let service = verifier(&land, &node, "");
    unlist(&service);
    let seen = async || {
        let report = verify(&service).await;
        let entitled = report["verdict"]["entitled"].as_str().unwrap().to_owned();
        (code(&report, "entitlement").to_owned(), entitled)
    };
    let said = |code: &str, answer: &str| (code.to_owned(), answer.to_owned());
    // Before anybody could be asked: no statement about the issuer.
    node.away.store(true, Ordering::SeqCst);
    assert_eq!(seen().await, said("entitlement-registry-unreachable", "unknown"));
    node.away.store(false, Ordering::SeqCst);
    assert_eq!(seen().await, said("entitlement-unknown-issuer", "no"));
    let id = accredit(&land, service.issuer.did.as_str()).await;
    service.clock.advance(301);
    assert_eq!(seen().await, said("entitlement-ok", "yes"));
    // Suspended after the badge was signed: it stays good. Before: not.
    suspend(&land, id, now().plus_seconds(30 * 86_400)).await;
    service.app.renew_index().await;
    assert_eq!(seen().await, said("entitlement-ok", "yes"));
    let change = StateChange {
        id,
        index: 1,
        status: AccreditationStatus::Suspended,
        from: Moment::parse("2025-01-01T00:00:00Z").unwrap().unix(),
        until: None,
        statement: Vec::new(),
    };
    settle(&land, land.writer.change_accreditation(&change).await.unwrap()).await;
    service.app.renew_index().await;
    assert_eq!(seen().await, said("entitlement-suspended", "no"));
    let revoked = StateChange { index: 2, status: AccreditationStatus::Revoked, ..change };
    settle(&land, land.writer.change_accreditation(&revoked).await.unwrap()).await;
    service.app.renew_index().await;
    assert_eq!(seen().await, said("entitlement-not-in-force", "no"));
}

#[tokio::test]
async fn the_contract_and_the_reader_refuse_what_a_child_widens() {
    let (land, _) = land().await;
    let node = Node::over(&land).await;
    let service = verifier(&land, &node, "");
    let issuer = service.issuer.did.as_str();
    accredit(&land, issuer).await;
    let root = land.reader.accreditations(MINISTRY).await.unwrap()[0].records[0].id;
    let wide = Grant {
        index: 1,
        scope: Scope::Type(type_hash("DroneFlightPermit")),
        ..grant(issuer, false)
    };
    let longer = Grant { index: 1, until: grant(issuer, false).until + 1, ..grant(issuer, false) };
    for widened in [wide, longer] {
        let error = land.writer.accredit(&root, &widened).await.unwrap_err();
        assert!(error.to_string().contains("Widens"), "{error}");
    }
    // A node that shows such a record all the same is not believed (`trust-registry`'s tests have
    // every case); nothing on this chain has one.
    assert_eq!(code(&verify(&service).await, "entitlement"), "entitlement-ok");
}

#[tokio::test]
async fn the_index_answers_while_no_node_does_and_says_from_when() {
    let (land, _) = land().await;
    let node = Node::over(&land).await;
    let service = verifier(&land, &node, "");
    unlist(&service);
    accredit(&land, service.issuer.did.as_str()).await;
    service.app.renew_index().await;
    let confirmed = now();
    node.away.store(true, Ordering::SeqCst);
    // Young enough to count as the present.
    let report = verify(&service).await;
    assert_eq!(code(&report, "entitlement"), "entitlement-ok");
    assert_eq!(report["knowledge"]["accreditation_as_of"], Value::Null);
    service.clock.advance(3_600);
    service.app.renew_index().await;
    let report = verify(&service).await;
    assert_eq!(code(&report, "entitlement"), "entitlement-ok", "{report}");
    assert_eq!(report["knowledge"]["accreditation_as_of"], json!(confirmed));
    let badge = service.issuer.secure(&service.badge(3)).to_string();
    let (media_type, body) = form(&badge);
    let page = service.post("/verify?lang=en", &media_type, body).await.text();
    assert!(page.contains("could not be asked; known as of"), "{page}");
    // After a day it is no answer any more.
    service.clock.advance(86_400);
    let report = verify(&service).await;
    assert_eq!(code(&report, "entitlement"), "entitlement-registry-unreachable", "{report}");
    // The node is back.
    node.away.store(false, Ordering::SeqCst);
    service.app.renew_index().await;
    let report = verify(&service).await;
    assert_eq!(code(&report, "entitlement"), "entitlement-ok");
}

/// A staple proves "active" as of its block. Whoever asked the chain later knows better, also when
/// the node is gone: the index is a memory of keys, too.
#[tokio::test]
async fn a_theft_learned_from_the_chain_is_not_forgotten_with_the_node() {
    let (land, pins) = land().await;
    let node = Node::over(&land).await;
    let service = verifier(&land, &node, &pins);
    accredit(&land, service.issuer.did.as_str()).await;
    let badge = service.issuer.secure(&service.badge(3));
    let staple = anchored(&service, &land, &badge).await;
    let stolen = service.issuer.kid("ed");
    land.state(&stolen, KeyStatus::Compromised, now().minus_seconds(900)).await;
    let verify = async || {
        let body = json!({"credential": badge, "staple": staple});
        service.post_json("/api/verify", &body).await.json()
    };
    switch_off(&service);
    node.away.store(true, Ordering::SeqCst);
    assert_eq!(verify().await["verdict"]["authentic"], "yes", "nobody has learned of it yet");
    node.away.store(false, Ordering::SeqCst);
    service.app.renew_index().await;
    node.away.store(true, Ordering::SeqCst);
    let report = verify().await;
    assert_eq!(code(&report, "proof"), "proof-key-compromised", "{report}");
    assert_eq!(report["verdict"]["authentic"], "no");
}

/// Nobody has the chain account any more: its heads run out, and nobody can renew them. That is no
/// "revoked" and no "valid"; the operator of the trust list takes the pin away, and the issuer's
/// own signature counts again, said so in the report.
#[tokio::test]
async fn a_lost_controller_key_leaves_a_way_out() {
    let (land, pins) = land().await;
    let node = Node::over(&land).await;
    let service = verifier(&land, &node, &pins);
    let issuer = &service.issuer;
    accredit(&land, issuer.did.as_str()).await;
    let badge = issuer.secure(&service.badge(3));
    anchored(&service, &land, &badge).await;
    let verify =
        async || service.post_json("/api/verify", &json!({"credential": badge})).await.json();
    // Two days later: lists are signed and served as ever, the head on the chain is of then.
    let later = 2 * 86_400;
    service.clock.advance(later);
    land.travel(now().plus_seconds(later));
    issuer.publish_list(&service.world, &[], 2, now().plus_seconds(later - 600));
    let report = verify().await;
    assert_eq!(report["verdict"]["authentic"], "yes", "{report}");
    assert_eq!(report["verdict"]["in_force"], "unknown", "{report}");
    // The operator of the trust list takes the pin away.
    let mut list: Value =
        serde_json::from_slice(&std::fs::read(service.path("trust.json")).unwrap()).unwrap();
    list["version"] = json!(3);
    for entry in list["entries"].as_array_mut().unwrap() {
        entry.as_object_mut().unwrap().remove("chain_controller");
    }
    std::fs::write(service.path("trust.json"), list.to_string()).unwrap();
    // What was resolved before is remembered for a minute.
    service.clock.advance(61);
    let report = verify().await;
    assert_eq!(report["verdict"]["in_force"], "yes", "{report}");
    let checks = report["checks"].as_array().unwrap();
    let proof = checks.iter().find(|check| check["id"] == "proof").unwrap();
    assert!(proof["detail"].as_str().unwrap().contains("not_pinned"), "{proof}");
    // The chain of authority is the ministry's word and stands as it was.
    assert_eq!(code(&report, "entitlement"), "entitlement-ok");
}
