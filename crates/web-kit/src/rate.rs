//! Token buckets by address and by key: whoever asks too often is told when to come back, and
//! nobody else waits for it.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::http::{HeaderMap, header};
use serde::Deserialize;

/// Buckets kept at most. Beyond it, newcomers share one: memory stays bounded whoever comes.
const MOST: usize = 50_000;

/// How often one may ask. `per_second = 0` sets no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests a second on average.
    pub per_second: u32,
    /// Requests at once after a pause.
    pub burst: u32,
}

impl Rate {
    pub(crate) const fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second, burst }
    }
}

/// A network such as `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("{text:?} is no address and no network such as 10.0.0.0/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| bad())?)),
            None => (text.as_str(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(bad()) } else { Ok(Self { address, bits }) }
    }
}

impl Network {
    fn contains(self, other: IpAddr) -> bool {
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                u32::from(own) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                u128::from(own) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

/// The client's address: the peer, or, behind proxies we know, the last address of
/// `X-Forwarded-For` that is none of theirs. What a client writes itself is never believed.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let known = |address: IpAddr| proxies.iter().any(|proxy| proxy.contains(address));
    if !known(peer) {
        return peer.to_canonical();
    }
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let hops = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.rsplit(','));
    for hop in hops.take(16) {
        match hop.trim().parse::<IpAddr>() {
            Ok(address) if known(address) => {}
            Ok(address) => return address.to_canonical(),
            Err(_) => break,
        }
    }
    peer.to_canonical()
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Address(IpAddr),
    Key(u64),
    Newcomers,
}

struct Bucket {
    left: f64,
    at: Instant,
}

/// The buckets of one kind.
pub(crate) struct Buckets {
    rate: Rate,
    hasher: RandomState,
    buckets: Mutex<HashMap<Who, Bucket>>,
}

impl Buckets {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, hasher: RandomState::new(), buckets: Mutex::default() }
    }

    /// Takes one from the bucket of an address; an IPv6 customer has a whole /64.
    ///
    /// # Errors
    /// After how many seconds it is worth coming back.
    pub(crate) fn take_address(&self, address: IpAddr, now: Instant) -> Result<(), u32> {
        let address = match address {
            IpAddr::V6(address) => {
                let network = u128::from(address) & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from(network))
            }
            v4 => v4,
        };
        self.take(Who::Address(address), now)
    }

    /// Takes one from the bucket of the request's `Authorization`, where there is one.
    ///
    /// # Errors
    /// As [`Buckets::take_address`].
    pub(crate) fn take_key(&self, headers: &HeaderMap, now: Instant) -> Result<(), u32> {
        match headers.get(header::AUTHORIZATION) {
            // A digest under a key of this process: the token itself is not kept.
            Some(token) => self.take(Who::Key(self.hasher.hash_one(token.as_bytes())), now),
            None => Ok(()),
        }
    }

    fn take(&self, who: Who, now: Instant) -> Result<(), u32> {
        if self.rate.per_second == 0 {
            return Ok(());
        }
        let (speed, size) = (f64::from(self.rate.per_second), f64::from(self.rate.burst.max(1)));
        let filled = |bucket: &Bucket| {
            let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
            (bucket.left + passed * speed).min(size)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&who) {
            // A full bucket says nothing that a new one would not.
            buckets.retain(|_, bucket| filled(bucket) < size);
        }
        let who =
            if buckets.len() >= MOST && !buckets.contains_key(&who) { Who::Newcomers } else { who };
        let bucket = buckets.entry(who).or_insert(Bucket { left: size, at: now });
        bucket.left = filled(bucket);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        // At most a second for one token at one a second, so it always fits.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "1 or little more"
        )]
        let seconds = ((1.0 - bucket.left) / speed).ceil().max(1.0) as u32;
        Err(seconds)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn network(text: &str) -> Result<Network, String> {
        Network::try_from(text.to_owned())
    }

    #[test]
    fn a_bucket_runs_dry_and_fills_again() {
        let buckets = Buckets::new(Rate::new(2, 3));
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(buckets.take_address(one, start), Ok(()));
        }
        assert_eq!(buckets.take_address(one, start), Err(1));
        assert_eq!(buckets.take_address(other, start), Ok(()), "nobody else waits for it");
        let later = start + Duration::from_millis(500);
        assert_eq!(buckets.take_address(one, later), Ok(()));
        assert_eq!(buckets.take_address(one, later), Err(1));
        assert!(Buckets::new(Rate::new(0, 0)).take_address(one, start).is_ok());
    }

    #[test]
    fn one_ipv6_customer_is_one_address() {
        let buckets = Buckets::new(Rate::new(1, 1));
        let now = Instant::now();
        assert!(buckets.take_address("2001:db8::1".parse().unwrap(), now).is_ok());
        assert!(buckets.take_address("2001:db8::2".parse().unwrap(), now).is_err());
        assert!(buckets.take_address("2001:db8:0:1::1".parse().unwrap(), now).is_ok());
    }

    #[test]
    fn the_number_of_buckets_is_bounded() {
        let buckets = Buckets::new(Rate::new(1, 2));
        let now = Instant::now();
        for n in 0..(MOST as u32 + 1_000) {
            let _ = buckets.take_address(IpAddr::V4(n.into()), now);
        }
        assert!(buckets.buckets.lock().unwrap().len() <= MOST + 1);
        // Those who are known keep theirs.
        assert!(buckets.take_address(IpAddr::V4(5.into()), now).is_ok());
        assert!(buckets.take_address(IpAddr::V4(5.into()), now).is_err());
    }

    #[test]
    fn only_known_proxies_are_believed() {
        let proxies = [network("10.0.0.0/8").unwrap(), network("::1").unwrap()];
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.9, 198.51.100.7".parse().unwrap());
        headers.append("x-forwarded-for", "10.1.1.1".parse().unwrap());
        let of = |peer: &str| client(peer.parse().unwrap(), &headers, &proxies).to_string();
        assert_eq!(of("10.2.2.2"), "198.51.100.7", "the last that is no proxy");
        assert_eq!(of("192.0.2.1"), "192.0.2.1", "a stranger's word counts for nothing");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
        headers.insert("x-forwarded-for", "nonsense".parse().unwrap());
        assert_eq!(client("10.2.2.2".parse().unwrap(), &headers, &proxies).to_string(), "10.2.2.2");
    }

    #[test]
    fn networks_are_read_strictly() {
        assert!(network("0.0.0.0/0").unwrap().contains("8.8.8.8".parse().unwrap()));
        assert!(network("::/0").unwrap().contains("2001:db8::1".parse().unwrap()));
        assert!(!network("10.0.0.0/8").unwrap().contains("11.0.0.1".parse().unwrap()));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/-1", "example"] {
            assert!(network(bad).is_err(), "{bad}");
        }
    }
}
