//! OID4VP 1.0 request objects: signed authorization requests (RFC 9101, `typ: oauth-authz-req+jwt`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credential_model::did::DidUrl;
use credential_model::moment::Moment;
use serde_json::{Value, json};
use signing_keys::{PublicKey, Signer};

use crate::expected::CLOCK_SKEW_SECONDS;
use crate::jose::{self, CompactJws, JoseError, numeric_date};
use crate::leaf_certificate::{CertificateError, LeafCertificate};

/// `typ` of a request object.
pub const TYP: &str = "oauth-authz-req+jwt";
/// `aud` of a request object when the wallet was discovered statically (OID4VP 1.0 section 5.8).
pub const STATIC_AUDIENCE: &str = "https://self-issued.me/v2";

/// How the request names the key of the verifier.
#[derive(Debug, Clone, Copy)]
pub enum RequestKey<'a> {
    /// Client identifier prefix `decentralized_identifier`.
    Kid(&'a DidUrl),
    /// Client identifier prefixes `x509_hash` and `x509_san_dns`: DER certificates, the leaf first.
    X5c(&'a [Vec<u8>]),
}

/// What the wallet expects of a request object.
#[derive(Debug, Clone)]
pub struct ExpectedRequest<'a> {
    /// The `client_id` of the outer request, with its prefix.
    pub client_id: &'a str,
    /// The `wallet_nonce` that was posted, if one was.
    pub wallet_nonce: Option<&'a str>,
    /// The moment of judging.
    pub now: Moment,
}

/// A parsed request object, unverified until [`RequestObject::verify`] has succeeded.
#[derive(Debug, Clone)]
pub struct RequestObject {
    token: CompactJws,
    claims: Value,
    leaf: Option<LeafCertificate>,
}

/// Why a request object was refused, or could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestObjectError {
    /// The token is not acceptable.
    #[error("the request object is not an acceptable JWT")]
    Jose(#[from] JoseError),
    /// `x5c` is malformed, or its leaf is not usable.
    #[error("the certificate of the request is not acceptable")]
    Certificate(#[source] Option<CertificateError>),
    /// The leaf is outside its dates.
    #[error("the certificate of the request is outside its dates")]
    CertificateDates,
    /// `client_id` differs from the outer request's.
    #[error("the client_id is not the one of the request")]
    WrongClient,
    /// The key does not belong to the `client_id`.
    #[error("the signing key does not belong to the client_id")]
    WrongKey,
    /// The prefix of the `client_id` allows no signed request.
    #[error("the client identifier prefix allows no signed request")]
    UnsupportedPrefix,
    /// Made for another wallet.
    #[error("the request object is addressed to somebody else")]
    WrongAudience,
    /// `wallet_nonce` was not repeated.
    #[error("the wallet_nonce was not repeated")]
    WrongNonce,
    /// A claim of the wrong type.
    #[error("the claim {0:?} is malformed")]
    Claim(&'static str),
    /// Before `nbf` or `iat`, or after `exp`.
    #[error("the request object is outside its dates")]
    Dates,
}

impl RequestObjectError {
    /// The error code of the authorization response (OID4VP 1.0 section 8.5).
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongClient | Self::WrongKey | Self::UnsupportedPrefix => "invalid_client",
            _ => "invalid_request",
        }
    }

    /// Stable detail code of ours.
    #[must_use]
    pub fn detail_code(&self) -> &'static str {
        match self {
            Self::Jose(error) => error.code(),
            Self::Certificate(_) => "request_certificate",
            Self::CertificateDates => "request_certificate_dates",
            Self::WrongClient => "request_wrong_client",
            Self::WrongKey => "request_wrong_key",
            Self::UnsupportedPrefix => "request_unsupported_prefix",
            Self::WrongAudience => "request_wrong_audience",
            Self::WrongNonce => "request_wrong_nonce",
            Self::Claim(_) => "request_claim",
            Self::Dates => "request_dates",
        }
    }
}

/// Signs a request object. `claims` are the authorization request parameters; `aud` is filled in when absent.
///
/// # Errors
/// [`RequestObjectError::Claim`] when `claims` has no `client_id`, [`RequestObjectError::Jose`] when the key cannot
/// sign.
pub fn sign(
    claims: &Value,
    key: RequestKey<'_>,
    signer: &dyn Signer,
) -> Result<String, RequestObjectError> {
    let mut claims = claims.as_object().cloned().ok_or(RequestObjectError::Claim("client_id"))?;
    if !claims.get("client_id").is_some_and(Value::is_string) {
        return Err(RequestObjectError::Claim("client_id"));
    }
    claims.entry("aud").or_insert_with(|| Value::from(STATIC_AUDIENCE));
    let header = match key {
        RequestKey::Kid(kid) => json!({"typ": TYP, "kid": kid.as_str()}),
        RequestKey::X5c(chain) => {
            let leaf = chain.first().ok_or(RequestObjectError::Certificate(None))?;
            let leaf = LeafCertificate::parse(leaf)
                .map_err(|error| RequestObjectError::Certificate(Some(error)))?;
            if leaf.key != signer.public_key() {
                return Err(RequestObjectError::WrongKey);
            }
            json!({"typ": TYP, "x5c": chain.iter().map(|der| STANDARD.encode(der)).collect::<Vec<_>>()})
        }
    };
    Ok(jose::sign(header, Value::Object(claims).to_string().as_bytes(), signer)?)
}

