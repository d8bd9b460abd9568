//! Every endpoint in its own file; this table is all there is.

mod admin_anchors;
mod admin_approvals;
mod admin_audit;
mod admin_credential;
mod admin_credential_status;
mod admin_credentials;
mod admin_deferred;
mod admin_deferred_decision;
mod admin_jobs;
mod admin_jobs_claims;
mod admin_jobs_outcomes;
mod admin_jobs_steps;
mod admin_kinds;
mod admin_kinds_import;
mod admin_offer;
mod admin_offers;
mod admin_persons;
mod authorization_server;
mod code;
mod credential;
mod deferred_credential;
mod did_document;
mod health;
mod issuer_metadata;
mod nonce;
mod notification;
mod offer;
mod offer_page;
mod offer_qr;
mod openapi;
mod ready;
mod status_archive;
mod status_evidence;
mod status_inclusion;
mod status_list;
mod status_pack;
mod style;
mod token;
mod vc_derive;
mod vc_identifiers;
mod vc_issue;
mod vc_issuers;

pub(crate) use admin_jobs::OFFICER as OFFICER_HEADER;
use axum::Router;
use axum::routing::MethodRouter;

use crate::office::api_gate;
use crate::openapi::Operation;
use crate::state::App;

/// One method of one path.
pub struct Endpoint {
    /// `get` or `post`.
    pub method: &'static str,
    /// With `{parameters}`.
    pub path: &'static str,
    /// What the OpenAPI document says.
    pub operation: Operation,
    pub(crate) handler: MethodRouter<App>,
}

impl Endpoint {
    pub(crate) fn get(
        path: &'static str,
        handler: MethodRouter<App>,
        operation: Operation,
    ) -> Self {
        Self { method: "get", path, operation, handler }
    }

    pub(crate) fn post(
        path: &'static str,
        handler: MethodRouter<App>,
        operation: Operation,
    ) -> Self {
        Self { method: "post", path, operation, handler }
    }
}

/// Every endpoint.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        issuer_metadata::endpoint(),
        authorization_server::endpoint(),
        did_document::endpoint(),
        offer::endpoint(),
        offer_page::endpoint(),
        code::form_endpoint(),
        code::lead_endpoint(),
        offer_qr::svg_endpoint(),
        offer_qr::png_endpoint(),
        token::endpoint(),
        nonce::endpoint(),
        credential::endpoint(),
        deferred_credential::endpoint(),
        notification::endpoint(),
        status_list::endpoint(),
        status_inclusion::endpoint(),
        status_archive::endpoint(),
        status_pack::index_endpoint(),
        status_pack::part_endpoint(),
        status_pack::evidence_endpoint(),
        status_evidence::endpoint(),
        admin_kinds::create_endpoint(),
        admin_kinds::search_endpoint(),
        admin_kinds_import::endpoint(),
        admin_persons::endpoint(),
        admin_offers::create_endpoint(),
        admin_offers::list_endpoint(),
        admin_offer::endpoint(),
        admin_credentials::endpoint(),
        admin_credential::endpoint(),
        admin_credential_status::endpoint(),
        admin_approvals::list_endpoint(),
        admin_approvals::approve_endpoint(),
        admin_approvals::refuse_endpoint(),
        admin_deferred::endpoint(),
        admin_deferred_decision::release_endpoint(),
        admin_deferred_decision::deny_endpoint(),
        admin_jobs::create_endpoint(),
        admin_jobs::list_endpoint(),
        admin_jobs::one_endpoint(),
        admin_jobs_steps::part_endpoint(),
        admin_jobs_steps::step_endpoint(),
        admin_jobs_steps::status_endpoint(),
        admin_jobs_claims::endpoint(),
        admin_jobs_outcomes::outcomes_endpoint(),
        admin_jobs_outcomes::events_endpoint(),
        admin_audit::endpoint(),
        admin_anchors::anchor_endpoint(),
        admin_anchors::list_endpoint(),
        vc_issuers::endpoint(),
        vc_issue::endpoint(),
        vc_derive::instance_endpoint(),
        vc_derive::endpoint(),
        vc_identifiers::endpoint(),
        openapi::endpoint(),
        health::endpoint(),
        ready::endpoint(),
        style::endpoint(),
    ]
}

/// The router with its walls.
pub fn router(app: App) -> Router {
    let limits = app.limits.clone();
    let routes = endpoints().into_iter().fold(Router::new(), |router, endpoint| {
        let mut handler = endpoint.handler;
        if endpoint.operation.is_for_officers() {
            let needed = api_gate::permission(endpoint.method, endpoint.path);
            let state = (app.clone(), needed);
            handler =
                handler.route_layer(axum::middleware::from_fn_with_state(state, api_gate::gate));
        }
        router.route(endpoint.path, handler)
    });
    let routes = routes.merge(crate::office::router(&app));
    web_kit::layers(routes.with_state(app), limits)
}

/// A page size from a query: 1 to 500, 100 when absent.
pub(crate) fn page_size(limit: Option<usize>) -> usize {
    limit.unwrap_or(100).clamp(1, 500)
}
