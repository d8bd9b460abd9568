//! did:webvh through the universal resolver: a scripted host, a fixed clock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use credential_model::ambient::FixedClock;
use credential_model::did::DidUrl;
use credential_model::moment::Moment;
use serde_json::json;
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

use super::logs::{Log, multikey, now, witness};
use super::scripts::{did, response};
use crate::{
    AnchorCheck, Resolve, ResolveError, Source, UniversalResolver, VersionQuery, verification_key,
};

type Answer = Result<FetchResponse, FetchError>;

/// Answers by the last part of the path; what it does not have is 404.
#[derive(Default)]
struct Host {
    files: Mutex<BTreeMap<&'static str, Answer>>,
    asked: Mutex<Vec<String>>,
}

impl Host {
    fn put(&self, name: &'static str, answer: Answer) {
        self.files.lock().unwrap().insert(name, answer);
    }

    fn serve(&self, log: &Log) {
        self.put("did.jsonl", response(200, "text/jsonl", &log.bytes()));
    }
}

#[async_trait]
impl Fetch for Host {
    async fn fetch(&self, request: FetchRequest) -> Answer {
        self.asked.lock().unwrap().push(request.url.to_string());
        let name = request.url.path_segments().and_then(|mut parts| parts.next_back());
        let files = self.files.lock().unwrap();
        files.get(name.unwrap_or_default()).cloned().unwrap_or_else(|| response(404, "", b""))
    }
}

fn resolver(host: &Arc<Host>) -> UniversalResolver {
    let host: Arc<Host> = Arc::clone(host);
    UniversalResolver::new(host, None).with_clock(Arc::new(FixedClock::new(now())))
}

#[tokio::test]
async fn a_log_resolves_to_a_usable_document() {
    let host = Arc::new(Host::default());
    let mut log = Log::new(json!({}));
    log.add_altered(json!({}), 1, |entry| {
        // Common tools write neither the controller nor the whole id.
        let method = &mut entry["state"]["verificationMethod"][0];
        method.as_object_mut().unwrap().remove("controller");
    });
    host.serve(&log);
    let resolution = resolver(&host).resolve(&did(&log.did())).await.unwrap();
    assert_eq!((resolution.source, resolution.anchor_check), (Source::Log, AnchorCheck::NotNeeded));
    assert_eq!(resolution.document.json, log.entries[1]["state"]);
    let id = DidUrl::parse(&format!("{}#key-1", log.did())).unwrap();
    let key = verification_key(&resolution.document, &id).unwrap();
    assert_eq!(key.key.to_multikey(), multikey(9));
    assert_eq!(*host.asked.lock().unwrap(), ["https://issuer.example/.well-known/did.jsonl"]);
    let url = DidUrl::parse(&format!("{}?versionNumber=1", log.did())).unwrap();
    let first = VersionQuery::of(&url).unwrap();
    let first = resolver(&host).resolve_version(&did(&log.did()), &first).await.unwrap();
    assert_eq!(first.document.json, log.entries[0]["state"]);
}

#[tokio::test]
async fn a_log_that_could_not_be_had_is_no_finding() {
    let log = Log::new(json!({}));
    let host = Arc::new(Host::default());
    let failure = async || resolver(&host).resolve(&did(&log.did())).await.unwrap_err();
    assert_eq!(failure().await, ResolveError::NotFound { status: 404 });
    for (answer, code, inconclusive) in [
        (Err(FetchError::TimedOut), "did_unreachable", true),
        (response(503, "", b""), "did_unreachable", true),
        (Err(FetchError::ForbiddenPort(22)), "did_forbidden", true),
        (Err(FetchError::TooLarge { limit: 9 }), "did_document_invalid", false),
        (response(200, "text/html", b"<html>"), "did_log_malformed", false),
    ] {
        host.put("did.jsonl", answer);
        let error = failure().await;
        assert_eq!((error.code(), error.is_inconclusive()), (code, inconclusive));
    }
}

