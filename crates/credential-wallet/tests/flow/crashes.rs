//! Stops at every point of an acceptance: nothing is consumed twice, nothing stored is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use credential_model::ambient::PredictableEntropy;
use credential_wallet::accept::AcceptError;
use credential_wallet::ledger::Ledger;
use credential_wallet::store::memory::MemoryWalletStore;
use credential_wallet::store::{Change, SealedRecord, Shelf, StoreError, WalletStore};
use credential_wallet::{Wallet, WalletParts, WalletSettings};
use did_resolution::UniversalResolver;
use signing_keys::KeyStore;
use web_fetch::Fetch;

use crate::support::block;
use crate::support::issuer::{Issuer, SD_JWT};
use crate::support::net::{Fault, Net};
use crate::support::wallet::Pocket;

fn unique(mut keys: Vec<String>) -> usize {
    keys.sort();
    keys.dedup();
    keys.len()
}

#[test]
fn every_lost_request_and_every_lost_answer() {
    for path in [
        "/.well-known/oauth",
        "/.well-known/openid",
        "/token",
        "/nonce",
        "/credential",
        "/notification",
    ] {
        for fault in [Fault::RequestLost, Fault::AnswerLost] {
            let net = Arc::new(Net::default());
            let issuer = Issuer::open(&net);
            let pocket = Pocket::new();
            let wallet = pocket.wallet(&net);
            let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
            let session = wallet.begin(&view).unwrap();
            net.fail_next(path, fault);
            let first = block(wallet.drive(&session, None));
            drop(wallet);
            let wallet = pocket.wallet(&net);
            let case = format!("{path} {fault:?}");
            if path == "/notification" {
                let outcome = first.unwrap();
                assert_eq!((outcome.credentials.len(), outcome.unacknowledged), (1, 1), "{case}");
            } else {
                assert!(first.unwrap_err().is_resumable(), "{case}");
            }
            assert_eq!(wallet.open_sessions().unwrap().len(), 1, "{case}");
            let second = block(wallet.drive(&session, None));
            if path == "/token" && fault == Fault::AnswerLost {
                // The one answer that cannot be had again: a single-use code was traded for
                // a token nobody received. It is said, and no second offer is touched.
                assert!(matches!(second, Err(AcceptError::OfferSpent)), "{case}");
                assert_eq!(issuer.books.lock().unwrap().issued, 0);
                continue;
            }
            let outcome = second.unwrap();
            assert!(outcome.is_complete() && outcome.credentials.len() == 1, "{case}");
            assert_eq!(wallet.credentials().unwrap().len(), 1, "{case}");
            let books = issuer.books.lock().unwrap();
            assert_eq!(unique(books.keys.clone()), 1, "{case}: the same key is proven again");
            assert!(books.notifications.iter().all(|note| note["event"] == "credential_accepted"));
            assert!(!books.notifications.is_empty());
            assert_eq!(net.count("/token"), 1, "{case}");
        }
    }
}

/// A store whose n-th commit fails, before or after it took effect: kill -9 around it.
struct DyingStore {
    inner: Arc<MemoryWalletStore>,
    commits_left: AtomicI64,
    takes_effect: bool,
}

impl WalletStore for DyingStore {
    fn get(&self, shelf: Shelf, id: &str) -> Result<Option<SealedRecord>, StoreError> {
        self.inner.get(shelf, id)
    }

