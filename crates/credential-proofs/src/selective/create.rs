use credential_model::ambient::Entropy;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use signing_keys::{Algorithm, OneTimeSigner, PublicKey, Signer};

#[cfg(feature = "bbs")]
use super::bbs::BbsSigner;
use super::group::Grouping;
use super::labels::{LabelKey, Scheme};
use super::pointer::check_count;
#[cfg(feature = "bbs")]
use super::proof_value::BbsBase;
use super::proof_value::{EcdsaBase, ProofValue, Signature};
use super::{MAX_BBS_STATEMENTS, MAX_STATEMENTS, SelectiveError};
use crate::data_integrity::{Cryptosuite, Engine, ProofOptions, attach, configuration, unsecured};

/// Who signs a base proof. The kind of key decides nothing by itself: it must fit the suite of the options.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum BaseKey<'k> {
    /// A P-256 key, for `ecdsa-sd-2023`.
    Ecdsa(&'k dyn Signer),
    /// A BLS12-381 key, for `bbs-2023`.
    #[cfg(feature = "bbs")]
    Bbs(&'k dyn BbsSigner),
}

impl BaseKey<'_> {
    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        match self {
            Self::Ecdsa(signer) => signer.public_key(),
            #[cfg(feature = "bbs")]
            Self::Bbs(signer) => signer.public_key(),
        }
    }
}

/// Adds a base proof to a document. `mandatory` are JSON Pointers to what every derived proof must disclose; the
/// statements of all other parts can be hidden. `options.cryptosuite` is [`Cryptosuite::EcdsaSd2023`] or
/// [`Cryptosuite::Bbs2023`].
///
/// `entropy` gives the label key and, for `ecdsa-sd-2023`, the key of this one proof.
///
/// # Errors
/// [`SelectiveError`]; a mandatory pointer that does not resolve is one.
pub fn create_base<S: AsRef<str>>(
    document: &Value,
    options: &ProofOptions,
    mandatory: &[S],
    key: BaseKey<'_>,
    entropy: &dyn Entropy,
) -> Result<Value, SelectiveError> {
    Engine::pinned().create_base(document, options, mandatory, key, entropy)
}

impl Engine<'_> {
    /// [`create_base`] with this engine.
    ///
    /// # Errors
    /// As [`create_base`].
    pub fn create_base<S: AsRef<str>>(
        &self,
        document: &Value,
        options: &ProofOptions,
        mandatory: &[S],
        key: BaseKey<'_>,
        entropy: &dyn Entropy,
    ) -> Result<Value, SelectiveError> {
        if !options.cryptosuite.is_selective() {
            return Err(SelectiveError::WrongSuite);
        }
        if !options.cryptosuite.accepts(key.public_key().algorithm()) {
            return Err(SelectiveError::AlgorithmMismatch);
        }
        let mut label_key: LabelKey = [0; 32];
        entropy.fill(&mut label_key);
        let input = BaseInput::new(self, document, options, mandatory, label_key)?;
        let value = match key {
            BaseKey::Ecdsa(signer) => {
                let one_time = OneTimeSigner::generate(Algorithm::Es256, entropy)
                    .map_err(|_| SelectiveError::AlgorithmMismatch)?;
                input.sign_ecdsa(signer, &one_time)?
            }
            #[cfg(feature = "bbs")]
            BaseKey::Bbs(signer) => input.sign_bbs(signer)?,
        };
        input.seal(document, &value)
    }
}

/// Everything that a base proof is made of, but the signatures.
pub(super) struct BaseInput<'e> {
    pub(super) grouping: Grouping<'e>,
    pub(super) proof: Map<String, Value>,
    pub(super) proof_hash: [u8; 32],
    pub(super) mandatory_hash: [u8; 32],
    pub(super) mandatory: Vec<String>,
    other: Vec<usize>,
    label_key: LabelKey,
}

impl<'e> BaseInput<'e> {
    pub(super) fn new<S: AsRef<str>>(
        engine: &'e Engine<'e>,
        document: &Value,
        options: &ProofOptions,
        mandatory: &[S],
        label_key: LabelKey,
    ) -> Result<Self, SelectiveError> {
        check_count(mandatory.len())?;
        let suite = options.cryptosuite;
        let members = unsecured(document)?;
        let proof = options.to_members();
        let proof_hash = hash_of_configuration(engine, &proof, &members, suite)?;
        let grouping =
            Grouping::new(engine, &Value::Object(members), &label_key, scheme_of(suite))?;
        let selected = grouping.select(mandatory)?.indexes;
        let (kept, other): (Vec<usize>, Vec<usize>) =
            (0..grouping.statements.len()).partition(|index| selected.contains(index));
        let limit = if suite == Cryptosuite::Bbs2023 { MAX_BBS_STATEMENTS } else { MAX_STATEMENTS };
        if other.len() > limit {
            return Err(SelectiveError::TooManyStatements { limit });
        }
        let mandatory_hash = hash_of_statements(kept.iter().map(|i| &grouping.statements[*i]));
        Ok(Self {
            proof,
            proof_hash,
            mandatory_hash,
            mandatory: mandatory.iter().map(|pointer| pointer.as_ref().to_owned()).collect(),
            other,
            label_key,
            grouping,
        })
    }

