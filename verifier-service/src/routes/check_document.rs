//! `POST /api/verify`: a report on credentials that were pasted, uploaded or received elsewhere.
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chain_anchors::Staple;
use credential_model::{ambient::uuid_v7, credential::UnverifiedCredential, moment::Moment};
use credential_verification::{
    Examination, Exhibit, Report, Tools,
    bundle::{self, BundleError},
    domain,
    domain::DomainRequest,
    examine::examine_exhibit,
    report::{Asked, AskedKind},
};
use serde::Deserialize;
use serde_json::Value;
use web_kit::{Problem, StrictJson};

use super::api_auth::ApiCaller;
use crate::state::App;

/// More credentials than this in one call are refused.
const MAX_CREDENTIALS: usize = 16;

/// The request body: exactly one of `credential` and `credentials`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// A token as text, a secured document as object, or `{"credential", "staple"}`.
    #[serde(default)]
    credential: Option<Value>,
    /// Several of them, judged together (a drone's three documents).
    #[serde(default)]
    credentials: Option<Vec<Value>>,
    /// Inputs of a domain check: `{"profile": …}`.
    #[serde(default)]
    context: Option<Value>,
    /// The moment asked about (RFC 3339); now when absent.
    #[serde(default)]
    at: Option<String>,
    /// Evidence for the one credential: a staple.
    #[serde(default)]
    staple: Option<Value>,
}

/// A credential as it came, and the evidence beside it.
pub(super) struct Shown {
    value: Value,
    staple: Option<Staple>,
}

impl Shown {
    /// Takes an envelope apart where there is one, in an object or in text.
    ///
    /// # Errors
    /// [`BundleError`].
    pub(super) fn read(value: Value) -> Result<Self, BundleError> {
        let (value, staple) = match value {
            Value::String(text) => match bundle::unpack_bytes(text.as_bytes())? {
                Some(unpacked) => unpacked,
                None => (Value::String(text), None),
            },
            other => bundle::unpack(other)?,
        };
        Ok(Shown { value, staple })
    }
}

/// Examines and reports.
pub(super) async fn check(
    _caller: ApiCaller,
    State(app): State<App>,
    StrictJson(wanted): StrictJson<Wanted>,
) -> Result<Response, Problem> {
    let refuse =
        |code: &str, detail: &str| Problem::new(StatusCode::BAD_REQUEST, code).detail(detail);
    let values = match (wanted.credential, wanted.credentials) {
        (Some(one), None) => vec![one],
        (None, Some(several)) if (1..=MAX_CREDENTIALS).contains(&several.len()) => several,
        _ => {
            return Err(refuse(
                "ambiguous_request",
                "Exactly one of credential and credentials (1 to 16) must be given.",
            ));
        }
    };
    let domain = wanted
        .context
        .as_ref()
        .map(DomainRequest::from_value)
        .transpose()
        .map_err(|error| refuse(error.code(), &error.to_string()))?;
    let moment = match wanted.at {
        None => app.now(),
        Some(text) => Moment::parse(&text)
            .map_err(|_| refuse("invalid_moment", "`at` is no RFC 3339 date-time."))?,
    };
    let unreadable = |error: BundleError| refuse(error.code(), &error.to_string());
    let shown: Result<Vec<Shown>, BundleError> = values.into_iter().map(Shown::read).collect();
    let mut shown = shown.map_err(unreadable)?;
    if let Some(staple) = wanted.staple {
        let [one] = shown.as_mut_slice() else {
            let detail = "A staple belongs to one credential; several carry their own each.";
            return Err(refuse("ambiguous_request", detail));
        };
        one.staple = Some(bundle::read_staple(staple).map_err(unreadable)?);
    }
    let report = report_on(&app, &shown, domain.as_ref(), moment).await;
    let mut response = Json(report).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The report on values as they came; what cannot be read is reported as such.
pub(super) async fn report_on(
    app: &App,
    shown: &[Shown],
    domain: Option<&DomainRequest>,
    moment: Moment,
) -> Report {
    let mut examinations = examine_all(app, shown, &app.toolbox().await.tools(), moment).await;
    if app.learn(&examinations).await {
        examinations = examine_all(app, shown, &app.toolbox().await.tools(), moment).await;
    }
    let domain = domain.map(|request| {
        let presented: Vec<_> =
            examinations.iter().filter_map(|examination| examination.presented()).collect();
        domain::run(request, &presented, moment)
    });
    let asked = Asked { kind: AskedKind::Document, ..Asked::default() };
    Report::new(&examinations, domain, asked, moment).numbered(uuid_v7(app.now(), &*app.entropy))
}

async fn examine_all(
    app: &App,
    shown: &[Shown],
    tools: &Tools<'_>,
    moment: Moment,
) -> Vec<Examination> {
    let mut examinations = Vec::with_capacity(shown.len());
    for one in shown {
        let read = match &one.value {
            // Text may be a token or a JSON document.
            Value::String(text) => UnverifiedCredential::parse_str(text),
            other => UnverifiedCredential::from_value(other),
        };
        examinations.push(match read {
            Ok(credential) => {
                let now = app.now();
                let exhibit = Exhibit { staple: one.staple.as_ref(), ..Exhibit::shown() };
                examine_exhibit(&credential, exhibit.about(moment, now), tools, now).await
            }
            Err(error) => Examination::unreadable(error.code(), moment),
        });
    }
    examinations
}
