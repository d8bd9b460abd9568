//! Where the log of a `did:webvh` is.

use credential_model::did::Did;
use url::Url;

use super::proof::is_sha256_multihash;
use crate::did_web::did_web_url;
use crate::error::ResolveError;

/// What a `did:webvh` says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebvhAddress {
    /// The self-certifying identifier: base58 of the hash of the first entry.
    pub scid: String,
    /// Address of the log, `…/did.jsonl`.
    pub log: Url,
    /// Address of the witness proofs beside it, `…/did-witness.json`.
    pub witness: Url,
}

/// Splits a `did:webvh` and gives the https addresses; host, port and path under the same rules
/// as [`crate::did_web_url`].
///
/// # Errors
/// [`ResolveError::MethodNotSupported`] for another method, [`ResolveError::InvalidDid`] for an
/// identifier that is no SHA-256 multihash, or a host or path that no `did:web` may have.
pub fn did_webvh_address(did: &Did) -> Result<WebvhAddress, ResolveError> {
    if did.method() != "webvh" {
        return Err(ResolveError::MethodNotSupported(did.method().to_owned()));
    }
    let invalid = |why: &str| ResolveError::InvalidDid(why.to_owned());
    let (scid, place) =
        did.method_specific_id().split_once(':').ok_or_else(|| invalid("no host"))?;
    if !is_sha256_multihash(scid) {
        return Err(invalid("the SCID is no SHA-256 multihash"));
    }
    let web = Did::parse(&format!("did:web:{place}")).map_err(|e| invalid(&e.to_string()))?;
    let document = did_web_url(&web)?;
    let beside = |name: &str| {
        let folder = document.path().strip_suffix("did.json").unwrap_or("/");
        let mut url = document.clone();
        url.set_path(&format!("{folder}{name}"));
        url
    };
    Ok(WebvhAddress {
        scid: scid.to_owned(),
        log: beside("did.jsonl"),
        witness: beside("did-witness.json"),
    })
}
