//! Collections: `GET|POST /collections`, the owner's `/collections/{owner}`, the applicants'
//! `/c/{id}` with its QR, and `/c/{id}/request`, where every wallet gets a request of its own.
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use credential_model::{
    ambient::{random_id, random_token},
    moment::Moment,
};
use credential_verification::{report::Words, templates::Template};
use localized_text::Locale;
use openid4vc_messages::{ClientId, RequestSource, RequestUri, RequestUriMethod};
use web_kit::{OAuthError, Problem, RequestLocale};

use super::{api_auth::DeskCaller, batch, code, create_request, form::FormBytes, request_object};
use crate::{
    collections::{Collection, MAX_DAYS},
    desk::batch::{Outcome, Row},
    pages::{self, CollectionView, Extras},
    state::App,
};

const MAX_PURPOSE: usize = 120;

/// The form.
pub(super) async fn form(State(app): State<App>, RequestLocale(locale): RequestLocale) -> Response {
    again(&app, locale, None)
}

fn again(app: &App, locale: Locale, problem: Option<&str>) -> Response {
    let week = app.now().plus_seconds(7 * 86_400).date_kst();
    pages::collections(locale, app.desk_is_open(), &week, problem)
}

/// Makes a collection.
pub(super) async fn create(
    _caller: DeskCaller,
    State(app): State<App>,
    RequestLocale(locale): RequestLocale,
    FormBytes(body): FormBytes,
) -> Result<Response, Problem> {
    let (mut template, mut purpose, mut deadline) = (None, String::new(), String::new());
    for (name, value) in url::form_urlencoded::parse(&body) {
        match &*name {
            "template" => template = Template::parse(&value),
            "purpose" => purpose = value.trim().chars().take(MAX_PURPOSE).collect(),
            "deadline" => deadline = value.into_owned(),
            _ => {}
        }
    }
    let now = app.now();
    let refuse = |message: &str| {
        let mut page = again(&app, locale, Some(message));
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        page
    };
    let Some(template) = template else { return Ok(refuse("desk-collection-no-kind")) };
    if purpose.is_empty() {
        return Ok(refuse("desk-collection-no-purpose"));
    }
    let end = Moment::parse(&format!("{deadline}T23:59:59+09:00")).ok();
    let latest = now.plus_seconds(MAX_DAYS * 86_400);
    let Some(deadline) = end.filter(|end| (now..=latest).contains(end)) else {
        return Ok(refuse("desk-collection-bad-deadline"));
    };
    let collection = Collection {
        v: 1,
        owner: random_token(&*app.entropy),
        public: random_id(&*app.entropy),
        purpose: Words::same(purpose),
        template: template.as_str().to_owned(),
        made: now,
        deadline,
        open: Vec::new(),
        answers: Vec::new(),
    };
    let path = format!("/collections/{}", collection.owner);
    match app.desk.collections.add(collection, now) {
        Ok(true) => Ok(Redirect::to(&path).into_response()),
        Ok(false) => Ok(refuse("desk-collection-full")),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &anyhow::Error) -> Problem {
    tracing::error!(%error, "collections");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store_failed")
        .detail("The records could not be written. Nothing was half written.")
        .retry_after(5)
}

fn rows(collection: &Collection) -> Vec<(usize, Row)> {
    let answers = collection.answers.iter().zip(collection.duplicates());
    let rows = answers.map(|(answer, duplicate_of)| Row {
        name: String::new(),
        outcome: Outcome::Examined(Box::new(answer.report.clone())),
        duplicate_of,
    });
    rows.enumerate().collect()
}

/// The owner's page.
pub(super) async fn page(
    State(app): State<App>,
    Path(owner): Path<String>,
    RequestLocale(locale): RequestLocale,
) -> Response {
    let Some(one) = app.desk.collections.of_owner(&owner) else { return gone(locale) };
    let path = format!("/c/{}", one.public);
    let link = app.public_url.join(&path).map(String::from).unwrap_or_default();
    let open = one.is_open(app.now());
    let code = open.then(|| code::spoken(&app, &path, one.deadline)).flatten();
    let rows = rows(&one);
    let view = CollectionView { collection: &one, link: &link, code, open, rows: &rows };
    pages::collection(locale, &view)
}

/// The owner's table alone.
pub(super) async fn table(
    State(app): State<App>,
    Path(owner): Path<String>,
    RequestLocale(locale): RequestLocale,
) -> Response {
    let Some(one) = app.desk.collections.of_owner(&owner) else { return gone(locale) };
    let finished = !one.is_open(app.now());
    let link = format!("/collections/{owner}/rows/");
    batch::fragment(pages::table(locale, &rows(&one), finished, &link))
}

/// The owner's table as CSV.
pub(super) async fn csv(
    State(app): State<App>,
    Path(owner): Path<String>,
    RequestLocale(locale): RequestLocale,
) -> Response {
    let Some(one) = app.desk.collections.of_owner(&owner) else { return gone(locale) };
    batch::spreadsheet(pages::csv(locale, &rows(&one)))
}

/// The verdict page of one answer.
pub(super) async fn row(
    State(app): State<App>,
    Path((owner, at)): Path<(String, usize)>,
    RequestLocale(locale): RequestLocale,
) -> Response {
    let one = app.desk.collections.of_owner(&owner);
    let answer = one.and_then(|one| one.answers.get(at.checked_sub(1)?).cloned());
    match answer {
        Some(answer) => pages::report(locale, &answer.report, Extras::default()),
        None => gone(locale),
    }
}

/// What an applicant sees.
pub(super) async fn invitation(
    State(app): State<App>,
    Path(public): Path<String>,
    RequestLocale(locale): RequestLocale,
) -> Response {
    let Some(one) = app.desk.collections.of_public(&public) else { return gone(locale) };
    if !one.is_open(app.now()) {
        let mut page = pages::collection_over(locale, &one);
        *page.status_mut() = StatusCode::GONE;
        return page;
    }
    let name = app.identity.name();
    let who = if locale == Locale::Ko { &name.ko } else { &name.en };
    let code = code::spoken(&app, &format!("/c/{}", one.public), one.deadline);
    match link(&app, &one) {
        Some(link) => pages::collection_invitation(locale, &one, who, &link, code.as_ref()),
        None => gone(locale),
    }
}

/// The QR of the wallet's link.
pub(super) async fn qr(
    State(app): State<App>,
    Path(public): Path<String>,
) -> Result<Response, Problem> {
    let one = app.desk.collections.of_public(&public);
    let svg = one.and_then(|one| qr_code::encode_svg(&link(&app, &one)?).ok());
    let svg = svg.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "unknown_collection"))?;
    let mut response = svg.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The wallet's link: the same for everybody, because the request behind it is made when fetched.
