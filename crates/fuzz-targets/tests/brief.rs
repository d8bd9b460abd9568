//! Every target for a bounded number of inputs, the same ones each time.

use std::time::Duration;

use fuzz_targets::driver::{self, Plan};
use fuzz_targets::giants::GIANTS;
use fuzz_targets::{TARGETS, find};

/// Not a measurement: what has not come back by then hangs.
const HANG: Duration = Duration::from_secs(60);

#[test]
fn every_target_stands_a_short_run() {
    let mut troubles = Vec::new();
    for target in TARGETS {
        let plan = Plan {
            seed: 1,
            inputs: target.brief,
            duration: Duration::from_secs(600),
            slow: None,
            hang: HANG,
        };
        let outcome = driver::run(target, &plan);
        if outcome.findings.is_empty() {
            assert_eq!(outcome.inputs, target.brief, "{} ended early", target.name);
            assert!(outcome.answers > 1, "{} always answers the same", target.name);
        }
        for finding in outcome.findings {
            let input =
                String::from_utf8_lossy(&finding.input).chars().take(500).collect::<String>();
            troubles.push(format!("{}: {:?}\n  {input}", target.name, finding.trouble));
        }
    }
    assert!(troubles.is_empty(), "{}", troubles.join("\n"));
}

#[test]
fn hostile_inputs_of_full_size_come_back() {
    for giant in GIANTS {
        let target = find(giant.target).expect("every giant has a target");
        let input = (giant.make)();
        let (sent, done) = std::sync::mpsc::channel();
        let worker = std::thread::spawn(move || {
            let (answer, _) = driver::once(target, &input);
            let _ = sent.send(answer);
        });
        let answer = done.recv_timeout(HANG);
        assert!(matches!(answer, Ok(Ok(_))), "{}: {answer:?}", giant.name);
        worker.join().expect("a target that answered has ended");
    }
}

#[test]
fn names_are_unique_and_the_corpus_belongs_to_targets() {
    for (at, target) in TARGETS.iter().enumerate() {
        assert!(TARGETS[..at].iter().all(|other| other.name != target.name), "{}", target.name);
        let seeds = fuzz_targets::corpus::seeds(target.name);
        assert!(!seeds.is_empty() || !(target.seeds)().is_empty(), "{} has no seed", target.name);
        assert!(seeds.iter().all(|seed| seed.len() <= 8192), "{} has a large seed", target.name);
    }
    let corpus = fuzz_targets::corpus::folder("");
    for entry in std::fs::read_dir(corpus).expect("there is a corpus").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(find(&name).is_some(), "corpus/{name} belongs to no target");
    }
}

#[test]
fn a_driver_finds_what_is_planted() {
    use fuzz_targets::{Seen, Target};

    static PLANTED: Target = Target {
        name: "planted",
        run: |input| {
            assert!(!input.windows(2).any(|pair| pair == b"zz"), "planted");
            Seen::of(input.contains(&b'z'))
        },
        seeds: || vec![b"abc".to_vec()],
        words: &["z"],
        longest: 100,
        brief: 0,
    };
    let plan =
        Plan { seed: 1, inputs: 20_000, duration: Duration::from_secs(60), slow: None, hang: HANG };
    let found = driver::run(&PLANTED, &plan).findings;
    assert_eq!(found.len(), 1, "one finding for one place");
    assert!(found[0].input.windows(2).any(|pair| pair == b"zz"));
    let hanging = Target {
        name: "hanging",
        run: |_| loop {
            std::thread::park()
        },
        ..PLANTED
    };
    let plan = Plan { hang: Duration::from_millis(50), ..plan };
    let found = driver::run(Box::leak(Box::new(hanging)), &plan).findings;
    assert_eq!(found[0].trouble, driver::Trouble::Hang);
}
