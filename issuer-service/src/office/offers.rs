//! One person's offer: the form, the QR to print or send, and what became of offers.

use std::fmt::Write as _;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use credential_issuance::ids::OfferId;
use credential_issuance::offer::{CreateOfferError, NewOffer, Offer, Release};
use credential_issuance::store::Page;
use credential_model::catalogue::CredentialType;
use credential_model::kinds::{Grade, QualificationKind};
use localized_text::{Locale, say};
use officer_access::Permission;
use serde::Deserialize;
use serde_json::json;
use web_kit::page::escape;

use super::desk_gate::{Desk, Form};
use super::html::{
    Frame, chip, code, csrf, facts, input, moment, note, query, select, t, table, text,
};
use super::kinds;
use crate::state::App;

const PAGE: usize = 50;
const GRADES: [Grade; 9] = [
    Grade::ProfessionalEngineer,
    Grade::MasterCraftsman,
    Grade::Engineer,
    Grade::IndustrialEngineer,
    Grade::Craftsman,
    Grade::Grade1,
    Grade::Grade2,
    Grade::Grade3,
    Grade::Single,
];
/// How long an offer may wait: seconds and sentence.
const WAITS: [(&str, &str); 3] =
    [("300", "office-wait-minutes"), ("86400", "office-wait-day"), ("604800", "office-wait-week")];

fn language(locale: Locale) -> &'static str {
    match locale {
        Locale::Ko => "ko",
        Locale::En => "en",
    }
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    kind: String,
    #[serde(default, rename = "type")]
    type_name: String,
}

pub(super) async fn empty_form(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Query(wanted): Query<Wanted>,
) -> Response {
    show_form(&app, &desk, &wanted.type_name, &wanted.kind, &Form::default(), StatusCode::OK, "")
        .await
}

async fn show_form(
    app: &App,
    desk: &Desk,
    type_name: &str,
    kind: &str,
    entered: &Form,
    status: StatusCode,
    said: &str,
) -> Response {
    let locale = desk.locale;
    let of =
        CredentialType::from_type_name(type_name).unwrap_or(CredentialType::QualificationBadge);
    let kind = app.issuer.kind(kind).await.ok().flatten();
    let tabs: String = CredentialType::ALL
        .iter()
        .map(|one| {
            let current = if *one == of { " aria-current=\"true\"" } else { "" };
            format!(
                "<li><a href=\"/office/offers/new{}\"{current}>{}</a></li>",
                query(&[("type", one.type_name())]),
                escape(&one.label(language(locale)))
            )
        })
        .collect();
    let fields = if of == CredentialType::QualificationBadge {
        badge_fields(locale, kind.as_ref(), entered)
    } else {
        claims_field(locale, of, entered)
    };
    let waits: Vec<(String, String)> =
        WAITS.iter().map(|(seconds, id)| ((*seconds).to_owned(), say(locale, id))).collect();
    let checked = |name: &str, usual: bool| {
        let on = if entered.has("csrf") { entered.has(name) } else { usual };
        if on { " checked" } else { "" }
    };
    let mut formats = String::new();
    for format in ["ldp_vc", "jwt_vc_json", "dc+sd-jwt"] {
        let _ = write!(
            formats,
            "<label class=\"inline\"><input type=\"checkbox\" name=\"format.{format}\" value=\"1\"{}> {} <span class=\"soft\">{format}</span></label> ",
            checked(&format!("format.{format}"), true),
            t(
                locale,
                match format {
                    "ldp_vc" => "office-format-ldp",
                    "jwt_vc_json" => "office-format-jwt",
                    _ => "office-format-sd",
                }
            ),
        );
    }
    let preview = kind.as_ref().map(|kind| kinds::badge(app, locale, kind)).unwrap_or_default();
    let body = format!(
        "{said}<ul class=\"tabs\" aria-label=\"{types}\">{tabs}</ul><div class=\"split\"><form class=\"card\" method=\"post\" action=\"/office/offers/new\">{csrf}\
         <input type=\"hidden\" name=\"type\" value=\"{type_name}\">\n{fields}\
         <fieldset><legend>{handing}</legend>{wait}<label class=\"inline\"><input type=\"checkbox\" name=\"tx_code\" value=\"1\"{tx}> {tx_label}</label>\
         <p class=\"soft\">{tx_hint}</p><label class=\"inline\"><input type=\"checkbox\" name=\"deferred\" value=\"1\"{deferred}> {deferred_label}</label></fieldset>\
         <fieldset><legend>{formats_label}</legend>{formats}</fieldset>\
         <p class=\"row\"><button>{make}</button></p></form><div>{preview}</div></div>",
        types = t(locale, "office-offer-types"),
        csrf = csrf(desk),
        type_name = of.type_name(),
        handing = t(locale, "office-offer-handing"),
        wait =
            select(locale, "expires_in", "office-offer-wait", entered.text("expires_in"), &waits),
        tx = checked("tx_code", true),
        tx_label = t(locale, "office-offer-tx-code"),
        tx_hint = t(locale, "office-offer-tx-hint"),
        deferred = checked("deferred", false),
        deferred_label = t(locale, "office-offer-deferred"),
        formats_label = t(locale, "office-offer-formats"),
        make = t(locale, "office-offer-make"),
    );
    Frame::of(desk).page_with(status, &say(locale, "office-offer-new"), "", &body)
}

