//! `GET /1.0/identifiers/{did}`: DID Resolution over HTTPS, as values.
//!
//! | `Accept` | answer |
//! |---|---|
//! | none, `*/*`, `application/json`, `application/did-resolution` | the resolution result, errors as objects with `https://www.w3.org/ns/did#…` types |
//! | `application/did`, `application/did+json`, `application/did+ld+json` | the document alone |
//! | `application/ld+json;profile="https://w3id.org/did-resolution"` | the result in the older form, errors as `notFound` |
//!
//! A DID URL with a fragment gives what it names; one with `service` redirects (303) to the endpoint. `versionId`, `versionNumber` and
//! `versionTime` ask methods with a history for an older document.

mod own;
mod request;
#[cfg(test)]
mod tests;

use credential_model::did::DidDocument;
use did_resolution::{AnchoredVersion, Resolve, ResolveError};
use serde_json::{Map, Value, json};
use url::Url;

pub use own::OwnDocument;
use request::{Refusal, Wanted};

/// An HTTP answer without HTTP.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The `Content-Type`.
    pub media_type: &'static str,
    /// Where a 303 leads.
    pub location: Option<String>,
    /// The body.
    pub body: Value,
}

/// How the caller wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Result,
    Document(&'static str),
    Legacy,
}

const RESULT: &str = "application/did-resolution";
const LEGACY: &str = "application/ld+json;profile=\"https://w3id.org/did-resolution\"";
const PROFILE: &str = "https://w3id.org/did-resolution";

/// Resolves or dereferences. `identifier` is the rest of the request's path as it stands there, percent-encoding
/// included; `query` and `accept` are those of the request.
pub async fn answer(
    resolver: &dyn Resolve,
    identifier: &str,
    query: Option<&str>,
    accept: Option<&str>,
) -> Answer {
    let Some(style) = style(accept) else {
        let refusal =
            Refusal::new(406, "REPRESENTATION_NOT_SUPPORTED", "nothing in Accept is made here");
        return refused(Style::Result, &refusal, false);
    };
    let wanted = match Wanted::read(identifier, query) {
        Ok(wanted) => wanted,
        Err(refusal) => return refused(style, &refusal, false),
    };
    let resolution = match resolver.resolve_version(&wanted.url.did(), &wanted.version).await {
        Ok(resolution) => resolution,
        Err(error) => {
            let gone = matches!(error, ResolveError::Deactivated);
            return refused(style, &of_resolving(&error), gone);
        }
    };
    let metadata = document_metadata(resolution.anchored.as_ref());
    let document = &resolution.document;
    if let Some(service) = &wanted.service {
        return match endpoint(document, service, &wanted) {
            Ok(location) => redirect(style, location),
            Err(refusal) => refused(style, &refusal, false),
        };
    }
    match wanted.url.fragment() {
        None => resolved(style, &document.json, &metadata),
        Some(_) => match part(document, wanted.url.as_str()) {
            Some(content) => dereferenced(style, content),
            None => {
                let text = "the document has nothing of this name";
                refused(style, &Refusal::new(404, "NOT_FOUND", text), false)
            }
        },
    }
}

fn style(accept: Option<&str>) -> Option<Style> {
    let Some(accept) = accept.map(str::trim).filter(|accept| !accept.is_empty()) else {
        return Some(Style::Result);
    };
    accept.split(',').find_map(|range| {
        let (name, parameters) = range.split_once(';').unwrap_or((range, ""));
        let parameters = parameters.replace([' ', '"'], "");
        if parameters.split(';').any(|parameter| {
            parameter.strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0_f32))
        }) {
            return None;
        }
        match name.trim().to_ascii_lowercase().as_str() {
            "*/*" | "application/*" | "application/json" | RESULT => Some(Style::Result),
            "application/did" => Some(Style::Document("application/did")),
            "application/did+json" => Some(Style::Document("application/did+json")),
            "application/did+ld+json" => Some(Style::Document("application/did+ld+json")),
            "application/ld+json"
                if parameters.split(';').any(|parameter| {
                    parameter.strip_prefix("profile=").is_some_and(|profile| profile == PROFILE)
                }) =>
            {
                Some(Style::Legacy)
            }
            _ => None,
        }
    })
}

/// The names of DID Resolution with their status (DID Resolution section 12.2, HTTPS binding).
fn of_resolving(error: &ResolveError) -> Refusal {
    let (status, name) = match error {
        ResolveError::Deactivated => (410, "NOT_FOUND"),
        ResolveError::VersionNotSupported => (501, "FEATURE_NOT_SUPPORTED"),
        error => match error.did_resolution_name() {
            name @ ("INVALID_DID" | "INVALID_DID_URL") => (400, name),
            name @ "NOT_FOUND" => (404, name),
            name @ "METHOD_NOT_SUPPORTED" => (501, name),
            name => (500, name),
        },
    };
    Refusal::new(status, name, error.to_string())
}

fn document_metadata(anchored: Option<&AnchoredVersion>) -> Value {
    match anchored {
        None => json!({}),
        Some(version) => json!({
            "versionId": version.version.to_string(),
            "updated": version.anchored_at.to_string(),
        }),
    }
}

