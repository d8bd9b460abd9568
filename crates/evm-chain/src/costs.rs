//! What anchoring costs at a nation's scale, beside designs that write per credential.

use serde::{Deserialize, Serialize};

/// Gas of each operation as a test measured it (`tests/gas.rs` compares; it tells how to renew).
pub const MEASURED: &str = include_str!("../gas.json");

/// Per-credential revocation on chain, gas each (design notes `anchoring.md`, measured there).
pub const PER_REVOCATION: u64 = 45_503;
/// A record per credential, gas each (as above: the Korean incumbent's contract).
pub const PER_RECORD: u64 = 495_555;

/// The checked-in table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GasTable {
    /// Operation → gas.
    pub operations: std::collections::BTreeMap<String, u64>,
}

impl GasTable {
    /// The checked-in table; a test reads it, so that it is sound.
    pub fn measured() -> Option<Self> {
        serde_json::from_str(MEASURED).ok()
    }

    /// Gas of one operation.
    pub fn of(&self, operation: &str) -> Option<u64> {
        self.operations.get(operation).copied()
    }
}

/// How much is issued, revoked and anchored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Credentials issued.
    pub credentials: u64,
    /// Of them revoked.
    pub revocations: u64,
    /// Epochs anchored meanwhile, heartbeats included.
    pub epochs: u64,
}

/// Gas of the designs side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Costs {
    /// One root per epoch, whatever it covers.
    pub epochs: u64,
    /// The same with every revocation's delta in the events (5 bytes each), so that lists can be
    /// rebuilt from the chain alone.
    pub epochs_with_deltas: u64,
    /// One transaction per revocation.
    pub per_revocation: u64,
    /// One record per credential, and one transaction per revocation.
    pub per_record: u64,
}

/// 30 million credentials, 300,000 revoked, a year of hourly epochs.
pub const NATION: Scale = Scale { credentials: 30_000_000, revocations: 300_000, epochs: 8_760 };

/// Bytes of one revocation in a delta (500 revocations are 2.5 kB, design notes `anchoring.md`).
const DELTA_BYTES: u64 = 5;

/// Reckons the costs of a scale with a table of gas. None when the table lacks an operation.
pub fn simulate(scale: Scale, table: &GasTable) -> Option<Costs> {
    let (first, next) = (table.of("epoch_first")?, table.of("epoch_next")?);
    let with_delta = table.of("epoch_with_delta_2500_bytes")?;
    let epochs = first + next * scale.epochs.saturating_sub(1);
    // What a delta's byte adds, from the measured one; the fixed part of a second event is in it.
    let deltas = scale.revocations * DELTA_BYTES * with_delta.saturating_sub(next) / 2_500;
    let per_revocation = PER_REVOCATION * scale.revocations;
    Some(Costs {
        epochs,
        epochs_with_deltas: epochs + deltas,
        per_revocation,
        per_record: PER_RECORD * scale.credentials + per_revocation,
    })
}
