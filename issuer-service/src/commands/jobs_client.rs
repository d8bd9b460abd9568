//! The admin API as the `jobs` command speaks to it.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;
use url::Url;
use web_fetch::{Fetch as _, FetchPolicy, FetchRequest, FetchResponse, GuardedClient};
use web_kit::private_file;

use crate::config::Config;
use crate::routes::OFFICER_HEADER;

/// A part of an upload and an answer with 1,024 outcomes fit in.
const ANSWER: usize = 8 * 1024 * 1024;
/// How often something is asked for again while the service restarts.
const TRIES: usize = 20;

/// A client with the admin token.
pub(super) struct Client {
    fetch: GuardedClient,
    base: String,
    token: String,
    officer: String,
}

impl Client {
    pub(super) fn new(
        config: &Config,
        service: Option<&str>,
        officer: &str,
    ) -> anyhow::Result<Self> {
        let base = service.unwrap_or(&config.server.public_url).trim_end_matches('/').to_owned();
        let policy = FetchPolicy {
            plain_http_origins: config.network.danger_plain_http_origins.clone(),
            max_bytes: ANSWER,
            ..FetchPolicy::default()
        };
        Ok(Self {
            fetch: GuardedClient::new(policy)?,
            base,
            token: private_file::read(&config.admin.token_file, 1)?,
            officer: officer.to_owned(),
        })
    }

    fn url(&self, path: &str) -> anyhow::Result<Url> {
        Url::parse(&format!("{}{path}", self.base)).context("the service's address")
    }

    async fn once(&self, request: FetchRequest) -> anyhow::Result<FetchResponse> {
        let mut request = request.bearer(&self.token).max_bytes(ANSWER);
        if !self.officer.is_empty() {
            request = request.header(OFFICER_HEADER, &self.officer);
        }
        let response = self.fetch.fetch(request).await?;
        if response.is_success() {
            return Ok(response);
        }
        let problem: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let text = |member: &str| problem[member].as_str().unwrap_or_default().to_owned();
        let hint = text("hint");
        let hint = if hint.is_empty() { hint } else { format!(" ({hint})") };
        bail!("{} {}: {}{hint}", response.status, text("code"), text("detail"))
    }

    /// Asks again while nobody answers: reading changes nothing, and all writing of this client
    /// may be repeated.
    async fn ask(
        &self,
        make: impl Fn() -> anyhow::Result<FetchRequest>,
    ) -> anyhow::Result<FetchResponse> {
        let mut last = None;
        for _ in 0..TRIES {
            match self.once(make()?).await {
                Err(error) if error.downcast_ref::<web_fetch::FetchError>().is_some() => {
                    last = Some(error);
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                other => return other,
            }
        }
        Err(last.unwrap_or_else(|| anyhow::anyhow!("nobody answers")))
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let url = self.url(path)?;
        let answer = self.ask(|| Ok(FetchRequest::get(url.clone()).accept("application/json")));
        json(&answer.await?)
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = self.url(path)?;
        let bytes = body.to_string();
        json(&self.ask(|| Ok(FetchRequest::post_json(url.clone(), bytes.as_bytes()))).await?)
    }

    pub(super) async fn job(&self, id: &str) -> anyhow::Result<Value> {
        self.get(&format!("/admin/jobs/{id}")).await
    }

    pub(super) async fn step(&self, id: &str, step: &str, body: &Value) -> anyhow::Result<Value> {
        self.post(&format!("/admin/jobs/{id}/steps/{step}"), body).await
    }

    pub(super) async fn part(&self, id: &str, number: u64, bytes: Vec<u8>) -> anyhow::Result<()> {
        let url = self.url(&format!("/admin/jobs/{id}/parts/{number}"))?;
        let media = "application/octet-stream";
        self.ask(|| Ok(FetchRequest::post(url.clone(), media, bytes.clone()))).await.map(|_| ())
    }

    /// A piece of a table and the number of the next one.
    pub(super) async fn csv(&self, path: &str) -> anyhow::Result<(Vec<u8>, Option<String>)> {
        let url = self.url(path)?;
        let answer = self.ask(|| Ok(FetchRequest::get(url.clone()).accept("text/csv"))).await?;
        let next = answer.header("sinpyo-next-chunk").map(str::to_owned);
        Ok((answer.body, next))
    }
}

fn json(answer: &FetchResponse) -> anyhow::Result<Value> {
    serde_json::from_slice(&answer.body).context("the service answered no JSON")
}
