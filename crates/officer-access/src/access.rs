//! The flow's object, and how records are read and written.

use std::sync::Arc;

use credential_model::ambient::{Clock, Entropy, random_id, random_token};
use credential_model::moment::Moment;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::account::{Account, AccountId};
use crate::approval::FourEyes;
use crate::keyed;
use crate::oidc::Oidc;
use crate::password::{self, PasswordCost};
use crate::store::{AccessStore, Row, Shelf, StoreError, Write};

/// Length of the secret that tokens and one-time codes are derived with.
pub const SECRET_BYTES: usize = 32;

/// So many passwords are hashed at once: each takes its memory.
const HASHING: usize = 2;

/// What may differ between two offices. Times in seconds.
#[derive(Debug, Clone)]
pub struct AccessSettings {
    /// Shown in authenticator apps.
    pub issuer_name: String,
    /// A session nobody uses ends after this.
    pub idle_seconds: i64,
    /// Every session ends after this.
    pub session_seconds: i64,
    /// What waits for a second person waits so long.
    pub action_seconds: i64,
    /// What hashing a password costs.
    pub password_cost: PasswordCost,
    /// Which status changes need a second person.
    pub four_eyes: FourEyes,
}

impl AccessSettings {
    /// The usual values.
    pub fn new(issuer_name: &str) -> Self {
        Self {
            issuer_name: issuer_name.to_owned(),
            idle_seconds: 30 * 60,
            session_seconds: 10 * 3_600,
            action_seconds: 14 * 86_400,
            password_cost: PasswordCost::default(),
            four_eyes: FourEyes::default(),
        }
    }
}

/// What the flow is made of.
pub struct AccessParts {
    /// See [`AccessSettings`].
    pub settings: AccessSettings,
    /// The backend.
    pub store: Arc<dyn AccessStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// 32 random bytes that do not lie in the store: from a file of mode 0600.
    pub secret: [u8; SECRET_BYTES],
    /// The OpenID provider, where there is one.
    pub oidc: Option<Oidc>,
}

/// The flow of officers' access.
pub struct Access {
    pub(crate) settings: AccessSettings,
    pub(crate) store: Arc<dyn AccessStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) secret: [u8; SECRET_BYTES],
    pub(crate) oidc: Option<Oidc>,
    hashing: Semaphore,
    /// Fits no password: what names nobody has are checked against, so that the time is the same.
    pub(crate) nobody: String,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access")
    }
}

#[derive(Serialize, Deserialize)]
struct Stored<T> {
    v: u32,
    record: T,
}

const FORM: u32 = 1;

impl Access {
    /// The flow over its parts.
    pub fn new(parts: AccessParts) -> Self {
        let AccessParts { settings, store, clock, entropy, secret, oidc } = parts;
        let nobody = password::hash(&random_token(&*entropy), settings.password_cost, &*entropy);
        Self {
            settings,
            store,
            clock,
            entropy,
            secret,
            oidc,
            hashing: Semaphore::new(HASHING),
            nobody: nobody.unwrap_or_default(),
        }
    }

    /// The settings.
    pub fn settings(&self) -> &AccessSettings {
        &self.settings
    }

    /// The OpenID provider, where there is one.
    pub fn oidc(&self) -> Option<&Oidc> {
        self.oidc.as_ref()
    }

    /// Forgets sessions and sign-ins whose time is over; at most a bounded number a call.
    pub async fn maintain(&self) -> Result<usize, StoreError> {
        self.store.forget(self.now(), 1_000).await
    }

    /// A token for forms of somebody who has no session yet, bound to a cookie's value.
    pub fn form_token(&self, cookie: &str) -> String {
        keyed::mac_text(&self.secret, &["form", cookie])
    }

    /// Whether [`Access::form_token`] gave this token for this cookie.
    pub fn form_token_fits(&self, cookie: &str, token: &str) -> bool {
        keyed::same(&self.form_token(cookie), token)
    }

    /// A fresh random value for a cookie.
    pub fn fresh_token(&self) -> String {
        random_token(&*self.entropy)
    }

