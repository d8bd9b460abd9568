//! Hostile and damaged files, concurrent writers, old copies.

use std::fs;
use std::path::PathBuf;

use credential_model::ambient::PredictableEntropy;
use tempfile::TempDir;

use super::*;
use crate::{Signer, StoreSigner};

const PASSPHRASE: &[u8] = b"correct horse";

struct Place {
    // Removes the directory when dropped.
    _directory: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.sealed");
        Self { _directory: directory, path }
    }

    fn create(&self) -> EncryptedFileStore {
        let kdf = KdfParameters::CHEAPEST_FOR_TESTS;
        EncryptedFileStore::create_with(&self.path, PASSPHRASE, kdf, entropy(1)).unwrap()
    }

    fn open(&self) -> Result<EncryptedFileStore, KeyStoreError> {
        EncryptedFileStore::open(&self.path, PASSPHRASE, entropy(2))
    }

    fn code(&self) -> &'static str {
        self.open().unwrap_err().code()
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    fn write(&self, bytes: &[u8]) {
        fs::write(&self.path, bytes).unwrap();
    }

    fn witness(&self) -> PathBuf {
        self.path.with_extension("sealed.revision")
    }
}

fn entropy(seed: u64) -> Arc<dyn Entropy> {
    Arc::new(PredictableEntropy::new(seed))
}

#[test]
fn keys_outlive_the_process() {
    let place = Place::new();
    let store = place.create();
    let ed = store.generate(KeyAlgorithm::EdDsa, "assertion-ed25519").unwrap();
    let chain = store.generate(KeyAlgorithm::Secp256k1, "chain").unwrap();
    let public = store.public_key(&ed).unwrap();
    let point = store.secp256k1_public(&chain).unwrap();
    assert_eq!(store.revision(), 3);
    drop(store);

    let store = place.open().unwrap();
    assert_eq!(store.revision(), 3);
    assert_eq!(store.find("assertion-ed25519"), Some(ed.clone()));
    assert_eq!(store.public_key(&ed).unwrap(), public);
    assert_eq!(store.secp256k1_public(&chain).unwrap(), point);
    let signer = StoreSigner::by_label(Arc::new(store), "assertion-ed25519").unwrap();
    assert_eq!(public.verify(b"m", &signer.sign(b"m").unwrap()), Ok(()));
}

#[test]
fn a_place_is_empty_or_taken() {
    let place = Place::new();
    assert_eq!(place.code(), "key_store_missing");
    let made = EncryptedFileStore::open_or_create(&place.path, PASSPHRASE, entropy(3)).unwrap();
    made.generate(KeyAlgorithm::EdDsa, "a").unwrap();
    let opened = EncryptedFileStore::open_or_create(&place.path, PASSPHRASE, entropy(4)).unwrap();
    assert!(opened.find("a").is_some());
    let kdf = KdfParameters::CHEAPEST_FOR_TESTS;
    let again = EncryptedFileStore::create_with(&place.path, PASSPHRASE, kdf, entropy(5));
    assert_eq!(again.unwrap_err().code(), "key_store_exists");
    let nested = place.path.with_file_name("deep").join("er").join("keys");
    let empty = EncryptedFileStore::create_with(&nested, b"", kdf, entropy(6));
    assert_eq!(empty.unwrap_err().code(), "passphrase_empty");
    assert!(EncryptedFileStore::create_with(&nested, PASSPHRASE, kdf, entropy(6)).is_ok());
}

#[test]
fn a_wrong_passphrase_opens_nothing_and_changes_nothing() {
    let place = Place::new();
    place.create();
    let before = place.bytes();
    for wrong in [&b"wrong"[..], b"", b"correct horse\n"] {
        let error = EncryptedFileStore::open(&place.path, wrong, entropy(2)).unwrap_err();
        assert_eq!(error.code(), "wrong_passphrase");
        let made = EncryptedFileStore::open_or_create(&place.path, wrong, entropy(2));
        assert_eq!(made.unwrap_err().code(), "wrong_passphrase");
    }
    assert_eq!(place.bytes(), before);
}

#[test]
fn no_private_key_stands_in_the_file() {
    let place = Place::new();
    let store = place.create();
    let handle = store.generate(KeyAlgorithm::EdDsa, "label-in-the-clear").unwrap();
    let secret = crate::danger::export_private_bytes(&store, &handle).unwrap();
    let bytes = place.bytes();
    assert!(!bytes.windows(32).any(|window| window == secret.as_slice()));
    assert!(!bytes.windows(18).any(|window| window == b"label-in-the-clear"));
}

