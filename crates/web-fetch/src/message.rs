//! Requests and responses, free of any HTTP library.

use async_trait::async_trait;
use url::Url;

use crate::error::FetchError;

/// The two methods that the protocols we speak need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Send a body. Never redirected.
    Post,
}

/// What to fetch.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL; a fragment is dropped.
    pub url: Url,
    /// Further headers in order. `Host`, `Content-Length`, `Connection`,
    /// `Transfer-Encoding`, `Accept-Encoding`, `Cookie` and `User-Agent` are not the
    /// caller's.
    pub headers: Vec<(String, String)>,
    /// The body; empty for GET.
    pub body: Vec<u8>,
    /// The longest body to accept, bytes; `None` takes the policy's limit, and no value
    /// raises it above the policy's hard limit.
    pub max_bytes: Option<usize>,
}

impl FetchRequest {
    /// A GET.
    pub fn get(url: Url) -> Self {
        Self { method: Method::Get, url, headers: Vec::new(), body: Vec::new(), max_bytes: None }
    }

    /// A POST of `application/x-www-form-urlencoded` fields.
    pub fn post_form<K: AsRef<str>, V: AsRef<str>>(url: Url, fields: &[(K, V)]) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            form.append_pair(name.as_ref(), value.as_ref());
        }
        Self::post(url, "application/x-www-form-urlencoded", form.finish().into_bytes())
    }

    /// A POST of a JSON body, already written.
    pub fn post_json(url: Url, json: &[u8]) -> Self {
        Self::post(url, "application/json", json.to_vec())
    }

    /// A POST of any body.
    pub fn post(url: Url, content_type: &str, body: Vec<u8>) -> Self {
        Self {
            method: Method::Post,
            url,
            headers: vec![("Content-Type".into(), content_type.into())],
            body,
            max_bytes: None,
        }
    }

    /// Adds `Accept`.
    #[must_use]
    pub fn accept(self, media_types: &str) -> Self {
        self.header("Accept", media_types)
    }

    /// Adds `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        let value = format!("Bearer {token}");
        self.header("Authorization", &value)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the longest body to accept, bytes.
    #[must_use]
    pub fn max_bytes(mut self, limit: usize) -> Self {
        self.max_bytes = Some(limit);
        self
    }
}

/// Method and URL without query; headers and body may be secrets.
impl std::fmt::Debug for FetchRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut url = self.url.clone();
        url.set_query(None);
        f.debug_struct("FetchRequest")
            .field("method", &self.method)
            .field("url", &url.as_str())
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What came back, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchResponse {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` as sent, parameters included.
    pub content_type: Option<String>,
    /// All headers, names in lower case; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
    /// The URL that answered, after redirects. For a development origin this is the URL
    /// as asked for, although it was spoken to by http.
    pub url: Url,
}

impl FetchResponse {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The media type in lower case without parameters.
    pub fn media_type(&self) -> Option<String> {
        let text = self.content_type.as_deref()?;
        Some(text.split(';').next()?.trim().to_ascii_lowercase())
    }

    /// The first header of this name (any case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Status and sizes only; the body may be personal.
impl std::fmt::Debug for FetchResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FetchResponse")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Fetches from the network, or from a script in tests.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends the request and reads the whole response. An HTTP error status is a response,
    /// not an error.
    ///
    /// # Errors
    /// [`FetchError`] when we refused to go there or could not reach it.
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError>;
}
