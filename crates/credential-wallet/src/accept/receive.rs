//! Looking into what the issuer sent before it counts as received: right format, right
//! type, bound to our key, signed by the issuer it names.

use std::collections::BTreeSet;

use credential_model::credential::{ParseError, UnverifiedCredential, type_list};
use credential_model::did::{Did, DidUrl};
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use credential_proofs::sd_jwt::{SdJwt, SdJwtError};
use credential_proofs::{Expected, data_integrity, jwt_vc};
use did_resolution::{Resolve, ResolveError, resolve_verification_key};
use openid4vc_messages::CredentialConfiguration;
use serde_json::Value;
use signing_keys::{KeyRing, PublicKey};

use crate::records::{Binding, readable_claims};

/// Why a received credential is not stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// Not a credential.
    #[error("what the issuer sent is no credential we can read: {0}")]
    Parse(#[from] ParseError),
    /// Another format than offered.
    #[error("the issuer sent {found} where {expected} was offered")]
    WrongFormat {
        /// What was offered.
        expected: String,
        /// What came.
        found: &'static str,
    },
    /// Another type than offered.
    #[error("the credential is of another type than the one offered")]
    WrongType,
    /// More credentials than keys, or fewer than one.
    #[error("the issuer sent {found} credentials for {keys} keys")]
    Count {
        /// How many came.
        found: usize,
        /// How many keys were sent.
        keys: usize,
    },
    /// Bound to somebody else's key.
    #[error("the credential is bound to another key than ours")]
    WrongBinding,
    /// Bound to no key although we gave one.
    #[error("the credential is bound to no key although a key proof was given")]
    NotBound,
    /// No issuer.
    #[error("the credential names no issuer")]
    NoIssuer,
    /// The issuer's signature does not hold.
    #[error("the issuer's signature does not hold ({0})")]
    BadSignature(String),
    /// The issuer's key could not be fetched just now.
    #[error("the issuer's key could not be looked up: {0}")]
    IssuerUnreachable(ResolveError),
}

impl ReceiveError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Parse(error) => error.code(),
            Self::WrongFormat { .. } => "credential_wrong_format",
            Self::WrongType => "credential_wrong_type",
            Self::Count { .. } => "credential_wrong_count",
            Self::WrongBinding => "credential_wrong_binding",
            Self::NotBound => "credential_not_bound",
            Self::NoIssuer => "credential_no_issuer",
            Self::BadSignature(_) => "credential_bad_signature",
            Self::IssuerUnreachable(_) => "issuer_key_unreachable",
        }
    }

    /// Whether looking again later may help; the credential waits in the session meanwhile.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::IssuerUnreachable(error) if error.is_inconclusive())
    }
}

/// One of our keys.
#[derive(Debug, Clone)]
pub(crate) struct OwnKey {
    pub(crate) label: String,
    pub(crate) key: PublicKey,
}

/// A credential that may be stored.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) credential: UnverifiedCredential,
    pub(crate) binding: Option<Binding>,
    pub(crate) issuer: String,
    /// `verified`, or why it could not be looked at.
    pub(crate) issuer_check: String,
}

