//! A little wallet: keys, proofs, and the steps of OID4VCI 1.0, each a real request.

use std::sync::Arc;

use axum::http::header;
use credential_model::moment::Moment;
use credential_proofs::key_proof::{self, KeyRef};
use serde_json::{Value, json};
use signing_keys::system::SystemEntropy;
use signing_keys::{KeyAlgorithm, KeyStore, MemoryKeyStore, Signer, StoreSigner};

use super::{Answer, TestIssuer, URL};

pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

/// How a holder names its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    DidKey,
    DidJwk,
    Jwk,
}

/// A key and how it is named.
pub struct Holder {
    pub signer: StoreSigner,
    pub naming: Naming,
}

impl Holder {
    pub fn new(algorithm: KeyAlgorithm, naming: Naming) -> Self {
        let keys: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new(Arc::new(SystemEntropy)));
        let handle = keys.generate(algorithm, "holder").unwrap();
        Self { signer: StoreSigner::new(keys, handle).unwrap(), naming }
    }

    /// An Ed25519 holder by did:key.
    pub fn usual() -> Self {
        Self::new(KeyAlgorithm::EdDsa, Naming::DidKey)
    }

    pub fn key_ref(&self) -> KeyRef {
        match self.naming {
            Naming::DidKey => KeyRef::Kid(self.signer.public_key().did_key_url()),
            Naming::DidJwk => KeyRef::Kid(self.signer.public_key().did_jwk_url()),
            Naming::Jwk => KeyRef::Jwk,
        }
    }

    /// The DID the issuer should bind to.
    pub fn did(&self) -> String {
        match self.naming {
            Naming::DidKey => self.signer.public_key().to_did_key().to_string(),
            Naming::DidJwk | Naming::Jwk => self.signer.public_key().to_did_jwk().to_string(),
        }
    }

    pub fn proof(&self, nonce: Option<&str>, now: Moment) -> String {
        key_proof::create(URL, nonce, now, None, &self.key_ref(), &self.signer).unwrap()
    }
}

impl TestIssuer {
    /// The offer behind a deep link by reference: the path of its URL.
    pub fn offer_path(created: &Value) -> String {
        created["offer_url"].as_str().unwrap().strip_prefix(URL).unwrap().to_owned()
    }

    /// The pre-authorized code of an offer.
    pub async fn code(&self, created: &Value) -> String {
        let offer = self.get(&Self::offer_path(created)).await.ok(200).json();
        offer["grants"][GRANT]["pre-authorized_code"].as_str().unwrap().to_owned()
    }

    pub async fn redeem(&self, code: &str, tx_code: Option<&str>) -> Answer {
        let mut form =
            format!("grant_type={}&pre-authorized_code={code}", GRANT.replace(':', "%3A"));
        if let Some(tx_code) = tx_code {
            form.push_str(&format!("&tx_code={tx_code}"));
        }
        self.post_raw("/token", None, "application/x-www-form-urlencoded", form).await
    }

    /// From a created offer to an access token.
    pub async fn token(&self, created: &Value) -> String {
        let code = self.code(created).await;
        let answer = self.redeem(&code, created["tx_code"].as_str()).await.ok(200);
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn nonce(&self) -> String {
        let answer = self.post_raw("/nonce", None, "", "").await.ok(200);
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        answer.json()["c_nonce"].as_str().unwrap().to_owned()
    }

    /// A credential request of a configuration with one proof a holder.
    pub async fn request(&self, token: &str, configuration: &str, holders: &[&Holder]) -> Answer {
        let nonce = self.nonce().await;
        let proofs: Vec<String> =
            holders.iter().map(|holder| holder.proof(Some(&nonce), self.now())).collect();
        self.request_with(token, configuration, &proofs).await
    }

    pub async fn request_with(
        &self,
        token: &str,
        configuration: &str,
        proofs: &[String],
    ) -> Answer {
        let body =
            json!({ "credential_configuration_id": configuration, "proofs": { "jwt": proofs } });
        self.post("/credential", Some(token), &body).await
    }

    /// The credentials of a good request.
    pub async fn accept(
        &self,
        token: &str,
        configuration: &str,
        holders: &[&Holder],
    ) -> Vec<Value> {
        let answer = self.request(token, configuration, holders).await.ok(200);
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        let credentials = answer.json()["credentials"].as_array().unwrap().clone();
        credentials.into_iter().map(|entry| entry["credential"].clone()).collect()
    }

    /// Offer, token and one credential, all at once.
    pub async fn issue(&self, offer: &Value, configuration: &str, holder: &Holder) -> Value {
        let token = self.token(&self.offer(offer).await).await;
        self.accept(&token, configuration, &[holder]).await.remove(0)
    }
}
