//! Our seven credential types through both suites.

use credential_model::ambient::PredictableEntropy;
use credential_model::catalogue::CredentialType;
use credential_model::did::{Did, DidUrl};
use serde_json::{Value, json};
use signing_keys::{KeyRing, PublicKey, Signer};

use crate::data_integrity::{
    Cryptosuite, Expected, ProofError, ProofOptions, SecureError, secure, verify,
};
#[cfg(feature = "bbs")]
use crate::selective::BbsSecretKey;
use crate::selective::{
    BaseKey, Disclosure, SelectiveError, create_base, derive, mandatory_pointers, verify_base,
};
use crate::test_keys::{ed25519, listed, now, p256, p384};

/// An issuer with a key for one of the suites.
pub(super) struct Issuer {
    pub(super) suite: Cryptosuite,
    p256: Box<dyn Signer>,
    #[cfg(feature = "bbs")]
    bbs: BbsSecretKey,
}

impl Issuer {
    pub(super) fn all(seed: u64) -> Vec<Self> {
        let suites = if cfg!(feature = "bbs") {
            &Cryptosuite::SELECTIVE[..]
        } else {
            &[Cryptosuite::EcdsaSd2023]
        };
        suites.iter().map(|suite| Self::new(*suite, seed)).collect()
    }

    pub(super) fn new(suite: Cryptosuite, seed: u64) -> Self {
        Self {
            suite,
            p256: Box::new(p256(seed)),
            #[cfg(feature = "bbs")]
            bbs: BbsSecretKey::generate(&PredictableEntropy::new(seed)),
        }
    }

    pub(super) fn key(&self) -> BaseKey<'_> {
        match self.suite {
            #[cfg(feature = "bbs")]
            Cryptosuite::Bbs2023 => BaseKey::Bbs(&self.bbs),
            _ => BaseKey::Ecdsa(self.p256.as_ref()),
        }
    }

    pub(super) fn public_key(&self) -> PublicKey {
        self.key().public_key()
    }

    pub(super) fn did(&self) -> Did {
        self.public_key().to_did_key()
    }

    pub(super) fn ring(&self) -> KeyRing {
        KeyRing::from_iter([listed(&self.public_key())])
    }

    pub(super) fn options(&self) -> ProofOptions {
        let method: DidUrl = self.public_key().did_key_url();
        ProofOptions { cryptosuite: self.suite, ..ProofOptions::credential(method, now()) }
    }

    /// The example of a type, issued by this issuer, without proof.
    pub(super) fn example(&self, kind: CredentialType) -> Value {
        let mut document = kind.example();
        document.as_object_mut().unwrap().remove("proof");
        document["issuer"]["id"] = json!(self.did().as_str());
        document
    }

    pub(super) fn base(&self, document: &Value, mandatory: &[&str]) -> Value {
        let entropy = PredictableEntropy::new(7);
        create_base(document, &self.options(), mandatory, self.key(), &entropy).unwrap()
    }

    pub(super) fn derive(&self, base: &Value, pointers: &[&str]) -> Value {
        derive(base, &Disclosure::of(pointers), &PredictableEntropy::new(8)).unwrap()
    }

    pub(super) fn verdict(&self, document: &Value) -> Result<(), ProofError> {
        let did = self.did();
        let expected = Expected::credential(Some(&did), now());
        verify(document, &expected, &self.ring()).map(|proofs| assert_eq!(proofs.len(), 1))
    }

    pub(super) fn holders_verdict(&self, document: &Value) -> Result<(), ProofError> {
        let did = self.did();
        let expected = Expected::credential(Some(&did), now());
        verify_base(document, &expected, &self.ring()).map(|proofs| assert_eq!(proofs.len(), 1))
    }
}

/// The mandatory pointers of a type that its example has a place for.
pub(super) fn mandatory_of(kind: CredentialType, document: &Value) -> Vec<&'static str> {
    kind.mandatory_pointers()
        .into_iter()
        .filter(|pointer| document.pointer(pointer).is_some())
        .collect()
}

