//! What the employer's desk keeps besides requests: results of the last half hour for receipts and
//! reloads, batches in work, spoken codes, collections. Personal data stays in memory, is bounded
//! and forgotten by itself; only collections are files, because they last until their deadline.

pub mod batch;
pub mod examine;
pub mod intake;
pub mod results;
pub mod table;
pub mod views;

use std::path::{Path, PathBuf};

use tokio::sync::Semaphore;
use web_kit::spoken::SpokenCodes;

use crate::{collections::Collections, shares::Shares};
use batch::Batches;
use results::Results;

/// Pictures decoded at the same time: each takes a core.
const DECODERS: usize = 2;

/// The desk's memory.
pub struct Desk {
    /// Finished results, for receipts.
    pub results: Results,
    /// Many documents at once.
    pub batches: Batches,
    /// Codes to say or type instead of scanning.
    pub codes: SpokenCodes,
    /// Requests that many applicants answer.
    pub collections: Collections,
    /// Shared links.
    pub shares: Shares,
    /// Places for decoding pictures.
    pub decoders: Semaphore,
}

impl Desk {
    /// Opens it; collections lie in a folder beside the store.
    ///
    /// # Errors
    /// When the collections cannot be read.
    pub fn open(store: &Path) -> anyhow::Result<Self> {
        let beside = |name: &str| {
            let mut folder = store.as_os_str().to_owned();
            folder.push(name);
            PathBuf::from(folder)
        };
        Ok(Desk {
            results: Results::default(),
            batches: Batches::default(),
            codes: SpokenCodes::new(2),
            collections: Collections::open(&beside(".collections"))?,
            shares: Shares::open(&beside(".shares"))?,
            decoders: Semaphore::new(DECODERS),
        })
    }
}
