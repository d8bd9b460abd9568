//! `POST /api/requests`: makes a request for a presentation.
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use credential_model::{catalogue::CredentialType, format::CredentialFormat};
use credential_proofs::jwe::EphemeralKey;
use credential_verification::{
    report::Words,
    session::{NewRequest, NewRequestError, Scheme, SessionRecord},
    templates::{PREFERRED, Template, query_for_types},
};
use openid4vc_messages::ResponseMode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use web_kit::{Problem, StrictJson};

use super::api_auth::ApiCaller;
use crate::state::App;

/// The request body. Exactly one of `template`, `dcql` and `types`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// A ready-made request.
    #[serde(default)]
    pub(super) template: Option<String>,
    /// A DCQL query of one's own.
    #[serde(default)]
    pub(super) dcql: Option<Value>,
    /// Credential types, shown as far as they are always disclosed.
    #[serde(default)]
    pub(super) types: Option<Vec<String>>,
    /// Formats to ask for (default: all three, selective disclosure first).
    #[serde(default)]
    pub(super) formats: Option<Vec<String>>,
    /// Why, Korean.
    #[serde(default)]
    pub(super) purpose_ko: Option<String>,
    /// Why, English.
    #[serde(default)]
    pub(super) purpose_en: Option<String>,
    /// Wallet and browser on one device.
    #[serde(default)]
    pub(super) same_device: bool,
    /// `direct_post` or `direct_post.jwt`.
    #[serde(default)]
    pub(super) response_mode: Option<String>,
    /// Another client identifier prefix than the configured one.
    #[serde(default)]
    pub(super) client_scheme: Option<Scheme>,
    /// `get` or `post`.
    #[serde(default)]
    pub(super) request_uri_method: Option<String>,
    /// Inputs of a domain check: `{"profile": …}`.
    #[serde(default)]
    pub(super) context: Option<Value>,
}

/// The answer.
#[derive(Debug, Serialize)]
pub(super) struct Created {
    /// Private: whoever knows it may read the report.
    pub(super) request_id: String,
    /// Where the wallet fetches the request object; null for unsigned requests.
    pub(super) request_uri: Option<String>,
    /// The link for the wallet.
    pub(super) deep_link: String,
    /// QR code of the link.
    pub(super) qr_svg_url: String,
    /// The same as PNG.
    pub(super) qr_png_url: String,
    /// Page for people.
    pub(super) page_url: String,
    /// Where to ask for the result.
    pub(super) poll_url: String,
    /// Two digits that wallet and screen must both show.
    pub(super) match_code: String,
    /// Full client identifier.
    pub(super) client_id: String,
    /// Until when it may be answered.
    pub(super) expires_at: String,
}

/// Makes a request.
pub(super) async fn create(
    _caller: ApiCaller,
    State(app): State<App>,
    StrictJson(wanted): StrictJson<Wanted>,
) -> Result<Response, Problem> {
    let session = make(&app, wanted, None).await?;
    let created = describe(&app, &session)?;
    let mut response = (StatusCode::CREATED, axum::Json(created)).into_response();
    response.headers_mut().insert(
        axum::http::header::CACHE_CONTROL,
        axum::http::HeaderValue::from_static("no-store"),
    );
    Ok(response)
}

/// Makes and keeps the session; `desk` is the token of the browser that asked on our own page.
pub(super) async fn make(
    app: &App,
    wanted: Wanted,
    desk: Option<&str>,
) -> Result<SessionRecord, Problem> {
    let scheme = wanted.client_scheme.unwrap_or_else(|| app.identity.scheme());
    let identity = app.identity.client(scheme).ok_or_else(|| {
        refuse("client_scheme_unavailable", "This verifier has no certificate for x509_hash.")
            .hint("Run `verifier-service init`.")
    })?;
    let request = read(app, wanted)?;
    let session = SessionRecord::new(request, &identity, &app.public_url, app.now(), &*app.entropy)
        .map_err(|error| from_flow(&error))?;
    let session = match desk {
        Some(browser) => session.made_at_desk(browser),
        None => session,
    };
    if !app.open.take(app.now()) {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_open_requests")
            .detail("More requests stand open than this verifier takes on.")
            .retry_after(60));
    }
    app.store.create_session(&session).await.map_err(|error| store_problem(&error))?;
    tracing::info!(request = %session.public_id, "request made");
    Ok(session)
}

