//! `issuer-service erase …`: forgetting a person, or what one offer says.

use std::path::Path;

use anyhow::Context as _;
use credential_issuance::erasure::{self, ErasureReport};
use credential_issuance::ids::{OfferId, PersonId};
use credential_model::ambient::Clock as _;
use serde_json::{Value, json};
use signing_keys::system::SystemClock;

use crate::assemble;
use crate::config::Config;
use crate::control::{self, Order};

/// What is to be forgotten.
#[derive(Debug, Clone)]
pub enum Erase {
    /// A person with all offers and credentials made for them.
    Person(String),
    /// An offer whose subject was written by hand, with its credentials.
    Offer(String),
}

/// Erases personal data. Status entries and digests stay.
///
/// # Errors
/// When there is no such person or offer, or the store refuses.
pub async fn erase(path: &Path, what: &Erase) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let order = match what.clone() {
        Erase::Person(id) => Order::ErasePerson { id },
        Erase::Offer(id) => Order::EraseOffer { id },
    };
    // A running service has the embedded store to itself.
    let answer = match control::ask(&config, &order).await? {
        Some(answer) => answer,
        None => in_store(&config, what).await?,
    };
    println!("{answer}");
    eprintln!(
        "Status entries and digests stay. Older versions stay in the store's files until they are \
         compacted (embedded) or vacuumed and the log recycled (PostgreSQL), in backups until those \
         are deleted, and in the wallets that received credentials."
    );
    Ok(())
}

async fn in_store(config: &Config, what: &Erase) -> anyhow::Result<Value> {
    let store = assemble::open_store(config).await?.issuer();
    let now = SystemClock.now();
    let ErasureReport { offers, credentials } = match what {
        Erase::Person(id) => {
            let id = PersonId::parse(id).ok().context("that is no person id")?;
            erasure::erase_person(&*store, &id, now).await?
        }
        Erase::Offer(id) => {
            let id = OfferId::parse(id).ok().context("that is no offer id")?;
            erasure::erase_offer(&*store, &id, now).await?
        }
    };
    Ok(json!({ "offers": offers, "credentials": credentials }))
}
