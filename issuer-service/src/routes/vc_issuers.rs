//! `GET /issuers`: the VC-API instances, for whoever writes a test harness' configuration.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::Endpoint;
use crate::extract::{VcApiCaller, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/issuers",
        get(handle),
        Operation::new("vc-api", "The VC-API instances: id, issuer, securing, endpoint")
            .by(Caller::Officer)
            .answers(200, "application/json", "A list of instances")
            .problem(401, "admin_token_required, unless the instances are open to everybody"),
    )
}

async fn handle(_caller: VcApiCaller, State(app): State<App>) -> Response {
    let origin = app.issuer.settings().public_url.trim_end_matches('/').to_owned();
    let instances: Vec<Value> = app
        .vc_api
        .by_id
        .values()
        .map(|instance| {
            json!({
                "id": instance.id,
                "issuer": instance.issuer.as_str(),
                "securing": instance.securing.as_str(),
                "verificationMethod": instance.verification_method.as_str(),
                "endpoint": format!("{origin}/issuers/{}/credentials/issue", instance.id),
            })
        })
        .collect();
    fresh_json(StatusCode::OK, &json!({ "instances": instances }))
}
