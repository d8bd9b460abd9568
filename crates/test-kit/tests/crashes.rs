//! kill -9 at every step of the story: what was acknowledged is still there, once.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::BTreeSet;
use std::time::Duration;

use credential_model::catalogue::CredentialType;
use serde_json::Value;
use test_kit::officer::{Handed, Offering, sample_subject};
use test_kit::pocket::Pocket;
use test_kit::{ChainKind, Town};

async fn badge_offer(town: &Town) -> Handed {
    let offering = Offering {
        of: CredentialType::QualificationBadge,
        subject: sample_subject(CredentialType::QualificationBadge),
        kind: Some("1320"),
        formats: &["dc+sd-jwt"],
        tx_code: false,
    };
    town.offer(&offering).await.unwrap()
}

fn restart_issuer(town: &mut Town) {
    town.issuer.as_mut().unwrap().kill();
    town.start_issuer().unwrap();
}

fn restart_verifier(town: &mut Town) {
    town.verifier.as_mut().unwrap().kill();
    town.start_verifier().unwrap();
}

fn restart_chain(town: &mut Town) {
    town.chain.as_mut().unwrap().kill();
    town.start_chain().unwrap();
}

fn held(pocket: &Pocket) -> usize {
    let listed = pocket.done(&["list"]).unwrap();
    listed["credentials"].as_array().or(listed.as_array()).unwrap().len()
}

/// Every status index the issuer ever gave out, with its list: none may appear twice.
fn indices_are_unique(credentials: &[Value]) {
    let mut seen = BTreeSet::new();
    for credential in credentials {
        let place = (credential["status_list"].to_string(), credential["status_index"].to_string());
        assert_ne!(place.1, "null", "{credential}");
        assert!(seen.insert(place.clone()), "index {place:?} was given out twice");
    }
}

async fn anchored_epoch(town: &Town) -> u64 {
    for _ in 0..100 {
        // The chain may still be coming up: not being able to anchor yet is no failure.
        let _ = town.anchor_now().await;
        let epoch = town.anchored_epoch().await.unwrap();
        if epoch > 0 {
            return epoch;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no epoch was anchored");
}

#[tokio::test]
async fn a_kill_after_each_acknowledgement_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found(folder.path(), ChainKind::Dev, false).await.unwrap();
    town.import_kinds().await.unwrap();
    let pocket = town.citizen("steady").unwrap();

    let offer = badge_offer(&town).await;
    restart_issuer(&mut town);
    pocket.done(&["accept", &offer.link, "--yes"]).unwrap();
    restart_issuer(&mut town);
    assert_eq!(held(&pocket), 1);
    let listed = town.credentials().await.unwrap();
    assert_eq!(listed.len(), 1, "the issued credential is on record");

    let epoch = anchored_epoch(&town).await;
    restart_chain(&mut town);
    restart_issuer(&mut town);
    assert!(anchored_epoch(&town).await >= epoch, "an anchored epoch was lost");

    let asked = town.ask("badge-hiring", None).await.unwrap();
    restart_verifier(&mut town);
    pocket.done(&["present", &asked.link, "--yes"]).unwrap();
    restart_verifier(&mut town);
    let outcome = town.outcome(&asked).await.unwrap();
    assert_eq!(outcome["report"]["verdict"]["authentic"], "yes", "{outcome}");
    assert_eq!(outcome["report"]["verdict"]["in_force"], "yes", "{outcome}");

    let id = listed[0]["id"].as_str().unwrap().to_owned();
    town.set_status(&id, "revoke", "test").await.unwrap();
    restart_issuer(&mut town);
    restart_verifier(&mut town);
    let asked = town.ask("badge-hiring", None).await.unwrap();
    pocket.done(&["present", &asked.link, "--yes"]).unwrap();
    let outcome = town.outcome(&asked).await.unwrap();
    assert_eq!(
        outcome["report"]["verdict"]["in_force"], "no",
        "an acknowledged revocation was lost: {outcome}"
    );
}

#[tokio::test]
async fn a_kill_in_the_middle_of_accepting_gives_each_offer_one_credential() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found(folder.path(), ChainKind::Dev, false).await.unwrap();
    town.import_kinds().await.unwrap();
    let pocket = town.citizen("torn").unwrap();
    let mut offers = 0;
    // The pauses walk through the exchange: token, nonce, credential, storing, acknowledging.
    for (round, pause) in [15_u64, 30, 45, 60, 80, 100, 130, 170].into_iter().enumerate() {
        let offer = badge_offer(&town).await;
        offers += 1;
        let mut accepting = pocket.command(&["--json", "accept", &offer.link, "--yes"]).unwrap();
        accepting.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = accepting.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        if round % 2 == 0 {
            let _ = child.kill();
            let _ = child.wait();
        } else {
            restart_issuer(&mut town);
            let _ = child.wait();
        }
        // Whatever happened, the owner tries again: first what was begun, then the link itself.
        let resumed = pocket.run(&["accept", "--resume", "--yes"]).unwrap();
        if held(&pocket) < offers {
            let again = pocket.run(&["accept", &offer.link, "--yes"]).unwrap();
            assert_eq!(
                held(&pocket),
                offers,
                "round {round}, pause {pause} ms\nresume: {} {}\nagain: {} {}",
                resumed.stdout,
                resumed.stderr,
                again.stdout,
                again.stderr
            );
        }
        assert_eq!(held(&pocket), offers, "one credential an offer, never two");
    }
    let credentials = town.credentials().await.unwrap();
    indices_are_unique(&credentials);
}

#[tokio::test]
async fn issuing_and_verifying_go_on_while_the_chain_is_down() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found(folder.path(), ChainKind::Dev, false).await.unwrap();
    town.import_kinds().await.unwrap();
    let pocket = town.citizen("patient").unwrap();
    let offer = badge_offer(&town).await;
    pocket.done(&["accept", &offer.link, "--yes"]).unwrap();
    let before = anchored_epoch(&town).await;
    town.chain.as_mut().unwrap().kill();
    let offer = badge_offer(&town).await;
    pocket.done(&["accept", &offer.link, "--yes"]).unwrap();
    let asked = town.ask("badge-hiring", None).await.unwrap();
    let presented = pocket.run(&["present", &asked.link, "--yes"]).unwrap();
    assert_eq!(presented.code, 0, "{}\n{}", presented.stdout, town.outcome(&asked).await.unwrap());
    let verdict = town.outcome(&asked).await.unwrap()["report"]["verdict"].clone();
    assert_ne!(verdict["authentic"], "no", "could not look is not invalid: {verdict}");
    assert_ne!(verdict["in_force"], "no", "could not look is not invalid: {verdict}");
    town.start_chain().unwrap();
    for _ in 0..150 {
        let _ = town.anchor_now().await;
        let epoch = town.anchored_epoch().await.unwrap();
        if epoch > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("anchoring did not go on after the chain came back");
}
