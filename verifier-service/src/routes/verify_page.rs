//! `GET|POST /verify`: what was scanned, dropped or pasted, and its verdict; `GET /results/{n}`:
//! the same again for the same browser, within the half hour.
use axum::{
    extract::{Multipart, Path, State, multipart::MultipartError},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use credential_model::{ambient::uuid_v7, moment::Moment};
use credential_verification::Report;
use localized_text::{Locale, say};
use verification_receipts::ReceiptError;
use web_kit::RequestLocale;

use super::request_page::Browser;
use crate::{
    desk::{
        examine,
        intake::{Found, Refusal},
    },
    pages::{self, Extras},
    receipts,
    state::App,
};

/// The empty form.
pub(super) async fn form(State(app): State<App>, RequestLocale(locale): RequestLocale) -> Response {
    pages::home(locale, app.identity.name(), None)
}

/// Examines what was sent.
pub(super) async fn check(
    State(app): State<App>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
    body: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let Ok(body) = body else {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return again(&app, locale, status, "verifier-verify-form-needed");
    };
    let sent = match read(body).await {
        Ok(sent) => sent,
        Err(error) => return again(&app, locale, error.status(), "verifier-verify-too-large"),
    };
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let now = app.now();
    let Some(moment) = moment_of(&sent.at, now) else {
        return again(&app, locale, unprocessable, "verifier-verify-day-unreadable");
    };
    let bytes = match sent.text.trim().is_empty() {
        true => sent.file,
        false => sent.text.into_bytes(),
    };
    if receipts::is_receipt(&bytes) {
        return match receipts::look(&app, &bytes).await {
            Ok(looked) => pages::replayed(locale, &looked),
            Err(ReceiptError::Altered(_)) => {
                again(&app, locale, unprocessable, "desk-receipt-altered")
            }
            Err(_) => again(&app, locale, unprocessable, "desk-receipt-unreadable"),
        };
    }
    let found = match examine::take_in(&app, bytes).await {
        Ok(found) => found,
        Err(refusal) => return again(&app, locale, unprocessable, &message(refusal)),
    };
    let browser = Browser::of(&app, &parts);
    let (report, kept) = verdict(&app, &found, moment, now, &browser.token).await;
    let number = report.number.as_deref().filter(|_| kept);
    let mut page = pages::report(locale, &report, Extras { position: None, receipt: number });
    // Where this very page can be had again (RFC 9110, section 8.7): the script goes there.
    let place = number.and_then(|number| HeaderValue::try_from(format!("/results/{number}")).ok());
    if let Some(place) = place {
        page.headers_mut().insert(header::CONTENT_LOCATION, place);
    }
    browser.remember(&app, &mut page);
    page
}

/// Examines, and keeps the result for its browser. Whether a receipt can be had.
async fn verdict(
    app: &App,
    found: &Found,
    moment: Moment,
    now: Moment,
    browser: &str,
) -> (Report, bool) {
    let mut recorder = examine::recorder(app).await;
    let mut examined = [examine::one(&recorder, found, moment, now).await];
    if app.learn(&examined).await {
        recorder = examine::recorder(app).await;
        examined = [examine::one(&recorder, found, moment, now).await];
    }
    let report = Report::new(&examined, None, examine::documents(), moment)
        .numbered(uuid_v7(now, &*app.entropy));
    let receipt = examine::receipt(app, &report, &[found.made()], &recorder);
    let kept = receipt.is_some();
    if let Some(receipt) = receipt {
        app.desk.results.keep(report.clone(), receipt, browser, now);
    }
    (report, kept)
}

/// The verdict page again.
pub(super) async fn result(
    State(app): State<App>,
    Path(number): Path<String>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
) -> Response {
    let known = Browser::known(&app, &parts)
        .and_then(|browser| app.desk.results.find(&number, &browser, app.now()));
    match known {
        Some(kept) => {
            let extras = Extras { position: None, receipt: Some(&kept.number) };
            pages::report(locale, &kept.report, extras)
        }
        None => {
            let mut page = pages::gone(locale, "desk-result-gone");
            *page.status_mut() = StatusCode::NOT_FOUND;
            page
        }
    }
}

#[derive(Default)]
struct Sent {
    text: String,
    file: Vec<u8>,
    at: String,
}

/// The end of the day asked about, in Korea; now for today and for an empty field.
pub(super) fn moment_of(day: &str, now: Moment) -> Option<Moment> {
    let day = day.trim();
    if day.is_empty() || day == now.date_kst() {
        return Some(now);
    }
    (day.len() == 10).then(|| Moment::parse(&format!("{day}T23:59:59+09:00")).ok())?
}

async fn read(mut body: Multipart) -> Result<Sent, MultipartError> {
    let mut sent = Sent::default();
    while let Some(field) = body.next_field().await? {
        match field.name() {
            Some("credential") => sent.text = field.text().await?,
            Some("at") => sent.at = field.text().await?,
            Some("file") => sent.file = field.bytes().await?.to_vec(),
            _ => {}
        }
    }
    Ok(sent)
}

fn message(refusal: Refusal) -> String {
    match refusal {
        Refusal::Nothing => "verifier-verify-nothing".to_owned(),
        other => other.message_id(),
    }
}

fn again(app: &App, locale: Locale, status: StatusCode, message: &str) -> Response {
    let mut page = pages::home(locale, app.identity.name(), Some(&say(locale, message)));
    *page.status_mut() = status;
    page
}
