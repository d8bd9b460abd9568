//! Which key, under which name, a configuration wants the credential bound to
//! (OID4VCI 1.0 §12.2.4: `cryptographic_binding_methods_supported`, `proof_types_supported`).

use credential_proofs::key_proof::KeyRef;
use openid4vc_messages::CredentialConfiguration;
use signing_keys::{Algorithm, KeyAlgorithm, PublicKey};

use super::AcceptError;

/// How the key proof names the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BindingMethod {
    /// The bare key.
    Jwk,
    /// A `did:key`.
    DidKey,
    /// A `did:jwk`.
    DidJwk,
}

/// The choice made for one configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BindingChoice {
    pub(crate) algorithm: Algorithm,
    pub(crate) method: BindingMethod,
}

/// Chooses; `None` when the issuer asks for no key proof.
///
/// SD-JWT VCs prefer a bare P-256 key (what HAIP verifiers read), W3C credentials a
/// `did:key` with Ed25519 (what Data Integrity presentations are signed with).
pub(crate) fn choose(
    configuration: &CredentialConfiguration,
) -> Result<Option<BindingChoice>, AcceptError> {
    let Some(kinds) = &configuration.proof_types_supported else { return Ok(None) };
    let jwt = kinds.get("jwt").ok_or(AcceptError::ProofTypeNotSupported)?;
    if jwt.key_attestations_required.is_some() {
        return Err(AcceptError::KeyAttestationRequired);
    }
    let sd_jwt = configuration.format == "dc+sd-jwt";
    let (algorithms, methods) = if sd_jwt {
        (
            [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Es384],
            [BindingMethod::Jwk, BindingMethod::DidJwk, BindingMethod::DidKey],
        )
    } else {
        (
            [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Es384],
            [BindingMethod::DidKey, BindingMethod::DidJwk, BindingMethod::Jwk],
        )
    };
    let listed = configuration.cryptographic_binding_methods_supported.as_deref().unwrap_or(&[]);
    let algorithm = algorithms
        .into_iter()
        .find(|algorithm| {
            jwt.proof_signing_alg_values_supported.iter().any(|name| name == algorithm.jose())
        })
        .ok_or(AcceptError::AlgorithmNotSupported)?;
    let method = methods
        .into_iter()
        .find(|method| {
            let name = match method {
                BindingMethod::Jwk => "jwk",
                BindingMethod::DidKey => "did:key",
                BindingMethod::DidJwk => "did:jwk",
            };
            listed
                .iter()
                .any(|listed| listed == name || (listed == "did" && *method != BindingMethod::Jwk))
        })
        .ok_or(AcceptError::BindingMethodNotSupported)?;
    Ok(Some(BindingChoice { algorithm, method }))
}

impl BindingChoice {
    /// The kind of key to make.
    pub(crate) fn key_algorithm(self) -> KeyAlgorithm {
        self.algorithm.into()
    }

    /// How the key proof names the key.
    pub(crate) fn key_ref(self, key: &PublicKey) -> KeyRef {
        match self.method {
            BindingMethod::Jwk => KeyRef::Jwk,
            BindingMethod::DidKey => KeyRef::Kid(key.did_key_url()),
            BindingMethod::DidJwk => KeyRef::Kid(key.did_jwk_url()),
        }
    }
}
