//! Messages of OpenID for Verifiable Credential Issuance 1.0 (OID4VCI, 2025-09-16),
//! OpenID for Verifiable Presentations 1.0 (OID4VP, 2025-07-09) and its query
//! language DCQL, as plain data with strict checks. No I/O, no cryptography.
//!
//! * Types carry the standards' names; every wire type links its section.
//! * `parse` / `validate` refuse what the standard refuses and answer with the
//!   standard's error code ([`MessageError::code`]); members the standards do not know
//!   are ignored, as both texts ask for.
//! * Draft forms (`proof`, `format` in a Credential Request, `client_id_scheme`,
//!   `presentation_definition`) are refused with a sentence that says what to send.
//! * Only lengths and shapes are judged here. Whether a URL may be fetched is decided
//!   by the guarded fetcher, whether a signature holds by `credential-proofs`.
//!
//! The two deep links are read by [`CredentialOfferUri::parse`] and [`RequestUri::parse`].

#![forbid(unsafe_code)]

pub mod dcql;
mod error;
mod form;
mod links;
mod strict;
mod vci;
mod vp;

pub use error::{ErrorCode, ErrorResponse, MessageError};
pub use links::{MAX_DEEP_LINK_BYTES, authorization_server_metadata_url, issuer_metadata_url};
pub use vci::authorization_server::AuthorizationServerMetadata;
pub use vci::credential::{
    CredentialRequest, CredentialResponse, DeferredRequest, IssuedEntry, NonceResponse,
    NotificationEvent, NotificationRequest,
};
pub use vci::key_proof::{KEY_PROOF_TYP, KeyProofClaims, KeyProofHeader};
pub use vci::metadata::{
    BatchCredentialIssuance, ClaimDescription, ClaimDisplay, CredentialConfiguration,
    CredentialDefinition, CredentialMetadata, CredentialRequestEncryptionMetadata,
    CredentialResponseEncryptionMetadata, Display, Image, IssuerMetadata, JwkSet,
    ProofTypeMetadata,
};
pub use vci::offer::{
    AuthorizationCodeGrant, CredentialOffer, CredentialOfferUri, Grants, InputMode, OFFER_SCHEME,
    PRE_AUTHORIZED_CODE_GRANT, PreAuthorizedCodeGrant, TxCode,
};
pub use vci::proofs::{CredentialResponseEncryption, Proofs};
pub use vci::token::{
    AUTHORIZATION_CODE_GRANT, AuthorizationDetail, Grant, TokenError, TokenRequest, TokenResponse,
};
pub use vp::client_id::{ClientId, ClientIdPrefix};
pub use vp::client_metadata::{ClientMetadata, EncryptionChoice, MetadataFormats};
pub use vp::request::{
    AuthorizationRequest, REQUEST_OBJECT_AUDIENCE, REQUEST_OBJECT_TYP, RESPONSE_TYPE_VP_TOKEN,
    ResponseMode,
};
pub use vp::request_uri::{
    PRESENTATION_SCHEME, RequestSource, RequestUri, RequestUriMethod, RequestUriPost,
};
pub use vp::response::{AuthorizationResponse, DirectPostForm, DirectPostResponse, VpToken};
pub use vp::transaction_data::TransactionData;
