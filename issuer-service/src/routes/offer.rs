//! `GET /offers/{id}`: the offer by reference (OID4VCI 1.0, section 4.1.3)

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use credential_issuance::ids::OfferId;
use credential_issuance::offer::{Offer, OfferDocumentError};
use web_kit::Problem;

use super::Endpoint;
use crate::errors::store_problem;
use crate::extract::fresh_json;
use crate::openapi::Operation;
use crate::state::{App, AppState};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/offers/{id}",
        get(handle),
        Operation::new("wallet", "A credential offer by reference")
            .answers(200, "application/json", "Credential Offer")
            .problem(404, "unknown_offer")
            .problem(410, "offer_used, offer_dead or offer_expired"),
    )
}

async fn handle(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let offer = open_offer(&app, &id).await?;
    Ok(fresh_json(StatusCode::OK, &app.issuer.offer_document(&offer)))
}

/// The offer of a path segment, if a wallet can still take it.
pub(super) async fn open_offer(app: &AppState, id: &str) -> Result<Offer, Problem> {
    let id = OfferId::parse(id).map_err(|_| problem(&OfferDocumentError::Unknown))?;
    app.issuer.open_offer(&id).await.map_err(|error| problem(&error))
}

fn problem(error: &OfferDocumentError) -> Problem {
    let status = match error {
        OfferDocumentError::Unknown => StatusCode::NOT_FOUND,
        OfferDocumentError::Store(inner) => return store_problem(inner),
        _ => StatusCode::GONE,
    };
    Problem::new(status, error.code())
        .detail(error.to_string())
        .hint("Ask the issuer for a new offer.")
}
