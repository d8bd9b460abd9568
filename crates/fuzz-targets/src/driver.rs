//! Runs a target over mutated seeds and watches for panics, slowness and hangs.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::mutate::{Random, change};
use crate::{Target, corpus};

/// The CPU time that the largest document may cost, on any machine we know.
pub const BUDGET: Duration = Duration::from_millis(250);
/// The clock is read before every so many inputs: reading it costs more than a small input.
const LOOK_EVERY: u64 = 16;
/// Inputs kept in memory because they got a new answer.
const MOST_KEPT: usize = 4096;

/// When a campaign ends and what it minds.
#[derive(Debug, Clone)]
pub struct Plan {
    /// First number of the generator; the same plan finds the same.
    pub seed: u64,
    /// At most this many inputs.
    pub inputs: u64,
    /// At most this long, in CPU time of the one thread that works.
    pub duration: Duration,
    /// An input that takes more CPU time is a finding; `None` where the build is too slow to judge.
    pub slow: Option<Duration>,
    /// An input that has not come back after this is a finding, and the campaign ends there.
    pub hang: Duration,
}

/// What was wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It panicked; the message.
    Panic(String),
    /// It took this much CPU time.
    Slow(Duration),
    /// It did not come back.
    Hang,
}

/// An input with what it did.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The input.
    pub input: Vec<u8>,
    /// What it did.
    pub trouble: Trouble,
}

/// The end of a campaign.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// How many inputs ran.
    pub inputs: u64,
    /// How many different answers there were.
    pub answers: usize,
    /// The most CPU time one input took.
    pub slowest: Duration,
    /// Findings, one for each message.
    pub findings: Vec<Finding>,
}

/// Since when the worker works on what.
type Running = Mutex<Option<(Instant, Vec<u8>)>>;

/// Runs a campaign on a thread of its own, with the stack that a service's worker thread has.
#[must_use]
pub fn run(target: &'static Target, plan: &Plan) -> Outcome {
    let running: Arc<Running> = Arc::default();
    let outcome: Arc<Mutex<Outcome>> = Arc::default();
    let done = Arc::new(AtomicBool::new(false));
    let worker = {
        let (running, outcome, done) =
            (Arc::clone(&running), Arc::clone(&outcome), Arc::clone(&done));
        let plan = plan.clone();
        std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
            campaign(target, &plan, &running, &outcome);
            done.store(true, Ordering::SeqCst);
        })
    };
    let Ok(worker) = worker else { return Outcome::default() };
    while !done.load(Ordering::SeqCst) && !worker.is_finished() {
        std::thread::sleep(Duration::from_millis(5));
        let current = running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, input)) = current.as_ref()
            && since.elapsed() > plan.hang
        {
            let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).clone();
            outcome.findings.push(Finding { input: input.clone(), trouble: Trouble::Hang });
            return outcome;
        }
    }
    outcome.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn campaign(target: &'static Target, plan: &Plan, running: &Running, outcome: &Mutex<Outcome>) {
    let spent = Stopwatch::start();
    let mut random = Random::new(plan.seed);
    let mut kept: Vec<Vec<u8>> = corpus::seeds(target.name);
    kept.extend((target.seeds)());
    kept.push(Vec::new());
    let mut answers = HashSet::new();
    let mut messages = HashSet::new();
    let mut first = 0;
    let mut count = 0;
    while count < plan.inputs
        && !(count.is_multiple_of(LOOK_EVERY) && spent.so_far() >= plan.duration)
    {
        let input = if first < kept.len() && count < kept.len() as u64 {
            first += 1;
            kept[first - 1].clone()
        } else {
            let (base, other) = (random.below(kept.len()), random.below(kept.len()));
            change(&mut random, &kept[base], &kept[other], target.words, target.longest)
        };
        count += 1;
        *running.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), input.clone()));
        let (answer, cpu) = once(target, &input);
        let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        outcome.inputs = count;
        outcome.slowest = outcome.slowest.max(cpu);
        let trouble = match answer {
            Ok(seen) => {
                if answers.insert(seen) && kept.len() < MOST_KEPT {
                    kept.push(input.clone());
                }
                outcome.answers = answers.len();
                plan.slow.filter(|slow| cpu > *slow).map(|_| Trouble::Slow(cpu))
            }
            Err(message) => Some(Trouble::Panic(message)),
        };
        if let Some(trouble) = trouble {
            // One finding for each place in the code; the number in a message may vary.
            let class: String = match &trouble {
                Trouble::Panic(message) => {
                    message.chars().filter(|letter| !letter.is_ascii_digit()).take(60).collect()
                }
                _ => "slow".to_owned(),
            };
            if messages.insert(class) {
                outcome.findings.push(Finding { input, trouble });
            }
        }
    }
    *running.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// Runs one input. `Err` holds the message of a panic; the time is this thread's CPU time.
pub fn once(target: &Target, input: &[u8]) -> (Result<crate::Seen, String>, Duration) {
    let (wall, cpu) = (Instant::now(), cpu_time());
    let answer = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let wall = wall.elapsed();
    // The kernel's account is asked only when the clock gives reason to.
    let spent = if wall < Duration::from_millis(20) {
        wall
    } else {
        cpu_time().zip(cpu).map_or(wall, |(end, start)| end.saturating_sub(start))
    };
    let answer = answer.map_err(|panic| {
        panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "a panic without words".to_owned())
    });
    (answer, spent)
}

/// What a campaign has worked: a busy machine must not make ten minutes of fuzzing shorter.
struct Stopwatch {
    wall: Instant,
    cpu: Option<Duration>,
}

impl Stopwatch {
    fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu_time() }
    }

    /// CPU time of this thread since the start; the time on the wall where the kernel keeps none.
    fn so_far(&self) -> Duration {
        cpu_time()
            .zip(self.cpu)
            .map_or_else(|| self.wall.elapsed(), |(now, then)| now.saturating_sub(then))
    }
}

/// CPU time of this thread: the first number of schedstat, in nanoseconds.
fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
