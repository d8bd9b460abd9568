//! `POST /chain/witness`: a signed statement that a block is on the chain this verifier reads.
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chain_proofs::WitnessStatement;
use serde::Deserialize;
use web_kit::{Problem, StrictJson};

use crate::{state::App, witness::WitnessError};

/// The request body. Numbers are decimal text: JSON numbers lose digits in other hands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    chain_id: String,
    number: String,
    /// `0x` and 64 hexadecimal digits.
    hash: String,
}

impl Wanted {
    fn statement(&self) -> Option<WitnessStatement> {
        let mut hash = [0; 32];
        hex::decode_to_slice(self.hash.strip_prefix("0x")?, &mut hash).ok()?;
        let (chain_id, number) = (self.chain_id.parse().ok()?, self.number.parse().ok()?);
        Some(WitnessStatement { chain_id, number, hash })
    }
}

/// Signs, or says why not.
pub(super) async fn state(
    State(app): State<App>,
    StrictJson(wanted): StrictJson<Wanted>,
) -> Result<Response, Problem> {
    let Some(witness) = &app.witness else {
        return Err(Problem::new(StatusCode::NOT_FOUND, "witness_disabled")
            .detail("This verifier is no witness.")
            .hint("[witness] enabled = true makes it one."));
    };
    let statement = wanted.statement().ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, "invalid_statement")
            .detail("chain_id and number are decimal text, hash is 0x and 64 hexadecimal digits.")
    })?;
    let signed = witness.state(statement).await.map_err(|error| problem(&error))?;
    let mut response = Json(signed).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn problem(error: &WitnessError) -> Problem {
    let status = match error {
        WitnessError::NoBlock => StatusCode::NOT_FOUND,
        WitnessError::OtherChain(_) | WitnessError::OtherBlock => StatusCode::CONFLICT,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let problem = Problem::new(status, error.code()).detail(error.to_string());
    if status == StatusCode::SERVICE_UNAVAILABLE { problem.retry_after(5) } else { problem }
}
