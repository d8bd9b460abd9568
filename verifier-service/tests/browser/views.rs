//! What a trade sees: battery gauge, result sheet, map of a permit with the position.

use credential_model::catalogue::CredentialType;
use serde_json::{Value, json};
use test_kit::browser::{Browser, Setting};

use crate::desk::fetched;
use crate::kit::now;
use crate::stage::{Stage, flawless, picture};

/// Drops a genuine credential of this kind.
fn show(stage: &Stage, browser: &Browser, kind: CredentialType, change: impl Fn(&mut Value)) {
    let holder = stage.service.holder.did();
    let mut document = stage.service.issuer.credential(kind, holder.as_str(), 20);
    change(&mut document["credentialSubject"]);
    let secured = stage.service.issuer.secure(&document).to_string();
    browser.open(&stage.url("/")).unwrap();
    browser.upload("#file", &[stage.file("shown.json", secured.as_bytes())]).unwrap();
    browser.wait_for("[data-verdict]").unwrap();
}

fn label(browser: &Browser) -> String {
    browser.attribute("svg.view", "aria-label").unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trade_gets_its_picture() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    for (kind, selector, name) in [
        (CredentialType::EvBatteryReport, "svg .span", "battery-ko"),
        (CredentialType::CompetitionResult, "table.sheet .mark", "athlete-ko"),
        (CredentialType::DroneFlightPermit, "svg .area", "permit-ko"),
    ] {
        show(&stage, &browser, kind, |_| ());
        browser.wait_for(selector).unwrap();
        flawless(&browser, name);
        picture(&browser, name);
    }
    // No position was asked: the map shows none, and claims nothing about one.
    assert_eq!(label(&browser), "허가 구역 약도");
    assert_eq!(browser.texts_of("svg .place").unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gauge_says_what_it_draws_and_draws_no_nonsense() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    let battery = CredentialType::EvBatteryReport;
    show(&stage, &browser, battery, |_| ());
    let soh =
        stage.service.issuer.credential(battery, "did:example:x", 20)["credentialSubject"]["soh"]
            .to_string()
            .replace('"', "");
    let caption = browser.text_of("figcaption").unwrap();
    assert!(label(&browser).contains(&soh) && caption.contains(&soh), "{caption}");
    assert!(caption.contains("90 %"), "the interval's level: {caption}");
    // The bar is as long as the value, and the likely life lies within its interval.
    let drawn = "const number = (s, n) => Number(document.querySelector(s).getAttribute(n)); \
        const span = document.querySelector('svg .span').getAttribute('d').match(/[\\d.]+/g).map(Number); \
        return [number('svg rect:not(.track)', 'width') / 480 * 100, \
            span[0] <= number('svg circle', 'cx') && number('svg circle', 'cx') <= span[2]]";
    let drawn = browser.run(drawn, &[]).unwrap();
    assert!((drawn[0].as_f64().unwrap() - soh.parse::<f64>().unwrap()).abs() < 0.1, "{drawn}");
    assert_eq!(drawn[1], true, "{drawn}");
    // An interval that does not hold its value is not drawn; the report says what it says.
    show(&stage, &browser, battery, |subject| subject["rul"]["ciLow"] = json!("9000000"));
    assert_eq!(browser.texts_of("svg .span").unwrap(), Vec::<String>::new());
    flawless(&browser, "a gauge without interval");
}

/// The map of a field check at this place, as the officer's page shows it.
async fn inspected(stage: &Stage, browser: &Browser, place: [&str; 4]) -> (String, Vec<String>) {
    browser.open(&stage.url("/ask")).unwrap();
    for (field, value) in ["lat", "lon", "accuracy_m", "agl_m"].into_iter().zip(place) {
        if !value.is_empty() {
            browser.type_into(&format!("#{field}"), value).unwrap();
        }
    }
    let button = "return document.querySelector('input[value=drone-field]').form \
        .querySelector(\"button[value='0']\").click()";
    browser.run(button, &[]).unwrap();
    browser.wait_for("#steps").unwrap();
    let service = &stage.service;
    let id = browser.address().unwrap().rsplit('/').next().unwrap().to_owned();
    let (asked, _) = fetched(service, &id).await;
    let mut vp_token = json!({});
    for (name, kind) in [
        ("permit_sd", CredentialType::DroneFlightPermit),
        ("licence_sd", CredentialType::DronePilotLicence),
        ("registration_sd", CredentialType::DroneRegistration),
    ] {
        let document = service.issuer.credential(kind, service.holder.did().as_str(), 1);
        let token = service.issuer.sd_jwt(kind, &document, &service.holder.key());
        vp_token[name] =
            json!([service.holder.bind_all(&token, asked.client_id(), asked.nonce(), now())]);
    }
    let answer = service.answer(&asked, &vp_token).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    browser.wait_for("svg .area").unwrap();
    let texts = "return [...document.querySelectorAll('svg .place text')].map(e => e.textContent)";
    let marks = browser.run(texts, &[]).unwrap();
    let marks = marks.as_array().unwrap().iter().map(|m| m.as_str().unwrap().to_owned()).collect();
    (label(browser), marks)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_says_inside_outside_and_that_it_cannot_tell() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    for (place, says, mark, name) in [
        (["37.2", "126.81", "5", "80"], "승인된 구역 안에 있습니다", "✓", "field-inside-ko"),
        (["37.2", "126.83", "5", "80"], "승인된 구역을 벗어났습니다", "✕", "field-outside-ko"),
        (["37.2", "126.81", "9000", "80"], "판단할 수 없습니다", "?", "field-uncertain-ko"),
        (["", "", "", ""], "위치가 입력되지 않았습니다", "", "field-no-fix-ko"),
    ] {
        let (said, marks) = inspected(&stage, &browser, place).await;
        assert!(said.contains(says), "{said}");
        assert_eq!(marks.is_empty(), mark.is_empty(), "{marks:?}");
        assert!(marks.iter().all(|one| one.contains(mark)), "{marks:?}");
        let verdict = browser.attribute("[data-verdict]", "data-verdict").unwrap().unwrap();
        assert!(mark == "✓" || verdict != "accept", "{name}: {verdict}");
        flawless(&browser, name);
        picture(&browser, name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_fills_in_its_position_or_says_that_it_has_none() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    let allow = |setting: &str| {
        let asked = json!({"permission": {"name": "geolocation"}, "setting": setting});
        browser.devtools("Browser.setPermission", asked).unwrap();
    };
    let fields = "return ['lat', 'lon', 'accuracy_m'].map(id => document.getElementById(id).value)";
    browser.open(&stage.url("/ask")).unwrap();
    allow("denied");
    browser.click("#locate").unwrap();
    browser.wait_for("#no-fix").unwrap();
    assert_eq!(browser.run(fields, &[]).unwrap(), json!(["", "", ""]));
    flawless(&browser, "no position");
    allow("granted");
    let here = json!({"latitude": 37.2000004, "longitude": 126.81, "accuracy": 7.2});
    browser.devtools("Emulation.setGeolocationOverride", here).unwrap();
    browser.click("#locate").unwrap();
    let filled = json!(["37.200000", "126.810000", "8"]);
    browser.wait_until("the position", || Ok(browser.run(fields, &[])? == filled)).unwrap();
    let told = "return document.querySelector('#no-fix').hidden";
    assert_eq!(browser.run(told, &[]).unwrap(), json!(true));
}

/// A sheet of paper: the verdict without what only a screen can use.
#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_and_a_receipt_print_on_paper() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", dark: true, ..Setting::default() });
    show(&stage, &browser, CredentialType::QualificationBadge, |_| ());
    let dark = json!([{"name": "prefers-color-scheme", "value": "dark"}]);
    let paper = json!({"media": "print", "features": dark.clone()});
    let shown = "return [...document.querySelectorAll('button, a.button, nav, form')] \
        .filter(e => e.getClientRects().length).length";
    let colours = "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]";
    for address in ["", "receipt"] {
        if !address.is_empty() {
            browser.click("a[href^='/receipts/']:not([download])").unwrap();
            browser.wait_for_text("검증 영수증").unwrap();
        }
        let pdf = stage.folder.path().join("printed.pdf");
        browser.print(&pdf).unwrap();
        let bytes = std::fs::read(&pdf).unwrap();
        let pages = bytes.windows(12).filter(|at| at.starts_with(b"/Type /Page\n")).count();
        assert!((1..=2).contains(&pages), "{pages} pages");
        let boxes = "return [...document.querySelectorAll('.answer')].map(e => getComputedStyle(e).backgroundColor)";
        if let Some(folder) = std::env::var_os("SINPYO_PRINTED") {
            std::fs::copy(
                &pdf,
                std::path::Path::new(&folder).join(format!("printed{address}.pdf")),
            )
            .unwrap();
        }
        browser.devtools("Emulation.setEmulatedMedia", paper.clone()).unwrap();
        assert_eq!(browser.run(shown, &[]).unwrap(), json!(0));
        assert_eq!(
            browser.run(colours, &[]).unwrap(),
            json!(["rgb(0, 0, 0)", "rgb(255, 255, 255)"])
        );
        // Ink is dear, and dark boxes cannot be read on paper: a reader of dark pages too gets light.
        assert_eq!(browser.run(boxes, &[]).unwrap(), json!(["rgb(230, 244, 236)"]));
        browser
            .devtools("Emulation.setEmulatedMedia", json!({"media": "", "features": dark}))
            .unwrap();
    }
}
