//! What wallets read first: issuer metadata, authorization server metadata, labels in both languages.

use std::collections::BTreeMap;

use credential_model::catalogue::CredentialType;
use credential_model::format::CredentialFormat;
use credential_proofs::jose;
use openid4vc_messages::dcql::ClaimPath;
use openid4vc_messages::{
    AuthorizationServerMetadata, BatchCredentialIssuance, ClaimDescription, ClaimDisplay,
    CredentialConfiguration, CredentialDefinition, CredentialMetadata,
    CredentialRequestEncryptionMetadata, CredentialResponseEncryptionMetadata, Display,
    IssuerMetadata, JwkSet, PRE_AUTHORIZED_CODE_GRANT, ProofTypeMetadata,
};
use serde_json::{Value, json};

use crate::Issuer;
use crate::credential::Configuration;

/// Why signed metadata was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The key did not sign.
    #[error("the metadata could not be signed")]
    Signing(#[from] jose::JoseError),
}

impl MetadataError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        "signing_failed"
    }
}

/// JWE content encryption we speak (HAIP asks for both).
const ENC_VALUES: [&str; 2] = ["A128GCM", "A256GCM"];
/// Languages of every label.
const LANGUAGES: [&str; 2] = ["ko", "en"];

impl Issuer {
    /// Credential Issuer Metadata (OID4VCI 1.0, section 12.2). `request_key` is the public key wallets may
    /// encrypt requests to; it carries a `kid`.
    pub fn issuer_metadata(&self, request_key: &Value) -> IssuerMetadata {
        let url = &self.settings.public_url;
        let enc = || ENC_VALUES.map(str::to_owned).to_vec();
        IssuerMetadata {
            credential_issuer: url.clone(),
            authorization_servers: None,
            credential_endpoint: format!("{url}/credential"),
            nonce_endpoint: Some(format!("{url}/nonce")),
            deferred_credential_endpoint: Some(format!("{url}/deferred_credential")),
            notification_endpoint: Some(format!("{url}/notification")),
            credential_request_encryption: Some(CredentialRequestEncryptionMetadata {
                jwks: JwkSet { keys: vec![request_key.clone()] },
                enc_values_supported: enc(),
                zip_values_supported: None,
                encryption_required: false,
            }),
            credential_response_encryption: Some(CredentialResponseEncryptionMetadata {
                alg_values_supported: vec!["ECDH-ES".to_owned()],
                enc_values_supported: enc(),
                zip_values_supported: None,
                encryption_required: false,
            }),
            batch_credential_issuance: Some(BatchCredentialIssuance {
                batch_size: self.settings.batch_size,
            }),
            display: Some(vec![
                named(self.identity.name_ko(), "ko"),
                named(self.identity.name_en(), "en"),
            ]),
            credential_configurations_supported: Configuration::all()
                .map(|configuration| (configuration.id(), describe(configuration)))
                .collect(),
        }
    }

    /// The same, signed (section 12.2.3): `typ` openidvci-issuer-metadata+jwt, by the P-256 key.
    pub fn signed_issuer_metadata(&self, request_key: &Value) -> Result<String, MetadataError> {
        let metadata = serde_json::to_value(self.issuer_metadata(request_key)).unwrap_or_default();
        let mut claims = match metadata {
            Value::Object(members) => members,
            _ => serde_json::Map::new(),
        };
        claims.insert("iss".to_owned(), json!(self.identity.did().as_str()));
        claims.insert("sub".to_owned(), json!(self.settings.public_url));
        claims.insert("iat".to_owned(), json!(self.now().unix()));
        let (signer, method) = self.identity.p256();
        let header = json!({ "typ": "openidvci-issuer-metadata+jwt", "kid": method.as_str() });
        Ok(jose::sign(header, Value::Object(claims).to_string().as_bytes(), signer)?)
    }

