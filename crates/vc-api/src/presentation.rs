//! Verifying a presentation and everything in it.

use credential_model::did::{Did, ProofPurpose};
use credential_proofs::envelope::{Enveloped, MediaType, is_envelope};
use credential_proofs::jwt_vc::{self, ExpectedPresentation, VerifiedPresentation};
use credential_proofs::{Expected, cose, vc_sd_jwt};
use serde_json::{Value, json};

use crate::keys;
use crate::problem::{
    CRYPTOGRAPHIC_SECURITY_ERROR, INVALID_CHALLENGE_ERROR, PARSING_ERROR, PROOF_VERIFICATION_ERROR,
    ProblemDetail, reason,
};
use crate::request::{VerifyOptions, VerifyPresentationRequest};
use crate::rules;
use crate::verify::{Tools, Verification, VerifierPolicy, proofs, verify_credential};

/// How old an enveloped presentation may be, in seconds.
const MAX_AGE_SECONDS: i64 = 300;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PresentationVerification {
    /// What speaks against the presentation itself.
    pub problems: Vec<ProblemDetail>,
    /// Every credential in it, in order.
    pub credentials: Vec<Verification>,
    /// Who presented, where the presentation is signed.
    pub holder: Option<Did>,
}

impl PresentationVerification {
    /// Whether nothing speaks against the presentation and anything in it.
    #[must_use]
    pub fn verified(&self) -> bool {
        self.problems.is_empty() && self.credentials.iter().all(Verification::verified)
    }

    fn refused(problem: ProblemDetail) -> Self {
        Self { problems: vec![problem], credentials: Vec::new(), holder: None }
    }

    /// The answer's body.
    #[must_use]
    pub fn to_json(&self, options: &VerifyOptions) -> Value {
        let all: Vec<&ProblemDetail> = self
            .problems
            .iter()
            .chain(self.credentials.iter().flat_map(|credential| &credential.problems))
            .collect();
        let warnings: Vec<&ProblemDetail> =
            self.credentials.iter().flat_map(|credential| &credential.warnings).collect();
        let credentials: Vec<Value> =
            self.credentials.iter().map(|credential| credential.to_json(options)).collect();
        json!({
            "verified": self.verified(),
            "holder": self.holder.as_ref().map(Did::as_str),
            "presentationResult": {
                "verified": self.problems.is_empty(),
                "problemDetails": self.problems,
            },
            "credentialResults": credentials,
            "problemDetails": all,
            "warnings": warnings,
            "errors": all,
        })
    }
}

/// Verifies a presentation: signed, enveloped, or unsigned where no proof, challenge or domain is asked for; then every
/// credential in it. A credential without a proof of its own counts only as the holder's own word: in a signed
/// presentation whose `holder` is its issuer (VCDM 2.0 section 4.13.4).
pub async fn verify_presentation(
    request: &VerifyPresentationRequest,
    policy: VerifierPolicy,
    tools: &Tools<'_>,
) -> PresentationVerification {
    let options = &request.options;
    let shown = match show(request, policy, tools).await {
        Ok(shown) => shown,
        Err(problem) => return PresentationVerification::refused(problem),
    };
    let mut credentials = Vec::with_capacity(shown.credentials.len());
    // Challenge, domain and purpose are asked of the presentation, not of what it contains.
    let inner = VerifyOptions {
        checks: options.checks.clone(),
        return_credential: options.return_credential,
        ..VerifyOptions::default()
    };
    for credential in &shown.credentials {
        let secured =
            !credential.is_object() || is_envelope(credential) || credential.get("proof").is_some();
        credentials.push(if secured {
            verify_credential(credential, &inner, policy, tools).await
        } else {
            self_asserted(credential, &shown, policy, tools)
        });
    }
    PresentationVerification { problems: Vec::new(), credentials, holder: shown.signer }
}

/// A presentation that holds, but for what it contains.
struct Shown {
    document: Value,
    credentials: Vec<Value>,
    signer: Option<Did>,
}

async fn show(
    request: &VerifyPresentationRequest,
    policy: VerifierPolicy,
    tools: &Tools<'_>,
) -> Result<Shown, ProblemDetail> {
    let parsing = |code: &str, detail: String| ProblemDetail::new(PARSING_ERROR, code, detail);
    match &request.presentation {
        Value::String(token) => {
            let media = if token.contains('~') { MediaType::VpSdJwt } else { MediaType::VpJwt };
            let envelope = Enveloped::new(media, token.as_bytes())
                .map_err(|error| parsing(error.code(), error.to_string()))?;
            enveloped(&envelope, &request.options, policy, tools).await
        }
        value if is_envelope(value) => {
            let envelope =
                Enveloped::read(value).map_err(|error| parsing(error.code(), error.to_string()))?;
            if !envelope.media_type.is_presentation() {
                let detail = "a credential stands where a presentation must";
                return Err(parsing("envelope_media_type", detail.to_owned()));
            }
            enveloped(&envelope, &request.options, policy, tools).await
        }
        document => plain(document, request, policy, tools).await,
    }
}

