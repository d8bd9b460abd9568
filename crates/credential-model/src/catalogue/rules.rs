//! What the rule functions of the types stand on.
//!
//! Rules look at JSON, not at the structs, so that the same rule serves a whole subject
//! and an SD-JWT claim set of which the holder shows only a part: a rule speaks only
//! when everything it compares is there.

use std::cell::RefCell;

use serde_json::Value;

use super::{CredentialType, RuleViolation};
use crate::moment::{self, Moment};

/// Whether the value is the whole subject or only what was disclosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// Everything must be there.
    Whole,
    /// Hidden members may be absent.
    Disclosed,
}

/// Collects violations while a type's rules look at a subject.
pub(crate) struct Checker<'a> {
    subject: &'a Value,
    completeness: Completeness,
    found: RefCell<Vec<RuleViolation>>,
}

/// Runs the rules of a type; pointers start at the subject.
pub(crate) fn check_subject(
    credential_type: CredentialType,
    subject: &Value,
    completeness: Completeness,
) -> Vec<RuleViolation> {
    let checker = Checker { subject, completeness, found: RefCell::default() };
    (credential_type.info().rules)(&checker);
    checker.found.into_inner()
}

impl<'a> Checker<'a> {
    pub(crate) fn is_whole(&self) -> bool {
        self.completeness == Completeness::Whole
    }

    pub(crate) fn get(&self, pointer: &str) -> Option<&'a Value> {
        self.subject.pointer(pointer).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, pointer: &str) -> Option<&'a str> {
        self.get(pointer)?.as_str()
    }

    /// A decimal string as a double, exact enough for comparing plausible measures.
    pub(crate) fn decimal(&self, pointer: &str) -> Option<f64> {
        let text = self.text(pointer)?;
        is_decimal(text).then(|| text.parse().ok()).flatten()
    }

    pub(crate) fn integer(&self, pointer: &str) -> Option<i64> {
        self.get(pointer)?.as_i64()
    }

    pub(crate) fn moment(&self, pointer: &str) -> Option<Moment> {
        Moment::parse(self.text(pointer)?).ok()
    }

    /// Pointers of the items of an array.
    pub(crate) fn items(&self, pointer: &str) -> Vec<String> {
        let count = self.get(pointer).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).map(|index| format!("{pointer}/{index}")).collect()
    }

    pub(crate) fn violation(&self, pointer: &str, code: &'static str, detail: &str) {
        self.found.borrow_mut().push(RuleViolation {
            pointer: pointer.to_owned(),
            code,
            detail: detail.to_owned(),
        });
    }

    /// A decimal inside closed bounds.
    pub(crate) fn decimal_between(&self, pointer: &str, low: f64, high: f64) {
        if let Some(value) = self.decimal(pointer)
            && !(low..=high).contains(&value)
        {
            self.violation(pointer, "out_of_range", &format!("must be between {low} and {high}"));
        }
    }

    /// A decimal above zero.
    pub(crate) fn decimal_positive(&self, pointer: &str) {
        if self.decimal(pointer).is_some_and(|value| value <= 0.0) {
            self.violation(pointer, "out_of_range", "must be greater than 0");
        }
    }

    /// Decimals that must not be below zero.
    pub(crate) fn decimals_not_negative(&self, pointers: &[&str]) {
        for pointer in pointers {
            if self.decimal(pointer).is_some_and(|value| value < 0.0) {
                self.violation(pointer, "out_of_range", "must not be negative");
            }
        }
    }

    /// Two calendar dates in order (equal is in order).
    pub(crate) fn dates_in_order(&self, earlier: &str, later: &str) {
        if let (Some(from), Some(to)) = (self.text(earlier), self.text(later))
            && moment::days_between(from, to).is_some_and(|days| days < 0)
        {
            self.violation(later, "dates_out_of_order", "lies before the date it follows");
        }
    }

    /// Every text at these pointers is an existing calendar date.
    pub(crate) fn calendar_dates(&self, pointers: &[&str]) {
        for pointer in pointers {
            if self.text(pointer).is_some_and(|text| !moment::is_calendar_date(text)) {
                self.violation(pointer, "date_invalid", "is no calendar date YYYY-MM-DD");
            }
        }
    }

    /// Every text at these pointers is an RFC 3339 date-time with offset.
    pub(crate) fn date_times(&self, pointers: &[&str]) {
        for pointer in pointers {
            if self.text(pointer).is_some_and(|text| Moment::parse(text).is_err()) {
                self.violation(pointer, "date_time_invalid", "is no RFC 3339 date-time");
            }
        }
    }
}

/// A plain decimal: optional minus, no leading zeros, at most 12 digits before and 9 after the point.
pub(crate) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole)
        && whole.len() <= 12
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(|part| all_digits(part) && part.len() <= 9)
}
