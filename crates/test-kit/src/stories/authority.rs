//! The accreditation behind the badges: suspended for a moment, without touching what was issued
//! before.

use anyhow::{Context, Result};
use credential_model::catalogue::CredentialType;
use serde_json::Value;

use super::{Scene, badge::held, drill::next_second};
use crate::Town;
use crate::authority::INSTITUTIONS;
use crate::officer::{Offering, sample_subject};
use crate::teller::Teller;

pub(super) async fn play(town: &mut Town, teller: Teller) -> Result<Vec<Scene>> {
    teller.title("demo-title-authority");
    let [ministry, ..] = &INSTITUTIONS;
    let mut scenes = Vec::new();
    let before = issue(town, "authority-before").await?;
    let report = town.verify(&before, None).await?;
    teller.step("demo-authority-named", &[("chain", &told(&report, teller.language()))]);
    let chain = format!("{} → 한국산업인력공단(시연)", ministry.name_ko);
    scenes.push(Scene::new("chain of authority", &chain, told(&report, "ko")));
    let since = report["credential"]["issuer"]["accredited_since"].is_string();
    scenes.push(Scene::new("since when", "told", if since { "told" } else { "not told" }));

    let issuer = town.issuer_did.clone();
    // Proofs and suspensions are dated by whole seconds: in one second nothing is "before".
    next_second().await;
    ministry.command(town, &["accreditation", "suspend", &issuer])?;
    teller.step("demo-authority-suspended", &[]);
    let during = issue(town, "authority-during").await?;
    let code = until(town, &during, "entitlement-suspended").await?;
    scenes.push(Scene::new("issued while suspended", "entitlement-suspended", code));
    let code = until(town, &before, "entitlement-ok").await?;
    scenes.push(Scene::new("issued before", "entitlement-ok", code));
    ministry.command(town, &["accreditation", "restore", &issuer])?;
    teller.step("demo-authority-restored", &[]);
    Ok(scenes)
}

/// Issues a badge and gives it as the wallet holds it.
async fn issue(town: &Town, owner: &str) -> Result<Value> {
    let offering = Offering {
        of: CredentialType::QualificationBadge,
        subject: sample_subject(CredentialType::QualificationBadge),
        kind: Some("1320"),
        formats: &["ldp_vc"],
        tx_code: false,
    };
    let offer = town.offer(&offering).await?;
    let pocket = town.citizen(owner)?;
    pocket.done(&["accept", &offer.link, "--yes"])?;
    let rows = held(&pocket.done(&["list"])?)?;
    let id = rows[0]["id"].as_str().context("a held credential without an id")?;
    pocket.done(&["show", id, "--raw"])
}

/// The chain of authority in people's words, the issuer last.
pub(super) fn told(report: &Value, language: &str) -> String {
    let issuer = &report["credential"]["issuer"];
    let above = issuer["authority"].as_array().into_iter().flatten();
    let names = above.chain([&issuer["name"]]).map(|name| name[language].as_str().unwrap_or("?"));
    names.collect::<Vec<_>>().join(" → ")
}

/// The code of the accreditation check; the verifier's index needs a moment to see a change.
async fn until(town: &Town, credential: &Value, wanted: &str) -> Result<String> {
    let mut seen = String::new();
    for _ in 0..60 {
        let report = town.verify(credential, None).await?;
        let checks = report["checks"].as_array().context("a report without checks")?;
        let check = checks.iter().find(|check| check["id"] == "entitlement");
        seen = check.and_then(|check| check["code"].as_str()).unwrap_or("?").to_owned();
        if seen == wanted {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    Ok(seen)
}
