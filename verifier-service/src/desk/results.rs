//! Results of the last half hour, in memory, each for the browser it was made for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use credential_model::moment::Moment;
use credential_verification::Report;
use verification_receipts::Receipt;

/// How long a result is kept, seconds.
pub const KEPT_SECONDS: i64 = 1_800;
/// Most results at once; the oldest goes first.
const MAX_RESULTS: usize = 256;
/// Most bytes of them, by the size of their receipts.
const MAX_BYTES: usize = 128 * 1024 * 1024;

/// One result.
#[derive(Debug)]
pub struct Kept {
    /// Check number.
    pub number: String,
    /// The report.
    pub report: Report,
    /// Its receipt with the documents in it.
    pub receipt: Receipt,
    browser: String,
    until: Moment,
    bytes: usize,
}

/// The results.
#[derive(Default)]
pub struct Results(Mutex<VecDeque<Arc<Kept>>>);

impl Results {
    /// Keeps a result for a browser.
    pub fn keep(&self, report: Report, receipt: Receipt, browser: &str, now: Moment) {
        let bytes = serde_json::to_vec(&receipt).map_or(usize::MAX, |text| text.len());
        if bytes > MAX_BYTES / 4 {
            return;
        }
        let number = report.number.clone().unwrap_or_default();
        let (browser, until) = (browser.to_owned(), now.plus_seconds(KEPT_SECONDS));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(Arc::new(Kept { number, report, receipt, browser, until, bytes }));
        let mut sum: usize = kept.iter().map(|one| one.bytes).sum();
        while kept.len() > MAX_RESULTS || sum > MAX_BYTES {
            sum -= kept.pop_front().map_or(0, |one| one.bytes);
        }
    }

    /// The result of this number, for the browser it was made for.
    pub fn find(&self, number: &str, browser: &str, now: Moment) -> Option<Arc<Kept>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| one.until >= now);
        kept.iter().find(|one| one.number == number && one.browser == browser).cloned()
    }
}
