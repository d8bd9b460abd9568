//! Which signing keys the issuer has had, and what became of each.
//!
//! Holds public halves and dates, no secrets. A key's fragment is never given to a second key, and
//! nothing is ever removed: a badge signed ten years ago names a key that must still be found.

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use signing_keys::PublicKey;

/// Version of the stored form.
const FORM: u8 = 1;
/// Keys of one issuer, at most: the DID document is read by everybody who verifies.
const MOST_KEYS: usize = 200;

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// Data Integrity, `vc+jwt` and status lists.
    Ed25519,
    /// SD-JWT VC and status list tokens (ES256).
    P256,
}

impl KeyPlace {
    /// Both places.
    pub const ALL: [Self; 2] = [Self::Ed25519, Self::P256];

    /// Label of the first key of this place, and the stem of those after it.
    #[must_use]
    pub const fn stem(self) -> &'static str {
        match self {
            Self::Ed25519 => crate::ED25519_LABEL,
            Self::P256 => crate::P256_LABEL,
        }
    }

    fn takes(self, key: &PublicKey) -> bool {
        matches!(
            (self, key),
            (Self::Ed25519, PublicKey::Ed25519(_)) | (Self::P256, PublicKey::P256(_))
        )
    }
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredKey {
    /// Label in the key store and fragment in the DID document.
    pub label: String,
    /// What it signs.
    pub place: KeyPlace,
    /// The public half as a multikey.
    pub public_key: String,
    /// Since when it signs.
    pub in_use_since: Moment,
    /// Since when it signs no more; what it signed stays good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Moment>,
    /// Since when somebody else may have signed with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised_since: Option<Moment>,
}

impl RegisteredKey {
    /// The public half.
    ///
    /// # Errors
    /// [`RegisterError::Damaged`].
    pub fn public(&self) -> Result<PublicKey, RegisterError> {
        let key = PublicKey::from_multikey(&self.public_key);
        key.map_err(|_| RegisterError::Damaged("a public key cannot be read"))
    }

    /// Whether it signs now.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.retired_at.is_none() && self.compromised_since.is_none()
    }
}

/// All keys, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRegister {
    v: u8,
    keys: Vec<RegisteredKey>,
}

/// Why a register was not read or not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The stored form is not one of ours.
    #[error("the key register is damaged: {0}")]
    Damaged(&'static str),
    /// No key of this label.
    #[error("there is no key {0:?}")]
    UnknownKey(String),
    /// A key still signs; another has to take its place first.
    #[error("the key {0:?} is in use; rotate first, so that another key signs")]
    InUse(String),
    /// A date that cannot be.
    #[error("{0}")]
    BadDate(&'static str),
    /// The key belongs to another place.
    #[error("this key has another algorithm than its place needs")]
    WrongKey,
    /// The same key again.
    #[error("this key is or was in use already")]
    KeyUsedBefore,
    /// Too many keys.
    #[error("the register holds its maximum of 200 keys")]
    Full,
}

impl RegisterError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Damaged(_) => "key_register_damaged",
            Self::UnknownKey(_) => "unknown_key",
            Self::InUse(_) => "key_in_use",
            Self::BadDate(_) => "key_date_refused",
            Self::WrongKey => "key_of_other_algorithm",
            Self::KeyUsedBefore => "key_used_before",
            Self::Full => "key_register_full",
        }
    }
}

impl KeyRegister {
    /// The register of an issuer that has its first two keys.
    ///
    /// # Errors
    /// [`RegisterError::WrongKey`].
    pub fn first(
        ed25519: &PublicKey,
        p256: &PublicKey,
        now: Moment,
    ) -> Result<Self, RegisterError> {
        let mut register = Self { v: FORM, keys: Vec::new() };
        for (place, key) in [(KeyPlace::Ed25519, ed25519), (KeyPlace::P256, p256)] {
            register.append(place, place.stem().to_owned(), key, now)?;
        }
        Ok(register)
    }

