//! A verifier on a port, and a browser before it.

use std::path::PathBuf;

use test_kit::browser::{Browser, Setting};

use crate::kit::Service;

pub(crate) struct Stage {
    pub(crate) service: Service,
    pub(crate) base: String,
    pub(crate) folder: tempfile::TempDir,
}

impl Stage {
    /// Must be called in a runtime of several threads: the browser's calls block.
    pub(crate) async fn set() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let service = Service::start_at(&format!("http://localhost:{port}"));
        let router = service.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let folder = tempfile::tempdir().unwrap();
        Stage { service, base: format!("http://localhost:{port}"), folder }
    }

    pub(crate) fn browser(&self, setting: &Setting) -> Browser {
        Browser::start(self.folder.path(), setting).unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A file of this content to choose in a form.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A secured badge as text.
    pub(crate) fn badge(&self, index: usize) -> String {
        self.service.issuer.secure(&self.service.badge(index)).to_string()
    }
}

/// Pictures for the docs, where they are asked for (`SINPYO_PICTURES`; see docs/pages.md).
pub(crate) fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("SINPYO_PICTURES") {
        browser.screenshot(&PathBuf::from(folder).join(format!("desk-{name}.png"))).unwrap();
    }
}

/// No serious issue, and nothing that the policy had to stop.
pub(crate) fn flawless(browser: &Browser, what: &str) {
    assert_eq!(browser.serious_violations().unwrap(), [], "{what}");
    let console = browser.console().unwrap();
    let breaches: Vec<_> = console
        .iter()
        // A page that answers 4xx is told to the console too.
        .filter(|line| !line.contains("Failed to load resource"))
        .collect();
    assert!(breaches.is_empty(), "{what}: {breaches:?}");
}
