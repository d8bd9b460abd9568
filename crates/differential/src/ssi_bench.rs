//! ssi as a peer of `cargo xtask bench proofs --peers`: works when it is told to and tells its own CPU time.

use std::io::{BufRead as _, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::keys;
use crate::ssi_peer::{Ssi, Suite, read};

const SLICE: Duration = Duration::from_millis(250);

/// For each line on standard input that names a case, works for a slice and answers
/// `{"operations", "microseconds"}` of CPU. Signs the badge in its own name.
///
/// # Errors
/// When ssi cannot sign or verify the badge, or the pipe breaks.
pub fn serve(badge: &Value) -> Result<()> {
    let ssi = Ssi::new()?;
    let (keys, _) = keys::keys()?;
    let key = keys.iter().find(|key| key.signer_is_eddsa()).context("an Ed25519 key")?;
    let mut badge = badge.clone();
    badge["issuer"]["id"] = json!(key.did.as_str());
    let issue = || ssi.sign(&badge, Suite::EddsaRdfc2022, key);
    let secured = read(&issue()?)?;
    ssi.verify_read(&secured)?;
    println!("{}", json!({"ready": ["eddsa-rdfc-2022 issue", "eddsa-rdfc-2022 verify"]}));
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let answer = slice(|| match line.as_str() {
            "eddsa-rdfc-2022 issue" => issue().map(drop),
            "eddsa-rdfc-2022 verify" => ssi.verify_read(&secured),
            other => bail!("there is no case {other:?}"),
        })?;
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn slice(work: impl Fn() -> Result<()>) -> Result<Value> {
    let (start, cpu, mut operations) = (Instant::now(), cpu_time()?, 0_u64);
    while operations == 0 || start.elapsed() < SLICE {
        work()?;
        operations += 1;
    }
    let spent = cpu_time()?.saturating_sub(cpu);
    Ok(json!({"operations": operations, "microseconds": spent.as_micros() as u64}))
}

/// CPU time of this thread: the first number of schedstat, in nanoseconds.
fn cpu_time() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let first = text.split_whitespace().next().context("schedstat")?;
    Ok(Duration::from_nanos(first.parse()?))
}
