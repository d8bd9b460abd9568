//! Parts that several credential types share.

use serde::{Deserialize, Serialize};

/// A natural person as a credential names them. Never carries an official number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Person {
    /// Name in Hangul (or as the person writes it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Name in Latin letters, exactly as in the passport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_latin: Option<String>,
    /// Date of birth, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<CalendarDate>,
}

/// An organisation with an optional identifier (DID or URL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// DID or other URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name.
    pub name: String,
}

/// A measure as a decimal string (`"10.52"`): JSON numbers would become doubles in RDF.
///
/// Optional minus, no leading zeros, at most 12 digits before and 9 after the point.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal(String);

impl Decimal {
    /// Reads a decimal string; `None` for any other form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        super::rules::is_decimal(text).then(|| Self(text.to_owned()))
    }

    /// The text as it stands in the credential.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

/// A calendar date `YYYY-MM-DD` that exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarDate(String);

impl CalendarDate {
    /// Reads a date; `None` when it does not exist.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        crate::moment::is_calendar_date(text).then(|| Self(text.to_owned()))
    }

    /// The text, `YYYY-MM-DD`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! checked_text {
    ($type:ty, $expected:literal) => {
        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                // The refused text stays out of the error: it may be personal.
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom($expected))
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text!(Decimal, "expected a decimal string");
checked_text!(CalendarDate, "expected a calendar date YYYY-MM-DD");
