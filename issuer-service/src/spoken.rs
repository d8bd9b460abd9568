//! What can be said where an offer's QR code cannot be seen: twelve digits and where to type them.
//!
//! An offer is worth something to whoever opens it first, so a code has a group of digits more than
//! a verifier's, wrong ones are counted, and a transaction code is asked for as with the QR.

use std::sync::Arc;

use credential_issuance::offer::Offer;
use credential_model::ambient::Entropy;
use localized_text::{Locale, say};
use web_kit::page::escape;
use web_kit::spoken::{Led, SpokenCodes};

use crate::state::App;

/// Groups of four digits.
const GROUPS: usize = 3;

/// The codes of offers whose QR is shown now; in memory, as long as the offer.
pub struct Spoken {
    codes: SpokenCodes,
    entropy: Arc<dyn Entropy>,
}

impl Spoken {
    /// None given out yet.
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { codes: SpokenCodes::new(GROUPS), entropy }
    }
}

/// Where a typed code leads.
pub(crate) fn lead(app: &App, typed: &str) -> Led {
    app.spoken.codes.lead(typed, app.access.moment())
}

/// The lines beside the QR of an open offer, as safe HTML; nothing when no code is free.
pub(crate) fn beside(app: &App, locale: Locale, offer: &Offer) -> String {
    let path = format!("/offers/{}/page", offer.id);
    let spoken = &app.spoken;
    let now = app.access.moment();
    let Some(code) = spoken.codes.of(&path, offer.expires_at, now, &*spoken.entropy) else {
        return String::new();
    };
    let url = app.issuer.settings().public_url.trim_end_matches('/');
    let place = url.split_once("://").map_or(url, |(_, place)| place);
    format!(
        "<p>{} <a href=\"/code\">{}/code</a></p>\n<p class=\"spoken\">{}</p>\n",
        escape(&say(locale, "issuer-code-instead")),
        escape(place),
        escape(&code),
    )
}
