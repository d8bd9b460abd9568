//! A whole issuer in this process, and a little wallet that speaks OID4VCI to its HTTP face.

// Each test binary uses its part of this.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

pub mod chain;
pub mod wallet;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use credential_issuance::anchor::AnchorChain;
use credential_issuance::bulk::BulkSettings;
use credential_issuance::ids::Digest;
use credential_issuance::{ED25519_LABEL, Identity, Issuer, IssuerParts, P256_LABEL, Settings};
use credential_model::ambient::{Entropy, FixedClock};
use credential_model::catalogue::CredentialType;
use credential_model::did::{Did, DidDocument};
use credential_model::moment::Moment;
use credential_proofs::jwe::EphemeralKey;
use issuer_service::spoken::Spoken;
use issuer_service::state::{App, AppState};
use issuer_service::vc_api::Instances;
use officer_access::oidc::Oidc;
use officer_access::{Access, AccessParts, AccessSettings, FourEyes, PasswordCost};
use serde_json::{Value, json};
use signing_keys::system::SystemEntropy;
use signing_keys::{
    Algorithm, KeyAlgorithm, KeyRing, KeyStore, MemoryKeyStore, PublicKey, Signer, SigningError,
    StoreSigner,
};
use storage_embedded::engine::Database;
use storage_embedded::issuer::EmbeddedIssuerStore;
use storage_embedded::officers::EmbeddedAccessStore;
use tokio::sync::Notify;

pub const URL: &str = "http://localhost:7001";
pub const ADMIN: &str = "test-admin-token-0123456789";

/// A signer that can be told to fail, as if the process had died before signing.
pub struct Breakable {
    inner: StoreSigner,
    broken: Arc<AtomicBool>,
}

impl Signer for Breakable {
    fn algorithm(&self) -> Algorithm {
        self.inner.algorithm()
    }
    fn public_key(&self) -> PublicKey {
        self.inner.public_key()
    }
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(SigningError::Store("broken for a test".to_owned()));
        }
        self.inner.sign(message)
    }
}

/// What survives a restart, and the running service.
pub struct TestIssuer {
    pub app: App,
    pub router: Router,
    pub clock: Arc<FixedClock>,
    pub broken: Arc<AtomicBool>,
    pub database: Database,
    keys: Arc<dyn KeyStore>,
    chain: Option<Arc<dyn AnchorChain>>,
}

pub async fn issuer() -> TestIssuer {
    issuer_with_chain(None).await
}

pub async fn issuer_with_chain(chain: Option<Arc<dyn AnchorChain>>) -> TestIssuer {
    let keys: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new(Arc::new(SystemEntropy)));
    keys.generate(KeyAlgorithm::EdDsa, ED25519_LABEL).unwrap();
    keys.generate(KeyAlgorithm::Es256, P256_LABEL).unwrap();
    let clock = Arc::new(FixedClock::new(Moment::parse("2026-11-23T05:30:00Z").unwrap()));
    start(Database::open_temporary().unwrap(), keys, clock, chain).await
}

/// An issuer whose office has these rules and this OpenID provider.
pub async fn issuer_with_access(four_eyes: FourEyes, oidc: Option<Oidc>) -> TestIssuer {
    let keys: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new(Arc::new(SystemEntropy)));
    keys.generate(KeyAlgorithm::EdDsa, ED25519_LABEL).unwrap();
    keys.generate(KeyAlgorithm::Es256, P256_LABEL).unwrap();
    let clock = Arc::new(FixedClock::new(Moment::parse("2026-11-23T05:30:00Z").unwrap()));
    let database = Database::open_temporary().unwrap();
    let access = access_with(&database, &clock, four_eyes, oidc);
    start_with(database, keys, clock, None, access).await
}

async fn start(
    database: Database,
    keys: Arc<dyn KeyStore>,
    clock: Arc<FixedClock>,
    chain: Option<Arc<dyn AnchorChain>>,
) -> TestIssuer {
    let access = access(&database, &clock);
    start_with(database, keys, clock, chain, access).await
}

