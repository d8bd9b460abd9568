use credential_model::ambient::PredictableEntropy;
use credential_model::moment::Moment;

use super::*;
use crate::test_keys::{ed25519, p256, p384, p521};

fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

#[test]
fn what_is_written_is_read_back() {
    for signer in [ed25519(1), p256(2), p384(3), p521(4)] {
        let content = SelfSigned {
            dns_name: "verifier.example",
            not_before: moment("2026-11-23T00:00:00Z"),
            not_after: moment("2056-11-23T00:00:00Z"),
        };
        let der = self_signed(&content, &signer, &PredictableEntropy::new(7)).unwrap();
        let leaf = LeafCertificate::parse(&der).unwrap();
        assert_eq!(leaf.key, signing_keys::Signer::public_key(&signer));
        assert_eq!(leaf.dns_names, ["verifier.example"]);
        assert_eq!((leaf.not_before, leaf.not_after), (content.not_before, content.not_after));
        assert!(leaf.is_valid_at(moment("2030-01-01T00:00:00Z")));
        assert!(!leaf.is_valid_at(moment("2026-11-22T23:59:59Z")));
        assert!(!leaf.is_valid_at(moment("2056-11-23T00:00:01Z")));
    }
}

#[test]
fn no_cut_or_changed_byte_panics() {
    let content = SelfSigned {
        dns_name: "verifier.example",
        not_before: moment("2026-11-23T00:00:00Z"),
        not_after: moment("2027-11-23T00:00:00Z"),
    };
    let der = self_signed(&content, &p256(2), &PredictableEntropy::new(7)).unwrap();
    for cut in 0..der.len() {
        assert!(LeafCertificate::parse(&der[..cut]).is_err());
    }
    for position in 0..der.len() {
        for bit in 0..8 {
            let mut changed = der.clone();
            changed[position] ^= 1 << bit;
            if let Ok(leaf) = LeafCertificate::parse(&changed) {
                // The hash, which is what a wallet compares, covers every byte.
                assert_ne!(leaf.hash, LeafCertificate::parse(&der).unwrap().hash);
            }
        }
    }
    let mut longer = der.clone();
    longer.push(0);
    assert!(LeafCertificate::parse(&longer).is_err());
}

#[test]
fn names_that_no_certificate_carries() {
    let long = "a".repeat(65);
    for dns_name in ["", "a b", "홍길동.example", "a\0b", long.as_str()] {
        let content = SelfSigned {
            dns_name,
            not_before: moment("2026-11-23T00:00:00Z"),
            not_after: moment("2027-11-23T00:00:00Z"),
        };
        let refused = self_signed(&content, &p256(2), &PredictableEntropy::new(7));
        assert!(matches!(refused, Err(CertificateError::BadContent)), "{dns_name}");
    }
}
