//! The guarded client.

use std::error::Error as _;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, Response};
use url::Url;

use crate::address::{is_loopback, is_public};
use crate::error::FetchError;
use crate::guard::{Target, check, normalise_origin};
use crate::message::{Fetch, FetchRequest, FetchResponse, Method};
use crate::policy::{FetchPolicy, PolicyError};
use crate::resolver::{GuardedResolver, Lookup, ResolveFailure, system_lookup};

/// One name for all our requests; it tells which software, never who or where.
const USER_AGENT: &str = concat!("sinpyo/", env!("CARGO_PKG_VERSION"));

/// What no policy can raise: the threat model's bound.
const MAX_REDIRECTS: u8 = 2;

/// Headers that belong to the connection or to this client, not to callers.
const RESERVED_HEADERS: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// The HTTP client that follows a [`FetchPolicy`]. Cheap to clone; clones share their
/// connections.
#[derive(Clone)]
pub struct GuardedClient {
    inner: Arc<Inner>,
}

struct Inner {
    policy: FetchPolicy,
    lookup: Lookup,
    extra_roots: Vec<Certificate>,
    // Made at first use: the public one reads the system's certificate authorities, which
    // an offline command never needs and a machine without any must not stumble over.
    public: OnceLock<Result<Client, String>>,
    development: OnceLock<Result<Client, String>>,
}

impl GuardedClient {
    /// A client under this policy.
    ///
    /// # Errors
    /// [`PolicyError`] when an origin or a certificate cannot be read.
    pub fn new(policy: FetchPolicy) -> Result<Self, PolicyError> {
        Self::with_lookup(policy, system_lookup())
    }

    pub(crate) fn with_lookup(
        mut policy: FetchPolicy,
        lookup: Lookup,
    ) -> Result<Self, PolicyError> {
        for origin in &mut policy.plain_http_origins {
            *origin = normalise_origin(origin)?;
        }
        if !policy.plain_http_origins.is_empty() {
            tracing::warn!(
                origins = ?policy.plain_http_origins,
                "DANGER: plain http is allowed to these origins; development only"
            );
        }
        let extra_roots = read_roots(&policy.extra_root_certificates)?;
        Ok(Self {
            inner: Arc::new(Inner {
                policy,
                lookup,
                extra_roots,
                public: OnceLock::new(),
                development: OnceLock::new(),
            }),
        })
    }
}

impl std::fmt::Debug for GuardedClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardedClient")
            .field("plain_http_origins", &self.inner.policy.plain_http_origins)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Fetch for GuardedClient {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let outcome = tokio::time::timeout(self.inner.policy.timeout, self.inner.exchange(request))
            .await
            .unwrap_or(Err(FetchError::TimedOut));
        if let Err(error) = &outcome {
            tracing::debug!(code = error.code(), "a fetch gave no response");
        }
        outcome
    }
}

impl Inner {
    async fn exchange(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let limit =
            request.max_bytes.unwrap_or(self.policy.max_bytes).min(self.policy.max_bytes_hard);
        let redirects = self.policy.max_redirects.min(MAX_REDIRECTS);
        let mut headers = read_headers(&request.headers)?;
        let mut url = request.url;
        let mut body = Some(request.body);
        let mut left_public = false;
        for hop in 0..=redirects {
            let target = check(&url, &self.policy)?;
            let (client, wire) = match target {
                Target::Public(wire) => {
                    left_public = true;
                    (self.public_client()?, wire)
                }
                // A public host has no business sending anybody to this machine.
                Target::Development(_) if left_public => {
                    return Err(FetchError::ForbiddenAddress(host_of(&url)));
                }
                Target::Development(wire) => (self.development_client()?, wire),
            };
            let response = match request.method {
                Method::Get => {
                    let get = || client.get(wire.clone()).headers(headers.clone()).send();
                    match get().await {
                        // A kept connection may have died with the other side's restart. Asking
                        // once more, on a new one, is safe for GET and for nothing else.
                        Err(error) if !error.is_connect() && !error.is_timeout() => get().await,
                        first => first,
                    }
                }
                Method::Post => {
                    let body = body.take().unwrap_or_default();
                    client.post(wire).body(body).headers(headers.clone()).send().await
                }
            };
            let response = response.map_err(send_failed)?;
            if !is_redirect(&response) {
                return read_response(response, url, limit).await;
            }
            if request.method == Method::Post || hop == redirects {
                return Err(FetchError::TooManyRedirects);
            }
            let next = redirect_target(&response, &url)?;
            if next.origin() != url.origin() {
                // What was meant for one host is not told to another.
                headers.remove(AUTHORIZATION);
            }
            url = next;
        }
        Err(FetchError::TooManyRedirects)
    }