fn badge_fields(locale: Locale, kind: Option<&QualificationKind>, entered: &Form) -> String {
    let was = |name: &str, usual: &str| {
        if entered.has(name) { entered.text(name).to_owned() } else { usual.to_owned() }
    };
    let grades: Vec<(String, String)> = GRADES
        .iter()
        .map(|grade| {
            let id = format!("office-grade-{}", grade.as_str().to_lowercase().replace('_', "-"));
            (grade.as_str().to_owned(), say(locale, &id))
        })
        .collect();
    let usual = kind.and_then(|kind| kind.grade).map_or("ENGINEER", Grade::as_str);
    let named =
        kind.map_or(String::new(), |kind| format!("<p class=\"soft\">{}</p>", text(&kind.name_ko)));
    let cell = |html: String| format!("<div>{html}</div>");
    let person = [
        input(
            locale,
            "name",
            "office-person-name",
            &was("name", ""),
            "maxlength=\"100\" autocomplete=\"off\" required",
        ),
        input(
            locale,
            "name_latin",
            "office-person-latin",
            &was("name_latin", ""),
            "maxlength=\"200\" autocomplete=\"off\"",
        ),
        input(
            locale,
            "birth_date",
            "office-person-birth",
            &was("birth_date", ""),
            "type=\"date\" autocomplete=\"off\"",
        ),
    ];
    let qualification = [
        input(
            locale,
            "kind",
            "office-kind-code",
            &was("kind", kind.map_or("", |kind| &kind.code)),
            "maxlength=\"16\" required",
        ),
        select(locale, "grade", "office-grade", &was("grade", usual), &grades),
        input(
            locale,
            "number",
            "office-licence-number",
            &was("number", ""),
            "maxlength=\"64\" autocomplete=\"off\" required",
        ),
        input(locale, "awarded", "office-awarded", &was("awarded", ""), "type=\"date\" required"),
    ];
    format!(
        "<fieldset><legend>{}</legend>{named}<div class=\"fields\">{}</div></fieldset><fieldset><legend>{}</legend><div class=\"fields\">{}</div></fieldset>",
        t(locale, "office-offer-qualification"),
        qualification.map(cell).concat(),
        t(locale, "office-offer-person"),
        person.map(cell).concat(),
    )
}

fn claims_field(locale: Locale, of: CredentialType, entered: &Form) -> String {
    let mut example = of.example()["credentialSubject"].clone();
    if of != CredentialType::EvBatteryReport
        && let Some(members) = example.as_object_mut()
    {
        members.remove("id");
    }
    let usual = serde_json::to_string_pretty(&example).unwrap_or_default();
    let claims = if entered.has("claims") { entered.text("claims").to_owned() } else { usual };
    format!(
        "<label for=\"claims\">{}</label><textarea id=\"claims\" name=\"claims\" rows=\"18\" spellcheck=\"false\" required>{}</textarea><p class=\"soft\">{}</p>",
        t(locale, "office-offer-claims"),
        escape(&claims),
        t(locale, "office-offer-claims-hint"),
    )
}

