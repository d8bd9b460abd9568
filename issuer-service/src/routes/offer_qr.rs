//! `GET /offers/{id}/qr.svg` and `GET /offers/{id}/qr.png`

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use qr_code::QrError;
use web_kit::Problem;

use super::Endpoint;
use super::offer::open_offer;
use crate::openapi::Operation;
use crate::state::App;

/// Pixels a module.
const SCALE: u32 = 8;

pub(super) fn svg_endpoint() -> Endpoint {
    let operation = Operation::new("wallet", "The offer's deep link as a QR code (SVG)")
        .answers(200, "image/svg+xml", "QR code")
        .problem(404, "unknown_offer")
        .problem(410, "offer_used, offer_dead or offer_expired");
    Endpoint::get("/offers/{id}/qr.svg", get(svg), operation)
}

pub(super) fn png_endpoint() -> Endpoint {
    let operation = Operation::new("wallet", "The offer's deep link as a QR code (PNG)")
        .answers(200, "image/png", "QR code")
        .problem(404, "unknown_offer")
        .problem(410, "offer_used, offer_dead or offer_expired");
    Endpoint::get("/offers/{id}/qr.png", get(png), operation)
}

async fn svg(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let offer = open_offer(&app, &id).await?;
    let picture =
        qr_code::encode_svg(&app.issuer.offer_uri(&offer)).map_err(|error| problem(&error))?;
    Ok(image("image/svg+xml", picture.into_bytes()))
}

async fn png(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let offer = open_offer(&app, &id).await?;
    let picture = qr_code::encode_png(&app.issuer.offer_uri(&offer), SCALE)
        .map_err(|error| problem(&error))?;
    Ok(image("image/png", picture))
}

fn image(media: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn problem(error: &QrError) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.code())
        .detail("The offer is too long for a QR code.")
        .hint("Make the offer with by_reference: true.")
}
