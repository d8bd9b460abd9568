//! `wallet accept`

use credential_wallet::Wallet;
use credential_wallet::accept::session::AcceptSession;
use credential_wallet::accept::{AcceptError, AcceptOutcome, OfferView, TxCodeView};
use localized_text::{Locale, say, say_with};
use qr_code::DeepLink;
use serde_json::{Value, json};

use super::list::summary;
use crate::cli::{AcceptArgs, Cli};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::progress::Progress;
use crate::{Reply, input, screens, terminal};

/// How often a person may mistype before being sent away to look again.
const ENTRIES: u32 = 3;

/// Accepts an offer, or goes on with what was interrupted.
pub(super) async fn run(cli: &Cli, locale: Locale, args: &AcceptArgs) -> Result<Reply, Failure> {
    let link = args.offer.as_deref().map(offer_link).transpose()?;
    let open = Home::of(cli)?.open(cli, locale, args.copies)?;
    let wallet = &open.wallet;
    if let Some(which) = &args.abandon {
        return abandon(wallet, locale, which);
    }
    if args.resume {
        return resume(cli, wallet, locale, args, link.as_deref()).await;
    }
    let link = link.unwrap_or_default();
    // The same QR scanned again while the first try is still open goes on with it.
    if let Some(session) = wallet.session_of_link(&link)? {
        return resume_all(cli, wallet, locale, args, vec![session]).await;
    }
    let progress = Progress::wheel(cli, locale, "wallet-progress-issuer");
    let view = wallet.read_offer(&link).await?;
    drop(progress);
    if !cli.json || !args.yes {
        let tx_code = view.tx_code.as_ref();
        terminal::talk(&screens::offer(
            locale,
            &view.issuer,
            &view.issuer_names,
            &view.credentials,
            tx_code,
        ));
    }
    if !args.yes && !terminal::confirm(locale, &say(locale, "wallet-offer-ask"))? {
        let text = say(locale, "wallet-accept-declined");
        let json = json!({"ok": true, "state": "declined", "offer": view});
        return Ok(Reply { text, json, exit: Exit::No });
    }
    let entry = tx_code_entry(locale, args, view.tx_code.as_ref())?;
    accept(cli, wallet, locale, &view, entry).await
}

async fn accept(
    cli: &Cli,
    wallet: &Wallet,
    locale: Locale,
    view: &OfferView,
    entry: Option<String>,
) -> Result<Reply, Failure> {
    let session = wallet.begin(view)?;
    let outcome = drive(cli, wallet, locale, &session, entry, view.tx_code.as_ref()).await?;
    reply(wallet, locale, &[outcome])
}

/// Drives a session; a person who mistyped the transaction code is asked again.
async fn drive(
    cli: &Cli,
    wallet: &Wallet,
    locale: Locale,
    session: &str,
    mut entry: Option<String>,
    tx_code: Option<&TxCodeView>,
) -> Result<AcceptOutcome, Failure> {
    let mut entries = 1;
    loop {
        let progress = Progress::wheel(cli, locale, "wallet-progress-issuer");
        let driven = wallet.drive(session, entry.as_deref()).await;
        drop(progress);
        match driven {
            Err(error @ AcceptError::TxCodeRefused { .. })
                if terminal::is_interactive() && entries < ENTRIES && tx_code.is_some() =>
            {
                entries += 1;
                let failure = Failure::from(error);
                terminal::talk(&failure.sentences(locale).0);
                entry = Some(terminal::ask(&say(locale, "wallet-tx-code-ask"))?);
            }
            other => return Ok(other?),
        }
    }
}

async fn resume(
    cli: &Cli,
    wallet: &Wallet,
    locale: Locale,
    args: &AcceptArgs,
    link: Option<&str>,
) -> Result<Reply, Failure> {
    let sessions = match link {
        Some(link) => match wallet.session_of_link(link)? {
            Some(session) => vec![session],
            None => return Err(AcceptError::NoSuchSession.into()),
        },
        None => wallet.open_sessions()?,
    };
    if sessions.is_empty() {
        let json = json!({"ok": true, "state": "nothing", "credentials": [], "deferred": [], "failed": []});
        return Ok(Reply::done(say(locale, "wallet-resume-nothing"), json));
    }
    resume_all(cli, wallet, locale, args, sessions).await
}

/// Gives up open sessions; what they stored stays.
fn abandon(wallet: &Wallet, locale: Locale, which: &str) -> Result<Reply, Failure> {
    let mut given_up = Vec::new();
    for session in wallet.open_sessions()? {
        let id = session.id.as_str();
        if which == "all" || id == which || credential_wallet::short_id(id) == which {
            wallet.abandon(id)?;
            given_up.push(session.id);
        }
    }
    if given_up.is_empty() && which != "all" {
        return Err(AcceptError::NoSuchSession.into());
    }
    let count = given_up.len().to_string();
    let text = say_with(locale, "wallet-abandoned", &[("count", &count)]);
    Ok(Reply::done(text, json!({"ok": true, "abandoned": given_up})))
}

