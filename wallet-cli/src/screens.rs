//! What people read: plain functions of records, under snapshot in both languages.

use std::collections::BTreeMap;

use credential_model::moment::Moment;
use credential_wallet::accept::{OfferedCredential, TxCodeView};
use credential_wallet::claims::ShownClaim;
use credential_wallet::present::{ConsentItem, ConsentView, Proven};
use credential_wallet::records::{HeldCredential, HistoryEntry, Outcome, pick};
use credential_wallet::{Wallet, short_id};
use localized_text::{Locale, harmless, say, say_with};
use signing_keys::KeyInfo;

use crate::columns::{pairs, table};

/// Who offers what.
pub fn offer(
    locale: Locale,
    issuer: &str,
    issuer_names: &BTreeMap<String, String>,
    credentials: &[OfferedCredential],
    tx_code: Option<&TxCodeView>,
) -> String {
    let mut lines = vec![format!("── {} ──", say(locale, "wallet-offer-title"))];
    let name = pick(issuer_names, locale.as_str()).unwrap_or(issuer);
    lines.push(format!(
        "{} {}",
        say_with(locale, "wallet-offer-issuer", &[("name", name)]),
        say(locale, "wallet-offer-self-stated")
    ));
    lines.push(say_with(locale, "wallet-offer-address", &[("address", issuer)]));
    lines.push(say(locale, "wallet-offer-items"));
    for one in credentials {
        let name = pick(&one.names, locale.as_str()).unwrap_or(&one.configuration_id);
        lines.push(say_with(
            locale,
            "wallet-offer-item",
            &[("name", name), ("format", &one.format)],
        ));
    }
    if let Some(code) = tx_code {
        lines.push(say(locale, "wallet-offer-tx-code"));
        if let Some(length) = code.length {
            let length = length.to_string();
            lines.push(say_with(locale, "wallet-offer-tx-code-shape", &[("length", &length)]));
        }
        if let Some(text) = &code.description {
            lines.push(say_with(locale, "wallet-offer-tx-code-words", &[("text", text)]));
        }
    }
    lines.join("\n")
}

/// A credential's name with what it is about.
pub fn title(locale: Locale, held: &HeldCredential) -> String {
    let name = harmless(held.name(locale.as_str()));
    match held.topic() {
        Some(topic) if topic != name => format!("{name} · {}", harmless(&topic)),
        _ => name,
    }
}

/// The list.
pub fn list(locale: Locale, held: &[HeldCredential], pending: usize) -> String {
    let mut text = if held.is_empty() {
        say(locale, "wallet-list-empty")
    } else {
        let heading = ["id", "name", "format", "issuer", "until", "received"]
            .map(|column| say(locale, &format!("wallet-list-{column}")));
        let rows: Vec<Vec<String>> = held
            .iter()
            .map(|one| {
                let until = one.validity().1.map_or_else(|| "-".to_owned(), |end| end.date_kst());
                vec![
                    short_id(&one.id).to_owned(),
                    title(locale, one),
                    one.format.clone(),
                    harmless(one.source_name(locale.as_str())),
                    until,
                    one.received_at.date_kst(),
                ]
            })
            .collect();
        table(&heading, &rows)
    };
    if pending > 0 {
        let count = pending.to_string();
        text.push_str("\n\n");
        text.push_str(&say_with(locale, "wallet-list-pending", &[("count", &count)]));
    }
    text
}

/// One credential.
pub fn show(locale: Locale, held: &HeldCredential) -> String {
    let label = |name: &str| say(locale, &format!("wallet-show-{name}"));
    let mut rows = vec![
        (label("id"), held.id.clone()),
        (label("issuer"), harmless(held.source_name(locale.as_str()))),
        (label("issuer-id"), harmless(&held.issuer)),
        (label("format"), held.format.clone()),
    ];
    let (from, until) = held.validity();
    if let Some(from) = from {
        rows.push((label("from"), from.to_kst_text()));
    }
    if let Some(until) = until {
        rows.push((label("until"), until.to_kst_text()));
    }
    rows.push((label("received"), held.received_at.to_kst_text()));
    let check = if held.issuer_check == "verified" {
        label("check-verified")
    } else {
        say_with(locale, "wallet-show-check-not", &[("reason", &held.issuer_check)])
    };
    rows.push((label("check"), check));
    let presented: u64 = held.copies.iter().map(|copy| copy.presented).sum();
    let (count, presented) = (held.copies.len().to_string(), presented.to_string());
    let copies = [("count", count.as_str()), ("presented", presented.as_str())];
    rows.push((label("copies"), say_with(locale, "wallet-show-copies-count", &copies)));
    let holder = match held.copies.first().and_then(|copy| copy.binding.as_ref()) {
        Some(binding) if binding.named => label("holder-named"),
        Some(_) => label("holder-unnamed"),
        None => label("holder-none"),
    };
    rows.push((label("holder"), holder));
    let kept = held.copies.first().and_then(|copy| copy.evidence.as_ref());
    let evidence = kept.map_or_else(
        || label("evidence-none"),
        |kept| {
            let date = kept.fetched_at.date_kst();
            say_with(locale, "wallet-show-evidence-there", &[("date", &date)])
        },
    );
    rows.push((label("evidence"), evidence));
    let claims = claim_lines(locale, &Wallet::shown_claims(held), 2);
    let id = short_id(&held.id);
    format!(
        "{}\n\n{}\n\n{}\n{claims}\n\n{}",
        title(locale, held),
        pairs(&rows, 0),
        label("claims"),
        say_with(locale, "wallet-show-status-hint", &[("id", id)])
    )
}

