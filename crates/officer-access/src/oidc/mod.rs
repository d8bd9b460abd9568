//! Sign-in at an OpenID provider: authorization code with PKCE (OpenID Connect Core 1.0, section
//! 3.1; RFC 7636; RFC 9700).
//!
//! `state` and `nonce` are single-use, and bound to the browser that began by a cookie. The id
//! token's signature is checked with the provider's keys although it came over TLS; roles come
//! from one claim. An account is made at the first sign-in; whoever has no role gets no session.

mod id_token;
mod provider;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use credential_model::ambient::random_token;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;
use web_fetch::Fetch;

use crate::access::{Access, delete, insert, replace};
use crate::account::{Account, AccountId, SignInMethod, person_name};
use crate::keyed;
use crate::role::Role;
use crate::sign_in::SignedIn;
use crate::store::{Shelf, StoreError};

pub use id_token::TokenFault;

/// How long a sign-in may take at the provider, in seconds.
const ATTEMPT_SECONDS: i64 = 600;

/// What must be known about a provider.
#[derive(Clone)]
pub struct OidcSettings {
    /// The issuer identifier, exactly as the provider writes it.
    pub issuer: Url,
    /// Our client id there.
    pub client_id: String,
    /// Our client secret; none for a public client.
    pub client_secret: Option<String>,
    /// Where the provider sends browsers back to: our callback.
    pub redirect_uri: String,
    /// Scopes besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that names groups or roles; a text or a list of texts.
    pub role_claim: String,
    /// Which values of the claim give which role.
    pub roles: BTreeMap<Role, Vec<String>>,
    /// Where not empty: `amr` must hold one of them (RFC 8176), such as `mfa`.
    pub required_amr: Vec<String>,
}

/// An OpenID provider.
pub struct Oidc {
    settings: OidcSettings,
    fetch: Arc<dyn Fetch>,
    known: Mutex<Option<provider::Known>>,
}

/// A sign-in that was begun: the browser gets the cookie and goes to the URL.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The provider's page.
    pub url: Url,
    /// Binds the answer to this browser.
    pub cookie: String,
}

