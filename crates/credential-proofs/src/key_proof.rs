//! The `jwt` key proof of OID4VCI 1.0 (appendix F.1): the wallet shows that it holds the key a credential is bound to.

use credential_model::did::DidUrl;
use credential_model::moment::Moment;
use serde_json::{Map, Value, json};
use signing_keys::{PublicKey, Signer};

use crate::expected::CLOCK_SKEW_SECONDS;
use crate::jose::{self, CompactJws, HeaderRules, JoseError};

/// `typ` of a key proof.
pub const TYP: &str = "openid4vci-proof+jwt";

/// How the proof names its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyRef {
    /// By DID URL; the issuer resolves it.
    Kid(DidUrl),
    /// By value: the public key of the signer.
    Jwk,
}

/// What the issuer expects of a key proof.
#[derive(Debug, Clone)]
pub struct ExpectedKeyProof<'a> {
    /// The Credential Issuer Identifier.
    pub audience: &'a str,
    /// The moment of the request.
    pub now: Moment,
    /// How old a proof may be, in seconds; 300 is a good value.
    pub max_age_seconds: i64,
    /// The client that the access token was given to. `None` for anonymous pre-authorized access, where `iss` must be
    /// absent.
    pub client_id: Option<&'a str>,
}

/// A key proof that holds. The caller still has to spend the nonce, once.
#[derive(Debug, Clone)]
pub struct KeyProofClaims {
    /// The proven key.
    pub key: PublicKey,
    /// Set when the key was named by DID URL.
    pub kid: Option<DidUrl>,
    /// The `c_nonce` the wallet used. A missing one is `invalid_proof` where the issuer has a nonce endpoint.
    pub nonce: Option<String>,
    /// `iss`, which equals the expected client.
    pub client_id: Option<String>,
    /// When the wallet made the proof.
    pub issued_at: Moment,
}

/// Why a key proof was refused, or could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyProofError {
    /// The token itself is not acceptable.
    #[error("the key proof is not an acceptable JWT")]
    Jose(#[from] JoseError),
    /// None or more than one of `kid`, `jwk`, `x5c`.
    #[error("a key proof names its key by exactly one of kid, jwk and x5c")]
    KeyReference,
    /// `x5c` is not among the binding methods we offer.
    #[error("keys by certificate chain are not supported")]
    CertificateKey,
    /// `jwk` is not a usable public key, or carries private members.
    #[error("the jwk is not a bare public key of a supported kind")]
    BadJwk,
    /// `kid` is no DID URL, or could not be resolved to a key.
    #[error("the kid could not be resolved to a key")]
    UnresolvedKid,
    /// A claim is missing or of the wrong type.
    #[error("the claim {0:?} is missing or malformed")]
    Claim(&'static str),
    /// Made for another issuer.
    #[error("the audience is not this issuer")]
    WrongAudience,
    /// `iss` does not name the client of the access token.
    #[error("iss does not name the client of the access token")]
    WrongClient,
    /// Older than allowed.
    #[error("the key proof is too old")]
    TooOld,
    /// From the future.
    #[error("the key proof was issued in the future")]
    FromFuture,
}

impl KeyProofError {
    /// The error code of the credential endpoint (OID4VCI 1.0 section 8.3.1.2).
    #[must_use]
    pub fn code(&self) -> &'static str {
        "invalid_proof"
    }

    /// Stable detail code of ours.
    #[must_use]
    pub fn detail_code(&self) -> &'static str {
        match self {
            Self::Jose(error) => error.code(),
            Self::KeyReference => "key_proof_key_reference",
            Self::CertificateKey => "key_proof_certificate_key",
            Self::BadJwk => "key_proof_bad_jwk",
            Self::UnresolvedKid => "key_proof_unresolved_kid",
            Self::Claim(_) => "key_proof_claim",
            Self::WrongAudience => "key_proof_wrong_audience",
            Self::WrongClient => "key_proof_wrong_client",
            Self::TooOld => "key_proof_too_old",
            Self::FromFuture => "key_proof_from_future",
        }
    }
}