    /// Reads the stored form and checks what must always hold.
    ///
    /// # Errors
    /// [`RegisterError::Damaged`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RegisterError> {
        let register: Self = serde_json::from_slice(bytes)
            .map_err(|_| RegisterError::Damaged("it is no register of this form"))?;
        if register.v != FORM || register.keys.len() > MOST_KEYS {
            return Err(RegisterError::Damaged("its version is unknown or it has too many keys"));
        }
        let mut labels = std::collections::BTreeSet::new();
        let mut halves = std::collections::BTreeSet::new();
        for key in &register.keys {
            if !key.place.takes(&key.public()?) || !halves.insert(&key.public_key) {
                return Err(RegisterError::Damaged("a key is there twice or of another algorithm"));
            }
            if !labels.insert(&key.label) || !is_fragment(&key.label) {
                return Err(RegisterError::Damaged("a label is there twice or no fragment"));
            }
        }
        let one = |place| {
            register.keys.iter().filter(|key| key.place == place && key.is_current()).count() == 1
        };
        if !KeyPlace::ALL.into_iter().all(one) {
            return Err(RegisterError::Damaged("each place needs exactly one key that signs"));
        }
        Ok(register)
    }

    /// The stored form: indented, because people read it too.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Strings and numbers only: this serializes always.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// All keys, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[RegisteredKey] {
        &self.keys
    }

    /// The key that signs at a place.
    ///
    /// # Errors
    /// [`RegisterError::Damaged`] when none does, which [`KeyRegister::parse`] refuses.
    pub fn current(&self, place: KeyPlace) -> Result<&RegisteredKey, RegisterError> {
        let found = self.keys.iter().rev().find(|key| key.place == place && key.is_current());
        found.ok_or(RegisterError::Damaged("no key signs"))
    }

    /// The label the next key of a place gets.
    #[must_use]
    pub fn next_label(&self, place: KeyPlace) -> String {
        let count = self.keys.iter().filter(|key| key.place == place).count();
        format!("{}-{}", place.stem(), count + 1)
    }

    /// Lets a new key (made under [`KeyRegister::next_label`]) sign from `now` on; the one before is retired.
    ///
    /// # Errors
    /// [`RegisterError`]; nothing is changed then.
    pub fn rotate(
        &mut self,
        place: KeyPlace,
        key: &PublicKey,
        now: Moment,
    ) -> Result<(), RegisterError> {
        let before = self.current(place)?;
        if now < before.in_use_since {
            return Err(RegisterError::BadDate(
                "the clock shows a time before the current key's first use",
            ));
        }
        let (label, old) = (self.next_label(place), before.label.clone());
        self.append(place, label, key, now)?;
        for key in self.keys.iter_mut().filter(|key| key.label == old) {
            key.retired_at = Some(now);
        }
        Ok(())
    }

    /// Records that somebody else may have signed with a key since `since`. A second statement may
    /// only move the time earlier: what was refused once is not let in again.
    ///
    /// # Errors
    /// [`RegisterError::InUse`] while the key still signs; [`RegisterError::BadDate`].
    pub fn compromised(
        &mut self,
        label: &str,
        since: Moment,
        now: Moment,
    ) -> Result<(), RegisterError> {
        let key = self.keys.iter_mut().find(|key| key.label == label);
        let key = key.ok_or_else(|| RegisterError::UnknownKey(label.to_owned()))?;
        if key.is_current() {
            return Err(RegisterError::InUse(label.to_owned()));
        }
        if since > now {
            return Err(RegisterError::BadDate("the time of the compromise lies in the future"));
        }
        if key.compromised_since.is_some_and(|known| since > known) {
            return Err(RegisterError::BadDate(
                "the time of a compromise can only be moved earlier",
            ));
        }
        key.compromised_since = Some(since);
        Ok(())
    }

    fn append(
        &mut self,
        place: KeyPlace,
        label: String,
        key: &PublicKey,
        now: Moment,
    ) -> Result<(), RegisterError> {
        let public_key = key.to_multikey();
        if !place.takes(key) {
            return Err(RegisterError::WrongKey);
        }
        if self.keys.iter().any(|known| known.public_key == public_key || known.label == label) {
            return Err(RegisterError::KeyUsedBefore);
        }
        if self.keys.len() >= MOST_KEYS {
            return Err(RegisterError::Full);
        }
        self.keys.push(RegisteredKey {
            label,
            place,
            public_key,
            in_use_since: now,
            retired_at: None,
            compromised_since: None,
        });
        Ok(())
    }
}

fn is_fragment(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (1..=64).contains(&label.len()) && label.bytes().all(allowed)
}

#[cfg(test)]
mod tests;
