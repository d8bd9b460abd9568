//! A thief: copies the issuer's key store with its passphrase, and signs what they like.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use credential_model::did::DidUrl;
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{ProofOptions, secure};
use serde_json::{Value, json};
use signing_keys::system::SystemEntropy;
use signing_keys::{EncryptedFileStore, KeyStore, StoreSigner};

use crate::Town;

/// What the thief carried off.
pub struct Thief {
    keys: Arc<dyn KeyStore>,
}

impl Thief {
    /// Copies the key store as it is now.
    pub fn break_in(town: &Town) -> Result<Self> {
        let from = town.folder.join("issuer");
        let lair = town.folder.join("lair");
        std::fs::create_dir_all(&lair)?;
        copy_beside(&from.join("keys"), &lair)?;
        let passphrase = std::fs::read_to_string(from.join("passphrase"))?;
        let store = EncryptedFileStore::open(
            lair.join("keys"),
            passphrase.trim_end().as_bytes(),
            Arc::new(SystemEntropy),
        )?;
        Ok(Self { keys: Arc::new(store) })
    }

    /// A badge of somebody else's, with another name on it, signed with a stolen key and dated to
    /// when that key was honest.
    pub fn forge(&self, badge: &Value, name: &str, method: &str, dated: Moment) -> Result<Value> {
        let mut document = badge.clone();
        document.as_object_mut().context("the badge is no object")?.remove("proof");
        document["credentialSubject"]["person"]["name"] = json!(name);
        let method = DidUrl::parse(method)?;
        let label = method.as_str().split_once('#').context("a method without fragment")?.1;
        let signer = StoreSigner::by_label(Arc::clone(&self.keys), label)?;
        Ok(secure(&document, &ProofOptions::credential(method, dated), &signer)?)
    }
}

/// A key store is its file and whatever lies beside it under the same name.
fn copy_beside(store: &Path, to: &Path) -> Result<()> {
    let stem = store.file_name().context("a key store without a name")?.to_string_lossy();
    let folder = store.parent().context("a key store without a folder")?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(&*stem) && entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}
