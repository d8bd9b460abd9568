//! `http`: both services as they ship under load on the loopback address, beside a handler that only
//! parses the same JSON. CPU time of the server's process a request; then twice the rate that was
//! sustained, and whether the service is the same afterwards.

mod load;
mod servers;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use credential_model::catalogue::CredentialType;
use serde_json::{Value, json};

pub(crate) use load::{Target, percentile};
pub(crate) use servers::{Server, TRIVIAL, issuer, serve_trivially};

use crate::runner::{Measured, Time};

/// Rounds of the interleaved run; the median is told.
const ROUNDS: usize = 5;
/// One case in one round: long against the hundredths in which the kernel tells CPU time.
const SLICE: Duration = Duration::from_millis(1_500);
/// Clients of the closed loop.
const CLIENTS: usize = 16;
/// Connections of the open loop: more than a service takes into work, fewer than it accepts.
const CONNECTIONS: usize = 600;
/// How long twice too much lasts.
const OVERLOAD: Duration = Duration::from_secs(6);
/// The trivial handler over ours, at least: four times its CPU time.
const GOAL: f64 = 0.25;
/// Resident memory under load, MiB.
const GOAL_MEMORY: f64 = 32.0;

struct Case<'a> {
    name: &'static str,
    trivial: &'static str,
    server: &'a Server,
    target: Target,
    same_json: Target,
    goal: Option<f64>,
    /// Seconds of CPU a request, a round each: ours, the trivial handler's.
    spent: Vec<(f64, f64)>,
    served: Vec<f64>,
}

