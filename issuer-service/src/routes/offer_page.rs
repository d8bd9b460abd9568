//! `GET /offers/{id}/page`: what a citizen opens: a QR code and what to do with it, in Korean or English.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use credential_issuance::ids::OfferId;
use credential_issuance::offer::OfferDocumentError;
use localized_text::{Locale, say, say_with};
use web_kit::RequestLocale;
use web_kit::page::{escape, layout};

use super::Endpoint;
use crate::errors::store_problem;
use crate::openapi::Operation;
use crate::spoken;
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/offers/{id}/page",
        get(handle),
        Operation::new("public", "A page with the offer's QR code, in Korean or English")
            .query("lang", "ko or en; else what the browser asks for")
            .answers(200, "text/html", "Page, also when the offer cannot be taken any more"),
    )
}

async fn handle(
    State(app): State<App>,
    Path(id): Path<String>,
    RequestLocale(locale): RequestLocale,
) -> Response {
    let opened = match OfferId::parse(&id) {
        Ok(id) => app.issuer.open_offer(&id).await,
        Err(_) => Err(OfferDocumentError::Unknown),
    };
    let offer = match opened {
        Ok(offer) => offer,
        Err(OfferDocumentError::Store(error)) => return store_problem(&error).into_response(),
        Err(error) => return closed(locale, &error),
    };
    let language = match locale {
        Locale::Ko => "ko",
        Locale::En => "en",
    };
    let name = offer.credential_type.label(language);
    let until = offer.expires_at.to_kst_text();
    let title = say_with(locale, "issuer-offer-title", &[("credential", name.as_str())]);
    let code = if offer.wants_tx_code() {
        format!("<p>{}</p>", escape(&say(locale, "issuer-offer-tx-code")))
    } else {
        String::new()
    };
    let body = format!(
        "<h1>{title}</h1>\n<p>{how}</p>\n\
         <p><img class=\"qr\" src=\"/offers/{id}/qr.svg\" width=\"304\" height=\"304\" alt=\"{alt}\"></p>\n\
         {spoken}<p><a class=\"button\" href=\"{link}\">{open}</a></p>\n{code}<p class=\"soft\">{until}</p>",
        title = escape(&title),
        how = escape(&say(locale, "issuer-offer-how")),
        id = offer.id,
        spoken = spoken::beside(&app, locale, &offer),
        alt = escape(&say(locale, "issuer-offer-qr")),
        link = escape(&app.issuer.offer_uri(&offer)),
        open = escape(&say(locale, "issuer-offer-open")),
        until = escape(&say_with(locale, "issuer-offer-until", &[("moment", until.as_str())])),
    );
    layout(locale, &title, &body)
}

fn closed(locale: Locale, error: &OfferDocumentError) -> Response {
    let sentence = match error {
        OfferDocumentError::Used => "issuer-offer-used",
        OfferDocumentError::Dead => "issuer-offer-dead",
        OfferDocumentError::Expired => "issuer-offer-expired",
        _ => "issuer-offer-unknown",
    };
    let title = say(locale, "issuer-offer-closed");
    let body = format!(
        "<h1>{}</h1>\n<p>{}</p>\n<p>{}</p>",
        escape(&title),
        escape(&say(locale, sentence)),
        escape(&say(locale, "issuer-offer-ask-again")),
    );
    layout(locale, &title, &body)
}
