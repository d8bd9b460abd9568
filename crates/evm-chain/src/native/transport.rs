//! The HTTP transport: bounded in time and size, no redirects, every failure told apart.
//!
//! alloy's own transport reads a body of any size into memory, so a lying node could exhaust us.

use std::{
    fmt,
    task::{Context, Poll},
    time::Duration,
};

use alloy::{
    rpc::json_rpc::{RequestPacket, ResponsePacket, RpcError},
    transports::{
        TransportError, TransportErrorKind, TransportFut,
        http::reqwest::{Client, StatusCode, Url, redirect::Policy},
    },
};
use tower::Service;

use crate::ChainError;

/// How long to wait and how much to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeLimits {
    /// For one request, connecting included.
    pub timeout: Duration,
    /// For one answer, in bytes.
    pub answer_bytes: usize,
}

impl Default for NodeLimits {
    /// 10 seconds and 1 MiB: the longest honest answer is an event with a 16 KiB document.
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), answer_bytes: 1024 * 1024 }
    }
}

/// One endpoint behind the limits.
#[derive(Debug, Clone)]
pub(super) struct BoundedHttp {
    client: Client,
    url: Url,
    limit: usize,
}

/// A [`ChainError`] on its way through alloy's error type.
#[derive(Debug)]
struct Fault(ChainError);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

impl BoundedHttp {
    pub(super) fn new(url: Url, limits: NodeLimits) -> Result<Self, ChainError> {
        let client = Client::builder()
            .timeout(limits.timeout)
            .redirect(Policy::none())
            .build()
            .map_err(|error| ChainError::Settings(error.to_string()))?;
        Ok(Self { client, url, limit: limits.answer_bytes })
    }

    async fn exchange(self, request: RequestPacket) -> Result<ResponsePacket, ChainError> {
        let mut response = self
            .client
            .post(self.url)
            .json(&request)
            .send()
            .await
            .map_err(|error| unreachable(&error))?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(ChainError::RateLimited);
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| unreachable(&error))? {
            if body.len() + piece.len() > self.limit {
                return Err(ChainError::AnswerTooLarge { limit: self.limit });
            }
            body.extend_from_slice(&piece);
        }
        // Some nodes send a JSON-RPC error with a 4xx status: the object says more than the number.
        match serde_json::from_slice(&body) {
            Ok(answer) => Ok(answer),
            Err(_) if !status.is_success() => {
                Err(ChainError::Unreachable(format!("HTTP status {}", status.as_u16())))
            }
            Err(error) => Err(ChainError::BadAnswer(error.to_string())),
        }
    }
}

fn unreachable(error: &alloy::transports::http::reqwest::Error) -> ChainError {
    if error.is_timeout() {
        return ChainError::TimedOut;
    }
    // The URL may carry an access key of the node's operator: it stays out of messages and logs.
    let kind = if error.is_connect() { "no connection" } else { "the connection broke" };
    ChainError::Unreachable(kind.to_owned())
}

impl Service<RequestPacket> for BoundedHttp {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            this.exchange(request).await.map_err(|error| TransportErrorKind::custom(Fault(error)))
        })
    }
}

/// Words of a node that are shown or logged: one short line.
fn shorten(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(200).collect()
}

/// What alloy's client reports, in our terms.
pub(super) fn from_transport(error: TransportError) -> ChainError {
    match error {
        // -32005 is EIP-1474's "limit exceeded".
        RpcError::ErrorResp(payload) if payload.code == -32005 => ChainError::RateLimited,
        RpcError::ErrorResp(payload) => {
            ChainError::Rpc { code: payload.code, message: shorten(&payload.message) }
        }
        RpcError::Transport(TransportErrorKind::Custom(inner)) => match inner.downcast::<Fault>() {
            Ok(fault) => fault.0,
            Err(other) => ChainError::Unreachable(shorten(&other.to_string())),
        },
        RpcError::Transport(other) => ChainError::Unreachable(shorten(&other.to_string())),
        RpcError::NullResp => ChainError::BadAnswer("null".to_owned()),
        other => ChainError::BadAnswer(shorten(&other.to_string())),
    }
}
