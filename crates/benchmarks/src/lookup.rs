//! `lookup --rows=N [--store=DIRECTORY]`: so many credentials held in the embedded store, and how long it takes to find
//! one of them when the caches are warm.
//!
//! The rows are records as an issuer holds them, about 1 kB each, with ids in the order of time,
//! put in by the interface that `store copy` uses: nothing of them is signed. In a directory that is
//! named the store stays, and is looked into again the next time.

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use credential_issuance::credential::{
    Configuration, CredentialRecord, CredentialStage, HolderBinding, Issued,
};
use credential_issuance::ids::{CredentialId, Digest, ListId, NotificationId, OfferId};
use credential_issuance::status::StatusValue;
use credential_issuance::store::{IssuerStore, StoreError};
use credential_issuance::store_copy::{Portable as _, Row};
use credential_model::catalogue::CredentialType;
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use serde_json::{Value, json};
use storage_embedded::engine::{Database, EngineKind};
use storage_embedded::issuer::EmbeddedIssuerStore;

use crate::runner::{Measured, Time};

/// Rows when nothing else is said.
const ROWS: u64 = 1_000_000;
/// Rows of a batch, each durable before the next.
const BATCH: u64 = 1_000;
/// Look-ups that count, after as many that warm.
const LOOKS: u64 = 20_000;
/// The slowest of a hundred.
const GOAL: Duration = Duration::from_millis(1);
const LIST: u64 = 131_072;

