//! `differential --file DOCUMENT`, `differential [N] [--seed S] [--examples]`: N documents before us, oxjsonld + oxrdf, and ssi (feature `ssi`).

use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};
use differential::dice::Dice;
use differential::tally::Tally;
use differential::{compare, generate, peers};

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(bad) => {
            eprintln!("{bad} disagreements without a known reason");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("differential: {error:#}");
            ExitCode::FAILURE
        }
    }
}

struct Plan {
    documents: u64,
    seed: u64,
    examples: bool,
}

fn plan() -> Result<Plan> {
    let mut plan = Plan { documents: 10_000, seed: 0, examples: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--examples" => plan.examples = true,
            "--seed" => {
                let seed = arguments.next().context("--seed wants a number")?;
                plan.seed = seed.parse().context("the seed is a number")?;
            }
            count => match count.parse() {
                Ok(count) => plan.documents = count,
                Err(_) => bail!("usage: differential [DOCUMENTS] [--seed N] [--examples]"),
            },
        }
    }
    Ok(plan)
}

/// The number of disagreements without a known reason.
fn run() -> Result<u64> {
    if let [first, file] = &std::env::args().skip(1).collect::<Vec<_>>()[..]
        && first == "--file"
    {
        return show(file);
    }
    #[cfg(feature = "ssi")]
    if let [first, badge] = &std::env::args().skip(1).collect::<Vec<_>>()[..]
        && first == "--peer"
    {
        differential::ssi_bench::serve(&serde_json::from_str(badge)?)?;
        return Ok(0);
    }
    let plan = plan()?;
    // What panics in another library is that library's refusal, and is caught there; only a panic of ours ends the run.
    static LAST: Mutex<String> = Mutex::new(String::new());
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut last) = LAST.lock() {
            *last = panic.to_string();
        }
    }));
    // Other people's libraries recurse.
    let worker = std::thread::Builder::new().stack_size(256 * 1024 * 1024);
    let seeds = plan.seed..plan.seed.saturating_add(plan.documents);
    let tally = match worker.spawn(move || work(seeds))?.join() {
        Ok(tally) => tally?,
        Err(_) => bail!("{}", LAST.lock().map(|last| last.clone()).unwrap_or_default()),
    };
    println!(
        "{} documents from seed {}, ssi: {}",
        plan.documents,
        plan.seed,
        cfg!(feature = "ssi")
    );
    print!("{}", tally.table(plan.examples));
    Ok(tally.unexplained())
}

/// The canonical forms of one document, for a person to compare.
fn show(file: &str) -> Result<u64> {
    let document: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    println!("ours: {}", peers::ours(&document).unwrap_or_else(str::to_owned));
    println!("ox: {}", peers::ox(&document).unwrap_or_else(|error| error));
    #[cfg(feature = "ssi")]
    {
        let ssi = differential::ssi_peer::Ssi::new()?;
        println!("ssi: {}", ssi.canonical(&document).unwrap_or_else(|error| error));
    }
    Ok(0)
}

fn work(seeds: std::ops::Range<u64>) -> Result<Tally> {
    let material = generate::examples();
    let mut tally = Tally::default();
    #[cfg(feature = "ssi")]
    let (ssi, (keys, ring)) = (differential::ssi_peer::Ssi::new()?, differential::keys::keys()?);
    for seed in seeds {
        let mut dice = Dice::new(seed);
        let document = generate::document(&mut dice, &material);
        let ours = peers::ours(&document);
        compare::canonical(&document, &ours, "ox", &peers::ox, &mut tally);
        #[cfg(feature = "ssi")]
        {
            let by_ssi = |document: &serde_json::Value| ssi.canonical(document);
            compare::canonical(&document, &ours, "ssi", &by_ssi, &mut tally);
            let parties = differential::signatures::Parties { ssi: &ssi, keys: &keys, ring: &ring };
            if ours.is_ok() {
                parties.compare(&document, &mut dice, &material, &mut tally);
            }
        }
    }
    Ok(tally)
}
