//! A small world for tests: issuers with keys, DID documents and status lists, holders with keys,
//! and a network that is a table. Everybody in it is fictitious.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use credential_model::{
    ambient::{FixedClock, PredictableEntropy},
    catalogue::{CredentialType, DocumentParts, build_document, sd_jwt_claims},
    did::{Did, DidUrl, ProofPurpose},
    moment::Moment,
};
use credential_proofs::{
    data_integrity::{self, Cryptosuite, ProofOptions},
    jose, jwt_vc, presentation, sd_jwt,
};
use serde_json::{Value, json};
use signing_keys::{KeyAlgorithm, KeyStore, MemoryKeyStore, PublicKey, Signer, StoreSigner};
use status_lists::{Bitstring, ListDocument, StatusEntry, TokenListDocument};
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

/// The moment at which every story plays: 2026-11-23 14:30 in Korea.
pub const NOW: &str = "2026-11-23T05:30:00Z";

pub fn now() -> Moment {
    Moment::parse(NOW).unwrap()
}

pub fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(now()))
}

/// What the network answers at an address.
#[derive(Clone)]
pub enum Reply {
    Page { media_type: String, body: Vec<u8> },
    Status(u16),
    Fail(FetchError),
}

/// The network: address (and for status lists the form asked for) → reply.
#[derive(Default)]
pub struct World {
    pages: Mutex<BTreeMap<String, Reply>>,
    pub asked: Mutex<Vec<String>>,
    /// What hosts answer as `Date`, where they do.
    pub date: Mutex<Option<Moment>>,
}

impl World {
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    pub fn put(&self, url: &str, reply: Reply) {
        self.pages.lock().unwrap().insert(url.to_owned(), reply);
    }

    pub fn put_json(&self, url: &str, value: &Value) {
        let body = serde_json::to_vec(value).unwrap();
        self.put(url, Reply::Page { media_type: "application/json".into(), body });
    }

    pub fn asked_for(&self, part: &str) -> bool {
        self.asked.lock().unwrap().iter().any(|url| url.contains(part))
    }
}

#[async_trait]
impl Fetch for World {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let url = request.url.to_string();
        self.asked.lock().unwrap().push(url.clone());
        let wants_token = request.headers.iter().any(|(_, value)| value.contains("statuslist+jwt"));
        let key = if wants_token { format!("{url} token") } else { url };
        let reply = self.pages.lock().unwrap().get(&key).cloned();
        let (status, content_type, body) = match reply {
            None => return Err(FetchError::DnsFailed("nowhere".into())),
            Some(Reply::Fail(error)) => return Err(error),
            Some(Reply::Status(status)) => (status, None, Vec::new()),
            Some(Reply::Page { media_type, body }) => {
                let limit = request.max_bytes.unwrap_or(512 * 1024);
                if body.len() > limit {
                    return Err(FetchError::TooLarge { limit });
                }
                (200, Some(media_type), body)
            }
        };
        let date = *self.date.lock().unwrap();
        let headers = date.map(|date| ("Date".to_owned(), http_date(date)));
        let headers = headers.into_iter().collect();
        Ok(FetchResponse { status, content_type, headers, body, url: request.url })
    }
}

/// `Mon, 23 Nov 2026 05:30:00 GMT` (RFC 9110 section 5.6.7).
pub fn http_date(moment: Moment) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = moment.to_string();
    let day = DAYS[usize::try_from(moment.unix() / 86_400 % 7).unwrap()];
    let month = MONTHS[text[5..7].parse::<usize>().unwrap() - 1];
    format!("{day}, {} {month} {} {} GMT", &text[8..10], &text[..4], &text[11..19])
}

pub fn signer(algorithm: KeyAlgorithm, seed: u64) -> StoreSigner {
    let store: Arc<dyn KeyStore> =
        Arc::new(MemoryKeyStore::new(Arc::new(PredictableEntropy::new(seed))));
    let handle = store.generate(algorithm, "key").unwrap();
    StoreSigner::new(store, handle).unwrap()
}

/// An issuer with an Ed25519 and a P-256 key and a `did:web`.
pub struct Issuer {
    pub did: Did,
    pub host: String,
    pub ed25519: StoreSigner,
    pub p256: StoreSigner,
    /// Follows each key's fragment: another generation of keys has other ids.
    pub generation: &'static str,
    /// When proofs say they were made.
    pub created: Moment,
    entropy: PredictableEntropy,
}

impl Issuer {
    pub fn new(host: &str, seed: u64) -> Self {
        Issuer {
            did: Did::parse(&format!("did:web:{host}")).unwrap(),
            host: host.to_owned(),
            ed25519: signer(KeyAlgorithm::EdDsa, seed),
            p256: signer(KeyAlgorithm::Es256, seed + 1),
            generation: "",
            created: now().minus_seconds(3_600),
            entropy: PredictableEntropy::new(seed + 2),
        }
    }

