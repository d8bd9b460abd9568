//! Which of the two languages.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest `Accept-Language` header that is looked at.
const MAX_HEADER: usize = 1024;

/// A language we speak.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Korean, the language of the house.
    #[default]
    Ko,
    /// English.
    En,
}

impl Locale {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Ko, Self::En];

    /// The language tag: `ko` or `en`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    /// Reads a language tag by its primary subtag: `ko`, `ko-KR`, `ko_KR.UTF-8`, `EN-us`.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_', '.', '@']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|l| primary.eq_ignore_ascii_case(l.as_str()))
    }

    /// Chooses by an `Accept-Language` header
    /// ([RFC 9110 §12.5.4](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4)): the
    /// listed language of highest weight that we speak. No header, `*` or nonsense gives
    /// Korean; a reader who lists only other languages gets English.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Self {
        if header.len() > MAX_HEADER {
            return Self::default();
        }
        let mut best: Option<(u16, Self)> = None;
        let mut any_wildcard = false;
        let mut any_other = false;
        for part in header.split(',') {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim();
            let weight = pieces
                .find_map(|p| p.trim().strip_prefix("q=").or_else(|| p.trim().strip_prefix("Q=")))
                .map_or(Some(1000), weight);
            let Some(weight) = weight.filter(|w| *w > 0) else { continue };
            match Self::parse(tag) {
                // Ties go to the one listed first.
                Some(locale) if best.is_none_or(|(w, _)| weight > w) => {
                    best = Some((weight, locale))
                }
                Some(_) => {}
                None if tag == "*" => any_wildcard = true,
                None => {
                    any_other |= !tag.is_empty()
                        && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                }
            }
        }
        match best {
            Some((_, locale)) => locale,
            None if any_other && !any_wildcard => Self::En,
            None => Self::Ko,
        }
    }

    /// Chooses by the value of `LC_ALL`, `LC_MESSAGES` or `LANG`: Korean for `ko…`,
    /// English otherwise, because a terminal in the C locale may show no Hangul.
    #[must_use]
    pub fn from_env(lang: &str) -> Self {
        Self::parse(lang).unwrap_or(Self::En)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(UnknownLocale)
    }
}

/// The text names neither Korean nor English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLocale;

impl fmt::Display for UnknownLocale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected ko or en")
    }
}

impl std::error::Error for UnknownLocale {}

/// A weight `0`…`1` with at most three decimals, in thousandths.
fn weight(text: &str) -> Option<u16> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 =
        if fraction.is_empty() { 0 } else { format!("{fraction:0<3}").parse().ok()? };
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}
