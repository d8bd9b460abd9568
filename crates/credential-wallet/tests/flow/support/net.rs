//! The network: routes by URL, a log, and faults on demand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::Value;
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

/// Called once, after the request was acted upon and before its answer leaves.
type Hook = Box<dyn FnOnce() + Send>;
type Handler = Arc<dyn Fn(&FetchRequest) -> FetchResponse + Send + Sync>;

/// What goes wrong, once, on the next request whose path begins so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// The request never arrives.
    RequestLost,
    /// The request arrives and is acted upon; the answer is lost.
    AnswerLost,
}

#[derive(Default)]
pub(crate) struct Net {
    routes: Mutex<BTreeMap<String, Handler>>,
    log: Mutex<Vec<String>>,
    fault: Mutex<Option<(String, Fault)>>,
    hook: Mutex<Option<(String, Hook)>>,
}

impl Net {
    /// Everything below `prefix` (scheme, host, beginning of the path) is answered by `handler`.
    pub(crate) fn route(
        &self,
        prefix: &str,
        handler: impl Fn(&FetchRequest) -> FetchResponse + Send + Sync + 'static,
    ) {
        self.routes.lock().unwrap().insert(prefix.to_owned(), Arc::new(handler));
    }

    pub(crate) fn fail_next(&self, path: &str, fault: Fault) {
        *self.fault.lock().unwrap() = Some((path.to_owned(), fault));
    }

    #[allow(dead_code, reason = "the command's tests kill the process here; the flow's do not")]
    /// Something to happen between the next action of that path and its answer.
    pub(crate) fn on_next(&self, path: &str, hook: impl FnOnce() + Send + 'static) {
        *self.hook.lock().unwrap() = Some((path.to_owned(), Box::new(hook)));
    }

    /// How many requests went to paths with this beginning.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|one| one.starts_with(path)).count()
    }

    pub(crate) fn total(&self) -> usize {
        self.log.lock().unwrap().len()
    }
}

#[async_trait]
impl Fetch for Net {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        if request.url.host_str() == Some("10.0.0.7") {
            return Err(FetchError::ForbiddenAddress("10.0.0.7".to_owned()));
        }
        let path = request.url.path().to_owned();
        let fault = {
            let mut fault = self.fault.lock().unwrap();
            if fault.as_ref().is_some_and(|(start, _)| path.starts_with(start)) {
                fault.take().map(|(_, fault)| fault)
            } else {
                None
            }
        };
        if fault == Some(Fault::RequestLost) {
            return Err(FetchError::ConnectFailed("the cable is out".to_owned()));
        }
        self.log.lock().unwrap().push(path);
        let handler = {
            let routes = self.routes.lock().unwrap();
            let text = request.url.as_str();
            // The longest prefix wins.
            routes
                .iter()
                .rev()
                .find(|(prefix, _)| text.starts_with(prefix.as_str()))
                .map(|(_, handler)| Arc::clone(handler))
        };
        let Some(handler) = handler else {
            return Err(FetchError::DnsFailed(request.url.to_string()));
        };
        let response = handler(&request);
        let hook = {
            let mut hook = self.hook.lock().unwrap();
            let due = hook.as_ref().is_some_and(|(start, _)| request.url.path().starts_with(start));
            if due { hook.take() } else { None }
        };
        if let Some((_, hook)) = hook {
            hook();
        }
        if fault == Some(Fault::AnswerLost) {
            return Err(FetchError::TimedOut);
        }
        Ok(response)
    }
}

/// A response of any type.
pub(crate) fn answer(
    request: &FetchRequest,
    status: u16,
    kind: &str,
    body: impl Into<Vec<u8>>,
) -> FetchResponse {
    FetchResponse {
        status,
        content_type: Some(kind.to_owned()),
        headers: vec![("content-type".to_owned(), kind.to_owned())],
        body: body.into(),
        url: request.url.clone(),
    }
}

/// A JSON response.
pub(crate) fn json(request: &FetchRequest, status: u16, body: &Value) -> FetchResponse {
    answer(request, status, "application/json", body.to_string())
}

/// The form fields of a request.
pub(crate) fn form(request: &FetchRequest) -> BTreeMap<String, String> {
    assert_eq!(
        header(request, "content-type").as_deref(),
        Some("application/x-www-form-urlencoded")
    );
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

pub(crate) fn header(request: &FetchRequest, name: &str) -> Option<String> {
    let found = request.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.clone())
}
