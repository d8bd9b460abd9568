//! JSON Canonicalization Scheme, RFC 8785.
//!
//! Sorts and writes by itself: independent of serde_json's `preserve_order` and
//! `arbitrary_precision`, which other crates may switch on for the whole workspace.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// Why a value has no canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JcsError {
    /// A number that is not a finite IEEE 754 double.
    #[error("a number is not a finite double")]
    NotFinite,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested too deeply")]
    TooDeep,
}

impl JcsError {
    /// Stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFinite => "jcs_number_not_finite",
            Self::TooDeep => "jcs_too_deep",
        }
    }
}

/// Deepest nesting we canonicalize; the strict parser stops long before.
pub const MAX_DEPTH: usize = 128;

/// The canonical text of a JSON value (RFC 8785 §3.2).
///
/// # Errors
/// [`JcsError`] for numbers outside the doubles and for absurd nesting.
pub fn canonicalize(value: &Value) -> Result<String, JcsError> {
    let mut out = String::new();
    write_value(value, 0, &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, depth: usize, out: &mut String) -> Result<(), JcsError> {
    if depth > MAX_DEPTH {
        return Err(JcsError::TooDeep);
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(number, out)?,
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(item, depth + 1, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            // §3.2.3: by UTF-16 code units, which differs from UTF-8 order beyond the BMP.
            sorted.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            out.push('{');
            for (index, (name, item)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                write_value(item, depth + 1, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if u32::from(c) < 0x20 => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

fn write_number(number: &Number, out: &mut String) -> Result<(), JcsError> {
    // Through the text, so that arbitrary_precision numbers round exactly like parsed ones.
    let double: f64 = number.to_string().parse().map_err(|_| JcsError::NotFinite)?;
    if !double.is_finite() {
        return Err(JcsError::NotFinite);
    }
    out.push_str(&ecmascript_number(double));
    Ok(())
}

/// `Number::toString` of ECMAScript (ECMA-262 §6.1.6.1.20) for a finite double.
fn ecmascript_number(double: f64) -> String {
    if double == 0.0 {
        return "0".to_owned(); // also for -0
    }
    // Rust prints the shortest digits that read back to the same double, nearest first:
    // exactly the digits ECMAScript asks for. Only their arrangement differs.
    let scientific = format!("{:e}", double.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let point = exponent + 1; // digits before the decimal point ("n" in the standard)
    let count = i32::try_from(digits.len()).unwrap_or(0);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    let split = |at: i32| digits.split_at(usize::try_from(at).unwrap_or(0).min(digits.len()));
    let body = if count <= point && point <= 21 {
        format!("{digits}{}", zeros(point - count))
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = split(point);
        format!("{whole}.{fraction}")
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        let (first, rest) = split(1);
        let fraction = if rest.is_empty() { String::new() } else { format!(".{rest}") };
        format!("{first}{fraction}e{sign}{}", exponent.abs())
    };
    if double < 0.0 { format!("-{body}") } else { body }
}
