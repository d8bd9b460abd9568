//! The flow's object: what it holds and how it starts.

use std::sync::Arc;

use credential_model::ambient::{Clock, Entropy};
use credential_model::kinds;
use credential_model::moment::Moment;
use tokio::sync::Mutex;

use crate::anchor::AnchorChain;
use crate::audit::{AuditAction, AuditEvent};
use crate::identity::Identity;
use crate::ids::{Digest, InvalidId};
use crate::status::Together;
use crate::status::pack::Press;
use crate::store::{IssuerStore, Page, StoreError};

/// Everything that may differ between two issuers. Times are in seconds.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The Credential Issuer Identifier: an origin without trailing slash.
    pub public_url: String,
    /// How long an offer waits when the officer says nothing.
    pub offer_seconds: i64,
    /// The longest an officer may let an offer wait.
    pub offer_seconds_max: i64,
    /// How long an access token works.
    pub token_seconds: i64,
    /// How long the access token of a deferred offer works.
    pub deferred_token_seconds: i64,
    /// How long a `c_nonce` works.
    pub nonce_seconds: i64,
    /// How old a key proof may be.
    pub proof_seconds: i64,
    /// After how many seconds a wallet asks again for a deferred credential.
    pub deferred_interval: u64,
    /// Most proofs in a request, and most credentials of one configuration from one offer.
    pub batch_size: u32,
    /// Entries of a status list; at least 131,072 (Bitstring Status List 1.0, section 2.2).
    pub list_size: u64,
    /// How long the issuer stands by an anchored head; a heartbeat renews it at half of this.
    pub anchor_seconds: i64,
    /// Other processes issue from the same store. An answer that may have been lost is then never
    /// given again: what looks like an earlier run's may be a neighbour's.
    pub shared: bool,
}

impl Settings {
    /// The usual values for an issuer at this origin.
    pub fn new(public_url: &str) -> Self {
        Self {
            public_url: public_url.trim_end_matches('/').to_owned(),
            offer_seconds: 300,
            offer_seconds_max: 7 * 86_400,
            token_seconds: 600,
            deferred_token_seconds: 7 * 86_400,
            nonce_seconds: 300,
            proof_seconds: 300,
            deferred_interval: 5,
            batch_size: 10,
            list_size: 131_072,
            anchor_seconds: 86_400,
            shared: false,
        }
    }

    /// The URL of a status list.
    pub fn list_url(&self, list: &crate::ids::ListId) -> String {
        format!("{}/status/{list}", self.public_url)
    }
}

/// What an issuer is made of.
pub struct IssuerParts {
    /// See [`Settings`].
    pub settings: Settings,
    /// DID and signing keys.
    pub identity: Identity,
    /// The backend.
    pub store: Arc<dyn IssuerStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The chain, where there is one.
    pub chain: Option<Arc<dyn AnchorChain>>,
}

/// Why an issuer could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A setting makes no sense.
    #[error("setting {name}: {reason}")]
    Setting {
        /// Which.
        name: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "invalid_setting",
            Self::Store(error) => error.code(),
        }
    }
}

/// The issuing flow.
pub struct Issuer {
    pub(crate) settings: Settings,
    pub(crate) identity: Identity,
    pub(crate) store: Arc<dyn IssuerStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) chain: Option<Arc<dyn AnchorChain>>,
    /// Differs in every run of the service.
    pub(crate) run: String,
    pub(crate) secrets: Secrets,
    // One allocation, one publication and one anchoring at a time; the store would refuse the
    // slower one anyway, this spares the retry.
    pub(crate) preparing: Mutex<()>,
    pub(crate) publishing: Mutex<()>,
    /// Status changes on their way.
    pub(crate) together: Together,
    pub(crate) anchoring: Mutex<()>,
    /// What bulk jobs need, where this issuer runs them.
    pub(crate) bulk: Option<crate::bulk::Bulk>,
    /// The status pack as served.
    pub(crate) press: Mutex<Press>,
}

/// Keys of keyed digests; each use has its own.
pub(crate) struct Secrets {
    pub(crate) codes: [u8; 32],
    pub(crate) tx_codes: [u8; 32],
    pub(crate) nonces: [u8; 32],
    pub(crate) transactions: [u8; 32],
    pub(crate) lists: [u8; 32],
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("did", &self.identity.did()).finish_non_exhaustive()
    }
}