#[test]
fn a_truncated_file_is_refused() {
    let place = Place::new();
    let store = place.create();
    store.generate(KeyAlgorithm::EdDsa, "a").unwrap();
    let whole = place.bytes();
    for length in (0..whole.len()).rev().step_by(7) {
        place.write(&whole[..length]);
        assert_eq!(place.code(), "key_store_damaged", "{length} of {}", whole.len());
    }
    place.write(&[&whole[..], b"x"].concat());
    assert_eq!(place.code(), "key_store_damaged");
    place.write(&vec![0; 9 * 1024 * 1024]);
    assert_eq!(place.code(), "key_store_damaged");
}

/// Where things stand: magic, format, length of the header, header.
const HEADER: usize = 8 + 2 + 2;

#[test]
fn hostile_headers_are_refused() {
    let place = Place::new();
    place.create();
    let whole = place.bytes();
    // Inside the vault header: magic, format, "key-store", then the key derivation.
    let kdf = HEADER + 8 + 2 + 1 + 9;
    let number = |at: usize, number: u32| {
        let mut bytes = whole.clone();
        bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
        bytes
    };
    for bytes in [
        number(kdf + 1, 1024),     // 1 MiB: downgraded
        number(kdf + 1, u32::MAX), // 4 TiB
        number(kdf + 5, 1),
        number(kdf + 5, 1000),
        number(kdf + 9, 255),
    ] {
        place.write(&bytes);
        assert_eq!(place.code(), "kdf_parameters_refused");
    }
    let count = whole.len() - 72 - 4;
    place.write(&number(count, u32::MAX));
    assert_eq!(place.code(), "key_store_damaged");
    for at in [0, 9, HEADER, HEADER + 9, HEADER + 11] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        place.write(&bytes);
        assert_eq!(place.code(), "key_store_damaged", "byte {at}");
    }
}

#[test]
fn items_cannot_be_swapped_removed_or_doubled() {
    let place = Place::new();
    let store = place.create();
    store.generate(KeyAlgorithm::EdDsa, "a").unwrap();
    let with_one = place.bytes();
    store.generate(KeyAlgorithm::EdDsa, "b").unwrap();
    let whole = place.bytes();
    let header = usize::from(u16::from_be_bytes([whole[10], whole[11]]));
    let revision = HEADER + header;
    let items = revision + 8 + 4;
    let item = (whole.len() - 72 - items) / 2;
    let (first, second) = (items..items + item, items + item..items + 2 * item);
    let seal = &whole[whole.len() - 72..];
    let front = &whole[..items];
    let count = |bytes: &mut Vec<u8>, count: u32| {
        bytes[revision + 8..items].copy_from_slice(&count.to_be_bytes());
    };

    let swapped = [front, &whole[second.clone()], &whole[first.clone()], seal].concat();
    let mut removed = [front, &whole[second.clone()], seal].concat();
    count(&mut removed, 1);
    let mut doubled = [&whole[..whole.len() - 72], &whole[first.clone()], seal].concat();
    count(&mut doubled, 3);
    // The ids change places, the contents do not.
    let mut renamed = whole.clone();
    let (id_a, id_b) = (first.start + 1..first.start + 33, second.start + 1..second.start + 33);
    renamed[id_a.clone()].copy_from_slice(&whole[id_b.clone()]);
    renamed[id_b].copy_from_slice(&whole[id_a]);
    // An old set of items under the new revision, and the other way round.
    let mut raised = with_one.clone();
    raised[revision..revision + 8].copy_from_slice(&3u64.to_be_bytes());
    let mut lowered = whole.clone();
    lowered[revision..revision + 8].copy_from_slice(&2u64.to_be_bytes());
    for bytes in [swapped, removed, doubled, renamed, raised, lowered] {
        place.write(&bytes);
        assert_eq!(place.code(), "key_store_damaged");
    }
    for at in (items..whole.len()).step_by(11) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        place.write(&flipped);
        assert_eq!(place.code(), "key_store_damaged", "byte {at}");
    }
    place.write(&whole);
    assert_eq!(place.open().unwrap().list().len(), 2);
}

#[test]
fn an_older_copy_is_refused() {
    let place = Place::new();
    let store = place.create();
    store.generate(KeyAlgorithm::EdDsa, "a").unwrap();
    let old = place.bytes();
    store.generate(KeyAlgorithm::EdDsa, "b").unwrap();
    place.write(&old);
    let expected = KeyStoreError::RolledBack { expected: 3, found: 2 }.to_string();
    assert_eq!(place.open().unwrap_err().to_string(), expected);
    // Also by a store that is already open, before it writes.
    assert_eq!(
        store.generate(KeyAlgorithm::EdDsa, "c").unwrap_err().code(),
        "key_store_rolled_back"
    );

    // On purpose: without the witness it opens, unless the caller knows better.
    fs::remove_file(place.witness()).unwrap();
    let at_least = EncryptedFileStore::open_at_least(&place.path, PASSPHRASE, entropy(2), 3);
    assert_eq!(at_least.unwrap_err().code(), "key_store_rolled_back");
    let restored = place.open().unwrap();
    assert_eq!(restored.list().len(), 1);
    restored.generate(KeyAlgorithm::EdDsa, "c").unwrap();
    assert!(place.witness().exists());
}

