//! What pages hold: hostile text made harmless, nothing inline, nothing foreign, little weight.

use std::io::Write as _;

use axum::http::header;
use officer_access::{NewOfficer, Role};

use super::desk::{Browser, PASSWORD, encode, person, text};
use super::harness::wallet::Holder;
use super::harness::{TestIssuer, badge_offer, issuer, training_offer};

const HOSTILE: &str = "<script>alert(1)</script> \u{202e}돌아서\u{202c} 똠 뷁 힣 \"'&";

/// Everybody at once, to see every page.
const EVERYBODY: [Role; 3] = [Role::Officer, Role::Approver, Role::Auditor];

fn gzip(bytes: &[u8]) -> usize {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap().len()
}

#[track_caller]
fn harmless(page: &str, path: &str) {
    for bad in ["<script", " style=", "<style", "javascript:", " onclick", "\u{202e}", "⟦", "{$"]
    {
        assert!(!page.contains(bad), "{bad:?} in {path}");
    }
    for part in page.split("src=\"").skip(1).chain(page.split("<link ").skip(1)) {
        let address = part.split('"').next().unwrap();
        assert!(!address.starts_with("http") && !address.starts_with("//"), "{address} in {path}");
    }
}

async fn busy() -> (TestIssuer, String) {
    let issuer = issuer().await;
    let rows: String =
        (0..1_200).map(|n| format!("{},가상종목 {n} 똠방각하 기사\n", 5_000 + n)).collect();
    let csv = format!("jmcd,jmfldnm\n{rows}");
    let taken =
        issuer.post_raw("/admin/kinds/import", Some(super::harness::ADMIN), "text/csv", csv).await;
    assert_eq!(taken.ok(200).json()["imported"], 1_200);
    for _ in 0..3 {
        issuer
            .issue(&badge_offer(&["ldp_vc"]), "KrQualificationBadge.ldp_vc", &Holder::usual())
            .await;
    }
    for _ in 0..60 {
        issuer.offer(&training_offer(&["ldp_vc"])).await;
    }
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    (issuer, id)
}

#[tokio::test]
async fn every_page_is_light_strict_and_in_two_languages() {
    let (issuer, id) = busy().await;
    let all = person(&issuer, "all", &EVERYBODY).await;
    let mut browser = Browser::of(&issuer, &all).await;
    let offers = issuer.admin_get("/admin/offers?limit=1").await.json();
    let offer = offers["offers"][0]["offer_id"].as_str().unwrap().to_owned();
    let mut css = 0;
    for language in ["ko", "en"] {
        browser.get(&format!("/office/language?to={language}")).await.ok(303);
        for page in issuer_service::office::pages() {
            if page.method != "get"
                || page.path == "/office/audit/export"
                || page.path.starts_with("/office/jobs/{id}")
            {
                continue;
            }
            let id = if page.path.starts_with("/office/offers") { &offer } else { &id };
            let path = page.path.replace("{code}", "5001").replace("{id}", id);
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, 200, "{path}");
            let policy = answer.header(header::CONTENT_SECURITY_POLICY);
            assert!(
                policy.contains("default-src 'none'") && !policy.contains("unsafe"),
                "{policy}"
            );
            let html = text(&answer);
            harmless(&html, &path);
            assert!(html.contains(&format!("<html lang=\"{language}\">")), "{path}");
            assert_eq!(html.matches("<h1").count(), 1, "{path}");
            for style in html.split("rel=\"stylesheet\" href=\"").skip(1) {
                let style = style.split('"').next().unwrap();
                if css < 2 {
                    css += 1;
                    let sheet = issuer.get(style).await.ok(200);
                    assert!(gzip(&sheet.body) < 12_000, "{style}");
                }
            }
            let weight = gzip(html.as_bytes());
            assert!(weight <= 60 * 1024, "{path}: {weight} bytes");
        }
    }
}

