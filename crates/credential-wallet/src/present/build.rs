//! Building the presentations of a plan, each bound to nonce and client identifier.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential_model::did::{DidUrl, ProofPurpose};
use credential_model::format::CredentialFormat;
use credential_proofs::data_integrity::{Cryptosuite, ProofOptions};
use credential_proofs::sd_jwt::SdJwt;
use credential_proofs::{jwt_vc, presentation};
use openid4vc_messages::{ClientMetadata, VpToken};
use serde_json::Value;
use signing_keys::{Algorithm, Signer, StoreSigner};

use super::PresentError;
use super::plan::{Plan, PlanEntry};
use super::request::AskedPresentation;
use crate::wallet::Wallet;

/// How long a `vp+jwt` stands, in seconds: the holder has just agreed.
const PRESENTATION_LIFETIME_SECONDS: i64 = 300;

impl Wallet {
    /// One VP Token for the whole plan.
    pub(super) fn vp_token(
        &self,
        asked: &AskedPresentation,
        plan: &Plan,
    ) -> Result<VpToken, PresentError> {
        let mut token = VpToken::default();
        for entry in &plan.entries {
            let presentation = self.presentation(asked, entry)?;
            token.0.entry(entry.query.clone()).or_default().push(presentation);
        }
        Ok(token)
    }

    fn presentation(
        &self,
        asked: &AskedPresentation,
        entry: &PlanEntry,
    ) -> Result<Value, PresentError> {
        let copy = entry
            .credential
            .copies
            .get(entry.copy)
            .ok_or_else(|| PresentError::Build("the copy is gone".to_owned()))?;
        let signer = match &copy.binding {
            Some(binding) => {
                let method = DidUrl::parse(&binding.method).map_err(failed)?;
                let signer = StoreSigner::by_label(Arc::clone(&self.parts.keys), &binding.key)?;
                Some((method, signer))
            }
            None => None,
        };
        let nonce = asked.request.nonce.as_str();
        let audience = asked.request.client_id.as_str();
        let format = CredentialFormat::parse(&entry.credential.format)
            .ok_or_else(|| PresentError::Build("unknown format".to_owned()))?;
        if format == CredentialFormat::SdJwtVc {
            let text = copy.wire.as_str().unwrap_or_default();
            let selected =
                SdJwt::parse(text).and_then(|token| token.select(&entry.paths)).map_err(failed)?;
            return match signer {
                Some((_, signer)) => selected
                    .bind(audience, nonce, self.now(), &[], &signer)
                    .map(Value::String)
                    .map_err(failed),
                None => Ok(Value::String(selected.as_str().to_owned())),
            };
        }
        // Without a key there is nothing to present *with*: the credential goes as it is,
        // which a query must have allowed (require_cryptographic_holder_binding: false).
        let Some((method, signer)) = signer else { return Ok(copy.wire.clone()) };
        let credentials = [copy.wire.clone()];
        if format == CredentialFormat::JwtVcJson {
            return jwt_vc::present(
                &jwt_vc::Presentation {
                    credentials: &credentials,
                    kid: &method,
                    audience,
                    nonce,
                    issued_at: self.now(),
                    lifetime_seconds: PRESENTATION_LIFETIME_SECONDS,
                },
                &signer,
            )
            .map(Value::String)
            .map_err(failed);
        }
        let metadata = asked.request.client_metadata.clone().unwrap_or_default();
        let holder = method.did();
        let mut last = PresentError::FormatsNotSupported;
        for cryptosuite in suites(signer.algorithm(), &metadata) {
            let options = ProofOptions {
                cryptosuite,
                verification_method: method.clone(),
                proof_purpose: ProofPurpose::Authentication,
                created: Some(self.now()),
                expires: None,
                challenge: Some(nonce.to_owned()),
                domain: Some(audience.to_owned()),
            };
            // A context this build does not know stops RDF canonicalization, not JCS: the
            // next suite may still do.
            match presentation::secure(&credentials, &holder, &options, &signer) {
                Ok(secured) => return Ok(secured),
                Err(error) => last = failed(error),
            }
        }
        Err(last)
    }
}

/// The suites a key can sign with and the verifier reads, best first.
pub(super) fn suites(algorithm: Algorithm, metadata: &ClientMetadata) -> Vec<Cryptosuite> {
    let ours = match algorithm {
        Algorithm::EdDsa => [Cryptosuite::EddsaRdfc2022, Cryptosuite::EddsaJcs2022],
        _ => [Cryptosuite::EcdsaRdfc2019, Cryptosuite::EcdsaJcs2019],
    };
    ours.into_iter()
        .filter(|suite| metadata.supports("ldp_vc", "cryptosuite_values", suite.as_str()))
        .collect()
}

/// The `alg` of a compact token's header.
pub(super) fn jose_algorithm(token: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: Value = serde_json::from_slice(&bytes).ok()?;
    Some(header.get("alg")?.as_str()?.to_owned())
}

fn failed(error: impl std::fmt::Display) -> PresentError {
    PresentError::Build(error.to_string())
}
