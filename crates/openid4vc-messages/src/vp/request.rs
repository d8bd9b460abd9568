//! Authorization Request: the parameters, wherever they came from.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use crate::dcql::DcqlQuery;
use crate::error::{ErrorCode, MessageError};
use crate::form::Form;
use crate::links::web_url;
use crate::vp::client_id::{ClientId, ClientIdPrefix};
use crate::vp::client_metadata::ClientMetadata;
use crate::vp::transaction_data::TransactionData;

/// The only response type we speak.
pub const RESPONSE_TYPE_VP_TOKEN: &str = "vp_token";
/// `typ` of a signed request object (RFC 9101).
pub const REQUEST_OBJECT_TYP: &str = "oauth-authz-req+jwt";
/// `aud` of a request object when the wallet is found by its scheme (OID4VP 1.0 §5.8).
pub const REQUEST_OBJECT_AUDIENCE: &str = "https://self-issued.me/v2";

/// 128 bits in base64url are 22 characters: a shorter nonce cannot be fresh enough.
const MIN_NONCE: usize = 22;
const MAX_NONCE: usize = 1024;

/// How the response travels
/// ([OID4VP 1.0 §5.6](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-5.6), §8.2, Appendix A).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ResponseMode {
    /// Form POST to `response_uri`.
    #[serde(rename = "direct_post")]
    DirectPost,
    /// The same, encrypted.
    #[serde(rename = "direct_post.jwt")]
    DirectPostJwt,
    /// Fragment of the redirect URI.
    #[serde(rename = "fragment")]
    Fragment,
    /// Digital Credentials API.
    #[serde(rename = "dc_api")]
    DcApi,
    /// Digital Credentials API, encrypted.
    #[serde(rename = "dc_api.jwt")]
    DcApiJwt,
}

impl ResponseMode {
    /// The value on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DirectPost => "direct_post",
            Self::DirectPostJwt => "direct_post.jwt",
            Self::Fragment => "fragment",
            Self::DcApi => "dc_api",
            Self::DcApiJwt => "dc_api.jwt",
        }
    }

    /// Reads a wire value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::DirectPost, Self::DirectPostJwt, Self::Fragment, Self::DcApi, Self::DcApiJwt]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }

    /// Whether the response goes to `response_uri`.
    #[must_use]
    pub const fn is_direct_post(self) -> bool {
        matches!(self, Self::DirectPost | Self::DirectPostJwt)
    }

    /// Whether the response is a JWE.
    #[must_use]
    pub const fn is_encrypted(self) -> bool {
        matches!(self, Self::DirectPostJwt | Self::DcApiJwt)
    }
}

/// Authorization Request parameters / claims of a Request Object
/// ([OID4VP 1.0 §5.1](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-5.1), §5.2).
/// Only what stands in the Request Object counts (§5.7): never merge it with the link's
/// parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Must be `vp_token`.
    pub response_type: String,
    /// Who asks.
    pub client_id: ClientId,
    /// How to answer.
    pub response_mode: ResponseMode,
    /// Where to POST the answer (direct_post modes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_uri: Option<String>,
    /// Where to redirect (other modes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// Challenge, at least 128 bits, URL-safe.
    pub nonce: String,
    /// Echoed in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What is asked; exactly one of this and `scope`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dcql_query: Option<DcqlQuery>,
    /// A pre-agreed query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The verifier's keys and formats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_metadata: Option<ClientMetadata>,
    /// base64url JSON objects the holder is asked to authorize.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_data: Option<Vec<String>>,
    /// Attestations about the verifier; passed through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifier_info: Option<Vec<Value>>,
    /// Request object audience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// Request object issue time, Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Request object expiry, Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Echo of the wallet's nonce after a POST to `request_uri`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet_nonce: Option<String>,
    /// Digital Credentials API, signed requests: the verifier's origins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_origins: Option<Vec<String>>,
}

