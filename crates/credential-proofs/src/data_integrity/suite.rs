use serde::{Deserialize, Serialize};
use signing_keys::Algorithm;

use crate::rdf_canon::HashAlgorithm;

/// The cryptosuites we secure and verify with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Cryptosuite {
    /// Ed25519 over RDFC-1.0 (vc-di-eddsa 1.0, section 3.2).
    #[serde(rename = "eddsa-rdfc-2022")]
    EddsaRdfc2022,
    /// Ed25519 over JCS (vc-di-eddsa 1.0, section 3.3).
    #[serde(rename = "eddsa-jcs-2022")]
    EddsaJcs2022,
    /// ECDSA P-256 or P-384 over RDFC-1.0 (vc-di-ecdsa 1.0, section 3.2).
    #[serde(rename = "ecdsa-rdfc-2019")]
    EcdsaRdfc2019,
    /// ECDSA P-256 or P-384 over JCS (vc-di-ecdsa 1.0, section 3.3).
    #[serde(rename = "ecdsa-jcs-2019")]
    EcdsaJcs2019,
    /// Selective disclosure by one ECDSA P-256 signature a statement (vc-di-ecdsa 1.0, section 3.5). Made and derived by
    /// [`crate::selective`].
    #[serde(rename = "ecdsa-sd-2023")]
    EcdsaSd2023,
    /// Selective disclosure without linkability by BBS (vc-di-bbs, section 3). Made and derived by [`crate::selective`];
    /// needs the feature `bbs`.
    #[serde(rename = "bbs-2023")]
    Bbs2023,
    /// The legacy suite of its own proof type (vc-di-eddsa 1.0, section 3.4): read, never written.
    Ed25519Signature2020,
}

impl Cryptosuite {
    /// Every suite that signs a document as a whole: what [`secure`](super::secure()) makes.
    pub const ALL: [Self; 4] =
        [Self::EddsaRdfc2022, Self::EddsaJcs2022, Self::EcdsaRdfc2019, Self::EcdsaJcs2019];

    /// The suites of selective disclosure.
    pub const SELECTIVE: [Self; 2] = [Self::EcdsaSd2023, Self::Bbs2023];

    /// The name in `cryptosuite`; the proof type for [`Self::Ed25519Signature2020`].
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EddsaRdfc2022 => "eddsa-rdfc-2022",
            Self::EddsaJcs2022 => "eddsa-jcs-2022",
            Self::EcdsaRdfc2019 => "ecdsa-rdfc-2019",
            Self::EcdsaJcs2019 => "ecdsa-jcs-2019",
            Self::EcdsaSd2023 => "ecdsa-sd-2023",
            Self::Bbs2023 => "bbs-2023",
            Self::Ed25519Signature2020 => "Ed25519Signature2020",
        }
    }

    /// Reads the name in `cryptosuite` exactly.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().chain(Self::SELECTIVE).find(|suite| suite.as_str() == name)
    }

    /// Whether a key of this algorithm can serve the suite.
    #[must_use]
    pub fn accepts(self, algorithm: Algorithm) -> bool {
        match self {
            Self::EddsaRdfc2022 | Self::EddsaJcs2022 | Self::Ed25519Signature2020 => {
                algorithm == Algorithm::EdDsa
            }
            Self::EcdsaRdfc2019 | Self::EcdsaJcs2019 => {
                matches!(algorithm, Algorithm::Es256 | Algorithm::Es384)
            }
            Self::EcdsaSd2023 => algorithm == Algorithm::Es256,
            Self::Bbs2023 => algorithm == Algorithm::Bbs,
        }
    }

    /// The algorithm when nothing else is said.
    pub(super) fn usual_algorithm(self) -> Algorithm {
        match self {
            Self::EddsaRdfc2022 | Self::EddsaJcs2022 | Self::Ed25519Signature2020 => {
                Algorithm::EdDsa
            }
            Self::EcdsaRdfc2019 | Self::EcdsaJcs2019 | Self::EcdsaSd2023 => Algorithm::Es256,
            Self::Bbs2023 => Algorithm::Bbs,
        }
    }

    /// Whether proofs of this suite disclose statements one by one.
    #[must_use]
    pub fn is_selective(self) -> bool {
        Self::SELECTIVE.contains(&self)
    }

    /// Whether the document is signed as JSON (JCS), not as RDF.
    pub(super) fn is_jcs(self) -> bool {
        matches!(self, Self::EddsaJcs2022 | Self::EcdsaJcs2019)
    }
}

/// The hash that goes with a key.
pub(super) fn hash_of(algorithm: Algorithm) -> HashAlgorithm {
    if algorithm == Algorithm::Es384 { HashAlgorithm::Sha384 } else { HashAlgorithm::Sha256 }
}
