//! `GET /status/pack`, `/status/pack/{sha256}`, `/status/pack/evidence`: every list of this issuer
//! in one small download, and what keeps it current

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use credential_issuance::ids::Digest;
use credential_issuance::status::{PackPart, PackServeError};
use web_kit::Problem;

use super::Endpoint;
use crate::errors::refusal;
use crate::extract::fresh_json;
use crate::openapi::Operation;
use crate::state::App;

/// Media type of the signed index.
const INDEX: &str = "application/statuspack+jwt";
/// Media type of a snapshot.
const SNAPSHOT: &str = "application/vnd.sinpyo.status-pack";
/// Media type of a delta.
const DELTA: &str = "application/vnd.sinpyo.status-delta";

pub(super) fn index_endpoint() -> Endpoint {
    Endpoint::get(
        "/status/pack",
        get(index),
        Operation::new("public", "The signed index of the status pack of the newest epoch")
            .answers(200, INDEX, "Lists, snapshot and deltas; revalidate with If-None-Match")
            .answers(304, "", "Unchanged")
            .problem(404, "no_status_pack"),
    )
}

pub(super) fn part_endpoint() -> Endpoint {
    Endpoint::get(
        "/status/pack/{sha256}",
        get(part),
        Operation::new(
            "public",
            "A snapshot or delta of the status pack, by the SHA-256 of its bytes",
        )
        .answers(
            200,
            SNAPSHOT,
            "The bytes, unchanged for ever; application/vnd.sinpyo.status-delta for a delta",
        )
        .problem(404, "not_in_pack"),
    )
}

pub(super) fn evidence_endpoint() -> Endpoint {
    Endpoint::get(
        "/status/pack/evidence",
        get(evidence),
        Operation::new(
            "public",
            "What a desk without a net takes along with the pack: its place in the epoch, the \
             issuer's document, chain proofs",
        )
        .answers(200, "application/json", "PackEvidence")
        .problem(404, "no_status_pack"),
    )
}

fn refuse(error: &PackServeError) -> Problem {
    match error {
        PackServeError::None => Problem::new(StatusCode::NOT_FOUND, error.code())
            .detail(error.to_string())
            .hint("Configure [chain]; the first pack comes with the first anchored epoch."),
        error => refusal(error.code(), error.to_string()),
    }
}

async fn index(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let served = app.issuer.status_pack().await.map_err(|error| refuse(&error))?;
    let tag = format!("\"{}\"", served.digest);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|known| known.split(',').any(|entry| entry.trim() == tag));
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        typed(served.index.into_bytes(), INDEX)
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

async fn part(State(app): State<App>, Path(sha256): Path<String>) -> Result<Response, Problem> {
    let absent = || {
        Problem::new(StatusCode::NOT_FOUND, "not_in_pack")
            .detail("No part of the status pack with this digest is kept here.")
            .hint("Deltas are kept for a bounded time: fetch the snapshot that the index names.")
    };
    let digest = Digest::parse(&sha256).map_err(|_| absent())?;
    let found = app.issuer.pack_part(&digest).await.map_err(|error| refuse(&error))?;
    let found = found.ok_or_else(absent)?;
    let media = match &found {
        PackPart::Snapshot(_) => SNAPSHOT,
        PackPart::Delta(_) => DELTA,
    };
    let mut response = typed(found.bytes().to_vec(), media);
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

async fn evidence(State(app): State<App>) -> Result<Response, Problem> {
    let found = app.issuer.pack_evidence().await.map_err(|error| refuse(&error))?;
    let mut response = fresh_json(StatusCode::OK, &found);
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

fn typed(bytes: Vec<u8>, media: &'static str) -> Response {
    let mut response = bytes.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}
