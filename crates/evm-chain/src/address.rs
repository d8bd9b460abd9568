//! Account and contract addresses.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A 20-byte account or contract address.
///
/// Written and serialized as `0x` followed by 40 lower-case hexadecimal digits; reading takes
/// either case (a mixed-case EIP-55 checksum is not enforced, since configuration files and
/// tools disagree about it).
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; 20]);

/// The text is no address: `0x` and 40 hexadecimal digits are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address is 0x followed by 40 hexadecimal digits")]
pub struct AddressError;

impl Address {
    /// The zero address, which no key controls; stands for "not deployed yet".
    pub const ZERO: Self = Self([0; 20]);

    /// Reads `0x…`.
    ///
    /// # Errors
    /// [`AddressError`] when it is not `0x` and 40 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let digits = text.strip_prefix("0x").ok_or(AddressError)?;
        let mut bytes = [0; 20];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| AddressError)?;
        Ok(Self(bytes))
    }

    /// From the raw bytes.
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Whether this is [`Address::ZERO`].
    pub fn is_zero(&self) -> bool {
        self.0 == [0; 20]
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
