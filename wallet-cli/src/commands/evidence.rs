//! `wallet evidence` and `wallet export`: proofs that lie beside a credential.

use chain_anchors::Staple;
use credential_wallet::records::{HeldCredential, HeldEvidence};
use credential_wallet::short_id;
use localized_text::{Locale, say, say_with};
use serde_json::{Value, json};

use crate::cli::{Cli, EvidenceCommand, EvidenceFetchArgs, EvidenceShowArgs};
use crate::failure::{Exit, Failure};
use crate::progress::Progress;
use crate::{Reply, screens};

/// Fetches or shows.
pub(super) async fn run(
    cli: &Cli,
    locale: Locale,
    command: &EvidenceCommand,
) -> Result<Reply, Failure> {
    match command {
        EvidenceCommand::Fetch(args) => fetch(cli, locale, args).await,
        EvidenceCommand::Show(args) => show(cli, locale, args),
    }
}

async fn fetch(cli: &Cli, locale: Locale, args: &EvidenceFetchArgs) -> Result<Reply, Failure> {
    let open = super::open(cli, locale)?;
    let wanted = match &args.id {
        Some(id) => vec![super::held(&open, id)?],
        None => open.wallet.credentials()?,
    };
    let progress = Progress::bar(cli, locale, "wallet-progress-issuer", wanted.len());
    let (mut lines, mut rows, mut fetched, mut failed) = (Vec::new(), Vec::new(), 0, 0);
    for held in &wanted {
        let done = open.wallet.fetch_evidence(&held.id).await?;
        progress.step();
        fetched += usize::from(done.renewed > 0);
        failed += usize::from(!done.failed.is_empty());
        let codes: Vec<&str> = done.failed.iter().map(|error| error.code()).collect();
        let key = match (done.renewed, done.kept, codes.is_empty()) {
            (_, _, false) => "wallet-evidence-failed",
            (0, _, true) => "wallet-evidence-kept",
            (_, _, true) => "wallet-evidence-fetched",
        };
        let name = screens::title(locale, held);
        let reason = codes.join(", ");
        lines.push(say_with(locale, key, &[("name", &name), ("reason", &reason)]));
        rows.push(json!({
            "id": held.id, "renewed": done.renewed, "kept": done.kept, "failed": codes,
        }));
    }
    drop(progress);
    if lines.is_empty() {
        lines.push(say(locale, "wallet-list-empty"));
    }
    let json = json!({
        "ok": failed == 0, "fetched": fetched, "failed": failed, "credentials": rows,
    });
    let exit = if failed == 0 { Exit::Done } else { Exit::Unable };
    Ok(Reply { text: lines.join("\n"), json, exit })
}

fn show(cli: &Cli, locale: Locale, args: &EvidenceShowArgs) -> Result<Reply, Failure> {
    let open = super::open(cli, locale)?;
    let held = super::held(&open, &args.id)?;
    let kept = evidence(&held)?;
    let staple = as_json(&kept.staple)?;
    let text = serde_json::to_string_pretty(&staple).unwrap_or_default();
    let json = json!({
        "ok": true, "id": held.id, "fetched_at": kept.fetched_at,
        "what": contents(&kept.staple), "staple": staple,
    });
    Ok(Reply::done(text, json))
}

/// The evidence of the copy that is shown first.
fn evidence(held: &HeldCredential) -> Result<&HeldEvidence, Failure> {
    let kept = held.copies.first().and_then(|copy| copy.evidence.as_ref());
    kept.ok_or_else(|| Failure::unable("no_evidence", short_id(&held.id).to_owned()))
}

/// What a staple has, in one JSON object. Nothing of it was checked.
pub(super) fn contents(staple: &Staple) -> Value {
    json!({
        "issuance": staple.issuance.is_some(),
        "status_lists": staple.status.len(),
        "did_documents": staple.did.len(),
        "chain_proofs": staple.chain.len(),
    })
}

/// The kept evidence of a credential as JSON.
pub(super) fn staple_json(held: &HeldCredential) -> Result<Value, Failure> {
    as_json(&evidence(held)?.staple)
}

fn as_json(staple: &Staple) -> Result<Value, Failure> {
    serde_json::to_value(staple).map_err(|error| Failure::unable("other", error.to_string()))
}
