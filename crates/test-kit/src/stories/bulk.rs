//! Bulk issuing through power cuts: a file of fictitious people, two officers, kill -9 at random
//! moments, and at the end every row accounted for.

mod file;
mod ledger;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use credential_model::ambient::Entropy as _;
use serde_json::Value;
use signing_keys::system::SystemEntropy;

use super::Scene;
use crate::Town;
use crate::process::binary;
use crate::teller::Teller;

/// What is played.
#[derive(Debug, Clone, Copy)]
pub struct Bulk {
    /// Rows of the file.
    pub rows: u64,
    /// How often the issuer is killed, if the job lasts that long.
    pub kills: u32,
    /// Longest pause before a kill.
    pub pause: Duration,
}

/// What was seen besides the scenes.
#[derive(Debug, Default)]
struct Seen {
    kills: u32,
    peak_kib: u64,
}

/// Plays it.
pub(super) async fn play(town: &mut Town, teller: Teller, bulk: Bulk) -> Result<Vec<Scene>> {
    teller.title("demo-title-bulk");
    town.import_kinds().await?;
    let path = town.folder.join("rows.csv");
    let made = file::write(&path, bulk.rows)?;
    let rows = bulk.rows.to_string();
    teller.step("demo-bulk-file", &[("rows", &rows), ("bytes", &made.bytes.to_string())]);
    let text = path.display().to_string();

    let uploaded = jobs(town, "kim", &["upload", &text])?.1;
    let again = jobs(town, "lee", &["upload", &text])?.1;
    let id = member(&uploaded, "id")?;
    let mut scenes = vec![Scene::new("the same file again", &id, member(&again, "id")?)];

    let begun = Instant::now();
    let (clean, checked) = jobs(town, "kim", &["check", &id])?;
    let seconds = format!("{:.1}", begun.elapsed().as_secs_f64());
    ensure!(!clean, "the check overlooked the bad rows");
    let refused = checked["refused_by_check"].as_u64().unwrap_or(0).to_string();
    teller.step("demo-bulk-checked", &[("refused", &refused), ("seconds", &seconds)]);
    scenes.push(Scene::new("rows the check refused", &made.bad.to_string(), refused));

    scenes.push(Scene::new("the same officer approves", "no", approves(town, "kim", &id)));
    scenes.push(Scene::new("another officer approves", "yes", approves(town, "lee", &id)));
    teller.step("demo-bulk-approved", &[]);

    town.chain = None;
    teller.step("demo-bulk-chain-off", &[]);
    let begun = Instant::now();
    let mut seen = Seen::default();
    let job = run_through_kills(town, teller, bulk, &id, &mut seen).await?;
    let elapsed = begun.elapsed().as_secs_f64();
    let ledger = ledger::read(town, &id).await?;
    scenes.extend(ledger.scenes(bulk.rows, made.bad, &job)?);
    let sums = [
        ("rows", rows.clone()),
        ("issued", ledger.issued.to_string()),
        ("refused", ledger.refused.to_string()),
        ("held", ledger.held.to_string()),
    ];
    let sums: Vec<(&str, &str)> = sums.iter().map(|(name, sum)| (*name, sum.as_str())).collect();
    teller.step("demo-bulk-reconciled", &sums);
    #[allow(clippy::cast_precision_loss, reason = "rows are far below 2^52")]
    let rate = format!("{:.0}", ledger.issued as f64 / elapsed);
    teller.step(
        "demo-bulk-rate",
        &[
            ("seconds", &format!("{elapsed:.1}")),
            ("rate", &rate),
            ("kills", &seen.kills.to_string()),
            ("memory", &(seen.peak_kib / 1024).to_string()),
        ],
    );
    let survived = if seen.kills > 0 { "yes" } else { "no" };
    scenes.push(Scene::new("killed on the way", "yes", survived));
    town.start_chain()?;
    let epoch = anchored(town, &id).await?;
    teller.step("demo-bulk-anchored", &[("epoch", &epoch)]);
    scenes.push(Scene::new("anchored", "yes", if epoch.is_empty() { "no" } else { "yes" }));
    scenes.extend(claim(town, teller, &ledger).await?);
    Ok(scenes)
}

