//! Reading with distrust: as many nodes as were asked for must answer alike, about one block.

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use alloy::primitives::{Address as Account, B256};
use tokio::{sync::OnceCell, task::JoinSet};

use super::{
    agree::{NodeHealth, NodeState, Verdict, judge, too_few},
    bindings::is_code_of,
    look::Look,
    node::{BlockInfo, Node, at, tag},
    transport::NodeLimits,
};
use crate::{
    Address, ChainError, ChainSettings,
    artifacts::{
        ACCREDITATION_REGISTRY, Artifact, DID_DOCUMENT_REGISTRY, DIRECTORY, STATUS_REGISTRY,
    },
};

/// Reads the registries over JSON-RPC, trusting no node more than it must.
///
/// Of n endpoints k (`agreement` in the settings, all when unset) must answer alike. Every read is
/// made at the newest block that k of them have, by its hash; a node behind that block is left out
/// and noted. Where k is more than half of n, k equal answers outvote the rest, which is noted and
/// logged; otherwise any difference is [`ChainError::Disagreement`]. Chain id and contract code of
/// each node are checked once before its first answer counts.
#[derive(Debug)]
pub struct ChainReader {
    settings: Arc<ChainSettings>,
    members: Vec<Arc<Member>>,
    agreement: usize,
    health: Mutex<Vec<NodeHealth>>,
}

/// One node and whether it was found fit.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) node: Node,
    fit: OnceCell<()>,
}

/// k nodes of several readers that must agree.
///
/// The readers follow the same chain and contracts; each may have limits of its own.
#[derive(Debug)]
pub struct AgreeingReader;

impl AgreeingReader {
    /// One reader over all nodes of `readers`, `k` of which must answer alike.
    ///
    /// # Errors
    /// [`ChainError::Settings`] when `k` cannot be reached or the readers are configured for
    /// different chains or contracts.
    #[allow(clippy::new_ret_no_self, reason = "the result is a reader like any other")]
    pub fn new(readers: Vec<ChainReader>, k: usize) -> Result<ChainReader, ChainError> {
        let Some(first) = readers.first() else {
            return Err(ChainError::Settings("no node".to_owned()));
        };
        let neutral = |settings: &ChainSettings| ChainSettings {
            rpc_urls: Vec::new(),
            agreement: None,
            ..settings.clone()
        };
        let common = neutral(&first.settings);
        if readers.iter().any(|reader| neutral(&reader.settings) != common) {
            return Err(ChainError::Settings("the readers follow different chains".to_owned()));
        }
        let urls = readers.iter().flat_map(|reader| reader.settings.rpc_urls.clone()).collect();
        let settings = ChainSettings { rpc_urls: urls, agreement: Some(k), ..common };
        ChainReader::over(settings, readers.into_iter().flat_map(|reader| reader.members).collect())
    }
}

impl ChainReader {
    /// A reader over every endpoint of `settings`; nothing is asked yet.
    ///
    /// # Errors
    /// [`ChainError::Settings`] when there is no endpoint, one is not http(s), or more shall agree
    /// than there are.
    pub fn new(settings: ChainSettings) -> Result<Self, ChainError> {
        Self::with_limits(settings, NodeLimits::default())
    }

    /// As [`ChainReader::new`], with other limits.
    ///
    /// # Errors
    /// As [`ChainReader::new`].
    pub fn with_limits(settings: ChainSettings, limits: NodeLimits) -> Result<Self, ChainError> {
        let members: Result<_, ChainError> = settings
            .rpc_urls
            .iter()
            .map(|url| Ok(Arc::new(Member { node: Node::new(url, limits)?, fit: OnceCell::new() })))
            .collect();
        Self::over(settings, members?)
    }

    fn over(settings: ChainSettings, members: Vec<Arc<Member>>) -> Result<Self, ChainError> {
        if members.is_empty() {
            return Err(ChainError::Settings("no RPC URL".to_owned()));
        }
        let agreement = settings.agreement.unwrap_or(members.len());
        if agreement == 0 || agreement > members.len() {
            return Err(ChainError::Settings(format!(
                "agreement of {agreement} among {} nodes is impossible",
                members.len()
            )));
        }
        Ok(Self { settings: Arc::new(settings), members, agreement, health: Mutex::default() })
    }

