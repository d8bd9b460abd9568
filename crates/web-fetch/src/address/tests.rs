use super::*;

fn public(text: &str) -> bool {
    is_public(text.parse().unwrap())
}

/// Edges of every closed block: first and last address inside, neighbours outside where
/// those are public. Source: IANA IPv4 and IPv6 special-purpose address registries.
#[test]
fn closed_addresses() {
    let closed = [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.255",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "192.175.48.1",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        // IPv6: unspecified, loopback, mapped, compatible
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:169.254.169.254",
        "::7f00:1",
        "::ffff:0:127.0.0.1",
        // NAT64, its local-use block, discard
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        // Teredo, ORCHID, benchmarking, documentation, 6to4
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a9fe:a9fe::1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff::1",
        // unique local, link-local, site-local, multicast, segment routing
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "5f00::1",
        "4000::1",
    ];
    for text in closed {
        assert!(!public(text), "{text} must be closed");
    }
}

#[test]
fn open_addresses() {
    let open = [
        "1.0.0.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00:1450::1",
        "2620:4f:8001::1",
        "3ffe::1",
    ];
    for text in open {
        assert!(public(text), "{text} must be open");
    }
}

#[test]
fn loopback_in_every_writing() {
    for text in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
        assert!(is_loopback(text.parse().unwrap()), "{text}");
    }
    for text in ["0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"] {
        assert!(!is_loopback(text.parse().unwrap()), "{text}");
    }
}

#[test]
fn reserved_names() {
    for name in [
        "localhost",
        "localhost.",
        "LOCALHOST",
        "foo.localhost",
        "foo.localhost.",
        "printer",
        "printer.local",
        "metadata.google.internal",
        "x.arpa",
        "a.test",
        "a.invalid",
        "router.lan",
        "",
        ".",
    ] {
        assert!(is_reserved_name(name), "{name}");
    }
    for name in ["issuer.example", "www.hrdkorea.or.kr", "localhost.example.com", "a.b.co"] {
        assert!(!is_reserved_name(name), "{name}");
    }
}