    fn list(
        &self,
        shelf: Shelf,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<SealedRecord>, StoreError> {
        self.inner.list(shelf, after, limit)
    }

    fn commit(&self, changes: &[Change]) -> Result<(), StoreError> {
        let left = self.commits_left.fetch_sub(1, Ordering::SeqCst);
        if left > 1 {
            return self.inner.commit(changes);
        }
        if left == 1 && self.takes_effect {
            self.inner.commit(changes)?;
        }
        Err(StoreError::Backend("killed".to_owned()))
    }
}

fn dying_wallet(pocket: &Pocket, net: &Arc<Net>, commits: i64, takes_effect: bool) -> Wallet {
    let store = Arc::new(DyingStore {
        inner: Arc::clone(&pocket.store),
        commits_left: AtomicI64::new(commits),
        takes_effect,
    });
    let witness = Arc::clone(&pocket.witness);
    let fetch: Arc<dyn Fetch> = Arc::clone(net) as Arc<dyn Fetch>;
    Wallet::new(WalletParts {
        ledger: Ledger::open(store, pocket.vault.clone(), witness).unwrap(),
        keys: Arc::clone(&pocket.keys) as Arc<dyn KeyStore>,
        resolver: Arc::new(UniversalResolver::new(Arc::clone(&fetch), None)),
        fetch,
        clock: Arc::clone(&pocket.clock) as Arc<dyn credential_model::ambient::Clock>,
        entropy: Arc::new(PredictableEntropy::new(4)),
        settings: WalletSettings::default(),
    })
}

#[test]
fn killed_around_every_commit() {
    let mut completed = 0;
    let mut lost_token = 0;
    for commits in 1..=9 {
        for takes_effect in [false, true] {
            let net = Arc::new(Net::default());
            let issuer = Issuer::open(&net);
            let pocket = Pocket::new();
            let dying = dying_wallet(&pocket, &net, commits, takes_effect);
            let link = issuer.offer(&[SD_JWT], None);
            let view = block(dying.read_offer(&link)).unwrap();
            let begun = dying.begin(&view);
            if let Ok(session) = &begun {
                let _ = block(dying.drive(session, None));
            }
            drop(dying);

            // The holder starts the wallet again: resume what is open, else scan again.
            let wallet = pocket.wallet(&net);
            let open = wallet.open_sessions().unwrap();
            let outcome = match open.first() {
                Some(session) => block(wallet.drive(&session.id, None)),
                None => match block(wallet.read_offer(&link)) {
                    Ok(view) => {
                        let session = wallet.begin(&view).unwrap();
                        block(wallet.drive(&session, None))
                    }
                    Err(error) => Err(error),
                },
            };
            let case = format!("commit {commits}, takes effect: {takes_effect}");
            let held = wallet.credentials().unwrap();
            match outcome {
                Ok(outcome) => {
                    assert!(outcome.is_complete(), "{case}");
                    assert_eq!(held.len(), 1, "{case}");
                    completed += 1;
                }
                Err(AcceptError::AlreadyAccepted { .. }) => {
                    assert_eq!(held.len(), 1, "{case}: it was through");
                    completed += 1;
                }
                Err(AcceptError::OfferSpent) => {
                    // Only where the token came and could not be written down.
                    assert!(held.is_empty(), "{case}");
                    lost_token += 1;
                }
                Err(error) => panic!("{case}: {error}"),
            }
            let books = issuer.books.lock().unwrap();
            assert!(unique(books.keys.clone()) <= 1, "{case}: one key for one credential");
            assert!(net.count("/token") <= 2, "{case}");
        }
    }
    assert_eq!(lost_token, 1, "one point only, between the token's arrival and its commit");
    assert_eq!(completed, 17);
}

#[test]
fn a_key_made_just_before_a_crash_is_used_and_not_made_again() {
    let net = Arc::new(Net::default());
    let issuer = Issuer::open(&net);
    let pocket = Pocket::new();
    // Commits: begin, redeeming, authorized; the fourth would say "requested".
    let dying = dying_wallet(&pocket, &net, 4, false);
    let view = block(dying.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = dying.begin(&view).unwrap();
    assert!(block(dying.drive(&session, None)).is_err());
    assert_eq!(pocket.keys.list().len(), 1);
    let wallet = pocket.wallet(&net);
    assert_eq!(block(wallet.drive(&session, None)).unwrap().credentials.len(), 1);
    assert_eq!(pocket.keys.list().len(), 1);
}

#[test]
fn an_issuer_key_that_cannot_be_fetched_keeps_the_credential_waiting() {
    // The issuer's DID is did:web on a host that is down at that moment.
    let net = Arc::new(Net::default());
    let issuer = Issuer::open(&net);
    let pocket = Pocket::new();
    let wallet = pocket.wallet(&net);
    issuer.lives_at_a_host();
    let view = block(wallet.read_offer(&issuer.offer(&[SD_JWT], None))).unwrap();
    let session = wallet.begin(&view).unwrap();
    let error = block(wallet.drive(&session, None)).unwrap_err();
    assert_eq!(error.code(), "issuer_key_unreachable");
    assert!(error.is_resumable());
    assert!(wallet.credentials().unwrap().is_empty(), "not stored unchecked");
    assert!(issuer.books.lock().unwrap().notifications.is_empty(), "not acknowledged either");
    // The host comes back.
    issuer.host_is_up(&net);
    let wallet = pocket.wallet(&net);
    let outcome = block(wallet.drive(&session, None)).unwrap();
    assert_eq!(outcome.credentials.len(), 1);
    assert_eq!(net.count("/credential"), 1, "it was not asked for again");
    assert_eq!(wallet.credentials().unwrap()[0].issuer_check, "verified");
}
