//! Building VCDM 2.0 documents of the catalogue types.

use serde_json::{Map, Value, json};

use super::{CredentialType, RuleViolation};
use crate::moment::Moment;

/// What the issuer decides about a document; the rest follows from the type.
#[derive(Debug, Clone)]
pub struct DocumentParts {
    /// `id`: a random `urn:uuid:`.
    pub id: String,
    /// `issuer`: an object with at least `id` (DID) and `name`, or a DID string.
    pub issuer: Value,
    /// `validFrom`.
    pub valid_from: Moment,
    /// `validUntil`; by default `valid_from` plus the lifetime of the type.
    pub valid_until: Option<Moment>,
    /// The claims of `credentialSubject`; `type` is added where it is missing.
    pub subject: Value,
    /// `credentialStatus`, one entry.
    pub status: Option<Value>,
    /// `name` of the document; by default the achievement's or the type's Korean name.
    pub name: Option<String>,
    /// `awardedDate` (badges): when the qualification was won.
    pub awarded_date: Option<Moment>,
    /// `evidence` (badges).
    pub evidence: Option<Value>,
    /// `refreshService`.
    pub refresh_service: Option<Value>,
}

impl DocumentParts {
    /// Parts with everything optional left out.
    #[must_use]
    pub fn new(id: impl Into<String>, issuer: Value, valid_from: Moment, subject: Value) -> Self {
        Self {
            id: id.into(),
            issuer,
            valid_from,
            valid_until: None,
            subject,
            status: None,
            name: None,
            awarded_date: None,
            evidence: None,
            refresh_service: None,
        }
    }
}

/// Why no document was built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The subject is not a JSON object.
    #[error("credentialSubject must be a JSON object")]
    SubjectNotAnObject,
    /// The issuer is neither a DID nor an object with one.
    #[error("issuer must be a DID or an object with an id")]
    InvalidIssuer,
    /// The document would break rules of its type.
    #[error("the document breaks {} rule(s) of its type, first {}", .0.len(), first_code(.0))]
    Invalid(Vec<RuleViolation>),
}

fn first_code(violations: &[RuleViolation]) -> &str {
    violations.first().map_or("none", |v| v.code)
}

impl BuildError {
    /// Stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SubjectNotAnObject => "subject_not_an_object",
            Self::InvalidIssuer => "issuer_invalid",
            Self::Invalid(_) => "document_invalid",
        }
    }
}

/// The four messages of our one status entry (Bitstring Status List 1.0 §2.1, `statusMessage`).
#[must_use]
pub fn status_messages() -> Value {
    json!([
        { "status": "0x0", "message": "valid" },
        { "status": "0x1", "message": "suspended" },
        { "status": "0x2", "message": "revoked" },
        { "status": "0x3", "message": "superseded" }
    ])
}

/// Builds and validates a VCDM 2.0 document, ready to be secured.
///
/// # Errors
/// [`BuildError`]; [`BuildError::Invalid`] lists every broken rule.
pub fn build_document(
    credential_type: CredentialType,
    parts: DocumentParts,
) -> Result<Value, BuildError> {
    let Value::Object(mut subject) = parts.subject else {
        return Err(BuildError::SubjectNotAnObject);
    };
    let info = credential_type.info();
    add_type(&mut subject, info.subject_types);
    if credential_type == CredentialType::QualificationBadge {
        super::qualification_badge::add_types(&mut subject);
    }
    let name = parts.name.unwrap_or_else(|| {
        subject
            .get("achievement")
            .and_then(|a| a.get("name"))
            .and_then(Value::as_str)
            .map_or_else(|| credential_type.label("ko"), str::to_owned)
    });
    let valid_until = parts.valid_until.unwrap_or_else(|| {
        let by_type = parts.valid_from.plus_seconds(info.validity.lifetime_seconds);
        let by_subject = (info.validity.bounded_by_subject)
            .then(|| super::drone_flight_permit::last_end_of(&subject))
            .flatten();
        by_subject.map_or(by_type, |end| end.min(by_type))
    });
    let mut document = Map::new();
    document.insert("@context".to_owned(), json!(info.contexts));
    document.insert("id".to_owned(), Value::String(parts.id));
    document.insert("type".to_owned(), json!(info.type_array));
    document.insert("name".to_owned(), Value::String(name));
    document.insert("issuer".to_owned(), issuer(parts.issuer)?);
    document.insert("validFrom".to_owned(), json!(parts.valid_from));
    document.insert("validUntil".to_owned(), json!(valid_until));
    if let Some(date) = parts.awarded_date {
        document.insert("awardedDate".to_owned(), json!(date));
    }
    document.insert("credentialSubject".to_owned(), Value::Object(subject));
    document.insert(
        "credentialSchema".to_owned(),
        json!({
            "id": info.schema_id,
            "type": "JsonSchema",
            "digestSRI": credential_type.schema_digest_sri()
        }),
    );
    let optional = [
        ("credentialStatus", parts.status),
        ("evidence", parts.evidence),
        ("refreshService", parts.refresh_service),
    ];
    for (member, value) in optional {
        if let Some(value) = value {
            document.insert(member.to_owned(), value);
        }
    }
    let document = Value::Object(document);
    super::validate_document(credential_type, &document).map_err(BuildError::Invalid)?;
    Ok(document)
}

/// Adds `type` where the caller left it out.
pub(crate) fn add_type(object: &mut Map<String, Value>, types: &[&str]) {
    if !object.contains_key("type") {
        object.insert("type".to_owned(), json!(types));
    }
}

fn issuer(issuer: Value) -> Result<Value, BuildError> {
    match issuer {
        Value::String(id) => Ok(json!({ "id": id, "type": ["Profile"] })),
        Value::Object(mut profile) if profile.contains_key("id") => {
            add_type(&mut profile, &["Profile"]);
            Ok(Value::Object(profile))
        }
        _ => Err(BuildError::InvalidIssuer),
    }
}
