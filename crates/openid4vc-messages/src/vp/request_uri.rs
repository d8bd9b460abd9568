//! The `openid4vp://` link.

use url::Url;

use crate::error::{ErrorCode, MessageError};
use crate::form::Form;
use crate::links::{deep_link_query, web_url};
use crate::vp::client_id::{ClientId, ClientIdPrefix};
use crate::vp::request::AuthorizationRequest;

/// Scheme of the deep link (OID4VP 1.0 §13.1.2).
pub const PRESENTATION_SCHEME: &str = "openid4vp";

/// How to fetch the request object
/// ([OID4VP 1.0 §5.10](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-5.10)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestUriMethod {
    /// Plain GET; the default.
    Get,
    /// POST a form with `wallet_metadata` and `wallet_nonce`.
    Post,
}

impl RequestUriMethod {
    /// The value on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
        }
    }
}

/// A request as it arrives by QR or link.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestUri {
    /// Who claims to ask; must equal the request object's `client_id`.
    pub client_id: ClientId,
    /// Where the request is.
    pub source: RequestSource,
}

/// Where the request is.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestSource {
    /// A signed request object at a URL.
    ByReference {
        /// Where to fetch it.
        request_uri: Url,
        /// How.
        method: RequestUriMethod,
    },
    /// A signed request object inside the link, a compact JWS.
    ByValue(String),
    /// An unsigned request in the link's parameters (`redirect_uri` prefix).
    Parameters(Box<AuthorizationRequest>),
}

impl RequestUri {
    /// Reads `openid4vp://?…`.
    ///
    /// # Errors
    /// `invalid_request`, or `invalid_request_uri_method` for a method other than `get`
    /// and `post`.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        let query = deep_link_query(text, PRESENTATION_SCHEME)?;
        let mut form = Form::parse(query.as_bytes())?;
        let id = form.get("client_id").ok_or_else(|| refuse("client_id is missing"))?;
        let client_id = ClientId::parse(id)?;
        let method = match form.take("request_uri_method").as_deref() {
            None => None,
            Some("get") => Some(RequestUriMethod::Get),
            Some("post") => Some(RequestUriMethod::Post),
            Some(_) => {
                return Err(MessageError::new(
                    ErrorCode::InvalidRequestUriMethod,
                    "request_uri_method is neither get nor post",
                ));
            }
        };
        let source = match (form.take("request_uri"), form.take("request")) {
            (Some(_), Some(_)) => return Err(refuse("request and request_uri exclude each other")),
            (Some(uri), None) => RequestSource::ByReference {
                request_uri: web_url(&uri, "request_uri")
                    .map_err(|e| e.with_code(ErrorCode::InvalidRequest))?,
                method: method.unwrap_or(RequestUriMethod::Get),
            },
            (None, _) if method.is_some() => {
                return Err(refuse("request_uri_method stands without request_uri"));
            }
            (None, Some(jws)) => RequestSource::ByValue(jws),
            (None, None) => {
                if client_id.prefix().must_be_signed() {
                    return Err(refuse("under this client_id prefix the request must be signed"));
                }
                RequestSource::Parameters(Box::new(AuthorizationRequest::from_form(form)?))
            }
        };
        if client_id.prefix() == ClientIdPrefix::RedirectUri
            && matches!(source, RequestSource::ByValue(_))
        {
            // A signature cannot prove anything about a bare URI (§5.9.3).
            return Err(refuse("requests under the redirect_uri prefix cannot be signed"));
        }
        Ok(Self { client_id, source })
    }

    /// The link as text. An unsigned request keeps its parameters.
    #[must_use]
    pub fn to_uri(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", self.client_id.as_str());
        match &self.source {
            RequestSource::ByReference { request_uri, method } => {
                query.append_pair("request_uri", request_uri.as_str());
                if *method == RequestUriMethod::Post {
                    query.append_pair("request_uri_method", method.as_str());
                }
            }
            RequestSource::ByValue(jws) => {
                query.append_pair("request", jws);
            }
            RequestSource::Parameters(request) => {
                if let Ok(serde_json::Value::Object(members)) = serde_json::to_value(request) {
                    for (name, value) in members.iter().filter(|(name, _)| *name != "client_id") {
                        match value.as_str() {
                            Some(text) => query.append_pair(name, text),
                            None => query.append_pair(name, &value.to_string()),
                        };
                    }
                }
            }
        }
        // '+' for a space is a form convention that some wallets do not undo.
        format!("{PRESENTATION_SCHEME}://?{}", query.finish().replace('+', "%20"))
    }
}

/// Form body of a POST to `request_uri` (§5.10).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestUriPost {
    /// The wallet's metadata, JSON text.
    pub wallet_metadata: Option<String>,
    /// Nonce that the request object must echo.
    pub wallet_nonce: Option<String>,
}

impl RequestUriPost {
    /// Reads the body.
    ///
    /// # Errors
    /// `invalid_request`: repeated parameters, metadata that is not a JSON object, or an
    /// over-long nonce.
    pub fn from_form(body: &[u8]) -> Result<Self, MessageError> {
        let mut form = Form::parse(body)?;
        let wallet_metadata = form.take("wallet_metadata");
        if let Some(text) = &wallet_metadata {
            let is_object =
                serde_json::from_str::<serde_json::Value>(text).is_ok_and(|v| v.is_object());
            if !is_object {
                return Err(refuse("wallet_metadata is not a JSON object"));
            }
        }
        let wallet_nonce = form.take("wallet_nonce");
        if wallet_nonce.as_ref().is_some_and(|n| n.len() > 1024) {
            return Err(refuse("wallet_nonce is too long"));
        }
        Ok(Self { wallet_metadata, wallet_nonce })
    }

    /// The form's parameters, ready to be URL-encoded.
    #[must_use]
    pub fn to_form(&self) -> Vec<(String, String)> {
        [("wallet_metadata", &self.wallet_metadata), ("wallet_nonce", &self.wallet_nonce)]
            .into_iter()
            .filter_map(|(name, value)| value.clone().map(|v| (name.to_owned(), v)))
            .collect()
    }
}

fn refuse(detail: &str) -> MessageError {
    MessageError::new(ErrorCode::InvalidRequest, detail)
}
