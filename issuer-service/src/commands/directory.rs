//! `issuer-service directory …`: what the operators decide together.
//!
//! One proposes and hands the file on, others read and approve it, and when enough have approved
//! and the delay is over, any operator executes it. The account is this configuration's chain key.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use credential_model::ambient::Entropy as _;
use credential_model::moment::Moment;
use evm_chain::{AccreditationRecord, AccreditationStatus, ReadChain as _};
use serde_json::{Value, json};
use signing_keys::system::SystemEntropy;

use super::chain_access::{Access, address, did, hexadecimal, moment, now, reader, statement};
use super::directory_file::{Action, ProposalFile};
use crate::config::Config;

/// Bytes of a proposal's file.
const MAX_PROPOSAL: u64 = 64 * 1024;

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum DirectoryCommand {
    /// Prints who governs the contracts, as JSON.
    Show,
    /// Puts a decision before the operators and writes it to a file for them.
    Propose {
        /// Where the proposal is written.
        #[arg(long)]
        out: PathBuf,
        /// What shall be decided.
        #[command(subcommand)]
        decision: Decision,
    },
    /// Approves a proposal that another operator handed over.
    Approve {
        /// The file.
        file: PathBuf,
    },
    /// Takes an approval back.
    Withdraw {
        /// The file.
        file: PathBuf,
    },
    /// Carries out a proposal that has enough approvals and whose delay is over.
    Execute {
        /// The file.
        file: PathBuf,
    },
}

/// What can be decided.
#[derive(Debug, Subcommand)]
pub enum Decision {
    /// A DID becomes a root of authority (a ministry, a federation).
    Root {
        /// The DID.
        subject: String,
        /// A credential type or one kind of it; may be repeated.
        #[arg(long = "type", required = true)]
        types: Vec<String>,
        /// From when (UTC); now when absent.
        #[arg(long)]
        from: Option<String>,
        /// Until when (UTC).
        #[arg(long)]
        until: String,
        /// It may issue credentials itself.
        #[arg(long)]
        may_issue: bool,
        /// The written accreditation, for everybody to read.
        #[arg(long)]
        statement: Option<PathBuf>,
    },
    /// Suspends a record, also a root's.
    Suspend(ChangeArguments),
    /// Revokes a record for good.
    Revoke(ChangeArguments),
    /// Puts a suspended record into force again.
    Restore(ChangeArguments),
    /// Replaces operators, threshold and delay.
    Operators(GovernanceArguments),
    /// Names the chain's validators.
    Validators {
        /// Their accounts.
        #[arg(required = true)]
        validators: Vec<String>,
    },
    /// Stops writes to the registries; needs no delay.
    Pause,
    /// Resumes writes.
    Resume,
}

/// A record and when the change takes effect.
#[derive(Debug, Args)]
pub struct ChangeArguments {
    /// Whose record.
    subject: String,
    /// Its id, where it has several.
    #[arg(long)]
    id: Option<String>,
    /// From when (UTC); now when absent. A reinstatement must name a moment after its execution.
    #[arg(long)]
    from: Option<String>,
    /// When a suspension ends by itself.
    #[arg(long)]
    until: Option<String>,
    /// The written reason, for everybody to read.
    #[arg(long)]
    reason: Option<PathBuf>,
}

/// Who governs.
#[derive(Debug, Args)]
pub struct GovernanceArguments {
    /// An operator's account; repeated for each.
    #[arg(long = "operator", required = true)]
    pub(super) operators: Vec<String>,
    /// Approvals a proposal needs.
    #[arg(long)]
    pub(super) threshold: u8,
    /// Seconds from the last approval needed to execution.
    #[arg(long)]
    pub(super) delay_seconds: u32,
}

/// Does it.
pub async fn directory(path: &Path, command: DirectoryCommand) -> anyhow::Result<()> {
    match command {
        DirectoryCommand::Show => show(path).await,
        DirectoryCommand::Propose { out, decision } => propose(path, &out, decision).await,
        DirectoryCommand::Approve { file } => {
            let (access, file, proposal) = open(path, &file).await?;
            let sent = access.writer.approve(&proposal).await?;
            finish(&access, &file, sent, "approved").await
        }
        DirectoryCommand::Withdraw { file } => {
            let (access, file, proposal) = open(path, &file).await?;
            let sent = access.writer.withdraw_approval(&proposal).await?;
            finish(&access, &file, sent, "withdrawn").await
        }
        DirectoryCommand::Execute { file } => {
            let (access, file, proposal) = open(path, &file).await?;
            let sent = access.writer.execute(&proposal).await?;
            finish(&access, &file, sent, "executed").await
        }
    }
}

