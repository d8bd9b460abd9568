//! Making a request: the session, its link and the claims of its request object.
use credential_model::{
    ambient::{Entropy, random_id, random_token},
    did::DidUrl,
    moment::Moment,
};
use openid4vc_messages::{
    ClientId, REQUEST_OBJECT_AUDIENCE, RequestSource, RequestUri, RequestUriMethod, ResponseMode,
    dcql::DcqlQuery,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::{AskedPresentation, KEEP_SECONDS, SESSION_SECONDS, SessionRecord, Stage};
use crate::{domain::DomainRequest, query_guard, report::Words};

/// How the verifier names itself (client identifier prefix of OID4VP 1.0 section 5.9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// Signed, `kid` in the verifier's DID document.
    DecentralizedIdentifier,
    /// Signed, certificate in `x5c`.
    X509Hash,
    /// Unsigned, for development: the parameters stand in the link.
    RedirectUri,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientIdentity {
    /// The prefix in use.
    pub scheme: Scheme,
    /// The full client identifier; ignored for [`Scheme::RedirectUri`], where it is the
    /// response URI.
    pub client_id: String,
    /// The verifier's name.
    pub name: Words,
    /// How the request object names its key.
    pub key: RequestKeyName,
}

/// How a request object names its key.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestKeyName {
    /// DID URL in `kid`.
    Kid(DidUrl),
    /// DER certificates in `x5c`, leaf first.
    X5c(Vec<Vec<u8>>),
    /// Unsigned.
    None,
}

/// What an asker wants.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRequest {
    /// DCQL query.
    pub query: Value,
    /// Why, in both languages.
    pub purpose: Words,
    /// Template it comes from.
    pub template: Option<String>,
    /// Wallet and browser on one device.
    pub same_device: bool,
    /// `direct_post` or `direct_post.jwt`.
    pub response_mode: ResponseMode,
    /// Private and public half of the key for the encrypted response.
    pub encryption: Option<(Value, Value)>,
    /// Inputs of a domain check.
    pub domain: Option<Value>,
    /// The wallet is asked to POST for the request object.
    pub post: bool,
}

/// Why a request was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NewRequestError {
    /// The DCQL query is malformed.
    #[error("the query is malformed: {0}")]
    Query(String),
    /// The query asks for a number that nobody may ask for.
    #[error("the request asks for a number that may not be asked for: {0}")]
    ForbiddenClaim(String),
    /// The purpose is missing in one of the languages, or too long.
    #[error("a purpose of 1 to 300 characters is needed in Korean and in English")]
    Purpose,
    /// The inputs of the domain check are malformed.
    #[error("{0}")]
    Context(String),
    /// Neither direct_post nor direct_post.jwt, or no key for the encrypted form.
    #[error("the response mode must be direct_post or direct_post.jwt")]
    ResponseMode,
    /// The service's own address or name is no URL or client identifier.
    #[error("the verifier's own settings do not make a request: {0}")]
    Settings(String),
}

impl NewRequestError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            NewRequestError::Query(_) => "invalid_query",
            NewRequestError::ForbiddenClaim(_) => "forbidden_claim",
            NewRequestError::Purpose => "purpose_missing",
            NewRequestError::Context(_) => "invalid_context",
            NewRequestError::ResponseMode => "invalid_response_mode",
            NewRequestError::Settings(_) => "verifier_settings",
        }
    }
}

impl SessionRecord {
    /// Makes a session. `base` is the public URL of the service.
    ///
    /// # Errors
    /// [`NewRequestError`].
    pub fn new(
        request: NewRequest,
        identity: &ClientIdentity,
        base: &Url,
        now: Moment,
        entropy: &dyn Entropy,
    ) -> Result<Self, NewRequestError> {
        DcqlQuery::parse(&request.query).map_err(|e| NewRequestError::Query(e.detail))?;
        query_guard::check(&request.query, &request.purpose)
            .map_err(NewRequestError::ForbiddenClaim)?;
        let spoken = |text: &str| (1..=300).contains(&text.trim().chars().count());
        if !spoken(&request.purpose.ko) || !spoken(&request.purpose.en) {
            return Err(NewRequestError::Purpose);
        }
        if let Some(domain) = &request.domain {
            DomainRequest::from_value(domain)
                .map_err(|error| NewRequestError::Context(error.to_string()))?;
        }
        let encrypted = request.response_mode == ResponseMode::DirectPostJwt;
        if !request.response_mode.is_direct_post() || encrypted != request.encryption.is_some() {
            return Err(NewRequestError::ResponseMode);
        }
        let public_id = random_id(entropy);
        let response_uri = base
            .join(&format!("response/{public_id}"))
            .map_err(|error| NewRequestError::Settings(error.to_string()))?
            .to_string();
        let client_id = match identity.scheme {
            Scheme::RedirectUri => format!("redirect_uri:{response_uri}"),
            _ => identity.client_id.clone(),
        };
        ClientId::parse(&client_id).map_err(|e| NewRequestError::Settings(e.detail))?;
        Ok(SessionRecord {
            v: 1,
            id: random_id(entropy),
            public_id,
            revision: 0,
            created: now,
            expires: now.plus_seconds(SESSION_SECONDS),
            forget_after: now.plus_seconds(KEEP_SECONDS),
            asked: AskedPresentation {
                client_id,
                response_uri,
                response_mode: request.response_mode.as_str().to_owned(),
                nonce: random_token(entropy),
                state: random_id(entropy),
                query: request.query,
                purpose: request.purpose,
                template: request.template,
                same_device: request.same_device,
                match_code: two_digits(entropy),
                by_reference: identity.scheme != Scheme::RedirectUri,
                encryption_key: request.encryption.as_ref().map(|(private, _)| private.clone()),
                encryption_jwk: request.encryption.map(|(_, public)| public),
                domain: request.domain,
                post: request.post,
            },
            browser: None,
            desk: false,
            stage: Stage::Requested {},
        })
    }

