//! Who a log line is about: an id for each request, and the trace it belongs to (W3C Trace
//! Context), so that the lines of several services can be put together.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use credential_model::ambient::{Entropy as _, random_id};
use signing_keys::system::SystemEntropy;

/// The header that carries a request's id, in and out.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Makes ids that no other process makes.
pub(crate) struct Ids {
    run: String,
    next: AtomicU64,
}

impl Ids {
    pub(crate) fn new() -> Self {
        let mut run = random_id(&SystemEntropy);
        run.truncate(8);
        Self { run, next: AtomicU64::new(1) }
    }

    /// The caller's id where it is a harmless one, else a new one.
    pub(crate) fn of(&self, headers: &HeaderMap) -> String {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        match given.filter(|id| harmless(id)) {
            Some(id) => id.to_owned(),
            None => format!("{}-{}", self.run, self.next.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

/// An id goes into logs and back to the caller: short, and nothing that could be mistaken there.
fn harmless(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

pub(crate) fn header_value(id: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(id).ok()
}

/// A position in a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TraceContext {
    /// 32 hexadecimal digits.
    pub(crate) trace: String,
    /// The caller's span, 16 hexadecimal digits.
    pub(crate) parent: String,
    /// Ours.
    pub(crate) span: String,
}

/// The trace of a request (W3C Trace Context, section 3.2): the caller's, if its `traceparent` is
/// well-formed. Without one there is none: a log line need not carry what nobody joins.
pub(crate) fn context(headers: &HeaderMap) -> Option<TraceContext> {
    let mut lines = headers.get_all("traceparent").iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return None };
    let mut parts = line.to_str().ok()?.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let known = version == "00" && parts.next().is_none();
    // A later version may have more parts; the first four keep their meaning.
    let later = hex(version, 2) && version != "ff" && version != "00";
    let zero = |text: &str| text.bytes().all(|b| b == b'0');
    if !(known || later)
        || !hex(trace, 32)
        || !hex(parent, 16)
        || !hex(flags, 2)
        || zero(trace)
        || zero(parent)
    {
        return None;
    }
    let mut span = [0; 8];
    SystemEntropy.fill(&mut span);
    let span = span.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(TraceContext { trace: trace.to_owned(), parent: parent.to_owned(), span })
}

fn hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<TraceContext> {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", line.parse().unwrap());
        context(&headers)
    }

    #[test]
    fn a_trace_is_joined() {
        // The example of W3C Trace Context, section 3.2.3.
        let found = of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        assert_eq!(found.trace, "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(found.parent, "00f067aa0ba902b7");
        assert!(hex(&found.span, 16) && found.span != found.parent);
        assert!(of("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what").is_some());
    }

    #[test]
    fn a_malformed_trace_is_none() {
        for bad in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
        let mut twice = HeaderMap::new();
        let line: HeaderValue =
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap();
        twice.append("traceparent", line.clone());
        twice.append("traceparent", line);
        assert_eq!(context(&twice), None);
    }

    #[test]
    fn ids_are_taken_over_when_harmless() {
        let ids = Ids::new();
        let with = |id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, id.parse().unwrap());
            ids.of(&headers)
        };
        assert_eq!(with("proxy-17.a_b"), "proxy-17.a_b");
        for bad in ["", "a b", "a=\"b\"", &"x".repeat(65)] {
            assert!(with(bad).starts_with(&ids.run), "{bad}");
        }
        assert_ne!(ids.of(&HeaderMap::new()), ids.of(&HeaderMap::new()));
    }
}