/// Checks everything that came in one response.
pub(crate) async fn check(
    entries: &[Value],
    keys: &[OwnKey],
    configuration: &CredentialConfiguration,
    resolver: &dyn Resolve,
    now: Moment,
) -> Result<Vec<Received>, ReceiveError> {
    if entries.is_empty() || entries.len() > keys.len().max(1) {
        return Err(ReceiveError::Count { found: entries.len(), keys: keys.len() });
    }
    let mut free: BTreeSet<usize> = (0..keys.len()).collect();
    let mut received = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let credential = UnverifiedCredential::from_value(entry)?;
        if credential.format.as_str() != configuration.format {
            return Err(ReceiveError::WrongFormat {
                expected: configuration.format.clone(),
                found: credential.format.as_str(),
            });
        }
        if !type_fits(&credential, configuration) {
            return Err(ReceiveError::WrongType);
        }
        let issuer = credential.issuer_unverified().ok_or(ReceiveError::NoIssuer)?;
        let binding = match named_key(&credential, keys)? {
            Some(index) => {
                // Each copy has a key of its own; the same one twice would link them.
                if !free.remove(&index) {
                    return Err(ReceiveError::WrongBinding);
                }
                Some(own_binding(&keys[index], &credential, true))
            }
            None => match keys.get(at) {
                Some(key) if free.remove(&at) => Some(own_binding(key, &credential, false)),
                Some(_) => return Err(ReceiveError::WrongBinding),
                None => None,
            },
        };
        let issuer_check = check_issuer(&credential, &issuer, resolver, now).await?;
        received.push(Received { credential, binding, issuer, issuer_check });
    }
    Ok(received)
}

fn type_fits(credential: &UnverifiedCredential, configuration: &CredentialConfiguration) -> bool {
    let claims = credential.claims_unverified();
    match credential.format {
        CredentialFormat::SdJwtVc => {
            claims.get("vct").and_then(Value::as_str) == configuration.vct.as_deref()
        }
        _ => {
            let types = type_list(&claims);
            let offered = configuration.credential_definition.as_ref();
            offered.is_some_and(|definition| {
                definition.types.iter().all(|wanted| types.contains(wanted))
            })
        }
    }
}

/// Which of our keys the credential names. `None`: it names no holder at all.
fn named_key(
    credential: &UnverifiedCredential,
    keys: &[OwnKey],
) -> Result<Option<usize>, ReceiveError> {
    let claims = readable_claims(credential);
    let confirmation = claims.get("cnf");
    if let Some(jwk) = confirmation.and_then(|cnf| cnf.get("jwk")) {
        let named = PublicKey::from_jwk(jwk).map_err(|_| ReceiveError::WrongBinding)?;
        let index = keys.iter().position(|own| own.key == named);
        return index.map(Some).ok_or(ReceiveError::WrongBinding);
    }
    if let Some(kid) = confirmation.and_then(|cnf| cnf.get("kid")).and_then(Value::as_str) {
        let index = keys.iter().position(|own| is_own_name(&own.key, kid));
        return index.map(Some).ok_or(ReceiveError::WrongBinding);
    }
    if credential.format == CredentialFormat::SdJwtVc {
        return if keys.is_empty() { Ok(None) } else { Err(ReceiveError::NotBound) };
    }
    let subjects: Vec<&str> = match claims.get("credentialSubject") {
        Some(Value::Array(several)) => {
            several.iter().filter_map(|one| one.get("id")?.as_str()).collect()
        }
        Some(one) => one.get("id").and_then(Value::as_str).into_iter().collect(),
        None => Vec::new(),
    };
    let holder = claims.get("holder");
    let holder = holder.and_then(|holder| holder.as_str().or_else(|| holder.get("id")?.as_str()));
    let names: Vec<&str> = subjects.into_iter().chain(holder).collect();
    if keys.is_empty() {
        return Ok(None);
    }
    for name in &names {
        if let Some(index) = keys.iter().position(|own| is_own_name(&own.key, name)) {
            return Ok(Some(index));
        }
    }
    // A person's DID that is not ours: issued to somebody else. A battery's or an
    // aircraft's identifier is no DID and names no holder.
    if names.iter().any(|name| name.starts_with("did:")) {
        return Err(ReceiveError::WrongBinding);
    }
    Ok(None)
}

fn is_own_name(key: &PublicKey, name: &str) -> bool {
    let base = name.split('#').next().unwrap_or_default();
    base == key.to_did_key().as_str() || base == key.to_did_jwk().as_str()
}

