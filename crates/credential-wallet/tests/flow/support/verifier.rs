//! A verifier that speaks OID4VP 1.0 strictly, and asks wickedly where a test says so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use credential_model::ambient::{PredictableEntropy, random_token};
use credential_model::did::DidUrl;
use credential_model::moment::Moment;
use credential_proofs::jwe::{self, EphemeralKey};
use credential_proofs::request_object::{self, RequestKey};
use openid4vc_messages::DirectPostForm;
use serde_json::{Value, json};
use signing_keys::danger::BareSigner;
use signing_keys::{Algorithm, Signer};
use web_fetch::{FetchRequest, FetchResponse};

use super::certificates;
use super::net::{Net, answer, form, json as json_answer};
use super::now;

pub(crate) const URL: &str = "https://verifier.test";

/// How the verifier is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Name {
    Did,
    X509Hash,
    X509SanDns,
    RedirectUri,
    /// Anything, signed by the DID's key.
    Odd(String),
}

pub(crate) struct Verifier {
    pub(crate) signer: BareSigner,
    pub(crate) chain: Mutex<Vec<Vec<u8>>>,
    certified: BareSigner,
    pub(crate) key: EphemeralKey,
    entropy: PredictableEntropy,
    requests: Mutex<BTreeMap<String, Value>>,
    pub(crate) forms: Mutex<Vec<BTreeMap<String, String>>>,
    pub(crate) answer: Mutex<(u16, Value)>,
    /// Replaces the signed request object where set.
    pub(crate) forged: Mutex<Option<String>>,
    pub(crate) media_type: Mutex<String>,
    pub(crate) echo_nonce: Mutex<bool>,
    url: String,
    now: Moment,
}

impl Verifier {
    pub(crate) fn open(net: &Net) -> Arc<Self> {
        Self::open_at(net, URL, now())
    }

    /// A verifier under another address and at another time.
    pub(crate) fn open_at(net: &Net, url: &str, now: Moment) -> Arc<Self> {
        let certified = certificates::signer(2);
        let recipe = certificates::Recipe::default();
        let leaf = certificates::certificate(&recipe, &certified, &certificates::signer(1));
        let verifier = Arc::new(Self {
            signer: BareSigner::from_bytes(Algorithm::EdDsa, &[5; 32]).unwrap(),
            chain: Mutex::new(vec![leaf]),
            certified,
            key: EphemeralKey::generate("verifier-key").unwrap(),
            entropy: PredictableEntropy::new(55),
            requests: Mutex::default(),
            forms: Mutex::default(),
            answer: Mutex::new((
                200,
                json!({"redirect_uri": format!("{url}/done#response_code=1")}),
            )),
            forged: Mutex::default(),
            media_type: Mutex::new("application/oauth-authz-req+jwt".to_owned()),
            echo_nonce: Mutex::new(true),
            url: url.to_owned(),
            now,
        });
        for path in ["/request/", "/response"] {
            let handler = Arc::clone(&verifier);
            net.route(&format!("{url}{path}"), move |request| handler.handle(request));
        }
        verifier
    }

    pub(crate) fn client_id(&self, name: &Name) -> String {
        match name {
            Name::Did => {
                format!("decentralized_identifier:{}", self.signer.public_key().to_did_key())
            }
            Name::X509Hash => {
                let leaf = self.chain.lock().unwrap()[0].clone();
                let hash = credential_wallet::x509::Certificate::from_der(&leaf).unwrap().hash();
                format!("x509_hash:{hash}")
            }
            Name::X509SanDns => "x509_san_dns:verifier.test".to_owned(),
            Name::RedirectUri => format!("redirect_uri:{}/response", self.url),
            Name::Odd(text) => text.clone(),
        }
    }

