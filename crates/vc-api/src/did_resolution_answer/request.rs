//! What is asked: a DID or DID URL out of the path, parameters and options out of both queries.

use credential_model::did::{DidError, DidUrl};
use credential_model::moment::Moment;
use did_resolution::VersionQuery;

/// Longest path that is read.
const MAX_PATH: usize = 4096;

/// An error of DID Resolution with its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) name: &'static str,
    pub(super) detail: String,
}

impl Refusal {
    pub(super) fn new(status: u16, name: &'static str, detail: impl Into<String>) -> Self {
        Self { status, name, detail: detail.into() }
    }
}

#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) url: DidUrl,
    pub(super) service: Option<String>,
    pub(super) relative_ref: Option<String>,
    pub(super) version: VersionQuery,
}

impl Wanted {
    pub(super) fn read(path: &str, query: Option<&str>) -> Result<Self, Refusal> {
        let text = identifier(path)?;
        let url = DidUrl::parse(&text).map_err(|error| match error {
            DidError::NotADidUrl => Refusal::new(400, "INVALID_DID_URL", error.to_string()),
            _ => Refusal::new(400, "INVALID_DID", error.to_string()),
        })?;
        if !url.path().is_empty() {
            let text = "paths of DID URLs have no meaning in the methods resolved here";
            return Err(Refusal::new(400, "INVALID_DID_URL", text));
        }
        let version = VersionQuery::Latest;
        let mut wanted = Self { service: None, relative_ref: None, version, url };
        let of_url = wanted.url.query().map(str::to_owned);
        for query in [of_url.as_deref(), query].into_iter().flatten() {
            wanted.take(query)?;
        }
        if wanted.relative_ref.is_some() && wanted.service.is_none() {
            let text = "relativeRef needs a service";
            return Err(Refusal::new(400, "INVALID_DID_URL", text));
        }
        Ok(wanted)
    }

    fn take(&mut self, query: &str) -> Result<(), Refusal> {
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "service" => &mut self.service,
                "relativeRef" => &mut self.relative_ref,
                "versionId" | "versionNumber" | "versionTime" => {
                    self.take_version(&name, &value)?;
                    continue;
                }
                // The document of this hash, wherever it lies: nothing is looked up by hash.
                "hl" => {
                    let text = format!("the option {name} is not supported");
                    return Err(Refusal::new(501, "FEATURE_NOT_SUPPORTED", text));
                }
                _ => continue,
            };
            if value.is_empty() || slot.replace(value.into_owned()).is_some() {
                let text = format!("{name} is empty or given twice");
                return Err(Refusal::new(400, "INVALID_OPTIONS", text));
            }
        }
        Ok(())
    }

    fn take_version(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let version = match name {
            _ if value.is_empty() => None,
            "versionNumber" => value.parse().ok().map(VersionQuery::Number),
            "versionTime" => Moment::parse(value).ok().map(VersionQuery::Time),
            _ => Some(VersionQuery::Id(value.to_owned())),
        };
        match (version, &self.version) {
            (Some(version), VersionQuery::Latest) => {
                self.version = version;
                Ok(())
            }
            _ => {
                let text = format!("{name} is malformed, or several versions are asked for");
                Err(Refusal::new(400, "INVALID_OPTIONS", text))
            }
        }
    }
}

/// The DID URL in a path. One that is encoded as a whole (`did%3Aweb…`) is decoded once; in one that is not, only the
/// letters that end a path segment are, so that `%3A` of a `did:web` port stays.
fn identifier(path: &str) -> Result<String, Refusal> {
    let bad = || Refusal::new(400, "INVALID_DID", "the identifier cannot be read");
    if path.len() > MAX_PATH {
        return Err(bad());
    }
    let whole = path.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("did%3a"));
    let mut text = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        let escape = rest.get(at..at + 3).ok_or_else(bad)?;
        let byte = u8::from_str_radix(&escape[1..], 16).map_err(|_| bad())?;
        match byte {
            // A letter beyond ASCII has no place in a DID URL.
            b' '..=b'~' if whole || b"#?/".contains(&byte) => text.push(char::from(byte)),
            _ => text.push_str(escape),
        }
        rest = &rest[at + 3..];
    }
    text.push_str(rest);
    Ok(text)
}
