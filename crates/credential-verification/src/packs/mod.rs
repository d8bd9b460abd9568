//! Status packs at a desk: what an issuer says of all its badges, in one small download.
//!
//! * [`HeldPack`] is an index with its snapshot and what proves them; [`HeldPack::read`] takes the
//!   file that `wallet status-pack fetch` writes, [`HeldPack::open`] the parts as an issuer serves them.
//! * [`PackShelf`] keeps one pack per issuer for the checks ([`crate::Grounds::packs`]) and takes no
//!   older one.
//! * [`fetch::follow`] brings a pack up to date over the network, by deltas where they suffice.
//!
//! Nothing is believed on the shelf: the signature of the index is checked at every examination, by
//! the issuer's keys as they stand then. A pack answers where a list cannot be had, and says how old
//! its answer is; stale it answers nothing but "revoked".

pub mod fetch;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chain_anchors::PackEvidence;
use chain_proofs::{ChainWitness, PinnedChain, ProvenStorage};
use credential_model::{
    did::DidUrl,
    json::{Limits, parse_strict},
    moment::Moment,
};
use credential_proofs::jose::{self, CompactJws, JoseError};
use serde::{Deserialize, Serialize};
use signing_keys::PublicKey;
use status_lists::{PackError, PackUpdate, STATUS_PACK_TYP, StatusPack, StatusPackIndex};

/// Version of the form of a pack file.
const FILE_VERSION: u8 = 1;
/// Longest signed index: 4,096 lists and 64 deltas fit.
pub const MAX_INDEX_BYTES: usize = 2 * 1024 * 1024;
/// Longest pack file: snapshot in base64url, index, evidence.
pub const MAX_FILE_BYTES: usize = 32 * 1024 * 1024;
/// Most issuers whose packs are kept.
const MAX_ISSUERS: usize = 1_024;

/// Why a pack is not taken. None of these says anything of a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackFault {
    /// Index, snapshot or delta are not what they should be, or go back in time.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The index is no signed token that names its key.
    #[error("the status pack's index is no signed token: {0}")]
    Token(String),
    /// The file is not of the known form.
    #[error("the status pack file cannot be read: {0}")]
    File(String),
    /// The index is not the issuer's, or its key is not one to be believed.
    #[error("the status pack's signature does not hold: {0}")]
    Signature(String),
    /// It could not be fetched.
    #[error("the status pack could not be fetched: {0}")]
    Fetch(String),
    /// More issuers than are kept.
    #[error("status packs of more than {MAX_ISSUERS} issuers are not kept")]
    Full,
}

impl PackFault {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            PackFault::Pack(error) => error.code(),
            PackFault::Token(_) => "status_pack_token",
            PackFault::File(_) => "status_pack_file",
            PackFault::Signature(_) => "status_pack_signature",
            PackFault::Fetch(_) => "status_pack_fetch",
            PackFault::Full => "status_pack_shelf_full",
        }
    }
}

/// A pack with its signed index and what came along to prove it.
#[derive(Clone)]
pub struct HeldPack {
    token: CompactJws,
    method: DidUrl,
    pack: StatusPack,
    evidence: Option<PackEvidence>,
    proven: Vec<ProvenStorage>,
    commitment: [u8; 32],
    /// The key by which the signature was found good: the same bytes and key need no second look.
    verified: Arc<RwLock<Option<PublicKey>>>,
}

impl std::fmt::Debug for HeldPack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let index = self.pack.index();
        write!(f, "HeldPack({}, epoch {})", index.issuer, index.epoch)
    }
}

/// The file, form v1.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    v: u8,
    index: String,
    snapshot: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<PackEvidence>,
}

/// A signed index that was read and not yet believed.
#[derive(Debug, Clone)]
pub struct SignedIndex {
    pub(crate) token: CompactJws,
    pub(crate) method: DidUrl,
    /// What it says.
    pub index: StatusPackIndex,
}

