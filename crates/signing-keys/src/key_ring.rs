//! Public keys as controller documents list them.

use std::collections::BTreeMap;

use credential_model::did::{Did, DidUrl, ProofPurpose};
use credential_model::moment::Moment;

use crate::PublicKey;

/// A verification method of a resolved controller document: a key with what its document
/// says about it (Controlled Identifiers 1.0, section 2.2).
#[derive(Clone, Debug, PartialEq)]
pub struct VerificationKey {
    /// The DID URL of the method.
    pub id: DidUrl,
    /// Who controls the key.
    pub controller: Did,
    /// The key itself.
    pub key: PublicKey,
    /// The verification relationships under which the document lists the method.
    pub purposes: Vec<ProofPurpose>,
    /// From this moment on the key verifies nothing any more.
    pub revoked: Option<Moment>,
    /// After this moment the key verifies nothing any more.
    pub expires: Option<Moment>,
}

impl VerificationKey {
    /// Whether the controller document lists the key for `purpose`.
    pub fn is_listed_for(&self, purpose: ProofPurpose) -> bool {
        self.purposes.contains(&purpose)
    }

    /// Whether the key is neither revoked nor expired at `moment`. Both ends are
    /// exclusive: a key revoked at this very second is revoked.
    pub fn is_usable_at(&self, moment: Moment) -> bool {
        self.revoked.is_none_or(|revoked| moment < revoked)
            && self.expires.is_none_or(|expires| moment < expires)
    }
}

/// The keys a verification may use, by DID URL. The caller resolves them beforehand, so
/// the check itself does no I/O.
#[derive(Clone, Debug, Default)]
pub struct KeyRing(BTreeMap<DidUrl, VerificationKey>);

impl KeyRing {
    /// An empty ring.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key under its own id; a key of the same id is replaced and returned.
    pub fn insert(&mut self, key: VerificationKey) -> Option<VerificationKey> {
        self.0.insert(key.id.clone(), key)
    }

    /// The key of this DID URL.
    pub fn get(&self, id: &DidUrl) -> Option<&VerificationKey> {
        self.0.get(id)
    }

    /// All keys, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &VerificationKey> {
        self.0.values()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<VerificationKey> for KeyRing {
    fn from_iter<I: IntoIterator<Item = VerificationKey>>(keys: I) -> Self {
        Self(keys.into_iter().map(|key| (key.id.clone(), key)).collect())
    }
}
