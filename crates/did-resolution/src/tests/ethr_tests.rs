//! did:ethr over a scripted registry: identifiers, bounds, nodes that withhold.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use credential_model::moment::Moment;
use evm_chain::{Address, ChainError, Erc1056Change, Erc1056Event, EthrEvents, Tip};
use serde_json::json;

use super::scripts::did;
use crate::{
    EthrDocument, EthrIdentifier, EthrNetworks, MAX_CHANGES, ResolveError, VersionQuery,
    resolve_ethr,
};

const DID: &str = "did:ethr:dev:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const NOW: i64 = 1_800_000_000;

/// A registry with one identity; block n is `NOW - 1000 + n` seconds.
#[derive(Default)]
struct Registry {
    changes: BTreeMap<u64, Vec<Erc1056Event>>,
    changed: u64,
    broken: Option<ChainError>,
    asked: AtomicUsize,
}

impl Registry {
    /// Adds a change; several may share a block.
    fn add(mut self, block: u64, change: Erc1056Change) -> Self {
        let event = Erc1056Event { block, previous: self.changed, change };
        self.changes.entry(block).or_default().push(event);
        self.changed = block;
        self
    }

    async fn resolve(self, query: VersionQuery) -> Result<EthrDocument, ResolveError> {
        let networks = EthrNetworks::new().with("dev", Arc::new(self));
        resolve_ethr(&networks, &did(DID), &query, Moment::from_unix(NOW)).await
    }
}

#[async_trait]
impl EthrEvents for Registry {
    fn chain_id(&self) -> u64 {
        5
    }

    async fn tip(&self) -> Result<Tip, ChainError> {
        match &self.broken {
            Some(error) => Err(error.clone()),
            None => Ok(Tip { number: 1000, time: NOW }),
        }
    }

    async fn block_time(&self, block: u64) -> Result<Option<i64>, ChainError> {
        Ok(Some(NOW - 1000 + i64::try_from(block).unwrap()))
    }

    async fn changed(&self, _: Address, _: u64) -> Result<u64, ChainError> {
        Ok(self.changed)
    }

    async fn events(&self, _: Address, block: u64) -> Result<Vec<Erc1056Event>, ChainError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(self.changes.get(&block).cloned().unwrap_or_default())
    }
}

fn field(text: &str) -> [u8; 32] {
    let mut field = [0; 32];
    field[..text.len()].copy_from_slice(text.as_bytes());
    field
}

fn service(name: &str, valid_to: u64) -> Erc1056Change {
    let value = b"https://a.example/".to_vec();
    Erc1056Change::Attribute { name: field(&format!("did/svc/{name}")), value, valid_to }
}