pub(crate) fn run(rows: Option<u64>, kept: Option<&Path>) -> Result<Vec<Measured>> {
    let rows = rows.unwrap_or(ROWS).max(BATCH);
    let own = std::env::temp_dir().join(format!("sinpyo-bench-lookup-{}", std::process::id()));
    let folder = kept.unwrap_or(&own);
    std::fs::create_dir_all(folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let measured = runtime.block_on(look(folder, rows));
    if kept.is_none() {
        std::fs::remove_dir_all(folder)?;
    }
    measured
}

async fn look(folder: &Path, rows: u64) -> Result<Vec<Measured>> {
    let store = EmbeddedIssuerStore::new(Database::open(&folder.join("store"), EngineKind::Fjall)?);
    if store.credential(&id(rows - 1)?).await?.is_none() {
        fill(&store, rows).await?;
    }
    let stored = crate::bulk::folder_bytes(folder) >> 20;
    eprintln!(
        "{rows} credentials, about {} B each, {stored} MiB on disk",
        row(rows - 1)?.value.len()
    );
    let by_id =
        times(rows, "look-up by id, warm", async |n| store.credential(&id(n)?).await).await?;
    let by_place = times(rows, "look-up by place in a status list, warm", async |n| {
        store.credential_at(&list(n)?, n % LIST).await
    });
    let by_place = by_place.await?;
    let by_key = times(rows, "look-up by offer, type and holder key, warm", async |n| {
        let record = record(n).map_err(|error| StoreError::Backend(error.to_string()))?;
        store.credential_by_key(&record.key()).await
    });
    let by_key = by_key.await?;
    // Those who ask for what is not there must not read the disk either.
    let mut absent = Vec::new();
    for n in 0..LOOKS {
        let begun = Instant::now();
        ensure!(store.credential(&id(rows + n)?).await?.is_none(), "a row too many");
        absent.push(begun.elapsed());
    }
    let absent = told("look-up of an id that is not there", absent);
    eprintln!("resident at the end {} MiB", crate::bulk::memory("VmRSS:") / 1024);
    Ok(vec![by_id, by_place, by_key, absent])
}

/// The last row is there only when all are.
async fn fill(store: &EmbeddedIssuerStore, rows: u64) -> Result<()> {
    let begun = Instant::now();
    for first in (0..rows).step_by(usize::try_from(BATCH)?) {
        let batch = (first..rows.min(first + BATCH)).map(row).collect::<Result<Vec<_>>>()?;
        store.put_rows("credentials", &batch).await?;
    }
    eprintln!("put in without signing in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

async fn times<F>(rows: u64, name: &'static str, look: impl Fn(u64) -> F) -> Result<Measured>
where
    F: Future<Output = Result<Option<CredentialRecord>, StoreError>>,
{
    let mut times = Vec::new();
    for _ in 0..2 {
        // The first round warms.
        times.clear();
        for n in 0..LOOKS {
            let wanted = mixed(n) % rows;
            let begun = Instant::now();
            let found = look(wanted).await?.with_context(|| format!("{name}: no {wanted}"))?;
            times.push(begun.elapsed());
            ensure!(found.id == id(wanted)?, "{name}: another one");
        }
    }
    Ok(told(name, times))
}

fn told(name: &'static str, mut times: Vec<Duration>) -> Measured {
    times.sort_unstable();
    let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    eprintln!("{name}: p50 {p50:.0?}, p99 {p99:.0?}, slowest {:.0?}", times[times.len() - 1]);
    let ratio = GOAL.as_secs_f64() / p99.as_secs_f64();
    Measured {
        name,
        rate: 1.0 / p50.as_secs_f64(),
        time: Time::Wall,
        ratio: Some((ratio, "1 ms for the slowest of 100")),
        goal: Some(1.0),
    }
}

/// A number without a pattern (splitmix64), the same for the same `n`.
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// As an issuer names credentials: the time first (ten in a millisecond), then chance.
fn id(n: u64) -> Result<CredentialId, StoreError> {
    let (time, chance) = (0x0197_0000_0000 + n / 10, mixed(n));
    let text = format!(
        "{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}",
        time >> 16,
        time & 0xffff,
        // Within one millisecond in the order of the counter, so that no two are the same.
        n % 10,
        chance >> 52,
        chance & 0xffff_ffff_ffff
    );
    CredentialId::parse(&text).map_err(|_| StoreError::Backend("no id".to_owned()))
}

fn list(n: u64) -> Result<ListId, StoreError> {
    let list = ListId::parse(&format!("g{}", n / LIST + 1));
    list.map_err(|_| StoreError::Backend("no list id".to_owned()))
}

fn record(n: u64) -> Result<CredentialRecord> {
    let id = id(n)?;
    // What does not compress, as a signed token does not.
    let token: String = (0..24).map(|part| format!("{:016x}", mixed(n ^ (part << 40)))).collect();
    let now = Moment::from_unix(1_795_000_000);
    Ok(CredentialRecord {
        revision: 2,
        document_id: format!("urn:uuid:{id}"),
        offer: OfferId::parse(&format!("o{:015x}", mixed(n) >> 4))?,
        configuration: Configuration {
            credential_type: CredentialType::QualificationBadge,
            format: CredentialFormat::JwtVcJson,
        },
        kind: Some("1320".to_owned()),
        holder: HolderBinding {
            did: format!("did:example:{n}"),
            thumbprint: format!("{:016x}{n:x}", mixed(n)),
            jwk: json!({ "kty": "OKP" }),
        },
        list: list(n)?,
        index: n % LIST,
        status: StatusValue::Valid,
        history: Vec::new(),
        valid_from: now,
        valid_until: None,
        prepared_at: now,
        method: None,
        salt: Digest::of(id.as_str().as_bytes()),
        notification: NotificationId::parse(&format!("n{:015x}", mixed(n) >> 4))?,
        notified: None,
        // Anchored: nothing waits.
        batch: Some(1),
        stage: CredentialStage::Issued(Issued {
            at: now,
            credential: Value::String(token),
            digest: Digest::of(&n.to_be_bytes()),
        }),
        id,
    })
}

/// As the store writes it.
fn row(n: u64) -> Result<Row> {
    let record = record(n)?;
    let key = record.id.as_str().as_bytes().to_vec();
    Ok(Row { key, value: serde_json::to_vec(&json!({ "v": 1, "record": record }))? })
}
