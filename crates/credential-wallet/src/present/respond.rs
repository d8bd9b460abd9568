//! Sending the answer, the "no", or the error, and keeping the history of it.

use credential_proofs::jwe;
use openid4vc_messages::{
    AuthorizationResponse, DirectPostForm, DirectPostResponse, ErrorCode, ErrorResponse,
};
use serde::Serialize;
use serde_json::Value;
use url::Url;
use web_fetch::FetchRequest;

use super::PresentError;
use super::plan::Plan;
use super::request::{AskedPresentation, content_encryption};
use crate::http::{self, Answer, TransportError};
use crate::ledger::Draft;
use crate::records::{DisclosedRecord, HistoryEntry, Outcome, RECORD_VERSION};
use crate::store::Shelf;
use crate::wallet::Wallet;

const WHAT: &str = "verifier's response address";

/// The verifier has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// The line of the history.
    pub history: String,
    /// Where the verifier wants the holder's browser to go, on the same device.
    pub redirect_uri: Option<String>,
}

impl Wallet {
    /// Sends the plan's presentations. The history line is on disk before anything leaves.
    ///
    /// # Errors
    /// [`PresentError`]; the history says how it ended.
    pub async fn present(
        &self,
        asked: &AskedPresentation,
        plan: &Plan,
    ) -> Result<Delivered, PresentError> {
        let response = AuthorizationResponse {
            vp_token: self.vp_token(asked, plan)?,
            state: asked.request.state.clone(),
        };
        let form = match &asked.encryption {
            None => DirectPostForm::Plain(response),
            Some(choice) => {
                let payload = serde_json::to_vec(&response)
                    .map_err(|error| PresentError::Build(error.to_string()))?;
                let token = jwe::encrypt(&payload, &choice.jwk, content_encryption(choice))
                    .map_err(|error| PresentError::Build(error.to_string()))?;
                DirectPostForm::Encrypted(token)
            }
        };
        let mut entry = self.history_entry(asked, Outcome::Sending);
        entry.disclosed = plan
            .entries
            .iter()
            .map(|one| DisclosedRecord {
                credential: one.credential.id.clone(),
                names: one.credential.names.clone(),
                copy: one.copy as u64,
                paths: one.paths.iter().cloned().map(Value::Array).collect(),
            })
            .collect();
        let mut drafts = vec![Draft::put(Shelf::History, &entry.id, &entry)?];
        let mut used: Vec<crate::records::HeldCredential> = Vec::new();
        for one in &plan.entries {
            let at = match used.iter().position(|held| held.id == one.credential.id) {
                Some(at) => at,
                None => {
                    used.push(one.credential.clone());
                    used.len() - 1
                }
            };
            if let Some(copy) = used[at].copies.get_mut(one.copy) {
                copy.presented += 1;
            }
        }
        for held in &used {
            drafts.push(Draft::put(Shelf::Credentials, &held.id, held)?);
        }
        self.parts.ledger.commit(drafts)?;

        let sent = self.post(&asked.response_uri, &form).await;
        entry.outcome = match &sent {
            Ok(_) => Outcome::Delivered,
            Err(error) => Outcome::Failed(error.code().to_owned()),
        };
        self.put(Shelf::History, &entry.id, &entry)?;
        tracing::info!(history = %entry.id, delivered = sent.is_ok(), "presentation answered");
        Ok(Delivered { history: entry.id, redirect_uri: sent? })
    }

    /// Tells the verifier that the holder declined (`access_denied`) and notes it.
    ///
    /// # Errors
    /// [`PresentError`] when the verifier could not be told; the refusal is noted anyway.
    pub async fn refuse(&self, asked: &AskedPresentation) -> Result<Delivered, PresentError> {
        let entry = self.history_entry(asked, Outcome::Refused);
        self.put(Shelf::History, &entry.id, &entry)?;
        let form = error_form(ErrorCode::AccessDenied, "the holder declined", &asked.request.state);
        let redirect_uri = self.post(&asked.response_uri, &form).await?;
        Ok(Delivered { history: entry.id, redirect_uri })
    }

    /// Tells the verifier that the wallet holds nothing that fits. Best effort: the holder
    /// must not wait for a verifier that gets nothing.
    pub async fn report(&self, asked: &AskedPresentation, error: &PresentError) {
        if let Some(code) = error.response_code() {
            let form =
                error_form(code, "the wallet cannot answer this request", &asked.request.state);
            let _ = self.post(&asked.response_uri, &form).await;
        }
    }

    /// Tells an authenticated verifier what is wrong with its request, where it says how.
    pub(super) async fn report_unacceptable(&self, claims: &Value, error: &PresentError) {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let direct = text("response_mode").is_some_and(|mode| mode.starts_with("direct_post"));
        let Some(code) = error.response_code().filter(|_| direct) else { return };
        let Some(url) = text("response_uri").and_then(|uri| Url::parse(uri).ok()) else { return };
        let state = text("state").map(str::to_owned);
        let form = error_form(code, &error.to_string(), &state);
        let _ = self.post(&url, &form).await;
    }

    async fn post(&self, url: &Url, form: &DirectPostForm) -> Result<Option<String>, PresentError> {
        let request =
            FetchRequest::post_form(url.clone(), &form.to_form()).accept("application/json");
        match http::exchange(&*self.parts.fetch, request, WHAT).await? {
            Answer::Rejected(rejection) => Err(PresentError::Rejected(rejection)),
            Answer::Success(response) => {
                // §8.2 wants a JSON object; a verifier that answers 200 with nothing has
                // still taken the answer.
                if http::media_type(&response) != "application/json" || response.body.is_empty() {
                    return Ok(None);
                }
                let json = http::json_body(&response, WHAT)?;
                let answer = DirectPostResponse::parse(&json)
                    .map_err(|error| TransportError::Json { what: WHAT, reason: error.detail })?;
                Ok(answer.redirect_uri)
            }
        }
    }

    fn history_entry(&self, asked: &AskedPresentation, outcome: Outcome) -> HistoryEntry {
        HistoryEntry {
            v: RECORD_VERSION,
            id: self.new_id(),
            at: self.now(),
            client_id: asked.request.client_id.to_string(),
            verifier_names: asked.client_names.clone(),
            signed: asked.proven.is_signed(),
            purpose: asked.purpose.clone(),
            response_uri: asked.response_uri.to_string(),
            disclosed: Vec::new(),
            outcome,
        }
    }
}

fn error_form(code: ErrorCode, description: &str, state: &Option<String>) -> DirectPostForm {
    DirectPostForm::Error(ErrorResponse {
        error: code.as_str().to_owned(),
        error_description: Some(description.to_owned()),
        state: state.clone(),
    })
}
