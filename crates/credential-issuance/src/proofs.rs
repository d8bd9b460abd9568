//! Key proofs of a credential request: which keys the wallet showed, and which nonces it used.

use std::collections::BTreeMap;

use credential_model::did::{DidUrl, ProofPurpose};
use credential_proofs::key_proof::{self, ExpectedKeyProof, KeyProofClaims};
use openid4vc_messages::Proofs;
use signing_keys::PublicKey;

use crate::Issuer;
use crate::credential::HolderBinding;
use crate::nonce;
use crate::request::CredentialRequestError;
use crate::store::SpentNonce;

/// What the proofs of one request show.
pub(crate) struct Proven {
    /// One holder a proof, in the order of the proofs.
    pub(crate) holders: Vec<HolderBinding>,
    /// The nonces to spend.
    pub(crate) nonces: Vec<SpentNonce>,
}

impl Issuer {
    /// Checks every proof; nothing is spent yet.
    pub(crate) fn check_proofs(
        &self,
        proofs: Option<&Proofs>,
    ) -> Result<Proven, CredentialRequestError> {
        let refuse = |reason: String| Err(CredentialRequestError::InvalidProof(reason));
        let tokens = match proofs {
            Some(Proofs::Jwt(tokens)) => tokens,
            Some(other) => {
                return refuse(format!(
                    "proof type {} is not supported, use jwt",
                    other.proof_type()
                ));
            }
            None => return refuse("proofs is missing".to_owned()),
        };
        if tokens.len() > self.settings.batch_size as usize {
            return Err(CredentialRequestError::Malformed(format!(
                "at most {} proofs in one request",
                self.settings.batch_size
            )));
        }
        let mut holders: Vec<HolderBinding> = Vec::new();
        let mut nonces = BTreeMap::new();
        for token in tokens {
            let expected = ExpectedKeyProof {
                audience: &self.settings.public_url,
                now: self.now(),
                max_age_seconds: self.settings.proof_seconds,
                client_id: None,
            };
            let claims =
                key_proof::verify(token, &expected, &resolve_offline).map_err(|error| {
                    CredentialRequestError::InvalidProof(format!(
                        "{error} ({})",
                        error.detail_code()
                    ))
                })?;
            let Some(text) = &claims.nonce else {
                return refuse("the key proof carries no c_nonce".to_owned());
            };
            let spent = nonce::check(&self.secrets.nonces, text, self.now())
                .ok_or(CredentialRequestError::InvalidNonce)?;
            nonces.insert(spent.nonce, spent);
            let holder = holder(&claims);
            if holders.iter().any(|known| known.thumbprint == holder.thumbprint) {
                return refuse("two proofs of one request show the same key".to_owned());
            }
            holders.push(holder);
        }
        Ok(Proven { holders, nonces: nonces.into_values().collect() })
    }
}

fn holder(claims: &KeyProofClaims) -> HolderBinding {
    let did = match &claims.kid {
        Some(kid) => kid.did(),
        None => claims.key.to_did_jwk(),
    };
    HolderBinding {
        did: did.to_string(),
        thumbprint: claims.key.thumbprint(),
        jwk: claims.key.to_jwk(),
    }
}

/// `did:key` and `did:jwk` only: what the metadata offers as binding methods. A method that needs
/// the network would let a wallet make the issuer fetch addresses of its choice.
fn resolve_offline(kid: &DidUrl) -> Option<PublicKey> {
    let did = kid.did();
    let document = match did.method() {
        "key" => did_resolution::expand_did_key(&did).ok()?,
        "jwk" => did_resolution::expand_did_jwk(&did).ok()?,
        _ => return None,
    };
    if !document.lists(ProofPurpose::Authentication, kid) {
        return None;
    }
    PublicKey::from_material(&document.method(kid)?.key).ok()
}
