//! A file of labelled secrets under a passphrase, for keys that this room cannot compute with: BBS keys, whose curve
//! belongs to `credential-proofs`. It lies beside the key store and is sealed by the same kind of [`Vault`].
//!
//! The file is JSON: format name, vault header, and one sealed item a label. It is written whole, synced and renamed, with
//! mode 0600. Secrets are added and never replaced.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use credential_model::ambient::{Entropy, random_id};
use credential_model::json::{Limits, parse_strict};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::encoding::{from_base64url, to_base64url};
use crate::sealed::{KdfParameters, Vault};
use crate::store::{KeyStoreError, check_label};

const FORMAT: &str = "sinpyo-sealed-secrets-1";
const PURPOSE: &str = "sealed-secrets";
const MAX_BYTES: u64 = 256 * 1024;
const MAX_SECRETS: usize = 256;
/// One sealing a label: secrets are never replaced.
const VERSION: u64 = 1;

/// An open file of secrets.
pub struct SealedSecrets {
    path: PathBuf,
    vault: Vault,
    entropy: Arc<dyn Entropy>,
    items: Mutex<BTreeMap<String, Vec<u8>>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    header: String,
    items: BTreeMap<String, String>,
}

impl SealedSecrets {
    /// Opens the file.
    ///
    /// # Errors
    /// [`KeyStoreError::Missing`], [`KeyStoreError::UnsafePermissions`], [`KeyStoreError::WrongPassphrase`],
    /// [`KeyStoreError::Damaged`], [`KeyStoreError::Io`].
    pub fn open(
        path: impl AsRef<Path>,
        passphrase: &[u8],
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyStoreError> {
        let path = path.as_ref().to_owned();
        let (header, items) = read(&path)?;
        let vault = Vault::open(&header, PURPOSE, passphrase, Arc::clone(&entropy))?;
        for (label, sealed) in &items {
            vault.open_item(label, VERSION, sealed)?;
        }
        Ok(Self { path, vault, entropy, items: Mutex::new(items) })
    }

    /// Opens the file, or makes an empty one.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_or_create(
        path: impl AsRef<Path>,
        passphrase: &[u8],
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyStoreError> {
        match Self::open(path.as_ref(), passphrase, Arc::clone(&entropy)) {
            Err(KeyStoreError::Missing) => {}
            other => return other,
        }
        let path = path.as_ref().to_owned();
        let kdf = KdfParameters::RECOMMENDED;
        let vault = Vault::create(PURPOSE, passphrase, kdf, Arc::clone(&entropy))?;
        let secrets = Self { path, vault, entropy, items: Mutex::default() };
        secrets.write(&BTreeMap::new())?;
        Ok(secrets)
    }

    /// The secret under this label.
    ///
    /// # Errors
    /// [`KeyStoreError::Damaged`].
    pub fn get(&self, label: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let sealed = items.get(label);
        Ok(sealed.map(|sealed| self.vault.open_item(label, VERSION, sealed)).transpose()?)
    }

    /// Keeps a new secret; it is durable when this returns.
    ///
    /// # Errors
    /// [`KeyStoreError::LabelTaken`], [`KeyStoreError::BadLabel`], [`KeyStoreError::Full`], [`KeyStoreError::Io`].
    pub fn put_new(&self, label: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
        check_label(label)?;
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        if items.contains_key(label) {
            return Err(KeyStoreError::LabelTaken(label.to_owned()));
        }
        if items.len() >= MAX_SECRETS {
            return Err(KeyStoreError::Full);
        }
        let mut changed = items.clone();
        changed.insert(label.to_owned(), self.vault.seal(label, VERSION, secret));
        self.write(&changed)?;
        *items = changed;
        Ok(())
    }

    fn write(&self, items: &BTreeMap<String, Vec<u8>>) -> Result<(), KeyStoreError> {
        let stored = Stored {
            format: FORMAT.to_owned(),
            header: to_base64url(self.vault.header()),
            items: items.iter().map(|(label, item)| (label.clone(), to_base64url(item))).collect(),
        };
        let text = serde_json::to_vec(&stored)
            .map_err(|error| KeyStoreError::Damaged(error.to_string()))?;
        let mut temporary = self.path.as_os_str().to_owned();
        temporary.push(format!(".{}", random_id(&*self.entropy)));
        let temporary = PathBuf::from(temporary);
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(&text).and_then(|()| file.sync_all())?;
        std::fs::rename(&temporary, &self.path)?;
        let directory = self.path.parent().filter(|path| !path.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    }
}

type Items = BTreeMap<String, Vec<u8>>;

fn read(path: &Path) -> Result<(Vec<u8>, Items), KeyStoreError> {
    let damaged = |reason: &str| KeyStoreError::Damaged(reason.to_owned());
    let file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(KeyStoreError::Missing);
        }
        other => other?,
    };
    if file.metadata()?.mode() & 0o077 != 0 {
        return Err(KeyStoreError::UnsafePermissions("its mode must be 0600".to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    let max_bytes = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
    let limits = Limits { max_bytes, ..Limits::default() };
    let json = parse_strict(&bytes, &limits).map_err(|error| damaged(error.code()))?;
    let stored: Stored =
        serde_json::from_value(json).map_err(|_| damaged("it is no file of sealed secrets"))?;
    if stored.format != FORMAT {
        return Err(damaged("it has another format"));
    }
    let bytes = |text: &str| from_base64url(text).ok_or_else(|| damaged("bad base64url"));
    let items = stored
        .items
        .iter()
        .map(|(label, item)| Ok((label.clone(), bytes(item)?)))
        .collect::<Result<_, KeyStoreError>>()?;
    Ok((bytes(&stored.header)?, items))
}

/// Says how many there are and nothing of them.
impl std::fmt::Debug for SealedSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.items.lock().unwrap_or_else(PoisonError::into_inner).len();
        write!(f, "SealedSecrets({count} secrets, redacted)")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::system::SystemEntropy;

    fn open(path: &Path, passphrase: &[u8]) -> Result<SealedSecrets, KeyStoreError> {
        SealedSecrets::open_or_create(path, passphrase, Arc::new(SystemEntropy))
    }

    #[test]
    fn secrets_survive_and_others_get_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secrets");
        let secrets = open(&path, b"passphrase one").unwrap();
        assert_eq!(secrets.get("a").unwrap(), None);
        secrets.put_new("a", &[7; 32]).unwrap();
        assert!(matches!(secrets.put_new("a", &[8; 32]), Err(KeyStoreError::LabelTaken(_))));
        assert!(matches!(secrets.put_new("", &[8; 32]), Err(KeyStoreError::BadLabel)));
        assert_eq!(format!("{secrets:?}"), "SealedSecrets(1 secrets, redacted)");
        let again = open(&path, b"passphrase one").unwrap();
        assert_eq!(again.get("a").unwrap().unwrap().as_slice(), [7; 32]);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("0707"));
        assert!(matches!(open(&path, b"passphrase two"), Err(KeyStoreError::WrongPassphrase)));
        // One item under the name of another is no secret.
        std::fs::write(&path, text.replace("\"a\"", "\"b\"")).unwrap();
        assert!(matches!(open(&path, b"passphrase one"), Err(KeyStoreError::Damaged(_))));
        std::fs::write(&path, "{}").unwrap();
        assert!(matches!(open(&path, b"passphrase one"), Err(KeyStoreError::Damaged(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(open(&path, b"p"), Err(KeyStoreError::UnsafePermissions(_))));
    }
}