#[tokio::test]
async fn hostile_text_is_shown_and_never_obeyed() {
    let issuer = issuer().await;
    let kind = serde_json::json!({ "code": "66666", "name_ko": HOSTILE, "name_en": HOSTILE });
    issuer.admin_post("/admin/kinds", &kind).await.ok(201);
    let mut offer = badge_offer(&["ldp_vc"]);
    offer["subject"]["person"]["name"] =
        serde_json::json!("<script>alert(1)</script> 똠 뷁 힣(가상인물)");
    issuer.issue(&offer, "KrQualificationBadge.ldp_vc", &Holder::usual()).await;
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    let new = NewOfficer {
        login: "mallory".to_owned(),
        name: "<b>말로리</b>\u{202e}".to_owned(),
        roles: EVERYBODY.into(),
        password: Some(PASSWORD.to_owned()),
    };
    let made = issuer.app.access.add_officer(new).await.unwrap();
    let mut browser = Browser::new(&issuer);
    browser.sign_in_with("mallory", PASSWORD, &made.recovery_codes[0]).await.ok(303);
    let place = format!("/office/credentials/{id}/status");
    browser.post(&place, &[("action", "suspend"), ("reason", HOSTILE)]).await.ok(200);
    let search = format!("/office/kinds?{}", encode(&[("search", HOSTILE)]));
    for path in [
        "/office".to_owned(),
        search,
        "/office/kinds/66666".to_owned(),
        "/office/offers/new?kind=66666".to_owned(),
        format!("/office/credentials/{id}"),
        format!(
            "/office/credentials?{}",
            encode(&[("id", HOSTILE), ("kind", HOSTILE), ("from", HOSTILE)])
        ),
        "/office/audit".to_owned(),
        format!("/office/offers/new?{}", encode(&[("type", HOSTILE), ("kind", HOSTILE)])),
    ] {
        let page = text(&browser.get(&path).await.ok(200));
        harmless(&page, &path);
    }
    let page = text(&browser.get(&format!("/office/credentials/{id}")).await);
    assert!(page.contains("<bdi>&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    assert!(page.contains("똠 뷁 힣") && page.contains("U+202E"), "{page}");
    // A form that is refused comes back with what was entered, as text.
    let fields = [
        ("type", "KrQualificationBadge"),
        ("kind", HOSTILE),
        ("name", HOSTILE),
        ("awarded", HOSTILE),
    ];
    let page = text(&browser.post("/office/offers/new", &fields).await.ok(422));
    harmless(&page, "the refused form");
}

#[tokio::test]
async fn an_offer_is_made_from_the_form_and_shows_its_code_once() {
    let issuer = issuer().await;
    let kim = person(&issuer, "kim", &[Role::Officer]).await;
    let mut browser = Browser::of(&issuer, &kim).await;
    let form = text(&browser.get("/office/offers/new?kind=1320").await.ok(200));
    assert!(form.contains("정보처리기사"), "{form}");
    let good = [
        ("type", "KrQualificationBadge"),
        ("kind", "1320"),
        ("name", "홍길동(가상인물)"),
        ("birth_date", "1990-01-01"),
        ("number", "99999999999Z"),
        ("grade", "ENGINEER"),
        ("awarded", "2025-06-18"),
        ("expires_in", "86400"),
        ("tx_code", "1"),
        ("format.ldp_vc", "1"),
    ];
    let page = text(&browser.post("/office/offers/new", &good).await.ok(200));
    assert!(page.contains("Transaction code") && page.contains("/qr.svg"), "{page}");
    let listed = issuer.admin_get("/admin/offers").await.json();
    let offer = &listed["offers"][0];
    assert_eq!(offer["formats"], serde_json::json!(["ldp_vc"]));
    let again = text(
        &browser
            .get(&format!("/office/offers/{}", offer["offer_id"].as_str().unwrap()))
            .await
            .ok(200),
    );
    assert!(!again.contains("class=\"match\""), "the code is told once");
    assert!(!again.contains("홍길동"), "pages about offers name nobody");
    for (field, value) in [
        ("kind", "nope"),
        ("awarded", ""),
        ("name", "본인 900101-1234567"),
        ("grade", "EMPEROR"),
        ("birth_date", "1990-13-41"),
    ] {
        let fields: Vec<(&str, &str)> = good
            .iter()
            .map(|(name, was)| (*name, if *name == field { value } else { *was }))
            .collect();
        let page = text(&browser.post("/office/offers/new", &fields).await.ok(422));
        assert!(page.contains("role=\"alert\""), "{field}");
    }
    let fields: Vec<(&str, &str)> =
        good.iter().filter(|(name, _)| !name.starts_with("format")).copied().collect();
    browser.post("/office/offers/new", &fields).await.ok(422);
    let claims = serde_json::to_string(&super::harness::subject(
        credential_model::catalogue::CredentialType::TrainingHistory,
    ));
    let claims = claims.unwrap();
    let training =
        |claims| [("type", "KrTrainingHistory"), ("claims", claims), ("format.ldp_vc", "1")];
    browser.post("/office/offers/new", &training(&claims)).await.ok(200);
    for bad in ["", "{", "{\"a\":1,\"a\":2}", "[]"] {
        browser.post("/office/offers/new", &training(bad)).await.ok(422);
    }
    let trail = issuer.admin_get("/admin/audit?limit=500").await.json();
    let made = trail["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["event"]["action"] == "offer_created");
    assert!(made.into_iter().all(|entry| entry["event"]["actor"] == kim.id.as_str()));
}

#[tokio::test]
async fn credentials_are_found_by_id_kind_day_and_status() {
    let (issuer, id) = busy().await;
    let kim = person(&issuer, "kim", &[Role::Officer]).await;
    let mut browser = Browser::of(&issuer, &kim).await;
    let answer = browser.get(&format!("/office/credentials?id={id}")).await.ok(303);
    assert_eq!(answer.header(header::LOCATION), format!("/office/credentials/{id}"));
    let found = async |browser: &mut Browser<'_>, query: &str| {
        let page = text(&browser.get(&format!("/office/credentials?{query}")).await.ok(200));
        page.matches("href=\"/office/credentials/0").count()
    };
    for (query, wanted) in [
        ("", 3),
        ("kind=1320", 3),
        ("kind=1321", 0),
        ("from=2026-11-23&to=2026-11-23", 3),
        ("from=2026-11-24", 0),
        ("to=2026-11-22", 0),
        ("from=nonsense", 3),
        ("status=revoked", 0),
        ("status=valid", 3),
        ("id=nobody", 0),
        ("after=zzz", 0),
    ] {
        assert_eq!(found(&mut browser, query).await, wanted, "{query}");
    }
    let place = format!("/office/credentials/{id}/status");
    browser.post(&place, &[("action", "suspend"), ("reason", "조사 중")]).await.ok(200);
    assert_eq!(found(&mut browser, "status=suspended").await, 1);
    browser.post(&place, &[("action", "reinstate"), ("reason", "조사 끝")]).await.ok(200);
    browser.post(&place, &[("action", "explode"), ("reason", "x")]).await.ok(400);
    browser.get("/office/credentials/nobody").await.ok(404);
    let figures = text(&browser.get("/office/figures").await.ok(200));
    assert!(
        figures.contains("<td>2026-11-23</td><td>63</td><td>3</td><td>1</td><td>1</td><td>0</td>"),
        "{figures}"
    );
    let home = text(&browser.get("/office").await.ok(200));
    assert!(home.contains("<strong>63</strong>"), "{home}");
}

#[tokio::test]
async fn the_auditor_reads_checks_and_exports() {
    let (issuer, _) = busy().await;
    let auditor = person(&issuer, "auditor", &[Role::Auditor]).await;
    let mut browser = Browser::of(&issuer, &auditor).await;
    let page = text(&browser.get("/office/audit?check=true").await.ok(200));
    assert!(page.contains("hold together"), "{page}");
    let csv = browser.get("/office/audit/export").await.ok(200);
    assert_eq!(csv.header(header::CONTENT_DISPOSITION), "attachment; filename=\"audit-trail.csv\"");
    let lines = text(&csv);
    let trail = issuer.admin_get("/admin/audit?limit=500").await.json();
    assert_eq!(lines.lines().count(), trail["entries"].as_array().unwrap().len() + 1);
    assert!(lines.contains("\"trail_exported\""), "the export tells of itself");
    let json = text(&browser.get("/office/audit/export?form=json").await.ok(200));
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(first["seq"], 1);
}
