//! A signer in a second, real process behind its socket.
#![cfg(all(feature = "signer-process", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;

use credential_model::ambient::PredictableEntropy;
use sha2::{Digest as _, Sha256};
use signing_keys::signer_process::{RemoteKeyStore, SignerPolicy, bind_signer, serve_signer};
use signing_keys::{KeyAlgorithm, KeyHandle, KeyStore, MemoryKeyStore, Signer, StoreSigner};

const PLACE: &str = "SINPYO_SIGNER_TEST";

fn me() -> u32 {
    // /proc/self belongs to the user whose process this is.
    std::fs::metadata("/proc/self").unwrap().uid()
}

/// The second process: run by the tests below, and a test that passes at once elsewhere.
#[test]
fn the_signer_itself() {
    let Some(place) = std::env::var_os(PLACE) else { return };
    let place = PathBuf::from(place);
    let seed = std::fs::read_to_string(place.join("seed")).unwrap().parse().unwrap();
    let store = MemoryKeyStore::new(Arc::new(PredictableEntropy::new(seed)));
    for (algorithm, label) in [
        (KeyAlgorithm::EdDsa, "assertion-ed25519"),
        (KeyAlgorithm::Es256, "assertion-p256"),
        (KeyAlgorithm::Secp256k1, "chain"),
        (KeyAlgorithm::EdDsa, "hidden"),
    ] {
        store.generate(algorithm, label).unwrap();
    }
    let users = std::fs::read_to_string(place.join("users")).unwrap();
    let policy = SignerPolicy {
        labels: ["assertion-ed25519", "assertion-p256", "chain"].map(String::from).into(),
        users: [users.parse().unwrap()].into(),
        connections: 3,
    };
    let audit = place.join("audit");
    let listener = bind_signer(&place.join("socket")).unwrap();
    serve_signer(&listener, &store, &policy, &|signed| {
        let line = format!("{} {:?} {:?}\n", signed.label, signed.digest, signed.outcome);
        let mut file = std::fs::File::options().create(true).append(true).open(&audit).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    })
    .unwrap();
}

struct Running {
    place: tempfile::TempDir,
    child: Child,
}

impl Running {
    fn start(user: u32) -> Self {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("users"), user.to_string()).unwrap();
        let child = launch(place.path(), 1);
        Self { place, child }
    }

    fn socket(&self) -> PathBuf {
        self.place.path().join("socket")
    }

    fn connect(&self) -> RemoteKeyStore {
        RemoteKeyStore::connect(self.socket(), me()).unwrap()
    }

    fn end(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a signer whose keys follow from the seed, and waits until its socket is there.
fn launch(place: &Path, seed: u64) -> Child {
    std::fs::write(place.join("seed"), seed.to_string()).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_signer_itself", "--nocapture"])
        .env(PLACE, place)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while UnixStream::connect(place.join("socket")).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    child
}

#[test]
fn it_signs_with_the_listed_keys_and_tells_the_audit() {
    let running = Running::start(me());
    let store: Arc<dyn KeyStore> = Arc::new(running.connect());
    let labels: Vec<String> = store.list().into_iter().map(|key| key.label).collect();
    assert_eq!(labels, ["assertion-ed25519", "assertion-p256", "chain"]);
    for label in &labels[..2] {
        let signer = StoreSigner::by_label(Arc::clone(&store), label).unwrap();
        for message in [&b""[..], b"message", &[7; 1_000_000]] {
            let signature = signer.sign(message).unwrap();
            assert_eq!(signer.public_key().verify(message, &signature), Ok(()));
        }
    }
    let chain = store.find("chain").unwrap();
    assert_eq!(store.secp256k1_public(&chain).unwrap()[0], 4);
    assert_eq!(store.sign_digest(&chain, &[9; 32]).unwrap().len(), 65);
    assert_eq!(store.public_key(&chain).unwrap_err().code(), "key_unsupported");

    // What is not listed is not there, and no key is made.
    assert_eq!(store.find("hidden"), None);
    let hidden = KeyHandle::new("hidden");
    assert_eq!(store.sign_message(&hidden, b"x").unwrap_err().code(), "unknown_key");
    assert_eq!(store.secp256k1_public(&hidden).unwrap_err().code(), "unknown_key");
    let made = store.generate(KeyAlgorithm::EdDsa, "new").unwrap_err();
    assert_eq!(made.code(), "key_unsupported");
    let ed = store.find("assertion-ed25519").unwrap();
    assert!(store.sign_digest(&ed, &[0; 32]).unwrap_err().to_string().contains("cannot"));
    assert!(store.sign_message(&ed, &[0; 3_000_000]).is_err(), "beyond the limit");

    let audit = std::fs::read_to_string(running.place.path().join("audit")).unwrap();
    let digest: [u8; 32] = Sha256::digest(b"message").into();
    assert!(audit.contains(&format!("assertion-p256 {digest:?} Ok(())")), "{audit}");
    assert!(audit.contains("hidden") && audit.contains("unknown_key"));
    let mode = std::fs::metadata(running.socket()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
}

#[test]
fn strangers_are_not_answered() {
    // The signer answers another user only.
    let running = Running::start(me() + 1);
    let error = RemoteKeyStore::connect(running.socket(), me()).unwrap_err();
    assert_eq!(error.code(), "key_device_absent");
    drop(running);
    // The signer must be who we think it is.
    let running = Running::start(me());
    let error = RemoteKeyStore::connect(running.socket(), me() + 1).unwrap_err();
    assert!(error.to_string().contains("another user"), "{error}");
    let nobody = RemoteKeyStore::connect("/no/such/socket", me()).unwrap_err();
    assert_eq!(nobody.code(), "key_device_absent");
    // A second signer does not push the first aside.
    assert_eq!(bind_signer(&running.socket()).unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
    let file = running.place.path().join("seed");
    assert!(bind_signer(&file).is_err(), "a file is no socket");
}

#[test]
fn garbage_ends_its_own_connection_only() {
    let running = Running::start(me());
    let store = running.connect();
    let ed = store.find("assertion-ed25519").unwrap();
    for garbage in [&[0xff; 64][..], &[0, 0, 0, 2, b'{', b'}'], &[0, 0, 0, 9, b'x']] {
        let mut stream = UnixStream::connect(running.socket()).unwrap();
        stream.write_all(garbage).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty());
        store.sign_message(&ed, b"still there").unwrap();
    }
}

#[test]
fn many_threads_share_few_connections() {
    let running = Running::start(me());
    let store = running.connect();
    let ed = store.find("assertion-ed25519").unwrap();
    // Two at a time: beside them there is room for one connection more.
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let (store, ed) = (&store, &ed);
            scope.spawn(move || {
                for number in 0..200 {
                    store.sign_message(ed, format!("{thread}/{number}").as_bytes()).unwrap();
                }
            });
        }
    });
}

#[test]
fn a_signer_that_dies_comes_back_and_another_one_is_found_out() {
    let mut running = Running::start(me());
    let store = running.connect();
    let ed = store.find("assertion-ed25519").unwrap();
    running.end();
    let error = store.sign_message(&ed, b"m").unwrap_err();
    assert!(error.to_string().contains("key_device_absent"), "{error}");
    running.child = launch(running.place.path(), 1);
    store.sign_message(&ed, b"m").unwrap();
    running.end();
    running.child = launch(running.place.path(), 2);
    let error = store.sign_message(&ed, b"m").unwrap_err();
    assert!(error.to_string().contains("does not fit"), "{error}");
}
