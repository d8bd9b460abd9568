//! What every envelope of VC-JOSE-COSE checks of the document inside, whatever signs it.

use credential_model::did::{Did, DidUrl};
use credential_model::moment::Moment;
use serde_json::{Map, Value, json};
use signing_keys::{KeyRing, VerificationKey};

use crate::envelope::{Enveloped, MediaType, is_envelope};
use crate::expected::{CLOCK_SKEW_SECONDS, Expected};
use crate::jwt_vc::{ExpectedPresentation, Presentation};
use crate::key_check::{KeyRefusal, usable_key};

/// First context of VCDM 2.0.
pub(crate) const CONTEXT_V2: &str = "https://www.w3.org/ns/credentials/v2";
/// Claims of a token that are no members of the document.
pub(crate) const REGISTERED: [&str; 9] =
    ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "nonce"];
/// More credentials than anybody presents at once.
const MAX_CREDENTIALS: usize = 64;

/// Why the document in an envelope was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The payload is no unsecured VCDM 2.0 document of the expected type.
    #[error("the payload is no document of the expected type")]
    BadDocument,
    /// The document's issuer or holder does not control the key.
    #[error("the issuer or holder is missing or does not control the key")]
    WrongIssuer,
    /// A registered claim is malformed or says something else than the document.
    #[error("the claim {0:?} is malformed or differs from the document")]
    Claim(&'static str),
    /// A credential in a presentation is not secured, or its envelope cannot be read.
    #[error("a credential in the presentation is not secured")]
    UnsecuredCredential,
    /// Before `nbf` or `iat`.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// After `exp`.
    #[error("the token has expired")]
    Expired,
    /// The presentation was made for another verifier.
    #[error("the presentation was made for another verifier")]
    WrongAudience,
    /// The presentation repeats another nonce.
    #[error("the presentation repeats another nonce")]
    WrongNonce,
    /// The presentation is older than allowed.
    #[error("the presentation is too old")]
    TooOld,
    /// The key may not make this signature.
    #[error("the key is not acceptable")]
    Key(#[from] KeyRefusal),
}

impl DocumentError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadDocument => "vc_bad_document",
            Self::WrongIssuer => "vc_wrong_issuer",
            Self::Claim(_) => "vc_claim",
            Self::UnsecuredCredential => "vp_unsecured_credential",
            Self::NotYetValid => "vc_not_yet_valid",
            Self::Expired => "vc_expired",
            Self::WrongAudience => "vp_wrong_audience",
            Self::WrongNonce => "vp_wrong_nonce",
            Self::TooOld => "vp_too_old",
            Self::Key(refusal) => refusal.code(),
        }
    }
}

/// The claims about a signature, from a JWT claims set or the CWT claims of a COSE header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) nonce: Option<Vec<u8>>,
    pub(crate) issued_at: Option<Moment>,
    pub(crate) not_before: Option<Moment>,
    pub(crate) expires: Option<Moment>,
}

impl Claims {
    /// Out of a JWT claims set.
    pub(crate) fn from_json(claims: &Map<String, Value>) -> Result<Self, DocumentError> {
        let text = |name: &'static str| match claims.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(DocumentError::Claim(name)),
        };
        let date = |name: &'static str| match claims.get(name) {
            None => Ok(None),
            Some(value) => {
                crate::jose::numeric_date(value).map(Some).ok_or(DocumentError::Claim(name))
            }
        };
        let audience = match claims.get("aud") {
            // Several audiences would let one verifier replay to the next.
            Some(Value::Array(audiences)) => match audiences.as_slice() {
                [Value::String(only)] => Some(only.clone()),
                _ => return Err(DocumentError::WrongAudience),
            },
            _ => text("aud")?,
        };
        Ok(Self {
            issuer: text("iss")?,
            audience,
            nonce: text("nonce")?.map(String::into_bytes),
            issued_at: date("iat")?,
            not_before: date("nbf")?,
            expires: date("exp")?,
        })
    }

    /// The dates of the signature. One that only repeats the document's is left to the judge of the document: an
    /// expired credential is still authentic.
    fn check_dates(&self, document: &Value, now: Moment) -> Result<(), DocumentError> {
        let stated = |name: &str| {
            document.get(name).and_then(Value::as_str).and_then(|text| Moment::parse(text).ok())
        };
        let latest = now.plus_seconds(CLOCK_SKEW_SECONDS);
        let not_before = self.not_before.filter(|moment| stated("validFrom") != Some(*moment));
        if not_before.is_some_and(|moment| moment > latest)
            || self.issued_at.is_some_and(|moment| moment > latest)
        {
            return Err(DocumentError::NotYetValid);
        }
        let expires = self.expires.filter(|moment| stated("validUntil") != Some(*moment));
        if expires.is_some_and(|moment| moment < now.minus_seconds(CLOCK_SKEW_SECONDS)) {
            return Err(DocumentError::Expired);
        }
        Ok(())
    }

    /// For this verifier, this request, and just now.
    fn check_binding(&self, expected: &ExpectedPresentation<'_>) -> Result<(), DocumentError> {
        if self.audience.as_deref() != Some(expected.audience) {
            return Err(DocumentError::WrongAudience);
        }
        if self.nonce.as_deref() != Some(expected.nonce.as_bytes()) {
            return Err(DocumentError::WrongNonce);
        }
        self.check_dates(&Value::Null, expected.now)?;
        let oldest =
            expected.now.minus_seconds(expected.max_age_seconds.saturating_add(CLOCK_SKEW_SECONDS));
        if self.issued_at.is_some_and(|moment| moment < oldest) {
            return Err(DocumentError::TooOld);
        }
        Ok(())
    }
}

