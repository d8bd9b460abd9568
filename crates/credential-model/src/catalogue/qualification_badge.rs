//! `KrQualificationBadge`: a national qualification as an Open Badge 3.0 (credentials.md A.1).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::document::add_type;
use super::rules::Checker;
use super::{
    CREDENTIALS_V2, CalendarDate, CredentialSubject, CredentialType, DAY, OPEN_BADGES_3_0_3,
    Person, StalePolicy, TypeInfo, Validity,
};
use crate::kinds::Grade;

const CONTEXT: &str = "https://sinpyo.example/contexts/qualification-badge/v1";

pub(super) static INFO: TypeInfo = TypeInfo {
    type_name: "KrQualificationBadge",
    folder: "qualification-badge",
    context_url: CONTEXT,
    schema_id: "https://sinpyo.example/schemas/qualification-badge/v1",
    vct: "https://sinpyo.example/credentials/KrQualificationBadge/v1",
    contexts: &[CREDENTIALS_V2, OPEN_BADGES_3_0_3, CONTEXT],
    type_array: &["VerifiableCredential", "OpenBadgeCredential", "KrQualificationBadge"],
    subject_types: &["AchievementSubject", "KrQualificationHolder"],
    #[cfg(not(target_family = "wasm"))]
    schema: include_str!("../../../../schemas/qualification-badge/v1/schema.json"),
    #[cfg(not(target_family = "wasm"))]
    example: include_str!("../../../../schemas/qualification-badge/v1/example.json"),
    labels: include_str!("../../../../schemas/qualification-badge/v1/labels.json"),
    // The qualification has no expiry; the badge is refreshed every year, so that a lost
    // phone or a dead status server does not matter for ever.
    validity: Validity {
        lifetime_seconds: 365 * DAY,
        refreshable: true,
        bounded_by_subject: false,
    },
    status_max_age: DAY,
    stale_policy: StalePolicy::Warn,
    disclosable: &[
        "person.name",
        "person.nameLatin",
        "person.birthDate",
        "licenseNumber",
        "registrationNumber",
        "certificateSerial",
        "certificateIssuedOn",
        "jobField",
        "acquisitionRoute",
        "result[]",
        "continuingEducation.dueDate",
        "continuingEducation.lastCompleted",
        "evidence[]",
        "awardedDate",
    ],
    mandatory_pointers: &[
        "/name",
        "/credentialSubject/qualificationGrade",
        "/credentialSubject/legalBasis",
        "/credentialSubject/achievement",
    ],
    rules,
    read: super::validate::read::<QualificationBadge>,
};

/// The subject of a badge: an OB 3.0 `AchievementSubject` and our `KrQualificationHolder`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QualificationBadge {
    /// DID of the holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `AchievementSubject`, `KrQualificationHolder`.
    #[serde(rename = "type")]
    pub kinds: Vec<String>,
    /// Who won the qualification; `name` is required.
    pub person: Person,
    /// Certificate number (자격번호), opaque.
    pub license_number: String,
    /// Registration number, for professions with registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// The booklet's inner number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_serial: Option<String>,
    /// When the certificate was issued (changes at reissue).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_issued_on: Option<CalendarDate>,
    /// Grade.
    pub qualification_grade: Grade,
    /// Large / middle job field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_field: Option<String>,
    /// By which way it was won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquisition_route: Option<AcquisitionRoute>,
    /// The law behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// The OB 3.0 achievement: which qualification.
    pub achievement: Achievement,
    /// OB 3.0 results.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub result: Vec<Value>,
    /// Continuing education, where the law asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continuing_education: Option<ContinuingEducation>,
}

/// Which qualification (OB 3.0 `Achievement`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Achievement {
    /// URI of the kind of qualification.
    pub id: String,
    /// `Achievement`.
    #[serde(rename = "type")]
    pub kinds: Vec<String>,
    /// OB 3.0 achievement type.
    pub achievement_type: AchievementType,
    /// Code of the kind (종목코드), `1320`.
    pub human_code: String,
    /// Name in the language of `in_language`.
    pub name: String,
    /// `ko` or `en`.
    pub in_language: String,
    /// Description.
    pub description: String,
    /// Criteria.
    pub criteria: Criteria,
    /// Image, `data:` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// NCS, KQF, EQF alignments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alignment: Vec<Alignment>,
    /// The same achievement in the other language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Value>,
}

