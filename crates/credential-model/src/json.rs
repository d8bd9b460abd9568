//! Strict reading of JSON (RFC 8259, and RFC 7493 "I-JSON" where they differ).
//!
//! Every untrusted byte that becomes JSON passes here. A parser of our own, because two
//! readers of one signed text must never see two different things: duplicate member
//! names, lone surrogates, numbers beyond 2^53, a byte order mark and deep nesting are
//! refused, and serde_json's private number and raw-value keys cannot be smuggled in.

use serde_json::{Map, Number, Value};

/// How much is read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest text in bytes.
    pub max_bytes: usize,
    /// Deepest nesting of arrays and objects.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 256 * 1024, max_depth: 32 }
    }
}

impl Limits {
    /// The default depth with another size limit.
    #[must_use]
    pub fn with_max_bytes(max_bytes: usize) -> Self {
        Self { max_bytes, ..Self::default() }
    }
}

/// Why a text is not accepted as JSON. `at` is the byte position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// More bytes than [`Limits::max_bytes`].
    #[error("longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Deeper than [`Limits::max_depth`].
    #[error("nested deeper than {limit} levels")]
    TooDeep {
        /// The limit in levels.
        limit: usize,
    },
    /// Starts with a byte order mark (RFC 8259 §8.1 forbids writing one).
    #[error("starts with a byte order mark")]
    ByteOrderMark,
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// The same member name twice in one object.
    #[error("a member name occurs twice in one object, at byte {at}")]
    DuplicateKey {
        /// Byte position after the second name.
        at: usize,
    },
    /// A `\u` escape of half a surrogate pair.
    #[error("half a surrogate pair at byte {at}")]
    LoneSurrogate {
        /// Byte position.
        at: usize,
    },
    /// A number that doubles cannot carry exactly enough (integer beyond 2^53, or not finite).
    #[error("a number is too large at byte {at}; write it as a string")]
    NumberOutOfRange {
        /// Byte position.
        at: usize,
    },
    /// A member name reserved by our JSON library.
    #[error("a reserved member name at byte {at}")]
    ReservedKey {
        /// Byte position.
        at: usize,
    },
    /// Any other breach of the grammar.
    #[error("malformed JSON at byte {at}")]
    Syntax {
        /// Byte position.
        at: usize,
    },
}

impl JsonError {
    /// Stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "json_too_large",
            Self::TooDeep { .. } => "json_too_deep",
            Self::ByteOrderMark => "json_byte_order_mark",
            Self::NotUtf8 => "json_not_utf8",
            Self::DuplicateKey { .. } => "json_duplicate_key",
            Self::LoneSurrogate { .. } => "json_lone_surrogate",
            Self::NumberOutOfRange { .. } => "json_number_out_of_range",
            Self::ReservedKey { .. } => "json_reserved_key",
            Self::Syntax { .. } => "json_malformed",
        }
    }
}

/// The largest integer that every JSON reader sees alike (RFC 7493 §2.2).
pub const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// Reads one JSON value and nothing after it.
///
/// # Errors
/// [`JsonError`], the first breach found.
pub fn parse_strict(bytes: &[u8], limits: &Limits) -> Result<Value, JsonError> {
    if bytes.len() > limits.max_bytes {
        return Err(JsonError::TooLarge { limit: limits.max_bytes });
    }
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return Err(JsonError::ByteOrderMark);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, max_depth: limits.max_depth };
    reader.skip_blanks();
    let value = reader.value(0)?;
    reader.skip_blanks();
    if reader.at == reader.bytes.len() { Ok(value) } else { Err(reader.syntax()) }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    max_depth: usize,
}

impl Reader<'_> {
    fn syntax(&self) -> JsonError {
        JsonError::Syntax { at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.syntax())
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.syntax())
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string().map(Value::String),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.syntax()),
        }
    }

    fn open(&mut self, depth: usize) -> Result<(), JsonError> {
        if depth > self.max_depth {
            return Err(JsonError::TooDeep { limit: self.max_depth });
        }
        self.at += 1;
        self.skip_blanks();
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.open(depth)?;
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.skip_blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(items));
                }
                _ => return Err(self.syntax()),
            }
            self.skip_blanks();
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.open(depth)?;
        let mut members = Map::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.syntax());
            }
            let name = self.string()?;
            if name.starts_with("$serde_json::private::") {
                return Err(JsonError::ReservedKey { at: self.at });
            }
            if members.contains_key(&name) {
                return Err(JsonError::DuplicateKey { at: self.at });
            }
            self.skip_blanks();
            self.expect(b':')?;
            self.skip_blanks();
            let value = self.value(depth)?;
            members.insert(name, value);
            self.skip_blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(members));
                }
                _ => return Err(self.syntax()),
            }
            self.skip_blanks();
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut out = String::new();
        let mut run = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    out.push_str(&self.text[run..self.at]);
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(&self.text[run..self.at]);
                    self.at += 1;
                    out.push(self.escape()?);
                    run = self.at;
                }
                Some(0x00..=0x1f) | None => return Err(self.syntax()),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let character = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.syntax()),
        };
        self.at += 1;
        Ok(character)
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        let first = self.hex4()?;
        let code = match first {
            0xD800..=0xDBFF => {
                if !self.bytes[self.at..].starts_with(b"\\u") {
                    return Err(JsonError::LoneSurrogate { at: start });
                }
                self.at += 2;
                let second = self.hex4()?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return Err(JsonError::LoneSurrogate { at: start });
                }
                0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            }
            code => code,
        };
        char::from_u32(code).ok_or(JsonError::LoneSurrogate { at: start })
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or_else(|| self.syntax())?;
        let mut code = 0;
        for digit in digits {
            code = code * 16 + char::from(*digit).to_digit(16).ok_or_else(|| self.syntax())?;
        }
        self.at += 4;
        Ok(code)
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.syntax()) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        let mut whole = true;
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = &self.text[start..self.at];
        let out_of_range = JsonError::NumberOutOfRange { at: start };
        // "-0" must stay a double: as an integer it would lose its sign before JCS sees it.
        if whole && text != "-0" {
            let integer: i64 = text.parse().map_err(|_| out_of_range.clone())?;
            if integer.unsigned_abs() > MAX_SAFE_INTEGER.unsigned_abs() {
                return Err(out_of_range);
            }
            return Ok(Value::Number(integer.into()));
        }
        let double: f64 = text.parse().map_err(|_| out_of_range.clone())?;
        Number::from_f64(double).map(Value::Number).ok_or(out_of_range)
    }
}