async fn plain(
    document: &Value,
    request: &VerifyPresentationRequest,
    policy: VerifierPolicy,
    tools: &Tools<'_>,
) -> Result<Shown, ProblemDetail> {
    let options = &request.options;
    rules::check_presentation(document).map_err(|error| error.problem())?;
    let credentials = rules::credentials(document).map_err(|error| error.problem())?.to_vec();
    let document = document.clone();
    if document.get("proof").is_none() {
        let asked = options.challenge.is_some()
            || options.domain.is_some()
            || options.expected_purpose.is_some()
            || options
                .checks
                .as_ref()
                .is_some_and(|checks| checks.iter().any(|name| name == "proof"));
        if asked {
            let detail = "the presentation is not signed, and a proof is asked for";
            return Err(ProblemDetail::new(PROOF_VERIFICATION_ERROR, "proof_missing", detail));
        }
        rules::check_terms(&document, policy.contexts).map_err(|error| error.problem())?;
        return Ok(Shown { document, credentials, signer: None });
    }
    if request.unsigned {
        let detail = "`presentation` is for unsigned ones; this one has a proof";
        return Err(ProblemDetail::new(PARSING_ERROR, "presentation_signed", detail));
    }
    let expected = Expected {
        purpose: options.expected_purpose.unwrap_or(ProofPurpose::Authentication),
        controller: None,
        challenge: options.challenge.as_deref(),
        domain: options.domain.as_deref(),
        now: tools.now,
    };
    let proofs = proofs(&document, &expected, policy, tools).await?;
    let signer = proofs.first().map(|proof| proof.controller.clone());
    if !policy.danger_proof_only
        && proofs.iter().any(|proof| Some(&proof.controller) != signer.as_ref())
    {
        let detail = "the proofs belong to different parties";
        return Err(ProblemDetail::new(PROOF_VERIFICATION_ERROR, "proof_wrong_issuer", detail));
    }
    Ok(Shown { document, credentials, signer })
}

async fn enveloped(
    envelope: &Enveloped,
    options: &VerifyOptions,
    policy: VerifierPolicy,
    tools: &Tools<'_>,
) -> Result<Shown, ProblemDetail> {
    let (Some(nonce), Some(audience)) = (&options.challenge, &options.domain) else {
        // A token without the verifier's nonce proves nothing about who is here now.
        let detail =
            "an enveloped presentation is verified against options.challenge and options.domain";
        return Err(ProblemDetail::new(INVALID_CHALLENGE_ERROR, "challenge_missing", detail));
    };
    let expected = ExpectedPresentation {
        audience,
        nonce,
        holder: None,
        now: tools.now,
        max_age_seconds: MAX_AGE_SECONDS,
    };
    let refuse =
        |code: &str, detail: String| ProblemDetail::new(CRYPTOGRAPHIC_SECURITY_ERROR, code, detail);
    let unreadable = || refuse("envelope_encoding", "the content is no token".to_owned());
    let ring = |method| async move {
        keys::ring(&[method], tools.resolver, CRYPTOGRAPHIC_SECURITY_ERROR).await
    };
    let verified: VerifiedPresentation = match envelope.media_type {
        MediaType::VpJwt => {
            let fail = |error: jwt_vc::JwtVcError| refuse(error.code(), reason(&error));
            let token = envelope.token().ok_or_else(unreadable)?;
            let ring = ring(jwt_vc::presentation_method(token).map_err(fail)?).await?;
            jwt_vc::verify_presentation(token, &ring, &expected).map_err(fail)?
        }
        MediaType::VpSdJwt => {
            let fail = |error: vc_sd_jwt::VcSdJwtError| refuse(error.code(), reason(&error));
            let token = envelope.token().ok_or_else(unreadable)?;
            let ring = ring(vc_sd_jwt::presentation_method(token).map_err(fail)?).await?;
            vc_sd_jwt::verify_presentation(token, &ring, &expected).map_err(fail)?
        }
        _ => {
            let fail = |error: cose::CoseError| refuse(error.code(), reason(&error));
            let bytes = envelope.bytes();
            let ring = ring(cose::presentation_method(bytes).map_err(fail)?).await?;
            cose::verify_presentation(bytes, &ring, &expected).map_err(fail)?
        }
    };
    rules::check_presentation(&verified.document).map_err(|error| error.problem())?;
    rules::check_terms(&verified.document, policy.contexts).map_err(|error| error.problem())?;
    Ok(Shown {
        document: verified.document,
        credentials: verified.credentials,
        signer: Some(verified.holder),
    })
}

/// A credential that only the presentation's own proof secures.
fn self_asserted(
    credential: &Value,
    shown: &Shown,
    policy: VerifierPolicy,
    tools: &Tools<'_>,
) -> Verification {
    let party = |value: Option<&Value>| {
        let id = value.and_then(|value| value.as_str().or_else(|| value.get("id")?.as_str()));
        id.map(str::to_owned)
    };
    let holder = party(shown.document.get("holder"));
    let signer = shown.signer.as_ref().map(Did::as_str);
    let own = holder.is_some()
        && holder == party(credential.get("issuer"))
        && holder.as_deref() == signer;
    if !own {
        let detail =
            "a credential without a proof must be issued by the holder who signs the presentation";
        return Verification::refused(ProblemDetail::new(
            PROOF_VERIFICATION_ERROR,
            "proof_missing",
            detail,
        ));
    }
    let checked = rules::check_credential(credential, rules::Extent::Whole)
        .and_then(|_| rules::check_terms(credential, policy.contexts))
        .and_then(|()| {
            if policy.danger_proof_only {
                Ok(())
            } else {
                rules::check_validity(credential, tools.now)
            }
        });
    match checked {
        Err(error) => Verification::refused(error.problem()),
        Ok(()) => Verification {
            problems: Vec::new(),
            warnings: Vec::new(),
            credential: Some(credential.clone()),
            issuer: shown.signer.clone(),
        },
    }
}
