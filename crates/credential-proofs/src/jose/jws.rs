use credential_model::json::{Limits, parse_strict};
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signing_keys::{Algorithm, PublicKey, Signer};

use super::JoseError;
use crate::base64url;

/// No token of ours is longer: a presentation of 1 MiB is the outer limit of every face.
const MAX_BYTES: usize = 1024 * 1024;
/// A header carries identifiers, at most a short certificate chain.
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// What a header may bring along besides identifiers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeaderRules {
    /// `jwk`: only key proofs carry their own key, because proving possession of that key is their point.
    pub allow_jwk: bool,
}

/// A compact JWS whose form was checked and whose signature was **not**: see [`verify`].
#[derive(Debug, Clone)]
pub struct CompactJws {
    text: String,
    header: Value,
    payload: Vec<u8>,
    signature: Vec<u8>,
    algorithm: Algorithm,
}

impl CompactJws {
    /// Parses and checks the form, with the default rules (no `jwk`).
    ///
    /// # Errors
    /// Every [`JoseError`] that needs no key.
    pub fn parse(text: &str) -> Result<Self, JoseError> {
        Self::parse_with(text, HeaderRules::default())
    }

    /// Parses with rules for the header.
    ///
    /// # Errors
    /// Every [`JoseError`] that needs no key.
    pub fn parse_with(text: &str, rules: HeaderRules) -> Result<Self, JoseError> {
        if text.len() > MAX_BYTES {
            return Err(JoseError::TooLong { limit: MAX_BYTES });
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JoseError::NotCompact);
        };
        if header.is_empty() || payload.is_empty() || signature.is_empty() {
            return Err(JoseError::NotCompact);
        }
        let header = base64url::decode(header).ok_or(JoseError::Encoding { part: "header" })?;
        let payload = base64url::decode(payload).ok_or(JoseError::Encoding { part: "payload" })?;
        let signature =
            base64url::decode(signature).ok_or(JoseError::Encoding { part: "signature" })?;
        let limits = Limits { max_bytes: MAX_HEADER_BYTES, ..Limits::default() };
        let header =
            parse_strict(&header, &limits).map_err(|_| JoseError::Json { part: "header" })?;
        let algorithm = check_header(&header, rules)?;
        Ok(Self { text: text.to_owned(), header, payload, signature, algorithm })
    }

    /// The protected header.
    #[must_use]
    pub fn header(&self) -> &Value {
        &self.header
    }

    /// The payload bytes, unverified until [`verify`] has succeeded.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload as a JSON object under the strict parser.
    ///
    /// # Errors
    /// [`JoseError::Json`] when it is none.
    pub fn payload_json(&self) -> Result<Value, JoseError> {
        let limits = Limits { max_bytes: MAX_BYTES, ..Limits::default() };
        let value = parse_strict(&self.payload, &limits)
            .map_err(|_| JoseError::Json { part: "payload" })?;
        if value.is_object() { Ok(value) } else { Err(JoseError::Json { part: "payload" }) }
    }

    /// `alg` as the header claims it; only [`verify`] compares it with the key.
    #[must_use]
    pub fn claimed_algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `typ`, if present.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.header.get("typ").and_then(Value::as_str)
    }

    /// `kid`, if present.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// The token as received.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn signing_input(&self) -> &[u8] {
        let end = self.text.rfind('.').unwrap_or(0);
        &self.text.as_bytes()[..end]
    }
}

