//! `GET /.well-known/oauth-authorization-server` (RFC 8414)

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use openid4vc_messages::AuthorizationServerMetadata;

use super::Endpoint;
use crate::openapi::Operation;
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/.well-known/oauth-authorization-server",
        get(handle),
        Operation::new("wallet", "Authorization server metadata: the issuer is its own").answers(
            200,
            "application/json",
            "Metadata",
        ),
    )
}

async fn handle(State(app): State<App>) -> Json<AuthorizationServerMetadata> {
    Json(app.issuer.authorization_server_metadata())
}
