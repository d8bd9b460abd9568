//! The same on a PostgreSQL of this machine, with two replicas; and where the time goes.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use signing_keys::system::SystemEntropy;
use storage_postgres::throwaway::Server;
use storage_postgres::{Postgres, PostgresIssuerStore, PostgresOptions};

use super::{World, case, issue, prepared};
use crate::runner::Measured;

pub(super) async fn run(rows: u64) -> Result<Vec<Measured>> {
    let server = Server::start_durable()?;
    let url = server.database()?;
    let options = PostgresOptions::new(&url);
    Postgres::migrate(&options, Arc::new(SystemEntropy)).await?.close().await;
    let world = World::new()?;
    let mut replicas = Vec::new();
    for _ in 0..2 {
        let database = Postgres::connect(&options, Arc::new(SystemEntropy)).await?;
        replicas.push(Arc::new(world.over(PostgresIssuerStore::open(database).await?).await?));
    }
    let (job, checked) = prepared(&replicas[0], rows).await?;
    let (own, all) = (cpu("self"), cpu("machine"));
    let begun = Instant::now();
    issue(&replicas, &job.id).await?;
    let elapsed = begun.elapsed();
    let (own, all) = (cpu("self") - own, cpu("machine") - all);
    eprintln!(
        "PostgreSQL, two replicas: check {:.1} s; issue {:.1} s, of which CPU of the replicas {own:.1} s, of everything else on the machine (the server) {:.1} s",
        checked.as_secs_f64(),
        elapsed.as_secs_f64(),
        (all - own).max(0.0),
    );
    Ok(vec![case("issue rows on PostgreSQL, two replicas", rows, elapsed, None)])
}

/// CPU seconds of this process, or of the whole machine, at the usual 100 ticks a second.
fn cpu(of: &str) -> f64 {
    let path = if of == "self" { "/proc/self/stat" } else { "/proc/stat" };
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let rest = if of == "self" {
        // Behind the name in brackets: the 12th and 13th are user and system time.
        line.rsplit_once(") ").map_or("", |(_, rest)| rest)
    } else {
        line.strip_prefix("cpu").unwrap_or_default()
    };
    let numbers: Vec<f64> = rest.split_whitespace().map(|n| n.parse().unwrap_or(0.0)).collect();
    let ticks: f64 = match (of, numbers.as_slice()) {
        ("self", numbers) => numbers.iter().skip(11).take(2).sum(),
        // user, nice, system
        (_, numbers) => numbers.iter().take(3).sum(),
    };
    ticks / 100.0
}
