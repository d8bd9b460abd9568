//! What the holder decides on: who asks, for what, why, until when, and what to beware of.

use std::collections::BTreeMap;

use credential_model::moment::Moment;
use credential_proofs::sd_jwt::SdJwt;
use serde::Serialize;
use serde_json::Value;

use super::plan::{Plan, PlanEntry};
use super::request::AskedPresentation;
use super::verifier::Proven;
pub use crate::claims::ShownClaim;
use crate::claims::{at_paths, disclosed};
use crate::records::readable_claims;

/// More claims of one credential than this look like collecting for its own sake.
const MANY_CLAIMS: usize = 8;
/// Claims whose disclosure deserves a second look, by their last name.
const SENSITIVE: [&str; 14] = [
    "birthDate",
    "birthdate",
    "birth_date",
    "address",
    "phone",
    "phone_number",
    "email",
    "contact",
    "emergencyContact",
    "vin",
    "serialNo",
    "certificateSerial",
    "registrationNumber",
    "gender",
];
/// Claims that no verifier should get through a wallet, by a part of their name in lower case.
const IDENTITY_NUMBERS: [&str; 9] = [
    "resident",
    "rrn",
    "jumin",
    "passport",
    "national_id",
    "nationalid",
    "socialsecurity",
    "social_security",
    "drivinglicen",
];

/// Who asks, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifierView {
    /// The names it gives itself, by language tag.
    pub names: BTreeMap<String, String>,
    /// The full client identifier.
    pub client_id: String,
    /// Whether the request is signed by that identifier.
    pub signed: bool,
    /// What is proven.
    pub proven: Proven,
    /// The host the identity stands for.
    pub domain: Option<String>,
    /// The host that the answer goes to.
    pub answer_to: String,
}

/// One credential of the answer, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentItem {
    /// The credential query it answers.
    pub query: String,
    /// The credential's id in this wallet.
    pub credential: String,
    /// Its names by language tag.
    pub names: BTreeMap<String, String>,
    /// Its issuer's names by language tag.
    pub issuer_names: BTreeMap<String, String>,
    /// The issuer's identifier.
    pub issuer: String,
    /// What is disclosed because it was asked for (or because everything is).
    pub discloses: Vec<ShownClaim>,
    /// What goes along in any case.
    pub always: Vec<ShownClaim>,
    /// Whether nothing of it can be kept back.
    pub whole: bool,
    /// How many claims stay hidden.
    pub hidden: u64,
    /// Ids of other credentials that would do.
    pub alternatives: Vec<String>,
}

/// The whole screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentView {
    /// Who asks.
    pub verifier: VerifierView,
    /// Why, in the verifier's words, by language tag.
    pub purpose: BTreeMap<String, String>,
    /// Until when the answer is taken.
    pub expires_at: Option<Moment>,
    /// Digits that the verifier's own screen must show too.
    pub match_code: Option<String>,
    /// What would go out.
    pub items: Vec<ConsentItem>,
    /// Queries that could be answered besides, without being required.
    pub optional: Vec<String>,
    /// What to beware of, as codes: `unsigned`, `certificate_unanchored`,
    /// `answer_elsewhere`, `no_purpose`, `whole_credential`, `many_claims`,
    /// `sensitive_claims`, `identity_number`.
    pub warnings: Vec<&'static str>,
}

impl Plan {
    /// The screen for this plan.
    pub fn consent(&self, asked: &AskedPresentation) -> ConsentView {
        let items: Vec<ConsentItem> = self.entries.iter().map(item).collect();
        let answer_to = host(&asked.response_uri);
        let domain = asked.proven.domain();
        let mut warnings = Vec::new();
        let mut warn = |condition: bool, code: &'static str| {
            if condition {
                warnings.push(code);
            }
        };
        // Every step counts: what matters of `passport.id` is not its last name.
        let names_of = |item: &ConsentItem| -> Vec<String> {
            let steps = item.discloses.iter().flat_map(|claim| &claim.path);
            steps.filter_map(|step| step.as_str().map(str::to_owned)).collect()
        };
        let asked_names: Vec<String> = asked
            .query
            .credentials
            .iter()
            .flat_map(|query| query.claims.iter().flatten())
            .map(|claim| claim.path.to_string())
            .chain(items.iter().flat_map(names_of))
            .collect();
        warn(!asked.proven.is_signed(), "unsigned");
        let unanchored = matches!(asked.proven, Proven::Certificate { anchored: false, .. });
        warn(unanchored, "certificate_unanchored");
        // A certificate names hosts without ports.
        let own_host = |domain: &str| {
            domain == answer_to || asked.response_uri.host_str().is_some_and(|host| host == domain)
        };
        warn(domain.as_deref().is_some_and(|domain| !own_host(domain)), "answer_elsewhere");
        warn(asked.purpose.is_empty(), "no_purpose");
        warn(items.iter().any(|item| item.whole), "whole_credential");
        let many = |item: &ConsentItem| {
            !item.whole
                && (item.discloses.len() > MANY_CLAIMS
                    || (item.hidden == 0 && item.discloses.len() > 2))
        };
        warn(items.iter().any(many), "many_claims");
        let sensitive =
            |name: &String| SENSITIVE.iter().any(|known| name.rsplit('.').next() == Some(*known));
        warn(asked_names.iter().any(sensitive), "sensitive_claims");
        let identity = |name: &String| {
            let name = name.to_ascii_lowercase();
            IDENTITY_NUMBERS.iter().any(|known| name.contains(known))
        };
        warn(asked_names.iter().any(identity), "identity_number");
        ConsentView {
            verifier: VerifierView {
                names: asked.client_names.clone(),
                client_id: asked.request.client_id.to_string(),
                signed: asked.proven.is_signed(),
                proven: asked.proven.clone(),
                domain,
                answer_to,
            },
            purpose: asked.purpose.clone(),
            expires_at: asked.expires_at,
            match_code: asked.match_code.clone(),
            items,
            optional: self.optional.clone(),
            warnings,
        }
    }
}

fn host(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn item(entry: &PlanEntry) -> ConsentItem {
    let held = &entry.credential;
    let credential = held.copies.get(entry.copy).and_then(crate::records::HeldCopy::credential);
    let claims = credential.as_ref().map_or(Value::Null, readable_claims);
    let everything = disclosed(held, &claims);
    let (discloses, always) = if entry.whole {
        (everything.clone(), Vec::new())
    } else {
        // What nothing can hide: the credential with every disclosure taken off.
        let wire = credential.as_ref().map(|one| one.to_wire()).unwrap_or_default();
        let bare = SdJwt::parse(wire.as_str().unwrap_or_default())
            .and_then(|token| token.select(&[]))
            .map_or(Value::Null, |token| token.claims_unverified().clone());
        let always = disclosed(held, &bare);
        let mut discloses = at_paths(held, &claims, &entry.paths);
        discloses.retain(|claim| !always.contains(claim));
        (discloses, always)
    };
    let hidden = everything.len().saturating_sub(discloses.len() + always.len());
    ConsentItem {
        query: entry.query.clone(),
        credential: held.id.clone(),
        names: held.names.clone(),
        issuer_names: held.source_names.clone(),
        issuer: held.issuer.clone(),
        discloses,
        always,
        whole: entry.whole,
        hidden: hidden as u64,
        alternatives: entry.alternatives.clone(),
    }
}
