//! The written form of a pinned chain: `[pins]` of a service, `--pins` of a command.

use evm_chain::Address;
use serde::{Deserialize, Serialize};
use signing_keys::PublicKey;

use crate::error::ChainProofError;
use crate::pinned::{FormerChain, HeaderTrust, PinnedChain, ValidatorEpoch};

/// A [`PinnedChain`] as people write it: either witnesses or validators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinsFile {
    /// See [`PinnedChain::chain_id`].
    pub chain_id: u64,
    /// See [`PinnedChain::did_registry`].
    pub did_registry: Address,
    /// See [`PinnedChain::status_registry`].
    pub status_registry: Address,
    /// Keys of witnesses as multikeys (`z6Mk…`), of different operators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<String>,
    /// How many witnesses must stand for a block; all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<usize>,
    /// Validators of a QBFT chain, by the block from which they seal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validators: Vec<ValidatorEpoch>,
    /// Chains in use before, each up to its closing block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerPins>,
}

/// A [`FormerChain`] as people write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerPins {
    /// See [`FormerChain::last_block`].
    pub last_block: u64,
    /// How that chain was pinned.
    pub chain: PinsFile,
}

impl TryFrom<PinsFile> for PinnedChain {
    type Error = ChainProofError;

    fn try_from(file: PinsFile) -> Result<Self, Self::Error> {
        let bad = ChainProofError::Configuration;
        let trust = match (file.witnesses.is_empty(), file.validators.is_empty()) {
            (false, true) => {
                let keys = file.witnesses.iter().map(|key| PublicKey::from_multikey(key));
                let keys: Vec<_> =
                    keys.collect::<Result<_, _>>().map_err(|_| bad("a witness is no multikey"))?;
                HeaderTrust::Witnesses { quorum: file.threshold.unwrap_or(keys.len()), keys }
            }
            (true, false) if file.threshold.is_some() => {
                return Err(bad("a threshold is for witnesses; validators have their own"));
            }
            (true, false) => HeaderTrust::Validators(file.validators),
            (true, true) => return Err(bad("neither witnesses nor validators")),
            (false, false) => return Err(bad("witnesses and validators at once")),
        };
        if file.did_registry.is_zero() || file.status_registry.is_zero() {
            return Err(bad("a contract has no address"));
        }
        let chain = Self {
            chain_id: file.chain_id,
            did_registry: file.did_registry,
            status_registry: file.status_registry,
            trust,
            former: file.former.into_iter().map(FormerChain::try_from).collect::<Result<_, _>>()?,
        };
        chain.check()?;
        Ok(chain)
    }
}

impl TryFrom<FormerPins> for FormerChain {
    type Error = ChainProofError;

    fn try_from(file: FormerPins) -> Result<Self, Self::Error> {
        // Said before they are read: they could go down without end.
        if !file.chain.former.is_empty() {
            return Err(ChainProofError::Configuration("a former chain has former chains itself"));
        }
        Ok(Self { last_block: file.last_block, chain: file.chain.try_into()? })
    }
}

impl From<FormerChain> for FormerPins {
    fn from(former: FormerChain) -> Self {
        Self { last_block: former.last_block, chain: former.chain.into() }
    }
}

impl From<PinnedChain> for PinsFile {
    fn from(chain: PinnedChain) -> Self {
        let (witnesses, threshold, validators) = match chain.trust {
            HeaderTrust::Witnesses { keys, quorum } => {
                (keys.iter().map(PublicKey::to_multikey).collect(), Some(quorum), Vec::new())
            }
            HeaderTrust::Validators(epochs) => (Vec::new(), None, epochs),
        };
        Self {
            chain_id: chain.chain_id,
            did_registry: chain.did_registry,
            status_registry: chain.status_registry,
            witnesses,
            threshold,
            validators,
            former: chain.former.into_iter().map(FormerPins::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const KEY: &str = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

    fn read(value: Value) -> Result<PinnedChain, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    fn with(name: &str, value: Value) -> Value {
        let one = "0x1111111111111111111111111111111111111111";
        let mut file = json!({"chain_id": 5, "did_registry": one, "status_registry": one});
        file[name] = value;
        file
    }

    #[test]
    fn both_kinds_of_trust_are_read_and_written() {
        let witnesses = with("witnesses", json!([KEY]));
        let chain = read(witnesses).unwrap();
        assert!(matches!(chain.trust, HeaderTrust::Witnesses { quorum: 1, .. }));
        let validators = json!([{"from_block": 0, "validators":
            ["0x2222222222222222222222222222222222222222"]}]);
        let sealed = read(with("validators", validators)).unwrap();
        assert!(matches!(sealed.trust, HeaderTrust::Validators(ref epochs) if epochs.len() == 1));
        for chain in [chain, sealed] {
            assert_eq!(read(serde_json::to_value(&chain).unwrap()).unwrap(), chain);
        }
    }

    #[test]
    fn former_chains_are_read_and_bounded() {
        let two = "0x2222222222222222222222222222222222222222";
        let old = json!({"chain_id": 4, "did_registry": two, "status_registry": two,
            "witnesses": [KEY]});
        let mut file = with("witnesses", json!([KEY]));
        file["former"] = json!([{"last_block": 77, "chain": old}]);
        let chain = read(file.clone()).unwrap();
        assert_eq!((chain.former.len(), chain.former[0].last_block), (1, 77));
        assert_eq!(read(serde_json::to_value(&chain).unwrap()).unwrap(), chain);
        // The same contract twice, former chains of former chains, too many.
        let mut twice = file.clone();
        twice["former"] = json!([{"last_block": 1, "chain": old}, {"last_block": 2, "chain": old}]);
        let mut same = file.clone();
        same["former"][0]["chain"] = with("witnesses", json!([KEY]));
        let mut nested = file.clone();
        nested["former"][0]["chain"]["former"] = file["former"].clone();
        let mut many = file.clone();
        let each = |id: u64| {
            let mut chain = old.clone();
            chain["chain_id"] = json!(id);
            json!({"last_block": 1, "chain": chain})
        };
        many["former"] = (100..117).map(each).collect();
        for bad in [twice, same, nested, many] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_pins_nothing_is_refused() {
        for bad in [
            with("witnesses", json!([])),
            with("witnesses", json!(["z6Mk"])),
            with("witnesses", json!([KEY, KEY])),
            with("validators", json!([{"from_block": 0, "validators": []}])),
            with("colour", json!("red")),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
        let mut threshold = with("witnesses", json!([KEY]));
        for number in [0, 2] {
            threshold["threshold"] = json!(number);
            assert!(read(threshold.clone()).is_err(), "{number}");
        }
        let mut nowhere = with("witnesses", json!([KEY]));
        nowhere["did_registry"] = json!("0x0000000000000000000000000000000000000000");
        assert!(read(nowhere).is_err());
    }
}
