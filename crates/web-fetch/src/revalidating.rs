//! A cache that always asks first: a response with an entity tag is kept, and the next GET sends
//! `If-None-Match` (RFC 9110 section 13.1.2). What is unchanged is not sent again; what changed
//! shows at once, so a revocation is never hidden by the cache.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::error::FetchError;
use crate::message::{Fetch, FetchRequest, FetchResponse, Method};

/// Most bytes of bodies kept in all.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Most responses kept.
const MAX_ENTRIES: usize = 256;

/// A [`Fetch`] that revalidates instead of fetching again. Clones share what is kept.
#[derive(Clone)]
pub struct Revalidating {
    inner: Arc<dyn Fetch>,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    entries: HashMap<Key, Entry>,
    bytes: usize,
    clock: u64,
}

/// The address and what was asked for: one address answers differently by `Accept`.
type Key = (String, Option<String>);

struct Entry {
    tag: String,
    response: FetchResponse,
    used: u64,
}

impl Revalidating {
    /// Keeps what `inner` fetches.
    pub fn new(inner: Arc<dyn Fetch>) -> Self {
        Self { inner, kept: Arc::default() }
    }
}

impl std::fmt::Debug for Revalidating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Revalidating")
    }
}

#[async_trait]
impl Fetch for Revalidating {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let key = match key_of(&request) {
            Some(key) => key,
            None => return self.inner.fetch(request).await,
        };
        let known = self.lock().tag(&key);
        let asked = match &known {
            Some(tag) => request.header("If-None-Match", tag),
            None => request,
        };
        let response = self.inner.fetch(asked).await?;
        let mut kept = self.lock();
        if response.status == 304
            && let Some(unchanged) = kept.take_up(&key)
        {
            return Ok(unchanged);
        }
        kept.keep(key, &response);
        Ok(response)
    }
}

impl Revalidating {
    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Requests that may be kept: plain GETs without anybody's credentials.
fn key_of(request: &FetchRequest) -> Option<Key> {
    let names =
        |name: &str| request.headers.iter().any(|(header, _)| header.eq_ignore_ascii_case(name));
    if request.method != Method::Get || names("authorization") || names("if-none-match") {
        return None;
    }
    let accept = request.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case("accept"));
    Some((request.url.to_string(), accept.map(|(_, value)| value.clone())))
}

impl Kept {
    fn tag(&self, key: &Key) -> Option<String> {
        self.entries.get(key).map(|entry| entry.tag.clone())
    }

    fn take_up(&mut self, key: &Key) -> Option<FetchResponse> {
        self.clock += 1;
        let entry = self.entries.get_mut(key)?;
        entry.used = self.clock;
        Some(entry.response.clone())
    }

    fn keep(&mut self, key: Key, response: &FetchResponse) {
        self.forget(&key);
        let tag = response.header("ETag").filter(|_| response.status == 200);
        let Some(tag) = tag else { return };
        if response.body.len() > MAX_BYTES / 4 {
            return;
        }
        while self.entries.len() >= MAX_ENTRIES || self.bytes + response.body.len() > MAX_BYTES {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            self.forget(&oldest);
        }
        self.clock += 1;
        self.bytes += response.body.len();
        let entry = Entry { tag: tag.to_owned(), response: response.clone(), used: self.clock };
        self.entries.insert(key, entry);
    }

    fn forget(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.response.body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use url::Url;

    use super::*;

    /// Serves a document under a tag and counts how often its body went out.
    struct Server {
        tag: Mutex<&'static str>,
        bodies: AtomicUsize,
    }

    #[async_trait]
    impl Fetch for Server {
        async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
            let tag = *self.tag.lock().unwrap();
            let known = request.headers.iter().any(|(n, v)| n == "If-None-Match" && v == tag);
            if !known {
                self.bodies.fetch_add(1, Ordering::Relaxed);
            }
            Ok(FetchResponse {
                status: if known { 304 } else { 200 },
                content_type: None,
                headers: vec![("etag".into(), tag.into())],
                body: if known { Vec::new() } else { tag.as_bytes().to_vec() },
                url: request.url,
            })
        }
    }

    fn get(path: &str) -> FetchRequest {
        FetchRequest::get(Url::parse(&format!("https://issuer.example/{path}")).unwrap())
    }

    fn served() -> (Arc<Server>, Revalidating) {
        let server = Arc::new(Server { tag: Mutex::new("\"1\""), bodies: AtomicUsize::new(0) });
        let cached = Revalidating::new(Arc::clone(&server) as Arc<dyn Fetch>);
        (server, cached)
    }

    #[tokio::test]
    async fn unchanged_is_not_sent_again_and_a_change_shows_at_once() {
        let (server, cached) = served();
        for _ in 0..3 {
            let response = cached.fetch(get("status/g1")).await.unwrap();
            assert_eq!((response.status, response.body.as_slice()), (200, &b"\"1\""[..]));
        }
        assert_eq!(server.bodies.load(Ordering::Relaxed), 1);
        *server.tag.lock().unwrap() = "\"2\"";
        assert_eq!(cached.fetch(get("status/g1")).await.unwrap().body, b"\"2\"");
        assert_eq!(server.bodies.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn other_addresses_forms_and_credentials_are_kept_apart() {
        let (server, cached) = served();
        cached.fetch(get("a")).await.unwrap();
        cached.fetch(get("b")).await.unwrap();
        cached.fetch(get("a").accept("application/statuslist+jwt")).await.unwrap();
        assert_eq!(server.bodies.load(Ordering::Relaxed), 3);
        cached.fetch(get("a").bearer("t")).await.unwrap();
        cached.fetch(get("a").bearer("t")).await.unwrap();
        assert_eq!(server.bodies.load(Ordering::Relaxed), 5, "what a token opened is never kept");
    }

    #[test]
    fn the_cache_is_bounded() {
        let mut kept = Kept::default();
        let response = |bytes: usize| FetchResponse {
            status: 200,
            content_type: None,
            headers: vec![("ETag".into(), "\"x\"".into())],
            body: vec![0; bytes],
            url: Url::parse("https://issuer.example/").unwrap(),
        };
        for n in 0..MAX_ENTRIES + 10 {
            kept.keep((n.to_string(), None), &response(10));
        }
        assert_eq!(kept.entries.len(), MAX_ENTRIES);
        for n in 0..10 {
            kept.keep((format!("big {n}"), None), &response(MAX_BYTES / 4));
        }
        assert!(kept.bytes <= MAX_BYTES);
        kept.keep(("too big".into(), None), &response(MAX_BYTES / 4 + 1));
        assert!(!kept.entries.contains_key(&("too big".into(), None)));
        assert!(kept.entries.contains_key(&("big 9".into(), None)), "the newest stay");
    }
}