fn resolved(style: Style, document: &Value, metadata: &Value) -> Answer {
    let (media_type, body) = match style {
        Style::Document(media_type) => (media_type, document.clone()),
        Style::Result => (
            RESULT,
            json!({
                "didResolutionMetadata": {"contentType": "application/did"},
                "didDocument": document,
                "didDocumentMetadata": metadata,
            }),
        ),
        Style::Legacy => (
            LEGACY,
            json!({
                "@context": "https://w3id.org/did-resolution/v1",
                "didResolutionMetadata": {"contentType": "application/did+ld+json"},
                "didDocument": document,
                "didDocumentMetadata": metadata,
            }),
        ),
    };
    Answer { status: 200, media_type, location: None, body }
}

fn dereferenced(style: Style, content: Value) -> Answer {
    let (media_type, body) = match style {
        Style::Document(media_type) => (media_type, content),
        Style::Result | Style::Legacy => (
            "application/did-url-dereferencing",
            json!({
                "dereferencingMetadata": {"contentType": "application/did"},
                "content": content,
                "contentMetadata": {},
            }),
        ),
    };
    Answer { status: 200, media_type, location: None, body }
}

fn redirect(style: Style, location: String) -> Answer {
    let media_type = if style == Style::Legacy { LEGACY } else { RESULT };
    let body = json!({
        "dereferencingMetadata": {"contentType": "text/uri-list"},
        "content": location,
        "contentMetadata": {},
    });
    Answer { status: 303, media_type, location: Some(location), body }
}

fn refused(style: Style, refusal: &Refusal, deactivated: bool) -> Answer {
    let metadata = if deactivated { json!({"deactivated": true}) } else { json!({}) };
    let mut resolution = Map::new();
    if style == Style::Legacy {
        let name = if deactivated { "deactivated".to_owned() } else { camel_case(refusal.name) };
        resolution.insert("error".to_owned(), name.into());
        resolution.insert("message".to_owned(), refusal.detail.clone().into());
    } else {
        let title = refusal.name.to_lowercase().replace('_', " ");
        let error = json!({
            "type": format!("https://www.w3.org/ns/did#{}", refusal.name),
            "title": title,
            "detail": refusal.detail,
        });
        resolution.insert("error".to_owned(), error);
    }
    let media_type = if style == Style::Legacy { LEGACY } else { RESULT };
    let mut body = json!({
        "didResolutionMetadata": resolution,
        "didDocument": null,
        "didDocumentMetadata": metadata,
    });
    if style == Style::Legacy {
        body["@context"] = "https://w3id.org/did-resolution/v1".into();
    }
    Answer { status: refusal.status, media_type, location: None, body }
}

/// `NOT_FOUND` becomes `notFound`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_').map(str::to_lowercase);
    let first = words.next().unwrap_or_default();
    words.fold(first, |mut text, word| {
        let mut letters = word.chars();
        text.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        text.extend(letters);
        text
    })
}

/// The verification method or service with this DID URL; relative ids are taken relative to the document.
fn part(document: &DidDocument, url: &str) -> Option<Value> {
    const PLACES: [&str; 7] = [
        "verificationMethod",
        "authentication",
        "assertionMethod",
        "keyAgreement",
        "capabilityInvocation",
        "capabilityDelegation",
        "service",
    ];
    let entries = PLACES
        .iter()
        .filter_map(|place| document.json.get(*place)?.as_array())
        .flatten()
        .filter(|entry| entry.is_object());
    for entry in entries {
        let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
        let absolute =
            if id.starts_with('#') { format!("{}{id}", document.id) } else { id.to_owned() };
        if absolute == url {
            return Some(entry.clone());
        }
    }
    None
}

/// The endpoint of the service, with `relativeRef` taken relative to it and the fragment of the DID URL (DID Resolution
/// section 6.2). Only web addresses: a redirect to anything else is no use to anybody honest.
fn endpoint(document: &DidDocument, service: &str, wanted: &Wanted) -> Result<String, Refusal> {
    let missing = |text: &str| Refusal::new(404, "NOT_FOUND", text);
    let long = format!("{}#{service}", document.id);
    let short = format!("#{service}");
    let found = document
        .services()
        .iter()
        .find(|known| [service, &long, &short].contains(&known.id.as_str()))
        .ok_or_else(|| missing("the document has no such service"))?;
    let endpoint = found.endpoints.first().ok_or_else(|| missing("the service has no endpoint"))?;
    let mut url = Url::parse(endpoint).map_err(|_| missing("the endpoint is no URL"))?;
    if let Some(reference) = &wanted.relative_ref {
        let origin = url.origin();
        url = url
            .join(reference)
            .map_err(|_| Refusal::new(400, "INVALID_DID_URL", "relativeRef is no reference"))?;
        if url.origin() != origin {
            return Err(Refusal::new(400, "INVALID_DID_URL", "relativeRef leaves the endpoint"));
        }
    }
    if !matches!(url.scheme(), "https" | "http") {
        return Err(missing("the endpoint is no web address"));
    }
    if let Some(fragment) = wanted.url.fragment()
        && url.fragment().is_none()
    {
        url.set_fragment(Some(fragment));
    }
    Ok(url.into())
}
