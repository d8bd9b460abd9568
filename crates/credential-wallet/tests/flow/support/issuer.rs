//! An issuer that speaks OID4VCI 1.0 strictly, and wickedly where a test says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use credential_model::ambient::{PredictableEntropy, random_token};
use credential_model::catalogue::{CredentialType, sd_jwt_claims};
use credential_model::did::{Did, DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{self, Cryptosuite, ProofOptions};
use credential_proofs::jwe::{self, ContentEncryption, EphemeralKey};
use credential_proofs::key_proof::{self, ExpectedKeyProof};
use credential_proofs::{jwt_vc, sd_jwt};
use openid4vc_messages::{CredentialRequest, Proofs};
use serde_json::{Value, json};
use signing_keys::danger::BareSigner;
use signing_keys::{Algorithm, PublicKey, Signer};
use web_fetch::{FetchRequest, FetchResponse};

use super::net::{Net, answer, form, header, json as json_answer};
use super::now;

pub(crate) const URL: &str = "https://issuer.test";
pub(crate) const SD_JWT: &str = "KrQualificationBadge.dc+sd-jwt";
pub(crate) const LDP: &str = "KrQualificationBadge.ldp_vc";
pub(crate) const JWT: &str = "KrQualificationBadge.jwt_vc_json";

/// What the issuer does wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wickedness {
    None,
    /// Binds to a key of its own.
    BindsToItself,
    /// Breaks the signature.
    BreaksSignature,
    /// Sends another format.
    SendsOtherFormat,
    /// Sends another type.
    SendsOtherType,
    /// Sends more credentials than keys.
    SendsTwo,
    /// Leaves `cnf` out.
    LeavesBindingOut,
    /// Signs with a key that is not the named issuer's.
    NamesOtherIssuer,
    /// Answers in clear although encryption was asked for.
    AnswersPlain,
    /// Refuses the first nonce as stale.
    StaleNonceOnce,
    /// Refuses every nonce.
    StaleNonceAlways,
    /// Refuses to issue.
    Denies,
    /// Puts an identity number where only `id` says so.
    HidesPassport,
}

pub(crate) struct Offer {
    pub(crate) tx_code: Option<String>,
    pub(crate) wrong_tries: u32,
    pub(crate) used: bool,
}

#[derive(Default)]
pub(crate) struct Books {
    pub(crate) offers: BTreeMap<String, Offer>,
    tokens: BTreeSet<String>,
    nonces: BTreeSet<String>,
    pub(crate) notifications: Vec<Value>,
    pub(crate) issued: u32,
    /// Thumbprints of the keys credentials were issued to.
    pub(crate) keys: Vec<String>,
    deferred: BTreeMap<String, (String, Vec<PublicKey>)>,
}

pub(crate) struct Issuer {
    pub(crate) signer: BareSigner,
    entropy: PredictableEntropy,
    pub(crate) books: Mutex<Books>,
    pub(crate) metadata: Mutex<Value>,
    pub(crate) server_metadata: Mutex<Value>,
    pub(crate) wickedness: Mutex<Wickedness>,
    pub(crate) defer: Mutex<bool>,
    encryption: EphemeralKey,
    host: Mutex<Option<Did>>,
    url: String,
    now: Moment,
}

impl Issuer {
    pub(crate) fn open(net: &Net) -> Arc<Self> {
        Self::open_at(net, URL, now())
    }

    /// An issuer under another address and at another time.
    pub(crate) fn open_at(net: &Net, url: &str, now: Moment) -> Arc<Self> {
        let issuer = Arc::new(Self {
            url: url.to_owned(),
            now,
            signer: BareSigner::from_bytes(Algorithm::EdDsa, &[3; 32]).unwrap(),
            entropy: PredictableEntropy::new(99),
            books: Mutex::default(),
            metadata: Mutex::new(metadata(url)),
            server_metadata: Mutex::new(json!({
                "issuer": url, "token_endpoint": format!("{url}/token"),
                "pre-authorized_grant_anonymous_access_supported": true,
            })),
            wickedness: Mutex::new(Wickedness::None),
            defer: Mutex::new(false),
            encryption: EphemeralKey::generate("issuer-key").unwrap(),
            host: Mutex::default(),
        });
        let handler = Arc::clone(&issuer);
        net.route(url, move |request| handler.handle(request));
        issuer
    }

    pub(crate) fn did(&self) -> Did {
        let host = self.host.lock().unwrap().clone();
        host.unwrap_or_else(|| self.signer.public_key().to_did_key())
    }

    fn method(&self) -> DidUrl {
        match self.host.lock().unwrap().as_ref() {
            Some(did) => did.with_fragment("key-1").unwrap(),
            None => self.signer.public_key().did_key_url(),
        }
    }

