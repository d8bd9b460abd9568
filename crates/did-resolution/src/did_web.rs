//! `did:web`: the DID is a URL in disguise (<https://w3c-ccg.github.io/did-method-web/>).

use credential_model::did::Did;
use url::{Host, Url};

use crate::error::ResolveError;

/// Longest host name (RFC 1035) and most path segments we follow.
const MAX_HOST: usize = 253;
const MAX_SEGMENTS: usize = 16;

/// The https URL of the document of a `did:web`: `%3A` before a port, further colons are
/// path separators, no path means `/.well-known/did.json`.
///
/// Always https; the guarded client speaks http to its configured development origins.
///
/// # Errors
/// [`ResolveError::MethodNotSupported`] for another method, [`ResolveError::InvalidDid`]
/// for IP addresses, user info, empty or dot segments, encoded slashes and the like.
pub fn did_web_url(did: &Did) -> Result<Url, ResolveError> {
    if did.method() != "web" {
        return Err(ResolveError::MethodNotSupported(did.method().to_owned()));
    }
    let mut parts = did.method_specific_id().split(':');
    let authority = parts.next().unwrap_or_default();
    let (host, port) = split_authority(authority)?;
    check_host(host)?;

    let mut url = Url::parse(&format!("https://{host}/"))
        .map_err(|_| invalid("the host is no domain name"))?;
    // What the URL parser made of the host must be what stands in the DID: `0x7f.1` and
    // other numeric spellings become addresses here.
    match url.host() {
        Some(Host::Domain(parsed)) if parsed.eq_ignore_ascii_case(host) => {}
        _ => return Err(invalid("the host is no domain name")),
    }
    if url.set_port(port).is_err() {
        return Err(invalid("the port is not usable"));
    }
    let segments: Vec<&str> = parts.collect();
    if segments.is_empty() {
        url.set_path("/.well-known/did.json");
        return Ok(url);
    }
    if segments.len() > MAX_SEGMENTS {
        return Err(invalid("too many path segments"));
    }
    for segment in &segments {
        check_segment(segment)?;
    }
    url.set_path(&format!("/{}/did.json", segments.join("/")));
    Ok(url)
}

/// The `did:web` of a service at this base URL: `https://issuer.example` gives
/// `did:web:issuer.example`, `http://localhost:7001` gives `did:web:localhost%3A7001`, a
/// path becomes further parts. Query and fragment play no part.
///
/// # Errors
/// [`ResolveError::InvalidDid`] for a URL that no `did:web` can name: no domain name, user
/// info, another scheme than http(s), empty segments inside the path.
pub fn did_web_from_url(url: &Url) -> Result<Did, ResolveError> {
    if !matches!(url.scheme(), "https" | "http") {
        return Err(invalid("not an http(s) URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("user info in the URL"));
    }
    let Some(Host::Domain(host)) = url.host() else {
        return Err(invalid("the host is no domain name"));
    };
    let mut text = format!("did:web:{host}");
    if let Some(port) = url.port() {
        text.push_str(&format!("%3A{port}"));
    }
    let path = url.path().trim_end_matches('/');
    for segment in path.split('/').skip(1) {
        text.push(':');
        text.push_str(segment);
    }
    let did = Did::parse(&text).map_err(|error| invalid(&error.to_string()))?;
    // Only give out what resolves.
    did_web_url(&did)?;
    Ok(did)
}

fn split_authority(authority: &str) -> Result<(&str, Option<u16>), ResolveError> {
    let Some(at) = authority.find('%') else {
        return Ok((authority, None));
    };
    let (host, rest) = authority.split_at(at);
    let port = rest
        .strip_prefix("%3A")
        .or_else(|| rest.strip_prefix("%3a"))
        .ok_or_else(|| invalid("only the colon of a port may be encoded in the host"))?;
    let plain = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || port.starts_with('0') {
        return Err(invalid("the port is not a plain number"));
    }
    let port = port.parse().map_err(|_| invalid("the port is above 65535"))?;
    Ok((host, Some(port)))
}

fn check_host(host: &str) -> Result<(), ResolveError> {
    if host.is_empty() || host.len() > MAX_HOST {
        return Err(invalid("the host is empty or too long"));
    }
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !host.split('.').all(label_ok) {
        return Err(invalid("the host is no domain name"));
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid("the host is an IP address"));
    }
    Ok(())
}

fn check_segment(segment: &str) -> Result<(), ResolveError> {
    let decoded = percent_decode(segment).ok_or_else(|| invalid("a bad escape in the path"))?;
    if decoded.is_empty() || decoded == b"." || decoded == b".." {
        return Err(invalid("an empty or dot segment in the path"));
    }
    let bad = |byte: &u8| byte.is_ascii_control() || b"/\\%?#@".contains(byte);
    if decoded.iter().any(bad) {
        return Err(invalid("an encoded separator in the path"));
    }
    Ok(())
}

fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        decoded.push(u8::try_from(high * 16 + low).ok()?);
    }
    Some(decoded)
}

fn invalid(reason: &str) -> ResolveError {
    ResolveError::InvalidDid(reason.to_owned())
}