#[test]
fn identifiers_have_three_forms() {
    let parse = |text: &str| EthrIdentifier::parse(&did(text));
    let account = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    for (prefix, network) in [
        ("did:ethr:", "mainnet"),
        ("did:ethr:sepolia:", "sepolia"),
        ("did:ethr:0x5:", "0x5"),
        ("did:ethr:rsk:testnet:", "rsk:testnet"),
    ] {
        let found = parse(&format!("{prefix}{account}")).unwrap();
        assert_eq!((found.network.as_str(), &found.public_key), (network, &None));
        assert_eq!(found.address, Address::parse(account).unwrap());
    }
    let key = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    let found = parse(&format!("did:ethr:0x{key}")).unwrap();
    assert_eq!(found.address.to_string(), "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    assert_eq!(found.public_key.as_deref(), Some(key));
    for bad in [
        "did:ethr:5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "did:ethr:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA",
        "did:ethr:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",
        "did:ethr:0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        // No point of the curve.
        "did:ethr:0x050000000000000000000000000000000000000000000000000000000000000007",
        "did:ethr:x",
    ] {
        assert_eq!(parse(bad).unwrap_err().code(), "did_invalid", "{bad}");
    }
    assert_eq!(parse("did:web:a.example").unwrap_err().code(), "did_method_not_supported");
}

#[tokio::test]
async fn an_unknown_network_is_no_finding() {
    let networks = EthrNetworks::new().with("dev", Arc::new(Registry::default()));
    let ask = async |text: &str| {
        resolve_ethr(&networks, &did(text), &VersionQuery::Latest, Moment::from_unix(NOW)).await
    };
    let account = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    assert!(ask(&format!("did:ethr:0x5:{account}")).await.is_ok(), "by chain id too");
    let error = ask(&format!("did:ethr:{account}")).await.unwrap_err();
    assert_eq!((error.code(), error.is_inconclusive()), ("did_network_unknown", true));
}

#[tokio::test]
async fn validity_ends_are_judged_at_the_right_moment() {
    let now = u64::try_from(NOW).unwrap();
    let made = |valid_to: u64| Registry::default().add(500, service("A", valid_to));
    for (valid_to, listed) in [(now, true), (now - 1, false), (0, false), (u64::MAX, true)] {
        let found = made(valid_to).resolve(VersionQuery::Latest).await.unwrap();
        assert_eq!(found.document.json.get("service").is_some(), listed, "{valid_to}");
    }
    // As of block 600 it was still valid, as of block 400 not yet there.
    let at = async |block: u64| {
        made(now - 100).resolve(VersionQuery::Id(block.to_string())).await.unwrap()
    };
    assert!(at(600).await.document.json.get("service").is_some());
    assert!(at(950).await.document.json.get("service").is_none());
    assert_eq!((at(600).await.version_id, at(400).await.version_id), (500, 0));
    for bad in ["1001", "x", "-1", "0x1f4"] {
        let error = made(now).resolve(VersionQuery::Id(bad.into())).await.unwrap_err();
        assert_eq!(error, ResolveError::VersionNotFound, "{bad}");
    }
}

#[tokio::test]
async fn a_revoked_encryption_key_leaves_key_agreement() {
    let key = |valid_to: u64| Erc1056Change::Attribute {
        name: field("did/pub/X25519/enc/hex"),
        value: vec![7; 32],
        valid_to,
    };
    let added = Registry::default().add(10, key(u64::MAX));
    let found = added.resolve(VersionQuery::Latest).await.unwrap().document.json;
    assert_eq!(found["keyAgreement"], json!([format!("{DID}#delegate-1")]));
    let revoked = Registry::default().add(10, key(u64::MAX)).add(20, key(0));
    let found = revoked.resolve(VersionQuery::Latest).await.unwrap().document.json;
    assert_eq!(found.get("keyAgreement"), None);
    // Base58 of what no key is as long as would cost time by the square.
    let long = Erc1056Change::Attribute {
        name: field("did/pub/Other/veriKey/base58"),
        value: vec![7; 1_000_000],
        valid_to: u64::MAX,
    };
    let found = Registry::default().add(10, long).resolve(VersionQuery::Latest).await.unwrap();
    assert_eq!(found.document.json["verificationMethod"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn deactivation_is_final() {
    let gone = Erc1056Change::Owner(Address::ZERO);
    let registry = || Registry::default().add(10, gone.clone()).add(20, service("A", u64::MAX));
    let error = registry().resolve(VersionQuery::Latest).await.unwrap_err();
    assert_eq!(error, ResolveError::Deactivated);
    assert!(registry().resolve(VersionQuery::Id("9".into())).await.is_ok());
}

#[tokio::test]
async fn a_node_that_withholds_or_leads_in_a_circle_is_noticed() {
    let three = || {
        Registry::default()
            .add(10, service("A", 9))
            .add(20, service("B", 9))
            .add(20, service("C", 9))
            .add(30, service("D", 9))
    };
    assert!(three().resolve(VersionQuery::Latest).await.is_ok());
    let failure = async |registry: Registry| {
        let error = registry.resolve(VersionQuery::Latest).await.unwrap_err();
        assert!(error.is_inconclusive(), "{error}");
        match error {
            ResolveError::Unreachable { detail } => detail,
            other => other.code().to_owned(),
        }
    };
    let mut whole = three();
    whole.changes.remove(&20);
    assert_eq!(failure(whole).await, "did_events_withheld");
    let mut first = three();
    first.changes.get_mut(&20).unwrap().remove(0);
    assert_eq!(failure(first).await, "did_events_withheld");
    let mut circle = three();
    circle.changes.get_mut(&10).unwrap()[0].previous = 30;
    assert_eq!(failure(circle).await, "did_events_withheld");
    let mut beyond = three();
    beyond.changed = 2000;
    assert_eq!(failure(beyond).await, "did_events_inconsistent");
    let down = Registry { broken: Some(ChainError::TimedOut), ..three() };
    assert_eq!(failure(down).await, "chain_timeout");
}

#[tokio::test]
async fn a_long_history_is_refused_and_not_followed() {
    let changes = |count: usize| {
        (1..=count as u64).fold(Registry::default(), |registry, block| {
            registry.add(block, service("A", u64::MAX))
        })
    };
    assert!(changes(MAX_CHANGES).resolve(VersionQuery::Latest).await.is_ok());
    let long = Arc::new(changes(MAX_CHANGES + 1));
    let networks = EthrNetworks::new().with("dev", long.clone());
    let latest = VersionQuery::Latest;
    let error =
        resolve_ethr(&networks, &did(DID), &latest, Moment::from_unix(NOW)).await.unwrap_err();
    assert_eq!(error, ResolveError::TooManyChanges { limit: MAX_CHANGES });
    assert!(error.is_inconclusive());
    assert_eq!(long.asked.load(Ordering::Relaxed), MAX_CHANGES);
}
