//! The admin API's gate: who calls, and whether the route is theirs. It stands before every route
//! whose caller is an officer, so a handler cannot forget it.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use credential_issuance::acting_as;
use credential_issuance::ids::Digest;
use officer_access::{Permission, Principal};
use web_kit::Problem;

use crate::extract::bearer;
use crate::state::App;

/// What a route of the admin API needs. Whatever is not listed is for the admin token and keys
/// with the scope `access` alone: a new route is closed until somebody opens it.
pub fn permission(method: &str, path: &str) -> Permission {
    let reads = method == "get";
    match path {
        "/admin/audit" => Permission::Audit,
        "/admin/anchor" => Permission::Anchor,
        "/admin/kinds" | "/admin/kinds/import" if !reads => Permission::Kinds,
        "/admin/credentials/{id}/status" => Permission::Status,
        path if path.starts_with("/admin/approvals/") => Permission::Decide,
        path if path.starts_with("/admin/persons")
            || path.starts_with("/admin/offers")
            || path.starts_with("/admin/deferred") =>
        {
            if reads {
                Permission::Look
            } else {
                Permission::Issue
            }
        }
        // The flow of bulk jobs asks for a second person itself.
        path if path.starts_with("/admin/jobs") => {
            if reads {
                Permission::Look
            } else {
                Permission::Issue
            }
        }
        "/admin/kinds"
        | "/admin/credentials"
        | "/admin/credentials/{id}"
        | "/admin/anchors"
        | "/admin/approvals" => Permission::Look,
        path if !path.starts_with("/admin/") => Permission::VcApi,
        _ => Permission::Access,
    }
}

/// Lets whoever may call the route in, in their name.
pub(crate) async fn gate(
    State((app, needed)): State<(App, Permission)>,
    mut request: Request,
    next: Next,
) -> Response {
    if needed == Permission::VcApi && app.vc_api.open {
        return next.run(request).await;
    }
    // One route takes all steps of a bulk job; approving is for who decides.
    let approves = request.uri().path().ends_with("/steps/approve");
    let needed = if approves { Permission::Decide } else { needed };
    let token = bearer(request.headers()).map(str::to_owned);
    let principal = match principal(&app, token).await {
        Ok(Some(principal)) => principal,
        Ok(None) => return nobody(),
        Err(code) => {
            tracing::error!(code, "an API key could not be looked up");
            return Problem::new(StatusCode::SERVICE_UNAVAILABLE, code).into_response();
        }
    };
    if !principal.may(needed) {
        return Problem::new(StatusCode::FORBIDDEN, "scope_missing")
            .detail(format!("This API key does not have the scope {}.", needed.as_str()))
            .hint("Make a key with that scope: `issuer-service api-keys add`.")
            .into_response();
    }
    let actor = principal.id.clone();
    request.extensions_mut().insert(principal);
    acting_as(&actor, next.run(request)).await
}

async fn principal(app: &App, token: Option<String>) -> Result<Option<Principal>, &'static str> {
    let Some(token) = token else { return Ok(None) };
    if Digest::of(token.as_bytes()).same(&app.admin_token) {
        return Ok(Some(Principal::service()));
    }
    app.access.holder_of(&token).await.map_err(|error| error.code())
}

/// 401 for whoever brings neither the admin token nor an API key in force.
pub(crate) fn nobody() -> Response {
    let problem = Problem::new(StatusCode::UNAUTHORIZED, "admin_token_required")
        .detail("This address needs the admin token or an API key as a bearer token.")
        .hint("Send `Authorization: Bearer …` with the content of the admin token file.");
    let mut response = problem.into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
