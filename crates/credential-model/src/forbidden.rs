//! The detector for numbers that may never enter a credential (credentials.md A.0).
//!
//! Resident registration numbers (주민등록번호) and foreign residents' registration numbers
//! (외국인등록번호) are found by their form: a plausible date of birth, a digit 1–8, six
//! more digits. The check digit is not used: newer numbers do not have one. Passport,
//! driving licence and account numbers and CI/DI have no form of their own and are found by
//! the name of the member that holds them.
//!
//! Nothing here ever returns, logs or formats the number it found.

use serde_json::Value;

use crate::unicode::nfkc;

/// What kind of forbidden number was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ForbiddenKind {
    /// Resident registration number (주민등록번호) of a citizen.
    ResidentRegistration,
    /// Registration number of a foreign resident (외국인등록번호).
    AlienRegistration,
    /// A member whose name says that it holds a forbidden number.
    NamedField,
}

impl ForbiddenKind {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ResidentRegistration => "forbidden_resident_registration_number",
            Self::AlienRegistration => "forbidden_alien_registration_number",
            Self::NamedField => "forbidden_field",
        }
    }
}

/// Where a forbidden number was found. Never holds the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// JSON pointer to the value; empty for plain text.
    pub pointer: String,
    /// What was found.
    pub kind: ForbiddenKind,
}

/// Names of members that hold a forbidden number, lower case without separators.
const NAMES: &[&str] = &[
    "residentregistrationnumber",
    "residentregistrationno",
    "residentnumber",
    "residentno",
    "rrn",
    "ssn",
    "jumin",
    "juminno",
    "juminnumber",
    "jumindeungrokbeonho",
    "주민등록번호",
    "주민번호",
    "alienregistrationnumber",
    "alienregistrationno",
    "foreignerregistrationnumber",
    "foreignregistrationnumber",
    "arn",
    "외국인등록번호",
    "nationalidentitynumber",
    "nationalid",
    "passportnumber",
    "passportno",
    "여권번호",
    "driverlicensenumber",
    "driverlicenseno",
    "driverslicensenumber",
    "driverslicenseno",
    "drivinglicencenumber",
    "drivinglicenceno",
    "drivinglicensenumber",
    "drivinglicenseno",
    "운전면허번호",
    "ci",
    "di",
    "connectinginformation",
    "연계정보",
    "중복가입확인정보",
    "accountnumber",
    "accountno",
    "bankaccount",
    "계좌번호",
];

/// Whether a member (or CSV column) name says that it holds a forbidden number.
#[must_use]
pub fn is_forbidden_name(name: &str) -> bool {
    let plain: String =
        nfkc(name).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    NAMES.contains(&plain.as_str())
}

/// Looks for a forbidden number in a text.
#[must_use]
pub fn find_in_text(text: &str) -> Option<Finding> {
    kind_in_text(text).map(|kind| Finding { pointer: String::new(), kind })
}

/// Looks for a forbidden number or a forbidden member name anywhere in a JSON value:
/// in strings, in numbers and in member names.
#[must_use]
pub fn find_in_value(value: &Value) -> Option<Finding> {
    let mut pointer = String::new();
    let kind = walk(value, &mut pointer)?;
    Some(Finding { pointer, kind })
}

fn walk(value: &Value, pointer: &mut String) -> Option<ForbiddenKind> {
    match value {
        Value::Null | Value::Bool(_) => None,
        Value::String(text) => kind_in_text(text),
        // A coordinate with many decimals is no number of a person; a whole number may be.
        Value::Number(number) => {
            let text = number.to_string();
            let fraction = text.split_once('.').is_some_and(|(_, f)| f.bytes().any(|b| b != b'0'));
            if fraction { None } else { kind_in_text(text.split('.').next().unwrap_or_default()) }
        }
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            below(pointer, &index.to_string(), |pointer| walk(item, pointer))
        }),
        Value::Object(members) => members.iter().find_map(|(name, item)| {
            if let Some(kind) = kind_in_text(name) {
                // The name itself is the number: point at the object, do not repeat the name.
                return Some(kind);
            }
            below(pointer, &name.replace('~', "~0").replace('/', "~1"), |pointer| {
                if is_forbidden_name(name) && !item.is_null() {
                    Some(ForbiddenKind::NamedField)
                } else {
                    walk(item, pointer)
                }
            })
        }),
    }
}

/// Extends the pointer for one step; on a finding it stays extended.
fn below(
    pointer: &mut String,
    step: &str,
    look: impl FnOnce(&mut String) -> Option<ForbiddenKind>,
) -> Option<ForbiddenKind> {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(step);
    let found = look(pointer);
    if found.is_none() {
        pointer.truncate(length);
    }
    found
}

