//! `cli`: what `wallet verify --offline` of a file costs a processor, above a process that does
//! nothing. Whole processes in turn, user and system time.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use credential_model::catalogue::CredentialType;
use serde_json::json;
use test_kit::process::binary;

use crate::runner::{Measured, Time};

/// Rounds; the median is told.
const ROUNDS: usize = 9;
/// Processes of each kind in a round: the kernel tells hundredths of a second.
const PROCESSES: u32 = 40;
/// CPU time above the empty process.
const GOAL: Duration = Duration::from_millis(5);

pub(crate) fn run() -> Result<Vec<Measured>> {
    let folder = std::env::temp_dir().join(format!("sinpyo-bench-cli-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(&folder);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &Path) -> Result<Vec<Measured>> {
    let (wallet, nothing) = (binary("wallet")?, binary("nothing")?);
    let file = signed(&wallet, folder)?;
    let verify = ["verify", "--offline", &file];
    // No trust list is given, so nobody is known to be entitled: exit code 2, after every check.
    let ended = wallet_command(&wallet, folder, &verify).output()?;
    let said = String::from_utf8_lossy(&ended.stdout);
    ensure!(ended.status.code() == Some(2) && said.contains('✓'), "the wallet says: {said}");
    let (mut ours, mut empty) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        empty.push(of_children(|| Command::new(&nothing))?);
        ours.push(of_children(|| wallet_command(&wallet, folder, &verify))?);
    }
    ours.sort_unstable();
    empty.sort_unstable();
    let (ours, empty) = (ours[ROUNDS / 2], empty[ROUNDS / 2]);
    let above = ours.saturating_sub(empty);
    eprintln!(
        "wallet verify --offline: {:.2} ms of CPU, an empty process {:.2} ms, above it {:.2} ms",
        ours.as_secs_f64() * 1e3,
        empty.as_secs_f64() * 1e3,
        above.as_secs_f64() * 1e3
    );
    let ratio = GOAL.as_secs_f64() / above.as_secs_f64();
    let told = |name, rate, ratio: Option<f64>| Measured {
        name,
        rate,
        time: Time::Cpu,
        ratio: ratio.map(|ratio| (ratio, "5 ms above an empty process")),
        goal: ratio.map(|_| 1.0),
    };
    Ok(vec![
        told("an empty Rust process", 1.0 / empty.as_secs_f64(), None),
        told("wallet verify --offline FILE", 1.0 / ours.as_secs_f64(), Some(ratio)),
    ])
}

/// A badge that the wallet itself issued with a key of its own.
fn signed(wallet: &Path, folder: &Path) -> Result<String> {
    let run = |arguments: &[&str]| -> Result<String> {
        let ended = wallet_command(wallet, folder, arguments).output()?;
        ensure!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        Ok(String::from_utf8(ended.stdout)?.trim().to_owned())
    };
    let did = run(&["did", "keygen", "--type", "ed25519", "--output", "key.json"])?;
    let mut badge = CredentialType::QualificationBadge.example();
    if let Some(members) = badge.as_object_mut() {
        members.remove("proof");
        members.remove("credentialStatus");
    }
    badge["issuer"]["id"] = json!(did);
    std::fs::write(folder.join("badge.json"), badge.to_string())?;
    run(&["vc", "issue", "badge.json", "--key", "key.json", "--output", "signed.json"])?;
    Ok("signed.json".to_owned())
}

fn wallet_command(wallet: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(wallet);
    let home: PathBuf = folder.join("home");
    command.env("WALLET_HOME", home).current_dir(folder).args(arguments);
    command
}

/// CPU time of one process, from what the kernel counts for children that ended.
fn of_children(command: impl Fn() -> Command) -> Result<Duration> {
    let before = children()?;
    for _ in 0..PROCESSES {
        let mut command = command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status()?;
    }
    Ok((children()? - before) / PROCESSES)
}

/// `cutime` and `cstime` of this process.
fn children() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("no stat of this process")?;
    // Fields 16 and 17; the first after the name is field 3. Hundredths of a second.
    let ticks = fields.split_whitespace().skip(13).take(2);
    let ticks: u64 = ticks.map(|field| field.parse::<u64>().unwrap_or_default()).sum();
    Ok(Duration::from_millis(ticks * 10))
}
