//! `POST /response/{id}`: the wallet's answer (OID4VP 1.0 sections 8.2 and 8.3).
//!
//! Whatever is no answer to this request leaves the session open; an answer is examined and
//! recorded once, and of two parallel answers exactly one wins.
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use credential_model::{
    ambient::{random_token, uuid_v7},
    json::{Limits, parse_strict},
};
use credential_proofs::jwe::{self, EphemeralKey};
use credential_verification::{
    Answer, Report, Tools, domain,
    domain::DomainRequest,
    presentation,
    report::{Asked, AskedKind},
    session::{InvalidTransition, SessionRecord},
    store::{StoreError, VerifierStore},
};
use openid4vc_messages::{AuthorizationResponse, DirectPostForm, DirectPostResponse};
use serde_json::Value;
use web_kit::OAuthError;

use super::form::FormBytes;
use crate::state::App;

const MAX_BYTES: usize = 1024 * 1024;
/// How often a step is tried again that another one came before.
pub(super) const RETRIES: usize = 3;

/// Takes an answer.
pub(super) async fn response(
    State(app): State<App>,
    Path(id): Path<String>,
    FormBytes(body): FormBytes,
) -> Result<Response, OAuthError> {
    let session = app
        .store
        .session_by_public_id(&id)
        .await
        .map_err(|error| failed(&error))?
        .ok_or_else(|| refuse("unknown_request", "there is no such request"))?;
    let now = app.now();
    session.may_be_answered(now).map_err(transition)?;
    strict_token(&body)?;
    let form = DirectPostForm::from_form(&body).map_err(|error| {
        OAuthError::bad_request(error.code(), format!("malformed_response: {}", error.detail))
    })?;
    let answer = match form {
        DirectPostForm::Error(error) => {
            same_state(&session, error.state.as_deref())?;
            keep(&*app.store, session, |session| session.refused(now, &error.error)).await?;
            tracing::info!(request = id, "the wallet refused");
            return Ok(accepted(&DirectPostResponse::default()));
        }
        DirectPostForm::Plain(answer) if session.asked.encryption_key.is_none() => answer,
        DirectPostForm::Plain(_) => {
            return Err(refuse("encryption_required", "this request takes encrypted answers only"));
        }
        DirectPostForm::Encrypted(token) => decrypt(&session, &token)?,
        _ => return Err(refuse("malformed_response", "an unknown form of answer")),
    };
    same_state(&session, answer.state.as_deref())?;

    let toolbox = app.toolbox().await;
    let tools = toolbox.tools();
    let process = async |tools: &Tools<'_>| {
        let found = presentation::process(&session.asked, &answer.vp_token, tools, now).await;
        found.map_err(|error| {
            tracing::info!(request = id, code = error.code(), "an answer was not taken");
            refuse(error.code(), &error.to_string())
        })
    };
    let mut examinations = process(&tools).await?;
    if app.learn(&examinations).await {
        examinations = process(&app.toolbox().await.tools()).await?;
    }
    let domain = session.asked.domain.as_ref().and_then(|context| {
        // Checked when the request was made.
        let request = DomainRequest::from_value(context).ok()?;
        let presented: Vec<_> =
            examinations.iter().filter_map(|examination| examination.presented()).collect();
        Some(domain::run(&request, &presented, now))
    });
    let report = Report::new(&examinations, domain, asked(&session), now)
        .numbered(uuid_v7(now, &*app.entropy));
    let authentic = report.verdict.authentic;
    let code = session.asked.same_device.then(|| random_token(&*app.entropy));
    let next = keep(&*app.store, session, |session| {
        session.answered(now, report.clone(), code.as_deref())
    })
    .await?;
    tracing::info!(request = id, "answered");
    app.desk.collections.answered(&next.public_id, &report, now).map_err(|error| {
        // The session keeps the answer; the table of the collection would lack it.
        tracing::error!(%error, "an answer was not kept with its collection");
        failed(&StoreError::Backend(error.to_string()))
    })?;

    if authentic == Answer::No && code.is_none() {
        // The report says so to the asker; the wallet learns that its answer was bad (section 8.2).
        return Err(refuse("not_authentic", "a credential in the answer is not authentic"));
    }
    // On the same device the browser must come back to read the "no" too.
    let redirect_uri = match code {
        None => None,
        Some(code) => Some(return_address(&app, &next, &code)?),
    };
    Ok(accepted(&DirectPostResponse { redirect_uri }))
}

/// The JSON inside the form must be unambiguous before anything else reads it.
fn strict_token(body: &[u8]) -> Result<(), OAuthError> {
    for (name, value) in url::form_urlencoded::parse(body) {
        if name == "vp_token" {
            let limits = Limits { max_bytes: MAX_BYTES, max_depth: 32 };
            parse_strict(value.as_bytes(), &limits)
                .map_err(|error| refuse("malformed_json", &error.to_string()))?;
        }
    }
    Ok(())
}

