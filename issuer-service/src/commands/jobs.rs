//! `issuer-service jobs …`: bulk jobs from a terminal, through the service's admin API.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::jobs_client::Client;
use crate::config::Config;

/// Between two looks at a job.
const LOOK: Duration = Duration::from_millis(300);

/// Who asks, and where.
#[derive(Args)]
pub struct Desk {
    /// The officer's name; recorded with each step.
    #[arg(long, global = true, env = "SINPYO_OFFICER", default_value = "")]
    officer: String,
    /// The service's address; the configuration's public_url when absent.
    #[arg(long, global = true)]
    service: Option<String>,
}

/// What can be done with bulk jobs.
#[derive(Subcommand)]
pub enum JobsCommand {
    /// Uploads a CSV file (UTF-8 or CP949); prints the job. The same file again is the same job.
    Upload {
        /// The file.
        file: PathBuf,
        /// Type of the credentials.
        #[arg(long = "type", default_value = "KrQualificationBadge")]
        credential_type: String,
        /// Code of the kind of all rows; a column names it when absent.
        #[arg(long)]
        kind: Option<String>,
        /// For how many days holders may claim.
        #[arg(long)]
        claim_days: Option<i64>,
    },
    /// Checks every row and issues nothing.
    Check {
        /// The job.
        job: String,
    },
    /// Agrees, as another officer than the one who uploaded.
    Approve {
        /// The job.
        job: String,
    },
    /// Issues, or goes on; Ctrl-C leaves the job running.
    Run {
        /// The job.
        job: String,
        /// At most so many rows a second.
        #[arg(long)]
        rate: Option<u32>,
        /// Does not wait for the end.
        #[arg(long)]
        detach: bool,
    },
    /// Begins no further chunk.
    Pause {
        /// The job.
        job: String,
    },
    /// Stops for good; rows that were not issued are held.
    Cancel {
        /// The job.
        job: String,
    },
    /// Prints the job, or all jobs.
    Status {
        /// The job.
        job: Option<String>,
    },
    /// Writes what became of each row as CSV.
    Outcomes {
        /// The job.
        job: String,
        /// Only such rows.
        #[arg(long, value_enum)]
        only: Option<Only>,
        /// Into this file; to stdout when absent. It holds offers: keep it to yourself.
        #[arg(long, short)]
        output: Option<PathBuf>,
        /// Language of the messages.
        #[arg(long, default_value = "ko")]
        lang: String,
    },
    /// Counts what holders claimed: unclaimed, claimed, expired. The list: `outcomes --only unclaimed`.
    Claims {
        /// The job.
        job: String,
    },
    /// Revokes (or suspends, reinstates) everything a job issued.
    Revoke {
        /// The job.
        job: String,
        /// Why; recorded.
        #[arg(long)]
        reason: String,
        /// Instead of revoking.
        #[arg(long, value_enum, default_value = "revoke")]
        action: Action,
    },
}

/// Rows by what became of them.
#[derive(Clone, Copy, ValueEnum)]
pub enum Only {
    /// Refused rows.
    Refused,
    /// Held rows.
    Held,
    /// Issued rows.
    Issued,
    /// Rows that wait.
    Ready,
    /// Issued rows nobody claimed.
    Unclaimed,
}

impl Only {
    fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Held => "held",
            Self::Issued => "issued",
            Self::Ready => "ready",
            Self::Unclaimed => "unclaimed",
        }
    }
}

/// Status changes.
#[derive(Clone, Copy, ValueEnum)]
pub enum Action {
    /// For good.
    Revoke,
    /// For a time.
    Suspend,
    /// Lift a suspension.
    Reinstate,
    /// Replaced by newer ones.
    Supersede,
}

/// Runs a command; `false` when the answer is no (rows were refused, the file cannot be read).
pub async fn jobs(path: &Path, desk: &Desk, command: JobsCommand) -> anyhow::Result<bool> {
    let config = Config::load(path)?;
    let client = Client::new(&config, desk.service.as_deref(), &desk.officer)?;
    match command {
        JobsCommand::Upload { file, credential_type, kind, claim_days } => {
            upload(&client, &file, &credential_type, kind, claim_days).await
        }
        JobsCommand::Check { job } => {
            client.step(&job, "check", &json!({})).await?;
            let job = wait(&client, &job, "rows", |job| job["stage"] != "checking").await?;
            tell(&job);
            Ok(job["stage"] == "checked" && job["refused_by_check"] == 0)
        }
        JobsCommand::Approve { job } => one_step(&client, &job, "approve", json!({})).await,
        JobsCommand::Pause { job } => one_step(&client, &job, "pause", json!({})).await,
        JobsCommand::Cancel { job } => {
            client.step(&job, "cancel", &json!({})).await?;
            tell(&wait(&client, &job, "rows", |job| !job["outcome"].is_null()).await?);
            Ok(true)
        }
        JobsCommand::Run { job, rate, detach } => {
            let begun = client.step(&job, "run", &json!({ "rate": rate })).await?;
            if detach {
                tell(&begun);
                return Ok(true);
            }
            let job = wait(&client, &job, "rows", |job| job["stage"] != "running").await?;
            tell(&job);
            Ok(job["stage"] == "done" && job["outcome"]["issued"] == job["rows"])
        }
        JobsCommand::Status { job: Some(job) } => {
            tell(&client.job(&job).await?);
            Ok(true)
        }
        JobsCommand::Status { job: None } => {
            tell(&client.get("/admin/jobs?limit=500").await?);
            Ok(true)
        }
        JobsCommand::Outcomes { job, only, output, lang } => {
            outcomes(&client, &job, only, output.as_deref(), &lang).await
        }
        JobsCommand::Claims { job } => claims(&client, &job).await,
        JobsCommand::Revoke { job, reason, action } => {
            let action = match action {
                Action::Revoke => "revoke",
                Action::Suspend => "suspend",
                Action::Reinstate => "reinstate",
                Action::Supersede => "supersede",
            };
            let order = json!({ "action": action, "reason": reason });
            client.post(&format!("/admin/jobs/{job}/status"), &order).await?;
            tell(&wait(&client, &job, "rows", |job| job["order"]["done"] == true).await?);
            Ok(true)
        }
    }
}

