//! `GET /admin/offers/{id}`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use credential_issuance::ids::OfferId;
use credential_issuance::offer::{Offer, OfferDocumentError};
use serde_json::{Value, json};
use web_kit::Problem;

use super::Endpoint;
use crate::errors::{refusal, store_problem};
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/offers/{id}",
        get(handle),
        Operation::new("admin", "An offer and how far it has come, without claims")
            .by(Caller::Officer)
            .answers(200, "application/json", "Offer")
            .problem(401, "admin_token_required")
            .problem(404, "unknown_offer"),
    )
}

async fn handle(
    State(app): State<App>,
    _: Officer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let unknown = || refusal("unknown_offer", OfferDocumentError::Unknown.to_string());
    let id = OfferId::parse(&id).map_err(|_| unknown())?;
    let offer = app.issuer.offer(&id).await.map_err(|error| store_problem(&error))?;
    Ok(fresh_json(StatusCode::OK, &summary(&offer.ok_or_else(unknown)?)))
}

/// What officers see of an offer.
pub(super) fn summary(offer: &Offer) -> Value {
    let formats: Vec<&str> = offer.formats().map(|format| format.as_str()).collect();
    json!({
        "offer_id": offer.id,
        "type": offer.credential_type.type_name(),
        "formats": formats,
        "kind": offer.kind,
        "person": offer.person,
        "stage": offer.stage.name(),
        "release": offer.release,
        "tx_code_tries_left": offer.stage.tx_code().map(|guard| guard.tries_left),
        "created_at": offer.created_at,
        "expires_at": offer.expires_at,
    })
}
