//! Each role × each page, each scope × each route of the admin API.

use axum::http::header;
use officer_access::{NewApiKey, Permission, Role};

use super::desk::{Browser, person, text};
use super::harness::issuer;

/// Page, and who may: officer, approver, auditor.
const PAGES: [(&str, &str, [bool; 3]); 29] = [
    ("get", "/office", [true, true, true]),
    ("post", "/office/sign-out", [true, true, true]),
    ("get", "/office/account", [true, true, true]),
    ("post", "/office/account/password", [true, true, true]),
    ("get", "/office/kinds", [true, true, true]),
    ("post", "/office/kinds/import", [true, false, false]),
    ("get", "/office/kinds/{code}", [true, true, true]),
    ("get", "/office/offers", [true, true, true]),
    ("get", "/office/offers/new", [true, false, false]),
    ("post", "/office/offers/new", [true, false, false]),
    ("get", "/office/offers/{id}", [true, true, true]),
    ("post", "/office/offers/{id}/decide", [true, false, false]),
    ("get", "/office/jobs", [true, true, true]),
    ("post", "/office/jobs", [true, false, false]),
    ("get", "/office/jobs/{id}", [true, true, true]),
    ("get", "/office/jobs/{id}/sheets", [true, false, false]),
    ("post", "/office/jobs/{id}/steps/{step}", [true, false, false]),
    ("post", "/office/jobs/{id}/approve", [false, true, false]),
    ("get", "/office/credentials", [true, true, true]),
    ("get", "/office/credentials/{id}", [true, true, true]),
    ("post", "/office/credentials/{id}/status", [true, false, false]),
    ("get", "/office/approvals", [true, true, true]),
    ("post", "/office/approvals/{id}/approve", [false, true, false]),
    ("post", "/office/approvals/{id}/refuse", [false, true, false]),
    ("post", "/office/approvals/{id}/withdraw", [true, false, false]),
    ("get", "/office/keys", [true, true, true]),
    ("get", "/office/figures", [true, true, true]),
    ("get", "/office/audit", [false, false, true]),
    ("get", "/office/audit/export", [false, false, true]),
];

#[tokio::test]
async fn every_page_is_for_whom_the_table_says() {
    let issuer = issuer().await;
    let listed: Vec<(&str, &str)> =
        issuer_service::office::pages().iter().map(|page| (page.method, page.path)).collect();
    let table: Vec<(&str, &str)> = PAGES.iter().map(|(method, path, _)| (*method, *path)).collect();
    assert_eq!(listed, table, "a page that is not in the table");
    for (place, role) in [Role::Officer, Role::Approver, Role::Auditor].into_iter().enumerate() {
        let somebody = person(&issuer, role.as_str(), &[role]).await;
        for (method, path, allowed) in PAGES {
            issuer.clock.advance(31);
            let mut browser = Browser::of(&issuer, &somebody).await;
            let path = path.replace("{code}", "1320").replace("{id}", "x").replace("{step}", "run");
            let answer = if method == "get" {
                browser.get(&path).await
            } else {
                browser.post(&path, &[]).await
            };
            let forbidden = answer.status == 403;
            assert_eq!(forbidden, !allowed[place], "{role:?} {method} {path}: {}", answer.status);
            assert_ne!(answer.header(header::LOCATION), "/office/sign-in?", "{path}");
        }
    }
}

#[tokio::test]
async fn without_a_session_every_page_leads_to_the_sign_in() {
    let issuer = issuer().await;
    for (method, path, _) in PAGES {
        let mut browser = Browser::new(&issuer);
        let path = path.replace("{code}", "1320").replace("{id}", "x").replace("{step}", "run");
        let form = (method == "post").then(String::new);
        let answer = browser.send(&method.to_uppercase(), &path, &[], form).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header(header::LOCATION)),
            (303, "/office/sign-in"),
            "{path}"
        );
    }
    // The admin token opens the API, not the pages; a session opens the pages, not the API.
    issuer.admin_get("/office").await.ok(303);
    let somebody = person(&issuer, "kim", &[Role::Officer]).await;
    let mut browser = Browser::of(&issuer, &somebody).await;
    browser.get("/admin/kinds").await.refused(401, "admin_token_required");
}

#[tokio::test]
async fn an_office_that_is_off_is_not_there() {
    let issuer = issuer().await;
    // The menu shows what a role may do and nothing else.
    let auditor = person(&issuer, "auditor", &[Role::Auditor]).await;
    let page = text(&Browser::of(&issuer, &auditor).await.get("/office").await);
    assert!(page.contains("/office/audit") && !page.contains("/office/offers/new"), "{page}");
}