/// The consent screen: who, why, until when, what, and what to beware of.
pub fn consent(locale: Locale, view: &ConsentView) -> String {
    let language = locale.as_str();
    let mut lines = vec![format!("── {} ──", say(locale, "wallet-consent-title")), String::new()];
    let verifier = &view.verifier;
    let unknown = say(locale, "wallet-unknown-name");
    let name = pick(&verifier.names, language).unwrap_or(&unknown);
    lines.push(heading(locale, "who"));
    lines.push(indented(say_with(locale, "wallet-consent-name", &[("name", name)])));
    lines.push(indented(say_with(locale, "wallet-consent-client", &[("id", &verifier.client_id)])));
    lines.push(indented(match &verifier.proven {
        Proven::Nothing => say(locale, "wallet-consent-unsigned"),
        Proven::Did { did } => {
            let domain = verifier.domain.as_deref().unwrap_or(did);
            say_with(locale, "wallet-consent-signed-did", &[("domain", domain)])
        }
        Proven::Certificate { name, dns_names, .. } => {
            let shown = name.as_deref().or_else(|| dns_names.first().map(String::as_str));
            let shown = shown.unwrap_or(&unknown);
            say_with(locale, "wallet-consent-signed-certificate", &[("name", shown)])
        }
    }));
    let host = verifier.answer_to.as_str();
    lines.push(indented(say_with(locale, "wallet-consent-answer-to", &[("host", host)])));
    if let Some(code) = &view.match_code {
        lines.push(indented(say_with(locale, "wallet-consent-match-code", &[("code", code)])));
    }
    lines.push(String::new());
    lines.push(heading(locale, "why"));
    lines.push(indented(match pick(&view.purpose, language) {
        Some(purpose) => say_with(locale, "wallet-consent-purpose", &[("purpose", purpose)]),
        None => say(locale, "wallet-consent-no-purpose"),
    }));
    lines.push(String::new());
    lines.push(heading(locale, "until"));
    lines.push(indented(match view.expires_at {
        Some(end) => {
            let time = end.to_kst_text();
            say_with(locale, "wallet-consent-until-time", &[("time", &time)])
        }
        None => say(locale, "wallet-consent-until-open"),
    }));
    lines.push(String::new());
    lines.push(heading(locale, "what"));
    for item in &view.items {
        lines.push(consent_item(locale, item));
        lines.push(String::new());
    }
    if !view.optional.is_empty() {
        let queries = view.optional.join(", ");
        lines.push(say_with(locale, "wallet-consent-optional", &[("queries", &queries)]));
        lines.push(String::new());
    }
    for code in &view.warnings {
        let text = say(locale, &format!("wallet-warning-{}", code.replace('_', "-")));
        lines.push(format!("⚠ {}", say_with(locale, "wallet-warning", &[("text", &text)])));
    }
    if !view.warnings.is_empty() {
        lines.push(String::new());
    }
    lines.push(say(locale, "wallet-consent-refusing"));
    lines.join("\n")
}

fn heading(locale: Locale, name: &str) -> String {
    format!("▪ {}", say(locale, &format!("wallet-consent-{name}")))
}

fn indented(text: String) -> String {
    format!("  {text}")
}

