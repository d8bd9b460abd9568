//! Prints what a year of a nation's credentials costs on chain: `cargo run -p evm-chain --example
//! nation`.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use evm_chain::costs::{GasTable, NATION, simulate};

fn main() {
    let costs = GasTable::measured().and_then(|table| simulate(NATION, &table));
    let Some(costs) = costs else {
        println!("gas.json lacks an operation");
        return;
    };
    println!(
        "{} credentials, {} revocations, {} epochs; gas in all:",
        NATION.credentials, NATION.revocations, NATION.epochs
    );
    for (design, gas) in [
        ("one root per epoch", costs.epochs),
        ("  with deltas in events", costs.epochs_with_deltas),
        ("one transaction per revocation", costs.per_revocation),
        ("one record per credential", costs.per_record),
    ] {
        println!("{design:<32} {gas:>20}  x{:.1}", gas as f64 / costs.epochs as f64);
    }
}