/// A run of digits with what may hide between them taken out.
enum Token {
    Digit(u8),
    /// A blank or an invisible character: may stand anywhere between digits.
    Blank,
    /// A hyphen, dot or the like: may stand between date and serial.
    Separator,
    /// A letter a–f: part of hexadecimal digests.
    HexLetter,
    Other,
}

fn token(c: char) -> Token {
    match c {
        '0'..='9' => Token::Digit(c as u8 - b'0'),
        '\u{660}'..='\u{669}' => digit_of(c, 0x660),
        '\u{6f0}'..='\u{6f9}' => digit_of(c, 0x6f0),
        '\u{966}'..='\u{96f}' => digit_of(c, 0x966),
        'a'..='f' | 'A'..='F' => Token::HexLetter,
        c if c.is_whitespace() => Token::Blank,
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => Token::Blank,
        '-' | '_' | '.' | ',' | '/' | '\\' | ':' | ';' | '~' | '*' | '+' | '=' | '|' | '#'
        | '·' | '•' | '‧' | '・' | 'ー' | 'ㅡ' | '−' | '―' | '─' | '━' | '〜' | '˗' | '⁃'
        | '﹘' | '¯' | '`' | '\'' | '"' | '(' | ')' | '[' | ']' => Token::Separator,
        '\u{2010}'..='\u{2015}' => Token::Separator,
        _ => Token::Other,
    }
}

fn digit_of(c: char, zero: u32) -> Token {
    u8::try_from(u32::from(c) - zero).map_or(Token::Other, Token::Digit)
}

/// At most so many separators between date and serial.
const MAX_SEPARATORS: usize = 3;

fn kind_in_text(text: &str) -> Option<ForbiddenKind> {
    // Cheap way out for the many texts that cannot hold thirteen digits.
    if text.chars().filter(|c| c.is_numeric()).take(13).count() < 13 {
        return None;
    }
    // NFKC turns full-width, circled and superscript digits into plain ones.
    let tokens: Vec<Token> = nfkc(text).chars().map(token).collect();
    (0..tokens.len()).find_map(|start| kind_at(&tokens, start))
}

fn kind_at(tokens: &[Token], start: usize) -> Option<ForbiddenKind> {
    if !matches!(tokens[start], Token::Digit(_)) || preceded_by_digit(tokens, start) {
        return None;
    }
    let mut digits = [0u8; 13];
    let mut count = 0;
    let mut separators = 0;
    let mut at = start;
    while count < 13 {
        match tokens.get(at)? {
            Token::Digit(digit) => {
                digits[count] = *digit;
                count += 1;
            }
            Token::Blank => {}
            Token::Separator if count == 6 && separators < MAX_SEPARATORS => separators += 1,
            _ => return None,
        }
        at += 1;
    }
    if followed_by_digit(tokens, at) || (separators == 0 && in_hex_run(tokens, start, at)) {
        return None;
    }
    kind_of(&digits)
}

fn preceded_by_digit(tokens: &[Token], start: usize) -> bool {
    start > 0 && matches!(tokens[start - 1], Token::Digit(_))
}

fn followed_by_digit(tokens: &[Token], end: usize) -> bool {
    matches!(tokens.get(end), Some(Token::Digit(_)))
}

/// Thirteen digits inside a long hexadecimal word are a digest, not a number of a person.
fn in_hex_run(tokens: &[Token], start: usize, end: usize) -> bool {
    let hex = |token: &&Token| matches!(token, Token::Digit(_) | Token::HexLetter);
    let before = tokens[..start].iter().rev().take(64).take_while(hex).count();
    let after = tokens[end..].iter().take(64).take_while(hex).count();
    before + (end - start) + after >= 32
}

fn kind_of(digits: &[u8; 13]) -> Option<ForbiddenKind> {
    let two = |at: usize| u32::from(digits[at]) * 10 + u32::from(digits[at + 1]);
    let century = match digits[6] {
        1 | 2 | 5 | 6 => 1900,
        3 | 4 | 7 | 8 => 2000,
        _ => return None,
    };
    let date = format!("{:04}-{:02}-{:02}", century + two(0), two(2), two(4));
    if !crate::moment::is_calendar_date(&date) {
        return None;
    }
    Some(if digits[6] <= 4 {
        ForbiddenKind::ResidentRegistration
    } else {
        ForbiddenKind::AlienRegistration
    })
}