fn decrypt(session: &SessionRecord, token: &str) -> Result<AuthorizationResponse, OAuthError> {
    let Some(key) = &session.asked.encryption_key else {
        return Err(refuse("encryption_not_asked", "this request takes plain answers"));
    };
    let key: EphemeralKey = serde_json::from_value(key.clone()).map_err(|_| {
        OAuthError::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the key cannot be read")
    })?;
    let plain = jwe::decrypt(token, &key)
        .map_err(|error| refuse("decryption_failed", &error.to_string()))?;
    let limits = Limits { max_bytes: MAX_BYTES, max_depth: 34 };
    let value = parse_strict(&plain, &limits)
        .map_err(|error| refuse("malformed_json", &error.to_string()))?;
    AuthorizationResponse::parse(&value)
        .map_err(|error| refuse("malformed_response", &error.detail))
}

fn same_state(session: &SessionRecord, state: Option<&str>) -> Result<(), OAuthError> {
    if state == Some(session.asked.state.as_str()) {
        Ok(())
    } else {
        Err(refuse("state_mismatch", "the state is missing or not this request's"))
    }
}

fn asked(session: &SessionRecord) -> Asked {
    Asked {
        kind: AskedKind::Presentation,
        purpose: Some(session.asked.purpose.clone()),
        template: session.asked.template.clone(),
        client_id: Some(session.asked.client_id.clone()),
        query: Some(session.asked.query.clone()),
    }
}

fn return_address(app: &App, session: &SessionRecord, code: &str) -> Result<String, OAuthError> {
    let mut url = app.public_url.join(&format!("done/{}", session.public_id)).map_err(|_| {
        OAuthError::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "no return address")
    })?;
    url.query_pairs_mut().append_pair("response_code", code);
    Ok(url.to_string())
}

/// Takes the step and keeps it. Between reading and writing a browser may have been bound, which
/// is no reason to lose an answer: the step is tried again on the fresh session, and refuses by
/// itself where another answer was faster.
async fn keep(
    store: &dyn VerifierStore,
    mut session: SessionRecord,
    step: impl Fn(SessionRecord) -> Result<SessionRecord, InvalidTransition>,
) -> Result<SessionRecord, OAuthError> {
    for _ in 0..=RETRIES {
        let id = session.id.clone();
        let next = step(session).map_err(transition)?;
        match store.advance_session(&next).await {
            Ok(()) => return Ok(next),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(failed(&error)),
        }
        session = store
            .session(&id)
            .await
            .map_err(|error| failed(&error))?
            .ok_or_else(|| refuse("unknown_request", "there is no such request"))?;
    }
    Err(transition(InvalidTransition::AlreadyAnswered))
}

fn accepted(answer: &DirectPostResponse) -> Response {
    let body = serde_json::to_value(answer).unwrap_or(Value::Null);
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn transition(error: InvalidTransition) -> OAuthError {
    refuse(error.code(), &error.to_string())
}

fn refuse(code: &str, detail: &str) -> OAuthError {
    OAuthError::bad_request("invalid_request", format!("{code}: {detail}"))
}

fn failed(error: &StoreError) -> OAuthError {
    tracing::error!(%error, "store");
    OAuthError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "store_failed: the records could not be read or written",
    )
}

#[cfg(test)]
mod tests {
    use credential_model::moment::Moment;
    use credential_verification::{
        session::{SessionState, Stage},
        store::MemoryStore,
        store_contract::example_session,
    };

    use super::*;

    fn now() -> Moment {
        Moment::from_unix(1_800_000_000)
    }

    #[tokio::test]
    async fn a_browser_bound_meanwhile_loses_no_answer_but_another_answer_does() {
        let store = MemoryStore::new();
        let session = example_session(1, now());
        store.create_session(&session).await.unwrap();
        store.advance_session(&session.fetched(now()).unwrap()).await.unwrap();
        let id = example_session(1, now()).id;
        let stale = store.session(&id).await.unwrap().unwrap();
        store.advance_session(&stale.clone().bound_to("browser")).await.unwrap();

        let answer = |session: SessionRecord| session.refused(now(), "access_denied");
        keep(&store, stale.clone(), answer).await.unwrap();
        let kept = store.session(&id).await.unwrap().unwrap();
        assert_eq!(kept.state(now()), SessionState::Refused);
        assert!(kept.is_bound_to("browser"), "the other step is not undone");
        // The same stale copy again: somebody answered, and that stays.
        let late = |session: SessionRecord| session.refused(now(), "late");
        assert!(keep(&store, stale, late).await.is_err());
        let kept = store.session(&id).await.unwrap().unwrap();
        assert!(matches!(kept.stage, Stage::Refused { error, .. } if error == "access_denied"));
    }
}