async fn start_with(
    database: Database,
    keys: Arc<dyn KeyStore>,
    clock: Arc<FixedClock>,
    chain: Option<Arc<dyn AnchorChain>>,
    access: Access,
) -> TestIssuer {
    let broken = Arc::new(AtomicBool::new(false));
    let signer = |label: &str| -> Arc<dyn Signer> {
        let inner = StoreSigner::by_label(Arc::clone(&keys), label).unwrap();
        Arc::new(Breakable { inner, broken: Arc::clone(&broken) })
    };
    let did = Did::parse("did:web:localhost%3A7001").unwrap();
    let identity = Identity::new(
        did,
        "가상자격공단(시험용)",
        "Fictitious Qualification Agency (test)",
        signer(ED25519_LABEL),
        signer(P256_LABEL),
    )
    .unwrap();
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let store = Arc::new(EmbeddedIssuerStore::new(database.clone()));
    let parts = IssuerParts {
        settings: Settings::new(URL),
        identity,
        store: Arc::<EmbeddedIssuerStore>::clone(&store),
        clock: Arc::<FixedClock>::clone(&clock),
        entropy,
        chain: chain.clone(),
    };
    let issuer = Issuer::open(parts).await.unwrap();
    let app = Arc::new(AppState {
        issuer: issuer.with_bulk(store, BulkSettings::default()).await.unwrap(),
        access,
        office: true,
        admin_token: Digest::of(ADMIN.as_bytes()),
        request_key: EphemeralKey::generate("request-test").unwrap(),
        stalls: issuer_service::stalls::Stalls::default(),
        anchor_soon: Notify::new(),
        spoken: Spoken::new(Arc::new(SystemEntropy)),
        limits: web_kit::Limits::default(),
        vc_api: Instances::none(),
    });
    let router = issuer_service::router(Arc::clone(&app));
    TestIssuer { app, router, clock, broken, database, keys, chain }
}

/// Officers' access over the same database, with passwords that cost little.
pub fn access(database: &Database, clock: &Arc<FixedClock>) -> Access {
    access_with(database, clock, FourEyes::default(), None)
}

/// As [`access`], with rules and an OpenID provider.
pub fn access_with(
    database: &Database,
    clock: &Arc<FixedClock>,
    four_eyes: FourEyes,
    oidc: Option<Oidc>,
) -> Access {
    let settings = AccessSettings {
        password_cost: PasswordCost { memory_kib: 64, passes: 1 },
        four_eyes,
        ..AccessSettings::new("Fictitious Agency")
    };
    Access::new(AccessParts {
        settings,
        store: Arc::new(EmbeddedAccessStore::new(database.clone())),
        clock: Arc::<FixedClock>::clone(clock),
        entropy: Arc::new(SystemEntropy),
        secret: [7; 32],
        oidc,
    })
}

