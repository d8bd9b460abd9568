//! Signs of life while the network takes its time: on a terminal only, on standard error only, gone when done.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use localized_text::{Locale, say};

use crate::cli::Cli;

/// Moves while it lives, vanishes when dropped. Nothing where nobody watches.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    /// A wheel that turns, with a sentence.
    pub(crate) fn wheel(cli: &Cli, locale: Locale, sentence: &str) -> Self {
        Self::new(cli, || {
            let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
            let bar = ProgressBar::new_spinner().with_message(say(locale, sentence));
            style.map_or(bar.clone(), |style| bar.with_style(style))
        })
    }

    /// A bar over so many steps, with a sentence.
    pub(crate) fn bar(cli: &Cli, locale: Locale, sentence: &str, steps: usize) -> Self {
        Self::new(cli, || {
            let style = ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len} {eta}");
            let bar = ProgressBar::new(steps as u64).with_message(say(locale, sentence));
            style.map_or(bar.clone(), |style| bar.with_style(style))
        })
    }

    fn new(cli: &Cli, make: impl FnOnce() -> ProgressBar) -> Self {
        if cli.json || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = make();
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(Some(bar))
    }

    /// One step further.
    pub(crate) fn step(&self) {
        if let Some(bar) = &self.0 {
            bar.inc(1);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
