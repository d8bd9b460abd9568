//! Keys and anchors at a glance.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use credential_issuance::anchor::BatchStage;
use localized_text::say;
use web_kit::page::escape;

use super::desk_gate::Desk;
use super::html::{Frame, chip, code, facts, moment, t, table};
use crate::state::App;

const BATCHES: usize = 20;

pub(super) async fn show(State(app): State<App>, Extension(desk): Extension<Desk>) -> Response {
    let locale = desk.locale;
    let (batches, did) =
        match (app.issuer.anchor_batches(BATCHES).await, app.issuer.did_anchor().await) {
            (Ok(batches), Ok(did)) => (batches, did),
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(code = error.code(), "anchors could not be read");
                return Frame::of(&desk)
                    .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
            }
        };
    let identity = app.issuer.identity();
    let mut keys = Vec::new();
    for (signer, method) in [identity.ed25519(), identity.p256()] {
        keys.push(vec![
            code(method.as_str()),
            escape(signer.algorithm().jose()),
            chip(locale, "key", "active"),
            String::new(),
        ]);
    }
    for former in identity.key_statements() {
        let (state, at) = match (former.compromised_since, former.retired_at) {
            (Some(at), _) => ("compromised", Some(at)),
            (None, at) => ("retired", at),
        };
        keys.push(vec![
            code(former.method.as_str()),
            String::new(),
            chip(locale, "key", state),
            at.map_or(String::new(), moment),
        ]);
    }
    let rows: Vec<Vec<String>> = batches
        .iter()
        .map(|batch| {
            let (stage, at) = match &batch.stage {
                BatchStage::Prepared => ("prepared", moment(batch.created_at)),
                BatchStage::Sent { .. } => ("sent", moment(batch.created_at)),
                BatchStage::Anchored { at } => ("anchored", moment(*at)),
            };
            let root = batch.status_root.to_string();
            vec![
                batch.epoch.to_string(),
                chip(locale, "anchor", stage),
                at,
                batch.lists.len().to_string(),
                batch.issued.len().to_string(),
                format!("<span title=\"{root}\">{}</span>", code(&root[..16])),
            ]
        })
        .collect();
    let document = match did {
        Some(did) => facts(
            locale,
            &[
                ("office-did", code(identity.did().as_str())),
                ("office-did-version", did.version.to_string()),
                ("office-did-digest", code(&did.digest.to_string())),
                ("office-did-seen", moment(did.seen_at)),
            ],
        ),
        None => facts(
            locale,
            &[
                ("office-did", code(identity.did().as_str())),
                ("office-did-version", t(locale, "office-did-not-anchored")),
            ],
        ),
    };
    let body = format!(
        "<section class=\"card\"><h2>{}</h2>{document}</section><h2>{}</h2>{}<p class=\"soft\">{}</p><h2>{}</h2>{}",
        t(locale, "office-did-title"),
        t(locale, "office-keys-title"),
        table(
            locale,
            "office-keys-title",
            &["office-key-method", "office-key-algorithm", "office-state", "office-at"],
            &keys,
            "office-keys-title"
        ),
        t(locale, "office-keys-note"),
        t(locale, "office-anchors-title"),
        table(
            locale,
            "office-anchors-title",
            &[
                "office-epoch",
                "office-state",
                "office-at",
                "office-anchor-lists",
                "office-anchor-issued",
                "office-anchor-root"
            ],
            &rows,
            "office-anchors-nothing",
        ),
    );
    Frame::of(&desk).page(&say(locale, "office-nav-keys"), &body)
}