#[tokio::test]
async fn witness_proofs_are_fetched_where_they_are_needed() {
    let rule = json!({"threshold": 1, "witnesses": [witness(11)]});
    let log = Log::new(json!({"witness": rule}));
    let host = Arc::new(Host::default());
    host.serve(&log);
    let resolve = async || resolver(&host).resolve(&did(&log.did())).await;
    assert_eq!(resolve().await.unwrap_err().code(), "did_log_not_witnessed");
    host.put("did-witness.json", Err(FetchError::TimedOut));
    let error = resolve().await.unwrap_err();
    assert_eq!((error.code(), error.is_inconclusive()), ("did_unreachable", true));
    let file = json!([log.witnessed(1, &[11])]).to_string();
    host.put("did-witness.json", response(200, "application/json", file.as_bytes()));
    assert!(resolve().await.is_ok());
    let asked = host.asked.lock().unwrap().last().cloned().unwrap();
    assert_eq!(asked, "https://issuer.example/.well-known/did-witness.json");
}

#[tokio::test]
async fn deactivation_is_its_own_outcome() {
    let mut log = Log::new(json!({}));
    log.add(json!({"deactivated": true}), 1);
    let host = Arc::new(Host::default());
    host.serve(&log);
    let error = resolver(&host).resolve(&did(&log.did())).await.unwrap_err();
    assert_eq!((&error, error.is_inconclusive()), (&ResolveError::Deactivated, false));
}

#[tokio::test]
async fn a_log_is_kept_no_longer_than_it_allows() {
    for (ttl, asked) in [(json!(0), 3), (json!(60), 2), (json!(3600), 1)] {
        let host = Arc::new(Host::default());
        let log = Log::new(json!({"ttl": ttl}));
        host.serve(&log);
        let clock = Arc::new(FixedClock::new(now()));
        let fetch: Arc<Host> = Arc::clone(&host);
        let resolver = UniversalResolver::new(fetch, None).with_clock(clock.clone()).with_cache(
            clock.clone(),
            300,
            8,
        );
        for seconds in [0, 59, 120] {
            clock.set(now().plus_seconds(seconds));
            resolver.resolve(&did(&log.did())).await.unwrap();
        }
        assert_eq!(host.asked.lock().unwrap().len(), asked, "{ttl}");
    }
}

#[tokio::test]
async fn without_a_clock_there_is_no_history() {
    let host = Arc::new(Host::default());
    let log = Log::new(json!({}));
    host.serve(&log);
    let fetch: Arc<Host> = Arc::clone(&host);
    let resolver = UniversalResolver::new(fetch, None);
    let error = resolver.resolve(&did(&log.did())).await.unwrap_err();
    assert_eq!(error.code(), "did_method_not_supported");
    let key = did("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK");
    let error = resolver.resolve_version(&key, &VersionQuery::Number(1)).await.unwrap_err();
    assert_eq!(error, ResolveError::VersionNotSupported);
    assert!(resolver.resolve_version(&key, &VersionQuery::Latest).await.is_ok());
}

#[test]
fn versions_are_read_from_did_urls() {
    let of =
        |query: &str| VersionQuery::of(&DidUrl::parse(&format!("did:ethr:0x1{query}")).unwrap());
    assert_eq!(of(""), Ok(VersionQuery::Latest));
    assert_eq!(of("?service=x#y"), Ok(VersionQuery::Latest));
    assert_eq!(of("?versionId=12"), Ok(VersionQuery::Id("12".into())));
    assert_eq!(of("?versionNumber=2"), Ok(VersionQuery::Number(2)));
    let time = Moment::parse("2026-01-01T00:00:00Z").unwrap();
    assert_eq!(of("?versionTime=2026-01-01T00:00:00Z"), Ok(VersionQuery::Time(time)));
    for bad in ["?versionNumber=x", "?versionTime=1", "?versionId=1&versionNumber=1"] {
        assert_eq!(of(bad).unwrap_err().code(), "did_invalid", "{bad}");
    }
}
