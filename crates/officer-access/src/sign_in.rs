//! Signing in with password and one-time code.
//!
//! Whoever is refused is told one and the same; the reason is for the log. The password is checked
//! even where the name is nobody's or the account is locked, so that time tells nothing either.
//! The account is read again after the slow check, and written in the revision read: of a thousand
//! guesses at once each one counts.

use crate::access::{Access, replace};
use crate::account::{Account, AccountId, SignInMethod, login_name};
use crate::keyed;
use crate::password;
use crate::session::SessionToken;
use crate::store::{Shelf, StoreError};
use crate::totp;

/// What somebody enters.
#[derive(Clone)]
pub struct SignIn {
    /// The sign-in name, any case.
    pub login: String,
    /// The password.
    pub password: String,
    /// Six digits, or a recovery code.
    pub code: String,
}

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// A new session's token.
    pub token: SessionToken,
    /// Whether a recovery code was spent.
    pub by_recovery_code: bool,
}

/// Why somebody was not let in. People are told `SignInRefusal::sentence_id` only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignInRefusal {
    /// Nobody has this name, or not here.
    #[error("nobody signs in here by this name")]
    Unknown,
    /// The password is wrong.
    #[error("the password is wrong")]
    Password(AccountId),
    /// The code is wrong, was used, or its time is over.
    #[error("the code is wrong or was used before")]
    Code(AccountId),
    /// Too many wrong tries.
    #[error("the account is locked for a while")]
    Locked(AccountId),
    /// The account was ended.
    #[error("the account is disabled")]
    Disabled(AccountId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SignInRefusal {
    /// The stable code, for the log and the audit trail.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_login",
            Self::Password(_) => "wrong_password",
            Self::Code(_) => "wrong_code",
            Self::Locked(_) => "account_locked",
            Self::Disabled(_) => "account_disabled",
            Self::Store(error) => error.code(),
        }
    }

    /// The account it is about, where there is one.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Password(id) | Self::Code(id) | Self::Locked(id) | Self::Disabled(id) => Some(id),
            Self::Unknown | Self::Store(_) => None,
        }
    }
}

/// What the second factor was.
enum Second {
    Step(u64),
    Recovery(String),
}

impl Access {
    /// Checks password and code and opens a session.
    pub async fn sign_in(&self, given: SignIn) -> Result<SignedIn, SignInRefusal> {
        let found = match login_name(&given.login) {
            Some(login) => self.account_of_login(&login).await?,
            None => None,
        };
        let phc = match found.as_ref().map(|(account, _)| &account.sign_in) {
            Some(SignInMethod::Local(local)) => local.password.clone(),
            _ => self.nobody.clone(),
        };
        let (entered, checked) = (given.password, phc.clone());
        let fits = if entered.chars().count() > *password::LENGTH.end() {
            false
        } else {
            self.hashing(move || password::fits(&entered, &checked)).await?
        };
        let Some((account, _)) = found else { return Err(SignInRefusal::Unknown) };
        for _ in 0..8 {
            match self.decide(&account.id, fits, &phc, &given.code).await {
                Err(SignInRefusal::Store(StoreError::Conflict)) => {}
                decided => return decided,
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn decide(
        &self,
        id: &AccountId,
        fits: bool,
        phc: &str,
        code: &str,
    ) -> Result<SignedIn, SignInRefusal> {
        let now = self.now();
        let Some((mut account, revision)) = self.account_row(id).await? else {
            return Err(SignInRefusal::Unknown);
        };
        let refusal = match &account.sign_in {
            SignInMethod::Oidc { .. } => return Err(SignInRefusal::Unknown),
            _ if account.disabled_at.is_some() => {
                return Err(SignInRefusal::Disabled(id.clone()));
            }
            _ if account.is_locked(now) => return Err(SignInRefusal::Locked(id.clone())),
            // The password was changed while the old one was being checked.
            SignInMethod::Local(local) if local.password != phc => {
                Some(SignInRefusal::Password(id.clone()))
            }
            SignInMethod::Local(_) if !fits => Some(SignInRefusal::Password(id.clone())),
            SignInMethod::Local(_) => None,
        };
        let second = if refusal.is_none() { self.second_factor(&account, code) } else { None };
        let Some(second) = second else {
            account.fail(now);
            let write = replace(Shelf::Accounts, id.as_str(), revision, &account, None)?;
            self.store.apply(&[write]).await?;
            return Err(refusal.unwrap_or_else(|| SignInRefusal::Code(id.clone())));
        };
        let by_recovery_code = matches!(second, Second::Recovery(_));
        if let SignInMethod::Local(local) = &mut account.sign_in {
            match second {
                Second::Step(step) => local.totp_last_step = step,
                Second::Recovery(digest) => local.recovery.retain(|left| *left != digest),
            }
        }
        account.succeed(now);
        let (token, session) = self.new_session(&account)?;
        let writes = [replace(Shelf::Accounts, id.as_str(), revision, &account, None)?, session];
        self.store.apply(&writes).await?;
        Ok(SignedIn { account, token, by_recovery_code })
    }

    fn second_factor(&self, account: &Account, code: &str) -> Option<Second> {
        let SignInMethod::Local(local) = &account.sign_in else { return None };
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() == totp::DIGITS as usize {
            let secret = self.totp_secret(&account.id, local.totp_generation);
            return totp::matching_step(&secret, &digits, self.now(), local.totp_last_step)
                .map(Second::Step);
        }
        // Four groups of five; anything longer is no code and not worth a digest.
        if !(20..=32).contains(&code.len()) {
            return None;
        }
        let digest = self.recovery_digest(&account.id, code);
        local.recovery.iter().find(|left| keyed::same(left, &digest)).cloned().map(Second::Recovery)
    }
}
