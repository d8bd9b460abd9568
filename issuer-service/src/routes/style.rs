//! `GET /style.css`

use axum::routing::get;
use web_kit::page;

use super::Endpoint;
use crate::openapi::Operation;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        page::STYLESHEET_PATH,
        get(page::stylesheet),
        Operation::new("public", "The pages' stylesheet").answers(200, "text/css", "Stylesheet"),
    )
}
