//! Signing in and out, and the officer's own account.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use credential_issuance::audit::AuditAction;
use localized_text::{Locale, say};
use officer_access::SignIn;
use serde::Deserialize;
use web_kit::RequestLocale;
use web_kit::page::escape;

use super::desk_gate::{Desk, Form, cookie, cookie_name, is_foreign, read, set_cookie};
use super::html::{Frame, csrf, facts, input, moment, note, t, text, tw};
use crate::state::App;

/// Binds the sign-in form, and a sign-in at the provider, to the browser that asked for it.
const FORM_COOKIE: &str = "sinpyo-office-form";
const OIDC_COOKIE: &str = "sinpyo-office-oidc";
/// Longest sign-in form.
const FORM_BYTES: usize = 8 * 1024;

fn with_cookie(app: &App, mut response: Response, name: &str, value: &str, site: &str) -> Response {
    if let Some(value) = set_cookie(app, name, value, site) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The sign-in form.
pub(super) async fn form(
    State(app): State<App>,
    RequestLocale(locale): RequestLocale,
    headers: HeaderMap,
) -> Response {
    let given = cookie(&headers, FORM_COOKIE);
    ask(&app, locale, given, StatusCode::OK, None)
}

fn ask(
    app: &App,
    locale: Locale,
    given: Option<String>,
    status: StatusCode,
    trouble: Option<&str>,
) -> Response {
    let value = given.unwrap_or_else(|| app.access.fresh_token());
    let trouble = trouble.map(|id| note(false, &t(locale, id))).unwrap_or_default();
    let oidc = if app.access.oidc().is_some() {
        format!(
            "<p class=\"or\"><span>{}</span></p><p><a class=\"button quiet wide\" href=\"/office/sign-in/oidc\">{}</a></p>",
            t(locale, "office-sign-in-or"),
            t(locale, "office-sign-in-oidc"),
        )
    } else {
        String::new()
    };
    let body = format!(
        "<div class=\"card narrow\">{trouble}<p>{lead}</p>\n\
         <form method=\"post\" action=\"/office/sign-in\" autocomplete=\"on\">\
         <input type=\"hidden\" name=\"form\" value=\"{token}\">\n{login}{password}{code}\
         <p class=\"soft\" id=\"code-hint\">{hint}</p>\
         <p><button class=\"wide\">{button}</button></p></form>{oidc}</div>",
        lead = t(locale, "office-sign-in-lead"),
        token = escape(&app.access.form_token(&value)),
        login = input(
            locale,
            "login",
            "office-sign-in-login",
            "",
            "autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"64\" required"
        ),
        password = input(
            locale,
            "password",
            "office-sign-in-password",
            "",
            "type=\"password\" autocomplete=\"current-password\" maxlength=\"128\" required"
        ),
        code = input(
            locale,
            "code",
            "office-sign-in-code",
            "",
            "autocomplete=\"one-time-code\" spellcheck=\"false\" maxlength=\"40\" aria-describedby=\"code-hint\" required"
        ),
        hint = t(locale, "office-sign-in-code-hint"),
        button = t(locale, "office-sign-in"),
    );
    let page =
        Frame::plain(locale).page_with(status, &say(locale, "office-sign-in-title"), "", &body);
    with_cookie(app, page, FORM_COOKIE, &value, "Strict")
}

/// Checks what was entered. Every refusal reads the same.
pub(super) async fn enter(
    State(app): State<App>,
    RequestLocale(locale): RequestLocale,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let given = cookie(&headers, FORM_COOKIE);
    let form = match read(&headers, body, FORM_BYTES).await {
        Ok(form) => form,
        Err(status) => return ask(&app, locale, given, status, Some("office-trouble-form")),
    };
    let own =
        given.as_deref().is_some_and(|value| app.access.form_token_fits(value, form.raw("form")));
    if !own || is_foreign(&app, &headers) {
        return ask(&app, locale, None, StatusCode::FORBIDDEN, Some("office-trouble-csrf"));
    }
    let entered = SignIn {
        login: form.text("login").to_owned(),
        password: form.raw("password").to_owned(),
        code: form.text("code").to_owned(),
    };
    match app.access.sign_in(entered).await {
        Ok(signed) => {
            let how = if signed.by_recovery_code { "recovery_code" } else { "password" };
            let who = signed.account.principal().id;
            tell(&app, &who, AuditAction::SignedIn, &[("how", how)]).await;
            let home = Redirect::to("/office").into_response();
            let home = with_cookie(&app, home, FORM_COOKIE, "", "Strict");
            with_cookie(&app, home, cookie_name(&app), signed.token.as_str(), "Strict")
        }
        Err(refusal) => {
            let code = refusal.code();
            tracing::warn!(code, "sign-in refused");
            if let Some(account) = refusal.account() {
                let who = format!("officer:{account}");
                tell(&app, &who, AuditAction::SignInRefused, &[("why", code)]).await;
            }
            let status = match refusal {
                officer_access::SignInRefusal::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::UNAUTHORIZED,
            };
            ask(&app, locale, given, status, Some("office-sign-in-refused"))
        }
    }
}

async fn tell(app: &App, who: &str, action: AuditAction, subjects: &[(&str, &str)]) {
    if let Err(error) = app.issuer.tell(who, action, subjects, None).await {
        tracing::error!(code = error.code(), "the trail was not told of a sign-in");
    }
}

/// Sends the browser to the OpenID provider.
pub(super) async fn begin_oidc(
    State(app): State<App>,
    RequestLocale(locale): RequestLocale,
) -> Response {
    match app.access.begin_oidc().await {
        Ok(begun) => {
            let there = Redirect::to(begun.url.as_str()).into_response();
            // Lax: the provider sends the browser back from another site.
            with_cookie(&app, there, OIDC_COOKIE, &begun.cookie, "Lax")
        }
        Err(error) => {
            tracing::error!(code = error.code(), "no sign-in at the OpenID provider");
            ask(
                &app,
                locale,
                None,
                StatusCode::SERVICE_UNAVAILABLE,
                Some("office-sign-in-oidc-down"),
            )
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ProviderAnswer {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// The provider sent the browser back.
pub(super) async fn finish_oidc(
    State(app): State<App>,
    RequestLocale(locale): RequestLocale,
    Query(answer): Query<ProviderAnswer>,
    headers: HeaderMap,
) -> Response {
    let bound = cookie(&headers, OIDC_COOKIE).unwrap_or_default();
    let given = match (&answer.code, &answer.error) {
        (Some(code), None) => Ok(code.as_str()),
        (_, error) => Err(error.as_deref().unwrap_or("no_code")),
    };
    let done = app.access.finish_oidc(&answer.state, &bound, given, answer.iss.as_deref()).await;
    match done {
        Ok(signed) => {
            tell(&app, &signed.account.principal().id, AuditAction::SignedIn, &[("how", "oidc")])
                .await;
            // A redirect would still count as sent by the provider's site, and the browser would
            // keep the strict cookie back: this page is ours, so what follows it is too.
            let body = format!(
                "<div class=\"card narrow\"><p>{}</p><p><a class=\"button wide\" href=\"/office\">{}</a></p></div>",
                tw(locale, "office-sign-in-welcome", &[("name", &signed.account.name)]),
                t(locale, "office-sign-in-go-on"),
            );
            let mut page = Frame::plain(locale).page(&say(locale, "office-sign-in-done"), &body);
            if let Ok(value) = header::HeaderValue::from_str("0; url=/office") {
                page.headers_mut().insert(header::REFRESH, value);
            }
            let page = with_cookie(&app, page, OIDC_COOKIE, "", "Lax");
            with_cookie(&app, page, cookie_name(&app), signed.token.as_str(), "Strict")
        }
        Err(error) => {
            tracing::warn!(code = error.code(), "sign-in at the OpenID provider refused");
            let id = match error {
                officer_access::oidc::OidcError::NoRole => "office-sign-in-no-role",
                officer_access::oidc::OidcError::Provider(_) => "office-sign-in-oidc-down",
                _ => "office-sign-in-oidc-refused",
            };
            let page = ask(&app, locale, None, StatusCode::UNAUTHORIZED, Some(id));
            with_cookie(&app, page, OIDC_COOKIE, "", "Lax")
        }
    }
}

/// Ends the session.
pub(super) async fn leave(State(app): State<App>, headers: HeaderMap) -> Response {
    let name = cookie_name(&app);
    if let Some(token) = cookie(&headers, name)
        && let Err(error) = app.access.sign_out(&token).await
    {
        tracing::error!(code = error.code(), "a session could not be ended");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    with_cookie(&app, Redirect::to("/office/sign-in").into_response(), name, "", "Strict")
}

/// The officer's account.
pub(super) async fn account(Extension(desk): Extension<Desk>) -> Response {
    account_page(&desk, StatusCode::OK, "")
}

fn account_page(desk: &Desk, status: StatusCode, said: &str) -> Response {
    let locale = desk.locale;
    let account = &desk.seat.account;
    let roles: Vec<String> = account
        .roles
        .iter()
        .map(|role| t(locale, &format!("office-role-{}", role.as_str())))
        .collect();
    let mut rows = vec![
        ("office-account-name", text(&account.name)),
        ("office-sign-in-login", text(&account.login)),
        ("office-account-roles", roles.join(", ")),
        ("office-account-session", moment(desk.seat.ends_at)),
    ];
    if let Some(left) = account.recovery_left() {
        rows.push(("office-account-recovery", left.to_string()));
    }
    let due = if account.password_due() {
        note(false, &t(locale, "office-account-due"))
    } else {
        String::new()
    };
    let mut body = format!("{said}{due}<div class=\"card\">{}</div>", facts(locale, &rows));
    if account.recovery_left().is_some() {
        let more = "type=\"password\" maxlength=\"128\" required";
        // For password keepers: whose password this is.
        let username = format!(
            "<input class=\"unseen\" name=\"username\" value=\"{}\" autocomplete=\"username\" tabindex=\"-1\" aria-hidden=\"true\" readonly>",
            escape(&account.login)
        );
        body.push_str(&format!(
            "<h2>{}</h2><div class=\"card narrow left\"><form method=\"post\" action=\"/office/account/password\">{}{}{}{}{}\
             <p class=\"soft\">{}</p><p><button>{}</button></p></form></div>",
            t(locale, "office-password-title"),
            csrf(desk),
            username,
            input(locale, "present", "office-password-present", "", &format!("autocomplete=\"current-password\" {more}")),
            input(locale, "wanted", "office-password-wanted", "", &format!("autocomplete=\"new-password\" minlength=\"12\" {more}")),
            input(locale, "again", "office-password-again", "", &format!("autocomplete=\"new-password\" minlength=\"12\" {more}")),
            t(locale, "office-password-hint"),
            t(locale, "office-password-change"),
        ));
    }
    Frame::of(desk).page_with(status, &say(locale, "office-account-title"), "", &body)
}

/// Takes a new password.
pub(super) async fn change_password(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Extension(form): Extension<Form>,
) -> Response {
    let locale = desk.locale;
    let refuse = |id: &str| {
        account_page(&desk, StatusCode::UNPROCESSABLE_ENTITY, &note(false, &t(locale, id)))
    };
    if form.raw("wanted") != form.raw("again") {
        return refuse("office-password-differ");
    }
    let account = &desk.seat.account;
    match app.access.change_password(account, form.raw("present"), form.raw("wanted")).await {
        Ok(()) => {
            tell(&app, &desk.who().id, AuditAction::AccessChanged, &[("what", "password")]).await;
            let mut desk = desk.clone();
            if let Ok(Some(seat)) = app
                .access
                .officers(1_000)
                .await
                .map(|all| all.into_iter().find(|one| one.id == desk.seat.account.id))
            {
                desk.seat.account = seat;
            }
            account_page(&desk, StatusCode::OK, &note(true, &t(locale, "office-password-changed")))
        }
        Err(error) => match error.code() {
            "wrong_password" => refuse("office-password-wrong"),
            "invalid_password" => refuse("office-password-weak"),
            code => {
                tracing::error!(code, "a password was not changed");
                refuse("office-trouble-store")
            }
        },
    }
}
