//! Verifying one credential, whichever way it is secured.

use async_trait::async_trait;
use credential_model::did::{Did, ProofPurpose};
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{self, Cryptosuite, ProofError, VerifiedProof};
use credential_proofs::envelope::{Enveloped, MediaType, is_envelope};
use credential_proofs::sd_jwt::SdJwt;
use credential_proofs::{Expected, cose, jwt_vc, vc_sd_jwt};
use did_resolution::Resolve;
use serde_json::{Value, json};
use signing_keys::KeyRing;

use crate::instance::Contexts;
use crate::keys;
use crate::problem::{
    CRYPTOGRAPHIC_SECURITY_ERROR, INVALID_CHALLENGE_ERROR, PARSING_ERROR, PROOF_VERIFICATION_ERROR,
    ProblemDetail, STATUS_RETRIEVAL_ERROR, STATUS_VERIFICATION_ERROR, reason,
};
use crate::request::VerifyOptions;
use crate::rules::{self, Extent, Version};

/// What a verifier instance leaves out or lets in. The default is strict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerifierPolicy {
    /// Proofs only: whoever signed, whatever the dates and the status. For test harnesses, never for decisions.
    pub danger_proof_only: bool,
    /// Which contexts a document may bring.
    pub contexts: Contexts,
}

/// What the status list of a credential says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusAnswer {
    /// The credential names no list.
    NoEntry,
    /// It counts.
    Valid,
    /// It does not, or the list does not hold.
    NotValid {
        /// Our code.
        code: String,
        /// What the list says.
        detail: String,
    },
    /// The list could not be looked at.
    Unknown {
        /// Our code.
        code: String,
        /// Why.
        detail: String,
    },
}

/// Looks up the status of a credential whose proof holds. Whoever has a verification flow gives one.
#[async_trait]
pub trait StatusCheck: Send + Sync {
    /// The answer for a credential, as it was received (object or token), of this issuer.
    async fn status(&self, credential: &Value, issuer: &Did, now: Moment) -> StatusAnswer;
}

/// What verifying may ask.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// Resolves issuers and holders.
    pub resolver: &'a dyn Resolve,
    /// Looks up status; `None`: a credential with a status entry is not verified, because its status is not known.
    pub status: Option<&'a dyn StatusCheck>,
    /// The moment of judging.
    pub now: Moment,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Verification {
    /// What speaks against the credential; empty when it is verified.
    pub problems: Vec<ProblemDetail>,
    /// What the caller should know all the same.
    pub warnings: Vec<ProblemDetail>,
    /// The document that holds, without envelope; `None` when none does.
    pub credential: Option<Value>,
    /// Who issued it.
    pub issuer: Option<Did>,
}

impl Verification {
    /// Whether nothing speaks against it.
    #[must_use]
    pub fn verified(&self) -> bool {
        self.problems.is_empty()
    }

    /// A refusal for one reason.
    #[must_use]
    pub fn refused(problem: ProblemDetail) -> Self {
        Self { problems: vec![problem], warnings: Vec::new(), credential: None, issuer: None }
    }

    /// The answer's body: `verified`, `problemDetails`, `warnings` and, for callers of the older text, `errors`.
    #[must_use]
    pub fn to_json(&self, options: &VerifyOptions) -> Value {
        let mut body = json!({
            "verified": self.verified(),
            "checks": ["proof", "data_model", "validity", "status"],
            "problemDetails": self.problems,
            "warnings": self.warnings,
            "errors": self.problems,
        });
        if options.return_credential
            && let Some(credential) = &self.credential
        {
            body["credential"] = credential.clone();
        }
        body
    }
}

/// A document under proofs that hold.
struct Held {
    document: Value,
    issuer: Did,
}

