//! A proposal as a file: what one operator proposes and the others read before they approve.
//!
//! Approving takes the whole proposal and not its id, so that nobody approves what they have not
//! seen; the file says it in words, and the chain's id follows from it.

use anyhow::Context as _;
use credential_model::moment::Moment;
use evm_chain::{
    AccreditationStatus, Address, ChainSettings, Contracts, DirectoryAction, Governance, Grant,
    Proposal, Scope, StateChange,
};
use serde::{Deserialize, Serialize};

use super::chain_access::{hexadecimal, parse_id, scope};

const FORM: u32 = 1;

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProposalFile {
    v: u32,
    /// The chain it is for, decimal text.
    chain_id: String,
    /// The directory it is put before.
    directory: Address,
    /// Tells proposals of one decision apart.
    salt: String,
    /// The decision.
    pub(super) action: Action,
}

/// A decision in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Action {
    /// A DID becomes a root of authority.
    Root {
        subject: String,
        /// Which of the subject's records it becomes, from 0: decimal text.
        number: String,
        types: Vec<String>,
        from: Moment,
        until: Moment,
        may_issue: bool,
        may_accredit: bool,
        #[serde(default)]
        statement: String,
    },
    /// A record is suspended, revoked or reinstated.
    Change {
        subject: String,
        id: String,
        /// Changes it has had, decimal text.
        number: String,
        status: AccreditationStatus,
        from: Moment,
        #[serde(default)]
        until: Option<Moment>,
        #[serde(default)]
        statement: String,
    },
    /// Other operators.
    Operators { operators: Vec<Address>, threshold: u8, delay_seconds: u32 },
    /// The chain's validators.
    Validators { validators: Vec<Address> },
    /// Another contract set.
    Contracts { did_registry: Address, status_registry: Address, accreditation_registry: Address },
    /// Writes are stopped, or resumed.
    Paused { stop: bool },
}

impl ProposalFile {
    pub(super) fn new(settings: &ChainSettings, salt: [u8; 32], action: Action) -> Self {
        Self {
            v: FORM,
            chain_id: settings.chain_id.to_string(),
            directory: settings.directory,
            salt: hexadecimal(&salt),
            action,
        }
    }

    /// What the contract is told. The file must be for this chain and directory.
    pub(super) fn proposal(&self, settings: &ChainSettings) -> anyhow::Result<Proposal> {
        if self.v != FORM {
            anyhow::bail!("a proposal of form {} is not known to this build", self.v);
        }
        let here = (settings.chain_id.to_string(), settings.directory);
        if (self.chain_id.clone(), self.directory) != here {
            anyhow::bail!("the proposal is for another chain or directory");
        }
        Ok(Proposal { action: self.action.to_call()?, salt: parse_id(&self.salt)? })
    }

    /// The set of types that has to be named on the chain first.
    pub(super) fn scope(&self) -> anyhow::Result<Option<Scope>> {
        match &self.action {
            Action::Root { types, .. } => Ok(Some(scope(types)?)),
            _ => Ok(None),
        }
    }
}

impl Action {
    fn to_call(&self) -> anyhow::Result<DirectoryAction> {
        let count = |text: &str| text.parse::<u64>().context("a number of the proposal");
        Ok(match self {
            Self::Root {
                subject,
                number,
                types,
                from,
                until,
                may_issue,
                may_accredit,
                statement,
            } => DirectoryAction::SetRoot(Grant {
                subject: subject.clone(),
                index: count(number)?,
                scope: scope(types)?,
                from: from.unix(),
                until: until.unix(),
                may_issue: *may_issue,
                may_accredit: *may_accredit,
                statement: statement.clone().into_bytes(),
            }),
            Self::Change { subject: _, id, number, status, from, until, statement } => {
                DirectoryAction::ChangeAccreditation(StateChange {
                    id: parse_id(id)?,
                    index: count(number)?,
                    status: *status,
                    from: from.unix(),
                    until: until.map(Moment::unix),
                    statement: statement.clone().into_bytes(),
                })
            }
            Self::Operators { operators, threshold, delay_seconds } => {
                DirectoryAction::SetOperators(Governance {
                    operators: operators.clone(),
                    threshold: *threshold,
                    delay: *delay_seconds,
                })
            }
            Self::Validators { validators } => DirectoryAction::SetValidators(validators.clone()),
            Self::Contracts { did_registry, status_registry, accreditation_registry } => {
                DirectoryAction::SetContracts(Contracts {
                    did_registry: *did_registry,
                    status_registry: *status_registry,
                    accreditation_registry: *accreditation_registry,
                    directory: Address::default(),
                })
            }
            Self::Paused { stop } => DirectoryAction::SetPaused(*stop),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ChainSettings {
        ChainSettings {
            chain_id: 7,
            directory: Address::from_bytes([4; 20]),
            accreditation_registry: Address::from_bytes([3; 20]),
            ..ChainSettings::default()
        }
    }

    fn root(types: &[&str]) -> Action {
        Action::Root {
            subject: "did:web:ministry.example".to_owned(),
            number: "0".to_owned(),
            types: types.iter().map(|name| (*name).to_owned()).collect(),
            from: Moment::from_unix(1_800_000_000),
            until: Moment::from_unix(1_900_000_000),
            may_issue: false,
            may_accredit: true,
            statement: "{}".to_owned(),
        }
    }

    #[test]
    fn the_file_and_the_id_go_together() {
        let file = ProposalFile::new(&settings(), [1; 32], root(&["A", "B"]));
        let text = serde_json::to_string(&file).unwrap();
        let read: ProposalFile = serde_json::from_str(&text).unwrap();
        assert_eq!(read, file);
        let id = |file: &ProposalFile| file.proposal(&settings()).unwrap().id(&settings()).unwrap();
        assert_eq!(id(&read), id(&file));
        // Whoever changes a word of it has another proposal before them.
        let other = ProposalFile::new(&settings(), [1; 32], root(&["A", "B", "C"]));
        assert_ne!(id(&other), id(&file));
        assert!(file.scope().unwrap().is_some());
    }

    #[test]
    fn what_is_for_elsewhere_or_unreadable_is_refused() {
        let file = ProposalFile::new(&settings(), [1; 32], Action::Paused { stop: true });
        assert!(file.proposal(&settings()).is_ok());
        let elsewhere = ChainSettings { chain_id: 8, ..settings() };
        assert!(file.proposal(&elsewhere).is_err());
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("\"stop\":true", "\"stop\":1"),
            ("\"salt\":\"0x01", "\"salt\":\"0x"),
            ("\"paused\"", "\"upgraded\""),
        ] {
            let text = serde_json::to_string(&file).unwrap();
            assert!(text.contains(from), "{text}");
            let read = serde_json::from_str::<ProposalFile>(&text.replace(from, to));
            assert!(read.is_err() || read.unwrap().proposal(&settings()).is_err(), "{to}");
        }
        let none = ProposalFile::new(&settings(), [1; 32], root(&[]));
        assert!(none.proposal(&settings()).is_err());
    }
}
