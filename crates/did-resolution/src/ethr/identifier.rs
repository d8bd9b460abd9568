//! The identifier forms of `did:ethr`.

use credential_model::did::Did;
use evm_chain::{Address, address_of_compressed_key};

use crate::error::ResolveError;

/// What a `did:ethr` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EthrIdentifier {
    /// Network name or chain id (`sepolia`, `0x1`); `mainnet` when the DID names none.
    pub network: String,
    /// The identity in the registry.
    pub address: Address,
    /// The compressed public key, hexadecimal as the DID writes it, in the public-key form.
    pub public_key: Option<String>,
}

impl EthrIdentifier {
    /// Reads `did:ethr:[network:]0x…` with 40 digits (an account) or 66 (a compressed secp256k1
    /// public key).
    ///
    /// # Errors
    /// [`ResolveError::MethodNotSupported`], [`ResolveError::InvalidDid`].
    pub fn parse(did: &Did) -> Result<Self, ResolveError> {
        if did.method() != "ethr" {
            return Err(ResolveError::MethodNotSupported(did.method().to_owned()));
        }
        let invalid = |why: &str| ResolveError::InvalidDid(why.to_owned());
        let text = did.method_specific_id();
        let (network, identity) = text.rsplit_once(':').unwrap_or(("mainnet", text));
        let digits = identity.strip_prefix("0x").ok_or_else(|| invalid("no 0x identity"))?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if network.is_empty() || !plain {
            return Err(invalid("not did:ethr:[network:]0x…"));
        }
        let (address, public_key) = match digits.len() {
            40 => (Address::parse(identity).map_err(|e| invalid(&e.to_string()))?, None),
            66 => {
                let mut key = [0; 33];
                hex::decode_to_slice(digits, &mut key).map_err(|_| invalid("not hexadecimal"))?;
                let address = address_of_compressed_key(&key)
                    .ok_or_else(|| invalid("no secp256k1 public key"))?;
                (address, Some(digits.to_owned()))
            }
            _ => return Err(invalid("neither an account nor a compressed public key")),
        };
        Ok(Self { network: network.to_owned(), address, public_key })
    }
}
