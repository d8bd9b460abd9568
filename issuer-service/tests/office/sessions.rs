//! Signing in, sessions, forms: what is refused and when it ends.

use axum::http::header;
use officer_access::{NewOfficer, Role};

use super::desk::{Browser, COOKIE, PASSWORD, encode, hidden, person, text};
use super::harness::issuer;

#[tokio::test]
async fn password_and_code_open_a_session_with_a_strict_cookie() {
    let issuer = issuer().await;
    let kim = person(&issuer, "kim.officer", &[Role::Officer]).await;
    let mut browser = Browser::new(&issuer);
    let answer = browser.sign_in_with("KIM.Officer", PASSWORD, &kim.code(&issuer)).await.ok(303);
    let cookies: Vec<&str> = answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with(&format!("{COOKIE}="))).unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(session.contains(part), "{session}");
    }
    let home = browser.get("/office").await.ok(200);
    assert!(text(&home).contains("kim.officer(가상인물)"));
    assert_eq!(home.header(header::CACHE_CONTROL), "no-store");
    let trail = issuer.admin_get("/admin/audit?limit=500").await.ok(200).json();
    let last = trail["entries"].as_array().unwrap().last().unwrap()["event"].clone();
    assert_eq!(
        (last["action"].as_str(), last["actor"].as_str()),
        (Some("signed_in"), Some(kim.id.as_str()))
    );
}

#[tokio::test]
async fn every_refusal_reads_the_same() {
    let issuer = issuer().await;
    let kim = person(&issuer, "kim", &[Role::Officer]).await;
    let off = person(&issuer, "gone", &[Role::Officer]).await;
    issuer.app.access.disable_officer("gone").await.unwrap();
    let good = kim.code(&issuer);
    let cases = [
        ("nobody", PASSWORD, good.clone()),
        ("kim", "another password 12", good.clone()),
        ("kim", PASSWORD, "000000".to_owned()),
        ("kim", PASSWORD, String::new()),
        ("gone", PASSWORD, off.code(&issuer)),
        ("<script>", PASSWORD, good),
        ("kim", &"가".repeat(500), "1".to_owned()),
    ];
    let mut pages = std::collections::BTreeSet::new();
    for (login, password, code) in cases {
        let mut browser = Browser::new(&issuer);
        let answer = browser.sign_in_with(login, password, &code).await;
        assert_eq!(answer.status, 401, "{login}");
        assert!(!browser.cookies.contains_key(COOKIE));
        let page = text(&answer);
        let token = hidden(&page, "form");
        pages.insert(page.replace(&token, ""));
    }
    assert_eq!(pages.len(), 1, "who tries learns nothing: {pages:#?}");
}

#[tokio::test]
async fn a_code_is_good_once_and_a_recovery_code_too() {
    let issuer = issuer().await;
    let kim = person(&issuer, "kim", &[Role::Officer]).await;
    let code = kim.code(&issuer);
    Browser::new(&issuer).sign_in(&kim, &code).await.ok(303);
    Browser::new(&issuer).sign_in(&kim, &code).await.ok(401);
    issuer.clock.advance(30);
    Browser::new(&issuer).sign_in(&kim, &code).await.ok(401);
    let next = kim.code(&issuer);
    Browser::new(&issuer).sign_in(&kim, &next).await.ok(303);
    let recovery = kim.recovery[0].to_uppercase().replace('-', " ");
    Browser::new(&issuer).sign_in(&kim, &recovery).await.ok(303);
    Browser::new(&issuer).sign_in(&kim, &kim.recovery[0]).await.ok(401);
    Browser::new(&issuer).sign_in(&kim, &kim.recovery[1]).await.ok(303);
    // Two browsers with one code at the same moment: one gets in.
    issuer.clock.advance(30);
    let code = kim.code(&issuer);
    let (mut one, mut two) = (Browser::new(&issuer), Browser::new(&issuer));
    let (one, two) = tokio::join!(one.sign_in(&kim, &code), two.sign_in(&kim, &code));
    let mut both = [one.status.as_u16(), two.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [303, 401]);
}