/// Makes a key proof. `client_id` becomes `iss`; leave it out for anonymous pre-authorized access.
///
/// # Errors
/// [`KeyProofError::Jose`] when the key cannot sign.
pub fn create(
    audience: &str,
    nonce: Option<&str>,
    issued_at: Moment,
    client_id: Option<&str>,
    key: &KeyRef,
    signer: &dyn Signer,
) -> Result<String, KeyProofError> {
    let header = match key {
        KeyRef::Kid(kid) => json!({"typ": TYP, "kid": kid.as_str()}),
        KeyRef::Jwk => json!({"typ": TYP, "jwk": signer.public_key().to_jwk()}),
    };
    let mut claims = Map::new();
    if let Some(client_id) = client_id {
        claims.insert("iss".to_owned(), Value::from(client_id));
    }
    claims.insert("aud".to_owned(), Value::from(audience));
    claims.insert("iat".to_owned(), Value::from(issued_at.unix()));
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), Value::from(nonce));
    }
    Ok(jose::sign(header, Value::Object(claims).to_string().as_bytes(), signer)?)
}

/// The DID URL a proof names its key by, before anything is verified, so that the caller can resolve it.
///
/// # Errors
/// The form errors of [`verify`].
pub fn unverified_kid(proof: &str) -> Result<Option<DidUrl>, KeyProofError> {
    let jws = CompactJws::parse_with(proof, HeaderRules { allow_jwk: true })?;
    match jws.kid() {
        Some(kid) => DidUrl::parse(kid).map(Some).map_err(|_| KeyProofError::UnresolvedKid),
        None => Ok(None),
    }
}

/// Checks a key proof. `resolve` turns a `kid` into the key that its DID document lists for authentication; a `did:key`
/// or `did:jwk` needs no network.
///
/// # Errors
/// Every [`KeyProofError`].
pub fn verify(
    proof: &str,
    expected: &ExpectedKeyProof<'_>,
    resolve: &dyn Fn(&DidUrl) -> Option<PublicKey>,
) -> Result<KeyProofClaims, KeyProofError> {
    let jws = CompactJws::parse_with(proof, HeaderRules { allow_jwk: true })?;
    let (key, kid) = named_key(&jws, resolve)?;
    jose::verify(&jws, &key, &[TYP])?;
    let claims = jws.payload_json()?;

    match claims.get("aud") {
        Some(Value::String(audience)) if audience == expected.audience => {}
        Some(Value::Array(audiences)) if matches!(audiences.as_slice(), [Value::String(one)] if one == expected.audience) =>
            {}
        Some(Value::String(_) | Value::Array(_)) => return Err(KeyProofError::WrongAudience),
        _ => return Err(KeyProofError::Claim("aud")),
    }
    let client_id = optional_text(&claims, "iss")?;
    if let Some(client_id) = &client_id
        && Some(client_id.as_str()) != expected.client_id
    {
        return Err(KeyProofError::WrongClient);
    }
    let issued_at = claims
        .get("iat")
        .and_then(Value::as_i64)
        .map(Moment::from_unix)
        .ok_or(KeyProofError::Claim("iat"))?;
    if issued_at > expected.now.plus_seconds(CLOCK_SKEW_SECONDS) {
        return Err(KeyProofError::FromFuture);
    }
    if issued_at
        < expected.now.minus_seconds(expected.max_age_seconds.saturating_add(CLOCK_SKEW_SECONDS))
    {
        return Err(KeyProofError::TooOld);
    }
    let nonce = optional_text(&claims, "nonce")?;
    Ok(KeyProofClaims { key, kid, nonce, client_id, issued_at })
}

fn optional_text(claims: &Value, name: &'static str) -> Result<Option<String>, KeyProofError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(KeyProofError::Claim(name)),
    }
}

fn named_key(
    jws: &CompactJws,
    resolve: &dyn Fn(&DidUrl) -> Option<PublicKey>,
) -> Result<(PublicKey, Option<DidUrl>), KeyProofError> {
    let header = jws.header();
    let named = ["kid", "jwk", "x5c"].iter().filter(|name| header.get(**name).is_some()).count();
    if named != 1 {
        return Err(KeyProofError::KeyReference);
    }
    if let Some(kid) = jws.kid() {
        let kid = DidUrl::parse(kid).map_err(|_| KeyProofError::UnresolvedKid)?;
        let key = resolve(&kid).ok_or(KeyProofError::UnresolvedKid)?;
        return Ok((key, Some(kid)));
    }
    let Some(jwk) = header.get("jwk") else { return Err(KeyProofError::CertificateKey) };
    Ok((bare_public_key(jwk).ok_or(KeyProofError::BadJwk)?, None))
}

/// A JWK with any private or symmetric member is refused whole: a wallet that leaks its key must not get a credential
/// bound to it.
fn bare_public_key(jwk: &Value) -> Option<PublicKey> {
    let members = jwk.as_object()?;
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
    if private.iter().any(|name| members.contains_key(*name)) {
        return None;
    }
    PublicKey::from_jwk(jwk).ok()
}