    /// The present moment, as the office sees it.
    pub fn moment(&self) -> Moment {
        self.clock.now()
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// 128 random bits in letters alone: an id of digits could look like a number about a person.
    pub(crate) fn fresh_id(&self) -> String {
        let letter = |c: char| {
            c.to_digit(16).and_then(|digit| "abcdefghijklmnop".chars().nth(digit as usize))
        };
        random_id(&*self.entropy).chars().filter_map(letter).collect()
    }

    /// The secret of an account's one-time codes: derived, so that it lies nowhere.
    pub(crate) fn totp_secret(&self, id: &AccountId, generation: u64) -> [u8; 20] {
        let mac = keyed::mac(&self.secret, &["totp", id.as_str(), &generation.to_string()]);
        let mut secret = [0; 20];
        secret.copy_from_slice(&mac[..20]);
        secret
    }

    /// Hashes or checks a password on a thread of its own, few at a time.
    pub(crate) async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let _place = self.hashing.acquire().await;
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| StoreError::Backend("a password could not be hashed".to_owned()))
    }

    pub(crate) async fn record<T: DeserializeOwned>(
        &self,
        shelf: Shelf,
        key: &str,
    ) -> Result<Option<(T, u64)>, StoreError> {
        match self.store.get(shelf, key).await? {
            Some(row) => Ok(Some((decode(shelf, &row)?, row.revision))),
            None => Ok(None),
        }
    }

    pub(crate) async fn records<T: DeserializeOwned>(
        &self,
        shelf: Shelf,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.store.list(shelf, after, limit).await?;
        rows.iter().map(|row| decode(shelf, row)).collect()
    }

    /// A small record there is one of, with its revision; a page's running totals and the like.
    pub async fn single<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<(T, u64)>, StoreError> {
        self.record(Shelf::Singles, name).await
    }

    /// Writes such a record over the revision it was read at (0: there was none).
    pub async fn put_single<T: Serialize>(
        &self,
        name: &str,
        revision: u64,
        record: &T,
    ) -> Result<(), StoreError> {
        let write = match revision {
            0 => insert(Shelf::Singles, name, record, None)?,
            revision => replace(Shelf::Singles, name, revision, record, None)?,
        };
        self.store.apply(&[write]).await
    }

    pub(crate) async fn account_row(
        &self,
        id: &AccountId,
    ) -> Result<Option<(Account, u64)>, StoreError> {
        self.record(Shelf::Accounts, id.as_str()).await
    }

    pub(crate) async fn account_of_login(
        &self,
        login: &str,
    ) -> Result<Option<(Account, u64)>, StoreError> {
        match self.record::<AccountId>(Shelf::Logins, login).await? {
            Some((id, _)) => self.account_row(&id).await,
            None => Ok(None),
        }
    }
}

fn decode<T: DeserializeOwned>(shelf: Shelf, row: &Row) -> Result<T, StoreError> {
    let unreadable =
        |reason: String| StoreError::Unreadable(format!("{}: {reason}", shelf.as_str()));
    let stored: Stored<T> =
        serde_json::from_str(&row.text).map_err(|error| unreadable(error.to_string()))?;
    if stored.v == FORM {
        Ok(stored.record)
    } else {
        Err(unreadable(format!("form {} is not known to this build", stored.v)))
    }
}

fn encode<T: Serialize>(record: &T) -> Result<String, StoreError> {
    serde_json::to_string(&Stored { v: FORM, record })
        .map_err(|error| StoreError::Unreadable(error.to_string()))
}

pub(crate) fn insert<T: Serialize>(
    shelf: Shelf,
    key: &str,
    record: &T,
    expires: Option<Moment>,
) -> Result<Write, StoreError> {
    Ok(Write::Insert { shelf, key: key.to_owned(), text: encode(record)?, expires })
}

pub(crate) fn replace<T: Serialize>(
    shelf: Shelf,
    key: &str,
    revision: u64,
    record: &T,
    expires: Option<Moment>,
) -> Result<Write, StoreError> {
    Ok(Write::Replace { shelf, key: key.to_owned(), revision, text: encode(record)?, expires })
}

pub(crate) fn delete(shelf: Shelf, key: &str, revision: u64) -> Write {
    Write::Delete { shelf, key: key.to_owned(), revision }
}