#[test]
fn every_type_through_both_suites() {
    for issuer in Issuer::all(1) {
        for kind in CredentialType::ALL {
            let document = issuer.example(kind);
            let mandatory = mandatory_of(kind, &document);
            assert!(mandatory.len() > 6, "{kind:?}: {mandatory:?}");
            let base = issuer.base(&document, &mandatory);
            issuer.holders_verdict(&base).unwrap();
            assert_eq!(issuer.verdict(&base).unwrap_err(), ProofError::BaseProof);
            assert_eq!(mandatory_pointers(&base).unwrap(), mandatory);

            // Nothing more, everything, one member after the other.
            let least = issuer.derive(&base, &[]);
            issuer.verdict(&least).unwrap();
            assert_eq!(issuer.holders_verdict(&least).unwrap_err(), ProofError::DerivedProof);
            let whole = issuer.derive(&base, &[""]);
            issuer.verdict(&whole).unwrap();
            assert_eq!(super::without_proof(&whole), document, "{kind:?}");
            let subject = document["credentialSubject"].as_object().unwrap();
            for name in subject.keys() {
                let pointer = format!("/credentialSubject/{name}");
                let derived = issuer.derive(&base, &[&pointer]);
                issuer.verdict(&derived).unwrap_or_else(|error| panic!("{kind:?} {name}: {error}"));
                assert_eq!(derived.pointer(&pointer), document.pointer(&pointer));
                assert!(derived.to_string().len() <= base.to_string().len() + 1000);
            }
        }
    }
}

#[test]
fn hidden_members_are_hidden_and_mandatory_ones_are_not() {
    for issuer in Issuer::all(2) {
        let document = issuer.example(CredentialType::DronePilotLicence);
        let base = issuer.base(&document, &["/issuer", "/validUntil"]);
        let derived = issuer.derive(&base, &["/credentialSubject/type"]);
        issuer.verdict(&derived).unwrap();
        assert_eq!(derived["issuer"], document["issuer"]);
        assert_eq!(derived["validUntil"], document["validUntil"]);
        assert_eq!(derived.get("validFrom"), None);
        assert_eq!(derived["credentialSubject"].get("person"), None);
        // The issuer's pointers, label key and hidden signatures have gone.
        assert!(matches!(
            derive(&derived, &Disclosure::<&str>::of(&[]), &PredictableEntropy::new(1)),
            Err(SelectiveError::NoBaseProof)
        ));
    }
}

#[test]
fn without_mandatory_pointers() {
    for issuer in Issuer::all(3) {
        let document = issuer.example(CredentialType::DroneRegistration);
        let base = issuer.base(&document, &[]);
        issuer.holders_verdict(&base).unwrap();
        issuer.verdict(&issuer.derive(&base, &["/issuer"])).unwrap();
        let nothing = derive(&base, &Disclosure::<&str>::of(&[]), &PredictableEntropy::new(1));
        assert_eq!(nothing.unwrap_err().code(), "selective_pointer_not_found");
        // Who hides the issuer has not proved anybody's credential.
        let anonymous = issuer.derive(&base, &["/validFrom"]);
        assert_eq!(issuer.verdict(&anonymous).unwrap_err(), ProofError::WrongIssuer);
    }
}

#[test]
fn a_base_proof_in_a_set() {
    let issuer = Issuer::new(Cryptosuite::EcdsaSd2023, 4);
    let document = issuer.example(CredentialType::DroneRegistration);
    let plain = secure(
        &document,
        &ProofOptions { cryptosuite: Cryptosuite::EcdsaRdfc2019, ..issuer.options() },
        &p256(4),
    )
    .unwrap();
    let base = issuer.base(&plain, &["/issuer"]);
    assert_eq!(base["proof"].as_array().unwrap().len(), 2);
    let did = issuer.did();
    let expected = Expected::credential(Some(&did), now());
    assert_eq!(verify_base(&base, &expected, &issuer.ring()).unwrap().len(), 2);
    let derived = issuer.derive(&base, &["/validFrom"]);
    assert!(derived["proof"].is_object());
    issuer.verdict(&derived).unwrap();
    // Two base proofs: which one is meant?
    let two = issuer.base(&base, &["/issuer"]);
    assert_eq!(mandatory_pointers(&two).unwrap_err().code(), "selective_no_base_proof");
}

