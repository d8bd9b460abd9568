//! `GET /status/{list}`: one URL, two forms (Bitstring Status List 1.0; Token Status List)

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use credential_issuance::ids::ListId;
use credential_issuance::status::PublishError;
use web_kit::Problem;

use super::Endpoint;
use crate::errors::refusal;
use crate::extract::accepts;
use crate::openapi::Operation;
use crate::state::App;

/// Media type of the signed Bitstring Status List credential (VCDM 2.0, section 6.2).
pub(super) const DOCUMENT: &str = "application/vc";
/// What drafts of the standard called it; for who asks for this and not for the registered one.
const DRAFT_DOCUMENT: &str = "application/vc+ld+json";
/// Media type of the Token Status List.
pub(super) const TOKEN: &str = "application/statuslist+jwt";

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/status/{list}",
        get(handle),
        Operation::new(
            "public",
            "A signed status list; as Token Status List when Accept is application/statuslist+jwt",
        )
        .answers(200, DOCUMENT, "The newest version; revalidate with If-None-Match")
        .answers(304, "", "Unchanged")
        .problem(404, "unknown_status_list"),
    )
}

async fn handle(
    State(app): State<App>,
    Path(list): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let refuse = |error: &PublishError| refusal(error.code(), error.to_string());
    let id = ListId::parse(&list).map_err(|_| refuse(&PublishError::Unknown))?;
    let served = app.issuer.status_list(&id).await.map_err(|error| refuse(&error))?;
    let (bytes, digest, media) = if accepts(&headers, TOKEN) {
        (served.token, served.token_digest, TOKEN)
    } else {
        let draft = accepts(&headers, DRAFT_DOCUMENT) && !accepts(&headers, DOCUMENT);
        let media = if draft { DRAFT_DOCUMENT } else { DOCUMENT };
        (served.document, served.document_digest, media)
    };
    let tag = format!("\"{digest}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|known| known.split(',').any(|entry| entry.trim() == tag));
    let mut response =
        if unchanged { StatusCode::NOT_MODIFIED.into_response() } else { bytes.into_response() };
    let headers = response.headers_mut();
    if !unchanged {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    // A cache may keep it but must ask first: a revocation shows at the next look.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}
