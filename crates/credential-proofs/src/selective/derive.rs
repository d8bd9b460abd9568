use std::collections::BTreeSet;

use credential_model::ambient::Entropy;
use serde_json::Value;

use super::SelectiveError;
#[cfg(feature = "bbs")]
use super::bbs;
use super::create::scheme_of;
use super::group::{Grouping, Selected};
use super::labels::LabelKey;
use super::pointer::{check_count, select};
#[cfg(feature = "bbs")]
use super::proof_value::{BbsBase, BbsDerived};
use super::proof_value::{EcdsaBase, EcdsaDerived, MAX_PRESENTATION_HEADER, ProofValue};
use crate::data_integrity::{Engine, ProofError, ReadProof, proofs, unsecured};

/// What a holder discloses.
#[derive(Debug, Clone, Copy)]
pub struct Disclosure<'a, S> {
    /// JSON Pointers to what is disclosed besides the mandatory parts.
    pub pointers: &'a [S],
    /// Bytes bound into a `bbs-2023` proof, such as a nonce of the verifier; at most 1024, and empty for
    /// `ecdsa-sd-2023`, which has no place for them.
    pub presentation_header: &'a [u8],
}

impl<'a, S> Disclosure<'a, S> {
    /// These pointers, no presentation header.
    #[must_use]
    pub fn of(pointers: &'a [S]) -> Self {
        Self { pointers, presentation_header: &[] }
    }
}

/// Makes a document with a derived proof out of one with a base proof: the mandatory parts, what the holder discloses,
/// and nothing else; other proofs of the document do not survive. The base proof itself is not checked:
/// [`verify_base`](super::verify_base) does that.
///
/// # Errors
/// [`SelectiveError`]; [`SelectiveError::NoBaseProof`] unless there is exactly one base proof.
pub fn derive<S: AsRef<str>>(
    secured: &Value,
    disclosure: &Disclosure<'_, S>,
    entropy: &dyn Entropy,
) -> Result<Value, SelectiveError> {
    Engine::pinned().derive(secured, disclosure, entropy)
}

/// The JSON Pointers that the issuer made mandatory: what a holder cannot hide.
///
/// # Errors
/// [`SelectiveError::NoBaseProof`], and the form errors of the proof.
pub fn mandatory_pointers(secured: &Value) -> Result<Vec<String>, SelectiveError> {
    Ok(match base_proof(secured)?.1 {
        ProofValue::EcdsaBase(base) => base.mandatory_pointers,
        ProofValue::BbsBase(base) => base.mandatory_pointers,
        _ => Vec::new(),
    })
}

impl Engine<'_> {
    /// [`derive()`] with this engine.
    ///
    /// # Errors
    /// As [`derive()`].
    pub fn derive<S: AsRef<str>>(
        &self,
        secured: &Value,
        disclosure: &Disclosure<'_, S>,
        entropy: &dyn Entropy,
    ) -> Result<Value, SelectiveError> {
        let (proof, value) = base_proof(secured)?;
        let header = disclosure.presentation_header;
        let document = Value::Object(unsecured(secured)?);
        let part = |mandatory: &[String], key| {
            Part::new(self, &document, &proof, mandatory, disclosure.pointers, key)
        };
        let (mut reveal, derived) = match &value {
            ProofValue::EcdsaBase(base) => {
                if !header.is_empty() {
                    return Err(SelectiveError::BadPresentationHeader);
                }
                let part = part(&base.mandatory_pointers, &base.label_key)?;
                let derived = ProofValue::EcdsaDerived(part.ecdsa(base)?);
                (part.reveal, derived)
            }
            #[cfg(feature = "bbs")]
            ProofValue::BbsBase(base) => {
                if header.len() > MAX_PRESENTATION_HEADER {
                    return Err(SelectiveError::BadPresentationHeader);
                }
                let part = part(&base.mandatory_pointers, &base.label_key)?;
                let scalars = bbs::random_scalars(part.undisclosed() + bbs::PROOF_SCALARS, entropy);
                let derived = ProofValue::BbsDerived(part.bbs(base, header, &scalars)?);
                (part.reveal, derived)
            }
            _ => return Err(SelectiveError::WrongSuite),
        };
        // Without `bbs` nothing is random here and nothing can be longer.
        let _ = (entropy, MAX_PRESENTATION_HEADER);
        let mut members = proof.members.clone();
        let text = derived.to_text().ok_or(SelectiveError::Unselectable)?;
        members.insert("proofValue".to_owned(), Value::from(text));
        if let Value::Object(document) = &mut reveal {
            document.insert("proof".to_owned(), Value::Object(members));
        }
        Ok(reveal)
    }
}

