//! Addresses that a request may lead to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use credential_model::did::Did;
use did_resolution::{did_web_from_url, did_web_url};
use url::Url;
use web_fetch::address::{is_loopback, is_public, is_reserved_name};

use super::text;
use crate::Seen;

pub(super) const WORDS: &[&str] = &[
    "did:web:",
    "%3A",
    "%2F",
    "%2E%2E",
    "..",
    ".",
    ":",
    "localhost",
    "localhost.",
    "127.1",
    "0x7f.1",
    "2130706433",
    "[::1]",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "169.254.169.254",
    "10.0.0.1",
    "@",
    "https://",
    "http://",
    "#",
    "?",
    "/",
    "\\",
    "xn--",
    "。",
    "example",
    ".internal",
    ".onion",
];

/// Whatever a URL parser makes of a host: if it is an address, both faces of it are judged alike.
pub(super) fn addresses(input: &[u8]) -> Seen {
    let text = text(input);
    let mut seen = Seen::of(is_reserved_name(&text));
    let parsed = Url::parse(&text).or_else(|_| Url::parse(&format!("https://{text}/")));
    if let Ok(Some(host)) = parsed.as_ref().map(Url::host) {
        seen = seen.and(match host {
            url::Host::Domain(name) => is_reserved_name(name),
            url::Host::Ipv4(address) => check(address),
            url::Host::Ipv6(address) => is_public(IpAddr::V6(address)),
        });
    }
    if let Some(bytes) = input.first_chunk::<4>() {
        seen = seen.and(check(Ipv4Addr::from(*bytes)));
    }
    if let Some(bytes) = input.first_chunk::<16>() {
        let address = IpAddr::V6(Ipv6Addr::from(*bytes));
        assert!(!(is_public(address) && is_loopback(address)));
        seen = seen.and(is_public(address));
    }
    seen
}

/// No IPv6 spelling of an IPv4 address is more public than the address.
fn check(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let public = is_public(IpAddr::V4(address));
    for spelling in [
        address.to_ipv6_mapped(),
        Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
        Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
    ] {
        assert!(public || !is_public(IpAddr::V6(spelling)), "{spelling} is taken for public");
    }
    assert!(
        !(public && (address.is_private() || address.is_loopback() || address.is_link_local()))
    );
    public
}

pub(super) fn did_web(input: &[u8]) -> Seen {
    let text = text(input);
    let url = match Did::parse(&text).ok().map(|did| (did_web_url(&did), did)) {
        None => {
            return Url::parse(&text).map_or(Seen::of("neither"), |url| {
                Seen::of(
                    did_web_from_url(&url)
                        .map(|did| did.method().to_owned())
                        .map_err(|error| error.code()),
                )
            });
        }
        Some((Err(error), _)) => return Seen::of(error.code()),
        Some((Ok(url), _)) => url,
    };
    assert!(matches!(url.scheme(), "https" | "http"));
    assert!(url.username().is_empty() && url.password().is_none());
    assert!(url.query().is_none() && url.fragment().is_none());
    assert!(url.path().ends_with("/did.json"), "{url}");
    assert!(!url.path().contains("/../"), "{url}");
    // Only at the root does the well-known folder stand for the host itself.
    let root = url.path() == "/.well-known/did.json";
    let file = if root { "/.well-known/did.json" } else { "did.json" };
    let base = url.as_str().trim_end_matches(file);
    if let Ok(Ok(did)) = Url::parse(base).map(|base| did_web_from_url(&base)) {
        let again = did_web_url(&did).map(|url| url.to_string()).map_err(|error| error.code());
        assert_eq!(again.as_deref(), Ok(url.as_str()), "URL, DID, URL");
    }
    Seen::of("did:web").and(url.port().is_some()).and(url.path().matches('/').count())
}
