//! An officer changes a credential's status.
//!
//! | from \ action | suspend | reinstate | revoke | supersede |
//! |---|---|---|---|---|
//! | valid | suspended | – | revoked | superseded |
//! | suspended | – | valid | revoked | superseded |
//! | revoked, superseded | – | – | – | – |

use serde::{Deserialize, Serialize};
use status_lists::StatusValue;

use crate::Issuer;
use crate::credential::CredentialRecord;
use crate::ids::CredentialId;
use crate::store::StoreError;

/// What an officer can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusAction {
    /// For a time (효력정지).
    Suspend,
    /// Lift a suspension (효력정지 해제).
    Reinstate,
    /// For good (폐기).
    Revoke,
    /// Replaced by a newer credential (재발급).
    Supersede,
}

impl StatusAction {
    /// Its name in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Reinstate => "reinstate",
            Self::Revoke => "revoke",
            Self::Supersede => "supersede",
        }
    }
}

/// The status after an action; `None` where the action is not allowed.
pub fn transition(from: StatusValue, action: StatusAction) -> Option<StatusValue> {
    match (from, action) {
        (StatusValue::Valid, StatusAction::Suspend) => Some(StatusValue::Suspended),
        (StatusValue::Suspended, StatusAction::Reinstate) => Some(StatusValue::Valid),
        (StatusValue::Valid | StatusValue::Suspended, StatusAction::Revoke) => {
            Some(StatusValue::Revoked)
        }
        (StatusValue::Valid | StatusValue::Suspended, StatusAction::Supersede) => {
            Some(StatusValue::Superseded)
        }
        _ => None,
    }
}

/// Why a status was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusChangeError {
    /// There is no such credential.
    #[error("there is no credential with this id")]
    Unknown,
    /// It is recorded but was never signed.
    #[error("this credential was never signed, so there is nothing to change")]
    NotIssued,
    /// The rules do not allow it.
    #[error("a credential that is {from} cannot be changed by {action}")]
    NotAllowed {
        /// Its status.
        from: &'static str,
        /// What was asked for.
        action: &'static str,
    },
    /// The reason is missing, too long or holds a forbidden number.
    #[error(
        "a reason of 1 to 500 characters is needed, without numbers that must never be recorded"
    )]
    Reason,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StatusChangeError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_credential",
            Self::NotIssued => "not_issued",
            Self::NotAllowed { .. } => "status_change_not_allowed",
            Self::Reason => "invalid_reason",
            Self::Store(error) => error.code(),
        }
    }
}

/// A status change that is durable.
#[derive(Debug)]
pub struct StatusChangeOutcome {
    /// The credential afterwards.
    pub record: CredentialRecord,
    /// Version of the list that shows it; `None` when signing the list failed, then
    /// [`Issuer::maintain`] publishes it later.
    pub list_version: Option<u64>,
}

impl Issuer {
    /// Changes a status durably, then publishes the list that shows it.
    pub async fn change_status(
        &self,
        id: &CredentialId,
        action: StatusAction,
        reason: &str,
    ) -> Result<StatusChangeOutcome, StatusChangeError> {
        crate::officer::check_reason(reason).map_err(|()| StatusChangeError::Reason)?;
        let changed = self.change(id, action, reason).await?;
        let list_version = match self.publish_version(&changed.list).await {
            Ok(version) => Some(version),
            Err(error) => {
                tracing::error!(list = %changed.list, code = error.code(), "status list not published");
                None
            }
        };
        Ok(StatusChangeOutcome { record: changed, list_version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use StatusAction::{Reinstate, Revoke, Supersede, Suspend};
    use StatusValue::{Revoked, Superseded, Suspended, Valid};

    #[test]
    fn the_whole_table() {
        let allowed = [
            (Valid, Suspend, Suspended),
            (Suspended, Reinstate, Valid),
            (Valid, Revoke, Revoked),
            (Suspended, Revoke, Revoked),
            (Valid, Supersede, Superseded),
            (Suspended, Supersede, Superseded),
        ];
        for from in [Valid, Suspended, Revoked, Superseded] {
            for action in [Suspend, Reinstate, Revoke, Supersede] {
                let wanted = allowed
                    .iter()
                    .find(|(f, a, _)| *f == from && *a == action)
                    .map(|(_, _, to)| *to);
                assert_eq!(transition(from, action), wanted, "{from:?} {action:?}");
            }
        }
    }
}
