//! A result that federation and sports council confirmed in turn.

use anyhow::Result;
use credential_model::catalogue::CredentialType;
use serde_json::json;

use super::{Scene, answers, authority::told, domain_outcome, present, tell_verdict};
use crate::Town;
use crate::officer::{Offering, sample_subject};
use crate::teller::Teller;

pub(super) async fn play(town: &mut Town, teller: Teller) -> Result<Vec<Scene>> {
    teller.title("demo-title-athlete");
    let subject = sample_subject(CredentialType::CompetitionResult);
    let text = |pointer: &str| match subject.pointer(pointer) {
        Some(value) => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        None => "?".to_owned(),
    };
    let (event, mark, rank) = (text("/eventCode"), text("/mark/value"), text("/rank"));
    let offering = Offering {
        of: CredentialType::CompetitionResult,
        subject,
        kind: None,
        formats: &["dc+sd-jwt"],
        tx_code: false,
    };
    let offer = town.offer(&offering).await?;
    let pocket = town.citizen("athlete")?;
    pocket.done(&["accept", &offer.link, "--yes"])?;
    let asks = json!({"profile": "athlete-admission"});
    let (_, _, report) = present(town, &pocket, "athlete-admission", Some(asks)).await?;
    let outcome = domain_outcome(&report);
    teller.step(
        "demo-athlete",
        &[("event", &event), ("mark", &mark), ("rank", &rank), ("outcome", &teller.word(&outcome))],
    );
    tell_verdict(teller, &report);
    let seen = format!("{} {outcome}", answers(&report));
    let mut scenes = vec![Scene::new("athletic result", "yes/yes/yes PASS", seen)];
    if town.authority.is_some() {
        teller.step("demo-authority-named", &[("chain", &told(&report, teller.language()))]);
        let chain = "대한육상연맹(시연) → 대한체육회(시연) → 한국산업인력공단(시연)";
        scenes.push(Scene::new("by whose authority", chain, told(&report, "ko")));
    }
    Ok(scenes)
}