async fn show(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let (settings, reader) = reader(&config)?;
    let state = reader.directory().await?;
    println!(
        "{}",
        json!({
            "chain_id": settings.chain_id.to_string(),
            "directory": settings.directory,
            "operators": state.operators,
            "threshold": state.threshold,
            "delay_seconds": state.delay,
            "paused": state.paused,
            "sealed": state.sealed,
            "contracts": state.contracts,
            "validators_digest": hexadecimal(&state.validators_digest),
            "revision": state.revision.to_string(),
        })
    );
    Ok(())
}

async fn propose(path: &Path, out: &Path, decision: Decision) -> anyhow::Result<()> {
    let access = Access::open(path).await?;
    let action = action(&access, decision).await?;
    let mut salt = [0; 32];
    SystemEntropy.fill(&mut salt);
    let file = ProposalFile::new(&access.settings, salt, action);
    let proposal = file.proposal(&access.settings)?;
    if let Some(scope) = file.scope()? {
        access.define(&scope).await?;
    }
    // The file first: a proposal on the chain that nobody can show to the others is worth nothing.
    std::fs::write(out, serde_json::to_string_pretty(&file)? + "\n")
        .with_context(|| format!("writing {}", out.display()))?;
    let sent = access.writer.propose(&proposal).await?;
    finish(&access, &file, sent, "proposed").await
}

async fn action(access: &Access, decision: Decision) -> anyhow::Result<Action> {
    let change = async |arguments: ChangeArguments, status| change(access, arguments, status).await;
    Ok(match decision {
        Decision::Root { subject, types, from, until, may_issue, statement: file } => {
            let subject = did(&subject)?;
            let from = match moment("--from", from.as_deref())? {
                Some(from) => from,
                None => now().unix(),
            };
            let until = moment("--until", Some(&until))?.unwrap_or_default();
            Action::Root {
                number: access.count(subject.as_str()).await?.to_string(),
                subject: subject.to_string(),
                types,
                from: Moment::from_unix(from),
                until: Moment::from_unix(until),
                may_issue,
                may_accredit: true,
                statement: text(file.as_deref())?,
            }
        }
        Decision::Suspend(arguments) => change(arguments, AccreditationStatus::Suspended).await?,
        Decision::Revoke(arguments) => change(arguments, AccreditationStatus::Revoked).await?,
        Decision::Restore(arguments) => change(arguments, AccreditationStatus::Active).await?,
        Decision::Operators(arguments) => {
            let operators = arguments.operators.iter().map(|text| address(text));
            Action::Operators {
                operators: operators.collect::<Result<_, _>>()?,
                threshold: arguments.threshold,
                delay_seconds: arguments.delay_seconds,
            }
        }
        Decision::Validators { validators } => {
            let mut validators: Vec<_> =
                validators.iter().map(|text| address(text)).collect::<Result<_, _>>()?;
            validators.sort_unstable();
            Action::Validators { validators }
        }
        Decision::Pause => Action::Paused { stop: true },
        Decision::Resume => Action::Paused { stop: false },
    })
}

async fn change(
    access: &Access,
    arguments: ChangeArguments,
    status: AccreditationStatus,
) -> anyhow::Result<Action> {
    let subject = did(&arguments.subject)?;
    let any = |_: &AccreditationRecord| true;
    let record = access.record(subject.as_str(), arguments.id.as_deref(), any).await?;
    let from = match moment("--from", arguments.from.as_deref())? {
        Some(from) => from,
        None => now().unix().max(record.from),
    };
    Ok(Action::Change {
        subject: subject.to_string(),
        id: hexadecimal(&record.id),
        number: record.history.len().to_string(),
        status,
        from: Moment::from_unix(from),
        until: moment("--until", arguments.until.as_deref())?.map(Moment::from_unix),
        statement: text(arguments.reason.as_deref())?,
    })
}

fn text(file: Option<&Path>) -> anyhow::Result<String> {
    String::from_utf8(statement(file)?).context("the statement is no UTF-8 text")
}

async fn open(
    path: &Path,
    file: &Path,
) -> anyhow::Result<(Access, ProposalFile, evm_chain::Proposal)> {
    let place = || format!("the proposal {}", file.display());
    if std::fs::metadata(file).with_context(place)?.len() > MAX_PROPOSAL {
        anyhow::bail!("{} is too large", place());
    }
    let read = std::fs::read(file).with_context(place)?;
    let read: ProposalFile = serde_json::from_slice(&read).with_context(place)?;
    let access = Access::open(path).await?;
    let proposal = read.proposal(&access.settings)?;
    Ok((access, read, proposal))
}

/// Waits for the transaction and says what happened to which decision.
async fn finish(
    access: &Access,
    file: &ProposalFile,
    sent: evm_chain::SentTx,
    step: &str,
) -> anyhow::Result<()> {
    access.settle(sent).await?;
    access.done();
    let id = file.proposal(&access.settings)?.id(&access.settings)?;
    let decision: Value = serde_json::to_value(&file.action)?;
    println!("{}", json!({ "proposal": hexadecimal(&id), "step": step, "decision": decision }));
    Ok(())
}