fn read(app: &App, wanted: Wanted) -> Result<NewRequest, Problem> {
    let formats = formats(wanted.formats.as_deref())?;
    let template = wanted
        .template
        .as_deref()
        .map(|name| {
            Template::parse(name).ok_or_else(|| {
                refuse("unknown_template", "There is no template of this name.")
                    .hint(format!("One of: {}.", Template::ALL.map(Template::as_str).join(", ")))
            })
        })
        .transpose()?;
    let query = match (template, wanted.dcql, wanted.types) {
        (Some(template), None, None) => template.query(&formats),
        (None, Some(query), None) => query,
        (None, None, Some(types)) => query_for_types(&read_types(&types)?, &formats),
        _ => {
            return Err(refuse(
                "ambiguous_request",
                "Exactly one of template, dcql and types must be given.",
            ));
        }
    };
    let usual = template.map(Template::purpose);
    let purpose = Words {
        ko: wanted.purpose_ko.or_else(|| usual.clone().map(|words| words.ko)).unwrap_or_default(),
        en: wanted.purpose_en.or_else(|| usual.map(|words| words.en)).unwrap_or_default(),
    };
    let response_mode = match wanted.response_mode.as_deref() {
        None => ResponseMode::DirectPost,
        Some(text) => {
            ResponseMode::parse(text).ok_or_else(|| from_flow(&NewRequestError::ResponseMode))?
        }
    };
    let encryption =
        (response_mode == ResponseMode::DirectPostJwt).then(|| encryption_key(app)).transpose()?;
    let post = match wanted.request_uri_method.as_deref() {
        None | Some("get") => false,
        Some("post") => true,
        Some(_) => {
            return Err(refuse("invalid_request_uri_method", "The method must be get or post."));
        }
    };
    Ok(NewRequest {
        query,
        purpose,
        template: template.map(|template| template.as_str().to_owned()),
        same_device: wanted.same_device,
        response_mode,
        encryption,
        domain: wanted.context.or_else(|| template.and_then(Template::default_context)),
        post,
    })
}

fn encryption_key(app: &App) -> Result<(Value, Value), Problem> {
    let failed = || {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "encryption_key_failed")
            .detail("No key for the encrypted answer could be made.")
    };
    let kid = credential_model::ambient::random_id(&*app.entropy);
    let key = EphemeralKey::generate(&kid).map_err(|_| failed())?;
    let private = serde_json::to_value(&key).map_err(|_| failed())?;
    Ok((private, key.public_jwk()))
}

fn formats(names: Option<&[String]>) -> Result<Vec<CredentialFormat>, Problem> {
    let Some(names) = names else { return Ok(PREFERRED.to_vec()) };
    let formats: Option<Vec<CredentialFormat>> =
        names.iter().map(|name| PREFERRED.into_iter().find(|f| f.as_str() == name)).collect();
    formats
        .filter(|formats| !formats.is_empty())
        .ok_or_else(|| refuse("unknown_format", "Formats are dc+sd-jwt, ldp_vc and jwt_vc_json."))
}

fn read_types(names: &[String]) -> Result<Vec<CredentialType>, Problem> {
    let types: Option<Vec<CredentialType>> =
        names.iter().map(|name| CredentialType::from_type_name(name)).collect();
    types.filter(|types| !types.is_empty()).ok_or_else(|| {
        let known: Vec<&str> =
            CredentialType::ALL.into_iter().map(CredentialType::type_name).collect();
        refuse("unknown_type", "A credential type is not known here.")
            .hint(format!("One of: {}.", known.join(", ")))
    })
}

/// The addresses of a session.
pub(super) fn describe(app: &App, session: &SessionRecord) -> Result<Created, Problem> {
    let base = &app.public_url;
    let join = |path: String| {
        base.join(&path)
            .map(|url| url.to_string())
            .map_err(|error| from_flow(&NewRequestError::Settings(error.to_string())))
    };
    let request_uri = session
        .asked
        .by_reference
        .then(|| session.request_uri(base).map(|url| url.to_string()))
        .transpose()
        .map_err(|error| from_flow(&error))?;
    let deep_link =
        session.deep_link(app.identity.name(), base).map_err(|error| from_flow(&error))?;
    Ok(Created {
        request_uri,
        deep_link,
        qr_svg_url: join(format!("r/{}/qr.svg", session.id))?,
        qr_png_url: join(format!("r/{}/qr.png", session.id))?,
        page_url: join(format!("r/{}", session.id))?,
        poll_url: join(format!("api/requests/{}", session.id))?,
        request_id: session.id.clone(),
        match_code: session.asked.match_code.clone(),
        client_id: session.asked.client_id.clone(),
        expires_at: session.expires.to_string(),
    })
}

fn refuse(code: &str, detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code).detail(detail)
}

fn from_flow(error: &NewRequestError) -> Problem {
    let status = match error {
        NewRequestError::Settings(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let problem = Problem::new(status, error.code()).detail(error.to_string());
    match error {
        NewRequestError::ForbiddenClaim(_) => {
            problem.hint("Resident registration numbers and the like may not be asked for.")
        }
        _ => problem,
    }
}

/// The store failed: nothing was kept.
pub(super) fn store_problem(error: &credential_verification::store::StoreError) -> Problem {
    tracing::error!(%error, "store");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store_failed")
        .detail("The records could not be read or written. Nothing was half written.")
        .retry_after(5)
}