/// Why a sign-in through the provider failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// No provider is configured.
    #[error("no OpenID provider is configured")]
    NotConfigured,
    /// The provider could not be asked, or its documents make no sense.
    #[error("the OpenID provider cannot be used: {0}")]
    Provider(String),
    /// The answer belongs to no sign-in of this browser, or came twice, or too late.
    #[error("this answer belongs to no sign-in that this browser began")]
    State,
    /// The provider says no.
    #[error("the OpenID provider refused: {0}")]
    Refused(String),
    /// The id token does not hold.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The person has no role here.
    #[error("this person has no role in this office")]
    NoRole,
    /// The account was disabled here.
    #[error("the account is disabled")]
    Disabled,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OidcError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotConfigured => "oidc_not_configured",
            Self::Provider(_) => "oidc_provider_unusable",
            Self::State => "oidc_state_unknown",
            Self::Refused(_) => "oidc_refused",
            Self::Token(fault) => fault.code(),
            Self::NoRole => "oidc_no_role",
            Self::Disabled => "account_disabled",
            Self::Store(error) => error.code(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Attempt {
    nonce: String,
    verifier: String,
    cookie: String,
    expires: Moment,
}

impl Oidc {
    /// A provider; it is asked for its documents when they are needed first.
    pub fn new(settings: OidcSettings, fetch: Arc<dyn Fetch>) -> Self {
        Self { settings, fetch, known: Mutex::new(None) }
    }

    /// The settings.
    pub fn settings(&self) -> &OidcSettings {
        &self.settings
    }

    fn roles(&self, claims: &Value) -> BTreeSet<Role> {
        let claim = &claims[&self.settings.role_claim];
        let values: Vec<&str> = match claim {
            Value::String(text) => vec![text],
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let gives = |names: &[String]| names.iter().any(|name| values.contains(&name.as_str()));
        let roles = self.settings.roles.iter();
        roles
            .filter(|(role, names)| **role != Role::Service && gives(names))
            .map(|(role, _)| *role)
            .collect()
    }
}

impl Access {
    /// Begins a sign-in at the provider.
    pub async fn begin_oidc(&self) -> Result<Begun, OidcError> {
        let oidc = self.oidc.as_ref().ok_or(OidcError::NotConfigured)?;
        let known = oidc.known(self.now(), false).await?;
        let [state, nonce, verifier, cookie] = [(); 4].map(|()| random_token(&*self.entropy));
        let expires = self.now().plus_seconds(ATTEMPT_SECONDS);
        let mut url = known.authorization_endpoint;
        let scopes =
            std::iter::once("openid").chain(oidc.settings.scopes.iter().map(String::as_str));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &oidc.settings.client_id)
            .append_pair("redirect_uri", &oidc.settings.redirect_uri)
            .append_pair("scope", &scopes.collect::<Vec<_>>().join(" "))
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &keyed::s256(&verifier))
            .append_pair("code_challenge_method", "S256");
        let attempt = Attempt { nonce, verifier, cookie: keyed::sha256(&cookie), expires };
        let write = insert(Shelf::Attempts, &keyed::sha256(&state), &attempt, Some(expires))?;
        self.store.apply(&[write]).await?;
        Ok(Begun { url, cookie })
    }

    /// The provider sent the browser back.
    pub async fn finish_oidc(
        &self,
        state: &str,
        cookie: &str,
        answer: Result<&str, &str>,
        issuer: Option<&str>,
    ) -> Result<SignedIn, OidcError> {
        let oidc = self.oidc.as_ref().ok_or(OidcError::NotConfigured)?;
        let key = keyed::sha256(state);
        let (attempt, revision) =
            self.record::<Attempt>(Shelf::Attempts, &key).await?.ok_or(OidcError::State)?;
        // Looked at before it is spent: a stranger's browser cannot end somebody's sign-in.
        if !keyed::same(&attempt.cookie, &keyed::sha256(cookie)) || self.now() >= attempt.expires {
            return Err(OidcError::State);
        }
        match self.store.apply(&[delete(Shelf::Attempts, &key, revision)]).await {
            Ok(()) => {}
            Err(StoreError::Conflict) => return Err(OidcError::State),
            Err(error) => return Err(error.into()),
        }
        // RFC 9207: an answer of another provider is not taken.
        if issuer.is_some_and(|issuer| issuer != oidc.issuer()) {
            return Err(OidcError::State);
        }
        let code = answer.map_err(|error| OidcError::Refused(told(error)))?;
        let token = oidc.exchange(self.now(), code, &attempt.verifier).await?;
        let claims = oidc.check(self.now(), &token, &attempt.nonce).await?;
        let roles = oidc.roles(&claims);
        if roles.is_empty() {
            return Err(OidcError::NoRole);
        }
        self.seat_of_claims(oidc, &claims, roles).await
    }

    async fn seat_of_claims(
        &self,
        oidc: &Oidc,
        claims: &Value,
        roles: BTreeSet<Role>,
    ) -> Result<SignedIn, OidcError> {
        let subject = claims["sub"].as_str().unwrap_or_default();
        let place = format!("oidc:{}", keyed::sha256(&format!("{} {subject}", oidc.issuer())));
        for _ in 0..8 {
            let found = self.account_of_login(&place).await?;
            let mut writes = Vec::new();
            let (mut account, revision) = match found {
                Some((account, revision)) => (account, revision),
                None => {
                    let account = self.account_of_claims(oidc, claims, subject);
                    writes.push(insert(Shelf::Logins, &place, &account.id, None)?);
                    (account, 0)
                }
            };
            if account.disabled_at.is_some() {
                return Err(OidcError::Disabled);
            }
            account.roles.clone_from(&roles);
            account.succeed(self.now());
            writes.push(match revision {
                0 => insert(Shelf::Accounts, account.id.as_str(), &account, None)?,
                _ => replace(Shelf::Accounts, account.id.as_str(), revision, &account, None)?,
            });
            let (token, session) = self.new_session(&account)?;
            writes.push(session);
            match self.store.apply(&writes).await {
                Ok(()) => return Ok(SignedIn { account, token, by_recovery_code: false }),
                // The same person twice at once: the other one made the account.
                Err(StoreError::Conflict | StoreError::Taken) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn account_of_claims(&self, oidc: &Oidc, claims: &Value, subject: &str) -> Account {
        let text = |name: &str| claims[name].as_str();
        let login = text("preferred_username").or(text("email")).unwrap_or(subject);
        let name = text("name").and_then(person_name);
        let login: String = login.chars().filter(|c| !c.is_control()).take(64).collect();
        Account {
            id: AccountId(self.fresh_id()),
            name: name.unwrap_or_else(|| login.clone()),
            login,
            roles: BTreeSet::new(),
            sign_in: SignInMethod::Oidc {
                issuer: oidc.issuer().to_owned(),
                subject: subject.to_owned(),
            },
            created_at: self.now(),
            disabled_at: None,
            last_sign_in: None,
            failures: 0,
            locked_until: None,
            epoch: 1,
        }
    }
}

/// An error code of the provider, fit for a log line.
fn told(error: &str) -> String {
    error.chars().filter(|c| c.is_ascii_graphic()).take(60).collect()
}