impl AuthorizationRequest {
    /// Reads and validates the claims of a request object.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_transaction_data` (shape only; see
    /// [`AuthorizationRequest::transactions`] for known types).
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        let object = json.as_object().ok_or_else(|| refuse("the request is not a JSON object"))?;
        for (draft, instead) in [
            ("presentation_definition", "dcql_query"),
            ("presentation_definition_uri", "dcql_query"),
            ("client_id_scheme", "a prefix in client_id"),
        ] {
            if object.contains_key(draft) {
                return Err(refuse(format!("{draft} belongs to a draft: use {instead}")));
            }
        }
        if object.contains_key("request_uri") || object.contains_key("request") {
            return Err(refuse("a request object must not carry request or request_uri"));
        }
        // Named before serde sees it, so that a missing nonce gets its own sentence and
        // an unknown mode is not reported as malformed JSON.
        for required in ["response_type", "client_id", "response_mode", "nonce"] {
            match object.get(required) {
                Some(Value::String(text)) if !text.is_empty() => {}
                Some(Value::String(_)) => return Err(refuse(format!("{required} is empty"))),
                Some(_) => return Err(refuse(format!("{required} is not a string"))),
                None => return Err(refuse(format!("{required} is missing"))),
            }
        }
        if object.get("client_metadata").is_some_and(|m| !m.is_object()) {
            return Err(refuse("client_metadata is not an object"));
        }
        if let Some(query) = object.get("dcql_query") {
            DcqlQuery::parse(query)?;
        }
        let request: Self = serde_json::from_value(json.clone())
            .map_err(|e| refuse(format!("the authorization request is malformed: {e}")))?;
        request.validate()?;
        Ok(request)
    }

    /// Reads an unsigned request from query parameters (`redirect_uri` prefix only).
    pub(crate) fn from_form(mut form: Form) -> Result<Self, MessageError> {
        let mut object = Map::new();
        for name in [
            "response_type",
            "client_id",
            "response_mode",
            "response_uri",
            "redirect_uri",
            "nonce",
            "state",
            "scope",
        ] {
            if let Some(text) = form.take(name) {
                object.insert(name.to_owned(), Value::String(text));
            }
        }
        for name in ["dcql_query", "client_metadata", "transaction_data"] {
            if let Some(text) = form.take(name) {
                let json = serde_json::from_str(&text)
                    .map_err(|_| refuse(format!("{name} is not JSON")))?;
                object.insert(name.to_owned(), json);
            }
        }
        Self::parse(&Value::Object(object))
    }

    /// Checks the rules between parameters.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_transaction_data`.
    pub fn validate(&self) -> Result<(), MessageError> {
        if self.response_type != RESPONSE_TYPE_VP_TOKEN {
            return Err(refuse("response_type is not vp_token"));
        }
        let url_safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
        if !(MIN_NONCE..=MAX_NONCE).contains(&self.nonce.len()) || !self.nonce.bytes().all(url_safe)
        {
            return Err(refuse("nonce is too short for 128 bits, too long, or not URL-safe"));
        }
        match (&self.dcql_query, &self.scope) {
            (Some(query), None) => query.validate()?,
            (None, Some(_)) => {}
            (Some(_), Some(_)) => return Err(refuse("dcql_query and scope exclude each other")),
            (None, None) => return Err(refuse("dcql_query or scope is missing")),
        }
        self.validate_destination()?;
        if self.response_mode.is_encrypted()
            && self.client_metadata.as_ref().is_none_or(|m| m.jwks.is_none())
        {
            return Err(refuse("an encrypted response mode needs client_metadata.jwks"));
        }
        match &self.transaction_data {
            Some(list) if list.is_empty() || list.len() > 16 => Err(MessageError::new(
                ErrorCode::InvalidTransactionData,
                "transaction_data is empty or has too many entries",
            )),
            _ => self.transactions().map(drop),
        }
    }

    fn validate_destination(&self) -> Result<(), MessageError> {
        let as_request = |e: MessageError| e.with_code(ErrorCode::InvalidRequest);
        if self.response_mode.is_direct_post() {
            if self.redirect_uri.is_some() {
                return Err(refuse("redirect_uri must not stand in a direct_post request"));
            }
            let uri =
                self.response_uri.as_ref().ok_or_else(|| refuse("response_uri is missing"))?;
            let url = web_url(uri, "response_uri").map_err(as_request)?;
            self.check_owner(uri, &url)
        } else if matches!(self.response_mode, ResponseMode::Fragment) {
            if self.response_uri.is_some() {
                return Err(refuse("response_uri belongs to the direct_post modes"));
            }
            let uri =
                self.redirect_uri.as_ref().ok_or_else(|| refuse("redirect_uri is missing"))?;
            let url = web_url(uri, "redirect_uri").map_err(as_request)?;
            self.check_owner(uri, &url)
        } else if self.response_uri.is_some() || self.redirect_uri.is_some() {
            Err(refuse("the Digital Credentials API takes neither response_uri nor redirect_uri"))
        } else {
            Ok(())
        }
    }

    /// The destination must belong to the client (§5.9.3, §8.2): equal text under
    /// `redirect_uri`, equal host under `x509_san_dns`. For the other prefixes the
    /// signature covers it.
    fn check_owner(&self, uri: &str, url: &Url) -> Result<(), MessageError> {
        match self.client_id.prefix() {
            ClientIdPrefix::RedirectUri if self.client_id.value() != uri => {
                Err(refuse("the response or redirect URI differs from the one in client_id"))
            }
            ClientIdPrefix::X509SanDns
                if !url
                    .host_str()
                    .is_some_and(|h| h.eq_ignore_ascii_case(self.client_id.value())) =>
            {
                Err(refuse("the response or redirect URI's host differs from the one in client_id"))
            }
            _ => Ok(()),
        }
    }

    /// The decoded transaction data.
    ///
    /// # Errors
    /// `invalid_transaction_data`, also when an entry names a credential query that the
    /// request does not have.
    pub fn transactions(&self) -> Result<Vec<TransactionData>, MessageError> {
        let parsed: Vec<TransactionData> = self
            .transaction_data
            .iter()
            .flatten()
            .map(|t| TransactionData::parse(t))
            .collect::<Result<_, _>>()?;
        if let Some(query) = &self.dcql_query {
            for id in parsed.iter().flat_map(|t| &t.credential_ids) {
                if !query.credentials.iter().any(|c| c.id == *id) {
                    return Err(MessageError::new(
                        ErrorCode::InvalidTransactionData,
                        "transaction_data names a credential query that does not exist",
                    ));
                }
            }
        }
        Ok(parsed)
    }
}

fn refuse(detail: impl Into<String>) -> MessageError {
    MessageError::new(ErrorCode::InvalidRequest, detail)
}
