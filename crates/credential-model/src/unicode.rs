//! Normal forms of text (UAX #15). One library here and another in a browser build, which has
//! ICU's compact tables already for host names; a test compares them character by character.

/// NFC.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn nfc(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfc().collect()
}

/// NFKC.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn nfkc(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfkc().collect()
}

/// Whether the text is in NFC.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn is_nfc(text: &str) -> bool {
    unicode_normalization::is_nfc(text)
}

#[cfg(target_family = "wasm")]
pub(crate) use by_icu::{is_nfc, nfc, nfkc};

#[cfg(any(test, target_family = "wasm"))]
mod by_icu {
    use icu_normalizer::ComposingNormalizerBorrowed;

    pub(crate) fn nfc(text: &str) -> String {
        ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
    }

    pub(crate) fn nfkc(text: &str) -> String {
        ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned()
    }

    pub(crate) fn is_nfc(text: &str) -> bool {
        ComposingNormalizerBorrowed::new_nfc().is_normalized(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_libraries_agree_on_every_character() {
        // Alone, after a base letter, and before and after combining marks and jamo.
        for c in ('\0'..=char::MAX).filter(|c| !c.is_control()) {
            for text in [format!("{c}"), format!("a{c}\u{301}"), format!("\u{1100}{c}\u{11a8}")] {
                assert_eq!(nfc(&text), by_icu::nfc(&text), "{text:?}");
                assert_eq!(nfkc(&text), by_icu::nfkc(&text), "{text:?}");
                assert_eq!(is_nfc(&text), by_icu::is_nfc(&text), "{text:?}");
            }
        }
    }
}
