//! A verifier behind its HTTP face, on a scripted network, with a presenter of our own.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::{os::unix::fs::PermissionsExt as _, path::Path, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use credential_model::{
    ambient::{FixedClock, PredictableEntropy},
    catalogue::CredentialType,
};
use evm_chain::ReadChain;
use serde_json::{Value, json};
use signing_keys::{KeyAlgorithm, KeyStore, MemoryKeyStore};
use tower::ServiceExt as _;
use verifier_service::{
    assemble::{self, Surroundings},
    config::Config,
    router,
    state::App,
};

#[path = "../../../crates/credential-verification/tests/harness/mod.rs"]
pub mod harness;

pub use harness::*;

pub struct Service {
    pub router: Router,
    pub app: App,
    pub world: Arc<World>,
    pub clock: Arc<FixedClock>,
    pub issuer: Issuer,
    pub holder: Holder,
    directory: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub fn cookie(&self) -> String {
        let value = self.headers.get(header::SET_COOKIE).expect("a cookie").to_str().unwrap();
        value.split(';').next().unwrap().to_owned()
    }

    /// The code in an OAuth error's description.
    pub fn refusal(&self) -> String {
        let value = self.json();
        let text = value["error_description"].as_str().unwrap_or_default();
        text.split(':').next().unwrap_or_default().to_owned()
    }
}

