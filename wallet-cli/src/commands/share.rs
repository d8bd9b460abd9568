//! `wallet share`, `wallet share withdraw`, `wallet shares`

use credential_model::ambient::Clock as _;
use credential_model::moment::Moment;
use credential_wallet::Wallet;
use credential_wallet::records::HeldCredential;
use credential_wallet::shares::{Openings, ShareError, ShareRecord, ShareState};
use localized_text::{Locale, say, say_with};
use serde_json::json;
use signing_keys::system::SystemClock;
use url::Url;

use crate::cli::{Cli, ShareArgs, ShareCommand};
use crate::failure::{Exit, Failure};
use crate::progress::Progress;
use crate::{Reply, terminal};

/// The longest life of a link, seconds.
const LONGEST: i64 = 90 * 86_400;

/// Makes a link, or withdraws one.
pub(super) async fn run(cli: &Cli, locale: Locale, args: &ShareArgs) -> Result<Reply, Failure> {
    if let Some(ShareCommand::Withdraw(which)) = &args.command {
        return withdraw(cli, locale, &which.share).await;
    }
    let seconds = seconds(&args.expires)
        .ok_or_else(|| Failure::unable("share_expiry", args.expires.clone()))?;
    let desk = args.desk.as_ref().ok_or_else(|| Failure::unable("settings", "--desk"))?;
    let open = super::open(cli, locale)?;
    let held = super::held(&open, args.id.as_deref().unwrap_or_default())?;
    let expires = SystemClock.now().plus_seconds(seconds);
    let known = Wallet::optional_claims(&held);
    if let Some(unknown) = args.claims.iter().find(|claim| !known.contains(claim)) {
        let error = match known.is_empty() {
            true => ShareError::OnlyWhole,
            false => ShareError::UnknownClaim(unknown.clone()),
        };
        return Err(error.into());
    }
    if !cli.json || !args.yes {
        terminal::talk(&consent(locale, &held, args, desk, expires, &known));
    }
    if !args.yes && !terminal::confirm(locale, &say(locale, "wallet-share-ask"))? {
        let json = json!({"ok": true, "state": "declined"});
        return Ok(Reply { text: say(locale, "wallet-share-declined"), json, exit: Exit::No });
    }
    let progress = Progress::wheel(cli, locale, "wallet-progress-verifier");
    let made = open.wallet.share(&held, desk, &args.claims, &args.purpose, expires).await?;
    drop(progress);
    let text = say_with(
        locale,
        "wallet-share-made",
        &[("link", &made.link), ("until", &expires.to_kst_text()), ("id", &made.share)],
    );
    let json = json!({
        "ok": true, "state": "shared", "id": made.share, "link": made.link,
        "expires": expires, "claims": made.claims, "credential": made.credential,
    });
    Ok(Reply::done(text, json))
}

/// What would be seen, by whom, until when.
fn consent(
    locale: Locale,
    held: &HeldCredential,
    args: &ShareArgs,
    desk: &Url,
    expires: Moment,
    known: &[String],
) -> String {
    let mut lines = vec![say_with(
        locale,
        "wallet-share-consent",
        &[
            ("name", held.name(locale.as_str())),
            ("desk", &desk.origin().ascii_serialization()),
            ("until", &expires.to_kst_text()),
        ],
    )];
    match args.claims.is_empty() {
        true => lines.push(say(locale, "wallet-share-whole")),
        false => {
            let shown = args.claims.join(", ");
            lines.push(say_with(locale, "wallet-share-only", &[("claims", &shown)]));
        }
    }
    if args.claims.is_empty() && !known.is_empty() {
        lines.push(say_with(locale, "wallet-share-could", &[("claims", &known.join(", "))]));
    }
    if let (_, Some(until)) = held.validity() {
        lines.push(say_with(locale, "wallet-share-validity", &[("until", &until.to_kst_text())]));
    }
    lines.push(say(locale, "wallet-share-means"));
    lines.join("\n")
}

async fn withdraw(cli: &Cli, locale: Locale, which: &str) -> Result<Reply, Failure> {
    let open = super::open(cli, locale)?;
    let progress = Progress::wheel(cli, locale, "wallet-progress-verifier");
    let done = open.wallet.withdraw(which).await?;
    drop(progress);
    let text = say_with(locale, "wallet-share-withdrawn", &[("id", &done.share)]);
    Ok(Reply::done(text, json!({"ok": true, "state": "withdrawn", "id": done.share})))
}