/// The one base proof of a document.
fn base_proof(secured: &Value) -> Result<(ReadProof<'_>, ProofValue), SelectiveError> {
    let members = secured.as_object().ok_or(SelectiveError::BadDocument)?;
    let mut found = None;
    for proof in proofs(members)? {
        if !proof.suite.is_selective() {
            continue;
        }
        let value = ProofValue::parse(proof.value)?;
        let is_base = match &value {
            ProofValue::EcdsaBase(_) => scheme_of(proof.suite) == super::labels::Scheme::Hmac,
            ProofValue::BbsBase(_) => scheme_of(proof.suite) == super::labels::Scheme::Shuffled,
            _ => false,
        };
        if is_base && found.replace((proof, value)).is_some() {
            return Err(SelectiveError::NoBaseProof);
        }
    }
    found.ok_or(SelectiveError::NoBaseProof)
}

/// The part of a document that is disclosed.
pub(super) struct Part<'e> {
    pub(super) grouping: Grouping<'e>,
    pub(super) mandatory: BTreeSet<usize>,
    pub(super) selective: BTreeSet<usize>,
    pub(super) combined: Selected,
    /// The document to show, without proof.
    pub(super) reveal: Value,
}

impl<'e> Part<'e> {
    pub(super) fn new<S: AsRef<str>>(
        engine: &'e Engine<'e>,
        document: &Value,
        proof: &ReadProof<'_>,
        mandatory: &[String],
        pointers: &[S],
        key: &LabelKey,
    ) -> Result<Self, SelectiveError> {
        check_count(mandatory.len())?;
        check_count(pointers.len())?;
        let grouping = Grouping::new(engine, document, key, scheme_of(proof.suite))?;
        let mut all: Vec<&str> = mandatory.iter().map(String::as_str).collect();
        all.extend(pointers.iter().map(AsRef::as_ref));
        // Nothing mandatory, nothing chosen: there is no such document.
        let reveal =
            select(&all, document)?.ok_or(SelectiveError::PointerNotFound(String::new()))?;
        let combined = grouping.select(&all)?;
        let shown = engine.canonical_form(&reveal, proof.suite, signing_keys::Algorithm::Es256)?;
        // The verifier will see the part without the labels; it must make the same statements.
        if shown != combined.canonical {
            return Err(SelectiveError::Unselectable);
        }
        Ok(Self {
            mandatory: grouping.select(mandatory)?.indexes,
            selective: grouping.select(pointers)?.indexes,
            combined,
            grouping,
            reveal,
        })
    }
}

impl Part<'_> {
    /// Positions of the mandatory statements among the disclosed ones.
    pub(super) fn relative_mandatory(&self) -> Vec<usize> {
        let disclosed = self.combined.indexes.iter().enumerate();
        disclosed.filter(|(_, index)| self.mandatory.contains(index)).map(|(at, _)| at).collect()
    }

    /// The statements that are not mandatory: all of them, each with whether it is disclosed.
    fn others(&self) -> impl Iterator<Item = (&String, bool)> {
        let all = self.grouping.statements.iter().enumerate();
        all.filter(|(index, _)| !self.mandatory.contains(index))
            .map(|(index, statement)| (statement, self.selective.contains(&index)))
    }

    /// Positions, among the statements that are not mandatory, of the disclosed ones.
    #[cfg(any(test, feature = "bbs"))]
    pub(super) fn relative_selective(&self) -> Vec<usize> {
        let others = self.others().enumerate();
        others.filter(|(_, (_, disclosed))| *disclosed).map(|(at, _)| at).collect()
    }

    pub(super) fn ecdsa(&self, base: &EcdsaBase) -> Result<EcdsaDerived, SelectiveError> {
        if self.others().count() != base.signatures.len() {
            return Err(ProofError::BadSignature.into());
        }
        let pairs = self.others().zip(&base.signatures);
        Ok(EcdsaDerived {
            base_signature: base.base_signature,
            public_key: base.public_key.clone(),
            signatures: pairs
                .filter_map(|((_, disclosed), signature)| disclosed.then_some(*signature))
                .collect(),
            labels: self.combined.labels.clone(),
            mandatory: self.relative_mandatory(),
        })
    }

    #[cfg(feature = "bbs")]
    pub(super) fn undisclosed(&self) -> usize {
        self.others().filter(|(_, disclosed)| !disclosed).count()
    }

    #[cfg(feature = "bbs")]
    pub(super) fn bbs(
        &self,
        base: &BbsBase,
        presentation_header: &[u8],
        scalars: &[bbs::Scalar],
    ) -> Result<BbsDerived, SelectiveError> {
        let messages: Vec<&[u8]> = self.others().map(|(text, _)| text.as_bytes()).collect();
        if messages.len() > super::MAX_BBS_STATEMENTS {
            return Err(SelectiveError::TooManyStatements { limit: super::MAX_BBS_STATEMENTS });
        }
        let selective = self.relative_selective();
        let disclosed = bbs::Disclosed {
            public_key: &base.public_key,
            header: &base.header,
            presentation_header,
            indexes: &selective,
        };
        let proof = bbs::prove(&disclosed, &base.signature, &messages, scalars)
            .ok_or(ProofError::BadSignature)?;
        Ok(BbsDerived {
            proof,
            labels: self.combined.labels.clone(),
            mandatory: self.relative_mandatory(),
            selective,
            presentation_header: presentation_header.to_vec(),
        })
    }
}
