//! `wallet present`

use credential_wallet::claims::dotted;
use credential_wallet::present::{AskedPresentation, Choices, ConsentView, PresentError};
use credential_wallet::records::pick;
use localized_text::{Locale, say, say_with};
use qr_code::DeepLink;
use serde_json::{Value, json};

use super::accept::scheme;
use crate::cli::{Cli, PresentArgs};
use crate::failure::{Exit, Failure};
use crate::progress::Progress;
use crate::{Reply, input, screens, terminal};

/// Answers a verifier's request.
pub(super) async fn run(cli: &Cli, locale: Locale, args: &PresentArgs) -> Result<Reply, Failure> {
    let link = match input::link(&args.request)? {
        DeepLink::PresentationRequest(link) | DeepLink::WebPage(link) => link,
        other => return Err(Failure::unable("link_of_other_kind", scheme(other.as_str()))),
    };
    let choices = choices(args)?;
    let open = super::open(cli, locale)?;
    let wallet = &open.wallet;
    let progress = Progress::wheel(cli, locale, "wallet-progress-verifier");
    let asked = wallet.read_request(&link).await?;
    drop(progress);
    if args.refuse {
        return refuse(wallet, locale, &asked, None, Exit::Done).await;
    }
    let plan = match wallet.plan(&asked, &choices) {
        Ok(plan) => plan,
        Err(error) => {
            let finding = matches!(
                error,
                PresentError::NothingFits { .. } | PresentError::FormatsNotSupported
            );
            // Whether the holder has something is nobody's business unasked: the verifier
            // hears of it only when the holder agreed beforehand to answer.
            if finding && args.yes {
                wallet.report(&asked, &error).await;
            }
            return Err(error.into());
        }
    };
    let view = plan.consent(&asked);
    if !cli.json || !args.yes {
        terminal::talk(&screens::consent(locale, &view));
    }
    if !args.yes && !terminal::confirm(locale, &say(locale, "wallet-consent-ask"))? {
        return refuse(wallet, locale, &asked, Some(&view), Exit::No).await;
    }
    let progress = Progress::wheel(cli, locale, "wallet-progress-verifier");
    let delivered = wallet.present(&asked, &plan).await?;
    drop(progress);
    let name = pick(&view.verifier.names, locale.as_str()).unwrap_or(&view.verifier.client_id);
    let mut lines = vec![say_with(locale, "wallet-present-done", &[("name", name)])];
    if let Some(url) = &delivered.redirect_uri {
        lines.push(say_with(locale, "wallet-present-redirect", &[("url", url)]));
    }
    let json = json!({
        "ok": true, "state": "delivered", "history": delivered.history,
        "redirect_uri": delivered.redirect_uri, "disclosed": disclosed(locale, &view), "consent": view,
    });
    Ok(Reply::done(lines.join("\n"), json))
}

async fn refuse(
    wallet: &credential_wallet::Wallet,
    locale: Locale,
    asked: &AskedPresentation,
    view: Option<&ConsentView>,
    exit: Exit,
) -> Result<Reply, Failure> {
    let told = wallet.refuse(asked).await;
    let (id, redirect) = match &told {
        Ok(delivered) => ("wallet-present-refused", delivered.redirect_uri.clone()),
        Err(_) => ("wallet-present-refusal-untold", None),
    };
    let json = json!({
        "ok": true, "state": "refused", "verifier_told": told.is_ok(), "redirect_uri": redirect,
        "client_id": asked.request.client_id, "consent": view,
    });
    Ok(Reply { text: say(locale, id), json, exit })
}

/// What went out, in one list a credential: labels and paths, no values.
fn disclosed(locale: Locale, view: &ConsentView) -> Vec<Value> {
    view.items
        .iter()
        .map(|item| {
            let claims: Vec<Value> = item
                .discloses
                .iter()
                .map(|claim| json!({"path": dotted(&claim.path), "label": claim.label(locale.as_str())}))
                .collect();
            json!({
                "query": item.query,
                "credential": item.credential,
                "name": pick(&item.names, locale.as_str()),
                "whole": item.whole,
                "claims": claims,
            })
        })
        .collect()
}

fn choices(args: &PresentArgs) -> Result<Choices, Failure> {
    let mut choices = Choices { include_optional: args.include_optional, ..Choices::default() };
    for choice in &args.choose {
        match choice.split_once('=') {
            Some((query, id)) if !query.is_empty() && !id.is_empty() => {
                choices.picks.entry(query.to_owned()).or_default().push(id.to_owned());
            }
            _ => return Err(Failure::unable("bad_choice", choice.clone())),
        }
    }
    Ok(choices)
}
