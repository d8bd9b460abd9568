//! The three credential formats we speak, by their OID4VCI 1.0 appendix A names.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a credential is secured and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CredentialFormat {
    /// `ldp_vc`: a VCDM document with an embedded Data Integrity proof.
    #[serde(rename = "ldp_vc")]
    LdpVc,
    /// `jwt_vc_json`: a VCDM document enveloped in a JWS (VC-JOSE-COSE `vc+jwt`, or the VCDM 1.1 `vc` claim).
    #[serde(rename = "jwt_vc_json")]
    JwtVcJson,
    /// `dc+sd-jwt`: an SD-JWT VC.
    #[serde(rename = "dc+sd-jwt")]
    SdJwtVc,
}

impl CredentialFormat {
    /// All formats, in the order we offer them.
    pub const ALL: [Self; 3] = [Self::LdpVc, Self::JwtVcJson, Self::SdJwtVc];

    /// The format identifier on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LdpVc => "ldp_vc",
            Self::JwtVcJson => "jwt_vc_json",
            Self::SdJwtVc => "dc+sd-jwt",
        }
    }

    /// Reads a format identifier; the older `vc+sd-jwt` is read as `dc+sd-jwt`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ldp_vc" => Some(Self::LdpVc),
            "jwt_vc_json" => Some(Self::JwtVcJson),
            "dc+sd-jwt" | "vc+sd-jwt" => Some(Self::SdJwtVc),
            _ => None,
        }
    }
}

impl fmt::Display for CredentialFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
