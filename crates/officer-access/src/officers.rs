//! Making, listing, disabling and resetting officers' accounts.

use std::collections::BTreeSet;

use credential_model::ambient::random_token;

use crate::access::{Access, insert, replace};
use crate::account::{Account, AccountId, LocalSecrets, SignInMethod, login_name, person_name};
use crate::keyed;
use crate::password;
use crate::role::Role;
use crate::store::{Shelf, StoreError};
use crate::totp;

/// So many recovery codes a new account gets.
const RECOVERY_CODES: usize = 10;

/// An officer to be.
#[derive(Clone)]
pub struct NewOfficer {
    /// The name to sign in with: 3 to 64 characters of `a-z 0-9 . - _ @ +`.
    pub login: String,
    /// For people: 1 to 60 characters.
    pub name: String,
    /// At least one, and not `service`.
    pub roles: BTreeSet<Role>,
    /// Chosen by the officer; a random one that must be changed when absent.
    pub password: Option<String>,
}

/// What is told once, to the officer alone.
#[derive(Clone)]
pub struct Enrolment {
    /// The account.
    pub account: Account,
    /// The random password, where none was chosen.
    pub password: Option<String>,
    /// For the authenticator app, as text or QR.
    pub totp_uri: String,
    /// Each opens the account once in place of a code.
    pub recovery_codes: Vec<String>,
}

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfficerError {
    /// The sign-in name cannot be used.
    #[error("a sign-in name has 3 to 64 characters of a-z 0-9 . - _ @ +")]
    Login,
    /// The name cannot be used.
    #[error("a name has 1 to 60 characters and no line breaks")]
    Name,
    /// No role, or one that only programs have.
    #[error("an officer has at least one of the roles officer, approver, auditor")]
    Roles,
    /// The password is too weak.
    #[error(
        "a password has 12 to 128 characters, at least five different ones, and not the sign-in name in it"
    )]
    Password,
    /// The sign-in name is taken.
    #[error("there is an officer of this sign-in name")]
    Taken,
    /// There is no such account.
    #[error("there is no officer of this sign-in name")]
    Unknown,
    /// The account signs in elsewhere.
    #[error("this officer signs in at the OpenID provider: there is nothing to reset here")]
    NotLocal,
    /// The present password is wrong.
    #[error("the present password is wrong")]
    WrongPassword,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OfficerError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Login => "invalid_login",
            Self::Name => "invalid_name",
            Self::Roles => "invalid_roles",
            Self::Password => "invalid_password",
            Self::Taken => "officer_exists",
            Self::Unknown => "unknown_officer",
            Self::NotLocal => "officer_not_local",
            Self::WrongPassword => "wrong_password",
            Self::Store(error) => error.code(),
        }
    }
}

impl Access {
    /// Makes an account with password, one-time codes and recovery codes.
    pub async fn add_officer(&self, new: NewOfficer) -> Result<Enrolment, OfficerError> {
        let login = login_name(&new.login).ok_or(OfficerError::Login)?;
        let name = person_name(&new.name).ok_or(OfficerError::Name)?;
        if new.roles.is_empty() || new.roles.contains(&Role::Service) {
            return Err(OfficerError::Roles);
        }
        let id = AccountId(self.fresh_id());
        let (local, password, codes) = self.secrets(&id, &login, new.password, 1).await?;
        let account = Account {
            id,
            login,
            name,
            roles: new.roles,
            sign_in: SignInMethod::Local(local),
            created_at: self.now(),
            disabled_at: None,
            last_sign_in: None,
            failures: 0,
            locked_until: None,
            epoch: 1,
        };
        let writes = [
            insert(Shelf::Logins, &account.login, &account.id, None)?,
            insert(Shelf::Accounts, account.id.as_str(), &account, None)?,
        ];
        match self.store.apply(&writes).await {
            Ok(()) => Ok(self.enrolment(account, 1, password, codes)),
            Err(StoreError::Taken) => Err(OfficerError::Taken),
            Err(error) => Err(error.into()),
        }
    }

    /// All accounts, disabled ones too, in no telling order; at most `limit`.
    pub async fn officers(&self, limit: usize) -> Result<Vec<Account>, StoreError> {
        let mut accounts: Vec<Account> = self.records(Shelf::Accounts, None, limit).await?;
        accounts.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(accounts)
    }

    /// Ends an officer's access at once, sessions included. Doing it twice changes nothing.
    pub async fn disable_officer(&self, login: &str) -> Result<Account, OfficerError> {
        self.change(login, |account, now| {
            account.disabled_at = Some(account.disabled_at.unwrap_or(now));
            account.epoch += 1;
            Ok(())
        })
        .await
    }