/// The form as the flow reads offers; the sentence of what is wrong otherwise.
fn wish(form: &Form) -> Result<NewOffer, &'static str> {
    let formats: Vec<&str> = ["ldp_vc", "jwt_vc_json", "dc+sd-jwt"]
        .into_iter()
        .filter(|format| form.has(&format!("format.{format}")))
        .collect();
    let mut wish = json!({
        "type": form.text("type"),
        "formats": formats,
        "tx_code": form.has("tx_code"),
        "deferred": form.has("deferred"),
        "expires_in": form.text("expires_in").parse::<u32>().unwrap_or(300),
    });
    if form.text("type") == CredentialType::QualificationBadge.type_name() {
        let mut person = json!({ "name": form.text("name") });
        for (field, member) in [("name_latin", "nameLatin"), ("birth_date", "birthDate")] {
            if !form.text(field).is_empty() {
                person[member] = json!(form.text(field));
            }
        }
        wish["kind"] = json!(form.text("kind"));
        wish["subject"] = json!({
            "person": person,
            "licenseNumber": form.text("number"),
            "qualificationGrade": form.text("grade"),
        });
        if form.text("awarded").len() != 10 {
            return Err("office-offer-bad-date");
        }
        wish["awarded_date"] = json!(format!("{}T00:00:00+09:00", form.text("awarded")));
    } else {
        let limits = credential_model::json::Limits::default();
        let claims = credential_model::json::parse_strict(form.text("claims").as_bytes(), &limits);
        wish["subject"] = claims.map_err(|_| "office-offer-bad-json")?;
    }
    serde_json::from_value(wish).map_err(|_| "office-offer-bad-date")
}

pub(super) async fn create(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Extension(form): Extension<Form>,
) -> Response {
    let locale = desk.locale;
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let (of, kind) = (form.text("type").to_owned(), form.text("kind").to_owned());
    let new = match wish(&form) {
        Ok(new) => new,
        Err(id) => {
            let said = note(false, &t(locale, id));
            return show_form(&app, &desk, &of, &kind, &form, refused, &said).await;
        }
    };
    match app.issuer.create_offer(new).await {
        Ok(created) => {
            let code = created.tx_code.as_deref().map(|tx_code| {
                format!(
                    "<section class=\"card told\"><h2>{}</h2><p class=\"match\">{}</p><p>{}</p></section>",
                    t(locale, "office-offer-code"),
                    escape(tx_code),
                    t(locale, "office-offer-code-once"),
                )
            });
            offer_page(&app, &desk, &created.offer, &code.unwrap_or_default())
        }
        Err(error) => {
            let said = refusal(locale, &error);
            show_form(&app, &desk, &of, &kind, &form, refused, &said).await
        }
    }
}

fn refusal(locale: Locale, error: &CreateOfferError) -> String {
    let id = format!("office-offer-refused-{}", error.code().replace('_', "-"));
    let sentence = if localized_text::has(locale, &id) {
        t(locale, &id)
    } else {
        format!("{} {}", t(locale, "office-offer-refused"), code(error.code()))
    };
    let mut html = note(false, &sentence);
    if !error.violations().is_empty() {
        html.push_str("<ul>");
        for violation in error.violations().iter().take(20) {
            let _ =
                write!(html, "<li>{} {}</li>", code(&violation.pointer), text(&violation.detail));
        }
        html.push_str("</ul>");
    }
    html
}

fn offer_page(app: &App, desk: &Desk, offer: &Offer, told: &str) -> Response {
    let locale = desk.locale;
    let name = offer.credential_type.label(language(locale));
    let formats: Vec<String> = offer.formats().map(|format| code(format.as_str())).collect();
    let rows = [
        ("office-type", escape(&name)),
        ("office-kind", offer.kind.as_deref().map_or(String::new(), code)),
        ("office-stage", chip(locale, "offer", offer.stage.name())),
        ("office-offer-until", moment(offer.expires_at)),
        ("office-made-at", moment(offer.created_at)),
        ("office-offer-formats", formats.join(" ")),
        ("office-id", code(offer.id.as_str())),
    ];
    let open = offer.stage.name() == "created" && app.access.moment() < offer.expires_at;
    let url = app.issuer.offer_url(&offer.id);
    let qr = if open {
        format!(
            "<section class=\"card qr-card\"><h2>{title}</h2><p>{how}</p><img class=\"qr\" src=\"/offers/{id}/qr.svg\" width=\"304\" height=\"304\" alt=\"{alt}\">{spoken}\
             <p><a href=\"{page}\">{send}</a></p><p class=\"link\">{page_text}</p><p class=\"soft\">{not_validity}</p></section>",
            title = t(locale, "office-offer-qr"),
            how = t(locale, "office-offer-qr-how"),
            id = offer.id,
            spoken = crate::spoken::beside(app, locale, offer),
            alt = t(locale, "office-offer-qr-alt"),
            page = escape(&format!("{url}/page")),
            send = t(locale, "office-offer-send"),
            page_text = code(&format!("{url}/page")),
            not_validity = t(locale, "office-offer-not-validity"),
        )
    } else {
        String::new()
    };
    let decide = if offer.release == Release::Waiting && desk.may(Permission::Issue) {
        format!(
            "<section class=\"card\"><h2>{}</h2><form method=\"post\" action=\"/office/offers/{}/decide\">{}{}\
             <p class=\"row\"><button name=\"decision\" value=\"release\">{}</button><button class=\"danger\" name=\"decision\" value=\"deny\">{}</button></p></form></section>",
            t(locale, "office-offer-waiting"),
            offer.id,
            csrf(desk),
            input(locale, "reason", "office-reason", "", "maxlength=\"500\""),
            t(locale, "office-offer-release"),
            t(locale, "office-offer-deny"),
        )
    } else {
        String::new()
    };
    let body = format!(
        "{told}<div class=\"split\"><div><div class=\"card\">{}</div>{decide}</div>{qr}</div>",
        facts(locale, &rows)
    );
    Frame::of(desk).page_with(StatusCode::OK, &name, "", &body)
}

