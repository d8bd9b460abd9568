//! The stories: what the demo tells and what the tests demand, from the same code.

mod athlete;
mod authority;
mod badge;
mod battery;
mod bulk;
mod drill;
mod drone;
mod nation;
mod training;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::Town;
use crate::employer::Asked;
use crate::pocket::Pocket;
use crate::teller::Teller;

/// A verdict that a story saw, beside the one it must see.
pub struct Scene {
    pub name: &'static str,
    pub expected: String,
    pub seen: String,
}

impl Scene {
    pub fn new(name: &'static str, expected: &str, seen: impl Into<String>) -> Self {
        Self { name, expected: expected.to_owned(), seen: seen.into() }
    }

    pub fn is_as_expected(&self) -> bool {
        self.expected == self.seen
    }
}

/// Plays all stories in order.
pub async fn play(town: &mut Town, teller: Teller) -> Result<Vec<Scene>> {
    let mut scenes = badge::play(town, teller).await.context("the story of the badge")?;
    scenes.extend(training::play(town, teller).await.context("the story of the training")?);
    scenes.extend(battery::play(town, teller).await.context("the story of the battery")?);
    scenes.extend(drone::play(town, teller).await.context("the story of the drone")?);
    scenes.extend(athlete::play(town, teller).await.context("the story of the athlete")?);
    if town.authority.is_some() {
        scenes.extend(authority::play(town, teller).await.context("the story of authority")?);
    }
    Ok(scenes)
}

/// Plays the compromise drill; the town has neither services nor chain after it.
pub async fn play_drill(town: &mut Town, teller: Teller) -> Result<Vec<Scene>> {
    drill::play(town, teller).await.context("the compromise drill")
}

pub use bulk::Bulk;
pub use nation::tell as tell_nation;

/// Plays bulk issuing through power cuts.
pub async fn play_bulk(town: &mut Town, teller: Teller, bulk: Bulk) -> Result<Vec<Scene>> {
    bulk::play(town, teller, bulk).await.context("the story of the bulk job")
}

/// Plays the story of the badge only.
pub async fn play_badge(town: &mut Town, teller: Teller) -> Result<Vec<Scene>> {
    badge::play(town, teller).await
}

/// The summary that the demo prints as its last line of stdout.
pub fn summary(scenes: &[Scene], seconds: f64) -> Value {
    let listed: Vec<Value> = scenes
        .iter()
        .map(|scene| json!({"scene": scene.name, "expected": scene.expected, "seen": scene.seen}))
        .collect();
    json!({
        "ok": scenes.iter().all(Scene::is_as_expected),
        "scenes": listed,
        "seconds": (seconds * 10.0).round() / 10.0,
    })
}

/// `yes/yes/yes`: the three answers of a report, in order.
fn answers(report: &Value) -> String {
    let verdict = &report["verdict"];
    ["authentic", "in_force", "entitled"]
        .map(|question| verdict[question].as_str().unwrap_or("?"))
        .join("/")
}

fn tell_verdict(teller: Teller, report: &Value) {
    let verdict = &report["verdict"];
    let word = |question: &str| teller.word(verdict[question].as_str().unwrap_or("unknown"));
    teller.step(
        "demo-verdict",
        &[
            ("authentic", &word("authentic")),
            ("in_force", &word("in_force")),
            ("entitled", &word("entitled")),
        ],
    );
}

/// The outcome of the type's own check: PASS, FAIL or INDETERMINATE.
fn domain_outcome(report: &Value) -> String {
    report["domain"]["outcome"].as_str().unwrap_or("?").to_owned()
}

/// The report of an answered request.
fn report_of(outcome: &Value) -> Result<Value> {
    let report = outcome.get("report").filter(|report| !report.is_null());
    report.cloned().with_context(|| format!("the request has no report: {outcome}"))
}

/// Asks by a template, lets the wallet photograph the QR and answer, and gives the report.
async fn present(
    town: &Town,
    pocket: &Pocket,
    template: &str,
    context: Option<Value>,
) -> Result<(Asked, Value, Value)> {
    let asked = town.ask(template, context).await?;
    answer(town, pocket, asked).await
}

/// Lets the wallet photograph the QR of a request and answer it.
async fn answer(town: &Town, pocket: &Pocket, asked: Asked) -> Result<(Asked, Value, Value)> {
    let photograph = town.photograph(&asked).await?;
    let presented = pocket.done(&["present", &photograph.display().to_string(), "--yes"])?;
    let report = report_of(&town.outcome(&asked).await?)?;
    Ok((asked, presented, report))
}
