//! Checking derived proofs (for verifiers) and base proofs (for holders).

use serde_json::{Map, Value};
use signing_keys::{KeyRing, PublicKey};

#[cfg(feature = "bbs")]
use super::bbs;
use super::create::{base_input, hash_of_configuration, hash_of_statements, scheme_of};
use super::group::{Grouping, relabelled};
use super::labels::LabelKey;
#[cfg(feature = "bbs")]
use super::proof_value::{BbsBase, BbsDerived};
use super::proof_value::{EcdsaBase, EcdsaDerived, ProofValue, Signature};
use super::{MAX_STATEMENTS, SelectiveError};
use crate::data_integrity::{
    Cryptosuite, Engine, ProofError, ReadProof, Shapes, Shown, TransformError, VerifiedProof,
};
use crate::expected::Expected;

/// Verifies a document that its **holder** received: base proofs of selective disclosure, and proofs of other suites, as
/// strictly as [`data_integrity::verify`](crate::data_integrity::verify) does. Every single statement's signature is
/// checked, so that no derived proof fails later.
///
/// # Errors
/// [`ProofError`]; [`ProofError::DerivedProof`] for a proof that is derived already.
pub fn verify_base(
    secured: &Value,
    expected: &Expected<'_>,
    keys: &KeyRing,
) -> Result<Vec<VerifiedProof>, ProofError> {
    Engine::pinned().verify_base(secured, expected, keys)
}

impl Engine<'_> {
    /// [`verify_base`] with this engine.
    ///
    /// # Errors
    /// As [`verify_base`].
    pub fn verify_base(
        &self,
        secured: &Value,
        expected: &Expected<'_>,
        keys: &KeyRing,
    ) -> Result<Vec<VerifiedProof>, ProofError> {
        self.verify_inner(secured, expected, keys, true, Shown::ToHolder, &mut Shapes::none())
    }
}

/// One selective proof and what it is about. Purpose, dates and the key's rights are checked already.
pub(crate) struct Sight<'a> {
    pub(crate) document: &'a Map<String, Value>,
    pub(crate) proof: &'a ReadProof<'a>,
    pub(crate) key: &'a PublicKey,
}

/// Checks the signatures and returns the presentation header.
pub(crate) fn check_selective(
    engine: &Engine<'_>,
    sight: &Sight<'_>,
    shown: Shown,
) -> Result<Vec<u8>, ProofError> {
    if cfg!(not(feature = "bbs")) && sight.proof.suite == Cryptosuite::Bbs2023 {
        return Err(ProofError::UnknownCryptosuite);
    }
    // Neither suite knows chains, and derivation would break them.
    if !sight.proof.previous.is_empty() {
        return Err(ProofError::Member("previousProof"));
    }
    let check = Check { engine, sight, document: Value::Object(sight.document.clone()) };
    match (sight.proof.suite, ProofValue::parse(sight.proof.value)?, shown) {
        (Cryptosuite::EcdsaSd2023, ProofValue::EcdsaDerived(value), Shown::ToVerifier) => {
            check.ecdsa_derived(&value).map(|()| Vec::new())
        }
        (Cryptosuite::EcdsaSd2023, ProofValue::EcdsaBase(value), Shown::ToHolder) => {
            check.ecdsa_base(&value).map(|()| Vec::new())
        }
        #[cfg(feature = "bbs")]
        (Cryptosuite::Bbs2023, ProofValue::BbsDerived(value), Shown::ToVerifier) => {
            check.bbs_derived(&value).map(|()| value.presentation_header)
        }
        #[cfg(feature = "bbs")]
        (Cryptosuite::Bbs2023, ProofValue::BbsBase(value), Shown::ToHolder) => {
            check.bbs_base(&value).map(|()| Vec::new())
        }
        (Cryptosuite::EcdsaSd2023, ProofValue::EcdsaBase(_), _)
        | (Cryptosuite::Bbs2023, ProofValue::BbsBase(_), _) => Err(ProofError::BaseProof),
        (Cryptosuite::EcdsaSd2023, ProofValue::EcdsaDerived(_), _)
        | (Cryptosuite::Bbs2023, ProofValue::BbsDerived(_), _) => Err(ProofError::DerivedProof),
        // A value of the one suite under the name of the other.
        _ => Err(ProofError::Member("proofValue")),
    }
}

struct Check<'a> {
    engine: &'a Engine<'a>,
    sight: &'a Sight<'a>,
    document: Value,
}

/// The statements of a document, told apart.
struct Statements {
    mandatory_hash: [u8; 32],
    other: Vec<String>,
}

