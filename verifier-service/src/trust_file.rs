//! The trust list on disk: read when it changes, never replaced by an older edition.
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use credential_model::{
    did::{Did, DidUrl},
    json::{Limits, parse_strict},
    moment::Moment,
};
use credential_proofs::jose::{self, CompactJws};
use credential_verification::store::{SeenBefore, SeenList, SeenLists};
use did_resolution::{Address, ControllerPins, Resolve, verification_key};
use trust_registry::{TrustList, TrustSource as _};

const MAX_BYTES: usize = 64 * 1024 * 1024;
/// `typ` values of a signed list.
const TYPES: [&str; 2] = ["trust-list+jwt", "JWT"];

/// Watches one file.
pub struct TrustFile {
    path: Option<PathBuf>,
    operator: Option<Did>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    stamp: Option<(SystemTime, u64)>,
    list: Option<Arc<TrustList>>,
}

/// Why a list was not taken; the former one stays in use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustFileError {
    /// Not readable.
    #[error("the trust list cannot be read: {0}")]
    Unreadable(String),
    /// Malformed, or unsigned although a signer is configured.
    #[error("the trust list is not acceptable: {0}")]
    Content(String),
    /// The signature does not hold, or is by somebody else.
    #[error("the trust list's signature does not hold: {0}")]
    Signature(String),
    /// Older than one seen before, or another list under its version.
    #[error("the trust list goes back behind version {0}")]
    RolledBack(u64),
}

impl TrustFile {
    /// Watches `path`; with an operator only lists signed by it are taken.
    pub fn new(path: Option<PathBuf>, operator: Option<Did>) -> Self {
        TrustFile { path, operator, known: Mutex::new(Known::default()) }
    }

    /// The list in force: the one last taken, read again when the file changed.
    pub async fn current(
        &self,
        resolver: &dyn Resolve,
        seen: &dyn SeenLists,
        now: Moment,
    ) -> Option<Arc<TrustList>> {
        let path = self.path.as_ref()?;
        let stamp =
            std::fs::metadata(path).ok().and_then(|data| Some((data.modified().ok()?, data.len())));
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if stamp.is_some() && known.stamp == stamp {
                return known.list.clone();
            }
        }
        let read = self.read(resolver, seen, now).await;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(list) => {
                tracing::info!(version = list.version, "trust list taken");
                *known = Known { stamp, list: Some(Arc::new(list)) };
            }
            // Not remembered as read: the next request tries again.
            Err(error) => tracing::warn!(%error, "trust list not taken"),
        }
        known.list.clone()
    }

    /// Reads and judges the file.
    ///
    /// # Errors
    /// [`TrustFileError`].
    pub async fn read(
        &self,
        resolver: &dyn Resolve,
        seen: &dyn SeenLists,
        now: Moment,
    ) -> Result<TrustList, TrustFileError> {
        let Some(path) = &self.path else {
            return Err(TrustFileError::Unreadable("none configured".to_owned()));
        };
        let bytes =
            std::fs::read(path).map_err(|error| TrustFileError::Unreadable(error.to_string()))?;
        let payload = self.payload(&bytes, resolver, now).await?;
        let limits = Limits { max_bytes: MAX_BYTES, max_depth: 16 };
        let value = parse_strict(&payload, &limits)
            .map_err(|error| TrustFileError::Content(error.to_string()))?;
        let list =
            TrustList::parse(&value).map_err(|error| TrustFileError::Content(error.to_string()))?;
        if self.operator.as_ref().is_some_and(|operator| *operator != list.operator) {
            return Err(TrustFileError::Signature("the list names another operator".to_owned()));
        }
        let digest = list.digest().map_err(|error| TrustFileError::Content(error.to_string()))?;
        let offered =
            SeenList { version: list.version, sha256: hex::encode(digest), as_of: list.issued };
        match seen.see_list(&format!("trust:{}", list.operator), &offered).await {
            Ok(SeenBefore::Current) => Ok(list),
            Ok(SeenBefore::Older(newest) | SeenBefore::Differs(newest)) => {
                Err(TrustFileError::RolledBack(newest.version))
            }
            Err(error) => Err(TrustFileError::Unreadable(error.to_string())),
        }
    }

    async fn payload(
        &self,
        bytes: &[u8],
        resolver: &dyn Resolve,
        now: Moment,
    ) -> Result<Vec<u8>, TrustFileError> {
        if bytes.len() > MAX_BYTES {
            return Err(TrustFileError::Content("larger than 64 MiB".to_owned()));
        }
        if bytes.trim_ascii_start().starts_with(b"{") {
            return match &self.operator {
                // The operator of this machine wrote the file itself.
                None => Ok(bytes.to_vec()),
                Some(_) => Err(TrustFileError::Content("it is not signed".to_owned())),
            };
        }
        let Some(operator) = &self.operator else {
            return Err(TrustFileError::Content("trust.operator is not configured".to_owned()));
        };
        let signature = |text: String| TrustFileError::Signature(text);
        let text = std::str::from_utf8(bytes)
            .map_err(|_| TrustFileError::Content("neither JSON nor a token".to_owned()))?;
        let token = CompactJws::parse(text.trim()).map_err(|error| signature(error.to_string()))?;
        let kid = token
            .kid()
            .and_then(|kid| DidUrl::parse(kid).ok())
            .filter(|kid| kid.did() == *operator)
            .ok_or_else(|| signature("not by the configured operator".to_owned()))?;
        let resolution =
            resolver.resolve(operator).await.map_err(|error| signature(error.to_string()))?;
        if resolution.anchor_check.is_inconclusive() {
            return Err(signature(
                "the operator's keys could not be compared with the chain".into(),
            ));
        }
        let key = verification_key(&resolution.document, &kid)
            .map_err(|error| signature(error.to_string()))?;
        if key.controller != *operator {
            return Err(signature("the key is under another control than the operator's".into()));
        }
        if !key.is_usable_at(now) {
            return Err(signature("the key was revoked or has expired".into()));
        }
        if !key.is_listed_for(credential_model::did::ProofPurpose::AssertionMethod) {
            return Err(signature("the key may not sign assertions".to_owned()));
        }
        jose::verify(&token, &key.key, &TYPES).map_err(|error| signature(error.to_string()))?;
        Ok(token.payload().to_vec())
    }
}

/// The list last taken says which chain accounts may speak. Nothing is read here: every check
/// has asked for the current list before.
impl ControllerPins for TrustFile {
    fn pinned(&self, did: &Did) -> Option<Address> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let account = known.list.as_ref()?.chain_controller(did.as_str())?;
        Some(Address::from_bytes(*account.as_bytes()))
    }
}
