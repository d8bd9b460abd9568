//! The same outer walls for every route: body size, time, how many at once, a caught
//! panic, security headers, and one log line a request that carries ids only.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use crate::problem::Problem;

/// How much one service takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Longest request body in bytes.
    pub body_bytes: usize,
    /// Longest time for one request, in seconds.
    pub seconds: u64,
    /// Most requests in work at once; more are answered 503 with `Retry-After`.
    pub concurrent: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // A presentation may be 1 MiB (security.md row 5); 30 s covers a slow chain read.
        Self { body_bytes: 1024 * 1024, seconds: 30, concurrent: 256 }
    }
}

#[derive(Clone)]
struct Walls {
    places: Arc<Semaphore>,
    time: Duration,
    requests: Arc<AtomicU64>,
}

/// Puts the walls around a router.
pub fn layers(router: Router, limits: Limits) -> Router {
    let walls = Walls {
        places: Arc::new(Semaphore::new(limits.concurrent)),
        time: Duration::from_secs(limits.seconds),
        requests: Arc::new(AtomicU64::new(1)),
    };
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

async fn guard(State(walls): State<Walls>, request: Request, next: Next) -> Response {
    let Ok(_place) = walls.places.try_acquire() else {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy")
            .detail("The service has as many requests in work as it takes.")
            .hint("Try again in a second.")
            .retry_after(1)
            .into_response();
    };
    let id = walls.requests.fetch_add(1, Ordering::Relaxed);
    let method = request.method().clone();
    // The matched path, never the real one: a path may carry a code or a session id.
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let start = Instant::now();
    let response = match tokio::time::timeout(walls.time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_slow")
            .detail("The request took longer than this service allows.")
            .hint("Try again; if it stays so, ask the operator.")
            .retry_after(5)
            .into_response(),
    };
    tracing::info!(
        request = id,
        %method,
        route,
        status = response.status().as_u16(),
        ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    response
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