fn own_binding(own: &OwnKey, credential: &UnverifiedCredential, named: bool) -> Binding {
    // Presentations are signed under the name the credential uses.
    let text = credential.to_wire().to_string();
    let by_jwk = credential.format != CredentialFormat::SdJwtVc
        && text.contains(own.key.to_did_jwk().as_str());
    let decoded_by_jwk = credential.format == CredentialFormat::JwtVcJson
        && credential.claims_unverified().to_string().contains(own.key.to_did_jwk().as_str());
    let method: DidUrl =
        if by_jwk || decoded_by_jwk { own.key.did_jwk_url() } else { own.key.did_key_url() };
    Binding { key: own.label.clone(), method: method.to_string(), named }
}

/// Whether the issuer's signature holds: `verified`, or the code of the reason why nobody
/// can say (a key method or a context of another vendor that this build does not know).
async fn check_issuer(
    credential: &UnverifiedCredential,
    issuer: &str,
    resolver: &dyn Resolve,
    now: Moment,
) -> Result<String, ReceiveError> {
    let Ok(issuer) = Did::parse(issuer) else {
        return Ok("issuer_not_a_did".to_owned());
    };
    let wire = credential.to_wire();
    let compact = wire.as_str().unwrap_or_default();
    let methods = match credential.format {
        CredentialFormat::LdpVc => match data_integrity::verification_methods(&wire) {
            Ok(methods) => methods,
            Err(error) => return proof_finding(&error),
        },
        CredentialFormat::JwtVcJson => match jwt_vc::verification_method(compact) {
            Ok(method) => vec![method],
            Err(jwt_vc::JwtVcError::NoVerificationMethod) => {
                return Ok("issuer_method_unsupported".to_owned());
            }
            Err(error) => return Err(ReceiveError::BadSignature(error.code().to_owned())),
        },
        CredentialFormat::SdJwtVc => {
            match SdJwt::parse(compact).and_then(|one| one.issuer_method()) {
                Ok(method) => vec![method],
                Err(SdJwtError::NoVerificationMethod) => {
                    return Ok("issuer_method_unsupported".to_owned());
                }
                Err(error) => return Err(ReceiveError::BadSignature(error.code().to_owned())),
            }
        }
    };
    let mut keys = KeyRing::new();
    for method in methods {
        match resolve_verification_key(resolver, &method).await {
            Ok(key) => {
                keys.insert(key);
            }
            Err(error @ ResolveError::MethodNotSupported(_)) => return Ok(error.code().to_owned()),
            Err(error) if error.is_inconclusive() => {
                return Err(ReceiveError::IssuerUnreachable(error));
            }
            Err(error) => return Err(ReceiveError::BadSignature(error.code().to_owned())),
        }
    }
    let expected = Expected::credential(Some(&issuer), now);
    let bad = |code: &str| Err(ReceiveError::BadSignature(code.to_owned()));
    match credential.format {
        CredentialFormat::LdpVc => match data_integrity::verify(&wire, &expected, &keys) {
            Ok(_) => {}
            Err(error) => return proof_finding(&error),
        },
        CredentialFormat::JwtVcJson => {
            if let Err(error) = jwt_vc::verify(compact, &keys, &expected) {
                return bad(error.code());
            }
        }
        CredentialFormat::SdJwtVc => {
            if let Err(error) = SdJwt::parse(compact).and_then(|one| one.verify(&keys, &expected)) {
                return bad(error.code());
            }
        }
    }
    Ok("verified".to_owned())
}

/// A proof of a suite or over a context we do not know is not a bad one: we cannot look.
fn proof_finding(error: &data_integrity::ProofError) -> Result<String, ReceiveError> {
    let code = error.code();
    let unknown_here = [
        "proof_unknown_cryptosuite",
        "proof_unknown_type",
        "json_ld_unknown_context",
        "json_ld_inline_context",
        "json_ld_nested_context",
        "json_ld_unsupported",
    ];
    if unknown_here.contains(&code) {
        return Ok(code.to_owned());
    }
    Err(ReceiveError::BadSignature(code.to_owned()))
}
