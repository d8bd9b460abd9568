//! One view of a credential's content, whichever format carried it.
use credential_model::{
    catalogue::CredentialType,
    credential::{Encoded, UnverifiedCredential},
    format::CredentialFormat,
    moment::Moment,
};
use credential_proofs::sd_jwt::SdJwt;
use serde_json::{Map, Value};

/// Claims of an SD-JWT VC that belong to the envelope and not to the subject.
const ENVELOPE: [&str; 12] = [
    "iss",
    "iat",
    "nbf",
    "exp",
    "vct",
    "vct#integrity",
    "cnf",
    "status",
    "sub",
    "aud",
    "jti",
    "awardedDate",
];

/// What a credential says. Whether it is true is another question: see
/// [`crate::verified::Verified`].
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    format: CredentialFormat,
    credential_type: Option<CredentialType>,
    body: Value,
    subject: Value,
}

impl Content {
    /// The content as it arrived, before any signature was checked. The disclosures of an SD-JWT
    /// are applied: where the issuer's key could not be looked up, the other checks must judge
    /// what is shown, not the digests that stand for it.
    pub fn unverified(credential: &UnverifiedCredential) -> Self {
        let disclosed = match &credential.encoded {
            Encoded::Compact(token) if credential.format == CredentialFormat::SdJwtVc => {
                SdJwt::parse(token).ok().map(|parsed| parsed.claims_unverified().clone())
            }
            _ => None,
        };
        let body = disclosed.unwrap_or_else(|| credential.claims_unverified());
        Self::new(credential.format, credential.credential_type_unverified(), body)
    }

    /// A view on a document or claim set.
    pub(crate) fn new(
        format: CredentialFormat,
        credential_type: Option<CredentialType>,
        body: Value,
    ) -> Self {
        let subject = match format {
            CredentialFormat::SdJwtVc => flattened_subject(&body),
            // Several subjects in one credential are outside our types.
            _ => body.get("credentialSubject").filter(|subject| subject.is_object()).cloned(),
        };
        Content {
            format,
            credential_type,
            body,
            subject: subject.unwrap_or_else(|| Value::Object(Map::new())),
        }
    }

    /// The format that carried it.
    pub const fn format(&self) -> CredentialFormat {
        self.format
    }

    /// The type, where it is one of ours.
    pub const fn credential_type(&self) -> Option<CredentialType> {
        self.credential_type
    }

    /// The whole document (W3C formats) or disclosed claim set (SD-JWT VC).
    pub const fn body(&self) -> &Value {
        &self.body
    }

    /// The subject's members.
    pub const fn subject(&self) -> &Value {
        &self.subject
    }

    fn is_sd_jwt(&self) -> bool {
        self.format == CredentialFormat::SdJwtVc
    }

    /// The issuer's identifier.
    pub fn issuer(&self) -> Option<&str> {
        if self.is_sd_jwt() {
            return self.body.get("iss").and_then(Value::as_str);
        }
        let issuer = self.body.get("issuer")?;
        issuer.as_str().or_else(|| issuer.get("id").and_then(Value::as_str))
    }

    /// The issuer's name as the credential states it.
    pub fn issuer_name(&self) -> Option<&str> {
        self.body.pointer("/issuer/name").and_then(Value::as_str)
    }

    /// DID of the subject or holder.
    pub fn subject_id(&self) -> Option<&str> {
        let id = if self.is_sd_jwt() { self.body.get("sub") } else { self.subject.get("id") };
        id.and_then(Value::as_str)
    }

    /// The moment from which it is valid; `Some(Err)` for a date that cannot be read.
    pub fn valid_from(&self) -> Option<Result<Moment, UnreadableDate>> {
        if self.is_sd_jwt() { self.seconds("nbf") } else { self.date("validFrom") }
    }

    /// The moment until which it is valid; `Some(Err)` for a date that cannot be read.
    pub fn valid_until(&self) -> Option<Result<Moment, UnreadableDate>> {
        if self.is_sd_jwt() { self.seconds("exp") } else { self.date("validUntil") }
    }

    /// When the fact was awarded, as written.
    pub fn awarded(&self) -> Option<&str> {
        self.body.get("awardedDate").and_then(Value::as_str)
    }

    fn date(&self, member: &str) -> Option<Result<Moment, UnreadableDate>> {
        let value = self.body.get(member)?;
        Some(value.as_str().and_then(|text| Moment::parse(text).ok()).ok_or(UnreadableDate))
    }

    fn seconds(&self, member: &str) -> Option<Result<Moment, UnreadableDate>> {
        let value = self.body.get(member)?;
        Some(value.as_i64().map(Moment::from_unix).ok_or(UnreadableDate))
    }
}

/// A date member is there and is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the date cannot be read")]
pub struct UnreadableDate;

fn flattened_subject(claims: &Value) -> Option<Value> {
    let members = claims.as_object()?;
    let kept = members.iter().filter(|(name, _)| {
        !ENVELOPE.contains(&name.as_str()) && *name != "_sd" && *name != "_sd_alg"
    });
    Some(Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect()))
}