#[test]
fn a_forged_or_foreign_witness_is_refused() {
    let place = Place::new();
    let store = place.create();
    let first = fs::read(place.witness()).unwrap();
    store.generate(KeyAlgorithm::EdDsa, "a").unwrap();
    let mut raised = fs::read(place.witness()).unwrap();
    raised[7] = 99;
    let other = Place::new();
    let kdf = KdfParameters::CHEAPEST_FOR_TESTS;
    EncryptedFileStore::create_with(&other.path, PASSPHRASE, kdf, entropy(9)).unwrap();
    let foreign = fs::read(other.witness()).unwrap();
    for bytes in [raised, foreign, Vec::new(), vec![0; 48], vec![0; 1000]] {
        fs::write(place.witness(), bytes).unwrap();
        assert_eq!(place.code(), "key_store_damaged");
    }
    // A witness that is behind is what a crash between the two writes leaves.
    fs::write(place.witness(), first).unwrap();
    assert!(place.open().is_ok());
}

#[cfg(unix)]
#[test]
fn files_that_others_may_read_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let place = Place::new();
    place.create().generate(KeyAlgorithm::EdDsa, "a").unwrap();
    for path in [place.path.clone(), place.witness(), place.path.with_extension("sealed.lock")] {
        let found = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, 0o600, "{}", path.display());
    }
    for open in [0o604, 0o640, 0o644, 0o660, 0o666, 0o602, 0o620, 0o601, 0o777] {
        mode(&place.path, open);
        assert_eq!(place.code(), "key_store_permissions", "{open:o}");
    }
    mode(&place.path, 0o400);
    assert!(place.open().is_ok());
    mode(&place.path, 0o600);
    let directory = place.path.parent().unwrap();
    mode(directory, 0o777);
    assert_eq!(place.code(), "key_store_permissions");
    mode(directory, 0o1777);
    assert!(place.open().is_ok());
    mode(directory, 0o700);
    assert_eq!(
        EncryptedFileStore::open(directory, PASSPHRASE, entropy(2)).unwrap_err().code(),
        "key_store_permissions"
    );
}

#[test]
fn two_open_stores_take_turns() {
    let place = Place::new();
    let first = place.create();
    let second = place.open().unwrap();
    std::thread::scope(|scope| {
        for (store, name) in [(&first, "x"), (&second, "y")] {
            scope.spawn(move || {
                for number in 0..5 {
                    store.generate(KeyAlgorithm::EdDsa, &format!("{name}{number}")).unwrap();
                }
            });
        }
    });
    let taken = first.generate(KeyAlgorithm::EdDsa, "y0").unwrap_err();
    assert_eq!(taken.code(), "key_label_taken", "the other's key is seen before writing");
    let all = place.open().unwrap();
    assert_eq!((all.list().len(), all.revision()), (10, 11));
    let leftovers = fs::read_dir(place.path.parent().unwrap())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().to_string_lossy().ends_with(".tmp"));
    assert_eq!(leftovers.count(), 0);
}

#[test]
fn a_changed_passphrase_seals_everything_anew() {
    let place = Place::new();
    let store = place.create();
    let handle = store.generate(KeyAlgorithm::EdDsa, "a").unwrap();
    let public = store.public_key(&handle).unwrap();
    let other = place.open().unwrap();
    let kdf = KdfParameters::CHEAPEST_FOR_TESTS;
    store.change_passphrase(b"battery staple", kdf).unwrap();
    assert_eq!(place.code(), "wrong_passphrase");
    let opened = EncryptedFileStore::open(&place.path, b"battery staple", entropy(2)).unwrap();
    assert_eq!(opened.public_key(&handle).unwrap(), public);
    assert_eq!(opened.revision(), 3);
    // A store that was open all the while does not write under the old passphrase.
    assert_eq!(other.generate(KeyAlgorithm::EdDsa, "b").unwrap_err().code(), "key_unsupported");
    assert_eq!(store.change_passphrase(b"", kdf).unwrap_err().code(), "passphrase_empty");
    store.generate(KeyAlgorithm::EdDsa, "b").unwrap();
}