pub(crate) fn run(only: Option<&str>) -> Result<Vec<Measured>> {
    let folder = std::env::temp_dir().join(format!("sinpyo-bench-http-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(under_load(&folder, only));
    std::fs::remove_dir_all(&folder)?;
    measured
}

async fn under_load(folder: &Path, only: Option<&str>) -> Result<Vec<Measured>> {
    servers::keep_apart();
    let issuer = Server::service("issuer-service", &folder.join("issuer"), servers::issuer)?;
    let verifier =
        Server::service("verifier-service", &folder.join("verifier"), servers::verifier)?;
    let trivial = Server::trivial(folder)?;
    let issue = issue_body(issuer.port).await?;
    let asked = post(issuer.port, ISSUE, &issue).once().await?;
    ensure!(asked.status == 201, "not issued: {}", String::from_utf8_lossy(&asked.body));
    let issued: Value = serde_json::from_slice(&asked.body)?;
    let verify = json!({ "verifiableCredential": issued["verifiableCredential"] });
    eprintln!(
        "credential {} B, body of issue {} B, of verify {} B; did:key issuer, no status entry",
        issued["verifiableCredential"].to_string().len(),
        issue.to_string().len(),
        verify.to_string().len()
    );
    let mut cases = vec![
        Case {
            name: "POST /issuers/…/credentials/issue, eddsa-rdfc-2022",
            trivial: "a handler that parses the same JSON (issue)",
            server: &issuer,
            target: post(issuer.port, ISSUE, &issue),
            same_json: post(trivial.port, "/", &issue),
            goal: None,
            spent: Vec::new(),
            served: Vec::new(),
        },
        Case {
            name: "POST /credentials/verify, eddsa-rdfc-2022",
            trivial: "a handler that parses the same JSON (verify)",
            server: &verifier,
            target: post(verifier.port, "/credentials/verify", &verify),
            same_json: post(trivial.port, "/", &verify),
            goal: Some(GOAL),
            spent: Vec::new(),
            served: Vec::new(),
        },
        Case {
            name: "POST /verify, the desk's page with verdict and receipt",
            trivial: "a handler that parses the same JSON (desk)",
            server: &verifier,
            target: page(verifier.port, &issued["verifiableCredential"]),
            same_json: post(trivial.port, "/", &verify),
            goal: None,
            spent: Vec::new(),
            served: Vec::new(),
        },
    ];
    cases.retain(|case| only.is_none_or(|only| case.name.contains(only)));
    for case in &cases {
        let answer = case.target.once().await?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status < 300, "{}: {} {text}", case.name, answer.status);
    }
    for server in [&issuer, &verifier] {
        server.forget_peak()?;
    }
    for round in 0..=ROUNDS {
        for case in &mut cases {
            let theirs = slice(&trivial, &case.same_json).await?;
            let (ours, rate) = slice_with_rate(case.server, &case.target).await?;
            if round > 0 {
                // The first round warms.
                case.spent.push((ours, theirs));
                case.served.push(rate);
            }
        }
    }
    for (name, server) in [("issuer-service", &issuer), ("verifier-service", &verifier)] {
        let (loaded, peak) = (server.memory("VmRSS:")?, server.memory("VmHWM:")?);
        let met = if loaded <= GOAL_MEMORY { "met" } else { "not met" };
        eprintln!(
            "{name}: {loaded:.1} MiB resident under load, peak {peak:.1} (goal {GOAL_MEMORY}: {met})"
        );
    }
    let measured = cases.iter().flat_map(told).collect();
    for case in &cases {
        overload(case).await?;
    }
    drop(cases);
    for server in [issuer, verifier, trivial] {
        server.stop();
    }
    Ok(measured)
}

const ISSUE: &str = "/issuers/eddsa-rdfc-2022/credentials/issue";

fn post(port: u16, path: &str, body: &Value) -> Target {
    Target::post(port, path, "application/json", body.to_string().as_bytes())
}

/// The form of the desk, filled in.
fn page(port: u16, credential: &Value) -> Target {
    let form = format!(
        "--line\r\ncontent-disposition: form-data; name=\"credential\"\r\n\r\n{credential}\r\n--line--\r\n"
    );
    Target::post(port, "/verify", "multipart/form-data; boundary=line", form.as_bytes())
}

/// The sample badge in the name of the instance; without a status entry, whose list nobody serves.
async fn issue_body(port: u16) -> Result<Value> {
    let fetch = test_kit::http::Http::new(&[format!("localhost:{port}")])?;
    let instances = fetch.get_json(&format!("http://localhost:{port}/issuers"), None).await?;
    let text = instances.to_string();
    let begin = text.find("did:key:").context("no did:key among the instances")?;
    let did: String = text[begin..].chars().take_while(|c| *c != '"' && *c != '#').collect();
    let mut badge = CredentialType::QualificationBadge.example();
    if let Some(members) = badge.as_object_mut() {
        members.remove("proof");
        members.remove("credentialStatus");
    }
    badge["issuer"]["id"] = json!(did);
    Ok(json!({ "credential": badge }))
}

async fn slice(server: &Server, target: &Target) -> Result<f64> {
    Ok(slice_with_rate(server, target).await?.0)
}

/// CPU seconds of the server a request, and requests a second.
#[allow(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
async fn slice_with_rate(server: &Server, target: &Target) -> Result<(f64, f64)> {
    let before = server.cpu()?;
    let tally = load::closed(target, CLIENTS, SLICE).await?;
    let spent = server.cpu()? - before;
    ensure!(
        tally.other.is_empty() && tally.refused.is_empty() && !tally.accepted.is_empty(),
        "refused in a closed loop: {} of {}, others {:?}",
        tally.refused.len(),
        tally.accepted.len(),
        tally.other
    );
    Ok((spent.as_secs_f64() / tally.accepted.len() as f64, tally.rate()))
}

fn told(case: &Case<'_>) -> [Measured; 2] {
    let median = |pick: fn(&(f64, f64)) -> f64| median_of(case.spent.iter().map(pick).collect());
    let (ours, theirs) = (median(|spent| spent.0), median(|spent| spent.1));
    eprintln!(
        "{}: {:.0} us of CPU a request, {:.2} times the trivial handler's {:.0} us; {:.0} requests/s in a closed loop of {CLIENTS}",
        case.name,
        ours * 1e6,
        ours / theirs,
        theirs * 1e6,
        median_of(case.served.clone())
    );
    [
        Measured {
            name: case.trivial,
            rate: 1.0 / theirs,
            time: Time::Cpu,
            ratio: None,
            goal: None,
        },
        Measured {
            name: case.name,
            rate: 1.0 / ours,
            time: Time::Cpu,
            ratio: Some((theirs / ours, "the trivial handler")),
            goal: case.goal,
        },
    ]
}

fn median_of(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Twice what was sustained, then as before.
async fn overload(case: &Case<'_>) -> Result<()> {
    let before = load::closed(&case.target, CLIENTS, SLICE * 2).await?;
    case.server.forget_peak()?;
    let much = load::open(&case.target, before.rate() * 2.0, CONNECTIONS, OVERLOAD).await?;
    let peak = case.server.memory("VmHWM:")?;
    let after = load::closed(&case.target, CLIENTS, SLICE * 2).await?;
    let ms = |times: &[Duration], part| percentile(times, part).as_secs_f64() * 1e3;
    eprintln!(
        "{}\n  sustained {:.0}/s (p50 {:.1} ms, p99 {:.1} ms)\n  at twice that, {:.0}/s for {:.1} s: {:.0}/s served (p50 {:.0} ms, p99 {:.0} ms), {} clean 503 (p99 {:.0} ms), others {:?}, peak memory {peak:.1} MiB\n  afterwards {:.0}/s ({:+.0} %), others {:?}",
        case.name,
        before.rate(),
        ms(&before.accepted, 50),
        ms(&before.accepted, 99),
        before.rate() * 2.0,
        much.elapsed.as_secs_f64(),
        much.rate(),
        ms(&much.accepted, 50),
        ms(&much.accepted, 99),
        much.refused.len(),
        ms(&much.refused, 99),
        much.other,
        after.rate(),
        (after.rate() / before.rate() - 1.0) * 100.0,
        after.other,
    );
    Ok(())
}
