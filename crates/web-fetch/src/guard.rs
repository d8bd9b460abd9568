//! Judging a URL before anything is sent.

use url::{Host, Url};

use crate::address::{is_loopback, is_public, is_reserved_name};
use crate::error::FetchError;
use crate::policy::{FetchPolicy, PolicyError};

/// Longest URL we follow.
const MAX_URL_BYTES: usize = 4096;

/// Where a request may go, and by which door.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// https to public addresses only.
    Public(Url),
    /// http to a configured development origin, loopback addresses only.
    Development(Url),
}

/// Judges the URL; what its name resolves to is judged when it resolves.
pub(crate) fn check(url: &Url, policy: &FetchPolicy) -> Result<Target, FetchError> {
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(FetchError::ForbiddenUrl("too long".into()));
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchError::ForbiddenScheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::ForbiddenUrl("it carries a user name".into()));
    }
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(FetchError::ForbiddenUrl("it has no host".into()));
    };
    let mut wire = url.clone();
    wire.set_fragment(None);
    if policy.plain_http_origins.iter().any(|origin| *origin == format!("{host}:{port}")) {
        return development(wire, &host, port);
    }
    if url.scheme() != "https" {
        return Err(FetchError::ForbiddenScheme(url.scheme().to_owned()));
    }
    check_host(&host, policy)?;
    if !policy.allowed_ports.contains(&port) {
        return Err(FetchError::ForbiddenPort(port));
    }
    Ok(Target::Public(wire))
}

/// The URL on the wire: http, with the port that stood in the URL (443 if none did).
fn development(mut wire: Url, host: &Host<&str>, port: u16) -> Result<Target, FetchError> {
    let address = match host {
        Host::Domain(_) => None, // judged when it resolves
        Host::Ipv4(address) => Some((*address).into()),
        Host::Ipv6(address) => Some((*address).into()),
    };
    if address.is_some_and(|address| !is_loopback(address)) {
        return Err(FetchError::ForbiddenAddress(host.to_string()));
    }
    let changed = wire.set_scheme("http").and_then(|()| wire.set_port(Some(port)));
    match changed {
        Ok(()) => Ok(Target::Development(wire)),
        Err(()) => Err(FetchError::ForbiddenUrl("it cannot be spoken to by http".into())),
    }
}

fn check_host(host: &Host<&str>, policy: &FetchPolicy) -> Result<(), FetchError> {
    let refused = || FetchError::ForbiddenAddress(host.to_string());
    // The URL parser has already turned every numeric spelling (decimal, hexadecimal,
    // octal, short) into an address.
    match host {
        Host::Ipv4(address) if !is_public((*address).into()) => return Err(refused()),
        Host::Ipv6(address) if !is_public((*address).into()) => return Err(refused()),
        Host::Domain(name) if is_reserved_name(name) => return Err(refused()),
        _ => {}
    }
    let listed = |name: &String| *name == host.to_string();
    if !policy.allowed_hosts.is_empty() && !policy.allowed_hosts.iter().any(listed) {
        return Err(refused());
    }
    Ok(())
}

/// Puts the configured origins into the form in which they are compared: lower case, with
/// a port.
pub(crate) fn normalise_origin(text: &str) -> Result<String, PolicyError> {
    let bad = || PolicyError::BadOrigin(text.to_owned());
    let url = Url::parse(&format!("http://{text}/")).map_err(|_| bad())?;
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(bad());
    };
    let normal = format!("{host}:{port}");
    // Whatever the parser had to read away (paths, users, odd spellings) is no origin; and
    // `*` is a host to the parser, but never what somebody meant.
    if text.to_ascii_lowercase() != normal || text.contains('*') {
        return Err(bad());
    }
    Ok(normal)
}

#[cfg(test)]
mod tests;
