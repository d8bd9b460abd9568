//! The sentences without Fluent, for a browser: one line each, variables only. Fluent is more code
//! than everything that is said with it there. A test holds every sentence of the areas that a
//! browser has against what Fluent makes of it.

use crate::{harmless, locale::Locale};

/// The sentence of that id in an area's text, as it stands there.
fn line<'a>(source: &'a str, id: &str) -> Option<&'a str> {
    source.lines().find_map(|line| {
        let rest = line.strip_prefix(id)?.trim_start_matches(' ');
        Some(rest.strip_prefix('=')?.trim())
    })
}

/// Fills in `{ $name }`; what was not given shows as `{$name}`, as it does in Fluent.
fn filled(sentence: &str, arguments: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        let name = name.trim();
        let known = name.strip_prefix('$').and_then(|name| {
            arguments.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
        });
        match known {
            Some(value) => out.push_str(&harmless(value)),
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn find(locale: Locale, id: &str) -> Option<&'static str> {
    let areas = crate::catalogues::FILES[locale as usize];
    areas.iter().find_map(|(_, source)| line(source, id))
}

pub(crate) fn format(locale: Locale, id: &str, arguments: &[(&str, &str)]) -> Option<String> {
    find(locale, id).map(|sentence| filled(sentence, arguments))
}

/// The number is only shown: a browser's sentences have no plurals.
#[cfg(target_family = "wasm")]
pub(crate) fn format_count(
    locale: Locale,
    id: &str,
    count: u64,
    arguments: &[(&str, &str)],
) -> Option<String> {
    let count = count.to_string();
    let all: Vec<_> = arguments.iter().copied().chain([("count", count.as_str())]).collect();
    format(locale, id, &all)
}

#[cfg(target_family = "wasm")]
pub(crate) fn has(locale: Locale, id: &str) -> bool {
    find(locale, id).is_some()
}

#[cfg(target_family = "wasm")]
pub(crate) fn ids(locale: Locale) -> std::collections::BTreeSet<String> {
    let areas = crate::catalogues::FILES[locale as usize].iter();
    let definitions =
        areas.flat_map(|(_, source)| source.lines()).filter_map(|l| l.split_once('='));
    let ids = definitions.map(|(id, _)| id.trim_end());
    ids.filter(|id| id.starts_with(|c: char| c.is_ascii_lowercase())).map(str::to_owned).collect()
}
