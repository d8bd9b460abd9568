//! `issuer-service keys …`: which keys sign, and what became of those before.
//!
//! The register and the key store are files; a running service reads them at its start and tells
//! the chain with its next round of anchoring.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use credential_issuance::{KeyPlace, KeyRegister};
use credential_model::ambient::Clock as _;
use credential_model::moment::Moment;
use serde_json::{Value, json};
use signing_keys::system::{SystemClock, SystemEntropy};
use signing_keys::{KeyAlgorithm, KeyStore};

use crate::config::Config;
use crate::{assemble, key_file};

/// Prints the register.
pub fn keys_list(path: &Path) -> anyhow::Result<()> {
    let (_, _, register) = open(path)?;
    tell(&register);
    Ok(())
}

/// Makes a new key for each of the places; those before are retired. What they signed stays good.
pub fn keys_rotate(path: &Path, places: &[KeyPlace]) -> anyhow::Result<()> {
    let (config, keys, mut register) = open(path)?;
    for place in places {
        let label = register.next_label(*place);
        // A rotation cut off after this line left a key nobody knows of: it is taken now.
        let handle = match keys.find(&label) {
            Some(handle) => handle,
            None => keys
                .generate(algorithm(*place), &label)
                .with_context(|| format!("generating the key {label}"))?,
        };
        register.rotate(*place, &keys.public_key(&handle)?, now())?;
    }
    key_file::save(&config, &register)?;
    tell(&register);
    eprintln!("restart the service: it signs with the new key and tells the chain");
    Ok(())
}

/// Records that others may have signed with a key since a moment.
pub fn keys_compromised(path: &Path, label: &str, since: &str) -> anyhow::Result<()> {
    let since = Moment::parse(since)
        .ok()
        .with_context(|| format!("--since {since:?} is no moment such as 2026-11-01T09:00:00Z"))?;
    let (config, _, mut register) = open(path)?;
    register.compromised(label, since, now())?;
    key_file::save(&config, &register)?;
    tell(&register);
    eprintln!(
        "restart the service: it tells the chain. Only what was anchored before {since} counts from then on"
    );
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<(Config, Arc<dyn KeyStore>, KeyRegister)> {
    let config = Config::load(path)?;
    let keys = assemble::open_keys(&config, false, Arc::new(SystemEntropy))?;
    let register = key_file::load(&config, &keys, now())?;
    Ok((config, keys, register))
}

fn now() -> Moment {
    SystemClock.now()
}

const fn algorithm(place: KeyPlace) -> KeyAlgorithm {
    match place {
        KeyPlace::Ed25519 => KeyAlgorithm::EdDsa,
        KeyPlace::P256 => KeyAlgorithm::Es256,
    }
}

fn tell(register: &KeyRegister) {
    let keys: Vec<Value> = register
        .keys()
        .iter()
        .map(|key| {
            let state = match (key.compromised_since, key.retired_at) {
                (Some(_), _) => "compromised",
                (None, Some(_)) => "retired",
                (None, None) => "active",
            };
            json!({
                "label": key.label,
                "state": state,
                "in_use_since": key.in_use_since,
                "retired_at": key.retired_at,
                "compromised_since": key.compromised_since,
                "public_key": key.public_key,
            })
        })
        .collect();
    println!("{}", json!({ "keys": keys }));
}
