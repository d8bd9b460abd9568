//! Four eyes: what one person asks for and another decides on.
//!
//! ```text
//! Waiting ──another person──▶ Approved ──carried out──▶ Done
//!    │ ──another person──▶ Refused
//!    │ ──whoever asked──▶ Withdrawn
//!    │ time runs out ───▶ (refused to be approved)
//! ```
//! Of one subject (a credential, a job) one action waits at a time.

use std::collections::BTreeMap;

use credential_model::ambient::uuid_v7;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::access::{Access, delete, insert, replace};
use crate::role::{Permission, Principal};
use crate::store::{Shelf, StoreError};

/// What can need a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// A credential ends for good.
    Revoke,
    /// For a time.
    Suspend,
    /// A suspension is lifted.
    Reinstate,
    /// A newer credential takes its place.
    Supersede,
    /// A bulk job begins to issue.
    BulkJob,
}

impl ActionKind {
    /// The name in configurations and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Suspend => "suspend",
            Self::Reinstate => "reinstate",
            Self::Supersede => "supersede",
            Self::BulkJob => "bulk_job",
        }
    }
}

/// For which kinds a second person is asked: codes of kinds (`1320`), names of credential types
/// (`KrQualificationBadge`), or `*` for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FourEyes {
    /// To revoke.
    pub revoke: Vec<String>,
    /// To suspend.
    pub suspend: Vec<String>,
    /// To reinstate.
    pub reinstate: Vec<String>,
    /// To supersede.
    pub supersede: Vec<String>,
}

impl FourEyes {
    /// Whether this action on a credential of this type and kind needs a second person.
    pub fn asks(&self, action: ActionKind, credential_type: &str, kind: Option<&str>) -> bool {
        let list = match action {
            ActionKind::Revoke => &self.revoke,
            ActionKind::Suspend => &self.suspend,
            ActionKind::Reinstate => &self.reinstate,
            ActionKind::Supersede => &self.supersede,
            ActionKind::BulkJob => return true,
        };
        list.iter()
            .any(|name| name == "*" || name == credential_type || Some(name.as_str()) == kind)
    }
}

/// Identifies an action: a UUIDv7, so that they sort by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionId(String);

impl ActionId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ActionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who did something, as remembered with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// [`Principal::id`].
    pub id: String,
    /// [`Principal::name`] at the time.
    pub name: String,
}

impl From<&Principal> for Person {
    fn from(principal: &Principal) -> Self {
        Self { id: principal.id.clone(), name: principal.name.clone() }
    }
}

/// How far an action has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionStage {
    /// For a second person.
    Waiting,
    /// Approved; whether it was carried out yet is not known.
    Approved {
        /// By whom.
        by: Person,
        /// When.
        at: Moment,
    },
    /// Approved and carried out.
    Done {
        /// By whom it was approved.
        by: Person,
        /// When it was carried out.
        at: Moment,
    },
    /// Refused.
    Refused {
        /// By whom.
        by: Person,
        /// When.
        at: Moment,
        /// Why.
        reason: String,
    },
    /// Taken back by whoever asked.
    Withdrawn {
        /// When.
        at: Moment,
    },
}

impl ActionStage {
    /// Its name in messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved { .. } => "approved",
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// An action that needs, or needed, a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingAction {
    /// Time-ordered.
    pub id: ActionId,
    /// What.
    pub kind: ActionKind,
    /// On what: `credential:<id>` or `job:<id>`.
    pub subject: String,
    /// Further ids and counts that the one who decides needs to see; no claims.
    pub detail: BTreeMap<String, String>,
    /// Why, in the words of whoever asked.
    pub reason: String,
    /// Who asked.
    pub asked_by: Person,
    /// When.
    pub asked_at: Moment,
    /// After this it can no longer be approved.
    pub expires_at: Moment,
    /// How far it has come.
    pub stage: ActionStage,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct NewAction {
    /// What.
    pub kind: ActionKind,
    /// On what.
    pub subject: String,
    /// See [`PendingAction::detail`].
    pub detail: BTreeMap<String, String>,
    /// Why; checked by the caller.
    pub reason: String,
}

/// Why an action was not asked for or decided.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ActionError {
    /// There is no such action.
    #[error("there is no action of this id")]
    Unknown,
    /// Something waits for this subject already.
    #[error("another action on the same subject waits for a second person")]
    WaitsAlready,
    /// Whoever asked may not decide.
    #[error("whoever asked for it may not decide on it: another person must")]
    SamePerson,
    /// Only approvers decide.
    #[error("only an approver may decide")]
    NotAllowed,
    /// It was decided, withdrawn or carried out before.
    #[error("the action was {0} before")]
    NotWaiting(&'static str),
    /// Nobody decided in time.
    #[error("the time to decide ran out: it must be asked for again")]
    Expired,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActionError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_action",
            Self::WaitsAlready => "action_waits_already",
            Self::SamePerson => "same_person",
            Self::NotAllowed => "not_allowed",
            Self::NotWaiting(_) => "action_not_waiting",
            Self::Expired => "action_expired",
            Self::Store(error) => error.code(),
        }
    }
}

