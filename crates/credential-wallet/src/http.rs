//! The wallet's way of talking: every message goes through the guarded fetcher, every
//! answer is checked for status, media type, size and strict JSON before it is read.

use credential_model::json::{Limits, parse_strict};
use openid4vc_messages::ErrorResponse;
use serde_json::Value;
use url::Url;
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

/// Largest document read from another party (metadata lists of big issuers), in bytes.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;
/// Longest text of another party that is repeated to people.
const MAX_FOREIGN_TEXT: usize = 300;

/// Why an exchange with another party did not give an answer we can read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The fetcher refused the address, or nobody answered.
    #[error("{what}: {source}")]
    Fetch {
        /// Which document or endpoint.
        what: &'static str,
        /// Why.
        source: FetchError,
    },
    /// Not a URL.
    #[error("{what}: not a URL")]
    Url {
        /// Which document or endpoint.
        what: &'static str,
    },
    /// A status that carries no meaning here: 404 on a document, 5xx, 429.
    #[error("{what}: answered with status {status}")]
    Status {
        /// Which document or endpoint.
        what: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// The wrong media type.
    #[error("{what}: expected {expected}, got {found}")]
    MediaType {
        /// Which document or endpoint.
        what: &'static str,
        /// What the standard says.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// Not JSON as we read it (duplicate members, too deep, …).
    #[error("{what}: not acceptable JSON ({reason})")]
    Json {
        /// Which document or endpoint.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl TransportError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fetch { source, .. } => source.code(),
            Self::Url { .. } => "bad_url",
            Self::Status { .. } => "unexpected_status",
            Self::MediaType { .. } => "wrong_media_type",
            Self::Json { .. } => "bad_json",
        }
    }

    /// Whether trying again later may help: nothing was refused for what it is.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Fetch { source, .. } => !source.is_refusal(),
            Self::Status { status, .. } => *status >= 500 || *status == 429,
            _ => false,
        }
    }
}

/// An answer other than success, as the other party worded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The HTTP status.
    pub status: u16,
    /// The standard's error code; empty when none came.
    pub error: String,
    /// The other party's sentence, shortened and freed of control characters.
    pub description: Option<String>,
}

/// What an endpoint answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 2xx.
    Success(FetchResponse),
    /// 4xx other than 404 and 429.
    Rejected(Rejection),
}

pub(crate) fn url(text: &str, what: &'static str) -> Result<Url, TransportError> {
    Url::parse(text).map_err(|_| TransportError::Url { what })
}

/// Sends the request and sorts the answer.
pub(crate) async fn exchange(
    fetch: &dyn Fetch,
    request: FetchRequest,
    what: &'static str,
) -> Result<Answer, TransportError> {
    let response =
        fetch.fetch(request).await.map_err(|source| TransportError::Fetch { what, source })?;
    match response.status {
        200..=299 => Ok(Answer::Success(response)),
        400..=403 | 405..=428 | 430..=499 => Ok(Answer::Rejected(rejection(&response))),
        status => Err(TransportError::Status { what, status }),
    }
}

/// Gets a JSON document.
pub(crate) async fn document(
    fetch: &dyn Fetch,
    url: Url,
    what: &'static str,
) -> Result<Value, TransportError> {
    let request = FetchRequest::get(url).accept("application/json").max_bytes(MAX_DOCUMENT_BYTES);
    let response =
        fetch.fetch(request).await.map_err(|source| TransportError::Fetch { what, source })?;
    if response.status != 200 {
        return Err(TransportError::Status { what, status: response.status });
    }
    json_body(&response, what)
}

/// The JSON body of an answer whose media type must say so.
pub(crate) fn json_body(
    response: &FetchResponse,
    what: &'static str,
) -> Result<Value, TransportError> {
    expect_media_type(response, "application/json", what)?;
    parse_strict(&response.body, &Limits::with_max_bytes(MAX_DOCUMENT_BYTES))
        .map_err(|error| TransportError::Json { what, reason: error.to_string() })
}

/// The media type without parameters, lower case.
pub(crate) fn media_type(response: &FetchResponse) -> String {
    let full = response.content_type.as_deref().unwrap_or_default();
    full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub(crate) fn expect_media_type(
    response: &FetchResponse,
    expected: &'static str,
    what: &'static str,
) -> Result<(), TransportError> {
    let found = media_type(response);
    if found == expected {
        return Ok(());
    }
    Err(TransportError::MediaType { what, expected, found: foreign_text(&found) })
}

/// Text of another party, fit to repeat: short, on one line, without control characters.
pub(crate) fn foreign_text(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_FOREIGN_TEXT).collect()
}

fn rejection(response: &FetchResponse) -> Rejection {
    let body = parse_strict(&response.body, &Limits::default()).unwrap_or(Value::Null);
    // RFC 6750 §3: the code of a refused token may stand in the header alone.
    let from_header = || {
        let (_, value) = response
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"))?;
        let (_, rest) = value.split_once("error=\"")?;
        rest.split('"').next().map(str::to_owned)
    };
    match serde_json::from_value::<ErrorResponse>(body) {
        Ok(error) => Rejection {
            status: response.status,
            error: foreign_text(&error.error),
            description: error.error_description.as_deref().map(foreign_text),
        },
        Err(_) => Rejection {
            status: response.status,
            error: from_header().map(|code| foreign_text(&code)).unwrap_or_default(),
            description: None,
        },
    }
}
