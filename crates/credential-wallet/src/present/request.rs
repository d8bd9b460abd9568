//! Reading a presentation request, and refusing what a wallet must refuse.

use std::collections::BTreeMap;

use credential_model::ambient::random_token;
use credential_model::moment::Moment;
use credential_proofs::jwe::{self, ContentEncryption};
use openid4vc_messages::dcql::DcqlQuery;
use openid4vc_messages::{
    AuthorizationRequest, ClientIdPrefix, EncryptionChoice, ErrorCode, MessageError, RequestSource,
    RequestUri, RequestUriMethod, RequestUriPost,
};
use serde_json::{Value, json};
use url::Url;
use web_fetch::FetchRequest;

use super::PresentError;
use super::verifier::{self, Proven};
use crate::http::{self, TransportError, foreign_text};
use crate::wallet::Wallet;

const WHAT: &str = "presentation request";
/// Schemes that wallets of other profiles register for the same link.
const OTHER_SCHEMES: [&str; 3] = ["haip-vp", "haip", "eudi-openid4vp"];

/// An authenticated request that this wallet is willing to show to the holder.
#[derive(Debug, Clone)]
pub struct AskedPresentation {
    /// The request's parameters.
    pub request: AuthorizationRequest,
    /// What is proven about who asks.
    pub proven: Proven,
    /// The purpose, by language tag (`""` where none is given). Self-stated.
    pub purpose: BTreeMap<String, String>,
    /// The verifier's name for itself, by language tag.
    pub client_names: BTreeMap<String, String>,
    /// Until when the verifier takes an answer.
    pub expires_at: Option<Moment>,
    /// Digits that the verifier's own screen shows too: where they differ, somebody stands
    /// in between.
    pub match_code: Option<String>,
    pub(super) query: DcqlQuery,
    pub(super) response_uri: Url,
    pub(super) encryption: Option<EncryptionChoice>,
}

impl Wallet {
    /// Reads `openid4vp://…` (by reference with GET or POST, by value, or in parameters),
    /// or the https link of a QR code that carries the same parameters.
    ///
    /// A request that is authentic but unacceptable is answered with the standard's error
    /// code before this returns; one that is not authentic gets no answer at all.
    ///
    /// # Errors
    /// [`PresentError`].
    pub async fn read_request(&self, link: &str) -> Result<AskedPresentation, PresentError> {
        let link = as_presentation_link(link.trim());
        let parsed = RequestUri::parse(&link)?;
        let prefix = parsed.client_id.prefix();
        let supported = matches!(
            prefix,
            ClientIdPrefix::RedirectUri
                | ClientIdPrefix::DecentralizedIdentifier
                | ClientIdPrefix::X509Hash
                | ClientIdPrefix::X509SanDns
        );
        if !supported {
            return Err(PresentError::PrefixNotSupported(prefix.as_str()));
        }
        let (token, wallet_nonce) = match parsed.source {
            RequestSource::Parameters(request) => {
                let members = serde_json::to_value(&*request).unwrap_or_default();
                return self.admit(*request, &members, Proven::Nothing);
            }
            RequestSource::ByValue(token) => (token, None),
            RequestSource::ByReference { request_uri, method } => {
                self.fetch_request(request_uri, method).await?
            }
        };
        let context = verifier::Context {
            client_id: &parsed.client_id,
            wallet_nonce: wallet_nonce.as_deref(),
            resolver: &*self.parts.resolver,
            anchors: &self.parts.settings.certificate_anchors,
            now: self.now(),
        };
        let (claims, proven) = verifier::authenticate(token.trim(), &context).await?;
        let outcome = AuthorizationRequest::parse(&claims)
            .map_err(PresentError::from)
            .and_then(|request| self.admit(request, &claims, proven.clone()));
        if let Err(error) = &outcome
            && proven.is_signed()
        {
            self.report_unacceptable(&claims, error).await;
        }
        outcome
    }

    async fn fetch_request(
        &self,
        url: Url,
        method: RequestUriMethod,
    ) -> Result<(String, Option<String>), PresentError> {
        let (request, nonce) = match method {
            RequestUriMethod::Get => (FetchRequest::get(url), None),
            RequestUriMethod::Post => {
                let nonce = random_token(&*self.parts.entropy);
                let form = RequestUriPost {
                    wallet_metadata: Some(wallet_metadata().to_string()),
                    wallet_nonce: Some(nonce.clone()),
                };
                (FetchRequest::post_form(url, &form.to_form()), Some(nonce))
            }
        };
        let request = request
            .accept("application/oauth-authz-req+jwt, application/jwt;q=0.5")
            .max_bytes(http::MAX_DOCUMENT_BYTES);
        let response = self
            .parts
            .fetch
            .fetch(request)
            .await
            .map_err(|source| TransportError::Fetch { what: WHAT, source })?;
        match response.status {
            200 => {}
            404 | 410 => return Err(PresentError::RequestGone),
            status => return Err(TransportError::Status { what: WHAT, status }.into()),
        }
        // Many deployed verifiers still answer with the generic type; the `typ` inside the
        // token is what keeps it from being something else.
        if http::media_type(&response) != "application/jwt" {
            http::expect_media_type(&response, "application/oauth-authz-req+jwt", WHAT)?;
        }
        let token = String::from_utf8(response.body)
            .map_err(|_| TransportError::Json { what: WHAT, reason: "not text".to_owned() })?;
        Ok((token, nonce))
    }

