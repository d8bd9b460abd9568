//! Context processing (JSON-LD 1.1 API section 4.1).

use std::collections::HashMap;
use std::sync::Arc;

use super::active::{ActiveContext, MemoKey};
use super::define::Definer;
use super::error::JsonLdError;
use super::library::{Library, recall, remember};
use super::local::{LocalContext, MapContext, Part};
use super::quick_hash::QuickState;

/// A context document may name others; the pinned ones hardly do.
const MAX_REMOTE_DEPTH: usize = 4;

/// How many combinations of contexts one document may need. Each costs tens of microseconds and kilobytes when nobody
/// needed it before; credentials need about a dozen.
const MAX_COMBINATIONS: usize = 512;
/// How many combinations one document may add to the memory that the documents of a thread share.
const MAX_SHARED: usize = 64;

/// How a local context is applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mode {
    /// Property-scoped contexts may redefine protected terms.
    pub(super) override_protected: bool,
    /// Type-scoped contexts end with the node they were set for.
    pub(super) propagate: bool,
}

impl Mode {
    pub(super) const EMBEDDED: Self = Self { override_protected: false, propagate: true };
    pub(super) const PROPERTY: Self = Self { override_protected: true, propagate: true };
    pub(super) const TYPE: Self = Self { override_protected: false, propagate: false };
}

/// The contexts of one document. What this document needed is kept until its end; what is pinned is shared with the
/// documents that the thread reads later.
pub(super) struct Session<'a> {
    pub(super) library: &'a Library,
    known: HashMap<MemoKey, Arc<ActiveContext>, QuickState>,
    compiled: usize,
}

impl<'a> Session<'a> {
    pub(super) fn new(library: &'a Library) -> Self {
        Self { library, known: HashMap::default(), compiled: 0 }
    }

    /// Every context that was applied.
    pub(super) fn contexts(&self) -> impl Iterator<Item = &Arc<ActiveContext>> {
        self.known.values()
    }

    /// Applies a local context to an active one, from memory if it was done before.
    pub(super) fn apply(
        &mut self,
        active: &Arc<ActiveContext>,
        local: &LocalContext,
        mode: Mode,
    ) -> Result<Arc<ActiveContext>, JsonLdError> {
        self.apply_at(active, local, mode, 0)
    }

    /// Applies a pinned context by URL.
    pub(super) fn apply_url(
        &mut self,
        active: &Arc<ActiveContext>,
        url: &str,
    ) -> Result<Arc<ActiveContext>, JsonLdError> {
        let library = self.library;
        self.apply(active, library.load(url)?, Mode::EMBEDDED)
    }

    fn apply_at(
        &mut self,
        active: &Arc<ActiveContext>,
        local: &LocalContext,
        mode: Mode,
        depth: usize,
    ) -> Result<Arc<ActiveContext>, JsonLdError> {
        let mode = Mode { propagate: local.propagate().unwrap_or(mode.propagate), ..mode };
        let key = MemoKey {
            active: active.id(),
            local: local.id,
            override_protected: mode.override_protected,
            propagate: mode.propagate,
        };
        if let Some(known) = self.known.get(&key) {
            return Ok(Arc::clone(known));
        }
        // Counted whether the library knows it or not: the answer must not depend on documents that came before.
        if self.known.len() >= MAX_COMBINATIONS {
            return Err(JsonLdError::TooComplex);
        }
        let shared = local.pinned && active.pinned;
        let result = match recall(&key).filter(|_| shared) {
            Some(known) => known,
            None => {
                let result = self.compile(active, local, mode, depth)?;
                self.compiled += 1;
                if shared && self.compiled <= MAX_SHARED {
                    remember(key, Arc::clone(&result));
                }
                result
            }
        };
        self.known.insert(key, Arc::clone(&result));
        Ok(result)
    }

    fn compile(
        &mut self,
        active: &Arc<ActiveContext>,
        local: &LocalContext,
        mode: Mode,
        depth: usize,
    ) -> Result<Arc<ActiveContext>, JsonLdError> {
        if depth > MAX_REMOTE_DEPTH {
            return Err(JsonLdError::TooComplex);
        }
        let mut result = Arc::clone(active);
        if !mode.propagate && result.previous.is_none() {
            let mut copy = result.copy();
            copy.previous = Some(Arc::clone(active));
            result = Arc::new(copy);
        }
        let library = self.library;
        for part in &local.parts {
            result = match part {
                Part::Null => cleared(library, &result, mode)?,
                Part::Url(url) => {
                    self.apply_at(&result, library.load(url)?, Mode::EMBEDDED, depth + 1)?
                }
                Part::Map(map) => {
                    let mut changed = with_map(&result, map, mode)?;
                    changed.pinned &= local.pinned;
                    let changed = Arc::new(changed);
                    if !local.pinned {
                        self.check_scoped(&changed, map, depth)?;
                    }
                    changed
                }
            };
        }
        Ok(result)
    }

    /// A stranger's scoped contexts are refused where they are defined, used or not (JSON-LD 1.1 API section 4.2.2, step
    /// 21.3). Those of the pinned contexts are known to be good.
    fn check_scoped(
        &mut self,
        active: &Arc<ActiveContext>,
        map: &MapContext,
        depth: usize,
    ) -> Result<(), JsonLdError> {
        for scoped in map.terms.values().filter_map(|term| term.scoped.as_ref()) {
            self.apply_at(active, scoped, Mode::PROPERTY, depth)?;
        }
        Ok(())
    }
}

/// A null context forgets everything, unless something is protected.
fn cleared(
    library: &Library,
    active: &Arc<ActiveContext>,
    mode: Mode,
) -> Result<Arc<ActiveContext>, JsonLdError> {
    if !mode.override_protected
        && let Some((name, _)) = active.terms.iter().find(|(_, term)| term.protected)
    {
        return Err(JsonLdError::ProtectedTerm(name.to_string()));
    }
    if mode.propagate {
        return Ok(Arc::clone(library.root()));
    }
    let mut copy = library.root().copy();
    copy.previous = Some(Arc::clone(active));
    Ok(Arc::new(copy))
}

fn with_map(
    active: &ActiveContext,
    map: &MapContext,
    mode: Mode,
) -> Result<ActiveContext, JsonLdError> {
    let mut result = active.copy();
    match &map.vocab {
        None => {}
        Some(None) => result.vocab = None,
        Some(Some(vocab)) => result.vocab = Some(super::define::expand_vocab(&result, vocab)?),
    }
    match &map.language {
        None => {}
        Some(language) => result.language = language.as_deref().map(Box::from),
    }
    let mut definer = Definer {
        result: &mut result,
        map,
        mode,
        defined: HashMap::with_capacity(map.terms.len()),
    };
    for name in map.terms.keys() {
        definer.define(name)?;
    }
    Ok(result)
}