fn link(app: &App, one: &Collection) -> Option<String> {
    let client = app.identity.client(app.identity.scheme())?;
    let client_id = ClientId::parse(&client.client_id).ok()?;
    let request_uri = app.public_url.join(&format!("c/{}/request", one.public)).ok()?;
    let source = RequestSource::ByReference { request_uri, method: RequestUriMethod::Get };
    Some(RequestUri { client_id, source }.to_uri())
}

/// A fresh request for the wallet that fetches.
pub(super) async fn request(
    State(app): State<App>,
    Path(public): Path<String>,
) -> Result<Response, Response> {
    let refuse = |status: StatusCode, what: &str| {
        OAuthError::new(status, "invalid_request", what.to_owned()).into_response()
    };
    let one = app.desk.collections.of_public(&public);
    let one = one.ok_or_else(|| {
        refuse(StatusCode::NOT_FOUND, "unknown_collection: there is no such collection")
    })?;
    if !one.is_open(app.now()) {
        let what = format!("collection_over: it could be answered until {}", one.deadline);
        return Err(refuse(StatusCode::GONE, &what));
    }
    let wanted = create_request::Wanted {
        template: Some(one.template.clone()),
        purpose_ko: Some(one.purpose.ko.clone()),
        purpose_en: Some(one.purpose.en.clone()),
        ..create_request::Wanted::default()
    };
    let session =
        create_request::make(&app, wanted, None).await.map_err(IntoResponse::into_response)?;
    app.desk
        .collections
        .fetched(&one.owner, &session)
        .map_err(|error| failed(&error).into_response())?;
    request_object::deliver(&app, &session.public_id, None)
        .await
        .map_err(IntoResponse::into_response)
}

fn gone(locale: Locale) -> Response {
    let mut page = pages::gone(locale, "desk-collection-unknown");
    *page.status_mut() = StatusCode::NOT_FOUND;
    page
}