    fn public_client(&self) -> Result<&Client, FetchError> {
        let made = self.public.get_or_init(|| {
            self.builder(is_public)
                .https_only(true)
                .tls_certs_merge(self.extra_roots.iter().cloned())
                .build()
                .map_err(|error| root_cause(&error))
        });
        made.as_ref()
            .map_err(|reason| FetchError::ConnectFailed(format!("TLS could not start: {reason}")))
    }

    fn development_client(&self) -> Result<&Client, FetchError> {
        let made = self.development.get_or_init(|| {
            // No certificate authority at all: this client speaks no TLS.
            self.builder(is_loopback).tls_certs_only([]).build().map_err(|error| root_cause(&error))
        });
        made.as_ref().map_err(|reason| FetchError::ConnectFailed(reason.clone()))
    }

    /// What both clients have in common. Everything that a feature of the HTTP library,
    /// switched on elsewhere in the workspace, could change is said explicitly.
    fn builder(&self, accept: fn(std::net::IpAddr) -> bool) -> ClientBuilder {
        Client::builder()
            .user_agent(USER_AGENT)
            .dns_resolver(Arc::new(GuardedResolver::new(Arc::clone(&self.lookup), accept)))
            .connect_timeout(self.policy.connect_timeout)
            .timeout(self.policy.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
    }
}

/// Reads PEM bundles and has them tried by the TLS library, which parses late.
fn read_roots(bundles: &[Vec<u8>]) -> Result<Vec<Certificate>, PolicyError> {
    let mut roots = Vec::new();
    for bundle in bundles {
        let read = Certificate::from_pem_bundle(bundle).map_err(|_| PolicyError::BadCertificate)?;
        if read.is_empty() {
            return Err(PolicyError::BadCertificate);
        }
        roots.extend(read);
    }
    if !roots.is_empty() {
        Client::builder()
            .tls_certs_only(roots.iter().cloned())
            .build()
            .map_err(|_| PolicyError::BadCertificate)?;
    }
    Ok(roots)
}

fn read_headers(headers: &[(String, String)]) -> Result<HeaderMap, FetchError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let refused = || FetchError::ForbiddenHeader(name.chars().take(64).collect());
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        if RESERVED_HEADERS.contains(&parsed.as_str()) {
            return Err(refused());
        }
        let mut value = HeaderValue::from_str(value).map_err(|_| refused())?;
        value.set_sensitive(parsed == AUTHORIZATION);
        map.append(parsed, value);
    }
    Ok(map)
}

fn is_redirect(response: &Response) -> bool {
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn redirect_target(response: &Response, from: &Url) -> Result<Url, FetchError> {
    let location = response
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .ok_or(FetchError::BadRedirect)?;
    from.join(location).map_err(|_| FetchError::BadRedirect)
}

async fn read_response(
    mut response: Response,
    url: Url,
    limit: usize,
) -> Result<FetchResponse, FetchError> {
    if let Some(encoding) = response.headers().get(CONTENT_ENCODING) {
        // We asked for none. Unpacking would mean bombs, ignoring would mean garbage.
        if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") {
            let text = String::from_utf8_lossy(encoding.as_bytes());
            return Err(FetchError::UnexpectedEncoding(text.chars().take(32).collect()));
        }
    }
    let announced = response.content_length();
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(FetchError::TooLarge { limit });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(send_failed)? {
        if chunk.len() > limit - body.len() {
            return Err(FetchError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers = response.headers();
    Ok(FetchResponse {
        status: response.status().as_u16(),
        content_type: headers.get(CONTENT_TYPE).and_then(text),
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)))
            .collect(),
        body,
        url,
    })
}

fn send_failed(error: reqwest::Error) -> FetchError {
    match ResolveFailure::find(&error) {
        Some(ResolveFailure::Refused(name)) => FetchError::ForbiddenAddress(name.clone()),
        Some(ResolveFailure::NotFound(name)) => FetchError::DnsFailed(name.clone()),
        None if error.is_timeout() => FetchError::TimedOut,
        None if error.is_connect() => FetchError::ConnectFailed(root_cause(&error)),
        None => FetchError::Interrupted(root_cause(&error)),
    }
}

/// The innermost cause: the outer layers repeat the URL, which does not belong in logs.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = error.source();
    let mut text = String::from("the HTTP library gives no reason");
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    text.chars().take(200).collect()
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