fn member(value: &Value, name: &str) -> Result<String> {
    Ok(value[name].as_str().with_context(|| format!("no {name}: {value}"))?.to_owned())
}

/// Runs `issuer-service jobs …`: whether it answered yes, and what it printed.
fn jobs(town: &Town, officer: &str, arguments: &[&str]) -> Result<(bool, Value)> {
    let mut command = Command::new(binary("issuer-service")?);
    command.arg("jobs").args(arguments).args(["--officer", officer]);
    let output = command.arg("--config").arg(town.issuer_config()).output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    match output.status.code() {
        Some(code @ (0 | 1)) => Ok((code == 0, serde_json::from_str(told.trim())?)),
        _ => bail!("jobs {arguments:?}: {told}{}", String::from_utf8_lossy(&output.stderr)),
    }
}

fn approves(town: &Town, officer: &str, id: &str) -> &'static str {
    if jobs(town, officer, &["approve", id]).is_ok() { "yes" } else { "no" }
}

async fn run_through_kills(
    town: &mut Town,
    teller: Teller,
    bulk: Bulk,
    id: &str,
    seen: &mut Seen,
) -> Result<Value> {
    // A small file would be through before the first kill.
    let rate: &[&str] = if bulk.rows < 20_000 { &["--rate", "1500"] } else { &[] };
    jobs(town, "kim", &[&["run", id, "--detach"], rate].concat())?;
    loop {
        let until = Instant::now() + random_pause(bulk.pause);
        while Instant::now() < until || seen.kills >= bulk.kills {
            tokio::time::sleep(Duration::from_millis(50)).await;
            seen.peak_kib = seen.peak_kib.max(peak_memory(town));
            let job = town.bulk_job(id).await?;
            if job["stage"] == "done" {
                return Ok(job);
            }
        }
        let Some(issuer) = town.issuer.as_mut() else { bail!("there is no issuer to kill") };
        issuer.kill();
        town.start_issuer()?;
        seen.kills += 1;
        let job = town.bulk_job(id).await?;
        let issued = job["progress"]["issued"].as_u64().unwrap_or(0).to_string();
        teller.step("demo-bulk-killed", &[("count", &seen.kills.to_string()), ("issued", &issued)]);
    }
}

/// 20 ms to `longest`, evenly.
fn random_pause(longest: Duration) -> Duration {
    let mut bytes = [0; 4];
    SystemEntropy.fill(&mut bytes);
    let least = Duration::from_millis(20);
    least + longest.saturating_sub(least) * (u32::from_be_bytes(bytes) >> 16) / 65_536
}

/// Peak resident memory of the issuer's process in KiB; 0 where the kernel tells none.
fn peak_memory(town: &Town) -> u64 {
    let Some(issuer) = &town.issuer else { return 0 };
    let text = std::fs::read_to_string(format!("/proc/{}/status", issuer.id())).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// The epoch that carries the job's root, once it is on the chain.
async fn anchored(town: &Town, id: &str) -> Result<String> {
    for _ in 0..240 {
        if let Some(epoch) = town.bulk_job(id).await?["anchor_epoch"].as_str() {
            return Ok(epoch.to_owned());
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    bail!("the job's root was not anchored")
}

/// A citizen claims a row; a second wallet comes too late.
async fn claim(town: &Town, teller: Teller, ledger: &ledger::Ledger) -> Result<Vec<Scene>> {
    let first = town.citizen("bulk-first")?;
    first.done(&["accept", &ledger.offer, "--yes"])?;
    let held = first.done(&["list"])?;
    let rows = super::badge::held(&held)?;
    teller.step("demo-bulk-claimed", &[]);
    let second = town.citizen("bulk-second")?;
    let late = second.run(&["accept", &ledger.offer, "--yes"])?;
    let late = if late.code == 0 { "yes" } else { "no" };
    Ok(vec![
        Scene::new("a claimed row is held", "yes", if rows.is_empty() { "no" } else { "yes" }),
        Scene::new("the same offer again", "no", late),
    ])
}

impl Town {
    /// A bulk job as the issuer shows it.
    pub async fn bulk_job(&self, id: &str) -> Result<Value> {
        let url = format!("{}/admin/jobs/{id}", self.issuer_url);
        self.http.get_json(&url, Some(&self.admin_token)).await
    }
}