#[tokio::test]
async fn five_wrong_tries_lock_and_the_lock_ends() {
    let issuer = issuer().await;
    let kim = person(&issuer, "kim", &[Role::Officer]).await;
    for _ in 0..5 {
        Browser::new(&issuer).sign_in_with("kim", "wrong password 99", "123456").await.ok(401);
    }
    Browser::new(&issuer).sign_in(&kim, &kim.code(&issuer)).await.ok(401);
    issuer.clock.advance(59);
    Browser::new(&issuer).sign_in(&kim, &kim.code(&issuer)).await.ok(401);
    issuer.clock.advance(1);
    Browser::new(&issuer).sign_in_with("kim", "wrong password 99", "123456").await.ok(401);
    issuer.clock.advance(60);
    Browser::new(&issuer).sign_in(&kim, &kim.code(&issuer)).await.ok(401);
    issuer.clock.advance(60);
    Browser::new(&issuer).sign_in(&kim, &kim.code(&issuer)).await.ok(303);
    let trail = issuer.admin_get("/admin/audit?limit=500").await.json();
    let refused: Vec<&str> = trail["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["event"]["action"] == "sign_in_refused")
        .map(|entry| entry["event"]["subjects"]["why"].as_str().unwrap())
        .collect();
    assert_eq!(refused.iter().filter(|why| **why == "account_locked").count(), 3);
    assert_eq!(refused.iter().filter(|why| **why == "wrong_password").count(), 6);
}

#[tokio::test]
async fn wrong_codes_behind_the_right_password_lock_too() {
    let issuer = issuer().await;
    let kim = person(&issuer, "kim", &[Role::Officer]).await;
    for guess in 0..12 {
        let code = format!("{guess:06}");
        Browser::new(&issuer).sign_in_with("kim", PASSWORD, &code).await.ok(401);
    }
    Browser::new(&issuer).sign_in(&kim, &kim.code(&issuer)).await.ok(401);
}

#[tokio::test]
async fn a_session_is_never_the_one_somebody_planted() {
    let issuer = issuer().await;
    let kim = person(&issuer, "kim", &[Role::Officer]).await;
    let mut thief = Browser::new(&issuer);
    let planted = issuer.app.access.fresh_token();
    thief.cookies.insert(COOKIE.to_owned(), planted.clone());
    let mut victim = Browser::new(&issuer);
    victim.cookies.insert(COOKIE.to_owned(), planted.clone());
    victim.sign_in(&kim, &kim.code(&issuer)).await.ok(303);
    assert_ne!(victim.cookies[COOKIE], planted);
    thief.get("/office").await.ok(303);
    // A second cookie of the name, as a sibling domain could set it, opens nothing.
    let both = format!("{COOKIE}={}; {COOKIE}={planted}", victim.cookies[COOKIE]);
    let request = axum::http::Request::get("/office").header(header::COOKIE, both);
    issuer.send(request.body(axum::body::Body::empty()).unwrap()).await.ok(303);
    // What was stored is no token.
    let store = storage_embedded::officers::EmbeddedAccessStore::new(issuer.database.clone());
    let stored = officer_access::store::AccessStore::list(
        &store,
        officer_access::store::Shelf::Sessions,
        None,
        10,
    );
    let stored = format!("{:?}", stored.await.unwrap());
    assert!(!stored.contains(&victim.cookies[COOKIE]));
}

#[tokio::test]
async fn sessions_end_idle_old_signed_out_and_with_the_account() {
    let issuer = issuer().await;
    let kim = person(&issuer, "kim", &[Role::Officer]).await;
    let mut browser = Browser::of(&issuer, &kim).await;
    issuer.clock.advance(1_799);
    browser.get("/office").await.ok(200);
    issuer.clock.advance(1_800);
    browser.get("/office").await.ok(303);

    let mut browser = Browser::of(&issuer, &kim).await;
    for _ in 0..23 {
        issuer.clock.advance(1_500);
        browser.get("/office").await.ok(200);
    }
    issuer.clock.advance(1_500);
    browser.get("/office").await.ok(303);

    let mut browser = Browser::of(&issuer, &kim).await;
    let old = browser.cookies.clone();
    browser.post("/office/sign-out", &[]).await.ok(303);
    assert!(!browser.cookies.contains_key(COOKIE));
    let mut copy = Browser { issuer: &issuer, cookies: old };
    copy.get("/office").await.ok(303);

    issuer.clock.advance(30);
    let mut browser = Browser::of(&issuer, &kim).await;
    issuer.app.access.disable_officer("kim").await.unwrap();
    browser.get("/office").await.ok(303);
    assert!(issuer.app.access.maintain().await.unwrap() >= 1, "what is over is forgotten");
}

#[tokio::test]
async fn forms_need_the_sessions_token_and_this_site() {
    let issuer = issuer().await;
    let (kim, lee) = (
        person(&issuer, "kim", &[Role::Officer]).await,
        person(&issuer, "lee", &[Role::Officer]).await,
    );
    let mut browser = Browser::of(&issuer, &kim).await;
    let mut other = Browser::of(&issuer, &lee).await;
    let (own, strange) = (browser.csrf().await, other.csrf().await);
    assert_ne!(own, strange);
    let path = "/office/kinds/import";
    for token in ["", "x", &strange, &own[..own.len() - 1]] {
        let form = encode(&[("csrf", token)]);
        browser.send("POST", path, &[], Some(form)).await.ok(403);
    }
    browser.send("POST", path, &[], Some(String::new())).await.ok(403);
    let good = || Some(encode(&[("csrf", &own)]));
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.example")],
        [("origin", "null")],
    ] {
        browser.send("POST", path, &headers, good()).await.ok(403);
    }
    // With it the form is read, and this one has no file.
    browser.send("POST", path, &[("sec-fetch-site", "same-origin")], good()).await.ok(422);
    browser.send("POST", path, &[("content-type", "text/plain")], good()).await.ok(415);
    browser
        .send(
            "POST",
            path,
            &[("content-type", "multipart/form-data; boundary=b")],
            Some("--b\r\n".to_owned()),
        )
        .await
        .ok(400);
    // The sign-in form too.
    let page = text(&Browser::new(&issuer).get("/office/sign-in").await);
    let stolen = hidden(&page, "form");
    let mut elsewhere = Browser::new(&issuer);
    elsewhere.get("/office/sign-in").await.ok(200);
    issuer.clock.advance(30);
    let code = kim.code(&issuer);
    let fields =
        [("form", stolen.as_str()), ("login", "kim"), ("password", PASSWORD), ("code", &code)];
    elsewhere.send("POST", "/office/sign-in", &[], Some(encode(&fields))).await.ok(403);
}

