//! What every route can reach.

use std::sync::Arc;

use credential_issuance::Issuer;
use credential_issuance::ids::Digest;
use credential_proofs::jwe::EphemeralKey;
use officer_access::Access;
use tokio::sync::Notify;
use web_kit::Limits;

use crate::spoken::Spoken;
use crate::stalls::Stalls;
use crate::vc_api::Instances;

/// Shared by all requests.
pub type App = Arc<AppState>;

/// The service's state.
pub struct AppState {
    /// The flow.
    pub issuer: Issuer,
    /// Officers' access: accounts, sessions, API keys, approvals.
    pub access: Access,
    /// Whether the officers' pages are served.
    pub office: bool,
    /// Digest of the admin token: comparing digests takes the same time wherever they differ.
    pub admin_token: Digest,
    /// The key wallets may encrypt requests to. New in every run: a wallet that encrypts to an
    /// old one is told `invalid_encryption_parameters` and reads the metadata again.
    pub request_key: EphemeralKey,
    /// Wakes the anchoring loop before its time.
    pub anchor_soon: Notify,
    /// Digits beside the QR codes of offers.
    pub spoken: Spoken,
    /// Why bulk jobs do not go on.
    pub stalls: Stalls,
    /// See [`Limits`].
    pub limits: Limits,
    /// The VC-API instances; none where none are configured.
    pub vc_api: Instances,
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