impl Access {
    /// Records what somebody asks for; another person decides.
    pub async fn ask(&self, new: NewAction, by: &Principal) -> Result<PendingAction, ActionError> {
        let now = self.now();
        self.clear_expired(&new.subject).await?;
        let action = PendingAction {
            id: ActionId(uuid_v7(now, &*self.entropy)),
            kind: new.kind,
            subject: new.subject,
            detail: new.detail,
            reason: new.reason,
            asked_by: by.into(),
            asked_at: now,
            expires_at: now.plus_seconds(self.settings.action_seconds),
            stage: ActionStage::Waiting,
        };
        let writes = [
            insert(Shelf::OpenActions, &action.subject, &action.id, None)?,
            insert(Shelf::Actions, action.id.as_str(), &action, None)?,
        ];
        match self.store.apply(&writes).await {
            Ok(()) => Ok(action),
            Err(StoreError::Taken) => Err(ActionError::WaitsAlready),
            Err(error) => Err(error.into()),
        }
    }

    /// The action of this id.
    pub async fn action(&self, id: &str) -> Result<Option<PendingAction>, StoreError> {
        Ok(self.find(id).await?.map(|(action, _)| action))
    }

    /// What waits for a second person on this subject.
    pub async fn waiting_on(&self, subject: &str) -> Result<Option<PendingAction>, StoreError> {
        match self.record::<ActionId>(Shelf::OpenActions, subject).await? {
            Some((id, _)) => self.action(id.as_str()).await,
            None => Ok(None),
        }
    }

    /// All that waits for a second person or to be carried out, in no telling order; at most `limit`.
    pub async fn waiting_actions(&self, limit: usize) -> Result<Vec<PendingAction>, StoreError> {
        let ids: Vec<ActionId> = self.records(Shelf::OpenActions, None, limit).await?;
        let mut actions = Vec::new();
        for id in ids {
            actions.extend(self.action(id.as_str()).await?);
        }
        actions.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(actions)
    }

