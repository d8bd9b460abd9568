//! Issuing: the data model first, then the proof.

use credential_model::ambient::Entropy;
use credential_model::did::ProofPurpose;
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{Cryptosuite, ProofOptions, SecureError};
use credential_proofs::envelope::{EnvelopeError, Enveloped, MediaType};
use credential_proofs::jwt_vc::{self, JwtVcError};
use credential_proofs::selective::{BaseKey, SelectiveError};
use serde_json::Value;
use signing_keys::Signer;

use crate::instance::{Instance, InstanceKey, Securing};
use crate::problem::{MALFORMED_VALUE_ERROR, PROOF_GENERATION_ERROR, ProblemDetail, reason};
use crate::request::IssueRequest;
use crate::rules::{self, DATA_INTEGRITY_V2, Extent, RuleError, Version};

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The credential breaks the data model.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The credential names another issuer than the instance.
    #[error("the issuer of the credential is not the one of this instance ({0})")]
    WrongIssuer(String),
    /// Mandatory pointers for an instance that hides nothing.
    #[error("mandatory pointers have no meaning with {0}")]
    PointersNotUsed(&'static str),
    /// The credential cannot be secured in this way.
    #[error("{0}")]
    NotSecurable(&'static str),
    /// No proof could be made.
    #[error("no proof could be made: {0}")]
    Secure(#[from] SecureError),
    /// No base proof could be made.
    #[error("no base proof could be made: {0}")]
    Selective(#[from] SelectiveError),
    /// No token could be made.
    #[error("no token could be made: {0}")]
    Jwt(#[from] JwtVcError),
    /// The token does not fit into an envelope.
    #[error("the token does not fit into an envelope: {0}")]
    Envelope(#[from] EnvelopeError),
}

impl IssueError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rule(error) => error.code(),
            Self::WrongIssuer(_) => "issuer_not_of_instance",
            Self::PointersNotUsed(_) => "mandatory_pointers_not_used",
            Self::NotSecurable(_) => "credential_not_securable",
            Self::Secure(error) => error.code(),
            Self::Selective(error) => error.code(),
            Self::Jwt(error) => error.code(),
            Self::Envelope(error) => error.code(),
        }
    }

    /// Whether the key failed, which is nobody's fault who asks.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::Secure(SecureError::Signing(_) | SecureError::AlgorithmMismatch)
                | Self::Selective(SelectiveError::Signing(_) | SelectiveError::AlgorithmMismatch)
        )
    }

    /// As a problem detail.
    #[must_use]
    pub fn problem(&self) -> ProblemDetail {
        let kind = match self {
            Self::Rule(error) => return error.problem(),
            Self::WrongIssuer(_) | Self::PointersNotUsed(_) => MALFORMED_VALUE_ERROR,
            Self::Secure(error) => error.problem_type(),
            Self::Selective(error) => error.problem_type(),
            _ => PROOF_GENERATION_ERROR,
        };
        ProblemDetail::new(kind, self.code(), reason(self))
    }
}

/// Issues: checks the credential, and secures it as the instance does. VCDM 1.1 gets the context of Data Integrity; a
/// credential that has proofs keeps them.
///
/// # Errors
/// [`IssueError`].
pub fn issue(
    instance: &Instance,
    request: &IssueRequest,
    now: Moment,
    entropy: &dyn Entropy,
) -> Result<Value, IssueError> {
    let mut credential = request.credential.clone();
    let version = rules::check_credential(&credential, Extent::Whole)?;
    check_issuer(instance, &credential)?;
    let suite = match instance.securing {
        Securing::DataIntegrity(suite) => suite,
        Securing::VcJwt => return envelope(instance, request, version),
    };
    if version == Version::V1 {
        append_context(&mut credential);
    }
    let options = ProofOptions {
        cryptosuite: suite,
        verification_method: instance.verification_method.clone(),
        proof_purpose: ProofPurpose::AssertionMethod,
        created: Some(now),
        expires: None,
        challenge: None,
        domain: None,
    };
    let engine = instance.contexts.engine();
    if suite.is_selective() {
        let mandatory = request.mandatory_pointers.as_ref().unwrap_or(&instance.mandatory_pointers);
        let key = match &instance.key {
            InstanceKey::Signer(signer) => BaseKey::Ecdsa(&**signer),
            InstanceKey::Bbs(signer) => BaseKey::Bbs(&**signer),
        };
        return Ok(engine.create_base(&credential, &options, mandatory, key, entropy)?);
    }
    no_pointers(request, suite.as_str())?;
    if matches!(suite, Cryptosuite::EddsaJcs2022 | Cryptosuite::EcdsaJcs2019) {
        // The other suites find undefined terms themselves.
        rules::check_terms(&credential, instance.contexts)?;
    }
    Ok(engine.secure(&credential, &options, signer(instance)?)?)
}

fn signer(instance: &Instance) -> Result<&dyn Signer, IssueError> {
    match &instance.key {
        InstanceKey::Signer(signer) => Ok(&**signer),
        InstanceKey::Bbs(_) => Err(IssueError::NotSecurable("a BBS key signs bbs-2023 only")),
    }
}

fn envelope(
    instance: &Instance,
    request: &IssueRequest,
    version: Version,
) -> Result<Value, IssueError> {
    no_pointers(request, "vc+jwt")?;
    let credential = &request.credential;
    if version == Version::V1 {
        return Err(IssueError::NotSecurable("vc+jwt is for VCDM 2.0"));
    }
    if credential.get("proof").is_some() {
        return Err(IssueError::NotSecurable("a credential with a proof goes into no envelope"));
    }
    rules::check_terms(credential, instance.contexts)?;
    let token = jwt_vc::issue(credential, &instance.verification_method, signer(instance)?)?;
    Ok(Enveloped::new(MediaType::VcJwt, token)?.to_value())
}

fn no_pointers(request: &IssueRequest, securing: &'static str) -> Result<(), IssueError> {
    match request.mandatory_pointers.as_deref() {
        None | Some([]) => Ok(()),
        Some(_) => Err(IssueError::PointersNotUsed(securing)),
    }
}

/// The object form is kept as it is; its id decides.
fn check_issuer(instance: &Instance, credential: &Value) -> Result<(), IssueError> {
    let issuer = credential.get("issuer");
    let id = issuer.and_then(|issuer| issuer.as_str().or_else(|| issuer.get("id")?.as_str()));
    if id == Some(instance.issuer.as_str()) {
        Ok(())
    } else {
        Err(IssueError::WrongIssuer(instance.issuer.to_string()))
    }
}

fn append_context(credential: &mut Value) {
    if let Some(Value::Array(contexts)) = credential.get_mut("@context")
        && !contexts.iter().any(|context| context == DATA_INTEGRITY_V2)
    {
        contexts.push(Value::from(DATA_INTEGRITY_V2));
    }
}