#[test]
fn derived_bbs_proofs_share_nothing_but_labels() {
    if !cfg!(feature = "bbs") {
        return;
    }
    let issuer = Issuer::new(Cryptosuite::Bbs2023, 5);
    let document = issuer.example(CredentialType::QualificationBadge);
    let base = issuer.base(&document, &["/issuer"]);
    let header = |nonce: &[u8], seed| {
        let disclosure = Disclosure { pointers: &["/validUntil"], presentation_header: nonce };
        derive(&base, &disclosure, &PredictableEntropy::new(seed))
    };
    let (one, two) = (header(b"nonce", 1).unwrap(), header(b"nonce", 2).unwrap());
    assert_ne!(one["proof"]["proofValue"], two["proof"]["proofValue"]);
    let did = issuer.did();
    let expected = Expected::credential(Some(&did), now());
    for document in [one, two] {
        let verified = verify(&document, &expected, &issuer.ring()).unwrap();
        assert_eq!(verified[0].presentation_header, b"nonce");
    }
    assert!(matches!(header(&[0; 1025], 1), Err(SelectiveError::BadPresentationHeader)));
    let ecdsa = Issuer::new(Cryptosuite::EcdsaSd2023, 5);
    let base = ecdsa.base(&ecdsa.example(CredentialType::QualificationBadge), &["/issuer"]);
    let disclosure = Disclosure { pointers: &["/validUntil"], presentation_header: b"nonce" };
    let refused = derive(&base, &disclosure, &PredictableEntropy::new(1)).unwrap_err();
    assert_eq!(refused.code(), "selective_bad_presentation_header");
}

#[test]
fn what_cannot_be_made_is_refused() {
    let entropy = PredictableEntropy::new(1);
    for issuer in Issuer::all(6) {
        let document = issuer.example(CredentialType::DroneFlightPermit);
        let make = |document: &Value, pointers: &[&str]| {
            create_base(document, &issuer.options(), pointers, issuer.key(), &entropy)
                .map_err(|error| error.code())
        };
        assert_eq!(make(&document, &["/nothing"]), Err("selective_pointer_not_found"));
        assert_eq!(make(&document, &["issuer"]), Err("selective_bad_pointer"));
        assert_eq!(make(&document, &["/issuer"; 257]), Err("selective_too_many_pointers"));
        assert_eq!(make(&json!([]), &[]), Err("secure_bad_document"));
        let mut undefined = document.clone();
        undefined["undefinedTerm"] = json!(1);
        assert_eq!(make(&undefined, &[]), Err("json_ld_undefined_term"));
        // A list is one thing.
        let list = "/credentialSubject/permitTypes";
        make(&document, &[list]).unwrap();
        for item in ["0", "1"] {
            let inside = format!("{list}/{item}");
            assert_eq!(make(&document, &[&inside]), Err("selective_unselectable"));
        }
        // The key decides the suite, and the whole-document functions leave these suites alone.
        for other in [Cryptosuite::EddsaRdfc2022, Cryptosuite::EcdsaRdfc2019] {
            let options = ProofOptions { cryptosuite: other, ..issuer.options() };
            let refused =
                create_base::<&str>(&document, &options, &[], issuer.key(), &entropy).unwrap_err();
            assert_eq!(refused.code(), "selective_wrong_suite");
        }
        let refused = secure(&document, &issuer.options(), &p256(6)).unwrap_err();
        assert!(matches!(refused, SecureError::SelectiveSuite));
        for signer in [&ed25519(1) as &dyn Signer, &p384(1)] {
            let refused = create_base::<&str>(
                &document,
                &issuer.options(),
                &[],
                BaseKey::Ecdsa(signer),
                &entropy,
            )
            .unwrap_err();
            assert_eq!(refused.code(), "secure_algorithm_mismatch");
        }
    }
}

#[test]
fn blank_nodes_that_the_document_names_itself() {
    for issuer in Issuer::all(7) {
        // Labels that look like ours, and one node mentioned twice.
        let mut document = issuer.example(CredentialType::DronePilotLicence);
        document["credentialSubject"]["id"] = json!("_:n0");
        document["credentialStatus"]["id"] = json!("_:nn1");
        let base = issuer.base(&document, &["/issuer"]);
        issuer.holders_verdict(&base).unwrap();
        for pointers in [&["/credentialSubject"][..], &["/credentialStatus/type", "/name"], &[""]] {
            if pointers.iter().any(|pointer| document.pointer(pointer).is_none()) {
                continue;
            }
            issuer.verdict(&issuer.derive(&base, pointers)).unwrap();
        }
        // The long way to write an identifier is refused here too, not only by verifiers.
        let mut renamed = document.clone();
        let subject = renamed["credentialSubject"].as_object_mut().unwrap();
        let id = subject.remove("id").unwrap();
        subject.insert("@id".to_owned(), id);
        let entropy = PredictableEntropy::new(1);
        let refused = create_base::<&str>(&renamed, &issuer.options(), &[], issuer.key(), &entropy);
        assert_eq!(refused.unwrap_err().code(), "json_ld_renamed_term");
    }
}
