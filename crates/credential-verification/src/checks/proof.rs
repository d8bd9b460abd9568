//! The issuer's proof: the issuer's DID is resolved, the key is listed for assertions and
//! controlled by the issuer, and the signature holds over what is shown.
use credential_model::{
    credential::{Encoded, UnverifiedCredential},
    did::Did,
    format::CredentialFormat,
    moment::Moment,
};
use credential_proofs::{
    Expected, KeyRefusal,
    data_integrity::{self, ProofError, TransformError},
    jose::{CompactJws, JoseError},
    json_ld::JsonLdError,
    jwt_vc::{self, JwtVcError},
    sd_jwt::{SdJwt, SdJwtError},
};
use did_resolution::{ResolveError, VerificationKeyError};
use serde_json::Value;
use signing_keys::KeyRing;

use super::keys::{self, IssuerKeys, issuer_keys};
use crate::{
    codes::Code, content::Content, evidence::Evidence, examine::Tools, outcome::CheckOutcome,
};

/// A proof that was looked at: its outcome, and the content it covers if it holds.
pub struct ProofFinding {
    /// Passed, failed or inconclusive.
    pub outcome: CheckOutcome,
    /// The content under the proof, with disclosures in place.
    pub proven: Option<Proven>,
}

/// What a proof that holds covers.
pub struct Proven {
    /// The content.
    pub content: Content,
    /// The issuer, who controls the key.
    pub issuer: Did,
    /// When the issuer's document was anchored, if it is.
    pub anchored_at: Option<Moment>,
    /// When it was signed, as the proof itself says.
    pub signed_at: Option<Moment>,
    /// When its issuance was anchored, where an inclusion proof shows it.
    pub issued_at: Option<Moment>,
}

/// Checks the proof of a credential in any of the three formats, and where the key that made it
/// stands today.
pub async fn check(
    credential: &UnverifiedCredential,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
    now: Moment,
) -> ProofFinding {
    match prove(credential, tools, evidence, now).await {
        Err(outcome) => ProofFinding { outcome, proven: None },
        Ok((proven, keys)) => {
            let mut outcome = keys::judge(&keys, proven.signed_at, proven.issued_at, now);
            if let Some(moment) = proven.issued_at.or(proven.anchored_at) {
                outcome = outcome.as_of(moment);
            }
            ProofFinding { outcome, proven: Some(proven) }
        }
    }
}

async fn prove(
    credential: &UnverifiedCredential,
    tools: &Tools<'_>,
    evidence: &Evidence<'_>,
    now: Moment,
) -> Result<(Proven, IssuerKeys), CheckOutcome> {
    let issuer = credential
        .issuer_unverified()
        .ok_or_else(|| CheckOutcome::failed(Code::IssuerInvalid, "no issuer"))?;
    let issuer = Did::parse(&issuer)
        .map_err(|error| CheckOutcome::failed(Code::IssuerInvalid, error.to_string()))?;
    let expected = Expected::credential(Some(&issuer), now);
    let (body, keys, signed_at) = match (&credential.encoded, credential.format) {
        (Encoded::Json(document), _) => {
            let methods =
                data_integrity::verification_methods(document).map_err(|e| from_proof(&e))?;
            let keys = issuer_keys(&methods, &issuer, tools, evidence).await?;
            data_integrity::verify(document, &expected, &keys.ring).map_err(|e| from_proof(&e))?;
            (document.clone(), keys, newest_proof(document))
        }
        (Encoded::Compact(token), CredentialFormat::SdJwtVc) => {
            let parsed = SdJwt::parse(token).map_err(|e| from_sd_jwt(&e))?;
            let method = parsed.issuer_method().map_err(|e| from_sd_jwt(&e))?;
            let keys = issuer_keys(&[method], &issuer, tools, evidence).await?;
            let disclosed = parsed.verify(&keys.ring, &expected).map_err(|e| from_sd_jwt(&e))?;
            let signed_at = seconds(&disclosed.claims, "iat");
            (disclosed.claims, keys, signed_at)
        }
        (Encoded::Compact(token), _) => {
            let method = jwt_vc::verification_method(token).map_err(|e| from_jwt_vc(&e))?;
            let keys = issuer_keys(&[method], &issuer, tools, evidence).await?;
            let document = verify_jwt(token, &keys.ring, &expected, now)?;
            let claims = CompactJws::parse(token).and_then(|token| token.payload_json()).ok();
            let signed_at =
                claims.and_then(|claims| seconds(&claims, "iat").or(seconds(&claims, "nbf")));
            (document, keys, signed_at)
        }
    };
    let content = Content::new(credential.format, credential.credential_type_unverified(), body);
    let anchored_at = keys.anchored_at;
    let issued_at = keys::anchored(&issuer, anchored_at.is_some(), tools, evidence).await;
    Ok((Proven { content, issuer, anchored_at, signed_at, issued_at }, keys))
}