#[tokio::test]
async fn a_password_that_was_given_must_be_changed_first() {
    let issuer = issuer().await;
    let made = issuer
        .app
        .access
        .add_officer(NewOfficer {
            login: "park".to_owned(),
            name: "박담당(가상인물)".to_owned(),
            roles: [Role::Officer].into(),
            password: None,
        })
        .await
        .unwrap();
    let given = made.password.unwrap();
    let mut browser = Browser::new(&issuer);
    browser.sign_in_with("park", &given, &made.recovery_codes[0]).await.ok(303);
    let answer = browser.get("/office/kinds").await.ok(303);
    assert_eq!(answer.header(header::LOCATION), "/office/account");
    let change = |present: &str, wanted: &str, again: &str| {
        [
            ("present", present.to_owned()),
            ("wanted", wanted.to_owned()),
            ("again", again.to_owned()),
        ]
    };
    for (fields, status) in [
        (change(&given, PASSWORD, "other"), 422),
        (change("wrong", PASSWORD, PASSWORD), 422),
        (change(&given, "short", "short"), 422),
        (change(&given, &given, &given), 422),
        (change(&given, PASSWORD, PASSWORD), 200),
    ] {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        browser.post("/office/account/password", &fields).await.ok(status);
    }
    browser.get("/office/kinds").await.ok(200);
    let account = issuer.app.access.reset_officer("park", None).await.unwrap();
    browser.get("/office").await.ok(303);
    assert_ne!(account.totp_uri, made.totp_uri);
    Browser::new(&issuer).sign_in_with("park", PASSWORD, &made.recovery_codes[1]).await.ok(401);
}

#[tokio::test]
async fn the_language_link_leads_nowhere_else() {
    let issuer = issuer().await;
    let mut browser = Browser::new(&issuer);
    for (back, wanted) in [
        ("/office/kinds%3Fsearch%3Dx", "/office/kinds?search=x"),
        ("https://evil.example", "/office"),
        ("//evil.example", "/office"),
        ("/office%5C..%5Cx", "/office"),
        ("/officer", "/office"),
        ("/office/%0d%0aSet-Cookie:x", "/office"),
    ] {
        let answer = browser.get(&format!("/office/language?to=ko&back={back}")).await.ok(303);
        assert_eq!(answer.header(header::LOCATION), wanted, "{back}");
    }
    assert_eq!(browser.cookies["sinpyo_lang"], "ko");
    assert!(text(&browser.get("/office/sign-in").await).contains("담당자 로그인"));
}
