//! The replay log: everything that made the chain what it is, durable before it is acknowledged.
//!
//! One line per write, `<first 8 bytes of SHA-256 in hex> <json array of records>`. A torn last
//! line is what a crash in the middle of a write leaves: it was never acknowledged and is cut
//! off. Damage anywhere else is reported, never skipped.

use std::time::Duration;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{BufRead, BufReader, Seek, SeekFrom, Write},
    path::Path,
};

use alloy::primitives::{Address, B256, Bytes};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One durable step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// The first record: what the chain is.
    Genesis {
        /// Format of this file.
        version: u32,
        /// EIP-155 chain id.
        chain_id: u64,
        /// Unix seconds of block 0.
        timestamp: u64,
    },
    /// A raw signed transaction entered the pool.
    Transaction(Bytes),
    /// A block was made.
    Block {
        /// Unix seconds.
        timestamp: u64,
        /// Hashes of the pooled transactions it holds, in order.
        transactions: Vec<B256>,
        /// Hashes of pooled transactions found invalid while making it.
        dropped: Vec<B256>,
        /// Accounts given money by it.
        funded: Vec<Address>,
        /// Its hash: a replay must come to the same.
        hash: B256,
    },
}

/// Why the log cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The disk.
    #[error("chain log: {0}")]
    Io(#[from] std::io::Error),
    /// Another process has the folder.
    #[error("another dev-chain uses this data folder")]
    Locked,
    /// A line in the middle is damaged.
    #[error("chain log: line {0} is damaged")]
    Damaged(usize),
    /// An earlier write failed and could not be undone.
    #[error("chain log: an earlier write failed; restart the dev chain")]
    Poisoned,
}

/// An open log.
#[derive(Debug)]
pub struct Journal {
    file: File,
    length: u64,
    poisoned: bool,
    /// Held for its lock, which the system releases when the process dies in whatever way.
    _lock: File,
}

/// Takes the lock, with some patience: a child that another thread is just starting holds a copy
/// of the former lock until it has replaced its own program.
fn take(lock: &File) -> Result<(), JournalError> {
    for _ in 0..20 {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(JournalError::Io(error)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(25)),
        }
    }
    Err(JournalError::Locked)
}

impl Journal {
    /// Opens or creates the log in `folder` and reads what it holds.
    ///
    /// # Errors
    /// [`JournalError`]; a folder in use by another process is refused.
    pub fn open(folder: &Path) -> Result<(Self, Vec<Record>), JournalError> {
        std::fs::create_dir_all(folder)?;
        let lock = File::create(folder.join("lock"))?;
        take(&lock)?;
        let path = folder.join("chain.log");
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let (records, length) = read_all(&mut file)?;
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        // The folder entry of a new file has to be durable too.
        File::open(folder)?.sync_all()?;
        Ok((Self { file, length, poisoned: false, _lock: lock }, records))
    }

    /// Appends the records as one write; they are durable when this returns.
    ///
    /// # Errors
    /// [`JournalError`]; nothing was appended then.
    pub fn append(&mut self, records: &[Record]) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        let json = serde_json::to_vec(records).map_err(std::io::Error::from)?;
        let line = [checksum(&json).as_bytes(), b" ", &json, b"\n"].concat();
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            let undone = self
                .file
                .set_len(self.length)
                .and_then(|()| self.file.seek(SeekFrom::Start(self.length)))
                .and_then(|_| self.file.sync_data());
            self.poisoned = undone.is_err();
            return Err(error.into());
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

fn checksum(json: &[u8]) -> String {
    hex::encode(&Sha256::digest(json)[..8])
}

/// All whole records, and where the last one ends.
fn read_all(file: &mut File) -> Result<(Vec<Record>, u64), JournalError> {
    let size = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let (mut records, mut end, mut line) = (Vec::new(), 0, Vec::new());
    for number in 1.. {
        line.clear();
        let read = reader.read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            break;
        }
        match parse(&line) {
            Some(written) => records.extend(written),
            None if end + read == size => return Ok((records, end)),
            None => return Err(JournalError::Damaged(number)),
        }
        end += read;
    }
    Ok((records, end))
}

fn parse(line: &[u8]) -> Option<Vec<Record>> {
    let line = line.strip_suffix(b"\n")?;
    let (sum, json) = line.split_at_checked(16)?;
    let json = json.strip_prefix(b" ")?;
    if checksum(json).as_bytes() != sum {
        return None;
    }
    serde_json::from_slice(json).ok()
}
