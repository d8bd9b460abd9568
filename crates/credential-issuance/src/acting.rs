//! In whose name the flow acts.
//!
//! The trail must say which officer did what. The name travels beside the call, not through it:
//! every step of the flow that an officer can take would need one more argument that only the
//! audit event reads.

use std::future::Future;

use crate::Issuer;
use crate::audit::{AuditAction, AuditEvent};
use crate::ids::CredentialId;
use crate::status::{StatusAction, StatusChangeError, transition};
use crate::store::StoreError;

tokio::task_local! {
    static ACTOR: String;
}

/// What the audit trail calls an officer whose name nobody said.
const OFFICER: &str = "officer";

/// Does `work` in the name of `actor` (such as `officer:<id>`): the trail says so wherever it would
/// say `officer`. Work that is spawned meanwhile is not part of it.
pub async fn acting_as<T>(actor: &str, work: impl Future<Output = T>) -> T {
    ACTOR.scope(actor.to_owned(), work).await
}

/// The name for the trail.
pub(crate) fn name_of(usual: &str) -> String {
    if usual == OFFICER {
        ACTOR.try_with(Clone::clone).unwrap_or_else(|_| usual.to_owned())
    } else {
        usual.to_owned()
    }
}

impl Issuer {
    /// Tells the trail of something that happened at the issuer's doors: a sign-in, an approval.
    pub async fn tell(
        &self,
        actor: &str,
        action: AuditAction,
        subjects: &[(&str, &str)],
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let event = AuditEvent::new(self.now(), actor, action).because(reason.map(str::to_owned));
        let event = subjects.iter().fold(event, |event, (role, id)| event.about(role, id));
        self.store.tell(event).await
    }

    /// Whether a status change could be made now, without making it: before a second officer is
    /// asked for it.
    pub async fn check_status_change(
        &self,
        id: &CredentialId,
        action: StatusAction,
        reason: &str,
    ) -> Result<crate::credential::CredentialRecord, StatusChangeError> {
        crate::officer::check_reason(reason).map_err(|()| StatusChangeError::Reason)?;
        let record = self.store.credential(id).await?.ok_or(StatusChangeError::Unknown)?;
        if record.issued().is_none() {
            return Err(StatusChangeError::NotIssued);
        }
        match transition(record.status, action) {
            Some(_) => Ok(record),
            None => Err(StatusChangeError::NotAllowed {
                from: record.status.message(),
                action: action.as_str(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{acting_as, name_of};

    #[tokio::test]
    async fn an_officer_has_a_name_where_somebody_said_it() {
        assert_eq!(name_of("officer"), "officer");
        acting_as("officer:kim", async {
            assert_eq!(name_of("officer"), "officer:kim");
            assert_eq!(name_of("service"), "service");
            acting_as("key:abc", async { assert_eq!(name_of("officer"), "key:abc") }).await;
            assert_eq!(name_of("officer"), "officer:kim");
        })
        .await;
        assert_eq!(name_of("officer"), "officer");
    }
}
