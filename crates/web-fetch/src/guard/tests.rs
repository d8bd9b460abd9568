use super::*;

fn policy(origins: &[&str]) -> FetchPolicy {
    FetchPolicy {
        plain_http_origins: origins.iter().map(|text| normalise_origin(text).unwrap()).collect(),
        ..FetchPolicy::default()
    }
}

fn judge(url: &str, policy: &FetchPolicy) -> Result<Target, FetchError> {
    check(&Url::parse(url).unwrap(), policy)
}

#[test]
fn public_https_passes_without_its_fragment() {
    let target = judge("https://issuer.example/a?b=c#d", &policy(&[])).unwrap();
    let wire = Url::parse("https://issuer.example/a?b=c").unwrap();
    assert_eq!(target, Target::Public(wire));
    assert!(judge("https://8.8.8.8/", &policy(&[])).is_ok());
    assert!(judge("https://issuer.example:443/", &policy(&[])).is_ok());
}

#[test]
fn every_spelling_of_a_closed_host_is_refused() {
    for url in [
        "https://127.0.0.1/",
        "https://2130706433/",   // decimal
        "https://0x7f000001/",   // hexadecimal
        "https://0x7f.1/",       // short hexadecimal
        "https://017700000001/", // octal
        "https://127.1/",        // short
        "https://①②⑦.0.0.1/",    // full-width and circled digits
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://192.168.0.1/",
        "https://localhost/",
        "https://localhost./",
        "https://LOCALHOST/",
        "https://a.localhost/",
        "https://metadata.google.internal/",
        "https://intranet/",
    ] {
        let error = judge(url, &policy(&[])).unwrap_err();
        assert_eq!(error.code(), "forbidden_address", "{url}");
        assert!(error.is_refusal());
    }
}

#[test]
fn other_schemes_ports_and_users_are_refused() {
    let none = policy(&[]);
    let code = |url: &str| judge(url, &none).unwrap_err().code();
    assert_eq!(code("http://issuer.example/"), "forbidden_scheme");
    assert_eq!(code("http://localhost:7001/"), "forbidden_scheme");
    assert_eq!(code("file:///etc/passwd"), "forbidden_scheme");
    assert_eq!(code("ftp://issuer.example/"), "forbidden_scheme");
    assert_eq!(code("data:text/plain,x"), "forbidden_scheme");
    assert_eq!(code("https://issuer.example:8443/"), "forbidden_port");
    assert_eq!(code("https://issuer.example:22/"), "forbidden_port");
    assert_eq!(code("https://a@issuer.example/"), "forbidden_url");
    assert_eq!(code("https://issuer.example:x@evil.example/"), "forbidden_url");
    let long = format!("https://issuer.example/{}", "a".repeat(5000));
    assert_eq!(code(&long), "forbidden_url");
}

#[test]
fn ports_and_hosts_of_the_policy() {
    let policy = FetchPolicy {
        allowed_ports: vec![443, 8443],
        allowed_hosts: vec!["issuer.example".into()],
        ..FetchPolicy::default()
    };
    assert!(judge("https://issuer.example:8443/", &policy).is_ok());
    assert!(judge("https://ISSUER.example/", &policy).is_ok());
    for other in
        ["https://other.example/", "https://issuer.example.evil.example/", "https://8.8.8.8/"]
    {
        assert_eq!(judge(other, &policy).unwrap_err().code(), "forbidden_address");
    }
}

#[test]
fn development_origins_are_exact() {
    let policy = policy(&["localhost:7001", "127.0.0.1:7002", "[::1]:7003"]);
    for url in ["http://localhost:7001/x", "https://localhost:7001/x", "https://LOCALHOST:7001/x"] {
        let wire = Url::parse("http://localhost:7001/x").unwrap();
        assert_eq!(judge(url, &policy).unwrap(), Target::Development(wire), "{url}");
    }
    assert!(judge("http://127.0.0.1:7002/", &policy).is_ok());
    assert!(judge("http://[::1]:7003/", &policy).is_ok());
    for (url, code) in [
        ("http://localhost:7002/", "forbidden_scheme"),
        ("http://localhost/", "forbidden_scheme"),
        ("https://localhost/", "forbidden_address"),
        ("http://127.0.0.1:7001/", "forbidden_scheme"),
        ("http://localhost.:7001/", "forbidden_scheme"),
        ("http://a.localhost:7001/", "forbidden_scheme"),
        ("ftp://localhost:7001/", "forbidden_scheme"),
        ("http://me@localhost:7001/", "forbidden_url"),
    ] {
        assert_eq!(judge(url, &policy).unwrap_err().code(), code, "{url}");
    }
}

#[test]
fn a_development_origin_cannot_be_an_address_elsewhere() {
    let policy = policy(&["10.0.0.1:80", "issuer.example:443"]);
    assert_eq!(judge("http://10.0.0.1/", &policy).unwrap_err().code(), "forbidden_address");
    // By name it is judged when it resolves; the port of https stays on the wire.
    let wire = Url::parse("http://issuer.example:443/").unwrap();
    assert_eq!(judge("https://issuer.example/", &policy).unwrap(), Target::Development(wire));
}

#[test]
fn origins_are_host_and_port_only() {
    assert_eq!(normalise_origin("LocalHost:7001").unwrap(), "localhost:7001");
    assert_eq!(normalise_origin("[::1]:80").unwrap(), "[::1]:80");
    for text in [
        "",
        "localhost",
        ":7001",
        "localhost:",
        "localhost:x",
        "localhost:70000",
        "localhost:7001/",
        "localhost:7001/a",
        "http://localhost:7001",
        "a@localhost:7001",
        "*:7001",
        "localhost:07001",
        "0x7f.1:80",
        "localhost:7001 ",
        "localhost:7001?x",
    ] {
        assert!(normalise_origin(text).is_err(), "{text:?}");
    }
}