    /// The claims of the request object; `wallet_nonce` is echoed after a POST.
    pub fn request_claims(&self, name: &Words, wallet_nonce: Option<&str>, now: Moment) -> Value {
        let asked = &self.asked;
        let mut claims = json!({
            "iss": asked.client_id,
            "aud": REQUEST_OBJECT_AUDIENCE,
            "response_type": "vp_token",
            "client_id": asked.client_id,
            "response_mode": asked.response_mode,
            "response_uri": asked.response_uri,
            "nonce": asked.nonce,
            "state": asked.state,
            "dcql_query": asked.query,
            "client_metadata": self.client_metadata(name),
            "purpose": asked.purpose.ko,
            "purpose#ko": asked.purpose.ko,
            "purpose#en": asked.purpose.en,
            "match_code": asked.match_code,
            "iat": now.unix(),
            "exp": self.expires.unix(),
        });
        if let (Some(nonce), Some(members)) = (wallet_nonce, claims.as_object_mut()) {
            members.insert("wallet_nonce".to_owned(), Value::from(nonce));
        }
        claims
    }

    fn client_metadata(&self, name: &Words) -> Value {
        const ALGORITHMS: [&str; 3] = ["EdDSA", "ES256", "ES384"];
        let mut metadata = json!({
            "client_name": name.ko,
            "client_name#ko": name.ko,
            "client_name#en": name.en,
            "vp_formats_supported": {
                "dc+sd-jwt": {"sd-jwt_alg_values": ALGORITHMS, "kb-jwt_alg_values": ALGORITHMS},
                "jwt_vc_json": {"alg_values": ALGORITHMS},
                "ldp_vc": {
                    "proof_type_values": ["DataIntegrityProof"],
                    "cryptosuite_values": [
                        "eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"
                    ]
                }
            }
        });
        if let (Some(jwk), Some(members)) = (&self.asked.encryption_jwk, metadata.as_object_mut()) {
            members.insert("jwks".to_owned(), json!({"keys": [jwk]}));
            members.insert(
                "encrypted_response_enc_values_supported".to_owned(),
                json!(["A256GCM", "A128GCM"]),
            );
        }
        metadata
    }

    /// The link for QR code and button.
    ///
    /// # Errors
    /// [`NewRequestError::Settings`] when the base URL is not usable.
    pub fn deep_link(&self, name: &Words, base: &Url) -> Result<String, NewRequestError> {
        let settings = |error: String| NewRequestError::Settings(error);
        let client_id = ClientId::parse(&self.asked.client_id).map_err(|e| settings(e.detail))?;
        if !self.asked.by_reference {
            return Ok(self.link_with_parameters(name));
        }
        let request_uri = self.request_uri(base)?;
        let method = if self.asked.post { RequestUriMethod::Post } else { RequestUriMethod::Get };
        let source = RequestSource::ByReference { request_uri, method };
        Ok(RequestUri { client_id, source }.to_uri())
    }

    /// Where the request object is.
    ///
    /// # Errors
    /// [`NewRequestError::Settings`] when the base URL is not usable.
    pub fn request_uri(&self, base: &Url) -> Result<Url, NewRequestError> {
        base.join(&format!("request/{}", self.public_id))
            .map_err(|error| NewRequestError::Settings(error.to_string()))
    }

    /// Unsigned requests carry their parameters themselves.
    fn link_with_parameters(&self, name: &Words) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("client_id", &self.asked.client_id)
            .append_pair("response_type", "vp_token")
            .append_pair("response_mode", &self.asked.response_mode)
            .append_pair("response_uri", &self.asked.response_uri)
            .append_pair("nonce", &self.asked.nonce)
            .append_pair("state", &self.asked.state)
            .append_pair("dcql_query", &self.asked.query.to_string())
            .append_pair("client_metadata", &self.client_metadata(name).to_string());
        format!("openid4vp://?{}", query.finish().replace('+', "%20"))
    }
}

/// Two digits; a byte above 199 is thrown again so that each pair is as likely.
fn two_digits(entropy: &dyn Entropy) -> String {
    for _ in 0..64 {
        let mut byte = [0_u8];
        entropy.fill(&mut byte);
        if byte[0] < 200 {
            return format!("{:02}", byte[0] % 100);
        }
    }
    "00".to_owned()
}