fn seconds(claims: &Value, name: &str) -> Option<Moment> {
    claims.get(name).and_then(Value::as_i64).map(Moment::from_unix)
}

/// The newest date of the proofs: a credential that was signed again was signed then.
fn newest_proof(document: &Value) -> Option<Moment> {
    let proofs = match document.get("proof")? {
        Value::Array(proofs) => proofs.as_slice(),
        proof => std::slice::from_ref(proof),
    };
    let created = |proof: &Value| Moment::parse(proof.get("created")?.as_str()?).ok();
    proofs.iter().filter_map(created).max()
}

/// An expired token is still authentic: "in force" is another question with its own answer.
/// `jwt_vc::verify` judges dates last, so when they are its only complaint, the token is judged
/// once more inside its dates.
fn verify_jwt(
    token: &str,
    keys: &KeyRing,
    expected: &Expected<'_>,
    now: Moment,
) -> Result<Value, CheckOutcome> {
    let complaint = match jwt_vc::verify(token, keys, expected) {
        Ok(document) => return Ok(document),
        Err(error @ (JwtVcError::Expired | JwtVcError::NotYetValid)) => error,
        Err(error) => return Err(from_jwt_vc(&error)),
    };
    let inside = moment_inside(token, &complaint).ok_or_else(|| from_jwt_vc(&complaint))?;
    let then = Expected { now: inside, ..expected.clone() };
    let document = jwt_vc::verify(token, keys, &then).map_err(|error| from_jwt_vc(&error))?;
    let content = Content::new(CredentialFormat::JwtVcJson, None, document.clone());
    if super::validity::check(&content, now).kind() == crate::outcome::OutcomeKind::Failed {
        Ok(document)
    } else {
        // Only the token ran out, not what it carries: nobody else would say so.
        Err(from_jwt_vc(&complaint))
    }
}

fn moment_inside(token: &str, complaint: &JwtVcError) -> Option<Moment> {
    let claims = CompactJws::parse(token).ok()?.payload_json().ok()?;
    let document = jwt_vc::document_unverified(token).ok()?;
    let seconds = |name: &str| claims.get(name).and_then(Value::as_i64).map(Moment::from_unix);
    let date = |name: &str| {
        document.get(name).and_then(Value::as_str).and_then(|text| Moment::parse(text).ok())
    };
    match complaint {
        JwtVcError::Expired => {
            [seconds("exp"), date("validUntil"), date("expirationDate")].into_iter().flatten().min()
        }
        _ => [seconds("nbf"), seconds("iat"), date("validFrom"), date("issuanceDate")]
            .into_iter()
            .flatten()
            .max(),
    }
}

/// A DID that did not resolve.
pub(crate) fn from_resolve(error: &ResolveError) -> CheckOutcome {
    let detail = error.to_string();
    match error {
        ResolveError::InvalidDid(_) => CheckOutcome::failed(Code::IssuerInvalid, detail),
        ResolveError::MethodNotSupported(_) | ResolveError::NetworkUnknown(_) => {
            CheckOutcome::inconclusive(Code::IssuerMethodUnsupported, detail)
        }
        // "Not there" today may be a moved host: the issuer is not disproved by it.
        ResolveError::NotFound { .. } => CheckOutcome::inconclusive(Code::IssuerNotFound, detail),
        ResolveError::Forbidden { .. } => {
            CheckOutcome::inconclusive(Code::IssuerAddressRefused, detail)
        }
        ResolveError::InvalidDocument(_) | ResolveError::InvalidLog(_) => {
            CheckOutcome::inconclusive(Code::IssuerDocumentInvalid, detail)
        }
        // Either the host or the chain is behind: which one is not known.
        ResolveError::AnchorMismatch { .. } => {
            CheckOutcome::inconclusive(Code::IssuerAnchorMismatch, detail)
        }
        ResolveError::Deactivated => CheckOutcome::failed(Code::IssuerDeactivated, detail),
        ResolveError::VerificationMethod(error) => from_key(error),
        _ => CheckOutcome::inconclusive(Code::IssuerUnreachable, detail),
    }
}

