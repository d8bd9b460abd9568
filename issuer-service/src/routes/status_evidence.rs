//! `GET /status/{list}/{index}/evidence/{digest}`: what the holder takes along for verifiers
//! without a net, and for the day a key is stolen

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use credential_issuance::ids::{Digest, ListId};
use web_kit::Problem;

use super::Endpoint;
use crate::errors::store_problem;
use crate::extract::fresh_json;
use crate::openapi::Operation;
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/status/{list}/{index}/evidence/{digest}",
        get(handle),
        Operation::new(
            "public",
            "Proofs that travel with a credential: issuance, status, the issuer's document and keys",
        )
        .answers(200, "application/json", "Staple")
        .problem(404, "no_such_credential"),
    )
}

/// One answer for "nothing there" and "another credential": who counts through a list learns
/// nothing.
fn absent() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no_such_credential")
        .detail("No credential with this digest has this place in this list.")
        .hint("The digest is SHA-256 of the credential as it was issued, in hexadecimal.")
}

async fn handle(
    State(app): State<App>,
    Path((list, index, digest)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let wanted = Digest::parse(&digest).map_err(|_| absent())?;
    let index: u64 = index.parse().map_err(|_| absent())?;
    let list = ListId::parse(&list).map_err(|_| absent())?;
    let staple = app
        .issuer
        .staple(&list, index, &wanted)
        .await
        .map_err(|error| store_problem(&error))?
        .ok_or_else(absent)?;
    let mut response = fresh_json(StatusCode::OK, &staple);
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}