/// Verifies a credential: its proofs and envelope, the rules of the data model, the issuer's hold on the key, dates and
/// status.
pub async fn verify_credential(
    credential: &Value,
    options: &VerifyOptions,
    policy: VerifierPolicy,
    tools: &Tools<'_>,
) -> Verification {
    let held = match secured_form(credential) {
        Ok(Form::Embedded) => embedded(credential, options, policy, tools).await,
        Ok(Form::Enveloped(envelope)) => enveloped(&envelope, options, policy, tools).await,
        Err(problem) => Err(problem),
    };
    let Held { document, issuer } = match held {
        Ok(held) => held,
        Err(problem) => return Verification::refused(problem),
    };
    let mut found = Verification {
        problems: Vec::new(),
        warnings: Vec::new(),
        credential: None,
        issuer: Some(issuer.clone()),
    };
    if policy.danger_proof_only {
        found.warnings.push(ProblemDetail::new(
            PROOF_VERIFICATION_ERROR,
            "proof_only",
            "this instance checks proofs only: not who signed, not dates, not status",
        ));
    } else {
        if let Err(error) = rules::check_validity(&document, tools.now) {
            found.problems.push(error.problem());
        }
        check_status(credential, &document, &issuer, options, tools, &mut found).await;
    }
    if found.verified() {
        found.credential = Some(document);
    }
    found
}

enum Form {
    Embedded,
    Enveloped(Enveloped),
}

fn secured_form(credential: &Value) -> Result<Form, ProblemDetail> {
    let opened = match credential {
        Value::String(token) => Enveloped::credential_token(token),
        value if is_envelope(value) => Enveloped::read(value),
        Value::Object(_) => return Ok(Form::Embedded),
        _ => {
            let detail = "a credential is an object or a token";
            return Err(ProblemDetail::new(PARSING_ERROR, "credential_malformed", detail));
        }
    };
    opened
        .map(Form::Enveloped)
        .map_err(|error| ProblemDetail::new(PARSING_ERROR, error.code(), error.to_string()))
}

async fn embedded(
    credential: &Value,
    options: &VerifyOptions,
    policy: VerifierPolicy,
    tools: &Tools<'_>,
) -> Result<Held, ProblemDetail> {
    let extent = if names_selective_suite(credential) { Extent::Disclosed } else { Extent::Whole };
    rules::check_credential(credential, extent).map_err(|error| error.problem())?;
    let expected = Expected {
        purpose: options.expected_purpose.unwrap_or(ProofPurpose::AssertionMethod),
        controller: None,
        challenge: options.challenge.as_deref(),
        domain: options.domain.as_deref(),
        now: tools.now,
    };
    let proofs = proofs(credential, &expected, policy, tools).await?;
    let controller = proofs.first().map(|proof| proof.controller.clone());
    let issuer = controller.ok_or_else(|| of_proof(&ProofError::Missing))?;
    Ok(Held { document: credential.clone(), issuer })
}

/// Verifies the proofs of a document and, for suites that sign JSON, that its terms mean something.
pub(crate) async fn proofs(
    document: &Value,
    expected: &Expected<'_>,
    policy: VerifierPolicy,
    tools: &Tools<'_>,
) -> Result<Vec<VerifiedProof>, ProblemDetail> {
    let methods = data_integrity::verification_methods(document).map_err(|e| of_proof(&e))?;
    let ring = keys::ring(&methods, tools.resolver, PROOF_VERIFICATION_ERROR).await?;
    let engine = policy.contexts.engine();
    let proofs = if policy.danger_proof_only {
        data_integrity::danger::verify_proof_only_with(&engine, document, expected, &ring)
    } else {
        engine.verify(document, expected, &ring)
    };
    let proofs = proofs.map_err(|error| of_proof(&error))?;
    let signs_json = |proof: &VerifiedProof| {
        matches!(proof.cryptosuite, Cryptosuite::EddsaJcs2022 | Cryptosuite::EcdsaJcs2019)
    };
    // The others could not have been canonicalized.
    if proofs.iter().all(signs_json) {
        rules::check_terms(document, policy.contexts).map_err(|error| error.problem())?;
    }
    Ok(proofs)
}

pub(crate) fn of_proof(error: &ProofError) -> ProblemDetail {
    ProblemDetail::new(error.problem_type(), error.code(), reason(error))
}

/// Only such a proof may leave parts of the document hidden. Whether it holds is for later.
fn names_selective_suite(document: &Value) -> bool {
    let selective = |proof: &Value| {
        proof
            .get("cryptosuite")
            .and_then(Value::as_str)
            .and_then(Cryptosuite::parse)
            .is_some_and(Cryptosuite::is_selective)
    };
    match document.get("proof") {
        Some(Value::Array(list)) => list.iter().any(selective),
        Some(one) => selective(one),
        None => false,
    }
}