pub(crate) fn from_key(error: &VerificationKeyError) -> CheckOutcome {
    let detail = error.to_string();
    match error {
        VerificationKeyError::NotFound(_) => CheckOutcome::failed(Code::ProofKeyUnknown, detail),
        VerificationKeyError::OtherSubject => {
            CheckOutcome::failed(Code::ProofIssuerMismatch, detail)
        }
        VerificationKeyError::UnsupportedType(_) => {
            CheckOutcome::inconclusive(Code::ProofUnsupported, detail)
        }
        _ => CheckOutcome::failed(Code::ProofMalformed, detail),
    }
}

pub(crate) fn from_refusal(refusal: &KeyRefusal) -> CheckOutcome {
    let code = match refusal {
        KeyRefusal::NotFound => Code::ProofKeyUnknown,
        KeyRefusal::WrongController => Code::ProofIssuerMismatch,
        KeyRefusal::NotListed => Code::ProofKeyNotListed,
        _ => Code::ProofKeyRevoked,
    };
    CheckOutcome::failed(code, refusal.to_string())
}

pub(crate) fn from_jose(error: &JoseError) -> CheckOutcome {
    let code = match error {
        JoseError::BadSignature => Code::ProofInvalid,
        JoseError::UnsupportedAlgorithm => {
            return CheckOutcome::inconclusive(Code::ProofUnsupported, error.to_string());
        }
        JoseError::AlgorithmMismatch => Code::ProofInvalid,
        _ => Code::ProofMalformed,
    };
    CheckOutcome::failed(code, error.to_string())
}

pub(crate) fn from_proof(error: &ProofError) -> CheckOutcome {
    let detail = match error {
        ProofError::Transform(reason) => format!("{error}: {reason}"),
        error => error.to_string(),
    };
    let code = match error {
        ProofError::Missing => Code::ProofMissing,
        // A base proof says nothing against the credential: its holder has to derive from it first.
        ProofError::UnknownType
        | ProofError::UnknownCryptosuite
        | ProofError::UnsupportedFeature
        | ProofError::BaseProof => {
            return CheckOutcome::inconclusive(Code::ProofUnsupported, detail);
        }
        // A limit of ours says nothing against the signature.
        ProofError::Transform(
            TransformError::Canon(_) | TransformError::JsonLd(JsonLdError::TooComplex),
        ) => {
            return CheckOutcome::inconclusive(Code::ProofTooLarge, detail);
        }
        ProofError::WrongPurpose => Code::ProofPurpose,
        ProofError::Expired | ProofError::FromFuture => Code::ProofExpired,
        ProofError::Key(refusal) => return from_refusal(refusal),
        ProofError::WrongIssuer => Code::ProofIssuerMismatch,
        ProofError::BadDocument | ProofError::BadProof | ProofError::Member(_) => {
            Code::ProofMalformed
        }
        // Unknown terms, foreign contexts, a broken chain, a wrong signature: not what was signed.
        _ => Code::ProofInvalid,
    };
    CheckOutcome::failed(code, detail)
}

fn from_sd_jwt(error: &SdJwtError) -> CheckOutcome {
    let detail = error.to_string();
    let code = match error {
        SdJwtError::Jose(error) => return from_jose(error),
        SdJwtError::Key(refusal) => return from_refusal(refusal),
        SdJwtError::WrongIssuer => Code::ProofIssuerMismatch,
        SdJwtError::NoVerificationMethod => Code::ProofKeyUnknown,
        SdJwtError::MalformedDisclosure
        | SdJwtError::ReservedName
        | SdJwtError::DuplicateDigest
        | SdJwtError::DuplicateDisclosure
        | SdJwtError::UnreferencedDisclosure
        | SdJwtError::NameCollision
        | SdJwtError::MalformedDigests => Code::ProofDisclosure,
        SdJwtError::TooLarge => return CheckOutcome::inconclusive(Code::ProofTooLarge, detail),
        SdJwtError::UnsupportedDigest => {
            return CheckOutcome::inconclusive(Code::ProofUnsupported, detail);
        }
        _ => Code::ProofMalformed,
    };
    CheckOutcome::failed(code, detail)
}

pub(crate) fn from_jwt_vc(error: &JwtVcError) -> CheckOutcome {
    let detail = error.to_string();
    let code = match error {
        JwtVcError::Jose(error) => return from_jose(error),
        JwtVcError::Key(refusal) => return from_refusal(refusal),
        JwtVcError::NoVerificationMethod => Code::ProofKeyUnknown,
        JwtVcError::WrongIssuer => Code::ProofIssuerMismatch,
        JwtVcError::Expired | JwtVcError::NotYetValid => Code::ProofExpired,
        _ => Code::ProofMalformed,
    };
    CheckOutcome::failed(code, detail)
}