    /// As [`Access::disable_officer`], by id: accounts of an OpenID provider have no sign-in name here.
    pub async fn disable_account(&self, id: &AccountId) -> Result<Account, OfficerError> {
        for _ in 0..8 {
            let (mut account, revision) =
                self.account_row(id).await?.ok_or(OfficerError::Unknown)?;
            account.disabled_at = Some(account.disabled_at.unwrap_or_else(|| self.now()));
            account.epoch += 1;
            let write = replace(Shelf::Accounts, id.as_str(), revision, &account, None)?;
            match self.store.apply(&[write]).await {
                Ok(()) => return Ok(account),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// New secrets for an officer who lost the old ones; sessions end, a lock and a disabling are lifted.
    pub async fn reset_officer(
        &self,
        login: &str,
        password: Option<String>,
    ) -> Result<Enrolment, OfficerError> {
        let login = login_name(login).ok_or(OfficerError::Unknown)?;
        let (account, _) = self.account_of_login(&login).await?.ok_or(OfficerError::Unknown)?;
        let SignInMethod::Local(old) = &account.sign_in else { return Err(OfficerError::NotLocal) };
        let generation = old.totp_generation + 1;
        let (local, password, codes) =
            self.secrets(&account.id, &login, password, generation).await?;
        let account = self
            .change(&login, |account, _| {
                account.sign_in = SignInMethod::Local(local.clone());
                account.disabled_at = None;
                account.failures = 0;
                account.locked_until = None;
                account.epoch += 1;
                Ok(())
            })
            .await?;
        Ok(self.enrolment(account, generation, password, codes))
    }

    /// The officer chooses a password; other sessions end, `keep` is the one that goes on.
    pub async fn change_password(
        &self,
        account: &Account,
        present: &str,
        wanted: &str,
    ) -> Result<(), OfficerError> {
        let SignInMethod::Local(local) = &account.sign_in else {
            return Err(OfficerError::NotLocal);
        };
        if !password::acceptable(wanted, &account.login) || wanted == present {
            return Err(OfficerError::Password);
        }
        let (given, phc) = (present.to_owned(), local.password.clone());
        if !self.hashing(move || password::fits(&given, &phc)).await? {
            return Err(OfficerError::WrongPassword);
        }
        let hash = self.hash(wanted.to_owned()).await?;
        self.change(&account.login, |account, _| match &mut account.sign_in {
            SignInMethod::Local(local) => {
                local.password.clone_from(&hash);
                local.password_due = false;
                Ok(())
            }
            SignInMethod::Oidc { .. } => Err(OfficerError::NotLocal),
        })
        .await
        .map(|_| ())
    }

    async fn hash(&self, password: String) -> Result<String, OfficerError> {
        let (cost, entropy) = (self.settings.password_cost, std::sync::Arc::clone(&self.entropy));
        let hash = self.hashing(move || password::hash(&password, cost, &*entropy)).await?;
        Ok(hash.ok_or_else(|| StoreError::Backend("a password could not be hashed".to_owned()))?)
    }

    async fn secrets(
        &self,
        id: &AccountId,
        login: &str,
        password: Option<String>,
        generation: u64,
    ) -> Result<(LocalSecrets, Option<String>, Vec<String>), OfficerError> {
        let chosen = password.is_some();
        let password = password.unwrap_or_else(|| random_token(&*self.entropy)[..20].to_owned());
        if chosen && !password::acceptable(&password, login) {
            return Err(OfficerError::Password);
        }
        let codes: Vec<String> =
            (0..RECOVERY_CODES).map(|_| recovery_code(&self.fresh_id())).collect();
        let recovery = codes.iter().map(|code| self.recovery_digest(id, code)).collect();
        let local = LocalSecrets {
            password: self.hash(password.clone()).await?,
            password_due: !chosen,
            totp_generation: generation,
            totp_last_step: 0,
            recovery,
        };
        Ok((local, (!chosen).then_some(password), codes))
    }

    /// How a recovery code lies in the store. Blanks, hyphens and case do not matter.
    pub(crate) fn recovery_digest(&self, id: &AccountId, code: &str) -> String {
        let plain: String =
            code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        keyed::mac_text(&self.secret, &["recovery", id.as_str(), &plain])
    }

    fn enrolment(
        &self,
        account: Account,
        generation: u64,
        password: Option<String>,
        recovery_codes: Vec<String>,
    ) -> Enrolment {
        let secret = self.totp_secret(&account.id, generation);
        let totp_uri = totp::uri(&self.settings.issuer_name, &account.login, &secret);
        Enrolment { account, password, totp_uri, recovery_codes }
    }

    async fn change(
        &self,
        login: &str,
        work: impl Fn(&mut Account, credential_model::moment::Moment) -> Result<(), OfficerError>,
    ) -> Result<Account, OfficerError> {
        let login = login_name(login).ok_or(OfficerError::Unknown)?;
        // Whoever signs in at the same moment writes the account too.
        for _ in 0..8 {
            let (mut account, revision) =
                self.account_of_login(&login).await?.ok_or(OfficerError::Unknown)?;
            work(&mut account, self.now())?;
            let write = replace(Shelf::Accounts, account.id.as_str(), revision, &account, None)?;
            match self.store.apply(&[write]).await {
                Ok(()) => return Ok(account),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }
}

/// 80 random bits as four groups of five letters.
fn recovery_code(random: &str) -> String {
    let digits: Vec<&str> =
        (0..4).filter_map(|group| random.get(group * 5..group * 5 + 5)).collect();
    digits.join("-")
}
