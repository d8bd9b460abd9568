//! The key register as a file beside the key store: public halves and dates, no secrets.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use credential_issuance::{ED25519_LABEL, KeyRegister, P256_LABEL};
use credential_model::moment::Moment;
use signing_keys::{KeyStore, PublicKey, Signer, StoreSigner};

use crate::config::Config;

/// More than this is no register.
const MOST_BYTES: u64 = 1024 * 1024;

/// Where the register lies: `<key store>.register.json`.
pub(crate) fn path(config: &Config) -> PathBuf {
    let mut name = config.keys.path.as_os_str().to_owned();
    name.push(".register.json");
    PathBuf::from(name)
}

/// Reads the register. An issuer that never changed a key may have none: its first two keys are
/// the register then.
pub(crate) fn load(
    config: &Config,
    keys: &Arc<dyn KeyStore>,
    now: Moment,
) -> anyhow::Result<KeyRegister> {
    let path = path(config);
    match std::fs::metadata(&path) {
        Ok(file) => {
            anyhow::ensure!(file.len() <= MOST_BYTES, "{} is too large", path.display());
            let bytes = std::fs::read(&path)?;
            KeyRegister::parse(&bytes)
                .with_context(|| format!("the key register {}", path.display()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let first = [public(keys, ED25519_LABEL)?, public(keys, P256_LABEL)?];
            Ok(KeyRegister::first(&first[0], &first[1], now)?)
        }
        Err(error) => Err(error).with_context(|| format!("the key register {}", path.display())),
    }
}

/// Writes the register, whole or not at all.
pub(crate) fn save(config: &Config, register: &KeyRegister) -> anyhow::Result<()> {
    let path = path(config);
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    // With the signer backend the register may be the first file there.
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create(beside)?;
    file.write_all(register.to_text().as_bytes())?;
    file.sync_all()?;
    std::fs::rename(beside, &path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        // The new name is durable only when its folder is.
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// The signer with this label, if the key store has one.
pub(crate) fn signer(keys: &Arc<dyn KeyStore>, label: &str) -> Option<Arc<dyn Signer>> {
    keys.find(label)?;
    let signer = StoreSigner::by_label(Arc::clone(keys), label).ok()?;
    Some(Arc::new(signer))
}

fn public(keys: &Arc<dyn KeyStore>, label: &str) -> anyhow::Result<PublicKey> {
    let found = keys.find(label).with_context(|| format!("the key store has no key {label}"))?;
    Ok(keys.public_key(&found)?)
}
