//! Backup and restore.

use std::sync::Arc;

use credential_model::ambient::PredictableEntropy;
use credential_wallet::backup::Backup;
use credential_wallet::present::Choices;
use signing_keys::sealed::KdfParameters;

use crate::presenting::{Scene, scene};
use crate::support::block;
use crate::support::issuer::{LDP, SD_JWT};
use crate::support::verifier::Name;
use crate::support::wallet::{PASSPHRASE, Pocket};

fn entropy() -> Arc<PredictableEntropy> {
    Arc::new(PredictableEntropy::new(3))
}

fn backup_file(scene: &Scene) -> Vec<u8> {
    let backup = scene.wallet.backup(b"the key store's bytes").unwrap();
    assert_eq!(backup.credential_count(), 2);
    backup.seal(PASSPHRASE, KdfParameters::CHEAPEST_FOR_TESTS, entropy()).unwrap()
}

fn scene_with_history() -> Scene {
    let scene = scene(&[SD_JWT, LDP]);
    let link = scene.verifier.link(&Name::Did, &scene.verifier.claims(&Name::Did), false);
    let asked = block(scene.wallet.read_request(&link)).unwrap();
    let plan = scene.wallet.plan(&asked, &Choices::default()).unwrap();
    block(scene.wallet.present(&asked, &plan)).unwrap();
    scene
}

#[test]
fn everything_comes_back_and_goes_on_working() {
    let scene = scene_with_history();
    let file = backup_file(&scene);
    let backup = Backup::open(&file, PASSPHRASE, entropy()).unwrap();
    assert_eq!(backup.key_store().unwrap(), b"the key store's bytes");

    // A new device: the keys come with the key store's own file, here by sharing it.
    let mut device = Pocket::new();
    device.keys = Arc::clone(&scene.pocket.keys);
    backup.restore(&device.ledger()).unwrap();
    let wallet = device.wallet(&scene.net);
    assert_eq!(wallet.credentials().unwrap(), scene.wallet.credentials().unwrap());
    assert_eq!(wallet.history().unwrap(), scene.wallet.history().unwrap());
    let link = scene.verifier.link(&Name::Did, &scene.verifier.claims(&Name::Did), false);
    let asked = block(wallet.read_request(&link)).unwrap();
    let plan = wallet.plan(&asked, &Choices::default()).unwrap();
    block(wallet.present(&asked, &plan)).unwrap();
    assert_eq!(wallet.history().unwrap().len(), 2);
}

#[test]
fn a_restored_wallet_knows_which_offers_it_accepted() {
    let scene = scene(&[]);
    let link = scene.issuer.offer(&[SD_JWT], None);
    let view = block(scene.wallet.read_offer(&link)).unwrap();
    let session = scene.wallet.begin(&view).unwrap();
    block(scene.wallet.drive(&session, None)).unwrap();
    let backup = scene.wallet.backup(b"k").unwrap();
    let device = Pocket::new();
    backup.restore(&device.ledger()).unwrap();
    let again = block(device.wallet(&scene.net).read_offer(&link));
    assert_eq!(again.unwrap_err().code(), "already_accepted");
}

#[test]
fn nothing_of_it_is_readable_without_the_passphrase() {
    let file = backup_file(&scene_with_history());
    let text = String::from_utf8_lossy(&file);
    for secret in ["홍길동", "did:key", "key store's bytes", "verifier.test"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let opened = Backup::open(&file, b"not the passphrase", entropy());
    assert_eq!(opened.unwrap_err().code(), "wrong_passphrase");
    assert!(Backup::open(&file, b"", entropy()).is_err());
}

#[test]
fn cut_short_or_altered_it_is_refused_whole() {
    let file = backup_file(&scene_with_history());
    for length in [0, 4, 8, 11, 12, 60, 150, 200, file.len() / 2, file.len() - 1] {
        let opened = Backup::open(&file[..length], PASSPHRASE, entropy());
        assert!(opened.is_err(), "cut at {length}");
    }
    let truncated = Backup::open(&file[..file.len() - 1], PASSPHRASE, entropy());
    assert_eq!(truncated.unwrap_err().code(), "backup_damaged");
    let mut longer = file.clone();
    longer.push(0);
    assert_eq!(Backup::open(&longer, PASSPHRASE, entropy()).unwrap_err().code(), "backup_damaged");
    for at in [0, 9, 11, 20, file.len() - 10] {
        let mut altered = file.clone();
        altered[at] ^= 0x40;
        assert!(Backup::open(&altered, PASSPHRASE, entropy()).is_err(), "flipped byte {at}");
    }
}

#[test]
fn over_a_wallet_that_is_not_empty_nothing_is_restored() {
    let scene = scene_with_history();
    let backup = scene.wallet.backup(b"k").unwrap();
    let outcome = backup.restore(&scene.pocket.ledger());
    assert_eq!(outcome.unwrap_err().code(), "wallet_not_empty");
}
