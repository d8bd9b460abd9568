use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use credential_model::contexts;
use serde_json::Value;

use super::active::{ActiveContext, MemoKey};
use super::error::JsonLdError;
use super::local::LocalContext;
use super::quick_hash::QuickState;

/// How many compiled combinations of contexts a generation of the memory holds.
const GENERATION: usize = 128;

thread_local! {
    /// What this thread compiled. Each thread has its own: a lock, or a count of references that all cores write to,
    /// would be the one thing that keeps verification from scaling with cores. Contexts have numbers that are never
    /// used again, so that libraries can share it.
    static MEMORY: RefCell<Memory> = RefCell::default();
}

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
}

/// What this thread compiled before.
pub(super) fn recall(key: &MemoKey) -> Option<Arc<ActiveContext>> {
    MEMORY.try_with(|memory| memory.borrow_mut().recall(key)).ok().flatten()
}

/// Keeps what was compiled, for later documents of this thread.
pub(super) fn remember(key: MemoKey, context: Arc<ActiveContext>) {
    // A thread that ends remembers nothing more.
    let _ = MEMORY.try_with(|memory| memory.borrow_mut().put(key, context));
}

/// What was compiled lately. When the young generation is full it becomes the old one, and what was old and not asked
/// for meanwhile is forgotten: a sender of strange combinations can push out only what nobody uses.
#[derive(Debug, Default)]
struct Memory {
    young: HashMap<MemoKey, Arc<ActiveContext>, QuickState>,
    old: HashMap<MemoKey, Arc<ActiveContext>, QuickState>,
}

impl Memory {
    fn recall(&mut self, key: &MemoKey) -> Option<Arc<ActiveContext>> {
        if let Some(known) = self.young.get(key) {
            return Some(Arc::clone(known));
        }
        let known = self.old.remove(key)?;
        self.put(*key, Arc::clone(&known));
        Some(known)
    }

    fn put(&mut self, key: MemoKey, context: Arc<ActiveContext>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, context);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(local: u64) -> MemoKey {
        MemoKey { active: 0, local, override_protected: false, propagate: true }
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_what_is_used() {
        let mut memory = Memory::default();
        let context = Arc::new(ActiveContext::initial());
        memory.put(key(0), Arc::clone(&context));
        for strange in 1..10_000 {
            memory.put(key(strange), Arc::new(ActiveContext::initial()));
            assert!(memory.young.len() + memory.old.len() <= 2 * GENERATION);
            if strange % 100 == 0 {
                let known = memory.recall(&key(0)).expect("what is used is kept");
                assert!(Arc::ptr_eq(&known, &context));
            }
        }
        assert!(memory.recall(&key(1)).is_none());
    }
}
