//! A real OpenID provider for tests: discovery, keys, authorization code with PKCE, signed id
//! tokens over HTTP on loopback. Whoever is asked to sign in is the person the test named last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::KeyPair as _;
use aws_lc_rs::{digest, signature};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use credential_model::ambient::{Clock, random_token};
use serde_json::{Value, json};
use signing_keys::system::SystemEntropy;

pub const CLIENT_ID: &str = "sinpyo-office";
pub const CLIENT_SECRET: &str = "the office's secret at the test provider";

type Fields = HashMap<String, String>;
type Twist = Box<dyn Fn(&mut Value, &mut Value) + Send>;

struct Key {
    id: String,
    pair: KeyPair,
}

struct Inner {
    issuer: String,
    clock: Arc<dyn Clock>,
    keys: Vec<Key>,
    person: Value,
    codes: HashMap<String, Fields>,
    twist: Option<Twist>,
    refuses: Option<String>,
    asked_for_keys: u32,
}

/// The provider; it ends with the test's runtime.
pub struct OidcProvider {
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
}

impl OidcProvider {
    /// Starts on a free port of loopback. `clock` dates the tokens.
    pub async fn start(clock: Arc<dyn Clock>) -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let issuer = format!("http://localhost:{}", listener.local_addr()?.port());
        let inner = Arc::new(Mutex::new(Inner {
            issuer: issuer.clone(),
            clock,
            keys: vec![new_key("key-1")?],
            person: json!({}),
            codes: HashMap::new(),
            twist: None,
            refuses: None,
            asked_for_keys: 0,
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { issuer, inner })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who signs in from now on: the claims about the person.
    pub fn person(&self, claims: Value) {
        self.with(|inner| inner.person = claims);
    }

    /// Changes header and claims of every token from now on, before it is signed.
    pub fn twist(&self, twist: impl Fn(&mut Value, &mut Value) + Send + 'static) {
        self.with(|inner| inner.twist = Some(Box::new(twist)));
    }

    /// Honest again.
    pub fn untwist(&self) {
        self.with(|inner| inner.twist = None);
    }

    /// Answers every sign-in with this error, or none.
    pub fn refuse(&self, error: Option<&str>) {
        self.with(|inner| inner.refuses = error.map(str::to_owned));
    }

    /// Signs with a new key; the old one is no longer published.
    pub fn rotate(&self, id: &str) -> Result<()> {
        let key = new_key(id)?;
        self.with(|inner| inner.keys = vec![key]);
        Ok(())
    }

    /// Signs with a key that is not published, under the published one's name.
    pub fn sign_with_a_strange_key(&self) -> Result<()> {
        let id = self.with(|inner| inner.keys.last().map(|key| key.id.clone()).unwrap_or_default());
        let key = new_key(&id)?;
        self.with(|inner| inner.keys.push(key));
        Ok(())
    }

    /// How often the keys were read.
    pub fn keys_read(&self) -> u32 {
        self.with(|inner| inner.asked_for_keys)
    }

    /// Does what a browser does at the provider: the address it is sent back to; empty where the
    /// provider would refuse the request itself.
    pub fn visit(&self, url: &str) -> Result<String> {
        let url = url::Url::parse(url)?;
        let fields: Fields = url.query_pairs().into_owned().collect();
        Ok(self.with(|inner| inner.authorize(&fields)))
    }
}

fn new_key(id: &str) -> Result<Key> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow::anyhow!("no RSA key"))?;
    Ok(Key { id: id.to_owned(), pair })
}

type Shared = State<Arc<Mutex<Inner>>>;

async fn configuration(State(inner): Shared) -> Json<Value> {
    let inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    let issuer = &inner.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
    }))
}

async fn keys(State(inner): Shared) -> Json<Value> {
    let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    inner.asked_for_keys += 1;
    let first = inner.keys.first().map(|key| {
        let public = PublicKeyComponents::<Vec<u8>>::from(key.pair.public_key());
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.id,
            "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e),
        })
    });
    Json(json!({ "keys": [first] }))
}

async fn authorize(State(inner): Shared, Query(fields): Query<Fields>) -> Response {
    let back = inner.lock().unwrap_or_else(PoisonError::into_inner).authorize(&fields);
    if back.is_empty() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    (StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response()
}

impl Inner {
    /// Where the browser goes with its code; empty when the request is not one to answer.
    fn authorize(&mut self, fields: &Fields) -> String {
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let fine = field("client_id") == CLIENT_ID
            && field("response_type") == "code"
            && field("code_challenge_method") == "S256"
            && field("scope").split(' ').any(|scope| scope == "openid");
        let Ok(mut back) = url::Url::parse(field("redirect_uri")) else { return String::new() };
        if !fine {
            return String::new();
        }
        let mut pairs = back.query_pairs_mut();
        pairs.append_pair("state", field("state")).append_pair("iss", &self.issuer);
        if let Some(error) = &self.refuses {
            pairs.append_pair("error", error);
        } else {
            let code = random_token(&SystemEntropy);
            pairs.append_pair("code", &code);
            self.codes.insert(code, fields.clone());
        }
        drop(pairs);
        back.to_string()
    }

    fn id_token(&self, nonce: &str) -> Option<String> {
        let key = self.keys.last()?;
        let now = self.clock.now().unix();
        let mut header = json!({ "alg": "RS256", "typ": "JWT", "kid": key.id });
        let mut claims = self.person.clone();
        claims["iss"] = json!(self.issuer);
        claims["aud"] = json!(CLIENT_ID);
        claims["iat"] = json!(now);
        claims["exp"] = json!(now + 300);
        claims["nonce"] = json!(nonce);
        if let Some(twist) = &self.twist {
            twist(&mut header, &mut claims);
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut mark = vec![0; key.pair.public_modulus_len()];
        let way = &signature::RSA_PKCS1_SHA256;
        key.pair.sign(way, &SystemRandom::new(), signed.as_bytes(), &mut mark).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mark)))
    }
}

async fn token(State(inner): Shared, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let refuse =
        |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let basic = STANDARD.encode(format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET)));
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given != Some(&format!("Basic {basic}")) {
        return refuse("invalid_client");
    }
    let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    // A code is taken once, whatever comes of it.
    let Some(asked) = inner.codes.remove(field("code")) else { return refuse("invalid_grant") };
    let challenge = digest::digest(&digest::SHA256, field("code_verifier").as_bytes());
    let fits = asked.get("code_challenge") == Some(&URL_SAFE_NO_PAD.encode(challenge))
        && asked.get("redirect_uri").map(String::as_str) == Some(field("redirect_uri"))
        && field("grant_type") == "authorization_code";
    if !fits {
        return refuse("invalid_grant");
    }
    let nonce = asked.get("nonce").cloned().unwrap_or_default();
    let Some(id_token) = inner.id_token(&nonce) else { return refuse("server_error") };
    let answer = json!({ "token_type": "Bearer", "access_token": "unused", "id_token": id_token });
    Json(answer).into_response()
}