impl SignedIndex {
    /// Takes a compact JWS apart. The signature is not checked here.
    ///
    /// # Errors
    /// [`PackFault::Token`], [`PackFault::Pack`].
    pub fn read(text: &str) -> Result<Self, PackFault> {
        let token = |error: &dyn std::fmt::Display| PackFault::Token(error.to_string());
        if text.len() > MAX_INDEX_BYTES {
            return Err(PackError::TooLarge("an index of more than 2 MiB").into());
        }
        let jws = CompactJws::parse(text.trim()).map_err(|error| token(&error))?;
        let payload = jws.payload_json().map_err(|error| token(&error))?;
        let method = jws.kid().and_then(|kid| DidUrl::parse(kid).ok());
        let method = method.ok_or_else(|| token(&"it names no key"))?;
        // Whose it claims to be; and as of its own date, because a clock that is behind is a
        // matter for the examination, not for reading.
        let did = method.did();
        let issued = payload.get("iat").and_then(serde_json::Value::as_i64).unwrap_or_default();
        let index = status_lists::read_index(&payload, did.as_str(), Moment::from_unix(issued))?;
        Ok(SignedIndex { token: jws, method, index })
    }
}

impl HeldPack {
    /// Reads a pack file.
    ///
    /// # Errors
    /// [`PackFault`].
    pub fn read(bytes: &[u8], pinned: Option<&PinnedChain>) -> Result<Self, PackFault> {
        let file = |error: &dyn std::fmt::Display| PackFault::File(error.to_string());
        let limits = Limits { max_bytes: MAX_FILE_BYTES, max_depth: 32 };
        let json = parse_strict(bytes, &limits).map_err(|error| file(&error))?;
        let found: PackFile = serde_json::from_value(json).map_err(|error| file(&error))?;
        if found.v != FILE_VERSION {
            return Err(file(&"another version of the form"));
        }
        let snapshot = URL_SAFE_NO_PAD
            .decode(found.snapshot.as_bytes())
            .map_err(|_| file(&"the snapshot is not base64url"))?;
        Self::open(&found.index, snapshot, found.evidence, pinned)
    }

    /// Joins a signed index, the snapshot it names and what came along. Chain proofs are checked
    /// against the pinned chain here, once; those that prove nothing are left out.
    ///
    /// # Errors
    /// [`PackFault`].
    pub fn open(
        index: &str,
        snapshot: Vec<u8>,
        evidence: Option<PackEvidence>,
        pinned: Option<&PinnedChain>,
    ) -> Result<Self, PackFault> {
        let signed = SignedIndex::read(index)?;
        let pack = StatusPack::open(signed.index.clone(), snapshot)?;
        Ok(Self::joined(signed, pack, evidence, pinned))
    }

    fn joined(
        signed: SignedIndex,
        pack: StatusPack,
        evidence: Option<PackEvidence>,
        pinned: Option<&PinnedChain>,
    ) -> Self {
        let evidence = evidence.filter(|evidence| evidence.check().is_ok());
        let proofs = evidence.iter().flat_map(|evidence| &evidence.chain);
        let proven = proofs.filter_map(|part| {
            let witnesses: Vec<ChainWitness> = part
                .witnesses
                .iter()
                .map(|one| ChainWitness { key: one.key.clone(), signature: one.signature.clone() })
                .collect();
            pinned?.prove(&part.proof, &witnesses).ok()
        });
        let proven = proven.collect();
        HeldPack {
            token: signed.token,
            method: signed.method,
            commitment: pack.index().commitment(),
            pack,
            evidence,
            proven,
            verified: Arc::default(),
        }
    }

    /// The file to be kept or carried, JSON.
    pub fn to_file(&self) -> Vec<u8> {
        let file = PackFile {
            v: FILE_VERSION,
            index: self.token.as_str().to_owned(),
            snapshot: URL_SAFE_NO_PAD.encode(self.pack.content().bytes()),
            evidence: self.evidence.clone(),
        };
        // Strings, numbers and lists of them always have a JSON form.
        serde_json::to_vec(&file).unwrap_or_default()
    }

