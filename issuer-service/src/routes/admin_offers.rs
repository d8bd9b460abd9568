//! `POST /admin/offers` and `GET /admin/offers`

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use credential_issuance::ids::OfferId;
use credential_issuance::offer::{CreateOfferError, NewOffer};
use credential_issuance::store::Page;
use serde::Deserialize;
use serde_json::{Value, json};
use web_kit::{Problem, StrictJson};

use super::admin_offer::summary;
use super::{Endpoint, page_size};
use crate::errors::{refusal, store_problem};
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn create_endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "required": ["type"],
        "additionalProperties": false,
        "properties": {
            "type": { "type": "string", "description": "KrQualificationBadge and the like" },
            "subject": { "type": "object", "description": "Claims; what person and kind know need not be repeated" },
            "person": { "type": "string" },
            "kind": { "type": "string" },
            "formats": { "type": "array", "items": { "enum": ["ldp_vc", "jwt_vc_json", "dc+sd-jwt"] } },
            "tx_code": { "type": "boolean" },
            "by_reference": { "type": "boolean", "default": true },
            "expires_in": { "type": "integer", "description": "seconds" },
            "valid_from": { "type": "string", "format": "date-time" },
            "valid_until": { "type": "string", "format": "date-time" },
            "awarded_date": { "type": "string", "format": "date-time" },
            "deferred": { "type": "boolean", "description": "an officer must release it" }
        }
    });
    Endpoint::post(
        "/admin/offers",
        post(create),
        Operation::new(
            "admin",
            "Makes an offer, after checking everything its credentials will need",
        )
        .by(Caller::Officer)
        .body("application/json", schema)
        .answers(201, "application/json", "Links, QR codes, and the tx_code, told only here")
        .problem(401, "admin_token_required")
        .problem(
            422,
            "unknown_type, unknown_kind, invalid_subject with violations, forbidden_number, …",
        ),
    )
}

pub(super) fn list_endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/offers",
        get(list),
        Operation::new("admin", "Offers, oldest first, without claims")
            .by(Caller::Officer)
            .query("after", "Begin after this offer id")
            .query("limit", "1 to 500, 100 when absent")
            .answers(200, "application/json", "Offers")
            .problem(401, "admin_token_required"),
    )
}

async fn create(
    State(app): State<App>,
    _: Officer,
    StrictJson(new): StrictJson<NewOffer>,
) -> Response {
    let created = match app.issuer.create_offer(new).await {
        Ok(created) => created,
        Err(error) => return refused(&error),
    };
    let offer = &created.offer;
    let url = app.issuer.offer_url(&offer.id);
    let mut answer = json!({
        "offer_id": offer.id,
        "offer_uri": app.issuer.offer_uri(offer),
        "offer_url": url,
        "page_url": format!("{url}/page"),
        "qr_svg_url": format!("{url}/qr.svg"),
        "qr_png_url": format!("{url}/qr.png"),
        "expires_at": offer.expires_at,
    });
    if let Some(tx_code) = created.tx_code {
        answer["tx_code"] = Value::String(tx_code);
    }
    fresh_json(StatusCode::CREATED, &answer)
}

/// A problem document that also lists each broken rule (pointer, code, detail), never a value.
fn refused(error: &CreateOfferError) -> Response {
    let problem = refusal(error.code(), error.to_string());
    if error.violations().is_empty() {
        return problem.into_response();
    }
    let status = problem.status();
    let mut body = serde_json::to_value(&problem).unwrap_or_else(|_| json!({}));
    body["violations"] = error
        .violations()
        .iter()
        .take(50)
        .map(|violation| {
            json!({ "pointer": violation.pointer, "code": violation.code, "detail": violation.detail })
        })
        .collect();
    let mut response = fresh_json(status, &body);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json; charset=utf-8"),
    );
    response
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

async fn list(
    State(app): State<App>,
    _: Officer,
    Query(query): Query<Paging>,
) -> Result<Response, Problem> {
    let after = match &query.after {
        None => None,
        Some(id) => {
            Some(OfferId::parse(id).map_err(|error| refusal(error.code(), error.to_string()))?)
        }
    };
    let page = Page { after: after.as_ref().map(OfferId::as_str), limit: page_size(query.limit) };
    let offers = app.issuer.offers(page).await.map_err(|error| store_problem(&error))?;
    let offers: Vec<Value> = offers.iter().map(summary).collect();
    Ok(fresh_json(StatusCode::OK, &json!({ "offers": offers })))
}
