//! Serde helpers: bytes as `0x…` text, so that stored rows and receipts stay readable.

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = text
        .strip_prefix("0x")
        .ok_or_else(|| D::Error::custom("0x-prefixed hexadecimal wanted"))?;
    hex::decode(digits).map_err(D::Error::custom)
}

pub(crate) mod any {
    use super::*;
    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("0x{}", hex::encode(bytes)))
    }
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        decode(d)
    }
}

pub(crate) mod word {
    use super::*;
    pub(crate) fn serialize<S: Serializer>(bytes: &[u8; 32], s: S) -> Result<S::Ok, S::Error> {
        any::serialize(bytes, s)
    }
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 32], D::Error> {
        decode(d)?.try_into().map_err(|_| D::Error::custom("32 bytes wanted"))
    }
}

pub(crate) mod words {
    use super::*;
    use serde::Serialize;
    pub(crate) fn serialize<S: Serializer>(words: &[[u8; 32]], s: S) -> Result<S::Ok, S::Error> {
        words.iter().map(|word| format!("0x{}", hex::encode(word))).collect::<Vec<_>>().serialize(s)
    }
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<[u8; 32]>, D::Error> {
        Vec::<String>::deserialize(d)?
            .iter()
            .map(|text| {
                let mut word = [0; 32];
                hex::decode_to_slice(text.trim_start_matches("0x"), &mut word)
                    .map(|()| word)
                    .map_err(D::Error::custom)
            })
            .collect()
    }
}

pub(crate) mod list {
    use super::*;
    use serde::Serialize;
    pub(crate) fn serialize<S: Serializer>(parts: &[Vec<u8>], s: S) -> Result<S::Ok, S::Error> {
        parts.iter().map(|part| format!("0x{}", hex::encode(part))).collect::<Vec<_>>().serialize(s)
    }
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Vec<u8>>, D::Error> {
        Vec::<String>::deserialize(d)?
            .iter()
            .map(|text| {
                let digits = text
                    .strip_prefix("0x")
                    .ok_or_else(|| D::Error::custom("0x-prefixed hexadecimal wanted"))?;
                hex::decode(digits).map_err(D::Error::custom)
            })
            .collect()
    }
}

pub(crate) mod optional_word {
    use super::*;
    use serde::Serialize;
    pub(crate) fn serialize<S: Serializer>(
        word: &Option<[u8; 32]>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        word.map(|word| format!("0x{}", hex::encode(word))).serialize(s)
    }
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<[u8; 32]>, D::Error> {
        let Some(text) = Option::<String>::deserialize(d)? else { return Ok(None) };
        let digits = text
            .strip_prefix("0x")
            .ok_or_else(|| D::Error::custom("0x-prefixed hexadecimal wanted"))?;
        let mut word = [0; 32];
        hex::decode_to_slice(digits, &mut word).map_err(D::Error::custom)?;
        Ok(Some(word))
    }
}