impl Check<'_> {
    fn proof_hash(&self) -> Result<[u8; 32], TransformError> {
        let proof = self.sight.proof;
        hash_of_configuration(self.engine, proof.members, self.sight.document, proof.suite)
    }

    /// The disclosed statements under the labels of the proof. A proof that has not exactly one label for each blank
    /// node, or says of more statements than there are that they are mandatory, is another document's.
    fn disclosed(&self, labels: &[String], mandatory: &[usize]) -> Result<Statements, ProofError> {
        let statements = relabelled(self.engine, &self.document, labels)?;
        let statements = statements.ok_or(ProofError::BadSignature)?;
        if mandatory.last().is_some_and(|last| *last >= statements.len()) {
            return Err(ProofError::BadSignature);
        }
        Ok(split(statements, |index| mandatory.binary_search(&index).is_ok()))
    }

    /// All statements, as the issuer made them.
    fn complete(&self, key: &LabelKey, pointers: &[String]) -> Result<Statements, ProofError> {
        let grouped = || {
            let scheme = scheme_of(self.sight.proof.suite);
            let grouping = Grouping::new(self.engine, &self.document, key, scheme)?;
            let selected = grouping.select(pointers)?.indexes;
            Ok(split(grouping.statements, |index| selected.contains(&index)))
        };
        grouped().map_err(|error| match error {
            SelectiveError::Transform(error) => ProofError::Transform(error),
            SelectiveError::Proof(error) => error,
            _ => ProofError::Member("proofValue"),
        })
    }

    fn ecdsa_derived(&self, value: &EcdsaDerived) -> Result<(), ProofError> {
        let statements = self.disclosed(&value.labels, &value.mandatory)?;
        self.ecdsa(&value.base_signature, &value.public_key, &value.signatures, &statements)
    }

    fn ecdsa_base(&self, value: &EcdsaBase) -> Result<(), ProofError> {
        let statements = self.complete(&value.label_key, &value.mandatory_pointers)?;
        self.ecdsa(&value.base_signature, &value.public_key, &value.signatures, &statements)
    }

    fn ecdsa(
        &self,
        base_signature: &Signature,
        public_key: &[u8],
        signatures: &[Signature],
        statements: &Statements,
    ) -> Result<(), ProofError> {
        if statements.other.len() != signatures.len() || signatures.len() > MAX_STATEMENTS {
            return Err(ProofError::BadSignature);
        }
        let signed = base_input(&self.proof_hash()?, public_key, &statements.mandatory_hash);
        let bad = |_| ProofError::BadSignature;
        self.sight.key.verify(&signed, base_signature).map_err(bad)?;
        let one_time = PublicKey::from_multikey_bytes(public_key)
            .map_err(|_| ProofError::Member("proofValue"))?;
        if !matches!(one_time, PublicKey::P256(_)) {
            return Err(ProofError::Member("proofValue"));
        }
        for (statement, signature) in statements.other.iter().zip(signatures) {
            one_time.verify(statement.as_bytes(), signature).map_err(bad)?;
        }
        Ok(())
    }

    #[cfg(feature = "bbs")]
    fn bbs_derived(&self, value: &BbsDerived) -> Result<(), ProofError> {
        let statements = self.disclosed(&value.labels, &value.mandatory)?;
        if statements.other.len() != value.selective.len() {
            return Err(ProofError::BadSignature);
        }
        let messages: Vec<&[u8]> = statements.other.iter().map(String::as_bytes).collect();
        let disclosed = bbs::Disclosed {
            public_key: &self.bls_key()?,
            header: &super::create::bbs_header(&self.proof_hash()?, &statements.mandatory_hash),
            presentation_header: &value.presentation_header,
            indexes: &value.selective,
        };
        bbs::verify_proof(&disclosed, &value.proof, &messages)
            .then_some(())
            .ok_or(ProofError::BadSignature)
    }

    #[cfg(feature = "bbs")]
    fn bbs_base(&self, value: &BbsBase) -> Result<(), ProofError> {
        let statements = self.complete(&value.label_key, &value.mandatory_pointers)?;
        let header = super::create::bbs_header(&self.proof_hash()?, &statements.mandatory_hash);
        let key = self.bls_key()?;
        // Both go into every derived proof as they stand there.
        if value.header != header || value.public_key != key {
            return Err(ProofError::BadSignature);
        }
        let messages: Vec<&[u8]> = statements.other.iter().map(String::as_bytes).collect();
        bbs::verify(&key, &value.signature, &header, &messages)
            .then_some(())
            .ok_or(ProofError::BadSignature)
    }

    #[cfg(feature = "bbs")]
    fn bls_key(&self) -> Result<[u8; 96], ProofError> {
        match self.sight.key {
            PublicKey::Bls12381G2(key) => Ok(key.to_bytes()),
            _ => Err(ProofError::AlgorithmMismatch),
        }
    }
}

fn split(statements: Vec<String>, mandatory: impl Fn(usize) -> bool) -> Statements {
    let (kept, other): (Vec<_>, Vec<_>) =
        statements.into_iter().enumerate().partition(|(index, _)| mandatory(*index));
    Statements {
        mandatory_hash: hash_of_statements(kept.iter().map(|(_, statement)| statement)),
        other: other.into_iter().map(|(_, statement)| statement).collect(),
    }
}
