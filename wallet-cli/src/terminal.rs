//! Talking to people: stderr out, prompts in, and only where a person sits.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use localized_text::{Locale, say};

use crate::failure::Failure;

/// Says something that is no result.
pub(crate) fn talk(text: &str) {
    let mut out = std::io::stderr().lock();
    // Nothing sensible is left to do when stderr is gone.
    let _ = writeln!(out, "{text}");
}

/// Whether somebody can be asked.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for a yes; anything else is a no.
pub(crate) fn confirm(locale: Locale, question: &str) -> Result<bool, Failure> {
    if !is_interactive() {
        return Err(Failure::unable("consent_needed", String::new()));
    }
    let answer = ask(&format!("{question}{}", say(locale, "wallet-yes-no")))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "예" | "네"))
}

/// Asks for a line.
pub(crate) fn ask(prompt: &str) -> Result<String, Failure> {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "{prompt}").and_then(|()| out.flush());
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::unable("input_unreadable", error.to_string()))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
