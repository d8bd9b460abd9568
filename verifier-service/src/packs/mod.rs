//! Status packs: fetched on a rhythm for the issuers that are configured or were seen, and kept for
//! the checks. A pack that cannot be brought up to date stays as it is; its age is part of every
//! answer it gives.
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use chain_proofs::PinnedChain;
use credential_verification::{
    CheckId, CheckOutcome, Examination,
    checks::status,
    packs::{HeldPack, PackFault, PackShelf, fetch},
};
use serde::Deserialize;
use url::Url;

use crate::state::App;

/// Most addresses that are followed; more seen issuers are answered for by their lists alone.
const MAX_FOLLOWED: usize = 256;

/// `[packs]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packs {
    /// Addresses of packs (`https://issuer.example/status/pack`), or origins of issuers of ours.
    #[serde(default)]
    pub issuers: Vec<Url>,
    /// Also follow every accredited issuer whose credential was found authentic here.
    #[serde(default)]
    pub follow_seen: bool,
    /// Seconds between two rounds.
    #[serde(default = "Packs::usual_seconds")]
    pub every_seconds: u64,
    /// Ask a fresh pack before the list's host: no host learns that a credential was looked at, and
    /// a revocation is seen as late as the rhythm.
    #[serde(default)]
    pub first: bool,
    /// Pack files (`wallet status-pack fetch`) to begin with, for desks without a net.
    #[serde(default)]
    pub files: Vec<PathBuf>,
}

impl Packs {
    fn usual_seconds() -> u64 {
        900
    }
}

impl Default for Packs {
    fn default() -> Self {
        Packs {
            issuers: Vec::new(),
            follow_seen: false,
            every_seconds: Self::usual_seconds(),
            first: false,
            files: Vec::new(),
        }
    }
}

/// The shelf with what the files hold.
///
/// # Errors
/// When a file cannot be read or is no pack.
pub fn shelf(config: &Packs, pinned: Option<&PinnedChain>) -> anyhow::Result<PackShelf> {
    let shelf = if config.first { PackShelf::asked_first() } else { PackShelf::default() };
    for path in &config.files {
        let place = || format!("the status pack {}", path.display());
        let bytes = std::fs::read(path).with_context(place)?;
        let held = HeldPack::read(&bytes, pinned).with_context(place)?;
        shelf.put(held).with_context(place)?;
    }
    Ok(shelf)
}

/// Which addresses are followed, and whose pack lies there.
#[derive(Debug)]
pub struct PackKeeper {
    every: Duration,
    follow_seen: bool,
    /// Address → issuer, once it is known.
    followed: Mutex<BTreeMap<Url, Option<String>>>,
}

/// What one round did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// Packs that are up to date.
    pub current: usize,
    /// Bytes that were fetched.
    pub bytes: usize,
    /// Codes of what went wrong, by address.
    pub faults: Vec<(Url, &'static str)>,
}

impl PackKeeper {
    /// Follows what the configuration names.
    #[must_use]
    pub fn new(config: &Packs) -> Self {
        let address = |url: &Url| {
            if url.path() == "/" {
                url.join("/status/pack").unwrap_or(url.clone())
            } else {
                url.clone()
            }
        };
        PackKeeper {
            every: Duration::from_secs(config.every_seconds.max(1)),
            follow_seen: config.follow_seen,
            followed: Mutex::new(config.issuers.iter().map(|url| (address(url), None)).collect()),
        }
    }

    fn followed(&self) -> std::sync::MutexGuard<'_, BTreeMap<Url, Option<String>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of accredited issuers whose credentials were found authentic.
    pub fn note(&self, found: &[Examination]) {
        if !self.follow_seen {
            return;
        }
        for examination in found {
            let entitled = examination.outcome(CheckId::Entitlement);
            if examination.verified.is_none() || !matches!(entitled, Some(CheckOutcome::Passed(_)))
            {
                continue;
            }
            let list = status::list_address(&examination.content);
            let address = list.and_then(|list| fetch::beside_list(&list));
            let issuer = examination.content.issuer().map(str::to_owned);
            let mut followed = self.followed();
            if let Some(address) = address
                && followed.len() < MAX_FOLLOWED
            {
                followed.entry(address).or_insert(issuer);
            }
        }
    }

    /// One round over all addresses, one after the other.
    pub async fn round(&self, app: &App) -> Round {
        let mut done = Round::default();
        let followed = self.followed().clone();
        for (address, issuer) in followed {
            match self.follow(app, &address, issuer.as_deref()).await {
                Ok((issuer, bytes)) => {
                    done.current += 1;
                    done.bytes += bytes;
                    self.followed().insert(address, Some(issuer));
                }
                Err(fault) => {
                    tracing::warn!(%address, code = fault.code(), "status pack not followed");
                    done.faults.push((address, fault.code()));
                }
            }
        }
        done
    }

    async fn follow(
        &self,
        app: &App,
        address: &Url,
        issuer: Option<&str>,
    ) -> Result<(String, usize), PackFault> {
        let toolbox = app.toolbox().await;
        let shelf = &app.grounds.packs;
        let held = issuer.and_then(|issuer| shelf.get(issuer));
        let found = fetch::follow(address, held.as_deref(), &toolbox.tools(), app.now()).await;
        let (pack, fetched) = found?;
        let of = pack.issuer().to_owned();
        if issuer.is_some_and(|issuer| issuer != of) {
            return Err(PackFault::Signature("another issuer's pack lies there".to_owned()));
        }
        shelf.put(pack)?;
        Ok((of, fetched.bytes))
    }
}

/// Follows until dropped; does nothing where nothing is to be followed.
pub async fn keep(app: App) {
    let keeper = Arc::clone(&app.packs);
    loop {
        let done = keeper.round(&app).await;
        if done.current > 0 {
            tracing::info!(packs = done.current, bytes = done.bytes, "status packs are current");
        }
        tokio::time::sleep(keeper.every).await;
    }
}
