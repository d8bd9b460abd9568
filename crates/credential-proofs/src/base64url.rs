//! Strict base64url: no padding, no stray bits, no other alphabet. One text for one value, so that nobody can vary a
//! token without breaking it.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// RFC 4648 section 5 without padding, refusing trailing bits that are not zero.
const STRICT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(false),
);

/// Encodes without padding.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    STRICT.encode(bytes)
}

/// Decodes; `None` for anything that is not the canonical text of some bytes.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    STRICT.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_texts_only() {
        assert_eq!(decode("AQID"), Some(vec![1, 2, 3]));
        assert_eq!(decode(""), Some(vec![]));
        for bad in ["AQI=", "AQJ", "A", "AQ+D", "AQ/D", "AQ D", "AQID\n", "AQID=", "ÄQID"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
