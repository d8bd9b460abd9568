//! Keys in SoftHSM, a token in software (Debian: softhsm2). Every test runs in a process of its
//! own with its own token: module and configuration belong to a whole process.
#![cfg(feature = "pkcs11")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use credential_model::moment::Moment;
use cryptoki::context::Pkcs11;
use sha2::{Digest as _, Sha256};
use signing_keys::{
    Algorithm, KeyAlgorithm, KeySeries, KeyStore, KeyStoreError, Pkcs11KeyStore, Pkcs11Options,
    Signer, StoreSigner,
};

const PIN: &str = "4711-user";
const PLACE: &str = "SINPYO_SOFTHSM_TEST";

/// A directory with SoftHSM's configuration, tokens and a PIN file.
struct Place(PathBuf);

impl Place {
    fn module() -> PathBuf {
        // Where Debian (two places) and Fedora put it.
        ["/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/lib64/pkcs11"]
            .iter()
            .map(|place| Path::new(place).join("libsofthsm2.so"))
            .find(|path| path.is_file())
            .expect("SoftHSM is missing (Debian: apt-get install softhsm2)")
    }

    fn tokens(&self) -> PathBuf {
        self.0.join("tokens")
    }

    fn pin_file(&self, pin: &str, mode: u32) -> PathBuf {
        let path = self.0.join(format!("pin-{pin}-{mode:o}"));
        std::fs::write(&path, format!("{pin}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn make_token(&self, pin: &str) {
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", "sinpyo", "--so-pin", "8080-officer"])
            .args(["--pin", pin])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    fn options(&self) -> Pkcs11Options {
        let pin = self.pin_file(PIN, 0o600);
        Pkcs11Options { rest: Duration::ZERO, ..Pkcs11Options::new(Self::module(), "sinpyo", pin) }
    }

    fn open(&self) -> Result<Pkcs11KeyStore, KeyStoreError> {
        Pkcs11KeyStore::open(self.options())
    }

    /// The token is pulled out: its files are elsewhere and the driver notices.
    fn remove_token(&self) {
        std::fs::rename(self.tokens(), self.0.join("pulled")).unwrap();
        std::fs::create_dir(self.tokens()).unwrap();
        self.driver_restarts();
    }

    fn return_token(&self) {
        std::fs::remove_dir_all(self.tokens()).unwrap();
        std::fs::rename(self.0.join("pulled"), self.tokens()).unwrap();
    }

    /// As after a hiccup of the driver: every session and login of the process is gone.
    fn driver_restarts(&self) {
        Pkcs11::new(Self::module()).unwrap().finalize().unwrap();
    }
}

/// Runs a test in a child process with an environment of its own.
fn alone(name: &str, story: fn(&Place)) {
    if let Some(place) = std::env::var_os(PLACE) {
        return story(&Place(place.into()));
    }
    let directory = tempfile::tempdir().unwrap();
    let configuration = directory.path().join("softhsm2.conf");
    let tokens = directory.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let text = format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display());
    std::fs::write(&configuration, text).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env("SOFTHSM2_CONF", &configuration)
        .env(PLACE, directory.path())
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

#[test]
fn both_algorithms_sign_in_the_token() {
    alone("both_algorithms_sign_in_the_token", |place| {
        place.make_token(PIN);
        let store: Arc<dyn KeyStore> = Arc::new(place.open().unwrap());
        assert!(store.list().is_empty());
        for (algorithm, label) in [(KeyAlgorithm::EdDsa, "ed"), (KeyAlgorithm::Es256, "p")] {
            let handle = store.generate(algorithm, label).unwrap();
            let signer = StoreSigner::new(Arc::clone(&store), handle).unwrap();
            assert_eq!(Some(signer.algorithm()), algorithm.algorithm());
            for message in [&b""[..], b"message", &[7; 100_000]] {
                let signature = signer.sign(message).unwrap();
                assert_eq!(signer.public_key().verify(message, &signature), Ok(()));
                assert!(signer.public_key().verify(b"another", &signature).is_err());
            }
        }
        let p256 = store.find("p").unwrap();
        let over_digest = store.sign_digest(&p256, &Sha256::digest(b"m").into()).unwrap();
        assert_eq!(store.public_key(&p256).unwrap().verify(b"m", &over_digest), Ok(()));
        let ed = store.find("ed").unwrap();
        assert_eq!(store.sign_digest(&ed, &[0; 32]).unwrap_err().code(), "key_cannot_sign_this");
        assert_eq!(store.secp256k1_public(&ed).unwrap_err().code(), "key_unsupported");
        refused_keys(&*store);

        // Another store over the token finds the same keys; so does one opened before.
        let second = place.open().unwrap();
        assert_eq!(second.list(), store.list());
        second.generate(KeyAlgorithm::EdDsa, "late").unwrap();
        assert!(store.find("late").is_some());
        assert!(format!("{second:?}").contains("3 keys, redacted"));
        assert!(!format!("{second:?}").contains(PIN));
    });
}

/// What is refused makes no key.
fn refused_keys(store: &dyn KeyStore) {
    let again = store.generate(KeyAlgorithm::Es256, "ed").unwrap_err();
    assert_eq!(again.code(), "key_label_taken");
    for algorithm in [KeyAlgorithm::Secp256k1, KeyAlgorithm::Es512] {
        assert_eq!(store.generate(algorithm, "x").unwrap_err().code(), "key_unsupported");
    }
    assert_eq!(store.generate(KeyAlgorithm::EdDsa, "").unwrap_err().code(), "key_label_invalid");
    assert_eq!(store.list().len(), 2);
    let unknown = signing_keys::KeyHandle::new("nobody");
    assert_eq!(store.sign_message(&unknown, b"").unwrap_err().code(), "unknown_key");
}

#[test]
fn what_is_missing_is_said() {
    alone("what_is_missing_is_said", |place| {
        let absent = place.open().unwrap_err();
        assert_eq!(absent.code(), "key_device_absent", "{absent}");
        place.make_token(PIN);
        let text = place.pin_file("no-library", 0o600);
        for module in [Path::new("/no/such/module.so"), &text] {
            let options = Pkcs11Options { module: module.to_owned(), ..place.options() };
            let error = Pkcs11KeyStore::open(options).unwrap_err();
            assert_eq!(error.code(), "key_device_failed", "{error}");
        }
        let readable = Pkcs11Options { pin_file: place.pin_file(PIN, 0o644), ..place.options() };
        assert_eq!(Pkcs11KeyStore::open(readable).unwrap_err().code(), "key_store_permissions");
        let none = Pkcs11Options { pin_file: "/no/such/pin".into(), ..place.options() };
        assert_eq!(Pkcs11KeyStore::open(none).unwrap_err().code(), "key_store_io");
        let other = Pkcs11Options { token: "another".to_owned(), ..place.options() };
        assert_eq!(Pkcs11KeyStore::open(other).unwrap_err().code(), "key_device_absent");
    });
}

#[test]
fn a_wrong_pin_is_tried_once() {
    alone("a_wrong_pin_is_tried_once", |place| {
        place.make_token(PIN);
        let pin_file = place.pin_file("0000-wrong", 0o600);
        let refused = Pkcs11KeyStore::open(Pkcs11Options { pin_file, ..place.options() });
        assert_eq!(refused.unwrap_err().code(), "key_device_pin_refused");
        let store = place.open().unwrap();
        let handle = store.generate(KeyAlgorithm::EdDsa, "key").unwrap();
        store.sign_message(&handle, b"m").unwrap();
        // The token comes back with another PIN.
        place.remove_token();
        place.make_token("9999-other");
        for _ in 0..20 {
            let refused = store.sign_message(&handle, b"m").unwrap_err();
            assert!(refused.to_string().contains("key_device_pin_refused"), "{refused}");
        }
        // Even when the right token is there again: a person looks at it and restarts.
        place.return_token();
        place.driver_restarts();
        assert!(store.sign_message(&handle, b"m").is_err());
        assert!(place.open().unwrap().sign_message(&handle, b"m").is_ok());
    });
}

#[test]
fn a_token_that_was_pulled_out_comes_back() {
    alone("a_token_that_was_pulled_out_comes_back", |place| {
        place.make_token(PIN);
        let store = place.open().unwrap();
        let handle = store.generate(KeyAlgorithm::Es256, "key").unwrap();
        let key = store.public_key(&handle).unwrap();
        // A hiccup is not even noticed.
        place.driver_restarts();
        store.sign_message(&handle, b"m").unwrap();
        for _ in 0..2 {
            place.remove_token();
            for _ in 0..3 {
                let error = store.sign_message(&handle, b"m").unwrap_err();
                assert!(error.to_string().contains("key_device_absent"), "{error}");
            }
            let refused = store.generate(KeyAlgorithm::EdDsa, "x").unwrap_err();
            assert_eq!(refused.code(), "key_device_absent");
            assert_eq!(store.public_key(&handle).unwrap(), key, "what is known stays known");
            place.return_token();
            let signature = store.sign_message(&handle, b"back").unwrap();
            assert_eq!(key.verify(b"back", &signature), Ok(()));
        }
    });
}

#[test]
fn another_key_under_the_same_label_signs_nothing() {
    alone("another_key_under_the_same_label_signs_nothing", |place| {
        place.make_token(PIN);
        let store = place.open().unwrap();
        let handle = store.generate(KeyAlgorithm::EdDsa, "key").unwrap();
        place.remove_token();
        place.make_token(PIN);
        place.open().unwrap().generate(KeyAlgorithm::EdDsa, "key").unwrap();
        let error = store.sign_message(&handle, b"m").unwrap_err();
        assert!(error.to_string().contains("does not fit"), "{error}");
    });
}

#[test]
fn eight_threads_share_four_sessions() {
    alone("eight_threads_share_four_sessions", |place| {
        place.make_token(PIN);
        let store = Pkcs11KeyStore::open(Pkcs11Options { sessions: 4, ..place.options() }).unwrap();
        let handles = [
            store.generate(KeyAlgorithm::EdDsa, "ed").unwrap(),
            store.generate(KeyAlgorithm::Es256, "p").unwrap(),
        ];
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (store, handle) = (&store, &handles[thread % 2]);
                scope.spawn(move || {
                    let key = store.public_key(handle).unwrap();
                    for number in 0..200 {
                        let message = format!("{thread}/{number}");
                        let signature = store.sign_message(handle, message.as_bytes()).unwrap();
                        assert_eq!(key.verify(message.as_bytes(), &signature), Ok(()));
                    }
                });
            }
        });
    });
}

#[test]
fn keys_rotate_in_the_token() {
    alone("keys_rotate_in_the_token", |place| {
        place.make_token(PIN);
        let store: Arc<dyn KeyStore> = Arc::new(place.open().unwrap());
        store.generate(KeyAlgorithm::EdDsa, "assertion").unwrap();
        let at = |second: i64| Moment::from_unix(1_800_000_000 + second);
        let mut series = KeySeries::first("assertion", at(0));
        series.plan_next(&*store, KeyAlgorithm::EdDsa, at(10), 10, 100).unwrap();
        let signer = |second| {
            let label = &series.signing_at(at(second)).unwrap().label;
            StoreSigner::by_label(Arc::clone(&store), label).unwrap()
        };
        let (old, new) = (signer(19), signer(20));
        assert_ne!(old.public_key(), new.public_key());
        assert_eq!(new.algorithm(), Algorithm::EdDsa);
        let published: Vec<_> = series.published_at(at(50)).map(|v| v.label.as_str()).collect();
        assert_eq!(published, ["assertion", "assertion.v2"]);
        for signer in [old, new] {
            let signature = signer.sign(b"m").unwrap();
            assert_eq!(signer.public_key().verify(b"m", &signature), Ok(()));
        }
    });
}
