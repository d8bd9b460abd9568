//! API keys for programs: a prefix to find them by, a secret kept as a digest, scopes, an end.

use std::collections::BTreeSet;

use credential_model::ambient::random_token;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::access::{Access, insert, replace};
use crate::account::person_name;
use crate::keyed;
use crate::role::{Permission, Principal};
use crate::store::{Shelf, StoreError};

/// What every key begins with, so that scanners of leaked secrets know one.
const MARK: &str = "sinpyo_";

/// A key to be.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What it is for: 1 to 60 characters.
    pub name: String,
    /// What it may do; at least one.
    pub scopes: BTreeSet<Permission>,
    /// Until when.
    pub expires_at: Option<Moment>,
}

/// A key as the store keeps it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Twelve letters; not secret.
    pub prefix: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Permission>,
    /// When made.
    pub created_at: Moment,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Moment>,
    /// When taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Moment>,
    digest: String,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKey").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Why a key was not made or taken back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiKeyError {
    /// The name cannot be used.
    #[error("a key has a name of 1 to 60 characters")]
    Name,
    /// No scope.
    #[error("a key needs at least one scope")]
    Scopes,
    /// Its end lies in the past.
    #[error("the key would have expired already")]
    Expired,
    /// There is no such key.
    #[error("there is no key of this prefix")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ApiKeyError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name => "invalid_name",
            Self::Scopes => "invalid_scopes",
            Self::Expired => "invalid_expiry",
            Self::Unknown => "unknown_api_key",
            Self::Store(error) => error.code(),
        }
    }
}

impl Access {
    /// Makes a key; the text is told here and never again.
    pub async fn add_api_key(&self, new: NewApiKey) -> Result<(ApiKey, String), ApiKeyError> {
        let name = person_name(&new.name).ok_or(ApiKeyError::Name)?;
        if new.scopes.is_empty() {
            return Err(ApiKeyError::Scopes);
        }
        let now = self.now();
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(ApiKeyError::Expired);
        }
        let prefix = self.fresh_id()[..12].to_owned();
        let secret = random_token(&*self.entropy);
        let key = ApiKey {
            digest: keyed::sha256(&secret),
            prefix,
            name,
            scopes: new.scopes,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
        };
        self.store.apply(&[insert(Shelf::ApiKeys, &key.prefix, &key, None)?]).await?;
        let text = format!("{MARK}{}_{secret}", key.prefix);
        Ok((key, text))
    }

    /// All keys, revoked ones too; at most `limit`.
    pub async fn api_keys(&self, limit: usize) -> Result<Vec<ApiKey>, StoreError> {
        let mut keys: Vec<ApiKey> = self.records(Shelf::ApiKeys, None, limit).await?;
        keys.sort_by_key(|key| key.created_at);
        Ok(keys)
    }

    /// Takes a key back, at once. Doing it twice changes nothing.
    pub async fn revoke_api_key(&self, prefix: &str) -> Result<ApiKey, ApiKeyError> {
        if !is_prefix(prefix) {
            return Err(ApiKeyError::Unknown);
        }
        let found = self.record::<ApiKey>(Shelf::ApiKeys, prefix).await?;
        let (mut key, revision) = found.ok_or(ApiKeyError::Unknown)?;
        if key.revoked_at.is_none() {
            key.revoked_at = Some(self.now());
            let write = replace(Shelf::ApiKeys, prefix, revision, &key, None)?;
            self.store.apply(&[write]).await?;
        }
        Ok(key)
    }

    /// Who holds this key; `None` for anything that is no key in force.
    pub async fn holder_of(&self, text: &str) -> Result<Option<Principal>, StoreError> {
        let Some((prefix, secret)) = text.strip_prefix(MARK).and_then(|rest| rest.split_once('_'))
        else {
            return Ok(None);
        };
        if !is_prefix(prefix) || secret.len() > 64 {
            return Ok(None);
        }
        let Some((key, _)) = self.record::<ApiKey>(Shelf::ApiKeys, prefix).await? else {
            return Ok(None);
        };
        let over = key.revoked_at.is_some()
            || key.expires_at.is_some_and(|end| self.now() >= end)
            || !keyed::same(&key.digest, &keyed::sha256(secret));
        Ok((!over).then(|| Principal {
            id: format!("key:{}", key.prefix),
            name: key.name,
            roles: BTreeSet::new(),
            permissions: key.scopes,
        }))
    }
}

fn is_prefix(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| (b'a'..=b'p').contains(&byte))
}
