use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use credential_model::contexts;
use serde_json::Value;

use super::active::ActiveContext;
use super::error::JsonLdError;
use super::local::LocalContext;

/// How many compiled combinations of contexts a library remembers. Beyond it a combination is compiled again each time,
/// so a sender of strange combinations costs time, not memory.
const MAX_REMEMBERED: usize = 1024;

/// What a document may bring besides URLs of pinned contexts at its top.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Admit context objects written into the document. They can rename terms without changing the RDF: a signature
    /// stays valid while a reader of the JSON sees other names. Never for documents whose members we read by name.
    pub inline_contexts: bool,
    /// Admit `@context` on any inner node, not only on the members of graphs (the credentials in a presentation).
    pub nested_contexts: bool,
}

/// The contexts that exist for us, and what was compiled from them.
#[derive(Debug)]
pub struct Library {
    pinned: HashMap<String, (Source, Parsed)>,
    root: Arc<ActiveContext>,
    remembered: AtomicUsize,
}

/// Parsed on first use, for good.
type Parsed = OnceLock<Result<Arc<LocalContext>, JsonLdError>>;

#[derive(Debug)]
enum Source {
    Text(&'static str),
    Json(Value),
}

impl Library {
    /// The library over `credential_model::contexts`, shared by the whole process.
    #[must_use]
    pub fn pinned() -> &'static Self {
        static LIBRARY: OnceLock<Library> = OnceLock::new();
        LIBRARY.get_or_init(|| Self::with_extra([]))
    }

    /// The pinned contexts and further ones, by URL. For tests with published vectors; what is put in here is trusted
    /// as if it were pinned.
    #[must_use]
    pub fn with_extra(extra: impl IntoIterator<Item = (String, Value)>) -> Self {
        // `lookup` answers only for contexts whose bytes still have their pinned digest.
        let ours = contexts::all()
            .iter()
            .filter_map(|context| contexts::lookup(context.url))
            .map(|context| (context.url.to_owned(), Source::Text(context.json)));
        let extra = extra.into_iter().map(|(url, json)| (url, Source::Json(json)));
        Self {
            pinned: ours
                .chain(extra)
                .map(|(url, source)| (url, (source, OnceLock::new())))
                .collect(),
            root: Arc::new(ActiveContext::initial()),
            remembered: AtomicUsize::new(0),
        }
    }

    pub(super) fn root(&self) -> &Arc<ActiveContext> {
        &self.root
    }

    /// A pinned context, parsed on first use.
    pub(super) fn load(&self, url: &str) -> Result<&Arc<LocalContext>, JsonLdError> {
        let unknown = || JsonLdError::UnknownContext(url.chars().take(200).collect());
        let (source, parsed) = self.pinned.get(url).ok_or_else(unknown)?;
        let parsed = parsed.get_or_init(|| {
            let broken = || JsonLdError::InvalidContext(format!("{url} is no context document"));
            let document = match source {
                Source::Text(text) => serde_json::from_str::<Value>(text).map_err(|_| broken())?,
                Source::Json(json) => json.clone(),
            };
            LocalContext::parse(document.get("@context").ok_or_else(broken)?, true).map(Arc::new)
        });
        parsed.as_ref().map_err(Clone::clone)
    }

    /// Whether one more compiled combination may be kept.
    pub(super) fn may_remember(&self) -> bool {
        self.remembered
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
                (count < MAX_REMEMBERED).then_some(count + 1)
            })
            .is_ok()
    }
}