fn consent_item(locale: Locale, item: &ConsentItem) -> String {
    let language = locale.as_str();
    let name = pick(&item.names, language).unwrap_or(&item.query);
    let issuer = pick(&item.issuer_names, language).unwrap_or(&item.issuer);
    let id = short_id(&item.credential);
    let mut lines = vec![indented(say_with(
        locale,
        "wallet-consent-credential",
        &[("name", name), ("issuer", issuer), ("id", id)],
    ))];
    if item.whole {
        lines.push(say(locale, "wallet-consent-whole"));
    }
    if item.discloses.is_empty() {
        lines.push(say(locale, "wallet-consent-nothing-more"));
    } else {
        lines.push(say(locale, "wallet-consent-discloses"));
        lines.push(claim_lines(locale, &item.discloses, 6));
    }
    if !item.always.is_empty() {
        lines.push(say(locale, "wallet-consent-always"));
        lines.push(claim_lines(locale, &item.always, 6));
    }
    if item.hidden > 0 {
        let count = item.hidden.to_string();
        lines.push(say_with(locale, "wallet-consent-hidden", &[("count", &count)]));
    }
    if !item.alternatives.is_empty() {
        let ids: Vec<&str> = item.alternatives.iter().map(|id| short_id(id)).collect();
        let ids = ids.join(", ");
        let arguments = [("ids", ids.as_str()), ("query", item.query.as_str())];
        lines.push(say_with(locale, "wallet-consent-alternatives", &arguments));
    }
    lines.join("\n")
}

fn claim_lines(locale: Locale, claims: &[ShownClaim], indent: usize) -> String {
    let language = locale.as_str();
    let rows: Vec<(String, String)> = claims
        .iter()
        .map(|claim| {
            (
                harmless(&claim.label(language)),
                shortened(&readable(&harmless(claim.text(language)))),
            )
        })
        .collect();
    if rows.is_empty() { indented(say(locale, "wallet-none")) } else { pairs(&rows, indent) }
}

/// A date-time as people write it here; a whole day as its date.
fn readable(text: &str) -> String {
    let looks_like = text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T');
    match Moment::parse(text) {
        // Midnight in Korea is how a bare date is stored: then the day is all there is to say.
        Ok(moment) if looks_like && (moment.unix() + 9 * 3600) % 86_400 == 0 => moment.date_kst(),
        Ok(moment) if looks_like => moment.to_kst_text(),
        _ => text.to_owned(),
    }
}

/// Pictures and long texts would drown the rest.
fn shortened(text: &str) -> String {
    const MAX: usize = 160;
    if text.chars().count() <= MAX {
        return text.to_owned();
    }
    let start: String = text.chars().take(MAX).collect();
    format!("{start}…")
}

/// The public halves of the keys.
pub fn keys(locale: Locale, keys: &[KeyInfo]) -> String {
    if keys.is_empty() {
        return say(locale, "wallet-keys-empty");
    }
    let heading =
        ["label", "kind", "thumbprint"].map(|column| say(locale, &format!("wallet-keys-{column}")));
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|key| {
            let thumbprint =
                key.public_key.as_ref().map_or_else(String::new, |key| key.thumbprint());
            vec![harmless(&key.label), key.algorithm.as_str().to_owned(), thumbprint]
        })
        .collect();
    table(&heading, &rows)
}

/// What was presented to whom, newest first.
pub fn history(locale: Locale, entries: &[HistoryEntry]) -> String {
    if entries.is_empty() {
        return say(locale, "wallet-history-empty");
    }
    let heading = ["when", "who", "what", "outcome"]
        .map(|column| say(locale, &format!("wallet-history-{column}")));
    let rows: Vec<Vec<String>> = entries
        .iter()
        .rev()
        .map(|entry| {
            let who = pick(&entry.verifier_names, locale.as_str()).unwrap_or(&entry.client_id);
            let what: Vec<String> = entry
                .disclosed
                .iter()
                .map(|one| {
                    let name = pick(&one.names, locale.as_str()).unwrap_or("-");
                    let count = one.paths.len().to_string();
                    say_with(locale, "wallet-history-count", &[("name", name), ("count", &count)])
                })
                .collect();
            let outcome = match &entry.outcome {
                Outcome::Delivered => say(locale, "wallet-history-delivered"),
                Outcome::Refused => say(locale, "wallet-history-refused"),
                Outcome::Sending => say(locale, "wallet-history-sending"),
                Outcome::Failed(code) => {
                    say_with(locale, "wallet-history-failed", &[("code", code)])
                }
            };
            let what = if what.is_empty() { "-".to_owned() } else { what.join(", ") };
            vec![entry.at.to_kst_text(), harmless(who), what, outcome]
        })
        .collect();
    table(&heading, &rows)
}