/// OB 3.0 achievement types we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AchievementType {
    /// Technical qualification.
    Certification,
    /// Licence.
    License,
    /// Training.
    CertificateOfCompletion,
}

/// OB 3.0 criteria.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// URI of the criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Markdown text.
    pub narrative: String,
}

/// OB 3.0 image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// `data:image/png;base64,…` or SVG, at most 64 KiB.
    pub id: String,
    /// `Image`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// OB 3.0 alignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Alignment {
    /// `Alignment`.
    #[serde(rename = "type")]
    pub kinds: Vec<String>,
    /// Code in the framework (NCS code, level).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_code: Option<String>,
    /// Description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_description: Option<String>,
    /// `NCS`, `KQF`, `EQF`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_framework: Option<String>,
    /// Name.
    pub target_name: String,
    /// URL.
    pub target_url: String,
}

/// By which way a qualification was won.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AcquisitionRoute {
    /// 검정형.
    Exam,
    /// 과정평가형.
    Course,
    /// 일학습병행.
    WorkLearning,
}

/// Continuing education (보수교육).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContinuingEducation {
    /// Due date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<CalendarDate>,
    /// When it was done last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_completed: Option<CalendarDate>,
}

impl CredentialSubject for QualificationBadge {
    const TYPE: CredentialType = CredentialType::QualificationBadge;
}

/// Largest badge image, as a `data:` URL in characters (64 KiB of image in base64).
const MAX_IMAGE: usize = 64 * 1024 * 4 / 3 + 64;

fn rules(c: &Checker<'_>) {
    c.calendar_dates(&[
        "/person/birthDate",
        "/certificateIssuedOn",
        "/continuingEducation/dueDate",
        "/continuingEducation/lastCompleted",
    ]);
    c.dates_in_order("/person/birthDate", "/certificateIssuedOn");
    if let Some(image) = c.text("/achievement/image/id") {
        let embedded = image.starts_with("data:image/png;base64,")
            || image.starts_with("data:image/svg+xml;base64,");
        if !embedded {
            c.violation(
                "/achievement/image/id",
                "image_not_embedded",
                "must be a data: PNG or SVG",
            );
        } else if image.len() > MAX_IMAGE {
            c.violation("/achievement/image/id", "image_too_large", "at most 64 KiB");
        }
    }
    for alignment in c.items("/achievement/alignment") {
        let code = c.text(&format!("{alignment}/targetCode"));
        let framework = c.text(&format!("{alignment}/targetFramework"));
        let level = |text: &str| matches!(text.as_bytes(), [b'1'..=b'8']);
        let wrong = match (framework, code) {
            (Some("NCS"), Some(code)) => {
                !(matches!(code.len(), 8 | 10) && code.bytes().all(|b| b.is_ascii_digit()))
            }
            (Some("KQF" | "EQF"), Some(code)) => !level(code),
            _ => false,
        };
        if wrong {
            c.violation(
                &format!("{alignment}/targetCode"),
                "alignment_code_invalid",
                "NCS codes have 8 or 10 digits, KQF and EQF levels go from 1 to 8",
            );
        }
    }
}

/// Adds the OB types of nested objects where an issuer's form left them out.
pub(super) fn add_types(subject: &mut Map<String, Value>) {
    let Some(Value::Object(achievement)) = subject.get_mut("achievement") else { return };
    add_type(achievement, &["Achievement"]);
    if let Some(Value::Object(image)) = achievement.get_mut("image") {
        image.entry("type").or_insert(json!("Image"));
    }
    if let Some(Value::Array(alignments)) = achievement.get_mut("alignment") {
        for alignment in alignments.iter_mut().filter_map(Value::as_object_mut) {
            add_type(alignment, &["Alignment"]);
        }
    }
    if let Some(Value::Array(results)) = subject.get_mut("result") {
        for result in results.iter_mut().filter_map(Value::as_object_mut) {
            add_type(result, &["Result"]);
        }
    }
}
