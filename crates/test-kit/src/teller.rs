//! Tells the stories: a line a step, in Korean or English, on stderr; stdout is for the summary.

use localized_text::{Locale, say, say_with};

#[derive(Clone, Copy)]
pub struct Teller {
    pub locale: Locale,
    quiet: bool,
}

impl Teller {
    pub fn new(locale: Locale) -> Self {
        Self { locale, quiet: false }
    }

    /// Says nothing: for tests.
    pub fn silent() -> Self {
        Self { locale: Locale::En, quiet: true }
    }

    /// The language's code, for commands and links.
    pub fn language(&self) -> &'static str {
        match self.locale {
            Locale::Ko => "ko",
            Locale::En => "en",
        }
    }

    pub fn title(&self, id: &str) {
        if !self.quiet {
            eprintln!("\n■ {}", say(self.locale, id));
        }
    }

    pub fn step(&self, id: &str, values: &[(&str, &str)]) {
        if !self.quiet {
            eprintln!("  · {}", say_with(self.locale, id, values));
        }
    }

    /// A verdict's word in the reader's language: yes, no, unknown, PASS, FAIL, INDETERMINATE.
    pub fn word(&self, code: &str) -> String {
        say(self.locale, &format!("demo-word-{}", code.to_ascii_lowercase()))
    }

    /// A text that is part of another.
    pub fn say(&self, id: &str) -> String {
        say(self.locale, id)
    }

    pub fn plain(&self, text: &str) {
        if !self.quiet {
            for line in text.lines() {
                eprintln!("    {line}");
            }
        }
    }
}