    /// The refusals that depend on what this wallet can do.
    fn admit(
        &self,
        request: AuthorizationRequest,
        claims: &Value,
        proven: Proven,
    ) -> Result<AskedPresentation, PresentError> {
        let refuse = |code, detail: &str| MessageError::new(code, detail);
        if !request.response_mode.is_direct_post() {
            return Err(refuse(
                ErrorCode::InvalidRequest,
                "this wallet answers by direct_post and direct_post.jwt",
            )
            .into());
        }
        let query = request.dcql_query.clone().ok_or_else(|| {
            refuse(ErrorCode::InvalidScope, "this wallet knows no scopes: send a dcql_query")
        })?;
        // No type of transaction data is known here, and guessing is forbidden (§5.1).
        for transaction in request.transactions()? {
            transaction.require_known(&[])?;
        }
        let expires_at = request.exp.map(Moment::from_unix);
        if expires_at.is_some_and(|end| end <= self.now()) {
            return Err(refuse(ErrorCode::InvalidRequest, "the request has expired").into());
        }
        let response_uri = request.response_uri.as_deref().unwrap_or_default();
        let response_uri = Url::parse(response_uri)
            .map_err(|_| refuse(ErrorCode::InvalidRequest, "response_uri is not a URL"))?;
        let encryption = if request.response_mode.is_encrypted() {
            let metadata = request.client_metadata.clone().unwrap_or_default();
            let choice = metadata.encryption_choice(&["ECDH-ES"], &["A256GCM", "A128GCM"])?;
            // A key that cannot be used is found out before the holder is asked.
            jwe::encrypt(b"{}", &choice.jwk, content_encryption(&choice)).map_err(|_| {
                refuse(ErrorCode::InvalidRequest, "the encryption key is not usable")
            })?;
            Some(choice)
        } else {
            None
        };
        let metadata = claims.get("client_metadata").unwrap_or(&Value::Null);
        Ok(AskedPresentation {
            purpose: texts(claims, "purpose"),
            client_names: texts(metadata, "client_name"),
            match_code: claims
                .get("match_code")
                .and_then(Value::as_str)
                .filter(|code| (2..=6).contains(&code.len()))
                .filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))
                .map(str::to_owned),
            request,
            proven,
            expires_at,
            query,
            response_uri,
            encryption,
        })
    }
}

pub(super) fn content_encryption(choice: &EncryptionChoice) -> ContentEncryption {
    if choice.enc == "A256GCM" { ContentEncryption::A256Gcm } else { ContentEncryption::A128Gcm }
}

/// `name`, `name#ko`, … (RFC 7591 §2.2): texts for people by language tag.
fn texts(members: &Value, name: &str) -> BTreeMap<String, String> {
    let Some(members) = members.as_object() else { return BTreeMap::new() };
    members
        .iter()
        .filter_map(|(member, value)| {
            let (base, tag) = member.split_once('#').unwrap_or((member, ""));
            let text = value.as_str().filter(|_| base == name)?;
            Some((tag.to_owned(), foreign_text(text)))
        })
        .collect()
}

/// Other spellings of the same link, as `openid4vp://`.
fn as_presentation_link(link: &str) -> String {
    let Some((scheme, rest)) = link.split_once("://") else { return link.to_owned() };
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let query = rest.split_once('?').map(|(_, query)| query);
    match query {
        Some(query) if is_web && query.contains("client_id=") => format!("openid4vp://?{query}"),
        Some(query) if OTHER_SCHEMES.iter().any(|other| scheme.eq_ignore_ascii_case(other)) => {
            format!("openid4vp://?{query}")
        }
        _ => link.to_owned(),
    }
}

/// What this wallet can do (§10), for verifiers that ask by POST.
fn wallet_metadata() -> Value {
    let suites = ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"];
    let algorithms = ["ES256", "EdDSA", "ES384"];
    json!({
        "vp_formats_supported": {
            "dc+sd-jwt": {"sd-jwt_alg_values": algorithms, "kb-jwt_alg_values": algorithms},
            "ldp_vc": {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": suites},
            "jwt_vc_json": {"alg_values": algorithms},
        },
        "client_id_prefixes_supported":
            ["decentralized_identifier", "x509_hash", "x509_san_dns", "redirect_uri"],
        "request_object_signing_alg_values_supported": algorithms,
        "response_types_supported": ["vp_token"],
        "response_modes_supported": ["direct_post", "direct_post.jwt"],
    })
}