/// A string, or the `id` of an object.
pub(crate) fn id_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(id) => Some(id),
        Value::Object(members) => members.get("id")?.as_str(),
        _ => None,
    }
}

/// Whether `type` contains `name`.
pub(crate) fn has_type(document: &Value, name: &str) -> bool {
    match document.get("type") {
        Some(Value::Array(types)) => types.iter().any(|one| one.as_str() == Some(name)),
        Some(Value::String(only)) => only == name,
        _ => false,
    }
}

/// Whether the first context is that of VCDM 2.0.
pub(crate) fn is_version_2(document: &Value) -> bool {
    match document.get("@context") {
        Some(Value::Array(contexts)) => {
            contexts.first().and_then(Value::as_str) == Some(CONTEXT_V2)
        }
        Some(Value::String(only)) => only == CONTEXT_V2,
        _ => false,
    }
}

/// An unsecured VCDM 2.0 document: `kind` is `VerifiableCredential` or `VerifiablePresentation`. The members `vc`, `vp`
/// (VC-JOSE-COSE section 1.1.2.1) and `proof` never stand in an enveloped document.
pub(crate) fn check_document(document: &Value, kind: &str) -> Result<(), DocumentError> {
    let members = document.as_object().ok_or(DocumentError::BadDocument)?;
    if ["vc", "vp", "proof"].iter().any(|name| members.contains_key(*name))
        || !is_version_2(document)
        || !has_type(document, kind)
    {
        return Err(DocumentError::BadDocument);
    }
    Ok(())
}

/// What an issuer may secure: an unsecured credential without registered claims, whose issuer is the DID of `kid`.
pub(crate) fn check_for_issuing(document: &Value, kid: &DidUrl) -> Result<(), DocumentError> {
    check_document(document, "VerifiableCredential")?;
    if REGISTERED.iter().any(|name| document.get(name).is_some()) {
        return Err(DocumentError::BadDocument);
    }
    if document.get("issuer").and_then(id_of) != Some(kid.did().as_str()) {
        return Err(DocumentError::WrongIssuer);
    }
    Ok(())
}

/// Takes the registered claims out of a claims set: what is left is the document.
pub(crate) fn without_registered(claims: &Map<String, Value>) -> Value {
    let mut document = claims.clone();
    for name in REGISTERED {
        document.remove(name);
    }
    Value::Object(document)
}

/// `jti` and `sub`, where present, repeat the document (VC-JOSE-COSE section 3.1.3).
pub(crate) fn check_repeated(
    claims: &Map<String, Value>,
    document: &Value,
) -> Result<(), DocumentError> {
    let subject = match document.get("credentialSubject") {
        Some(Value::Array(subjects)) if subjects.len() == 1 => subjects[0].get("id"),
        Some(subject) => subject.get("id"),
        None => None,
    };
    for (name, stated) in [("jti", document.get("id")), ("sub", subject)] {
        let Some(claim) = claims.get(name) else { continue };
        if !claim.is_string() || stated.is_some_and(|stated| stated != claim) {
            return Err(DocumentError::Claim(name));
        }
    }
    Ok(())
}

/// The key of a credential: named by `method`, controlled by the document's issuer, listed for the purpose.
pub(crate) fn issuer_key<'k>(
    document: &Value,
    claims: &Claims,
    method: &DidUrl,
    keys: &'k KeyRing,
    expected: &Expected<'_>,
) -> Result<&'k VerificationKey, DocumentError> {
    check_document(document, "VerifiableCredential")?;
    let issuer = document
        .get("issuer")
        .and_then(id_of)
        .and_then(|id| Did::parse(id).ok())
        .ok_or(DocumentError::WrongIssuer)?;
    if expected.controller.is_some_and(|controller| controller != &issuer) {
        return Err(DocumentError::WrongIssuer);
    }
    if claims.issuer.as_deref().is_some_and(|claimed| claimed != issuer.as_str()) {
        return Err(DocumentError::Claim("iss"));
    }
    usable_key(keys, method, Some(&issuer), expected.purpose, expected.now).map_err(owner)
}

