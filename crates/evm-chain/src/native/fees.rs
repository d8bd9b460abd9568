//! What to bid for gas, and when to bid more.

/// Limits of bidding. Age is counted in blocks: no clock is needed, and an idle chain is no reason
/// to pay more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeePolicy {
    /// Never bid more than this, in wei per gas; during a spike transactions wait.
    pub max_fee_cap: u64,
    /// Replace a transaction not mined within so many blocks.
    pub bump_after_blocks: u64,
}

impl Default for FeePolicy {
    /// 500 gwei and 6 blocks.
    fn default() -> Self {
        Self { max_fee_cap: 500_000_000_000, bump_after_blocks: 6 }
    }
}

/// EIP-1559 fees in wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fees {
    pub(super) max_fee: u64,
    pub(super) tip: u64,
}

impl FeePolicy {
    /// Twice the base fee leaves room for six full blocks in a row (EIP-1559 raises an eighth a block).
    pub(super) fn suggest(&self, base_fee: u64, tip: u64) -> Fees {
        let max_fee = base_fee.saturating_mul(2).saturating_add(tip).min(self.max_fee_cap);
        Fees { max_fee, tip: tip.min(max_fee) }
    }

    /// Fees that every pool takes as a replacement (an eighth more in both; pools want a tenth),
    /// none when the cap forbids it.
    pub(super) fn bump(&self, old: Fees, suggested: Fees) -> Option<Fees> {
        let eighth_more = |fee: u64| fee.saturating_add(fee / 8).saturating_add(1);
        let max_fee = eighth_more(old.max_fee).max(suggested.max_fee);
        let tip = eighth_more(old.tip).max(suggested.tip);
        (max_fee <= self.max_fee_cap).then_some(Fees { max_fee, tip: tip.min(max_fee) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_within_the_cap() {
        let policy = FeePolicy { max_fee_cap: 100, bump_after_blocks: 1 };
        assert_eq!(policy.suggest(10, 5), Fees { max_fee: 25, tip: 5 });
        assert_eq!(policy.suggest(90, 5), Fees { max_fee: 100, tip: 5 });
        assert_eq!(policy.suggest(u64::MAX, u64::MAX), Fees { max_fee: 100, tip: 100 });
        // A free-gas network (Besu with zero base fee) is bid nothing.
        assert_eq!(policy.suggest(0, 0), Fees { max_fee: 0, tip: 0 });
    }

    #[test]
    fn a_replacement_outbids_by_a_tenth_or_is_not_made() {
        let policy = FeePolicy { max_fee_cap: 1_000, bump_after_blocks: 1 };
        let old = Fees { max_fee: 800, tip: 80 };
        let new = policy.bump(old, Fees { max_fee: 1, tip: 1 }).unwrap();
        assert!(new.max_fee * 10 >= old.max_fee * 11 && new.tip * 10 >= old.tip * 11);
        assert_eq!(policy.bump(Fees { max_fee: 900, tip: 1 }, Fees { max_fee: 1, tip: 1 }), None);
        assert!(policy.bump(Fees { max_fee: 0, tip: 0 }, Fees { max_fee: 0, tip: 0 }).is_some());
    }
}