    /// The issuer of most stories, with its DID document published.
    pub fn published(world: &World) -> Self {
        let issuer = Issuer::new("issuer.example", 100);
        issuer.publish(world);
        issuer
    }

    pub fn kid(&self, fragment: &str) -> DidUrl {
        DidUrl::parse(&format!("{}#{fragment}{}", self.did, self.generation)).unwrap()
    }

    pub fn document(&self) -> Value {
        let method = |fragment: &str, key: PublicKey| {
            json!({"id": self.kid(fragment).as_str(), "type": "JsonWebKey",
                "controller": self.did.as_str(), "publicKeyJwk": key.to_jwk()})
        };
        json!({
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": self.did.as_str(),
            "verificationMethod": [
                method("ed", self.ed25519.public_key()),
                method("p256", self.p256.public_key()),
            ],
            "assertionMethod": [self.kid("ed").as_str(), self.kid("p256").as_str()],
        })
    }

    pub fn did_url(&self) -> String {
        format!("https://{}/.well-known/did.json", self.host)
    }

    pub fn publish(&self, world: &World) {
        world.put_json(&self.did_url(), &self.document());
    }

    pub fn list_url(&self) -> String {
        format!("https://{}/status/g1", self.host)
    }

    /// Puts both forms of a list with these values on the network.
    pub fn publish_list(&self, world: &World, values: &[(usize, u8)], version: u64, as_of: Moment) {
        let mut bits = Bitstring::new(status_lists::MIN_ENTRIES, 2).unwrap();
        for (index, value) in values {
            bits.set(*index, *value).unwrap();
        }
        let list = self.list_document(&bits, version, as_of);
        world.put_json(&self.list_url(), &self.secure(&list));
        let payload = status_lists::token_list_payload(&TokenListDocument {
            url: &self.list_url(),
            issuer: self.did.as_str(),
            bits: &bits,
            issued: as_of,
            expires: as_of.plus_seconds(86_400),
            ttl_seconds: 300,
            version,
        })
        .unwrap();
        let header = json!({"typ": "statuslist+jwt", "kid": self.kid("p256").as_str()});
        let token = jose::sign(header, payload.to_string().as_bytes(), &self.p256).unwrap();
        world.put(
            &format!("{} token", self.list_url()),
            Reply::Page {
                media_type: "application/statuslist+jwt".into(),
                body: token.into_bytes(),
            },
        );
    }

    pub fn list_document(&self, bits: &Bitstring, version: u64, as_of: Moment) -> Value {
        status_lists::list_credential(&ListDocument {
            url: &self.list_url(),
            issuer: self.did.as_str(),
            purpose: "message",
            bits,
            valid_from: as_of,
            valid_until: as_of.plus_seconds(86_400),
            version,
            ttl_ms: 300_000,
        })
    }

    /// A document of the type with the example's claims about `holder`.
    pub fn credential(&self, kind: CredentialType, holder: &str, index: usize) -> Value {
        self.credential_with(kind, holder, index, |_| {})
    }

    pub fn credential_with(
        &self,
        kind: CredentialType,
        holder: &str,
        index: usize,
        change: impl FnOnce(&mut DocumentParts),
    ) -> Value {
        let example = kind.example();
        let mut subject = example["credentialSubject"].clone();
        subject["id"] = json!(holder);
        let issuer = json!({"id": self.did.as_str(), "type": ["Profile"], "name": "가상 발급기관"});
        let from = now().minus_seconds(86_400);
        let until = from.plus_seconds(30 * 86_400);
        if kind == CredentialType::DroneFlightPermit {
            // A permit is valid no longer than its windows.
            subject["volumes"][0]["time"] = json!([{"start": from, "end": until}]);
        }
        let mut parts = DocumentParts::new(
            "urn:uuid:00000000-0000-4000-8000-000000000001",
            issuer,
            from,
            subject,
        );
        parts.valid_until = Some(until);
        parts.awarded_date =
            example["awardedDate"].as_str().map(|date| Moment::parse(date).unwrap());
        let entry = StatusEntry::new(self.list_url(), index);
        parts.status = Some(entry.to_credential_status(&format!("{}#{index}", self.list_url())));
        change(&mut parts);
        build_document(kind, parts).unwrap()
    }

    pub fn proof_options(&self) -> ProofOptions {
        ProofOptions {
            cryptosuite: Cryptosuite::EddsaRdfc2022,
            verification_method: self.kid("ed"),
            proof_purpose: ProofPurpose::AssertionMethod,
            created: Some(self.created),
            expires: None,
            challenge: None,
            domain: None,
        }
    }

