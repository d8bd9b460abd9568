use credential_model::did::{Did, DidUrl};
use credential_model::moment::Moment;
use serde_json::Value;
use signing_keys::{KeyRing, PublicKey};

use super::disclosure::Disclosure;
use super::process::{Disclosed, Processed, process};
use super::{SdJwtError, TYP};
use crate::expected::{CLOCK_SKEW_SECONDS, Expected};
use crate::jose::{self, CompactJws};
use crate::key_check::{KeyRefusal, usable_key};

const MAX_BYTES: usize = 1024 * 1024;
const MAX_DISCLOSURES: usize = 2048;

/// A parsed SD-JWT, with or without key binding. Its form and its digests were checked, its signature was **not**: see
/// [`SdJwt::verify`].
#[derive(Debug, Clone)]
pub struct SdJwt {
    text: String,
    /// Length of `text` up to and with the last `~`: what `sd_hash` covers.
    presented: usize,
    pub(super) issuer_signed: CompactJws,
    pub(super) disclosures: Vec<Disclosure>,
    pub(super) key_binding: Option<CompactJws>,
    pub(super) processed: Processed,
}

impl SdJwt {
    /// Parses `<issuer JWS>~<disclosure>~…~[<key binding JWT>]` and puts the disclosures in place.
    ///
    /// # Errors
    /// Every [`SdJwtError`] that needs no key: form, duplicate or unreferenced digests, collisions, reserved names.
    pub fn parse(text: &str) -> Result<Self, SdJwtError> {
        if text.len() > MAX_BYTES {
            return Err(SdJwtError::NotSdJwt);
        }
        let presented = text.rfind('~').ok_or(SdJwtError::NotSdJwt)? + 1;
        let key_binding = match &text[presented..] {
            "" => None,
            token => Some(CompactJws::parse(token)?),
        };
        let mut parts = text[..presented - 1].split('~');
        let issuer_signed = CompactJws::parse(parts.next().ok_or(SdJwtError::NotSdJwt)?)?;
        let disclosures =
            parts
                .map(|part| {
                    if part.is_empty() {
                        Err(SdJwtError::NotSdJwt)
                    } else {
                        Disclosure::parse(part)
                    }
                })
                .take(MAX_DISCLOSURES + 1)
                .collect::<Result<Vec<_>, _>>()?;
        if disclosures.len() > MAX_DISCLOSURES {
            return Err(SdJwtError::NotSdJwt);
        }
        let processed = process(issuer_signed.payload_json()?, &disclosures)?;
        Ok(Self {
            text: text.to_owned(),
            presented,
            issuer_signed,
            disclosures,
            key_binding,
            processed,
        })
    }

    /// The text as received or built.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text without a key binding: the part that `sd_hash` covers, ending in `~`.
    #[must_use]
    pub fn without_binding(&self) -> &str {
        &self.text[..self.presented]
    }

    /// Whether a key binding JWT is there.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.key_binding.is_some()
    }

    /// The claims with all present disclosures in place, **unverified**.
    #[must_use]
    pub fn claims_unverified(&self) -> &Value {
        &self.processed.claims
    }

    /// The paths of the disclosures at hand: what the holder may choose to show or not.
    #[must_use]
    pub fn disclosable_paths(&self) -> &[Vec<Value>] {
        &self.processed.paths
    }

    /// The DID URL in `kid`, so that the caller can resolve it (a bare fragment is taken relative to `iss`).
    ///
    /// # Errors
    /// [`SdJwtError::NoVerificationMethod`] when there is none, [`SdJwtError::WrongIssuer`] when `iss` is no DID.
    pub fn issuer_method(&self) -> Result<DidUrl, SdJwtError> {
        let kid = self.issuer_signed.kid().ok_or(SdJwtError::NoVerificationMethod)?;
        let method = if kid.starts_with('#') {
            DidUrl::parse_relative(kid, &self.issuer()?)
        } else {
            DidUrl::parse(kid)
        };
        method.map_err(|_| SdJwtError::NoVerificationMethod)
    }

    fn issuer(&self) -> Result<Did, SdJwtError> {
        let issuer = self
            .processed
            .claims
            .get("iss")
            .and_then(Value::as_str)
            .ok_or(SdJwtError::WrongIssuer)?;
        Did::parse(issuer).map_err(|_| SdJwtError::WrongIssuer)
    }

    /// The holder's key in `cnf.jwk`; `None` when there is none or it is not a usable public key.
    #[must_use]
    pub fn holder_key(&self) -> Option<PublicKey> {
        PublicKey::from_jwk(self.processed.claims.get("cnf")?.get("jwk")?).ok()
    }

    /// Checks that the issuer signed this: key found, controlled by `iss` (and by `expected.controller` when given),
    /// listed for the purpose, neither revoked nor expired; type, algorithm, signature; `vct` present, dates well
    /// formed, `iat` not in the future. Whether the token is in force is [`Disclosed::check_in_force`]; the holder is
    /// [`SdJwt::verify_key_binding`].
    ///
    /// # Errors
    /// Every [`SdJwtError`] about the issuer's part.
    pub fn verify(&self, keys: &KeyRing, expected: &Expected<'_>) -> Result<Disclosed, SdJwtError> {
        Ok(self.check(keys, expected)?.with(self.processed.clone()))
    }

    /// [`SdJwt::verify`] for callers who need nothing more of the token: its claims are handed over, not copied.
    ///
    /// # Errors
    /// As [`SdJwt::verify`].
    pub fn verify_into(
        self,
        keys: &KeyRing,
        expected: &Expected<'_>,
    ) -> Result<Disclosed, SdJwtError> {
        Ok(self.check(keys, expected)?.with(self.processed))
    }

    fn check(&self, keys: &KeyRing, expected: &Expected<'_>) -> Result<Checked, SdJwtError> {
        let issuer = self.issuer()?;
        if expected.controller.is_some_and(|controller| controller != &issuer) {
            return Err(SdJwtError::WrongIssuer);
        }
        let method = self.issuer_method()?;
        let key = usable_key(keys, &method, Some(&issuer), expected.purpose, expected.now)
            .map_err(|refusal| match refusal {
                KeyRefusal::WrongController => SdJwtError::WrongIssuer,
                other => SdJwtError::Key(other),
            })?;
        jose::verify(&self.issuer_signed, &key.key, &[TYP])?;

        let claims = &self.processed.claims;
        if claims.get("vct").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(SdJwtError::Claim("vct"));
        }
        let valid_from = date(claims, "nbf")?;
        let valid_until = date(claims, "exp")?;
        if date(claims, "iat")?
            .is_some_and(|issued| issued > expected.now.plus_seconds(CLOCK_SKEW_SECONDS))
        {
            return Err(SdJwtError::NotYetValid);
        }
        Ok(Checked { issuer, method, valid_from, valid_until })
    }
}

/// What the checks of the issuer's part found.
struct Checked {
    issuer: Did,
    method: DidUrl,
    valid_from: Option<Moment>,
    valid_until: Option<Moment>,
}

impl Checked {
    fn with(self, processed: Processed) -> Disclosed {
        Disclosed {
            claims: processed.claims,
            disclosed_paths: processed.paths,
            hidden: processed.hidden,
            issuer: self.issuer,
            verification_method: self.method,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
        }
    }
}

/// A `NumericDate` in whole seconds; fractions are cut off.
pub(super) fn date(claims: &Value, name: &'static str) -> Result<Option<Moment>, SdJwtError> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => crate::jose::numeric_date(value).map(Some).ok_or(SdJwtError::Claim(name)),
    }
}
