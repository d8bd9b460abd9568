//! `[office]` and `[four_eyes]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use officer_access::{FourEyes, Role};
use schemars::JsonSchema;
use serde::Deserialize;

/// `[office]`: the officers' pages.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Office {
    /// Whether the pages are served (true).
    pub enabled: bool,
    /// A session nobody uses ends after so many seconds (1800).
    pub idle_seconds: i64,
    /// Every session ends after so many seconds (36000).
    pub session_seconds: i64,
    /// A secret that one-time codes and form tokens are derived with, in a file of mode 0600; made
    /// when missing. Beside the keys when absent: `<keys.path>.office-secret`. Replicas share it.
    pub secret_file: Option<PathBuf>,
    /// Sign-in at an OpenID provider, besides local accounts.
    pub oidc: Option<OidcSection>,
}

impl Default for Office {
    fn default() -> Self {
        Self {
            enabled: true,
            idle_seconds: 1_800,
            session_seconds: 36_000,
            secret_file: None,
            oidc: None,
        }
    }
}

/// `[office.oidc]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcSection {
    /// The issuer identifier, as the provider writes it.
    pub issuer: url::Url,
    /// Our client id there. The redirect URI to register is `<public_url>/office/sign-in/oidc/done`.
    pub client_id: String,
    /// The client secret, in a file of mode 0600; without it a public client.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// Scopes besides `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The claim with groups or roles (`groups`).
    #[serde(default = "groups")]
    pub role_claim: String,
    /// Which values of that claim give the roles `officer`, `approver`, `auditor`.
    pub roles: BTreeMap<String, Vec<String>>,
    /// Where not empty: `amr` must hold one of them, such as `mfa`.
    #[serde(default)]
    pub required_amr: Vec<String>,
}

fn groups() -> String {
    "groups".to_owned()
}

/// `[four_eyes]`: which status changes need a second person. Each is a list of codes of kinds
/// (`1320`), names of credential types, or `*` for all.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FourEyesSection {
    /// To revoke.
    pub revoke: Vec<String>,
    /// To suspend.
    pub suspend: Vec<String>,
    /// To reinstate.
    pub reinstate: Vec<String>,
    /// To supersede.
    pub supersede: Vec<String>,
}

impl FourEyesSection {
    /// The rules.
    pub fn rules(&self) -> FourEyes {
        FourEyes {
            revoke: self.revoke.clone(),
            suspend: self.suspend.clone(),
            reinstate: self.reinstate.clone(),
            supersede: self.supersede.clone(),
        }
    }
}

impl Office {
    /// Paths relative to the directory of the configuration.
    pub fn anchor_paths(&mut self, directory: &Path) {
        let oidc = self.oidc.as_mut().and_then(|oidc| oidc.client_secret_file.as_mut());
        for path in self.secret_file.iter_mut().chain(oidc) {
            *path = directory.join(&*path);
        }
    }

    /// Checks what the types do not hold.
    pub fn check(&self) -> Result<(), String> {
        if self.idle_seconds < 60 || self.session_seconds < self.idle_seconds {
            return Err("idle_seconds is at least 60 and at most session_seconds".to_owned());
        }
        let Some(oidc) = &self.oidc else { return Ok(()) };
        let fits = |name: &String| Role::parse(name).is_some_and(|role| role != Role::Service);
        if oidc.roles.is_empty() || !oidc.roles.keys().all(fits) {
            return Err("oidc.roles names officer, approver or auditor, at least one".to_owned());
        }
        Ok(())
    }
}
