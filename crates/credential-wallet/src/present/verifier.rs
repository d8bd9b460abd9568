//! Who asks: the client identifier, and what the request object proves about it
//! (OID4VP 1.0 §5.9.3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential_model::did::Did;
use credential_model::json::{Limits, parse_strict};
use credential_model::moment::Moment;
use credential_proofs::request_object::{ExpectedRequest, RequestObject};
use did_resolution::{Resolve, resolve_verification_key};
use openid4vc_messages::{ClientId, ClientIdPrefix};
use serde::Serialize;
use serde_json::Value;

use super::PresentError;
use crate::http::foreign_text;
use crate::x509::{CheckedChain, check_chain};

/// What stands behind a client identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proven {
    /// Nothing: whoever made the link.
    Nothing,
    /// The request is signed by a key of this DID.
    Did {
        /// The DID.
        did: String,
    },
    /// The request is signed by the key of this certificate.
    Certificate {
        /// The name in the certificate, as its maker wrote it.
        name: Option<String>,
        /// Its DNS names.
        dns_names: Vec<String>,
        /// Whether an authority the holder trusts vouches for it.
        anchored: bool,
    },
}

impl Proven {
    /// Whether the request was signed.
    pub fn is_signed(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// The host that the identity stands for, where it stands for one.
    pub fn domain(&self) -> Option<String> {
        match self {
            Self::Did { did } => {
                let rest = did.strip_prefix("did:web:")?;
                Some(rest.split(':').next()?.replace("%3A", ":").replace("%3a", ":"))
            }
            Self::Certificate { dns_names, .. } => dns_names.first().cloned(),
            Self::Nothing => None,
        }
    }
}

/// What the wallet holds a request object against.
pub(super) struct Context<'a> {
    pub(super) client_id: &'a ClientId,
    pub(super) wallet_nonce: Option<&'a str>,
    pub(super) resolver: &'a dyn Resolve,
    pub(super) anchors: &'a [Vec<u8>],
    pub(super) now: Moment,
}

/// Authenticates a request object and gives back its claims.
pub(super) async fn authenticate(
    token: &str,
    context: &Context<'_>,
) -> Result<(Value, Proven), PresentError> {
    let prefix = context.client_id.prefix();
    match prefix {
        ClientIdPrefix::RedirectUri => {
            let claims = unsecured_claims(token)?;
            require_equal(&claims, context)?;
            return Ok((claims, Proven::Nothing));
        }
        ClientIdPrefix::DecentralizedIdentifier
        | ClientIdPrefix::X509Hash
        | ClientIdPrefix::X509SanDns => {}
        other => return Err(PresentError::PrefixNotSupported(other.as_str())),
    }
    let object = RequestObject::parse(token)?;
    // Said before the signature is looked at: "another client" is the better answer than
    // "bad signature" when both are true.
    require_equal(object.claims(), context)?;
    let (key, proven) = if prefix == ClientIdPrefix::DecentralizedIdentifier {
        let did = Did::parse(context.client_id.value()).map_err(|_| PresentError::ForeignKey)?;
        let kid = object.kid().filter(|kid| kid.did() == did).ok_or(PresentError::ForeignKey)?;
        let method = resolve_verification_key(context.resolver, &kid).await?;
        let over = |end: Option<Moment>| end.is_some_and(|end| end <= context.now);
        if over(method.revoked) || over(method.expires) {
            return Err(PresentError::KeyOver);
        }
        (method.key, Proven::Did { did: did.to_string() })
    } else {
        let chain = check_chain(&certificate_header(token)?, context.anchors, context.now)?;
        if !names(&chain, context.client_id) {
            return Err(PresentError::ForeignCertificate);
        }
        let proven = Proven::Certificate {
            name: chain.leaf.subject_name.as_deref().map(foreign_text),
            dns_names: chain.leaf.dns_names.clone(),
            anchored: chain.anchored,
        };
        (chain.key, proven)
    };
    let expected = ExpectedRequest {
        client_id: context.client_id.as_str(),
        wallet_nonce: context.wallet_nonce,
        now: context.now,
    };
    object.verify(&key, &expected)?;
    Ok((object.claims().clone(), proven))
}

fn names(chain: &CheckedChain, client_id: &ClientId) -> bool {
    match client_id.prefix() {
        ClientIdPrefix::X509Hash => chain.leaf.hash() == client_id.value(),
        ClientIdPrefix::X509SanDns => {
            chain.leaf.dns_names.iter().any(|name| name.eq_ignore_ascii_case(client_id.value()))
        }
        _ => false,
    }
}

/// Only the request object's parameters count, and they must be of the client the link
/// named (§5.7, §5.10.1); our own nonce must come back.
fn require_equal(claims: &Value, context: &Context<'_>) -> Result<(), PresentError> {
    if claims.get("client_id").and_then(Value::as_str) != Some(context.client_id.as_str()) {
        return Err(PresentError::ClientIdMismatch);
    }
    let echoed = claims.get("wallet_nonce").and_then(Value::as_str);
    if context.wallet_nonce.is_some() && echoed != context.wallet_nonce {
        return Err(PresentError::WalletNonceMismatch);
    }
    Ok(())
}

fn header(token: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    parse_strict(&bytes, &Limits::default()).ok()
}

fn certificate_header(token: &str) -> Result<Vec<String>, PresentError> {
    let header = header(token).unwrap_or_default();
    let chain = header.get("x5c").and_then(Value::as_array).ok_or(PresentError::ForeignKey)?;
    chain
        .iter()
        .map(|one| one.as_str().map(str::to_owned).ok_or(PresentError::ForeignKey))
        .collect()
}

/// An unsecured request object (`alg: none`), as the prefix `redirect_uri` has it: such a
/// request cannot be signed, because the identifier names no key.
fn unsecured_claims(token: &str) -> Result<Value, PresentError> {
    let parts: Vec<&str> = token.trim().split('.').collect();
    let [_, payload, signature] = parts[..] else {
        return Err(PresentError::Unsecured("not a compact JWT"));
    };
    let header = header(token).ok_or(PresentError::Unsecured("header"))?;
    if header.get("alg").and_then(Value::as_str) != Some("none") || !signature.is_empty() {
        return Err(PresentError::Unsecured("signed although its prefix allows no signature"));
    }
    if header.get("typ").and_then(Value::as_str) != Some("oauth-authz-req+jwt") {
        return Err(PresentError::Unsecured("typ"));
    }
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| PresentError::Unsecured("payload"))?;
    parse_strict(&bytes, &Limits::default()).map_err(|_| PresentError::Unsecured("payload"))
}
