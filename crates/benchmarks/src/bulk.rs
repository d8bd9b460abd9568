//! `bulk`: a whole job on the embedded store beside what it cannot be faster than, in one run: a
//! sequential write with fdatasync of the same bytes, and the bare signatures of the same count on
//! the same cores. `--rows=N` (100,000 when absent), `--postgres` for two replicas over a server.

mod issuer;
mod postgres;

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use credential_issuance::Issuer;
use credential_issuance::bulk::{CHUNK_ROWS, ChunkWork, Job, JobStep, NewJob, PART_BYTES};
use credential_issuance::ids::JobId;
use credential_issuance::store::Page;
use signing_keys::Signer;

pub(crate) use issuer::World;

use crate::Options;
use crate::runner::{Measured, Time};

/// Rows of the job when nothing else is said.
const ROWS: u64 = 100_000;

pub(crate) fn run(options: &Options) -> Result<Vec<Measured>> {
    let rows = options.rows.unwrap_or(ROWS);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if options.postgres {
        return runtime.block_on(postgres::run(rows));
    }
    runtime.block_on(embedded(rows))
}

async fn embedded(rows: u64) -> Result<Vec<Measured>> {
    let folder = std::env::temp_dir().join(format!("sinpyo-bench-bulk-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let world = World::new()?;
    let issuer = Arc::new(world.embedded(&folder.join("store")).await?);
    let before = memory("VmRSS:");
    let (job, checked) = prepared(&issuer, rows).await?;
    let begun = Instant::now();
    let marks = issue(&[Arc::clone(&issuer)], &job.id).await?;
    let elapsed = begun.elapsed();
    let peak = memory("VmHWM:");
    let bytes = record_bytes(&issuer).await?;
    let look_up = look_ups(&issuer, &job.id, rows).await?;
    drop(issuer);
    let written = sequential(&folder.join("plain"), rows, bytes)?;
    let signed = signatures(&world, rows);
    let size = folder_bytes(&folder.join("store"));
    std::fs::remove_dir_all(&folder)?;

    let floor = written + signed;
    eprintln!("rows {rows}, record {bytes} B, store {} MiB on disk", size >> 20);
    eprintln!(
        "check {:.1} s; issue {:.1} s; plain write + fdatasync a chunk {:.1} s; bare signatures {:.1} s; ratio {:.2} (goal 1.5)",
        checked.as_secs_f64(),
        elapsed.as_secs_f64(),
        written.as_secs_f64(),
        signed.as_secs_f64(),
        elapsed.as_secs_f64() / floor.as_secs_f64()
    );
    eprintln!(
        "memory: {} MiB before, {} MiB at its peak (all, the store's caches and memtables among it)",
        before / 1024,
        peak / 1024
    );
    if let Some((first, last)) = flatness(&marks, begun) {
        eprintln!(
            "rate of the first tenth {first:.0} rows/s, of the last {last:.0} ({:+.1} %)",
            (last / first - 1.0) * 100.0
        );
    }
    eprintln!("point look-up, warm: p50 {:?}, p99 {:?} (goal 1 ms)", look_up.0, look_up.1);
    let ratio = floor.as_secs_f64() / elapsed.as_secs_f64();
    Ok(vec![
        case("check rows, nothing issued", rows, checked, None),
        case("sequential write + fdatasync of the same bytes", rows, written, None),
        case("bare signatures on the same cores", rows, signed, None),
        case(
            "issue rows, durable",
            rows,
            elapsed,
            Some((ratio, "write and signatures", 1.0 / 1.5)),
        ),
    ])
}

pub(crate) fn case(
    name: &'static str,
    rows: u64,
    elapsed: Duration,
    against: Option<(f64, &'static str, f64)>,
) -> Measured {
    #[allow(clippy::cast_precision_loss, reason = "rows are far below 2^52")]
    let rate = rows as f64 / elapsed.as_secs_f64();
    Measured {
        name,
        rate,
        time: Time::Wall,
        ratio: against.map(|(ratio, name, _)| (ratio, name)),
        goal: against.map(|(_, _, goal)| goal),
    }
}

/// Brings a file of `rows` fictitious people, checked and started; answers how long the check took.
pub(crate) async fn prepared(issuer: &Issuer, rows: u64) -> Result<(Job, Duration)> {
    let (sha256, bytes) = {
        let mut hash = sha2::Sha256::default();
        let mut bytes = 0;
        for line in lines(rows) {
            sha2::Digest::update(&mut hash, line.as_bytes());
            bytes += line.len() as u64;
        }
        (hex::encode(sha2::Digest::finalize(hash)), bytes)
    };
    let new = NewJob {
        credential_type: "KrQualificationBadge".to_owned(),
        kind: None,
        sha256,
        bytes,
        claim_seconds: None,
    };
    let id = issuer.announce_job(new, "kim").await?.job.id;
    let mut part = Vec::with_capacity(PART_BYTES + 256);
    let mut number = 0;
    for line in lines(rows) {
        part.extend_from_slice(line.as_bytes());
        if part.len() >= PART_BYTES {
            let rest = part.split_off(PART_BYTES);
            issuer.put_job_part(&id, number, &part).await?;
            number += 1;
            part = rest;
        }
    }
    if !part.is_empty() {
        issuer.put_job_part(&id, number, &part).await?;
    }
    issuer.step_job(&id, JobStep::Seal, "kim", None).await?;
    issuer.step_job(&id, JobStep::Check, "kim", None).await?;
    let begun = Instant::now();
    let job = issuer.check_job(&id).await?;
    let checked = begun.elapsed();
    ensure!(job.totals.is_some_and(|totals| totals.ready == rows), "rows were refused: {job:?}");
    issuer.step_job(&id, JobStep::Approve, "lee", None).await?;
    Ok((issuer.step_job(&id, JobStep::Run, "kim", None).await?, checked))
}

fn lines(rows: u64) -> impl Iterator<Item = String> {
    let header = "성명,생년월일,자격번호,합격일,종목코드\n".to_owned();
    let row = |row: u64| {
        let (year, month, day) = (1960 + row % 45, 1 + row % 12, 1 + row % 28);
        format!(
            "가상인물 {row},{year}-{month:02}-{day:02},{row:011}Z,2025-{month:02}-{day:02},1320\n"
        )
    };
    std::iter::once(header).chain((0..rows).map(row))
}

/// Issues with as many workers as there are cores; answers when how many rows were there.
pub(crate) async fn issue(replicas: &[Arc<Issuer>], id: &JobId) -> Result<Vec<(Instant, u64)>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).max(replicas.len());
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..threads {
        let (issuer, id) = (Arc::clone(&replicas[worker % replicas.len()]), id.clone());
        workers.spawn(async move {
            let mut marks = Vec::new();
            loop {
                match issuer.issue_chunk(&id).await? {
                    ChunkWork::Committed(done) => marks.push((Instant::now(), done.issued)),
                    ChunkWork::Busy => tokio::time::sleep(Duration::from_millis(2)).await,
                    ChunkWork::Stopped | ChunkWork::Finished => {
                        return Ok::<_, anyhow::Error>(marks);
                    }
                }
            }
        });
    }
    let mut marks = Vec::new();
    while let Some(ended) = workers.join_next().await {
        marks.extend(ended??);
    }
    let job = replicas[0].bulk_job(id).await?;
    ensure!(job.outcome.is_some(), "the job is {}", job.stage.as_str());
    marks.sort_unstable();
    Ok(marks)
}

/// Rows a second in the first and in the last tenth.
#[allow(clippy::cast_precision_loss, reason = "rows are far below 2^52")]
fn flatness(marks: &[(Instant, u64)], begun: Instant) -> Option<(f64, f64)> {
    let tenth = marks.len() / 10;
    let rows = |part: &[(Instant, u64)]| part.iter().map(|(_, rows)| rows).sum::<u64>() as f64;
    let first = marks.get(..tenth).filter(|part| !part.is_empty())?;
    let last = marks.get(marks.len() - tenth..)?;
    let before = marks.get(marks.len() - tenth - 1)?.0;
    let first_time = first.last()?.0 - begun;
    let last_time = last.last()?.0 - before;
    Some((rows(first) / first_time.as_secs_f64(), rows(last) / last_time.as_secs_f64()))
}

/// Mean length of a stored record.
async fn record_bytes(issuer: &Issuer) -> Result<u64> {
    let records = issuer.credentials(Page { after: None, limit: 500 }).await?;
    let count = records.len() as u64;
    let mut sum = 0;
    for record in records {
        sum += serde_json::to_vec(&record)?.len() as u64;
    }
    sum.checked_div(count).context("no credential is there")
}

/// p50 and p99 of look-ups of credentials by id.
async fn look_ups(issuer: &Issuer, job: &JobId, rows: u64) -> Result<(Duration, Duration)> {
    let mut times = Vec::new();
    for round in 0..2 {
        times.clear();
        for n in 0..2_000_u64 {
            let row = n.wrapping_mul(2_654_435_761) % rows;
            let id = credential_issuance::bulk::names::credential_id(job, row)?;
            let begun = Instant::now();
            ensure!(issuer.credential(&id).await?.is_some(), "row {row} is not there");
            times.push(begun.elapsed());
        }
        let _ = round; // the first round warms
    }
    times.sort_unstable();
    Ok((times[times.len() / 2], times[times.len() * 99 / 100]))
}

/// Bytes that do not compress, in the pieces and with the syncs of the chunks.
fn sequential(path: &Path, rows: u64, bytes: u64) -> Result<Duration> {
    let length = usize::try_from(bytes)? * CHUNK_ROWS;
    let mut noise = 1_u64;
    let piece: Vec<u8> = (0..length)
        .map(|_| {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            noise.to_le_bytes()[0]
        })
        .collect();
    let mut file = File::create(path)?;
    let begun = Instant::now();
    let mut left = usize::try_from(rows * bytes)?;
    while left > 0 {
        let now = left.min(piece.len());
        file.write_all(&piece[..now])?;
        file.sync_data()?;
        left -= now;
    }
    Ok(begun.elapsed())
}

/// Signs as many times as there are rows, by the same key, with as many threads as there are cores.
fn signatures(world: &World, rows: u64) -> Duration {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let signer: &dyn Signer = &*world.signer;
                let mut input = [0; 64];
                for n in 0..rows / threads {
                    input[..8].copy_from_slice(&n.to_be_bytes());
                    assert!(signer.sign(&input).is_ok());
                }
            });
        }
    });
    begun.elapsed()
}

/// A figure of this process in KiB.
pub(crate) fn memory(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

pub(crate) fn folder_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => folder_bytes(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}
