//! The four states of our credentials, and their codes in both list forms.

use serde::{Deserialize, Serialize};

/// State of a credential in our lists (`statusPurpose` "message", `statusSize` 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusValue {
    /// 0x0: in force.
    Valid = 0,
    /// 0x1: suspended, may be reinstated.
    Suspended = 1,
    /// 0x2: revoked for good.
    Revoked = 2,
    /// 0x3: replaced by a newer credential.
    Superseded = 3,
}

impl StatusValue {
    /// All four, by code.
    pub const ALL: [Self; 4] = [Self::Valid, Self::Suspended, Self::Revoked, Self::Superseded];

    /// Bits per entry.
    pub const SIZE: u8 = 2;

    /// The code in a Bitstring Status List.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The state of a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The word in `statusMessage`, in reports and in JSON.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Superseded => "superseded",
        }
    }

    /// The state of such a word.
    #[must_use]
    pub fn from_message(message: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.message() == message)
    }

    /// The code in a Token Status List, where the standard fixes 0 VALID, 1 INVALID and
    /// 2 SUSPENDED, the other way round than our messages; 3 is application specific.
    #[must_use]
    pub const fn token_code(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Revoked => 1,
            Self::Suspended => 2,
            Self::Superseded => 3,
        }
    }

    /// The state of a Token Status List code, for the codes the standard fixes (in any
    /// list) and 3 (in lists of ours).
    #[must_use]
    pub fn from_token_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.token_code() == code)
    }
}
