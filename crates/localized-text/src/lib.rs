//! Sentences for people, in Korean and English, from one catalogue.
//!
//! The sentences stand in Fluent files, `messages/{ko,en}/{area}.ftl`, one file per area
//! and language. `build/check.rs` fails the build when the two languages differ in ids or
//! variables, so a sentence that exists in one language exists in both.
//!
//! Programs choose sentences by id and never build them: [`say`], [`say_with`],
//! [`say_count`]. Arguments come from credentials and from the network; they are made
//! harmless by [`harmless()`] before they enter a sentence. Escaping for HTML is the page's
//! business.

mod harmless;
mod locale;
#[cfg(any(test, target_family = "wasm"))]
mod plain;
#[cfg(not(target_family = "wasm"))]
mod spoken;
#[cfg(test)]
mod tests;

#[cfg(target_family = "wasm")]
use plain as engine;
#[cfg(not(target_family = "wasm"))]
use spoken as engine;

pub use harmless::harmless;
pub use locale::Locale;

/// The embedded files with their areas, by [`Locale`]: `KO` and `EN`.
mod catalogues {
    include!(concat!(env!("OUT_DIR"), "/catalogues.rs"));
    pub(super) static FILES: [&[(&str, &str)]; 2] = [KO, EN];
}

/// The sentence of that id; `⟦id⟧` when there is none.
///
/// ```
/// use localized_text::{Locale, say};
/// assert_eq!(say(Locale::Ko, "no-such-message"), "⟦no-such-message⟧");
/// ```
#[must_use]
pub fn say(locale: Locale, id: &str) -> String {
    say_with(locale, id, &[])
}

/// The sentence of that id with its variables filled in, each value passed through
/// [`harmless()`]. Values stay text: `"0012"` is shown as `0012`.
#[must_use]
pub fn say_with(locale: Locale, id: &str, arguments: &[(&str, &str)]) -> String {
    engine::format(locale, id, arguments).unwrap_or_else(|| missing(id))
}

/// As [`say_with`], with `$count` as a number, so that English can choose its plural:
/// `{ $count -> [one] … *[other] … }`.
#[must_use]
pub fn say_count(locale: Locale, id: &str, count: u64, arguments: &[(&str, &str)]) -> String {
    engine::format_count(locale, id, count, arguments).unwrap_or_else(|| missing(id))
}

/// Whether a sentence of that id exists.
#[must_use]
pub fn has(locale: Locale, id: &str) -> bool {
    engine::has(locale, id)
}

/// All ids, sorted. Both languages give the same list.
#[must_use]
pub fn ids(locale: Locale) -> Vec<String> {
    engine::ids(locale).into_iter().collect()
}

/// Visible on the page, and never empty: a blank verdict would mislead.
fn missing(id: &str) -> String {
    format!("⟦{}⟧", harmless(id))
}
