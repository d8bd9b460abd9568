//! The provider's documents and its token endpoint.

use credential_model::json::{Limits, parse_strict};
use credential_model::moment::Moment;
use serde_json::Value;
use url::Url;
use web_fetch::FetchRequest;

use super::{Oidc, OidcError, id_token};

/// Documents older than this are read again, in seconds.
const FRESH: i64 = 3_600;
/// Unknown keys make us read the keys again, but not more often than this.
const RETRY: i64 = 30;

/// What the provider says of itself (OpenID Connect Discovery 1.0, section 3).
#[derive(Clone)]
pub(super) struct Known {
    pub(super) authorization_endpoint: Url,
    token_endpoint: Url,
    keys: Vec<Value>,
    basic: bool,
    read_at: Moment,
}

fn unusable(reason: impl std::fmt::Display) -> OidcError {
    OidcError::Provider(reason.to_string())
}

impl Oidc {
    /// The issuer identifier as the provider writes it: an origin has no slash at its end.
    pub(super) fn issuer(&self) -> &str {
        let text = self.settings.issuer.as_str();
        if self.settings.issuer.path() == "/" { text.trim_end_matches('/') } else { text }
    }

    /// The provider's documents: remembered for an hour; `again` asks anew where that is due.
    pub(super) async fn known(&self, now: Moment, again: bool) -> Result<Known, OidcError> {
        let mut known = self.known.lock().await;
        let limit = if again { RETRY } else { FRESH };
        if let Some(known) = known.as_ref()
            && now.seconds_since(known.read_at) < limit
        {
            return Ok(known.clone());
        }
        let fresh = self.discover(now).await?;
        *known = Some(fresh.clone());
        Ok(fresh)
    }

    async fn discover(&self, now: Moment) -> Result<Known, OidcError> {
        let place =
            format!("{}/.well-known/openid-configuration", self.issuer().trim_end_matches('/'));
        let document = self.read(FetchRequest::get(Url::parse(&place).map_err(unusable)?)).await?;
        // Discovery 1.0, section 4.3: exactly the identifier that was asked.
        if document["issuer"].as_str() != Some(self.issuer()) {
            return Err(unusable("its document names another issuer"));
        }
        let url = |name: &str| -> Result<Url, OidcError> {
            let text = document[name].as_str().ok_or_else(|| unusable(format!("no {name}")))?;
            Url::parse(text).map_err(|_| unusable(format!("{name} is no URL")))
        };
        let keys = self.read(FetchRequest::get(url("jwks_uri")?)).await?;
        let keys = keys["keys"].as_array().cloned().ok_or_else(|| unusable("no keys"))?;
        let methods = document["token_endpoint_auth_methods_supported"].as_array();
        let names = |name: &str| {
            methods.is_some_and(|list| list.iter().any(|method| method.as_str() == Some(name)))
        };
        Ok(Known {
            authorization_endpoint: url("authorization_endpoint")?,
            token_endpoint: url("token_endpoint")?,
            keys,
            // The default where the list is absent (Discovery 1.0, section 3).
            basic: methods.is_none()
                || (names("client_secret_basic") && !names("client_secret_post")),
            read_at: now,
        })
    }

    /// Exchanges the code for an id token.
    pub(super) async fn exchange(
        &self,
        now: Moment,
        code: &str,
        verifier: &str,
    ) -> Result<String, OidcError> {
        let known = self.known(now, false).await?;
        let settings = &self.settings;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &settings.redirect_uri),
            ("code_verifier", verifier),
            ("client_id", &settings.client_id),
        ];
        let mut basic = None;
        match &settings.client_secret {
            Some(secret) if known.basic => basic = Some(basic_value(&settings.client_id, secret)),
            Some(secret) => fields.push(("client_secret", secret)),
            None => {}
        }
        let mut request =
            FetchRequest::post_form(known.token_endpoint, &fields).accept("application/json");
        if let Some(value) = basic {
            request = request.header("Authorization", &value);
        }
        let response = self.fetch.fetch(request).await.map_err(|error| unusable(error.code()))?;
        let answer = strict(&response.body)?;
        if !response.is_success() {
            let error = answer["error"].as_str().unwrap_or("token_endpoint_error");
            return Err(OidcError::Refused(super::told(error)));
        }
        let token = answer["id_token"].as_str().map(str::to_owned);
        token.ok_or_else(|| unusable("its token answer has no id_token"))
    }

    /// Checks the id token and answers its claims.
    pub(super) async fn check(
        &self,
        now: Moment,
        token: &str,
        nonce: &str,
    ) -> Result<Value, OidcError> {
        let parsed = id_token::Parsed::read(token)?;
        let known = self.known(now, false).await?;
        let claims = match parsed.verified(&known.keys) {
            // The provider may have rotated its keys since.
            Err(id_token::TokenFault::Key) => {
                parsed.verified(&self.known(now, true).await?.keys)?
            }
            other => other?,
        };
        let settings = &self.settings;
        let expected = id_token::Expected {
            issuer: self.issuer(),
            client: &settings.client_id,
            nonce,
            amr: &settings.required_amr,
            now,
        };
        expected.check(&claims)?;
        Ok(claims)
    }

    async fn read(&self, request: FetchRequest) -> Result<Value, OidcError> {
        let request = request.accept("application/json").max_bytes(256 * 1024);
        let response = self.fetch.fetch(request).await.map_err(|error| unusable(error.code()))?;
        if !response.is_success() {
            return Err(unusable(format!("HTTP {}", response.status)));
        }
        strict(&response.body)
    }
}

fn strict(bytes: &[u8]) -> Result<Value, OidcError> {
    parse_strict(bytes, &Limits::default()).map_err(unusable)
}

/// RFC 6749, section 2.3.1: both parts form-encoded, then Basic.
fn basic_value(client: &str, secret: &str) -> String {
    use base64::Engine as _;
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = format!("{}:{}", encode(client), encode(secret));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}
