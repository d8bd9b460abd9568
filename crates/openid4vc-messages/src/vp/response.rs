//! Authorization Response: the VP Token and the forms that carry it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::dcql::DcqlQuery;
use crate::error::{ErrorCode, ErrorResponse, MessageError};
use crate::form::Form;
use crate::links::web_url;

const MAX_QUERIES: usize = 64;
const MAX_PRESENTATIONS: usize = 128;

/// `vp_token`: credential query id → presentations, always arrays
/// ([OID4VP 1.0 §8.1](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-8.1)).
/// An entry is an object for `ldp_vc` and a string for the compact formats.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct VpToken(pub BTreeMap<String, Vec<Value>>);

impl VpToken {
    /// Reads a VP Token from JSON.
    ///
    /// # Errors
    /// `invalid_request`: not an object of non-empty arrays of strings or objects, or too
    /// large.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        let object = json.as_object().ok_or_else(|| refuse("vp_token is not a JSON object"))?;
        if object.is_empty() || object.len() > MAX_QUERIES {
            return Err(refuse("vp_token is empty or has too many members"));
        }
        let mut map = BTreeMap::new();
        let mut total = 0;
        for (id, list) in object {
            let list =
                list.as_array().ok_or_else(|| refuse("a member of vp_token is not an array"))?;
            total += list.len();
            if list.is_empty() || total > MAX_PRESENTATIONS {
                return Err(refuse(
                    "a member of vp_token is empty, or there are too many presentations",
                ));
            }
            if !list.iter().all(|p| p.is_object() || p.is_string()) {
                return Err(refuse("a presentation is neither a string nor an object"));
            }
            map.insert(id.clone(), list.clone());
        }
        Ok(Self(map))
    }

    /// Checks the token against the query that asked for it: known ids, one presentation
    /// unless `multiple`, and everything required is there
    /// ([OID4VP 1.0 §6.4.2](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-6.4.2)).
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn validate(&self, query: &DcqlQuery) -> Result<(), MessageError> {
        for (id, list) in &self.0 {
            let asked = query
                .credential(id)
                .ok_or_else(|| refuse("vp_token answers a query that was not asked"))?;
            if list.len() > 1 && !asked.multiple {
                return Err(refuse("vp_token has several presentations where one was asked"));
            }
        }
        let ids: Vec<&str> = self.0.keys().map(String::as_str).collect();
        if query.is_answered_by(&ids) {
            Ok(())
        } else {
            Err(refuse("vp_token lacks a required credential"))
        }
    }

    /// Every presentation with its query id.
    pub fn presentations(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().flat_map(|(id, list)| list.iter().map(move |p| (id.as_str(), p)))
    }
}

impl<'de> Deserialize<'de> for VpToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Self::parse(&json).map_err(|e| serde::de::Error::custom(e.detail))
    }
}

/// Successful response parameters; also the payload of an encrypted response (§8.3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationResponse {
    /// The presentations.
    pub vp_token: VpToken,
    /// Echo of the request's `state`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl AuthorizationResponse {
    /// Reads the decrypted payload of a `direct_post.jwt` response.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        let token = json.get("vp_token").ok_or_else(|| refuse("vp_token is missing"))?;
        let state = match json.get("state") {
            None => None,
            Some(Value::String(state)) => Some(state.clone()),
            Some(_) => return Err(refuse("state is not a string")),
        };
        Ok(Self { vp_token: VpToken::parse(token)?, state })
    }
}

/// What a wallet POSTs to `response_uri`
/// ([OID4VP 1.0 §8.2](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-8.2), §8.3.1, §8.5).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DirectPostForm {
    /// `vp_token` and `state` in clear.
    Plain(AuthorizationResponse),
    /// `response=<JWE>`.
    Encrypted(String),
    /// `error` and `state`.
    Error(ErrorResponse),
}

impl DirectPostForm {
    /// Reads an `application/x-www-form-urlencoded` body.
    ///
    /// # Errors
    /// `invalid_request`: repeated parameters, or none or several of the three forms.
    pub fn from_form(body: &[u8]) -> Result<Self, MessageError> {
        let mut form = Form::parse(body)?;
        match (form.take("vp_token"), form.take("response"), form.take("error")) {
            (Some(token), None, None) => {
                let json: Value =
                    serde_json::from_str(&token).map_err(|_| refuse("vp_token is not JSON"))?;
                Ok(Self::Plain(AuthorizationResponse {
                    vp_token: VpToken::parse(&json)?,
                    state: form.take("state"),
                }))
            }
            (None, Some(jwe), None) => Ok(Self::Encrypted(jwe)),
            (None, None, Some(error)) => Ok(Self::Error(ErrorResponse {
                error,
                error_description: form.take("error_description"),
                state: form.take("state"),
            })),
            (None, None, None) => {
                Err(refuse("the response carries none of vp_token, response and error"))
            }
            _ => Err(refuse("the response carries more than one of vp_token, response and error")),
        }
    }

    /// The form's parameters, ready to be URL-encoded.
    #[must_use]
    pub fn to_form(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut push = |name: &str, value: Option<String>| {
            pairs.extend(value.map(|v| (name.to_owned(), v)));
        };
        match self {
            Self::Plain(response) => {
                push("vp_token", serde_json::to_string(&response.vp_token).ok());
                push("state", response.state.clone());
            }
            Self::Encrypted(jwe) => push("response", Some(jwe.clone())),
            Self::Error(error) => {
                push("error", Some(error.error.clone()));
                push("error_description", error.error_description.clone());
                push("state", error.state.clone());
            }
        }
        pairs
    }
}

/// The verifier's answer to a direct post: where to send the user agent, if anywhere
/// ([OID4VP 1.0 §8.2](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-8.2)).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DirectPostResponse {
    /// Open this in the browser of the same device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
}

impl DirectPostResponse {
    /// Reads the answer.
    ///
    /// # Errors
    /// `invalid_document` when it is no object or the URI is no http(s) URL.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        let bad = |d: &str| MessageError::new(ErrorCode::InvalidDocument, d);
        if !json.is_object() {
            return Err(bad("the verifier's answer is not an object"));
        }
        let parsed: Self = serde_json::from_value(json.clone())
            .map_err(|_| bad("the verifier's answer is malformed"))?;
        if let Some(uri) = &parsed.redirect_uri {
            // The response code may travel in the fragment (§8.2), which `web_url` refuses.
            web_url(uri.split('#').next().unwrap_or_default(), "redirect_uri")?;
        }
        Ok(parsed)
    }
}

fn refuse(detail: &str) -> MessageError {
    MessageError::new(ErrorCode::InvalidRequest, detail)
}
