//! What a configuration says about the DIDs of other makers: `[dids.ethr.NETWORK]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use credential_model::ambient::Clock;
use evm_chain::{ChainError, Erc1056Reader, Erc1056Settings};
use serde::Deserialize;

use crate::{EthrNetworks, UniversalResolver};

/// Methods of other makers. `did:webvh` needs nothing but a clock and is always resolved.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignDids {
    /// Stock ERC-1056 registries by the network's name in the DID; `mainnet` is the one that a DID
    /// without a name means.
    #[serde(default)]
    pub ethr: BTreeMap<String, Erc1056Settings>,
}

impl ForeignDids {
    /// A resolver that knows them too.
    ///
    /// # Errors
    /// [`ChainError`] for settings that cannot work.
    pub fn apply(
        &self,
        resolver: UniversalResolver,
        clock: Arc<dyn Clock>,
    ) -> Result<UniversalResolver, ChainError> {
        let mut networks = EthrNetworks::new();
        for (name, settings) in &self.ethr {
            networks = networks.with(name, Arc::new(Erc1056Reader::new(settings.clone())?));
        }
        Ok(resolver.with_clock(clock).with_ethr(networks))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use credential_model::did::Did;
    use serde_json::json;
    use signing_keys::system::SystemClock;
    use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

    use super::*;
    use crate::{Resolve as _, ResolveError};

    struct NoNetwork;

    #[async_trait::async_trait]
    impl Fetch for NoNetwork {
        async fn fetch(&self, _: FetchRequest) -> Result<FetchResponse, FetchError> {
            Err(FetchError::TimedOut)
        }
    }

    const DID: &str = "did:ethr:dev:0xb9c5714089478a327f09197987f16f9e5d936e8a";

    async fn error(settings: serde_json::Value, did: &str) -> ResolveError {
        let foreign: ForeignDids = serde_json::from_value(settings).unwrap();
        let resolver = UniversalResolver::new(Arc::new(NoNetwork), None);
        let resolver = foreign.apply(resolver, Arc::new(SystemClock)).unwrap();
        resolver.resolve(&Did::parse(did).unwrap()).await.unwrap_err()
    }

    #[tokio::test]
    async fn configured_networks_are_asked_and_no_others() {
        let none = json!({});
        assert!(matches!(error(none, DID).await, ResolveError::NetworkUnknown(_)));
        let dev = json!({"ethr": {"dev": {
            "rpc_urls": ["http://127.0.0.1:9"], "chain_id": 5,
            "registry": "0x1111111111111111111111111111111111111111",
        }}});
        assert!(matches!(error(dev.clone(), DID).await, ResolveError::Unreachable { .. }));
        let other = DID.replace(":dev:", ":");
        assert!(matches!(error(dev, &other).await, ResolveError::NetworkUnknown(_)));
        // Without any configuration a did:webvh is asked for.
        let webvh = "did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:issuer.example";
        assert!(matches!(error(json!({}), webvh).await, ResolveError::Unreachable { .. }));
        for bad in [json!({"ethr": []}), json!({"colour": 1}), json!({"ethr": {"dev": {}}})] {
            assert!(serde_json::from_value::<ForeignDids>(bad).is_err());
        }
    }
}
