use std::sync::Arc;

use credential_model::ambient::FixedClock;
use credential_model::jcs;
use credential_model::moment::Moment;
use evm_chain::{ChainError, DidStatus};
use serde_json::json;
use sha2::{Digest, Sha256};
use web_fetch::FetchError;

use super::scripts::{CONTROLLER, Chain, DID, Network, did, document, json_response, response};
use crate::{
    Address, AnchorCheck, ControllerPins, DidAnchors, MAX_DOCUMENT_BYTES, Resolution, Resolve,
    ResolveError, Source, UniversalResolver, document_digest,
};

async fn resolve(
    network: &Arc<Network>,
    anchors: Option<Arc<dyn DidAnchors>>,
) -> Result<Resolution, ResolveError> {
    let network: Arc<Network> = Arc::clone(network);
    UniversalResolver::new(network, anchors).with_pins(pin(CONTROLLER)).resolve(&did(DID)).await
}

/// Vouches for one account, whatever the DID.
fn pin(account: Address) -> Arc<dyn ControllerPins> {
    Arc::new(move |_: &credential_model::did::Did| Some(account))
}

async fn failure(network: &Arc<Network>, chain: Option<Chain>) -> ResolveError {
    resolve(network, chain.map(Chain::anchors)).await.unwrap_err()
}

#[tokio::test]
async fn key_dids_need_no_network() {
    let network = Network::new(Err(FetchError::TimedOut));
    let resolver = UniversalResolver::new(network.clone(), Some(Chain::default().anchors()));
    let key = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    let resolution = resolver.resolve(&did(key)).await.unwrap();
    assert_eq!(resolution.source, Source::Computed);
    assert_eq!(resolution.anchor_check, AnchorCheck::NotNeeded);
    assert_eq!(network.count(), 0);
    let other = resolver.resolve(&did("did:ethr:0x01")).await.unwrap_err();
    assert_eq!(other.code(), "did_method_not_supported");
    let bad = resolver.resolve(&did("did:web:127.0.0.1")).await.unwrap_err();
    assert_eq!(bad.code(), "did_invalid");
    assert_eq!(network.count(), 0, "a bad DID is never fetched");
}

#[tokio::test]
async fn a_host_serves_its_document() {
    let network = Network::serving(&document());
    let resolution = resolve(&network, None).await.unwrap();
    assert_eq!(resolution.source, Source::Web);
    assert_eq!(resolution.document.json, document());
    assert_eq!((resolution.anchored, resolution.anchor_check), (None, AnchorCheck::NotConfigured));
    assert_eq!(*network.asked.lock().unwrap(), ["https://issuer.example/.well-known/did.json"]);
    for media_type in
        ["application/did+json", "application/did+ld+json; charset=utf-8", "application/DID"]
    {
        let body = document().to_string();
        network.change(response(200, media_type, body.as_bytes()));
        assert!(resolve(&network, None).await.is_ok(), "{media_type}");
    }
}

