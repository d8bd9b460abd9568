//! The officers' office: pages for people, and the gate of the admin API.
//!
//! Pages are HTML from the server and work without a script; the policy allows none inline. One
//! table (`pages`) names each page with the permission it needs; `gate` stands before all of them:
//! it finds the session, checks the permission, and takes a form only with the session's token.

pub mod api_gate;
pub mod config;

pub(crate) mod four_eyes;

mod approvals;
mod audit;
mod credentials;
mod desk_gate;
mod figures;
mod home;
mod html;
mod job_sheets;
mod jobs;
mod keys;
mod kinds;
mod language;
mod offers;
mod open;
mod plot;
mod sign_in;
mod tally;

use axum::Router;
use axum::routing::{MethodRouter, get, post};
use officer_access::Permission;
use web_kit::assets::Asset;

use crate::state::App;

pub use open::open;

/// The office's own styles, after the shared ones.
pub(crate) static OFFICE_CSS: Asset = Asset::new("office", "css", include_bytes!("office.css"));

/// A page: one method of one path.
pub struct Page {
    /// `get` or `post`.
    pub method: &'static str,
    /// With `{parameters}`.
    pub path: &'static str,
    /// What the session's officer must be allowed; `None`: anybody who is signed in.
    pub needs: Option<Permission>,
    handler: MethodRouter<App>,
}

fn page(path: &'static str, needs: Permission, handler: MethodRouter<App>) -> Page {
    Page { method: "get", path, needs: Some(needs), handler }
}

fn form(path: &'static str, needs: Permission, handler: MethodRouter<App>) -> Page {
    Page { method: "post", path, needs: Some(needs), handler }
}

/// Every page behind the sign-in.
pub fn pages() -> Vec<Page> {
    use Permission::{Audit, Decide, Issue, Kinds, Look, Status};
    vec![
        Page { method: "get", path: "/office", needs: None, handler: get(home::show) },
        Page {
            method: "post",
            path: "/office/sign-out",
            needs: None,
            handler: post(sign_in::leave),
        },
        Page {
            method: "get",
            path: "/office/account",
            needs: None,
            handler: get(sign_in::account),
        },
        Page {
            method: "post",
            path: "/office/account/password",
            needs: None,
            handler: post(sign_in::change_password),
        },
        page("/office/kinds", Look, get(kinds::list)),
        form("/office/kinds/import", Kinds, post(kinds::import)),
        page("/office/kinds/{code}", Look, get(kinds::one)),
        page("/office/offers", Look, get(offers::list)),
        page("/office/offers/new", Issue, get(offers::empty_form)),
        form("/office/offers/new", Issue, post(offers::create)),
        page("/office/offers/{id}", Look, get(offers::one)),
        form("/office/offers/{id}/decide", Issue, post(offers::decide)),
        page("/office/jobs", Look, get(jobs::list)),
        form("/office/jobs", Issue, post(jobs::upload)),
        page("/office/jobs/{id}", Look, get(jobs::one)),
        // Offers are worth something to whoever reads them.
        page("/office/jobs/{id}/sheets", Issue, get(job_sheets::show)),
        form("/office/jobs/{id}/steps/{step}", Issue, post(jobs::step)),
        form("/office/jobs/{id}/approve", Decide, post(jobs::approve)),
        page("/office/credentials", Look, get(credentials::list)),
        page("/office/credentials/{id}", Look, get(credentials::one)),
        form("/office/credentials/{id}/status", Status, post(credentials::change)),
        page("/office/approvals", Look, get(approvals::list)),
        form("/office/approvals/{id}/approve", Decide, post(approvals::approve)),
        form("/office/approvals/{id}/refuse", Decide, post(approvals::refuse)),
        form("/office/approvals/{id}/withdraw", Status, post(approvals::withdraw)),
        page("/office/keys", Look, get(keys::show)),
        page("/office/figures", Look, get(figures::show)),
        page("/office/audit", Audit, get(audit::show)),
        page("/office/audit/export", Audit, get(audit::export)),
    ]
}

/// The office's routes; none where the configuration serves no office.
pub(crate) fn router(app: &App) -> Router<App> {
    if !app.office {
        return Router::new();
    }
    let behind = pages().into_iter().fold(Router::new(), |router, page| {
        let state = (app.clone(), page.needs);
        let layer = axum::middleware::from_fn_with_state(state, desk_gate::gate);
        router.route(page.path, page.handler.route_layer(layer))
    });
    behind
        .route("/office/sign-in", get(sign_in::form).post(sign_in::enter))
        .route("/office/sign-in/oidc", get(sign_in::begin_oidc))
        .route("/office/sign-in/oidc/done", get(sign_in::finish_oidc))
        .route("/office/language", get(language::choose))
        .route(STYLE_ROUTE, get(style))
}

const STYLE_ROUTE: &str = "/office/assets/{name}";

/// Where the office's styles are served.
pub(crate) fn style_path() -> String {
    format!("/office/assets/{}", OFFICE_CSS.name())
}

async fn style(axum::extract::Path(name): axum::extract::Path<String>) -> axum::response::Response {
    web_kit::assets::serve(&[&OFFICE_CSS], &name)
}
