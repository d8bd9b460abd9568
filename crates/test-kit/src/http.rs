//! HTTP to our own services on the loopback address, through the same guarded client as everybody.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use url::Url;
use web_fetch::{Fetch, FetchPolicy, FetchRequest, FetchResponse, GuardedClient};

#[derive(Clone)]
pub struct Http {
    client: Arc<GuardedClient>,
}

impl Http {
    /// A client that may reach exactly these `host:port` origins without TLS.
    pub fn new(origins: &[String]) -> Result<Self> {
        let policy = FetchPolicy { plain_http_origins: origins.to_vec(), ..FetchPolicy::default() };
        Ok(Self { client: Arc::new(GuardedClient::new(policy)?) })
    }

    pub async fn send(&self, request: FetchRequest) -> Result<FetchResponse> {
        let shown = request.url.to_string();
        self.client.fetch(request).await.with_context(|| format!("asking {shown}"))
    }

    pub async fn get(&self, url: &str) -> Result<FetchResponse> {
        self.send(FetchRequest::get(Url::parse(url)?)).await
    }

    pub async fn get_json(&self, url: &str, bearer: Option<&str>) -> Result<Value> {
        let mut request = FetchRequest::get(Url::parse(url)?).accept("application/json");
        if let Some(token) = bearer {
            request = request.bearer(token);
        }
        json(url, self.send(request).await?)
    }

    pub async fn post_json(&self, url: &str, body: &Value, bearer: Option<&str>) -> Result<Value> {
        let mut request = FetchRequest::post_json(Url::parse(url)?, body.to_string().as_bytes());
        if let Some(token) = bearer {
            request = request.bearer(token);
        }
        json(url, self.send(request).await?)
    }
}

fn json(url: &str, response: FetchResponse) -> Result<Value> {
    let text = String::from_utf8_lossy(&response.body);
    if !response.is_success() {
        bail!("{url} answered {}: {text}", response.status);
    }
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).with_context(|| format!("{url} answered no JSON: {text}"))
}