    /// Names itself by `did:web` on a host that is not up yet.
    pub(crate) fn lives_at_a_host(&self) {
        *self.host.lock().unwrap() = Some(Did::parse("did:web:did.issuer.test").unwrap());
    }

    /// The host serves its document.
    pub(crate) fn host_is_up(&self, net: &Net) {
        let (did, method) = (self.did(), self.method());
        let document = json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "verificationMethod": [{
                "id": method, "type": "Multikey", "controller": did,
                "publicKeyMultibase": self.signer.public_key().to_multikey(),
            }],
            "assertionMethod": [method],
        });
        net.route("https://did.issuer.test/", move |request| json_answer(request, 200, &document));
    }

    pub(crate) fn set(&self, wickedness: Wickedness) {
        *self.wickedness.lock().unwrap() = wickedness;
    }

    fn is(&self, wickedness: Wickedness) -> bool {
        *self.wickedness.lock().unwrap() == wickedness
    }

    /// A new offer, as a link by value.
    pub(crate) fn offer(&self, configurations: &[&str], tx_code: Option<&str>) -> String {
        let code = random_token(&self.entropy);
        let offer = Offer { tx_code: tx_code.map(str::to_owned), wrong_tries: 0, used: false };
        self.books.lock().unwrap().offers.insert(code.clone(), offer);
        let mut grant = json!({"pre-authorized_code": code});
        if tx_code.is_some() {
            grant["tx_code"] = json!({"input_mode": "numeric", "length": 6});
        }
        let offer = json!({
            "credential_issuer": self.url,
            "credential_configuration_ids": configurations,
            "grants": {"urn:ietf:params:oauth:grant-type:pre-authorized_code": grant},
        });
        link(&offer)
    }

    pub(crate) fn encrypts(&self) {
        self.metadata.lock().unwrap()["credential_request_encryption"] = json!({
            "jwks": {"keys": [self.encryption.public_jwk()]},
            "enc_values_supported": ["A256GCM"], "encryption_required": false,
        });
        self.metadata.lock().unwrap()["credential_response_encryption"] = json!({
            "alg_values_supported": ["ECDH-ES"], "enc_values_supported": ["A128GCM", "A256GCM"],
            "encryption_required": true,
        });
    }

    fn handle(&self, request: &FetchRequest) -> FetchResponse {
        match request.url.path() {
            "/.well-known/openid-credential-issuer" => {
                assert!(header(request, "accept").unwrap().contains("application/json"));
                json_answer(request, 200, &self.metadata.lock().unwrap())
            }
            "/.well-known/oauth-authorization-server" => {
                json_answer(request, 200, &self.server_metadata.lock().unwrap())
            }
            "/token" => self.token(request),
            "/nonce" => {
                assert!(request.body.is_empty());
                let nonce = random_token(&self.entropy);
                self.books.lock().unwrap().nonces.insert(nonce.clone());
                json_answer(request, 200, &json!({"c_nonce": nonce}))
            }
            "/credential" => self.credential(request),
            "/deferred" => self.deferred(request),
            "/notification" => {
                self.authorize(request);
                let body: Value = serde_json::from_slice(&request.body).unwrap();
                self.books.lock().unwrap().notifications.push(body);
                answer(request, 204, "", Vec::new())
            }
            _ => json_answer(request, 404, &json!({})),
        }
    }

    fn token(&self, request: &FetchRequest) -> FetchResponse {
        let error = |code: &str| json_answer(request, 400, &json!({"error": code}));
        let form = form(request);
        assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:pre-authorized_code");
        let mut books = self.books.lock().unwrap();
        let Some(offer) = books.offers.get_mut(&form["pre-authorized_code"]) else {
            return error("invalid_grant");
        };
        match (&offer.tx_code, form.get("tx_code")) {
            (None, Some(_)) | (Some(_), None) => return error("invalid_request"),
            (Some(wanted), Some(given)) if wanted != given => {
                offer.wrong_tries += 1;
                if offer.wrong_tries >= 5 {
                    offer.used = true;
                }
                return error("invalid_grant");
            }
            _ => {}
        }
        if offer.used {
            return error("invalid_grant");
        }
        offer.used = true;
        let token = random_token(&self.entropy);
        books.tokens.insert(token.clone());
        json_answer(
            request,
            200,
            &json!({"access_token": token, "token_type": "Bearer", "expires_in": 300}),
        )
    }

    fn authorize(&self, request: &FetchRequest) -> bool {
        let token = header(request, "authorization").unwrap_or_default();
        let token = token.strip_prefix("Bearer ").unwrap_or_default().to_owned();
        self.books.lock().unwrap().tokens.contains(&token)
    }

    /// The body, decrypted where it came encrypted.
    fn body(&self, request: &FetchRequest) -> Value {
        match header(request, "content-type").as_deref() {
            Some("application/json") => serde_json::from_slice(&request.body).unwrap(),
            Some("application/jwt") => {
                let token = std::str::from_utf8(&request.body).unwrap();
                serde_json::from_slice(&jwe::decrypt(token, &self.encryption).unwrap()).unwrap()
            }
            other => panic!("content type {other:?}"),
        }
    }

    fn credential(&self, request: &FetchRequest) -> FetchResponse {
        let error = |code: &str| json_answer(request, 400, &json!({"error": code}));
        if !self.authorize(request) {
            return json_answer(request, 401, &json!({"error": "invalid_token"}));
        }
        let body = self.body(request);
        let parsed = CredentialRequest::parse(&body).expect("a request to the letter");
        let id = parsed.credential_configuration_id.clone().expect("no identifiers were given out");
        if self.is(Wickedness::Denies) {
            return error("credential_request_denied");
        }
        let Some(Proofs::Jwt(proofs)) = &parsed.proofs else { return error("invalid_proof") };
        let mut keys = Vec::new();
        let mut nonce_used = BTreeSet::new();
        for proof in proofs {
            let expected = ExpectedKeyProof {
                audience: &self.url,
                now: self.now,
                max_age_seconds: 300,
                client_id: None,
            };
            let resolve = |kid: &DidUrl| PublicKey::from_did(&kid.did()).ok();
            let claims = key_proof::verify(proof, &expected, &resolve).expect("a sound key proof");
            nonce_used.insert(claims.nonce.expect("the issuer has a nonce endpoint"));
            keys.push((claims.key, claims.kid));
        }
        for nonce in nonce_used {
            if !self.books.lock().unwrap().nonces.remove(&nonce) {
                return error("invalid_nonce");
            }
        }
        if self.is(Wickedness::StaleNonceAlways) {
            return error("invalid_nonce");
        }
        if self.is(Wickedness::StaleNonceOnce) {
            self.set(Wickedness::None);
            return error("invalid_nonce");
        }
        let keys: Vec<PublicKey> = keys.into_iter().map(|(key, _)| key).collect();
        if *self.defer.lock().unwrap() {
            let transaction = random_token(&self.entropy);
            self.books.lock().unwrap().deferred.insert(transaction.clone(), (id, keys));
            return json_answer(
                request,
                202,
                &json!({"transaction_id": transaction, "interval": 60}),
            );
        }
        self.deliver(
            request,
            &parsed.credential_response_encryption.map(|one| (one.jwk, one.enc)),
            &id,
            &keys,
        )
    }

    fn deferred(&self, request: &FetchRequest) -> FetchResponse {
        assert!(self.authorize(request));
        let body = self.body(request);
        let transaction = body["transaction_id"].as_str().unwrap().to_owned();
        if *self.defer.lock().unwrap() {
            return json_answer(
                request,
                202,
                &json!({"transaction_id": transaction, "interval": 60}),
            );
        }
        let waiting = self.books.lock().unwrap().deferred.remove(&transaction);
        let Some((id, keys)) = waiting else {
            return json_answer(request, 400, &json!({"error": "invalid_transaction_id"}));
        };
        let encryption = body.get("credential_response_encryption");
        let encryption =
            encryption.map(|one| (one["jwk"].clone(), one["enc"].as_str().unwrap().to_owned()));
        self.deliver(request, &encryption, &id, &keys)
    }

    fn deliver(
        &self,
        request: &FetchRequest,
        encryption: &Option<(Value, String)>,
        id: &str,
        keys: &[PublicKey],
    ) -> FetchResponse {
        let mut credentials: Vec<Value> =
            keys.iter().map(|key| json!({"credential": self.sign(id, key)})).collect();
        if self.is(Wickedness::SendsTwo) {
            credentials.push(credentials[0].clone());
        }
        {
            let mut books = self.books.lock().unwrap();
            books.issued += u32::try_from(keys.len()).unwrap();
            books.keys.extend(keys.iter().map(PublicKey::thumbprint));
        }
        let body = json!({"credentials": credentials, "notification_id": "note-1"});
        match encryption {
            Some((jwk, enc)) if !self.is(Wickedness::AnswersPlain) => {
                let enc = ContentEncryption::parse(enc).unwrap();
                let token = jwe::encrypt(body.to_string().as_bytes(), jwk, enc).unwrap();
                answer(request, 200, "application/jwt", token)
            }
            _ => json_answer(request, 200, &body),
        }
    }

    /// The badge of the catalogue's example, issued to this key.
    fn sign(&self, id: &str, holder: &PublicKey) -> Value {
        let own = self.signer.public_key();
        let holder = if self.is(Wickedness::BindsToItself) { &own } else { holder };
        let id = if self.is(Wickedness::SendsOtherFormat) && id == SD_JWT { JWT } else { id };
        let kind = if self.is(Wickedness::SendsOtherType) {
            CredentialType::TrainingHistory
        } else {
            CredentialType::QualificationBadge
        };
        let mut document = kind.example();
        let issuer = if self.is(Wickedness::NamesOtherIssuer) {
            BareSigner::from_bytes(Algorithm::EdDsa, &[9; 32]).unwrap().public_key().to_did_key()
        } else {
            self.did()
        };
        document["issuer"]["id"] = json!(issuer);
        document["validFrom"] = json!(self.now.minus_seconds(20 * 86_400));
        document["validUntil"] = json!(self.now.plus_seconds(340 * 86_400));
        document["credentialSubject"]["id"] = json!(holder.to_did_key());
        if let Some(members) = document.as_object_mut() {
            members.remove("credentialStatus");
            members.remove("proof");
        }
        let text = match id {
            SD_JWT => {
                let mut payload = sd_jwt_claims(kind, &document);
                payload["iss"] = json!(issuer);
                let mut disclosable = kind.disclosable().to_vec();
                if self.is(Wickedness::HidesPassport) {
                    payload["papers"] = json!({"passport": {"type": "P", "id": "M00000000"}});
                    disclosable.push("papers");
                }
                let issue = sd_jwt::Issue {
                    payload,
                    disclosable: &disclosable,
                    kid: Some(&self.method()),
                    holder: (!self.is(Wickedness::LeavesBindingOut)).then_some(holder),
                    decoys: 0,
                };
                sd_jwt::issue(&issue, &self.signer, &self.entropy).unwrap()
            }
            JWT => jwt_vc::issue(&document, &self.method(), &self.signer).unwrap(),
            _ => {
                let options = ProofOptions {
                    cryptosuite: Cryptosuite::EddsaRdfc2022,
                    verification_method: self.method(),
                    proof_purpose: ProofPurpose::AssertionMethod,
                    created: Some(self.now),
                    expires: None,
                    challenge: None,
                    domain: None,
                };
                let mut secured =
                    data_integrity::secure(&document, &options, &self.signer).unwrap();
                if self.is(Wickedness::BreaksSignature) {
                    secured["validUntil"] = json!("2030-11-01T00:00:00Z");
                }
                return secured;
            }
        };
        if self.is(Wickedness::BreaksSignature) {
            let (jws, rest) =
                text.split_once('~').map_or((text.as_str(), ""), |(jws, rest)| (jws, rest));
            let mut parts: Vec<String> = jws.split('.').map(str::to_owned).collect();
            // Another signature of the same length.
            parts[2] = parts[2].chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
            return json!(
                format!("{}~{rest}", parts.join("."))
                    .trim_end_matches(|c| rest.is_empty() && c == '~')
            );
        }
        json!(text)
    }
}