    /// The settings it was made from.
    pub fn settings(&self) -> &ChainSettings {
        &self.settings
    }

    /// How each node did in the last round, in the order of the settings; empty before the first.
    pub fn health(&self) -> Vec<NodeHealth> {
        self.health.lock().map(|health| health.clone()).unwrap_or_default()
    }

    fn note(&self, index: usize, state: NodeState) {
        let Ok(mut health) = self.health.lock() else { return };
        let node = self.members[index].node.name().to_owned();
        if health.len() != self.members.len() {
            *health = self
                .members
                .iter()
                .map(|member| NodeHealth {
                    node: member.node.name().to_owned(),
                    state: NodeState::Agreed,
                })
                .collect();
        }
        if state != NodeState::Agreed && health[index].state != state {
            tracing::warn!(node, ?state, "a chain node is out of step");
        }
        health[index].state = state;
    }

    /// Asks these nodes at once.
    async fn each<T, F>(
        &self,
        indices: &[usize],
        question: impl Fn(usize, Arc<Member>) -> F,
    ) -> Vec<(usize, Result<T, ChainError>)>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ChainError>> + Send + 'static,
    {
        let mut set = JoinSet::new();
        for &index in indices {
            let asked = question(index, self.members[index].clone());
            set.spawn(async move { (index, asked.await) });
        }
        let mut answers: Vec<_> = set.join_all().await;
        answers.sort_by_key(|(index, _)| *index);
        answers
    }

    /// The newest trusted block that enough nodes have, and those who have it.
    pub(super) async fn common(&self) -> Result<(BlockInfo, Vec<usize>), ChainError> {
        let all: Vec<_> = (0..self.members.len()).collect();
        let settings = &self.settings;
        let newest = self
            .each(&all, |_, member| {
                let settings = settings.clone();
                async move {
                    member.fit(&settings).await?;
                    let block = member.node.block(tag(settings.trusted_block)).await?;
                    block.ok_or_else(|| ChainError::BadAnswer("no trusted block".to_owned()))
                }
            })
            .await;
        let (mut reached, mut troubles) = (Vec::new(), Vec::new());
        for (index, answer) in newest {
            match answer {
                Ok(block) => reached.push((index, block)),
                Err(error) => {
                    self.note(index, NodeState::Failed(error.code()));
                    troubles.push((self.members[index].node.name().to_owned(), error));
                }
            }
        }
        if reached.len() < self.agreement {
            return Err(too_few(troubles, reached.len(), self.agreement));
        }
        reached.sort_by_key(|(_, block)| std::cmp::Reverse(block.number()));
        let number = reached[self.agreement - 1].1.number();
        for (index, block) in &reached {
            if block.number() < number {
                self.note(*index, NodeState::Lagging { behind: number - block.number() });
            }
        }
        reached.retain(|(_, block)| block.number() >= number);
        let candidates: Vec<_> = reached.iter().map(|(index, _)| *index).collect();
        let blocks = self
            .each(&candidates, |index, member| {
                let own = reached.iter().find(|(other, _)| *other == index);
                let own = own.map(|(_, block)| block.clone()).filter(|b| b.number() == number);
                async move {
                    if let Some(block) = own {
                        return Ok(block);
                    }
                    let block = member.node.block(&at(number)).await?;
                    block.ok_or_else(|| ChainError::BadAnswer("a block is missing".to_owned()))
                }
            })
            .await;
        self.decide(&format!("block {number}"), blocks)
    }

    /// The answer enough nodes gave, and who gave it.
    fn decide<T: PartialEq>(
        &self,
        about: &str,
        answers: Vec<(usize, Result<T, ChainError>)>,
    ) -> Result<(T, Vec<usize>), ChainError> {
        let name = |index: usize| self.members[index].node.name().to_owned();
        let Verdict { answer, agreed, others } =
            judge(about, answers, self.agreement, self.members.len(), name)?;
        for index in &agreed {
            self.note(*index, NodeState::Agreed);
        }
        for (index, state) in others {
            self.note(index, state);
        }
        Ok((answer?, agreed))
    }