async fn one_step(client: &Client, job: &str, step: &str, body: Value) -> anyhow::Result<bool> {
    tell(&client.step(job, step, &body).await?);
    Ok(true)
}

fn tell(value: &Value) {
    println!("{value}");
}

/// A bar on stderr; nothing where stderr is no terminal.
fn bar(length: u64, unit: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    let form = format!("{{bar:40}} {{pos}}/{{len}} {unit}, {{per_sec}}, {{eta}} left");
    if let Ok(style) = ProgressStyle::with_template(&form) {
        bar.set_style(style);
    }
    bar
}

async fn upload(
    client: &Client,
    file: &Path,
    credential_type: &str,
    kind: Option<String>,
    claim_days: Option<i64>,
) -> anyhow::Result<bool> {
    let shown = file.display();
    let (sha256, bytes) = digest(file).with_context(|| format!("reading {shown}"))?;
    let mut announced = json!({ "type": credential_type, "sha256": sha256, "bytes": bytes });
    if let Some(kind) = kind {
        announced["kind"] = json!(kind);
    }
    if let Some(days) = claim_days {
        announced["claim_seconds"] = json!(days.saturating_mul(86_400));
    }
    let job = client.post("/admin/jobs", &announced).await?;
    let id = job["id"].as_str().context("the service named no job")?.to_owned();
    if job["stage"] != "uploading" {
        eprintln!("this file is known: job {id} is {}", job["stage"].as_str().unwrap_or("?"));
        tell(&job);
        return Ok(true);
    }
    let size = job["part_bytes"].as_u64().context("the service named no part_bytes")?;
    let size = usize::try_from(size)?;
    let parts = job["parts"].as_u64().unwrap_or(0);
    let bar = bar(parts, "parts");
    let mut reader = std::fs::File::open(file)?;
    for number in 0..parts {
        let mut part = Vec::with_capacity(size);
        (&mut reader).take(size as u64).read_to_end(&mut part)?;
        client.part(&id, number, part).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    one_step(client, &id, "seal", json!({})).await
}

fn digest(file: &Path) -> std::io::Result<(String, u64)> {
    let mut reader = std::fs::File::open(file)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut bytes = 0;
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok((hex::encode(hash.finalize()), bytes)),
            read => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Looks at a job until something is true of it.
async fn wait(
    client: &Client,
    id: &str,
    unit: &str,
    done: impl Fn(&Value) -> bool,
) -> anyhow::Result<Value> {
    let mut shown: Option<ProgressBar> = None;
    let mut said = String::new();
    loop {
        let job = client.job(id).await?;
        if done(&job) {
            if let Some(bar) = shown {
                bar.finish_and_clear();
            }
            return Ok(job);
        }
        if job["stage"] == "refused" {
            bail!("the file was refused: {}", job["fault"]);
        }
        if let Some(told) = job["stalled"]["message"].as_str()
            && said != told
        {
            eprintln!("{told}");
            told.clone_into(&mut said);
        }
        if let Some(rows) = job["rows"].as_u64() {
            let sums = &job["progress"];
            let count = ["issued", "refused", "held"].iter().filter_map(|sum| sums[*sum].as_u64());
            shown.get_or_insert_with(|| bar(rows, unit)).set_position(count.sum());
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn outcomes(
    client: &Client,
    job: &str,
    only: Option<Only>,
    output: Option<&Path>,
    lang: &str,
) -> anyhow::Result<bool> {
    let mut to: Box<dyn std::io::Write> = match output {
        None => Box::new(std::io::stdout().lock()),
        Some(path) => Box::new(private(path)?),
    };
    let only = only.map(|only| format!("&only={}", only.as_str())).unwrap_or_default();
    let mut chunk = Some("0".to_owned());
    while let Some(number) = chunk {
        let path = format!("/admin/jobs/{job}/outcomes?chunk={number}&lang={lang}{only}");
        let (bytes, next) = client.csv(&path).await?;
        to.write_all(&bytes)?;
        chunk = next;
    }
    to.flush()?;
    Ok(true)
}

/// The sums over all chunks; answers whether everything was claimed.
async fn claims(client: &Client, job: &str) -> anyhow::Result<bool> {
    let mut sums = [("unclaimed", 0_u64), ("claimed", 0), ("expired", 0)];
    let mut chunk = Some(0);
    while let Some(number) = chunk {
        let counts = client.get(&format!("/admin/jobs/{job}/claims?chunk={number}")).await?;
        for (name, sum) in &mut sums {
            *sum += counts[*name].as_u64().unwrap_or(0);
        }
        chunk = counts["next"].as_u64();
    }
    let [(_, unclaimed), (_, claimed), (_, expired)] = sums;
    tell(&json!({ "unclaimed": unclaimed, "claimed": claimed, "expired": expired }));
    Ok(unclaimed + expired == 0)
}

/// A new file for the owner's eyes only.
fn private(path: &Path) -> anyhow::Result<std::io::BufWriter<std::fs::File>> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let file = file.with_context(|| format!("creating {}", path.display()))?;
    Ok(std::io::BufWriter::new(file))
}
