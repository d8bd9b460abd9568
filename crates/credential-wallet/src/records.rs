//! What the wallet keeps: held credentials and the history of presentations.
//!
//! Records are JSON with a `v` member and are sealed before a backend sees them.
//! A changed meaning is `v: 2`; a reader refuses what it does not know.

use std::collections::BTreeMap;

use chain_anchors::Staple;
use credential_model::credential::UnverifiedCredential;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the record forms in this file.
pub const RECORD_VERSION: u32 = 1;

/// The key a copy belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The label of the key in the key store.
    pub key: String,
    /// The verification method that presentations of W3C credentials are signed under
    /// (`did:key…#…`, `did:jwk…#0`).
    pub method: String,
    /// Whether the credential itself names the key. A credential about a battery or an
    /// aircraft may name no holder: the key then only says who presents it.
    pub named: bool,
}

/// One signed copy. Batch issuance gives several, each with its own key, so that two
/// verifiers cannot recognise the holder by a signature they both saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldCopy {
    /// The credential exactly as the issuer sent it: a JSON object or a compact string.
    pub wire: Value,
    /// The holder's key; `None` for a credential that is bound to nobody.
    pub binding: Option<Binding>,
    /// How often this copy was presented.
    pub presented: u64,
    /// The issuer's evidence for this copy, as fetched; beside the signed bytes, never in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<HeldEvidence>,
}

/// Evidence that lies beside a copy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldEvidence {
    /// When the issuer gave it.
    pub fetched_at: Moment,
    /// The staple, unverified.
    pub staple: Staple,
}

impl HeldCopy {
    /// The copy as a credential. It was parsed when it arrived, so `None` means a damaged record.
    pub fn credential(&self) -> Option<UnverifiedCredential> {
        UnverifiedCredential::from_value(&self.wire).ok()
    }
}

/// A held credential with its copies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldCredential {
    /// [`RECORD_VERSION`].
    pub v: u32,
    /// Time-ordered id of this wallet's record; never leaves the wallet.
    pub id: String,
    /// When it was received.
    pub received_at: Moment,
    /// The credential issuer identifier (URL) it came from.
    pub source: String,
    /// The issuer's own names, by language tag (`""` where none was given). Self-stated.
    pub source_names: BTreeMap<String, String>,
    /// The credential configuration it was issued under.
    pub configuration_id: String,
    /// `ldp_vc`, `jwt_vc_json` or `dc+sd-jwt`.
    pub format: String,
    /// The issuer named inside the credential, a DID or URL.
    pub issuer: String,
    /// `verified` when the issuer's signature held on arrival, else the code of the reason
    /// why it could not be looked at (`issuer_method_unsupported`, …).
    pub issuer_check: String,
    /// Names for people, by language tag, from the issuer's metadata.
    pub names: BTreeMap<String, String>,
    /// Labels of claims for people: path as JSON text (`["person","name"]`) → language tag → label.
    pub labels: BTreeMap<String, BTreeMap<String, String>>,
    /// The claims in the order the issuer wants them shown: paths as in `labels`.
    pub claim_order: Vec<String>,
    /// The signed copies, at least one.
    pub copies: Vec<HeldCopy>,
}

impl HeldCredential {
    /// The copy to present next: the one presented least often.
    pub fn next_copy(&self) -> Option<(usize, &HeldCopy)> {
        self.copies.iter().enumerate().min_by_key(|(at, copy)| (copy.presented, *at))
    }

    /// The claims a holder sees, from the first copy: disclosures applied, nothing verified.
    pub fn claims(&self) -> Value {
        self.copies
            .first()
            .and_then(HeldCopy::credential)
            .map_or(Value::Null, |credential| readable_claims(&credential))
    }

    /// From when and until when it says it is valid, as far as it says so.
    pub fn validity(&self) -> (Option<Moment>, Option<Moment>) {
        let claims = self.claims();
        let text = |name: &str| claims.get(name)?.as_str().and_then(|one| Moment::parse(one).ok());
        let seconds = |name: &str| {
            let number = claims.get(name)?;
            number.as_i64().map(Moment::from_unix)
        };
        if self.format == credential_model::format::CredentialFormat::SdJwtVc.as_str() {
            return (seconds("nbf").or_else(|| seconds("iat")), seconds("exp"));
        }
        (
            text("validFrom").or_else(|| text("issuanceDate")),
            text("validUntil").or_else(|| text("expirationDate")),
        )
    }

    /// What it is about in one word, where its type has one (the name of the qualification).
    pub fn topic(&self) -> Option<String> {
        let claims = self.claims();
        let subject = claims.get("credentialSubject").unwrap_or(&claims);
        let name = subject.get("achievement")?.get("name")?.as_str()?;
        Some(crate::http::foreign_text(name))
    }

    /// The name for people in `language` (`ko`, `en`), else any, else the configuration id.
    pub fn name(&self, language: &str) -> &str {
        pick(&self.names, language).unwrap_or(&self.configuration_id)
    }

    /// The issuer's name in `language`, else its URL.
    pub fn source_name(&self, language: &str) -> &str {
        pick(&self.source_names, language).unwrap_or(&self.source)
    }
}

/// The text of `language` in a map by language tag, else the untagged one, else any.
pub fn pick<'a>(texts: &'a BTreeMap<String, String>, language: &str) -> Option<&'a str> {
    texts
        .iter()
        .find(|(tag, _)| {
            tag.split('-').next().is_some_and(|tag| tag.eq_ignore_ascii_case(language))
        })
        .or_else(|| texts.get_key_value(""))
        .or_else(|| texts.iter().next())
        .map(|(_, text)| text.as_str())
}

/// The claims of a credential with every disclosure applied.
pub fn readable_claims(credential: &UnverifiedCredential) -> Value {
    if let Value::String(compact) = credential.to_wire()
        && compact.contains('~')
        && let Ok(token) = credential_proofs::sd_jwt::SdJwt::parse(&compact)
    {
        return token.claims_unverified().clone();
    }
    credential.claims_unverified()
}

/// How a presentation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Written before the network is touched; if it stays, we do not know whether it arrived.
    Sending,
    /// The verifier acknowledged it.
    Delivered,
    /// The holder refused.
    Refused,
    /// The verifier answered with an error, or could not be reached.
    Failed(String),
}

/// What one presentation disclosed of one credential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DisclosedRecord {
    /// The record id of the credential.
    pub credential: String,
    /// Its name at that time, by language.
    pub names: BTreeMap<String, String>,
    /// Which copy went out.
    pub copy: u64,
    /// Paths of the disclosed claims, each as DCQL claim path JSON. Never the values.
    pub paths: Vec<Value>,
}

/// One line of the history: what was presented to whom, when, and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// [`RECORD_VERSION`].
    pub v: u32,
    /// Time-ordered id.
    pub id: String,
    /// When the holder decided.
    pub at: Moment,
    /// The verifier's full client identifier.
    pub client_id: String,
    /// The verifier's names as it calls itself, by language tag.
    pub verifier_names: BTreeMap<String, String>,
    /// Whether the request was signed by that client identifier.
    pub signed: bool,
    /// The purpose it stated, by language tag.
    pub purpose: BTreeMap<String, String>,
    /// Where the answer went.
    pub response_uri: String,
    /// What was disclosed.
    pub disclosed: Vec<DisclosedRecord>,
    /// How it ended.
    pub outcome: Outcome,
}
