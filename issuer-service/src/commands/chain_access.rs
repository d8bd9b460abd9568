//! What commands that write to the chain have in common: the account, the outbox, the reader.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use credential_model::ambient::Clock as _;
use credential_model::did::Did;
use credential_model::moment::Moment;
use evm_chain::{
    AccreditationRecord, Address, ChainReader, ChainSettings, ChainWriteError, ChainWriter,
    ReadChain as _, Scope, SentTx, type_hash,
};
use signing_keys::system::{SystemClock, SystemEntropy};

use crate::assemble;
use crate::config::Config;

/// How long a command waits for its transaction.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of a written accreditation or reason.
const MAX_STATEMENT: u64 = 16 * 1024;

/// The configured chain with its contracts, to read from. Works beside a running service.
pub(super) fn reader(config: &Config) -> anyhow::Result<(ChainSettings, ChainReader)> {
    let settings = config.chain.clone().context("the configuration has no [chain] section")?;
    if settings.accreditation_registry.is_zero() || settings.directory.is_zero() {
        anyhow::bail!("the [chain] section has no contract addresses yet");
    }
    let reader = ChainReader::new(settings.clone())?;
    Ok((settings, reader))
}

/// The configured chain account with its outbox. An embedded store is this process's alone
/// meanwhile: the service must be stopped.
pub(super) struct Access {
    pub(super) settings: ChainSettings,
    pub(super) reader: ChainReader,
    pub(super) writer: ChainWriter,
    pub(super) did: Did,
}

impl Access {
    pub(super) async fn open(path: &Path) -> anyhow::Result<Self> {
        let config = Config::load(path)?;
        let (settings, reader) = reader(&config)?;
        let keys = assemble::open_keys(&config, false, Arc::new(SystemEntropy))?;
        let store = assemble::open_store(&config).await?;
        let writer = assemble::chain_writer(&settings, &keys, store.outbox())?;
        Ok(Self { settings, reader, writer, did: assemble::did(&config)? })
    }

    /// Waits until it is on the chain.
    pub(super) async fn settle(&self, sent: SentTx) -> Result<(), ChainWriteError> {
        self.writer.wait(&sent, PATIENCE).await
    }

    /// Lets the service that starts next write at once.
    pub(super) fn done(&self) {
        if let Err(error) = self.writer.release() {
            tracing::warn!(code = error.code(), "the lease runs out by itself");
        }
    }

    /// Seconds of the chain's newest block, or ours where they are later: what may not lie in the
    /// past when its block comes. Everything else is dated by our own clock, as credentials are: a
    /// development chain that makes many blocks runs ahead.
    pub(super) async fn chain_now(&self) -> anyhow::Result<i64> {
        Ok(self.reader.tip().await?.time.max(now().unix()))
    }

    /// Names a set of types on the chain, so that a record can name it.
    pub(super) async fn define(&self, scope: &Scope) -> anyhow::Result<()> {
        if let Scope::Set(types) = scope {
            let sent = self.writer.define_type_set(types).await?;
            self.settle(sent).await?;
        }
        Ok(())
    }

    /// How many records a subject has: the next one's number.
    pub(super) async fn count(&self, subject: &str) -> anyhow::Result<u64> {
        Ok(self.reader.accreditations(subject).await?.len() as u64)
    }

    /// The one record of `subject` that `ours` lets through, or the one with this id.
    pub(super) async fn record(
        &self,
        subject: &str,
        id: Option<&str>,
        ours: impl Fn(&AccreditationRecord) -> bool,
    ) -> anyhow::Result<AccreditationRecord> {
        let id = id.map(parse_id).transpose()?;
        let chains = self.reader.accreditations(subject).await?;
        let mut found = chains.into_iter().filter_map(|chain| chain.records.into_iter().next());
        let mut found: Vec<_> = match id {
            Some(id) => found.find(|record| record.id == id).into_iter().collect(),
            None => found.filter(ours).collect(),
        };
        match (found.pop(), found.len()) {
            (Some(record), 0) => Ok(record),
            (None, _) => anyhow::bail!("{subject} has no such accreditation"),
            (Some(_), more) => anyhow::bail!(
                "{subject} has {} accreditations that may be meant; name one with --id",
                more + 1
            ),
        }
    }
}

pub(super) fn now() -> Moment {
    SystemClock.now()
}

/// One type, or a set of them.
pub(super) fn scope(types: &[String]) -> anyhow::Result<Scope> {
    let mut hashes: Vec<_> = types.iter().map(|name| type_hash(name)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    match hashes.as_slice() {
        [] => anyhow::bail!("name at least one type"),
        [only] => Ok(Scope::Type(*only)),
        _ if hashes.len() > evm_chain::TYPE_SET_LIMIT => {
            anyhow::bail!("more than {} types in one accreditation", evm_chain::TYPE_SET_LIMIT)
        }
        _ => Ok(Scope::Set(hashes)),
    }
}

pub(super) fn moment(option: &str, text: Option<&str>) -> anyhow::Result<Option<i64>> {
    let parse = |text: &str| {
        let moment = Moment::parse(text).ok();
        moment
            .with_context(|| format!("{option} {text:?} is no moment such as 2026-11-01T09:00:00Z"))
    };
    Ok(text.map(parse).transpose()?.map(Moment::unix))
}

/// A statement that goes onto the chain for everybody to read.
pub(super) fn statement(file: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let place = || format!("the statement {}", file.display());
    let size = std::fs::metadata(file).with_context(place)?.len();
    if size > MAX_STATEMENT {
        anyhow::bail!("{}: {size} bytes are too many, {MAX_STATEMENT} fit", place());
    }
    std::fs::read(file).with_context(place)
}

pub(super) fn parse_id(text: &str) -> anyhow::Result<[u8; 32]> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let bytes = hex::decode(digits).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.with_context(|| format!("{text:?} is no record's id (0x and 64 hexadecimal digits)"))
}

pub(super) fn address(text: &str) -> anyhow::Result<Address> {
    Address::parse(text).with_context(|| format!("{text:?} is no account"))
}

pub(super) fn did(text: &str) -> anyhow::Result<Did> {
    Did::parse(text).ok().with_context(|| format!("{text:?} is no DID"))
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}
