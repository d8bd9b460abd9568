//! Credential Issuer Metadata.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dcql::ClaimPath;
use crate::error::{ErrorCode, MessageError};
use crate::links::{identifier_url, web_url};
use crate::strict::find_non_object;

/// Most configurations one issuer may list.
const MAX_CONFIGURATIONS: usize = 4096;

/// Credential Issuer Metadata
/// ([OID4VCI 1.0 §12.2.4](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-12.2.4)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssuerMetadata {
    /// Credential Issuer Identifier.
    pub credential_issuer: String,
    /// Authorization servers; absent: the issuer is its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_servers: Option<Vec<String>>,
    /// Credential endpoint.
    pub credential_endpoint: String,
    /// Nonce endpoint; when present, key proofs need a `c_nonce`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce_endpoint: Option<String>,
    /// Deferred credential endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred_credential_endpoint: Option<String>,
    /// Notification endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_endpoint: Option<String>,
    /// How to encrypt Credential Requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_request_encryption: Option<CredentialRequestEncryptionMetadata>,
    /// How responses can be encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_response_encryption: Option<CredentialResponseEncryptionMetadata>,
    /// Several proofs in one request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_credential_issuance: Option<BatchCredentialIssuance>,
    /// The issuer's name and logo, per locale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<Vec<Display>>,
    /// What can be issued, by configuration id.
    pub credential_configurations_supported: BTreeMap<String, CredentialConfiguration>,
}

/// A JWK Set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct JwkSet {
    /// Public keys.
    pub keys: Vec<Value>,
}

/// `credential_request_encryption`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CredentialRequestEncryptionMetadata {
    /// Keys to encrypt to; each has a `kid`.
    pub jwks: JwkSet,
    /// JWE content encryption algorithms.
    pub enc_values_supported: Vec<String>,
    /// JWE compression algorithms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip_values_supported: Option<Vec<String>>,
    /// Whether plain requests are refused.
    pub encryption_required: bool,
}

/// `credential_response_encryption`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialResponseEncryptionMetadata {
    /// JWE key management algorithms.
    pub alg_values_supported: Vec<String>,
    /// JWE content encryption algorithms.
    pub enc_values_supported: Vec<String>,
    /// JWE compression algorithms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip_values_supported: Option<Vec<String>>,
    /// Whether every response is encrypted.
    pub encryption_required: bool,
}

/// `batch_credential_issuance`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCredentialIssuance {
    /// Most proofs in one request; at least 2.
    pub batch_size: u32,
}

/// Name, colours and pictures for one locale.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Display {
    /// Name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<Image>,
    /// Description (credentials only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// CSS colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background_color: Option<String>,
    /// Background picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background_image: Option<Image>,
    /// CSS colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_color: Option<String>,
}

/// A picture by URI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// https or data URI.
    pub uri: String,
    /// Text for people who do not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<String>,
}

/// One member of `credential_configurations_supported`, with the members of every format
/// we read; a foreign format's own members are ignored.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CredentialConfiguration {
    /// `ldp_vc`, `jwt_vc_json`, `dc+sd-jwt`, or a foreign one.
    pub format: String,
    /// OAuth scope that asks for this configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Algorithms or cryptosuites (names, or COSE numbers for mdoc).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_signing_alg_values_supported: Option<Vec<Value>>,
    /// `jwk`, `did:key`, …; comes together with `proof_types_supported`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cryptographic_binding_methods_supported: Option<Vec<String>>,
    /// Key proof types; present means a key proof is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof_types_supported: Option<BTreeMap<String, ProofTypeMetadata>>,
    /// Display and claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_metadata: Option<CredentialMetadata>,
    /// W3C formats: contexts and types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_definition: Option<CredentialDefinition>,
    /// SD-JWT VC: the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vct: Option<String>,
    /// mdoc: the document type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doctype: Option<String>,
}

/// `credential_definition` of the W3C formats (Appendix A.1).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CredentialDefinition {
    /// JSON-LD contexts; required for `ldp_vc`.
    #[serde(rename = "@context", default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Vec<Value>>,
    /// Types.
    #[serde(rename = "type")]
    pub types: Vec<String>,
}

/// One member of `proof_types_supported`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProofTypeMetadata {
    /// Algorithms (jwt, attestation) or cryptosuites (di_vp).
    pub proof_signing_alg_values_supported: Vec<String>,
    /// Present when key attestations are required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_attestations_required: Option<Value>,
}

/// `credential_metadata` (§12.2.4).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CredentialMetadata {
    /// How the credential is shown, per locale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<Vec<Display>>,
    /// Its claims, in the order to show them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<ClaimDescription>>,
}

/// One claim ([OID4VCI 1.0 Appendix B.2](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#appendix-B.2)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimDescription {
    /// Where the claim stands.
    pub path: ClaimPath,
    /// Whether the issuer always includes it; absent: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandatory: Option<bool>,
    /// Labels per locale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<Vec<ClaimDisplay>>,
}

/// Label of a claim in one locale.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClaimDisplay {
    /// Label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

impl IssuerMetadata {
    /// Reads metadata and checks it against the identifier it was asked for.
    ///
    /// # Errors
    /// `invalid_document`.
    pub fn parse(json: &Value, expected_issuer: &str) -> Result<Self, MessageError> {
        let places: &[&[&str]] = &[
            &[],
            &["credential_configurations_supported"],
            &["credential_configurations_supported", "*"],
        ];
        if find_non_object(json, places).is_some() {
            return Err(refuse("the issuer metadata or its configurations are not JSON objects"));
        }
        let metadata: Self = serde_json::from_value(json.clone())
            .map_err(|e| refuse(format!("the issuer metadata is malformed: {e}")))?;
        metadata.validate(expected_issuer)?;
        Ok(metadata)
    }

