//! Two genuine reports, one above and one below what the insurer asks.

use anyhow::Result;
use credential_model::ambient::Clock;
use credential_model::catalogue::CredentialType;
use serde_json::json;
use signing_keys::system::SystemClock;

use super::{Scene, answers, domain_outcome, present, tell_verdict};
use crate::Town;
use crate::officer::{Offering, sample_subject};
use crate::teller::Teller;

pub(super) async fn play(town: &mut Town, teller: Teller) -> Result<Vec<Scene>> {
    teller.title("demo-title-battery");
    let mut scenes = Vec::new();
    let cases = [
        ("demo-battery-good", "battery above the threshold", "88.0", "158.4", "PASS"),
        ("demo-battery-bad", "battery below the threshold", "71.0", "127.8", "FAIL"),
    ];
    for (line, scene, soh, remaining, expected) in cases {
        let mut subject = sample_subject(CredentialType::EvBatteryReport);
        subject["soh"] = json!(soh);
        subject["remainingCapacity"] = json!(remaining);
        subject["assessedAt"] = json!(SystemClock.now().minus_seconds(86_400));
        let offering = Offering {
            of: CredentialType::EvBatteryReport,
            subject,
            kind: None,
            formats: &["dc+sd-jwt"],
            tx_code: false,
        };
        let offer = town.offer(&offering).await?;
        let pocket = town.citizen(&format!("battery-{soh}"))?;
        pocket.done(&["accept", &offer.link, "--yes"])?;
        let asks = json!({"profile": "battery-insurance", "soh_threshold": 80, "soh_definition": "CAPACITY"});
        let (_, _, report) = present(town, &pocket, "battery-insurance", Some(asks)).await?;
        let outcome = domain_outcome(&report);
        teller.step(line, &[("soh", soh), ("outcome", &teller.word(&outcome))]);
        tell_verdict(teller, &report);
        scenes.push(Scene::new(
            scene,
            &format!("yes/yes/yes {expected}"),
            format!("{} {outcome}", answers(&report)),
        ));
    }
    Ok(scenes)
}
