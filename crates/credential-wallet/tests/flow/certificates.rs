//! Certificates of verifiers, good and bad.

use credential_model::moment::Moment;
use credential_wallet::x509::{Certificate, CertificateError, check_chain};
use signing_keys::Signer;

use crate::support::certificates::{Recipe, certificate, header, signer};
use crate::support::now;

const AUTHORITY: &str = "Authority (fictitious)";

fn authority() -> Vec<u8> {
    let recipe = Recipe { subject: AUTHORITY, dns: &[], authority: true, ..Recipe::default() };
    certificate(&recipe, &signer(1), &signer(1))
}

fn leaf(recipe: &Recipe<'_>) -> Vec<u8> {
    certificate(recipe, &signer(2), &signer(1))
}

#[test]
fn a_sound_chain_gives_key_names_and_hash() {
    let leaf = leaf(&Recipe { dns: &["Verifier.Test", "www.verifier.test"], ..Recipe::default() });
    let chain = header(&[leaf.clone(), authority()]);
    let checked = check_chain(&chain, &[authority()], now()).unwrap();
    assert!(checked.anchored);
    assert_eq!(checked.key, signer(2).public_key());
    assert_eq!(checked.leaf.dns_names, ["verifier.test", "www.verifier.test"]);
    assert_eq!(checked.leaf.subject_name.as_deref(), Some("Verifier (fictitious)"));
    assert_eq!(checked.leaf.hash(), Certificate::from_der(&leaf).unwrap().hash());
    assert_eq!(checked.leaf.hash().len(), 43);
}

#[test]
fn an_anchor_need_not_be_sent_along() {
    let chain = header(&[leaf(&Recipe::default())]);
    assert!(check_chain(&chain, &[authority()], now()).unwrap().anchored);
}

#[test]
fn without_an_anchor_the_chain_holds_but_proves_no_name() {
    let chain = header(&[leaf(&Recipe::default()), authority()]);
    assert!(!check_chain(&chain, &[], now()).unwrap().anchored);
    let foreign = certificate(
        &Recipe { subject: AUTHORITY, dns: &[], authority: true, ..Recipe::default() },
        &signer(7),
        &signer(7),
    );
    assert!(!check_chain(&chain, &[foreign], now()).unwrap().anchored, "same name, other key");
}

#[test]
fn a_link_that_does_not_hold_is_refused() {
    let forged = certificate(&Recipe::default(), &signer(2), &signer(9));
    let chain = header(&[forged, authority()]);
    assert_eq!(
        check_chain(&chain, &[authority()], now()).unwrap_err(),
        CertificateError::BrokenChain(0)
    );
    let wrong_name = leaf(&Recipe { issuer: "Somebody else", ..Recipe::default() });
    let chain = header(&[wrong_name, authority()]);
    assert!(matches!(check_chain(&chain, &[], now()), Err(CertificateError::BrokenChain(0))));
}

#[test]
fn only_an_authority_may_sign() {
    let middle = certificate(
        &Recipe { subject: AUTHORITY, dns: &[], authority: false, ..Recipe::default() },
        &signer(1),
        &signer(1),
    );
    let chain = header(&[leaf(&Recipe::default()), middle.clone()]);
    assert!(matches!(check_chain(&chain, &[], now()), Err(CertificateError::BrokenChain(0))));
    assert!(!check_chain(&header(&[leaf(&Recipe::default())]), &[middle], now()).unwrap().anchored);
}

#[test]
fn dates_are_kept() {
    for (from, until) in [("270101000000Z", "280101000000Z"), ("200101000000Z", "260101000000Z")] {
        let recipe = Recipe { not_before: from, not_after: until, ..Recipe::default() };
        let outcome = check_chain(&header(&[leaf(&recipe)]), &[], now());
        assert_eq!(outcome.unwrap_err(), CertificateError::Dates, "{from}");
    }
    let long = Recipe { not_after: "20991231235959Z", ..Recipe::default() };
    assert!(check_chain(&header(&[leaf(&long)]), &[], now()).is_ok());
    let before = Moment::parse("2025-12-31T23:59:59Z").unwrap();
    assert!(check_chain(&header(&[leaf(&long)]), &[], before).is_err());
}

#[test]
fn an_unknown_critical_extension_is_refused() {
    let recipe = Recipe { odd_critical: true, ..Recipe::default() };
    let outcome = check_chain(&header(&[leaf(&recipe)]), &[], now());
    assert_eq!(outcome.unwrap_err(), CertificateError::CriticalExtension);
}

#[test]
fn lengths_of_chains_are_bounded() {
    assert_eq!(check_chain(&[], &[], now()).unwrap_err(), CertificateError::ChainLength(0));
    let long = vec![leaf(&Recipe::default()); 6];
    assert_eq!(
        check_chain(&header(&long), &[], now()).unwrap_err(),
        CertificateError::ChainLength(6)
    );
}

#[test]
fn no_byte_changed_or_cut_is_ever_accepted_or_panics() {
    let good = leaf(&Recipe::default());
    for length in 0..good.len() {
        assert!(Certificate::from_der(&good[..length]).is_err(), "cut at {length}");
    }
    let anchors = [authority()];
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x01;
        let chain = header(&[bad, authority()]);
        // Either it cannot be read, or the signature of the authority no longer fits.
        assert!(check_chain(&chain, &anchors, now()).is_err(), "flipped byte {at}");
    }
    let mut trailing = good;
    trailing.push(0);
    assert!(Certificate::from_der(&trailing).is_err());
}
