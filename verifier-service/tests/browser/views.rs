//! What a trade sees: battery gauge, result sheet, map of a permit.

use credential_model::catalogue::CredentialType;
use test_kit::browser::Setting;

use crate::stage::{Stage, flawless, picture};

#[tokio::test(flavor = "multi_thread")]
async fn each_trade_gets_its_picture() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    for (kind, selector, name) in [
        (CredentialType::EvBatteryReport, "svg .span", "battery-ko"),
        (CredentialType::CompetitionResult, "table.sheet .mark", "athlete-ko"),
        (CredentialType::DroneFlightPermit, "svg .area", "permit-ko"),
    ] {
        let holder = stage.service.holder.did();
        let document = stage.service.issuer.credential(kind, holder.as_str(), 20);
        let secured = stage.service.issuer.secure(&document).to_string();
        browser.open(&stage.url("/")).unwrap();
        browser.upload("#file", &[stage.file("shown.json", secured.as_bytes())]).unwrap();
        browser.wait_for("[data-verdict]").unwrap();
        browser.wait_for(selector).unwrap();
        flawless(&browser, name);
        picture(&browser, name);
    }
}
