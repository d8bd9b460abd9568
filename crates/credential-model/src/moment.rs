//! Moments in time: UTC, whole seconds, RFC 3339 on the wire, KST for people.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, UtcOffset};

/// A moment in UTC with the resolution of one second, years 0000 to 9999.
///
/// Serialized as an RFC 3339 string in UTC (`2026-11-23T05:30:00Z`), which is also a
/// valid XML Schema `dateTimeStamp` as VCDM 2.0 §4.9 wants it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// Why a text is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MomentError {
    /// Not an RFC 3339 date-time with an offset.
    #[error("not an RFC 3339 date-time with an offset")]
    NotRfc3339,
    /// The offset moves the moment out of the years 0000 to 9999.
    #[error("outside the years 0000 to 9999")]
    OutOfRange,
}

impl MomentError {
    /// Stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotRfc3339 => "moment_not_rfc3339",
            Self::OutOfRange => "moment_out_of_range",
        }
    }
}

/// 0000-01-01T00:00:00Z in unix seconds.
const EARLIEST: i64 = -62_167_219_200;
/// 9999-12-31T23:59:59Z in unix seconds.
const LATEST: i64 = 253_402_300_799;
/// Korea Standard Time is UTC+9 all year.
const KST_SECONDS: i64 = 9 * 3600;

impl Moment {
    /// Reads an RFC 3339 date-time with an offset; fractions of a second are cut off.
    ///
    /// # Errors
    /// [`MomentError`] when the text is anything else (a date alone, a local time,
    /// lower-case `t` or `z`, a blank between date and time).
    pub fn parse(text: &str) -> Result<Self, MomentError> {
        let bytes = text.as_bytes();
        // `time` is more tolerant than XML Schema dateTimeStamp: hold the stricter form.
        if bytes.len() < 20 || bytes.len() > 40 || bytes[10] != b'T' || text.ends_with('z') {
            return Err(MomentError::NotRfc3339);
        }
        let parsed = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| MomentError::NotRfc3339)?;
        let unix = parsed.unix_timestamp();
        if (EARLIEST..=LATEST).contains(&unix) {
            Ok(Self(unix))
        } else {
            Err(MomentError::OutOfRange)
        }
    }

    /// From unix seconds; values outside the years 0000 to 9999 are held at the edge.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds.clamp(EARLIEST, LATEST))
    }

    /// Unix seconds.
    #[must_use]
    pub fn unix(self) -> i64 {
        self.0
    }

    /// This moment moved into the future (or the past, for negative seconds).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_add(seconds))
    }

    /// This moment moved into the past.
    #[must_use]
    pub fn minus_seconds(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_sub(seconds))
    }

    /// Whole seconds from `earlier` to this moment; negative when this comes first.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// For people: `2026-11-23 14:30 KST`.
    #[must_use]
    pub fn to_kst_text(self) -> String {
        let local = self.kst();
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02} KST",
            local.year(),
            u8::from(local.month()),
            local.day(),
            local.hour(),
            local.minute()
        )
    }

    /// The calendar day in Korea: `2026-11-23`.
    #[must_use]
    pub fn date_kst(self) -> String {
        let local = self.kst();
        format!("{:04}-{:02}-{:02}", local.year(), u8::from(local.month()), local.day())
    }

    fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    fn kst(self) -> OffsetDateTime {
        // Shift inside the valid range instead of using an offset: no overflow at the edge.
        Self::from_unix(self.0.saturating_add(KST_SECONDS)).utc().to_offset(UtcOffset::UTC)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.utc();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Moment({self})")
    }
}

impl std::str::FromStr for Moment {
    type Err = MomentError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Reads a calendar date `YYYY-MM-DD` that exists (leap years are known).
#[must_use]
pub fn is_calendar_date(text: &str) -> bool {
    calendar_date(text).is_some()
}

/// The days between two calendar dates, `None` when one of them does not exist.
#[must_use]
pub fn days_between(from: &str, to: &str) -> Option<i64> {
    Some((calendar_date(to)? - calendar_date(from)?).whole_days())
}

fn calendar_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |range: std::ops::Range<usize>| -> Option<u16> {
        let part = text.get(range)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten()
    };
    let month = time::Month::try_from(u8::try_from(number(5..7)?).ok()?).ok()?;
    Date::from_calendar_date(i32::from(number(0..4)?), month, u8::try_from(number(8..10)?).ok()?)
        .ok()
}