    /// The claims of an ordinary request for the name and date of a badge.
    pub(crate) fn claims(&self, name: &Name) -> Value {
        json!({
            "response_type": "vp_token",
            "client_id": self.client_id(name),
            "response_mode": "direct_post",
            "response_uri": format!("{}/response", self.url),
            "nonce": random_token(&self.entropy),
            "state": "state-1",
            "dcql_query": badge_query("dc+sd-jwt"),
            "client_metadata": {
                "client_name": "에스에이치소프트(가상)", "client_name#en": "SH Soft (fictitious)",
                "vp_formats_supported": {
                    "dc+sd-jwt": {"sd-jwt_alg_values": ["EdDSA", "ES256"], "kb-jwt_alg_values": ["ES256", "EdDSA"]},
                    "ldp_vc": {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": ["eddsa-rdfc-2022"]},
                    "jwt_vc_json": {"alg_values": ["EdDSA", "ES256"]},
                },
            },
            "purpose": "채용 자격 확인", "purpose#ko": "채용 자격 확인", "purpose#en": "Checking a qualification for a post",
            "match_code": "42",
            "iat": self.now.unix(),
            "exp": self.now.plus_seconds(300).unix(),
        })
    }

    /// Asks for encryption of the answer.
    pub(crate) fn encrypted(&self, mut claims: Value) -> Value {
        claims["response_mode"] = json!("direct_post.jwt");
        claims["client_metadata"]["jwks"] = json!({"keys": [self.key.public_jwk()]});
        claims["client_metadata"]["encrypted_response_enc_values_supported"] = json!(["A256GCM"]);
        claims
    }

    /// Puts a request up and gives its link.
    pub(crate) fn link(&self, name: &Name, claims: &Value, post: bool) -> String {
        let id = random_token(&self.entropy);
        self.requests.lock().unwrap().insert(format!("/request/{id}"), claims.clone());
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", &self.client_id(name));
        query.append_pair("request_uri", &format!("{}/request/{id}", self.url));
        if post {
            query.append_pair("request_uri_method", "post");
        }
        format!("openid4vp://?{}", query.finish())
    }

    /// A whole request in the link's parameters (`redirect_uri` prefix).
    pub(crate) fn link_with_parameters(&self, claims: &Value) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in claims.as_object().unwrap() {
            match value {
                Value::String(text) => query.append_pair(name, text),
                Value::Number(_) => &mut query,
                other => query.append_pair(name, &other.to_string()),
            };
        }
        format!("openid4vp://?{}", query.finish().replace('+', "%20"))
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let id = claims["client_id"].as_str().unwrap_or_default();
        if id.starts_with("x509") {
            let chain = self.chain.lock().unwrap();
            return request_object::sign(claims, RequestKey::X5c(&chain), &self.certified).unwrap();
        }
        let kid: DidUrl = self.signer.public_key().did_key_url();
        request_object::sign(claims, RequestKey::Kid(&kid), &self.signer).unwrap()
    }

    /// What came to the response address, opened.
    pub(crate) fn last(&self) -> BTreeMap<String, String> {
        self.forms.lock().unwrap().last().expect("something was posted").clone()
    }

    /// The VP Token of the last answer.
    pub(crate) fn vp_token(&self) -> Value {
        let form = self.last();
        if let Some(token) = form.get("response") {
            let payload = jwe::decrypt(token, &self.key).unwrap();
            let payload: Value = serde_json::from_slice(&payload).unwrap();
            assert_eq!(payload["state"], "state-1");
            return payload["vp_token"].clone();
        }
        assert_eq!(form.get("state").map(String::as_str), Some("state-1"));
        serde_json::from_str(&form["vp_token"]).unwrap()
    }

    fn handle(&self, request: &FetchRequest) -> FetchResponse {
        let path = request.url.path();
        if path == "/response" {
            let fields = form(request);
            let body = serde_urlencoded(&fields);
            DirectPostForm::from_form(body.as_bytes()).expect("a form to the letter");
            self.forms.lock().unwrap().push(fields);
            let (status, body) = self.answer.lock().unwrap().clone();
            return json_answer(request, status, &body);
        }
        // One fetch only.
        let claims = self.requests.lock().unwrap().remove(path);
        let Some(mut claims) = claims else { return answer(request, 404, "text/plain", "gone") };
        if request.method == web_fetch::Method::Post {
            let fields = form(request);
            assert!(fields.contains_key("wallet_metadata"));
            if *self.echo_nonce.lock().unwrap() {
                claims["wallet_nonce"] = json!(fields["wallet_nonce"]);
            }
        }
        let forged = self.forged.lock().unwrap().clone();
        let token = forged.unwrap_or_else(|| self.sign(&claims));
        let kind = self.media_type.lock().unwrap().clone();
        answer(request, 200, &kind, token)
    }
}

fn serde_urlencoded(fields: &BTreeMap<String, String>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Name and award date of a badge, in one format.
pub(crate) fn badge_query(format: &str) -> Value {
    let kind = credential_model::catalogue::CredentialType::QualificationBadge;
    let (meta, claims) = if format == "dc+sd-jwt" {
        (
            json!({"vct_values": [kind.vct()]}),
            json!([{"path": ["person", "name"]}, {"path": ["awardedDate"]}]),
        )
    } else {
        (
            json!({"type_values": [[format!("https://sinpyo.example/vocab#{}", kind.type_name())]]}),
            json!([{"path": ["credentialSubject", "person", "name"]}, {"path": ["awardedDate"]}]),
        )
    };
    json!({"credentials": [{"id": "badge", "format": format, "meta": meta, "claims": claims}]})
}
