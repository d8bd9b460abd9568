//! The file: a mark, a sealed vault's header, then sealed parts, each with its length before it.
//! The last part is sealed under another name, so that a file cut off between two parts is found.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use credential_model::ambient::Entropy;
use signing_keys::sealed::{KdfParameters, Vault};
use signing_keys::system::SystemEntropy;

use super::Part;

const MARK: &[u8] = b"sinpyo-backup-1\n";
const PURPOSE: &str = "sinpyo-backup";
const PART: &str = "part";
const LAST: &str = "last";
/// Longest part in bytes: sixteen archived lists of the largest size in hexadecimal, and room.
const LONGEST: u32 = 256 * 1024 * 1024;

/// Writes a new file of mode 0600.
pub(super) struct Writer {
    file: BufWriter<File>,
    vault: Vault,
    number: u64,
}

impl Writer {
    pub(super) fn create(
        path: &Path,
        passphrase: &[u8],
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let vault = Vault::create(PURPOSE, passphrase, KdfParameters::RECOMMENDED, entropy)?;
        let opened =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = opened.with_context(|| format!("the backup {}", path.display()))?;
        let mut file = BufWriter::new(file);
        file.write_all(MARK)?;
        block(&mut file, vault.header())?;
        Ok(Self { file, vault, number: 0 })
    }

    pub(super) fn part(&mut self, part: &Part) -> anyhow::Result<()> {
        self.seal(PART, part)
    }

    pub(super) fn last(&mut self, part: &Part) -> anyhow::Result<()> {
        self.seal(LAST, part)
    }

    fn seal(&mut self, name: &str, part: &Part) -> anyhow::Result<()> {
        self.number += 1;
        let sealed = self.vault.seal(name, self.number, &serde_json::to_vec(part)?);
        block(&mut self.file, &sealed)
    }

    /// Makes it durable.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.file.flush()?;
        Ok(self.file.get_ref().sync_all()?)
    }
}

fn block(file: &mut impl std::io::Write, bytes: &[u8]) -> anyhow::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= LONGEST);
    let length = length.context("a part of the backup is too long")?;
    file.write_all(&length.to_be_bytes())?;
    Ok(file.write_all(bytes)?)
}

/// Reads the parts in order.
pub(super) struct Reader {
    file: BufReader<File>,
    vault: Vault,
    number: u64,
    through: bool,
}

impl Reader {
    pub(super) fn open(path: &Path, passphrase: &[u8]) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("the backup {}", path.display()))?;
        let mut file = BufReader::new(file);
        let mut mark = [0; MARK.len()];
        let marked = file.read_exact(&mut mark).is_ok() && mark == *MARK;
        ensure!(marked, "{} is no backup of this form", path.display());
        let header = taken(&mut file)?.context("the backup has no header")?;
        let vault = Vault::open(&header, PURPOSE, passphrase, Arc::new(SystemEntropy))?;
        Ok(Self { file, vault, number: 0, through: false })
    }

    /// The next part; none after the last.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<Part>> {
        let Some(sealed) = taken(&mut self.file)? else {
            ensure!(self.through, "the backup is cut off");
            return Ok(None);
        };
        ensure!(!self.through, "something follows the end of the backup");
        self.number += 1;
        let number = self.number;
        let opened = match self.vault.open_item(PART, number, &sealed) {
            Ok(opened) => opened,
            Err(_) => {
                let last = self.vault.open_item(LAST, number, &sealed);
                self.through = true;
                last.with_context(|| format!("part {number} of the backup"))?
            }
        };
        let part: Part = serde_json::from_slice(&opened)?;
        if matches!(part, Part::End { .. }) != self.through {
            bail!("the backup's end is not at its end");
        }
        Ok(Some(part))
    }
}

fn taken(file: &mut BufReader<File>) -> anyhow::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match file.read(&mut length)? {
        0 => return Ok(None),
        read => file.read_exact(&mut length[read..]).context("the backup is cut off")?,
    }
    let length = u32::from_be_bytes(length);
    ensure!(length <= LONGEST, "a part of the backup is too long");
    let mut bytes = Vec::new();
    // Grows with what is there, not with what is announced.
    file.take(u64::from(length)).read_to_end(&mut bytes)?;
    ensure!(bytes.len() == length as usize, "the backup is cut off");
    Ok(Some(bytes))
}