impl RequestObject {
    /// Parses and checks the form.
    ///
    /// # Errors
    /// [`RequestObjectError::Jose`], [`RequestObjectError::Certificate`].
    pub fn parse(text: &str) -> Result<Self, RequestObjectError> {
        let token = CompactJws::parse(text)?;
        let claims = token.payload_json()?;
        let leaf = match token.header().get("x5c") {
            None => None,
            Some(chain) => Some(leaf_of(chain)?),
        };
        Ok(Self { token, claims, leaf })
    }

    /// The claims, unverified.
    #[must_use]
    pub fn claims(&self) -> &Value {
        &self.claims
    }

    /// `client_id`, unverified.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.claims.get("client_id").and_then(Value::as_str)
    }

    /// `kid` as DID URL, so that the caller can resolve it.
    #[must_use]
    pub fn kid(&self) -> Option<DidUrl> {
        self.token.kid().and_then(|kid| DidUrl::parse(kid).ok())
    }

    /// The leaf certificate of `x5c`.
    #[must_use]
    pub fn leaf(&self) -> Option<&LeafCertificate> {
        self.leaf.as_ref()
    }

    /// The public key of the leaf certificate: what to pass to [`RequestObject::verify`] for `x509_…` clients.
    #[must_use]
    pub fn leaf_key(&self) -> Option<&PublicKey> {
        self.leaf.as_ref().map(|leaf| &leaf.key)
    }

    /// Verifies signature and claims with the key the caller resolved, and that this key belongs to the `client_id`:
    /// for `decentralized_identifier` the DID of `kid` (whose document must list the key for authentication, which the
    /// caller checks), for `x509_hash` the hash of the leaf, for `x509_san_dns` a name in the leaf. Whether the *name*
    /// is one to trust is the caller's question.
    ///
    /// # Errors
    /// Every [`RequestObjectError`].
    pub fn verify(
        &self,
        key: &PublicKey,
        expected: &ExpectedRequest<'_>,
    ) -> Result<(), RequestObjectError> {
        if self.client_id() != Some(expected.client_id) {
            return Err(RequestObjectError::WrongClient);
        }
        self.check_key(key, expected)?;
        jose::verify(&self.token, key, &[TYP])?;
        match self.claims.get("aud") {
            None => {}
            Some(Value::String(audience)) if audience == STATIC_AUDIENCE => {}
            Some(_) => return Err(RequestObjectError::WrongAudience),
        }
        if let Some(wallet_nonce) = expected.wallet_nonce
            && self.claims.get("wallet_nonce").and_then(Value::as_str) != Some(wallet_nonce)
        {
            return Err(RequestObjectError::WrongNonce);
        }
        let latest = expected.now.plus_seconds(CLOCK_SKEW_SECONDS);
        let earliest = expected.now.minus_seconds(CLOCK_SKEW_SECONDS);
        let late = self.date("nbf")?.is_some_and(|moment| moment > latest)
            || self.date("iat")?.is_some_and(|moment| moment > latest);
        if late || self.date("exp")?.is_some_and(|moment| moment < earliest) {
            return Err(RequestObjectError::Dates);
        }
        Ok(())
    }

    fn check_key(
        &self,
        key: &PublicKey,
        expected: &ExpectedRequest<'_>,
    ) -> Result<(), RequestObjectError> {
        // OID4VP 1.0 section 5.9.1: what stands before the first colon is the prefix; none means pre-registered.
        let Some((prefix, value)) = expected.client_id.split_once(':') else { return Ok(()) };
        let leaf = || match &self.leaf {
            Some(leaf) if &leaf.key != key => Err(RequestObjectError::WrongKey),
            Some(leaf) if !leaf.is_valid_at(expected.now) => {
                Err(RequestObjectError::CertificateDates)
            }
            Some(leaf) => Ok(leaf),
            None => Err(RequestObjectError::WrongKey),
        };
        let belongs = match prefix {
            "decentralized_identifier" => self.kid().is_some_and(|kid| kid.did().as_str() == value),
            "x509_hash" => leaf()?.hash == value,
            "x509_san_dns" => leaf()?.dns_names.iter().any(|name| name == value),
            _ => return Err(RequestObjectError::UnsupportedPrefix),
        };
        if belongs { Ok(()) } else { Err(RequestObjectError::WrongKey) }
    }

    fn date(&self, name: &'static str) -> Result<Option<Moment>, RequestObjectError> {
        match self.claims.get(name) {
            None => Ok(None),
            Some(value) => numeric_date(value).map(Some).ok_or(RequestObjectError::Claim(name)),
        }
    }
}

/// The first entry of `x5c` (RFC 7515 section 4.1.6: base64, not base64url).
fn leaf_of(chain: &Value) -> Result<LeafCertificate, RequestObjectError> {
    let leaf = chain.as_array().and_then(|chain| chain.first()).and_then(Value::as_str);
    let der = leaf
        .and_then(|text| STANDARD.decode(text).ok())
        .ok_or(RequestObjectError::Certificate(None))?;
    LeafCertificate::parse(&der).map_err(|error| RequestObjectError::Certificate(Some(error)))
}
