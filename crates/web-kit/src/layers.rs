//! The same outer walls for every route: body size, time, how many at once, a caught
//! panic, security headers, and one log line a request that carries ids only.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

use crate::connections::Peer;
use crate::metrics;
use crate::problem::Problem;
use crate::rate::{Buckets, Network, Rate, client};
use crate::trace;

/// How much one service takes on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Longest request body in bytes.
    pub body_bytes: usize,
    /// Longest time for one request, in seconds.
    pub seconds: u64,
    /// Most requests in work at once; more are answered 503 with `Retry-After`.
    pub concurrent: usize,
    /// Most connections at once; more wait in the socket's backlog.
    pub connections: usize,
    /// How often one address may ask; more is answered 429 with `Retry-After`. Loopback addresses
    /// are not limited.
    pub per_address: Rate,
    /// How often one bearer token may be used.
    pub per_key: Rate,
    /// Proxies in front of this service, as addresses or networks: their `X-Forwarded-For` is
    /// believed.
    pub trusted_proxies: Vec<Network>,
}

impl Default for Limits {
    fn default() -> Self {
        // A presentation may be 1 MiB (security.md row 5); 30 s covers a slow chain read.
        Self {
            body_bytes: 1024 * 1024,
            seconds: 30,
            concurrent: 256,
            connections: 900,
            per_address: Rate::new(50, 200),
            per_key: Rate::new(200, 800),
            trusted_proxies: Vec::new(),
        }
    }
}

struct Walls {
    places: Semaphore,
    time: Duration,
    ids: trace::Ids,
    addresses: Buckets,
    keys: Buckets,
    proxies: Vec<Network>,
}

/// Puts the walls around a router.
pub fn layers(router: Router, limits: Limits) -> Router {
    let walls = Arc::new(Walls {
        places: Semaphore::new(limits.concurrent),
        time: Duration::from_secs(limits.seconds),
        ids: trace::Ids::new(),
        addresses: Buckets::new(limits.per_address),
        keys: Buckets::new(limits.per_key),
        proxies: limits.trusted_proxies,
    });
    router
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(CatchPanicLayer::custom(|_| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error")
                .detail("This request hit a defect of the service. Nothing was half written.")
                .into_response()
        }))
        .layer(from_fn_with_state(walls, guard))
        .layer(from_fn(security_headers))
}

async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found").detail("There is nothing at this address.")
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
        .detail("This address does not take that HTTP method.")
}

/// Answered whatever the load: who asks wants to know whether the process lives.
const ALWAYS: &str = "/health";

async fn guard(State(walls): State<Arc<Walls>>, request: Request, next: Next) -> Response {
    let id = walls.ids.of(request.headers());
    let context = trace::context(request.headers());
    let (trace, parent, span) = match &context {
        Some(context) => (Some(&*context.trace), Some(&*context.parent), Some(&*context.span)),
        None => (None, None, None),
    };
    let method = request.method().clone();
    // The matched path, never the real one: a path may carry a code or a session id.
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let scope = tracing::info_span!("request", request = id, trace, parent, span);
    let start = Instant::now();
    let mut response = work(&walls, &route, request, next).instrument(scope.clone()).await;
    let took = start.elapsed();
    let status = response.status().as_u16();
    metrics::answered(method.as_str(), &route, status, took);
    scope.in_scope(|| {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(request = id, trace, %method, route, status, ms, "request");
    });
    if let Some(value) = trace::header_value(&id) {
        response.headers_mut().insert(trace::REQUEST_ID, value);
    }
    response
}

/// Lets a request through to its handler if there is room for it.
async fn work(walls: &Walls, route: &str, request: Request, next: Next) -> Response {
    if route == ALWAYS {
        return next.run(request).await;
    }
    if let Err(seconds) = often(walls, &request) {
        metrics::turned_away("rate");
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests")
            .detail("This address or key asks more often than this service allows.")
            .hint("Wait for the seconds of Retry-After.")
            .retry_after(seconds)
            .into_response();
    }
    let Ok(_place) = walls.places.try_acquire() else {
        metrics::turned_away("busy");
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy")
            .detail("The service has as many requests in work as it takes.")
            .hint("Try again in a second.")
            .retry_after(1)
            .into_response();
    };
    let _in_work = metrics::InWork::begin();
    // A handler that only computes would never let go of its thread: the places would never fill,
    // and under overload everybody would wait in line instead of hearing 503. So whoever has come
    // in meanwhile is counted first.
    tokio::task::yield_now().await;
    match tokio::time::timeout(walls.time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            metrics::turned_away("too_slow");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_slow")
                .detail("The request took longer than this service allows.")
                .hint("Try again; if it stays so, ask the operator.")
                .retry_after(5)
                .into_response()
        }
    }
}

/// Whether the client or its key asks too often. Without a peer (in tests) nobody is counted.
fn often(walls: &Walls, request: &Request) -> Result<(), u32> {
    let Some(ConnectInfo(Peer(peer))) = request.extensions().get::<ConnectInfo<Peer>>() else {
        return Ok(());
    };
    let address = client(peer.ip(), request.headers(), &walls.proxies);
    if address.is_loopback() {
        return Ok(());
    }
    let now = Instant::now();
    walls.addresses.take_address(address, now)?;
    walls.keys.take_key(request.headers(), now)
}

/// No script, no frame, no foreign request: the pages are plain HTML with one stylesheet.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