/// Several sessions: one that fails does not keep the others from going on.
async fn resume_all(
    cli: &Cli,
    wallet: &Wallet,
    locale: Locale,
    args: &AcceptArgs,
    sessions: Vec<AcceptSession>,
) -> Result<Reply, Failure> {
    let mut outcomes = Vec::new();
    let mut first_failure = None;
    for session in sessions {
        let wanted = Wallet::tx_code_of(&session);
        let driven = match tx_code_entry(locale, args, wanted.as_ref()) {
            Ok(entry) => drive(cli, wallet, locale, &session.id, entry, wanted.as_ref()).await,
            Err(failure) => Err(failure),
        };
        match driven {
            Ok(outcome) => outcomes.push(outcome),
            Err(failure) => first_failure = first_failure.or(Some(failure)),
        }
    }
    match first_failure {
        Some(failure) if outcomes.is_empty() => Err(failure),
        Some(failure) => {
            terminal::talk(&failure.sentences(locale).0);
            reply(wallet, locale, &outcomes)
        }
        None => reply(wallet, locale, &outcomes),
    }
}

fn offer_link(given: &str) -> Result<String, Failure> {
    match input::link(given)? {
        DeepLink::CredentialOffer(link) | DeepLink::WebPage(link) => Ok(link),
        other => Err(Failure::unable("link_of_other_kind", scheme(other.as_str()))),
    }
}

pub(super) fn scheme(link: &str) -> String {
    link.split(':').next().unwrap_or_default().to_owned()
}

fn tx_code_entry(
    locale: Locale,
    args: &AcceptArgs,
    wanted: Option<&TxCodeView>,
) -> Result<Option<String>, Failure> {
    let entry = match (&args.tx_code, wanted) {
        (Some(_), None) if args.resume => None,
        (Some(entry), _) => Some(entry.clone()),
        (None, Some(_)) if terminal::is_interactive() => {
            Some(terminal::ask(&say(locale, "wallet-tx-code-ask"))?)
        }
        (None, Some(_)) => return Err(AcceptError::TxCodeRequired.into()),
        (None, None) => None,
    };
    match (&entry, wanted) {
        (Some(entry), Some(wanted)) => wanted.check(entry)?,
        (Some(_), None) => return Err(AcceptError::TxCodeUnexpected.into()),
        _ => {}
    }
    Ok(entry)
}

/// What came of it, over all sessions.
fn reply(wallet: &Wallet, locale: Locale, outcomes: &[AcceptOutcome]) -> Result<Reply, Failure> {
    let mut lines = Vec::new();
    let mut credentials: Vec<Value> = Vec::new();
    for id in outcomes.iter().flat_map(|outcome| &outcome.credentials) {
        let held = wallet.credential(id)?;
        let (name, short) = (screens::title(locale, &held), credential_wallet::short_id(id));
        lines.push(say_with(locale, "wallet-accept-stored", &[("name", &name), ("id", short)]));
        if held.issuer_check != "verified" {
            let reason = [("reason", held.issuer_check.as_str())];
            lines.push(say_with(locale, "wallet-accept-unverified", &reason));
        }
        credentials.push(summary(locale, &held));
    }
    let deferred: Vec<_> = outcomes.iter().flat_map(|outcome| &outcome.deferred).collect();
    for item in &deferred {
        let time = item.not_before.to_kst_text();
        let arguments = [("name", item.configuration_id.as_str()), ("time", time.as_str())];
        lines.push(say_with(locale, "wallet-accept-deferred", &arguments));
    }
    let failed: Vec<_> = outcomes.iter().flat_map(|outcome| &outcome.failed).collect();
    for item in &failed {
        let arguments = [("name", item.configuration_id.as_str()), ("code", item.code.as_str())];
        lines.push(say_with(locale, "wallet-accept-failed", &arguments));
    }
    let unacknowledged: u64 = outcomes.iter().map(|outcome| outcome.unacknowledged).sum();
    if unacknowledged > 0 {
        lines.push(say(locale, "wallet-accept-unacknowledged"));
    }
    if credentials.is_empty()
        && deferred.is_empty()
        && let Some(item) = failed.first()
    {
        let detail = format!("{}: {} {}", item.configuration_id, item.code, item.detail);
        return Err(Failure::no("nothing_received", detail.trim_end()));
    }
    let exit = if failed.is_empty() { Exit::Done } else { Exit::No };
    let json = json!({
        "ok": failed.is_empty(),
        "state": if deferred.is_empty() { "done" } else { "deferred" },
        "sessions": outcomes.iter().map(|outcome| outcome.session.as_str()).collect::<Vec<_>>(),
        "credentials": credentials,
        "deferred": deferred,
        "failed": failed,
        "unacknowledged": unacknowledged,
    });
    Ok(Reply { text: lines.join("\n"), json, exit })
}
