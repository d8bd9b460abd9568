use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signing_keys::{Algorithm, Signer};

use super::engine::{Engine, configuration};
use super::{Cryptosuite, ProofOptions, SecureError, multibase};
use crate::json_ld::Source;

/// A proof ready to be recorded and then signed, exactly as recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreparedProof {
    document: Value,
    proof: Map<String, Value>,
    #[serde(with = "hex::serde")]
    signing_input: Vec<u8>,
}

impl PreparedProof {
    /// The bytes the signer signs: hash of the proof configuration, then hash of the document.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// The document with its proof. Where it had proofs already, the new one joins them as a set.
    #[must_use]
    pub fn seal(mut self, signature: &[u8]) -> Value {
        self.proof.insert("proofValue".to_owned(), Value::from(multibase::encode(signature)));
        attach(&mut self.document, self.proof);
        self.document
    }
}

/// Adds a proof. Where the document had proofs already, the new one joins them as a set.
pub(crate) fn attach(document: &mut Value, proof: Map<String, Value>) {
    let proof = Value::Object(proof);
    if let Value::Object(members) = document {
        let sealed = match members.remove("proof") {
            None => proof,
            Some(Value::Array(mut proofs)) => {
                proofs.push(proof);
                Value::Array(proofs)
            }
            Some(one) => Value::Array(vec![one, proof]),
        };
        members.insert("proof".to_owned(), sealed);
    }
}

/// The document without its proofs.
pub(crate) fn unsecured(document: &Value) -> Result<Map<String, Value>, SecureError> {
    let mut members = securable(document)?.clone();
    members.remove("proof");
    Ok(members)
}

/// The members of a document whose proofs are an object or an array of objects.
pub(super) fn securable(document: &Value) -> Result<&Map<String, Value>, SecureError> {
    let members = document.as_object().ok_or(SecureError::BadDocument)?;
    match members.get("proof") {
        None | Some(Value::Object(_)) => Ok(members),
        Some(Value::Array(proofs)) if proofs.iter().all(Value::is_object) => Ok(members),
        Some(_) => Err(SecureError::BadDocument),
    }
}

/// Canonicalizes and hashes, with the algorithm that goes without saying for the suite (P-256 for ECDSA).
///
/// # Errors
/// [`SecureError::BadDocument`], [`SecureError::Transform`].
pub fn prepare(document: &Value, options: &ProofOptions) -> Result<PreparedProof, SecureError> {
    Engine::pinned().prepare(document, options, options.cryptosuite.usual_algorithm())
}

/// Prepares and signs in one step.
///
/// # Errors
/// As [`prepare`], [`SecureError::AlgorithmMismatch`], and [`SecureError::Signing`] when the key cannot sign.
pub fn secure(
    document: &Value,
    options: &ProofOptions,
    signer: &dyn Signer,
) -> Result<Value, SecureError> {
    Engine::pinned().secure(document, options, signer)
}

impl ProofOptions {
    /// Whether documents can be secured so, with a key of this algorithm.
    pub(super) fn check(&self, algorithm: Algorithm) -> Result<(), SecureError> {
        let suite = self.cryptosuite;
        if suite == Cryptosuite::Ed25519Signature2020 {
            Err(SecureError::ReadOnlySuite)
        } else if suite.is_selective() {
            Err(SecureError::SelectiveSuite)
        } else if suite.accepts(algorithm) {
            Ok(())
        } else {
            Err(SecureError::AlgorithmMismatch)
        }
    }
}

impl Engine<'_> {
    /// [`prepare`] with this engine, for a key of this algorithm.
    ///
    /// # Errors
    /// As [`prepare`], and [`SecureError::AlgorithmMismatch`].
    pub fn prepare(
        &self,
        document: &Value,
        options: &ProofOptions,
        algorithm: Algorithm,
    ) -> Result<PreparedProof, SecureError> {
        options.check(algorithm)?;
        let suite = options.cryptosuite;
        let members = securable(document)?;
        let mut proof = options.to_members();
        if suite.is_jcs()
            && let Some(context) = members.get("@context")
        {
            proof.insert("@context".to_owned(), context.clone());
        }
        let configuration = configuration(&proof, members, suite);
        let mut signing_input = self.digest(configuration, suite, algorithm)?;
        let unsecured = Source { members, without: Some("proof"), context: None };
        signing_input.extend(self.digest(unsecured, suite, algorithm)?);
        Ok(PreparedProof { document: document.clone(), proof, signing_input })
    }

    /// [`secure`] with this engine.
    ///
    /// # Errors
    /// As [`secure`].
    pub fn secure(
        &self,
        document: &Value,
        options: &ProofOptions,
        signer: &dyn Signer,
    ) -> Result<Value, SecureError> {
        let prepared = self.prepare(document, options, signer.algorithm())?;
        let signature = signer.sign(prepared.signing_input()).map_err(SecureError::Signing)?;
        Ok(prepared.seal(&signature))
    }
}