fn write_secret(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

impl Service {
    pub fn start() -> Self {
        Self::start_with("decentralized_identifier", "")
    }

    pub fn start_with(scheme: &str, extra: &str) -> Self {
        Self::start_over(scheme, extra, None)
    }

    /// At this origin, which a browser reaches.
    pub fn start_at(public_url: &str) -> Self {
        let port = public_url.rsplit(':').next().unwrap();
        let extra = format!("[network]\ndanger_plain_http_origins = [\"localhost:{port}\"]\n");
        Self::start_with_url(public_url, "", "decentralized_identifier", &extra, None)
    }

    /// The same with a chain.
    pub fn start_over(scheme: &str, extra: &str, chain: Option<Arc<dyn ReadChain>>) -> Self {
        Self::start_trusting("", scheme, extra, chain)
    }

    /// The same with further lines of `[trust]`.
    pub fn start_trusting(
        trust: &str,
        scheme: &str,
        extra: &str,
        chain: Option<Arc<dyn ReadChain>>,
    ) -> Self {
        Self::start_with_url("https://verifier.example", trust, scheme, extra, chain)
    }

    fn start_with_url(
        public_url: &str,
        trust: &str,
        scheme: &str,
        extra: &str,
        chain: Option<Arc<dyn ReadChain>>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::new();
        let clock = clock();
        let issuer = Issuer::published(&world);
        issuer.publish_list(&world, &[], 1, now().minus_seconds(600));
        std::fs::write(directory.path().join("trust.json"), trust_list(&issuer.did).to_string())
            .unwrap();
        write_secret(&directory.path().join("pass"), "a passphrase for tests");
        write_secret(&directory.path().join("token"), "0123456789abcdef0123456789");
        let file = directory.path().join("verifier.toml");
        std::fs::write(
            &file,
            format!(
                "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"{public_url}\"\n\
                 [store]\npath = \"store\"\n[keys]\npath = \"keys\"\npassphrase_file = \"pass\"\n\
                 [trust]\nlist_file = \"trust.json\"\n{trust}\
                 [client]\nscheme = \"{scheme}\"\nname_ko = \"가상 검증기관\"\nname_en = \"Fictitious verifier\"\n{extra}"
            ),
        )
        .unwrap();
        let config = Config::load(&file).unwrap();
        let surroundings = || Surroundings {
            clock: clock.clone(),
            entropy: Arc::new(PredictableEntropy::new(4_711)),
            fetch: Some(world.clone()),
            chain: chain.clone(),
        };
        let first = surroundings();
        // A key store in memory: the file's key derivation is slow on purpose.
        let keys: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new(Arc::clone(&first.entropy)));
        keys.generate(KeyAlgorithm::Es256, assemble::REQUEST_KEY).unwrap();
        keys.generate(KeyAlgorithm::EdDsa, assemble::WITNESS_KEY).unwrap();
        assemble::identity(&config, &keys, true, &first).unwrap();
        let app = assemble::assemble_over(&config, &keys, surroundings()).unwrap();
        Service {
            router: router(Arc::clone(&app)),
            app,
            world,
            clock,
            issuer,
            holder: Holder::new(1),
            directory,
        }
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 64 * 1024 * 1024).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn get_with(&self, path: &str, name: header::HeaderName, value: &str) -> Answer {
        self.send(Request::get(path).header(name, value).body(Body::empty()).unwrap()).await
    }

    pub async fn post_json(&self, path: &str, value: &Value) -> Answer {
        self.post(path, "application/json", value.to_string().into_bytes()).await
    }

    pub async fn post(&self, path: &str, media_type: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, media_type);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.post(path, "application/x-www-form-urlencoded", form.finish().into_bytes()).await
    }

    /// Makes a request and fetches its object.
    pub async fn ask(&self, wanted: Value) -> Asked {
        let created = self.post_json("/api/requests", &wanted).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
        let created = created.json();
        let claims = match created["request_uri"].as_str() {
            Some(uri) => claims_of(&self.get(&path_of(uri)).await.text()),
            None => Value::Null,
        };
        Asked { created, claims }
    }

    pub async fn ask_badge(&self) -> Asked {
        self.ask(json!({"template": "badge-hiring"})).await
    }

    pub fn badge(&self, index: usize) -> Value {
        let holder = self.holder.did();
        self.issuer.credential(CredentialType::QualificationBadge, holder.as_str(), index)
    }

    pub fn badge_sd_jwt(&self, index: usize) -> String {
        let kind = CredentialType::QualificationBadge;
        self.issuer.sd_jwt(kind, &self.badge(index), &self.holder.key())
    }

    /// A badge presentation for the request, with just the asked claims.
    pub fn present_badge(&self, asked: &Asked, index: usize) -> String {
        self.holder.bind(
            &self.badge_sd_jwt(index),
            &badge_paths(),
            asked.client_id(),
            asked.nonce(),
            now(),
        )
    }

    pub async fn answer(&self, asked: &Asked, vp_token: &Value) -> Answer {
        self.answer_with(asked, vp_token, asked.state()).await
    }

    pub async fn answer_with(&self, asked: &Asked, vp_token: &Value, state: &str) -> Answer {
        let token = vp_token.to_string();
        self.post_form(&asked.response_path(), &[("vp_token", &token), ("state", state)]).await
    }

    pub async fn poll(&self, asked: &Asked) -> Value {
        let path = path_of(asked.created["poll_url"].as_str().unwrap());
        self.get(&path).await.json()
    }
}

pub fn badge_paths() -> Vec<Vec<Value>> {
    vec![vec![json!("person"), json!("name")], vec![json!("awardedDate")]]
}

pub struct Asked {
    pub created: Value,
    pub claims: Value,
}

impl Asked {
    pub fn client_id(&self) -> &str {
        self.created["client_id"].as_str().unwrap()
    }

    pub fn nonce(&self) -> &str {
        self.claims["nonce"].as_str().unwrap()
    }

    pub fn state(&self) -> &str {
        self.claims["state"].as_str().unwrap()
    }

    pub fn response_path(&self) -> String {
        path_of(self.claims["response_uri"].as_str().unwrap())
    }

    pub fn page_path(&self) -> String {
        path_of(self.created["page_url"].as_str().unwrap())
    }

    pub fn request_path(&self) -> String {
        path_of(self.created["request_uri"].as_str().unwrap())
    }
}

/// Path and query of an absolute URL.
pub fn path_of(url: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// The payload of a compact JWS, unverified.
pub fn claims_of(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap_or_else(|| panic!("no token: {token}"));
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}
