use signing_keys::system::SystemEntropy;
use signing_keys::{KeyAlgorithm, KeyStore, MemoryKeyStore};

use super::*;

fn key(algorithm: KeyAlgorithm) -> PublicKey {
    let store = MemoryKeyStore::new(std::sync::Arc::new(SystemEntropy));
    let handle = store.generate(algorithm, "key").unwrap();
    store.public_key(&handle).unwrap()
}

fn at(seconds: i64) -> Moment {
    Moment::from_unix(1_800_000_000 + seconds)
}

fn register() -> KeyRegister {
    KeyRegister::first(&key(KeyAlgorithm::EdDsa), &key(KeyAlgorithm::Es256), at(0)).unwrap()
}

#[test]
fn a_rotation_retires_and_keeps() {
    let mut register = register();
    register.rotate(KeyPlace::Ed25519, &key(KeyAlgorithm::EdDsa), at(10)).unwrap();
    register.rotate(KeyPlace::Ed25519, &key(KeyAlgorithm::EdDsa), at(20)).unwrap();
    let labels: Vec<&str> = register.keys().iter().map(|key| key.label.as_str()).collect();
    assert_eq!(
        labels,
        ["assertion-ed25519", "assertion-p256", "assertion-ed25519-2", "assertion-ed25519-3"]
    );
    assert_eq!(register.keys()[0].retired_at, Some(at(10)));
    assert_eq!(register.current(KeyPlace::Ed25519).unwrap().label, "assertion-ed25519-3");
    assert_eq!(register.current(KeyPlace::P256).unwrap().label, "assertion-p256");
    assert_eq!(KeyRegister::parse(register.to_text().as_bytes()), Ok(register));
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let mut register = register();
    let before = register.clone();
    let first = register.keys()[0].public().unwrap();
    let refused = [
        register.rotate(KeyPlace::Ed25519, &first, at(5)),
        register.rotate(KeyPlace::P256, &key(KeyAlgorithm::EdDsa), at(5)),
        register.rotate(KeyPlace::P256, &key(KeyAlgorithm::Es256), at(-5)),
        register.compromised("assertion-p256", at(1), at(5)),
        register.compromised("assertion-p384", at(1), at(5)),
    ];
    let codes = refused.map(|outcome| outcome.unwrap_err().code());
    assert_eq!(
        codes,
        [
            "key_used_before",
            "key_of_other_algorithm",
            "key_date_refused",
            "key_in_use",
            "unknown_key"
        ]
    );
    assert_eq!(register, before);
}

#[test]
fn a_compromise_only_moves_earlier() {
    let mut register = register();
    register.rotate(KeyPlace::P256, &key(KeyAlgorithm::Es256), at(10)).unwrap();
    let label = "assertion-p256";
    assert!(matches!(register.compromised(label, at(30), at(20)), Err(RegisterError::BadDate(_))));
    register.compromised(label, at(8), at(20)).unwrap();
    assert!(matches!(register.compromised(label, at(9), at(20)), Err(RegisterError::BadDate(_))));
    register.compromised(label, at(3), at(20)).unwrap();
    assert_eq!(register.keys()[1].compromised_since, Some(at(3)));
    assert_eq!(register.keys()[1].retired_at, Some(at(10)), "both are told");
}

#[test]
fn a_damaged_register_is_not_read() {
    let text = register().to_text();
    let current = |text: String| KeyRegister::parse(text.as_bytes()).unwrap_err().code();
    for damaged in [
        String::new(),
        text.replace("\"v\": 1", "\"v\": 2"),
        text.replace("assertion-p256", "assertion-ed25519"),
        text.replace("assertion-p256", "a b"),
        text.replace(
            "\"in_use_since\"",
            "\"retired_at\": \"2026-01-01T00:00:00Z\", \"in_use_since\"",
        ),
        text.replace("\"p256\"", "\"ed25519\""),
        text.replacen("\"z6Mk", "\"z6Mz", 1),
    ] {
        assert_ne!(damaged, text);
        assert_eq!(current(damaged), "key_register_damaged");
    }
}