/// The deep link of an offer.
pub(crate) fn link(offer: &Value) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("credential_offer", &offer.to_string())
        .finish();
    format!("openid-credential-offer://?{}", query.replace('+', "%20"))
}

fn metadata(url: &str) -> Value {
    let kind = CredentialType::QualificationBadge;
    let proofs = json!({"jwt": {"proof_signing_alg_values_supported": ["ES256", "EdDSA"]}});
    let shown = json!({
        "display": [
            {"name": "국가자격 디지털배지", "locale": "ko-KR"},
            {"name": "National qualification badge", "locale": "en"},
        ],
        "claims": [{"path": ["person", "name"], "display": [{"name": "성명", "locale": "ko"}, {"name": "Name", "locale": "en"}]}],
    });
    let w3c = json!({"@context": kind.contexts(), "type": kind.type_array()});
    json!({
        "credential_issuer": url,
        "credential_endpoint": format!("{url}/credential"),
        "nonce_endpoint": format!("{url}/nonce"),
        "deferred_credential_endpoint": format!("{url}/deferred"),
        "notification_endpoint": format!("{url}/notification"),
        "batch_credential_issuance": {"batch_size": 5},
        "display": [
            {"name": "한국산업인력공단(가상)", "locale": "ko-KR"},
            {"name": "HRD Korea (fictitious)", "locale": "en"},
        ],
        "credential_configurations_supported": {
            SD_JWT: {
                "format": "dc+sd-jwt", "vct": kind.vct(), "proof_types_supported": proofs,
                "cryptographic_binding_methods_supported": ["jwk"], "credential_metadata": shown,
            },
            LDP: {
                "format": "ldp_vc", "credential_definition": w3c, "proof_types_supported": proofs,
                "cryptographic_binding_methods_supported": ["did:key", "did:jwk"], "credential_metadata": shown,
            },
            JWT: {
                "format": "jwt_vc_json", "credential_definition": {"type": kind.type_array()},
                "proof_types_supported": proofs,
                "cryptographic_binding_methods_supported": ["did:key"], "credential_metadata": shown,
            },
        },
    })
}
