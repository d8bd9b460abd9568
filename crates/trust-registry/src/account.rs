//! The chain account of an issuer.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An account on an EVM chain: `0x` and 40 hexadecimal digits, any case, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainAccount([u8; 20]);

/// The text is no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a chain account is 0x and 40 hexadecimal digits, not all of them zero")]
pub struct ChainAccountError;

impl ChainAccount {
    /// The 20 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

impl FromStr for ChainAccount {
    type Err = ChainAccountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("0x").ok_or(ChainAccountError)?.as_bytes();
        let mut bytes = [0; 20];
        if digits.len() != 2 * bytes.len() {
            return Err(ChainAccountError);
        }
        // Not `from_str_radix`, which reads signs.
        let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(ChainAccountError);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let value = digit(pair[0])? * 16 + digit(pair[1])?;
            *byte = u8::try_from(value).map_err(|_| ChainAccountError)?;
        }
        // Nobody has the key of the zero account: it would pin the DID to nothing.
        if bytes == [0; 20] { Err(ChainAccountError) } else { Ok(Self(bytes)) }
    }
}

impl fmt::Display for ChainAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ChainAccount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChainAccount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