#[tokio::test]
async fn what_is_no_document_is_a_finding() {
    let mut other = document();
    other["id"] = json!("did:web:victim.example");
    let mut relative = document();
    relative["id"] = json!("issuer.example");
    let mut private = document();
    private["verificationMethod"][0] = json!({
        "id": "#key-1", "type": "JsonWebKey", "controller": DID,
        "publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"},
    });
    let twice = format!("{{\"id\":\"{DID}\",\"id\":\"{DID}\"}}");
    let deep = format!("{{\"id\":\"{DID}\",\"x\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let long = format!("{{\"id\":\"{DID}\",\"x\":\"{}\"}}", "a".repeat(MAX_DOCUMENT_BYTES));
    let good = document().to_string();
    for answer in [
        json_response(&other),
        json_response(&relative),
        json_response(&private),
        json_response(&json!([])),
        response(200, "application/json", b""),
        response(200, "application/json", b"{"),
        response(200, "application/json", twice.as_bytes()),
        response(200, "application/json", deep.as_bytes()),
        response(200, "application/json", long.as_bytes()),
        response(200, "application/json", &[b"\xef\xbb\xbf", good.as_bytes()].concat()),
        response(200, "text/html", good.as_bytes()),
        response(200, "", good.as_bytes()),
        Err(FetchError::TooLarge { limit: MAX_DOCUMENT_BYTES }),
    ] {
        let error = failure(&Network::new(answer), None).await;
        assert_eq!((error.code(), error.is_inconclusive()), ("did_document_invalid", false));
    }
}

#[tokio::test]
async fn not_there_and_could_not_look_are_told_apart() {
    for (answer, code, inconclusive) in [
        (response(404, "", b""), "did_not_found", false),
        (response(410, "", b""), "did_not_found", false),
        (response(500, "", b""), "did_unreachable", true),
        (response(503, "", b""), "did_unreachable", true),
        (response(429, "", b""), "did_unreachable", true),
        (response(403, "", b""), "did_unreachable", true),
        (response(204, "", b""), "did_unreachable", true),
        (Err(FetchError::TimedOut), "did_unreachable", true),
        (Err(FetchError::DnsFailed("issuer.example".into())), "did_unreachable", true),
        (Err(FetchError::ConnectFailed("refused".into())), "did_unreachable", true),
        (Err(FetchError::Interrupted("reset".into())), "did_unreachable", true),
        (Err(FetchError::ForbiddenAddress("issuer.example".into())), "did_forbidden", true),
        (Err(FetchError::ForbiddenPort(22)), "did_forbidden", true),
        (Err(FetchError::TooManyRedirects), "did_forbidden", true),
    ] {
        let error = failure(&Network::new(answer), None).await;
        assert_eq!((error.code(), error.is_inconclusive()), (code, inconclusive));
    }
}

#[tokio::test]
async fn the_anchored_document_is_confirmed() {
    // The host may write it in any order and with any white space: the RFC 8785 form counts.
    let pretty = serde_json::to_string_pretty(&document()).unwrap();
    let network = Network::new(response(200, "application/json", pretty.as_bytes()));
    let resolution =
        resolve(&network, Some(Chain::anchoring(&document()).anchors())).await.unwrap();
    assert_eq!(resolution.source, Source::Web);
    assert_eq!(resolution.anchor_check, AnchorCheck::Confirmed);
    let anchored = resolution.anchored.unwrap();
    assert_eq!((anchored.version, anchored.anchored_at), (3, Moment::from_unix(1_790_000_000)));
    assert_eq!(anchored.digest, hex::encode(document_digest(&document()).unwrap()));
}

#[tokio::test]
async fn another_document_than_the_anchored_one_gives_way_to_it() {
    let mut changed = document();
    changed["verificationMethod"][0]["publicKeyMultibase"] =
        json!("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK");
    let network = Network::serving(&changed);
    let anchors = Chain::anchoring(&document()).anchors();
    let resolution = resolve(&network, Some(anchors)).await.unwrap();
    assert_eq!(resolution.source, Source::Chain);
    assert_eq!(resolution.anchor_check, AnchorCheck::Confirmed);
    assert_eq!(resolution.document.json, document());
    // The chain keeps the digest alone: which of the two is meant is not known.
    let mut without = Chain::anchoring(&document());
    without.without_documents = Some(ChainError::DocumentNotPublished { version: 3 });
    let error = failure(&network, Some(without)).await;
    assert_eq!(error, ResolveError::AnchorMismatch { version: 3 });
    assert!(error.is_inconclusive());
}

#[tokio::test]
async fn what_an_account_that_nobody_vouches_for_anchored_counts_for_nothing() {
    // Whoever publishes a DID first controls it on chain: these are the attacker's keys.
    let mut theirs = document();
    theirs["verificationMethod"][0]["publicKeyMultibase"] =
        json!("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK");
    let bytes = jcs::canonicalize(&theirs).unwrap().into_bytes();
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    for pins in [None, Some(pin(Address::from_bytes([0x22; 20])))] {
        for status in [DidStatus::Active, DidStatus::Deactivated] {
            let network = Network::serving(&document());
            let chain = Chain::default().with(status, digest, bytes.clone());
            let mut resolver = UniversalResolver::new(network.clone(), Some(chain.anchors()));
            if let Some(pins) = &pins {
                resolver = resolver.with_pins(Arc::clone(pins));
            }
            let resolution = resolver.resolve(&did(DID)).await.unwrap();
            assert_eq!((resolution.source, &resolution.anchored), (Source::Web, &None));
            assert_eq!(resolution.anchor_check, AnchorCheck::NotPinned);
            assert!(!resolution.anchor_check.is_inconclusive());
            assert_eq!(resolution.document.json, document());
            network.change(Err(FetchError::TimedOut));
            let error = resolver.resolve(&did(DID)).await.unwrap_err();
            assert_eq!(error.code(), "did_unreachable", "the chain is no source of keys");
        }
    }
}

#[tokio::test]
async fn a_pin_that_came_since_asks_for_another_look() {
    let network = Network::serving(&document());
    let clock = Arc::new(FixedClock::new(Moment::from_unix(1_000)));
    let vouched = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = Arc::clone(&vouched);
    let pins = move |_: &credential_model::did::Did| {
        seen.load(std::sync::atomic::Ordering::Relaxed).then_some(CONTROLLER)
    };
    let anchors = Chain::anchoring(&document()).anchors();
    let resolver = UniversalResolver::new(network.clone(), Some(anchors))
        .with_pins(Arc::new(pins))
        .with_cache(clock, 60, 8);
    let look = async || resolver.resolve(&did(DID)).await.unwrap().anchor_check;
    assert_eq!((look().await, look().await), (AnchorCheck::NotPinned, AnchorCheck::NotPinned));
    assert_eq!(network.count(), 1);
    vouched.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!((look().await, look().await), (AnchorCheck::Confirmed, AnchorCheck::Confirmed));
    assert_eq!(network.count(), 2);
}

#[tokio::test]
async fn an_unanchored_did_says_so() {
    let network = Network::serving(&document());
    let resolution = resolve(&network, Some(Chain::default().anchors())).await.unwrap();
    assert_eq!(resolution.anchor_check, AnchorCheck::NotAnchored);
    assert_eq!(resolution.anchored, None);
}

#[tokio::test]
async fn a_deactivated_did_is_deactivated_whatever_its_host_says() {
    let bytes = jcs::canonicalize(&document()).unwrap().into_bytes();
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    for answer in [json_response(&document()), Err(FetchError::TimedOut)] {
        let network = Network::new(answer);
        let chain = Chain::default().with(DidStatus::Deactivated, digest, bytes.clone());
        assert_eq!(failure(&network, Some(chain)).await, ResolveError::Deactivated);
        assert_eq!(network.count(), 0);
    }
}

#[tokio::test]
async fn without_the_host_the_chain_gives_the_document() {
    for answer in [
        Err(FetchError::TimedOut),
        response(502, "", b""),
        // Gone for good: the pinned account's document does not go with its host.
        response(404, "", b""),
        response(410, "", b""),
    ] {
        let network = Network::new(answer);
        let chain = Chain::anchoring(&document());
        let resolution = resolve(&network, Some(chain.anchors())).await.unwrap();
        assert_eq!(resolution.source, Source::Chain);
        assert_eq!(resolution.anchor_check, AnchorCheck::Confirmed);
        assert_eq!(resolution.document.json, document());
    }
    // A definite answer of the host is not overruled, nor what we refuse to look at.
    for (answer, code) in [
        (response(200, "application/json", b"{}"), "did_document_invalid"),
        (Err(FetchError::ForbiddenAddress("x".into())), "did_forbidden"),
    ] {
        let error = failure(&Network::new(answer), Some(Chain::anchoring(&document()))).await;
        assert_eq!(error.code(), code);
    }
}

#[tokio::test]
async fn a_chain_that_lies_or_lacks_the_document_does_not_help() {
    let mut other = document();
    other["id"] = json!("did:web:victim.example");
    let other = jcs::canonicalize(&other).unwrap().into_bytes();
    let other_digest: [u8; 32] = Sha256::digest(&other).into();
    let mut without = Chain::anchoring(&document());
    without.without_documents = Some(ChainError::DocumentNotPublished { version: 3 });
    for chain in [
        // bytes that do not have the digest; bytes of another DID; no JSON; none at all
        Chain::default().with(DidStatus::Active, [7; 32], document().to_string().into_bytes()),
        Chain::default().with(DidStatus::Active, other_digest, other),
        Chain::default().with(DidStatus::Active, Sha256::digest(b"{").into(), b"{".to_vec()),
        without,
    ] {
        let error = failure(&Network::new(Err(FetchError::TimedOut)), Some(chain)).await;
        assert_eq!(error.code(), "did_unreachable");
    }
}

#[tokio::test]
async fn an_unreachable_chain_is_said_aloud() {
    for broken in [
        ChainError::TimedOut,
        ChainError::Disagreement("heads".into()),
        ChainError::WrongChain { expected: 1, found: 2 },
    ] {
        let code = broken.code().to_owned();
        let chain = Chain { broken: Some(broken), ..Chain::default() };
        let resolution =
            resolve(&Network::serving(&document()), Some(chain.anchors())).await.unwrap();
        assert_eq!(resolution.anchor_check, AnchorCheck::Unreachable { code });
        assert!(resolution.anchor_check.is_inconclusive());
        assert_eq!(resolution.anchored, None);
    }
    let chain = Chain { broken: Some(ChainError::TimedOut), ..Chain::default() };
    let error = failure(&Network::new(Err(FetchError::TimedOut)), Some(chain)).await;
    assert_eq!((error.code(), error.is_inconclusive()), ("did_unreachable", true));
}

struct Cached {
    network: Arc<Network>,
    clock: Arc<FixedClock>,
    resolver: UniversalResolver,
}

fn cached(capacity: usize, anchors: Option<Arc<dyn DidAnchors>>) -> Cached {
    let network = Network::serving(&document());
    let clock = Arc::new(FixedClock::new(Moment::from_unix(1_000)));
    let resolver = UniversalResolver::new(network.clone(), anchors)
        .with_pins(pin(CONTROLLER))
        .with_cache(clock.clone(), 60, capacity);
    Cached { network, clock, resolver }
}

#[tokio::test]
async fn good_answers_are_remembered_for_a_while() {
    let Cached { network, clock, resolver } = cached(8, None);
    for _ in 0..3 {
        resolver.resolve(&did(DID)).await.unwrap();
    }
    clock.advance(59);
    resolver.resolve(&did(DID)).await.unwrap();
    assert_eq!(network.count(), 1);
    clock.advance(1);
    resolver.resolve(&did(DID)).await.unwrap();
    assert_eq!(network.count(), 2);
    clock.advance(-5); // a clock that goes back proves nothing
    resolver.resolve(&did(DID)).await.unwrap();
    assert_eq!(network.count(), 3);
    resolver.forget(&did(DID));
    resolver.resolve(&did(DID)).await.unwrap();
    assert_eq!(network.count(), 4);
}

#[tokio::test]
async fn failures_and_half_answers_are_not_remembered() {
    let Cached { network, resolver, .. } = cached(8, None);
    network.change(Err(FetchError::TimedOut));
    assert!(resolver.resolve(&did(DID)).await.is_err());
    network.change(json_response(&document()));
    assert!(resolver.resolve(&did(DID)).await.is_ok());

    let chain = Chain { broken: Some(ChainError::TimedOut), ..Chain::default() };
    let Cached { network, resolver, .. } = cached(8, Some(chain.anchors()));
    for _ in 0..2 {
        resolver.resolve(&did(DID)).await.unwrap();
    }
    assert_eq!(network.count(), 2);
}

#[tokio::test]
async fn the_memory_is_bounded() {
    let Cached { network, clock, resolver } = cached(2, None);
    let ids = ["did:web:a.example", "did:web:b.example", "did:web:c.example"];
    for id in ids {
        let mut document = document();
        document["id"] = json!(id);
        network.change(json_response(&document));
        resolver.resolve(&did(id)).await.unwrap();
        clock.advance(1);
    }
    network.change(Err(FetchError::TimedOut));
    assert!(resolver.resolve(&did(ids[0])).await.is_err(), "the oldest made room");
    assert!(resolver.resolve(&did(ids[1])).await.is_ok());
    assert!(resolver.resolve(&did(ids[2])).await.is_ok());
    let Cached { network, resolver, .. } = cached(0, None);
    for _ in 0..2 {
        resolver.resolve(&did(DID)).await.unwrap();
    }
    assert_eq!(network.count(), 2);
}
