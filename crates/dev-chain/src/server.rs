//! JSON-RPC 2.0 over HTTP: single requests, batches and notifications.

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{Chain, RpcError, rpc};

/// Bytes of one request body.
const BODY_LIMIT: usize = 1024 * 1024;
/// Requests in one batch.
const BATCH_LIMIT: usize = 100;

/// The chain as the handlers share it.
pub type SharedChain = Arc<Mutex<Chain>>;

/// The HTTP face: POST to `/`.
pub fn router(chain: SharedChain) -> Router {
    Router::new()
        .route("/", post(handle))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(chain)
}

/// Serves until `shutdown` resolves; requests under way are finished.
///
/// # Errors
/// The listener's.
pub async fn serve(
    chain: SharedChain,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(chain)).with_graceful_shutdown(shutdown).await
}

async fn handle(State(chain): State<SharedChain>, body: Bytes) -> Response {
    // Executing and syncing the disk block: keep them off the async threads.
    let answered = tokio::task::spawn_blocking(move || answer(&chain, &body)).await;
    match answered {
        Ok(Some(answer)) => {
            ([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
        }
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn answer(chain: &SharedChain, body: &[u8]) -> Option<Value> {
    match serde_json::from_slice::<Value>(body) {
        Err(_) => Some(failure(&Value::Null, &RpcError::parse())),
        Ok(Value::Array(batch)) if batch.is_empty() || batch.len() > BATCH_LIMIT => {
            Some(failure(&Value::Null, &RpcError::invalid_request()))
        }
        Ok(Value::Array(batch)) => {
            let answers: Vec<_> = batch.iter().filter_map(|request| one(chain, request)).collect();
            (!answers.is_empty()).then_some(Value::Array(answers))
        }
        Ok(request) => one(chain, &request),
    }
}

fn one(chain: &SharedChain, request: &Value) -> Option<Value> {
    let id = request.get("id");
    let wellformed = request.get("jsonrpc") == Some(&json!("2.0"))
        && id.is_none_or(|id| id.is_string() || id.is_number() || id.is_null());
    let Some(method) = request.get("method").and_then(Value::as_str).filter(|_| wellformed) else {
        return Some(failure(&Value::Null, &RpcError::invalid_request()));
    };
    let params = request.get("params").unwrap_or(&Value::Null);
    let result = match chain.lock() {
        Ok(mut chain) => rpc::dispatch(&mut chain, method, params),
        Err(_) => Err(RpcError::internal("an earlier request failed badly; restart the dev chain")),
    };
    tracing::debug!(method, ok = result.is_ok(), "rpc");
    // Without an id it is a notification and gets no answer.
    let id = id?;
    Some(match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => failure(id, &error),
    })
}

fn failure(id: &Value, error: &RpcError) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": error.to_json() })
}