    /// Asks the same question of every node that has the common block and takes the answer that
    /// enough of them give.
    pub(super) async fn ask<T, F>(
        &self,
        about: &'static str,
        question: impl Fn(Look) -> F,
    ) -> Result<T, ChainError>
    where
        T: PartialEq + Send + 'static,
        F: Future<Output = Result<T, ChainError>> + Send + 'static,
    {
        let (block, members) = self.common().await?;
        let answers = self
            .each(&members, |_, member| question(Look::new(member, &self.settings, &block)))
            .await;
        self.decide(about, answers).map(|(answer, _)| answer)
    }

    /// Asks the nodes that have the common block one after the other until one answers.
    pub(super) async fn first<T, F>(&self, question: impl Fn(Look) -> F) -> Result<T, ChainError>
    where
        F: Future<Output = Result<T, ChainError>>,
    {
        let (block, members) = self.common().await?;
        let mut trouble = ChainError::BadAnswer("no node answered".to_owned());
        for index in members {
            match question(Look::new(self.members[index].clone(), &self.settings, &block)).await {
                Ok(answer) => return Ok(answer),
                Err(error) => trouble = error,
            }
        }
        Err(trouble)
    }

    /// Whether every node is on the right chain with the right contracts; a node that cannot be
    /// asked is no fault as long as enough can.
    pub(super) async fn check_all(&self) -> Result<(), ChainError> {
        let all: Vec<_> = (0..self.members.len()).collect();
        let settings = &self.settings;
        let checks = self
            .each(&all, |_, member| {
                let settings = settings.clone();
                async move { member.examine(&settings).await }
            })
            .await;
        let mut troubles = Vec::new();
        for (index, check) in checks {
            match check {
                Ok(()) => {}
                Err(
                    error @ (ChainError::WrongChain { .. }
                    | ChainError::ContractMissing(_)
                    | ChainError::ContractCodeMismatch(_)),
                ) => return Err(error),
                Err(error) => troubles.push((self.members[index].node.name().to_owned(), error)),
            }
        }
        let fit = self.members.len() - troubles.len();
        if fit < self.agreement { Err(too_few(troubles, fit, self.agreement)) } else { Ok(()) }
    }
}

/// An address, the contract that shall be there, and its immutables where they are known.
type Published = (Address, Artifact, Vec<Option<[u8; 32]>>);

impl Member {
    async fn fit(&self, settings: &ChainSettings) -> Result<(), ChainError> {
        self.fit.get_or_try_init(|| self.examine(settings)).await.map(|_| ())
    }

    async fn examine(&self, settings: &ChainSettings) -> Result<(), ChainError> {
        let found = self.node.chain_id().await?;
        if found != settings.chain_id {
            return Err(ChainError::WrongChain { expected: settings.chain_id, found });
        }
        // An address that is not configured leaves open what a contract names in its place.
        let word = |address: Address| (!address.is_zero()).then(|| account(address).into_word().0);
        let registry = account(settings.did_registry).into_word().0;
        let directory = word(settings.directory);
        let contracts: [Published; 4] = [
            (settings.did_registry, DID_DOCUMENT_REGISTRY, vec![directory]),
            (settings.status_registry, STATUS_REGISTRY, vec![Some(registry)]),
            (
                settings.accreditation_registry,
                ACCREDITATION_REGISTRY,
                vec![Some(registry), directory],
            ),
            (settings.directory, DIRECTORY, vec![None]),
        ];
        for (address, artifact, immutables) in contracts {
            // A registry that is not configured is not checked; reading from it is refused.
            if address.is_zero() {
                continue;
            }
            let code = self.node.code(account(address), tag(settings.trusted_block)).await?;
            if code.is_empty() {
                return Err(ChainError::ContractMissing(address));
            }
            if !is_code_of(&artifact, &code, &immutables)? {
                return Err(ChainError::ContractCodeMismatch(address));
            }
        }
        Ok(())
    }
}

pub(super) fn account(address: Address) -> Account {
    Account::from(*address.as_bytes())
}

pub(super) fn ours(account: Account) -> Address {
    Address::from_bytes(account.into_array())
}

/// A word as alloy has it.
pub(super) fn b256(word: &[u8; 32]) -> B256 {
    B256::from(*word)
}
