//! `POST /api/decode?width=…&height=…`: texts of the codes in a grey camera frame, for browsers
//! that have neither a detector nor our decoder yet. Nothing is kept.
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;
use web_kit::Problem;

use crate::state::App;

/// Most pixels of a frame.
pub(super) const MAX_FRAME_BYTES: usize = 1280 * 1280;

#[derive(Deserialize)]
pub(super) struct Size {
    width: usize,
    height: usize,
}

/// Reads one frame.
pub(super) async fn decode(
    State(app): State<App>,
    Query(size): Query<Size>,
    frame: Bytes,
) -> Result<Response, Problem> {
    // Frames come many a second: those that find no place are dropped, the next one is newer.
    let Ok(_place) = app.desk.decoders.try_acquire() else {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy").retry_after(1));
    };
    let read =
        tokio::task::spawn_blocking(move || qr_code::decode_grey(size.width, size.height, &frame));
    let texts = match read.await {
        Ok(Ok(texts)) => texts,
        Ok(Err(qr_code::QrError::FrameSize | qr_code::QrError::TooManyPixels)) => {
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "frame_size")
                .detail("Width times height must be the number of bytes, one a pixel."));
        }
        _ => Vec::new(),
    };
    let mut response = Json(json!({"texts": texts})).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
