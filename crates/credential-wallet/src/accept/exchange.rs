//! The token request: the one step that uses the offer up.

use openid4vc_messages::{CredentialOffer, TokenRequest, TokenResponse};
use web_fetch::FetchRequest;

use super::session::{AcceptSession, Item, ItemStage, Stage};
use super::{AcceptError, metadata, tx_code_view};
use crate::http::{self, Answer};
use crate::store::Shelf;
use crate::wallet::Wallet;

const WHAT: &str = "token endpoint";

impl Wallet {
    /// `Offered | Redeeming → Authorized`.
    ///
    /// The stage `Redeeming` is on disk before the request leaves. Found there again, the
    /// same request is repeated: had the first one arrived, the code is used and the server
    /// says so; had it not, nothing was used. Either way no second offer is consumed.
    pub(super) async fn redeem(
        &self,
        mut session: AcceptSession,
        tx_code: Option<&str>,
    ) -> Result<AcceptSession, AcceptError> {
        let (offer, refused_codes, repeated) = match session.stage.clone() {
            Stage::Offered { offer, refused_codes } => (offer, refused_codes, false),
            Stage::Redeeming { offer, refused_codes } => (offer, refused_codes, true),
            _ => return Ok(session),
        };
        let grant = offer.pre_authorized_code().ok_or(AcceptError::GrantNotSupported)?;
        match (grant.tx_code.as_ref(), tx_code) {
            (Some(_), None) => return Err(AcceptError::TxCodeRequired),
            (None, Some(_)) => return Err(AcceptError::TxCodeUnexpected),
            (Some(wanted), Some(entry)) => tx_code_view(wanted).check(entry)?,
            (None, None) => {}
        }
        let fetch = &*self.parts.fetch;
        let metadata = metadata::issuer(fetch, &offer.credential_issuer).await?;
        for id in &offer.credential_configuration_ids {
            // Everything that can be refused is refused before the code is used.
            super::binding::choose(metadata::configuration(&metadata, id)?)?;
        }
        let server = metadata::authorization_server(fetch, &metadata, &offer).await?;
        let endpoint = server.token_endpoint.as_deref().ok_or(AcceptError::NoTokenEndpoint)?;
        let endpoint = http::url(endpoint, WHAT)?;
        let form = TokenRequest::pre_authorized(&grant.pre_authorized_code, tx_code).to_form();

        session.stage = Stage::Redeeming { offer: offer.clone(), refused_codes };
        self.put(Shelf::Sessions, &session.id, &session)?;
        let request = FetchRequest::post_form(endpoint, &form).accept("application/json");
        let response = match http::exchange(fetch, request, WHAT).await? {
            Answer::Success(response) => response,
            Answer::Rejected(rejection) => {
                let has_code = grant.tx_code.is_some();
                return Err(self.token_refused(
                    session,
                    offer.clone(),
                    refused_codes,
                    has_code,
                    rejection,
                )?);
            }
        };
        let json = http::json_body(&response, WHAT)?;
        let token: TokenResponse = serde_json::from_value(json).map_err(|error| {
            let reason = error.to_string();
            http::TransportError::Json { what: WHAT, reason }
        })?;
        token.validate().map_err(|error| AcceptError::Document { what: WHAT, error })?;
        if !token.token_type.eq_ignore_ascii_case("bearer") {
            return Err(self.fail(session, &AcceptError::TokenTypeNotSupported)?);
        }
        let life = token.expires_in.and_then(|seconds| i64::try_from(seconds).ok());
        session.stage = Stage::Authorized {
            expires_at: life.map(|seconds| self.now().plus_seconds(seconds)),
            items: items(&offer, &token),
            access_token: token.access_token,
        };
        self.put(Shelf::Sessions, &session.id, &session)?;
        tracing::info!(session = %session.id, repeated, "token received");
        Ok(session)
    }

    /// What a refusal at the token endpoint means for the session; gives back the error to report.
    fn token_refused(
        &self,
        mut session: AcceptSession,
        offer: CredentialOffer,
        refused_codes: u32,
        has_code: bool,
        rejection: http::Rejection,
    ) -> Result<AcceptError, AcceptError> {
        match rejection.error.as_str() {
            // One answer for "wrong transaction code" and "offer over" (OID4VCI 1.0 §6.3):
            // with a transaction code the holder may try again, the issuer counts.
            "invalid_grant" if has_code => {
                let tries = refused_codes + 1;
                session.stage = Stage::Offered { offer, refused_codes: tries };
                self.put(Shelf::Sessions, &session.id, &session)?;
                Ok(AcceptError::TxCodeRefused { tries })
            }
            "invalid_grant" => self.fail(session, &AcceptError::OfferSpent),
            "invalid_client" | "unauthorized_client" => {
                self.fail(session, &AcceptError::AnonymousNotSupported)
            }
            _ => {
                session.stage = Stage::Offered { offer, refused_codes };
                self.put(Shelf::Sessions, &session.id, &session)?;
                Ok(AcceptError::Rejected { endpoint: WHAT, rejection })
            }
        }
    }

    /// Closes the session for good and gives the error back.
    fn fail(
        &self,
        mut session: AcceptSession,
        error: &AcceptError,
    ) -> Result<AcceptError, AcceptError> {
        session.stage = Stage::Failed { code: error.code().to_owned(), detail: error.to_string() };
        self.put(Shelf::Sessions, &session.id, &session)?;
        tracing::info!(session = %session.id, code = error.code(), "offer came to nothing");
        Ok(match error {
            AcceptError::OfferSpent => AcceptError::OfferSpent,
            AcceptError::TokenTypeNotSupported => AcceptError::TokenTypeNotSupported,
            _ => AcceptError::AnonymousNotSupported,
        })
    }
}

/// One item per credential identifier the token gives, else one per offered configuration.
fn items(offer: &CredentialOffer, token: &TokenResponse) -> Vec<Item> {
    let mut items = Vec::new();
    for id in &offer.credential_configuration_ids {
        let identifiers = token.credential_identifiers(id);
        let item = |identifier: Option<String>| Item {
            configuration_id: id.clone(),
            credential_identifier: identifier,
            stage: ItemStage::Waiting,
        };
        if identifiers.is_empty() {
            items.push(item(None));
        } else {
            items.extend(identifiers.into_iter().map(|one| item(Some(one.to_owned()))));
        }
    }
    items
}
