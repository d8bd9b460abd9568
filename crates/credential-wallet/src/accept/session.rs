//! An offer being accepted, as an enum of stages. Each stage is written down *before* the
//! network step it leads to, so that after a crash we know what may have happened.
//!
//! ```text
//! Offered → Redeeming → Authorized{ items } → Done
//!                │            └ per item: Waiting → Requested → Received → Stored → Finished
//!                │                                     └→ Deferred ┘
//!                └→ Failed
//! ```

use credential_model::moment::Moment;
use openid4vc_messages::CredentialOffer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::records::RECORD_VERSION;

/// One offer and how far it got.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AcceptSession {
    /// [`RECORD_VERSION`].
    pub v: u32,
    /// Time-ordered id.
    pub id: String,
    /// When the holder said yes.
    pub started_at: Moment,
    /// The credential issuer identifier.
    pub issuer: String,
    /// Recognises the same offer: digest of issuer and code.
    pub offer_fingerprint: String,
    /// Recognises the same link without asking the network: digest of the text.
    pub link_fingerprint: String,
    /// How far it got.
    pub stage: Stage,
}

/// The stages of an [`AcceptSession`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The holder agreed; nothing has been sent.
    Offered {
        /// The offer, code included.
        offer: CredentialOffer,
        /// How often a transaction code was refused.
        refused_codes: u32,
    },
    /// The token request is under way, or was when we stopped.
    Redeeming {
        /// The offer, code included.
        offer: CredentialOffer,
        /// How often a transaction code was refused.
        refused_codes: u32,
    },
    /// The code is used up and the access token in our hands.
    Authorized {
        /// The bearer secret.
        access_token: String,
        /// When it ends, if the server said so.
        expires_at: Option<Moment>,
        /// What is to be fetched with it.
        items: Vec<Item>,
    },
    /// Everything that could be received is stored. The secrets are gone.
    Done {
        /// Ids of the stored credentials.
        credentials: Vec<String>,
        /// Configurations that the issuer did not give, with its reason.
        failed: Vec<FailedItem>,
    },
    /// The offer came to nothing. The secrets are gone.
    Failed {
        /// Why, as a stable code.
        code: String,
        /// A sentence for developers.
        detail: String,
    },
}

/// One credential (or batch of copies) to be fetched.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The credential configuration.
    pub configuration_id: String,
    /// To be asked for by this identifier, when the token response gave one.
    pub credential_identifier: Option<String>,
    /// How far it got.
    pub stage: ItemStage,
}

/// The stages of an [`Item`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStage {
    /// Nothing was asked for yet.
    Waiting,
    /// Keys are made and the request is under way, or was when we stopped.
    Requested {
        /// Labels of the keys, one per copy; empty when no proof is asked for.
        keys: Vec<String>,
    },
    /// The issuer needs time.
    Deferred {
        /// Labels of the keys.
        keys: Vec<String>,
        /// What to ask with.
        transaction_id: String,
        /// Not to be asked before.
        not_before: Moment,
    },
    /// The issuer's answer, exactly as it came, not yet looked into.
    Received {
        /// Labels of the keys.
        keys: Vec<String>,
        /// The credential response.
        response: Value,
    },
    /// Stored; the acknowledgement is still owed.
    Stored {
        /// The credential's record.
        credential: String,
        /// To be acknowledged with.
        notification_id: String,
    },
    /// Stored and acknowledged (or no acknowledgement asked for).
    Finished {
        /// The credential's record.
        credential: String,
    },
    /// Not received.
    Failed {
        /// Why, as a stable code.
        code: String,
        /// A sentence for developers.
        detail: String,
    },
}

/// A configuration that was not received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedItem {
    /// The credential configuration.
    pub configuration_id: String,
    /// Why, as a stable code.
    pub code: String,
    /// A sentence for developers.
    pub detail: String,
}

impl AcceptSession {
    /// A session for an offer the holder agreed to.
    pub fn new(id: String, now: Moment, offer: CredentialOffer, link: &str) -> Self {
        Self {
            v: RECORD_VERSION,
            id,
            started_at: now,
            issuer: offer.credential_issuer.clone(),
            offer_fingerprint: offer_fingerprint(&offer),
            link_fingerprint: link_fingerprint(link),
            stage: Stage::Offered { offer, refused_codes: 0 },
        }
    }

    /// Whether something is still to be done.
    pub fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Done { .. } | Stage::Failed { .. })
    }

    /// The stage's name, for listings and logs.
    pub fn stage_name(&self) -> &'static str {
        match &self.stage {
            Stage::Offered { .. } => "offered",
            Stage::Redeeming { .. } => "redeeming",
            Stage::Authorized { items, .. } => {
                let deferred =
                    items.iter().any(|item| matches!(item.stage, ItemStage::Deferred { .. }));
                if deferred { "deferred" } else { "authorized" }
            }
            Stage::Done { .. } => "done",
            Stage::Failed { .. } => "failed",
        }
    }
}

impl ItemStage {
    /// Whether nothing is left to do.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Finished { .. } | Self::Failed { .. })
    }
}

/// Codes and tokens stay out of logs.
impl std::fmt::Debug for AcceptSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AcceptSession")
            .field("id", &self.id)
            .field("stage", &self.stage_name())
            .finish_non_exhaustive()
    }
}

/// Digest of issuer and code: the same offer by another road has the same one.
pub fn offer_fingerprint(offer: &CredentialOffer) -> String {
    let code = offer.pre_authorized_code().map_or("", |grant| grant.pre_authorized_code.as_str());
    digest(&["offer", &offer.credential_issuer, code])
}

/// Digest of a link's text.
pub fn link_fingerprint(link: &str) -> String {
    digest(&["link", link])
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
