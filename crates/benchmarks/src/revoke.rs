//! `revoke`: from an officer's order to the signed list that shows it, on the embedded store.
//! One after the other beside that run's fdatasync; then as many at once as come in; then over HTTP.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use credential_issuance::Issuer;
use credential_issuance::bulk::names;
use credential_issuance::credential::CredentialRecord;
use credential_issuance::ids::ListId;
use credential_issuance::status::StatusAction;
use serde_json::Value;
use status_lists::Bitstring;

use crate::bulk::{self, World};
use crate::http::{Server, Target, percentile};
use crate::runner::{Measured, Time};

/// Credentials in the store when nothing else is said: most of one list.
const ROWS: u64 = 100_000;
/// One after the other.
const SINGLY: usize = 300;
/// Over HTTP.
const OVER_HTTP: usize = 100;
/// Orders under way at once.
const AT_ONCE: usize = 2_000;
/// Revocations a second.
const GOAL: f64 = 10_000.0;

pub(crate) fn run(rows: Option<u64>) -> Result<Vec<Measured>> {
    let rows = rows.unwrap_or(ROWS).max(2_000);
    let folder = std::env::temp_dir().join(format!("sinpyo-bench-revoke-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(revoke(&folder, rows));
    std::fs::remove_dir_all(&folder)?;
    measured
}

async fn revoke(folder: &Path, rows: u64) -> Result<Vec<Measured>> {
    let world = World::new()?;
    let store = folder.join("issuer/store");
    let issuer = Arc::new(world.embedded(&store).await?);
    let (job, _) = bulk::prepared(&issuer, rows).await?;
    bulk::issue(&[Arc::clone(&issuer)], &job.id).await?;
    let mut records = Vec::new();
    for row in 0..rows {
        let id = names::credential_id(&job.id, row)?;
        records.push(issuer.credential(&id).await?.context("a row was not issued")?);
    }
    eprintln!("{rows} credentials issued in lists of 131,072 entries");

    let (first, rest) = records.split_at(SINGLY);
    let (last, many) = rest.split_at(OVER_HTTP);
    let mut measured = singly(&issuer, first, folder).await?;
    measured.push(at_once(&issuer, many).await?);
    shown(&issuer, many).await?;
    // Nobody else may hold the store when the service opens it.
    drop(Arc::try_unwrap(issuer).ok().context("the issuer is still in use")?);
    over_http(folder, last).await?;
    Ok(measured)
}

/// The order is answered when the list that shows it is signed and durable.
async fn singly(
    issuer: &Issuer,
    records: &[CredentialRecord],
    folder: &Path,
) -> Result<Vec<Measured>> {
    let mut file = File::create(folder.join("plain"))?;
    let (mut syncs, mut times) = (Vec::new(), Vec::new());
    for record in records {
        let begun = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        syncs.push(begun.elapsed());
        let begun = Instant::now();
        issuer.change_status(&record.id, StatusAction::Revoke, "benchmark").await?;
        let served = issuer.status_list(&record.list).await?;
        times.push(begun.elapsed());
        if times.len() % 50 == 1 {
            ensure!(revoked(&served.document, record.index)?, "the list does not show it");
        }
    }
    syncs.sort_unstable();
    times.sort_unstable();
    let (sync, p50) = (percentile(&syncs, 50), percentile(&times, 50));
    let allowed = sync * 2 + Duration::from_millis(5);
    eprintln!(
        "one after the other: p50 {p50:.1?}, p99 {:.1?}; fdatasync of 4 KiB p50 {sync:.1?}; allowed {allowed:.1?}",
        percentile(&times, 99)
    );
    let told = |name, time: Duration, ratio: Option<f64>| Measured {
        name,
        rate: 1.0 / time.as_secs_f64(),
        time: Time::Wall,
        ratio: ratio.map(|ratio| (ratio, "2 fdatasync + 5 ms")),
        goal: ratio.map(|_| 1.0),
    };
    Ok(vec![
        told("append and fdatasync of 4 KiB", sync, None),
        told(
            "revoke, signed, durable and visible",
            p50,
            Some(allowed.as_secs_f64() / p50.as_secs_f64()),
        ),
    ])
}

/// Each order is answered when the list shows it; many are under way.
async fn at_once(issuer: &Arc<Issuer>, records: &[CredentialRecord]) -> Result<Measured> {
    let ids: Arc<Vec<_>> = Arc::new(records.iter().map(|record| record.id.clone()).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (issuer, ids, next) = (Arc::clone(issuer), Arc::clone(&ids), Arc::clone(&next));
        running.spawn(async move {
            let mut times = Vec::new();
            while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                let begun = Instant::now();
                let outcome = issuer.change_status(id, StatusAction::Revoke, "benchmark").await?;
                ensure!(outcome.list_version.is_some(), "not published");
                times.push(begun.elapsed());
            }
            Ok::<_, anyhow::Error>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(ended) = running.join_next().await {
        times.extend(ended??);
    }
    let elapsed = begun.elapsed();
    times.sort_unstable();
    #[allow(clippy::cast_precision_loss, reason = "a count of rows is far below 2^52")]
    let rate = records.len() as f64 / elapsed.as_secs_f64();
    eprintln!(
        "{AT_ONCE} under way: {} revocations in {:.1} s, {rate:.0}/s; each visible after p50 {:.0?}, p99 {:.0?}",
        records.len(),
        elapsed.as_secs_f64(),
        percentile(&times, 50),
        percentile(&times, 99)
    );
    Ok(Measured {
        name: "revocations, each signed, durable and visible",
        rate,
        time: Time::Wall,
        ratio: Some((rate / GOAL, "10,000 a second")),
        goal: Some(1.0),
    })
}

/// Every one of them stands in the lists as served.
async fn shown(issuer: &Issuer, records: &[CredentialRecord]) -> Result<()> {
    let mut lists: std::collections::BTreeMap<&ListId, Bitstring> = Default::default();
    for record in records {
        if !lists.contains_key(&record.list) {
            let served = issuer.status_list(&record.list).await?;
            lists.insert(&record.list, bits(&served.document)?);
        }
        let value = lists[&record.list].get(usize::try_from(record.index)?)?;
        ensure!(value == 2, "{} is not shown as revoked", record.id);
    }
    Ok(())
}

fn bits(document: &[u8]) -> Result<Bitstring> {
    let document: Value = serde_json::from_slice(document)?;
    let encoded = document["credentialSubject"]["encodedList"].as_str().context("no list")?;
    Ok(Bitstring::decode(encoded, 2)?)
}

fn revoked(document: &[u8], index: u64) -> Result<bool> {
    Ok(bits(document)?.get(usize::try_from(index)?)? == 2)
}

/// The same store behind `issuer-service` itself: order, answer, and the list fetched.
async fn over_http(folder: &Path, records: &[CredentialRecord]) -> Result<()> {
    let folder = folder.join("issuer");
    let server = Server::service("issuer-service", &folder, crate::http::issuer)?;
    let token = std::fs::read_to_string(folder.join("admin-token"))?;
    let mut times = Vec::new();
    for record in records {
        let path = format!("/admin/credentials/{}/status", record.id);
        let body = br#"{"action":"revoke","reason":"benchmark"}"#;
        let order = Target::post(server.port, &path, "application/json", body).by(token.trim());
        let list = Target::get(server.port, &format!("/status/{}", record.list));
        let begun = Instant::now();
        let answer = order.once().await?;
        let served = list.once().await?;
        times.push(begun.elapsed());
        let said = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == 200, "{}: {said}", answer.status);
        ensure!(revoked(&served.body, record.index)?, "the fetched list does not show it");
    }
    times.sort_unstable();
    eprintln!(
        "over HTTP, order and list fetched, two new connections: p50 {:.1?}, p99 {:.1?}",
        percentile(&times, 50),
        percentile(&times, 99)
    );
    server.stop();
    Ok(())
}