/// Routes of the admin API and the scope each needs; what is not listed needs `access`.
const ROUTES: [(&str, &str, Permission); 22] = [
    ("get", "/admin/kinds", Permission::Look),
    ("post", "/admin/kinds", Permission::Kinds),
    ("post", "/admin/kinds/import", Permission::Kinds),
    ("post", "/admin/persons", Permission::Issue),
    ("post", "/admin/offers", Permission::Issue),
    ("get", "/admin/offers", Permission::Look),
    ("get", "/admin/offers/{id}", Permission::Look),
    ("get", "/admin/credentials", Permission::Look),
    ("get", "/admin/credentials/{id}", Permission::Look),
    ("post", "/admin/credentials/{id}/status", Permission::Status),
    ("get", "/admin/approvals", Permission::Look),
    ("post", "/admin/approvals/{id}/approve", Permission::Decide),
    ("post", "/admin/approvals/{id}/refuse", Permission::Decide),
    ("get", "/admin/deferred", Permission::Look),
    ("post", "/admin/deferred/{id}/release", Permission::Issue),
    ("post", "/admin/deferred/{id}/deny", Permission::Issue),
    ("get", "/admin/audit", Permission::Audit),
    ("post", "/admin/anchor", Permission::Anchor),
    ("get", "/admin/anchors", Permission::Look),
    ("get", "/admin/jobs", Permission::Look),
    ("post", "/admin/jobs", Permission::Issue),
    ("get", "/admin/jobs/{id}", Permission::Look),
];

#[tokio::test]
async fn a_key_opens_its_scope_and_no_other() {
    let issuer = issuer().await;
    for scope in Permission::ALL {
        let new = NewApiKey {
            name: format!("key for {}", scope.as_str()),
            scopes: [scope].into(),
            expires_at: None,
        };
        let (_, key) = issuer.app.access.add_api_key(new).await.unwrap();
        for endpoint in issuer_service::endpoints() {
            if !endpoint.path.starts_with("/admin/") {
                continue;
            }
            let listed = ROUTES
                .iter()
                .find(|(method, path, _)| (*method, *path) == (endpoint.method, endpoint.path));
            let Some((method, path, needs)) = listed else { continue };
            let path = path.replace("{id}", "x");
            let request = axum::http::Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(&path)
                .header(header::AUTHORIZATION, format!("Bearer {key}"))
                .body(axum::body::Body::empty());
            let answer = issuer.send(request.unwrap()).await;
            assert_eq!(
                answer.status == 403,
                scope != *needs,
                "{} {path}: {}",
                scope.as_str(),
                answer.status
            );
            assert_ne!(answer.status, 401, "{path}");
        }
        let approve =
            issuer.post("/admin/jobs/x/steps/approve", Some(&key), &serde_json::json!({})).await;
        assert_eq!(approve.status == 403, scope != Permission::Decide, "{}", scope.as_str());
    }
}

#[tokio::test]
async fn keys_end_when_revoked_expired_or_altered() {
    let issuer = issuer().await;
    let new = |expires_at| NewApiKey {
        name: "reader".to_owned(),
        scopes: [Permission::Look].into(),
        expires_at,
    };
    let (key, text) = issuer.app.access.add_api_key(new(None)).await.unwrap();
    let look = async |text: &str| {
        let request = axum::http::Request::get("/admin/kinds?limit=1")
            .header(header::AUTHORIZATION, format!("Bearer {text}"))
            .body(axum::body::Body::empty());
        issuer.send(request.unwrap()).await
    };
    look(&text).await.ok(200);
    let mut altered = text.clone();
    let last = altered.pop().unwrap();
    altered.push(if last == 'A' { 'E' } else { 'A' });
    let other_prefix = text.replacen(&key.prefix, "aaaaaaaaaaaa", 1);
    for bad in [altered.as_str(), &other_prefix, &text[..text.len() - 1], "sinpyo_", "sinpyo__", ""]
    {
        look(bad).await.refused(401, "admin_token_required");
    }
    let shown = serde_json::to_string(&key).unwrap();
    assert!(!shown.contains(text.rsplit('_').next().unwrap()), "the secret is not kept");
    issuer.app.access.revoke_api_key(&key.prefix).await.unwrap();
    look(&text).await.refused(401, "admin_token_required");

    let end = issuer.now().plus_seconds(60);
    let (_, text) = issuer.app.access.add_api_key(new(Some(end))).await.unwrap();
    look(&text).await.ok(200);
    issuer.clock.advance(60);
    look(&text).await.refused(401, "admin_token_required");
    let past = issuer.app.access.add_api_key(new(Some(end))).await;
    assert_eq!(past.unwrap_err().code(), "invalid_expiry");
}
