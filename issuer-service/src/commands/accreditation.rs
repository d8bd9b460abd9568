//! `issuer-service accreditation …`: who may issue what, by this issuer's authority.
//!
//! A record is given under one that this issuer's DID has; roots are set by the operators of the
//! directory (`directory propose root`). What is written here stands on the chain for good:
//! institutions only, never a person.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use credential_model::moment::Moment;
use evm_chain::{
    AccreditationChain, AccreditationRecord, AccreditationStatus, Authority, Grant, Indexer,
    MemoryIndex, ReadChain as _, Scope, StateChange, best_authority, slots::did_key, type_hash,
};
use serde_json::{Value, json};

use super::chain_access::{Access, did, hexadecimal, moment, now, reader, scope, statement};
use crate::assemble;
use crate::config::Config;

/// A reinstatement must not lie in the past when its block comes.
const TIME_TO_MINE: i64 = 30;

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum AccreditationCommand {
    /// Accredits a DID under a record of this issuer's. Stop the service first.
    Grant(GrantArguments),
    /// Takes the force from a record between two moments. Stop the service first.
    Suspend {
        /// Which record.
        #[command(flatten)]
        which: Which,
        /// From when (UTC); now when absent. May lie in the past.
        #[arg(long)]
        from: Option<String>,
        /// When it ends by itself; open when absent.
        #[arg(long)]
        until: Option<String>,
    },
    /// Puts a suspended record into force again, from now on. Stop the service first.
    Restore {
        /// Which record.
        #[command(flatten)]
        which: Which,
    },
    /// Takes the force from a record for good. Stop the service first.
    Revoke {
        /// Which record.
        #[command(flatten)]
        which: Which,
        /// From when (UTC); now when absent. May lie in the past.
        #[arg(long)]
        from: Option<String>,
    },
    /// Prints every record on the chain, as JSON.
    List,
    /// Prints the records of one DID with those they were given under, as JSON.
    Show {
        /// Whose.
        subject: String,
        /// Also answers whether it may issue this type; the exit code is 1 when it may not.
        #[arg(long = "type")]
        type_name: Option<String>,
        /// As of this moment (UTC); now when absent.
        #[arg(long)]
        at: Option<String>,
    },
}

/// A new record.
#[derive(Debug, Args)]
pub struct GrantArguments {
    /// The DID that is accredited.
    subject: String,
    /// A credential type (`KrQualificationBadge`) or one kind of it (`KrQualificationBadge#1320`);
    /// may be repeated.
    #[arg(long = "type", required = true)]
    types: Vec<String>,
    /// From when (UTC); now when absent.
    #[arg(long)]
    from: Option<String>,
    /// Until when (UTC); the end of the record above when absent.
    #[arg(long)]
    until: Option<String>,
    /// It may accredit others for these types.
    #[arg(long)]
    may_accredit: bool,
    /// It may not issue itself.
    #[arg(long)]
    not_issuing: bool,
    /// The record it is given under, where this issuer has several that fit.
    #[arg(long)]
    under: Option<String>,
    /// The written accreditation, for everybody to read.
    #[arg(long)]
    statement: Option<PathBuf>,
}

/// A record of somebody's.
#[derive(Debug, Args)]
pub struct Which {
    /// Whose record.
    subject: String,
    /// Its id, where several may be meant.
    #[arg(long)]
    id: Option<String>,
    /// The written reason, for everybody to read.
    #[arg(long)]
    reason: Option<PathBuf>,
}

/// Does it; false when the answer to a question is no.
pub async fn accreditation(path: &Path, command: AccreditationCommand) -> anyhow::Result<bool> {
    match command {
        AccreditationCommand::Grant(arguments) => grant(path, &arguments).await.map(|()| true),
        AccreditationCommand::Suspend { which, from, until } => {
            let from = moment("--from", from.as_deref())?;
            let until = moment("--until", until.as_deref())?;
            let status = AccreditationStatus::Suspended;
            change(path, &which, status, from, until).await.map(|()| true)
        }
        AccreditationCommand::Restore { which } => {
            change(path, &which, AccreditationStatus::Active, None, None).await.map(|()| true)
        }
        AccreditationCommand::Revoke { which, from } => {
            let from = moment("--from", from.as_deref())?;
            let status = AccreditationStatus::Revoked;
            change(path, &which, status, from, None).await.map(|()| true)
        }
        AccreditationCommand::List => list(path).await.map(|()| true),
        AccreditationCommand::Show { subject, type_name, at } => {
            show(path, &subject, type_name.as_deref(), at.as_deref()).await
        }
    }
}

async fn grant(path: &Path, arguments: &GrantArguments) -> anyhow::Result<()> {
    let access = Access::open(path).await?;
    let subject = did(&arguments.subject)?;
    let scope = scope(&arguments.types)?;
    let wanted = scope.clone();
    let fits = move |record: &AccreditationRecord| {
        let covers = |one: &[u8; 32]| record.scope.covers(one);
        record.may_accredit
            && match &wanted {
                Scope::Type(only) => covers(only),
                Scope::Set(types) => types.iter().all(covers),
            }
    };
    let above = access
        .record(access.did.as_str(), arguments.under.as_deref(), fits)
        .await
        .context("the record to give it under")?;
    let from = match moment("--from", arguments.from.as_deref())? {
        Some(from) => from,
        None => now().unix().max(above.from),
    };
    let until = moment("--until", arguments.until.as_deref())?.unwrap_or(above.until);
    access.define(&scope).await?;
    let grant = Grant {
        subject: subject.to_string(),
        index: access.count(subject.as_str()).await?,
        scope,
        from,
        until,
        may_issue: !arguments.not_issuing,
        may_accredit: arguments.may_accredit,
        statement: statement(arguments.statement.as_deref())?,
    };
    let sent = access.writer.accredit(&above.id, &grant).await?;
    access.settle(sent).await?;
    access.done();
    let chains = access.reader.accreditations(subject.as_str()).await?;
    let index = usize::try_from(grant.index).unwrap_or(usize::MAX);
    let made = chains.get(index).context("the chain does not show the new record")?;
    println!("{}", told(made, &arguments.types));
    Ok(())
}

