//! The mailbox behind shared links: ciphertext, an end, a count, and the digest of the token by
//! which the holder withdraws. The key is in the link's fragment, which no browser sends; this
//! service could not read what it keeps (decision 0032).
//!
//! One JSON file a share, replaced in one step, as collections are.

pub mod page;

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Most shares that stand at once.
const MAX_SHARES: usize = 10_000;
/// Most bytes of all boxes together.
const MAX_BYTES: usize = 512 * 1024 * 1024;
/// Longest box, as base64url text: a credential of 256 KiB with its envelope.
pub const MAX_BOX: usize = 360 * 1024;
/// Longest life, days.
pub const MAX_DAYS: i64 = 90;
/// New shares of one network address within [`WINDOW_SECONDS`].
const MAX_PER_ADDRESS: u32 = 30;
/// See [`MAX_PER_ADDRESS`].
const WINDOW_SECONDS: i64 = 3_600;
/// Addresses remembered at most.
const MAX_ADDRESSES: usize = 10_000;

/// A share, stored form 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Share {
    /// 1
    pub v: u8,
    /// 22 characters base64url, chosen by the wallet because the ciphertext is bound to it.
    pub id: String,
    /// The last moment at which it may be opened.
    pub expires: Moment,
    /// Nonce (12 bytes), ciphertext and tag, base64url.
    #[serde(rename = "box")]
    pub sealed: String,
    /// SHA-256 of the holder's token, hexadecimal.
    pub token_sha256: String,
    /// How often the box was handed out.
    pub openings: u64,
    /// When last.
    pub last_opened: Option<Moment>,
}

impl Share {
    /// Whether this token is the holder's. Digests are compared, so time tells nothing of use.
    pub fn is_of(&self, token: &str) -> bool {
        hex::encode(Sha256::digest(token.as_bytes())) == self.token_sha256
    }
}

/// Why a new share is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The id is taken.
    #[error("the id is taken")]
    Taken,
    /// The mailbox is full.
    #[error("the mailbox is full")]
    Full,
    /// This address made too many.
    #[error("too many new shares from this address")]
    Often,
    /// It could not be written.
    #[error(transparent)]
    Store(#[from] anyhow::Error),
}

/// All shares.
pub struct Shares {
    folder: PathBuf,
    known: Mutex<HashMap<String, Share>>,
    made: Mutex<HashMap<IpAddr, (Moment, u32)>>,
}

impl Shares {
    /// Reads what lies in a folder; the folder may be absent.
    ///
    /// # Errors
    /// When a file in it cannot be read.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let mut known = HashMap::new();
        if folder.is_dir() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    let one: Share = serde_json::from_slice(&fs::read(&path)?)
                        .with_context(|| format!("the share {}", path.display()))?;
                    known.insert(one.id.clone(), one);
                }
            }
        }
        Ok(Shares { folder: folder.to_owned(), known: Mutex::new(known), made: Mutex::default() })
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Share>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Erases what is over.
    pub fn sweep(&self, now: Moment) {
        self.known().retain(|id, one| {
            let keep = now <= one.expires;
            // What cannot be erased now is not handed out either, and is tried at the next start.
            if !keep && let Err(error) = fs::remove_file(self.path(id)) {
                tracing::warn!(%error, share = %id, "an expired share was not erased");
            }
            keep
        });
    }

    /// Keeps a new one.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn add(&self, share: Share, from: Option<IpAddr>, now: Moment) -> Result<(), Refused> {
        self.sweep(now);
        if let Some(address) = from.filter(|address| !address.is_loopback()) {
            self.count(address, now)?;
        }
        let mut known = self.known();
        if known.contains_key(&share.id) {
            return Err(Refused::Taken);
        }
        let bytes: usize = known.values().map(|one| one.sealed.len()).sum();
        if known.len() >= MAX_SHARES || bytes + share.sealed.len() > MAX_BYTES {
            return Err(Refused::Full);
        }
        self.write(&share)?;
        known.insert(share.id.clone(), share);
        Ok(())
    }

    fn count(&self, address: IpAddr, now: Moment) -> Result<(), Refused> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= MAX_ADDRESSES {
            made.retain(|_, (since, _)| since.plus_seconds(WINDOW_SECONDS) > now);
        }
        if made.len() >= MAX_ADDRESSES && !made.contains_key(&address) {
            return Err(Refused::Often);
        }
        let entry = made.entry(address).or_insert((now, 0));
        if entry.0.plus_seconds(WINDOW_SECONDS) <= now {
            *entry = (now, 0);
        }
        entry.1 += 1;
        if entry.1 > MAX_PER_ADDRESS { Err(Refused::Often) } else { Ok(()) }
    }

    /// Hands the box out and counts; `None` when there is none, or it is over.
    ///
    /// # Errors
    /// When the count cannot be written: an opening that would not be told is not given.
    pub fn opened(&self, id: &str, now: Moment) -> anyhow::Result<Option<Share>> {
        self.sweep(now);
        let mut known = self.known();
        let Some(one) = known.get_mut(id) else { return Ok(None) };
        let mut next = one.clone();
        next.openings += 1;
        next.last_opened = Some(now);
        self.write(&next)?;
        *one = next.clone();
        Ok(Some(next))
    }

    /// Where the holder's share stands; `None` for an unknown id and for another's token alike.
    pub fn of_holder(&self, id: &str, token: &str, now: Moment) -> Option<Share> {
        self.sweep(now);
        self.known().get(id).filter(|one| one.is_of(token)).cloned()
    }

    /// Erases the holder's share; false for an unknown id and for another's token alike.
    ///
    /// # Errors
    /// When it cannot be erased.
    pub fn withdraw(&self, id: &str, token: &str) -> anyhow::Result<bool> {
        let mut known = self.known();
        if !known.get(id).is_some_and(|one| one.is_of(token)) {
            return Ok(false);
        }
        fs::remove_file(self.path(id))?;
        fs::File::open(&self.folder)?.sync_all()?;
        known.remove(id);
        Ok(true)
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    /// Written beside, made durable, then put in its place: a crash leaves the old or the new one.
    fn write(&self, share: &Share) -> anyhow::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let path = self.path(&share.id);
        let beside = path.with_extension("new");
        let mut file = fs::File::create(&beside)?;
        file.write_all(&serde_json::to_vec(share)?)?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        fs::File::open(&self.folder)?.sync_all().context("the shares' folder")
    }
}
