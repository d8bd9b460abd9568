//! `cargo xtask`: the one entrance for people and for CI.

mod bench;
mod check;
mod demo;
mod differential;
mod doctor;
mod fuzz;
mod generate;
mod machine;
mod test;
mod tidy;
mod tools;
mod wasm;
mod workspace;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  demo [--once] [--lang ko|en] [--chain dev|anvil] [--built]
                       build (unless --built), start a chain and both services, play the stories
  demo drill [--lang ko|en] [--chain dev|anvil] [--built]
                       three rotations, a stolen key, forged badges, the issuer gone: all offline
  demo nation [--lang ko|en]
                       30 million credentials, 300,000 revocations: gas beside other designs
  demo bulk [--rows N] [--kills N] [--lang ko|en] [--built]
                       a file of N rows issued through kill -9 (release build), every row accounted for
  test [FILTER]        every test of the workspace (installs what it lacks when root)
  test --no-run        compiles the tests and every binary, runs nothing
  check                fmt, clippy, tidy, generated files, documentation, offline set
  tidy                 the rules of the house only
  generate [--check]   write (or compare) what is generated: the crate map
  bench [GROUP] [--json]
                       measurements, as ratios taken in one interleaved run
  bench bulk [--rows=N] [--postgres]
                       a whole bulk job beside its floor: plain writing and bare signatures
  bench http [--only=PATH]
                       both services under load, and at twice what they sustain
  bench revoke|lookup [--rows=N], bench cli
                       order to visible status; look-ups among N held; `wallet verify` as a process
  fuzz TARGET SECONDS [--seed N] | --list | --giants
                       the decoders of untrusted input, at length
  differential [DOCUMENTS] [--seed N] [--examples] | --file DOCUMENT
                       our proofs against ssi, oxjsonld and oxrdf (compiles ssi)
  vectors --from DIR   the published test vectors
  wasm [--check]       the verifier of the offline desk as WebAssembly (or compares it)
  doctor               what this machine has and lacks
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let done = match command {
        "demo" => demo::run(rest),
        "test" => test::run(rest),
        "check" => check::run(),
        "tidy" => tidy::run(),
        "generate" => generate::run(rest),
        "bench" => bench::run(rest),
        "fuzz" => fuzz::run(rest),
        "differential" => differential::run(rest),
        "vectors" => test::vectors(rest),
        "wasm" => wasm::run_command(rest),
        "doctor" => doctor::run(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(anyhow::anyhow!("there is no command {other:?}\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
