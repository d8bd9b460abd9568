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
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::LazyLock;

use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

pub use harmless::harmless;
pub use locale::Locale;

/// The embedded files: `KO` and `EN`.
mod catalogues {
    include!(concat!(env!("OUT_DIR"), "/catalogues.rs"));
    pub(super) static FILES: [&[&str]; 2] = [KO, EN];
}

struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    ids: Vec<String>,
}

static KO: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(catalogues::FILES[0], "ko-KR"));
static EN: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(catalogues::FILES[1], "en"));

impl Catalogue {
    fn load(files: &[&str], language: &str) -> Self {
        let language: LanguageIdentifier = language.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Isolation marks (U+2068, U+2069) end up in terminals, JSON and copied text,
        // where nothing renders them; arguments are stripped of bidi controls instead.
        bundle.set_use_isolating(false);
        let mut ids = HashSet::new();
        for file in files {
            // The build has parsed every file; if one is bad nonetheless, its good
            // messages still load.
            let resource =
                FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(partial, _)| partial);
            for line in file.lines() {
                if let Some((id, _)) = line.split_once('=')
                    && line.starts_with(|c: char| c.is_ascii_lowercase())
                {
                    ids.insert(id.trim_end().to_owned());
                }
            }
            bundle.add_resource_overriding(resource);
        }
        let mut ids: Vec<String> = ids.into_iter().filter(|id| bundle.has_message(id)).collect();
        ids.sort();
        Self { bundle, ids }
    }

    fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::Ko => &KO,
            Locale::En => &EN,
        }
    }

    fn format(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|m| m.value()) else {
            // Visible on the page, and never empty: a blank verdict would mislead.
            return format!("⟦{}⟧", harmless(id));
        };
        // A forgotten argument shows as {$name}; that is better than no sentence.
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, arguments, &mut errors).into_owned()
    }
}

/// The sentence of that id; `⟦id⟧` when there is none.
///
/// ```
/// use localized_text::{Locale, say};
/// assert_eq!(say(Locale::Ko, "no-such-message"), "⟦no-such-message⟧");
/// ```
#[must_use]
pub fn say(locale: Locale, id: &str) -> String {
    Catalogue::of(locale).format(id, None)
}

/// The sentence of that id with its variables filled in, each value passed through
/// [`harmless()`]. Values stay text: `"0012"` is shown as `0012`.
#[must_use]
pub fn say_with(locale: Locale, id: &str, arguments: &[(&str, &str)]) -> String {
    Catalogue::of(locale).format(id, Some(&text_arguments(arguments)))
}

/// As [`say_with`], with `$count` as a number, so that English can choose its plural:
/// `{ $count -> [one] … *[other] … }`.
#[must_use]
pub fn say_count(locale: Locale, id: &str, count: u64, arguments: &[(&str, &str)]) -> String {
    let mut all = text_arguments(arguments);
    all.set("count", FluentValue::from(count));
    Catalogue::of(locale).format(id, Some(&all))
}

/// Whether a sentence of that id exists.
#[must_use]
pub fn has(locale: Locale, id: &str) -> bool {
    Catalogue::of(locale).bundle.has_message(id)
}

/// All ids, sorted. Both languages give the same list.
#[must_use]
pub fn ids(locale: Locale) -> Vec<String> {
    Catalogue::of(locale).ids.clone()
}

fn text_arguments<'a>(arguments: &[(&'a str, &str)]) -> FluentArgs<'a> {
    arguments.iter().map(|(name, value)| (*name, FluentValue::from(harmless(value)))).collect()
}
