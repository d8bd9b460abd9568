//! What a service counts, in the text form that Prometheus reads: ids of routes and counters,
//! nothing about persons.
//!
//! One registry a process. Rooms that count something of their own ask for a [`counter`] or a
//! [`gauge`] by name; asking again gives the same one.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper ends of the classes of time, seconds.
const SECONDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: String,
}

struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    in_work: Gauge,
    turned_away: Family<Reason, Counter>,
    counters: Mutex<BTreeMap<&'static str, Counter>>,
    gauges: Mutex<BTreeMap<&'static str, Gauge>>,
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

fn metrics() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| {
        let mut registry = Registry::with_prefix("sinpyo");
        let requests = Family::<Answered, Counter>::default();
        let seconds =
            Family::<Route, Histogram, fn() -> Histogram>::new_with_constructor(histogram);
        let in_work = Gauge::default();
        let turned_away = Family::<Reason, Counter>::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "Time to the answer's head", seconds.clone());
        registry.register("http_requests_in_work", "Requests in work", in_work.clone());
        registry.register(
            "http_turned_away",
            "Requests refused before work: rate, busy, too_slow",
            turned_away.clone(),
        );
        Metrics {
            registry: Mutex::new(registry),
            requests,
            seconds,
            in_work,
            turned_away,
            counters: Mutex::default(),
            gauges: Mutex::default(),
        }
    })
}

/// A counter of this process, `sinpyo_<name>_total`.
pub fn counter(name: &'static str, help: &'static str) -> Counter {
    let metrics = metrics();
    let mut known = metrics.counters.lock().unwrap_or_else(PoisonError::into_inner);
    let made = known.entry(name).or_insert_with(|| {
        let counter = Counter::default();
        let mut registry = metrics.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register(name, help, counter.clone());
        counter
    });
    made.clone()
}

/// A gauge of this process, `sinpyo_<name>`.
pub fn gauge(name: &'static str, help: &'static str) -> Gauge {
    let metrics = metrics();
    let mut known = metrics.gauges.lock().unwrap_or_else(PoisonError::into_inner);
    let made = known.entry(name).or_insert_with(|| {
        let gauge = Gauge::default();
        let mut registry = metrics.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register(name, help, gauge.clone());
        gauge
    });
    made.clone()
}

/// Counts a request from its begin to its end, whatever the end is.
pub(crate) struct InWork(());

impl InWork {
    pub(crate) fn begin() -> Self {
        metrics().in_work.inc();
        Self(())
    }
}

impl Drop for InWork {
    fn drop(&mut self) {
        metrics().in_work.dec();
    }
}

pub(crate) fn answered(method: &str, route: &str, status: u16, took: Duration) {
    let metrics = metrics();
    let (method, route) = (method.to_owned(), route.to_owned());
    metrics.requests.get_or_create(&Answered { method, route: route.clone(), status }).inc();
    metrics.seconds.get_or_create(&Route { route }).observe(took.as_secs_f64());
}

pub(crate) fn turned_away(reason: &str) {
    metrics().turned_away.get_or_create(&Reason { reason: reason.to_owned() }).inc();
}

/// All figures as text.
pub fn text() -> String {
    let mut text = String::new();
    let registry = metrics().registry.lock().unwrap_or_else(PoisonError::into_inner);
    // Writing into a string does not fail.
    let _ = encode(&mut text, &registry);
    text
}

/// The answer of `GET /metrics`.
pub fn answer() -> Response {
    let media = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let mut response = text().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