/// Lists the links with their openings, as the desks tell them.
pub(super) async fn list(cli: &Cli, locale: Locale) -> Result<Reply, Failure> {
    let open = super::open(cli, locale)?;
    let shares = open.wallet.shares()?;
    if shares.is_empty() {
        let json = json!({"ok": true, "shares": []});
        return Ok(Reply::done(say(locale, "wallet-shares-none"), json));
    }
    let now = SystemClock.now();
    let progress = Progress::wheel(cli, locale, "wallet-progress-verifier");
    let (mut lines, mut entries) = (Vec::new(), Vec::new());
    for one in shares.iter().rev() {
        let asked = match one.state {
            ShareState::Withdrawn => None,
            _ if one.expires < now => None,
            _ => Some(open.wallet.openings(one).await),
        };
        let state = state_of(one, asked.as_ref(), now);
        let name = open.wallet.credential(&one.credential);
        let name =
            name.map_or_else(|_| "-".to_owned(), |held| held.name(locale.as_str()).to_owned());
        lines.push(line(locale, one, &name, state, asked.as_ref()));
        let openings = asked.and_then(Result::ok);
        entries.push(json!({
            "id": one.share, "link": one.link, "credential": one.credential, "name": name,
            "for": one.purpose, "desk": one.desk, "made": one.made, "expires": one.expires,
            "claims": one.claims, "state": state, "openings": openings,
        }));
    }
    drop(progress);
    lines.push(say(locale, "wallet-shares-means"));
    Ok(Reply::done(lines.join("\n"), json!({"ok": true, "shares": entries})))
}

fn state_of(
    one: &ShareRecord,
    asked: Option<&Result<Openings, ShareError>>,
    now: Moment,
) -> &'static str {
    match (one.state, asked) {
        (ShareState::Withdrawn, _) => "withdrawn",
        _ if one.expires < now => "over",
        (_, Some(Ok(_))) => "open",
        (_, Some(Err(ShareError::Gone))) => "gone",
        _ => "unknown",
    }
}

fn line(
    locale: Locale,
    one: &ShareRecord,
    name: &str,
    state: &str,
    asked: Option<&Result<Openings, ShareError>>,
) -> String {
    let purpose = if one.purpose.is_empty() { "-" } else { &one.purpose };
    let until = one.expires.to_kst_text();
    let told = say(locale, &format!("wallet-share-state-{state}"));
    let openings = match asked {
        Some(Ok(Openings { count, last: Some(last) })) => say_with(
            locale,
            "wallet-share-opened",
            &[("count", &count.to_string()), ("last", &last.to_kst_text())],
        ),
        Some(Ok(_)) => say(locale, "wallet-share-unopened"),
        _ => String::new(),
    };
    let line = say_with(
        locale,
        "wallet-share-line",
        &[
            ("id", &one.share),
            ("name", name),
            ("for", purpose),
            ("state", &told),
            ("until", &until),
        ],
    );
    format!("{line} {openings}").trim_end().to_owned()
}

/// `7 days`, `12 hours`, `2 weeks`, `7일`, `12시간`, `2주`; at most [`LONGEST`].
fn seconds(text: &str) -> Option<i64> {
    let text = text.trim().to_lowercase();
    let digits: String = text.chars().take_while(char::is_ascii_digit).take(4).collect();
    let number: i64 = digits.parse().ok()?;
    let unit = match text[digits.len()..].trim() {
        "minute" | "minutes" | "분" => 60,
        "hour" | "hours" | "시간" => 3_600,
        "day" | "days" | "일" => 86_400,
        "week" | "weeks" | "주" | "주일" => 7 * 86_400,
        _ => return None,
    };
    (1..=LONGEST).contains(&(number * unit)).then_some(number * unit)
}

impl From<ShareError> for Failure {
    fn from(error: ShareError) -> Self {
        let exit = match &error {
            ShareError::Transport(inner) if inner.is_passing() => Exit::Unable,
            ShareError::Ledger(_) => Exit::Unable,
            _ => Exit::No,
        };
        Self { exit, code: error.code().to_owned(), detail: error.to_string(), near: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_said_in_words() {
        let cases = [
            ("7 days", 604_800),
            ("1 day", 86_400),
            ("12 hours", 43_200),
            ("2 weeks", 1_209_600),
            ("90 days", LONGEST),
            ("7일", 604_800),
            ("12시간", 43_200),
            ("2 주", 1_209_600),
        ];
        for (text, expected) in cases {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in
            ["", "7", "days", "0 days", "-1 days", "91 days", "99999999 days", "7 years", "７일"]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
