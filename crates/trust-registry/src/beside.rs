//! Accreditations from a chain beside a trust list.

use std::sync::Arc;

use credential_model::moment::Moment;

use crate::account::ChainAccount;
use crate::chain::ChainTrust;
use crate::entitlement::{Entitlement, Question, TrustSource};
use crate::list::TrustList;

/// The chain speaks where it knows the issuer; the list speaks for those the chain holds nothing
/// about. A chain that was not asked leaves the question open.
#[derive(Debug, Clone)]
pub struct BesideList<C = ChainTrust> {
    /// What was read of the chain.
    pub chain: C,
    /// The list, where there is one.
    pub list: Option<Arc<TrustList>>,
}

impl<C: TrustSource> TrustSource for BesideList<C> {
    fn entitlement(&self, question: &Question<'_>, now: Moment) -> Entitlement {
        let chain = self.chain.entitlement(question, now);
        let Some(list) = &self.list else { return chain };
        // Not asked is neither yes nor no: the chain may hold a suspension, or an accreditation
        // that the list does not know of.
        if chain.is_inconclusive() || self.chain.knows(question.issuer) {
            return chain;
        }
        list.entitlement(question, now)
    }

    fn label(&self) -> String {
        match &self.list {
            Some(list) => format!("{}; {}", self.chain.label(), list.label()),
            None => self.chain.label(),
        }
    }

    fn valid_until(&self) -> Moment {
        self.chain.valid_until()
    }

    fn version(&self) -> u64 {
        self.chain.version()
    }

    fn known_at(&self) -> Option<Moment> {
        self.chain.known_at()
    }

    fn chain_controller(&self, issuer: &str) -> Option<ChainAccount> {
        // On chain a DID belongs to whoever came first: only the list names the right account.
        self.list.as_ref().and_then(|list| list.chain_controller(issuer))
    }

    fn knows(&self, issuer: &str) -> bool {
        self.chain.knows(issuer) || self.list.as_ref().is_some_and(|list| list.knows(issuer))
    }
}
