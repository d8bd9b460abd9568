//! A status change that happens at once, or waits for a second person where the kind asks it.

use std::collections::BTreeMap;

use credential_issuance::acting_as;
use credential_issuance::audit::AuditAction;
use credential_issuance::ids::CredentialId;
use credential_issuance::status::{StatusAction, StatusChangeError, StatusChangeOutcome};
use officer_access::{ActionError, ActionKind, NewAction, PendingAction, Principal};

use crate::state::App;

/// What became of what was asked.
pub(crate) enum Change {
    /// It is done.
    Made(Box<StatusChangeOutcome>),
    /// A second person must look.
    Waits(Box<PendingAction>),
}

/// Why it did not come to that.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    #[error(transparent)]
    Status(#[from] StatusChangeError),
    #[error(transparent)]
    Action(#[from] ActionError),
}

impl ChangeError {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Status(error) => error.code(),
            Self::Action(error) => error.code(),
        }
    }
}

const fn kind_of(action: StatusAction) -> ActionKind {
    match action {
        StatusAction::Suspend => ActionKind::Suspend,
        StatusAction::Reinstate => ActionKind::Reinstate,
        StatusAction::Revoke => ActionKind::Revoke,
        StatusAction::Supersede => ActionKind::Supersede,
    }
}

const fn action_of(kind: ActionKind) -> Option<StatusAction> {
    match kind {
        ActionKind::Suspend => Some(StatusAction::Suspend),
        ActionKind::Reinstate => Some(StatusAction::Reinstate),
        ActionKind::Revoke => Some(StatusAction::Revoke),
        ActionKind::Supersede => Some(StatusAction::Supersede),
        ActionKind::BulkJob => None,
    }
}

/// Changes the status, or records that somebody asked for it.
pub(crate) async fn change_or_ask(
    app: &App,
    by: &Principal,
    id: &CredentialId,
    action: StatusAction,
    reason: &str,
) -> Result<Change, ChangeError> {
    let record = app.issuer.check_status_change(id, action, reason).await?;
    let rules = &app.access.settings().four_eyes;
    let type_name = record.configuration.credential_type.type_name();
    if !rules.asks(kind_of(action), type_name, record.kind.as_deref()) {
        let made = acting_as(&by.id, app.issuer.change_status(id, action, reason)).await?;
        // The chain should not learn of it a whole interval later.
        app.anchor_soon.notify_one();
        return Ok(Change::Made(Box::new(made)));
    }
    let mut detail = BTreeMap::from([("configuration".to_owned(), record.configuration.id())]);
    if let Some(kind) = &record.kind {
        detail.insert("kind".to_owned(), kind.clone());
    }
    let new = NewAction {
        kind: kind_of(action),
        subject: format!("credential:{id}"),
        detail,
        reason: reason.to_owned(),
    };
    let asked = app.access.ask(new, by).await?;
    tell(app, by, AuditAction::ApprovalAsked, &asked, "asked", Some(reason)).await;
    Ok(Change::Waits(Box::new(asked)))
}

/// The second person approves, and it is done. After a crash in between, approving again does it.
pub(crate) async fn approve(
    app: &App,
    by: &Principal,
    id: &str,
) -> Result<PendingAction, ChangeError> {
    let action = app.access.approve(id, by).await?;
    tell(app, by, AuditAction::ApprovalDecided, &action, "approved", None).await;
    if let Some(change) = action_of(action.kind) {
        let credential = action.subject.strip_prefix("credential:").unwrap_or_default();
        let credential = CredentialId::parse(credential).map_err(|_| StatusChangeError::Unknown)?;
        let made = acting_as(&by.id, app.issuer.change_status(&credential, change, &action.reason));
        match made.await {
            Ok(_) => app.anchor_soon.notify_one(),
            // Somebody was faster, or it was done before a crash: there is nothing left to do.
            Err(StatusChangeError::NotAllowed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(app.access.carried_out(id).await?)
}

/// The second person refuses.
pub(crate) async fn refuse(
    app: &App,
    by: &Principal,
    id: &str,
    reason: &str,
) -> Result<PendingAction, ChangeError> {
    credential_issuance::check_reason(reason).map_err(|()| StatusChangeError::Reason)?;
    let action = app.access.refuse(id, by, reason).await?;
    tell(app, by, AuditAction::ApprovalDecided, &action, "refused", Some(reason)).await;
    Ok(action)
}

/// Whoever asked takes it back.
pub(crate) async fn withdraw(
    app: &App,
    by: &Principal,
    id: &str,
) -> Result<PendingAction, ChangeError> {
    let action = app.access.withdraw(id, by).await?;
    tell(app, by, AuditAction::ApprovalDecided, &action, "withdrawn", None).await;
    Ok(action)
}

async fn tell(
    app: &App,
    by: &Principal,
    what: AuditAction,
    action: &PendingAction,
    decision: &str,
    reason: Option<&str>,
) {
    let about = action.subject.split_once(':').unwrap_or(("subject", &action.subject));
    let subjects = [
        ("action", action.id.as_str()),
        ("change", action.kind.as_str()),
        ("decision", decision),
        about,
    ];
    if let Err(error) = app.issuer.tell(&by.id, what, &subjects, reason).await {
        tracing::error!(code = error.code(), "the trail was not told of an approval");
    }
}
