//! The sentences by way of Fluent: plurals, selectors, references.

use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::{harmless, locale::Locale};

/// A language. Its areas are parsed when the first of their sentences is asked for: a command that
/// says three lines does not pay for all pages of all services.
pub(crate) struct Catalogue {
    language: &'static str,
    pub(crate) areas: Vec<Area>,
}

pub(crate) struct Area {
    name: &'static str,
    source: &'static str,
    bundle: OnceLock<FluentBundle<FluentResource>>,
}

static KO: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::of_files(crate::catalogues::FILES[0], "ko-KR"));
static EN: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::of_files(crate::catalogues::FILES[1], "en"));

impl Area {
    /// Whether an id begins as this area's do; the build refuses any other (`problem-…` stands in
    /// `problems.ftl`).
    fn may_hold(&self, id: &str) -> bool {
        let singular = self.name.strip_suffix('s').unwrap_or(self.name);
        let rest = id.strip_prefix(self.name).or_else(|| id.strip_prefix(singular));
        rest.is_some_and(|rest| rest.starts_with('-'))
    }

    fn bundle(&self, language: &str) -> &FluentBundle<FluentResource> {
        self.bundle.get_or_init(|| {
            let language: LanguageIdentifier = language.parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![language]);
            // Isolation marks (U+2068, U+2069) end up in terminals, JSON and copied text,
            // where nothing renders them; arguments are stripped of bidi controls instead.
            bundle.set_use_isolating(false);
            // The build has parsed every file; if one is bad nonetheless, its good
            // messages still load.
            let resource = FluentResource::try_new(self.source.to_owned());
            bundle.add_resource_overriding(resource.unwrap_or_else(|(partial, _)| partial));
            bundle
        })
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &'static str> {
        let definitions = self.source.lines().filter_map(|line| line.split_once('='));
        let ids = definitions.map(|(id, _)| id.trim_end());
        ids.filter(|id| id.starts_with(|c: char| c.is_ascii_lowercase()) && self.may_hold(id))
    }
}

impl Catalogue {
    pub(crate) fn of_files(files: &[(&'static str, &'static str)], language: &'static str) -> Self {
        let area = |&(name, source)| Area { name, source, bundle: OnceLock::new() };
        Self { language, areas: files.iter().map(area).collect() }
    }

    fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::Ko => &KO,
            Locale::En => &EN,
        }
    }

    /// The area that has a message of this id.
    fn holding(&self, id: &str) -> Option<&FluentBundle<FluentResource>> {
        let areas = self.areas.iter().filter(|area| area.may_hold(id));
        areas.map(|area| area.bundle(self.language)).find(|bundle| bundle.has_message(id))
    }

    pub(crate) fn format(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let bundle = self.holding(id)?;
        let pattern = bundle.get_message(id).and_then(|message| message.value())?;
        // A forgotten argument shows as {$name}; that is better than no sentence.
        let mut errors = Vec::new();
        Some(bundle.format_pattern(pattern, arguments, &mut errors).into_owned())
    }
}

pub(crate) fn format(locale: Locale, id: &str, arguments: &[(&str, &str)]) -> Option<String> {
    Catalogue::of(locale).format(id, Some(&text_arguments(arguments)))
}

pub(crate) fn format_count(
    locale: Locale,
    id: &str,
    count: u64,
    arguments: &[(&str, &str)],
) -> Option<String> {
    let mut all = text_arguments(arguments);
    all.set("count", FluentValue::from(count));
    Catalogue::of(locale).format(id, Some(&all))
}

pub(crate) fn has(locale: Locale, id: &str) -> bool {
    Catalogue::of(locale).holding(id).is_some()
}

pub(crate) fn ids(locale: Locale) -> BTreeSet<String> {
    let catalogue = Catalogue::of(locale);
    let all =
        catalogue.areas.iter().flat_map(Area::ids).filter(|id| catalogue.holding(id).is_some());
    all.map(str::to_owned).collect()
}

pub(crate) fn text_arguments<'a>(arguments: &[(&'a str, &str)]) -> FluentArgs<'a> {
    arguments.iter().map(|(name, value)| (*name, FluentValue::from(harmless(value)))).collect()
}
