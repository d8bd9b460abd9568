//! `fuzz TARGET SECONDS [--seed N]`, `fuzz --list`, `fuzz --giants`, `fuzz --replay TARGET FILE`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fuzz_targets::driver::{self, BUDGET, Finding, Plan, Trouble};
use fuzz_targets::giants::GIANTS;
use fuzz_targets::{TARGETS, Target, find};
use sha2::{Digest, Sha256};

const HELP: &str = "\
fuzz TARGET SECONDS [--seed N]   run a target that long in CPU time (`all`: each in turn)
fuzz --list                      the targets
fuzz --giants [NAME]             CPU time of hostile inputs at full size
fuzz --replay TARGET FILE        run one input again
";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) => {
            eprintln!("fuzz: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `false`: something was found.
fn run() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--list"] => {
            TARGETS.iter().for_each(|target| println!("{}", target.name));
            Ok(true)
        }
        ["--giants"] => giants(None),
        ["--giants", name] => giants(Some(name)),
        ["--replay", name, file] => {
            let input = std::fs::read(file).with_context(|| format!("reading {file}"))?;
            let (answer, cpu) = driver::once(target(name)?, &input);
            println!("{} bytes, {cpu:?}: {answer:?}", input.len());
            Ok(answer.is_ok() && cpu <= BUDGET)
        }
        [name, seconds] => campaign(name, seconds, "1"),
        [name, seconds, "--seed", seed] => campaign(name, seconds, seed),
        _ => {
            print!("{HELP}");
            Ok(true)
        }
    }
}

fn target(name: &str) -> Result<&'static Target> {
    match find(name) {
        Some(target) => Ok(target),
        None => bail!("there is no target {name:?}; see fuzz --list"),
    }
}

fn campaign(name: &str, seconds: &str, seed: &str) -> Result<bool> {
    let plan = Plan {
        seed: seed.parse().context("the seed is a number")?,
        inputs: u64::MAX,
        duration: Duration::from_secs(seconds.parse().context("SECONDS is a number")?),
        slow: Some(BUDGET),
        hang: Duration::from_secs(20),
    };
    // Panics are findings and are told below; the default report of each would flood the screen.
    std::panic::set_hook(Box::new(|_| ()));
    let chosen: Vec<&'static Target> =
        if name == "all" { TARGETS.iter().collect() } else { vec![target(name)?] };
    let mut clean = true;
    for target in chosen {
        let outcome = driver::run(target, &plan);
        println!(
            "{}: {} inputs, {} answers, slowest {:?}, {} findings",
            target.name,
            outcome.inputs,
            outcome.answers,
            outcome.slowest,
            outcome.findings.len()
        );
        for finding in &outcome.findings {
            clean = false;
            let file = save(target, finding)?;
            match &finding.trouble {
                Trouble::Panic(message) => {
                    println!("  panic: {}", message.chars().take(600).collect::<String>());
                }
                Trouble::Slow(cpu) => println!("  slow: {cpu:?} for {} bytes", finding.input.len()),
                Trouble::Hang => println!("  hang: {} bytes", finding.input.len()),
            }
            println!("  again: cargo xtask fuzz --replay {} {}", target.name, file.display());
        }
    }
    Ok(clean)
}

fn save(target: &Target, finding: &Finding) -> Result<PathBuf> {
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target"),
            PathBuf::from,
        )
        .join("fuzz");
    std::fs::create_dir_all(&folder).context("making the folder for findings")?;
    let digest = hex::encode(Sha256::digest(&finding.input));
    let file = folder.join(format!("{}-{}", target.name, &digest[..16]));
    std::fs::write(&file, &finding.input).context("saving a finding")?;
    Ok(file.canonicalize().unwrap_or(file))
}

fn giants(only: Option<&str>) -> Result<bool> {
    std::panic::set_hook(Box::new(|_| ()));
    let mut clean = true;
    for giant in GIANTS.iter().filter(|giant| only.is_none_or(|name| giant.name.contains(name))) {
        let target = target(giant.target)?;
        for input in (target.seeds)().iter().take(1) {
            // Warm: contexts compiled, samples signed.
            let _ = driver::once(target, input);
        }
        let input = (giant.make)();
        let (answer, cpu) = driver::once(target, &input);
        let verdict = match (&answer, cpu > BUDGET) {
            (Err(_), _) => "PANIC",
            (Ok(_), true) => "SLOW",
            (Ok(_), false) => "ok",
        };
        clean &= verdict == "ok";
        println!(
            "{verdict:<6} {:>9.1?}  {:<16} {} ({} bytes)",
            cpu,
            target.name,
            giant.name,
            input.len()
        );
        if let Err(message) = answer {
            println!("       {}", message.chars().take(300).collect::<String>());
        }
    }
    Ok(clean)
}