    /// Authorization server metadata (RFC 8414); the issuer is its own.
    pub fn authorization_server_metadata(&self) -> AuthorizationServerMetadata {
        let url = &self.settings.public_url;
        AuthorizationServerMetadata {
            issuer: url.clone(),
            token_endpoint: Some(format!("{url}/token")),
            response_types_supported: Some(Vec::new()),
            grant_types_supported: Some(vec![PRE_AUTHORIZED_CODE_GRANT.to_owned()]),
            token_endpoint_auth_methods_supported: Some(vec!["none".to_owned()]),
            pre_authorized_grant_anonymous_access_supported: Some(true),
            ..AuthorizationServerMetadata::default()
        }
    }
}

fn named(name: &str, locale: &str) -> Display {
    Display { name: Some(name.to_owned()), locale: Some(locale.to_owned()), ..Display::default() }
}

fn describe(configuration: Configuration) -> CredentialConfiguration {
    let Configuration { credential_type, format } = configuration;
    let mut proof_types = BTreeMap::new();
    let algorithms = ["ES256", "EdDSA", "ES384"].map(str::to_owned).to_vec();
    proof_types.insert(
        "jwt".to_owned(),
        ProofTypeMetadata {
            proof_signing_alg_values_supported: algorithms,
            key_attestations_required: None,
        },
    );
    let types: Vec<String> = credential_type.type_array().into_iter().map(str::to_owned).collect();
    let (algorithm, definition, vct) = match format {
        CredentialFormat::LdpVc => {
            let context = credential_type.contexts().into_iter().map(|url| json!(url)).collect();
            ("eddsa-rdfc-2022", Some(CredentialDefinition { context: Some(context), types }), None)
        }
        CredentialFormat::JwtVcJson => {
            ("EdDSA", Some(CredentialDefinition { context: None, types }), None)
        }
        CredentialFormat::SdJwtVc => ("ES256", None, Some(credential_type.vct().to_owned())),
    };
    CredentialConfiguration {
        format: format.as_str().to_owned(),
        scope: None,
        credential_signing_alg_values_supported: Some(vec![json!(algorithm)]),
        cryptographic_binding_methods_supported: Some(
            ["jwk", "did:key", "did:jwk"].map(str::to_owned).to_vec(),
        ),
        proof_types_supported: Some(proof_types),
        credential_metadata: Some(credential_metadata(credential_type, format)),
        credential_definition: definition,
        vct,
        doctype: None,
    }
}

fn credential_metadata(
    credential_type: CredentialType,
    format: CredentialFormat,
) -> CredentialMetadata {
    let labels = credential_type.labels();
    let display = LANGUAGES
        .iter()
        .map(|language| Display {
            description: Some(labels.description.in_language(language).to_owned()),
            ..named(labels.name.in_language(language), language)
        })
        .collect();
    let claims = labels
        .fields
        .iter()
        .map(|(path, names)| ClaimDescription {
            path: claim_path(path, format),
            mandatory: None,
            display: Some(
                LANGUAGES
                    .iter()
                    .map(|language| ClaimDisplay {
                        name: Some(names.in_language(language).to_owned()),
                        locale: Some((*language).to_owned()),
                    })
                    .collect(),
            ),
        })
        .collect();
    CredentialMetadata { display: Some(display), claims: Some(claims) }
}

/// `records[].courseName` as a claims path pointer (appendix C): text for a member, null for every
/// element. The W3C formats begin at the document, whose subject holds all but a few members.
fn claim_path(path: &str, format: CredentialFormat) -> ClaimPath {
    const OF_DOCUMENT: [&str; 6] =
        ["awardedDate", "validFrom", "validUntil", "issuer", "evidence", "name"];
    let mut pointer = Vec::new();
    let first = path.split(['.', '[']).next().unwrap_or_default();
    if format != CredentialFormat::SdJwtVc && !OF_DOCUMENT.contains(&first) {
        pointer.push(json!("credentialSubject"));
    }
    for part in path.split('.') {
        let name = part.trim_end_matches("[]");
        if !name.is_empty() {
            pointer.push(json!(name));
        }
        pointer.extend((0..part.matches("[]").count()).map(|_| Value::Null));
    }
    ClaimPath::parse(&Value::Array(pointer)).unwrap_or_else(|_| unreachable_path())
}

fn unreachable_path() -> ClaimPath {
    #[allow(clippy::expect_used)]
    ClaimPath::parse(&json!(["credentialSubject"])).expect("one member name is a path")
}