    /// Checks what the types do not hold. One bad configuration of a foreign format does
    /// not spoil the others: ask [`CredentialConfiguration::validate`] for the one used.
    ///
    /// # Errors
    /// `invalid_document`.
    pub fn validate(&self, expected_issuer: &str) -> Result<(), MessageError> {
        identifier_url(&self.credential_issuer)?;
        if self.credential_issuer != expected_issuer {
            return Err(refuse("the metadata names another credential_issuer"));
        }
        let endpoints = [
            (Some(&self.credential_endpoint), "credential_endpoint"),
            (self.nonce_endpoint.as_ref(), "nonce_endpoint"),
            (self.deferred_credential_endpoint.as_ref(), "deferred_credential_endpoint"),
            (self.notification_endpoint.as_ref(), "notification_endpoint"),
        ];
        for (endpoint, name) in endpoints {
            if let Some(endpoint) = endpoint {
                web_url(endpoint, name)?;
            }
        }
        if let Some(servers) = &self.authorization_servers {
            if servers.is_empty() {
                return Err(refuse("authorization_servers is empty"));
            }
            for server in servers {
                identifier_url(server)?;
            }
        }
        if self.batch_credential_issuance.is_some_and(|b| b.batch_size < 2) {
            return Err(refuse("batch_credential_issuance.batch_size is below 2"));
        }
        if let Some(encryption) = &self.credential_request_encryption {
            let named = |jwk: &Value| jwk.get("kid").and_then(Value::as_str).is_some();
            if encryption.jwks.keys.is_empty() || !encryption.jwks.keys.iter().all(named) {
                return Err(refuse(
                    "credential_request_encryption.jwks needs keys, each with a kid",
                ));
            }
        }
        if self.credential_configurations_supported.len() > MAX_CONFIGURATIONS {
            return Err(refuse("credential_configurations_supported is too large"));
        }
        Ok(())
    }

    /// The authorization server to use: the offer's choice when it is listed, else the
    /// first listed, else the issuer itself (§12.2.4, §4.1.1).
    ///
    /// # Errors
    /// `invalid_document` when the offer names a server the metadata does not list.
    pub fn authorization_server<'a>(
        &'a self,
        offered: Option<&'a str>,
    ) -> Result<&'a str, MessageError> {
        match (&self.authorization_servers, offered) {
            (Some(servers), Some(wanted)) if servers.iter().any(|s| s == wanted) => Ok(wanted),
            (None, Some(wanted)) if wanted == self.credential_issuer => Ok(wanted),
            (_, Some(_)) => Err(refuse(
                "the offer names an authorization server that the metadata does not list",
            )),
            (Some(servers), None) => Ok(servers.first().unwrap_or(&self.credential_issuer)),
            (None, None) => Ok(&self.credential_issuer),
        }
    }
}

impl CredentialConfiguration {
    /// Checks one configuration before it is used.
    ///
    /// # Errors
    /// `invalid_document`.
    pub fn validate(&self) -> Result<(), MessageError> {
        if self.cryptographic_binding_methods_supported.is_some()
            != self.proof_types_supported.is_some()
        {
            return Err(refuse(
                "cryptographic_binding_methods_supported and proof_types_supported come together",
            ));
        }
        if self.proof_types_supported.as_ref().is_some_and(BTreeMap::is_empty) {
            return Err(refuse("proof_types_supported is empty"));
        }
        for kind in self.proof_types_supported.iter().flat_map(BTreeMap::values) {
            if kind.proof_signing_alg_values_supported.is_empty() {
                return Err(refuse("proof_signing_alg_values_supported is empty"));
            }
        }
        let definition = self.credential_definition.as_ref();
        match self.format.as_str() {
            "dc+sd-jwt" if self.vct.as_ref().is_none_or(String::is_empty) => {
                Err(refuse("a dc+sd-jwt configuration needs vct"))
            }
            "ldp_vc" if definition.is_none_or(|d| d.types.is_empty() || d.context.is_none()) => {
                Err(refuse(
                    "an ldp_vc configuration needs credential_definition with @context and type",
                ))
            }
            "jwt_vc_json" if definition.is_none_or(|d| d.types.is_empty()) => {
                Err(refuse("a jwt_vc_json configuration needs credential_definition with type"))
            }
            "vc+sd-jwt" => {
                Err(refuse("the format vc+sd-jwt belongs to a draft: dc+sd-jwt is the final name"))
            }
            "" => Err(refuse("format is empty")),
            _ => Ok(()),
        }
    }

    /// Whether a Credential Request for this configuration must carry `proofs`.
    #[must_use]
    pub const fn requires_proof(&self) -> bool {
        self.proof_types_supported.is_some()
    }

    /// The display entry for a language, else the first.
    #[must_use]
    pub fn display_for(&self, language: &str) -> Option<&Display> {
        pick_display(self.credential_metadata.as_ref()?.display.as_deref()?, language)
    }
}

impl IssuerMetadata {
    /// The issuer's display entry for a language, else the first.
    #[must_use]
    pub fn display_for(&self, language: &str) -> Option<&Display> {
        pick_display(self.display.as_deref()?, language)
    }
}

fn pick_display<'a>(list: &'a [Display], language: &str) -> Option<&'a Display> {
    let speaks = |d: &&Display| {
        d.locale.as_deref().is_some_and(|l| {
            l.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case(language))
        })
    };
    list.iter().find(speaks).or_else(|| list.first())
}

fn refuse(detail: impl Into<String>) -> MessageError {
    MessageError::new(ErrorCode::InvalidDocument, detail)
}
