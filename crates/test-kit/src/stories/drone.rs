//! Three credentials at once against position, height and time.

use anyhow::{Context, Result};
use credential_model::ambient::Clock;
use credential_model::catalogue::CredentialType;
use serde_json::{Value, json};
use signing_keys::system::SystemClock;

use super::{Scene, domain_outcome, present};
use crate::Town;
use crate::officer::{Offering, sample_subject};
use crate::teller::Teller;

/// About five kilometres in degrees of latitude.
const FIVE_KILOMETRES: f64 = 0.045;

pub(super) async fn play(town: &mut Town, teller: Teller) -> Result<Vec<Scene>> {
    teller.title("demo-title-drone");
    let pocket = town.citizen("drone")?;
    let registration = sample_subject(CredentialType::DroneRegistration);
    let permit = permit_for_today();
    let (longitude, latitude) = centre(&permit).context("the sample permit has no polygon")?;
    let serial = registration["serialNo"].clone();
    for (of, subject) in [
        (CredentialType::DronePilotLicence, sample_subject(CredentialType::DronePilotLicence)),
        (CredentialType::DroneRegistration, registration),
        (CredentialType::DroneFlightPermit, permit),
    ] {
        let offering =
            Offering { of, subject, kind: None, formats: &["dc+sd-jwt"], tx_code: false };
        let offer = town.offer(&offering).await?;
        pocket.done(&["accept", &offer.link, "--yes"])?;
    }
    let mut scenes = Vec::new();
    let cases = [
        ("demo-drone-inside", "drone inside its area", 0.0, 5.0, "PASS"),
        ("demo-drone-outside", "drone outside its area", FIVE_KILOMETRES, 5.0, "FAIL"),
        ("demo-drone-unsure", "drone at an uncertain place", 0.0, 9_000.0, "INDETERMINATE"),
    ];
    for (line, scene, north, accuracy, expected) in cases {
        let field = json!({
            "profile": "drone-field",
            "position": {"lon": longitude, "lat": latitude + north, "accuracy_m": accuracy},
            "altitude": {"value": 60, "ref": "AGL", "accuracy_m": 5},
            "remote_id_serial": serial,
        });
        let (_, _, report) = present(town, &pocket, "drone-field", Some(field)).await?;
        let outcome = domain_outcome(&report);
        teller.step(line, &[("outcome", &teller.word(&outcome))]);
        if outcome != expected {
            teller.plain(&report["domain"].to_string());
        }
        scenes.push(Scene::new(scene, expected, outcome));
    }
    Ok(scenes)
}

/// The sample permit with a window around now, day or night.
fn permit_for_today() -> Value {
    let now = SystemClock.now();
    let mut permit = sample_subject(CredentialType::DroneFlightPermit);
    permit["permitTypes"] = json!(["FLIGHT", "AERIAL_PHOTO", "SPECIAL_NIGHT"]);
    for volume in permit["volumes"].as_array_mut().into_iter().flatten() {
        volume["time"] =
            json!([{"start": now.minus_seconds(3600), "end": now.plus_seconds(4 * 3600)}]);
    }
    permit
}

/// The middle of the first polygon's corners.
fn centre(permit: &Value) -> Option<(f64, f64)> {
    let ring = permit["volumes"][0]["geometry"]["coordinates"][0].as_array()?;
    let corners = ring.get(1..)?;
    let sum = corners.iter().try_fold((0.0, 0.0), |(x, y), corner| {
        Some((x + corner[0].as_f64()?, y + corner[1].as_f64()?))
    })?;
    #[allow(clippy::cast_precision_loss, reason = "a polygon has at most 500 corners")]
    let count = corners.len() as f64;
    Some((sum.0 / count, sum.1 / count))
}
