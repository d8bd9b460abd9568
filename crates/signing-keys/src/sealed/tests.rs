use std::sync::Arc;

use credential_model::ambient::{Entropy, PredictableEntropy};
use proptest::prelude::*;

use super::*;

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(PredictableEntropy::new(11))
}

fn vault() -> Vault {
    let kdf = KdfParameters::CHEAPEST_FOR_TESTS;
    Vault::create("test", b"correct horse", kdf, entropy()).unwrap()
}

fn reopen(header: &[u8], passphrase: &[u8]) -> Result<Vault, SealError> {
    Vault::open(header, "test", passphrase, Arc::new(PredictableEntropy::new(12)))
}

/// Where the numbers of the key derivation stand for the purpose `test`.
const MEMORY: usize = 8 + 2 + 1 + 4 + 1;
const PASSES: usize = MEMORY + 4;
const LANES: usize = PASSES + 4;

fn with_number(header: &[u8], at: usize, number: u32) -> Vec<u8> {
    let mut changed = header.to_vec();
    changed[at..at + 4].copy_from_slice(&number.to_be_bytes());
    changed
}

#[test]
fn what_is_sealed_opens_again() {
    let vault = vault();
    let sealed = vault.seal("item", 3, b"secret");
    assert_eq!(*vault.open_item("item", 3, &sealed).unwrap(), b"secret");
    let again = reopen(vault.header(), b"correct horse").unwrap();
    assert_eq!(*again.open_item("item", 3, &sealed).unwrap(), b"secret");
    assert_eq!(again.kdf(), KdfParameters::CHEAPEST_FOR_TESTS);
    let second = again.seal("item", 3, b"secret");
    assert_ne!(sealed, second, "a nonce is never used twice");
    assert!(!sealed.windows(6).any(|window| window == b"secret"));
    assert_eq!(*vault.open_item("", 0, &vault.seal("", 0, b"")).unwrap(), b"");
}

#[test]
fn items_cannot_move() {
    let vault = vault();
    let sealed = vault.seal("item", 3, b"secret");
    for (id, version) in [("item", 2), ("item", 4), ("other", 3), ("ite", 3), ("", 3)] {
        let error = vault.open_item(id, version, &sealed).unwrap_err();
        assert_eq!(error, SealError::Tampered(id.into()));
    }
    // Another vault under the same passphrase has another data key.
    let renewed = vault.renew(b"correct horse", KdfParameters::CHEAPEST_FOR_TESTS).unwrap();
    assert!(renewed.open_item("item", 3, &sealed).is_err());
    for at in 0..sealed.len() {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1;
        assert!(vault.open_item("item", 3, &flipped).is_err());
    }
    for length in 0..sealed.len() {
        assert!(vault.open_item("item", 3, &sealed[..length]).is_err());
    }
    let cut = vault.open_item("item", 3, &sealed[..39]).unwrap_err();
    assert_eq!(cut.code(), "vault_damaged");
}

#[test]
fn passphrases_and_purposes_are_told_apart() {
    let vault = vault();
    for wrong in [&b"correct horsf"[..], b"correct horse ", b"Correct horse", b""] {
        assert_eq!(reopen(vault.header(), wrong).unwrap_err(), SealError::WrongPassphrase);
    }
    let error = Vault::open(vault.header(), "wallet", b"correct horse", entropy()).unwrap_err();
    assert_eq!(error.code(), "vault_of_other_purpose");
    let kdf = KdfParameters::CHEAPEST_FOR_TESTS;
    for (purpose, passphrase, code) in [
        ("", &b"x"[..], "vault_purpose_invalid"),
        (&"p".repeat(65), b"x", "vault_purpose_invalid"),
        ("test", b"", "passphrase_empty"),
    ] {
        let error = Vault::create(purpose, passphrase, kdf, entropy()).unwrap_err();
        assert_eq!(error.code(), code);
    }
}

#[test]
fn weak_and_exhausting_parameters_are_refused_before_any_work() {
    let vault = vault();
    for (at, number) in [
        (MEMORY, 0),
        (MEMORY, 8),
        (MEMORY, 19 * 1024 - 1),
        (MEMORY, 1024 * 1024 + 1),
        (MEMORY, u32::MAX),
        (PASSES, 0),
        (PASSES, 1),
        (PASSES, 11),
        (PASSES, u32::MAX),
        (LANES, 0),
        (LANES, 17),
        (LANES, u32::MAX),
    ] {
        let header = with_number(vault.header(), at, number);
        let error = reopen(&header, b"correct horse").unwrap_err();
        assert_eq!(error.code(), "kdf_parameters_refused", "{number} at {at}");
    }
    let mut other_function = vault.header().to_vec();
    other_function[MEMORY - 1] = 2;
    let error = reopen(&other_function, b"correct horse").unwrap_err();
    assert_eq!(error.code(), "kdf_parameters_refused");
    // Within the limits, but not what was sealed.
    for header in [with_number(vault.header(), PASSES, 3), with_number(vault.header(), LANES, 2)] {
        assert_eq!(reopen(&header, b"correct horse").unwrap_err(), SealError::WrongPassphrase);
    }
    assert!(KdfParameters::new(19 * 1024, 2, 1).is_ok());
    assert!(KdfParameters::new(1024 * 1024, 10, 16).is_ok());
    let recommended = KdfParameters::RECOMMENDED;
    assert_eq!(
        (recommended.memory_kib(), recommended.passes(), recommended.lanes()),
        (65536, 3, 1)
    );
}

#[test]
fn damaged_headers_are_refused() {
    let vault = vault();
    let header = vault.header();
    for length in 0..header.len() {
        assert_eq!(reopen(&header[..length], b"x").unwrap_err().code(), "vault_damaged");
    }
    let longer = [header, &[0]].concat();
    assert_eq!(reopen(&longer, b"x").unwrap_err().code(), "vault_damaged");
    for (at, byte) in [(0, b'X'), (7, 1), (8, 1), (9, 2), (10, 0), (10, 200), (11, 0xff)] {
        let mut changed = header.to_vec();
        changed[at] = byte;
        assert_eq!(reopen(&changed, b"x").unwrap_err().code(), "vault_damaged", "byte {at}");
    }
    // Salt, nonce and wrapped key: one flipped bit each (each costs a key derivation).
    for at in [LANES + 4, LANES + 20, LANES + 44, header.len() - 1] {
        let mut changed = header.to_vec();
        changed[at] ^= 1;
        assert_eq!(reopen(&changed, b"correct horse").unwrap_err(), SealError::WrongPassphrase);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_header_makes_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(header::Header::parse(&bytes).is_err());
    }
}

#[test]
fn any_item_leads_back() {
    let vault = vault();
    proptest!(ProptestConfig::with_cases(64), |(
        id in ".{0,40}",
        version in any::<u64>(),
        plain in prop::collection::vec(any::<u8>(), 0..500),
    )| {
        let sealed = vault.seal(&id, version, &plain);
        prop_assert_eq!(&*vault.open_item(&id, version, &sealed).unwrap(), &plain);
        prop_assert!(vault.open_item(&id, version.wrapping_add(1), &sealed).is_err());
    });
}
