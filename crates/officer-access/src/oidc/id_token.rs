//! The id token (OpenID Connect Core 1.0, sections 2 and 3.1.3.7): a compact JWS whose algorithm is
//! the key's, never the token's choice.

use aws_lc_rs::signature::{self, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential_model::json::{Limits, parse_strict};
use credential_model::moment::Moment;
use serde_json::Value;
use signing_keys::PublicKey;

/// Clocks may differ by so much, in seconds.
const SKEW: i64 = 60;
/// An id token older than this was not made for this sign-in.
const OLDEST: i64 = 600;
/// Longest token.
const LONGEST: usize = 64 * 1024;

/// Why an id token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// It is no compact JWS over strict JSON.
    #[error("the id token cannot be read")]
    Malformed,
    /// Its algorithm is none we take.
    #[error("the id token is signed with an algorithm that is not taken")]
    Algorithm,
    /// The provider publishes no key that fits.
    #[error("the id token is signed with a key the provider does not publish")]
    Key,
    /// The signature is wrong.
    #[error("the id token's signature is wrong")]
    Signature,
    /// It is another provider's.
    #[error("the id token comes from another issuer")]
    Issuer,
    /// It is for another client.
    #[error("the id token is for another client")]
    Audience,
    /// It is for another sign-in.
    #[error("the id token is for another sign-in")]
    Nonce,
    /// It is over, or not yet begun.
    #[error("the id token's time is over or has not begun")]
    Time,
    /// It names nobody.
    #[error("the id token names nobody")]
    Subject,
    /// The person did not sign in as strongly as asked.
    #[error("the sign-in at the provider was not as strong as this office asks")]
    Strength,
}

impl TokenFault {
    /// The stable code of this error.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "id_token_malformed",
            Self::Algorithm => "id_token_algorithm",
            Self::Key => "id_token_key",
            Self::Signature => "id_token_signature",
            Self::Issuer => "id_token_issuer",
            Self::Audience => "id_token_audience",
            Self::Nonce => "id_token_nonce",
            Self::Time => "id_token_time",
            Self::Subject => "id_token_subject",
            Self::Strength => "id_token_strength",
        }
    }
}

/// A token read but not yet believed.
pub(super) struct Parsed<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    algorithm: String,
    key: Option<String>,
    claims: Value,
}

impl<'a> Parsed<'a> {
    pub(super) fn read(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > LONGEST {
            return Err(TokenFault::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        let header = json(header)?;
        // Nothing an extension may change the meaning of (RFC 7515, section 4.1.11).
        if header.get("crit").is_some() {
            return Err(TokenFault::Malformed);
        }
        Ok(Self {
            signed,
            signature: bytes(signature)?,
            algorithm: header["alg"].as_str().unwrap_or_default().to_owned(),
            key: header["kid"].as_str().map(str::to_owned),
            claims: json(claims)?,
        })
    }

    /// The claims, once a key of the provider bears the signature.
    pub(super) fn verified(&self, keys: &[Value]) -> Result<Value, TokenFault> {
        if !["RS256", "PS256", "ES256", "ES384", "EdDSA"].contains(&self.algorithm.as_str()) {
            return Err(TokenFault::Algorithm);
        }
        let fitting: Vec<&Value> = keys
            .iter()
            .filter(|key| key["use"].as_str().is_none_or(|usage| usage == "sig"))
            .filter(|key| match (&self.key, key["kid"].as_str()) {
                (Some(wanted), Some(kid)) => wanted == kid,
                (Some(_), None) => false,
                (None, _) => true,
            })
            .filter(|key| key["alg"].as_str().is_none_or(|alg| alg == self.algorithm))
            .collect();
        match fitting[..] {
            // Without a `kid` there must be one key only (Core 1.0, section 10.1).
            [key] => self.verify_with(key).map(|()| self.claims.clone()),
            _ => Err(TokenFault::Key),
        }
    }

    fn verify_with(&self, key: &Value) -> Result<(), TokenFault> {
        let message = self.signed.as_bytes();
        if key["kty"] == "RSA" {
            let parameters = match self.algorithm.as_str() {
                "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
                "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
                _ => return Err(TokenFault::Algorithm),
            };
            let member = |name: &str| bytes(key[name].as_str().unwrap_or_default());
            let (n, e) = (
                member("n").map_err(|_| TokenFault::Key)?,
                member("e").map_err(|_| TokenFault::Key)?,
            );
            let key = RsaPublicKeyComponents { n: &n, e: &e };
            return key
                .verify(parameters, message, &self.signature)
                .map_err(|_| TokenFault::Signature);
        }
        // Our own key type takes the members it knows; what a provider adds (x5c and the like) goes.
        let mut bare = serde_json::Map::new();
        for name in ["kty", "crv", "x", "y"] {
            if let Some(value) = key.get(name) {
                bare.insert(name.to_owned(), value.clone());
            }
        }
        let key = PublicKey::from_jwk(&Value::Object(bare)).map_err(|_| TokenFault::Key)?;
        if key.algorithm().jose() != self.algorithm {
            return Err(TokenFault::Algorithm);
        }
        key.verify(message, &self.signature).map_err(|_| TokenFault::Signature)
    }
}

/// What the claims must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    pub(super) amr: &'a [String],
    pub(super) now: Moment,
}

impl Expected<'_> {
    pub(super) fn check(&self, claims: &Value) -> Result<(), TokenFault> {
        if claims["iss"].as_str() != Some(self.issuer) {
            return Err(TokenFault::Issuer);
        }
        let several = claims["aud"].as_array();
        let for_us = match several {
            Some(list) => list.iter().any(|client| client.as_str() == Some(self.client)),
            None => claims["aud"].as_str() == Some(self.client),
        };
        let party = claims["azp"].as_str();
        let party_fits = match party {
            Some(party) => party == self.client,
            None => several.is_none_or(|list| list.len() == 1),
        };
        if !for_us || !party_fits {
            return Err(TokenFault::Audience);
        }
        let nonce = claims["nonce"].as_str().ok_or(TokenFault::Nonce)?;
        if !crate::keyed::same(nonce, self.nonce) {
            return Err(TokenFault::Nonce);
        }
        let time = |name: &str| claims[name].as_i64().ok_or(TokenFault::Time);
        let now = self.now.unix();
        let (expires, issued) = (time("exp")?, time("iat")?);
        let begun =
            claims.get("nbf").is_none_or(|_| time("nbf").is_ok_and(|nbf| nbf <= now + SKEW));
        if now >= expires.saturating_add(SKEW)
            || issued > now + SKEW
            || issued < now - OLDEST
            || !begun
        {
            return Err(TokenFault::Time);
        }
        if claims["sub"].as_str().is_none_or(|sub| sub.is_empty() || sub.len() > 255) {
            return Err(TokenFault::Subject);
        }
        let strong = self.amr.is_empty()
            || claims["amr"].as_array().is_some_and(|methods| {
                methods
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|method| self.amr.iter().any(|wanted| wanted == method))
            });
        if strong { Ok(()) } else { Err(TokenFault::Strength) }
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenFault::Malformed)
}

fn json(text: &str) -> Result<Value, TokenFault> {
    let value =
        parse_strict(&bytes(text)?, &Limits::default()).map_err(|_| TokenFault::Malformed)?;
    if value.is_object() { Ok(value) } else { Err(TokenFault::Malformed) }
}
