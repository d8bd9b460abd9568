//! ssi 0.16: the only file that names it. Nothing here is generic, because each instance of `AnySuite` costs more than
//! a minute of build time.

use std::collections::HashMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use anyhow::{Context as _, Result, anyhow};
use credential_model::contexts;
use serde_json::{Value, json};
use ssi::claims::data_integrity::{
    AnyDataIntegrity, AnyInputSuiteOptions, AnySuite, CryptographicSuite as _,
    DataIntegrityDocument, ProofOptions,
};
use ssi::claims::{SignatureEnvironment, VerificationParameters};
use ssi::dids::{AnyDidMethod, VerificationMethodDIDResolver};
use ssi::json_ld::{ContextLoader, Expandable as _};
use ssi::rdf::{AnyLdEnvironment as _, LdEnvironment};
use ssi::verification_methods::{AnyMethod, SingleSecretSigner};

use crate::keys::Named;

type Resolver = VerificationMethodDIDResolver<AnyDidMethod, AnyMethod>;

/// The suites that both sides know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// `eddsa-rdfc-2022`
    EddsaRdfc2022,
    /// `ecdsa-rdfc-2019`
    EcdsaRdfc2019,
    /// The legacy one, which we only read.
    Ed25519Signature2020,
}

impl Suite {
    /// `type` of the proof.
    #[must_use]
    pub fn proof_type(self) -> &'static str {
        if self == Self::Ed25519Signature2020 {
            "Ed25519Signature2020"
        } else {
            "DataIntegrityProof"
        }
    }
}

/// ssi with our contexts.
pub struct Ssi {
    loader: ContextLoader,
    parameters: VerificationParameters<Resolver, ContextLoader>,
}

/// Nothing here waits for anything: the loader is a map and the resolver computes.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// ssi panics now and then; that is a refusal.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(anyhow!("panicked")))
}

fn resolver() -> Resolver {
    VerificationMethodDIDResolver::new(AnyDidMethod::default())
}

fn unsecured(document: &Value) -> Result<DataIntegrityDocument> {
    Ok(serde_json::from_str(&document.to_string())?)
}

impl Ssi {
    /// With the pinned contexts and no others.
    ///
    /// # Errors
    /// When ssi cannot read one.
    pub fn new() -> Result<Self> {
        let map: HashMap<String, String> = contexts::all()
            .iter()
            .map(|context| (context.url.to_owned(), context.json.to_owned()))
            .collect();
        let loader = ContextLoader::empty().with_context_map_from(map).context("contexts")?;
        let parameters =
            VerificationParameters::from_resolver(resolver()).with_json_ld_loader(loader.clone());
        Ok(Self { loader, parameters })
    }

    /// The canonical N-Quads.
    ///
    /// # Errors
    /// ssi's words.
    pub fn canonical(&self, document: &Value) -> Result<String, String> {
        guarded(|| self.canonical_inner(document)).map_err(|error| format!("{error:#}"))
    }

    fn canonical_inner(&self, document: &Value) -> Result<String> {
        let document = unsecured(document)?;
        run(async {
            let mut ld = LdEnvironment::default();
            let expanded = document
                .expand_with(&mut ld, &self.loader)
                .await
                .map_err(|error| anyhow!("expansion: {error}"))?;
            let mut lines =
                ld.canonical_form_of(&expanded).map_err(|error| anyhow!("quads: {error:?}"))?;
            lines.sort();
            Ok(lines.concat())
        })
    }

    /// Signs with ssi.
    ///
    /// # Errors
    /// ssi's words.
    pub fn sign(&self, document: &Value, suite: Suite, key: &Named) -> Result<Value> {
        guarded(|| self.sign_inner(document, suite, key))
    }

    fn sign_inner(&self, document: &Value, suite: Suite, key: &Named) -> Result<Value> {
        let document = unsecured(document)?;
        let jwk: ssi::JWK = serde_json::from_str(&key.jwk.to_string())?;
        let options: ProofOptions<AnyMethod, AnyInputSuiteOptions> =
            serde_json::from_value(json!({
                "created": "2026-01-01T00:00:00Z", "proofPurpose": "assertionMethod",
                "verificationMethod": key.method.as_str(),
            }))?;
        let suite = match suite {
            Suite::EddsaRdfc2022 => AnySuite::EdDsaRdfc2022,
            Suite::EcdsaRdfc2019 => AnySuite::EcdsaRdfc2019,
            Suite::Ed25519Signature2020 => AnySuite::Ed25519Signature2020,
        };
        let environment =
            SignatureEnvironment { json_ld_loader: self.loader.clone(), eip712_loader: () };
        let signed = run(suite.sign_with(
            environment,
            document,
            resolver(),
            SingleSecretSigner::new(jwk).into_local(),
            options,
            Default::default(),
        ))?;
        Ok(serde_json::from_str(&serde_json::to_string(&signed)?)?)
    }

    /// Verifies with ssi: both layers of its answer.
    ///
    /// # Errors
    /// ssi's words.
    pub fn verify(&self, secured: &Value) -> Result<()> {
        guarded(|| self.verify_inner(secured))
    }

    fn verify_inner(&self, secured: &Value) -> Result<()> {
        self.verify_read(&read(secured)?)
    }

    /// Verifies what was read before.
    ///
    /// # Errors
    /// ssi's words.
    pub fn verify_read(&self, secured: &Read) -> Result<()> {
        if secured.0.proofs.is_empty() {
            return Err(anyhow!("no proof"));
        }
        run(secured.0.verify(&self.parameters))?.map_err(|invalid| anyhow!("{invalid}"))
    }
}

/// A secured document in ssi's own types.
pub struct Read(AnyDataIntegrity<DataIntegrityDocument>);

/// Reads a secured document.
///
/// # Errors
/// ssi's words.
pub fn read(secured: &Value) -> Result<Read> {
    Ok(Read(serde_json::from_str(&secured.to_string())?))
}
