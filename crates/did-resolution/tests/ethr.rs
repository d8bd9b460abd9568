//! did:ethr on the dev chain: the same documents as unmodified `ethr-did-resolver` makes.
#![cfg(feature = "native")]
#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use credential_model::ambient::{Clock, FixedClock};
use credential_model::did::{Did, DidUrl};
use did_resolution::{
    EthrNetworks, Resolve, ResolveError, Source, UniversalResolver, VersionQuery, resolve_ethr,
    verification_key,
};
use evm_chain::{
    Address, Erc1056Reader, Erc1056Settings, EthrEvents, TrustedBlock, address_of_compressed_key,
    checksummed,
};
use serde_json::Value;
use signing_keys::system::SystemClock;
use url::Url;
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

const CHAIN_ID: u64 = 31337;

/// The folder with the npm packages: named by `cargo xtask test`, or where that puts them.
fn packages() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    let folder = std::env::var_os("SINPYO_ETHR_DIR").map_or(shared, PathBuf::from);
    let there = ["ethers", "did-resolver", "ethr-did-resolver", "ethr-did-registry"]
        .iter()
        .all(|package| folder.join("node_modules").join(package).is_dir());
    there.then_some(folder)
}

async fn dev_chain() -> Url {
    let chain = dev_chain::Chain::open(None, CHAIN_ID, dev_chain::wall_clock()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(dev_chain::serve(Arc::new(Mutex::new(chain)), listener, std::future::pending()));
    url
}

fn settings(url: &Url, registry: Address) -> Erc1056Settings {
    Erc1056Settings {
        rpc_urls: vec![url.clone()],
        chain_id: CHAIN_ID,
        trusted_block: TrustedBlock::Latest,
        registry,
    }
}

struct NoNetwork;

#[async_trait::async_trait]
impl Fetch for NoNetwork {
    async fn fetch(&self, _: FetchRequest) -> Result<FetchResponse, FetchError> {
        Err(FetchError::TimedOut)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_equal_those_of_ethr_did_resolver() {
    let Some(packages) = packages() else {
        eprintln!("SKIPPED: no ethr-did-resolver (cargo xtask test fetches it from npm)");
        return;
    };
    let url = dev_chain().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/ethr.cjs");
    let run = Command::new("node").arg(script).arg(&packages).arg(url.as_str()).output();
    let Ok(run) = run else {
        eprintln!("SKIPPED: node is not installed; ethr-did-resolver was not tried");
        return;
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let said: Value = serde_json::from_slice(&run.stdout).unwrap();
    let registry = Address::parse(&said["registry"].as_str().unwrap().to_lowercase()).unwrap();
    let reader = Arc::new(Erc1056Reader::new(settings(&url, registry)).unwrap());
    let networks = EthrNetworks::new().with("dev", reader);
    let resolver = UniversalResolver::new(Arc::new(NoNetwork), None)
        .with_clock(Arc::new(SystemClock))
        .with_ethr(networks.clone());

    let cases = said["cases"].as_array().unwrap();
    assert!(cases.len() > 20, "{}", cases.len());
    let (mut ended, mut with_ed25519) = (0, 0);
    for case in cases {
        let did = Did::parse(case["did"].as_str().unwrap()).unwrap();
        let query = match case["versionId"].as_u64() {
            Some(block) => VersionQuery::Id(block.to_string()),
            None => VersionQuery::Latest,
        };
        let ours = resolver.resolve_version(&did, &query).await;
        if case["deactivated"] == true {
            assert_eq!(ours.unwrap_err(), ResolveError::Deactivated, "{did} {query:?}");
            ended += 1;
            continue;
        }
        let ours = ours.unwrap();
        assert_eq!(ours.source, Source::Registry);
        assert_eq!(ours.document.json, case["document"], "{did} {query:?}");
        let resolved = resolve_ethr(&networks, &did, &query, SystemClock.now()).await.unwrap();
        let version = case["version"].as_str().map_or(0, |version| version.parse().unwrap());
        assert_eq!(resolved.version_id, version, "{did} {query:?}");

        // The accounts are no keys of ours, and say so; the Ed25519 key is one.
        let controller = DidUrl::parse(&format!("{did}#controller")).unwrap();
        let refused = verification_key(&ours.document, &controller).unwrap_err();
        assert_eq!(refused.code(), "verification_method_unsupported");
        let usable = ours.document.methods().iter().filter_map(|method| {
            verification_key(&ours.document, &method.id).ok().map(|key| key.key.to_multikey())
        });
        let wanted = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
        with_ed25519 += usable.filter(|key| key == wanted).count();
    }
    assert_eq!(ended, 2, "at the block of the deactivation and now");
    assert!(with_ed25519 > 5, "{with_ed25519}");

    faults(&url, registry, &said).await;
}

/// What is asked wrongly, or of the wrong chain, is no finding about the DID.
async fn faults(url: &Url, registry: Address, said: &Value) {
    let did = Did::parse(said["cases"][0]["did"].as_str().unwrap()).unwrap();
    let now = FixedClock::new(SystemClock.now()).now();
    let failure = async |settings: Erc1056Settings, query: VersionQuery| {
        let reader = Arc::new(Erc1056Reader::new(settings).unwrap());
        let networks = EthrNetworks::new().with("dev", reader);
        resolve_ethr(&networks, &did, &query, now).await.unwrap_err()
    };
    let good = settings(url, registry);
    let wrong_chain = Erc1056Settings { chain_id: 1, ..good.clone() };
    let error = failure(wrong_chain, VersionQuery::Latest).await;
    assert_eq!(error, ResolveError::Unreachable { detail: "chain_wrong_network".into() });
    let nobody = Erc1056Settings { registry: Address::from_bytes([9; 20]), ..good.clone() };
    let error = failure(nobody, VersionQuery::Latest).await;
    assert_eq!(error, ResolveError::Unreachable { detail: "chain_contract_missing".into() });
    let error = failure(good.clone(), VersionQuery::Id("99999999".into())).await;
    assert_eq!(error, ResolveError::VersionNotFound);
    let error = failure(good, VersionQuery::Number(1)).await;
    assert_eq!(error, ResolveError::VersionNotSupported);
    let closed = Erc1056Settings {
        rpc_urls: vec!["http://127.0.0.1:9/".parse().unwrap()],
        ..settings(url, registry)
    };
    assert!(failure(closed, VersionQuery::Latest).await.is_inconclusive());
}

#[tokio::test]
async fn a_reader_needs_an_endpoint_and_a_registry() {
    let url: Url = "http://127.0.0.1:9/".parse().unwrap();
    let good = settings(&url, Address::from_bytes([1; 20]));
    assert_eq!(Erc1056Reader::new(good.clone()).unwrap().chain_id(), CHAIN_ID);
    for bad in [
        Erc1056Settings { rpc_urls: Vec::new(), ..good.clone() },
        Erc1056Settings { registry: Address::ZERO, ..good.clone() },
        Erc1056Settings { rpc_urls: vec!["ftp://a.example/".parse().unwrap()], ..good },
    ] {
        assert_eq!(Erc1056Reader::new(bad).unwrap_err().code(), "chain_settings");
    }
}

/// EIP-55's own examples, and a key whose account is known (private key 1).
#[test]
fn addresses_are_written_and_derived_as_the_standards_say() {
    for text in [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    ] {
        assert_eq!(checksummed(Address::parse(text).unwrap()), text);
    }
    let mut key = [0; 33];
    let generator = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    for (byte, pair) in key.iter_mut().zip(generator.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    }
    let account = address_of_compressed_key(&key).unwrap();
    assert_eq!(checksummed(account), "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
    assert_eq!(address_of_compressed_key(&[7; 33]), None);
}
