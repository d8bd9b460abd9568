//! Attribute names: `did/pub/<algorithm>/<purpose>/<encoding>` and `did/svc/<type>`.

/// A name as the method reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute<'a> {
    /// A public key.
    Key {
        /// `Secp256k1`, `Ed25519`, …
        algorithm: &'a str,
        /// `veriKey`, `sigAuth`, `enc`, or anything else.
        purpose: Option<&'a str>,
        /// `hex`, `base64`, `base58`, `pem`, or anything else.
        encoding: Option<&'a str>,
    },
    /// A service of this type.
    Service(&'a str),
}

impl<'a> Attribute<'a> {
    /// Reads a name; at most three words after the section, each of letters, digits and `_`.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        let mut parts = name.split('/');
        let (Some("did"), Some(section), Some(kind)) = (parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let (second, third) = (parts.next(), parts.next());
        let word = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        let words = [Some(kind), second, third];
        if parts.next().is_some() || !words.into_iter().flatten().all(word) {
            return None;
        }
        match section {
            "pub" => Some(Self::Key { algorithm: kind, purpose: second, encoding: third }),
            "svc" => Some(Self::Service(kind)),
            _ => None,
        }
    }
}

/// The `type` of a key's verification method: the suites that `ethr-did-resolver` knows by their
/// old names, and otherwise the algorithm's own name.
pub(super) fn method_type<'a>(algorithm: &'a str, purpose: Option<&str>) -> &'a str {
    match (algorithm, purpose) {
        ("Secp256k1", Some("veriKey" | "sigAuth")) => "EcdsaSecp256k1VerificationKey2019",
        ("Secp256k1", Some("VerificationKey2018" | "SignatureAuthentication2018")) => {
            "EcdsaSecp256k1VerificationKey2019"
        }
        ("Ed25519", Some("veriKey" | "sigAuth")) => "Ed25519VerificationKey2018",
        ("Ed25519", Some("VerificationKey2018" | "SignatureAuthentication2018")) => {
            "Ed25519VerificationKey2018"
        }
        ("RSA", Some("veriKey" | "VerificationKey2018")) => "RSAVerificationKey2018",
        ("X25519", Some("enc" | "KeyAgreementKey2019")) => "X25519KeyAgreementKey2019",
        _ => algorithm,
    }
}

/// A 32-byte field as text, its padding cut off; none when it is no UTF-8.
pub(super) fn field_text(field: &[u8; 32]) -> Option<&str> {
    Some(std::str::from_utf8(field).ok()?.trim_end_matches('\0'))
}
