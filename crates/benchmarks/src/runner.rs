//! Interleaved measuring in CPU time: every case runs a slice in every round, so that a
//! noisy neighbour hits all of them alike, and only ratios within one run are told.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Rounds per case; the median is told.
const ROUNDS: usize = 5;
/// Wall time of one slice.
const SLICE: Duration = Duration::from_millis(250);

/// CPU time, in nanoseconds, that cases spent in other threads and processes.
static ELSEWHERE: AtomicU64 = AtomicU64::new(0);

/// Counts CPU time that a case spent outside of the measuring thread.
pub(crate) fn spent_elsewhere(time: Duration) {
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    ELSEWHERE.fetch_add(nanoseconds, Ordering::Relaxed);
}

/// Does the work `times` times in each of `threads` threads at once; says how often it was done.
pub(crate) fn of_other_threads(threads: u64, times: u64, once: impl Fn() + Sync) -> u64 {
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let start = cpu_time();
                (0..times).for_each(|_| once());
                if let Some((end, start)) = cpu_time().zip(start) {
                    spent_elsewhere(end - start);
                }
            });
        }
    });
    threads * times
}

/// One thing to measure.
pub(crate) struct Case<'a> {
    pub(crate) name: &'static str,
    /// Does the work once and says how many operations that was.
    pub(crate) work: Box<dyn FnMut() -> u64 + 'a>,
    /// The case this one is compared with, and the ratio wanted (at least).
    pub(crate) against: Option<(&'static str, Option<f64>)>,
}

/// A measured case.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// Operations per second of `time`.
    pub(crate) rate: f64,
    pub(crate) time: Time,
    pub(crate) ratio: Option<(f64, &'static str)>,
    pub(crate) goal: Option<f64>,
}

/// Which time counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// Of this thread on a core: for work that computes.
    Cpu,
    /// On the wall: for work that waits for a disk.
    Wall,
}

/// Runs all cases interleaved, in CPU time.
pub(crate) fn measure(cases: Vec<Case<'_>>) -> Vec<Measured> {
    measure_in(Time::Cpu, cases)
}

/// Runs all cases interleaved.
pub(crate) fn measure_in(time: Time, mut cases: Vec<Case<'_>>) -> Vec<Measured> {
    for case in &mut cases {
        (case.work)(); // warm caches and compile contexts before anything counts
    }
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); cases.len()];
    for _ in 0..ROUNDS {
        for (index, case) in cases.iter_mut().enumerate() {
            rates[index].push(slice(time, &mut case.work));
        }
    }
    let medians: Vec<f64> = rates.into_iter().map(median).collect();
    let names: Vec<&'static str> = cases.iter().map(|case| case.name).collect();
    let found = |name: &str| names.iter().position(|known| *known == name).map(|at| medians[at]);
    cases
        .iter()
        .zip(&medians)
        .map(|(case, &rate)| {
            let ratio =
                case.against.and_then(|(name, _)| found(name).map(|base| (rate / base, name)));
            Measured {
                name: case.name,
                rate,
                time,
                ratio,
                goal: case.against.and_then(|(_, goal)| goal),
            }
        })
        .collect()
}

fn slice(time: Time, work: &mut dyn FnMut() -> u64) -> f64 {
    let (wall, cpu) = (Instant::now(), cpu_time());
    let elsewhere = ELSEWHERE.load(Ordering::Relaxed);
    let mut operations = 0;
    while wall.elapsed() < SLICE {
        operations += work();
    }
    // Where the kernel tells no CPU time, wall time is the honest second best.
    let others = Duration::from_nanos(ELSEWHERE.load(Ordering::Relaxed) - elsewhere);
    let on_core = cpu_time().zip(cpu).map(|(end, start)| end - start + others);
    let spent = on_core.filter(|_| time == Time::Cpu).unwrap_or_else(|| wall.elapsed());
    #[allow(clippy::cast_precision_loss, reason = "a count of operations is far below 2^52")]
    let operations = operations as f64;
    operations / spent.as_secs_f64().max(1e-9)
}

/// CPU time of this thread: the first number of schedstat, in nanoseconds.
fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
