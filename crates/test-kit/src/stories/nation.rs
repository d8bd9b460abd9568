//! What a nation's credentials cost on the chain in a year, beside designs that write for each.

use anyhow::{Context, Result};
use evm_chain::costs::{GasTable, NATION, simulate};
use serde_json::json;

use crate::teller::Teller;

/// Tells the costs, and prints them as JSON for programs.
pub fn tell(teller: Teller) -> Result<()> {
    let table = GasTable::measured().context("gas.json cannot be read")?;
    let costs = simulate(NATION, &table).context("gas.json lacks an operation")?;
    let epoch = table.of("epoch_next").context("gas.json lacks the epoch")?;
    teller.title("demo-title-nation");
    let of = |number: u64| thousands(number);
    teller.step(
        "demo-nation-scale",
        &[
            ("credentials", &of(NATION.credentials)),
            ("revocations", &of(NATION.revocations)),
            ("epochs", &of(NATION.epochs)),
        ],
    );
    for (design, gas) in [
        ("roots", costs.epochs),
        ("deltas", costs.epochs_with_deltas),
        ("revocation", costs.per_revocation),
        ("record", costs.per_record),
    ] {
        let name = teller.say(&format!("demo-nation-{design}"));
        // Tenths, without a float: the figures are whole numbers of gas.
        let tenths = gas.saturating_mul(10) / costs.epochs.max(1);
        let times = format!("{}.{}", of(tenths / 10), tenths % 10);
        let gas = of(gas);
        teller.step("demo-nation-line", &[("design", &name), ("gas", &gas), ("times", &times)]);
    }
    teller.step("demo-nation-epoch", &[("gas", &of(epoch))]);
    let summary = json!({
        "credentials": NATION.credentials.to_string(),
        "revocations": NATION.revocations.to_string(),
        "epochs": NATION.epochs.to_string(),
        "gas_per_epoch": epoch.to_string(),
        "gas": {
            "root_per_epoch": costs.epochs.to_string(),
            "root_per_epoch_with_deltas": costs.epochs_with_deltas.to_string(),
            "transaction_per_revocation": costs.per_revocation.to_string(),
            "record_per_credential": costs.per_record.to_string(),
        },
    });
    println!("{summary}");
    Ok(())
}

/// `14866650000000` as `14,866,650,000,000`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn numbers_are_readable() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (14_866_650, "14,866,650")]
        {
            assert_eq!(thousands(number), text);
        }
    }
}