    /// Index and content.
    pub fn pack(&self) -> &StatusPack {
        &self.pack
    }

    /// DID of the issuer.
    pub fn issuer(&self) -> &str {
        &self.pack.index().issuer
    }

    /// What an epoch commits to: see [`StatusPackIndex::commitment`].
    pub(crate) fn commitment(&self) -> [u8; 32] {
        self.commitment
    }

    /// Checks the signature of the index by this key, once.
    ///
    /// # Errors
    /// [`JoseError`].
    pub(crate) fn verify(&self, key: &PublicKey) -> Result<(), JoseError> {
        let known = self.verified.read().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref() == Some(key) {
            return Ok(());
        }
        drop(known);
        jose::verify(&self.token, key, &[STATUS_PACK_TYP])?;
        *self.verified.write().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
        Ok(())
    }

    pub(crate) fn method(&self) -> &DidUrl {
        &self.method
    }

    pub(crate) fn evidence(&self) -> Option<&PackEvidence> {
        self.evidence.as_ref()
    }

    pub(crate) fn proven(&self) -> &[ProvenStorage] {
        &self.proven
    }

    /// What must be fetched to follow a newer index of the same issuer.
    ///
    /// # Errors
    /// [`PackFault::Pack`] when it is an older one, a second truth, or somebody else's.
    pub fn plan(&self, newer: &SignedIndex) -> Result<PackUpdate, PackFault> {
        Ok(self.pack.plan(&newer.index)?)
    }

    /// Follows a newer index by the deltas that [`HeldPack::plan`] asked for.
    ///
    /// # Errors
    /// [`PackFault::Pack`].
    pub fn advance(
        &self,
        newer: SignedIndex,
        deltas: Vec<Vec<u8>>,
        evidence: Option<PackEvidence>,
        pinned: Option<&PinnedChain>,
    ) -> Result<Self, PackFault> {
        let pack = self.pack.advance(newer.index.clone(), deltas)?;
        Ok(Self::joined(newer, pack, evidence, pinned))
    }
}

/// One pack per issuer, shared by the checks and by whoever keeps it current.
#[derive(Debug, Default)]
pub struct PackShelf {
    packs: RwLock<BTreeMap<String, Arc<HeldPack>>>,
    first: bool,
}

impl PackShelf {
    /// An empty shelf whose packs are asked before the lists' hosts: while a pack is fresh, no host
    /// learns that a credential was looked at.
    pub fn asked_first() -> Self {
        PackShelf { first: true, ..PackShelf::default() }
    }

    /// Whether packs are asked before the lists' hosts.
    pub fn is_asked_first(&self) -> bool {
        self.first
    }

    /// Keeps a pack in place of an older one of the same issuer. Whoever takes packs from a network
    /// checks them first ([`fetch::follow`] does): a stranger's would stand in the way.
    ///
    /// # Errors
    /// [`PackFault::Pack`] when the one at hand is newer or says something else of the same epoch.
    pub fn put(&self, pack: HeldPack) -> Result<(), PackFault> {
        let mut packs = self.packs.write().unwrap_or_else(PoisonError::into_inner);
        match packs.get(pack.issuer()) {
            Some(held) => {
                held.pack.plan(pack.pack.index())?;
            }
            None if packs.len() >= MAX_ISSUERS => return Err(PackFault::Full),
            None => {}
        }
        packs.insert(pack.issuer().to_owned(), Arc::new(pack));
        Ok(())
    }

    /// The pack of an issuer.
    pub fn get(&self, issuer: &str) -> Option<Arc<HeldPack>> {
        self.packs.read().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned()
    }

    /// Every pack, by issuer.
    pub fn all(&self) -> Vec<Arc<HeldPack>> {
        self.packs.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