async fn change(
    path: &Path,
    which: &Which,
    status: AccreditationStatus,
    from: Option<i64>,
    until: Option<i64>,
) -> anyhow::Result<()> {
    let access = Access::open(path).await?;
    let subject = did(&which.subject)?;
    let own: Vec<[u8; 32]> = access
        .reader
        .accreditations(access.did.as_str())
        .await?
        .iter()
        .filter_map(|chain| Some(chain.records.first()?.id))
        .collect();
    let ours = |record: &AccreditationRecord| {
        let given = record.parent.is_some_and(|parent| own.contains(&parent));
        let state = record.history.last().map(|change| change.status);
        given && state != Some(AccreditationStatus::Revoked)
    };
    let record = access.record(subject.as_str(), which.id.as_deref(), ours).await?;
    let from = match (from, status) {
        (Some(from), _) => from,
        (None, AccreditationStatus::Active) => access.chain_now().await? + TIME_TO_MINE,
        (None, _) => now().unix().max(record.from),
    };
    let change = StateChange {
        id: record.id,
        index: record.history.len() as u64,
        status,
        from,
        until,
        statement: statement(which.reason.as_deref())?,
    };
    let sent = access.writer.change_accreditation(&change).await?;
    access.settle(sent).await?;
    access.done();
    let chains = access.reader.accreditations(subject.as_str()).await?;
    let of =
        |chain: &&AccreditationChain| chain.records.first().is_some_and(|one| one.id == record.id);
    let changed = chains.iter().find(of).context("the chain does not show the record")?;
    println!("{}", told(changed, &[]));
    Ok(())
}

async fn list(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let (_, reader) = reader(&config)?;
    let indexer = Indexer::new(Arc::new(reader), Arc::new(MemoryIndex::default()));
    let progress = indexer.advance().await?;
    let index = indexer.index()?;
    let mut records: Vec<_> = index.records().collect();
    records.sort_by_key(|record| (record.depth, record.recorded_in, record.id));
    let own = did_key(assemble::did(&config)?.as_str());
    let records: Vec<Value> = records
        .into_iter()
        .map(|record| {
            let mut value = one(record, &[]);
            value["own"] = json!(record.subject == own);
            value
        })
        .collect();
    println!("{}", json!({ "block": progress.complete_to.to_string(), "records": records }));
    Ok(())
}

async fn show(
    path: &Path,
    subject: &str,
    type_name: Option<&str>,
    at: Option<&str>,
) -> anyhow::Result<bool> {
    let config = Config::load(path)?;
    let (_, reader) = reader(&config)?;
    let subject = did(subject)?;
    let at = moment("--at", at)?.unwrap_or_else(|| now().unix());
    let chains = reader.accreditations(subject.as_str()).await?;
    let types: Vec<String> = type_name.iter().map(|name| (*name).to_owned()).collect();
    let mut answer = json!({
        "subject": subject,
        "accreditations": chains.iter().map(|chain| told(chain, &types)).collect::<Vec<_>>(),
    });
    let Some(type_name) = type_name else {
        println!("{answer}");
        return Ok(!chains.is_empty());
    };
    let (found, _) = best_authority(&chains, &type_hash(type_name), at);
    answer["type"] = json!(type_name);
    answer["at"] = json!(Moment::from_unix(at));
    answer["answer"] = serde_json::to_value(found)?;
    println!("{answer}");
    Ok(found == Authority::Accredited)
}

/// A record with those it was given under, the root last.
fn told(chain: &AccreditationChain, types: &[String]) -> Value {
    let Some((own, above)) = chain.records.split_first() else { return Value::Null };
    let mut value = one(own, types);
    value["under"] = json!(above.iter().map(|record| one(record, types)).collect::<Vec<_>>());
    value
}

/// One record; names stand in it where they are known.
fn one(record: &AccreditationRecord, types: &[String]) -> Value {
    let hashes = match &record.scope {
        Scope::Type(only) => std::slice::from_ref(only),
        Scope::Set(types) => types.as_slice(),
    };
    let known = credential_model::catalogue::CredentialType::ALL.map(|one| one.type_name());
    let names = types.iter().map(String::as_str).chain(known);
    let scope: Vec<String> = hashes
        .iter()
        .map(|hash| {
            let name = names.clone().find(|name| type_hash(name) == *hash);
            name.map_or_else(|| hexadecimal(hash), str::to_owned)
        })
        .collect();
    let moment = |time: i64| Moment::from_unix(time);
    let history: Vec<Value> = record
        .history
        .iter()
        .map(|change| {
            json!({
                "status": change.status,
                "from": moment(change.from),
                "until": change.until.map(moment),
                "recorded_at": moment(change.recorded_at),
                "reason": hexadecimal(&change.reason),
            })
        })
        .collect();
    json!({
        "id": hexadecimal(&record.id),
        "subject_key": hexadecimal(&record.subject),
        "parent": record.parent.map(|parent| hexadecimal(&parent)),
        "types": scope,
        "from": moment(record.from),
        "until": moment(record.until),
        "may_issue": record.may_issue,
        "may_accredit": record.may_accredit,
        "depth": record.depth,
        "status": record.status_at(now().unix()),
        "evidence": hexadecimal(&record.evidence),
        "recorded_at": moment(record.recorded_at),
        "history": history,
    })
}