impl Issuer {
    /// Starts an issuer over its store; a new store gets its secrets and the starter catalogue of kinds.
    pub async fn open(parts: IssuerParts) -> Result<Self, OpenError> {
        let IssuerParts { settings, identity, store, clock, entropy, chain } = parts;
        check(&settings)?;
        let mut secrets = [[0; 32]; 5];
        let names = ["codes", "tx-codes", "nonces", "transactions", "lists"];
        for (secret, name) in secrets.iter_mut().zip(names) {
            let mut fresh = [0; 32];
            entropy.fill(&mut fresh);
            *secret = store.secret(name, fresh).await?;
        }
        let [codes, tx_codes, nonces, transactions, lists] = secrets;
        // One name for all neighbours: none takes what another answered for lost.
        let run = match settings.shared {
            true => "shared".to_owned(),
            false => credential_model::ambient::random_id(&*entropy),
        };
        let issuer = Self {
            settings,
            identity,
            store,
            clock,
            entropy,
            chain,
            run,
            secrets: Secrets { codes, tx_codes, nonces, transactions, lists },
            preparing: Mutex::new(()),
            publishing: Mutex::new(()),
            together: Together::default(),
            anchoring: Mutex::new(()),
            bulk: None,
            press: Mutex::default(),
        };
        issuer
            .store
            .tell(issuer.event("service", AuditAction::Started).about("run", &issuer.run))
            .await?;
        if issuer.store.kinds(Page { after: None, limit: 1 }).await?.is_empty() {
            let starter: Vec<_> = kinds::starter().iter().cloned().collect();
            let event = issuer
                .event("service", AuditAction::KindsImported)
                .about("count", starter.len())
                .about("source", "starter");
            issuer.store.put_kinds(&starter, event).await?;
        }
        Ok(issuer)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// DID and keys.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    pub(crate) fn event(&self, actor: &str, action: AuditAction) -> AuditEvent {
        AuditEvent::new(self.now(), &crate::acting::name_of(actor), action)
    }

    pub(crate) fn random_digest(&self) -> Digest {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        Digest(bytes)
    }

    /// A fresh random identifier of any kind.
    pub(crate) fn random_id<T>(&self, parse: impl Fn(&str) -> Result<T, InvalidId>) -> T {
        #[allow(clippy::expect_used)]
        parse(&credential_model::ambient::random_id(&*self.entropy))
            .expect("random ids are hexadecimal, so they are identifiers")
    }

    /// A fresh time-ordered identifier of any kind.
    pub(crate) fn timed_id<T>(&self, parse: impl Fn(&str) -> Result<T, InvalidId>) -> T {
        #[allow(clippy::expect_used)]
        parse(&credential_model::ambient::uuid_v7(self.now(), &*self.entropy))
            .expect("a UUID is hexadecimal digits and hyphens, so it is an identifier")
    }
}

fn check(settings: &Settings) -> Result<(), OpenError> {
    let refuse = |name, reason| Err(OpenError::Setting { name, reason });
    let url = url::Url::parse(&settings.public_url).ok();
    match url {
        Some(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() => {}
        _ => return refuse("public_url", "must be an http or https origin"),
    }
    if settings.list_size < 131_072
        || settings.list_size > 16_777_216
        || !settings.list_size.is_multiple_of(4)
    {
        return refuse("list_size", "must be 131072 to 16777216 and a multiple of 4");
    }
    if !(2..=100).contains(&settings.batch_size) {
        return refuse("batch_size", "must be 2 to 100");
    }
    let times = [
        ("offer_seconds", settings.offer_seconds),
        ("token_seconds", settings.token_seconds),
        ("deferred_token_seconds", settings.deferred_token_seconds),
        ("nonce_seconds", settings.nonce_seconds),
        ("proof_seconds", settings.proof_seconds),
        ("anchor_seconds", settings.anchor_seconds),
    ];
    match times.into_iter().find(|(_, seconds)| *seconds < 1) {
        Some((name, _)) => refuse(name, "must be at least one second"),
        None => Ok(()),
    }
}