async fn enveloped(
    envelope: &Enveloped,
    options: &VerifyOptions,
    policy: VerifierPolicy,
    tools: &Tools<'_>,
) -> Result<Held, ProblemDetail> {
    if options.challenge.is_some() || options.domain.is_some() {
        let detail = "an enveloped credential has no place for challenge and domain";
        return Err(ProblemDetail::new(INVALID_CHALLENGE_ERROR, "proof_wrong_challenge", detail));
    }
    let refuse =
        |code: &str, detail: String| ProblemDetail::new(CRYPTOGRAPHIC_SECURITY_ERROR, code, detail);
    let unreadable = || refuse("envelope_encoding", "the content is no token".to_owned());
    let mut expected = Expected::credential(None, tools.now);
    expected.purpose = options.expected_purpose.unwrap_or(expected.purpose);
    let ring = |method| async move {
        keys::ring(&[method], tools.resolver, CRYPTOGRAPHIC_SECURITY_ERROR).await
    };
    let document = match envelope.media_type {
        MediaType::VcJwt => {
            let fail = |error: jwt_vc::JwtVcError| refuse(error.code(), reason(&error));
            let token = envelope.token().ok_or_else(unreadable)?;
            let ring: KeyRing = ring(jwt_vc::verification_method(token).map_err(fail)?).await?;
            jwt_vc::verify(token, &ring, &expected).map_err(fail)?
        }
        MediaType::VcSdJwt => {
            let fail = |error: vc_sd_jwt::VcSdJwtError| refuse(error.code(), reason(&error));
            let token = envelope.token().ok_or_else(unreadable)?;
            let token = SdJwt::parse(token).map_err(|error| fail(error.into()))?;
            let ring = ring(vc_sd_jwt::verification_method(&token).map_err(fail)?).await?;
            vc_sd_jwt::verify(&token, &ring, &expected).map_err(fail)?.document
        }
        MediaType::VcCose => {
            let fail = |error: cose::CoseError| refuse(error.code(), reason(&error));
            let bytes = envelope.bytes();
            let ring = ring(cose::verification_method(bytes).map_err(fail)?).await?;
            cose::verify(bytes, &ring, &expected).map_err(fail)?
        }
        other => {
            let detail = format!("{} carries no credential of the data model", other.as_str());
            return Err(ProblemDetail::new(PARSING_ERROR, "envelope_media_type", detail));
        }
    };
    let extent =
        if envelope.media_type == MediaType::VcSdJwt { Extent::Disclosed } else { Extent::Whole };
    let version = rules::check_credential(&document, extent).map_err(|error| error.problem())?;
    if version == Version::V2 {
        rules::check_terms(&document, policy.contexts).map_err(|error| error.problem())?;
    }
    let issuer = document.get("issuer");
    let issuer = issuer.and_then(|issuer| issuer.as_str().or_else(|| issuer.get("id")?.as_str()));
    let issuer = issuer.and_then(|issuer| Did::parse(issuer).ok());
    let issuer = issuer.ok_or_else(|| refuse("issuer_not_a_did", "the issuer is no DID".into()))?;
    Ok(Held { document, issuer })
}

async fn check_status(
    credential: &Value,
    document: &Value,
    issuer: &Did,
    options: &VerifyOptions,
    tools: &Tools<'_>,
    found: &mut Verification,
) {
    if document.get("credentialStatus").is_none() {
        return;
    }
    let answer = match tools.status {
        Some(status) => status.status(credential, issuer, tools.now).await,
        None => StatusAnswer::Unknown {
            code: "status_not_looked_up".to_owned(),
            detail: "this verifier looks up no status lists".to_owned(),
        },
    };
    match answer {
        StatusAnswer::NoEntry | StatusAnswer::Valid => {}
        StatusAnswer::NotValid { code, detail } => {
            found.problems.push(ProblemDetail::new(STATUS_VERIFICATION_ERROR, code, detail));
        }
        StatusAnswer::Unknown { code, detail } => {
            let problem = ProblemDetail::new(STATUS_RETRIEVAL_ERROR, code, detail);
            if options.wants_status() {
                found.problems.push(problem);
            } else {
                found.warnings.push(problem);
            }
        }
    }
}

/// The token inside an `EnvelopedVerifiableCredential`, where it is one of text.
#[must_use]
pub fn token_of(envelope: &Value) -> Option<String> {
    if !is_envelope(envelope) {
        return None;
    }
    Enveloped::read(envelope).ok()?.token().map(str::to_owned)
}
