//! Selective disclosure: base proof, derived proof, verification, with one pointer to a hidden statement and one to a
//! claim of the top.

use std::sync::Arc;

use anyhow::Result;
use credential_model::ambient::Entropy;
use credential_model::moment::Moment;
use credential_proofs::Expected;
use credential_proofs::data_integrity::{self, Cryptosuite, ProofOptions};
use credential_proofs::selective::{
    BaseKey, BbsSecretKey, BbsSigner, Disclosure, create_base, derive,
};
use serde_json::Value;
use signing_keys::{KeyAlgorithm, KeyRing};

use crate::proofs::{Issuer, NOW, badge_of, case, options_of, ring_of};
use crate::runner::Case;

pub(crate) const MANDATORY: [&str; 3] =
    ["/name", "/issuer", "/credentialSubject/qualificationGrade"];
pub(crate) const SELECTIVE: [&str; 2] = ["/credentialSubject/person/name", "/validFrom"];

/// One suite: its names, its key, and what is made with it.
pub(crate) struct Suite {
    names: [&'static str; 3],
    key: Key,
    badge: Value,
    options: ProofOptions,
    keys: KeyRing,
    base: Value,
    derived: Value,
    entropy: Arc<dyn Entropy>,
}

enum Key {
    Ecdsa(Issuer),
    Bbs(BbsSecretKey),
}

impl Key {
    fn base(&self) -> BaseKey<'_> {
        match self {
            Self::Ecdsa(issuer) => BaseKey::Ecdsa(&issuer.signer),
            Self::Bbs(key) => BaseKey::Bbs(key),
        }
    }
}

const DISCLOSURE: Disclosure<'static, &str> =
    Disclosure { pointers: &SELECTIVE, presentation_header: &[] };

impl Suite {
    pub(crate) fn ecdsa(entropy: &Arc<dyn Entropy>) -> Result<Self> {
        let issuer = Issuer::new(KeyAlgorithm::Es256, entropy)?;
        let names = ["ecdsa-sd-2023 issue", "ecdsa-sd-2023 derive", "ecdsa-sd-2023 verify"];
        Self::new(names, Cryptosuite::EcdsaSd2023, Key::Ecdsa(issuer), entropy)
    }

    pub(crate) fn bbs(entropy: &Arc<dyn Entropy>) -> Result<Self> {
        let key = BbsSecretKey::generate(&**entropy);
        let names = ["bbs-2023 issue", "bbs-2023 derive", "bbs-2023 verify"];
        Self::new(names, Cryptosuite::Bbs2023, Key::Bbs(key), entropy)
    }

    fn new(
        names: [&'static str; 3],
        suite: Cryptosuite,
        key: Key,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<Self> {
        let public = match &key {
            Key::Ecdsa(issuer) => signing_keys::Signer::public_key(&issuer.signer),
            Key::Bbs(key) => key.public_key(),
        };
        let (method, keys) = ring_of(&public);
        let (badge, options) = (badge_of(&method), options_of(&method, suite));
        let base = create_base(&badge, &options, &MANDATORY, key.base(), &**entropy)?;
        let derived = derive(&base, &DISCLOSURE, &**entropy)?;
        let entropy = Arc::clone(entropy);
        Ok(Self { names, key, badge, options, keys, base, derived, entropy })
    }

    pub(crate) fn cases(&self) -> [Case<'_>; 3] {
        let entropy = &*self.entropy;
        let expected = Expected::credential(None, Moment::from_unix(NOW));
        [
            case(self.names[0], None, move || {
                let key = self.key.base();
                let made = create_base(&self.badge, &self.options, &MANDATORY, key, entropy);
                assert!(made.is_ok());
            }),
            case(self.names[1], None, move || {
                assert!(derive(&self.base, &DISCLOSURE, entropy).is_ok());
            }),
            case(self.names[2], None, move || {
                assert!(data_integrity::verify(&self.derived, &expected, &self.keys).is_ok());
            }),
        ]
    }
}