/// The dates of a credential's signature; asked once the signature holds.
pub(crate) fn check_credential_dates(
    document: &Value,
    claims: &Claims,
    now: Moment,
) -> Result<(), DocumentError> {
    claims.check_dates(document, now)
}

/// The key of a presentation: named by `method`, controlled by the holder, listed for authentication.
pub(crate) fn holder_key<'k>(
    document: &Value,
    claims: &Claims,
    method: &DidUrl,
    keys: &'k KeyRing,
    expected: &ExpectedPresentation<'_>,
) -> Result<&'k VerificationKey, DocumentError> {
    check_document(document, "VerifiablePresentation")?;
    let purpose = credential_model::did::ProofPurpose::Authentication;
    let key = usable_key(keys, method, expected.holder, purpose, expected.now).map_err(owner)?;
    let stated = [
        document.get("holder").map(|holder| id_of(holder).unwrap_or_default()),
        claims.issuer.as_deref(),
    ];
    if stated.iter().flatten().any(|stated| *stated != key.controller.as_str()) {
        return Err(DocumentError::WrongIssuer);
    }
    Ok(key)
}

/// Audience, nonce and age of a presentation, and its credentials, envelopes of text opened; asked once the signature
/// holds.
pub(crate) fn check_presentation(
    document: &Value,
    claims: &Claims,
    expected: &ExpectedPresentation<'_>,
) -> Result<Vec<Value>, DocumentError> {
    claims.check_binding(expected)?;
    credentials_of(document)
}

fn owner(refusal: KeyRefusal) -> DocumentError {
    match refusal {
        KeyRefusal::WrongController => DocumentError::WrongIssuer,
        other => DocumentError::Key(other),
    }
}

/// The unsecured presentation document.
pub(crate) fn presentation_document(
    presentation: &Presentation<'_>,
) -> Result<Value, DocumentError> {
    let credentials =
        presentation.credentials.iter().map(embed).collect::<Result<Vec<_>, DocumentError>>()?;
    if credentials.len() > MAX_CREDENTIALS {
        return Err(DocumentError::BadDocument);
    }
    Ok(json!({
        "@context": [CONTEXT_V2],
        "type": ["VerifiablePresentation"],
        "holder": presentation.kid.did().as_str(),
        "verifiableCredential": credentials,
    }))
}

/// A compact token gets its envelope; an object must be an envelope already, or carry a proof.
fn embed(credential: &Value) -> Result<Value, DocumentError> {
    let refused = |_| DocumentError::UnsecuredCredential;
    match credential {
        Value::String(token) => Ok(Enveloped::credential_token(token).map_err(refused)?.to_value()),
        Value::Object(_) if is_envelope(credential) => {
            Enveloped::read(credential).map_err(refused)?;
            Ok(credential.clone())
        }
        Value::Object(members) if members.contains_key("proof") => Ok(credential.clone()),
        _ => Err(DocumentError::UnsecuredCredential),
    }
}

/// The credentials of a presentation: a string for a compact token, an object for a document with a proof **and for an
/// envelope with COSE inside** (JSON has no bytes; [`Enveloped::read`] gives them).
pub(crate) fn credentials_of(document: &Value) -> Result<Vec<Value>, DocumentError> {
    let list = match document.get("verifiableCredential") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    if list.len() > MAX_CREDENTIALS {
        return Err(DocumentError::BadDocument);
    }
    list.iter().map(credential_of).collect()
}

/// One credential of a presentation; see [`credentials_of`].
pub(crate) fn credential_of(credential: &Value) -> Result<Value, DocumentError> {
    if is_envelope(credential) {
        let enveloped = Enveloped::read(credential)
            .ok()
            .filter(|enveloped| !enveloped.media_type.is_presentation())
            .ok_or(DocumentError::UnsecuredCredential)?;
        return Ok(match enveloped.token() {
            Some(token) => Value::from(token),
            None => credential.clone(),
        });
    }
    match credential.get("proof") {
        Some(_) => Ok(credential.clone()),
        None => Err(DocumentError::UnsecuredCredential),
    }
}

/// `cty` of a token: absent, or exactly `vc` or `vp`, with or without `application/`.
pub(crate) fn content_type_is(value: Option<&str>, media_type: MediaType) -> bool {
    value.is_none_or(|value| {
        value.strip_prefix("application/").unwrap_or(value) == media_type.content()
    })
}