fn check_header(header: &Value, rules: HeaderRules) -> Result<Algorithm, JoseError> {
    let header = header.as_object().ok_or(JoseError::Json { part: "header" })?;
    for name in ["crit", "b64", "jku", "x5u", "zip"] {
        if header.contains_key(name) {
            return Err(JoseError::ForbiddenHeader { name });
        }
    }
    if !rules.allow_jwk && header.contains_key("jwk") {
        return Err(JoseError::ForbiddenHeader { name: "jwk" });
    }
    for name in ["typ", "kid", "cty"] {
        if header.get(name).is_some_and(|value| !value.is_string()) {
            return Err(JoseError::ForbiddenHeader { name });
        }
    }
    let claimed =
        header.get("alg").and_then(Value::as_str).ok_or(JoseError::UnsupportedAlgorithm)?;
    Algorithm::from_jose(claimed).ok_or(JoseError::UnsupportedAlgorithm)
}

/// A JWS ready to be recorded and then signed, exactly as recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreparedJws {
    signing_input: String,
}

impl PreparedJws {
    /// The bytes the signer signs.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// Joins the signature on.
    #[must_use]
    pub fn seal(self, signature: &[u8]) -> String {
        format!("{}.{}", self.signing_input, base64url::encode(signature))
    }
}

/// Builds the signing input. `header` is an object without `alg`, which is set from `algorithm`.
///
/// # Errors
/// [`JoseError::BadHeader`] when the header is no object or states another `alg`.
pub fn prepare(
    header: Value,
    payload: &[u8],
    algorithm: Algorithm,
) -> Result<PreparedJws, JoseError> {
    let Value::Object(mut header) = header else { return Err(JoseError::BadHeader) };
    let alg = Value::from(algorithm.jose());
    if header.get("alg").is_some_and(|given| given != &alg) {
        return Err(JoseError::BadHeader);
    }
    header.insert("alg".to_owned(), alg);
    let header = serde_json::to_vec(&Value::Object(header)).map_err(|_| JoseError::BadHeader)?;
    let signing_input = format!("{}.{}", base64url::encode(header), base64url::encode(payload));
    if signing_input.len() > MAX_BYTES {
        return Err(JoseError::TooLong { limit: MAX_BYTES });
    }
    Ok(PreparedJws { signing_input })
}

/// Signs `payload` under `header`, whose `alg` is filled in from the signer.
///
/// # Errors
/// [`JoseError::BadHeader`], or [`JoseError::Signing`] when the key store refuses.
pub fn sign(header: Value, payload: &[u8], signer: &dyn Signer) -> Result<String, JoseError> {
    let prepared = prepare(header, payload, signer.algorithm())?;
    let signature = signer.sign(prepared.signing_input()).map_err(JoseError::Signing)?;
    Ok(prepared.seal(&signature))
}

/// Checks type, algorithm and signature. An empty string in `allowed_typ` admits a token without `typ`; the prefix
/// `application/` may be written or left out (RFC 7515 section 4.1.9).
///
/// # Errors
/// [`JoseError::WrongType`], [`JoseError::AlgorithmMismatch`], [`JoseError::BadSignature`].
pub fn verify(jws: &CompactJws, key: &PublicKey, allowed_typ: &[&str]) -> Result<(), JoseError> {
    let typ = jws.typ().unwrap_or_default();
    let typ = typ.strip_prefix("application/").unwrap_or(typ);
    if !allowed_typ.contains(&typ) {
        return Err(JoseError::WrongType);
    }
    if jws.algorithm != key.algorithm() {
        return Err(JoseError::AlgorithmMismatch);
    }
    key.verify(jws.signing_input(), &jws.signature).map_err(|_| JoseError::BadSignature)
}

/// Reads a `NumericDate` (RFC 7519 section 2): whole seconds, a fraction is cut off; years 1970 to 9999 only.
#[must_use]
pub fn numeric_date(value: &Value) -> Option<Moment> {
    const LAST: i64 = 253_402_300_799;
    let seconds = match value.as_i64() {
        Some(seconds) => seconds,
        None => {
            let seconds = value.as_f64()?.floor();
            if !(0.0..=LAST as f64).contains(&seconds) {
                return None;
            }
            seconds as i64
        }
    };
    (0..=LAST).contains(&seconds).then(|| Moment::from_unix(seconds))
}