    /// The statements that may be hidden, in order.
    pub(super) fn other(&self) -> impl Iterator<Item = &String> {
        self.other.iter().map(|index| &self.grouping.statements[*index])
    }

    pub(super) fn sign_ecdsa(
        &self,
        signer: &dyn Signer,
        one_time: &dyn Signer,
    ) -> Result<ProofValue, SelectiveError> {
        let public_key = one_time.public_key().to_multikey_bytes();
        let signatures = self
            .other()
            .map(|statement| raw_signature(one_time, statement.as_bytes()))
            .collect::<Result<_, _>>()?;
        let signed = base_input(&self.proof_hash, &public_key, &self.mandatory_hash);
        Ok(ProofValue::EcdsaBase(EcdsaBase {
            base_signature: raw_signature(signer, &signed)?,
            public_key,
            label_key: self.label_key,
            signatures,
            mandatory_pointers: self.mandatory.clone(),
        }))
    }

    #[cfg(feature = "bbs")]
    pub(super) fn sign_bbs(&self, signer: &dyn BbsSigner) -> Result<ProofValue, SelectiveError> {
        let PublicKey::Bls12381G2(public_key) = signer.public_key() else {
            return Err(SelectiveError::AlgorithmMismatch);
        };
        let header = bbs_header(&self.proof_hash, &self.mandatory_hash);
        let messages: Vec<&[u8]> = self.other().map(String::as_bytes).collect();
        Ok(ProofValue::BbsBase(BbsBase {
            signature: signer.sign(&header, &messages).map_err(SelectiveError::Signing)?,
            header,
            public_key: public_key.to_bytes(),
            label_key: self.label_key,
            mandatory_pointers: self.mandatory.clone(),
        }))
    }

    pub(super) fn seal(
        mut self,
        document: &Value,
        value: &ProofValue,
    ) -> Result<Value, SelectiveError> {
        let text = value.to_text().ok_or(SelectiveError::BadDocument)?;
        if text.len() > super::MAX_PROOF_VALUE {
            return Err(SelectiveError::TooManyStatements { limit: MAX_STATEMENTS });
        }
        self.proof.insert("proofValue".to_owned(), Value::from(text));
        let mut sealed = document.clone();
        attach(&mut sealed, self.proof);
        Ok(sealed)
    }
}

pub(super) fn scheme_of(suite: Cryptosuite) -> Scheme {
    if suite == Cryptosuite::Bbs2023 { Scheme::Shuffled } else { Scheme::Hmac }
}

pub(super) fn hash_of_configuration(
    engine: &Engine<'_>,
    proof: &Map<String, Value>,
    document: &Map<String, Value>,
    suite: Cryptosuite,
) -> Result<[u8; 32], crate::data_integrity::TransformError> {
    let configuration = configuration(proof, document, suite);
    let digest = engine.digest(configuration, suite, Algorithm::Es256)?;
    Ok(digest.try_into().expect("SHA-256 gives 32 bytes"))
}

/// The hash of statements, one after the other.
pub(super) fn hash_of_statements<'s>(statements: impl Iterator<Item = &'s String>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for statement in statements {
        hash.update(statement.as_bytes());
    }
    hash.finalize().into()
}

/// What the issuer's key signs in `ecdsa-sd-2023`.
pub(super) fn base_input(proof: &[u8; 32], public_key: &[u8], mandatory: &[u8; 32]) -> Vec<u8> {
    [proof.as_slice(), public_key, mandatory].concat()
}

/// The header of `bbs-2023`: bound to the signature, known to every verifier.
#[cfg(feature = "bbs")]
pub(super) fn bbs_header(proof: &[u8; 32], mandatory: &[u8; 32]) -> [u8; 64] {
    let mut header = [0; 64];
    header[..32].copy_from_slice(proof);
    header[32..].copy_from_slice(mandatory);
    header
}

fn raw_signature(signer: &dyn Signer, message: &[u8]) -> Result<Signature, SelectiveError> {
    let signature = signer.sign(message).map_err(SelectiveError::Signing)?;
    signature.try_into().map_err(|_| SelectiveError::AlgorithmMismatch)
}
