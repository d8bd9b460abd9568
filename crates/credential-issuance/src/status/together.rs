//! Status changes that come in at the same time are made in one durable step: one flush of the disk
//! for all of them, where each had one of its own.

use std::collections::{BTreeSet, VecDeque};
use std::sync::PoisonError;

use credential_model::moment::Moment;
use tokio::sync::{Mutex, oneshot};

use super::{StatusAction, StatusChangeError, transition};
use crate::Issuer;
use crate::audit::{AuditAction, AuditEvent};
use crate::credential::{CredentialRecord, StatusChange};
use crate::ids::CredentialId;
use crate::store::StoreError;

/// Most changes in one step; more wait for the next.
const MOST: usize = 1_000;

/// What is wanted and not yet done.
#[derive(Default)]
pub(crate) struct Together {
    waiting: std::sync::Mutex<VecDeque<Order>>,
    // Whoever holds the turn makes the changes of all that wait.
    turn: Mutex<()>,
}

type Sender = oneshot::Sender<Result<CredentialRecord, StatusChangeError>>;

/// An order that waits for its turn.
struct Order {
    wish: Wish,
    /// What it came to when it was given.
    change: (CredentialRecord, AuditEvent),
    sender: Sender,
}

/// What one officer wants.
struct Wish {
    id: CredentialId,
    action: StatusAction,
    reason: String,
    at: Moment,
    // Made by the officer's own task, which knows their name.
    event: AuditEvent,
}

impl Wish {
    /// The record afterwards and what is told of it, where the rules allow it.
    fn of(
        &self,
        record: Option<CredentialRecord>,
    ) -> Result<(CredentialRecord, AuditEvent), StatusChangeError> {
        let record = record.ok_or(StatusChangeError::Unknown)?;
        if record.issued().is_none() {
            return Err(StatusChangeError::NotIssued);
        }
        let (from, at, reason) = (record.status, self.at, self.reason.clone());
        let to = transition(from, self.action).ok_or(StatusChangeError::NotAllowed {
            from: from.message(),
            action: self.action.as_str(),
        })?;
        let mut changed = CredentialRecord { status: to, revision: record.revision + 1, ..record };
        changed.history.push(StatusChange { at, from, to, reason });
        Ok((changed, self.event.clone().about("to", to.message())))
    }
}

impl Issuer {
    /// Makes one change durable, with others where the store takes many at once.
    pub(super) async fn change(
        &self,
        id: &CredentialId,
        action: StatusAction,
        reason: &str,
    ) -> Result<CredentialRecord, StatusChangeError> {
        let event = self
            .event("officer", AuditAction::StatusChanged)
            .about("credential", id)
            .because(Some(reason.to_owned()));
        let (id, reason) = (id.clone(), reason.to_owned());
        let wish = Wish { id, action, reason, at: self.now(), event };
        if !self.store.takes_many() {
            return self.change_alone(&wish).await;
        }
        // Each looks at its own credential before it waits, so that this is done on all cores.
        let change = self.wanted(&wish).await?;
        let (sender, mut answer) = oneshot::channel();
        self.together.add(Order { wish, change, sender });
        let _turn = self.together.turn.lock().await;
        // Whoever had the turn before has often done ours; else we do what waits, ours among it.
        loop {
            match answer.try_recv() {
                Ok(outcome) => return outcome,
                Err(oneshot::error::TryRecvError::Empty) => {
                    self.change_all(self.together.take()).await;
                }
                Err(oneshot::error::TryRecvError::Closed) => {
                    let lost = StoreError::Backend("the change was interrupted".to_owned());
                    return Err(lost.into());
                }
            }
        }
    }

    /// What an order comes to now.
    async fn wanted(
        &self,
        wish: &Wish,
    ) -> Result<(CredentialRecord, AuditEvent), StatusChangeError> {
        wish.of(self.store.credential(&wish.id).await?)
    }

    async fn change_alone(&self, wish: &Wish) -> Result<CredentialRecord, StatusChangeError> {
        let (changed, event) = self.wanted(wish).await?;
        self.store.change_status(&changed, event).await?;
        Ok(changed)
    }

    /// Nothing here waits: a store that takes many at once never suspends, so whoever has the turn
    /// cannot go away in the middle of it.
    async fn change_all(&self, mut orders: Vec<Order>) {
        while !orders.is_empty() {
            // A second change of the same credential builds on the first.
            let mut seen = BTreeSet::new();
            let (now, later): (Vec<_>, Vec<_>) =
                orders.into_iter().partition(|order| seen.insert(order.wish.id.clone()));
            orders = later;
            let (changes, askers): (Vec<_>, Vec<_>) =
                now.into_iter().map(|order| (order.change, (order.wish, order.sender))).unzip();
            match self.store.change_many(&changes).await {
                Ok(()) => answer(askers, changes),
                Err(_) => self.change_anew(askers).await,
            }
        }
    }

    /// Somebody was faster with one of them: they are looked at once more, together and then each
    /// for itself. One that cannot be made must not hold up the others.
    async fn change_anew(&self, askers: Vec<(Wish, Sender)>) {
        let (mut changes, mut left) = (Vec::new(), Vec::new());
        for (wish, sender) in askers {
            match self.wanted(&wish).await {
                Ok(change) => {
                    changes.push(change);
                    left.push((wish, sender));
                }
                Err(error) => drop(sender.send(Err(error))),
            }
        }
        if changes.is_empty() {
            return;
        }
        if self.store.change_many(&changes).await.is_ok() {
            return answer(left, changes);
        }
        for (wish, sender) in left {
            // Nobody may be left to hear it.
            let _ = sender.send(self.change_alone(&wish).await);
        }
    }
}

fn answer(askers: Vec<(Wish, Sender)>, changes: Vec<(CredentialRecord, AuditEvent)>) {
    for ((_, sender), (changed, _)) in askers.into_iter().zip(changes) {
        let _ = sender.send(Ok(changed));
    }
}

impl Together {
    fn add(&self, order: Order) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back(order);
    }

    /// The next ones. An order whose giver has gone is not carried out at some later time.
    fn take(&self) -> Vec<Order> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(MOST);
        waiting.drain(..count).filter(|order| !order.sender.is_closed()).collect()
    }
}
