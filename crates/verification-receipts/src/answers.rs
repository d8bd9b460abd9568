//! Questions and their answers as plain JSON, in an order that does not depend on time.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use credential_verification::store::{SeenBefore, SeenList};
use evm_chain::ChainError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trust_registry::{ChainAccount, Question};
use url::Url;
use web_fetch::{FetchError, FetchRequest, FetchResponse, Method};

/// What was asked and answered during an examination: `{"fetch GET https://…": {…}, …}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(pub(crate) BTreeMap<String, Value>);

impl Answers {
    /// SHA-256 over the JSON form, hexadecimal. Keys are in order, so it is the same for the same
    /// answers.
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(&self.0).unwrap_or_default();
        hex::encode(Sha256::digest(text))
    }

    /// The addresses asked, with the digest of what they answered.
    pub fn fetched(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (question, answer) in &self.0 {
            let Some(address) = question.strip_prefix("fetch GET ") else { continue };
            let address = address.split(' ').next().unwrap_or_default();
            if let Some(Ok(response)) = read_fetch(answer, &Url::parse(address).ok()) {
                found.push((address.to_owned(), hex::encode(Sha256::digest(response.body))));
            }
        }
        found
    }

    /// The heads of issuers' epochs that were seen: issuer, epoch, root.
    pub fn anchors(&self) -> Vec<Value> {
        let heads = self.0.iter().filter_map(|(question, answer)| {
            let issuer = question.strip_prefix("chain status_head ")?;
            let head = answer.get("ok")?;
            let (epoch, root) = (head.get("epoch")?, head.get("status_root")?);
            Some(json!({"issuer": issuer, "epoch": epoch.to_string(), "status_root": root}))
        });
        heads.collect()
    }

    pub(crate) fn get(&self, question: &str) -> Option<&Value> {
        self.0.get(question)
    }
}

/// Method, address and the form asked for.
pub(crate) fn fetch_question(request: &FetchRequest) -> String {
    let accept = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("accept"));
    let method = if request.method == Method::Get { "GET" } else { "POST" };
    let body = match request.body.is_empty() {
        true => String::new(),
        false => format!(" {}", hex::encode(Sha256::digest(&request.body))),
    };
    let accept = accept.map(|(_, value)| value.as_str()).unwrap_or_default();
    format!("fetch {method} {} {accept}{body}", request.url).trim_end().to_owned()
}

pub(crate) fn write_fetch(answer: &Result<FetchResponse, FetchError>) -> Value {
    match answer {
        Ok(response) => json!({
            "status": response.status,
            "content_type": response.content_type,
            "body": STANDARD.encode(&response.body),
        }),
        Err(error) => json!({"error": error.code()}),
    }
}

/// `None` when it is no such answer.
pub(crate) fn read_fetch(
    answer: &Value,
    url: &Option<Url>,
) -> Option<Result<FetchResponse, FetchError>> {
    if let Some(code) = answer.get("error") {
        return Some(Err(fetch_error(code.as_str()?)));
    }
    Some(Ok(FetchResponse {
        status: u16::try_from(answer.get("status")?.as_u64()?).ok()?,
        content_type: answer.get("content_type").and_then(Value::as_str).map(str::to_owned),
        headers: Vec::new(),
        body: STANDARD.decode(answer.get("body")?.as_str()?).ok()?,
        url: url.clone()?,
    }))
}

/// An error of the same code, so that the checks conclude the same.
fn fetch_error(code: &str) -> FetchError {
    let said = || "as recorded".to_owned();
    match code {
        "forbidden_scheme" => FetchError::ForbiddenScheme(said()),
        "forbidden_port" => FetchError::ForbiddenPort(0),
        "forbidden_address" => FetchError::ForbiddenAddress(said()),
        "forbidden_url" => FetchError::ForbiddenUrl(said()),
        "forbidden_header" => FetchError::ForbiddenHeader(said()),
        "too_many_redirects" => FetchError::TooManyRedirects,
        "bad_redirect" => FetchError::BadRedirect,
        "response_too_large" => FetchError::TooLarge { limit: 0 },
        "unexpected_encoding" => FetchError::UnexpectedEncoding(said()),
        "dns_failed" => FetchError::DnsFailed(said()),
        "timed_out" => FetchError::TimedOut,
        "exchange_failed" => FetchError::Interrupted(said()),
        _ => FetchError::ConnectFailed(said()),
    }
}

pub(crate) fn write_chain<T: Serialize>(answer: &Result<T, ChainError>) -> Value {
    match answer {
        Ok(value) => json!({"ok": value}),
        Err(ChainError::VersionNotFound { version }) => {
            json!({"error": "chain_version_not_found", "version": version})
        }
        Err(ChainError::DocumentNotPublished { version }) => {
            json!({"error": "chain_document_not_published", "version": version})
        }
        Err(error) => json!({"error": error.code()}),
    }
}

pub(crate) fn read_chain<T: DeserializeOwned>(answer: Option<&Value>) -> Result<T, ChainError> {
    let absent = || ChainError::Unreachable("not in the archive".to_owned());
    let answer = answer.ok_or_else(absent)?;
    if let Some(value) = answer.get("ok") {
        let read = serde_json::from_value(value.clone());
        return read.map_err(|error| ChainError::BadAnswer(error.to_string()));
    }
    let version = || answer.get("version").and_then(Value::as_u64).unwrap_or_default();
    Err(match answer.get("error").and_then(Value::as_str) {
        Some("chain_version_not_found") => ChainError::VersionNotFound { version: version() },
        Some("chain_document_not_published") => {
            ChainError::DocumentNotPublished { version: version() }
        }
        Some("chain_not_supported") => ChainError::NotSupported("as recorded"),
        Some("chain_document_digest_mismatch") => ChainError::DigestMismatch,
        Some("chain_history_broken") => ChainError::HistoryBroken("as recorded".to_owned()),
        Some(code) => ChainError::Unreachable(code.to_owned()),
        None => absent(),
    })
}

pub(crate) fn entitlement_question(question: &Question<'_>) -> String {
    let kind = question.kind.unwrap_or("-");
    let (issuer, what, at) = (question.issuer, question.type_name, question.at);
    format!("trust entitlement {issuer} {what} {kind} {at}")
}

pub(crate) fn write_account(account: Option<ChainAccount>) -> Value {
    json!(account)
}

pub(crate) fn read_account(answer: Option<&Value>) -> Option<ChainAccount> {
    answer?.as_str()?.parse().ok()
}

pub(crate) fn seen_question(key: &str, offered: &SeenList) -> String {
    format!("seen {key} {} {}", offered.version, offered.sha256)
}

pub(crate) fn write_seen(answer: &SeenBefore) -> Value {
    match answer {
        SeenBefore::Current => json!({"current": true}),
        SeenBefore::Older(list) => json!({"older": list}),
        SeenBefore::Differs(list) => json!({"differs": list}),
    }
}

pub(crate) fn read_seen(answer: &Value) -> Option<SeenBefore> {
    let list = |name: &str| {
        answer.get(name).and_then(|list| serde_json::from_value::<SeenList>(list.clone()).ok())
    };
    if let Some(list) = list("older") {
        return Some(SeenBefore::Older(list));
    }
    if let Some(list) = list("differs") {
        return Some(SeenBefore::Differs(list));
    }
    answer.get("current").map(|_| SeenBefore::Current)
}
