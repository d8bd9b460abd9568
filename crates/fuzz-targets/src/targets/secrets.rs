//! Files that hold keys: a hostile file may cost no more than its header admits, and opens nothing.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use credential_model::ambient::{Entropy, PredictableEntropy};
use signing_keys::sealed::{KdfParameters, Vault};
use signing_keys::{EncryptedFileStore, KeyAlgorithm, KeyStore};

use crate::Seen;

const PASSPHRASE: &[u8] = b"a passphrase for tests";

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(PredictableEntropy::new(21))
}

fn opened() -> &'static Vault {
    static VAULT: OnceLock<Vault> = OnceLock::new();
    VAULT.get_or_init(|| {
        Vault::create("fuzz", PASSPHRASE, KdfParameters::CHEAPEST_FOR_TESTS, entropy())
            .expect("a vault can be made")
    })
}

pub(super) fn headers() -> Vec<Vec<u8>> {
    vec![opened().header().to_vec(), opened().seal("item", 1, b"plain")]
}

/// The header is opened for another purpose, so that no key derivation is paid; the same bytes are tried as an item.
pub(super) fn vault(input: &[u8]) -> Seen {
    let header = Vault::open(input, "another purpose", PASSPHRASE, entropy());
    assert!(header.is_err(), "a vault opened for another purpose");
    let item = opened().open_item("item", 1, input);
    if let Ok(plain) = &item {
        assert_eq!(plain.as_slice(), b"plain", "a changed item was opened");
    }
    Seen::of(header.err().map(|error| error.code())).and(item.err().map(|error| error.code()))
}

/// A folder of this process for the store's file. Process numbers come round again, and a run that was ended leaves
/// its folder behind: the first free one is taken.
fn place() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let named = |turn| format!("sinpyo-fuzz-{}-{turn}", std::process::id());
        let folders = (0..1000).map(|turn| std::env::temp_dir().join(named(turn)));
        let made = folders.into_iter().find(|folder| std::fs::create_dir(folder).is_ok());
        made.expect("a temporary folder can be made")
    });
    folder.join("keys")
}

fn honest() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let path = place();
        let kdf = KdfParameters::CHEAPEST_FOR_TESTS;
        let store = EncryptedFileStore::create_with(&path, PASSPHRASE, kdf, entropy());
        let store = store.expect("a store can be made");
        store.generate(KeyAlgorithm::EdDsa, "sample").expect("a key can be made");
        std::fs::read(&path).expect("the store is a file")
    })
}

pub(super) fn files() -> Vec<Vec<u8>> {
    vec![honest().to_vec()]
}

pub(super) fn key_store(input: &[u8]) -> Seen {
    let honest = honest();
    if dear(input) {
        return Seen::of("dear by permission");
    }
    // Written over, not replaced: the permissions stay.
    if std::fs::write(place(), input).is_err() {
        return Seen::of("no disk");
    }
    match EncryptedFileStore::open(place(), PASSPHRASE, entropy()) {
        Err(error) => Seen::of(error.code()),
        Ok(store) => {
            assert_eq!(input, honest, "a changed key store was opened");
            Seen::of(store.list().len())
        }
    }
}

/// A header may ask for up to 1 GiB: admitted by design, and too dear to try a thousand times.
fn dear(input: &[u8]) -> bool {
    let honest = honest();
    let end = honest.len().min(120);
    input.len() >= end && input[..12] == honest[..12] && input[12..end] != honest[12..end]
}