#[derive(Deserialize)]
pub(super) struct Paging {
    #[serde(default)]
    after: Option<String>,
}

pub(super) async fn list(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Query(paging): Query<Paging>,
) -> Response {
    let locale = desk.locale;
    let after = paging.after.as_deref().and_then(|id| OfferId::parse(id).ok());
    let page = Page { after: after.as_ref().map(OfferId::as_str), limit: PAGE + 1 };
    let offers = match app.issuer.offers(page).await {
        Ok(offers) => offers,
        Err(error) if error.code() == "not_found" => Vec::new(),
        Err(error) => {
            tracing::error!(code = error.code(), "offers could not be read");
            return Frame::of(&desk)
                .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
        }
    };
    let rows: Vec<Vec<String>> = offers
        .iter()
        .take(PAGE)
        .map(|offer| {
            vec![
                format!(
                    "<a href=\"/office/offers/{0}\">{1}</a>",
                    offer.id,
                    code(offer.id.as_str().get(..12).unwrap_or_default())
                ),
                escape(&offer.credential_type.label(language(locale))),
                offer.kind.as_deref().map_or(String::new(), code),
                chip(locale, "offer", offer.stage.name()),
                moment(offer.created_at),
                moment(offer.expires_at),
            ]
        })
        .collect();
    let more = match offers.get(PAGE).and_then(|_| offers.get(PAGE - 1)) {
        Some(last) => format!(
            "<p><a class=\"button quiet\" href=\"/office/offers{}\">{}</a></p>",
            query(&[("after", last.id.as_str())]),
            t(locale, "office-more")
        ),
        None => String::new(),
    };
    let beside = if desk.may(Permission::Issue) {
        format!(
            "<a class=\"button\" href=\"/office/offers/new\">{}</a>",
            t(locale, "office-offer-new")
        )
    } else {
        String::new()
    };
    let heads = [
        "office-id",
        "office-type",
        "office-kind",
        "office-stage",
        "office-made-at",
        "office-offer-until",
    ];
    let body = format!(
        "{}{more}",
        table(locale, "office-nav-offers", &heads, &rows, "office-offers-nothing")
    );
    Frame::of(&desk).page_with(StatusCode::OK, &say(locale, "office-nav-offers"), &beside, &body)
}

pub(super) async fn one(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = OfferId::parse(&id) else {
        return Frame::of(&desk).trouble(StatusCode::NOT_FOUND, "office-offer-unknown");
    };
    match app.issuer.offer(&id).await {
        Ok(Some(offer)) => offer_page(&app, &desk, &offer, ""),
        Ok(None) => Frame::of(&desk).trouble(StatusCode::NOT_FOUND, "office-offer-unknown"),
        Err(error) => {
            tracing::error!(code = error.code(), "an offer could not be read");
            Frame::of(&desk).trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store")
        }
    }
}

pub(super) async fn decide(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Extension(form): Extension<Form>,
    Path(id): Path<String>,
) -> Response {
    let release = match form.text("decision") {
        "release" => true,
        "deny" => false,
        _ => return Frame::of(&desk).trouble(StatusCode::BAD_REQUEST, "office-trouble-form"),
    };
    let reason = Some(form.text("reason").to_owned()).filter(|reason| !reason.is_empty());
    match app.issuer.decide_deferred(&id, release, reason).await {
        Ok(offer) => Redirect::to(&format!("/office/offers/{offer}")).into_response(),
        Err(error) => {
            let id = match error.code() {
                "invalid_reason" => "office-reason-bad",
                "not_waiting" | "unknown_deferred_request" => "office-approval-over",
                _ => "office-trouble-store",
            };
            Frame::of(&desk).trouble(StatusCode::CONFLICT, id)
        }
    }
}
