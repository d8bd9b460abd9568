//! Which addresses are public. Everything that is not plainly public is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to the public internet: unicast, globally reachable, and no
/// form that carries another address inside (IANA special-purpose address registries,
/// RFC 6890 and its updates).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether an address is loopback, also when written as an IPv4-mapped IPv6 address.
pub fn is_loopback(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback(),
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.to_ipv4_mapped().is_some_and(|mapped| mapped.is_loopback())
        }
    }
}

/// IPv4 blocks that are not public: network, prefix length.
const CLOSED_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),       // "this network", RFC 791
    ([10, 0, 0, 0], 8),      // private, RFC 1918
    ([100, 64, 0, 0], 10),   // carrier-grade NAT, RFC 6598
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local, cloud metadata included
    ([172, 16, 0, 0], 12),   // private, RFC 1918
    ([192, 0, 0, 0], 24),    // IETF protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 31, 196, 0], 24), // AS112
    ([192, 52, 193, 0], 24), // AMT
    ([192, 88, 99, 0], 24),  // 6to4 relay anycast, deprecated
    ([192, 168, 0, 0], 16),  // private, RFC 1918
    ([192, 175, 48, 0], 24), // AS112
    ([198, 18, 0, 0], 15),   // benchmarking
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, limited broadcast included
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    !CLOSED_V4.iter().any(|(network, prefix)| {
        let mask = u32::MAX << (32 - prefix);
        bits & mask == u32::from(Ipv4Addr::from(*network)) & mask
    })
}

/// IPv6: only global unicast 2000::/3 is open at all, which already closes `::`, `::1`,
/// IPv4-mapped and -compatible, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), discard (100::/64),
/// unique local (fc00::/7), link-local (fe80::/10), site-local (fec0::/10), multicast
/// (ff00::/8). Inside it these blocks are closed: network's first two groups, prefix.
const CLOSED_V6: &[([u16; 3], u32)] = &[
    ([0x2001, 0x0000, 0], 23), // IETF protocol assignments: Teredo, ORCHID, benchmarking
    ([0x2001, 0x0db8, 0], 32), // documentation
    ([0x2002, 0x0000, 0], 16), // 6to4: carries an IPv4 address
    ([0x2620, 0x004f, 0x8000], 48), // AS112
    ([0x3fff, 0x0000, 0], 20), // documentation, RFC 9637
];

fn is_public_v6(address: Ipv6Addr) -> bool {
    let groups = address.segments();
    if groups[0] & 0xe000 != 0x2000 {
        return false;
    }
    let bits = u128::from(address);
    !CLOSED_V6.iter().any(|(network, prefix)| {
        let network = Ipv6Addr::new(network[0], network[1], network[2], 0, 0, 0, 0, 0);
        let mask = u128::MAX << (128 - prefix);
        bits & mask == u128::from(network) & mask
    })
}

/// Names that never belong to a public host: special-use domain names (RFC 6761, 6762,
/// 8375) and single-label names, which a search list could complete to anything.
pub fn is_reserved_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    const RESERVED: &[&str] = &[
        "localhost",
        "local",
        "internal",
        "intranet",
        "private",
        "corp",
        "home",
        "lan",
        "arpa",
        "test",
        "invalid",
        "onion",
        "localdomain",
    ];
    let last = host.rsplit('.').next().unwrap_or_default();
    host.is_empty() || !host.contains('.') || RESERVED.contains(&last)
}

#[cfg(test)]
mod tests;
