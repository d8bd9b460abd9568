//! The status entry inside a credential.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{StatusError, malformed};
use crate::value::StatusValue;

/// Most entries one credential may carry.
const MAX_ENTRIES: usize = 8;
const MAX_URL: usize = 2048;

/// Which of the two standards an entry follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryForm {
    /// `credentialStatus` of type `BitstringStatusListEntry`.
    Bitstring,
    /// `status.status_list`.
    Token,
}

/// Where a credential's status stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusEntry {
    /// URL of the list.
    pub list: String,
    /// Index in the list.
    pub index: usize,
    /// `statusPurpose`: `revocation`, `suspension`, `message`, `refresh`, …; `message` for
    /// token entries, which have none.
    pub purpose: String,
    /// Bits per entry. A token entry does not state it: 2 stands here as in our lists, and
    /// the list's own `bits` decides.
    pub size: u8,
    /// Which standard.
    pub form: EntryForm,
    /// `statusMessage`: the word of each code, where the entry gives them.
    pub messages: Vec<String>,
}

impl StatusEntry {
    /// An entry of our own: purpose `message`, two bits, the four messages.
    #[must_use]
    pub fn new(list: impl Into<String>, index: usize) -> Self {
        Self {
            list: list.into(),
            index,
            purpose: "message".to_owned(),
            size: StatusValue::SIZE,
            form: EntryForm::Bitstring,
            messages: StatusValue::ALL.iter().map(|v| v.message().to_owned()).collect(),
        }
    }

    /// Reads `credentialStatus`, one object or an array of them
    /// ([Bitstring Status List 1.0 §2.1](https://www.w3.org/TR/vc-bitstring-status-list/#bitstringstatuslistentry)).
    ///
    /// # Errors
    /// [`StatusError::Malformed`]; [`StatusError::UnsupportedType`] when any entry is of
    /// another type, since skipping it could hide a revocation.
    pub fn from_credential_status(status: &Value) -> Result<Vec<Self>, StatusError> {
        match status {
            Value::Object(_) => Ok(vec![Self::from_entry(status)?]),
            Value::Array(list) if list.is_empty() || list.len() > MAX_ENTRIES => {
                Err(malformed("credentialStatus is empty or has more than 8 entries"))
            }
            Value::Array(list) => list.iter().map(Self::from_entry).collect(),
            _ => Err(malformed("credentialStatus is neither an object nor an array")),
        }
    }

    fn from_entry(entry: &Value) -> Result<Self, StatusError> {
        let object =
            entry.as_object().ok_or_else(|| malformed("a status entry is not an object"))?;
        let is_type = |v: &Value| v.as_str() == Some("BitstringStatusListEntry");
        match object.get("type") {
            Some(Value::Array(types)) if types.iter().any(is_type) => {}
            Some(kind) if is_type(kind) => {}
            Some(_) => return Err(StatusError::UnsupportedType),
            None => return Err(malformed("a status entry has no type")),
        }
        let text = |name: &str| {
            object
                .get(name)
                .and_then(Value::as_str)
                .filter(|t| !t.is_empty() && t.len() <= MAX_URL)
                .ok_or_else(|| malformed(format!("{name} is missing or not a string")))
        };
        let size = match object.get("statusSize") {
            None => 1,
            Some(size) => size
                .as_u64()
                .and_then(|s| u8::try_from(s).ok())
                .filter(|s| (1..=8).contains(s))
                .ok_or_else(|| malformed("statusSize is not an integer from 1 to 8"))?,
        };
        Ok(Self {
            list: text("statusListCredential")?.to_owned(),
            index: parse_index(text("statusListIndex")?)?,
            purpose: text("statusPurpose")?.to_owned(),
            size,
            form: EntryForm::Bitstring,
            messages: parse_messages(object.get("statusMessage"), size)?,
        })
    }

    /// Reads `status.status_list` of a token's claims
    /// ([Token Status List §6.2](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list#section-6.2));
    /// `None` when the claims have no `status`.
    ///
    /// # Errors
    /// [`StatusError::Malformed`]; [`StatusError::UnsupportedType`] when `status` names
    /// only other mechanisms.
    pub fn from_token_status(claims: &Value) -> Result<Option<Self>, StatusError> {
        let Some(status) = claims.get("status") else { return Ok(None) };
        let status = status.as_object().ok_or_else(|| malformed("status is not an object"))?;
        let list = status.get("status_list").ok_or(StatusError::UnsupportedType)?;
        let index = list
            .get("idx")
            .and_then(Value::as_u64)
            .and_then(|i| usize::try_from(i).ok())
            .ok_or_else(|| malformed("status_list.idx is not a non-negative integer"))?;
        let uri = list
            .get("uri")
            .and_then(Value::as_str)
            .filter(|u| !u.is_empty() && u.len() <= MAX_URL)
            .ok_or_else(|| malformed("status_list.uri is missing or not a string"))?;
        Ok(Some(Self { form: EntryForm::Token, messages: Vec::new(), ..Self::new(uri, index) }))
    }

    /// The entry as `credentialStatus` object. `id` names the entry, e.g. `{list}#{index}`;
    /// it must not be the list's URL.
    #[must_use]
    pub fn to_credential_status(&self, id: &str) -> Value {
        let mut entry = json!({
            "id": id,
            "type": "BitstringStatusListEntry",
            "statusPurpose": self.purpose,
            "statusListIndex": self.index.to_string(),
            "statusListCredential": self.list,
        });
        if self.size > 1 {
            entry["statusSize"] = json!(self.size);
        }
        if !self.messages.is_empty() {
            let word = |(code, message): (usize, &String)| json!({"status": format!("0x{code:x}"), "message": message});
            entry["statusMessage"] = self.messages.iter().enumerate().map(word).collect();
        }
        entry
    }

    /// The entry as value of the `status` claim.
    #[must_use]
    pub fn to_token_status(&self) -> Value {
        json!({"status_list": {"idx": self.index, "uri": self.list}})
    }
}

/// A base-10 integer as string: digits only, no leading zero, so that one entry has one
/// spelling.
fn parse_index(text: &str) -> Result<usize, StatusError> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain
        .then(|| text.parse::<usize>().ok())
        .flatten()
        .ok_or_else(|| malformed("statusListIndex is not a base-10 integer as string"))
}

/// `statusMessage`: for sizes above 1 exactly one word per code, written `0x…`.
fn parse_messages(value: Option<&Value>, size: u8) -> Result<Vec<String>, StatusError> {
    let Some(value) = value else {
        return if size > 1 {
            Err(malformed("statusSize above 1 needs statusMessage"))
        } else {
            Ok(Vec::new())
        };
    };
    let list = value.as_array().ok_or_else(|| malformed("statusMessage is not an array"))?;
    let expected = 1_usize << size;
    if list.len() != expected {
        return Err(malformed("statusMessage does not have one entry per possible status"));
    }
    let mut messages: Vec<Option<String>> = vec![None; expected];
    for item in list {
        let code = item
            .get("status")
            .and_then(Value::as_str)
            .and_then(|s| s.strip_prefix("0x"))
            .filter(|digits| digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| usize::from_str_radix(digits, 16).ok());
        let message = item.get("message").and_then(Value::as_str);
        let (Some(slot), Some(message)) = (code.and_then(|c| messages.get_mut(c)), message) else {
            return Err(malformed("an entry of statusMessage lacks a status 0x… or a message"));
        };
        if slot.replace(message.chars().take(200).collect()).is_some() {
            return Err(malformed("statusMessage gives a status twice"));
        }
    }
    // As many distinct codes as slots: every slot is filled.
    Ok(messages.into_iter().flatten().collect())
}
