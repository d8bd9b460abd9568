use proptest::prelude::*;
use url::Url;

use super::scripts::did;
use crate::{ResolveError, did_web_from_url, did_web_url};

/// Source of the first three: did:web method specification, section 2.5.2.
const GOOD: &[(&str, &str)] = &[
    ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
    ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
    ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
    ("did:web:example.com%3A3000:a:b", "https://example.com:3000/a/b/did.json"),
    ("did:web:localhost%3A7001", "https://localhost:7001/.well-known/did.json"),
    ("did:web:localhost%3A7001:issuers:one", "https://localhost:7001/issuers/one/did.json"),
    ("did:web:xn--hg3bi7j.example", "https://xn--hg3bi7j.example/.well-known/did.json"),
    ("did:web:issuer.example:%ED%95%9C", "https://issuer.example/%ED%95%9C/did.json"),
    ("did:web:issuer.example:...", "https://issuer.example/.../did.json"),
];

#[test]
fn dids_are_urls_in_disguise() {
    for (text, url) in GOOD {
        assert_eq!(did_web_url(&did(text)).unwrap().as_str(), *url, "{text}");
    }
    let lower = did_web_url(&did("did:web:example.com%3a3000")).unwrap();
    assert_eq!(lower.as_str(), "https://example.com:3000/.well-known/did.json");
}

#[test]
fn hostile_dids_are_refused() {
    for text in [
        // addresses in every spelling
        "did:web:127.0.0.1",
        "did:web:127.0.0.1%3A7001",
        "did:web:169.254.169.254",
        "did:web:2130706433",
        "did:web:0x7f.1",
        "did:web:0x7f000001",
        "did:web:127.1",
        "did:web:%5B%3A%3A1%5D",
        // other parts of a URL
        "did:web:user%40issuer.example",
        "did:web:issuer.example%2Fpath",
        "did:web:issuer.example%2f..",
        "did:web:issuer.example%3Fquery",
        "did:web:issuer.example%23fragment",
        "did:web:issuer%2Eexample",
        "did:web:issuer.example%00",
        // ports
        "did:web:issuer.example%3A",
        "did:web:issuer.example%3A0",
        "did:web:issuer.example%3A07001",
        "did:web:issuer.example%3A65536",
        "did:web:issuer.example%3A99999999999999",
        "did:web:issuer.example%3A7001%3A7002",
        "did:web:issuer.example%3A70a1",
        "did:web:issuer.example%3A-1",
        // paths
        "did:web:issuer.example:..",
        "did:web:issuer.example:.",
        "did:web:issuer.example:%2E%2E",
        "did:web:issuer.example:%2e.",
        "did:web:issuer.example:a%2Fb",
        "did:web:issuer.example:a%5Cb",
        "did:web:issuer.example:%252e%252e",
        "did:web:issuer.example:a%3Fb",
        "did:web:issuer.example:a%23b",
        "did:web:issuer.example:a%00",
        "did:web:issuer.example:a%0D%0Ab",
        "did:web:issuer.example::a",
        // host names
        "did:web:-issuer.example",
        "did:web:issuer-.example",
        "did:web:issuer..example",
        "did:web:issuer.example.",
        "did:web:.example",
        "did:web:is_suer.example",
        "did:web::a",
    ] {
        let Ok(parsed) = credential_model::did::Did::parse(text) else { continue };
        let error = did_web_url(&parsed).unwrap_err();
        assert!(matches!(error, ResolveError::InvalidDid(_)), "{text}: {error}");
        assert!(!error.is_inconclusive());
    }
    let label = format!("did:web:{}.example", "a".repeat(64));
    let host = format!("did:web:{}example", "abcdefg.".repeat(40));
    let deep = format!("did:web:issuer.example{}", ":a".repeat(17));
    for text in [label, host, deep] {
        assert_eq!(did_web_url(&did(&text)).unwrap_err().code(), "did_invalid");
    }
    let other = did_web_url(&did("did:key:z6Mk")).unwrap_err();
    assert_eq!(other.code(), "did_method_not_supported");
}

#[test]
fn urls_become_dids() {
    for (url, text) in [
        ("https://issuer.example", "did:web:issuer.example"),
        ("https://issuer.example/", "did:web:issuer.example"),
        ("https://issuer.example:443/", "did:web:issuer.example"),
        ("http://localhost:7001", "did:web:localhost%3A7001"),
        ("http://localhost:7001/issuers/one/", "did:web:localhost%3A7001:issuers:one"),
        ("https://ISSUER.example:8443/a?b#c", "did:web:issuer.example%3A8443:a"),
    ] {
        assert_eq!(did_web_from_url(&Url::parse(url).unwrap()).unwrap().as_str(), text, "{url}");
    }
    for url in [
        "ftp://issuer.example/",
        "data:text/plain,a",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://user@issuer.example/",
        "https://issuer.example/a//b",
        "https://issuer.example/a%2Fb",
    ] {
        let error = did_web_from_url(&Url::parse(url).unwrap()).unwrap_err();
        assert_eq!(error.code(), "did_invalid", "{url}");
    }
}

proptest! {
    #[test]
    fn there_and_back(
        host in "[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\\.[a-z]([a-z0-9]{0,5}))?",
        port in prop::option::of(1u16..),
        path in prop::collection::vec("[a-z0-9_-]{1,6}", 0..4),
    ) {
        let port = port.filter(|port| *port != 443);
        let authority = port.map_or(host.clone(), |port| format!("{host}:{port}"));
        let base = Url::parse(&format!("https://{authority}/{}", path.join("/"))).unwrap();
        // `xn--` must be followed by good punycode, which is for the URL library to judge.
        prop_assume!(base.host_str() == Some(host.as_str()));
        let did = did_web_from_url(&base).unwrap();
        let url = did_web_url(&did).unwrap();
        prop_assert_eq!(url.origin(), base.origin());
        let folder = if path.is_empty() { ".well-known".into() } else { path.join("/") };
        prop_assert_eq!(url.path(), format!("/{folder}/did.json"));
    }

    /// Whatever the DID says, the URL stays https, on a name, and below did.json.
    #[test]
    fn no_did_leads_outside(id in "[a-zA-Z0-9._:%-]{1,40}") {
        if let Ok(did) = credential_model::did::Did::parse(&format!("did:web:{id}"))
            && let Ok(url) = did_web_url(&did)
        {
                prop_assert_eq!(url.scheme(), "https");
                prop_assert!(url.domain().is_some());
                prop_assert!(url.path().ends_with("/did.json"));
                prop_assert!(url.username().is_empty() && url.query().is_none());
                prop_assert!(url.fragment().is_none());
        }
    }
}
