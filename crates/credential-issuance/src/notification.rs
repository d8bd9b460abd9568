//! What wallets tell about credentials (OID4VCI 1.0, section 11).

use openid4vc_messages::NotificationRequest;

use crate::Issuer;
use crate::audit::AuditAction;
use crate::credential::CredentialRecord;
use crate::ids::NotificationId;
use crate::request::TokenRefused;
use crate::store::StoreError;

/// Why a notification was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// The token.
    #[error(transparent)]
    Token(#[from] TokenRefused),
    /// Not an id of a credential that was given out under this token.
    #[error("this notification_id was not given out with this token")]
    UnknownId,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NotificationError {
    /// The standard's code, or ours where the standard has none.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::UnknownId => "invalid_notification_id",
            Self::Store(error) => error.code(),
        }
    }
}

impl Issuer {
    /// Takes a notification; the same one again changes nothing and is fine.
    pub async fn notify(
        &self,
        token: &str,
        request: &NotificationRequest,
    ) -> Result<(), NotificationError> {
        let offer = self.offer_of_token(token).await?;
        let id = NotificationId::parse(&request.notification_id)
            .map_err(|_| NotificationError::UnknownId)?;
        let records = self.store.credentials_by_notification(&id).await?;
        if records.is_empty() || records.iter().any(|record| record.offer != offer.id) {
            return Err(NotificationError::UnknownId);
        }
        let changed: Vec<CredentialRecord> = records
            .into_iter()
            .filter(|record| record.notified != Some(request.event))
            .map(|record| CredentialRecord {
                notified: Some(request.event),
                revision: record.revision + 1,
                ..record
            })
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        // The wallet's free text stays out of the trail: it may hold anything.
        let event = self
            .event("wallet", AuditAction::NotificationReceived)
            .about("offer", &offer.id)
            .about(
                "event",
                serde_json::to_string(&request.event).unwrap_or_default().trim_matches('"'),
            )
            .about("credentials", changed.len());
        self.store.replace_credentials(&changed, event).await?;
        Ok(())
    }
}