    pub fn secure(&self, document: &Value) -> Value {
        data_integrity::secure(document, &self.proof_options(), &self.ed25519).unwrap()
    }

    pub fn jwt(&self, document: &Value) -> String {
        jwt_vc::issue(document, &self.kid("ed"), &self.ed25519).unwrap()
    }

    /// The SD-JWT VC form, bound to a key.
    pub fn sd_jwt(&self, kind: CredentialType, document: &Value, holder: &PublicKey) -> String {
        self.sd_jwt_hiding(kind.disclosable(), kind, document, holder)
    }

    /// As [`Issuer::sd_jwt`], by an issuer who lets holders hide these claims.
    pub fn sd_jwt_hiding(
        &self,
        disclosable: &[&str],
        kind: CredentialType,
        document: &Value,
        holder: &PublicKey,
    ) -> String {
        let mut payload = sd_jwt_claims(kind, document);
        let entry = StatusEntry::from_credential_status(&document["credentialStatus"]).unwrap();
        payload["status"] = entry[0].to_token_status();
        let issue = sd_jwt::Issue {
            payload,
            disclosable,
            kid: Some(&self.kid("p256")),
            holder: Some(holder),
            decoys: 0,
        };
        sd_jwt::issue(&issue, &self.p256, &self.entropy).unwrap()
    }
}

/// A holder with one key, known as `did:key` and by the bare key.
pub struct Holder {
    pub signer: StoreSigner,
}

impl Holder {
    pub fn new(seed: u64) -> Self {
        Holder { signer: signer(KeyAlgorithm::EdDsa, seed) }
    }

    pub fn did(&self) -> Did {
        self.key().to_did_key()
    }

    pub fn key(&self) -> PublicKey {
        self.signer.public_key()
    }

    /// Shows everything of an SD-JWT.
    pub fn bind_all(&self, token: &str, audience: &str, nonce: &str, at: Moment) -> String {
        let parsed = sd_jwt::SdJwt::parse(token).unwrap();
        parsed.bind(audience, nonce, at, &[], &self.signer).unwrap()
    }

    /// Shows only these claims.
    pub fn bind(
        &self,
        token: &str,
        paths: &[Vec<Value>],
        audience: &str,
        nonce: &str,
        at: Moment,
    ) -> String {
        let parsed = sd_jwt::SdJwt::parse(token).unwrap().select(paths).unwrap();
        parsed.bind(audience, nonce, at, &[], &self.signer).unwrap()
    }

    pub fn ldp_vp(&self, credential: &Value, audience: &str, nonce: &str, at: Moment) -> Value {
        let options = ProofOptions {
            cryptosuite: Cryptosuite::EddsaRdfc2022,
            verification_method: self.key().did_key_url(),
            proof_purpose: ProofPurpose::Authentication,
            created: Some(at),
            expires: None,
            challenge: Some(nonce.to_owned()),
            domain: Some(audience.to_owned()),
        };
        presentation::secure(std::slice::from_ref(credential), &self.did(), &options, &self.signer)
            .unwrap()
    }

    pub fn jwt_vp(&self, credential: &str, audience: &str, nonce: &str, at: Moment) -> String {
        let credentials = [json!(credential)];
        jwt_vc::present(
            &jwt_vc::Presentation {
                credentials: &credentials,
                kid: &self.key().did_key_url(),
                audience,
                nonce,
                issued_at: at,
                lifetime_seconds: 300,
            },
            &self.signer,
        )
        .unwrap()
    }
}

/// A trust list that accredits one issuer for every type, badges only of the example's kind.
pub fn trust_list(issuer: &Did) -> Value {
    let others: Vec<&str> = CredentialType::ALL
        .into_iter()
        .filter(|kind| *kind != CredentialType::QualificationBadge)
        .map(CredentialType::type_name)
        .collect();
    let entry = |types: Value, kinds: Option<Value>| {
        let mut entry = json!({
            "issuer": issuer.as_str(), "name_ko": "가상 자격발급기관(시험용)",
            "name_en": "Fictitious issuer (test)", "types": types,
            "from": "2026-01-01T00:00:00Z", "authority": ["가상부처(시험용)"]
        });
        if let Some(kinds) = kinds {
            entry["kinds"] = kinds;
        }
        entry
    };
    json!({
        "version": 1, "issued": "2026-11-01T00:00:00Z", "expires": "2027-11-01T00:00:00Z",
        "operator": "did:web:ministry.example",
        "entries": [entry(json!(["KrQualificationBadge"]), Some(json!(["1320"]))), entry(json!(others), None)]
    })
}
