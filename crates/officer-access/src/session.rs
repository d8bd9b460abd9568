//! Sessions: random, kept as digests, over when idle, when old, and when the account changes.

use credential_model::ambient::random_token;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::access::{Access, delete, insert, replace};
use crate::account::{Account, AccountId};
use crate::keyed;
use crate::role::Principal;
use crate::store::{Shelf, StoreError, Write};

/// A session's last use is written at most once in so many seconds.
const TOUCH_SECONDS: i64 = 60;

/// What the browser holds: 256 random bits. The store has its digest only.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(pub(crate) String);

impl SessionToken {
    /// The text for the cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken")
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    account: AccountId,
    epoch: u64,
    created_at: Moment,
    seen_at: Moment,
}

/// Somebody signed in, for one request.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The account.
    pub account: Account,
    /// Who acts.
    pub principal: Principal,
    /// Must come back with every form of this session.
    pub csrf: String,
    /// When the session ends whatever happens.
    pub ends_at: Moment,
}

impl Access {
    /// A new session's token and the change that records it.
    pub(crate) fn new_session(
        &self,
        account: &Account,
    ) -> Result<(SessionToken, Write), StoreError> {
        let now = self.now();
        let token = SessionToken(random_token(&*self.entropy));
        let session = Session {
            account: account.id.clone(),
            epoch: account.epoch,
            created_at: now,
            seen_at: now,
        };
        let write = insert(
            Shelf::Sessions,
            &keyed::sha256(&token.0),
            &session,
            Some(self.session_end(&session)),
        )?;
        Ok((token, write))
    }

    fn session_end(&self, session: &Session) -> Moment {
        let idle = session.seen_at.plus_seconds(self.settings.idle_seconds);
        idle.min(session.created_at.plus_seconds(self.settings.session_seconds))
    }

    /// Who sits behind this token; `None` when the session is over, whatever the reason.
    pub async fn seat(&self, token: &str) -> Result<Option<Seat>, StoreError> {
        let key = keyed::sha256(token);
        let Some((session, revision)) = self.record::<Session>(Shelf::Sessions, &key).await? else {
            return Ok(None);
        };
        let now = self.now();
        if now >= self.session_end(&session) {
            return Ok(None);
        }
        let Some((account, _)) = self.account_row(&session.account).await? else {
            return Ok(None);
        };
        if account.disabled_at.is_some() || account.epoch != session.epoch {
            return Ok(None);
        }
        if now.seconds_since(session.seen_at) >= TOUCH_SECONDS {
            let seen = Session { seen_at: now, ..session.clone() };
            let write =
                replace(Shelf::Sessions, &key, revision, &seen, Some(self.session_end(&seen)))?;
            match self.store.apply(&[write]).await {
                // Another request of the same browser was faster.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(Seat {
            principal: account.principal(),
            csrf: self.csrf(token),
            ends_at: session.created_at.plus_seconds(self.settings.session_seconds),
            account,
        }))
    }

    /// Ends a session; ending one that is over changes nothing.
    pub async fn sign_out(&self, token: &str) -> Result<(), StoreError> {
        let key = keyed::sha256(token);
        let Some(row) = self.store.get(Shelf::Sessions, &key).await? else { return Ok(()) };
        match self.store.apply(&[delete(Shelf::Sessions, &key, row.revision)]).await {
            // It was touched or ended in between; the second try meets what is there now.
            Err(StoreError::Conflict) => match self.store.get(Shelf::Sessions, &key).await? {
                Some(row) => self.store.apply(&[delete(Shelf::Sessions, &key, row.revision)]).await,
                None => Ok(()),
            },
            other => other,
        }
    }

    fn csrf(&self, token: &str) -> String {
        keyed::mac_text(&self.secret, &["csrf", token])
    }

    /// Whether a form carries the token of this session.
    pub fn csrf_fits(&self, seat: &Seat, given: &str) -> bool {
        keyed::same(&seat.csrf, given)
    }
}