    /// Actions of any stage, oldest first, after an id.
    pub async fn actions(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<PendingAction>, StoreError> {
        self.records(Shelf::Actions, after, limit).await
    }

    /// Another person approves. Whoever calls this then carries the action out and says so with
    /// [`Access::carried_out`]; after a crash in between, an approved action is carried out again.
    pub async fn approve(&self, id: &str, by: &Principal) -> Result<PendingAction, ActionError> {
        let (mut action, revision) = self.find(id).await?.ok_or(ActionError::Unknown)?;
        if !by.may(Permission::Decide) {
            return Err(ActionError::NotAllowed);
        }
        if action.asked_by.id == by.id {
            return Err(ActionError::SamePerson);
        }
        match action.stage {
            ActionStage::Approved { .. } => return Ok(action),
            ActionStage::Waiting if self.now() >= action.expires_at => {
                return Err(ActionError::Expired);
            }
            ActionStage::Waiting => {}
            ref other => return Err(ActionError::NotWaiting(other.name())),
        }
        action.stage = ActionStage::Approved { by: by.into(), at: self.now() };
        let write = replace(Shelf::Actions, id, revision, &action, None)?;
        self.decided(self.store.apply(&[write]).await)?;
        Ok(action)
    }

    /// An approved action was carried out.
    pub async fn carried_out(&self, id: &str) -> Result<PendingAction, ActionError> {
        let (mut action, revision) = self.find(id).await?.ok_or(ActionError::Unknown)?;
        let ActionStage::Approved { by, .. } = action.stage else {
            return Err(ActionError::NotWaiting(action.stage.name()));
        };
        action.stage = ActionStage::Done { by, at: self.now() };
        self.close(action, revision).await
    }

    /// Another person refuses, with a reason.
    pub async fn refuse(
        &self,
        id: &str,
        by: &Principal,
        reason: &str,
    ) -> Result<PendingAction, ActionError> {
        let (mut action, revision) = self.find(id).await?.ok_or(ActionError::Unknown)?;
        if !by.may(Permission::Decide) {
            return Err(ActionError::NotAllowed);
        }
        if action.asked_by.id == by.id {
            return Err(ActionError::SamePerson);
        }
        if action.stage != ActionStage::Waiting {
            return Err(ActionError::NotWaiting(action.stage.name()));
        }
        action.stage =
            ActionStage::Refused { by: by.into(), at: self.now(), reason: reason.to_owned() };
        self.close(action, revision).await
    }

    /// Whoever asked takes it back.
    pub async fn withdraw(&self, id: &str, by: &Principal) -> Result<PendingAction, ActionError> {
        let (mut action, revision) = self.find(id).await?.ok_or(ActionError::Unknown)?;
        if action.asked_by.id != by.id {
            return Err(ActionError::NotAllowed);
        }
        if action.stage != ActionStage::Waiting {
            return Err(ActionError::NotWaiting(action.stage.name()));
        }
        action.stage = ActionStage::Withdrawn { at: self.now() };
        self.close(action, revision).await
    }

    async fn find(&self, id: &str) -> Result<Option<(PendingAction, u64)>, StoreError> {
        if id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
            return Ok(None);
        }
        self.record(Shelf::Actions, id).await
    }

    async fn close(
        &self,
        action: PendingAction,
        revision: u64,
    ) -> Result<PendingAction, ActionError> {
        let mut writes =
            vec![replace(Shelf::Actions, action.id.as_str(), revision, &action, None)?];
        if let Some(open) = self.store.get(Shelf::OpenActions, &action.subject).await? {
            writes.push(delete(Shelf::OpenActions, &action.subject, open.revision));
        }
        self.decided(self.store.apply(&writes).await)?;
        Ok(action)
    }

    fn decided(&self, applied: Result<(), StoreError>) -> Result<(), ActionError> {
        match applied {
            Ok(()) => Ok(()),
            // Somebody else decided in the same moment.
            Err(StoreError::Conflict) => Err(ActionError::NotWaiting("decided")),
            Err(error) => Err(error.into()),
        }
    }

    /// An action nobody decided on in time no longer stands in the way of a new one.
    async fn clear_expired(&self, subject: &str) -> Result<(), ActionError> {
        let Some(action) = self.waiting_on(subject).await? else { return Ok(()) };
        if action.stage == ActionStage::Waiting && self.now() >= action.expires_at {
            let Some((mut action, revision)) = self.find(action.id.as_str()).await? else {
                return Ok(());
            };
            action.stage = ActionStage::Withdrawn { at: self.now() };
            self.close(action, revision).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_name_kinds_types_or_all() {
        let rules = FourEyes {
            revoke: vec!["*".to_owned()],
            suspend: vec!["1320".to_owned(), "KrDronePilotLicence".to_owned()],
            ..FourEyes::default()
        };
        let badge = "KrQualificationBadge";
        assert!(rules.asks(ActionKind::Revoke, badge, Some("1320")));
        assert!(rules.asks(ActionKind::Suspend, badge, Some("1320")));
        assert!(!rules.asks(ActionKind::Suspend, badge, Some("1321")));
        assert!(rules.asks(ActionKind::Suspend, "KrDronePilotLicence", None));
        assert!(!rules.asks(ActionKind::Reinstate, badge, Some("1320")));
        assert!(rules.asks(ActionKind::BulkJob, badge, None));
        assert!(!FourEyes::default().asks(ActionKind::Revoke, badge, Some("1320")));
    }
}
