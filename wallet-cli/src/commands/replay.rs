//! `wallet verify --replay receipt.json`: the verdict of a receipt made again from what lies in it,
//! without asking anybody.

use std::path::Path;

use credential_verification::Overall;
use localized_text::{Locale, say};
use serde_json::json;
use verification_receipts::{MAX_RECEIPT_BYTES, Made, Receipt, Signed, replay};

use crate::cli::{Cli, VerifyArgs};
use crate::failure::{Exit, Failure};
use crate::resolving::KnownDocuments;
use crate::{Reply, input};

/// Checks the receipt, makes its verdict again and compares. The verifier's key is taken from
/// `--did-document`; it is looked up only where `--offline` does not forbid it.
pub(super) async fn run(
    cli: &Cli,
    locale: Locale,
    args: &VerifyArgs,
    path: &Path,
) -> Result<Reply, Failure> {
    let bytes = input::bytes(&path.to_string_lossy(), MAX_RECEIPT_BYTES)?;
    let bad = |what: String| Failure::unable("verify_input", format!("{}: {what}", path.display()));
    let receipt = Receipt::read(&bytes).map_err(|error| bad(error.to_string()))?;
    let resolver = KnownDocuments::plain(cli, !args.offline, &args.did_documents)?;
    let signed = receipt.signed_by(&resolver).await.map_err(|error| bad(error.to_string()))?;

    let given = super::verify::credentials(cli, locale, args)?;
    let given: Vec<Made> = given
        .iter()
        .map(|one| {
            let staple = one.staple.as_ref().and_then(|kept| serde_json::to_value(kept).ok());
            // As the desk reads it: space around a document is not part of it.
            Made::new(one.bytes.trim_ascii(), staple)
        })
        .collect();
    let grounds = std::sync::Arc::new(super::verify::grounds(args)?);
    let replayed =
        replay(&receipt, &given, grounds).await.map_err(|error| bad(error.to_string()))?;

    let mut text = replayed.report.to_text(locale).trim_end().to_owned();
    let told = if replayed.same { "wallet-replay-same" } else { "wallet-replay-other" };
    let by = match signed {
        Signed::ByVerifier => "wallet-replay-signed",
        Signed::Unchecked => "wallet-replay-unchecked",
    };
    for id in [told, by] {
        text.push('\n');
        text.push_str(&say(locale, id));
    }
    let exit = match (replayed.same, replayed.report.overall) {
        (true, Overall::Accept) => Exit::Done,
        (false, _) | (true, Overall::Reject) => Exit::No,
        (true, Overall::Unknown) => Exit::Unable,
    };
    let json = json!({
        "same": replayed.same,
        "signed": signed == Signed::ByVerifier,
        "statement": receipt.statement,
        "report": replayed.report,
    });
    Ok(Reply { text, json, exit })
}
