use credential_model::jcs::JcsError;
use signing_keys::SigningError;

use crate::json_ld::JsonLdError;
use crate::key_check::KeyRefusal;
use crate::rdf_canon::CanonError;

/// Why a document could not be brought into its canonical form.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TransformError {
    /// The document has no faithful RDF.
    #[error(transparent)]
    JsonLd(#[from] JsonLdError),
    /// The RDF passes a limit.
    #[error(transparent)]
    Canon(#[from] CanonError),
    /// The JSON has no canonical form.
    #[error(transparent)]
    Jcs(#[from] JcsError),
}

impl TransformError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::JsonLd(error) => error.code(),
            Self::Canon(error) => error.code(),
            Self::Jcs(error) => error.code(),
        }
    }
}

/// Why no proof could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecureError {
    /// The document is no JSON object, or its existing proof is neither object nor array of objects.
    #[error("the document cannot be secured")]
    BadDocument,
    /// The document has no canonical form.
    #[error("the document cannot be canonicalized")]
    Transform(#[from] TransformError),
    /// The key cannot serve the suite.
    #[error("the key has another algorithm than the cryptosuite needs")]
    AlgorithmMismatch,
    /// A legacy suite, which is read and never written.
    #[error("the cryptosuite is read only")]
    ReadOnlySuite,
    /// A suite of selective disclosure, whose base proofs [`crate::selective`] makes.
    #[error("the cryptosuite discloses selectively and is made by `selective`")]
    SelectiveSuite,
    /// The signer refused.
    #[error("the key could not sign")]
    Signing(#[source] SigningError),
}

impl SecureError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadDocument => "secure_bad_document",
            Self::Transform(error) => error.code(),
            Self::AlgorithmMismatch => "secure_algorithm_mismatch",
            Self::ReadOnlySuite => "secure_read_only_suite",
            Self::SelectiveSuite => "secure_selective_suite",
            Self::Signing(_) => "signing_failed",
        }
    }

    /// The problem type of Data Integrity 1.0 section 4.7.
    #[must_use]
    pub fn problem_type(&self) -> &'static str {
        match self {
            Self::Transform(_) => PROOF_TRANSFORMATION_ERROR,
            _ => "https://w3id.org/security#PROOF_GENERATION_ERROR",
        }
    }
}

const PROOF_VERIFICATION_ERROR: &str = "https://w3id.org/security#PROOF_VERIFICATION_ERROR";
const PROOF_TRANSFORMATION_ERROR: &str = "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR";

/// Why a proof does not count.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The document is no JSON object.
    #[error("the document is no JSON object")]
    BadDocument,
    /// No `proof`, or an empty array.
    #[error("there is no proof")]
    Missing,
    /// `proof` is neither an object nor a short array of objects.
    #[error("the proof is neither an object nor a short array of objects")]
    BadProof,
    /// A member is missing or has the wrong form.
    #[error("the proof member {0:?} is missing or malformed")]
    Member(&'static str),
    /// `type` is neither `DataIntegrityProof` nor the legacy `Ed25519Signature2020`.
    #[error("the proof type is not supported")]
    UnknownType,
    /// `cryptosuite` is none of ours.
    #[error("the cryptosuite is not supported")]
    UnknownCryptosuite,
    /// The proof's own `@context` is not the document's.
    #[error("the proof was made over other contexts")]
    Context,
    /// `previousProof` names no proof of the document, or several have the same id.
    #[error("the chain of proofs is broken")]
    BrokenChain,
    /// `proofPurpose` is not the expected one.
    #[error("the proof was made for another purpose")]
    WrongPurpose,
    /// `challenge` is not the expected one.
    #[error("the proof answers another challenge")]
    WrongChallenge,
    /// `domain` is not the expected one.
    #[error("the proof was made for another domain")]
    WrongDomain,
    /// `created` lies in the future.
    #[error("the proof was created in the future")]
    FromFuture,
    /// `expires` has passed.
    #[error("the proof has expired")]
    Expired,
    /// The key may not make this proof.
    #[error("the key is not acceptable")]
    Key(#[from] KeyRefusal),
    /// The document names no issuer or holder where it must, or another than the controller of the key.
    #[error("the issuer or holder of the document does not control the key")]
    WrongIssuer,
    /// The key's algorithm is not the suite's.
    #[error("the key has another algorithm than the cryptosuite needs")]
    AlgorithmMismatch,
    /// The document has no canonical form.
    #[error("the document cannot be canonicalized")]
    Transform(#[from] TransformError),
    /// The signature does not verify.
    #[error("the signature does not verify")]
    BadSignature,
    /// A base proof of selective disclosure before a verifier: it is for its holder only, who derives from it.
    #[error("a base proof is for its holder only")]
    BaseProof,
    /// A derived proof where a base proof is expected.
    #[error("the proof is derived, not a base proof")]
    DerivedProof,
    /// A `bbs-2023` proof with holder binding or a pseudonym, which we do not verify.
    #[error("the proof uses an optional feature that is not supported")]
    UnsupportedFeature,
}

impl ProofError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadDocument => "proof_bad_document",
            Self::Missing => "proof_missing",
            Self::BadProof => "proof_malformed",
            Self::Member(_) => "proof_member",
            Self::UnknownType => "proof_unknown_type",
            Self::UnknownCryptosuite => "proof_unknown_cryptosuite",
            Self::Context => "proof_context",
            Self::BrokenChain => "proof_broken_chain",
            Self::WrongPurpose => "proof_wrong_purpose",
            Self::WrongChallenge => "proof_wrong_challenge",
            Self::WrongDomain => "proof_wrong_domain",
            Self::FromFuture => "proof_from_future",
            Self::Expired => "proof_expired",
            Self::Key(refusal) => refusal.code(),
            Self::WrongIssuer => "proof_wrong_issuer",
            Self::AlgorithmMismatch => "proof_algorithm_mismatch",
            Self::Transform(error) => error.code(),
            Self::BadSignature => "proof_bad_signature",
            Self::BaseProof => "proof_base_proof",
            Self::DerivedProof => "proof_derived_proof",
            Self::UnsupportedFeature => "proof_unsupported_feature",
        }
    }

    /// The problem type of Data Integrity 1.0 section 4.7, or of VCDM 2.0 section 7.1.
    #[must_use]
    pub fn problem_type(&self) -> &'static str {
        match self {
            Self::BadDocument => "https://www.w3.org/TR/vc-data-model#PARSING_ERROR",
            Self::WrongChallenge => "https://w3id.org/security#INVALID_CHALLENGE_ERROR",
            Self::WrongDomain => "https://w3id.org/security#INVALID_DOMAIN_ERROR",
            Self::Transform(_) => PROOF_TRANSFORMATION_ERROR,
            _ => PROOF_VERIFICATION_ERROR,
        }
    }
}
