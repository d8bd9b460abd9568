//! Selective disclosure: one course of three.

use anyhow::{Context, Result};
use credential_model::catalogue::CredentialType;
use serde_json::json;

use super::{Scene, answer, answers, tell_verdict};
use crate::Town;
use crate::officer::{Offering, sample_subject};
use crate::teller::Teller;

pub(super) async fn play(town: &mut Town, teller: Teller) -> Result<Vec<Scene>> {
    teller.title("demo-title-training");
    let mut subject = sample_subject(CredentialType::TrainingHistory);
    let third = json!({
        "courseName": "가상 정보보안 실무",
        "provider": {"name": "가상 직업전문학교(시험용)"},
        "startDate": "2025-09-01",
        "endDate": "2025-10-31",
        "totalHours": "240",
        "completion": "COMPLETED",
    });
    if let Some(records) = subject["records"].as_array_mut() {
        records.push(third);
    }
    let total = subject["records"].as_array().map_or(0, Vec::len);
    let offering = Offering {
        of: CredentialType::TrainingHistory,
        subject,
        kind: None,
        formats: &["dc+sd-jwt"],
        tx_code: false,
    };
    let offer = town.offer(&offering).await?;
    let pocket = town.citizen("training")?;
    pocket.done(&["accept", &offer.link, "--yes"])?;
    // The third course only: the others stay closed.
    let query = json!({"credentials": [{
        "id": "training",
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [CredentialType::TrainingHistory.vct()]},
        "claims": [{"path": ["person", "name"]}, {"path": ["records", 2]}],
    }]});
    let asked = json!({
        "dcql": query,
        "purpose_ko": "정보보안 과정 이수 확인",
        "purpose_en": "Checking the security course",
        "context": {"profile": "training"},
    });
    let (_, _, report) = answer(town, &pocket, town.ask_by(&asked).await?).await?;
    let rows = report["credential"]["shown"].as_array().context("nothing is shown")?;
    let courses = rows.iter().filter(|row| {
        let path = row["path"].as_str().unwrap_or_default();
        path.starts_with("records") && path.ends_with("courseName")
    });
    let shown = courses.count();
    let counts = (total.to_string(), shown.to_string());
    teller.step("demo-training-presented", &[("total", &counts.0), ("shown", &counts.1)]);
    tell_verdict(teller, &report);
    Ok(vec![
        Scene::new("training history", "yes/yes/yes", answers(&report)),
        Scene::new("courses shown", "1", counts.1),
    ])
}
