//! An officer's account, as the store keeps it.

use std::collections::BTreeSet;

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::role::{Principal, Role};

/// So many wrong tries are borne before an account is locked.
pub(crate) const TRIES: u32 = 5;
/// The first lock; each further failure doubles it, up to [`LONGEST_LOCK`].
const FIRST_LOCK: i64 = 60;
/// Longest lock in seconds: long enough against guessing, short enough for a morning at work.
const LONGEST_LOCK: i64 = 15 * 60;

/// Identifies an account: 32 letters, random.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub(crate) String);

impl AccountId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AccountId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an officer signs in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInMethod {
    /// Password and one-time code.
    Local(LocalSecrets),
    /// At the OpenID provider.
    Oidc {
        /// The provider.
        issuer: String,
        /// Its name for the person.
        subject: String,
    },
}

/// What a local account is checked against.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalSecrets {
    /// argon2id, PHC string.
    pub(crate) password: String,
    /// Somebody else chose the password: the officer must choose another first.
    pub(crate) password_due: bool,
    /// Counts the secrets of this account; a reset makes the next one.
    pub(crate) totp_generation: u64,
    /// The newest step a code was used of.
    pub(crate) totp_last_step: u64,
    /// Keyed digests of the recovery codes that are left.
    pub(crate) recovery: Vec<String>,
}

/// An account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Random.
    pub id: AccountId,
    /// The name to sign in with, lower case; at an OpenID provider the name it shows.
    pub login: String,
    /// For people.
    pub name: String,
    /// What it may do. For OpenID accounts as the provider said last.
    pub roles: BTreeSet<Role>,
    /// How it signs in.
    pub sign_in: SignInMethod,
    /// When made.
    pub created_at: Moment,
    /// When disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Moment>,
    /// When last signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sign_in: Option<Moment>,
    /// Wrong tries since the last good one.
    pub(crate) failures: u32,
    /// No sign-in before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) locked_until: Option<Moment>,
    /// Sessions of another epoch are over: resetting and disabling begin a new one.
    pub(crate) epoch: u64,
}

// Hashes and digests stay out of logs.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Account {
    /// Who acts when this officer does.
    pub fn principal(&self) -> Principal {
        let id = format!("officer:{}", self.id);
        Principal::with_roles(id, self.name.clone(), self.roles.clone())
    }

    /// Whether it is locked at this moment.
    pub fn is_locked(&self, now: Moment) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    /// Whether the password must be changed before anything else.
    pub fn password_due(&self) -> bool {
        matches!(&self.sign_in, SignInMethod::Local(local) if local.password_due)
    }

    /// How many recovery codes are left; `None` for accounts without.
    pub fn recovery_left(&self) -> Option<usize> {
        match &self.sign_in {
            SignInMethod::Local(local) => Some(local.recovery.len()),
            SignInMethod::Oidc { .. } => None,
        }
    }

    /// A wrong try: from the fifth on the account is locked, each time for longer.
    pub(crate) fn fail(&mut self, now: Moment) {
        self.failures = self.failures.saturating_add(1);
        if let Some(over) = self.failures.checked_sub(TRIES) {
            let seconds = FIRST_LOCK.checked_shl(over.min(16)).unwrap_or(LONGEST_LOCK);
            self.locked_until = Some(now.plus_seconds(seconds.clamp(FIRST_LOCK, LONGEST_LOCK)));
        }
    }

    /// A good sign-in.
    pub(crate) fn succeed(&mut self, now: Moment) {
        self.failures = 0;
        self.locked_until = None;
        self.last_sign_in = Some(now);
    }
}

/// A sign-in name in the form it is kept in; `None` when it is none.
pub(crate) fn login_name(text: &str) -> Option<String> {
    let login = text.trim().to_lowercase();
    let fine =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_@+".contains(&byte);
    ((3..=64).contains(&login.len()) && login.bytes().all(fine)).then_some(login)
}

/// A name for people: one line, no controls.
pub(crate) fn person_name(text: &str) -> Option<String> {
    let name = text.trim();
    let fine = (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fine.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account {
            id: AccountId("a".to_owned()),
            login: "kim".to_owned(),
            name: "김담당(가상인물)".to_owned(),
            roles: [Role::Officer].into(),
            sign_in: SignInMethod::Oidc { issuer: "i".to_owned(), subject: "s".to_owned() },
            created_at: Moment::from_unix(0),
            disabled_at: None,
            last_sign_in: None,
            failures: 0,
            locked_until: None,
            epoch: 1,
        }
    }

    #[test]
    fn locks_begin_at_the_fifth_try_double_and_end_at_a_quarter_hour() {
        let now = Moment::from_unix(1_000);
        let mut account = account();
        let mut locks = Vec::new();
        for _ in 0..40 {
            account.fail(now);
            locks.push(account.locked_until.map_or(0, |until| until.seconds_since(now)));
        }
        assert_eq!(locks[..9], [0, 0, 0, 0, 60, 120, 240, 480, 900]);
        assert!(locks[9..].iter().all(|lock| *lock == 900));
        assert!(account.is_locked(now.plus_seconds(899)));
        assert!(!account.is_locked(now.plus_seconds(900)));
        account.succeed(now);
        account.fail(now);
        assert!(!account.is_locked(now));
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(
            login_name(" Kim.Officer@example.kr ").as_deref(),
            Some("kim.officer@example.kr")
        );
        for bad in ["", "ab", "김담당", "a b c", "a/b/c", &"x".repeat(65)] {
            assert_eq!(login_name(bad), None, "{bad:?}");
        }
        assert_eq!(person_name(" 김담당(가상인물) ").as_deref(), Some("김담당(가상인물)"));
        for bad in ["", "  ", "a\nb", &"가".repeat(61)] {
            assert_eq!(person_name(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn printing_an_account_tells_its_id_only() {
        assert_eq!(format!("{:?}", account()), "Account { id: AccountId(\"a\"), .. }");
    }
}