/// An answer, its body read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("no JSON ({error}) in {} {:?}", self.status, String::from_utf8_lossy(&self.body))
        })
    }
    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    /// Asserts a problem document with this code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status.as_u16(), self.json()["code"].as_str()),
            (status, Some(code)),
            "{self:?}"
        );
        assert!(self.header(header::CONTENT_TYPE).starts_with("application/problem+json"));
    }
    /// Asserts an OAuth error with this code, not cacheable.
    #[track_caller]
    pub fn error(&self, status: u16, code: &str) {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(
            (self.status.as_u16(), self.json()["error"].as_str()),
            (status, Some(code)),
            "{text}"
        );
        assert_eq!(self.header(header::CACHE_CONTROL), "no-store");
    }
    #[track_caller]
    pub fn ok(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

impl TestIssuer {
    /// The same store and keys in a new run of the service.
    /// The same on another chain, or with a client of the chain that is as new as the process.
    pub async fn restarted_on(self, chain: Arc<dyn AnchorChain>) -> Self {
        start(self.database.clone(), Arc::clone(&self.keys), Arc::clone(&self.clock), Some(chain))
            .await
    }

    pub async fn restarted(self) -> Self {
        start(
            self.database.clone(),
            Arc::clone(&self.keys),
            Arc::clone(&self.clock),
            self.chain.clone(),
        )
        .await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        use tower::ServiceExt as _;
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 64 * 1024 * 1024).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn get_as(&self, path: &str, accept: &str) -> Answer {
        self.send(Request::get(path).header(header::ACCEPT, accept).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post_raw(
        &self,
        path: &str,
        token: Option<&str>,
        media: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::post(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if !media.is_empty() {
            request = request.header(header::CONTENT_TYPE, media);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    pub async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        self.post_raw(path, token, "application/json", body.to_string()).await
    }

    pub async fn admin_post(&self, path: &str, body: &Value) -> Answer {
        self.post(path, Some(ADMIN), body).await
    }

    pub async fn admin_get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {ADMIN}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Makes an offer and answers what the officer sees.
    pub async fn offer(&self, body: &Value) -> Value {
        self.admin_post("/admin/offers", body).await.ok(201).json()
    }

    /// The keys of the DID document as served.
    pub async fn key_ring(&self) -> KeyRing {
        let document =
            DidDocument::parse(&self.get("/.well-known/did.json").await.ok(200).json()).unwrap();
        let mut ring = KeyRing::new();
        for method in document.methods() {
            ring.insert(did_resolution::verification_key(&document, &method.id).unwrap());
        }
        ring
    }

    pub fn now(&self) -> Moment {
        use credential_model::ambient::Clock as _;
        self.clock.now()
    }

    pub async fn credentials(&self) -> Vec<Value> {
        let answer = self.admin_get("/admin/credentials?limit=500").await.ok(200).json();
        answer["credentials"].as_array().unwrap().clone()
    }
}

/// The subject of a type's example, as an officer would send it.
pub fn subject(credential_type: CredentialType) -> Value {
    let mut subject = credential_type.example()["credentialSubject"].clone();
    if credential_type != CredentialType::EvBatteryReport {
        subject.as_object_mut().unwrap().remove("id");
    }
    subject
}

/// An offer of a badge, complete but for what a test changes.
pub fn badge_offer(formats: &[&str]) -> Value {
    json!({
        "type": "KrQualificationBadge",
        "kind": "1320",
        "subject": {
            "person": { "name": "홍길동(가상인물)", "birthDate": "1990-01-01" },
            "licenseNumber": "99999999999Z",
            "qualificationGrade": "ENGINEER"
        },
        "awarded_date": "2025-06-18T00:00:00+09:00",
        "formats": formats
    })
}

/// An offer of a training history, the smallest type.
pub fn training_offer(formats: &[&str]) -> Value {
    json!({
        "type": "KrTrainingHistory",
        "subject": subject(CredentialType::TrainingHistory),
        "formats": formats
    })
}

/// Reads a list and answers the status of a credential's entry, the proof verified.
pub async fn status_of(issuer: &TestIssuer, credential: &Value) -> u8 {
    use credential_proofs::data_integrity;
    let list = credential["status_list"].as_str().unwrap();
    let answer = issuer.get(&format!("/status/{list}")).await.ok(200);
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/vc");
    let document = answer.json();
    let did = Did::parse("did:web:localhost%3A7001").unwrap();
    let expected = data_integrity::Expected::credential(Some(&did), issuer.now().plus_seconds(10));
    data_integrity::verify(&document, &expected, &issuer.key_ring().await).unwrap();
    let index: usize = credential["status_index"].as_str().unwrap().parse().unwrap();
    let entry = status_lists::StatusEntry::new(format!("{URL}/status/{list}"), index);
    status_lists::read(&entry, &document, issuer.now().plus_seconds(10)).unwrap().code
}
